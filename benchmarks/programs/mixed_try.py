"""A checksum over numbers with rare textual fields that are parsed under try/except inside the hot loop."""

from __future__ import annotations

GROUP = "mixed"
VARIANTS = {"0.1%": (1_000_000, 1000, 10), "1%": (1_000_000, 100, 10)}


def setup(n, every, passes):
    fields = ["17", "none", "4x", "250"]
    return [(i * 7919) % 10007 for i in range(n)], fields, every, passes


def run(numbers, fields, every, passes):
    total = 0
    bad = 0
    for _ in range(passes):
        for i in range(len(numbers)):
            value = numbers[i]
            if i % every == 0:
                try:
                    value = int(fields[value % len(fields)])
                except ValueError:
                    bad += 1
                    value = -1
            total = (total * 31 + value) % 1000000007
    return total, bad
