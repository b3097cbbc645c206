"""The control flow of a function as a flow: a few edges are counted, and how often all others are taken follows.

Knuth and Stevenson: Optimal Measurement Points for Program Frequency Counts (1973). As much flows into a block as out
of it. The edges of a spanning tree of the graph need no counters, because one equation of a block after the other has a
single edge left that is not known; all others have to be counted, and no fewer would do. The tree is the one whose
edges weigh most, so that the counters stand where control passes seldom.

Exceptions leave blocks in their midst. They are counted where they happen (`tracebacks.Spot`), and the row of the
exception table says where they go, so that they are no unknowns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field

from zexus import ops
from zexus.bytecode import Code, depths, split, successors, targets
from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.ir import Function, Instr

OUTSIDE = -1  # the node from which functions are entered, and to which they return
# Guesses at what is not known beforehand; counts do not depend on them.
_ROUNDS = 8.0  # how often loops run
_PLACE = 1.5  # what a counter costs that needs a jump of its own, over one that does not
_BRANCHES = frozenset(("JUMP_IF_FALSE", "JUMP_IF_TRUE", "FOR_ITER"))


@dataclass(eq=False)
class Edge:
    """One way for control to go.

    Attributes:
        source, target: numbers of blocks, or OUTSIDE.
        jumps: whether it is the target that the source's last instruction names, not what follows that.
        counted: whether a counter stands on it.
    """

    source: int
    target: int
    jumps: bool
    counted: bool = True


@dataclass(eq=False)
class Block:
    """Instructions [start, stop), which control passes from the first to the last.

    Attributes:
        depth: how many loops are around it.
        handler: whether exceptions lead there.
    """

    start: int
    stop: int
    depth: int = 0
    handler: bool = False
    enters: list[Edge] = field(default_factory=list)
    leaves: list[Edge] = field(default_factory=list)


@dataclass(eq=False)
class Loop:
    """A natural loop.

    Attributes:
        header: the number of its first block.
        blocks: the numbers of all of them.
        back: the edges to the header from inside.
        parent: the loop around it.
        depth: 1 for an outermost one.
    """

    header: int
    blocks: frozenset[int]
    back: list[Edge]
    parent: Loop | None
    depth: int


@dataclass
class Counts:
    """How often control took each way through a function, calls that have not ended left out.

    Attributes:
        instructions: for each instruction how often it was begun.
        blocks: for each block how often it was entered.
        edges: for each edge how often it was taken.
        raised: for each instruction how many exceptions left it.
    """

    instructions: list[int]
    blocks: list[int]
    edges: dict[Edge, int]
    raised: list[int]


class Flow:
    """The blocks, edges and loops of a function, and which of the edges need counters.

    Attributes:
        code: the function, which has been verified.
        blocks: those that can be reached, in the order of the code.
        edges: between them; the first one enters the function.
        loops: outer ones before those inside them.
    """

    def __init__(self, code: Code) -> None:
        self.code = code
        reached = [depth >= 0 for depth in depths(code)]
        leaders = {0, *(row.target for row in code.handlers)}
        for index, instruction in enumerate(code.instructions):
            following = successors(code, index)
            if targets(instruction) or index + 1 not in following:
                leaders.update((*following, index + 1))
        starts = sorted(leader for leader in leaders if leader < len(reached) and reached[leader])
        ends = sorted(leaders | {len(reached)})
        self.blocks = [Block(start, next(end for end in ends if end > start)) for start in starts]
        self._number = {block.start: number for number, block in enumerate(self.blocks)}
        # Where the exceptions of each instruction go.
        self.handlers: list[int] = [OUTSIDE] * len(reached)
        for row in reversed(code.handlers):
            for index in range(row.start, row.end):
                self.handlers[index] = self._number.get(row.target, OUTSIDE)
        for number in {self._number[row.target] for row in code.handlers if row.target in self._number}:
            self.blocks[number].handler = True
        self.edges = [Edge(OUTSIDE, 0, False)]
        for number, block in enumerate(self.blocks):
            self._leave(number, block)
        for edge in self.edges:
            if edge.target != OUTSIDE:
                self.blocks[edge.target].enters.append(edge)
            if edge.source != OUTSIDE:
                self.blocks[edge.source].leaves.append(edge)
        self.loops = self._loops()
        for loop in self.loops:
            for number in loop.blocks:
                self.blocks[number].depth = max(self.blocks[number].depth, loop.depth)
        self._passed = self._guess()
        self._span()

    def _leave(self, number: int, block: Block) -> None:
        last = block.stop - 1
        instruction = self.code.instructions[last]
        named = dict.fromkeys(targets(instruction))
        self.edges += [Edge(number, self._number[target], True) for target in named]
        op = split(instruction)[-1].op
        if op in ("RETURN", "LEAVE", "YIELD"):
            self.edges.append(Edge(number, OUTSIDE, False))
        elif op not in ops.ENDS:
            self.edges.append(Edge(number, self._number[block.stop], False))

    def _loops(self) -> list[Loop]:
        """The natural loops, ways by exceptions included."""
        skeleton = Function(self.code.name, "register")
        made = [skeleton.block() for _ in self.blocks]
        for block, shape in zip(self.blocks, made, strict=True):
            ways = [edge.target for edge in block.leaves if edge.target != OUTSIDE]
            ways += [self.handlers[index] for index in range(block.start, block.stop)
                     if self.handlers[index] != OUTSIDE]
            shape.instrs.append(Instr("SWITCH", [], targets=[made[way] for way in dict.fromkeys(ways)]))
        graph = cfg.Graph(skeleton)
        self._order = [block.number for block in graph.order]
        found: list[Loop] = []
        for loop in graph.loops:
            header, inside = loop.header.number, frozenset(block.number for block in loop.blocks)
            back = [edge for edge in self.blocks[header].enters if edge.source in inside]
            parent = next((other for other in reversed(found) if header in other.blocks), None)
            found.append(Loop(header, inside, back, parent, loop.depth))
        return found

    def _span(self) -> None:
        """Take the counters off the edges of a spanning tree of the greatest weight (Kruskal 1956)."""
        roots = list(range(-1, len(self.blocks)))  # by number + 1

        def root(number: int) -> int:
            at = number + 1
            while roots[at] + 1 != at:
                at = roots[at] + 1
            return at - 1

        for edge in sorted(self.edges, key=self._weight, reverse=True):
            source, target = root(edge.source), root(edge.target)
            if source != target:
                roots[source + 1] = target
                edge.counted = False

    def _weight(self, edge: Edge) -> tuple[float, bool]:
        """How dear a counter would be: how often control may pass it, and whether it would be in the way."""
        if OUTSIDE in (edge.source, edge.target):
            return self._passed[edge], False
        source, target = self.blocks[edge.source], self.blocks[edge.target]
        critical = len(source.leaves) > 1 and (len(target.enters) > 1 or target.handler)
        begins_loop = split(self.code.instructions[source.stop - 1])[-1].op == "ITER"
        return self._passed[edge] * (_PLACE if critical else 1.0), begins_loop

    def _guess(self) -> dict[Edge, float]:
        """How often control may take each edge in a call: branches go either way, loops run a few times."""
        passed: dict[Edge, float] = {}
        headers = {loop.header for loop in self.loops}
        inner: dict[int, Loop] = {number: loop for loop in self.loops for number in loop.blocks}
        times = [1.0 if block.handler else 0.0 for block in self.blocks]
        passed[self.edges[0]] = times[0] = 1.0
        for number in self._order:
            block = self.blocks[number]
            if number:
                times[number] += sum(passed.get(edge, 0.0) for edge in block.enters)
            if number in headers:
                times[number] *= _ROUNDS
            loop = inner.get(number)
            stays = [edge for edge in block.leaves if loop is None or edge.target in loop.blocks]
            goes = [edge for edge in block.leaves if edge not in stays]
            leaving = times[number] / _ROUNDS if stays else times[number]
            for edge in goes:
                passed[edge] = leaving / len(goes)
            for edge in stays:
                passed[edge] = (times[number] - (leaving if goes else 0.0)) / len(stays)
        return passed

    def guess(self, edge: Edge) -> float:
        """How often control may take an edge in a call, for all that is known beforehand."""
        return self._passed[edge]

    def branch(self, block: Block) -> tuple[Edge, Edge] | None:
        """The edges of a block that ends by a branch: where it jumps, and where it goes on."""
        if split(self.code.instructions[block.stop - 1])[-1].op not in _BRANCHES and \
                split(self.code.instructions[block.stop - 1])[0].op != "FOR_ITER":
            return None
        jumping = next(edge for edge in block.leaves if edge.jumps)
        return jumping, next(edge for edge in block.leaves if not edge.jumps)

    def derive(self, passed: Callable[[Edge], int], left: Sequence[int], ended: Sequence[int]) -> Counts:
        """How often everything happened.

        Args:
            passed: what the counter of an edge says.
            left: for each instruction the exceptions that left it for a handler or the caller.
            ended: those that no handler takes.
        """
        known = {edge: passed(edge) for edge in self.edges if edge.counted}
        raised = [a + b for a, b in zip(left, ended, strict=True)]
        caught = [0] * len(self.blocks)
        for index, times in enumerate(left):
            if times and self.handlers[index] != OUTSIDE:
                caught[self.handlers[index]] += times
        lost = [sum(raised[block.start:block.stop]) for block in self.blocks]
        unknown = [{edge for edge in (*block.enters, *block.leaves) if edge not in known} for block in self.blocks]
        work = [number for number, edges in enumerate(unknown) if len(edges) == 1]
        while work:
            number = work.pop()
            if len(unknown[number]) != 1:
                continue
            (edge,) = unknown[number]
            block = self.blocks[number]
            balance = caught[number] - lost[number] + sum(known[e] for e in block.enters if e in known) \
                - sum(known[e] for e in block.leaves if e in known)
            known[edge] = balance if edge.source == number else -balance
            for end in (edge.source, edge.target):
                if end != OUTSIDE:
                    unknown[end].discard(edge)
                    if len(unknown[end]) == 1:
                        work.append(end)
        blocks = [caught[number] + sum(known[edge] for edge in block.enters)
                  for number, block in enumerate(self.blocks)]
        instructions = [0] * len(self.code.instructions)
        for times, block in zip(blocks, self.blocks, strict=True):
            for index in range(block.start, block.stop):
                instructions[index] = times
                times -= raised[index]
        return Counts(instructions, blocks, known, raised)
