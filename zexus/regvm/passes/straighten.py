"""Straightening of generic SSA: blocks in a row become one, empty blocks on the way go."""

from __future__ import annotations

from zexus.regvm import cfg
from zexus.regvm.facts import Facts
from zexus.regvm.ir import Block, Function, Value


def straighten(fn: Function) -> bool:
    """Make jumps of branches with one target, skip empty blocks, and join blocks that always follow each other."""
    forks = [b.terminator for b in fn.blocks if b.terminator.op == "BRANCH" and len(set(b.successors)) == 1]
    facts = Facts(fn) if forks else None
    changed = False
    for last in forks:
        if facts is not None and facts.effects(last).removable:
            last.op, last.args, last.targets = "JUMP", [], last.targets[:1]
            changed = True
    changed = _skip(fn) or changed
    return _merge(fn) or changed


def _skip(fn: Function) -> bool:
    """Let the predecessors of an empty block go where it goes, if no phi there has to know where control came from."""
    handlers = {block.catches for block in fn.blocks}
    aims: dict[Block, Block] = {}
    for block in fn.blocks:
        target = block.successors[0] if block.terminator.op == "JUMP" else block
        if len(block.instrs) > 1 or block.phis or target is block or target.phis or block in handlers:
            continue
        if block is not fn.entry:
            aims[block] = target
    if not aims:
        return False

    def final(block: Block) -> Block:
        seen = {block}
        while block in aims and aims[block] not in seen:
            block = aims[block]
            seen.add(block)
        return block

    changed = False
    for block in fn.blocks:
        targets = [final(t) for t in block.terminator.targets]
        changed = changed or targets != block.terminator.targets
        block.terminator.targets = targets
    if changed:
        cfg.drop_unreachable(fn)
    return changed


def _merge(fn: Function) -> bool:
    preds = cfg.predecessors(fn)
    replaced: dict[Value, Value] = {}
    gone: set[Block] = set()
    for block in list(preds):
        while block not in gone and block.terminator.op == "JUMP":
            (following,) = block.successors
            if preds[following] != [block] or following is fn.entry or not _alike(block, following, replaced):
                break
            for phi in following.phis:
                replaced[phi.dest] = phi.incoming[block]
            block.instrs[-1:] = following.instrs
            gone.add(following)
            for target in cfg.following(following):
                preds[target] = list(dict.fromkeys(block if p is following else p for p in preds[target]))
                for phi in target.phis:
                    if following in phi.incoming:
                        phi.incoming[block] = phi.incoming.pop(following)
    if gone:
        fn.blocks = [block for block in fn.blocks if block not in gone]
        fn.substitute(replaced)
    return bool(gone)


def _alike(block: Block, following: Block, replaced: dict[Value, Value]) -> bool:
    """Whether the exceptions of two blocks go to one handler, with the same values in its variables."""
    handler = block.catches
    if handler is not following.catches or following.catches is block or handler is following:
        return False

    def first(value: Value) -> Value:
        while value in replaced:
            value = replaced[value]
        return value

    return handler is None or all(first(phi.incoming[block]) is first(phi.incoming[following])
                                  for phi in handler.phis)
