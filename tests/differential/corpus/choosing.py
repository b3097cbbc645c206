"""Loops over iterators that choose items from pools, and change the last tuple where nobody else has it."""

from __future__ import annotations

import itertools

from ..cases import case


def paired(xs):
    total = 0
    for a, b in itertools.combinations(xs, 2):  # native
        total += a * b
    return total


def ordered(xs):
    total = 0
    for a, b, c in itertools.permutations(xs, 3):  # native
        total = total * 3 % 100003 + a * b - c
    return total


def crossed(xs, ys):
    total = 0
    for a, b in itertools.product(xs, ys):  # native
        total = total * 3 % 100003 + a - b
    return total


case(paired, ([1, 2, 3, 4],), ([1],), ([],), ((1, 2.5, 3),), ([1, "a", 2, 3] * 3,), long=(list(range(90)),))
case(ordered, ([1, 2, 3, 4],), ([1],), ([1, 2, 3],), ([1, 2.5, 3, 4, None],), long=(list(range(18)),))
case(crossed, ([1, 2], [3]), ([], [1]), ([1], []), ((1, 2.5), [3, 4]), long=(list(range(90)), range(60)))


def those_before(xs, n):
    """Tuples are needed when the next ones are drawn, and after the loop."""
    found, last = [], None
    for kind in (itertools.combinations, itertools.permutations, itertools.combinations_with_replacement):
        for chosen in kind(xs, n):
            if last is not None and last[0] != chosen[0]:
                found.append(last)
            last = chosen
        found.append(last)
    for chosen in itertools.product(xs, repeat=n):
        if chosen[0] is last[0]:
            found.append((last, chosen))
        last = chosen
    return found, last


def kept(xs):
    return [pair for pair in itertools.permutations(xs, 2)], {pair: sum(pair) for pair in itertools.product(xs, xs)}


def objects(xs):
    held = []
    for a, b in itertools.combinations(xs, 2):
        if a is not b:
            held = [a, b]
        if len(held) == 2:
            held[0].append(len(held[1]))
    return held, xs


def drawn_by_others(xs):
    """The body draws as well, and goes on with one that has ended."""
    it, found = itertools.combinations(xs, 2), []
    for a, b in it:
        found.append((a, b))
        if len(found) % 7 == 3:
            found.append(next(it, None))
    for pair in it:
        found.append(pair)
    again = itertools.product(xs, (1, 2))
    for _ in range(2):
        for a, b in again:
            found.append((a, b))
    return found


def left_and_taken_up(xs):
    it, found = itertools.permutations(xs, 2), []
    for a, b in it:
        found.append(a - b)
        if len(found) > 40:
            break
    for a, b in it:
        found.append((b, a))
    return found, list(it)


def changing_types(xs):
    total = 0
    for a, b in itertools.product(xs, xs):
        if isinstance(a, str):
            total += len(a)
        elif isinstance(b, str):
            total += len(b) * 100
        else:
            total += a * b
    return total


LONG = list(range(40))
case(those_before, (LONG[:9], 2), (LONG[:5], 3), ([1, 2.5, "a", None, True], 2), ([[], [1], []], 2), apart=True)
case(kept, (LONG[:9],), ([1, 2.5, 3],), ([],))
case(objects, lambda: ([[] for _ in range(20)],), lambda: ([[], [1]] * 6,), apart=True)
case(drawn_by_others, (LONG[:20],), ([1],), ([],))
case(left_and_taken_up, (LONG[:20],), ([1, 2],))
case(changing_types, ([1, 2, "abc", 2.5, 7] * 4,), (LONG,))


def counted(xs, r):
    found = []
    for r in range(-1, r):
        try:
            for chosen in itertools.combinations(xs, r):
                found.append(len(chosen))
            for chosen in itertools.permutations(xs, r):
                found.append(chosen)
            for chosen in itertools.product(xs, repeat=r):
                found.append(chosen)
        except ValueError as error:
            found.append(str(error))
    return found


case(counted, ([1, 2, 3], 5), ([], 3), ("ab", 4))
