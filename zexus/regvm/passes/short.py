"""Short loops: those of few iterations, whose number is a constant, take no time slices of their own.

What is left is a plain loop that LLVM can unroll, and behind which the reads before it still hold.
"""

from __future__ import annotations

from zexus.regvm import cfg
from zexus.regvm.cfg import Loop
from zexus.regvm.ir import Block, Function, Instr, Value

# Iterations of a loop, those of the loops inside it included.
MOST = 64


def short(fn: Function) -> bool:
    """Take the time slices out of short loops, inner ones first; the iterations are counted where the loop ends."""
    if all(i.op != "TICK" for i in fn.instructions()):
        return False
    makers = {i.dest: i for i in fn.instructions() if i.dest is not None}
    iterations: dict[Block, int] = {}
    for loop in reversed(cfg.loops(fn)):
        if any(latch.terminator.op != "TICK" for latch in loop.latches):
            continue
        inside = [child.header for child in loop.children if any(b.terminator.op == "TICK" for b in child.latches)]
        if any(header not in iterations for header in inside):
            continue
        found = _trips(fn, loop, makers)
        total = 0 if found is None else found[1] * (1 + sum(iterations[header] for header in inside))
        if found is None or not 0 < total <= MOST:
            continue
        iterations[loop.header] = total
        _shorten(fn, loop, *found)
    return bool(iterations)


def _trips(fn: Function, loop: Loop, makers: dict[Value, Instr]) -> tuple[Block, int] | None:
    """The block before a loop, and how often it goes round if nothing leaves it; None where that is not known."""
    preds = cfg.predecessors(fn)
    outside = [p for p in preds[loop.header] if p not in loop.blocks]
    last = loop.header.terminator
    test = makers.get(last.args[0]) if last.op == "BRANCH" else None
    if len(outside) != 1 or test is None or test.op not in ("LT", "GT") or last.targets[0] not in loop.blocks:
        return None
    phi = next((phi for phi in loop.header.phis if phi.dest is test.args[0]), None)
    end = _constant(test.args[1], makers)
    slices = {latch.terminator.targets[1] for latch in loop.latches}
    if phi is None or end is None or slices & loop.blocks:
        return None
    starts = _sources(phi.incoming[outside[0]], outside[0], slices, phi.dest, loop, makers)
    steps = {_step(phi.incoming[latch], phi.dest, makers) for latch in loop.latches}
    if starts is None or len(steps) != 1:
        return None
    step = steps.pop()
    if step is None or (step > 0) != (test.op == "LT") or step == 0:
        return None
    return outside[0], max(0, -((starts - end) // step))


def _sources(value: Value, preheader: Block, slices: set[Block], counter: Value, loop: Loop,
             makers: dict[Value, Instr]) -> int | None:
    """The constant that a counter starts from; what time slices bring round is the counter itself."""
    phi = next((phi for phi in preheader.phis if phi.dest is value), None)
    if phi is None:
        return _constant(value, makers)
    starts = {v for block, v in phi.incoming.items() if block not in slices}
    return _constant(starts.pop(), makers) if len(starts) == 1 else None


def _constant(value: Value, makers: dict[Value, Instr]) -> int | None:
    maker = makers.get(value)
    return int(maker.imm) if maker is not None and maker.op == "K" and type(maker.imm) is int else None


def _step(value: Value, counter: Value, makers: dict[Value, Instr]) -> int | None:
    """The constant by which a counter grows in an iteration."""
    maker = makers.get(value)
    if maker is None or maker.op != "ADD" or counter not in maker.args:
        return None
    return _constant(maker.args[1] if maker.args[0] is counter else maker.args[0], makers)


def _shorten(fn: Function, loop: Loop, preheader: Block, trips: int) -> None:
    """Latches jump back at once; the time slices go; where the header leaves the loop, its iterations are counted."""
    for latch in loop.latches:
        slow = latch.terminator.targets[1]
        latch.instrs[-1] = Instr("JUMP", [], targets=[loop.header])
        fn.blocks.remove(slow)
        for phi in preheader.phis:
            phi.incoming.pop(slow)
    header, outside = loop.header, loop.header.terminator.targets[1]
    counted = fn.block()
    number = fn.value("i64")
    counted.instrs = [Instr("K", [], number, trips), Instr("COUNT", [number]), Instr("JUMP", [], targets=[outside])]
    header.terminator.targets = [header.terminator.targets[0], counted]
    for phi in outside.phis:
        phi.incoming[counted] = phi.incoming.pop(header)
