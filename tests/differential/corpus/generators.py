"""Loops that draw from generators: pipelines, what is left of them, their variables, their ends and exceptions."""

from __future__ import annotations

import gc
import inspect
import weakref

import numpy as np

from ..cases import case


def counted(n, step=1):
    at = 0
    for i in range(n):
        at += step
        yield at


def kept(values, divisor):
    for value in values:
        if value % divisor == 0:
            yield value


def scaled(values, factor):
    for value in values:
        yield value * factor


def averages(values):
    total = count = 0
    for value in values:
        total += value
        count += 1
        yield total / count


def pipeline(n, factor):
    last = None
    for value in averages(scaled(kept(counted(n), 3), factor)):  # native
        last = value
    return last


case(pipeline, lambda: (0, 1), lambda: (2, 1), lambda: (30, 2), lambda: (30, 0.5), lambda: (30, 2**62), lambda: (9, "x"),
     lambda: (12, 1j), lambda: (12, True), long=lambda: (9000, 2))


def left_of(n, limit):
    source = counted(n)
    found = []
    for value in source:  # native
        if value > limit:
            break
        found.append(value)
    return found, list(source), inspect.getgeneratorstate(source)


case(left_of, lambda: (9, 4), lambda: (9, 0), lambda: (9, 100), lambda: (0, 1), long=lambda: (6000, 5000))


def variables_of(n, limit):
    source = counted(n, 0.5)
    seen = None
    for value in source:
        if value > limit:
            seen = dict(source.gi_frame.f_locals), source.gi_running
            break
    return seen, next(source, "end")


case(variables_of, lambda: (20, 3), lambda: (20, 0), lambda: (3, 9), long=lambda: (6000, 2500))


def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def below(limit):
    total = 0
    for value in fibonacci():
        if value > limit:
            return total
        total += value
    return None


case(below, lambda: (10,), lambda: (0,), lambda: (10**9,), lambda: (10**30,))


def pairs(n):
    for i in range(n):
        for j in range(i):
            if (i + j) % 3:
                yield i, j


def distances(n):
    total = 0.0
    for i, j in pairs(n):  # native
        total += abs(i - j) ** 0.5
    return total


case(distances, lambda: (0,), lambda: (1,), lambda: (6,), long=lambda: (130,))


def until(values, limit):
    for value in values:
        if value > limit:
            return
        yield value


def broken_off(values, limit):
    for value in values:
        if value > limit:
            break
        yield value
    limit = None


def prefix(how, n, limit):
    source = counted(n)
    total = 0
    for value in how(source, limit):  # native
        total += value
    return total, next(source, None), next(source, None)


case(prefix, lambda: (until, 9, 4), lambda: (broken_off, 9, 4), lambda: (until, 9, 40), lambda: (broken_off, 9, 40),
     lambda: (until, 9, 0), long=lambda: (until, 6000, 5000))
case(prefix, lambda: (broken_off, 9, 4), lambda: (broken_off, 9, 2), long=lambda: (broken_off, 6000, 5000))


def reciprocals(values):
    for value in values:
        found = 1 / value
        yield found


def reciprocal_sum(values):
    source = reciprocals(values)
    total = 0.0
    try:
        for value in source:  # native
            total += value
    except ZeroDivisionError as error:
        return total, str(error), error.__traceback__.tb_next.tb_lineno, inspect.getgeneratorstate(source)
    return total


case(reciprocal_sum, lambda: ([1, 2, 4],), lambda: ([1, 2, 0, 4],), lambda: ([],), lambda: ([1, "x"],), lambda: ([0],),
     long=lambda: ([1, 2, 4] * 2000 + [0],))


def uncaught(values, bad):
    total = 0
    for value in reciprocals(values):  # native
        if value == bad:
            raise ValueError(value)
        total += value
    return total


