"""Loops for leak tests: at least one for each native form, each with arguments that it leaves as large as they were."""

from __future__ import annotations

import bisect
import cmath
import collections
import enum
import functools
import heapq
import itertools
import math
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


@dataclass
class Program:
    """A loop of `n` rounds.

    Attributes:
        function: takes `n`, then what `make` makes.
        make: the further arguments.
        forms: the modules of `zexus.jit.forms` whose forms it shows.
        settings: with which it is compiled.
        outlined: whether statements of it are left to Python.
    """

    function: Callable[..., Any]
    make: Callable[[], tuple[Any, ...]]
    forms: tuple[str, ...]
    settings: dict[str, Any]
    outlined: bool


PROGRAMS: dict[str, Program] = {}


def loop(
    make: Callable[[], tuple[Any, ...]] = tuple, *forms: str, outlined: bool = False, **settings: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function into the table."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        PROGRAMS[function.__name__] = Program(function, make, forms, settings, outlined)
        return function

    return enter


class Marker:
    """An object that can be seen to die."""

    def __repr__(self) -> str:
        return "Marker"


def markers(count: int) -> list[Any]:
    return [Marker() for _ in range(count)]


# --- numbers ------------------------------------------------------------------------------------


@loop(tuple, "numbers")
def numbers(n: int) -> Any:
    a, x = 3, 0.5
    for i in range(n):
        a = (a * 31 + i) % 100_003 - (a >> 2)
        x = min(max(x * 1.5 - a, -1e6), 1e6) + float(i) / 7
        a += divmod(i, 7)[1] + int(x) % 5 + round(x) % 3 + (x > a)
    return a, x


@loop(lambda: ((1.5, 2.5),), "computed")
def computed(n: int, p: Any) -> Any:
    total = 0.0
    for i in range(n):
        total += round(i / 7, 2) + round(i, -1) + round(i / 3, 30) + math.hypot(i, 3.0) + math.dist((i, 1.5), p)
        total += math.gcd(i, 12) + math.isqrt(i) + i.bit_count() + bin(i).count("1") + math.isclose(i, 7, abs_tol=0.5)
        total += math.log(i + 1, 2)
    return total


@loop(lambda: ([None, "a", "b", 3, 2.5, True, markers(1)[0]],), "plain", rare_exits=10)
def mixed(n: int, values: list[Any]) -> Any:
    same, last = 0, None
    for i in range(n):
        value = values[i % 6]
        same += (value == "a") + (value == last) + (value in ("b", 3, None)) + (not value)
        last = value
    return same


@functools.lru_cache(1)
def marked(i: int) -> int:
    if i:
        raise LookupError(Marker())
    return i


@loop(lambda: (["12", "x", "1.25", "inf", "7"], [3, 1], {3: 4}),
      "conversions", "seeking", rare_exits=10)
def failing_calls(n: int, words: list[str], numbers: list[int], table: dict[int, int]) -> Any:
    total, bad = 0.0, 0
    for i in range(n):
        word = words[i % 5]
        try:
            total += int(word)
        except ValueError:
            bad += 1
        try:
            total += float(word)
        except ValueError:
            bad += 1
        try:
            total += numbers.index(i % 4)
        except ValueError:
            bad += 1
        try:
            total += table.pop(i % 3, 0) + word.index("2") + word.startswith(("1", "x")) + word.isdigit()
        except ValueError:
            bad += 1
        try:
            total += marked(i % 3)
        except LookupError:
            bad += 1
        try:
            total += int(word) + table[i % 4]
        except ValueError as e:
            bad += len(str(e)) + len(e.args)
        except KeyError as e:
            bad += e.args[0] + len(f"{e}")
        total = total % 1000.0
    return bad, total


@loop(lambda: ([[markers(1)[0], 2, 3], [1.5, "a"]], [(1, 2, 3), tuple(range(12))]), "spreading", rare_exits=10)
def spread(n: int, rows: list[list[Any]], tuples: list[tuple[int, ...]]) -> Any:
    total = 0
    for i in range(n):
        _, *rest = rows[i % 2]
        first, *between, last = tuples[i % 2]
        total += len(rest) + len(between) + first + last
    return total


@loop(tuple, "numbers", rare_exits=10)
def large_integers(n: int) -> Any:
    total = 0
    for i in range(n):
        k = 2**61 + i if i % 25 == 24 else i
        total += k * 5 % 1000
    return total


@loop(tuple, "numbers")
def several_types(n: int) -> Any:
    last: Any = None
    total = 0.0
    for i in range(n):
        if last is not None:
            total += last
        if i % 3 == 0:
            last = None
        elif i % 3 == 1:
            last = i + 1000
        else:
            last = i * 0.5
    return total, last


@loop(lambda: ([1 + 2j, 0.5j, 3 - 1j],), "complexes")
def complexes(n: int, zs: list[complex]) -> Any:
    z = 0j
    for i in range(n):
        z = z * zs[i % 3] / 4 + complex(i % 7, 1)
        zs[i % 3] = z.conjugate() if abs(z) < 5 else 1j
    return z


@loop(tuple, "analytic", "complexes")
def analytic(n: int) -> Any:
    z = 0.5 + 0.25j
    for i in range(n):
        z = cmath.exp(z * 0.25) + cmath.sqrt(z) - cmath.sin(complex(0.1, i % 3 * 0.1))
        z = z / (1.0 + abs(z))
    return z


@loop(tuple, "powers")
def powers(n: int) -> Any:
    total: Any = 0
    for i in range(n):
        total += (i % 5) ** 3 + pow(i, 7, 1001) + (i + 0.5) ** 0.5 + 2.0 ** -(i % 4)
    return total


@loop(lambda: (1.5,), "faithful", "powers")
def complex_powers(n: int, x: float) -> Any:
    z = 0j
    for i in range(n):
        z += complex(x, i % 5) ** 2 + (1j) ** (i % 3)
    return z


@loop(lambda: (math.sqrt, 2.0), "numbers")
def mathematics(n: int, root: Any, x: float) -> Any:
    for i in range(n):
        x = root(x + i) + math.floor(x) % 3 + math.hypot(x, 1.0) / (1.0 + x)
    return x


# --- arrays and bytes -----------------------------------------------------------------------------


@loop(lambda: (np.zeros((4, 5)), np.arange(20, dtype=np.uint8)), "arrays", "indices")
def arrays(n: int, a: Any, b: Any) -> Any:
    for i in range(n):
        row = a[i % 4]
        row[i % 5] += i
        part = b[i % 3 : 12 : 2]
        part[1] = (int(part[0]) + i) % 200
        a[1, i % 5] = row[0] + len(part)
    return a.sum(), b.sum()


@loop(lambda: (np.ones(6), np.zeros(6, np.complex64), np.arange(6, dtype=np.float32)), "arrays")
def arrays_that_are_kept(n: int, a: Any, z: Any, x: Any) -> Any:
    kept: list[Any] = []
    for i in range(n):
        kept.append(a[i % 4 :])
        z[i % 6] = z[(i + 1) % 6] + x[i % 6]
        kept.append(a[0])
        if len(kept) > 9:
            kept = []
    return len(kept), z[1]


@loop(lambda: (np.zeros((3, 3)),), "arrays")
def rows_of_an_array(n: int, a: Any) -> Any:
    total = 0.0
    for i in range(n):
        for row in a.T:
            for x in row[::-1]:
                total += x
        a[i % 3, 1] = i
    return total


@loop(lambda: (bytes(range(50)), bytearray(50)), "octets")
def octets(n: int, given: bytes, out: bytearray) -> Any:
    for i in range(n):
        out[i % 50] = given[(i * 7) % 50] ^ (i % 256)
        out[-1] = len(out)
    return bytes(out)


# --- sequences ----------------------------------------------------------------------------------


@loop(lambda: ([1.5] * 8, list("abcdefgh"), markers(3)), "sequences", "indices")
def lists(n: int, xs: list[Any], items: list[Any], others: list[Any]) -> Any:
    total = 0.0
    for i in range(n):
        xs.append(i * 0.5)
        total += xs.pop() + xs[i % 8]
        xs[i % 8] = total % 100.0
        items[i % 8], items[(i + 3) % 8] = items[(i + 3) % 8], items[i % 8]
        part = xs[1:5]
        total += sum(part) + len(items[::2]) + len(others[1:]) + (others[i % 3] is others[0])
    return total


@loop(lambda: (markers(3), [[1000 + i, i] for i in range(4)]), "sequences")
def lists_of_lists(n: int, items: list[Any], rows: list[Any]) -> Any:
    total = 0
    for i in range(n):
        rows[i % 4] = [i + 1000, i]
        pair = [items[i % 3], rows[0], rows[(i + 1) % 4]]
        total += pair[1][0] + len(pair * 2)
        kept = [pair, pair]
        if i % 9 == 8:
            total += len(kept[0])
    return total


@loop(lambda: ([1000, 2000, 3000], (1.5, 2.5, 3.5), range(3)), "sequences")
def cursors(n: int, xs: list[int], ys: tuple[float, ...], span: range) -> Any:
    total = 0.0
    for i in range(n // 5):
        for x, y in zip(xs, ys):
            total += x - y
        for k, y in enumerate(reversed(ys)):
            total += y * k
        for k in span:
            total -= k
    return total


@loop(lambda: (markers(2),), "sequences")
def comprehensions(n: int, items: list[Any]) -> Any:
    total = 0
    for i in range(n // 5):
        made = [(i, k + 1000) for k in range(3)]
        held = [item for item in items if i % 2]
        total += len(made) + len(held) + sum(k * 2 for k in range(4)) + any(a > 2 for a, _ in made)
    return total


@loop(lambda: ([[1.5] * 6 for _ in range(6)],), "sequences", mirror_after=0)
def mirrored_lists(n: int, rows: list[list[float]]) -> Any:
    for i in range(n):
        for j in range(1, 6):
            for k in range(1, 6):
                rows[j][k] = (rows[j - 1][k] + rows[j][k - 1] + i) % 100.0
    return rows[5][5]


@loop(lambda: (Marker(), ("a", 2.5)), "tuples")
def tuples(n: int, item: Any, named: tuple[Any, ...]) -> Any:
    best: Any = None
    log: list[Any] = [None] * 4
    for i in range(n):
        pair = (i % 7 + 1000, i * 0.5)
        if best is None or pair < best:
            best = pair
        log[i % 4] = (pair, item, named)
        one, two = pair + pair, named
        if i % 20 == 19:
            best = None
        if one[1] == two[1] or (i, 2) in (pair, (3, 2)):
            log[0] = one
    return best, len(log)


@loop(lambda: (tuple(range(1000, 1012)), [tuple(range(12)) for _ in range(3)]), "tuples", "sequences")
def long_tuples(n: int, items: tuple[int, ...], rows: list[Any]) -> Any:
    total = 0
    for i in range(n):
        row = rows[i % 3]
        total += items[i % 12] + row[-1] + len(row[2:7])
        rows[(i + 1) % 3] = row if i % 2 else items
        for x in row:
            total += x
    return total


class Pair(NamedTuple):
    x: Any
    y: Any


@loop(lambda: ([Pair(1000, 1.5), Pair(2000, 2.5)], Marker(), {}), "named")
def named_tuples(n: int, pairs: list[Pair], item: Any, table: dict[Any, Any]) -> Any:
    total, kept = 0.0, []
    for i in range(n):
        p = Pair(pairs[i % 2].x, i * 0.5)
        table[Pair(i % 5, "k")] = i + 1000
        kept.append(Pair(i, (i, item)))
        total += p.y + len(p) + (p == pairs[0]) + kept[-1].x
        if len(kept) > 9:
            kept = []
    return total


# --- texts ----------------------------------------------------------------------------------------


@loop(lambda: ("the quick brown fox \xe9\u0119", ["ab", "cd"]), "texts")
def texts(n: int, text: str, words: list[str]) -> Any:
    total, grown = 0, ""
    for i in range(n):
        c = text[i % 20]
        if c.isalpha() and c not in "aeiou":
            total += ord(c)
        grown += c + chr(97 + i % 26)
        part = text[i % 5 : i % 5 + 7]
        total += len(part) + ("q" in part) + (part < text) + (part.upper() == words[0])
        words[i % 2] = part.strip()
        if part.startswith("qu") or len(grown) > 50:
            grown = ""
    return total, grown


@loop(lambda: (["ab", "\u0119"],), "texts")
def written_texts(n: int, words: list[str]) -> Any:
    total, last = 0, ""
    for i in range(n):
        last = f"{i}:{i * 0.5:.3f} {words[i % 2]} {last[:3]!r} {i:>6}"
        total += len(last) + len(str(i + 1000)) + int(str(i)) + len("-".join(words))
        words[i % 2] = words[i % 2][:1] + str(i % 10)
        last += f"{i / 8}{i / 7:8.2f}{words[i % 2]:>5}{words[i % 2]:<1}" + str(i / 3).rstrip().upper() + f"{i % 3:.0f}"
    return total, last


@loop(lambda: ("alpha beta,gamma", {"ab": 1}), "texts", "callees")
def methods_of_texts(n: int, text: str, table: dict[str, int]) -> Any:
    total = 0
    for i in range(n):
        total += len(text.split(",")[i % 2]) + text.find("b") + len(text.replace("a", str(i)))
        total += table.get(text[:2], 3) + len(text.title()) + text.count("a")
    return total


@loop(lambda: ("ab", range(3, 400, 3)), "percents", "ranges", "texts")
def percents_and_ranges(n: int, word: str, span: range) -> Any:
    total = 0
    for i in range(n):
        total += len("%s: %d of %d" % (word, i % 7, len(span))) + len("%5.1f|%x" % (i * 0.5, i % 99))  # noqa: UP031
        total += span[i % 9] + span[-1 - i % 5] + len(word * (i % 3)) + len("".join(c for c in word if c > "a"))
    return total


class Couple:
    """An object of plain values, of which many end in loops."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x = x
        self.y = y


@loop(lambda: (Couple(Couple(1, 2), None), [Couple(i, i) for i in range(4)]))
def objects_that_end(n: int, holder: Couple, row: list[Couple]) -> Any:
    total = 0
    for i in range(n):
        holder.x = Couple(i, holder.x.x)
        row[i % 4] = Couple(row[i % 4].y, i % 50)
        row.append(Couple(i, (1, "a")))
        total += row.pop().x + holder.x.y % 7
    return total


KNOWN = {"a": 1, "b": 2}
SEEN = {"a", 3}


@loop(lambda: (["a", "b", "c", 3],), "dicts")
def held_by_names(n: int, words: list[Any]) -> Any:
    total = 0
    for i in range(n):
        word = words[i % 4]
        if isinstance(word, str) and word in KNOWN:
            total += KNOWN[word]
        if word in SEEN or word in ("c", 5):
            total += 1
    return total


# --- dictionaries, sets, queues, heaps ---------------------------------------------------------------


@loop(lambda: ({1: Marker(), "k": 2.5}, collections.Counter("abc"), collections.defaultdict(list)), "dicts")
def dictionaries(n: int, d: dict[Any, Any], counts: Any, lists: Any) -> Any:
    total = 0
    for i in range(n):
        d[i % 9] = (i, "v")
        counts["abcd"[i % 4]] += 1
        row = lists[i % 3]
        row.append(i + 1000)
        if len(row) > 5:
            lists[i % 3] = []
        total += (i in d) + (d.get(i % 11) is None) + len({"id": i, "item": d})
        total += counts["a"] + d.get(("t", i % 4), 0)
        d["t", i % 4] = i + 1000
    return total


@loop(lambda: ({}, {}, Marker()), "dicts")
def coming_and_going(n: int, d: dict[Any, Any], few: dict[Any, Any], marker: Any) -> Any:
    total = 0
    for i in range(n):
        row = d.setdefault(i % 9, [])
        row.append(i + 1000)
        d.setdefault((i % 3, "k"), {})
        few[i % 7] = [marker, i]
        few["t", i % 5] = i + 1000
        total += few.setdefault("n", i + 1000) + len(d)
        held = few.pop(i * 3 % 7, None)
        if held is not None:
            total += held[1]
        total += few.pop(("t", i % 5), 1)
        if len(row) > 5:
            del d[i % 9]
    return total


@loop(lambda: (set(), {("a", 1), ("b", 2)}), "dicts", "containers")
def sets(n: int, seen: set[Any], pairs: set[Any]) -> Any:
    total = 0
    for i in range(n):
        if i % 60 not in seen:
            seen.add(i % 60)
        pairs.add((str(i % 9), i % 7))
        total += (("a", i % 3) in pairs) + len(seen)
        seen.discard(i % 20)
    return total


@loop(lambda: ({"a": Marker(), "b": 2000, "c": None}, {1000, 2000, 3000}), "keyed")
def keyed(n: int, d: dict[str, Any], items: set[int]) -> Any:
    total = 0
    for i in range(n):
        for key, value in d.items():
            total += len(key) + (value is None)
        for item in items:
            total += item % 7
        for value in d.values():
            total += value is not None
        d["b"] = i + 1000
    return total


@loop(lambda: (collections.deque([1.5] * 5), collections.deque(markers(2), 4)), "deques")
def queues(n: int, queue: Any, bounded: Any) -> Any:
    total = 0.0
    for i in range(n):
        queue.append(i * 0.5)
        total += queue.popleft() + queue[0] + len(queue)
        bounded.append((i, queue))
        bounded.appendleft(bounded[0])
        while len(queue) > 5:
            queue.pop()
    bounded.clear()
    return total


@loop(lambda: ([(float(i), i, "t") for i in range(8)], list(range(1000, 1008))), "heaps")
def heaps(n: int, heap: list[Any], numbers: list[int]) -> Any:
    total = 0.0
    for i in range(n):
        heapq.heappush(heap, (i % 13 * 0.5, i, "t"))
        cost, number, _ = heapq.heappop(heap)
        total += cost + number % 3 + heapq.heappushpop(numbers, 1000 + i % 50)
        total += heapq.heapreplace(numbers, 1000 + i % 70)
    return total


@loop(lambda: ([i * 1.5 for i in range(20)], [("a", 1), ("b", 2), ("c", 3)]), "bisections", "callees")
def bisections(n: int, xs: list[float], pairs: list[Any]) -> Any:
    total = 0
    for i in range(n):
        total += bisect.bisect_left(xs, i % 30 + 0.25) + bisect.bisect(pairs, ("b", i % 4))
        bisect.insort(xs, i % 30 + 0.75)
        xs.pop(i % 10)
    return total


class Dice(random.Random):
    """Of a class that no other test gives attributes: where instances may hide methods, these are asked of Python."""


@loop(lambda: (Dice(1), [1000, 2.5, "c"]), "randoms")
def draws(n: int, rng: random.Random, items: list[Any]) -> Any:
    total = 0.0
    for i in range(n):
        total += rng.random() + rng.gauss(0.0, 1.0) + rng.randint(1, 6) + rng.getrandbits(33) % 3
        rng.shuffle(items)
        if rng.choice(items) is None or rng.uniform(1, 2) > 3:
            total += 1
    return total


# --- objects ----------------------------------------------------------------------------------------


class Point:
    scale = 2

    def __init__(self, x: Any, link: Any = None) -> None:
        self.x = x
        self.link = link

    def __repr__(self) -> str:
        return f"Point({self.x})"

    def __add__(self, other: Any) -> Any:
        return Point(self.x + other.x, self.link)

    def __getitem__(self, index: int) -> Any:
        return self.x + index

    @property
    def double(self) -> Any:
        return self.x * self.scale

    def moved(self, by: Any = 1, *, link: Any = None) -> Any:
        self.x = (self.x + by) % 1000.0
        self.link = link
        return self

    @classmethod
    def at(cls, x: Any) -> Any:
        return cls(x)

    @staticmethod
    def halved(x: Any) -> Any:
        return x / 2


class Farther(Point):
    def moved(self, by: Any = 1, *, link: Any = None) -> Any:
        return super().moved(by + 0.5, link=link)


class Slotted:
    __slots__ = ("item", "x")

    def __init__(self, x: Any, item: Any) -> None:
        self.x, self.item = x, item

    def moved(self, by: Any = 1, *, link: Any = None) -> Any:
        self.x += by
        self.item = link
        return self


@dataclass
class Record:
    x: float
    item: Any = None


@dataclass(frozen=True)
class Frozen:
    x: int
    y: int


class Tone(enum.Enum):
    LOW = 1
    HIGH = 2


@loop(lambda: (Point(1.5, Marker()), Slotted(2.5, Marker()), [Marker(), Marker()]))
def attributes(n: int, p: Any, s: Any, items: list[Any]) -> Any:
    for i in range(n):
        p.x = (p.x + s.x + i) % 1000.0
        p.link = items[i % 2]
        s.item = p.link
        s.x = p.double - p.scale + p[1]
        p.extra = (i, items[0])
    return p.x, s.x


@loop(lambda: ([Point(1.5), Farther(2.5), Slotted(3.5, None)], Marker()))
def methods(n: int, things: list[Any], item: Any) -> Any:
    total = 0.0
    for i in range(n):
        thing = things[i % 3]
        total += thing.moved(i * 0.5, link=item).x + thing.moved().x
        if isinstance(thing, Point):
            total += Point.halved(thing.x)
        thing.x = total % 10.0
    return total


@loop(lambda: (Marker(),))
def objects_that_are_kept(n: int, item: Any) -> Any:
    kept: list[Any] = []
    for i in range(n):
        p = Point(i * 0.5, item)
        kept.append(p)
        kept.append(Record(i * 0.5, [p]))
        kept.append(Slotted(i + 1000, kept[-1]))
        if i % 10 == 9:
            p.link = p  # in a cycle
            kept = []
    return len(kept)


@loop(lambda: (Marker(),))
def objects_that_are_sunk(n: int, item: Any) -> Any:
    total, last = 0.0, None
    for i in range(n):
        p = Point(i * 0.5, item) + Point.at(2.0)
        q = Slotted(p.x, p)
        total += q.item.x + Record(i, q).item.x
        if i % 30 == 29:
            last = q
    return total, last is None


@loop(lambda: (Record(0.5, Marker()), Marker()))
def sunk_and_left(n: int, record: Any, item: Any) -> Any:
    total = 0.0
    for i in range(n):
        p, pair = Point(i * 0.5, item), (i, item)
        if i % 10 == 7:
            record.item = (p, pair)  # a branch that is rare
        if i % 50 == 49:
            p.x = str(i)
        total += len(p.x) if isinstance(p.x, str) else p.x
    return total


@loop(lambda: ([Tone.LOW, Tone.HIGH],))
def enums(n: int, tones: list[Any]) -> Any:
    total = 0
    for i in range(n):
        tone = tones[i % 2]
        total += i % 7 + (tone is Tone.LOW) + (tone == Tone.HIGH)
    return total


@loop(lambda: ({}, {Tone.LOW: 1.5, Tone.HIGH: 2.5}), outlined=True)
def objects_as_keys(n: int, seen: dict[Any, int], table: dict[Any, float]) -> Any:
    total = 0.0
    for i in range(n):
        seen[Frozen(i % 5, 1)] = i
        total += table[Tone(i % 2 + 1)]
    return total


@loop(lambda: ([(1, 2.5), [1, 2], {"k": Marker()}, None, "text", 5],))
def matches(n: int, subjects: list[Any]) -> Any:
    total = 0
    for i in range(n):
        match subjects[i % 6]:
            case None:
                total += 1
            case 5 | 6:
                total += 2
            case "text":
                total += 3
            case _:
                total += 4
    return total


# --- calls ------------------------------------------------------------------------------------------


def scaled(x: Any, by: Any = 2, *rest: Any, plus: Any = 0, item: Any = None) -> Any:
    return x * by + len(rest) + plus


def passed(item: Any, *, also: Any = None) -> Any:
    return item if also is None else also


@loop(lambda: (markers(2), {"plus": 1}))
def keyword_calls(n: int, items: list[Any], given: dict[str, int]) -> Any:
    total = 0
    for i in range(n):
        total += scaled(i, plus=3, item=items[0]) + scaled(i, 3, items, items[1], i + 1000) + scaled(by=1, x=i)
        if passed(items[i % 2], also=items[1]) is passed(also=None, item=items[0]):
            total += 1
    return total


@loop(lambda: (Marker(),))
def closures(n: int, item: Any) -> Any:
    count = n + 1000

    def add(k: int, by: int = 3) -> int:
        return k + count + by

    double = lambda k: k * 2 + count % 3
    total = 0
    for i in range(n):
        total += add(double(i)) + add(i, 2) + (item is None)
    return total


@loop(lambda: (Marker(),))
def variables_that_are_shared(n: int, item: Any) -> Any:
    count, held = 1000, None

    def shown() -> Any:
        return count, held

    for i in range(n):
        count += i
        held = (item, i)
    return len(shown())


@loop(lambda: (Marker(),))
def variables_that_callees_assign(n: int, item: Any) -> Any:
    count, held = 1000, None

    def add(k: int) -> None:
        nonlocal count, held
        count += k
        held = (item, k)

    for i in range(n):
        add(i)
    return count, held is None


@loop(lambda: ([], max, Marker()), "callees")
def function_values(n: int, out: list[Any], most: Any, item: Any) -> Any:
    total = 0
    push, pop = out.append, out.pop
    for i in range(n):
        push((i, item))
        push(most(i, 3) + 1000)
        total += pop()
        pop()
    return total


def counted(n: int, item: Any) -> Iterator[Any]:
    for i in range(n):
        yield i + 1000, item


def odd(source: Iterator[Any]) -> Iterator[Any]:
    for i, item in source:
        if i % 2:
            yield i, item


@loop(lambda: (Marker(),), rare_exits=50)
def generators(n: int, item: Any) -> Any:
    total = 0
    for i, one in odd(counted(2 * n, item)):
        total += i + (one is item)
    return total


@loop(lambda: (markers(3), [1000, 2000]))
def iterators(n: int, items: list[Any], xs: list[int]) -> Any:
    total = 0
    for a in itertools.chain(range(n), xs):
        total += a
    for item in itertools.islice(itertools.cycle(items), n):
        total += item is items[0]
    for x in map(scaled, range(n)):
        total += x
    for pair in itertools.pairwise(range(n)):
        total += pair[0] * pair[1] % 7
    return total


@loop(lambda: (markers(3),))
def choices(n: int, items: list[Any]) -> Any:
    total, last = 0, None
    for a, b in itertools.product(range(n), items):
        total += a * (b is items[0])
    for a, b in itertools.combinations(range(math.isqrt(n)), 2):
        total += a * b
    for pair in itertools.permutations([*items, *range(math.isqrt(n))], 2):
        total += pair == last
        last = pair
    return total


@functools.lru_cache(16)
def remembered(k: int) -> tuple[int, int]:
    return k + 1000, k


@loop(lambda: ([3, 1, 2], markers(2)), "callees")
def call_outs(n: int, xs: list[int], items: list[Any]) -> Any:
    total = 0
    for i in range(n):
        xs.sort()
        xs[0] = i % 7
        items.reverse()
        total += len(remembered(i % 20)) + xs.index(xs[1])
        xs.insert(1, xs.pop())
    return total


@loop(lambda: (markers(5), Marker()), "seeking")
def seeking(n: int, items: list[Any], other: Any) -> Any:
    total, texts = 0, [str(k) for k in range(5)]
    for i in range(n):
        item = items.pop(i % 5)
        total += (item in items) + (other in items) + (str(i % 7) in texts)
        items.insert(i % 3, item)
        total += items.index(item)
        texts.remove(str(i % 5))
        texts.insert(i % 4, str(i % 5))
        del texts[i % 5]
        texts.append(str(i % 5 if str(i % 5) not in texts else (i + 1) % 5))
        if len(set(texts)) < 5:
            texts = [str(k) for k in range(5)]
    return total


def tree(depth: int, item: Any) -> Any:
    if depth == 0:
        return 1 + (item is None)
    return tree(depth - 1, item) + tree(depth - 1, item)


@loop(lambda: (Marker(),), outlined=True)
def recursion(n: int, item: Any) -> Any:
    total = 0
    for i in range(n):
        total += tree(i % 4, item)
    return total


class Branch:
    def __init__(self, item: Any, below: Any) -> None:
        self.item, self.below = item, below

    def last(self, depth: int) -> Any:
        return self.item if self.below is None or not depth else self.below.last(depth - 1)


@loop(lambda: (Branch(Marker(), Branch(Marker(), Branch(1.5, None))),), outlined=True)
def recursive_methods(n: int, root: Any) -> Any:
    total = 0
    for i in range(n):
        total += root.last(i % 4) is None
    return total


# --- statements, exceptions, exits --------------------------------------------------------------------


@loop(lambda: ({}, Marker()), outlined=True)
def outlined_statements(n: int, d: dict[Any, Any], item: Any) -> Any:
    total = 0
    for i in range(n):
        if i % 10 == 3:
            total += len(f"{item!s:{i % 5}}") > 0
            d[str(i)] = [i, item]
            del d[str(i)]
        total += i
    return total


class Managing:
    def __init__(self, item: Any) -> None:
        self.item = item

    def __enter__(self) -> Any:
        return self.item

    def __exit__(self, *how: Any) -> bool:
        return how[0] is not None


@loop(lambda: (markers(1)[0], Managing(markers(1)[0])), rare_exits=10)
def managed(n: int, item: Any, manager: Managing) -> Any:
    total = 0
    for i in range(n):
        with manager as entered, Managing(item):
            total += (entered is not item) // (i % 40)
    return total


@loop(lambda: ([1.5, 2.5], markers(2)), "errors")
def errors(n: int, xs: list[float], items: list[Any]) -> Any:
    lost = 0.5
    for i in range(n):
        try:
            lost += xs[i % 3] + 1 / (i % 4) + len(items)
        except IndexError:
            lost += 2.0
        except ZeroDivisionError:
            lost -= 1
        finally:
            lost += 0.5
    return lost


class Failed(Exception):
    pass


def failing(k: int, item: Any) -> int:
    if k % 50 == 17:
        raise Failed(k + 1000, item)
    if k % 50 == 11:
        raise ValueError(f"no {k} here")
    return k


@loop(lambda: (Marker(),))
def handlers(n: int, item: Any) -> Any:
    total = 0
    for i in range(n):
        kept = (item, i)
        try:
            if i % 5 == 4:
                raise Failed(i + 1000)
            if i % 7 == 6:
                raise ValueError(f"no {i} here")
            total += i
        except Failed:
            total += len(kept)
        except ValueError:
            total -= 1
    return total


@loop(lambda: (Marker(), [None]), outlined=True, rare_exits=4)
def errors_that_are_kept(n: int, item: Any, kept: list[Any]) -> Any:
    total = 0
    for i in range(n):
        try:
            try:
                total += failing(i, item)
            except ValueError as error:
                raise Failed(i + 1000, item) from error
        except Failed as error:
            total += error.args[0]
            kept[0] = error
    kept[0] = None
    return total


@loop(lambda: (markers(3),), rare_exits=8)
def escaping(n: int, items: list[Any]) -> Any:
    done = 0
    for k in range(2):
        with suppress(IndexError):
            for i in range(n // 2 + 1):
                pair = [items[i % 3], (i, k)]
                done += len(pair)
                if i == n // 2:
                    items[k + 3]
    return done


@loop(lambda: ([1000, 2000, 3000],))
def types_that_change(n: int, values: list[int]) -> Any:
    total = 0.0
    for i in range(n):
        seen: Any = values[i % 3] if i % 20 != 19 else (i, i * 0.5)[i // 20 % 2]
        kept = [seen, i]
        total += seen + len(kept)
    return total


@loop(lambda: (markers(2), [[1000 + i] for i in range(5)]))
def ways_out(n: int, items: list[Any], rows: list[Any]) -> Any:
    total = 0
    for i in range(n):
        for k, row in enumerate(rows):
            p = Point(k + 1000, items)
            if k == i % 5:
                total += p.x + row[0]
                break
        else:
            total += 1
        while True:
            total += 1
            if total % 3 == 0:
                break
    return total


@loop(lambda: ([2**64 - 1, 5, 2**63],), "words")
def hashed(n: int, table: list[int]) -> Any:
    x = 2**64 - 59
    for i in range(n):
        x = (x * 0xD1342543DE82EF95 + i) & 0xFFFFFFFFFFFFFFFF
        table[i % 3] ^= x
        x ^= table[(i + 1) % 3] >> 7
    y = 2**60
    for i in range(n):
        y = (y * 911382323 + i) % (2**61 - 1)
    return x, y


@loop(lambda: (markers(4),))
def early_return(n: int, items: list[Any]) -> Any:
    for i in range(n):
        one = [items[i % 4], i + 1000]
        for item in items:
            if item is one[0] and i == n - 1:
                return one
    return None
