"""`reduce` with functions of all kinds, and `next` of generator expressions: first items, defaults, and what is replaced."""

from __future__ import annotations

import functools
import operator
from functools import reduce

from ..cases import case


def mixed(xs):
    return reduce(lambda a, b: (a * 31 + b) % 1000003, xs)  # native


def begun(xs):
    return functools.reduce(lambda a, b: a ^ b, xs, 0)  # native


def added(a, b):
    return a + b


def hot(xs, n):
    total = 0
    for i in range(n):  # native
        total += reduce(added, xs, i) + reduce(lambda a, b: max(a, b - i), xs)
    return total


def of_operators(xs):
    return reduce(operator.add, xs), 1 + reduce(max, xs, xs[0]) * 2, functools.reduce(operator.mul, (x for x in xs), 1)


def captured(xs, k):
    def grown(a, b, step=2):
        return a + b * k + step

    k += 1
    return reduce(grown, xs), reduce(lambda a, b: (a, b, k), xs, None)


def noted(log, what):
    log.append(what)
    return what


def in_order(xs):
    log = []
    try:
        found = noted(log, 1) + reduce(noted(log, lambda a, b: noted(log, a) + b), noted(log, xs), noted(log, 5))
    except TypeError as error:
        found = str(error)
    return found, len(log), log[2:]


def failing(xs):
    found = []
    for function in (added, None, lambda a: a, lambda a, b: a // b):
        for first in ((), (1,)):
            try:
                found.append(reduce(function, xs, *first) if first else reduce(function, xs))
            except (TypeError, ZeroDivisionError) as error:
                found.append(repr(error))
    return found


class Strange:
    def __iter__(self):
        raise TypeError("no way")


class Own:
    def __init__(self, items):
        self.items = items

    def __getitem__(self, index):
        return self.items[index]


case(mixed, ([1],), ([],), ((1, 2, 3),), ({1: 2, 3: 4},), ("ab",), ({3},), (range(9),), ([1, "a"],), ([1.5, 2],), (None,), (5,),
     lambda: (iter([1, 2, 3]),), lambda: (map(abs, [1, -2]),), lambda: (Strange(),), lambda: (Own([1, 2]),), lambda: (Strange,), long=lambda: (list(range(900)),))
case(begun, ([1],), ([],), ((1, 2, 3),), (range(9),), ([1, "a"],), (None,), lambda: (Strange(),), long=lambda: (list(range(900)),))
case(hot, ([], 3), ([1, 2], 0), ([1.5, 2], 9), long=lambda: (list(range(40)), 300))
case(of_operators, ([3, 1, 2],), ([1.5],), ([],), (["a", "b"],), apart=True)
case(captured, ([3, 1, 2], 4), ([], 1), ([1.5, None], 2))
case(in_order, ([3, 1, 2],), ([],), (None,), ([1, None],))
case(failing, ([3, 1, 2],), ([],), ([0],), ([1, 0],), (7,))


def first_above(xs, least):
    return next((x for x in xs if x * x > least), None)  # native


def first_of(xs, least):
    return next(x * 2 for x in xs if x > least)  # native


def first_pair(xs, least):
    return next(((x, y) for x in xs for y in xs if x * y > least and x != y), -1)


def many(xs, n):
    total = 0
    for i in range(n):  # native
        found = next((k for k, x in enumerate(xs) if x > i), -1)
        total += found if found >= 0 else next(iter(xs))
    return total


def those_left(xs):
    it = iter(xs)
    found = [next((x for x in it if x > 2), None), next(it, "none")]
    found.append(next(x for x in it))
    return found, list(it)


def with_defaults(xs, other):
    return next((x for x in xs if x is None), other), next((x for x in xs), len(xs)), next(iter(xs), other)


def replaced(xs):
    next = min  # noqa: A001
    return next(x for x in xs), next((x for x in xs), [[0]])


case(first_above, ([1, 2, 3], 3), ([1], 5), ([], 1), ("ab", 1), ([1, "a"], 3), (None, 1), ([1.5, 2.5], 3), long=lambda: (list(range(900)), 700_000))
case(first_of, ([1, 2, 3], 1), ([1], 5), ([], 1), ([1, "a"], 3), long=lambda: (list(range(900)), 800))
case(first_pair, ([1, 2, 3], 3), ([1, 2, 3], 30), ([], 1), (list(range(60)), 3000))
case(many, ([1, 2, 3], 9), ([], 3), long=lambda: (list(range(90)), 300))
case(those_left, lambda: ([1, 2, 3, 4, 5, 6],), lambda: ([1, 2],), lambda: ([3, 4],), apart=True)
case(with_defaults, ([1, None], 3), ([], 4))
case(replaced, ([2, 1],), ([],))
