"""Native forms of builtin functions of numbers that are neither one instruction nor one of libm's functions."""

from __future__ import annotations

import builtins
import math
import types as python_types
from collections.abc import Callable, Sequence
from typing import Any

from zexus import ops, types
from zexus.jit.emit.number_runtime import MOST_DIGITS, MOST_PARTS
from zexus.jit.forms import numbers, sequences, texts
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, FLOAT, INT, NONE, WORD, Type

Form = Callable[[Trace, list[Rep]], Rep | None]

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


# --- functions of math ---------------------------------------------------------------------------------------


def _ints(t: Trace, args: list[Rep]) -> list[Value] | None:
    """Ints as they are; None where there is something else."""
    if not all(types.members(rep.type) <= {INT, BOOL} for rep in args):
        return None
    return [numbers.as_int(t, numbers.narrow(t, rep, numbers.numeric)) for rep in args]


def _floats(t: Trace, args: list[Rep]) -> list[Value] | None:
    """Numbers as floats, rounded as Python rounds them; None where there is something else."""
    if not all(types.members(rep.type) <= {INT, BOOL, FLOAT} for rep in args):
        return None
    return [numbers.any_float(t, rep) for rep in args]


def _of_ints(name: str, fewest: int, most: int = 0) -> Form:
    """The form of a function that is computed of ints, and of more than two of them step by step."""

    def form(t: Trace, args: list[Rep]) -> Rep | None:
        values = _ints(t, args) if fewest <= len(args) <= (most or len(args)) else None
        if values is None:
            return None
        made = _compute(t, name, values[:2], "i64")
        for value in values[2:]:
            made = _compute(t, name, [made, value], "i64")
        return Rep(INT, (made,))

    return form


def _perm(t: Trace, args: list[Rep]) -> Rep | None:
    """`perm(n)` is the factorial, and so is `perm(n, None)`."""
    everything = len(args) == 1 or (len(args) == 2 and args[1].type == NONE)
    return _of_ints("factorial", 1, 1)(t, args[:1]) if everything else _of_ints("perm", 2, 2)(t, args)


def _log(t: Trace, args: list[Rep]) -> Rep | None:
    """`log(x, base)`: the quotient of two logarithms."""
    if len(args) != 2 or _floats(t, args) is None:
        return None
    above, below = (numbers.math_call(t, ops.OPS["MATH_LOG"], [rep]) for rep in args)
    return numbers.binary(t, "TRUEDIV", above, below)


def _hypot(t: Trace, args: list[Rep]) -> Rep | None:
    """The length of a vector."""
    parts = _floats(t, args)
    return None if parts is None else _norm(t, parts)


def _norm(t: Trace, parts: list[Value]) -> Rep | None:
    if not 0 < len(parts) <= MOST_PARTS:
        return None
    if len(parts) == 1:
        return Rep(FLOAT, (t.emit("ABS", parts, "f64"),))
    return Rep(FLOAT, (_compute(t, f"norm_{len(parts)}", parts, "f64"),))


def _dist(t: Trace, args: list[Rep]) -> Rep | None:
    """The distance of two points, tuples of which one at least has a known length."""
    if len(args) != 2 or not any(isinstance(t.opened(rep).type, types.Tuple) for rep in args):
        return None
    args = [t.opened(rep) for rep in args]
    size = next(len(t.items(rep)) for rep in args if isinstance(rep.type, types.Tuple))
    points = [_coordinates(t, rep, size) for rep in args]
    if points[0] is None or points[1] is None:
        return None
    return _norm(t, [t.emit("SUB", pair, "f64") for pair in zip(*points, strict=True)])


def _coordinates(t: Trace, point: Rep, size: int) -> list[Value] | None:
    """The items of a tuple as floats; None where it is no tuple of as many numbers."""
    if isinstance(point.type, types.Tuple):
        return _floats(t, t.items(point)) if len(t.items(point)) == size else None
    if not isinstance(point.type, types.AnyTuple) or point.type.elem not in (None, FLOAT):
        return None
    t.guard(t.emit("EQ", (sequences.tuple_length(t, point), t.int_(size)), "i1"), "ZX033")
    items = (t.emit("TUPLE_ITEM", point.values, "ptr", position) for position in range(size))
    return [sequences.unbox_as(t, one, FLOAT).value for one in items]


def _times(factor: float) -> Form:
    """The form of a function that multiplies a float."""

    def form(t: Trace, args: list[Rep]) -> Rep | None:
        values = _floats(t, args) if len(args) == 1 else None
        return None if values is None else Rep(FLOAT, (t.emit("MUL", (*values, t.k("f64", factor)), "f64"),))

    return form


