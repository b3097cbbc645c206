"""Native forms of numbers that texts are read as: those of few digits at once, others by the interpreter."""

from __future__ import annotations

import builtins
from typing import Any

from zexus import types
from zexus.jit.forms import texts
from zexus.jit.trace import Rep, Trace
from zexus.records import dataclass
from zexus.regvm.ir import Value
from zexus.types import FLOAT, INT, Type

_SPACE = " \t\n\v\f\r\x1c\x1d\x1e\x1f"
_DIGITS = "0123456789+-_"


def _masks(characters: str) -> tuple[int, int]:
    """ASCII characters as the bits of two words."""
    bits = sum(1 << ord(one) for one in set(characters))
    return tuple(part - (1 << 64) if part >> 63 else part for part in (bits & types.WORD_MAX, bits >> 64))  # type: ignore[return-value]


@dataclass(frozen=True)
class Conversion:
    """How a builtin function reads texts.

    Attributes:
        kind: what it makes.
        row: what reads a short one.
        within: the characters that may be in a text of ASCII characters that it reads.
    """

    kind: Type
    row: str
    within: tuple[int, int]


_CONVERSIONS: tuple[tuple[Any, Conversion], ...] = (
    (builtins.int, Conversion(INT, "TEXT_INT", _masks(_SPACE + _DIGITS))),
    (builtins.float, Conversion(FLOAT, "TEXT_FLOAT", _masks(_SPACE + _DIGITS + ".eEinftyaINFTYA"))),
)


def of(function: Any, args: list[Rep]) -> Conversion | None:
    """How a function reads its argument, if that is a text of any length."""
    if [rep.type for rep in args] != [types.STR]:
        return None
    return next((how for known, how in _CONVERSIONS if known is function), None)


def read(t: Trace, how: Conversion, text: Rep) -> tuple[Value, Value]:
    """What a text is read as, and whether it is."""
    pointer = texts.pointer(t, text)
    made = t.emit(how.row, (pointer,), types.payload(how.kind))
    if how.kind == INT:
        return made, t.emit("NE", (made, t.int_(types.INT64_MIN)), "i1")
    return made, t.emit("EQ", (made, made), "i1")


def may_be_one(t: Trace, how: Conversion, text: Rep) -> Value:
    """Whether a text may be a number all the same."""
    return t.emit("NOT", (t.emit("TEXT_FAILS", (texts.pointer(t, text),), "i1", how.within),), "i1")
