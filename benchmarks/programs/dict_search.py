"""Breadth-first search in a graph that is a dict of lists."""

from __future__ import annotations

GROUP = "dicts"
ARGS = (40_000, 5)


def setup(nodes, degree):
    return ({n: [(n * 7 + k * k * 31 + 1) % nodes for k in range(degree)] for n in range(nodes)},)


def run(graph):
    distance = {0: 0}
    queue = [0]
    at = 0
    while at < len(queue):
        node = queue[at]
        at += 1
        near = distance[node] + 1
        for other in graph[node]:
            if other not in distance:
                distance[other] = near
                queue.append(other)
    return len(distance), max(distance.values()), queue[-1]
