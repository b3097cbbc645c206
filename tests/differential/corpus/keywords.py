"""Builtin functions that are called with keywords, in the headers of loops and in their bodies."""

from __future__ import annotations

import builtins

import numpy as np

from ..cases import case


def strict_pairs(xs, ys):
    total = 0
    for x, y in zip(xs, ys, strict=True):  # native
        total += x * y
    return total


case(
    strict_pairs, ([], []), ([1], []), ([], [1]), ([1, 2, 3], [4, 5, 6]), ([1, 2], (4, 5, 6)), (range(9), range(7)),
    (range(7), range(9)), (5, [1]), ([1.5] * 60, [2] * 59), ([1.5] * 60, [2] * 61), long=(range(3000), range(3000)),
)


def strict_pairs_again(n, xs, ys):
    total = 0
    for i in range(n):  # native
        for x, y in zip(xs, ys, strict=True):  # native
            total += x * y + i
    return total


case(
    strict_pairs_again, (0, [], [1]), (40, [1, 2], [3, 4]), (40, [1, 2], [3]), (40, [1], [3, 4]), (40, [], []),
    (30, (1, 2.5), [3, 4]), (40, np.arange(5), [1, 2, 3, 4, 5]), (40, np.arange(5), [1, 2, 3, 4]),
    (40, [2**62, 3], [7, 2**63]), long=(60, list(range(60)), list(range(60))),
)


def strict_of_changing_lengths(n):
    xs, ys, out = [1], [2], []
    for i in range(n):
        for x, y in zip(xs, ys, strict=True):
            out.append(x * y)
        xs.append(i)
        if i != 50:
            ys.append(-i)
    return out


case(strict_of_changing_lengths, (3,), (50,), (60,))


def strict_of_a_growing_list(xs, ys):
    out = []
    for x, y in zip(xs, ys, strict=True):
        out.append(x + y)
        if len(out) == 30:
            xs.append(5)
    return out


case(strict_of_a_growing_list, lambda: ([1] * 20, [2] * 20), lambda: ([1] * 40, [2] * 40))


def strict_of_three(n, xs, ys, zs):
    out = []
    for i in range(n):
        for x, y, z in zip(xs, ys, zs, strict=True):
            out.append(x + y - z + i)
    return out


case(
    strict_of_three, (20, [1, 2], [3, 4], [5, 6]), (20, [1, 2], [3, 4], [5]), (20, [1, 2], [3], [5, 6]),
    (20, [1], [3, 4], [5, 6]), (20, [], [3], []),
)


def strict_of_one(n, xs):
    total = 0
    for i in range(n):
        for (x,) in zip(xs, strict=True):
            total += x * i
        for _ in zip(strict=True):
            total += 1
    return total


case(strict_of_one, (40, []), (40, [1, 2, 3]))


def strict_handled(n, xs, ys):
    total = errors = 0
    for i in range(n):
        try:
            for x, y in zip(xs, ys, strict=True):
                total += x * y + i
        except ValueError as error:
            errors += len(str(error))
    return total, errors


case(strict_handled, (40, [1, 2], [3, 4]), (40, [1, 2], [3]), (40, [1], [3, 4]), (90, [], [3, 4]))


def strict_or_not(n, xs, ys, strict):
    total = 0
    for i in range(n):
        for x, y in zip(xs, ys, strict=strict):
            total += x * y + i
    return total


case(strict_or_not, (40, [1, 2], [3], False), (40, [1, 2], [3], True), (40, [1, 2], [3, 4], 1), (40, [1], [3, 4], 0.0))


def lenient_pairs(n, xs, ys):
    total = 0
    for i in range(n):  # native
        for x, y in zip(xs, ys, strict=False):  # native
            total += x * y + i
    return total


case(lenient_pairs, (40, [1, 2], [3, 4]), (40, [1, 2], [3]), (40, [], [3, 4]), long=(60, [3] * 70, [4] * 60))


def strict_slices(n, xs):
    total = 0
    for i in range(n):
        for x, y in zip(xs[1:], xs[: i % 4], strict=True):
            total += x * y
    return total


case(strict_slices, (1, [1]), (40, [1, 2, 3]), (1, [4, 5]))


def strict_kept(n, xs, ys):
    pairs = zip(xs, ys, strict=True)
    out = []
    for i in range(n):
        for x, y in pairs:
            out.append(x + y + i)
            if len(out) % 40 == 39:
                break
    return out


case(strict_kept, (30, list(range(100)), list(range(100))), (30, list(range(100)), list(range(99))))


def both_kinds(n, xs, ys):
    total = 0
    for i in range(n):
        pairs = zip(xs, ys, strict=True) if i % 50 == 49 else zip(xs, ys, strict=False)
        for x, y in pairs:
            total += x * y
    return total


case(both_kinds, (40, [1, 2], [3, 4, 5]), (90, [1, 2], [3, 4]), (90, [1, 2], [3, 4, 5]))


def numbered(n, xs, start):
    total = 0
    for i in range(n):  # native
        for k, x in enumerate(xs, start=start):  # native
            total += k * x + i
    return total


case(
    numbered, (40, [1, 2], 0), (40, [1, 2], -7), (40, [1, 2], True), (3, [1, 2, 3], 2**63 - 2), (40, [1, 2], 2**64),
    (40, [1], 1.0), (40, [1], None), (40, 5, 1), (40, [], 4), long=(50, list(range(80)), 5),
)


def numbered_strictly(n, xs, ys):
    out = []
    for i in range(n):
        for k, (x, y) in enumerate(zip(xs, ys, strict=True), start=i):
            out.append(k + x * y)
    return out


case(numbered_strictly, (40, [1, 2], [3, 4]), (40, [1, 2], [3]), (40, [], []))


