"""Primes and perfect numbers, told by all() and any() over generator expressions."""

from __future__ import annotations

GROUP = "generators"
ARGS = (110_000,)


def run(n):
    primes = 0
    for p in range(2, n):
        if all(p % d for d in range(2, int(p**0.5) + 1)):
            primes += 1
    squares = 0
    for k in range(1, n // 40):
        if any(j * j == k for j in range(k + 1)):
            squares += 1
    return primes, squares
