"""Shortest ways in a grid by Dijkstra's algorithm on a heap."""

from __future__ import annotations

import heapq

GROUP = "itertools"
ARGS = (220,)


def run(size):
    cost = [[(x * 7 + y * 13 + x * y) % 9 + 1 for x in range(size)] for y in range(size)]
    best = [[10**9] * size for _ in range(size)]
    best[0][0] = 0
    heap = [(0, 0, 0)]
    while heap:
        distance, x, y = heapq.heappop(heap)
        if distance > best[y][x]:
            continue
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            a, b = x + dx, y + dy
            if 0 <= a < size and 0 <= b < size:
                further = distance + cost[b][a]
                if further < best[b][a]:
                    best[b][a] = further
                    heapq.heappush(heap, (further, a, b))
    return best[size - 1][size - 1]
