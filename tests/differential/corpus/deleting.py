"""Items that are deleted: of dicts, lists and the program's own objects, with errors, and while they are gone over."""

from __future__ import annotations

from ..cases import case


def window(items, n):
    counts, best = {}, 0
    for i, item in enumerate(items):
        counts[item] = counts.get(item, 0) + 1
        if i >= n:
            gone = items[i - n]
            counts[gone] -= 1
            if counts[gone] == 0:
                del counts[gone]
        if len(counts) > best:
            best = len(counts)
    return best, counts


def hot_window(n):
    counts, total = {}, 0
    for i in range(n):  # native
        counts[i * 7 % 31] = i
        if i % 4 == 3:
            key = (i * 7 - 7) % 31
            if key in counts:
                del counts[key]
        total += len(counts)
    return total, counts


def from_list(items, n):
    total = 0
    while len(items) > n:
        total += items[0]
        del items[0]
        if len(items) % 3 == 0:
            del items[-1], items[1:3]
    return total, items


def absent(d, keys):
    found = 0
    for key in keys:
        try:
            del d[key]
            found += 1
        except KeyError as error:
            found -= error.args[0]
    return found, d


def absent_bare(d, keys):
    for key in keys:
        del d[key]
    return d


class Log:
    def __init__(self):
        self.gone = []

    def __delitem__(self, key):
        global DELETED
        DELETED += 1
        self.gone.append(key)


DELETED = 0


def own(n):
    global DELETED
    DELETED, log, total = 0, Log(), 0
    for i in range(n):
        del log[i]
        total += DELETED
    return total, log.gone


class Value:
    def __init__(self, n, log):
        self.n, self.log = n, log

    def __del__(self):
        self.log.append(self.n)


def finalized(n):
    log = []
    d = {i: Value(i, log) for i in range(n)}
    for i in range(n):
        del d[i]
        log.append(-i)
    return log


def unhashable(keys):
    d = {}
    for key in keys:
        d[1] = key
        del d[key]
    return d


case(window, ([i * i % 17 for i in range(90)], 7), (["a", "b", "a"] * 30, 2), ([(i % 3, i % 5) for i in range(90)], 4), ([1.5, 2] * 40, 1), apart=True)
case(hot_window, long=(4000,))
case(from_list, lambda: (list(range(90)), 5), lambda: ([1.5] * 60, 0), lambda: ([1, "a"] * 30, 4), apart=True)
case(absent, lambda: (dict.fromkeys(range(50), 1), list(range(60))), lambda: ({}, [1] * 60), apart=True)
case(absent_bare, lambda: (dict.fromkeys(range(50), 1), list(range(60))), lambda: (dict.fromkeys(range(60), 1), list(range(60))), apart=True)
case(own, (60,), apart=True)
case(finalized, (60,), apart=True)
case(unhashable, ([1] * 50 + [[1]],), ([1] * 60,), apart=True)
