"""A pipeline of generator functions: numbers, a filter, running means."""

from __future__ import annotations

GROUP = "generators"
ARGS = (2_000_000,)


def numbers(n):
    state = 17
    for _ in range(n):
        state = (state * 1103515245 + 12345) % 2147483648
        yield state % 1000


def even(values):
    for value in values:
        if value % 2 == 0:
            yield value


def means(values):
    total = count = 0
    for value in values:
        total += value
        count += 1
        yield total / count


def run(n):
    last = 0.0
    for mean in means(even(numbers(n))):
        last = mean
    return last
