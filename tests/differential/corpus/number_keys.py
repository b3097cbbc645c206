"""Dicts and sets with floats for keys, and with tuples of ints, floats and texts: equal keys of other types, nans, zeros."""

from __future__ import annotations

import random
import struct
from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction

from ..cases import case


def hot_memo(n):
    memo, hits, total = {}, 0, 0.0
    for i in range(n):  # native
        x = i * i % 97 * 0.25
        if x in memo:
            hits += 1
            total += memo[x]
        else:
            memo[x] = x * 1.5
    return hits, total, memo


def hot_pairs(n):
    counts, words = {}, ["ab", "cd", "e\u0119", ""]
    for i in range(n):  # native
        key = words[i * i % 4], i % 7
        counts[key] = counts.get(key, 0) + 1
    return counts


def hot_places(n):
    seen, again = set(), 0
    for i in range(n):  # native
        x, y = i * 7 % 31 * 0.5, -i * i % 17 * 0.125
        if (x, y, i % 3) in seen:
            again += 1
        else:
            seen.add((x, y, i % 3))
    return again, sorted(seen)


def hot_steps(n):
    text, last, steps = "the quick brown fox " * (n // 20), " ", defaultdict(int)
    for char in text:  # native
        steps[last, char] += 1
        last = char
    return steps


case(hot_memo, long=(3000,))
case(hot_pairs, long=(3000,))
case(hot_places, long=(3000,))
case(hot_steps, long=(3000,))


def counted(keys):
    counts, seen, again, found = {}, set(), 0, Counter()
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
        if key in seen:
            again += 1
        seen.add(key)
        found[key] += 1
    return counts, list(map(type, counts)), again, len(seen), found


def looked_up(known, keys):
    found = []
    for key in keys:
        found.append((known.get(key, -1), key in known))
    return found


def members(known, keys):
    found = 0
    for key in keys:
        found = (found * 2 + (key in known)) % 1000003
    return found


def entered(known, keys):
    for i, key in enumerate(keys):
        known[key] = i
    return [(type(key), key, value) for key, value in known.items()]


DRAWN = random.Random(11)
NAN = float("nan")
BITS = [struct.unpack("d", DRAWN.randbytes(8))[0] for _ in range(300)]
WIDE = [x for x in BITS if x == x]
EDGES = [0.0, -0.0, 1.0, -1.0, -2.0, 0.5, 1e300, -1e300, 5e-324, -5e-324, 2.0**-1022, 2.0**-1023, float("inf"), float("-inf"), 2.0**53, 2.0**53 + 2,
         2.0**61, 2.0**61 - 256, -(2.0**61), 2.0**62, 2.0**63, -(2.0**63), 2.0**64, 1e22, 314159.0, -314159.0, 2.0**1023, 1.7976931348623157e308, 0.1]
WHOLE = [0, 1, -1, -2, 2**53, 2**53 + 1, 2**61, 2**61 - 1, 2**62, 2**63 - 1, -(2**63), 2**63, 2**64, 10**22, 314159, True, False]
POWERS = [2.0**k for k in range(-1074, 1024, 7)]


class Number(float):
    def __eq__(self, other):
        return float(self) == other or other == 77.5

    def __hash__(self):
        return hash(float(self))


class Word(str):
    def __eq__(self, other):
        return str(self) == other

    def __hash__(self):
        return hash(str(self))


INPUTS = (
    [x * 0.5 for x in range(90)], EDGES * 3, WIDE, POWERS, [*EDGES, *WHOLE] * 2, [*WHOLE, *EDGES] * 2, [NAN] * 60, [*EDGES, NAN] * 3,
    [float("nan") for _ in range(60)], [1.5] * 40 + ["a", None, 2], [2.0] * 40 + [2, True, 2 + 0j, Decimal(2), Fraction(2)],
    [Number(x % 7 + 0.5) for x in range(60)], [0.5] * 40 + [Number(77.5), 77.5],
)
PAIRS = (
    [(x * 0.5, y) for x in range(9) for y in range(9)], [(x, y) for x in EDGES for y in (0, 1)], [(x, 2.5) for x in WIDE], [("a", 1), ("b", 1.0), ("a", True)] * 30,
    [(str(x), x) for x in range(60)] * 2, [(x, "a", 2.5, str(x % 5)) for x in range(60)] * 2, [(1, 2), (1.0, 2), (1, 2.0), (True, 2)] * 25, [(x, 0.0) for x in WHOLE] * 4,
    [(x, -0.0) for x in EDGES] * 3, [(NAN, 1)] * 60, [(float("nan"), 1) for _ in range(60)], [(1.0, 2)] * 40 + [(NAN, 2), (1, 2), ("a", 2), (1.0, None)],
    [(Word("a"), x) for x in range(60)], [("a", x % 3) for x in range(60)] + [(Word("a"), 1)], [("", ""), ("a",), ("a", "a", "a")] * 20,
    [("\u0119", x % 3) for x in range(40)], [(x % 5 * 1.5, (1, 2)) for x in range(60)], [(2.5, (1, 2))] * 40 + [(2.5, [])], [("a", x % 2 == 0) for x in range(60)],
    [((1.5, "a"), 2)] * 60, [(1, 2, 3, 4.5, "a", "b", 7, 8.5)] * 60, [(2.0**63, -(2.0**63))] * 60, [(2**63, 1.5)] * 60, [(1.5, 2**63 - 1), (1.5, 2.0**63)] * 30,
)
case(counted, *[(keys,) for keys in (*INPUTS, *PAIRS) if [] not in keys[-1:] and keys[-1] != (2.5, [])], ([(2.5, [])],), apart=True)
TABLES = (dict.fromkeys(EDGES, 1), dict.fromkeys(WHOLE, 2), dict.fromkeys(WIDE, 3), {x: i for i, x in enumerate(POWERS)}, {NAN: 4, 1.0: 5}, {"a": 1}, {},
          {Number(77.5): 6, 0.5: 7}, {Decimal("0.5"): 8, Fraction(1, 2): 9}, {True: 1, 2 + 0j: 2}, {10**400: 1, float("inf"): 2})
for asked in (looked_up, members):
    case(asked, *[(known, keys) for known in TABLES for keys in (EDGES * 2, WHOLE * 3)], (TABLES[2], WIDE), (TABLES[3], POWERS), (TABLES[4], [NAN] * 40),
         (TABLES[7], [0.5] * 40 + [77.5]), (TABLES[8], INPUTS[0]), *[(dict.fromkeys(one), other) for one, other in zip(PAIRS, PAIRS[1:]) if [] not in (other[-1][-1:], one[-1][-1:])
         and all(type(x) is tuple and [] not in x for x in (*one, *other))], *[(dict.fromkeys(one), one) for one in PAIRS if all([] not in x for x in one)], apart=True)
case(entered, lambda: ({}, EDGES * 2), lambda: ({0: 1, 1: 2, 5: 3}, [*EDGES, 5.0]), lambda: ({True: 1, -0.0: 2}, [1.0, 0.0, -0.0] * 20), lambda: ({}, [0.0, -0.0] * 20),
     lambda: ({}, [-0.0, 0.0, 0] * 20), lambda: ({(1, 2): 3}, [(1.0, 2.0), (True, 2)] * 20), lambda: ({}, PAIRS[6]), lambda: ({}, WIDE), lambda: ({}, PAIRS[8]),
     lambda: ({"a": 1}, INPUTS[0]), lambda: (defaultdict(list), PAIRS[5]), lambda: (Counter("a"), PAIRS[4]), apart=True)


def made(n):
    table = defaultdict(float)
    for i in range(n):
        table[i % 9 * 0.5] += 1.5
        table[str(i % 5), i % 3 * 0.5] += 0.25
    return table, list(table)


def mixed(n):
    table, total = {}, 0
    for i in range(n):
        key = i % 5 if i % 3 else i % 5 * 0.5
        table[key] = table.get(key, 0) + 1
        total += table.get((i % 2, "a"), 3) + (key in table)
    return total, table


class Same:
    asked = 0

    def __hash__(self):
        return hash((1.5, "a"))

    def __eq__(self, other):
        Same.asked += 1
        return other == (1.5, "a")


def asks(n):
    table, total, Same.asked = {Same(): 5}, 0, 0
    for i in range(n):
        total += table.get((1.5, "a"), 1) + table.get((i * 0.5, "a"), 1)
    return total, Same.asked


def inside(n):
    table, total, Same.asked = {(Same(), 1): 5, (1, Same()): 2}, 0, 0
    for i in range(n):
        total += table.get((i * 0.5, 1), 1) + table.get((1, "a"), 1)
    return total, Same.asked


case(made, (90,), apart=True)
case(mixed, (90,), apart=True)
case(asks, (60,), apart=True)
case(inside, (60,), apart=True)
