"""Pairs of numbers with a given sum."""

from __future__ import annotations

GROUP = "dicts"
ARGS = (400_000, 100_003)


def setup(count, target):
    return [(i * 7919 + i * i) % 200_003 for i in range(count)], target


def run(numbers, target):
    seen = {}
    pairs = 0
    far = 0
    for i, number in enumerate(numbers):
        other = target - number
        if other in seen:
            pairs += 1
            far = max(far, i - seen[other])
        seen[number] = i
    return pairs, far
