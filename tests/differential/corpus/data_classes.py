"""Data classes that are compared: by the methods that `dataclasses` writes, with others, and with what is not alike."""

from __future__ import annotations

import dataclasses

from ..cases import case


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: float


@dataclasses.dataclass(order=True)
class Item:
    priority: float
    name: str = "a"


@dataclasses.dataclass
class Empty:
    pass


@dataclasses.dataclass
class More(Item):
    weight: int = 0


@dataclasses.dataclass(order=True)
class Pretending:
    n: int

    @property
    def __class__(self):
        return int if self.n % 3 == 0 else Pretending


def hot_equal(n):
    points, wanted, found = [Point(i % 9, i % 4 * 0.5) for i in range(40)], Point(3, 1.5), 0
    for i in range(n):  # native
        if points[i % 40] == wanted:
            found += i
        found += points[i % 40] == Point(i % 9, 0.0)
    return found


def hot_ordered(n):
    items = [Item(i * 7 % 50 * 0.5, "ab"[i % 2]) for i in range(60)]
    best, worst, total = items[0], items[0], 0
    for i in range(n):  # native
        item = items[i % 60]
        if item < best:
            best = item
        if item > worst:
            worst = item
        total += (item <= best) + (item >= worst) * 2
    return best, worst, total


def compared(n, others):
    one, out = Item(2.0, "b"), []
    for i in range(n):
        other = others[i % len(others)]
        out.append((one == other, one != other, other == one))
        try:
            out.append(one < other)
        except TypeError as error:
            out.append(str(error))
        try:
            out.append(other >= one)
        except TypeError as error:
            out.append(str(error))
    return out


def pretended(n):
    out = []
    for i in range(n):
        one, two = Pretending(i), Pretending(i * i % 5)
        out.append(one == two)
        try:
            out.append(one < two)
        except TypeError as error:
            out.append(str(error))
    return out


def without_fields(n):
    return sum(Empty() == Empty() for _ in range(n))


def exchanged(n):
    a, b, out = Point(1, 2), Point(1, 2.0), []
    kept = Point.__eq__
    for i in range(n):
        out.append(a == b)
        if i == n // 2:
            Point.__eq__ = lambda self, other: "other"
        if i == n - 9:
            Point.__eq__ = kept
    return out


def nans(n):
    nan = float("nan")
    points = [Point(1, nan), Point(1, nan), Point(1, float("nan")), Point(2, nan)]
    return [points[i % 4] == points[i // 4 % 4] for i in range(n)]


case(hot_equal, (90,), long=(4000,))
case(hot_ordered, (90,), long=(4000,))
case(compared, lambda: (80, [Item(2.0, "b"), Item(1.0), Item(2, "c")]), lambda: (80, [Item(2.0, "b"), 3, "b", None]),
     lambda: (80, [More(2.0, "b"), Item(2.0, "b"), (2.0, "b")]), lambda: (80, [Item("x"), Item(None), Item(2.0, 3)]))
case(pretended, (80,))
case(without_fields, (80,))
case(exchanged, (80,))
case(nans, (96,))
