"""A random walk that notes rare events in a dictionary under f-string keys, inside the hot loop."""

from __future__ import annotations

GROUP = "mixed"
VARIANTS = {"0.1%": (4_000_000, 1000), "1%": (4_000_000, 100)}


def run(steps, every):
    events = {}
    state = 99
    position = 0
    highest = 0
    for step in range(steps):
        state = (state * 1103515245 + 12345) % 2147483648
        if state // 65536 % 2 == 0:
            position += 1
        else:
            position -= 1
        if position > highest:
            highest = position
        if state // 4096 % every == 0:
            key = f"band {position // 100}"
            events[key] = events.get(key, 0) + 1
    return position, highest, sorted(events.items())
