"""A cellular automaton that lets IndexError tell where the row ends."""

from __future__ import annotations

GROUP = "handlers"
ARGS = (600, 4000)


def run(width, steps):
    row = [1 if i == width // 2 else 0 for i in range(width)]
    for _ in range(steps):
        following = []
        for i in range(width):
            left = row[i - 1] if i else 0
            try:
                right = row[i + 1]
            except IndexError:
                right = 0
            following.append((110 >> (left * 4 + row[i] * 2 + right)) & 1)
        row = following
    return sum(row), row[:20]
