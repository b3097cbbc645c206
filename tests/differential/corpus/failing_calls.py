"""Calls of builtin functions and methods whose exceptions a handler in the loop takes, often."""

from __future__ import annotations

import functools
import sys
import traceback

from ..cases import case

WORDS = ["12", "x5", " 7 ", "", " ", "-3", "+4", "1_000", "--1", "0x1f", "1.5", "٣", "１２", "9" * 18, "9" * 19, "9" * 30,
         "-" + "9" * 18, "5\n", "\x1c6", "7\x00", "1 2", "_1", "ä", "-", "+", "007", "5 \t", "-0"]
FLOATS = ["1.5", "x", "", " 2 ", "-3.25", "+.5", "1.", ".", "-", "1e5", "1e400", "inf", "nan", "-nan", "Infinity", "n/a", "NA",
          "1_0.5", "0.1", "123456789012345", "1234567890123456", "0.000000000000001", "-0.0", "1.2.3", "٣.5", "9" * 18,
          "000000000000000001", "1.5f", "\x1f1.5", "0x10", "infinit", "1e-3", "5\n"]


def ints(words):
    total, bad = 0, 0
    for word in words:  # native
        try:
            total += int(word)
        except ValueError:
            bad += 1
    return total, bad


def floats(words):
    total, bad = [], 0
    for word in words:  # native
        try:
            total.append(float(word))
        except ValueError:
            bad += 1
    return repr(total), bad


case(ints, ([],), (WORDS,), (["1", None],), ([1, 2.5, "x"],), ([b"5", "x"],), ([True, "7"],),
     long=lambda: (["12", "x5", " 7 ", "", "-3"] * 300,))
case(ints, *[([word, word],) for word in WORDS], name="each_int",
     long=lambda: (["12", "x5", " 7 ", "", "-3"] * 300,))
case(floats, ([],), (FLOATS,), ([*FLOATS, None],), long=lambda: (["1.5", "x", "", "-3.25", "1e5", "inf"] * 300,))
case(floats, *[([word, word],) for word in FLOATS], name="each_float", long=lambda: (FLOATS * 50,))


def digits(text):
    total, bad = 0, 0
    for c in text:  # native
        try:
            total += int(c)
        except ValueError:
            bad += 1
    return total, bad


case(digits, ("",), ("12a3",), ("٣１x",), long=lambda: ("12a3 " * 300,))


def converted(words):
    found = []
    for word in words:  # native
        try:
            value = int(word)
        except (ValueError, TypeError):
            value = None
        else:
            value += 1
        if value is not None:
            found.append(value)
    return found


case(converted, (WORDS,), ([None, "5", 2.5, "x", [1]],), long=lambda: (["12", "x5", "7", "x"] * 300,))


def told(words):
    lines = []
    for word in words:
        try:
            lines.append(int(word))
        except ValueError:
            kind, error, trace = sys.exc_info()
            lines.append((kind.__name__, str(error), len(traceback.extract_tb(trace)), error.__context__ is None))
    return lines


case(told, (WORDS,), long=lambda: (["12", "x5", "y" * 30, ""] * 30,))


def places(xs, values):
    total, bad = 0, 0
    for x in xs:  # native
        try:
            total += values.index(x)
        except ValueError:
            bad += 1
    return total, bad


case(places, ([], []), ([1, 2, 9], [1, 2, 3]), (["a", "z", None], ["a", "b"]), ([1.5, 9], [1.5]), ([[1]], [[1], 2]),
     ([1, 2, 9], (1, 2, 3) * 5), ([1, 5], [object(), 1]), long=lambda: ([1, 5, 9, 30] * 300, [9, 7, 5, 3, 1]))


def told_places(xs, values):
    lines = []
    for x in xs:
        try:
            lines.append(values.index(x))
        except ValueError:
            lines.append(str(sys.exc_info()[1]))
    return lines


case(told_places, ([1, 2, 9], [1, 2, 3]), (["a", "z'", None], ["a", "b"]), ([True, -1, 2**63 - 1], [5]),
     ([1, 2, 9], (1, 2, 3) * 5), long=lambda: ([1, 5, 9, 30] * 30, [9, 7, 5, 3, 1]))


