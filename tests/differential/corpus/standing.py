"""Builtin functions that stand for operations: those of `operator`, getattr, setattr, object.__setattr__."""

from __future__ import annotations

import dataclasses
import operator

from ..cases import case


def hot_operators(n, k):
    total = 0
    for i in range(n):  # native
        total = operator.add(total, operator.mul(i, k)) % 100003
        total = operator.sub(total, operator.floordiv(i, 3)) + operator.neg(i) + operator.mod(i, 7)
        if operator.lt(i, 5) or operator.ge(total, 9) and operator.ne(i, k):
            total += 1
    return total


def hot_bits(n):
    total = 0
    for i in range(n):  # native
        total = operator.xor(operator.and_(total, 65535), operator.or_(i, 6)) + operator.lshift(i, 2)
        total += operator.invert(operator.rshift(i, 1)) + operator.not_(i & 1) + operator.truth(i & 2)
        total += operator.is_(total, None) + operator.is_not(None, None)
    return total


def held(n, f, start):
    total = start
    for i in range(n):
        total = f(total, i)
    return total


class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __eq__(self, other):
        return self.x == other.x

    @property
    def size(self):
        return self.x * self.x

    def scaled(self, k):
        return self.x * k


def of_the_program(n):
    total, same = Vector(0, 1), 0
    for i in range(n):
        total = operator.add(total, Vector(i, 1.5))
        same += operator.eq(total, Vector(10, 0))
    return total.x, total.y, same


def failing(n, xs):
    out = []
    for i in range(n):
        try:
            out.append(operator.add(i, xs[i % len(xs)]))
        except TypeError as error:
            out.append(str(error))
        try:
            out.append(operator.add(i))
        except TypeError as error:
            out.append(str(error))
        try:
            out.append(operator.mod(i, i % 5))
        except ZeroDivisionError as error:
            out.append(str(error))
    return out


def hot_attributes(n):
    v, total = Vector(1, 2), 0
    for i in range(n):  # native
        setattr(v, "x", getattr(v, "x") + getattr(v, "y") + i)
        total += getattr(v, "scaled")(2)
    return total, v.x


def other_attributes(n):
    out = []
    for i in range(n):
        v = Vector(i, 2) if i % 3 else complex(i, 1)
        for name in ("x", "real", "size"):
            try:
                out.append(getattr(v, name))
            except AttributeError as error:
                out.append(str(error))
        try:
            setattr(v, "size", i)
        except AttributeError as error:
            out.append(str(error))
        out.append(setattr(Vector, "limit", i))
        out.append(getattr(v, "limit", None))
        try:
            getattr(v, i)
        except TypeError as error:
            out.append(str(error))
    del Vector.limit
    return out


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: float = 0.5

    def moved(self, dx):
        return Point(self.x + dx, self.y * 0.5)


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    x: int
    y: int = 3


@dataclasses.dataclass(frozen=True)
class Checked(Point):
    tags: list = dataclasses.field(default_factory=list)
    total: float = dataclasses.field(init=False, default=0.0)

    def __post_init__(self):
        object.__setattr__(self, "total", self.x + self.y)


def hot_frozen(n):
    p, total = Point(0), 0
    for i in range(n):  # native
        p = p.moved(i)
        q = Slotted(i)
        total += Point(x=i, y=2.0).y + p.x + q.x * q.y
    return total, p


def hot_checked(n):
    total = 0.0
    for i in range(n):  # native
        c = Checked(i, 1.5)
        total += c.total
    return total, c


def refused(n):
    out = []
    p = Point(1)
    for i in range(n):
        try:
            p.x = i
        except dataclasses.FrozenInstanceError as error:
            out.append(str(error))
        object.__setattr__(p, "x", i)
        object.__setattr__(p, "more", i)
        out.append(p.x + p.more)
        try:
            object.__setattr__(Point, "x", i)
        except TypeError as error:
            out.append(str(error))
        try:
            object.__setattr__(i, "x", i)
        except AttributeError as error:
            out.append(str(error))
        try:
            object.__setattr__(Slotted(i), "z", i)
        except AttributeError as error:
            out.append(str(error))
    return out


class Counted:
    def __init__(self):
        self.log = []

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        if name != "log":
            self.log.append(name)


class Doubled:
    n = 0

    @property
    def twice(self):
        return self.n * 2

    @twice.setter
    def twice(self, value):
        self.n = value // 2


def with_a_hook(n):
    c, d = Counted(), Doubled()
    for i in range(n):
        c.value = i
        object.__setattr__(d, "twice", i)
        object.__setattr__(c, "quiet", d.n)
    return len(c.log), c.value, c.quiet, d.twice


case(hot_operators, (90, 3), (90, 2.5), (0, 1), long=(4000, 3))
case(hot_bits, (90,), (400,), long=(4000,))
case(held, (60, operator.add, 0), (60, operator.add, 0.5), (60, operator.mul, 1), (60, operator.or_, 1), apart=True)
case(of_the_program, (80,))
case(failing, (60, (1, 2.5, "a", None)), (60, (1, 2)))
case(hot_attributes, (90,), (300,), long=(4000,))
case(other_attributes, (90,))
case(hot_frozen, (90,), (1,), long=(4000,))
case(hot_checked, (90,), long=(4000,))
case(refused, (80,))
case(with_a_hook, (90,))
