"""Boxes around clusters of points, all of them tuples, and which of the boxes overlap."""

from __future__ import annotations

GROUP = "tuples"
ARGS = (600_000, 600)


def setup(n, boxes):
    return [((i * 7919) % 10007 / 10, (i * 104729) % 9973 / 10) for i in range(n)], boxes


def run(points, boxes):
    low, high = (1e9, 1e9), (-1e9, -1e9)
    for x, y in points:
        low = (min(low[0], x), min(low[1], y))
        high = (max(high[0], x), max(high[1], y))
    found = []
    for i in range(boxes):
        x, y = points[i]
        found.append((x, y, x + 30.0, y + 20.0))
    overlaps = 0
    for a in found:
        for b in found:
            if a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]:
                overlaps += 1
    return low, high, overlaps
