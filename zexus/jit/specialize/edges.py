"""Edges and phis: which edges live, what type a phi has, and the values brought along every edge."""

from __future__ import annotations

from zexus import types
from zexus.codes import Unsupported
from zexus.jit.forms import sequences, texts
from zexus.jit.specialize.parts import Parts
from zexus.jit.specialize.state import UNKNOWN
from zexus.jit.specialize.world import World
from zexus.jit.trace import Rep
from zexus.records import dataclass
from zexus.regvm import cfg, ssa
from zexus.regvm.ir import Block, FrameState, Function, Instr, Phi, Value
from zexus.types import Type

_INTS = {types.INT, types.WORD, types.BOOL, types.Instance(kind=int)}
TUPLES: tuple[set[type], ...] = ({types.Tuple}, {types.AnyTuple}, {types.Maybe})


def _have_objects(*kinds: Type) -> bool:
    """Whether values of some types can be held as their objects, numbers beside others."""
    boxed = (types.List, types.AnyTuple, types.Object, types.Known)
    return all(isinstance(one, boxed) or all(member in types.TAGS or member == types.CHAR
                                             for member in types.members(one)) for one in kinds)


@dataclass(frozen=True)
class Fixup:
    """A phi of the general form and the typed phis that stand for it: in its block, and in the preheader before it."""

    block: Block
    phi: Phi
    made: list[Phi]
    before: list[Phi]


