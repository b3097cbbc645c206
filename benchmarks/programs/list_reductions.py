"""Reductions over lists of integers: sum, minimum, maximum, dot product, count of matches."""

from __future__ import annotations

GROUP = "reductions"
ARGS = (1_000_000, 2)


def setup(n, passes):
    return [i * 7919 % 1009 for i in range(n)], [i % 31 for i in range(n)], passes


def run(a, b, passes):
    total = dot = matches = 0
    low, high = a[0], a[0]
    for _ in range(passes):
        for i in range(len(a)):
            x = a[i]
            total += x
            dot += x * b[i]
            if x < low:
                low = x
            if x > high:
                high = x
            if x % 31 == b[i]:
                matches += 1
    return total, dot, matches, low, high
