"""What classes hold: constants, static and class methods, enums, defaults, data classes and named tuples, changed on the way."""

from __future__ import annotations

import abc
import collections
import dataclasses
import enum
import typing

from ..cases import case


class Config:
    LIMIT = 10
    SCALE = 0.5
    NAME = "abc"

    @staticmethod
    def twice(x):
        return x * 2

    @classmethod
    def limited(cls, x):
        return x * cls.LIMIT

    def plain(x):
        return x + 1


class Derived(Config):
    SCALE = 3


def constants(n, at):
    total, names = 0, 0
    for i in range(n):
        if i % 20 < Config.LIMIT:
            total += i * Derived.SCALE
        names += len(Config.NAME)
        if i == at:
            Config.LIMIT += 1
            Derived.NAME = "x"
    Config.LIMIT = 10
    return total, names


def called(n):
    total = 0
    for i in range(n):
        total += Config.twice(i) + Derived.twice(i) + Config.limited(i) + Derived.limited(i) + Config.plain(i)
    return total


def hot_called(n):
    total = 0
    for i in range(n):  # native
        total += Config.twice(i) + Derived.limited(i) % 7 + Config.LIMIT
    return total


def replaced(n, at):
    total, old = 0, Config.__dict__["twice"]
    for i in range(n):
        total += Config.twice(i)
        if i == at:
            Config.twice = staticmethod(lambda x: x * 100)
    Config.twice = old
    return total


def shadowed(n, at):
    total = 0
    for i in range(n):
        total += Derived.LIMIT
        if i == at:
            Derived.LIMIT = 2.5
    if "LIMIT" in vars(Derived):
        del Derived.LIMIT
    return total


def absent(n, at):
    total = 0
    for i in range(n):
        total += Derived.SCALE
        if i == at:
            del Derived.SCALE
    return total


def absent_restored(n, at):
    try:
        return absent(n, at)
    finally:
        Derived.SCALE = 3


case(constants, (60, 50), (60, 99), (5, 1), apart=True)
case(called, (60,), (0,), apart=True)
case(hot_called, long=(3000,))
for changing in (replaced, shadowed, absent_restored):
    case(changing, (60, 50), (60, 99), (60, 5), apart=True)


class Meta(type):
    reads = 0

    def __getattribute__(cls, name):
        if name == "WIDTH":
            Meta.reads += 1
        return type.__getattribute__(cls, name)


class Watched(metaclass=Meta):
    WIDTH = 3


class Props(type):
    @property
    def SIZE(cls):
        return 5


class Sized(metaclass=Props):
    SIZE = 7


class Lazy(type):
    def __getattr__(cls, name):
        return len(name)


class Asked(metaclass=Lazy):
    KNOWN = 1


class Describing:
    def __get__(self, instance, owner):
        return 11

    def __set__(self, instance, value):
        raise AttributeError("no")


class Holder:
    described = Describing()
    other = 5


def metaclasses(n):
    Meta.reads, total = 0, 0
    for i in range(n):
        total += Watched.WIDTH + Sized.SIZE + Asked.KNOWN + Asked.nothing + Holder.described + Holder.other
    return total, Meta.reads


case(metaclasses, (60,), apart=True)


