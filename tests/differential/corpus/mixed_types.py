"""Values of several types at one place: what they are is asked for, found out by tests, or known by the way taken."""

from __future__ import annotations

from ..cases import case

TOKENS = [("NUM", i) if i % 3 else ("OP", "+-"[i % 2]) for i in range(60)]
MIXED = [1, 2.5, "xy", None, (1, 2), True, 7]


def tagged(n):
    total = ops = 0
    for i in range(n):  # native
        kind, value = TOKENS[i % 60]
        if kind == "NUM":
            total += value
        elif value == "+":
            ops += 1
    return total, ops


def tagged_sum(n):
    return sum(v for k, v in TOKENS * n if k == "NUM")


def asked(n):
    total = 0
    for i in range(n):  # native
        value = MIXED[i % 7]
        if isinstance(value, (int, float)):
            total += value
        elif isinstance(value, str):
            total += len(value)
        elif value is None:
            total -= 1
        else:
            total += value[1]
    return total


def asked_of_unions(values):
    found = []
    for value in values:
        found.append((isinstance(value, int | str), isinstance(value, (bool, (float, tuple))), isinstance(value, int)))
    return found


def winner(board):
    for i, j, k in ((0, 1, 2), (3, 4, 5), (0, 3, 6)):
        if board[i] != " " and board[i] == board[j] == board[k]:
            return board[i]
    return None


def maybe_text(n):
    """None or a text; what stands behind a test is the text."""
    boards = [list("XX XOOO  "), list("XXXOO    "), list("OX OX O  ")]
    won = lost = 0
    for i in range(n):  # native
        who = winner(boards[i % 3])
        if who:
            won += 1 if who == "X" else 0
            lost += who == "O"
    return won, lost


def maybe_number(n, limit=None):
    total = 0
    for i in range(n):
        most = limit if limit is not None else i % 5
        if most < 3:
            total += most
        if not limit:
            total += 1
    return total


def swapped(n):
    total = 0
    for i in range(n):
        pair = ("a", 1) if i % 2 else (1, "a")
        if pair[0] == "a":
            total += pair[1]
    return total


def held_ranges(n):
    up, down, none, total = range(3, 4000, 3), range(40, 0, -7), range(5, 5), 0
    for i in range(n):  # native
        total = total * 3 % 1000003 + up[i % 1000] + up[-1 - i % 50] + len(up) + down[i % 6] * len(down) + len(none)
    return total


def two_rows(s, t):
    """The first row is a range, the others are lists."""
    before = range(len(t) + 1)
    for i, a in enumerate(s):
        row = [i + 1]
        for j, b in enumerate(t):
            row.append(min(before[j + 1] + 1, row[j] + 1, before[j] + (a != b)))
        before = row
    return before[-1]


def out_of_range(n):
    span, seen = range(n - 2), 0
    try:
        for i in range(n):
            seen += span[i]
    except IndexError as error:
        return seen, str(error)
    return seen


def large_ranges(n):
    span, total = range(2**62, 2**64, 2**61), 0
    for i in range(n):
        total += span[i % 3] >> 60
    return total


case(tagged, lambda: (70,), lambda: (5,), long=lambda: (5_000,))
case(tagged_sum, lambda: (2,), lambda: (1,))
case(asked, lambda: (70,), lambda: (5,), long=lambda: (5_000,))
case(asked_of_unions, lambda: (MIXED * 5,), lambda: ([1, 2.5] * 9,), lambda: ([[], {}, set(), MIXED] * 9,))
case(maybe_text, lambda: (40,), lambda: (5,), long=lambda: (5_000,))
case(maybe_number, lambda: (40,), lambda: (40, 2), lambda: (40, 0), lambda: (40, 1.5))
case(swapped, lambda: (40,), lambda: (5,))
case(held_ranges, lambda: (40,), lambda: (5,), long=lambda: (5_000,))
case(two_rows, lambda: ("kitten" * 3, "sitting" * 3), lambda: ("", "abc"), lambda: ("saturday", "sunday"))
case(out_of_range, lambda: (40,), lambda: (5,))
case(large_ranges, lambda: (40,))
