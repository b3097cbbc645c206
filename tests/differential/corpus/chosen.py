"""`min` and `max` by a key that is written where it is used."""

from __future__ import annotations

import traceback

from ..cases import case


class Seen(Exception):
    pass


class Weight:
    def __init__(self, w):
        self.w = w

    def __lt__(self, other):
        return self.w < other.w

    def __repr__(self):
        return f"Weight({self.w})"


def places(error):
    return [(entry.name, entry.line, entry.lineno) for entry in traceback.extract_tb(error.__traceback__)]


def nearest(points, n):
    found = []
    for k in range(n):
        found.append(min(points, key=lambda p: abs(p - k)))
        best = max(points, key=lambda p: (p % 3, -p))
        found.append(best + min(range(len(points)), key=lambda i: points[i] * (k % 3 - 1)))
    return found


def ties(n):
    total = []
    for k in range(n):
        total.append(max([(1, k), (2, 0), (2, k), (0, 9)], key=lambda pair: pair[0]))
        total.append(min([3, 1.0, True, 2], key=lambda x: x))
        total.append(max("banana", key=lambda c: "abn".count(c)))
    return total


def empty(n):
    found = []
    for k in range(n):
        items = [k] * (k % 2)
        try:
            found.append(min(items, key=lambda x: -x))
        except ValueError as error:
            found.append((str(error), places(error)))
    return found


def failing(items, n):
    found = []
    for k in range(n):
        try:
            found.append(max(items, key=lambda x: 10 // (x - k)))
        except ZeroDivisionError as error:
            found.append(places(error))
        except TypeError as error:
            found.append((str(error), places(error)))
    return found


def not_to_be_compared(n):
    found = []
    for k in range(n):
        try:
            found.append(min([1, "a", 2], key=lambda x: x if k % 3 else len(str(x))))
        except TypeError as error:
            found.append((str(error), places(error)))
        try:
            found.append(max(k if k % 4 == 3 else [k, 0], key=lambda x: x))
        except TypeError as error:
            found.append((str(error), places(error)))
    return found


def in_order(n):
    log = []
    for k in range(n):
        chosen = min((log.append(("item", i)) or i for i in range(3)), key=lambda i: log.append(("key", i)) or -i)
        log.append(chosen)
    return log


def of_objects(n):
    chosen = []
    for k in range(n):
        weights = [Weight((i * k) % 7) for i in range(5)]
        chosen.append((min(weights, key=lambda w: w), max(weights, key=lambda w: w.w).w))
    return chosen


def changing(n):
    found = []
    for k in range(n):
        items = [3, 1, 2]
        found.append(max(items, key=lambda x: items.append(0) or x if len(items) < 6 else x))
        found.append(items)
    return found


def rebound(n):
    found = []
    scale = 1
    for k in range(n):
        found.append(min(range(-3, 4), key=lambda x: (x * scale - k) ** 2))
        scale = -scale
    return found


def shadowed(n):
    def min(items, key):
        return [key(item) for item in items]

    return [min(range(k), key=lambda x: x + 1) for k in range(n)], min((1, 2), key=lambda x: 2 * x)


def with_nan(n):
    nan = float("nan")
    found = []
    for k in range(n):
        found.append(str(max([1.0, nan, 2.0], key=lambda x: x * k)))
        found.append(str(min([nan, 1.0, 2.0], key=lambda x: x - k)))
    return found


def stopped(n):
    found = []
    for k in range(n):
        try:
            found.append(max(range(5), key=lambda x: next(iter([x] * (x + k > 3)))))
        except StopIteration as error:
            found.append(places(error))
    return found


def of_others(n):
    found = []
    for k in range(n):
        found.append(max({"a": k, "b": 3}, key=lambda name: len(name) + k))
        found.append(min({"a": k, "b": 3}.items(), key=lambda pair: pair[1]))
        found.append(max(zip("xyz", (3, k, 1)), key=lambda pair: pair[1]))
        found.append(min([1, 2], default=5, key=lambda x: -x))
        found.append(max(1, 2, key=lambda x: -x))
        found.append(min([[k, 2], [0]], key=lambda x, y=2: x[0] * y))
    return found


def left_by_an_error(n):
    for k in range(n):
        k += max([1, 2, 3], key=lambda x: x if k < n - 2 else x[0])
    return k


case(nearest, ([3, 8, 1, 12], 30), ([0.5, 7.25], 30), ([1, 2.5, 2**70], 12), ([True, 4], 9), ([], 3))
case(ties, (30,))
case(empty, (30,))
case(failing, ([1, 40, 3], 30), ([1.5, 2], 20), ([1, "a"], 9), ([None], 4))
case(not_to_be_compared, (30,))
case(in_order, (20,))
case(of_objects, (30,))
case(changing, (20,))
case(rebound, (40,))
case(shadowed, (20,))
case(with_nan, (30,))
case(stopped, (20,))
case(of_others, (30,))
case(left_by_an_error, (30,))
