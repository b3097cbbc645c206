"""Native forms of builtin functions of numbers that are neither one instruction nor one of libm's functions."""

from __future__ import annotations

import builtins
import types as python_types
from collections.abc import Callable
from typing import Any

from zexus import types
from zexus.jit.emit.number_runtime import MOST_DIGITS
from zexus.jit.forms import numbers
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, FLOAT, INT, NONE, WORD

# The highest power of ten among ints of 64 bits.
_MOST_PLACES = 18


def call(t: Trace, function: Any, args: list[Rep]) -> Rep | None:
    """A call of such a function; None for any other, and for arguments that it has no native form for."""
    form = _FORMS.get(function) if type(function) is python_types.BuiltinFunctionType else None
    return None if form is None else form(t, args)


def _compute(t: Trace, name: str, args: list[Value], kind: str, leaves: bool = True) -> Value:
    """What a function of the runtime makes of numbers."""
    return t.emit("COMPUTE", args, kind, (len(args), name), "ZX033" if leaves else "")


# --- round ---------------------------------------------------------------------------------------------------


def _rounded(t: Trace, args: list[Rep]) -> Rep | None:
    """`round(x, digits)`: correctly rounded to decimals, and then to the float that is nearest to these."""
    if len(args) != 2:
        return None
    x, digits = args
    if digits.type == NONE:
        return numbers.rounded(t, x)
    if digits.type not in (INT, BOOL):
        return None
    places = t.constants.get(digits.value)
    kinds = types.members(x.type)
    if kinds <= {INT, BOOL, WORD}:
        return _rounded_int(t, x, numbers.as_int(t, digits), places)
    if not kinds <= {INT, FLOAT} or (INT in kinds and (places is None or places < 0)):
        return None
    tag, number = x.values[:-1], x.values[-1]
    if places is None:
        made = _compute(t, "rounded_at", [number, numbers.as_int(t, digits)], "f64")
    elif abs(places) <= MOST_DIGITS:
        how = "rounded_before" if places < 0 else "rounded_behind"
        made = _compute(t, how, [number, t.k("f64", 10.0 ** abs(places))], "f64", leaves=False)
    else:
        return None
    return Rep(x.type, (*tag, made))


def _rounded_int(t: Trace, x: Rep, digits: Value, places: int | None) -> Rep | None:
    """An int, rounded to digits behind the point, is itself."""
    if places is None:
        t.guard(t.emit("GE", (digits, t.int_(0)), "i1"), "ZX033")
    elif places < 0:
        return _to_places(t, x, -places)
    return x if x.type == WORD else Rep(INT, (numbers.as_int(t, x),))


def _to_places(t: Trace, x: Rep, places: int) -> Rep | None:
    """An int, rounded to places before the point, halves to even."""
    if x.type == WORD or places > _MOST_PLACES:
        return None
    number, unit = Rep(INT, (numbers.as_int(t, x),)), Rep(INT, (t.int_(10**places),))
    rest = numbers.binary(t, "MOD", number, unit)
    half = t.int_(10**places // 2)
    odd = numbers.binary(t, "MOD", numbers.binary(t, "FLOORDIV", number, unit), Rep(INT, (t.int_(2),)))
    # Where the quotient is odd, a half goes up, so that less is enough.
    up = t.emit("GT", (t.emit("ADD", (rest.value, odd.value), "i64"), half), "i1")
    added = Rep(INT, (t.emit("SELECT", (up, unit.value, t.int_(0)), "i64"),))
    return numbers.binary(t, "ADD", numbers.binary(t, "SUB", number, rest), added)


_FORMS: dict[Any, Callable[[Trace, list[Rep]], Rep | None]] = {builtins.round: _rounded}
