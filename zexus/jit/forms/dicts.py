"""Native forms of dicts whose keys are ints or texts: what they find, compare and replace runs no other code."""

from __future__ import annotations

from zexus import types
from zexus.codes import Unsupported
from zexus.jit.forms import numbers, sequences, texts
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, DICT, FLOAT, INT, Type

METHODS = ("get",)


def place(t: Trace, owner: Rep, key: Rep) -> Value:
    """Where the dict keeps the value of a key, or null."""
    if key.type in (INT, BOOL):
        operand = numbers.as_int(t, key)
    elif texts.is_one(t, key):
        operand = texts.pointer(t, key)
    else:
        raise refuse("a dict with such keys", owner, key)
    return t.emit("DICT_PLACE", (owner.value, operand), "ptr", None, "ZX031")


def get(t: Trace, owner: Rep, key: Rep, seen: set[Type]) -> Rep:
    """`owner[key]`."""
    found = place(t, owner, key)
    t.guard(t.emit("DICT_HAS", (found,), "i1"), "ZX033")
    return sequences.unbox(t, t.emit("ATTR_ITEM", (found,), "ptr", None, "ZX033"), seen, None)


def get_or(t: Trace, owner: Rep, args: list[Rep], seen: set[Type]) -> Rep:
    """`owner.get(key)`, `owner.get(key, default)`."""
    if not 1 <= len(args) <= 2:
        raise Unsupported("ZX022", detail="get()")
    default = _object(t, args[1]) if len(args) == 2 else t.none()
    found = place(t, owner, args[0])
    return sequences.unbox(t, t.emit("DICT_GET", (found, default), "ptr"), seen, None)


def _object(t: Trace, rep: Rep) -> Value:
    """The object of a value; that of a constant is always the same."""
    known = t.constants.get(rep.values[0]) if rep.type in (INT, FLOAT, BOOL) else None
    return t.boxed(rep) if known is None else t.emit("REF", (), "ptr", t.ref(known, f"constant {known!r}"))


def contains(t: Trace, op: str, key: Rep, owner: Rep) -> Rep:
    """`key in owner`, `key not in owner`."""
    found = t.emit("DICT_HAS", (place(t, owner, key),), "i1")
    return Rep(BOOL, (found if op == "IN" else t.emit("NOT", (found,), "i1"),))


def put(t: Trace, owner: Rep, key: Rep, value: Rep) -> None:
    """`owner[key] = value`."""
    if isinstance(value.type, types.Union):
        value = numbers.narrow_bound(t, value)
    found = place(t, owner, key)
    operand = key.value if key.type == INT else t.boxed(key)
    new = value.value if value.type in (INT, FLOAT, BOOL) else t.boxed(value)
    t.emit("DICT_STORE", (found, owner.value, operand, new), "", None, "ZX036")


def length(t: Trace, owner: Rep) -> Value:
    """How many keys there are."""
    return t.emit("DICT_LEN", owner.values, "i64")


def is_one(rep: Rep) -> bool:
    """Whether a value is a dict of exactly its own type."""
    return rep.type == DICT