class Edges(World, Parts):
    """Where control goes, and what it brings along."""

    def retreats(self, source: Block, target: Block) -> bool:
        """Whether an edge goes back in reverse postorder."""
        return self.order_number[target] <= self.order_number[source]

    def alive(self, source: Block, target: Block) -> bool:
        """Whether control can take this edge, as far as this walk or (for back edges) the last one knows."""
        if source in self.visited:
            return (source, target) in self.live_edges
        return (source, target) in self.last_edges

    def go(self, source: Block, targets: list[Block]) -> None:
        self.reachable.update(targets)
        self.live_edges.update((source, target) for target in targets)

    def start_phi(self, block: Block, phi: Phi, fixups: list[Fixup]) -> None:
        """The type of a phi is the join of what its live incoming edges bring so far."""
        t = self.t
        joined: Type | None = self.types.get(phi.dest)
        # Paths that were taken decide; one that never was is left by a side exit if it brings something else.
        for source, value in sorted(phi.incoming.items(), key=lambda edge: not self.runs.get(edge[0], UNKNOWN)):
            if (source, block) in self.dead_edges or not self.alive(source, block):
                continue
            held = t.reps.get(value)
            kind = held.type if held is not None else self.types.get(value)
            if kind is None:
                continue
            if joined is None:
                joined = kind
                continue
            try:
                joined = self.merge(joined, kind)
            except Unsupported as refusal:
                seldom = not (self.runs.get(source, UNKNOWN) and self.runs.get(block, UNKNOWN))
                boxed = _have_objects(joined, kind) and self.is_mixed(phi)
                if seldom and not (boxed and self.enters(source)):
                    self.dead_edges.add((source, block))
                elif boxed:
                    joined = types.OBJECT
                    t.told_apart.add(types.FLOAT)  # the object of a nan may be made anew
                else:
                    raise self.refused(refusal, block) from None
        if joined is None:
            raise Unsupported("ZX021", detail="a variable without a type")
        self.types[phi.dest] = joined
        self.note_part(block, joined)
        if joined == types.OBJECT or phi.dest in self.escaping:
            self.escaping.update(phi.incoming.values())
        values = tuple(t.fn.value(kind) for kind in types.layout(joined))
        t.reps[phi.dest] = Rep(joined, values)
        mark = t.mark(t.reps[phi.dest])
        if mark is not None:
            t.origins[mark] = phi.dest
        if not t.dry:
            made = [Phi(value, phi.register) for value in values]
            t.block.phis.extend(made)
            before: list[Phi] = []
            if block in self.preheaders:
                before = [Phi(t.fn.value(kind), phi.register) for kind in types.layout(joined)]
                self.preheaders[block].phis.extend(before)
                for one, outer in zip(made, before, strict=True):
                    one.incoming[self.preheaders[block]] = outer.dest
            fixups.append(Fixup(block, phi, made, before))

    def enters(self, block: Block) -> bool:
        """Whether each entry comes through a block, which was not seen where an iteration was the first thing seen."""
        while block is not self.fn.entry:
            before = self.preds[block]
            if len(before) != 1 or len(before[0].successors) != 1:
                return False
            (block,) = before
        return True

    def is_mixed(self, phi: Phi) -> bool:
        """Whether a variable was seen to be something else than an int, which may have outgrown native code."""
        makers = [self.makers[value] for value in phi.incoming.values() if value in self.makers]
        found = [kinds for user in self.users.get(phi.dest, []) if user.context is not None
                 for value, kinds in zip(user.args, self.operands_seen(user), strict=False) if value is phi.dest]
        found += [self.seen(maker) for maker in makers if maker.context is not None]
        return any(not kinds <= _INTS for kinds in found)

    def merge(self, a: Type, b: Type) -> Type:
        if isinstance(a, types.Known) and isinstance(b, types.Known):
            if a.ref == b.ref:
                return a
            known = {texts.constant(self.t, Rep(one)) is not None for one in (a, b)}
            return types.STR if known == {True} else types.OBJECT
        a, b = (types.STR if texts.constant(self.t, Rep(one)) is not None else one for one in (a, b))
        if {types.Known, type(a), type(b)} - {types.Known} in TUPLES:
            a, b = (self.t.opened(Rep(one)).type if isinstance(one, types.Known) else one for one in (a, b))
        return types.join(a, b)

    def refused(self, refusal: Unsupported, block: Block) -> Exception:
        instr = next((i for i in block.instrs if i.index >= 0 and i.context is not None), None)
        if instr is None or instr.context is None:
            return refusal
        position = instr.context.code.positions[instr.index]
        if refusal.line is None and position is not None:
            refusal.line = position.line
            refusal.blame(position.span, instr.context.code.code.filename)
        return refusal

    def land(self, header: Block, fixups: list[Fixup]) -> None:
        """Close a loop's preheader: it jumps to the header, and has a side exit for what may be hoisted into it."""
        t = self.t
        preheader = self.preheaders[header]
        jump = Instr("JUMP", [], targets=[self.made[header]])
        first = next((i for i in header.instrs if i.env is not None and i.context is not None), None)
        if first is not None and first.env is not None and first.context is not None:
            inside = {phi.dest: t.reps[phi.dest] for phi in header.phis}
            for fixup in fixups:
                if fixup.phi.dest in inside:
                    t.reps[fixup.phi.dest] = Rep(inside[fixup.phi.dest].type, tuple(p.dest for p in fixup.before))
            state = FrameState(first.context, first.index, False, {r: t.reps[v] for r, v in first.env.items()})
            jump.exit = t.make_exit("ZX031", state)
            t.reps.update(inside)
        preheader.instrs.append(jump)

    def edge(self, source: Block, target: Block, instr: Instr) -> Block:
        """A fresh block on the edge, where values take the form that the target's phis want."""
        between = self.t.fn.block()
        self.edges.append((source, target, between))
        self.edge_instr[between] = instr
        return between

    def finish_phis(self, fixups: list[Fixup]) -> None:
        """Bring the values along every edge; a back edge ticks, and every so often goes round by the preheader."""
        t = self.t
        root = next((block for block in self.order if block in self.preheaders), None)
        for source, target, between in self.edges:
            t.block = between
            t.current, t.after = self.edge_instr[between], None
            if (source, target) in self.dead_edges:
                self.leave_at_edge(source, between)
                continue
            preheader = self.preheaders.get(target)
            back = preheader is not None and self.retreats(source, target)
            slow = t.fn.block() if back else None
            shown: dict[Value, Rep] = {}
            for fixup in fixups:
                if fixup.block is not target:
                    continue
                value = fixup.phi.incoming[source]
                brought = t.coerce(t.reps[value], self.types[fixup.phi.dest])
                if preheader is None or back:
                    for one, held in zip(fixup.made, brought.values, strict=True):
                        one.incoming[t.block] = held
                if slow is not None:
                    t.block = slow
                    if sequences.is_lazy(brought.type):
                        brought = shown[value] = sequences.kept(t, brought)
                if preheader is not None:
                    for one, held in zip(fixup.before, brought.values, strict=True):
                        one.incoming[t.block] = held
                t.block = between
            if between in self.thrown and target in self.catchers:
                kind, phis = self.catchers[target]
                for phi, held in zip(phis, t.coerce(self.thrown[between], kind).values, strict=True):
                    phi.incoming[t.block] = held
            if slow is None:
                t.block.instrs.append(Instr("JUMP", [], targets=[preheader or self.made[target]]))
                continue
            assert preheader is not None
            t.block.instrs.append(Instr("TICK", [t.int_(1)], targets=[self.made[target], slow],
                                        imm=target is root))
            t.block = slow
            self.rest(target is root, shown)
            slow.instrs.append(Instr("JUMP", [], targets=[preheader]))

    def rest(self, outermost: bool, shown: dict[Value, Rep]) -> None:
        """A time slice; its exits have `shown` in place of the values that are copied for it."""
        t = self.t
        before = {value: t.reps[value] for value in shown}
        t.reps.update(shown)
        if shown:
            t.exit_cache.clear()
        t.emit("POLL", t.world_values, "", (len(t.world_values), *t.world), "ZX035")
        if outermost:
            t.emit("STAY", (), "", None, "ZX038")
        self.arrays_again()
        t.reps.update(before)
        if shown:
            t.exit_cache.clear()

    def leave_before(self, instr: Instr, code: str) -> None:
        t = self.t
        made = Instr("EXIT", [])
        made.index, made.context = instr.index, instr.context
        t.current, t.after = instr, None
        made.exit = t.exit(code)
        t.block.instrs.append(made)

    def leave_at_edge(self, source: Block, between: Block) -> None:
        self.leave_before(self.edge_instr[between], "ZX034")

    def drop_unreachable(self, fn: Function, entry: Block) -> None:
        order = set(cfg.reverse_postorder(fn))
        fn.blocks = [b for b in fn.blocks if b in order]
        for block in fn.blocks:
            for phi in block.phis:
                phi.incoming = {b: v for b, v in phi.incoming.items() if b in order}
        ssa.remove_trivial_phis(fn)
