"""Heat spreading on a plate: loops over the elements of two-dimensional NumPy arrays."""

from __future__ import annotations

import numpy as np

GROUP = "arrays"
ARGS = (80, 200)


def setup(n, steps):
    plate = np.zeros((n, n))
    plate[0, :] = 100.0
    plate[n // 2, n // 2] = 500.0
    return plate, np.copy(plate), steps


def run(plate, following, steps):
    rows, columns = plate.shape
    for _ in range(steps):
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                following[i, j] = plate[i, j] + 0.2 * (
                    plate[i - 1, j] + plate[i + 1, j] + plate[i, j - 1] + plate[i, j + 1] - 4.0 * plate[i, j]
                )
        plate, following = following, plate
    total = 0.0
    for i in range(rows):
        for j in range(columns):
            total += plate[i, j]
    return float(total)