case(uncaught, lambda: ([1, 2, 4], 0), lambda: ([1, 2, 4], 0.5), lambda: ([1, 0], 5), lambda: ([1, 2, None], 5),
     long=lambda: ([1, 2, 4] * 2000 + [0], 7))


def skipping(n):
    source = counted(n)
    found = []
    for value in source:
        if value % 5 == 0:
            found.append(next(source, -1))
        else:
            found.append(value)
    return found


case(skipping, lambda: (4,), lambda: (5,), lambda: (16,), long=lambda: (3000,))


def itself(values, box):
    for value in values:
        if value == 7:
            value = next(box[0])
        yield value


def entered_again(n):
    box = []
    box.append(itself(counted(n), box))
    total = 0
    for value in box[0]:
        total += value
    return total


case(entered_again, lambda: (5,), lambda: (9,), long=lambda: (3000,))


def asking(values, box):
    for value in values:
        box.append(value)
        yield len(box)


def asked(values):
    box = []
    sizes = [size for size in asking(values, box)]
    total = 0
    for size in asking(values, box):  # native
        total += size
    return sizes, total, box


case(asked, lambda: ([],), lambda: ([1, 2, 3],), lambda: ((1.5, 2),), lambda: (range(4),), lambda: (np.arange(3),),
     long=lambda: (range(4000),))


def again_and_again(n):
    source = counted(n)
    found = []
    for part in range(4):
        for value in source:  # native
            if value % 700 == 699:
                break
            found.append(value + part)
    return found


case(again_and_again, lambda: (3,), lambda: (2000,), long=lambda: (9000,))


def growing(first):
    value = first
    while value < 10**40:
        value = value * 3
        yield value


def grown(first):
    last = 0
    for value in growing(first):
        last = value
    return last


case(grown, lambda: (1,), lambda: (1.5,), lambda: (10**39,), lambda: (7,))


def changing(values):
    held = 0
    for value in values:
        if value == 3:
            held = 0.5
        elif value == 5:
            held = None
        elif value == 6:
            del held
        yield value


def changed(values):
    source = changing(values)
    total = 0
    for value in source:
        total += value
        if value == 8:
            break
    frame = source.gi_frame
    return total, None if frame is None else frame.f_locals.get("held", "gone")


case(changed, lambda: (range(2),), lambda: (range(4),), lambda: (range(6),), lambda: (range(9),), lambda: ([1, 3, 8, 9],),
     lambda: ([5, 8],), lambda: ([6, 8],), lambda: ([1, 8],), long=lambda: ([1, 2] * 3000 + [3, 8],))


class Held:
    """Something whose end can be seen."""


def holding(things):
    for thing in things:
        yield thing[0]


def released(n):
    things = [[1, Held()] for _ in range(n)]
    seen = [weakref.ref(thing[1]) for thing in things]
    source = holding(things)
    del things
    total = 0
    for value in source:  # native
        total += value
        if total > n - 3:
            break
    alive = sum(ref() is not None for ref in seen)
    del source
    gc.collect()
    return total, alive, sum(ref() is not None for ref in seen)


case(released, lambda: (0,), lambda: (2,), lambda: (8,), long=lambda: (5000,))


def zipped(n):
    total = 0
    for i, (a, b) in enumerate(zip(counted(n), counted(n, 2), strict=False)):
        total += i * a - b
    return total


case(zipped, lambda: (0,), lambda: (5,), long=lambda: (2000,))


def mixed_kinds(items):
    total = 0
    for item in items:  # native
        total += item
    return total


case(mixed_kinds, lambda: (counted(5),), lambda: ([1, 2],), lambda: (counted(7),), lambda: (scaled([1, 2, 3], 0.5),),
     lambda: (range(4),), lambda: ((x * x for x in range(5)),), lambda: (counted(0),), lambda: (iter([1, 2]),),
     long=lambda: (counted(4000),))


def shared_inner(n):
    base = counted(n)
    left, right = scaled(base, 2), scaled(base, 3)
    found = []
    for value in left:
        found.append(value)
        if value % 11 == 0:
            found.append(next(right, None))
    return found, next(right, None)