def removed(xs, values):
    values, bad = list(values), 0
    for x in xs:  # native
        try:
            values.remove(x)
        except ValueError:
            bad += 1
    return values, bad


case(removed, ([], []), ([1, 2, 9, 1], [1, 2, 3, 1]), (["a", "z", None], ["a", "b"]), ([1.5, 9], [1.5]),
     long=lambda: ([1, 5, 9, 30] * 300, [9, 7, 5, 3, 1] * 100))


def within(words):
    total, bad = 0, 0
    for word in words:  # native
        try:
            total += word.index("x")
        except ValueError:
            bad += 1
    return total, bad


case(within, ([],), (WORDS,), (["x", None],), long=lambda: (["12", "x5", "7", "ax"] * 300,))


def uneven(words, table):
    total, bad = 0, 0
    for word in words:  # native
        x = len(word) * 3 + 5
        x ^= x >> 2
        x = (x * 31 + len(word)) % 1009
        x ^= x >> 3
        x = (x * 17 + total) % 1009
        try:
            total += table.pop(word) + x
        except KeyError:
            bad += 1
            table[word] = x
    return total, bad, table


case(uneven, ([], {}), lambda: (WORDS * 3, {}), lambda: (["a", "b", "a"], {"a": None}), lambda: ([(1, 2), [1]], {}),
     long=lambda: (WORDS * 60, {}))

SCALE = 1


@functools.lru_cache(maxsize=1)
def moody(x):
    global SCALE
    if x % 5 == 3:
        raise LookupError(x)
    if x % 97 == 2:
        SCALE += 1
        raise KeyError(x)
    if x % 211 == 1:
        raise ZeroDivisionError(x)
    return x


def scaled(xs):
    total, bad, worse = 0, 0, 0
    for x in xs:  # native
        y = x * 3 + 5
        y ^= y >> 2
        y = (y * 31 + total) % 1009
        y ^= y >> 3
        y = (y * 17 + total) % 1009
        try:
            total += moody(x) * SCALE + y
        except KeyError:
            worse += SCALE
        except LookupError:
            bad += SCALE
    return total, bad, worse


case(scaled, ([],), ([3, 8, 2, 99, 4],), ([1],), ([3, 5, 7, 212],), long=lambda: ([x % 200 for x in range(2, 3000)],))


def nested(words):
    total, bad, done = 0, 0, 0
    for word in words:
        try:
            try:
                total += int(word)
            except KeyError:
                total -= 1
            finally:
                done += 1
        except ValueError:
            bad += 1
            try:
                total += int(word[1:])
            except ValueError:
                bad += 1000
    return total, bad, done


case(nested, ([],), (WORDS,), (["1", None],), long=lambda: (["12", "x5", "7", "xy"] * 300,))


def again(words):
    total = 0
    for word in words:
        try:
            total += int(word)
        except ValueError:
            if word == "stop":
                raise
            total -= 1
    return total


case(again, (["1", "x", "y", "z", "stop", "5"],), (["1", "x", "stop"],),
     long=lambda: ([*["12", "x5", "7", "xy"] * 300, "stop"],))


def parsed(word):
    return int(word) * 2


def through(words):
    total, bad = 0, 0
    for word in words:  # native
        try:
            total += parsed(word)
        except ValueError:
            bad += 1
    return total, bad


case(through, ([],), (WORDS,), (["1", None],), long=lambda: (["12", "x5", "7", "xy"] * 300,))


def first_of(rows):
    total, bad = 0, 0
    for row in rows:  # native
        x = len(row) * 3 + 5
        x ^= x >> 2
        x = (x * 31 + total) % 1009
        x ^= x >> 3
        x = (x * 17 + total) % 1009
        try:
            total += next(iter(row)) + x
        except StopIteration:
            bad += 1
    return total, bad


case(first_of, ([],), ([[1], [], [2, 3]],), ([(1,), "", {5: 6}],), long=lambda: ([[1], [], [2, 3], [4]] * 300,))


def beside_objects(words):
    made, bad = [], 0
    for word in words:  # native
        item = [word]
        try:
            item.append(int(word))
        except ValueError:
            bad += 1
            continue
        made.append(item)
    return made, bad


case(beside_objects, (WORDS,), long=lambda: (["12", "x5", "7", "xy"] * 300,))
