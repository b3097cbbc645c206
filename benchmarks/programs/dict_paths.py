"""The shortest chains from numbers to one, with what is known already kept in a dict."""

from __future__ import annotations

GROUP = "dicts"
ARGS = (60_000,)


def run(limit):
    known = {1: 0}
    best = 0
    where = 1
    for start in range(2, limit):
        n = start
        steps = 0
        while n not in known:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        steps += known[n]
        known[start] = steps
        if steps > best:
            best, where = steps, start
    return where, best
