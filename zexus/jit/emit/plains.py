"""Emission of comparisons of objects that are of several builtin types."""

from __future__ import annotations

from llvmlite import ir

from zexus.jit.emit.frame import I1, PTR, Frame
from zexus.regvm.ir import Instr


class Plains(Frame):
    """The instructions on such objects."""

    def op_PLAIN_EQ(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether an object is equal to a value: the immediate names the function for values of its kind."""
        return self.b.call(self.prelude.function(instr.imm, I1, [PTR, a[1].type]), a)

    def op_PLAIN_TRUTH(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.call(self.prelude.function("plain_truth", I1, [PTR]), a)
