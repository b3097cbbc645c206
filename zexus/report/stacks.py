"""Stacks of a report: statements under their functions, and functions under those that called them, as trees.

What is drawn as a flame graph, and what speedscope is given, are these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from zexus.report.model import Report


@dataclass
class Node:
    """A function or line, and what is inside it.

    Attributes:
        name, file, line: what it is; a line of 0 is not known.
        total: its weight, with all that is inside.
        inside: the nodes in it.
    """

    name: str
    file: str = ""
    line: int = 0
    total: float = 0.0
    inside: list[Node] = field(default_factory=list)

    @property
    def own(self) -> float:
        """Its weight without what is inside."""
        return max(self.total - sum(node.total for node in self.inside), 0.0)


def counted(report: Report) -> Node:
    """Functions with their lines, by how many instructions or statements were executed there.

    Returns:
        a root that holds all of them, in the order of the program.
    """
    first = {(part.file, part.function): part.line for part in report.functions}
    functions: dict[tuple[str, str], Node] = {}
    lines: dict[tuple[str, str, int], Node] = {}
    for part in report.instructions:
        place = part.file, part.function
        around = functions.setdefault(place, Node(part.function, part.file, first.get(place, part.line)))
        line = lines.get((*place, part.line))
        if line is None:
            line = lines[*place, part.line] = Node(f"line {part.line}", part.file, part.line)
            around.inside.append(line)
        line.total += part.count
        around.total += part.count
    return Node("all", total=sum(node.total for node in functions.values()), inside=list(functions.values()))


def called(report: Report) -> Node:
    """Functions by who called them, and about how long they took, ns.

    Those inside never take longer than what called them, whose calls are fewer and so known better.

    Returns:
        a root that holds the outermost ones; without any, nothing was timed.
    """
    first = {(part.file, part.function): part.line for part in report.functions}
    root = Node("all")
    nodes: dict[tuple[tuple[str, str], ...], Node] = {(): root}
    for part in report.calls:
        path: tuple[tuple[str, str], ...] = ()
        for frame in part.stack:
            around, path = nodes[path], (*path, (frame.file, frame.function))
            if path not in nodes:
                nodes[path] = Node(frame.function, frame.file, first.get(path[-1], 0))
                around.inside.append(nodes[path])
        nodes[path].total += part.time_ns
    _grow(root)
    return root


def _grow(node: Node) -> None:
    """Give what was not timed itself the time of what is inside, and take from what is inside what is too much."""
    for one in node.inside:
        _grow(one)
    inside = sum(one.total for one in node.inside)
    if not node.total:
        node.total = inside
    elif inside > node.total:
        for one in node.inside:
            _shrink(one, node.total / inside)
    node.inside.sort(key=lambda one: -one.total)


def _shrink(node: Node, share: float) -> None:
    node.total *= share
    for one in node.inside:
        _shrink(one, share)


def own_weights(node: Node, around: tuple[Node, ...] = ()) -> Iterator[tuple[tuple[Node, ...], float]]:
    """Each stack in a tree that has weight of its own, the outermost node first; the root is in none."""
    for one in node.inside:
        stack = (*around, one)
        if one.own:
            yield stack, one.own
        yield from own_weights(one, stack)


def own_times(root: Node) -> list[Node]:
    """The functions of a tree, wherever they were called, by their weight without what is inside, the greatest first.

    Returns:
        nodes without anything inside.
    """
    found: dict[tuple[str, str], Node] = {}
    for stack, weight in own_weights(root):
        last = stack[-1]
        known = found.setdefault((last.file, last.name), Node(last.name, last.file, last.line))
        known.total += weight
    return sorted(found.values(), key=lambda node: -node.total)
