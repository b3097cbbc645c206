"""Native forms of what looks for a value in a list, or in a tuple that is read in place.

The value is an int, a text, None, or an object that is equal to nothing but itself; it is no float, as a NaN is found
where it is the same object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zexus import shapes, types
from zexus.codes import Unsupported
from zexus.jit.forms import numbers, texts
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, INT, NONE, Type

_OWNERS: dict[type[Type], str] = {types.List: "list", types.AnyTuple: "tuple"}
METHODS = ("index", "remove")
_SAME = vars(object)["__eq__"]


def has(rep: Rep, name: str) -> bool:
    """Whether a method of a value looks for something in it."""
    return (isinstance(rep.type, types.List) and name in METHODS) or \
        (isinstance(rep.type, types.AnyTuple) and name == "index")


def fits(t: Trace, owner: Rep, wanted: Rep) -> bool:
    """Whether such a value can be looked for in such an owner, as long as `is_unique` holds for its class."""
    if type(owner.type) not in _OWNERS:
        return False
    return wanted.type in (INT, BOOL, NONE) or texts.is_one(t, wanted) or is_unique(wanted)


def is_unique(rep: Rep) -> bool:
    """Whether an object is of a class whose objects are equal to nothing but themselves."""
    return isinstance(rep.type, types.Instance) and shapes.lookup(rep.type.kind, "__eq__") is _SAME


def contains(t: Trace, op: str, wanted: Rep, owner: Rep) -> Rep:
    """`wanted in owner`, `wanted not in owner`."""
    return Rep(BOOL, (t.emit("GE" if op == "IN" else "LT", (_position(t, owner, wanted), t.int_(0)), "i1"),))


def method(t: Trace, owner: Rep, name: str, args: list[Rep], expect: Callable[[Value, Any], None]) -> Rep | None:
    """`owner.index(wanted)`, and of a list `owner.remove(wanted)`; None for any other method, or other values.

    Args:
        t: the trace.
        owner: the list or tuple.
        name: the method.
        args: what it is given.
        expect: takes whether the value is there, and what raises where it is not.
    """
    removes = name == "remove" and isinstance(owner.type, types.List)
    if name not in METHODS or len(args) != 1 or not fits(t, owner, args[0]):
        return None
    found = _position(t, owner, args[0])
    nowhere: Any = [] if isinstance(owner.type, types.List) else ()
    expect(t.emit("GE", (found, t.int_(0)), "i1"), getattr(nowhere, name))
    if not removes:
        return Rep(INT, (found,))
    t.emit("LIST_CUT", (owner.value, found))
    return Rep(NONE)


def _position(t: Trace, owner: Rep, wanted: Rep) -> Value:
    """Where it is, as the first item that is the same object or equal; -1 where it is nowhere."""
    if wanted.type in (INT, BOOL):
        kind, key = "int", numbers.as_int(t, wanted)
    elif wanted.type == NONE:
        kind, key = "none", t.boxed(wanted)
    elif texts.is_one(t, wanted):
        kind, key = "text", t.boxed(wanted)
    elif is_unique(wanted):
        kind, key = "object", wanted.value
    else:
        raise Unsupported("ZX022", detail=f"{wanted.type} in {owner.type}")
    return t.emit("SEEK", (owner.value, key), "i64", (_OWNERS[type(owner.type)], kind), "ZX031")
