"""Headers of loops, and tests of statements that hold loops, that only Python evaluates."""

from __future__ import annotations

from ..cases import case

NOTHING: dict[str, int] = {}


def columns(rows, n):
    total = 0
    for k in range(n):
        for a, b in zip(*rows):
            total += a * b + k
    return total


def by_keywords(n):
    total = 0
    for k in range(n):
        for item in sorted(range(k % 9), **NOTHING):
            total = total * 3 % 10_007 + item
        else:
            total += 1
    return total


def mapped(rows, n):
    total = 0
    for k in range(n):
        for item in map(lambda item: item + k, rows[0]):  # noqa: B023
            if item > 40:
                break
            total += item
    return total


def while_called(n):
    total = 0
    for k in range(n):
        left = k % 7
        while positive(left, **NOTHING):
            total += left
            left -= 1
            if left == 4:
                continue
            for i in range(left):
                total += i
    return total


def positive(value):
    return value > 0


def if_called(n):
    total = 0
    for k in range(n):
        if positive(k % 3, **NOTHING) and k % 5:
            for i in range(k % 8):
                total += i
        elif positive(*[k % 2]):
            for i in range(3):
                total -= i
    return total


def failing(rows, n, at):
    total = 0
    for k in range(n):
        for a in zip(*rows, *([rows[0]] if k < at else [k])):
            total += a[0]
    return total


def failing_in_a_test(n, at):
    total = 0
    for k in range(n):
        left = k % 4
        while positive(*([left] if k < at else [None])) and total >= 0:
            for i in range(3):
                total += i
            left -= 1
    return total


def assigned_by_test(n):
    total = 0
    for k in range(n):
        total += k % 2
        while (left := positive(total % 4, **NOTHING)):
            for i in range(2):
                total += i
        total += left
    return total


def returned(rows, n):
    for k in range(n):
        for a, b in zip(*rows):
            if a * b + k > n:
                return a, b, k
    return None


case(columns, ([[1, 2, 3], [4, 5, 6]], 30), ([[1.5], [2]], 20), ([[], []], 5), ([[1], [2], [3]], 3))
case(by_keywords, (40,))
case(mapped, ([list(range(12))], 40))
case(while_called, (40,))
case(if_called, (60,))
case(failing, ([[1, 2, 3]], 40, 50), ([[1, 2, 3]], 40, 20))
case(failing_in_a_test, (40, 50), (40, 20))
case(assigned_by_test, (40,))
case(returned, ([[1, 2, 3], [4, 5, 6]], 30), ([[1], [1]], 30))
