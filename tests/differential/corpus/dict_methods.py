"""Methods by which keys come and go: setdefault, pop, del; what they hand out, and what ends with it."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from types import ModuleType

from ..cases import case

WORDS = "the quick brown fox jumps over the lazy dog and runs away from it all".split()


def hot_grouped(n):
    lists, sets, dicts, counts = {}, {}, {}, {}
    for i in range(n):  # native
        w = WORDS[i % 15]
        lists.setdefault(w[0], []).append(i)
        sets.setdefault((i % 7, w), set()).add(i % 5)
        dicts.setdefault(i % 5, {}).setdefault(i % 3, []).append(w)
        counts.setdefault(i % 11, i)
        counts[i % 11] += 1
    return lists, sets, dicts, counts


def hot_numbered(n):
    ids, halves, total = {}, {}, 0
    for i in range(n):  # native
        total += ids.setdefault(WORDS[i * 7 % 15], len(ids)) + halves.setdefault(i * 0.5 % 4, 1.5)
        total += ids.setdefault("none", 7)
    return total, ids, halves


def nothing_given(n):
    d, out = {}, []
    for i in range(n):
        out.append(d.setdefault(i % 5))
        if i == n // 2:
            d[3] = "three"
    return out, d


def one_default(n):
    d, shared = {}, []
    for i in range(n):
        d.setdefault(i % 4, shared).append(i)
        own = []
        d.setdefault(-(i % 3), own).append(i)
        if i % 5 == 0:
            d.setdefault(-(i % 3), own if i % 2 else list()).append("more")
    return d, shared


def hot_taken(n):
    d = {}
    for i in range(n):
        d[i] = i * 2
    total = 0
    for i in range(n):  # native
        total += d.pop(i) + d.pop(-i - 1, 1)
        d[i + n] = total % 7
        if i % 3 == 0:
            del d[i + n]
    return total, d


def hot_taken_words(n):
    d, total = {}, 0
    for i in range(n):  # native
        w = WORDS[i % 15]
        d[w] = i * 0.5
        d[w, i % 3] = i
        if i % 2:
            total += d.pop(w) + d.pop((w, i % 3), 0)
        if w in d:
            del d[w]
    return total, d


def hot_objects(n):
    d, out = {}, []
    for i in range(n):  # native
        d[i % 20] = [i]
        found = d.pop(i * 3 % 20, None)
        if found is not None:
            out.append(found)
    return out, d


def missing(n):
    d, out = {1: 1, "a": 2}, []
    for i in range(n):
        try:
            out.append(d.pop(i % 3))
        except KeyError as error:
            out.append(repr(error))
            d[i % 3] = i
        try:
            del d[i % 4]
        except KeyError as error:
            out.append(repr(error))
    return out, d


class Text(str):
    def __hash__(self):
        return str.__hash__(self)


class Same:
    def __init__(self, n, log):
        self.n, self.log = n, log

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, other):
        self.log.append(("eq", self.n))
        return self.n == other


def other_keys(n, keys):
    log = []
    d = {Same(5, log): "five"}
    out = []
    for i in range(n):
        key = keys[i % len(keys)]
        try:
            out.append(d.setdefault(key, []))
            if i % 3 == 0:
                out.append(d.pop(key))
            out.append(len(d))
        except (TypeError, KeyError) as error:
            out.append(repr(error))
    return len(out), out[-9:], log, len(d)


class Ending:
    def __init__(self, n, log):
        self.n, self.log = n, log

    def __del__(self):
        self.log.append(self.n)


def endings(n):
    log, d = [], {}
    for i in range(n):
        d[i % 6] = Ending(i, log)
        if i % 3 == 1:
            d.pop(i % 6)
            log.append("popped")
        elif i % 3 == 2:
            del d[i % 6]
            log.append("deleted")
        else:
            held = d.pop(i % 6, None)
            log.append("held")
            held = None  # noqa: F841
            log.append("let go")
    d.clear()
    return log


def kinds_of_dicts(n):
    out = []
    for i in range(n):
        for d in (KINDS[0], KINDS[1], KINDS[2], KINDS[3]):
            d.setdefault(i % 9, i)
            out.append(d.setdefault("x", 4))
            out.append(d.pop(i % 7, -1))
            if i % 9 in d:
                del d[i % 9]
            out.append(len(d))
    for d in KINDS:
        d.clear()
    return out


KINDS = ({}, defaultdict(int), Counter(), OrderedDict())
limit = 3


def own_globals(n):
    total, space = 0, globals()
    for i in range(n):
        total += limit
        if i == n // 2:
            space.pop("limit")
            space.setdefault("limit", 5)
        if i == n - 9:
            del space["limit"]
            space.setdefault("limit", 3)
    return total


HELD = ModuleType("held")


def own_module(n, d):
    total, HELD.size = 0, 1
    for i in range(n):
        total += HELD.size
        d["size"] = total & 7
        d.setdefault("size", 1)
        total += HELD.size
    return total


def _sized(*, size=1):
    return size


def own_defaults(n, d):
    total, _sized.__kwdefaults__["size"] = 0, 1
    for i in range(n):
        total += _sized()
        d["size"] = total & 7
        total += _sized()
    return total


class Bag:
    pass


def own_defaults_as_attributes(n, shared):
    total, bag, _sized.__kwdefaults__["size"] = 0, Bag(), 1
    if shared:
        bag.__dict__ = _sized.__kwdefaults__
    bag.size = 1
    for i in range(n):
        total += _sized()
        bag.size = total & 7
        total += _sized()
    return total


def while_walked(n):
    out = []
    for i in range(n):
        d = {j: j for j in range(4)}
        try:
            for k in d:
                d.setdefault(k, 1)
                if k == i % 4:
                    d.pop(k)
        except RuntimeError as error:
            out.append(str(error))
        try:
            for k in d:
                d.setdefault(k + 10, 1)
        except RuntimeError as error:
            out.append(str(error))
    return out


def split_keys(n):
    class Held:
        def __init__(self, a):
            self.a, self.b = a, 2

    total = 0
    for i in range(n):
        d = Held(i).__dict__
        total += d.pop("a") + d.setdefault("b", 9) + d.setdefault("c", i)
        total += len(d)
    return total


def lengths(n):
    class Bag:
        def __init__(self, n):
            self.n = n

        def __len__(self):
            return self.n

    bag, view, ordered, total = Bag(4), memoryview(b"abc"), OrderedDict(), 0
    for i in range(n):
        ordered[i % 50] = i
        total += len(bag) + len(view) + len(ordered)
        if i == n // 2:
            bag.n = -1
        try:
            total += len(bag)
        except ValueError as error:
            total += len(str(error))
            bag.n = 2
    return total


case(hot_grouped, (90,), (1,), long=(3000,))
case(hot_numbered, (90,), long=(3000,))
case(nothing_given, (90,))
case(one_default, (90,))
case(hot_taken, (90,), (2,), long=(3000,))
case(hot_taken_words, (90,), long=(3000,))
case(hot_objects, (90,), long=(3000,))
case(missing, (90,))
case(other_keys, lambda: (90, (1, 2.0, True, "a", Text("a"), (1, "a"), None)), lambda: (60, ([1], {}, 5)),
     lambda: (60, (float("nan"),)), apart=True)
case(endings, (90,))
case(kinds_of_dicts, (60,))
case(own_globals, (90,))
case(own_module, lambda: (60, {}), lambda: (9, vars(HELD)), lambda: (60, {}), lambda: (60, vars(HELD)))
case(own_defaults_as_attributes, (60, False), (9, True), (60, True), (60, False))
case(own_defaults, lambda: (60, {}), lambda: (9, _sized.__kwdefaults__), lambda: (60, _sized.__kwdefaults__))
case(while_walked, (60,))
case(split_keys, (90,))
case(lengths, (90,))
