"""Jump threading on generic SSA: who brings the constant that a branch tests goes to its target at once.

That is what an inlined function that answers True or False leaves behind.
"""

from __future__ import annotations

from zexus.regvm import cfg
from zexus.regvm.facts import Facts
from zexus.regvm.ir import Block, Function, Instr, Phi, Value
from zexus.regvm.kinds import folded

User = Instr | Phi


def thread(fn: Function) -> bool:
    """Let predecessors skip blocks that only test a phi, where the phi's value from there is a constant.

    Loop headers stay: with a second entry a loop would have no structure.
    """
    forks = [b for b in fn.blocks if len(b.instrs) == 1 and b.terminator.op == "BRANCH"
             and any(phi.dest is b.terminator.args[0] for phi in b.phis)]
    if not forks:
        return False
    facts = Facts(fn)
    users = _users(fn)
    places = {block: place for place, block in enumerate(cfg.reverse_postorder(fn))}
    preds = cfg.predecessors(fn)
    changed = False
    for block in forks:
        sources = preds.get(block, [])
        if any(places[p] >= places[block] for p in sources) or not _local(block, users):
            continue
        for source in sources:
            target = _target(block, source, facts)
            if target is not None and source not in preds[target]:
                _redirect(source, block, target)
                preds[target].append(source)
                changed = True
    if changed:
        cfg.drop_unreachable(fn)
    return changed


def _users(fn: Function) -> dict[Value, list[tuple[User, Block | None]]]:
    """Who reads each value; phis with the block from which they take it."""
    found: dict[Value, list[tuple[User, Block | None]]] = {}
    for block in fn.blocks:
        for phi in block.phis:
            for source, value in phi.incoming.items():
                found.setdefault(value, []).append((phi, source))
        for instr in block.instrs:
            for value in instr.args:
                found.setdefault(value, []).append((instr, None))
    return found


def _local(block: Block, users: dict[Value, list[tuple[User, Block | None]]]) -> bool:
    """Whether a block's phis are read only by its branch and by phis that take them from it."""
    return block.catches is None and all(user is block.terminator or source is block
                                         for phi in block.phis for user, source in users.get(phi.dest, ()))


def _target(block: Block, source: Block, facts: Facts) -> Block | None:
    """Where the branch goes when control comes from `source`, if that is certain."""
    phi = next(phi for phi in block.phis if phi.dest is block.terminator.args[0])
    known = facts.constant(phi.incoming[source])
    test = folded("TRUTH", [known.value]) if known is not None else None
    return None if test is None else block.terminator.targets[0 if test.value else 1]


def _redirect(source: Block, block: Block, target: Block) -> None:
    brought = {phi.dest: phi.incoming.pop(source) for phi in block.phis}
    for phi in target.phis:
        value = phi.incoming[block]
        phi.incoming[source] = brought.get(value, value)
    source.terminator.targets = [target if t is block else t for t in source.terminator.targets]
