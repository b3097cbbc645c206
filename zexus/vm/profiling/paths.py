"""Paths: which ways control goes through a function, or through one iteration of a loop.

Ball and Larus: Efficient Path Profiling (1996). A path begins where the function is entered, at the header of a loop or
at a handler, and ends where control returns or comes to a header: the first iteration of a loop is a path like all
others, so that the paths of most loops differ by where they end. Each has a number: the sum of what stands on its
edges, so that a variable that adds these up says at the end which path it was. Where an edge ends a single path, how
often it was taken says all of it, and nothing is added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zexus.records import dataclass
from zexus.vm.profiling.additions import Additions
from zexus.vm.profiling.flow import OUTSIDE, Edge, Flow

MOST = 4096  # paths of a function that has its paths counted


@dataclass
class Paths:
    """The numbers of a function's paths.

    Attributes:
        count: how many paths there are.
        begins: the number at which the paths begin that start at a block, by the block's number.
        adds: what an edge adds.
        ends: for an edge that ends paths, what is added first.
        single: the number of the path that an edge ends, for those that end no other.
        open: the blocks from which a path may go on to an edge that ends several.
    """

    count: int
    begins: dict[int, int]
    adds: dict[Edge, int]
    ends: dict[Edge, int]
    single: dict[Edge, int]
    open: set[int]

    def blocks(self, flow: Flow, number: int) -> list[int]:
        """The blocks of a path, by its number."""
        start = max((first, block) for block, first in self.begins.items() if first <= number)
        rest, at = number - start[0], start[1]
        found = [at]
        while True:
            ways = [(self.ends.get(edge, self.adds.get(edge, 0)), edge in self.ends, edge.target)
                    for edge in flow.blocks[at].leaves]
            if not ways:
                return found
            taken, last, target = max(way for way in ways if way[0] <= rest)
            if last:
                return found
            rest -= taken
            at = target
            found.append(at)


def paths(flow: Flow) -> Paths | None:
    """Number the paths of a function; None for one that has too many of them, loops that are not natural, or jumps into
    handlers."""
    headers = {loop.header for loop in flow.loops}
    last = {edge for edge in flow.edges if edge.target == OUTSIDE or edge.target in headers}
    if any(block.handler and block.enters for block in flow.blocks):
        return None
    order = _topological(flow, last)
    if order is None:
        return None
    through: dict[int, int] = {}
    adds: dict[Edge, int] = {}
    ends: dict[Edge, int] = {}
    for number in reversed(order):
        total = 0
        for edge in flow.blocks[number].leaves:
            if edge in last:
                ends[edge] = total
                total += 1
            else:
                adds[edge] = total
                total += through[edge.target]
        through[number] = max(total, 1)  # a block that can only raise ends its path, which is never counted
        if through[number] > MOST:
            return None
    starts = {0, *headers, *(n for n, block in enumerate(flow.blocks) if block.handler)}
    begins: dict[int, int] = {}
    count = 0
    for number in sorted(starts):
        begins[number] = count
        count += through[number]
    if count > MOST:
        return None
    single = _single(flow, order, begins, adds, ends)
    open_: set[int] = set()
    for number in reversed(order):
        leaves = flow.blocks[number].leaves
        if any(edge.target in open_ if edge in adds else edge not in single for edge in leaves):
            open_.add(number)
    return Paths(count, begins, adds, ends, single, open_)


def _single(flow: Flow, order: list[int], begins: dict[int, int], adds: dict[Edge, int],
            ends: dict[Edge, int]) -> dict[Edge, int]:
    """The number of the one path that an edge ends, where it ends no other."""
    coming: dict[int, list[int]] = {}  # the numbers so far of the paths that come to a block, two of them at most
    for number in order:
        found = [begins[number]] if number in begins else []
        for edge in flow.blocks[number].enters:
            if edge in adds:
                found += [one + adds[edge] for one in coming[edge.source]]
        coming[number] = found[:2]
    return {edge: coming[edge.source][0] + by for edge, by in ends.items() if len(coming[edge.source]) == 1}


@dataclass
class CountedPaths:
    """How often each path of a function was taken, by its number; those that an exception cut short left out."""

    paths: Paths
    counts: list[int]

    def taken(self, edges: Mapping[Edge, int]) -> list[int]:
        """How often each path was taken.

        Args:
            edges: how often each edge was.
        """
        found = [*self.counts]
        for edge, number in self.paths.single.items():
            found[number] = edges[edge]
        return found

    def clear(self) -> None:
        """Begin anew."""
        self.counts[:] = [0] * len(self.counts)


def add_paths(additions: Additions) -> CountedPaths | None:
    """Put on the edges of a function what counts its paths; nothing where they cannot be numbered."""
    flow = additions.flow
    numbered = paths(flow)
    if numbered is None:
        return None
    found = CountedPaths(numbered, [0] * numbered.count)
    at, table, one = additions.local(".path"), additions.const(found.counts), additions.const(1)

    def begin(number: int) -> tuple[tuple[str, Any], ...]:
        if number not in numbered.open:
            return ()
        return ("LOAD_CONST", additions.const(numbered.begins[number])), ("STORE_LOCAL", at)

    def advance(by: int) -> tuple[tuple[str, Any], ...]:
        if not by:
            return ()
        return ("LOAD_LOCAL", at), ("LOAD_CONST", additions.const(by)), ("ADD", None), ("STORE_LOCAL", at)

    additions.add(flow.edges[0], *begin(0))
    for number, block in enumerate(flow.blocks):
        if block.handler:
            additions.begin(number, *begin(number))
    for edge, by in numbered.adds.items():
        if edge.target in numbered.open:
            additions.add(edge, *advance(by))
    for edge, by in numbered.ends.items():
        if edge in numbered.single:
            additions.add(edge, *(begin(edge.target) if edge.target != OUTSIDE else ()))
            continue
        additions.add(edge, *advance(by), ("LOAD_CONST", table), ("LOAD_LOCAL", at), ("GETITEM", None),
                      ("LOAD_CONST", one), ("IADD", None), ("LOAD_CONST", table), ("LOAD_LOCAL", at),
                      ("STORE_ITEM", None), *(begin(edge.target) if edge.target != OUTSIDE else ()))
    return found


def _topological(flow: Flow, last: set[Edge]) -> list[int] | None:
    """The blocks, each before those that follow it, `last` edges left out; None where there is no such order."""
    waiting = [sum(1 for edge in block.enters if edge.source != OUTSIDE and edge not in last) for block in flow.blocks]
    ready = [number for number, edges in enumerate(waiting) if not edges]
    found: list[int] = []
    while ready:
        number = ready.pop()
        found.append(number)
        for edge in flow.blocks[number].leaves:
            if edge not in last:
                waiting[edge.target] -= 1
                if not waiting[edge.target]:
                    ready.append(edge.target)
    return found if len(found) == len(flow.blocks) else None
