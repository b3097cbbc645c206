"""Bounds guards in preheaders: one check before a counted loop in place of one in every iteration.

Gupta, Optimizing Array Bound Checks Using Flow Analysis (1993). The guards leave by the preheader's side exit; range
analysis then finds that the indices inside need none. An upper bound is guarded only for an index that every
iteration uses, in a loop that ends at its header: where that guard fails, an iteration would have left as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.cfg import Loop
from zexus.regvm.intervals import Intervals
from zexus.regvm.ir import Block, Function, Instr, Phi, Value


@dataclass(frozen=True)
class _Counter:
    """A loop's counter: it counts up by one while it is below `end`, or down by one while it is above."""

    phi: Phi
    end: Value
    up: bool


def bounds(fn: Function) -> bool:
    """Guard the start and the end of counted loops against the lengths of what they index."""
    found = Intervals(fn)
    idom, preds = found.graph.idom, found.graph.preds
    changed = False
    for loop in found.graph.loops:
        outside = [p for p in preds[loop.header] if p not in loop.blocks]
        if len(outside) != 1 or outside[0].terminator.op != "JUMP" or outside[0].terminator.exit is None:
            continue
        inside = set(_values(loop))
        counter = _counter(found, loop, inside)
        if counter is None:
            continue
        indices = [instr for instr in _indices(loop, idom)
                   if instr.facts.isdisjoint(("inbounds", "handled")) and instr.args[1] not in inside]
        changed = _guard(fn, found, outside[0], counter, indices) or changed
    return changed


def _values(loop: Loop) -> Iterator[Value]:
    for block in loop.blocks:
        yield from (phi.dest for phi in block.phis)
        yield from (instr.dest for instr in block.instrs if instr.dest is not None)


def _counter(found: Intervals, loop: Loop, inside: set[Value]) -> _Counter | None:
    """The counter of a loop that ends at its header, by comparing it with an end that does not change."""
    last = loop.header.terminator
    test = found.makers.get(last.args[0]) if last.op == "BRANCH" else None
    if test is None or test.op not in ("LT", "GT") or last.targets[0] not in loop.blocks \
            or last.targets[1] in loop.blocks:
        return None
    if any(target not in loop.blocks for block in loop.blocks - {loop.header} for target in _ways(block)):
        return None
    phi = next((phi for phi in loop.header.phis if phi.dest is test.args[0]), None)
    if phi is None or test.args[1] in inside:
        return None
    # With a larger step the last iteration may stop short of the end.
    step = 1 if test.op == "LT" else -1
    if any(found.linear(phi.incoming[latch]) != (phi.dest, step) for latch in loop.latches):
        return None
    return _Counter(phi, test.args[1], test.op == "LT")


def _ways(block: Block) -> list[Block]:
    """The successors of a block; the way round by a time slice comes back to the preheader and counts as none."""
    return block.successors[:1] if block.terminator.op == "TICK" else block.successors


def _indices(loop: Loop, idom: dict[Block, Block]) -> list[Instr]:
    """The index checks that every iteration makes."""
    always = cfg.unavoidable(idom, loop)
    return [i for block in loop.blocks if block in always for i in block.instrs if i.op == "INDEX"]


def _guard(fn: Function, found: Intervals, preheader: Block, counter: _Counter, indices: list[Instr]) -> bool:
    start, end = counter.phi.incoming[preheader], counter.end
    lowest, offset_of_lowest = (start, 0) if counter.up else (end, 1)
    known = found.at(lowest, found.ends[preheader])
    deepest: int | None = None
    wanted: dict[Value, int] = {}
    for instr in indices:
        root, offset = found.linear(instr.args[0])
        if root is not counter.phi.dest:
            continue
        least = None if known is None else known[0] + offset_of_lowest + offset
        if offset >= 0:
            deepest = 0
        elif least is not None and least < 0:
            continue  # it may count from the end: the bound alone would spare nothing
        wanted[instr.args[1]] = max(wanted.get(instr.args[1], offset), offset)
    jump = preheader.instrs.pop()
    made: list[Instr] = []

    def emit(op: str, args: list[Value], kind: str, imm: int | None = None) -> Value:
        value = fn.value(kind)
        made.append(Instr(op, args, value, imm))
        return value

    def guard(op: str, a: Value, b: Value) -> None:
        check = Instr("GUARD", [emit(op, [a, b], "i1")])
        check.exit = jump.exit
        made.append(check)

    if deepest is not None and known is not None and known[0] < -offset_of_lowest <= known[1]:
        guard("GE", lowest, emit("K", [], "i64", -offset_of_lowest))
    for length, offset in wanted.items():
        if offset:
            length = emit("SUB", [length, emit("K", [], "i64", offset)], "i64")
            made[-1].exit = jump.exit
        highest, op = (end, "LE") if counter.up else (start, "LT")
        if found.linear(highest) != found.linear(length) or not counter.up:
            guard(op, highest, length)
    preheader.instrs.extend((*made, jump))
    return bool(made)