def sums_from(n, xs, start):
    out = []
    for i in range(n):
        out.append(sum(xs, start=start))
        out.append(sum(xs, start))
        out.append(sum(xs, i))
    return out


case(
    sums_from, (40, [1, 2, 3], 4), (40, [], 4), (40, [0.1, 0.2, 0.3], 0.5), (40, [0.1, 1e16, -1e16], 1e-3),
    (40, [0.1, 1e16, -1e16], 7), (40, [], 1.5), (40, [-0.0], -0.0), (40, [2**62, 2**62], -(2**62)),
    (40, [2**62, 2**62], 2**62), (40, [1, 2.5, True], 3), (40, [1e308, 1e308], -1e308), (40, [float("inf")], 1.0),
    (40, (1, 2, 3), 7), (40, (1.5, 2), 7.25), (40, [True, False], True), (40, ["a"], ""), (40, [1], "a"),
    (40, [[1], [2]], []), (40, [1, 2, 3], 2**70), (40, [0.1] * 7, 2**70), (40, [1, 2, 3], 0.1), apart=True,
)


def hot_sums(xs, n):
    total = 0
    for i in range(n):  # native
        total += sum(xs, start=i)
    return total


case(hot_sums, ([1, 2], 0), ([1, 2, 3], 60), ([], 60), ([2**62], 60), long=([5, 6, 7], 3000))


def hot_sums_of_floats(xs, n):
    total = 0.0
    for i in range(n):  # native
        total += sum(xs, start=i * 0.1)
    return total


case(hot_sums_of_floats, ([0.1], 0), ([0.1, 0.7], 60), ([], 60), ([1e308, 1e308], 30), long=([0.1, 0.2], 3000))


def powers(n, mod):
    total = 0
    for i in range(n):  # native
        total += pow(i, 3, mod=mod) + pow(i, exp=2)
    return total


case(powers, (0, 7), (60, 7), (60, -7), (60, 0), (60, 2**70), (60, 1.5), long=(3000, 101))


def imaginary(n):
    total = 0j
    for i in range(n):  # native
        total += complex(i, imag=i * 0.5)
    return total


case(imaginary, (0,), (60,), long=(3000,))


def largest_or(n, xs, default):
    out = []
    for i in range(n):
        out.append(max((x * i for x in xs if x > i), default=-1))
        out.append(min((x - i for x in xs if x < i), default=0.5))
        out.append(max((x for x in xs if x > 10), default=None))
        out.append(min((x for x in xs if x > 10), default=default))
    return out


case(largest_or, (40, [1, 2, 3], 1), (40, [], "a"), (40, [1.5, 12], None), (40, ["a", 1], 2), (40, [30, 20], ()))


def hot_largest_or(n):
    total = 0
    for i in range(n):  # native
        total += max((j ^ i for j in range(i % 5)), default=-1)
    return total


case(hot_largest_or, (0,), (60,), long=(3000,))


def evaluated_in_order(n, log):
    def note(what, value):
        log.append(what)
        return value

    total = 0
    for i in range(n):
        for x, y in note("zip", zip)(note("xs", [1, i]), note("ys", [i, 2]), strict=note("strict", True)):
            total += x * y
        for k, x in enumerate(note("items", [i]), start=note("start", i)):
            total += k * x
        total += sum(note("terms", [i]), start=note("first", i))
    return total, log


case(evaluated_in_order, lambda: (40, []))


def other_functions(n, xs):
    def zip(*args, strict):
        return [(len(args), strict)]

    def sum(items, start):
        return len(items) * start

    total = 0
    for i in range(n):
        for a, b in zip(xs, xs, strict=i):
            total += a * b
        total += sum(xs, start=i)
    return total


case(other_functions, (40, [1, 2, 3]))


def _stranger(*args, **keywords):
    return [(1, 2), (sorted(keywords), len(args))]


def replaced_meanwhile(n, xs):
    out = []
    try:
        for i in range(n):
            for a, b in zip(xs, xs, strict=True):
                out.append((a, b))
            if i == n - 5:
                globals()["zip"] = _stranger
            if i == n - 3:
                del globals()["zip"]
    finally:
        globals().pop("zip", None)
    return out


case(replaced_meanwhile, (20, [1, 2]), (60, [1, 2]))


def builtin_replaced_meanwhile(n, xs):
    kept, out = builtins.sum, []

    def other(items, *first, **keywords):
        return "other" if keywords else kept(items, *first)

    try:
        for i in range(n):
            out.append(sum(xs, start=i))
            if i == n - 5:
                builtins.sum = other
    finally:
        builtins.sum = kept
    return out


case(builtin_replaced_meanwhile, (20, [1, 2]), (60, [1, 2]))


def without_such_keywords(n, xs, which):
    out = []
    for i in range(n):
        if which == 0:
            out.append(enumerate(xs, strict=True))
        elif which == 1:
            out.append(sum(xs, 1, start=2))
        elif which == 2:
            out.append(zip(xs, start=2))
        elif which == 3:
            out.append(sum(iterable=xs))
        elif which == 4:
            out.append(list(enumerate(iterable=xs, start=i)))
        else:
            out.append(pow(i, 2, exp=3))
    return out


case(without_such_keywords, *((5, [1, 2], which) for which in range(6)))


def summed_from(xs, starts):
    found = []
    for i, start in enumerate(starts):
        mixed = start if i % 3 else 0.5
        found.append(sum(xs, start=mixed))
        found.append(sum(xs[1:], start))
    return found


case(summed_from, ([1, 2, 3], [1, 2.5, 3] * 15), ([1, 2, 3], [1] * 40), ([0.5, 1.5], [1j, 2] * 20), ([1, 2, 3], [True, None] * 20), apart=True)
