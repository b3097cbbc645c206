"""Exact arithmetic with fractions: Bernoulli numbers, Egyptian fractions, a linear system."""

from __future__ import annotations

from fractions import Fraction

GROUP = "ordinary"
ARGS = (500, 70)


def bernoulli(count):
    numbers = []
    row = []
    for m in range(count):
        row.append(Fraction(1, m + 1))
        for j in range(m, 0, -1):
            row[j - 1] = j * (row[j - 1] - row[j])
        numbers.append(row[0])
    return numbers


def egyptian(fraction):
    parts = []
    while fraction:
        denominator = -(-fraction.denominator // fraction.numerator)
        parts.append(denominator)
        fraction -= Fraction(1, denominator)
    return parts


def solve(matrix, right):
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    size = len(rows)
    for column in range(size):
        pivot = next(i for i in range(column, size) if rows[i][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        rows[column] = [value / head for value in rows[column]]
        for i in range(size):
            if i != column and rows[i][column]:
                factor = rows[i][column]
                rows[i] = [value - factor * other for value, other in zip(rows[i], rows[column])]
    return [row[-1] for row in rows]


def hilbert(size):
    return [[Fraction(1, i + j + 1) for j in range(size)] for i in range(size)]


def run(count, size):
    numbers = bernoulli(count)
    terms = [egyptian(Fraction(n, n + 8)) for n in range(5, 40)]
    solution = solve(hilbert(size), [Fraction(i) for i in range(1, size + 1)])
    return (
        [str(number) for number in numbers[-4:]],
        sum(map(len, terms)),
        [str(value) for value in solution],
        str(sum(solution, Fraction(0)).limit_denominator(1000)),
    )
