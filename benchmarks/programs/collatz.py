"""The start below a limit with the longest Collatz chain."""

from __future__ import annotations

GROUP = "scalar"
ARGS = (170_000,)


def run(limit):
    best = 0
    longest = 0
    for start in range(1, limit):
        n = start
        length = 1
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            length += 1
        if length > longest:
            longest = length
            best = start
    return best, longest
