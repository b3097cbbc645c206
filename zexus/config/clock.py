"""Time as a program has it for itself, and the calibration loop that it is counted in."""

from __future__ import annotations

import time

_EXPONENT, _MODULUS = (1 << 400) - 1, (1 << 2203) - 1
_TIMES = 3


def now() -> float:
    """The wall clock, less the time that this thread has waited for a processor where the system tells that.

    Differences do not grow with what else the machine has to do, and still count what the program itself waits for.
    """
    before = _waited()
    while True:
        found, after = time.perf_counter(), _waited()
        if before == after:  # it did not have to wait between the two looks
            return found - after
        before = after


def _waited() -> float:
    try:
        with open("/proc/thread-self/schedstat", "rb") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def unit() -> float:
    """How long the calibration loop takes: the least of a few times.

    It is one of CPython's own, in C: a power of long integers. A loop in Python would take up to a fifth longer in one
    process than in the next, by where its code happens to lie, and compiled loops would not follow it.
    """
    return min(_power() for _ in range(_TIMES))


def _power() -> float:
    start = now()
    pow(3, _EXPONENT, _MODULUS)
    return now() - start
