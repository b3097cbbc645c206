"""Whether this interpreter and its NumPy compute complex numbers as native code does: told by samples.

Compilers may fuse operations, and versions differ in their formulas.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

# Numbers on which one rounding more or less shows.
_SAMPLES = (
    (-3.1100204390685737e-06 + 1.2210936465117064j, 1 + 2j), (0.1 + 0.3j, 0.7 - 0.9j), (1.1 - 2.3j, -0.3 + 1.9j),
    (-3.7 + 0.01j, 0.13 + 7.1j), (1e16 + 1j, 1.0000000000000002 + 1e-16j),
)


@cache
def python() -> bool:
    """Whether this interpreter computes as native code does, rounds each operation on its own, and mends no NaN."""
    large = complex(math.inf, math.inf) * 1j, 1j * math.inf
    return _rounds_each(complex, False) and all(math.isnan(z.real) for z in large) and math.isnan(large[0].imag)


@cache
def numpy() -> bool:
    """Whether NumPy's scalars are computed as native code does."""
    import numpy as np

    return _rounds_each(np.complex128, True)


def _rounds_each(kind: Callable[[complex], complex], by_reciprocal: bool) -> bool:
    """Whether the products and quotients of the samples are those of the formulas."""
    for pair in _SAMPLES:
        for a, b in (pair, pair[::-1]):
            made = complex(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real)
            if kind(a) * kind(b) != made or kind(a) / kind(b) != _smith(a, b, by_reciprocal):
                return False
    return True


def _smith(a: complex, b: complex, by_reciprocal: bool) -> complex:
    """A quotient as `complexes.quotient` computes it."""
    if abs(b.real) >= abs(b.imag):
        ratio = b.imag / b.real
        below = b.real + b.imag * ratio
        above = a.real + a.imag * ratio, a.imag - a.real * ratio
    else:
        ratio = b.real / b.imag
        below = b.real * ratio + b.imag
        above = a.real * ratio + a.imag, a.imag * ratio - a.real
    if not by_reciprocal:
        return complex(above[0] / below, above[1] / below)
    return complex(above[0] * (1.0 / below), above[1] * (1.0 / below))


@cache
def damping() -> str:
    """How `_Py_c_pow` of this version has the imaginary part of the exponent shorten its result.

    "TRUEDIV": it divides by the exponential function of the angle; "MUL": it multiplies by that of the negated one;
    "": neither.
    """
    (a, b), *_ = _SAMPLES
    length, angle = math.hypot(a.real, a.imag) ** b.real, math.atan2(a.imag, a.real)
    phase = angle * b.real + b.imag * math.log(math.hypot(a.real, a.imag))
    candidates = {"TRUEDIV": length / math.exp(angle * b.imag), "MUL": length * math.exp(-angle * b.imag)}
    return next((row for row, shortened in candidates.items()
                 if a**b == complex(shortened * math.cos(phase), shortened * math.sin(phase))), "")
