"""The recursive Fibonacci function."""

from __future__ import annotations

GROUP = "recursion"
ARGS = (35,)


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def run(n):
    return fib(n)
