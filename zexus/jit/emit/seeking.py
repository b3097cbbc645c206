"""Emission of what looks for a value in lists and tuples, and of what takes an item out or puts one in."""

from __future__ import annotations

from llvmlite import ir

from zexus.jit.emit.frame import I32, I64, PTR
from zexus.jit.emit.lists import Lists
from zexus.regvm.ir import Instr


class Seeking(Lists):
    """The instructions that look for a value."""

    def op_SEEK(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Where a value is (list or tuple, value), -1 nowhere; left where only the interpreter can tell."""
        owner, kind = instr.imm
        if owner == "list":
            slots, size = self.op_LIST_SLOTS(instr, a), self.op_LIST_LEN(instr, a)
        else:
            slots, size = self.field(a[0], "tuple.items"), self.load_field(a[0], "tuple.size", I64, "tuple")
        seek = self.prelude.function(f"seek_{kind}", I64, [PTR, I64, a[1].type])
        found = self.b.call(seek, [slots, size, a[1]])
        self.leave_unless(self.b.icmp_signed(">=", found, ir.Constant(I64, -1)), instr)
        return found

    def op_LIST_CUT(self, instr: Instr, a: list[ir.Value]) -> None:
        """Take out the item at a place (list, place), as far as its end runs no other code."""
        if instr.exit is not None:
            item = self.load(self.slot(self.op_LIST_SLOTS(instr, a), a[1]), PTR, "list_items")
            self.leave_unless(self.may_go(item), instr)
        self.release(self.b.call(self.prelude.function("list_cut", PTR, [PTR, I64]), a))

    def op_LIST_INSERT(self, instr: Instr, a: list[ir.Value]) -> None:
        """Put an item in front of a place, or at an end (list, place, item)."""
        self.b.call(self.prelude.external("PyList_Insert", I32, [PTR, I64, PTR]), a)
