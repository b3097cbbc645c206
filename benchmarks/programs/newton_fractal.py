"""Newton's method for z**3 = 1 over a grid of complex numbers: which root each point falls to."""

from __future__ import annotations

GROUP = "complex"
ARGS = (300, 40)


def run(size, steps):
    roots = [1 + 0j, complex(-0.5, 3**0.5 / 2), complex(-0.5, -(3**0.5) / 2)]
    counts = [0, 0, 0, 0]
    for y in range(size):
        for x in range(size):
            z = complex(4 * x / size - 2, 4 * y / size - 2) + 0.001
            for _ in range(steps):
                step = (z * z * z - 1) / (3 * z * z)
                z = z - step
                if abs(step) < 1e-9:
                    break
            found = 3
            for i in range(3):
                if abs(z - roots[i]) < 1e-6:
                    found = i
            counts[found] += 1
    return counts
