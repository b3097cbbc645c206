"""Counters, defaultdicts and other classes that are like dicts: absent keys, factories, methods replaced, loops over them."""

from __future__ import annotations

import collections
from collections import Counter, OrderedDict, defaultdict

from ..cases import case


def counted(items):
    counts = Counter()
    for item in items:
        counts[item] += 1
    return counts, list(counts)


def hot_counted(n, k):
    counts = Counter()
    for i in range(n):  # native
        counts[i * i % k] += 1
    total = 0
    for i in range(n):  # native
        total += counts[i]
    return counts, total, list(counts)


def grouped(items, factory):
    groups = defaultdict(factory)
    for item in items:
        groups[item] += 1
    return groups, list(groups)


def hot_grouped(n, k):
    groups = defaultdict(list)
    for i in range(n):  # native
        groups[i % k].append(i)
    total = 0
    for key, members in groups.items():  # native
        for member in members:
            total += member * key
    return groups, total


def hot_table(n):
    table = defaultdict(int)
    for i in range(n):  # native
        table[i % 13, i % 7] += i
    return table, list(table)


ITEMS = ([1, 2, 3, 1] * 20, ["a", "b", "a", "\u0119"] * 20, [(i % 3, i % 4) for i in range(80)], [], [1] * 40 + [1.0, True, "a"], [1] * 45 + [[1]],
         [2**70, 1] * 30, [None, 1] * 30, [1.5, 2.5] * 30, [1] * 40 + [(1, "a")] * 5, list(range(200)))
case(counted, *[(items,) for items in ITEMS], apart=True)
case(grouped, *[(items, int) for items in ITEMS], *[(ITEMS[0], factory) for factory in (float, str, list, None, lambda: 5, dict)], apart=True)
case(hot_counted, long=(4000, 1009))
case(hot_grouped, long=(4000, 97))
case(hot_table, long=(4000,))


def looked_at(d, keys):
    found = []
    for key in keys:
        found.append(key in d)
        found.append(d.get(key))
        found.append(len(d))
        if len(d) < 30:
            d[key] = 5
    for key in d:
        found.append(key)
    for key, value in d.items():
        found.append((key, value))
    return found, d


def read(d, keys):
    total = 0
    for key in keys:
        total += d[key]
    return total, d


class Own(dict):
    def __missing__(self, key):
        return key * 2


class Getting(dict):
    def __getitem__(self, key):
        return 7


class Kept(defaultdict):
    pass


class Short(Counter):
    def __missing__(self, key):
        return -1


LIKES = (lambda: Counter({1: 2, 3: 4}), lambda: defaultdict(int, {1: 2}), lambda: OrderedDict({1: 2, 3: 1}), lambda: Own({1: 2}), lambda: Getting({1: 2}),
         lambda: Kept(int, {1: 2}), lambda: Short({1: 3}), lambda: defaultdict(lambda: 3), lambda: defaultdict(float, {1: 1}), lambda: Counter({"a": 1}))
case(looked_at, *[(lambda make=make: (make(), [1, 2, 3] * 20)) for make in LIKES], lambda: (Counter(), list(range(60))), apart=True)
case(read, *[(lambda make=make: (make(), [1, 2, 3] * 20)) for make in LIKES], lambda: (defaultdict(int), list(range(60))), lambda: (Counter(), list(range(60))), apart=True)


def patched(n):
    counts, total, old = Counter(), 0, Counter.__missing__
    try:
        for i in range(n):
            total += counts[i]
            if i == n - 9:
                Counter.__missing__ = lambda self, key: 100
    finally:
        Counter.__missing__ = old
    return total


def got_patched(n):
    counts, total = Counter({1: 1}), 0
    try:
        for i in range(n):
            total += counts[i % 3]
            if i == n - 9:
                Counter.__getitem__ = lambda self, key: 1000
    finally:
        if "__getitem__" in vars(Counter):
            del Counter.__getitem__
    return total


def changed_class(n):
    counts, total = Counter({1: 1}), 0
    for i in range(n):
        total += counts[i % 3]
        if i == n - 9:
            counts.__class__ = Short
    return total


def changed_factory(n):
    table, total = defaultdict(int), 0
    for i in range(n):
        total += table[i]
        if i == n - 9:
            table.default_factory = lambda: 50
        if i == n - 3:
            table.default_factory = None
    return total


def factory_calls(n):
    made = []

    def factory():
        made.append(len(made))
        return len(made)

    table, total = defaultdict(factory), 0
    for i in range(n):
        total += table[i % 50]
    return total, made


def nested(n):
    table = defaultdict(lambda: defaultdict(int))
    for i in range(n):
        table[i % 5][i % 3] += i
    return {key: dict(value) for key, value in table.items()}


def sets_of(n):
    table = defaultdict(set)
    for i in range(n):
        table[i % 5].add(i * i % 11)
    total = 0
    for key in table:
        for member in table[key]:
            total += key * member
    return table, total


def words(text):
    counts, lengths = collections.defaultdict(int), collections.Counter()
    for word in text.split():
        counts[word] += 1
        lengths[len(word)] += 1
    return dict(counts), lengths, [word for word in counts if counts[word] > 2]


for changing in (patched, got_patched, changed_class, changed_factory, factory_calls, nested, sets_of):
    case(changing, (60,), (9,), apart=True)
case(words, ("the quick brown fox the lazy dog the end " * 9,), ("",), apart=True)
