"""Dicts with ints and texts for keys: reading, counting, growing, and keys whose comparison is the program's own code."""

from __future__ import annotations

from ..cases import case


def counted(items):
    counts = {}
    for item in items:
        if item in counts:
            counts[item] += 1
        else:
            counts[item] = 1
    return counts, list(counts)


def hot_counted(n, k):
    counts = {}
    for i in range(n):  # native
        key = i * i % k
        if key in counts:
            counts[key] += 1
        else:
            counts[key] = 1
    return counts, list(counts)


BIG = [2**61 - 1, 2**61, -1, -2, 2**61 - 2, -(2**61), 2**63 - 1, -(2**63), 0, 1, 2**30, 2**60]
case(counted, ([],), ([1, 2, 3, 1] * 20,), (["a", "b", "a", "\u0119"] * 20,), (BIG * 6,), ([1, 2] * 20 + [2**70] * 3,), ([1] * 40 + [1.0, True, "a"],),
     ([1.5, 2.5] * 30,), ([True, False, 1] * 20,), ([None, 1] * 30,), ([(1, 2), (2, 1)] * 30,), (["a"] * 40 + [1],), ([1] * 40 + [[1]],),
     ("abcabc" * 12,), (["ab" "c", "abc"[:2] + "c"] * 30,), apart=True)
case(hot_counted, long=(4000, 1009))


def histogram(n, k):
    bins = {}
    for i in range(n):
        key = i * 7 % k
        bins[key] = bins.get(key, 0) + i * 0.5
    return bins


def defaults(d, keys):
    found = []
    for key in keys:
        found.append(d.get(key))
        found.append(d.get(key, "none"))
        found.append(d.get(key, 2.5))
    return found, d


case(histogram, (0, 3), (60, 7), (60, 0), (60, 100), (300, 2.5), apart=True)
case(defaults, lambda: ({1: 2, 3: "a"}, [1, 2, 3] * 20), lambda: ({"a": 1, "b": None}, ["a", "c"] * 30), lambda: ({}, [1] * 60),
     lambda: ({1: 2}, ["a"] * 40), lambda: ({"a": 2}, [1] * 40), lambda: ({1.0: 2, True: 3}, [1] * 40), apart=True)


def looked_up(d, keys):
    total = 0
    for key in keys:
        total += d[key]
    return total


def changed(d, keys, values):
    kept = []
    for key, value in zip(keys, values):
        d[key] = value
        kept.append(len(d))
    return kept, d, list(d.items())


class Odd:
    def __init__(self, value):
        self.value = value
        self.asked = 0

    def __hash__(self):
        return hash(self.value)

    def __eq__(self, other):
        self.asked += 1
        return other == self.value


class Mean(dict):
    def __getitem__(self, key):
        return 7

    def __missing__(self, key):
        return 9


def with_odd(*values):
    odds = [Odd(value) for value in values]
    return {odd: i for i, odd in enumerate(odds)}


case(looked_up, lambda: ({1: 2, 2: 3.5}, [1, 2] * 30), lambda: ({1: 2}, [1] * 40 + [2]), lambda: ({"a": 1}, ["a"] * 40 + ["b"]),
     lambda: (with_odd(1, 2, "x"), [1, 2] * 30), lambda: (with_odd("a", "b"), ["a", "b"] * 30), lambda: (Mean(), [1] * 40),
     lambda: ([5, 6], [0, 1] * 30), lambda: ({1: 2}, [True] * 40), lambda: ({-1: 5, -2: 6}, [-1, -2] * 30), lambda: ({1: "a"}, [1] * 5),
     lambda: ({1: 2}, [1] * 40 + [[]]), apart=True)
case(changed, lambda: ({}, list(range(60)), [i * 0.5 for i in range(60)]), lambda: ({5: "x"}, [5, 6] * 30, list(range(60))),
     lambda: ({}, ["a", "b", "c"] * 20, [None, 1, 2.5, "t", (1,), [2], True] * 9), lambda: (with_odd(1, 2), [1, 2, 3] * 20, list(range(60))),
     lambda: (Mean(), [1, 2] * 30, list(range(60))), lambda: ({}, [True, 1, 0, False] * 15, list(range(60))), lambda: ({}, [1] * 40 + [[1]], list(range(60))),
     lambda: ({1: [0], 2: Odd(3)}, [1, 2] * 30, list(range(60))), lambda: ({1: 1}, ["a", 1] * 30, list(range(60))), apart=True)


