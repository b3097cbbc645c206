"""What an operation makes of the answer of the function that it has called, which may decline or be refused."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from zexus import ops, shapes
from zexus.records import dataclass

# The special methods by which the second operand of a comparison is asked.
MIRRORED = {"LT": "__gt__", "LE": "__ge__", "GT": "__lt__", "GE": "__le__", "EQ": "__eq__", "NE": "__ne__"}
_AND_ALIKE = ("AND", "OR")


@dataclass(frozen=True)
class Answer:
    """How the answer of a function becomes that of an operation.

    Attributes:
        op: the row.
        declines: whether the function may answer NotImplemented, by which it declines.
        last: whether nobody else is asked then.
        negates: whether the operation answers the opposite.
    """

    op: str
    declines: bool
    last: bool
    negates: bool

    def made(self, value: Any, operands: Sequence[Any]) -> Any:
        """What the operation answers.

        Args:
            value: what the function has answered.
            operands: what the operation is done with.
        """
        if value is NotImplemented and self.declines:
            first, second = operands
            return go_on(self.op, first, second, self.last)
        return not value if self.negates else value


@dataclass(frozen=True)
class Told:
    """How the answer of `__bool__` or `__len__` becomes a truth or a length, if it can be one.

    Attributes:
        op: the row: TRUTH, NOT, or the call of `len`.
        name: the special method.
    """

    op: str
    name: str

    def made(self, value: Any, operands: Sequence[Any]) -> Any:
        """What the operation answers, or raises."""
        asked = type("asked", (), {self.name: lambda _: value})()
        return _TELLING.get(self.op, len)(asked)


_TELLING: dict[str, Callable[[Any], Any]] = {"TRUTH": operator.truth, "NOT": operator.not_}


def go_on(op: str, first: Any, second: Any, last: bool) -> Any:
    """Finish an operation that has been declined: ask the second operand, or raise.

    Args:
        op: the row.
        first: the first operand.
        second: the second one, whose class is not derived from that of the first one.
        last: whether the second one has been asked.
    """
    compares = op in MIRRORED
    if not last and second is not None and (compares or type(first) is not type(second)):
        name = MIRRORED[op] if compares else reflected(op)
        found = shapes.lookup(type(second), name)
        if found is not shapes.ABSENT:
            asked = found.__get__(second, type(second)) if hasattr(type(found), "__get__") else found
            value = asked(first)
            if value is not NotImplemented:
                return value
    # What is left is what the interpreter does with objects that know nothing of the operation.
    if op in ("EQ", "NE"):
        return (first is second) == (op == "EQ")
    return function_of(op)(*(type(type(operand).__name__, (), {})() for operand in (first, second)))


def reflected(op: str) -> str:
    """The special method by which the second operand of a binary operation is asked."""
    return f"__r{(ops.OPS[op].base or op).lower()}__"


def function_of(op: str) -> Callable[[Any, Any], Any]:
    """The function that does the same as a binary row."""
    name = "i" + ops.OPS[op].base.lower() if ops.OPS[op].base else op.lower()
    return getattr(operator, name + ("_" if op in _AND_ALIKE else ""))  # type: ignore[no-any-return]
