"""A round trip through random towns, made shorter by simulated annealing."""

from __future__ import annotations

import math
import random

GROUP = "random"
ARGS = (40, 250_000)


def far(xs, ys, a, b):
    dx = xs[a] - xs[b]
    dy = ys[a] - ys[b]
    return math.sqrt(dx * dx + dy * dy)


def length(xs, ys, tour):
    total = 0.0
    for i in range(len(tour)):
        total += far(xs, ys, tour[i - 1], tour[i])
    return total


def run(towns, steps):
    rng = random.Random(40)
    xs = [rng.uniform(0.0, 100.0) for _ in range(towns)]
    ys = [rng.uniform(0.0, 100.0) for _ in range(towns)]
    tour = list(range(towns))
    best = now = length(xs, ys, tour)
    heat = 50.0
    for _ in range(steps):
        i = rng.randrange(1, towns - 2)
        j = rng.randrange(i + 1, towns - 1)
        a, b = tour[i], tour[j]
        # The part between the two is turned round.
        change = (far(xs, ys, tour[i - 1], b) + far(xs, ys, a, tour[j + 1])
                  - far(xs, ys, tour[i - 1], a) - far(xs, ys, b, tour[j + 1]))
        if change < 0.0 or rng.random() < math.exp(-change / heat):
            while i < j:
                tour[i], tour[j] = tour[j], tour[i]
                i += 1
                j -= 1
            now += change
            if now < best:
                best = now
        heat *= 0.99995
    return best, length(xs, ys, tour)
