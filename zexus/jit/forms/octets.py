"""Native forms of bytes and bytearrays: their items are read and written where they stand."""

from __future__ import annotations

from zexus import types
from zexus.jit.forms import numbers
from zexus.jit.forms.indices import index_value
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, INT

BYTES, BYTEARRAY = types.Instance(kind=bytes), types.Instance(kind=bytearray)
# The greatest item.
_MOST = 255


def is_one(rep: Rep) -> bool:
    """Whether a value is bytes or a bytearray of exactly its own type."""
    return rep.type in (BYTES, BYTEARRAY)


def length(t: Trace, owner: Rep) -> Value:
    """How many items there are."""
    return t.emit("BYTES_LEN", owner.values, "i64")


def item(t: Trace, owner: Rep, key: Rep) -> Rep:
    """`owner[key]`."""
    if isinstance(key.type, types.Slice):
        raise refuse("a slice", owner, key)
    return Rep(INT, (t.emit("BYTES_AT", (owner.value, _at(t, owner, key)), "i64", owner.type == BYTEARRAY),))


def put(t: Trace, owner: Rep, key: Rep, value: Rep) -> None:
    """`owner[key] = value` of a bytearray."""
    if owner.type != BYTEARRAY or isinstance(key.type, types.Slice) or value.type not in (INT, BOOL):
        raise refuse("item assignment", owner, key)
    number = numbers.as_int(t, value)
    for row, bound in (("GE", 0), ("LE", _MOST)):
        t.guard(t.emit(row, (number, t.int_(bound)), "i1"), "ZX033")
    t.emit("BYTES_SET", (owner.value, _at(t, owner, key), number), "")


def _at(t: Trace, owner: Rep, key: Rep) -> Value:
    return t.emit("INDEX", (index_value(t, key), length(t, owner)), "i64", None, "ZX032")
