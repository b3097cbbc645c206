"""The tasks of many projects put into order with graphlib, by stages and by a search of one's own; cycles reported."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

GROUP = "ordinary"
ARGS = (5_000,)

STEPS = ("fetch", "configure", "compile", "link", "test", "document", "package", "publish")


def project(number):
    graph = {}
    for part in range(number % 13 + 3):
        for step in range(len(STEPS)):
            task = f"{STEPS[step]}:{part}"
            graph[task] = {f"{STEPS[k]}:{part}" for k in (step - 1, step - 3) if k >= 0}
            if part and step == 2:
                graph[task].add(f"link:{(part * 7 + number) % part}")
    if number % 5 == 4:
        graph["fetch:0"].add(f"publish:{number % 3}")
    return graph


def stages(graph):
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    found = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found.append(ready)
        sorter.done(*ready)
    return found


def depth_first(graph):
    order = []
    state = {}

    def visit(task, path):
        if state.get(task) == "done":
            return
        if state.get(task) == "open":
            raise ValueError(" -> ".join([*path[path.index(task) :], task]))
        state[task] = "open"
        for needed in sorted(graph.get(task, ())):
            visit(needed, [*path, task])
        state[task] = "done"
        order.append(task)

    for task in sorted(graph):
        visit(task, [])
    return order


def critical_path(graph, order, length):
    finished = {}
    for task in order:
        start = max((finished[needed] for needed in graph[task]), default=0)
        finished[task] = start + length(task)
    return max(finished.values())


def run(count):
    cycles = 0
    longest_message = ""
    lengths = []
    widest = []
    for number in range(count):
        graph = project(number)
        try:
            found = stages(graph)
        except CycleError as problem:
            cycles += len(problem.args[1]) > 2
            try:
                depth_first(graph)
            except ValueError as other:
                longest_message = max(longest_message, str(other), key=len)
            continue
        order = depth_first(graph)
        lengths.append(critical_path(graph, order, lambda task: len(task) + number % 4))
        widest = max(widest, *found, key=len)
    return cycles, longest_message, sum(lengths), max(lengths), widest
