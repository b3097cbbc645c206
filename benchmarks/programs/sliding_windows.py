"""The best window of a list of numbers, each window a slice, and the list in blocks."""

from __future__ import annotations

GROUP = "slices"
ARGS = (300_000, 25)


def run(n, width):
    values = [(i * 7919) % 1013 for i in range(n)]
    best, at = 0, 0
    for i in range(n - width + 1):
        total = 0
        for value in values[i:i + width]:
            total += value
        if total > best:
            best, at = total, i
    blocks = 0
    for start in range(0, n, 100):
        block = values[start:start + 100]
        block.reverse()
        blocks = (blocks * 31 + sum(block[:10])) % 1_000_003
    return best, at, blocks
