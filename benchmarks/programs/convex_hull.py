"""The convex hull of points, by Andrew's monotone chain over a sorted list of tuples."""

from __future__ import annotations

GROUP = "tuples"
ARGS = (220_000,)


def setup(n):
    return (sorted(((i * 7919) % 100003, (i * i * 31 + 17) % 99991) for i in range(n)),)


def half(points):
    hull = []
    for point in points:
        while len(hull) >= 2:
            a, b = hull[-2], hull[-1]
            if (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) > 0:
                break
            hull.pop()
        hull.append(point)
    return hull


def run(points):
    lower = half(points)
    upper = half(points[::-1])
    return len(lower), len(upper), lower[:5], upper[:5]
