"""Handlers that look at the exception that they have taken."""

from __future__ import annotations

from ..cases import case

WORDS = ["12", "x5", "", "it's", "ä\n", "y" * 300, "7", "1" * 30, "'\"", "\u4e2d" * 250]


class Small(Exception):
    pass


class Told(Exception):
    def __str__(self):
        return "told"


class Coded(Exception):
    def __init__(self, code):
        super().__init__("code %d" % code)
        self.code = code


def texts(words):
    total, told = 0, []
    for word in words:  # native
        try:
            total += int(word)
        except ValueError as e:
            told.append(str(e))
    return told


def float_texts(words):
    total, told = [], []
    for word in words:  # native
        try:
            total.append(float(word))
        except ValueError as e:
            told.append(f"bad: {e}")
    return told, total


for fn in (texts, float_texts):
    case(fn, ([],), (WORDS,), (["1", "x", None],), (["x", 2.5],), long=lambda: (["12", "x5", "7", "", "it's"] * 300,))


def places(xs, values):
    told = []
    for x in xs:  # native
        try:
            told.append(values.index(x))
        except ValueError as e:
            told.append(e.args)
            told.append(str(e))
    return told


case(places, ([1, 9], [1]), (["a", "z'"], ["a"]), ([1, 9, True], (1,) * 9), ([1.5, 2], [2]), ([None, 5], [3, 5]),
     long=lambda: ([1, 5, 9, 30] * 300, [9, 7, 5, 3, 1]))


def keys(table, wanted):
    told, n = [], 0
    for key in wanted:  # native
        try:
            n += table[key]
        except KeyError as e:
            told.append(str(e))
            told.append(e.args[0])
            n += len(e.args)
    return told, n


case(keys, ({}, []), ({1: 2}, [1, 3, 4]), ({"a": 2}, ["a", "b'", "c"]), ({1.5: 2}, [1.5, -0.0, 2.5]),
     ({(1, 2): 3}, [(1, 2), (3,)]), ({1: 2}, [1, [3]]), long=lambda: ({1: 2, 3: 4}, [1, 2, 3, 4, 5] * 200))


def raised(xs):
    told = []
    for x in xs:  # native
        try:
            if x < 3:
                raise ValueError(f"too small: {x}")
            if x == 5:
                raise ValueError
            if x == 6:
                raise ValueError("six", x, None)
            if x == 7:
                raise ValueError(7.5)
        except ValueError as e:
            told.append(str(e))
            told.append(len(e.args))
            if len(e.args) == 3:
                told.append(e.args[1])
    return told


case(raised, ([],), (list(range(10)),), ([1.5, 7],), long=lambda: ([x % 9 for x in range(2000)],))


def check(x):
    if x < 3:
        raise Small("small")
    if x > 5:
        raise Small()
    return x


def small(xs):
    told, n = [], 0
    for x in xs:  # native
        try:
            n += check(x)
        except Small as e:
            told.append(f"<{e}>")
            told.append(type(e).__name__)
    return told, n


case(small, ([],), (list(range(10)),), long=lambda: ([x % 9 for x in range(2000)],))


def overridden(xs):
    told, n = [], 0
    for x in xs:
        try:
            if x < 3:
                raise Told("small")
            if x > 5:
                raise Coded(x)
        except Told as e:
            told.append(str(e))
        except Coded as e:
            n += e.code
            told.append(str(e))
    return told, n


case(overridden, ([],), (list(range(10)),), long=lambda: ([x % 9 for x in range(300)],))


def changed(xs):
    told = []
    for x in xs:
        try:
            if x < 3:
                raise Small("small")
        except Small as e:
            told.append(str(e))
        if len(told) == 4:
            Small.__str__ = lambda self: "changed"
    if len(told) >= 4:
        del Small.__str__
    return told


case(changed, ([1, 5] * 5,), long=lambda: ([x % 9 for x in range(300)],))


class Odd(Exception):
    args = "odd"
    __class__ = int


def hidden(xs):
    told = []
    for x in xs:
        try:
            if x < 3:
                raise Odd("small")
        except Odd as e:
            told.append(e.args)
            told.append(e.__class__)
            told.append(type(e))
    return told


case(hidden, ([1, 5] * 5,), long=lambda: ([x % 9 for x in range(300)],))


def divided(xs):
    told = []
    for x in xs:  # native
        try:
            told.append(10 // x)
            told.append([1, 2][x])
        except (ZeroDivisionError, IndexError) as e:
            told.append(str(e))
    return told


case(divided, ([0, 1, 5],), ([1, 0.0],), long=lambda: ([0, 1, 5, 2] * 300,))


def several(table, words):
    told = {}
    for word in words:
        try:
            n = table[int(word)]
        except Exception as e:
            name = type(e).__name__
            told[name] = told.get(name, 0) + 1
        else:
            told["fine"] = told.get("fine", 0) + n
    return told


case(several, ({1: 2}, ["1", "x", "3", "1", None]), long=lambda: ({1: 2}, ["1", "x", "3"] * 300))


def one_kind(words):
    told = {}
    for word in words:  # native
        try:
            n = int(word)
        except Exception as e:
            name = type(e).__name__
            told[name] = told.get(name, 0) + 1
            told[e.__class__.__name__] = n = 0
    return told, n


case(one_kind, (["1", "x"],), (["1", None],), long=lambda: (["1", "x", "3"] * 300,))


def kept(words):
    errors = []
    for word in words:
        try:
            int(word)
        except ValueError as e:
            errors.append(e)
    return [(type(e).__name__, e.args, e.__traceback__.tb_lineno) for e in errors]


case(kept, (["1", "x"],), long=lambda: (["1", "x", "3"] * 30,))


def unbound(words):
    e, n = 5, 0
    for word in words:
        try:
            n += int(word) + e
        except ValueError as e:
            n += len(str(e))
            e = 3
    return n


case(unbound, (["1", "2"],), (["1", "x"],), (["1", "x", "1"],))


def outside(words):
    total, told = 0, []
    for word in words:
        try:
            total += int(word)
        except ValueError as e:
            told.append(str(e)[x_missing:])
    return told


case(outside, (["1", "2", "x"],), long=lambda: (["1", "2"] * 300,))
