"""Ackermann's function and a recursive count of change: calls, and calls in arguments."""

from __future__ import annotations

GROUP = "recursion"
ARGS = (2, 300, 700)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def change(amount, coin):
    if amount == 0:
        return 1
    if amount < 0 or coin == 0:
        return 0
    if coin == 1:
        return 1
    smaller = coin // 2
    return change(amount - coin, coin) + change(amount, smaller)


def run(m, n, amount):
    total = 0
    for _ in range(8):
        total += ackermann(m, n)
    return total, change(amount, 50)
