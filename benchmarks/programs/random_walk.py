"""A walk on a grid by random steps, with the squares that it comes back to."""

from __future__ import annotations

import random

GROUP = "random"
ARGS = (64, 600_000)


def run(size, steps):
    rng = random.Random(5)
    visits = [0] * (size * size)
    x = y = size // 2
    for _ in range(steps):
        if rng.random() < 0.5:
            x = (x + rng.randint(-1, 1)) % size
        else:
            y = (y + rng.randrange(-1, 2)) % size
        visits[y * size + x] += 1
    return x, y, max(visits), visits.count(0)
