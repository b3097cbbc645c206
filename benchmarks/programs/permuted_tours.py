"""The shortest round trip through a few towns, by all permutations."""

from __future__ import annotations

from itertools import permutations

GROUP = "itertools"
ARGS = (9,)


def run(towns):
    far = [[abs(i * i % 17 - j * 5 % 13) + i + j for j in range(towns)] for i in range(towns)]
    best = 10**9
    for tour in permutations(range(towns)):
        total = 0
        at = tour[-1]
        for town in tour:
            total += far[at][town]
            at = town
        if total < best:
            best = total
    return best
