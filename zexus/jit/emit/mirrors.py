"""Emission of mirrors: unboxed copies of lists' items, written back before anything else can look.

A function with mirrors has a table of them in its frame. A list stands in it once, whichever way native code came to
it; the items of a list of lists stand there too, with their places in the data of the whole.
"""

from __future__ import annotations

from functools import cached_property

from llvmlite import ir

from zexus import types
from zexus.jit.emit.frame import I1, I8, I64, PTR, Frame
from zexus.regvm.ir import Instr

TABLE = ir.ArrayType(I64, 8)
ITEMS_IN_ALL = 48  # where the table has the number of items
KINDS = {"int64": 0, "float64": 1, "bool": 2}
# Between two time slices: writing back and filling again is to cost little beside.
ITERATIONS_PER_ITEM = 8
# More would let signals and other threads wait too long.
LONGEST_SLICE = 1 << 25


class Mirrors(Frame):
    """The instructions on mirrors."""

    @cached_property
    def table(self) -> ir.Value | None:
        """The table, in the function's frame; None without mirrors."""
        if all(i.op != "MIRROR" for i in self.fn.instructions()):
            return None
        made = self.room(TABLE)
        with self.b.goto_block(self.head):
            self.b.store(ir.Constant(TABLE, None), made)
        return made

    def op_MIRROR(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Where the copied items are, if all are of the one type and copying them pays."""
        b = self.b
        dtype, written, nested = instr.imm
        opener = self.prelude.function("mirror_rows" if nested else "mirror_list", PTR, [PTR, PTR, PTR, I64, I64])
        how = [ir.Constant(I64, KINDS[dtype]), ir.Constant(I64, int(written))]
        data = b.call(opener, [self.table, self.counters, a[0], *how])
        self.leave_unless(b.icmp_unsigned("!=", data, ir.Constant(PTR, None)), instr)
        return data

    def op_MIRROR_WIDTH(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.load(self.b.gep(a[0], [ir.Constant(I64, -8)], source_etype=I8), I64, "mirror_header")
        made.set_metadata("range", self.module.add_metadata([ir.Constant(I64, 0), ir.Constant(I64, types.INT64_MAX)]))
        return made

    def op_MIRROR_APART(self, instr: Instr, a: list[ir.Value]) -> None:
        """The list has no mirror, under whatever other name."""
        found = self.b.call(self.prelude.function("mirror_find", I64, [PTR, PTR]), [self.table, a[0]])
        self.leave_unless(self.b.icmp_signed("<", found, ir.Constant(I64, 0)), instr)

    def op_WEIGH(self, instr: Instr, a: list[ir.Value]) -> None:
        nested = ir.Constant(I1, int(instr.imm))
        self.count("weight", self.b.call(self.prelude.function("mirror_weight", I64, [PTR, I1]), [a[0], nested]))

    def new_slice(self) -> ir.Value:
        """How many iterations the next time slice is to have."""
        b = self.b
        usual = ir.Constant(I64, self.settings.slice_iterations)
        if self.table is None:
            return usual
        items = b.load(b.gep(self.table, [ir.Constant(I64, ITEMS_IN_ALL)], source_etype=I8), typ=I64)
        wanted = b.mul(items, ir.Constant(I64, ITERATIONS_PER_ITEM))
        wanted = b.select(b.icmp_signed(">", wanted, usual), wanted, usual)
        most = ir.Constant(I64, max(LONGEST_SLICE, self.settings.slice_iterations))
        return b.select(b.icmp_signed("<", wanted, most), wanted, most)

    def show_mirrors(self) -> None:
        """Write back what was changed, as other code is going to look."""
        if self.table is not None:
            self.b.call(self.prelude.function("mirror_commit", ir.VoidType(), [PTR]), [self.table])

    def renew_mirrors(self) -> ir.Value:
        """Fill the mirrors again behind other code; whether that is possible."""
        if self.table is None:
            return ir.Constant(I1, 1)
        return self.b.call(self.prelude.function("mirror_refresh", I1, [PTR]), [self.table])

    def drain(self) -> None:
        if self.table is not None:
            self.b.call(self.prelude.function("mirror_close", ir.VoidType(), [PTR]), [self.table])
        super().drain()
