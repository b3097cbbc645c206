"""The edit distance of two texts."""

from __future__ import annotations

GROUP = "strings"
ARGS = (1_200,)


def setup(size):
    letters = "abcdefghijklmnop"
    return "".join(letters[i * i % 16] for i in range(size)), "".join(letters[i * 7 % 16] for i in range(size))


def run(a, b):
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        now = [i]
        for j, y in enumerate(b, 1):
            cost = 0 if x == y else 1
            now.append(min(before[j] + 1, now[j - 1] + 1, before[j - 1] + cost))
        before = now
    return before[-1]
