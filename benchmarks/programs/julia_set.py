"""A Julia set: how many steps each point of a grid takes to leave a circle."""

from __future__ import annotations

GROUP = "complex"
ARGS = (450, 60)


def run(size, limit):
    c = -0.4 + 0.6j
    total = 0
    for y in range(size):
        for x in range(size):
            z = complex(3 * x / size - 1.5, 3 * y / size - 1.5)
            steps = 0
            while steps < limit and z.real * z.real + z.imag * z.imag < 4.0:
                z = z * z + c
                steps += 1
            total += steps
    return total
