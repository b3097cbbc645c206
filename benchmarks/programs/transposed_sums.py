"""Sums and maxima along the rows of a transposed array and of every third column."""

from __future__ import annotations

import numpy as np

GROUP = "slices"
ARGS = (1500,)


def setup(size):
    return (np.array([[(7 * x + 13 * y) % 1009 for x in range(size)] for y in range(size)], dtype=np.float64),)


def run(table):
    turned = table.T
    thinned = table[:, ::3]
    sums = []
    for i in range(turned.shape[0]):
        total = 0.0
        for j in range(turned.shape[1]):
            total += turned[i, j]
        sums.append(total)
    highest = 0.0
    for i in range(thinned.shape[0]):
        for j in range(thinned.shape[1]):
            if thinned[i, j] > highest:
                highest = thinned[i, j]
    return sum(sums), float(highest)
