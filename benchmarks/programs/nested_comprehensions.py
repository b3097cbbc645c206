"""A product of matrices and its transpose, written as nested comprehensions."""

from __future__ import annotations

GROUP = "generators"
ARGS = (170,)


def run(n):
    a = [[float((i * j) % 7 - 3) for j in range(n)] for i in range(n)]
    b = [[float((i + 2 * j) % 5 - 2) for j in range(n)] for i in range(n)]
    product = [[sum(a[i][k] * b[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
    turned = [[row[j] for row in product] for j in range(n)]
    return sum(sum(row) for row in turned), max(max(row) for row in turned)
