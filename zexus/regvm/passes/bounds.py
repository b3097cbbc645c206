"""Bounds guards in preheaders: one check before a counted loop in place of one in every iteration.

Gupta, Optimizing Array Bound Checks Using Flow Analysis (1993). The guards leave by the preheader's side exit; range
analysis then finds that the indices inside need none. An upper bound is guarded only for an index that every
iteration uses, in a loop that ends at its header: where that guard fails, an iteration would have left as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from zexus import ops
from zexus.regvm import cfg
from zexus.regvm.cfg import Loop
from zexus.regvm.intervals import Intervals
from zexus.regvm.ir import Block, Function, Instr, Phi, Value


def bounds(fn: Function) -> bool:
    """Guard the start and the end of counted loops against the lengths of what they index."""
    found = Intervals(fn)
    idom = cfg.dominators(fn)
    preds = cfg.predecessors(fn)
    changed = False
    for loop in cfg.loops(fn):
        outside = [p for p in preds[loop.header] if p not in loop.blocks]
        if len(outside) != 1 or outside[0].terminator.op != "JUMP" or outside[0].terminator.exit is None:
            continue
        inside = set(_values(loop))
        stop = _stop(found, loop, inside)
        if stop is None:
            continue
        phi, end = stop
        indices = [instr for instr in _indices(loop, idom) if "inbounds" not in instr.facts]
        changed = _guard(fn, found, loop, outside[0], (phi, end), indices, inside) or changed
    return changed


def _values(loop: Loop) -> Iterator[Value]:
    for block in loop.blocks:
        yield from (phi.dest for phi in block.phis)
        yield from (instr.dest for instr in block.instrs if instr.dest is not None)


def _stop(found: Intervals, loop: Loop, inside: set[Value]) -> tuple[Phi, Value] | None:
    """The counter of a loop that counts up by one while it is below an end that does not change, and that end."""
    last = loop.header.terminator
    test = found.makers.get(last.args[0]) if last.op == "BRANCH" else None
    if test is None or test.op != "LT" or last.targets[0] not in loop.blocks or last.targets[1] in loop.blocks:
        return None
    if any(target not in loop.blocks for block in loop.blocks - {loop.header} for target in _ways(block)):
        return None
    phi = next((phi for phi in loop.header.phis if phi.dest is test.args[0]), None)
    if phi is None or test.args[1] in inside:
        return None
    # With a larger step the last iteration may stop short of the end.
    if any(found.linear(phi.incoming[latch]) != (phi.dest, 1) for latch in loop.latches):
        return None
    return phi, test.args[1]


def _ways(block: Block) -> list[Block]:
    """The successors of a block; the way round by a time slice comes back to the preheader and counts as none."""
    return block.successors[:1] if block.terminator.op == "TICK" else block.successors


def _indices(loop: Loop, idom: dict[Block, Block]) -> list[Instr]:
    """The index checks that every iteration makes."""
    always = [b for b in loop.blocks if all(cfg.dominates(idom, b, latch) for latch in loop.latches)]
    return [i for block in always for i in block.instrs if i.op in ("LIST_INDEX", "ARRAY_INDEX")]


def _guard(fn: Function, found: Intervals, loop: Loop, preheader: Block, counter: tuple[Phi, Value],
           indices: list[Instr], inside: set[Value]) -> bool:
    phi, end = counter
    jump = preheader.instrs.pop()
    start = phi.incoming[preheader]
    steady = not any(ops.changes_lengths(i.row) for block in loop.blocks for i in block.instrs)
    lowest = found.at(start, found.ends[preheader])
    wants_start = False
    wanted: dict[tuple[str, Value], int] = {}
    for instr in indices:
        of_list = instr.op == "LIST_INDEX"
        root, offset = found.linear(instr.args[1 if of_list else 0])
        if root is not phi.dest:
            continue
        if offset >= 0:
            wants_start = True
        length = instr.args[0 if of_list else 1]
        if length in inside or (of_list and not steady):
            continue
        if lowest is not None and lowest[0] + offset < 0 and offset < 0:
            continue  # it may count from the end: the bound alone would spare nothing
        key = ("list" if of_list else "dim", length)
        wanted[key] = max(wanted.get(key, offset), offset)
    made: list[Instr] = []

    def emit(op: str, args: list[Value], kind: str, imm: int | None = None) -> Value:
        value = fn.value(kind)
        made.append(Instr(op, args, value, imm))
        return value

    def guard(op: str, a: Value, b: Value) -> None:
        check = Instr("GUARD", [emit(op, [a, b], "i1")])
        check.exit = jump.exit
        made.append(check)

    if wants_start and lowest is not None and lowest[0] < 0 <= lowest[1]:
        guard("GE", start, emit("K", [], "i64", 0))
    for (kind, owner), offset in wanted.items():
        length = emit("LIST_LEN", [owner], "i64") if kind == "list" else owner
        if offset:
            length = emit("SUB", [length, emit("K", [], "i64", offset)], "i64")
            made[-1].exit = jump.exit
        if found.linear(end) != found.linear(length):
            guard("LE", end, length)
    preheader.instrs.extend((*made, jump))
    return bool(made)
