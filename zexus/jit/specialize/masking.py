"""Masking: of which ints nothing but masks looks at what they are."""

from __future__ import annotations

from zexus import ops
from zexus.jit.forms import words
from zexus.jit.specialize.state import State
from zexus.regvm.ir import Instr, Value
from zexus.types import WORD_MAX

_CONSTANT = frozenset(("CONST", "OBJECT", "LOAD_GLOBAL"))
_DEEPEST = 16


def _base(instr: Instr) -> str:
    return ops.OPS[instr.op].base or instr.op


class Masking(State):
    """Who looks at a result, in the general form."""

    def is_cut(self, instr: Instr, constantly: bool) -> bool:
        """Whether nothing but masks looks at a result, at most after operations of which the lowest bits tell enough.

        Args:
            instr: what makes it.
            constantly: whether only masks that never change are wanted.
        """
        return instr.dest is not None and self._is_cut(instr.dest, constantly, _DEEPEST)

    def is_reduced(self, instr: Instr) -> bool:
        """Whether nothing but remainders looks at a result, at most after sums, and it was seen to need more bits."""
        return instr.dest is not None and self._was_large(instr.dest) and self._is_divided(instr.dest, _DEEPEST)

    def _was_large(self, value: Value) -> bool:
        """Whether one of its users saw that it needs more bits than an int has here."""
        return any(self.was_large(user, position) for user in self.users.get(value, ())
                   for position, arg in enumerate(user.args) if arg is value)

    def _is_divided(self, value: Value, deepest: int) -> bool:
        users = self.users.get(value, [])
        return bool(users) and deepest > 0 and all(
            user.args[1] is not value if _base(user) == "MOD" else
            _base(user) in words.SUMS and user.dest is not None and self._is_divided(user.dest, deepest - 1)
            for user in users)

    def _is_cut(self, value: Value, constantly: bool, deepest: int) -> bool:
        users = self.users.get(value, [])
        return bool(users) and deepest > 0 and all(self._cuts(user, value, constantly, deepest) for user in users)

    def _cuts(self, user: Instr, value: Value, constantly: bool, deepest: int) -> bool:
        """Whether a user of a value is a mask, or leads to one."""
        op = _base(user)
        if op == "AND":
            mask = self._mask(user)
            return mask is not value and (not constantly or self._is_constant(mask))
        if op == "MOD":
            return user.args[1] is not value and self._is_power(user.args[1])
        if op not in words.LOW or (op == "LSHIFT" and user.args[1] is value):
            return False
        return user.dest is not None and self._is_cut(user.dest, constantly, deepest - 1)

    def _mask(self, user: Instr) -> Value:
        """The operand of `&` that cuts the other one."""
        a, b = user.args
        if self._is_constant(b):
            return b
        return a if self._is_constant(a) or (self._is_made(b) and not self._is_made(a)) else b

    def _is_made(self, value: Value) -> bool:
        maker = self.makers.get(value)
        return maker is not None and _base(maker) in words.LOW

    def _is_constant(self, value: Value) -> bool:
        maker = self.makers.get(value)
        return maker is not None and maker.op in _CONSTANT

    def _is_power(self, value: Value) -> bool:
        """Whether a value is a power of two for ever, of 64 bits at most."""
        maker = self.makers.get(value)
        if maker is None or maker.context is None or maker.op not in ("CONST", "OBJECT"):
            return False
        number = maker.imm if maker.op == "OBJECT" else maker.context.code.code.consts[maker.imm]
        return type(number) is int and 0 < number <= WORD_MAX + 1 and not number & (number - 1)
