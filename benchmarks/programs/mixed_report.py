"""Statistics of a series, then a report as a dictionary of formatted strings (beside the hot loops)."""

from __future__ import annotations

GROUP = "mixed"
ARGS = (4_000_000,)


def setup(n):
    return ([((i * 7919) % 10007) / 10007.0 for i in range(n)],)


def run(values):
    n = len(values)
    total = 0.0
    for value in values:
        total += value
    mean = total / n
    squares = 0.0
    cubes = 0.0
    for value in values:
        difference = value - mean
        squares += difference * difference
        cubes += difference * difference * difference
    longest = 0
    current = 0
    for i in range(1, n):
        if values[i] > values[i - 1]:
            current += 1
            if current > longest:
                longest = current
        else:
            current = 0
    crossings = 0
    for i in range(1, n):
        if (values[i] > mean) != (values[i - 1] > mean):
            crossings += 1
    report = {
        "count": n,
        "mean": f"{mean:.6f}",
        "variance": f"{squares / n:.6f}",
        "skew": f"{cubes / n:.6f}",
        "longest rise": longest,
        "crossings": crossings,
    }
    return ", ".join(f"{key}: {value}" for key, value in report.items())
