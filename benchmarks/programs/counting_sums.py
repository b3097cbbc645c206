"""Counting loops: sums of squares, differences and bits of small integers of a range."""

from __future__ import annotations

GROUP = "reductions"
ARGS = (3_000_000,)


def run(n):
    squares = bits = signs = 0
    for i in range(n):
        squares += i * i
        bits += (i >> 3) & 7
        signs += 1 if i & 1 else -1
    return squares, bits, signs