class Color(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Loud(enum.Enum):
    A = 1

    def __eq__(self, other):
        return True

    __hash__ = None


def colors(items, n):
    found = [0, 0, 0, 0]
    for _ in range(n):
        for item in items:
            if item is Color.RED:
                found[0] += 1
            elif item == Color.GREEN:
                found[1] += 1
            elif item != Color.BLUE:
                found[2] += 1
            else:
                found[3] += item.value
    return found


def levels(items, n):
    total = 0
    for _ in range(n):
        for item in items:
            if item == Level.HIGH:
                total += item
            if item is Level.LOW:
                total += 10
    return total


case(colors, ([Color.RED, Color.GREEN, Color.BLUE] * 5, 5), ([Color.RED, None, 1, "a"] * 3, 5), ([Color.RED, Loud.A] * 6, 5), ([Loud.A] * 9, 5), apart=True)
case(levels, ([Level.LOW, Level.HIGH] * 5, 6), ([1, 2, Level.HIGH] * 5, 6), apart=True)


class Kind:
    def __init__(self, n):
        self.n = n


def same_kinds(things, n):
    first, total = things[0], 0
    for i in range(n):
        for thing in things:
            if thing == first:
                total += 1
            if thing != first:
                total += 10
        if i == n - 9:
            Kind.__eq__ = lambda self, other: True
    del Kind.__eq__
    return total


case(same_kinds, lambda: ([Kind(1), Kind(2), Kind(3)], 40), apart=True)


@dataclasses.dataclass
class Plain:
    x: float
    y: float = 0.5

    def norm(self):
        return self.x * self.x + self.y * self.y


@dataclasses.dataclass
class Full:
    n: int
    items: list = dataclasses.field(default_factory=list)
    scale: int = 3

    def __post_init__(self):
        self.total = self.n * self.scale


@dataclasses.dataclass(slots=True)
class Slotted:
    n: int
    m: int = 2


@dataclasses.dataclass(frozen=True)
class Frozen:
    n: int


@dataclasses.dataclass(kw_only=True)
class Named:
    n: int
    m: int = 2


def data_classes(n):
    total = 0.0
    for i in range(n):
        one, two = Plain(i * 0.5), Plain(1.0, i)
        total += one.norm() + two.norm() * one.y
        total += Slotted(i).m + Slotted(i, i).n
        two.y += total
    return total, one, two


def full(n):
    total, made = 0, []
    for i in range(n):
        one = Full(i)
        one.items.append(i)
        total += one.total + len(one.items)
        total += Frozen(i).n + Named(n=i).m
        if i % 20 == 0:
            made.append(one)
    return total, made


def hot_data(n):
    total = 0.0
    for i in range(n):  # native
        one = Plain(i * 0.5)
        one.y += 1.0
        total += one.norm()
    return total


def defaults(things, n):
    total = 0
    for _ in range(n):
        for thing in things:
            total += thing.y
            thing.y = thing.y + 1
    return total, [thing.y for thing in things], Plain.y


def without_own(n):
    thing, total = Plain(1.0, 2.0), 0
    for i in range(n):
        total += thing.y
        if i == n - 9:
            del thing.y
        if i == n - 5:
            Plain.y = 7.0
    Plain.y = 0.5
    return total


def described_later(n):
    thing, total = Plain(1.0, 2.0), 0
    for i in range(n):
        total += thing.y
        if i == n - 9:
            Plain.y = Describing()
    Plain.y = 0.5
    return total


for making in (data_classes, full, without_own, described_later):
    case(making, (60,), (12,), apart=True)
case(hot_data, long=(3000,))
case(defaults, lambda: ([Plain(1.0, 2.0), Plain(2.0)], 30), lambda: ([Plain(1, 2)] * 3, 20), apart=True)

Point = collections.namedtuple("Point", "x y")


class Typed(typing.NamedTuple):
    x: float
    y: float = 1.0


class Own(Point):
    @property
    def x(self):
        return 100


def fields(points, n):
    total = 0
    for _ in range(n):
        for p in points:
            total += p.x * 2 + p.y
    return total


def short(n):
    p, total = Point(1, 2), 0
    for i in range(n):
        total += p.x
        if i == n - 9:
            p = tuple.__new__(Point, (5,))
        if i == n - 3:
            total += p.y
    return total


case(fields, ([Point(1, 2), Point(3, 4)], 30), ([Typed(1.5), Typed(2.5, 3.5)], 30), ([Point(1, 2), Typed(1.0)], 30), ([Own(1, 2)], 50), ([Point("a", "b")], 50),
     ([Point(2**70, 1)], 50), apart=True)
case(short, (60,), apart=True)


def builtin_class_methods(n):
    total, last = 0, None
    for i in range(n):
        total += int.from_bytes(bytes((i % 200, 1)), "big")
        last = dict.fromkeys((i, 2), i)
        total += len(bytes.fromhex("0a0b")) + float.fromhex("0x1p3") + len(last)
    return total, last


case(builtin_class_methods, (30,))


class Counting(type):
    made = 0

    def __call__(cls, *args):
        Counting.made += 1
        return super().__call__(*args)


class Ordinary(type):
    pass


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


@dataclasses.dataclass
class Rectangle(Shape):
    width: float
    height: float

    def area(self):
        return self.width * self.height


class Square(Rectangle):
    def __init__(self, side):
        super().__init__(side, side)


def of_abstract_ones(n):
    shapes, total = [], 0
    for i in range(n):
        shapes.append(Rectangle(i % 7, 2.5) if i % 3 else Square(i % 5))
        total += Square(i).area()
    try:
        Shape()
    except TypeError as error:
        shapes.append(str(error))
    return shapes[:9], total, shapes[-1]


def of_metaclasses(n):
    class Counted(metaclass=Counting):
        def __init__(self, x):
            self.x = x

    class Plain(metaclass=Ordinary):
        def __init__(self, x):
            self.x = x

    Counting.made = total = 0
    for i in range(n):
        total += Counted(i).x + Plain(i).x
    return total, Counting.made


def given_a_call(n):
    class Changed(type):
        pass

    class Point(metaclass=Changed):
        def __init__(self, x):
            self.x = x

    total = 0
    for i in range(n):
        if i == n // 2:
            Changed.__call__ = lambda cls, x: type.__call__(cls, 100 * x)
        total += Point(i).x
    return total


case(of_abstract_ones, (60,), (5,))
case(of_metaclasses, (60,), (5,))
case(given_a_call, (60,), (5,))
