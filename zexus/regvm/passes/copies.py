"""Copy propagation: phis that bring one value only, and phis that bring what another one brings, go."""

from __future__ import annotations

from zexus.regvm import ssa
from zexus.regvm.ir import Block, Function, Value


def copies(fn: Function) -> bool:
    """Replace trivial and repeated phis by the value that they stand for, until there is none left."""
    changed = ssa.remove_trivial_phis(fn)
    while _merge_repeated(fn):
        ssa.remove_trivial_phis(fn)
        changed = True
    return changed


def _merge_repeated(fn: Function) -> bool:
    replaced: dict[Value, Value] = {}
    for block in fn.blocks:
        first: dict[frozenset[tuple[Block, Value]], Value] = {}
        kept = []
        for phi in block.phis:
            same = first.setdefault(frozenset(phi.incoming.items()), phi.dest)
            if same is phi.dest:
                kept.append(phi)
            else:
                replaced[phi.dest] = same
        block.phis = kept
    if replaced:
        fn.substitute(replaced)
    return bool(replaced)
