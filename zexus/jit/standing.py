"""Builtin functions whose calls stand for an operation of the language, and which row that is."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

_NAMES = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and_", "or_", "xor", "lt", "le",
    "gt", "ge", "eq", "ne", "neg", "pos", "invert", "not_", "truth", "is_", "is_not",
)
# By identity, since what is called may be anything; operands stand as they do in the row.
_ROWS: tuple[tuple[Callable[..., Any], str], ...] = tuple(
    (getattr(operator, name), name.rstrip("_").upper()) for name in _NAMES)
_SINGLE = frozenset(("NEG", "POS", "INVERT", "NOT", "TRUTH"))
# What takes no notice of the way in which a class stores attributes.
_GENERIC = object.__setattr__
_ATTRIBUTES: tuple[tuple[Any, str, int], ...] = (
    (getattr, "GETATTR", 2), (setattr, "SETATTR", 3), (_GENERIC, "SETATTR", 3),
)


def of_operator(function: Any) -> str:
    """The row of a function of `operator`, or ""."""
    return next((row for known, row in _ROWS if known is function), "")


def operands(row: str) -> int:
    """How many operands the row of a function of `operator` has."""
    return 1 if row in _SINGLE else 2


def of_attribute(function: Any, count: int) -> str:
    """The row of a function that is given an object, the name of an attribute, and maybe a value; or ""."""
    return next((row for known, row, given in _ATTRIBUTES if known is function and given == count), "")


def is_generic(function: Any) -> bool:
    """Whether a function accesses attributes as `object` does, whatever the class has for that."""
    return function is _GENERIC
