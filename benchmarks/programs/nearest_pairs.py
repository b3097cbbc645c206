"""The nearest neighbour of each point in a list of tuples; the best pair is compared as a tuple."""

from __future__ import annotations

GROUP = "tuples"
ARGS = (2200,)


def setup(n):
    return ([((i * 7919) % 10007, (i * 104729) % 9973) for i in range(n)],)


def run(points):
    best = (10**9, -1, -1)
    for i in range(len(points)):
        x, y = points[i]
        for j in range(i):
            u, v = points[j]
            pair = ((x - u) * (x - u) + (y - v) * (y - v), j, i)
            if pair < best:
                best = pair
    return best