case(shared_inner, lambda: (4,), lambda: (30,), long=lambda: (3000,))


def over_iterator(it):
    for value in it:
        yield value + 1


def known_iterator(n):
    it = iter(range(n))
    total = 0
    for value in over_iterator(it):
        total += value
        if total > n:
            break
    return total, list(it)


case(known_iterator, lambda: (0,), lambda: (9,), long=lambda: (3000,))


class Peeking:
    """A key that looks at a generator when it is compared."""

    source = None

    def __hash__(self):
        return 5

    def __eq__(self, other):
        seen.append(dict(Peeking.source.gi_frame.f_locals)["at"] if Peeking.source is not None else None)
        return False


seen = []


def looked_at(n):
    del seen[:]
    Peeking.source = source = counted(n, 5)
    met = {Peeking()}
    met |= {value for value in source}
    Peeking.source = source = counted(n, 5)
    table = {(value if value != 5 else Peeking()): 1 for value in source}
    Peeking.source = None
    return len(met), len(table), list(seen)


case(looked_at, lambda: (0,), lambda: (3,), long=lambda: (300,))


def added_up(n):
    return sum(counted(n, 3))  # native


def listed(n, factor):
    return list(scaled(counted(n), factor))  # native


def consumed_by_all(n, divisor):
    """What builtins make of generators, of none, and of other things that functions make."""
    found = [max(kept(counted(n + 9), divisor)), min(counted(n + 1)), any(kept(counted(n), divisor))]
    found += [all(counted(n)), sorted(scaled(counted(n), -divisor)), tuple(kept(counted(n), divisor))]
    found += [set(kept(counted(n), divisor)), sum(handed(n)), list(handed(n)), max(averages(counted(n + 1)))]
    return found


def handed(n):
    return [n, 2, n * n]


def empty_of(n):
    try:
        return max(kept(counted(n), n + 1))
    except ValueError as error:
        return str(error)


def of_wrong_values(n):
    def mixed(k):
        for i in range(k):
            yield i if i < n else "x"

    found = []
    for consume in (1, 2, 3):
        try:
            if consume == 1:
                found.append(sum(mixed(12)))
            elif consume == 2:
                found.append(max(mixed(12)))
            else:
                found.append(sorted(mixed(12)))
        except TypeError as error:
            found.append((str(error), error.__traceback__.tb_next is None))
    return found


def failing_at(n, at):
    for i in range(n):
        yield 10 // (at - i)


def consumed_to_a_failure(n, at):
    return sum(failing_at(n, at))


def replaced_consumer(n):
    def sum(items):
        return [*items, "mine"]

    return sum(counted(n))


class Walking:
    def __init__(self, items):
        self.items = items

    def walk(self):
        for item in self.items:
            yield item + 1


def of_methods(n):
    return sum(Walking(range(n)).walk()), list(Walking([0.5] * n).walk())


def seen_behind(n):
    """What a generator held is let go where it ends."""
    held = []

    def holding(k):
        thing = Walking(k)
        held.append(weakref.ref(thing))
        for i in range(k):
            yield i

    total = sum(holding(n)), held[-1]() is None
    for value in holding(n):
        total += (value,)
    return total[:3], held[-1]() is None


case(added_up, (0,), (5,), (40,), long=(5000,))
case(listed, (9, 2), (9, 0.5), (4, "ab"), (0, 1), long=(5000, 1.5))
case(consumed_by_all, (12, 3), (30, 2), (0, 5))
case(empty_of, (0,), (9,))
case(of_wrong_values, (0,), (5,), (20,))
case(consumed_to_a_failure, (9, 4), (9, 20), (30, 29), long=(5000, 4500))
case(replaced_consumer, (9,))
case(of_methods, (9,), (0,), long=(3000,))
case(seen_behind, (9,), (2,), (40,), long=(3000,))
