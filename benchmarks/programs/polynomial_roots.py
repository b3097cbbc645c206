"""All roots of a polynomial at once, by the method of Durand and Kerner."""

from __future__ import annotations

GROUP = "complex"
ARGS = (36, 400)


def run(degree, rounds):
    coefficients = [1.0]
    for i in range(degree):
        coefficients.append((i * 7 % 11) - 4.5)
    roots = []
    start = 1 + 0j
    for _ in range(degree):
        start = start * (0.4 + 0.9j)
        roots.append(start)
    for _ in range(rounds):
        for i in range(degree):
            z = roots[i]
            value = 0j
            for coefficient in coefficients:
                value = value * z + coefficient
            below = 1 + 0j
            for j in range(degree):
                if j != i:
                    below *= z - roots[j]
            roots[i] = z - value / below
    return sorted((round(z.real, 6), round(z.imag, 6)) for z in roots)
