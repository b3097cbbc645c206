"""Ratios of two lists where a divisor may be zero, which an exception handler takes care of."""

from __future__ import annotations

GROUP = "handlers"
VARIANTS = {"1%": (2_000_000, 100), "10%": (2_000_000, 10)}


def setup(n, every):
    return [(i * 7919) % 1009 for i in range(n)], [i % every for i in range(n)]


def run(above, below):
    total = 0.0
    failures = 0
    for i in range(len(above)):
        try:
            total += above[i] / below[i]
        except ZeroDivisionError:
            failures += 1
    return total, failures
