"""Smooth a long series of sensor readings; the rare broken ones are logged and counted by cause.

The loop mixes arithmetic with what numeric compilers refuse: logging, an f-string and a dictionary, in a branch that is
taken once in a few thousand iterations.
"""

from __future__ import annotations

import logging
import sys

log = logging.getLogger("readings")


def make_readings(count):
    """A reproducible series with a few impossible values in it."""
    readings = []
    state = 12345
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        value = 20.0 + 5.0 * state / 2147483648
        if state % 5000 == 0:
            value = -999.0
        elif state % 7001 == 0:
            value = 1000.0
        readings.append(value)
    return readings


def smooth(readings, weight):
    """The exponentially smoothed end value, the squared deviations, and the broken readings by cause."""
    level = readings[0]
    deviations = 0.0
    broken = {}
    for i in range(len(readings)):
        value = readings[i]
        if value < -100.0 or value > 100.0:
            cause = "too cold" if value < 0.0 else "too hot"
            broken[cause] = broken.get(cause, 0) + 1
            log.debug(f"reading {i}: {value} is {cause}")
            if broken[cause] <= 3:
                log.warning("reading %d: %s (%.1f)", i, cause, value)
            continue
        difference = value - level
        level += weight * difference
        deviations += difference * difference
    return level, deviations, broken


def main():
    logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s:%(lineno)d %(message)s", level=logging.INFO)
    readings = make_readings(2_000_000)
    level, deviations, broken = smooth(readings, 0.05)
    print(f"level {level:.6f}, deviation {deviations / len(readings):.6f}")
    for cause in sorted(broken):
        print(f"{cause}: {broken[cause]}")


if __name__ == "__main__":
    main()
