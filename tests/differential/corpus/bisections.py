"""bisect in loops: ints, floats, texts and tuples, bounds, mixed items, nans, items with own comparisons."""

from __future__ import annotations

import bisect
from bisect import bisect_left, bisect_right, insort

from ..cases import case


def hot_increasing(xs):
    tails = []
    for x in xs:  # native
        k = bisect_left(tails, x)
        if k == len(tails):
            tails.append(x)
        else:
            tails[k] = x
    return tails


def both(items, wanted):
    out = []
    for w in wanted:
        out.append((bisect_left(items, w), bisect_right(items, w), bisect.bisect(items, w)))
    return out


def bounded(items, wanted, low, high):
    out = []
    for w in wanted:
        out.append(bisect_left(items, w, low))
        out.append(bisect_right(items, w, low, high))
        out.append(bisect_left(items, w, hi=high))
    return out


def inserted(n):
    xs = []
    for i in range(n):
        insort(xs, i * 7 % 11)
    return xs


class Own:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        if self.n == 13:
            raise ValueError("thirteen")
        return self.n < other.n


def own(ns):
    items, out = [Own(n) for n in (1, 5, 13, 20)], []
    try:
        for n in ns:
            out.append(bisect_left(items, Own(n)))
    except ValueError as error:
        out.append(str(error))
    return out


nan = float("nan")

case(hot_increasing, ([i * 7919 % 103 for i in range(40)],), ([0.5, 1.5, 0.25, -0.0, 0.0, nan, 3.0] * 5,), ([],),
     (["b", "a", "c"] * 9,), ([(1, "a"), (0, "b"), (1, "A")] * 9,), ([1, 2.5, True, 2**70] * 6,),
     long=([i * 7919 % 10007 for i in range(4000)],))
case(both, (list(range(0, 40, 3)), list(range(-2, 45))), ([1.0, 2.0, 2.0, 5.0], [2.0, 2, nan, 9.5] * 5),
     (["a", "b", "b", "c"], ["b", "", "z", "bb"] * 5), ([1, 2, "x"], [0, 1] * 8), ([2**70, 2**71], [5, 2**70] * 6))
case(bounded, (list(range(30)), list(range(-2, 33)), 3, 20), (list(range(30)), list(range(33)), -1, 20),
     (list(range(30)), list(range(33)), 3, 31), (list(range(5)), [3] * 20, 4, 2))
case(inserted, (40,))
case(own, ([3, 7, 0, 4] * 5,), ([3, 25] * 9,))


def among_mixed_numbers(items, wanted, n):
    found = []
    for k in range(n):
        for one in wanted:
            found.append((bisect.bisect_left(items, one), bisect.bisect(items, one + k)))
            found.append(bisect.bisect_right(items, one, 0, len(items) - 1))
    return found


case(among_mixed_numbers, ([1, 3, 5, 9], [0.5, 3.0, 3, 8.5, 10.0], 30), ([1.5, 2.0, 3.5], [1, 2, 3, 4], 30),
     ([1, 2.5, 2**53, 2.0**53, 2**60], [2, 2.5, 2.0**53, 2**53 + 1, 2.0**60, float("nan"), True], 20),
     ([5, 8, 9], ["a"], 2))
