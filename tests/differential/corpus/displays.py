"""Dicts and sets written out in loops: keys of many kinds, the same key twice, values that fail."""

from __future__ import annotations

from ..cases import case


def hot_rows(n):
    total = 0
    for i in range(n):  # native
        row = {"id": i, "group": i % 7, "value": i * 1.5}
        total += row["id"] + row["group"]
    return total


def rows(n):
    return [{"id": i, i: str(i), (i, 1): None, None: [i], True: i > 3} for i in range(n)]


def sets(n):
    out = []
    for i in range(n):
        out.append({i, i % 3, "a", str(i)})
        out.append({i, float(i)})
    return out


def same_key(n):
    out = []
    for i in range(n):
        out.append({1: "a", True: i, 1.0: "c"})
        out.append({"k": i, f"{'k'}": i + 1})
    return out


def failing(n, d):
    out = []
    for i in range(n):
        out.append({"a": i, "b": 10 // (i - d), "c": len(out)})
    return out


def unhashable(n):
    out = []
    for i in range(n):
        try:
            out.append({"a": i, (i, [i]) if i == 12 else i: 2})
        except TypeError as error:
            out.append(str(error))
    return out


def order(n):
    log = []

    def note(x):
        log.append(x)
        return x

    for i in range(n):
        d = {note(i): note("v"), note(-i): note(i * 2)}
        log.append(len(d))
    return log


def merged(n):
    base, out = {"x": 1}, []
    for i in range(n):
        out.append({**base, "i": i})
    return out


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return 7

    def __eq__(self, other):
        return isinstance(other, Key)


def own_keys(n):
    total = 0
    for i in range(n):
        total += len({Key(i): 1, Key(2): 2, "x": 3})
    return total


case(hot_rows, (20,), long=(3000,))
case(rows, (20,))
case(sets, (20,))
case(same_key, (20,))
case(failing, (20, 30), (20, 11))
case(unhashable, (20,))
case(order, (20,))
case(merged, (20,))
case(own_keys, (20,))
