"""Functions of the program that an operation on its own objects calls: operators, properties, constructors."""

from __future__ import annotations

import types as python_types
from collections.abc import Sequence
from typing import Any, TypeVar

from zexus import ops, shapes
from zexus.bytecode import Routine
from zexus.frontend import written
from zexus.frontend.tallies import Count
from zexus.records import dataclass
from zexus.regvm.declining import MIRRORED, Answer, Told, reflected

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


# Builtin numbers know nothing of objects that are none.
_NUMBERS = (int, float, bool, complex)
_T = TypeVar("_T")
# What is asked for a truth, in this order.
_TELLING = ("__bool__", "__len__")


@dataclass(frozen=True)
class Hook:
    """What an operation calls.

    Attributes:
        kinds: the classes of the operands; of what is set as an attribute any class will do.
        name: under which the class of the first one, or of the last one if that is asked, holds `found`.
        found: a function, or a property.
        function: what is called, with the operands.
        in_place: whether the class has no in-place operator, which would be called first.
        sets: whether an attribute is set.
        reflected: whether the last operand is asked, since the first one knows nothing of the operation.
        declines: whether the function may answer NotImplemented, so that the other operand is asked.
        negates: whether the class says what is equal, and the operation asks what is not.
    """

    kinds: tuple[type, ...]
    name: str
    found: Any
    function: python_types.FunctionType
    in_place: bool = False
    sets: bool = False
    reflected: bool = False
    declines: bool = False
    negates: bool = False

    @property
    def owner(self) -> type:
        """The class that holds what is called."""
        return self.kinds[-1 if self.reflected else 0]

    def arguments(self, operands: Sequence[_T]) -> list[_T]:
        """What the function is given."""
        return list(reversed(operands) if self.reflected else operands)

    def answer(self, op: str) -> Answer | Told | None:
        """What becomes of what the function answers."""
        if self.name in _TELLING:
            return Told(op, self.name)
        return Answer(op, self.declines, self.reflected, self.negates) if self.declines or self.negates else None


@dataclass(frozen=True)
class Construction:
    """A call of a class: a new object, and the function that gives it its attributes, or that of `object`."""

    kind: type
    function: Any

    @property
    def is_bare(self) -> bool:
        """Whether the object is new and nothing else."""
        return self.function is object.__init__


def hook(op: str, name: Any, operands: Sequence[Any]) -> Hook | None:
    """The function that an operation on these operands calls, if it is one of the program's and known to be called.

    Args:
        op: the row.
        name: its immediate: of an attribute.
        operands: what it is done with, in the order in which the function is given them.
    """
    kinds = tuple(map(type, operands))
    kind = kinds[0]
    if op in ("TRUTH", "NOT"):
        return _telling(kind, *_TELLING)
    if len(kinds) == 2 and (op in MIRRORED or ops.OPS[op].family == "arith") and _passes(op, kinds):
        return _reflected(op, kinds)
    if not shapes.is_changeable(kind) or kind is Count:
        return None
    negates = False
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
        negates = op == "NE" and found is object.__ne__
        if negates:
            name = "__eq__"
            found = function = shapes.lookup(kind, name)
        inside = op[0] == "I" and op[1:] in _BINARY
        if inside and shapes.lookup(kind, in_place(name)) is not shapes.ABSENT:
            name, inside = in_place(name), False
            found = function = shapes.lookup(kind, name)
    if type(function) is not python_types.FunctionType:
        return None
    declines = _goes_on(op, name, kinds) and not _compares(function, kinds)
    if not declines and "NotImplemented" in function.__code__.co_names and not _compares(function, kinds):
        return None
    return Hook(kinds, name, found, function, inside, sets, declines=declines, negates=negates)


def _goes_on(op: str, name: str, kinds: Sequence[type]) -> bool:
    """Whether it is known what the interpreter does where a function of the first operand's class declines."""
    if op in MIRRORED:
        return True
    if op not in METHODS or ops.OPS[op].family != "arith" or METHODS[op] != name:
        return False
    other = kinds[-1]
    plain = shapes.is_written(other) and shapes.bases(other)[1:] == (object,)
    return other in _NUMBERS or other is type(None) or plain


def _passes(op: str, kinds: Sequence[type]) -> bool:
    """Whether the first of two operands surely knows nothing of an operation, so that the second one is asked."""
    first, second = kinds
    if not shapes.is_changeable(second) or second is Count:
        return False
    if first in _NUMBERS:
        return not any(kind in _NUMBERS for kind in shapes.bases(second))
    if not shapes.is_written(first) or first is Count:
        return False
    if op in MIRRORED:
        return op not in ("EQ", "NE") and shapes.lookup(first, METHODS[op]) is vars(object)[METHODS[op]]
    names = {METHODS[op], in_place(METHODS[op])}
    return first is not second and all(shapes.lookup(first, name) is shapes.ABSENT for name in names)


def _reflected(op: str, kinds: tuple[type, ...]) -> Hook | None:
    """The function of the second operand's class that is asked."""
    name = MIRRORED[op] if op in MIRRORED else reflected(op)
    function = shapes.lookup(kinds[1], name)
    if type(function) is not python_types.FunctionType:
        return None
    return Hook(kinds, name, function, function, reflected=True, declines=True)


def _compares(function: python_types.FunctionType, kinds: Sequence[type]) -> bool:
    """Whether a function surely answers for these operands, two objects of a data class."""
    plain = shapes.lookup(kinds[0], "__class__") is vars(object)["__class__"]
    return plain and len(set(map(id, kinds))) == 1 and written.is_comparison(function.__code__)


def in_place(name: str) -> str:
    """The special method that an in-place operator asks for first."""
    return name.replace("__", "__i", 1)


def sizing(value: Any) -> Hook | None:
    """The function that `len` calls for an object, if its class has one of the program's for that."""
    return _telling(type(value), "__len__")


def _telling(kind: type, *names: str) -> Hook | None:
    name = next((name for name in names if shapes.lookup(kind, name) is not shapes.ABSENT), "")
    function = shapes.lookup(kind, name)
    if not shapes.is_changeable(kind) or kind is Count or type(function) is not python_types.FunctionType:
        return None
    return Hook((kind,), name, function, function)


def calling(called: Any) -> Hook | None:
    """The function that a call of an object calls, where its class has one of the program's for that."""
    kind = type(called)
    if isinstance(called, (type, ops.Spread, Routine)) or not shapes.is_changeable(kind):
        return None
    function = shapes.lookup(kind, "__call__")
    return Hook((kind,), "__call__", function, function) if type(function) is python_types.FunctionType else None


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
    if function is not object.__init__ and type(function) is not python_types.FunctionType:
        return None
    if shapes.lookup(kind, "__del__") is not shapes.ABSENT:
        return None
    return Construction(kind, function)


_ABSTRACT = 1 << 20
