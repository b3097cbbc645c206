"""A particle in a field, its place and its velocity kept as tuples."""

from __future__ import annotations

GROUP = "tuples"
ARGS = (400_000,)


def add(a, b):
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def scaled(a, k):
    return a[0] * k, a[1] * k, a[2] * k


def run(steps):
    place = (1.0, 0.0, 0.5)
    velocity = (0.0, 0.8, 0.1)
    for _ in range(steps):
        x, y, z = place
        pull = -1.0 / (x * x + y * y + z * z + 0.01)
        velocity = add(velocity, scaled(place, pull * 0.001))
        place = add(place, scaled(velocity, 0.001))
    return place, velocity
