"""Calls: functions made inside of others, which share a variable."""


def main(n):
    total = 0
    for start in range(n):
        step = counter(start)
        step(1)
        step(2)
        total += step(3)
    return total


def counter(value):
    def step(by):
        nonlocal value
        value += by
        return value

    return step
