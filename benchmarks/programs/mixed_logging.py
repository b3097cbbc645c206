"""Exponential smoothing that logs the outliers, with the logging statement inside the hot loop."""

from __future__ import annotations

import logging

GROUP = "mixed"
VARIANTS = {"0.1%": (1_000_000, 1000, 11), "1%": (1_000_000, 100, 11)}

log = logging.getLogger("benchmark.smoothing")
log.addHandler(logging.NullHandler())
log.propagate = False


def setup(n, every, passes):
    values = [((i * 7919) % 10007) / 10007.0 for i in range(n)]
    for i in range(every - 1, n, every):
        values[i] = 1000.0 + i
    return values, passes


def run(values, passes):
    level = values[0]
    deviation = 0.0
    outliers = 0
    for _ in range(passes):
        for i in range(len(values)):
            value = values[i]
            if value > 100.0:
                outliers += 1
                log.debug("outlier %d: %s", i, value)
                continue
            difference = value - level
            level += 0.05 * difference
            deviation += difference * difference
    return level, deviation, outliers
