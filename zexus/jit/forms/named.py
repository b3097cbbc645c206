"""Native forms of tuples whose fields have names: made of their items, and objects only where one is needed."""

from __future__ import annotations

import functools
import types as python_types
from collections import namedtuple
from typing import Any

from zexus import shapes, types
from zexus.codes import Unsupported
from zexus.jit.forms import sequences
from zexus.jit.trace import Rep, Trace

_MOST = 8


@functools.cache
def _written(names: tuple[str, ...]) -> python_types.CodeType:
    """The code of the `__new__` that `namedtuple` writes for these fields."""
    made: Any = namedtuple("_", names, rename=True)  # type: ignore[misc]
    code: python_types.CodeType = made.__new__.__code__
    return code


def maker(kind: Any) -> python_types.FunctionType | None:
    """The function that makes a tuple of a class by its fields, as `namedtuple` writes it; None for other classes."""
    if type(kind) is not type or tuple not in shapes.bases(kind) or not shapes.is_changeable(kind):
        return None
    found = shapes.lookup(kind, "__new__")
    function = found.__func__ if type(found) is staticmethod else None
    if type(function) is not python_types.FunctionType or not 0 < function.__code__.co_argcount - 1 <= _MOST:
        return None
    space = function.__globals__
    if function.__code__ != _written(function.__code__.co_varnames[1:]) or space.get("_tuple_new") is not tuple.__new__:
        return None
    if shapes.has_attributes(kind) or kind.__weakrefoffset__ or not shapes.is_alike(kind, tuple):
        return None
    plain = shapes.lookup(kind, "__init__") is shapes.lookup(object, "__init__")
    return function if plain and shapes.lookup(kind, "__del__") is shapes.ABSENT else None


def of(value: Any) -> types.Type | None:
    """The type of such a tuple; None for anything else."""
    kind = type(value)
    function = maker(kind)
    if function is None or tuple.__len__(value) != function.__code__.co_argcount - 1:
        return None
    return types.Named(kind, tuple(map(types.of, tuple.__iter__(value))))


def make(t: Trace, kind: type, function: python_types.FunctionType, args: list[Rep]) -> Rep:
    """`kind(args)`, where what is not given has a default."""
    wanted, defaults = function.__code__.co_argcount - 1, function.__defaults__ or ()
    missing = wanted - len(args)
    if not 0 <= missing <= len(defaults):
        raise Unsupported("ZX022", detail=f"{kind.__qualname__} of {len(args)} arguments")
    items = [*args, *map(t.constant, defaults[len(defaults) - missing:])]
    # Each has a null of its own, by which it is told from others of the same items.
    made = t.tuple_of(items, t.emit("NULL", (), "ptr"))
    return Rep(types.Named(kind, tuple(item.type for item in items)), made.values)


def as_object(t: Trace, rep: Rep) -> Rep:
    """Such a tuple with its object, which is made here and now."""
    return Rep(rep.type, (t.boxed(rep), *rep.values[1:]))


def unboxed(t: Trace, pointer: Any, wanted: types.Named) -> Rep:
    """An object as such a tuple with items of these types; another one leaves."""
    sequences.instance(t, pointer, types.OBJECT, [wanted.kind])
    size = t.emit("TUPLE_LEN", (pointer,), "i64")
    t.guard(t.emit("EQ", (size, t.int_(len(wanted.items))), "i1"), "ZX031")
    items = [sequences.tuple_item(t, pointer, i, item) for i, item in enumerate(wanted.items)]
    made = t.tuple_of(items, pointer)
    return Rep(types.Named(wanted.kind, tuple(item.type for item in items)), made.values)


def as_tuple(rep: Rep) -> Rep:
    """Such a tuple as a plain one of the same items, for what makes no difference between the two."""
    if isinstance(rep.type, types.Named):
        return Rep(types.Tuple(rep.type.items), rep.values)
    return Rep(types.AnyTuple(), rep.values)
