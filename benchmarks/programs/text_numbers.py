"""Numbers read from a text by hand."""

from __future__ import annotations

GROUP = "strings"
ARGS = (2_000_000,)


def setup(size):
    return (" ".join(str((i * 7919) % 100003 - 50000) for i in range(size // 6)),)


def run(text):
    total = 0
    count = 0
    value = 0
    sign = 1
    inside = False
    for c in text:
        if "0" <= c <= "9":
            value = value * 10 + ord(c) - ord("0")
            inside = True
        elif c == "-":
            sign = -1
        elif inside:
            total += sign * value
            count += 1
            value = 0
            sign = 1
            inside = False
    if inside:
        total += sign * value
        count += 1
    return total, count
