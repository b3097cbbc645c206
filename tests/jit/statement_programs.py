"""Functions whose statements are counted: every kind of statement, and every way of cutting one short."""

from __future__ import annotations

import asyncio
import contextlib
import functools

from tests.differential.cases import case


def straight(x):
    """A docstring is no statement that is begun."""
    a = x
    b = a + 1; c = b + 1
    d = (
        a
        + b
        + c
    )
    return d


case(straight, (1,))


def branches(x):
    if x > 10: return "big"
    if x > 5:
        y = 1
    elif x > 3:
        y = 2
    elif x == 3:
        raise ValueError(x)
    else:
        y = 3
        y += 1
    if x == 1: y = 7; y += 1
    return y


case(branches, (11,), (6,), (4,), (3,), (1,), (0,), ("x",))


def cut_short(xs):
    total = 0
    for x in xs:
        total += 1
        y = 10 // x
        total += y
        if y == 5:
            break
        if y == 2:
            continue
        if y == 1:
            return total
        total -= 1
    else:
        total = -total
    total *= 2
    return total


case(cut_short, ([1, 1],), ([3, 5, 7],), ([3, 2, 9],), ([5, 5, 4, 0, 3],), ([10],), ([],), (None,))


def whiles(n):
    i = j = 0
    while i < n:
        i += 1
        while True:
            j += 1
            if j % 3 == 0:
                break
            if j > 40:
                raise OverflowError(j)
    else:
        i = -i
    return i, j


case(whiles, (0,), (5,), (30,))


def tries(x):
    log = []
    for i in range(6):
        try:
            log.append(i)
            log.append(10 // (i - x))
            log.append(None)
        except ZeroDivisionError as error:
            log.append(str(error))
            if x == 3:
                continue
            if x == 4:
                raise
            if x == 5:
                raise KeyError(x) from error
            log.append("handled")
        except TypeError:
            return log
        else:
            log.append("else")
        finally:
            log.append("finally")
            if x == 2:
                break
            log.append("end")
        log.append("behind")
    return log


case(tries, (9,), (0,), (1,), (2,), (3,), (4,), (5,), ("x",))


def swallowed(x):
    seen = 0
    with contextlib.suppress(ZeroDivisionError):
        seen += 1
        seen += 10 // x
        seen += 100
    seen += 1000
    for _ in range(2):
        try:
            seen += 1
            seen += 10 // x
        finally:
            seen += 5
            if x == 0:
                return seen
    return seen


case(swallowed, (0,), (3,), ("x",))


def groups(x):
    seen = []
    try:
        seen.append(1)
        raise ExceptionGroup("several", [ValueError(x), TypeError(x), KeyError(x)][: x + 1])
    except* ValueError as error:
        seen.append(len(error.exceptions))
        seen.append(10 // (x - 1))
    except* TypeError:
        seen.append("type")
    seen.append("end")
    return seen


case(groups, (0,), (1,), (2,))


def matching(x):
    match x:
        case {"a": a} if a // 1:
            y = a
        case [first, *rest]:
            y = first
            y += len(rest)
        case int() | float():
            y = 10 // x
            y += 1
        case _:
            return None
    y += 1
    return y


case(matching, ({"a": 1},), ({"a": "x"},), ([1, 2],), (["x", 2],), (0,), (2,), (None,))


def generator(n):
    i = 0
    while i < n:
        got = yield i
        i += 1
        if got:
            i += got
    yield "last"
    i = 5


def drawn(n, taken):
    source = generator(n)
    seen = []
    for value in source:
        seen.append(value)
        if len(seen) == taken:
            break
    if taken == 2:
        source.close()
    if taken == 3:
        with contextlib.suppress(StopIteration, KeyError):
            source.send(2)
            source.throw(KeyError(1))
    kept.append(source)  # and never ended
    return seen


kept = []
case(drawn, (5, 1), (5, 2), (5, 3), (2, 9))


async def waiting(n):
    total = 0
    for i in range(n):
        await asyncio.sleep(0)
        total += i
        if i == 3:
            raise ValueError(i)
    async with contextlib.AsyncExitStack():
        total += 1
    return [total async for _ in numbers(2)]


async def numbers(n):
    for i in range(n):
        yield i
        await asyncio.sleep(0)


def awaited(n):
    return asyncio.run(waiting(n))


case(awaited, (3,), (5,))


def traced(f):
    @functools.wraps(f)
    def inner(*args):
        result = f(*args)
        return result
    return inner


def nested(n):
    def add(x):
        nonlocal total
        if x == 7:
            raise IndexError(x)
        total += x
        return total

    class Box:
        """A class body is a body too."""

        size = n
        if n > 3:
            size = 3
        for k in range(2):
            size += k

        def get(self):
            return self.size

    total = 0

    @traced
    def twice(x):
        return add(x) + add(x)

    for i in range(n):
        twice(i)
    return total, Box().get(), [add(k) for k in range(2)], (lambda: add(1))()


case(nested, (2,), (5,), (9,))


def recursive(n):
    if n < 2:
        return n
    return recursive(n - 1) + recursive(n - 2)


case(recursive, (1,), (12,))


def raising(n):
    if n == 0:
        raise LookupError
    found = raising(n - 1)
    return found


case(raising, (0,), (5,))


def looking(n):
    a = 1
    for i in range(n):
        a += i
    names = sorted(locals())
    value = eval("a + n")
    exec("b = 1")
    return names, value, sorted(vars()), dir()


case(looking, (3,))


def inner_loops(n):
    total = 0
    for i in range(n):
        row = 0
        for j in range(i):
            row += j
            if row > 90:
                return total
        total += row
    for i in range(3):
        total += i
    return total


case(inner_loops, (0,), (6,), (40,))


def comprehensions(xs):
    a = [10 // x for x in xs]
    b = sum(10 // x for x in xs if x)
    c = {x: [y for y in xs] for x in xs}
    return a, b, c


case(comprehensions, ([1, 2],), ([1, 0],), ([],))


def bare():
    raise


def again(x):
    seen = 0
    try:
        seen += 10 // x
    except ZeroDivisionError:
        try:
            seen += 1
            bare()
            seen += 10
        except ZeroDivisionError:
            seen += 100
        bare()
        seen += 1000
    seen += 1
    return seen


case(again, (0,), (1,))


def handling(n):
    seen = 0
    for i in range(n):
        try:
            seen += 10 // (i - 2)
        except ZeroDivisionError:
            seen += 1
            if n > 5:
                raise
            seen += 1000
        seen += 1
    return seen


case(handling, (2,), (4,), (6,))


def one_line(xs):
    for x in xs: x += 1
    while xs: xs.pop(); y = 1 // len(xs)
    if xs: return xs
    else: y = 2
    return y


case(one_line, ([],), ([1, 2],))


def deleting(d):
    del d["a"]
    assert d, "nothing is left"
    import math
    global shared
    shared = math.floor(1.5)
    d["b"]: int = 2
    return d


case(deleting, lambda: ({"a": 1, "c": 2},), lambda: ({"a": 1},), lambda: ({},))
