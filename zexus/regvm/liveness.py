"""Which registers are read later: backward data flow over the register form."""

from __future__ import annotations

from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function

Live = dict[Block, frozenset[int]]


def live_in(fn: Function, kept: frozenset[int] = frozenset()) -> Live:
    """The register numbers live at the start of each reachable block; what a handler reads is live in all of a block.

    Args:
        fn: the register form.
        kept: registers that are live everywhere.
    """
    order = cfg.reverse_postorder(fn)
    uses: Live = {}
    kills: Live = {}
    for block in order:
        used: set[int] = set()
        killed: set[int] = set()
        for instr in block.instrs:
            used.update(a.number for a in instr.args if a.number not in killed)
            if instr.dest is not None:
                killed.add(instr.dest.number)
        uses[block], kills[block] = frozenset(used), frozenset(killed)
    found = {block: uses[block] | kept for block in order}
    changed = True
    while changed:
        changed = False
        for block in reversed(order):
            out: frozenset[int] = frozenset().union(*(found[s] for s in block.successors))
            new = uses[block] | (out - kills[block]) | kept | _caught(block, found)
            if new != found[block]:
                found[block] = new
                changed = True
    return found


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
