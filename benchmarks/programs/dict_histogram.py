"""A histogram of numbers in a dict with ints for keys."""

from __future__ import annotations

GROUP = "dicts"
ARGS = (500_000,)


def run(count):
    state = 17
    bins = {}
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        key = state // 65536 % 500
        bins[key] = bins.get(key, 0) + 1
    return len(bins), max(bins.values()), sum(k * v for k, v in bins.items())
