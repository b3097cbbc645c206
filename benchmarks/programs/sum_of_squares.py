"""Sums, minima and counts that generator expressions feed."""

from __future__ import annotations

GROUP = "generators"
ARGS = (2_000_000,)


def run(n):
    squares = sum(i * i for i in range(n) if i % 3)
    smallest = min((i * 7919) % 10007 - i % 5 for i in range(1, n))
    largest = max(i % 1013 * (i % 7) for i in range(n))
    return squares, smallest, largest
