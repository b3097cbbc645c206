"""Pi from random points, with a linear congruential generator of its own."""

from __future__ import annotations

GROUP = "scalar"
ARGS = (3_000_000,)


def run(samples):
    state = 20011
    inside = 0
    for _ in range(samples):
        state = (state * 1103515245 + 12345) % 2147483648
        x = state / 2147483648
        state = (state * 1103515245 + 12345) % 2147483648
        y = state / 2147483648
        if x * x + y * y <= 1.0:
            inside += 1
    return 4.0 * inside / samples
