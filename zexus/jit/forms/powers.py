"""Native forms of powers, of all numbers: what the signs of operands make of their types, too."""

from __future__ import annotations

import math

from zexus import types
from zexus.codes import Unsupported
from zexus.jit.forms import complexes, faithful, numbers
from zexus.jit.forms.complexes import Parts
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, COMPLEX, FLOAT, INT, NpScalar, Type

_LARGEST_INT_EXPONENT = 100
_ROUNDER = 1.5 * 2.0**52  # added and taken away again, it rounds to an integer


def power(t: Trace, a: Rep, b: Rep, seen: set[Type]) -> Rep:
    """`a ** b`, where results were seen to be of these types.

    Raises:
        Unsupported: no native form for these types.
    """
    if a.type in (INT, BOOL) and b.type in (INT, BOOL):
        return _of_ints(t, a, b, seen)
    if complexes.among(a, b):
        return _of_complex(t, a, b)
    exponent = t.constants.get(b.value) if b.type == FLOAT else None
    if a.type in (INT, FLOAT) and COMPLEX in seen and exponent is not None and _is_fraction(exponent):
        return _of_real(t, a, b.value, seen)
    return numbers.binary(t, "POW", a, b)


def _is_fraction(exponent: float) -> bool:
    return math.isfinite(exponent) and not exponent.is_integer()


def _of_ints(t: Trace, a: Rep, b: Rep, seen: set[Type]) -> Rep:
    """`a ** b` on ints, where it is known what the results were: exponents that are negative give floats."""
    x, y = numbers.as_int(t, a), numbers.as_int(t, b)
    if FLOAT not in seen or y in t.constants:
        return numbers.power_of_int(t, x, y)
    negative = t.emit("LT", (y, t.int_(0)), "i1")
    if not seen & {INT, types.WORD}:
        t.guard(negative, "ZX031")
        return numbers.float_power(t, x, y)
    one = t.int_(1)
    fraction = numbers.float_power(t, x, t.emit("SELECT", (negative, y, one), "i64")).value
    whole = t.emit("POW", (x, t.emit("SELECT", (negative, one, y), "i64")), "i64", None, "ZX033")
    made = t.emit("SELECT", (negative, fraction, numbers.exact_float(t, Rep(INT, (whole,)))), "f64")
    tag = t.emit("SELECT", (negative, t.int_(types.TAGS[FLOAT]), t.int_(types.TAGS[INT])), "i64")
    return Rep(types.Union(frozenset((INT, FLOAT))), (tag, made))


def power_modulo(t: Trace, args: list[Rep]) -> Rep:
    """`pow(a, b, m)` on ints; where CPython raises, it leaves."""
    reps = [numbers.narrow(t, arg, lambda m: m in (INT, BOOL)) for arg in args]
    if any(rep.type not in (INT, BOOL) for rep in reps):
        raise refuse("pow()", *reps)
    return Rep(INT, (t.emit("POW_MOD", [numbers.as_int(t, rep) for rep in reps], "i64", None, "ZX033"),))


def _of_complex(t: Trace, a: Rep, b: Rep) -> Rep:
    """`a ** b` where one is complex: by repeated products for small integers, else by polar coordinates."""
    a, b = numbers.narrow(t, a, complexes.number), numbers.narrow(t, b, complexes.number)
    involved = types.members(a.type) | types.members(b.type)
    if not all(map(complexes.number, involved)) or any(isinstance(m, NpScalar) for m in involved):
        raise refuse("POW", a, b)
    if not faithful.python():
        raise Unsupported("ZX020", detail="complex arithmetic of an interpreter that fuses operations")
    exponent = t.constants.get(b.value) if b.type == INT else None
    if isinstance(a.type, types.Union) and exponent is not None and 0 <= exponent <= numbers.WRITTEN_OUT:
        return _of_any(t, a, int(exponent))
    if any(isinstance(rep.type, types.Union) for rep in (a, b)):
        a = numbers.narrow(t, a, types.is_complex) if complexes.among(a) else a
        b = numbers.narrow(t, b, types.is_complex if not complexes.among(a) else types.is_number)
    base, (real, imag) = complexes.parts(t, a), complexes.parts(t, b)
    known = t.constants.get(b.values[0] if b.type in (INT, FLOAT, BOOL) else real)
    if b.type in (INT, BOOL) and known is None:
        operands = (*base, numbers.as_int(t, b))
        return Rep(COMPLEX, tuple(t.emit("POW_PART", operands, "f64", part, "ZX033") for part in (0, 1)))
    is_real = t.constants.get(imag) == 0.0
    if known is not None and is_real and _is_small_integer(known):
        return Rep(COMPLEX, integer_power(t, base, int(known)))
    if known is None or (t.constants.get(imag) is None and _is_small_integer(known)):
        _leave_small_integers(t, real, imag)
    return Rep(COMPLEX, polar_power(t, base, (real, imag), is_real))


