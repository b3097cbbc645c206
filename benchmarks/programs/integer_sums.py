"""Sums of the integers of arrays: all of them, masked ones, products of two arrays."""

from __future__ import annotations

import numpy as np

GROUP = "reductions"
ARGS = (300_000, 3)


def setup(n, passes):
    return (np.arange(n, dtype=np.int64) * 7919 % 1009, np.arange(n, dtype=np.int64) % 31, passes)


def run(values, weights, passes):
    total = masked = product = 0
    for _ in range(passes):
        for i in range(len(values)):
            total += int(values[i])
            masked ^= int(values[i]) & 255
            product += int(values[i]) * int(weights[i])
    return total, masked, product
