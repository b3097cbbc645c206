"""Objects that do not leave an iteration: exits that make them, in constructors too, conditional and nested ones."""

from __future__ import annotations

from dataclasses import dataclass

from ..cases import case


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __mul__(self, by):
        return Vec(self.x * by, self.y * by)

    def dot(self, other):
        return self.x * other.x + self.y * other.y

    def same(self):
        return self


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.b = b
        self.a = a

    def total(self, plus=0):
        return self.a + self.b + plus


@dataclass
class Point:
    x: float
    y: float = 2.0

    def moved(self, by):
        return Point(self.x + by, self.y)


def hot_temporaries(n):
    a, total = Vec(0.5, 1.0), 0.0
    for i in range(n):  # native
        d = Vec(i * 0.5, 2.0) + a * 0.25
        total += d.dot(a) + d.same().x
    return total


def hot_slotted(n):
    total = 0
    for i in range(n):  # native
        total += Slotted(i, 2).total() + Slotted(i * 2, i).total(plus=i)
    return total


def hot_points(n):
    total = 0.0
    for i in range(n):  # native
        p = Point(i * 0.5).moved(1.5)
        total += p.x + p.y
    return total


def left_behind(n):
    p = None
    for i in range(n):
        p = Vec(i, i + 0.5)
    return p, p.x


def carried(n):
    p, v = Vec(0.0, 1.0), Vec(1.0, 0.5)
    for _ in range(n):
        v = v + p * 0.01
        p = p + v * 0.5
    return p, v


def raising(n, at):
    total = 0
    for i in range(n):
        d = Vec(i, 10 // (i - at))
        total += d.x + d.y
    return total


class Half:
    def __init__(self, n):
        self.first = n
        self.second = 100 // (n - 13)
        self.third = self.first + self.second


def half_made(n):
    kept, total = [], 0
    for i in range(n):
        try:
            h = Half(i)
            total += h.third
        except ZeroDivisionError as error:
            kept.append((i, str(error)))
    return total, kept


class Maybe:
    def __init__(self, n):
        if n % 3 == 0:
            self.extra = n
        self.n = n


def conditional(n):
    total = 0
    for i in range(n):
        m = Maybe(i)
        total += m.n
        if i % 3 == 0:
            total += m.extra
        if i == 14:
            total += len(vars(m)) * 100
    return total


def late(n):
    found = []
    for i in range(n):
        d, e = Vec(i, i), Vec(i, i)
        if i % 11 == 10:
            found.append((d, e, d is e, d is d.same(), vars(d)))
    return found


def big(n, start):
    total = 0
    for i in range(n):
        d = Vec(start + i, 2)
        total += d.x * 3 + d.y
    return total


def nested(n):
    total = 0
    for i in range(n):
        outer = Vec(Vec(i, 1), Slotted(2, i))
        total += outer.x.x + outer.y.total() + outer.x.y
    return total


def taken(n):
    total = 0
    for i in range(n):
        f = Vec(i, 2.0).dot
        total += f(Vec(1.5, 100 // (i - 50)))
    return total


def set_again(n):
    total = 0
    for i in range(n):
        d = Vec(i, 1)
        d.x = d.x + 1
        d.y += 2
        total += d.x + d.y
    return total


def deleted(n):
    total = 0
    for i in range(n):
        d = Vec(i, 1)
        if i == 15:
            del d.x
        try:
            total += d.x
        except AttributeError as error:
            total += len(str(error))
    return total


def compared(n):
    total = 0
    for i in range(n):
        a, b = Vec(i, 1), Vec(i, 1)
        total += (a is b) + 2 * (a == b) + 4 * isinstance(a, Vec) + 8 * (a != a)
    return total


def texts(n):
    out = []
    for i in range(n):
        p = Vec(f"<{i}>", [i])
        out.append(p.x)
        out.extend(p.y)
    return out


case(hot_temporaries, (20,), (3,), long=(3000,))
case(hot_slotted, (20,), long=(3000,))
case(hot_points, (20,), long=(3000,))
case(left_behind, (20,), (1,))
case(carried, (20,), (40,))
case(raising, (30, 50), (30, 20), (5, 2))
case(half_made, (30,), (12,))
case(conditional, (30,))
case(late, (40,))
case(big, (30, 1), (30, 2**62), (30, 2**63 - 15), (30, 0.5))
case(nested, (30,))
case(taken, (30,), (60,))
case(set_again, (30,))
case(deleted, (30,))
case(compared, (30,))
case(texts, (30,))
