"""Starred assignment: of lists, of tuples, and of what the interpreter takes apart."""

from __future__ import annotations

from ..cases import case

ROWS = [[1], [1, 2], [1, 2, 3], [4, 5, 6, 7]]
TUPLES = [(1,), (1, 2), (1, 2, 3), tuple(range(20))]
ODD = ["abc", range(3), {5: 6}, {7}, (x for x in (1, 2)), b"ab"]


def heads(rows):
    total, rests = 0, []
    for row in rows:  # native
        head, *rest = row
        total += head
        rests.append(rest)
    return total, rests


case(heads, ([],), (ROWS,), (TUPLES,), ([[1, 2], []],), ([[1, 2], ()],), ([[1, 2], 5],), ([[1, 2], None],),
     ([[1, 2], (3, 4)],), ([[1.5, 2], ["a", 3]],), lambda: ([[1, 2], range(3), {5: 6}, iter([1, 2])],),
     long=lambda: (ROWS * 400,))
case(heads, (TUPLES,), name="heads_of_tuples", long=lambda: (TUPLES * 300,))


def in_header(rows):
    total, n = 0, 0
    for first, *rest in rows:  # native
        total += first * 10 + sum(rest)
        n += len(rest)
        rest.append(3)
    return total, n


case(in_header, ([],), (ROWS,), (TUPLES,), ([[1, 2], []],), ([(1, 2)] * 5,), ([(1, 2.5)] * 5,), long=lambda: (ROWS * 400,))


def both_ends(rows):
    total, rests = 0, []
    for row in rows:  # native
        first, *between, last = row
        total += first * 100 + last
        rests.append(between)
    return total, rests


case(both_ends, ([],), (ROWS[1:],), (ROWS,), (TUPLES[1:],), (TUPLES,), ([[1, 2], [3]],), ([[1, "a"], [2, None, 3]],),
     long=lambda: (ROWS[1:] * 400,))


def tails(rows):
    total, rests = 0, []
    for row in rows:  # native
        *rest, before, last = row
        total += before * 100 + last
        rests.append(rest)
    return total, rests


case(tails, ([],), (ROWS[1:],), (ROWS,), (TUPLES[1:],), ([[1, 2], "ab"],), long=lambda: (ROWS[1:] * 400,))


def everything(rows):
    copies = []
    for row in rows:  # native
        *copy, = row
        copies.append(copy)
    return copies, [copy is row for copy, row in zip(copies, rows)]


case(everything, ([],), (ROWS,), (TUPLES,), (["ab", "c"],), ([[], ()],), long=lambda: (ROWS * 400,))


def fixed(n):
    total, rests = 0, []
    for i in range(n):  # native
        a, *b, c = i, i + 1, 2.5, i * 2
        d, *e = (i,)
        total += a + c + d + len(e)
        rests.append(b)
    return total, rests[-3:]


case(fixed, (0,), (5,), long=(2000,))


def words(lines):
    found = {}
    for line in lines:  # native
        name, *values = line.split()
        found[name] = [int(value) for value in values]
    return found


case(words, ([],), (["a 1 2", "b", "c 3"],), (["a 1 2", ""],), (["a 1", "b x"],), long=lambda: (["a 1 2", "b", "c 3"] * 200,))


def nested(rows):
    total = 0
    for (a, *b), *c in rows:  # native
        total += a + len(b) * 10 + len(c) * 100
    return total


case(nested, ([],), ([[[1, 2], 3], [[4], 5, 6]],), ([[[], 1]],), long=lambda: ([[[1, 2], 3], [[4], 5, 6]] * 300,))


class Box:
    def __init__(self):
        self.head = self.rest = None


def into_places(rows):
    box, table = Box(), {}
    for row in rows:
        box.head, *box.rest = row
        table["a"], *table["b"] = row
    return box.head, box.rest, table


case(into_places, (ROWS,), ([[1, 2], []],), long=lambda: (ROWS * 100,))


def caught(rows):
    total, bad = 0, 0
    for row in rows:
        try:
            a, *b, c = row
            total += a + c
        except (ValueError, TypeError):
            bad += 1
    return total, bad


case(caught, (ROWS,), ([[1], None, 5, [1, 2]],), long=lambda: (ROWS * 100,))


def taken(odd):
    found = []
    for value in odd:
        a, *b = value
        found.append((a, b))
    return found


case(taken, lambda: (["abc", range(3), {5: 6}, {7}, (x for x in (1, 2)), b"ab"],), lambda: (["abc", iter([])],))
