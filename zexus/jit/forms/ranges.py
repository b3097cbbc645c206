"""Native forms of ranges: as the three numbers that one is made of, or as an object that holds these."""

from __future__ import annotations

from zexus import types
from zexus.jit.forms import numbers
from zexus.jit.forms.indices import index_value
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, INT, NpScalar

HELD = types.Instance(kind=range)


def is_one(rep: Rep) -> bool:
    """Whether a value is a range."""
    return rep.type == HELD or isinstance(rep.type, types.Range)


def make(t: Trace, args: list[Rep]) -> Rep:
    """`range(...)`."""
    values = []
    for arg in map(numbers.whole, args):
        if arg.type not in (INT, BOOL) and not (isinstance(arg.type, NpScalar) and arg.type.dtype in types.INT_DTYPES):
            raise refuse("range", arg)
        values.append(numbers.as_int(t, arg))
    if len(values) == 1:
        values = [t.int_(0), values[0], t.int_(1)]
    elif len(values) == 2:
        values.append(t.int_(1))
    else:
        t.guard(t.emit("NE", (values[2], t.int_(0)), "i1"), "ZX033")
    return Rep(types.RANGE, tuple(values))


def opened(t: Trace, rep: Rep) -> Rep:
    """A range as its numbers; one of numbers that need more than 64 bits leaves."""
    if isinstance(rep.type, types.Range):
        return rep
    held = [t.emit("FIELD_PTR", rep.values, "ptr", f"range.{name}", "ZX031") for name in ("start", "stop", "step")]
    return Rep(types.RANGE, tuple(t.emit("UNBOX_INT", (number,), "i64", None, "ZX031") for number in held))


def length(t: Trace, rep: Rep) -> Value:
    """How many numbers there are."""
    start, stop, step = opened(t, rep).values
    rising = t.emit("GT", (step, t.int_(0)), "i1")
    # A step beyond the last number is less than one behind the end.
    nearest = t.emit("SELECT", (rising, t.int_(1), t.int_(-1)), "i64")
    span = t.emit("SUB", (t.emit("SUB", (stop, start), "i64", None, "ZX030"), nearest), "i64", None, "ZX030")
    steps = t.emit("FLOORDIV", (span, step), "i64", None, "ZX033")
    count = t.emit("ADD", (steps, t.int_(1)), "i64", None, "ZX030")
    return t.emit("SELECT", (t.emit("GT", (count, t.int_(0)), "i1"), count, t.int_(0)), "i64")


def item(t: Trace, owner: Rep, key: Rep) -> Rep:
    """`owner[key]`."""
    if isinstance(key.type, types.Slice):
        raise refuse("a slice", owner, key)
    owner = opened(t, owner)
    start, _, step = owner.values
    at = t.emit("INDEX", (index_value(t, key), length(t, owner)), "i64", None, "ZX032")
    away = t.emit("MUL", (at, step), "i64", None, "ZX030")
    return Rep(INT, (t.emit("ADD", (start, away), "i64", None, "ZX030"),))