class Loud:
    log: list = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        self.log.append(self.name)


def lives(n):
    Loud.log.clear()
    d, seen = {}, []
    for i in range(n):
        if i % 5 == 4:
            d[i % 3] = Loud(i)
        else:
            d[i % 4] = i
        seen.append(len(Loud.log))
    return seen, list(Loud.log)


case(lives, (0,), (60,))


def module_variables(n):
    space = globals()
    for i in range(n):
        space["shared"] = i
        space["total"] = space["total"] + shared
    return shared, total


shared = total = 0
case(module_variables, (0,), (60,))


def attributes(n):
    thing = Odd(0)
    space = vars(thing)
    found = []
    for i in range(n):
        space["value"] = i
        found.append(thing.value)
        thing.value = i * 2
        found.append(space["value"])
        if i == 40:
            space["more"] = i
        if i == 50:
            space.clear()
            space["value"] = 0
    return found, space


case(attributes, (60,))


def nested(graph, start):
    distance, queue, at = {start: 0}, [start], 0
    while at < len(queue):
        node = queue[at]
        at += 1
        for other in graph[node]:
            if other not in distance:
                distance[other] = distance[node] + 1
                queue.append(other)
    return distance, queue


case(nested, lambda: ({n: [(n * 3 + k) % 40 for k in range(3)] for n in range(40)}, 0), lambda: ({0: []}, 0), lambda: ({0: [1]}, 0),
     lambda: ({str(n): [str((n * 3 + k) % 40) for k in range(3)] for n in range(40)}, "0"), apart=True)


def while_iterated(d, n):
    seen = 0
    for key in d:
        for i in range(n):
            seen += i
            d[i] = seen
    return d, seen


case(while_iterated, lambda: ({0: 1, 1: 2}, 2), lambda: ({0: 1, 1: 2}, 5), lambda: ({}, 5), lambda: ({i: i for i in range(30)}, 20))


def removed(n):
    d, found = {}, []
    for i in range(n):
        d[i] = i
        if i % 3 == 2:
            del d[i - 1]
        if i % 10 == 9:
            d.clear()
        found.append(len(d) if d else -1)
    return found, d


case(removed, (0,), (60,))


def handled(d, keys):
    lost = 0
    for key in keys:
        try:
            d[key] += 1
        except KeyError as error:
            lost += len(error.args)
    return lost, d


case(handled, lambda: ({1: 1, 2: 2}, [1, 2, 3] * 20), lambda: ({"a": 1}, ["a", "b"] * 30))


def unique(items):
    seen, order, twice = set(), [], 0
    for item in items:
        if item in seen:
            twice += 1
        else:
            order.append(len(seen))
        seen.add(item)
    return sorted(map(repr, seen)), list(seen), order, twice


def hot_unique(n, k):
    seen, twice = set(), 0
    for i in range(n):  # native
        key = i * i % k
        if key in seen:
            twice += 1
        else:
            seen.add(key)
    return list(seen), twice


def members(s, keys):
    found = []
    for key in keys:
        found.append((key in s, key not in s, len(s)))
        if key not in s:
            s.add(key)
        if len(s) > 20:
            s.discard(key)
    return found, list(s)


case(unique, ([],), ([1, 2, 3, 1] * 20,), (["a", "b", "a", "\u0119"] * 20,), (BIG * 6,), ([1, 2] * 20 + [2**70] * 3,), ([1] * 40 + [1.0, True, "a"],),
     ([1.5, 2.5] * 30,), ([True, False, 1] * 20,), ([None, 1] * 30,), ([(1, 2), (2, 1)] * 30,), (["a"] * 40 + [1],), ([1] * 40 + [[1]],),
     ("abcabc" * 12,), (list(range(200)),), ([i * 64 for i in range(90)],), apart=True)
case(hot_unique, long=(4000, 1009))
case(members, lambda: ({1, 2}, [1, 2, 3] * 20), lambda: (set(), ["a", "b"] * 30), lambda: (set(map(Odd, [1, 2, "x"])), [1, 2, 3] * 20),
     lambda: (set(map(Odd, "ab")), ["a", "b", "c"] * 20), lambda: (frozenset((1, 2)), [1, 2] * 30), lambda: ({1.0, True, "a"}, [1, 0, 2] * 20),
     lambda: (set(range(30)), list(range(60))), lambda: ({-1, -2}, [-1, -2, -3] * 20), apart=True)
