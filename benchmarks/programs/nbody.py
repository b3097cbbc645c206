"""Gravitation between five bodies kept as nested lists."""

from __future__ import annotations

import math

GROUP = "lists"
ARGS = (200_000,)


def setup(steps):
    year = 365.24
    sun = 4.0 * math.pi**2
    bodies = [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, sun],
        [4.8414314, -1.1603200, -0.1036220, 0.0016600 * year, 0.0076990 * year, -0.0000690 * year, 0.00095479 * sun],
        [8.3433667, 4.1247985, -0.4035234, -0.0027674 * year, 0.0049985 * year, 0.0000230 * year, 0.00028588 * sun],
        [12.894369, -15.111151, -0.2233075, 0.0029646 * year, 0.0023784 * year, -0.0000296 * year, 0.00004366 * sun],
        [15.379697, -25.919314, 0.1792587, 0.0026806 * year, 0.0016282 * year, -0.0000951 * year, 0.00005151 * sun],
    ]
    return bodies, steps


def energy(bodies):
    total = 0.0
    for i in range(len(bodies)):
        one = bodies[i]
        total += 0.5 * one[6] * (one[3] * one[3] + one[4] * one[4] + one[5] * one[5])
        for j in range(i + 1, len(bodies)):
            other = bodies[j]
            dx = one[0] - other[0]
            dy = one[1] - other[1]
            dz = one[2] - other[2]
            total -= one[6] * other[6] / math.sqrt(dx * dx + dy * dy + dz * dz)
    return total


def run(bodies, steps):
    dt = 0.001
    n = len(bodies)
    for _ in range(steps):
        for i in range(n):
            one = bodies[i]
            for j in range(i + 1, n):
                other = bodies[j]
                dx = one[0] - other[0]
                dy = one[1] - other[1]
                dz = one[2] - other[2]
                square = dx * dx + dy * dy + dz * dz
                pull = dt / (square * math.sqrt(square))
                one[3] -= dx * other[6] * pull
                one[4] -= dy * other[6] * pull
                one[5] -= dz * other[6] * pull
                other[3] += dx * one[6] * pull
                other[4] += dy * one[6] * pull
                other[5] += dz * one[6] * pull
        for body in bodies:
            body[0] += dt * body[3]
            body[1] += dt * body[4]
            body[2] += dt * body[5]
    return energy(bodies)
