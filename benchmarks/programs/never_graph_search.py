"""Breadth-first search in a graph of strings kept as a dictionary of lists."""

from __future__ import annotations

from collections import deque

GROUP = "never"
ARGS = (4_000,)


def setup(nodes):
    graph = {}
    for i in range(nodes):
        graph[f"n{i}"] = [f"n{(i * 7 + 1) % nodes}", f"n{(i * 3 + 2) % nodes}", f"n{(i + 1) % nodes}"]
    return (graph,)


def distances(graph, start):
    found = {start: 0}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for neighbour in graph[node]:
            if neighbour not in found:
                found[neighbour] = found[node] + 1
                queue.append(neighbour)
    return found


def run(graph):
    deepest = {}
    for start in list(graph)[:1200]:
        found = distances(graph, start)
        deepest[start] = max(found.values())
    return max(deepest.values()), min(deepest.values()), len(deepest)
