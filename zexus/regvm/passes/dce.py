"""Dead code elimination: what nobody uses and nobody sees goes; what guards stays."""

from __future__ import annotations

from zexus import ops
from zexus.regvm.facts import Facts
from zexus.regvm.ir import Function, Instr, Phi, Value


def dce(fn: Function) -> bool:
    """Remove dead phis, dead pure instructions and dead reads, and the leaves of exits that nothing takes."""
    facts = Facts(fn) if fn.form == "ssa" else None
    makers: dict[Value, Instr | Phi] = {}
    work: list[Value] = []
    taken: set[int] = set()
    for block in fn.blocks:
        for phi in block.phis:
            makers[phi.dest] = phi
        for instr in block.instrs:
            if instr.dest is not None:
                makers[instr.dest] = instr
            if _stays(instr, facts):
                work.extend(instr.args)
            if instr.exit is not None and instr.exit.number not in taken:
                taken.add(instr.exit.number)
                work.extend(value for value, _ in instr.exit.leaves)
    live: set[Value] = set()
    while work:
        value = work.pop()
        if value in live:
            continue
        live.add(value)
        maker = makers.get(value)
        if isinstance(maker, Phi):
            work.extend(maker.incoming.values())
        elif maker is not None:
            work.extend(maker.args)
    changed = False
    for block in fn.blocks:
        phis = [phi for phi in block.phis if phi.dest in live]
        instrs = [i for i in block.instrs if i.dest in live or _stays(i, facts)]
        changed = changed or len(phis) < len(block.phis) or len(instrs) < len(block.instrs)
        block.phis, block.instrs = phis, instrs
    for way in fn.exits:
        if way.number not in taken and way.leaves:
            way.leaves = []
            changed = True
    return changed


def _stays(instr: Instr, facts: Facts | None) -> bool:
    """Whether an instruction stays although its result may be dead."""
    if instr.dest is None or instr.exit is not None or instr.op in ops.TERMINATORS:
        return True
    if facts is not None:
        return not facts.effects(instr).removable
    return instr.row.effect in ("write", "call")
