"""Loop-invariant code motion into the preheader; in typed functions guards and reads included.

In typed functions a preheader is the block before a header whose jump carries a side exit: a guard that is hoisted
there leaves there, before the loop. A time slice goes round by the preheader, so what was hoisted is computed anew
behind it. On objects only what does nothing but make its result is hoisted, as the loop may not run at all.
"""

from __future__ import annotations

from zexus.regvm import cfg
from zexus.regvm.cfg import Graph, Loop
from zexus.regvm.facts import Facts
from zexus.regvm.ir import Block, Function, Instr, Phi, Value

# Reads of these are hoisted where nothing in the loop writes them; what tables and objects hold is looked up anew.
_READ = frozenset(("number", "length", "shape", "array", "header", "deque"))
_LISTS = frozenset(("LIST_NEW", "LIST_REPEAT", "LIST_SLICE"))
_CHECKED = frozenset(("FLOORDIV", "MOD", "LSHIFT", "RSHIFT", "ABS"))
_ANYWHERE = frozenset(("wraps",))
# What is made is made in each iteration; what an instruction may read at its place, it may read there only.
_STAYING = frozenset(("pools", "pinned"))


def licm(fn: Function) -> bool:
    """Hoist what does not change in a loop; inner loops first, so that it can go on outwards."""
    changed = False
    graph = cfg.Graph(fn)
    facts = Facts(fn) if graph.loops and fn.form == "ssa" else None
    for loop in reversed(graph.loops):
        if facts is not None:
            changed = _lift(fn, loop, facts) or changed
            continue
        preheader = _preheader(graph, loop)
        if preheader is not None and _hoist(graph, loop, preheader):
            changed = True
    return changed


def _preheader(graph: Graph, loop: Loop) -> Block | None:
    sources = [p for p in graph.preds[loop.header] if p not in loop.blocks]
    if len(sources) != 1 or sources[0].terminator.op != "JUMP" or sources[0].terminator.exit is None:
        return None
    return sources[0]


def _hoist(graph: Graph, loop: Loop, preheader: Block) -> bool:
    inside: set[Value] = set()
    written: frozenset[str] = frozenset()
    rows: set[Value] = set()
    for block in loop.blocks:
        inside.update(phi.dest for phi in block.phis)
        for instr in block.instrs:
            if instr.dest is not None:
                inside.add(instr.dest)
            written |= instr.row.facts.writes
            if instr.op == "GUARD_LIST":
                rows.add(instr.args[0])
    idom = graph.idom
    always = cfg.unavoidable(idom, loop)
    above = list(cfg.above(idom, preheader))
    lists = {i.args[0] for b in above for i in b.instrs if i.op == "GUARD_LIST"}
    lists |= {i.dest for b in above for i in b.instrs if i.op in _LISTS and i.dest is not None}
    landing = preheader.terminator
    changed = False
    for block in (b for b in graph.order if b in loop.blocks):
        kept: list[Instr] = []
        for instr in block.instrs:
            if (any(a in inside for a in instr.args) or not _invariant(instr, written, rows)
                    or (block not in always and (instr.exit is not None or instr.facts or _faults(instr, lists)))):
                kept.append(instr)
                continue
            if instr.exit is not None or instr.facts - _ANYWHERE:
                # What was proven inside need not hold before the loop: it is checked there, and proven anew.
                instr.exit, instr.facts = landing.exit, frozenset()
            preheader.instrs.insert(len(preheader.instrs) - 1, instr)
            if instr.dest is not None:
                inside.discard(instr.dest)
            if instr.op == "GUARD_LIST":
                lists.add(instr.args[0])
            changed = True
        block.instrs = kept
    return changed


def _faults(instr: Instr, lists: set[Value]) -> bool:
    """Whether an instruction looks at what nothing above the loop has checked."""
    facts = instr.row.facts
    return "faults" in facts.traits and not (facts.reads == "length" and instr.args[0] in lists)


def _invariant(instr: Instr, written: frozenset[str], rows: set[Value]) -> bool:
    """Whether the same operands give the same result in every iteration."""
    row = instr.row
    if "inbounds" in instr.facts or (instr.exit is None and row.name in _CHECKED and instr.args[0].type == "i64"):
        # Proven by what holds at its place in the loop, which need not hold in the preheader.
        return False
    if instr.targets or row.effect in ("write", "call") or row.name in ("EXIT", "LEAVE"):
        return False
    if row.facts.traits & _STAYING:
        return False
    if row.name == "LIST_ITEM":
        # A slot that holds a list is never overwritten by a number: such a store leaves the region first.
        kind = "item" if instr.dest in rows else "number"
        return not written & {kind, "length"}
    return not row.facts.reads or (row.facts.reads in _READ and row.facts.reads not in written)


# --- objects ----------------------------------------------------------------------------------------------


def _lift(fn: Function, loop: Loop, facts: Facts) -> bool:
    """Hoist the instructions that nobody notices and that give the same result in every iteration."""
    inside = {phi.dest for block in loop.blocks for phi in block.phis}
    inside |= {i.dest for block in loop.blocks for i in block.instrs if i.dest is not None}
    moved: list[Instr] = []
    for block in (b for b in cfg.reverse_postorder(fn) if b in loop.blocks):
        for instr in block.instrs:
            effects = facts.effects(instr)
            if instr.dest is not None and effects.removable and effects.repeatable and inside.isdisjoint(instr.args):
                moved.append(instr)
                inside.discard(instr.dest)
    preheader = _before(fn, loop) if moved else None
    if preheader is None:
        return False
    gone = set(moved)
    for block in loop.blocks:
        block.instrs = [i for i in block.instrs if i not in gone]
    preheader.instrs[-1:-1] = moved
    return True


def _before(fn: Function, loop: Loop) -> Block | None:
    """The block from which alone the loop is entered; it is made where there is none."""
    preds = cfg.predecessors(fn)
    header = loop.header
    outside = [p for p in preds[header] if p not in loop.blocks]
    if not outside or any(p.catches is header for p in preds[header]):
        return None
    if len(outside) == 1 and outside[0].terminator.op == "JUMP":
        return outside[0]
    made = fn.block()
    fn.blocks.remove(made)
    fn.blocks.insert(fn.blocks.index(header), made)
    for phi in header.phis:
        incoming = {p: phi.incoming.pop(p) for p in outside}
        if len(outside) == 1:
            (phi.incoming[made],) = incoming.values()
            continue
        merged = Phi(fn.value(), phi.register)
        merged.incoming = incoming
        phi.incoming[made] = merged.dest
        made.phis.append(merged)
    made.instrs.append(Instr("JUMP", [], targets=[header], context=header.instrs[0].context))
    for block in outside:
        block.terminator.targets = [made if t is header else t for t in block.terminator.targets]
    outer = loop.parent
    while outer is not None:
        outer.add(made)
        outer = outer.parent
    return made
