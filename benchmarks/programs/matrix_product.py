"""Product of two square matrices kept as lists of lists."""

from __future__ import annotations

GROUP = "lists"
ARGS = (290,)


def make(n, seed):
    matrix = []
    state = seed
    for _ in range(n):
        row = []
        for _ in range(n):
            state = (state * 69069 + 1) % 4294967296
            row.append(state / 4294967296.0)
        matrix.append(row)
    return matrix


def multiply(a, b, n):
    c = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += a[i][k] * b[k][j]
            c[i][j] = total
    return c


def run(n):
    a = make(n, 1)
    b = make(n, 2)
    c = multiply(a, b, n)
    trace = 0.0
    for i in range(n):
        trace += c[i][i]
    return trace
