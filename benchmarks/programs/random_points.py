"""Pi from points that the interpreter's own generator draws."""

from __future__ import annotations

import random

GROUP = "random"
ARGS = (2_000_000,)


def run(samples):
    random.seed(20011)
    inside = 0
    for _ in range(samples):
        x = random.random()
        y = random.random()
        if x * x + y * y <= 1.0:
            inside += 1
    return 4.0 * inside / samples
