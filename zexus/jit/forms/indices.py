"""Indices and slices as numbers: counted from the front, clamped as Python clamps them."""

from __future__ import annotations

from zexus import types
from zexus.codes import Unsupported
from zexus.jit.forms import numbers
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace, divided
from zexus.records import dataclass
from zexus.regvm.ir import Value
from zexus.types import BOOL, INT, NONE, NpScalar


@dataclass(frozen=True)
class Span:
    """What a slice selects: the first index (None: 0), how many, and how far apart.

    Attributes:
        whole: whether it selects everything, in order, whatever the length.
    """

    start: Value | None
    count: Value
    step: int

    @property
    def whole(self) -> bool:
        return self.start is None


def index_value(t: Trace, rep: Rep) -> Value:
    """An index as i64."""
    rep = numbers.narrow(t, numbers.whole(rep), lambda m: types.payload(m) == "i64" or m == BOOL)
    kind = rep.type
    if kind in (INT, BOOL) or (isinstance(kind, NpScalar) and kind.dtype in types.INT_DTYPES):
        return numbers.as_int(t, rep)
    raise refuse("index", rep)


def make_slice(parts: list[Rep]) -> Rep:
    """`slice(start, stop, step)`."""
    return Rep(types.Slice(tuple(p.type for p in parts)), tuple(v for p in parts for v in p.values))


def constant(t: Trace, key: Rep) -> slice:
    """A slice whose bounds are constant.

    Raises:
        Unsupported: they are not.
    """
    found: list[int | None] = []
    for part in _parts(key):
        value = t.constants.get(part.value) if part.type == INT else None
        if part.type != NONE and not isinstance(value, int):
            raise refuse("a changing slice", key)
        found.append(value)
    return slice(*found)


def span(t: Trace, key: Rep, length: Value) -> Span:
    """What a slice selects of a sequence of `length` items (see `PySlice_AdjustIndices`).

    Raises:
        Unsupported: the step is not a constant, or zero.
    """
    start, stop, step = _parts(key)
    by = _step(t, step)
    if start.type == stop.type == NONE and by == 1:
        return Span(None, length, 1)
    last = _minus(t, length, 1)
    if by > 0:
        first = t.int_(0) if start.type == NONE else _clamped(t, start, length, 0, length)
        end = length if stop.type == NONE else _clamped(t, stop, length, 0, length)
        distance = _safe(t, "SUB", end, first)
    else:
        first = last if start.type == NONE else _clamped(t, start, length, -1, last)
        end = t.int_(-1) if stop.type == NONE else _clamped(t, stop, length, -1, last)
        distance = _safe(t, "SUB", first, end)
    if abs(by) > 1:
        distance = t.emit("FLOORDIV", (_safe(t, "ADD", distance, t.int_(abs(by) - 1)), t.int_(abs(by))), "i64")
    some = t.emit("LT", (t.int_(0), distance), "i1")
    count = t.emit("SELECT", (some, distance, t.int_(0)), "i64")
    return Span(t.emit("SELECT", (some, first, t.int_(0)), "i64"), count, by)


def _parts(key: Rep) -> list[Rep]:
    assert isinstance(key.type, types.Slice)
    return divided(key.type.parts, key.values)


def _step(t: Trace, step: Rep) -> int:
    if step.type == NONE:
        return 1
    constant = t.constants.get(step.values[0]) if step.type == INT else None
    if not isinstance(constant, int) or not 0 < abs(constant) < 2**31:
        raise Unsupported("ZX020", detail="a slice whose step is not constant")
    return constant


def _clamped(t: Trace, rep: Rep, length: Value, lowest: int, highest: Value) -> Value:
    """A bound of a slice: one below 0 counts from the end, one beyond the ends is the end."""
    index = index_value(t, rep)
    negative = t.emit("LT", (index, t.int_(0)), "i1")
    counted = _safe(t, "ADD", index, t.emit("SELECT", (negative, length, t.int_(0)), "i64"))
    low = t.int_(lowest)
    raised = t.emit("SELECT", (t.emit("LT", (counted, low), "i1"), low, counted), "i64")
    return t.emit("SELECT", (t.emit("LT", (raised, highest), "i1"), raised, highest), "i64")


def _minus(t: Trace, value: Value, less: int) -> Value:
    return _safe(t, "SUB", value, t.int_(less))


def _safe(t: Trace, op: str, a: Value, b: Value) -> Value:
    """A sum or difference that cannot overflow."""
    made = t.emit(op, (a, b), "i64")
    t.proven(made, "nowrap")
    return made
