"""Loops that are entered with values of many kinds: arrays of all dtypes, lists, tuples, ranges, in any order."""

from __future__ import annotations

import numpy as np

from ..cases import case


def array(dtype):
    return (np.arange(12) % 7).astype(dtype).reshape(3, 4)


def smoothed(grid, rounds):
    for _ in range(rounds):  # native
        for i in range(1, grid.shape[0] - 1):
            for j in range(1, grid.shape[1] - 1):
                grid[i, j] = (grid[i - 1, j] + grid[i + 1, j] + grid[i, j - 1] + grid[i, j + 1]) / 4
    return grid


case(smoothed, *[lambda d=d: (array(d), 4) for d in (np.float64, np.float32, np.int64, np.float64, np.uint8, np.float32)],
     lambda: ([[1]], 2), lambda: (array(np.float64), 3),
     long=lambda: (np.arange(2500.0).reshape(50, 50), 60))


def total(items):
    found = 0
    for x in items:  # native
        found += x
    return found


case(total, lambda: ([1, 2, 3],), lambda: ((1, 2, 3),), lambda: (range(9),), lambda: (np.arange(4.0),), lambda: ([0.5, 1],),
     lambda: (np.arange(4),), lambda: ([1, 2],), lambda: (range(5, 0, -2),), lambda: ((1.5,),), lambda: ("ab",),
     lambda: (reversed([1, 2, 3]),), lambda: (np.arange(3, dtype=np.uint8),), long=lambda: ([1, 2] * 3000,))


def applied(function, xs):
    found = []
    for x in xs:  # native
        found.append(function(x))
    return found


def double(x):
    return x + x


def square(x):
    return x * x


def third(x):
    return x / 3


case(applied, *[lambda f=f: (f, [1, 2, 3]) for f in (double, square, third, double, abs, square, float, third)],
     lambda: (lambda x: x - 1, [1.5, 2]), lambda: (None, []), lambda: (None, [1]), long=lambda: (square, [1, 2] * 3000))


def nearest(points, to):
    best, index = None, -1
    for i, point in enumerate(points):  # native
        distance = 0
        for a, b in zip(point, to):
            distance += (a - b) ** 2
        if best is None or distance < best:
            best, index = distance, i
    return best, index


case(nearest, lambda: ([(0, 0), (3, 4)], (3, 3)), lambda: ([[0.5, 1.0], [2.0, 2.5]], [2.0, 2.0]),
     lambda: (np.array([[0.0, 1.0], [5.0, 5.0]]), np.array([4.0, 4.0])), lambda: ([(0, 0), (3, 4)], [3.5, 3]),
     lambda: ([], ()), lambda: (np.array([[0, 1], [5, 5]]), (4, 4)), lambda: ([(0, 0), (3, 4)], (3, 3)),
     long=lambda: ([(i % 50, i % 30) for i in range(4000)], (20, 10)))


def kept(xs, start):
    """What a variable holds before it is assigned comes in every kind, too."""
    last = start
    for x in xs:  # native
        if x > 2:
            last = x
    return last


case(kept, *[lambda s=s: ([1, 2], s) for s in (None, 3, 2.5, "text", [1], (1, 2), {}, np.arange(2))],
     lambda: ([1, 5], "text"), lambda: ([1, 5], None), long=lambda: ([1, 2, 3] * 2000, None))
