"""Emission of random numbers."""

from __future__ import annotations

from llvmlite import ir

from zexus.jit.emit.frame import F64, I64, PTR, Frame
from zexus.regvm.ir import Instr


class Randoms(Frame):
    """The instructions on the interpreter's generators of random numbers."""

    def op_RANDOM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.call(self.prelude.function("random_double", F64, [PTR]), a)

    def op_RANDOM_BITS(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """An int of at most 63 random bits; where more are wanted, it leaves before any is drawn."""
        fits = self.b.icmp_unsigned("<", a[1], ir.Constant(I64, 64))
        self.leave_unless(fits, instr)
        return self.b.call(self.prelude.function("random_bits", I64, [PTR, I64]), a)
