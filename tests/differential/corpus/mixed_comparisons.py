"""Comparisons of values that are a text, a number or None, as they come, and of objects or None."""

from __future__ import annotations

from ..cases import case

MIXED = ["x", None, "num", 3, 3.0, True, "", 2**70, "ä", "\u4e2d", 0, False, 2.5, "3"]


class Token:
    def __init__(self, kind, value):
        self.kind = kind
        self.value = value


class Node:
    pass


class Odd:
    def __eq__(self, other):
        return other == "x"

    def __hash__(self):
        return 1


def tokens(kinds):
    return [Token(kind, place) for place, kind in enumerate(kinds)]


def found(table, keys):
    n = 0
    for key in keys:  # native
        if table.get(key) == "x":
            n += 1
        if table.get(key) != "y":
            n += 100
    return n


TABLE = {"a": "x", "b": "y", "c": "xy"}
case(found, (TABLE, []), (TABLE, ["a", "b", "c", "d"]), ({"a": Odd()}, ["a", "b"]), ({"a": [1]}, ["a", "b"]),
     long=lambda: (TABLE, ["a", "b", "c", "d"] * 500))


def quotes(text):
    quote, n = None, 0
    for c in text:  # native
        if c == quote:
            quote = None
            n += 1
        elif quote is None and (c == "'" or c == '"' or c == "ä" or c == "\u4e2d"):
            quote = c
    return n, quote


case(quotes, ("",), ("a'b'c\"d'\"",), ("ä'ä\u4e2d\u4e2d'",), ("''\u4e2d",), long=lambda: ("a'b'ä\"ä\"d'\"\u4e2d" * 300,))


def kinds(made):
    n = 0
    for token in made:  # native
        if token.kind == "num":
            n += token.value
        elif token.kind != "op":
            n -= 1
    return n


case(kinds, ([],), (tokens(["num", None, "op", "num"]),), (tokens(["num", 3, Odd()]),),
     long=lambda: (tokens(["num", None, "op", "x"] * 400),))


def against_text(xs):
    n = 0
    for x in xs:  # native
        n += (x == "x") + 10 * (x != "") + 100 * ("num" == x) + 1000 * ("ä" != x)
    return n


def against_int(xs):
    n = 0
    for x in xs:  # native
        n += (x == 3) + 10 * (x != 0) + 100 * (x == True) + 1000 * (x == 9007199254740993)  # noqa: E712
    return n


def against_float(xs):
    n = 0
    for x in xs:  # native
        n += (x == 2.5) + 10 * (x != 3.0) + 100 * (x == None)  # noqa: E711
    return n


for fn in (against_text, against_int, against_float):
    case(fn, ([],), (MIXED,), (["x", Odd()],), ([None, [1], (1,), {}, "x"],),
         (["a", float("nan"), float("inf"), 9007199254740992.0, -1e300, 2.0**63, None],), ([b"x", "x"],),
         long=lambda: (MIXED * 120,))


def against_number(xs, wanted):
    n = 0
    for x in xs:  # native
        if x == wanted:
            n += 1
    return n


case(against_number, (MIXED, 3), (MIXED, 2.5), (MIXED, "x"), (MIXED, None), (MIXED, 2**70), (MIXED, True),
     (MIXED, 2**63), (MIXED, 0j), (["a", 2.0**63, None, 2**63 - 1], 2**63 - 1), (MIXED, [1]), ([[1], None, "a"], [1]),
     (["a", float("nan")], float("nan")), (MIXED, Odd()), long=lambda: (MIXED * 120, "num"))


def each_other(xs, ys):
    n = 0
    for x, y in zip(xs, ys):  # native
        if x == y:
            n += 1
        if y != x:
            n += 1000
    return n


NAN = float("nan")
case(each_other, (MIXED, MIXED), (MIXED, MIXED[::-1]), (["a", NAN, None], ["a", NAN, None]), ([1, "a"], [True, None]),
     ([[1], "a"], [[1], None]), (["a", Odd()], ["x", "x"]), long=lambda: (MIXED * 120, MIXED[3:] * 160))


def changes(xs):
    n, before = 0, None
    for x in xs:  # native
        if x != before:
            n += 1
        before = x
    return n, before


case(changes, ([],), (["a", "a", "b"],), ([None, None, "a"],), (MIXED,), (["a", Odd(), "x"],),
     long=lambda: (["a", "a", "b", None] * 300,))


def among(xs):
    n = 0
    for x in xs:  # native
        if x in ("x", 3, None):
            n += 1
        if x not in ("num", ""):
            n += 1000
        if x in {"x", "ä", "\u4e2d"}:
            n += 100_000
    return n


case(among, ([],), (MIXED,), (["x", [1]],), (["x", {}, None],), (["x", (1, [2])],), (["x", Odd()],), ([2.5, NAN, "a"],),
     long=lambda: (MIXED * 120,))


def among_floats(xs, one, other):
    n = 0
    for x in xs:
        if x in (2.5, 3.0):
            n += 1
        if x in (one, other):
            n += 1000
    return n


case(among_floats, (MIXED, 1.5, 2.5), ([NAN, "a", None], 2.0, 1.0),
     long=lambda: (MIXED * 120, 2.5, 7.0))


def true(xs):
    n = 0
    for x in xs:  # native
        if x:
            n += 1
        if not x:
            n += 1000
    return n


class Empty:
    def __bool__(self):
        return False


case(true, ([],), (MIXED,), (["a", [], None, [1], {}, {1: 2}, (), (1,), set(), {1}],), (["a", Empty(), ""],),
     ([None, 0j, "a"],), long=lambda: (MIXED * 120,))


def grown(n):
    rows, filled = [None, "", [], [0]], 0
    for i in range(n):  # native
        if rows[i % 4]:
            filled += 1
        if i == n // 2:
            rows[2].append(i)
            rows[3].clear()
    return filled


case(grown, (8,), (40,), long=(2000,))


def converted(words):
    n, value = 0, None
    for word in words:  # native
        if word.isdigit():
            value = int(word)
        elif word == "half":
            value = 0.5
        else:
            value = word
        if value == 12:
            n += 1
        elif value == "x":
            n += 1000
        elif value == 0.5:
            n += 100_000
    return n, value


case(converted, ([],), (["12", "x"],), (["12", "x", "half", "7", "12345678901234567890123", "13"],),
     long=lambda: (["12", "x", "half", "7"] * 300,))


def joined_nan(words, known):
    n, value = 0, None
    for word in words:
        if word == "nan":
            value = float(word) + n
        else:
            value = word
        if value in known:
            n += 1
    return n


case(joined_nan, (["a", "nan", "b"], ["a", NAN]), long=lambda: (["a", "nan", "b", "b"] * 300, ["a", NAN, "b"]))


FIRST, SECOND = Node(), Node()


def nodes(xs):
    n, before = 0, None
    for x in xs:  # native
        if x == before:
            n += 1
        if x != None:  # noqa: E711
            n += 1000
        if x == FIRST:
            n += 100_000
        before = x
    return n


case(nodes, ([],), ([None, FIRST, FIRST, SECOND],), ([FIRST, Odd(), "x", None],), ([None, None],), ([FIRST, "a", 1],),
     long=lambda: ([None, FIRST, FIRST, SECOND] * 300,))
