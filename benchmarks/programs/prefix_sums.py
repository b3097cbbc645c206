"""Prefix sums appended to a list, and many range sums asked of them."""

from __future__ import annotations

GROUP = "lists"
ARGS = (1_500_000, 1_500_000)


def setup(n, questions):
    values = [(i * 7919) % 1009 - 500 for i in range(n)]
    return values, questions


def run(values, questions):
    sums = [0]
    total = 0
    for value in values:
        total += value
        sums.append(total)
    best = 0
    state = 1
    n = len(values)
    for _ in range(questions):
        state = (state * 1103515245 + 12345) % 2147483648
        low = state // 3 % n
        high = low + state // 7 % 1000
        if high > n:
            high = n
        answer = sums[high] - sums[low]
        if answer > best:
            best = answer
    return total, best
