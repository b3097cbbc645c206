"""Operations that only the interpreter does, and methods of builtin objects that variables hold."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from decimal import Decimal
from enum import Enum, auto
from fractions import Fraction

from ..cases import case


class State(Enum):
    IDLE = auto()
    BUSY = auto()
    DONE = auto()


def states(n):
    log, state = {}, State.IDLE
    for i in range(n):
        if state is State.IDLE and i % 3:
            state = State.BUSY
        elif state is State.BUSY and i % 5 == 0:
            state = State.DONE
        elif state is State.DONE:
            state = State.IDLE
        log[state] = log.get(state, 0) + i
        if State.DONE in log:
            log[state] += 1
    return log


def ordered(n):
    cache, hits = OrderedDict(), 0
    for i in range(n):
        k = i * 7 % 11
        if k in cache:
            hits += 1
            cache.move_to_end(k)
            hits += cache[k]
        else:
            cache[k] = i
        if len(cache) > 6:
            cache.popitem(last=False)
    return hits, cache


def decimals(n):
    total, step = Decimal(0), Decimal("0.1")
    for i in range(n):
        total += step * i
        if total > 20:
            total -= 20
        if -total < step:
            total = total + 1
    return total


def fractions(n):
    total = Fraction(0)
    for i in range(1, n):
        total += Fraction(1, i)
    return total


def divided(n, d):
    total = Decimal(1)
    out = []
    for i in range(n):
        try:
            total = total / (i - d)
        except ArithmeticError as error:
            out.append(type(error).__name__)
    return total, out


def failing(n, d):
    total = Decimal(1)
    for i in range(n):
        total = total / (i - d)
    return total


def sets(n):
    seen, other, total = {1, 2, 3}, {2, 5}, 0
    for i in range(n):
        total += len(seen | {i % 4}) + len(seen & other) + len(seen - other)
        seen ^= other
        if seen < {1, 2, 3, 5, 6} and seen <= seen:
            total += 1
    return total, seen


def slices(n):
    xs, total = list(range(10)), 0
    for i in range(n):
        xs[i % 5:i % 5 + 2] = [i, i + 1]
        total += len(xs[i % 3:]) + (xs[0:2] == [i, i + 1]) + ([1, 2] < xs)
    return total, xs


def taken_methods(n):
    out, queue, counts, words = [], deque(), {}, set()
    append, extend, insert, pop = out.append, out.extend, out.insert, out.pop
    push, take, get, add = queue.append, queue.popleft, counts.get, words.add
    for i in range(n):
        append(i)
        extend((i, 2))
        insert(0, i * 2.0)
        if i % 3:
            pop()
            pop(1)
        push(i)
        if i % 4 == 3:
            append(take())
        counts[i % 5] = get(i % 5, 0) + 1
        add(str(i % 7))
    return out, queue, counts, sorted(words)


def hot_taken(n):
    out = []
    append, join = out.append, "".join
    total = 0
    for i in range(n):  # native
        append(i * 2)
        total += len(join(("a", "b")))
    return total, len(out)


def other_owner(n):
    xs, ys = [], []
    put = xs.append
    for i in range(n):
        put(i)
        if i == 12:
            put = ys.append
        if i == 15:
            put = ys.remove
        if i == 17:
            put = ys.insert
        if i == 18:
            try:
                put(i)
            except TypeError as error:
                xs.append(str(error))
            put = print
    return xs, ys


def taken_from_many(lists, n):
    total = 0
    for i in range(n):
        for xs in lists:
            f = xs.count
            total += f(i % 3)
    return total


class Mine(list):
    def append(self, x):
        super().append(x * 2)


def taken_of_own(n):
    xs = Mine()
    put, total = xs.append, 0
    for i in range(n):
        put(i)
        total += i
    return xs, total


def patterns(lines):
    number, total = re.compile(r"\d+").match, 0
    for line in lines:
        found = number(line)
        if found:
            total += len(found.group()) + found.end()
    return total


def keys_of_own(n):
    seen, total = {}, 0
    for i in range(n):
        k = Key(i % 4)
        if k in seen:
            total += seen[k]
        seen[k] = i
    return total, len(seen)


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 2

    def __eq__(self, other):
        if self.n == 3 and other.n == 3:
            return True
        return self.n == other.n


def in_many(n):
    total = 0
    names = ["a", "b", "c"]
    for i in range(n):
        total += ("b" in names) + (i in (1, 2.0, "x")) + (str(i) not in names) + ("1" in f"{i}")
    return total


case(states, (40,))
case(ordered, (40,))
case(decimals, (60,))
case(fractions, (25,))
case(divided, (20, 9), (20, 30))
case(failing, (20, 9), (20, 30))
case(sets, (30,))
case(slices, (30,))
case(taken_methods, (30,))
case(hot_taken, (30,), long=(3000,))
case(other_owner, (15,), (16,), (18,), (19,))
case(taken_from_many, lambda: ([[1, 2], (0, 1), "abc", [2, 2]], 20), lambda: ([[1, 2], [0, 1]], 20))
case(taken_of_own, (20,))
case(patterns, (["12a", "b", "345", ""] * 6,))
case(keys_of_own, (30,))
case(in_many, (30,))
