"""Time as a program has it for itself, and the plain loop that it is counted in."""

from __future__ import annotations

import time

_ITERATIONS = 100_000
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
    """How long a loop in plain Python takes: the least of a few times."""
    return min(_plain_loop() for _ in range(_TIMES))


def _plain_loop() -> float:
    start = now()
    found = 0
    for i in range(_ITERATIONS):
        found = (found * 31 + i) % 1_000_003
    return now() - start
