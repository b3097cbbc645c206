"""The control-flow graph of a function: orders, predecessors, dominators, natural loops."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import field
from functools import cached_property

from zexus.records import dataclass
from zexus.regvm.ir import Block, Function


def following(block: Block) -> list[Block]:
    """Where control can go from a block: its successors, and the handler of its exceptions."""
    if block.catches is None or block.catches in block.successors:
        return block.successors
    return [*block.successors, block.catches]


def reverse_postorder(fn: Function) -> list[Block]:
    """The reachable blocks, each before its successors except along back edges."""
    seen: set[Block] = {fn.entry}
    order: list[Block] = []
    stack: list[tuple[Block, Iterator[Block]]] = [(fn.entry, iter(following(fn.entry)))]
    while stack:
        block, ways = stack[-1]
        for way in ways:
            if way not in seen:
                seen.add(way)
                stack.append((way, iter(following(way))))
                break
        else:
            order.append(block)
            stack.pop()
    order.reverse()
    return order


def predecessors(fn: Function) -> dict[Block, list[Block]]:
    """Each reachable block's reachable predecessors, without repetition, in reverse postorder."""
    return Graph(fn).preds


def _predecessors(order: list[Block]) -> dict[Block, list[Block]]:
    found: dict[Block, list[Block]] = {block: [] for block in order}
    for block in order:
        for target in following(block):
            sources = found[target]
            if not sources or sources[-1] is not block:
                sources.append(block)
    return found


def dominators(fn: Function) -> dict[Block, Block]:
    """The immediate dominator of each reachable block; the entry's is itself."""
    return Graph(fn).idom


def _dominators(order: list[Block], preds: dict[Block, list[Block]]) -> dict[Block, Block]:
    """Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm (2001)."""
    number = {block: i for i, block in enumerate(order)}
    idom: dict[Block, Block] = {order[0]: order[0]}

    def intersect(a: Block, b: Block) -> Block:
        while a is not b:
            while number[a] > number[b]:
                a = idom[a]
            while number[b] > number[a]:
                b = idom[b]
        return a

    changed = True
    while changed:
        changed = False
        for block in order[1:]:
            candidates = [p for p in preds[block] if p in idom]
            best = candidates[0]
            for other in candidates[1:]:
                best = intersect(best, other)
            if idom.get(block) is not best:
                idom[block] = best
                changed = True
    return idom


def above(idom: dict[Block, Block], block: Block) -> Iterator[Block]:
    """The blocks that every path from the entry to `block` passes: itself first, the entry last."""
    while True:
        yield block
        if idom[block] is block:
            return
        block = idom[block]


def unavoidable(idom: dict[Block, Block], loop: Loop) -> set[Block]:
    """The blocks of a loop that each of its iterations passes that comes to another one."""
    passed = (frozenset(above(idom, latch)) for latch in loop.latches)
    return set(loop.blocks).intersection(*passed)


def dominates(idom: dict[Block, Block], a: Block, b: Block) -> bool:
    """Whether every path from the entry to `b` passes `a`."""
    while b is not a:
        if idom[b] is b:
            return False
        b = idom[b]
    return True


@dataclass
class Loop:
    """A natural loop: its header, the sources of its back edges, the loop around it, those in it."""

    header: Block
    latches: list[Block]
    _members: dict[Block, None]
    parent: Loop | None = None
    depth: int = 1
    children: list[Loop] = field(default_factory=list)

    @property
    def blocks(self) -> Set[Block]:
        """All its blocks, always in the same order, so that the same program always becomes the same code."""
        return self._members.keys()

    def add(self, block: Block) -> None:
        """Make a block one of the loop's."""
        self._members[block] = None


def loops(fn: Function) -> list[Loop]:
    """The natural loops, outer ones before those inside them."""
    return Graph(fn).loops


def _loops(order: list[Block], preds: dict[Block, list[Block]], idom: dict[Block, Block]) -> list[Loop]:
    place = {block: number for number, block in enumerate(order)}
    latches: dict[Block, list[Block]] = {}
    for block in order:
        for target in following(block):
            if place[target] <= place[block] and dominates(idom, target, block):
                sources = latches.setdefault(target, [])
                if block not in sources:
                    sources.append(block)
    found: list[Loop] = []
    for header, sources in latches.items():
        body = {header}
        work = list(sources)
        while work:
            block = work.pop()
            if block in body:
                continue
            body.add(block)
            work.extend(preds[block])
        found.append(Loop(header, sources, dict.fromkeys(block for block in order if block in body)))
    found.sort(key=lambda loop: -len(loop.blocks))
    for position, loop in enumerate(found):
        for outer in reversed(found[:position]):
            if loop.header in outer.blocks and outer is not loop:
                loop.parent = outer
                loop.depth = outer.depth + 1
                outer.children.append(loop)
                break
    return found


class Graph:
    """The control-flow graph of a function as it stands when its parts are asked for first.

    Attributes:
        order: the reachable blocks in reverse postorder.
        preds: as `predecessors` gives them.
        idom: as `dominators` gives them.
        loops: as `loops` gives them.
    """

    def __init__(self, fn: Function) -> None:
        self.order = reverse_postorder(fn)

    @cached_property
    def preds(self) -> dict[Block, list[Block]]:
        return _predecessors(self.order)

    @cached_property
    def idom(self) -> dict[Block, Block]:
        return _dominators(self.order, self.preds)

    @cached_property
    def loops(self) -> list[Loop]:
        return _loops(self.order, self.preds, self.idom)


def drop_unreachable(fn: Function) -> None:
    """Remove the blocks that no edge leads to, and what phis take from them."""
    order = set(reverse_postorder(fn))
    fn.blocks = [block for block in fn.blocks if block in order]
    for block in fn.blocks:
        for phi in block.phis:
            phi.incoming = {source: v for source, v in phi.incoming.items() if source in order}
