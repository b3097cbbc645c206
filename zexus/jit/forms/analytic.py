"""Native forms of the functions of `cmath`: its algorithms on finite numbers of ordinary size; others leave.

The algorithms are those of CPython's cmathmodule.c, which follows Kahan, Branch Cuts for Complex Elementary
Functions (1987).
"""

from __future__ import annotations

import math
import sys

from zexus import types
from zexus.jit.forms import complexes, numbers
from zexus.jit.forms.complexes import Parts, finite
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, COMPLEX, FLOAT

_LARGE = sys.float_info.max / 4.0
_LOG_LARGE = math.log(_LARGE)
_SMALL = sys.float_info.min


def call(t: Trace, name: str, args: list[Rep]) -> Rep:
    """A function of the module, by its name.

    Raises:
        Unsupported: an argument that is no number.
    """
    args = [numbers.narrow(t, arg, complexes.number) for arg in args]
    if not all(complexes.number(member) for arg in args for member in types.members(arg.type)):
        raise refuse(f"cmath.{name}()", *args)
    if name == "rect":
        if complexes.among(*args):
            raise refuse("cmath.rect()", *args)
        return Rep(COMPLEX, _rect(t, numbers.any_float(t, args[0]), numbers.any_float(t, args[1])))
    z = complexes.parts(t, args[0])
    if name in ("isnan", "isinf", "isfinite"):
        tests = [t.emit(f"MATH_{name.upper()}", (part,), "i1") for part in z]
        return Rep(BOOL, (t.emit("AND" if name == "isfinite" else "OR", tests, "i1"),))
    finite(t, *z)
    if name == "phase":
        made = _phase(t, z)
        # Where it underflows, some versions of CPython take the C library's word for an error.
        large = t.emit("GE", (_size(t, made), t.k("f64", _SMALL)), "i1")
        t.guard(t.emit("OR", (large, t.emit("EQ", (z[1], t.k("f64", 0.0)), "i1")), "i1"), "ZX033")
        return Rep(FLOAT, (made,))
    if name == "polar":
        return t.tuple_of([Rep(FLOAT, (_absolute(t, z),)), Rep(FLOAT, (_phase(t, z),))])
    forms = {"exp": _exp, "sqrt": _sqrt, "log": _log, "sin": _sin, "cos": _cos, "sinh": _sinh, "cosh": _cosh}
    return Rep(COMPLEX, forms[name](t, z))


def _absolute(t: Trace, z: Parts) -> Value:
    return t.emit("HYPOT", z, "f64", None, "ZX033")


def _phase(t: Trace, z: Parts) -> Value:
    return t.emit("MATH_ATAN2", (z[1], z[0]), "f64")


def _math(t: Trace, name: str, x: Value) -> Value:
    return t.emit(f"MATH_{name}", (x,), "f64", None, "ZX033")


def _float(t: Trace, op: str, x: Value, y: Value) -> Value:
    return t.emit(op, (x, y), "f64")


def _guard(t: Trace, op: str, x: Value, limit: float) -> None:
    t.guard(t.emit(op, (x, t.k("f64", limit)), "i1"), "ZX033")


def _size(t: Trace, x: Value) -> Value:
    return t.emit("ABS", (x,), "f64")


def _exp(t: Trace, z: Parts) -> Parts:
    _guard(t, "LE", z[0], _LOG_LARGE)
    made = complexes.turn(t, _math(t, "EXP", z[0]), z[1])
    finite(t, *made)
    return made


def _rect(t: Trace, length: Value, phase: Value) -> Parts:
    finite(t, length, phase)
    turned = complexes.turn(t, length, phase)
    straight = length, _float(t, "MUL", length, phase)
    flat = t.emit("EQ", (phase, t.k("f64", 0.0)), "i1")
    return (t.emit("SELECT", (flat, straight[0], turned[0]), "f64"),
            t.emit("SELECT", (flat, straight[1], turned[1]), "f64"))


