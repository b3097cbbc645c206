"""Emission of heaps and sorted lists: items compared first, and moved only where all comparisons ran no other code."""

from __future__ import annotations

from llvmlite import ir

from zexus.jit.emit.frame import I1, I64, PTR, Frame
from zexus.regvm.ir import Instr


class Heaps(Frame):
    """The instructions on heaps."""

    def op_HEAP_PUSH(self, instr: Instr, a: list[ir.Value]) -> None:
        """Put an item in (heap, item)."""
        self.leave_if_forced(instr)
        done = self.b.call(self.prelude.function("heap_push", I1, [PTR, PTR]), a)
        self.leave_unless(done, instr, forced=False)

    def op_HEAP_POP(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Take the least item out (heap)."""
        return self.taken("heap_pop", instr, a)

    def op_HEAP_SWAP(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Put an item in and take the least one out, in this order or the other (heap, item)."""
        return self.taken(f"heap_{instr.imm}", instr, a)

    def op_BISECT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Where an item goes in a sorted list (list, item, from, to)."""
        search = self.prelude.function("bisect", I64, [PTR, PTR, I64, I64, I1])
        found = self.b.call(search, [*a, ir.Constant(I1, int(instr.imm))])
        self.leave_unless(self.b.icmp_signed(">=", found, ir.Constant(I64, 0)), instr)
        return found

    def taken(self, name: str, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The item that a function hands over; where it hands over none, nothing has happened."""
        self.leave_if_forced(instr)
        made = self.b.call(self.prelude.function(name, PTR, [PTR] * len(a)), a)
        self.leave_unless(self.b.icmp_unsigned("!=", made, ir.Constant(PTR, None)), instr, forced=False)
        return self.owned(made)
