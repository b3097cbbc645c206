"""Functions of the program that an operation on its own objects calls: operators, properties, constructors."""

from __future__ import annotations

import types as python_types
from collections.abc import Sequence
from typing import Any

from zexus import shapes
from zexus.frontend import written
from zexus.frontend.tallies import Count
from zexus.records import dataclass

_BINARY: dict[str, str] = {
    "ADD": "add", "SUB": "sub", "MUL": "mul", "TRUEDIV": "truediv", "FLOORDIV": "floordiv", "MOD": "mod", "POW": "pow",
    "LSHIFT": "lshift", "RSHIFT": "rshift", "AND": "and", "OR": "or", "XOR": "xor", "MATMUL": "matmul",
}
# The special methods by the rows that call them on their first operand.
METHODS: dict[str, str] = {
    **{row: f"__{name}__" for row, name in _BINARY.items()},
    **{f"I{row}": f"__{name}__" for row, name in _BINARY.items()},
    **{row: f"__{row.lower()}__" for row in ("LT", "LE", "GT", "GE", "EQ", "NE", "NEG", "POS", "INVERT")},
    "GETITEM": "__getitem__", "SETITEM": "__setitem__", "IN": "__contains__", "NOT_IN": "__contains__",
}


@dataclass(frozen=True)
class Hook:
    """What an operation calls.

    Attributes:
        kinds: the classes of the operands; of what is set as an attribute any class will do.
        name: under which the class of the first one holds `found`.
        found: a function, or a property.
        function: what is called, with the operands.
        in_place: whether the class has no in-place operator, which would be called first.
        sets: whether an attribute is set.
    """

    kinds: tuple[type, ...]
    name: str
    found: Any
    function: python_types.FunctionType
    in_place: bool = False
    sets: bool = False


@dataclass(frozen=True)
class Construction:
    """A call of a class: a new object, and the function that gives it its attributes."""

    kind: type
    function: python_types.FunctionType


def hook(op: str, name: Any, operands: Sequence[Any]) -> Hook | None:
    """The function that an operation on these operands calls, if it is one of the program's and known to be called.

    Args:
        op: the row.
        name: its immediate: of an attribute.
        operands: what it is done with, in the order in which the function is given them.
    """
    kinds = tuple(map(type, operands))
    kind = kinds[0]
    if not shapes.is_changeable(kind) or kind is Count:
        return None
    sets = op == "SETATTR"
    if op == "GETATTR" or sets:
        found = shapes.lookup(kind, name) if shapes.is_plain(kind, "setattro" if sets else "getattro") else None
        function = (found.fset if sets else found.fget) if type(found) is property else None
        kinds, inside = (kind,), False
    else:
        name = METHODS[op]
        found = function = shapes.lookup(kind, name)
        # The other operand comes first where its class is derived from that of this one.
        if any(other is not kind and kind in shapes.bases(other) for other in kinds[1:]):
            return None
        inside = op[0] == "I" and op[1:] in _BINARY
        if inside and shapes.lookup(kind, in_place(name)) is not shapes.ABSENT:
            name, inside = in_place(name), False
            found = function = shapes.lookup(kind, name)
    if type(function) is not python_types.FunctionType:
        return None
    if "NotImplemented" in function.__code__.co_names and not _compares(function, kinds):
        return None
    return Hook(kinds, name, found, function, inside, sets)


def _compares(function: python_types.FunctionType, kinds: Sequence[type]) -> bool:
    """Whether a function surely answers for these operands, two objects of a data class."""
    plain = shapes.lookup(kinds[0], "__class__") is vars(object)["__class__"]
    return plain and len(set(map(id, kinds))) == 1 and written.is_comparison(function.__code__)


def in_place(name: str) -> str:
    """The special method that an in-place operator asks for first."""
    return name.replace("__", "__i", 1)


# How a call of a class makes its object, unless its metaclass has a way of its own.
MAKING = type.__dict__["__call__"]


def construction(kind: Any) -> Construction | None:
    """What a call of a class does, if it makes an object in the ordinary way and sets it up by a function.

    None for objects whose end may be noticed: they have a finalizer.
    """
    if shapes.lookup(type(kind), "__call__") is not MAKING or not shapes.is_changeable(kind):
        return None
    if kind.__flags__ & _ABSTRACT:
        return None
    if shapes.lookup(kind, "__new__") is not object.__dict__["__new__"]:
        return None
    if shapes.creator(kind) != shapes.creator(object):
        return None
    function = shapes.lookup(kind, "__init__")
    if type(function) is not python_types.FunctionType or shapes.lookup(kind, "__del__") is not shapes.ABSENT:
        return None
    return Construction(kind, function)


_ABSTRACT = 1 << 20