def _sqrt(t: Trace, z: Parts) -> Parts:
    """Numbers so small that their squares underflow leave, but for zero."""
    x, y = _size(t, z[0]), _size(t, z[1])
    zero = t.k("f64", 0.0)
    nothing = t.emit("AND", (t.emit("EQ", (x, zero), "i1"), t.emit("EQ", (y, zero), "i1")), "i1")
    small = t.k("f64", _SMALL)
    ordinary = t.emit("OR", (t.emit("GE", (x, small), "i1"), t.emit("GE", (y, small), "i1")), "i1")
    t.guard(t.emit("OR", (nothing, ordinary), "i1"), "ZX033")
    eighth = t.k("f64", 0.125)
    x = _float(t, "MUL", x, eighth)
    size = t.emit("HYPOT", (x, _float(t, "MUL", y, eighth)), "f64", None, "ZX033")
    s = _float(t, "MUL", t.k("f64", 2.0), _math(t, "SQRT", _float(t, "ADD", x, size)))
    d = _float(t, "TRUEDIV", y, _float(t, "MUL", t.k("f64", 2.0), s))
    right = t.emit("GE", (z[0], zero), "i1")
    real = t.emit("SELECT", (right, s, d), "f64")
    imag = _float(t, "MATH_COPYSIGN", t.emit("SELECT", (right, d, s), "f64"), z[1])
    return (t.emit("SELECT", (nothing, zero, real), "f64"), t.emit("SELECT", (nothing, z[1], imag), "f64"))


def _log(t: Trace, z: Parts) -> Parts:
    """Numbers whose absolute value might overflow or underflow leave, and so does zero."""
    x, y = _size(t, z[0]), _size(t, z[1])
    _guard(t, "LE", x, _LARGE)
    _guard(t, "LE", y, _LARGE)
    small = t.k("f64", _SMALL)
    t.guard(t.emit("OR", (t.emit("GE", (x, small), "i1"), t.emit("GE", (y, small), "i1")), "i1"), "ZX033")
    size = _absolute(t, z)
    near = t.emit("AND", (t.emit("GE", (size, t.k("f64", 0.71)), "i1"),
                          t.emit("LE", (size, t.k("f64", 1.73)), "i1")), "i1")
    more = t.emit("GT", (x, y), "i1")
    large, less = t.emit("SELECT", (more, x, y), "f64"), t.emit("SELECT", (more, y, x), "f64")
    one = t.k("f64", 1.0)
    squares = _float(t, "MUL", _float(t, "SUB", large, one), _float(t, "ADD", large, one))
    inner = _float(t, "ADD", squares, _float(t, "MUL", less, less))
    # Far from the circle another argument takes its place, which is in the domain.
    inner = t.emit("SELECT", (near, inner, one), "f64")
    close = _float(t, "TRUEDIV", _math(t, "LOG1P", inner), t.k("f64", 2.0))
    return t.emit("SELECT", (near, close, _math(t, "LOG", size)), "f64"), _phase(t, z)


def _hyperbolic(t: Trace, z: Parts, first: str, second: str) -> Parts:
    _guard(t, "LE", _size(t, z[0]), _LOG_LARGE)
    made = (_float(t, "MUL", _math(t, "COS", z[1]), _math(t, first, z[0])),
            _float(t, "MUL", _math(t, "SIN", z[1]), _math(t, second, z[0])))
    finite(t, *made)
    return made


def _sinh(t: Trace, z: Parts) -> Parts:
    return _hyperbolic(t, z, "SINH", "COSH")


def _cosh(t: Trace, z: Parts) -> Parts:
    return _hyperbolic(t, z, "COSH", "SINH")


def _turned(t: Trace, z: Parts) -> Parts:
    """The number times i."""
    return t.emit("NEG", (z[1],), "f64"), z[0]


def _sin(t: Trace, z: Parts) -> Parts:
    real, imag = _sinh(t, _turned(t, z))
    return imag, t.emit("NEG", (real,), "f64")


def _cos(t: Trace, z: Parts) -> Parts:
    return _cosh(t, _turned(t, z))
