"""Readings that flow through chained generators: parsed, filtered, averaged over windows, joined and grouped."""

from __future__ import annotations

import itertools
from collections import deque

GROUP = "ordinary"
ARGS = (580_000,)


def source(count):
    for i in range(count):
        sensor = ("north", "south", "attic", "cellar")[i * 7 % 4 if i % 5 else i % 3]
        value = "" if i % 101 == 0 else f"{(i * 37 % 400) / 10 - 5:.1f}"
        yield f"{i // 4:06d};{sensor};{value}"


def parse(lines):
    for line in lines:
        moment, sensor, value = line.split(";")
        if value:
            yield int(moment), sensor, float(value)


def without_outliers(readings, low, high):
    return (reading for reading in readings if low <= reading[2] <= high)


def smooth(readings, width):
    windows = {}
    for moment, sensor, value in readings:
        window = windows.setdefault(sensor, deque(maxlen=width))
        window.append(value)
        if len(window) == width:
            yield moment, sensor, sum(window) / width


def batches(items, size):
    items = iter(items)
    while batch := list(itertools.islice(items, size)):
        yield batch


def alarms(readings, limit):
    high = set()
    for moment, sensor, value in readings:
        if value > limit and sensor not in high:
            high.add(sensor)
            yield moment, f"{sensor} is high: {value:.2f}"
        elif value < limit - 4 and sensor in high:
            high.remove(sensor)
            yield moment, f"{sensor} is fine again"


def running_mean():
    count = 0
    total = 0.0
    mean = None
    while True:
        value = yield mean
        count += 1
        total += value
        mean = total / count


def hours(readings):
    for hour, group in itertools.groupby(readings, key=lambda reading: reading[0] // 600):
        best = {}
        for _, sensor, value in group:
            if sensor not in best or value > best[sensor]:
                best[sensor] = value
        yield hour, best


def run(count):
    readings = smooth(without_outliers(parse(source(count)), -4.5, 33.0), 5)
    for_alarms, for_hours, for_means = itertools.tee(readings, 3)
    messages = list(alarms(for_alarms, 20.0))
    highest = [(hour, sorted(best.items())) for hour, best in hours(for_hours)]
    means = {}
    batch_sums = []
    for batch in batches(for_means, 64):
        for _, sensor, value in batch:
            if sensor not in means:
                means[sensor] = running_mean()
                next(means[sensor])
            latest = means[sensor].send(value)
        batch_sums.append(sum(value for _, _, value in batch))
    for mean in means.values():
        mean.close()
    top = sorted(zip(batch_sums, itertools.count()), reverse=True)[:3]
    return messages[-2:], len(messages), highest[-1], round(latest, 9), [(round(value, 6), i) for value, i in top]
