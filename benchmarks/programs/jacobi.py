"""A linear system solved by Jacobi iteration, element by element over NumPy arrays."""

from __future__ import annotations

import numpy as np

GROUP = "arrays"
ARGS = (240, 100)


def setup(n, sweeps):
    index = np.arange(n)
    matrix = 1.0 / (1.0 + np.abs(index[:, None] - index[None, :]) ** 2)
    matrix[index, index] = 2.5
    right = np.linspace(0.0, 1.0, n)
    return matrix, right, np.zeros(n), np.zeros(n), sweeps


def run(matrix, right, x, following, sweeps):
    n = len(right)
    change = 0.0
    for _ in range(sweeps):
        for i in range(n):
            total = right[i]
            for j in range(n):
                if j != i:
                    total -= matrix[i, j] * x[j]
            following[i] = total / matrix[i, i]
        change = 0.0
        for i in range(n):
            change += abs(following[i] - x[i])
            x[i] = following[i]
    return float(change), float(x[n // 2])
