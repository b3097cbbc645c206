"""Heat in a plate by a five-point stencil that works on the rows of two arrays as views."""

from __future__ import annotations

import numpy as np

GROUP = "slices"
ARGS = (180, 24)


def setup(size, steps):
    plate = np.zeros((size, size))
    plate[0] = 100.0
    plate[:, -1] = 50.0
    return plate, steps


def run(plate, steps):
    other = plate.copy()
    for _ in range(steps):
        for y in range(1, plate.shape[0] - 1):
            above, row, below, out = plate[y - 1], plate[y], plate[y + 1], other[y]
            for x in range(1, row.shape[0] - 1):
                out[x] = 0.25 * (above[x] + below[x] + row[x - 1] + row[x + 1])
        plate, other = other, plate
    return float(plate.sum())
