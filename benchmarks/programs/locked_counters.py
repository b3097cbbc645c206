"""Batches that are summed up while a lock is held."""

from __future__ import annotations

import threading

GROUP = "handlers"
ARGS = (10_000, 250)


def run(batches, size):
    lock = threading.Lock()
    total = 0
    for batch in range(batches):
        with lock:
            for i in range(size):
                total = (total * 31 + batch * i) % 1_000_000_007
    return total
