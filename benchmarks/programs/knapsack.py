"""The 0/1 knapsack by dynamic programming over a list."""

from __future__ import annotations

GROUP = "lists"
ARGS = (200, 100_000)


def setup(items, capacity):
    state = 42
    weights = []
    values = []
    for _ in range(items):
        state = (state * 1103515245 + 12345) % 2147483648
        weights.append(1 + state // 65536 % 500)
        state = (state * 1103515245 + 12345) % 2147483648
        values.append(1 + state // 65536 % 1000)
    return weights, values, capacity


def run(weights, values, capacity):
    best = [0] * (capacity + 1)
    for item in range(len(weights)):
        weight = weights[item]
        value = values[item]
        for room in range(capacity, weight - 1, -1):
            candidate = best[room - weight] + value
            if candidate > best[room]:
                best[room] = candidate
    return best[capacity]
