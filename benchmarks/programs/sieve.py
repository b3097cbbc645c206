"""The sieve of Eratosthenes on a list of booleans."""

from __future__ import annotations

GROUP = "lists"
ARGS = (10_000_000,)


def run(limit):
    composite = [False] * (limit + 1)
    count = 0
    total = 0
    for number in range(2, limit + 1):
        if composite[number]:
            continue
        count += 1
        total += number
        multiple = number * number
        while multiple <= limit:
            composite[multiple] = True
            multiple += number
    return count, total
