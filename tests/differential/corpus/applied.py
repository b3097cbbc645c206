"""What builtins consume of `map` and `filter`: functions of all kinds, several iterables, errors, and what is replaced."""

from __future__ import annotations

import operator

from ..cases import case


def squares(n):
    return sum(map(lambda x: x * x, range(n)))  # native


def halves(items):
    return list(map(lambda x: x * 0.5, items))  # native


def chosen(items, least):
    return list(filter(lambda x: x > least, items))  # native


def odd_ones(items):
    return set(filter(odd, items)), sorted(filter(None, items))  # native


def true_ones(items):
    return tuple(filter(None, items))


def inner(n):
    def double(x, add=1):
        return 2 * x + add

    return max(map(double, range(n))), min(map(double, range(n, 0, -1))), set(map(double, [1, n, 2]))


def hot(n):
    total = 0
    for i in range(n):  # native
        total += sum(map(step, (i, i + 1, i + 2))) + len(list(filter(odd, range(i % 5))))
    return total


def step(x):
    return x * x + 1


def odd(x):
    return x % 2


def products(a, b):
    return sum(map(operator.mul, a, b)), list(map(lambda x, y, z: (x, y, z), a, b, range(9)))


def texts(items):
    return list(map(str, items)), sorted(map(len, map(str, items))), any(map(callable, items))


def of_iterators(items):
    it = iter(items)
    first = list(map(step, zip(it, it)) if not items else map(repr, it))
    other = iter(items)
    return first, list(it), any(map(odd, other)), list(other)


def failing(items):
    found = []
    for function in (step, None, "not callable", lambda x: 1 // x):
        for n, consume in enumerate((1, 2, 3)):
            try:
                if consume == 1:
                    found.append(list(map(function, items)))
                elif consume == 2:
                    found.append(sum(filter(function, items)))
                else:
                    found.append(max(map(function, items, items)))
            except (TypeError, ZeroDivisionError, ValueError) as error:
                found.append((n, type(error).__name__, str(error)))
    return found


def raising(items):
    return sum(map(lambda x: 10 // (x - 4), items))


def not_iterable(items):
    return list(map(step, items))


def stopping(items):
    def until(x):
        if x == 3:
            raise StopIteration
        return x

    return list(map(until, items)), list(filter(until, items))


def rebinding(items):
    def one(x):
        nonlocal one
        one = None
        return x

    return list(map(one, items)), one


def replaced(items):
    def map(function, values):
        return [function, *values]

    return list(map(None, items))


def growing(items):
    mine = list(items)
    return list(map(lambda x: mine.append(x) or len(mine) if len(mine) < 9 else x, mine)), mine


INTS = [3, 1, 4, 0, 5, 9, 2, 6]
case(squares, (0,), (9,), (40,), long=(5000,))
case(halves, (INTS,), ([1.5, True, 2**70],), ([],), (["a"],), long=(INTS * 500,))
case(chosen, (INTS, 3), ([1.5, 2], 2), ((), 1), (["a", 1], 3), long=(INTS * 500, 3))
case(odd_ones, (INTS,), ([True, 2.5],), ([],), (["%d"],), long=(INTS * 500,))
case(true_ones, (INTS,), (["", "a", None, 0.0, 2],), ([],), long=(INTS * 500,))
case(inner, (1,), (12,))
case(hot, (30,), long=(2000,))
case(products, (INTS, INTS[3:]), ([1.5, 2], [2, 3, 4]), ("ab", [1, 2, 3]), (["a"], ["b"]))
case(texts, (INTS,), ([1.5, None, "x"],), ([],))
case(of_iterators, (INTS,), ([],), ([2, 4],))
case(failing, (INTS,), ([],), (["a"],))
case(raising, (INTS,), ([1, 2],), (INTS * 20,), long=([5] * 3000 + [4],))
case(not_iterable, (5,), (None,), ([1],))
case(stopping, ([1, 2, 3, 4],), ([3],), ([],))
case(rebinding, ([1, 2],))
case(replaced, ([1, 2],))
case(growing, ([1, 2],))
