"""Emission of calls of the interpreter's own functions, on objects."""

from __future__ import annotations

from llvmlite import ir

from zexus.jit.emit.call_runtime import RAISED
from zexus.jit.emit.frame import I8, I64, PTR, Frame
from zexus.regvm.ir import Instr


class Calls(Frame):
    """The instructions that call functions."""

    def op_CALL_BUILTIN(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Call what runs no other code of the program's."""
        call = self.prelude.function("called_with_all", PTR, [PTR, PTR, I64, PTR])
        return self.held(self.called(instr, a, call), instr)

    def op_CALL_OBJECT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Call what may run other code."""
        self.keep_lent(instr)
        self.sweep_objects(instr)
        call = self.prelude.external("PyObject_Vectorcall", PTR, [PTR, PTR, I64, PTR])
        result = self.held(self.called(instr, a, call), instr)
        if self.makes_objects:
            self.sweep_pool(instr, result)
        return result

    def held(self, result: ir.Value, instr: Instr) -> ir.Value:
        """The result of a call, which there may not be where what it raises is handled here."""
        if "handled" not in instr.facts:
            return self.owned(result)
        with self.b.if_then(self.b.icmp_unsigned("!=", result, ir.Constant(PTR, None)), likely=True):
            self.push(result)
        return result

    def op_ERROR(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The exception that a call has raised; as long as nobody has taken it, it goes along with each exit."""
        return self.b.load(self.pending, typ=PTR)

    def op_ERROR_TAKEN(self, instr: Instr, a: list[ir.Value]) -> None:
        """A handler takes the exception."""
        self.b.store(ir.Constant(PTR, None), self.pending)
        self.push(a[0])

    def op_DRAW(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What an iterator hands out, or null at its end; this may run other code."""
        self.keep_lent(instr)
        return self.drawn("drawn", instr, a)

    def op_DRAW_QUIETLY(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What an iterator hands out, or null at its end; this runs no other code."""
        return self.drawn("drawn_calmly", instr, a)

    def op_DRAW_KEPT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What an iterator hands out that it keeps: it has no other owner, unless it is needed behind the next one."""
        self.keep_lent(instr)
        return self.answered(self.b.call(self.prelude.function(f"kept_{instr.imm}", PTR, [PTR]), a), instr, a)

    def op_SWEEP(self, instr: Instr, a: list[ir.Value]) -> None:
        """Let objects go that are dead, which may run other code."""
        self.keep_lent(instr)
        self.sweep_pool(instr)

    def drawn(self, name: str, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What a function draws; where the iterator raises, the exception leaves."""
        answer = self.answered(self.b.call(self.prelude.function(name, PTR, [PTR]), a), instr, a)
        if instr.dest not in self.brief:
            with self.b.if_then(self.b.icmp_unsigned("!=", answer, ir.Constant(PTR, None)), likely=True):
                self.push(answer)
        return answer

    def answered(self, answer: ir.Value, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What a function has drawn; where the iterator has raised, the exception leaves."""
        raised = self.b.icmp_unsigned("==", self.b.ptrtoint(answer, I64), ir.Constant(I64, RAISED))
        self.call_out(self.b.select(raised, ir.Constant(PTR, None), a[0]), instr)
        return answer

    def called(self, instr: Instr, a: list[ir.Value], call: ir.Function) -> ir.Value:
        """What a function answers for objects; where it raises, the exception leaves."""
        b = self.b
        room = self.room(ir.ArrayType(PTR, len(a)))
        for position, value in enumerate(a):
            b.store(value, b.gep(room, [ir.Constant(I64, 8 * position)], source_etype=I8))
        first = b.gep(room, [ir.Constant(I64, 8)], source_etype=I8)
        names, number = ir.Constant(PTR, None), len(a) - 1
        if isinstance(instr.imm, tuple):
            names, number = self.refs[instr.imm[1]], number - instr.imm[2]
        result = b.call(call, [a[0], first, ir.Constant(I64, number), names])
        self.call_out(result, instr)
        return result
