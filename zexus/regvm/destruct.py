"""SSA destruction: phis become moves at the ends of the blocks before.

Critical edges are split, so that a move is seen on its own edge only (the lost copy problem); the moves of an edge
happen at once and are put into an order that overwrites nothing which is still to be read (the swap problem).
Briggs, Cooper, Harvey, Simpson: Practical Improvements to the Construction and Destruction of Static Single
Assignment Form (1998); the order is that of Boissinot et al., Revisiting Out-of-SSA Translation (2009).
"""

from __future__ import annotations

from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr, Phi, Value

_CONSTANTS = frozenset(("CONST", "UNBOUND"))


def destruct(fn: Function) -> Function:
    """The register form of a function of form "ssa", with a register for each value.

    Blocks keep their numbers; those on split edges have new ones and hold MOVEs and a JUMP only. Constants are
    defined once each, at the beginning of the entry. What an exceptional edge brings is moved at the beginning of the
    block that catches, where nothing can be raised yet.

    Args:
        fn: the SSA form, which is left as it is.

    Returns:
        A new function of form "register". It shares the values of `fn`.
    """
    made = Function(fn.name, "register", list(fn.params), consts=fn.consts, next_value=fn.next_value,
                    next_block=fn.next_block)
    order = cfg.reverse_postorder(fn)
    blocks: dict[Block, Block] = {}
    for block in order:
        blocks[block] = Block(block.number)
        made.blocks.append(blocks[block])
    constants: dict[tuple[str, object], Value] = {}
    same: dict[Value, Value] = {}
    for block in order:
        for instr in block.instrs:
            if instr.op in _CONSTANTS and instr.dest is not None:
                same[instr.dest] = constants.setdefault((instr.op, instr.imm), instr.dest)
    for block in order:
        copy = blocks[block]
        copy.catches = None if block.catches is None else blocks[block.catches]
        for instr in block.instrs:
            if instr.op in _CONSTANTS:
                continue
            same_instr = Instr(instr.op, [same.get(v, v) for v in instr.args], instr.dest, instr.imm,
                               [blocks[t] for t in instr.targets], instr.index, instr.context)
            same_instr.facts = instr.facts
            copy.instrs.append(same_instr)
    preds = cfg.predecessors(fn)
    handlers = {block.catches for block in order if block.catches is not None}
    brought: dict[Block, dict[Phi, Value]] = {}
    begins = {block: int(block in handlers) for block in order}
    for block in handlers:
        # They wait in registers of their own, as the block that catches may still read the phis' old values.
        waiting = {phi: made.value() for phi in block.phis}
        blocks[block].instrs[1:1] = [Instr("MOVE", [value], phi.dest) for phi, value in waiting.items()]
        begins[block] += len(waiting)
        brought[block] = waiting
    for block in order:
        for source in preds[block] if block.phis else ():
            given = {phi: same.get(phi.incoming[source], phi.incoming[source]) for phi in block.phis}
            if source.catches is block:
                first = begins[source]
                blocks[source].instrs[first:first] = [
                    Instr("MOVE", [value], brought[block][phi]) for phi, value in given.items()]
                continue
            place = blocks[source]
            if place.terminator.op != "JUMP":
                place = made.block()
                place.instrs.append(Instr("JUMP", [], targets=[blocks[block]]))
                last = blocks[source].terminator
                last.targets = [place if t is blocks[block] else t for t in last.targets]
            place.instrs[-1:-1] = sequential([(phi.dest, value) for phi, value in given.items()], made)
    head = [Instr(op, [], value, imm) for (op, imm), value in constants.items()]
    made.entry.instrs[0:0] = head
    return made


def sequential(pairs: list[tuple[Value, Value]], fn: Function) -> list[Instr]:
    """MOVEs that together do what all moves of `pairs`, (destination, source), would do at once.

    Args:
        pairs: the destinations are distinct.
        fn: where fresh values come from, one for each cycle.
    """
    moves: list[Instr] = []
    waiting = {dest: source for dest, source in pairs if dest is not source}
    reads: dict[Value, int] = {}
    for source in waiting.values():
        reads[source] = reads.get(source, 0) + 1
    ready = [dest for dest in waiting if not reads.get(dest)]
    while waiting:
        while ready:
            dest = ready.pop()
            source = waiting.pop(dest)
            moves.append(Instr("MOVE", [source], dest))
            reads[source] -= 1
            if not reads[source] and source in waiting:
                ready.append(source)
        if waiting:
            # Only cycles are left: one destination is kept aside, so that it can be overwritten.
            dest = next(iter(waiting))
            kept = fn.value()
            moves.append(Instr("MOVE", [dest], kept))
            reads[kept] = reads.pop(dest)
            for other, source in waiting.items():
                if source is dest:
                    waiting[other] = kept
            ready.append(dest)
    return moves
