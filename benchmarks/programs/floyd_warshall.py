"""Shortest paths between all pairs of nodes, on a matrix given as nested lists."""

from __future__ import annotations

GROUP = "lists"
ARGS = (280,)


def setup(n):
    state = 7
    distance = []
    for i in range(n):
        row = []
        for j in range(n):
            state = (state * 1103515245 + 12345) % 2147483648
            row.append(0 if i == j else 1 + state // 65536 % 1000)
        distance.append(row)
    return (distance,)


def run(distance):
    n = len(distance)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                through = distance[i][k] + distance[k][j]
                if through < distance[i][j]:
                    distance[i][j] = through
    total = 0
    for i in range(n):
        for j in range(n):
            total += distance[i][j]
    return total
