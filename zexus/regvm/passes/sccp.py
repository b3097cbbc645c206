"""Sparse conditional constant propagation on generic SSA: constants in their places; edges never taken go.

Wegman and Zadeck, Constant Propagation with Conditional Branches (1991); `kinds` solves, this pass rewrites.
"""

from __future__ import annotations

from zexus.regvm import cfg
from zexus.regvm.facts import Facts, Pool
from zexus.regvm.ir import Block, Function, Instr, Value


def sccp(fn: Function) -> bool:
    """Put constants where they are known, decide branches, drop blocks and handlers that control never comes to."""
    facts = Facts(fn)
    pool = Pool(fn)
    changed = _phis(fn, facts, pool)
    for block in fn.blocks:
        if block in facts.reached:
            changed = _instructions(block, facts, pool) or changed
            changed = _edges(block, facts) or changed
    if changed:
        cfg.drop_unreachable(fn)
    return changed


def _phis(fn: Function, facts: Facts, pool: Pool) -> bool:
    """Replace phis of one constant by a CONST of the entry, which every use is behind."""
    replaced: dict[Value, Value] = {}
    for block in fn.blocks:
        kept = []
        for phi in block.phis:
            known = facts.constant(phi.dest)
            if known is None:
                kept.append(phi)
                continue
            made = Instr("CONST", [], fn.value(), pool.index(known), context=fn.entry.terminator.context)
            fn.entry.instrs.insert(0, made)
            assert made.dest is not None
            replaced[phi.dest] = made.dest
        block.phis = kept
    fn.substitute(replaced)
    return bool(replaced)


def _instructions(block: Block, facts: Facts, pool: Pool) -> bool:
    """Make a CONST of each instruction whose result is known: it was computed from constants and did not raise."""
    changed = False
    for instr in block.instrs:
        known = facts.constant(instr.dest) if instr.dest is not None and instr.op != "CONST" else None
        if known is not None:
            instr.op, instr.args, instr.imm, instr.facts = "CONST", [], pool.index(known), frozenset()
            changed = True
    return changed


def _edges(block: Block, facts: Facts) -> bool:
    """Drop the edges of a block that control never takes."""
    changed = False
    handler = block.catches
    if handler is not None and (block, handler) not in facts.edges:
        block.catches = None
        _leave(block, handler)
        changed = True
    last = block.terminator
    taken = [target for target in last.targets if (block, target) in facts.edges]
    if last.op != "BRANCH" or len(taken) == len(last.targets):
        return changed
    for target in last.targets:
        if target not in taken:
            _leave(block, target)
    last.op, last.args, last.targets = "JUMP", [], taken
    return True


def _leave(block: Block, target: Block) -> None:
    for phi in target.phis:
        phi.incoming.pop(block, None)