def _modf(t: Trace, args: list[Rep]) -> Rep | None:
    """The fraction and the integer of a number, each with its sign; one that is not finite leaves."""
    values = _floats(t, args) if len(args) == 1 else None
    if values is None:
        return None
    t.guard(t.emit("MATH_ISFINITE", values, "i1"), "ZX033")
    (x,), whole = values, _compute(t, "truncated", values, "f64", leaves=False)
    fraction = t.emit("MATH_COPYSIGN", (t.emit("SUB", (x, whole), "f64"), x), "f64")
    return t.tuple_of([Rep(FLOAT, (fraction,)), Rep(FLOAT, (whole,))])


def with_keywords(t: Trace, function: Any, args: list[Rep], names: Sequence[str]) -> Rep | None:
    """The same of a call with keywords, whose arguments are the last ones."""
    given = dict(zip(names, args[len(args) - len(names):]))
    if function is not math.isclose or len(args) - len(given) != 2 or not set(given) <= {"rel_tol", "abs_tol"}:
        return None
    return _is_close(t, args[:2], **given)


def _is_close(t: Trace, args: list[Rep], rel_tol: Rep | None = None, abs_tol: Rep | None = None) -> Rep | None:
    """`isclose(a, b)`; a tolerance below zero leaves."""
    defaults = (rel_tol or t.constant(1e-9)), (abs_tol or t.constant(0.0))
    values = _floats(t, [*args, *defaults]) if len(args) == 2 else None
    if values is None:
        return None
    a, b, relative, absolute = values
    for tolerance in (relative, absolute):
        t.guard(t.emit("NOT", (t.emit("LT", (tolerance, t.k("f64", 0.0)), "i1"),), "i1"), "ZX033")
    apart = t.emit("ABS", (t.emit("SUB", (b, a), "f64"),), "f64")
    close = t.emit("LE", (apart, absolute), "i1")
    for one in (a, b):
        most = t.emit("ABS", (t.emit("MUL", (relative, one), "f64"),), "f64")
        close = t.emit("OR", (close, t.emit("LE", (apart, most), "i1")), "i1")
    for one in (a, b):
        close = t.emit("AND", (close, t.emit("NOT", (t.emit("MATH_ISINF", (one,), "i1"),), "i1")), "i1")
    return Rep(BOOL, (t.emit("OR", (t.emit("EQ", (a, b), "i1"), close), "i1"),))


# --- methods -------------------------------------------------------------------------------------------------


def is_method(kind: Type, name: str) -> bool:
    """Whether a method of a number has a form here."""
    return (name, kind) in _METHODS


def method(t: Trace, owner: Rep, name: str) -> Rep:
    """What a method without arguments makes of a number."""
    form, kind = _METHODS[name, owner.type]
    value = owner.value if owner.type in (WORD, FLOAT) else numbers.as_int(t, owner)
    return Rep(kind, (_compute(t, form, [value], types.payload(kind), leaves=False),))


def ones(t: Trace, owner: Rep, args: list[Rep]) -> Rep | None:
    """`bin(x).count("1")`; None where it is something else that is counted."""
    if len(args) != 1 or texts.constant(t, args[0]) != "1":
        return None
    return Rep(INT, (_compute(t, "bit_count", list(owner.values), "i64", leaves=False),))


_METHODS: dict[tuple[str, Type], tuple[str, Type]] = {
    ("bit_count", INT): ("bit_count", INT), ("bit_count", BOOL): ("bit_count", INT),
    ("bit_count", WORD): ("count_of_word", INT), ("bit_length", INT): ("bit_length", INT),
    ("bit_length", BOOL): ("bit_length", INT), ("bit_length", WORD): ("length_of_word", INT),
    ("is_integer", FLOAT): ("is_integer", BOOL),
}

_FORMS: dict[Any, Form] = {
    builtins.round: _rounded, math.gcd: _of_ints("gcd", 2), math.lcm: _of_ints("lcm", 2),
    math.isqrt: _of_ints("isqrt", 1, 1), math.factorial: _of_ints("factorial", 1, 1),
    math.comb: _of_ints("comb", 2, 2), math.perm: _perm, math.log: _log, math.hypot: _hypot, math.dist: _dist,
    math.degrees: _times(180.0 / math.pi), math.radians: _times(math.pi / 180.0), math.modf: _modf,
    math.isclose: _is_close,
}
