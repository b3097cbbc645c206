"""Objects of several classes at one place: methods, attributes, properties, operators, items; too many of them."""

from __future__ import annotations

from ..cases import case


class Shape:
    sides = 0

    def area(self):
        return 0.0

    def scaled(self, by, plus=1):
        return self.area() * by + plus


class Circle(Shape):
    def __init__(self, r):
        self.r = r

    def area(self):
        return 3.25 * self.r * self.r


class Rect(Shape):
    sides = 4

    def __init__(self, w, h):
        self.w = w
        self.h = h

    def area(self):
        return self.w * self.h


class Tri:
    __slots__ = ("b", "h")

    def __init__(self, b, h):
        self.b = b
        self.h = h

    def area(self):
        return 0.5 * self.b * self.h

    def scaled(self, by, plus=2):
        return self.b + by + plus


class Odd:
    def __getattr__(self, name):
        return lambda *a: len(name)


def some(n, kinds=3):
    made = []
    for i in range(n):
        k = i % kinds
        if k == 0:
            made.append(Circle(i * 0.5))
        elif k == 1:
            made.append(Rect(i, 2))
        elif k == 2:
            made.append(Tri(i, 3.0))
        elif k == 3:
            made.append(Shape())
        elif k == 4:
            made.append(Odd())
        else:
            made.append(type(f"Made{k}", (Rect,), {})(i, k))
    return made


def hot_areas(shapes, rounds):
    total = 0.0
    for _ in range(rounds):  # native
        for s in shapes:
            total += s.area()
    return total


def areas(shapes, rounds):
    total = 0.0
    for _ in range(rounds):
        for s in shapes:
            total += s.area()
    return total


def hot_scaled(shapes, rounds):
    total = 0
    for i in range(rounds):  # native
        for s in shapes:
            total += s.scaled(abs(i - 3), plus=i) + s.scaled(2)
    return total


class Left:
    def __init__(self, x):
        self.x = x
        self.only = x

    @property
    def double(self):
        return self.x * 2

    def __add__(self, other):
        return self.x + other

    def __getitem__(self, i):
        return self.x + i

    def __lt__(self, other):
        return self.x < other


class Right:
    __slots__ = ("x", "y")
    double = 5

    def __init__(self, x):
        self.x = x

    def __add__(self, other):
        return self.x - other

    def __getitem__(self, i):
        return self.x - i

    def __lt__(self, other):
        return other < self.x


def hot_fields(pairs, rounds):
    total = 0
    for i in range(rounds):  # native
        for p in pairs:
            total += p.x + p.double
            p.x = i
    return total, [p.x for p in pairs]


def hot_operators(pairs, rounds):
    total = 0
    for i in range(rounds):  # native
        for p in pairs:
            total += (p + i) + p[i] + (p < i)
    return total


def hot_items(holders, rounds):
    total = 0
    for i in range(rounds):  # native
        for h in holders:
            total += h[i % 3]
            total += h[1]
    return total


def stored(holders, rounds):
    for i in range(rounds):
        for h in holders:
            h[i % 3] = i
    return holders


def raising(shapes, rounds):
    total = 0
    for i in range(rounds):
        for s in shapes:
            total += 1 // (s.sides - (i // 15) * 4)
    return total


def missing(pairs, rounds):
    total = 0
    for i in range(rounds):
        for p in pairs:
            try:
                total += p.only
            except AttributeError as error:
                total += len(str(error))
    return total


def changed(shapes, rounds):
    total = 0
    for i in range(rounds):
        for s in shapes:
            total += s.area()
        if i == 7:
            Rect.area = lambda self: 7
        if i == 12:
            shapes[0].__class__ = Other
    Rect.area = original
    return total


class Other(Shape):
    def area(self):
        return 100


original = Rect.area


def methods_kept(shapes, rounds):
    total = 0
    for i in range(rounds):
        for s in shapes:
            f = s.area
            if i % 3:
                total += f()
    return total


def nested(shapes, rounds):
    def both(a, b):
        return a.area() - b.area()

    total = 0
    for i in range(rounds):
        for s in shapes:
            total += both(s, shapes[i % len(shapes)])
    return total


def builtin_or_own(things, rounds):
    total = 0
    for _ in range(rounds):
        for t in things:
            total += t.count(1)
    return total


class Bag:
    def __init__(self, n):
        self.n = n

    def count(self, x):
        return self.n + x


def by_functions(functions, rounds):
    total = 0
    for i in range(rounds):
        for f in functions:
            total += f(i)
    return total


def one(x):
    return x + 1


def two(x):
    return x * 2.0


class Ray:
    def __init__(self, at, way):
        self.at = at
        self.way = way


class Ball:
    def __init__(self, middle, radius):
        self.middle = middle
        self.radius = radius

    def hit(self, ray):
        away = abs(ray.at + 3 * ray.way - self.middle)
        return away if away <= self.radius else None


class Wall:
    def __init__(self, at):
        self.at = at

    def hit(self, ray):
        return (self.at - ray.at) * 0.5 if ray.way else None


def made_between(things, rounds):
    """Between taking a method and calling it, an object is made and a function called."""
    total, missed = 0, 0
    for k in range(rounds):  # native
        for thing in things:
            found = thing.hit(Ray(k % 7, Bag(k % 3).count(0)))
            if found is None:
                missed += 1
            else:
                total += found
    return total, missed


case(hot_areas, lambda: (some(9), 6), lambda: (some(12, 4), 6), lambda: (some(5, 2), 4), long=lambda: (some(300), 30))
case(hot_scaled, lambda: (some(9), 6), lambda: (some(12, 4), 6), long=lambda: (some(300), 20))
case(hot_fields, lambda: ([Left(1), Right(2), Left(3.5), Right(2**62)], 20), lambda: ([Right(1), Right(2.0)], 20),
     long=lambda: ([Left(1), Right(2)] * 20, 60))
case(hot_operators, lambda: ([Left(1), Right(2), Left(3.5), Right(2**62)], 20), lambda: ([1, Right(2), 2.5], 20),
     long=lambda: ([Left(1), Right(2)] * 20, 60))
case(hot_items, lambda: ([[1, 2, 3], (4, 5, 6), {0: 1, 1: 2, 2: 3}], 20), lambda: ([[1, 2, 3], (4, 5.5, 6)], 20),
     lambda: ([[1, 2], (3, 4, 5)], 9), long=lambda: ([[1, 2, 3], (4, 5, 6)] * 20, 60))
case(stored, lambda: ([[1, 2, 3], {0: 1}, [4.0, 5.0, 6.0]], 20), lambda: ([[1, 2], {5: 6}], 20))
case(raising, lambda: (some(6, 2), 40))
case(missing, lambda: ([Left(1), Right(2)], 20))
case(changed, lambda: (some(9), 20))
case(methods_kept, lambda: (some(9), 9))
case(nested, lambda: (some(9), 9))
case(builtin_or_own, lambda: ([[1, 1, 2], Bag(3), (1, 2)], 20))
case(by_functions, lambda: ([one, two, one], 20))
case(areas, lambda: (some(24, 8), 8), lambda: (some(24, 5), 8), lambda: (some(3), 3))
THINGS = [Ball(4, 3), Wall(9), Ball(2, 1.5)]
case(made_between, lambda: (THINGS, 20), lambda: (THINGS[:2], 9), long=lambda: (THINGS, 2_000))