def _of_any(t: Trace, a: Rep, exponent: int) -> Rep:
    """A power of what is real or complex by a constant; its type is that of the base."""
    is_complex = complexes.is_one_of(t, a, types.is_complex)
    base, zero, one = complexes.parts(t, a), t.k("f64", 0.0), t.k("f64", 1.0)
    real, imag = integer_power(t, base, exponent)
    if FLOAT in types.members(a.type):
        operands = t.emit("SELECT", (is_complex, one, base[0]), "f64"), t.k("f64", float(exponent))
        made = t.emit("POW", operands, "f64", None, "ZX033")
        real = t.emit("SELECT", (is_complex, real, made), "f64")
    if INT in types.members(a.type):
        is_int = complexes.is_one_of(t, a, lambda m: m == INT)
        made, factor = one, t.emit("SELECT", (is_int, base[0], zero), "f64")
        for _ in range(exponent):
            made = t.emit("MUL", (made, factor), "f64")
        exact = t.emit("LE", (t.emit("ABS", (made,), "f64"), t.k("f64", float(numbers.EXACT))), "i1")
        t.guard(exact, "ZX030")
        real = t.emit("SELECT", (is_int, made, real), "f64")
    return Rep(a.type, (a.values[0], real, t.emit("SELECT", (is_complex, imag, zero), "f64")))


def _is_small_integer(exponent: float) -> bool:
    return abs(exponent) <= _LARGEST_INT_EXPONENT and exponent == int(exponent)


def _leave_small_integers(t: Trace, real: Value, imag: Value) -> None:
    magic = t.k("f64", _ROUNDER)
    nearest = t.emit("SUB", (t.emit("ADD", (real, magic), "f64"), magic), "f64")
    other = t.emit("NE", (nearest, real), "i1")
    large = t.emit("GT", (t.emit("ABS", (real,), "f64"), t.k("f64", float(_LARGEST_INT_EXPONENT))), "i1")
    complex_ = t.emit("NE", (imag, t.k("f64", 0.0)), "i1")
    t.guard(t.emit("OR", (complex_, t.emit("OR", (other, large), "i1")), "i1"), "ZX033")


def integer_power(t: Trace, base: Parts, exponent: int) -> Parts:
    """`c_powi`: products of squares, and the reciprocal for exponents that are not positive."""
    one = t.k("f64", 1.0), t.k("f64", 0.0)
    made, square, left = one, base, abs(exponent)
    while left:
        if left & 1:
            made = complexes.product(t, made, square)
        left >>= 1
        if left:
            square = complexes.product(t, square, square)
    if exponent <= 0:
        made = complexes.quotient(t, one, made)
    complexes.finite(t, *made)
    return made


def polar_power(t: Trace, base: Parts, exponent: Parts, is_real: bool) -> Parts:
    """`_Py_c_pow` of a base that is not zero and an exponent that is not zero."""
    zero = t.k("f64", 0.0)
    nonzero = [t.emit("NE", (part, zero), "i1") for part in base]
    t.guard(t.emit("OR", tuple(nonzero), "i1"), "ZX033")
    absolute = t.emit("HYPOT", base, "f64", None, "ZX033")
    length = t.emit("MATH_POW", (absolute, exponent[0]), "f64", None, "ZX033")
    angle = t.emit("MATH_ATAN2", (base[1], base[0]), "f64")
    phase = t.emit("MUL", (angle, exponent[0]), "f64")
    if not is_real:
        t.guard(t.emit("NE", (exponent[1], zero), "i1"), "ZX033")
        if not faithful.damping():
            raise Unsupported("ZX020", detail="complex powers as this version computes them")
        if faithful.damping() == "MUL":
            angle = t.emit("NEG", (angle,), "f64")
        factor = t.emit("MATH_EXP", (t.emit("MUL", (angle, exponent[1]), "f64"),), "f64", None, "ZX033")
        length = t.emit(faithful.damping(), (length, factor), "f64")
        logarithm = t.emit("MATH_LOG", (absolute,), "f64", None, "ZX033")
        phase = t.emit("ADD", (phase, t.emit("MUL", (exponent[1], logarithm), "f64")), "f64")
    made = complexes.turn(t, length, phase)
    complexes.finite(t, *made)
    return made


def _of_real(t: Trace, a: Rep, exponent: Value, seen: set[Type]) -> Rep:
    """A power of a real number by a fraction, whose result was seen to be complex: those of negative numbers are."""
    x = numbers.any_float(t, a)
    zero, one = t.k("f64", 0.0), t.k("f64", 1.0)
    negative = t.emit("AND", (t.emit("LT", (x, zero), "i1"), t.emit("MATH_ISFINITE", (x,), "i1")), "i1")
    if FLOAT not in seen:
        t.guard(negative, "ZX031")
        return Rep(COMPLEX, polar_power(t, (x, zero), (exponent, zero), True))
    real = t.emit("POW", (t.emit("SELECT", (negative, one, x), "f64"), exponent), "f64", None, "ZX033")
    base = t.emit("SELECT", (negative, x, one), "f64"), zero
    turned = polar_power(t, base, (exponent, zero), True)
    values = tuple(t.emit("SELECT", (negative, *pair), "f64") for pair in zip(turned, (real, zero), strict=True))
    return complexes.tagged(t, {FLOAT, COMPLEX}, [(negative, COMPLEX)], FLOAT, values)
