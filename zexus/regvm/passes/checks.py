"""One check for a chain of float sums and products: what is not finite stays so to the end of the chain.

A merged check leaves before the first step of its chain, and so does everything between the steps; nothing there
has an effect, so that Python can do it all again and warn where it would have warned.
"""

from __future__ import annotations

from zexus.regvm.ir import Block, Function, Instr, Value

_CARRIES = frozenset(("ADD", "SUB", "MUL"))


def checks(fn: Function) -> bool:
    """Merge each check whose result only flows into checked steps of the same block into the next such check."""
    users: dict[Value, list[Instr | None]] = {}
    for block in fn.blocks:
        for phi in block.phis:
            for value in phi.incoming.values():
                users.setdefault(value, []).append(None)
        for instr in block.instrs:
            for value in instr.args:
                users.setdefault(value, []).append(instr)
    changed = False
    for block in fn.blocks:
        changed |= _in_block(fn, block, users)
    return changed


def _in_block(fn: Function, block: Block, users: dict[Value, list[Instr | None]]) -> bool:
    changed = False
    position = 0
    while position < len(block.instrs):
        first = block.instrs[position]
        target = _next_check(block, position, first, users) if first.op in ("CHECK_FP", "CHECK_CHAIN") else None
        if target is None:
            position += 1
            continue
        later = block.instrs[target]
        assert first.dest is not None
        for instr in block.instrs[position:target + 1]:
            if instr.exit is not None:
                instr.exit = first.exit
        later.op, later.args = "CHECK_CHAIN", [*later.args, *first.args]
        later.imm = len(later.args)
        _replace(fn, first.dest, first.args[0])
        users.setdefault(first.args[0], []).extend(u for u in users.pop(first.dest, []) if u is not later)
        del block.instrs[position]
        changed = True
    return changed


def _next_check(block: Block, position: int, first: Instr, users: dict[Value, list[Instr | None]]) -> int | None:
    """Where the check stands that can take over from `first`."""
    assert first.dest is not None
    wanted = users.get(first.dest, [])
    if not wanted or any(u is None or u.op not in _CARRIES for u in wanted):
        return None
    found = None
    left = {id(u): u for u in wanted if u is not None}
    made: dict[Value, int] = {}
    for index in range(position + 1, len(block.instrs)):
        instr = block.instrs[index]
        if instr.row.effect in ("write", "call") or instr.targets or instr.row.name in ("EXIT", "LEAVE"):
            break
        if id(instr) in left and instr.dest is not None:
            made[instr.dest] = id(instr)
        if instr.op in ("CHECK_FP", "CHECK_CHAIN") and instr.args[0] in made:
            left.pop(made[instr.args[0]], None)
            found = index if found is None else found
            if not left:
                return found
    return None


def _replace(fn: Function, old: Value, new: Value) -> None:
    for block in fn.blocks:
        for phi in block.phis:
            phi.incoming = {b: new if v is old else v for b, v in phi.incoming.items()}
        for instr in block.instrs:
            instr.args = [new if a is old else a for a in instr.args]
    for way in fn.exits:
        way.leaves = [(new if v is old else v, kind) for v, kind in way.leaves]
