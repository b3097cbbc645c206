"""Calls of builtin functions that stand for an operation: they have the native form of that."""

from __future__ import annotations

from typing import Any

from zexus import shapes, types
from zexus.codes import Unsupported
from zexus.jit import standing
from zexus.jit.forms import sequences, texts
from zexus.jit.specialize.asking import Asking
from zexus.jit.specialize.naming import Naming
from zexus.jit.trace import Rep
from zexus.regvm.ir import Instr


class Standing(Asking, Naming):
    """The functions of `operator`, those of attributes by their names, and methods of `object`."""

    def stood_for(self, instr: Instr, function: Any, args: list[Rep]) -> Rep | None:
        """What the operation makes that a call stands for; None for any other call, or where it has no native form.

        Raises:
            Unsupported: it has none, and the call cannot be left to the interpreter.
        """
        t, block = self.t, self.t.block
        before, arrays_before = len(block.instrs), len(t.arrays)
        try:
            return self.by_operator(instr, function, args) or self.by_name(instr, function, args)
        except Unsupported:
            if t.block is not block or not self.may_call(instr):
                raise
        del block.instrs[before:], t.arrays[arrays_before:]
        t.after = None
        return None

    def by_operator(self, instr: Instr, function: Any, args: list[Rep]) -> Rep | None:
        """The result of an operator; None for other functions."""
        row = standing.of_operator(function)
        if not row or len(args) != standing.operands(row):
            return None
        return self.natively(self.instead(instr, row), list(args))

    def by_name(self, instr: Instr, function: Any, args: list[Rep]) -> Rep | None:
        """An attribute whose name is known, or None where one is assigned; also for other functions."""
        row = standing.of_attribute(function, len(args))
        name = texts.constant(self.t, args[1]) if row else None
        if name is None:
            return None
        if standing.is_generic(function):
            return self.generically(row, name, args)
        made = self.natively(self.instead(instr, row, name), [args[0], *args[2:]])
        return made if row == "GETATTR" else Rep(types.NONE)

    def generically(self, row: str, name: str, args: list[Rep]) -> Rep | None:
        """An attribute is assigned as objects of `object` do it, whatever the class of this one has for that."""
        rep = self.t.as_object(args[0])
        kind = getattr(rep.type, "kind", None)
        if row != "SETATTR" or kind is None or shapes.problem():
            return None
        # Of what is derived from a class written in C, `object` refuses to assign attributes behind its back.
        if not all(base is object or shapes.is_written(base) for base in shapes.bases(kind)):
            return None
        self.store_attribute(kind, name, sequences.instance(self.t, rep.value, rep.type, [kind]), args[2])
        return Rep(types.NONE)

    def instead(self, call: Instr, row: str, name: str | None = None) -> Instr:
        """The instruction of an operation, in the place of a call."""
        made = Instr(row, call.args[1:], call.dest, name, index=call.index, context=call.context)
        made.env, made.variant, made.facts = call.env, call.variant, call.facts | {"called"}
        return made

    def natively(self, instr: Instr, args: list[Rep]) -> Rep | None:
        """The native form of an operation; see `Visits`."""
        raise NotImplementedError
