"""What an object is (isinstance), and whether it counts as true: of many classes, that answer in their own way, or change."""

from __future__ import annotations

import abc
import collections
import functools
import numbers

from ..cases import case


class Base:
    def __init__(self, n):
        self.n = n

    def area(self):
        return self.n


class Square(Base):
    def area(self):
        return self.n * self.n


class Circle(Base):
    def area(self):
        return 3 * self.n * self.n


class Claiming:
    asked = 0

    @property
    def __class__(self):
        Claiming.asked += 1
        return Square


class Meta(type):
    def __instancecheck__(cls, instance):
        return True


class Anything(metaclass=Meta):
    pass


class Abstract(abc.ABC):
    pass


Abstract.register(Square)


def areas(things, n):
    total = 0
    for _ in range(n):
        for thing in things:
            if isinstance(thing, Square):
                total += thing.area()
            elif isinstance(thing, (Circle, int)):
                total += 1
            else:
                total += 1000
    return total


def hot_areas(n):
    things, total = [Square(2), Circle(3), Square(4), Circle(1)], 0
    for _ in range(n):  # native
        for thing in things:
            if isinstance(thing, Square):
                total += thing.area()
            elif isinstance(thing, Circle):
                total -= thing.area()
    return total


def asked_otherwise(things, n):
    Claiming.asked, found = 0, []
    for _ in range(n):
        for thing in things:
            found.append((isinstance(thing, Square), isinstance(thing, Anything), isinstance(thing, Abstract), isinstance(thing, numbers.Real)))
    return found[-5:], Claiming.asked


def plain_kinds(items):
    found = [0, 0, 0, 0, 0]
    for item in items:
        found[0] += isinstance(item, int)
        found[1] += isinstance(item, (float, str))
        found[2] += isinstance(item, object)
        found[3] += isinstance(item, list)
        found[4] += isinstance(item, type(None))
    return found


def changing(n):
    thing, total = Square(2), 0
    for i in range(n):
        total += isinstance(thing, Square) + 10 * isinstance(thing, Base)
        if i == n - 9:
            thing.__class__ = Circle
    return total


def rebased(n):
    class Left(Base):
        pass

    class Right(Base):
        pass

    class Both(Left):
        pass

    thing, total = Both(1), 0
    for i in range(n):
        total += isinstance(thing, Left) + 10 * isinstance(thing, Right)
        if i == n - 9:
            Both.__bases__ = (Right,)
    return total


def wrong_kind(n):
    total, kind = 0, (int, 5)
    for i in range(n):
        total += isinstance(i, kind) if i < n - 1 else isinstance(2.5, kind)
    return total


THINGS = lambda: ([Square(1), Circle(2), Square(3), Base(4)], 20)
case(areas, THINGS, lambda: ([Square(1)] * 3, 20), lambda: ([Square(1), 5, "a", None, 2.5], 15), lambda: ([Claiming(), Square(2)], 30), apart=True)
case(hot_areas, long=(1500,))
case(asked_otherwise, THINGS, lambda: ([Claiming(), Square(2), 3], 20), apart=True)
case(plain_kinds, ([1, 2] * 30,), ([1, 2.5, "a", None, [], True] * 10,), ([None] * 60,), ([[1]] * 60,), apart=True)
for moving in (changing, rebased, wrong_kind):
    case(moving, (60,), apart=True)


class Sized:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


class Sure:
    def __init__(self, n):
        self.n = n

    def __bool__(self):
        if self.n == 3:
            raise ValueError("three")
        return self.n > 0


def breadth_first(n):
    queue, seen, order = collections.deque([0]), {0}, []
    while queue:
        at = queue.popleft()
        order.append(at)
        for near in (at * 2 + 1, at * 2 + 2):
            if near < n and near not in seen:
                seen.add(near)
                queue.append(near)
    return order


def truths(things):
    found = []
    for thing in things:
        if thing:
            found.append(1)
        if not thing:
            found.append(2)
        found.append(not thing)
        found.append(bool(thing and 1))
    return found


case(breadth_first, (60,), (1,), apart=True)
case(truths, lambda: ([Sized(0), Sized(2)] * 20,), lambda: ([Sure(1), Sure(0)] * 20,), lambda: ([Sure(1)] * 40 + [Sure(3)],),
     lambda: ([collections.deque(), collections.deque([1])] * 20,), lambda: ([object(), Sized(0)] * 20,), lambda: ([{}, {1: 2}, set(), b"", (), "a"] * 10,), apart=True)


@functools.lru_cache(None)
def slow(n):
    return n * n


@functools.lru_cache(maxsize=3)
def failing(n):
    if n == 7:
        raise ValueError(n)
    return n + 1


def remembered(n):
    total = 0
    for i in range(n):
        total += slow(i % 7)
    return total, slow.cache_info().currsize


def remembered_errors(n):
    total = 0
    for i in range(n):
        try:
            total += failing(i % 9)
        except ValueError as error:
            total += error.args[0] * 100
    return total


case(remembered, (60,), apart=True)
case(remembered_errors, (60,), apart=True)
