"""Loops that go over lists and ranges from their end."""

import numpy as np

from ..cases import case


def over_a_list(xs):
    total = 0
    for x in reversed(xs):  # native
        total = total * 3 % 1000 + x
    return total


case(over_a_list, ([1, 2, 3] * 20,), ([0.5] * 40,), ([],), ([1],), ([None, 1],), ((1, 2, 3) * 15,), (range(40),),
     ("abc",), (5,), long=lambda: (list(range(5000)),), apart=True)


def inside(xs, rounds):
    total = 0
    for k in range(rounds):  # native
        for x in reversed(xs):
            total = total * 3 % 1009 + x * k
        for i in reversed(range(len(xs))):
            total = total * 5 % 1009 + xs[i] - i
        for i in reversed(range(2, k, 3)):
            total += i
        for i in reversed(range(k, -k, -4)):
            total = total * 7 % 1009 - i
        for i in reversed(range(k, -3, -1)):
            total = total * 7 % 1009 - i
    return total, x, i


case(inside, ([1, 2, 3, 4], 40), ([0.5, 1.5], 40), ([5], 3), long=(list(range(7)), 300), apart=True)


def variable_step(n, steps):
    found = []
    for step in steps:
        last = None
        for i in reversed(range(0, n, step)):
            found.append(i)
        for i in range(n, 0, -step):
            last = i
        found.append(last)
    return found


case(variable_step, (11, [1, 2, 3, -1, -2] * 8), (-11, [1, 2, -3] * 9), (5, [1, 2] * 20 + [0]),
     (2**62, [2**61, 2**62] * 20), (2**70, [2**69]), apart=True)


def shrinks(xs):
    seen = []
    for x in reversed(xs):
        seen.append(x)
        if x % 3 == 0:
            xs.pop()
            xs.pop()
    return seen, xs


case(shrinks, lambda: (list(range(40)),), lambda: ([1, 2] * 20,), lambda: ([3, 3, 3],))


def grows(xs):
    seen = 0
    for x in reversed(xs):  # native
        seen = seen * 3 % 1009 + x
        xs.append(x)
    return seen, xs


case(grows, lambda: (list(range(40)),), lambda: ([0.5] * 30,), long=lambda: (list(range(3000)),), apart=True)


def numbered(xs):
    total = 0
    for i, x in enumerate(reversed(xs)):
        total += i * x
    for i, (x, y) in enumerate(zip(reversed(xs), xs), 3):
        total += i * x - y
    return total


case(numbered, ([1, 2, 3] * 15,), ([0.5, 2.5] * 20,), ([],), apart=True)


def held(xs):
    it = reversed(xs)
    total = 0
    for x in it:
        total += x
        if total > 50:
            break
    return total, list(it)


case(held, ([1, 2, 3] * 30,), ([0] * 40,))


def left_in_the_middle(xs):
    found = []
    for x in reversed(xs):
        if x is None:
            continue
        found.append(10 // x)
    return found


case(left_in_the_middle, ([1, 2, 3] * 15 + [None, 5],), ([0] + [1, 2] * 20,), ([2**70] + [1] * 40,), apart=True)


def shortened(xs, a):
    seen = 0
    for k, x in enumerate(reversed(xs)):
        seen += k * x
        -a[k % len(a)]
        if len(xs) > 3:
            xs.pop()
    return seen, xs


case(shortened, lambda: (list(range(17)), np.array([0, 1, 2, 3], np.uint64)),
     lambda: (list(range(40)), np.array([0, 0, 0, 0, 0, 1], np.uint64)), lambda: (list(range(40)), np.zeros(3)))


def shortened_pairs(xs, ys):
    seen = []
    for y, x in zip(ys, reversed(xs)):
        seen.append(10 // y + x)
        del xs[len(xs) // 2 + 6:]
    return seen, xs


case(shortened_pairs, lambda: (list(range(40)), [1, 2, 3] * 15), lambda: (list(range(40)), [1, 2.5, 3] * 15),
     lambda: (list(range(40)), [1] * 9 + [0] + [2] * 40), apart=True)
