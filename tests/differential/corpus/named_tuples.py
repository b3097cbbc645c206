"""Tuples with names: made, read, unpacked, compared, kept and used as keys; classes that do it in their own way, or change."""

from __future__ import annotations

import typing
from collections import deque, namedtuple

from ..cases import case

Point = namedtuple("Point", "x y")
Other = namedtuple("Other", "x y")
Three = namedtuple("Three", "a b c", defaults=(5, "z"))
Renamed = namedtuple("Renamed", ["a", "def", "a"], rename=True)


class Vector(typing.NamedTuple):
    x: float
    y: float = 1.0

    def norm(self):
        return self.x * self.x + self.y * self.y

    @property
    def sum(self):
        return self.x + self.y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)


def hot_walk(n):
    p, seen = Point(0, 0), 0
    for i in range(n):  # native
        p = Point((p.x * 3 + i) % 101, (p.y + p.x) % 97)
        x, y = p
        if p > (50, 3) or p == (5, 7):
            seen += x - y
    return seen, p


def hot_made(n):
    made = []
    for i in range(n):  # native
        made.append(Point(i, i * 0.5))
    return made


def hot_read(n):
    points, total = [Point(i, i * 0.5) for i in range(100)], 0.0
    for _ in range(n // 100):  # native
        for p in points:
            x, y = p
            total += p.x * y - x + p[1]
    return total


def hot_search(n):
    size = n // 100
    queue, found = deque([Point(0, 0)]), {Point(0, 0): 0}
    while queue:  # native
        p = queue.popleft()
        for dx, dy in ((1, 0), (0, 1), (-1, 0)):
            q = Point(p.x + dx, p.y + dy)
            if 0 <= q.x < size and q.y < size and q not in found:
                found[q] = found[p] + 1
                queue.append(q)
    return found


def hot_vectors(n):
    v, total = Vector(1.0), 0.0
    for i in range(n):  # native
        v = Vector(v.x * 0.5 + i, v.y * 0.25) + Vector(1.0, 0.5)
        total += v.norm() + v.sum
    return total, v


case(hot_walk, long=(3000,))
case(hot_made, long=(3000,))
case(hot_read, long=(3000,))
case(hot_search, long=(3000,))
case(hot_vectors, long=(3000,))


def carried_of(make):
    def carried(items):
        p, found = make(1, 2), []
        for item in items:
            q = make(p[1], item)
            if q == p:
                found.append(p)
            p = q
            if item == 7:
                found.append((p, p.y))
        return p, found, type(p)

    return carried


def compared_of(make):
    def compared(points, n):
        found = 0
        for i in range(n):
            for p in points:
                q = make(i % 5, 1)
                found = found * 3 % 1009 + (p == q) + 2 * (p != q) + 4 * (q < p) + 8 * (p <= q) + 16 * (q > p) + 32 * (q >= (i % 3, 2))
        return found

    return compared


def used_of(make):
    def used(n):
        found = []
        for i in range(n):
            p = make(i, i % 7)
            found.append((len(p), p[0], p[-1], p[i % 2], p[1:], i in p, p + (1,), p * 2, hash(p) == hash((i, i % 7)), bool(p)))
            found.append((p._replace(x=3), p._asdict(), p._fields, p.count(i), sum(p), max(p), list(p), str(p), isinstance(p, tuple), type(p)))
            found.append(f"{p}{p.x}{p!r}")
            for x in p:
                found.append(x)
            a, *rest = p
            found.append(rest)
        return found

    return used


def keyed_of(make):
    def keyed(keys, n):
        table, seen, again = dict.fromkeys(keys, 1), set(keys), 0
        for i in range(n):
            p = make(i % 5, i % 3)
            table[p] = table.get(p, 0) + 1
            if p in seen:
                again += 1
            seen.add(p)
            again += (i % 5, i % 3) in table
        return list(table.items()), again, sorted(map(repr, seen)), list(map(type, table))

    return keyed


def defaults(n):
    total = 0
    for i in range(n):
        t = Three(i)
        u = Three(i, 2)
        total += t.b + u.b + len(t.c) + (t > u) + Renamed(1, i, 3)._1
    return total, t, u


def kept(n):
    best, held, queue, cells = None, [], deque(), {}
    for i in range(n):
        p = Point(i * 7 % 11, (i, "a"))
        if best is None or p > best:
            best = p
        if i % 9 == 4:
            held.append([p])
            queue.append(p)
            cells[i] = p
    return best, held, queue, cells


def nested(n):
    total = 0
    for i in range(n):
        p = Point(Point(i, 1), Vector(0.5))
        total += p.x.x + p.y.y + (p == Point((i, 1), (0.5, 1.0)))
        (a, b), (c, d) = p
        total += a + b + c - d
    return total, p


ITEMS = (range(90), [x * 0.5 for x in range(60)], [2, 1] * 40, ["a", 1, None] * 20, [2**62 * x for x in range(60)], [float("nan")] * 60, [])
POINTS = [Point(i, j) for i in range(4) for j in range(3)]
TABLES = ([(1, 1), Point(2, 2), Other(3, 2)], ["a", 1], [], [(1.0, True)])
for of in (Point, Vector, Other):
    case(carried_of(of), *[(items,) for items in ITEMS], name=f"carried_{of.__name__}", apart=True)
    case(compared_of(of), (POINTS, 9), ([tuple(p) for p in POINTS], 9), ([Vector(*p) for p in POINTS], 9), ([Three(1, 2), Three(1, 1, 1)], 30), ([(), (1,)], 30),
         ([Point("a", 1)], 40), ([Point(1.0, float("nan"))], 40), ([None], 9), name=f"compared_{of.__name__}", apart=True)
    case(used_of(of), (40,), name=f"used_{of.__name__}", apart=True)
    case(keyed_of(of), *[(table, 60) for table in TABLES], name=f"keyed_{of.__name__}", apart=True)
case(defaults, (60,), apart=True)
case(kept, (60,), apart=True)
case(nested, (60,), apart=True)


class Own(Point):
    __slots__ = ()

    def __eq__(self, other):
        return True

    __hash__ = Point.__hash__

    def __iter__(self):
        return iter((7, 8))

    def __len__(self):
        return 5

    def __getitem__(self, index):
        return 9

    @property
    def y(self):
        return 100


class Bare(Point):
    pass


class Counting(Point):
    __slots__ = ()
    made = 0

    def __new__(cls, x, y):
        cls.made += 1
        return super().__new__(cls, y, x)


class Set(Point):
    __slots__ = ()

    def __init__(self, x, y):
        Counting.made += 3


class Ending(Point):
    __slots__ = ()

    def __del__(self):
        Counting.made += 1


def of_kind_of(make):
    def of_kind(n):
        total, table, Counting.made = 0, {}, 0
        for i in range(n):
            p = make(i, i % 7)
            x, y = p
            table[p] = i
            total += p.x + p.y * 2 + x + y + (p == (i, 0)) + p[0] + len(p)
        return total, len(table), Counting.made, p, type(p)

    return of_kind


def read_kinds(points, n):
    total = 0
    for _ in range(n):
        for p in points:
            x, y = p
            total += p.x + x * y + p[0] + len(p)
    return total


for of in (Own, Bare, Counting, Set, Ending, Point):
    case(of_kind_of(of), (60,), name=f"of_kind_{of.__name__}", apart=True)
case(read_kinds, ([Own(1, 2)], 60), ([Bare(1, 2), Point(3, 4)], 40), ([Counting(3, 4)], 60), ([Point(1, 2), Other(2, 3)] * 3, 30), ([Point(1, "a")] * 2, 30),
     ([Point(1, 2)] * 5 + [(1, 2)], 1), ([(1, 2)], 3), apart=True)


def changed(n, how):
    total = 0

    class Local(typing.NamedTuple):
        x: int
        y: int = 3

    p = Local(1, 2)
    for i in range(n):
        p = Local(p.y, i)
        x, y = p
        total += x * 3 + p.x + (p == (1, i)) + len(p) + Local(i)[1]
        if i == n - 20:
            if how == "eq":
                Local.__eq__ = lambda self, other: True
            elif how == "iter":
                Local.__iter__ = lambda self: iter((5, 5))
            elif how == "field":
                Local.x = 50
            elif how == "new":
                Local.__new__ = lambda cls, *given: tuple.__new__(cls, (9, 9))
            elif how == "defaults":
                Local.__new__.__defaults__ = (77,)
            elif how == "init":
                Local.__init__ = lambda self, *given: found.append(given)
            elif how == "len":
                Local.__len__ = lambda self: 40
            elif how == "getitem":
                Local.__getitem__ = lambda self, index: 11
    return total, p.y, len(found)


found = []


def rebound(n):
    global Point
    total, before = 0, Point
    for i in range(n):
        p = Point(i, 1)
        total += p.x
        if i == n - 9:
            Point = Other
    made, Point = type(p).__name__, before
    return total, made


def wrong(n, given):
    total = 0
    for i in range(n):
        total += Point(i, 1).x
        if i == n - 3:
            total += Point(*given).x
    return total


def few(n):
    total = 0
    for i in range(n):
        total += Point(i).x
    return total


def same(n):
    found = 0
    for i in range(n):
        p = Point(i, 1)
        q = p
        found += (p is q) + 2 * (p is None) + 4 * (p is not q)
    return found


def by_keyword(n):
    total = 0
    for i in range(n):
        total += Point(i, y=2).y + Point(x=i, y=1).x + Point._make((i, 2)).x
    return total


for one in ("eq", "iter", "field", "new", "defaults", "init", "len", "getitem"):
    case(changed, (60, one), name=f"changed_{one}", apart=True)
case(rebound, (60,), apart=True)
case(wrong, (60, (1,)), (60, (1, 2, 3)), (60, (1, 2)), apart=True)
case(few, (5,), (60,), apart=True)
case(same, (60,), apart=True)
case(by_keyword, (60,), apart=True)


def on_some_paths(n):
    total, table = 0, {}
    for i in range(n):
        if i % 3 == 1:
            p = Point(i, 1)
            total += p.x
        table[str(i % 7)] = sorted((i, -i, total))
        if i % 4 == 2:
            v = Vector(0.5, i)
            total += v.sum
        total += len(list(map(abs, [i, -i])))
    return total, table


case(on_some_paths, (90,), apart=True)
