"""Emission of access to the cells of captured variables: like slots of lists, they hold a number or an object."""

from __future__ import annotations

from llvmlite import ir

from zexus.jit.emit.frame import PTR
from zexus.jit.emit.lists import Lists
from zexus.regvm.ir import Instr


class Cells(Lists):
    """The instructions on cells."""

    def op_CELL_GET(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What the cell holds now; one that holds nothing leaves."""
        held = self.load(self.field(a[0], "cell.value"), PTR, "list_items")
        self.leave_unless(self.b.icmp_unsigned("!=", held, ir.Constant(PTR, None)), instr)
        return held

    def op_CELL_SET_INT(self, instr: Instr, a: list[ir.Value]) -> None:
        self.put_int(instr, self.full(instr, a[0]), a[1])

    def op_CELL_SET_FLOAT(self, instr: Instr, a: list[ir.Value]) -> None:
        self.put_float(instr, self.full(instr, a[0]), a[1])

    def op_CELL_SET_BOOL(self, instr: Instr, a: list[ir.Value]) -> None:
        self.put_bool(instr, self.full(instr, a[0]), self.truth_object(a[1]))

    def op_CELL_SET_PTR(self, instr: Instr, a: list[ir.Value]) -> None:
        self.put_object(instr, self.full(instr, a[0]), a[1])

    def full(self, instr: Instr, cell: ir.Value) -> ir.Value:
        """Where a cell keeps what it holds; one that holds nothing leaves."""
        self.op_CELL_GET(instr, [cell])
        return self.field(cell, "cell.value")
