"""Sorted lists merged into one through a heap of their heads."""

from __future__ import annotations

from heapq import heappop, heappush

GROUP = "itertools"
ARGS = (40, 4_000)


def setup(runs, size):
    return ([sorted((i * 7919 + r * 31) % 1_000_003 for i in range(size)) for r in range(runs)],)


def run(lists):
    heap = []
    for number, items in enumerate(lists):
        heappush(heap, (items[0], number, 0))
    check = 0
    count = 0
    while heap:
        value, number, place = heappop(heap)
        check = (check * 31 + value) % 1_000_000_007
        count += 1
        if place + 1 < len(lists[number]):
            heappush(heap, (lists[number][place + 1], number, place + 1))
    return check, count
