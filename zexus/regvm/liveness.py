"""Which registers are read later: backward data flow over the register form, by blocks and by instructions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from zexus import ops
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr, Value

Live = Mapping[Block, frozenset[int]]
NOWHERE: Live = {}


def live_in(fn: Function, kept: frozenset[int] = frozenset(), held: Live = NOWHERE) -> Live:
    """The register numbers live at the start of each reachable block; what a handler reads is live in all of a block.

    Args:
        fn: the register form.
        kept: registers that are live everywhere.
        held: those that are live in all of a block.
    """
    order = cfg.reverse_postorder(fn)
    always = _mask(kept)
    live: dict[Block, int] = {}
    kills: dict[Block, int] = {}
    for block in order:
        used = killed = 0
        for instr in block.instrs:
            for value in instr.args:
                used |= (1 << value.number) & ~killed
            if instr.dest is not None:
                killed |= 1 << instr.dest.number
        live[block], kills[block] = used | always | _mask(held.get(block, ())), killed
    changed = True
    while changed:
        changed = False
        for block in reversed(order):
            out = 0
            for successor in block.successors:
                out |= live[successor]
            new = live[block] | (out & ~kills[block])
            if block.catches is not None:
                new |= live[block.catches]
            if new != live[block]:
                live[block] = new
                changed = True
    return {block: frozenset(_numbers(mask)) for block, mask in live.items()}


def _mask(numbers: Iterable[int]) -> int:
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def _numbers(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def around(block: Block, entry: Live,
           kept: frozenset[int] = frozenset()) -> list[tuple[frozenset[int], frozenset[int]]]:
    """For each instruction of `block`, the registers live before and after it."""
    kept = kept | _caught(block, entry)
    live: frozenset[int] = kept.union(*(entry[s] for s in block.successors))
    found: list[tuple[frozenset[int], frozenset[int]]] = []
    for instr in reversed(block.instrs):
        after = live
        if instr.dest is not None:
            live = live - {instr.dest.number}
        live = live | kept | {a.number for a in instr.args}
        found.append((live, after))
    found.reverse()
    return found


def _caught(block: Block, entry: Live) -> frozenset[int]:
    """What the handler of a block's exceptions reads."""
    return frozenset() if block.catches is None else entry[block.catches]


def behind(fn: Function, rows: Set[str], kind: str) -> dict[Instr, list[Value]]:
    """The values that are read behind the instructions of some rows, or handed over by their exits.

    Args:
        fn: in SSA form; what an exit hands over is read by its instruction.
        rows: names of opcodes.
        kind: the type of the values.
    """
    order = cfg.reverse_postorder(fn)
    ends: dict[Block, set[Value]] = {block: set() for block in order}
    starts: dict[Block, set[Value]] = {block: set() for block in order}
    found: dict[Instr, list[Value]] = {}

    def through(block: Block, note: bool) -> set[Value]:
        live = set(ends[block])
        for instr in reversed(block.instrs):
            if instr.dest is not None:
                live.discard(instr.dest)
            handed = [value for value, _ in instr.exit.leaves] if instr.exit is not None else []
            if note and instr.op in rows:
                found[instr] = sorted({v for v in (*live, *handed) if v.type == kind}, key=lambda value: value.number)
            live.update(v for v in (*instr.args, *handed) if v.type == kind)
        return live.difference(phi.dest for phi in block.phis)

    changed = True
    while changed:
        changed = False
        for block in reversed(order):
            for target in cfg.following(block):
                ends[block] |= starts[target]
                ends[block].update(phi.incoming[block] for phi in target.phis
                                   if block in phi.incoming and phi.incoming[block].type == kind)
            start = through(block, note=False)
            changed = changed or start != starts[block]
            starts[block] = start
    for block in order:
        through(block, note=True)
    return found


class Masks:
    """Live values as sets of bits, exact along exceptional edges: a handler is reached from what may raise only.

    Attributes:
        values: the values that count, by bit.
        bits: the bit of each.
        entry: live at the beginning of each reachable block.
    """

    def __init__(self, fn: Function, ignored: Set[Value] = frozenset()) -> None:
        self.values: list[Value] = []
        self.bits: dict[Value, int] = {}
        for value in (*fn.params, *(v for i in fn.instructions() for v in (*i.args, i.dest) if v is not None)):
            if value not in ignored and value not in self.bits:
                self.bits[value] = 1 << len(self.values)
                self.values.append(value)
        order = cfg.reverse_postorder(fn)
        self.entry: dict[Block, int] = dict.fromkeys(order, 0)
        summaries = {block: self._summary(block) for block in order}
        changed = True
        while changed:
            changed = False
            for block in reversed(order):
                uses, kills, early = summaries[block]
                live = uses | (self.end(block) & ~kills)
                if block.catches is not None and early is not None:
                    live |= self.entry[block.catches] & ~early
                if live != self.entry[block]:
                    self.entry[block] = live
                    changed = True

    def _summary(self, block: Block) -> tuple[int, int, int | None]:
        """What a block reads first, what it writes, and what it writes before it may raise (None: it never does)."""
        uses = kills = 0
        early: int | None = None
        for instr in block.instrs:
            uses |= self.mask(instr.args) & ~kills
            if early is None and instr.op not in ops.QUIET:
                early = kills
            if instr.dest is not None:
                kills |= self.bits.get(instr.dest, 0)
        return uses, kills, early

    def mask(self, values: list[Value]) -> int:
        """The values that count among `values`."""
        found = 0
        for value in values:
            found |= self.bits.get(value, 0)
        return found

    def end(self, block: Block) -> int:
        """Live where a block hands on to its successors."""
        live = 0
        for successor in block.successors:
            live |= self.entry[successor]
        return live

    def backwards(self, block: Block) -> Iterator[tuple[Instr, int, int]]:
        """The instructions of a block from the last to the first, with what is live before and after each."""
        after = self.end(block)
        caught = 0 if block.catches is None else self.entry[block.catches]
        for instr in reversed(block.instrs):
            before = after
            if instr.dest is not None:
                before &= ~self.bits.get(instr.dest, 0)
            if instr.op not in ops.QUIET:
                before |= caught
            before |= self.mask(instr.args)
            yield instr, before, after
            after = before

    def listed(self, mask: int) -> list[Value]:
        """The values of a set of bits."""
        return [self.values[number] for number in _numbers(mask)]
