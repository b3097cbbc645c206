"""Conversions of texts: short numbers are read at once, and what is surely no number goes to the handler around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zexus import types
from zexus.jit.forms import conversions
from zexus.jit.specialize.raising import Raising
from zexus.jit.trace import Rep
from zexus.regvm.ir import Instr, Phi


class Converting(Raising):
    """Calls of `int` and `float` with a text."""

    def converted(self, instr: Instr, function: Any, args: list[Rep], ask: Callable[[], Rep]) -> Rep:
        """What a function makes of its argument; `ask` lets the interpreter make it."""
        t, how = self.t, conversions.of(function, args)
        if how is None or self.seen(instr) != {how.kind}:
            return ask()
        quick, slow, rest = (t.fn.block() for _ in range(3))
        made, known = conversions.read(t, how, args[0])
        self.part_ways(instr, known, quick, slow, frozenset(("likely",)))
        self.jump(instr, rest)
        self.continue_at(slow)
        if self.taking is not None:
            self.expect(instr, conversions.may_be_one(t, how, args[0]), ValueError, function, args)
        asked = ask()
        phi = Phi(t.fn.value(types.payload(how.kind)))
        phi.incoming = {quick: made, self.jump(instr, rest): asked.value}
        self.continue_at(rest)
        if not t.dry:
            rest.phis.append(phi)
        result = Rep(how.kind, (phi.dest,))
        t.after = (instr, result)
        return result
