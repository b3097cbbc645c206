"""Loops over several iterators side by side that have no cursors: numbers without an end, cycles, fillings, those that others have."""

from __future__ import annotations

import itertools
from collections import deque

from ..cases import case


def numbered(xs):
    total = 0
    for x, i in zip(xs, itertools.count(1)):  # native
        total += i * x
    return total


def cycled(xs, ys):
    total = 0
    for x, y in zip(xs, itertools.cycle(ys)):  # native
        total += x * y
    return total


def filled(xs, ys):
    total = 0
    for x, y in itertools.zip_longest(xs, ys, fillvalue=0):  # native
        total += x * y + 1
    return total


def known_numbers(xs):
    numbers, total = itertools.count(), 0
    for x, i in zip(xs, numbers):
        total += i * x
    return total, next(numbers)


def known_items(xs):
    it, others, total = iter(xs), itertools.cycle([1, 2, 3]), 0
    for a, b in zip(it, it):
        total += a * b
    for a, b in zip(iter(xs), others):
        total += a * b
    return total, list(it), next(others)


def in_turn(xs):
    total, steps = 0, itertools.count(1.5, 0.5)
    for i, x in zip(itertools.count(), xs):
        total += i * x
    for step, x in zip(steps, xs):
        total += step * x
    for x, (i, y) in zip(xs, zip(itertools.count(), xs)):
        total += i * x - y
    return total, next(steps)


def changed(xs, n):
    """What the body takes away is missed by one more question only."""
    keys, found = dict.fromkeys(xs), []
    queue = deque(xs)
    for key, i in zip(keys, range(n)):
        found.append((key, i))
        if i == n - 1:
            keys["new"] = 1
    for item, i in zip(queue, range(n)):
        found.append((item, i))
        if i == n - 1:
            queue.append(item)
    try:
        for key, i in zip(keys, itertools.count()):
            found.append(key)
            if i == n - 1:
                del keys["new"]
    except RuntimeError as error:
        found.append(str(error))
    return found


def strictly(xs, ys):
    total = 0
    try:
        for x, i, y in zip(xs, itertools.cycle(ys), ys, strict=True):
            total += x * i - y
    except ValueError as error:
        return total, str(error)
    return total


def unread(xs):
    """Items that nobody looks at end as they would in CPython."""
    total = 0
    for a, _ in itertools.pairwise(xs):
        total += a
    for _, i in zip(map(str, xs), itertools.count()):
        total += i
    for pair in itertools.zip_longest(xs, xs[1:]):
        total += len(pair)
    return total


LONG = list(range(60))
case(numbered, ([],), ([1, 2.5],), (["a", "b"],), ({3: 1, 4: 1},), (None,), long=lambda: (list(range(900)),))
case(cycled, ([], []), ([1], []), ([1, 2.5, 3], (1, 2)), (["a"], [2]), long=lambda: (list(range(900)), [3, 1, 2]))
case(filled, ([], []), ([1], []), ([1, 2.5, 3], (1, 2)), (["a"], [2]), ([1], {3: 4, 5: 6}), long=lambda: (list(range(500)), list(range(900))))
case(known_numbers, ([],), (LONG,), ([1, 2.5],))
case(known_items, ([],), (LONG,), (LONG[:7],), ([1, 2.5, 3],))
case(in_turn, ([],), (LONG,), ([1, 2.5],), (["a"],))
case(changed, (LONG, 30), (LONG, 60), ([1, 2, 3], 2), ([], 1))
case(strictly, (LONG, LONG), (LONG, LONG[:5]), (LONG[:5], LONG), ([], []))
case(unread, (LONG,), ([],), ([1],), ([1, 2.5, 3],))
