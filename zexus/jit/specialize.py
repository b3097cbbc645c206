"""Specialization: a program and what the recorder saw become a typed function with guards.

Callees are inlined on the general SSA form; then types are inferred by walking the function without keeping
what is emitted until nothing changes; then it is walked once more for good. A block that was never reached and
that needs a type nobody saw becomes a side exit.
"""

from __future__ import annotations

import builtins
import sys
import types as python_types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zexus import ops, types
from zexus.codes import Unsupported
from zexus.jit.explain import reporter_of
from zexus.jit.forms import numbers, sequences
from zexus.jit.recorder import Profile
from zexus.jit.trace import Rep, Trace
from zexus.regvm import cfg, pipeline, ssa
from zexus.regvm.build import Program
from zexus.regvm.ir import Block, Context, FrameState, Function, Instr, Phi, Value
from zexus.regvm.machine import Executable
from zexus.regvm.passes import checks
from zexus.types import Type

MAX_ROUNDS = 12
MAX_SIZE = 6000


class Refused(Exception):
    """A statement that cannot be specialized: it is to be outlined, or else the region refused."""

    def __init__(self, refusal: Unsupported, context: Context, index: int) -> None:
        self.refusal = refusal
        self.context = context
        self.index = index
        super().__init__(str(refusal))


@dataclass
class Entry:
    """How a region is entered: the type of each argument, the cursor's first (None for `while` and functions)."""

    arguments: list[Type | None]
    cells: tuple[Any, ...] = ()
    steps: dict[int, int] = field(default_factory=dict)


@dataclass
class Unit:
    """What the specializer made: the typed function, the objects it refers to, the functions inlined into it.

    For a function that calls itself, `fn` is its body over unboxed parameters and `entry` the way in from Python.
    """

    fn: Function
    objects: list[Any]
    inlined: dict[Context, tuple[Executable, Any]]
    entry: Function | None = None

    def functions(self) -> list[Function]:
        """The typed functions of which it consists."""
        return [self.fn] if self.entry is None else [self.fn, self.entry]


def specialize(program: Program, profile: Profile, entry: Entry, lower: Callable[[Any], Executable | None],
               make_block: Callable[[Context, int], Any], is_self: Callable[[Any], bool] | None = None) -> Unit:
    """Make the typed function of a region.

    Args:
        program: the region's register form.
        profile: what the recorder saw.
        entry: the types of what the region is called with.
        lower: the executable of a plain function, for inlining.
        make_block: the callable that runs an outlined statement of a context's code.
        is_self: for a whole function, whether a callee is the function itself.

    Returns:
        The unit, ready for the passes and emission.

    Raises:
        Refused: a statement that has no native form although it runs.
        Unsupported: the region as a whole.
    """
    return _Specializer(program, profile, entry, lower, make_block, is_self).run()


class _Specializer:
    def __init__(self, program: Program, profile: Profile, entry: Entry, lower: Callable[[Any], Executable | None],
                 make_block: Callable[[Context, int], Any], is_self: Callable[[Any], bool] | None) -> None:
        self.is_self = is_self
        self.returned = Value(-1)
        self.program = program
        self.profile = profile
        self.entry = entry
        self.lower = lower
        self.make_block = make_block
        self.programs: dict[Context, Program] = {}
        self.call_envs: dict[Context, dict[int, Value]] = {}
        self.functions: dict[Context, Any] = {}
        self.executed: dict[Block, bool] = {}
        self.root = Context(program)
        self.inlined: dict[Context, tuple[Executable, Any]] = {}

    # --- inlining ------------------------------------------------------------------------------------

    def graph(self) -> Function:
        """The region's general SSA with the recorded callees in place."""
        self.programs[self.root] = self.program
        fn = ssa.construct(self.program, self.root)
        self.mark(fn.blocks, self.root, self.program)
        # The region is entered at its header: what stands before it only sets it up.
        work = [(block, position) for block in fn.blocks for position, i in enumerate(block.instrs) if i.op == "CALL"]
        while work:
            block, position = work.pop()
            added = self.inline(fn, block, position)
            work.extend(added)
        return fn

    def mark(self, blocks: list[Block], context: Context, program: Program) -> None:
        """Note which blocks the recorder saw."""
        for block in blocks:
            self.executed[block] = self._reached(context, program, block)

    def _reached(self, context: Context, program: Program, block: Block) -> bool:
        index = next((i.index for i in block.instrs if i.index >= 0), None)
        if index is None:
            return True
        start = max(s for s in program.starts.values() if s <= index)
        return self.profile.blocks.get((context.path, start), 0) > 0

    def inline(self, fn: Function, block: Block, position: int) -> list[tuple[Block, int]]:
        instr = block.instrs[position]
        context = instr.context
        assert context is not None
        function = self.profile.callees.get((context.path, instr.index))
        if type(function) is not python_types.FunctionType:
            return []
        inner_context = Context(None, context, instr.index)
        entered = any(path == inner_context.path for path, _ in self.profile.blocks)
        made = self.lower(function) if entered else None
        if made is None or sum(len(b.instrs) for b in fn.blocks) > MAX_SIZE:
            return []
        inner_context = Context(made.program, context, instr.index)
        self.programs[inner_context] = made.program
        self.functions[inner_context] = function
        callee = ssa.construct(made.program, inner_context, fn)
        self.inlined[inner_context] = (made, function)
        after = Block(fn.next_block)
        fn.next_block += 1
        expect = Instr("EXPECT", [instr.args[0]], None, function, index=instr.index, context=context)
        expect.env = instr.env
        after.instrs = block.instrs[position + 1:]
        block.instrs = [*block.instrs[:position], expect]
        for successor in after.successors:
            for phi in successor.phis:
                if block in phi.incoming:
                    phi.incoming[after] = phi.incoming.pop(block)
        arguments = list(instr.args[1:])
        missing = len(callee.params) - len(arguments)
        for default in (function.__defaults__ or ())[-missing:] if missing else ():
            value = fn.value()
            block.instrs.append(Instr("OBJECT", [], value, default, index=instr.index, context=context))
            arguments.append(value)
        swap = dict(zip(callee.params, arguments, strict=True))
        for inner in callee.blocks:
            for phi in inner.phis:
                phi.incoming = {b: swap.get(v, v) for b, v in phi.incoming.items()}
            for one in inner.instrs:
                one.args = [swap.get(a, a) for a in one.args]
                if one.env:
                    one.env = {r: swap.get(v, v) for r, v in one.env.items()}
        jump = Instr("JUMP", [], targets=[callee.entry], index=instr.index, context=context)
        jump.env = instr.env
        block.instrs.append(jump)
        live = self.programs[context].live[instr.index][1]
        dest = self.programs[context].flat[instr.index].dest
        assert dest is not None and instr.env is not None
        self.call_envs[inner_context] = {r: v for r, v in instr.env.items() if r in live and r != dest.number}
        returned: dict[Block, Value] = {}
        for inner in callee.blocks:
            if inner.terminator.op == "RETURN":
                old = inner.terminator
                returned[inner] = old.args[0]
                leave = Instr("JUMP", [], targets=[after], index=old.index, context=old.context)
                leave.env = old.env
                inner.instrs[-1] = leave
        assert instr.dest is not None
        if returned:
            phi = Phi(instr.dest)
            phi.incoming = returned
            after.phis.append(phi)
        else:
            after.instrs = []
        at = fn.blocks.index(block)
        fn.blocks[at + 1:at + 1] = [*callee.blocks, after]
        self.mark(callee.blocks, inner_context, made.program)
        self.executed[after] = self.executed[block]
        found = [(b, i) for b in callee.blocks for i, x in enumerate(b.instrs) if x.op == "CALL"]
        return found + [(after, i) for i, x in enumerate(after.instrs) if x.op == "CALL"]

    # --- the walk --------------------------------------------------------------------------------------

    def run(self) -> Unit:
        fn = self.graph()
        self.order = cfg.reverse_postorder(fn)
        self.order_number = {block: i for i, block in enumerate(self.order)}
        self.fn = fn
        self.types: dict[Value, Type] = {}
        self.dead_edges: set[tuple[Block, Block]] = set()
        self.stored_kinds: set[types.Array] = set()
        self.met: list[tuple[tuple[Any, ...], Any, str]] = []
        self.edge_instr: dict[Block, Instr] = {}
        for _ in range(MAX_ROUNDS):
            before = dict(self.types)
            self.walk(dry=True)
            if self.types == before and self.live_edges == self.last_edges:
                break
        else:
            raise Unsupported("ZX021", detail="types do not settle")
        trace = self.walk(dry=False)
        pipeline.optimize(trace.fn)
        checks.checks(trace.fn)
        if self.is_self is None:
            return Unit(trace.fn, trace.objects, self.inlined)
        return Unit(trace.fn, trace.objects, self.inlined, self.way_in(trace))

    def way_in(self, body: Trace) -> Function:
        """The entry of a recursive function: arguments are unboxed, what is taken for constant is looked up."""
        t = self.t = Trace(body.name, False, objects=body.objects)
        t.fn.refs = body.fn.refs
        t.entering = True
        values: list[Value] = []
        for position, kind in enumerate(self.entry.arguments):
            assert kind is not None
            values.extend(self.unbox_argument(t.emit("ARG", (), "ptr", position), kind, position).values)
        for slot, obj, words in self.met:
            self.fetch(slot, obj, words)
        result = t.emit("CALL_BODY", values, "ptr", (len(values), str(self.types[self.returned])))
        t.block.instrs.append(Instr("LEAVE", [result], imm=2))
        return t.fn

    def walk(self, dry: bool) -> Trace:
        t = Trace(f"{self.program.code.qualname}:{self.program.code.first_line}", dry)
        t.call_envs = self.call_envs
        self.t = t
        self.reachable: set[Block] = {self.fn.entry}
        self.last_edges: set[tuple[Block, Block]] = getattr(self, "live_edges", set())
        self.live_edges: set[tuple[Block, Block]] = set()
        self.visited: set[Block] = set()
        self.made: dict[Block, Block] = {}
        self.edges: list[tuple[Block, Block, Block]] = []
        self.cut: set[Block] = set()
        self.world_slots: dict[Any, Rep] = {}
        self.fields: list[tuple[Value, str, int]] = []
        self.preheaders: dict[Block, Block] = {}
        entry_block = t.block
        t.stored_kinds = self.stored_kinds
        t.floating = self.floating
        t.plain = not any(p.code.blocks for p in self.programs.values())
        self.enter()
        if not dry:
            for block in self.order:
                self.made[block] = t.fn.block()
            for source, target in self.last_edges:
                if self.retreats(source, target):
                    self.preheaders[target] = self.preheaders.get(target) or t.fn.block()
            self.prefetch_world()
            t.block.instrs.append(Instr("JUMP", [], targets=[self.made[self.order[0]]]))
        phi_fixups: list[Fixup] = []
        for block in self.order:
            if block not in self.reachable:
                continue
            if not dry:
                t.block = self.made[block]
            for phi in block.phis:
                self.start_phi(block, phi, phi_fixups)
            if block in self.preheaders:
                self.land(block, phi_fixups)
            self.visited.add(block)
            self.body(block)
        if not dry:
            self.finish_phis(phi_fixups)
            self.drop_unreachable(t.fn, entry_block)
        return t

    def retreats(self, source: Block, target: Block) -> bool:
        """Whether an edge goes back in reverse postorder."""
        return self.order_number[target] <= self.order_number[source]

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

    def start_phi(self, block: Block, phi: Phi, fixups: list[Fixup]) -> None:
        """The type of a phi is the join of what its live incoming edges bring so far."""
        t = self.t
        joined: Type | None = self.types.get(phi.dest)
        # Paths that were taken decide; one that never was is left by a side exit if it brings something else.
        for source, value in sorted(phi.incoming.items(), key=lambda edge: not self.executed.get(edge[0], True)):
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
                if self.executed.get(source, True) and self.executed.get(block, True):
                    raise self.refused(refusal, block) from None
                self.dead_edges.add((source, block))
        if joined is None:
            raise Unsupported("ZX021", detail="a variable without a type")
        self.types[phi.dest] = joined
        values = tuple(t.fn.value(kind) for kind in types.layout(joined))
        t.reps[phi.dest] = Rep(joined, values)
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

    def alive(self, source: Block, target: Block) -> bool:
        """Whether control can take this edge, as far as this walk or (for back edges) the last one knows."""
        if source in self.visited:
            return (source, target) in self.live_edges
        return (source, target) in self.last_edges

    def go(self, source: Block, targets: list[Block]) -> None:
        self.reachable.update(targets)
        self.live_edges.update((source, target) for target in targets)

    def merge(self, a: Type, b: Type) -> Type:
        if isinstance(a, types.Known) and isinstance(b, types.Known):
            if a.ref == b.ref:
                return a
            return types.OBJECT
        return types.join(a, b)

    def refused(self, refusal: Unsupported, block: Block) -> Exception:
        instr = next((i for i in block.instrs if i.index >= 0 and i.context is not None), None)
        if instr is None or instr.context is None:
            return refusal
        position = instr.context.code.positions[instr.index]
        refusal.line = refusal.line or (position.line if position else None)
        return refusal

    def body(self, block: Block) -> None:
        t = self.t
        for instr in block.instrs:
            t.current = instr if instr.context is not None and instr.env is not None else t.current
            t.after = None
            if any(a not in t.reps for a in instr.args):
                raise Unsupported("ZX021", detail="a value without a type")
            try:
                if instr.op in ops.TERMINATORS:
                    self.terminate(block, instr)
                    break
                made = self.visit(instr, [t.reps[a] for a in instr.args])
            except Unsupported as refusal:
                if not self.executed.get(block, True):
                    self.cut_here(block, instr)
                    return
                if instr.context is None:
                    raise
                position = instr.context.code.positions[instr.index]
                refusal.line = refusal.line or (position.line if position else None)
                raise Refused(refusal, instr.context, instr.index) from None
            if instr.dest is not None:
                assert made is not None, instr
                known = self.types.get(instr.dest)
                t.reps[instr.dest] = made
                if known != made.type or known is None:
                    self.types[instr.dest] = made.type

    def cut_here(self, block: Block, instr: Instr) -> None:
        """End the block with a side exit before `instr`."""
        t = self.t
        self.cut.add(block)
        if t.dry:
            return
        self.leave_before(instr, "ZX034")

    def leave_before(self, instr: Instr, code: str) -> None:
        t = self.t
        made = Instr("EXIT", [])
        made.index, made.context = instr.index, instr.context
        t.current, t.after = instr, None
        made.exit = t.exit(code)
        t.block.instrs.append(made)

    def terminate(self, block: Block, instr: Instr) -> None:
        t = self.t
        op = instr.op
        if op == "RAISE":
            raise Unsupported("ZX019", detail="raise")
        if op == "RETURN":
            self.leave(2, [Rep(types.NONE) if not instr.args else t.reps[instr.args[0]]], instr)
            return
        if op == "LEAVE":
            self.leave(instr.imm, [Rep(types.NONE), *(t.reps[a] for a in instr.args)], instr)
            return
        targets = instr.targets
        if op == "BRANCH":
            test = numbers.truth(t, t.reps[instr.args[0]])
            constant = t.constants.get(test)
            if constant is not None:
                targets = [targets[0] if constant else targets[1]]
            else:
                self.go(block, targets)
                if not t.dry:
                    yes, no = (self.edge(block, target, instr) for target in targets)
                    t.block.instrs.append(Instr("BRANCH", [test], targets=[yes, no], index=instr.index,
                                                context=instr.context))
                return
        elif op == "SWITCH":
            self.switch(block, instr)
            return
        self.go(block, targets)
        if not t.dry:
            t.block.instrs.append(Instr("JUMP", [], targets=[self.edge(block, targets[0], instr)], index=instr.index,
                                        context=instr.context))

    def switch(self, block: Block, instr: Instr) -> None:
        """A chain of tests: the signal of an outlined statement is usually 0."""
        t = self.t
        self.go(block, instr.targets)
        if t.dry:
            return
        signal = t.reps[instr.args[0]].value
        for number, target in enumerate(instr.targets[:-1]):
            same = t.emit("EQ", (signal, t.int_(number)), "i1")
            rest = t.fn.block()
            t.block.instrs.append(Instr("BRANCH", [same], targets=[self.edge(block, target, instr), rest]))
            t.block = rest
        t.block.instrs.append(Instr("JUMP", [], targets=[self.edge(block, instr.targets[-1], instr)]))

    def edge(self, source: Block, target: Block, instr: Instr) -> Block:
        """A fresh block on the edge, where values take the form that the target's phis want."""
        between = self.t.fn.block()
        self.edges.append((source, target, between))
        self.edge_instr[between] = instr
        return between

    def finish_phis(self, fixups: list[Fixup]) -> None:
        """Bring the values along every edge; a back edge ticks, and every so often goes round by the preheader."""
        t = self.t
        for source, target, between in self.edges:
            t.block = between
            t.current, t.after = self.edge_instr[between], None
            if (source, target) in self.dead_edges:
                self.leave_at_edge(source, between)
                continue
            preheader = self.preheaders.get(target)
            back = preheader is not None and self.retreats(source, target)
            slow = t.fn.block() if back else None
            for fixup in fixups:
                if fixup.block is not target:
                    continue
                values = t.coerce(t.reps[fixup.phi.incoming[source]], self.types[fixup.phi.dest]).values
                if preheader is None or back:
                    for one, value in zip(fixup.made, values, strict=True):
                        one.incoming[t.block] = value
                if preheader is not None:
                    for one, value in zip(fixup.before, values, strict=True):
                        one.incoming[t.block if slow is None else slow] = value
            if slow is None:
                t.block.instrs.append(Instr("JUMP", [], targets=[preheader or self.made[target]]))
                continue
            assert preheader is not None
            t.block.instrs.append(Instr("TICK", [], targets=[self.made[target], slow], imm=target is self.order[1]))
            t.block = slow
            t.emit("POLL", t.world_values, "", (len(t.world_values), *t.world), "ZX035")
            self.arrays_again()
            slow.instrs.append(Instr("JUMP", [], targets=[preheader]))

    def leave_at_edge(self, source: Block, between: Block) -> None:
        self.leave_before(self.edge_instr[between], "ZX034")

    def drop_unreachable(self, fn: Function, entry: Block) -> None:
        order = set(cfg.reverse_postorder(fn))
        fn.blocks = [b for b in fn.blocks if b in order]
        for block in fn.blocks:
            for phi in block.phis:
                phi.incoming = {b: v for b, v in phi.incoming.items() if b in order}
        ssa.remove_trivial_phis(fn)

    def leave(self, status: int, reps: list[Rep], instr: Instr) -> None:
        """Leave the region: status, value, results; as plain objects when each has a box of its own."""
        t = self.t
        if self.is_self is not None:
            self.give(reps[0], instr)
            return
        if status == 2 and self.program.code.region:
            reps = [*reps, *(Rep(types.UNBOUND_T) for _ in self.program.code.results)]
        boxed: list[Value] = []
        for rep in reps:
            if isinstance(rep.type, (types.Tuple, types.Method, types.Cursor, types.Range)):
                if t.dry:
                    return
                self.leave_before(instr, "ZX000")
                return
        for rep in reps:
            boxed.append(t.boxed(rep))
        if not t.dry:
            t.block.instrs.append(Instr("LEAVE", boxed, imm=status, index=instr.index, context=instr.context))

    def give(self, rep: Rep, instr: Instr) -> None:
        """Return an unboxed value from a recursive function; all its returns have one type."""
        known = self.types.get(self.returned)
        joined = rep.type if known is None else types.join(known, rep.type)
        self.types[self.returned] = joined
        if joined not in (types.INT, types.FLOAT, types.BOOL):
            raise Unsupported("ZX020", detail=f"a recursive function that returns {joined}")
        if not self.t.dry:
            self.t.block.instrs.append(Instr("RET", [rep.value], index=instr.index, context=instr.context))

    def call_self(self, instr: Instr, args: list[Rep]) -> Rep:
        """A call of the function from itself: native to native, with a look at how it came back."""
        t = self.t
        if len(args) != len(self.entry.arguments):
            raise Unsupported("ZX022", detail="a recursive call that leaves arguments to their defaults")
        values: list[Value] = []
        for rep, kind in zip(args, self.entry.arguments, strict=True):
            assert kind is not None
            values.extend(t.coerce(rep, kind).values)
        seen = {kind for kind in self.seen(instr) if kind in (types.INT, types.FLOAT, types.BOOL)}
        result = self.types.get(self.returned) or (seen.pop() if len(seen) == 1 else None)
        if result is None:
            raise Unsupported("ZX031", detail="nothing was seen here while recording")
        if result not in (types.INT, types.FLOAT, types.BOOL):
            raise Unsupported("ZX021", detail=f"a recursive function that returns {result}")
        status = t.emit("CALL_SELF", values, "i64", len(values), "ZX033")
        held = t.emit("SELF_OBJECT", (status,), "ptr")
        t.after = (instr, Rep(types.OBJECT, (held,)))
        t.guard(t.emit("EQ", (status, t.int_(0)), "i1"), "ZX031")
        return Rep(result, (t.emit("SELF_VALUE", (status,), types.payload(result)),))

    # --- entering ---------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Arguments are guarded and unboxed; a miss means that the region is not entered."""
        t = self.t
        params = self.fn.params
        if self.is_self is not None:
            for param, kind in zip(params, self.entry.arguments, strict=True):
                assert kind is not None
                rep = Rep(kind, tuple(t.fn.value(held) for held in types.layout(kind)))
                t.fn.params.extend(rep.values)
                t.reps[param], self.types[param] = rep, kind
            t.current = next(i for b in self.order for i in b.instrs if i.env is not None)
            return
        t.entering = True
        for position, (param, kind) in enumerate(zip(params, self.entry.arguments, strict=True)):
            if kind is None:
                t.reps[param] = Rep(types.NONE)
                self.types[param] = types.NONE
                continue
            pointer = t.emit("ARG", (), "ptr", position)
            rep = self.unbox_argument(pointer, kind, position)
            t.reps[param] = rep
            self.types[param] = rep.type
        if self.program.code.region and self.entry.cells:
            # Outlined statements, and frames that are rebuilt, know these very cells.
            cells = t.emit("ARG", (), "ptr", len(params))
            for number, cell in enumerate(self.entry.cells):
                held = t.emit("TUPLE_ITEM", (cells,), "ptr", number)
                name = self.program.code.captured[number]
                t.emit("GUARD_IS", (held, t.emit("REF", (), "ptr", t.ref(cell, f"cell {name}"))), "", None, "ZX031")
        t.entering = False

    def unbox_argument(self, pointer: Value, kind: Type, position: int) -> Rep:
        t = self.t
        if isinstance(kind, types.Cursor):
            return self.unbox_cursor(pointer, kind, position)
        return sequences.unbox_as(t, pointer, kind)

    def unbox_cursor(self, pointer: Value, kind: types.Cursor, position: int) -> Rep:
        """An iterator that nobody else can see: its fields are read where the interpreter keeps them."""
        t = self.t
        if position < 0:
            count = t.emit("FIELD", (pointer,), "i64", "refcount")
            t.guard(t.emit("EQ", (count, t.int_(1)), "i1"), "ZX031")
        example: dict[str, Any] = {"range": range(0), "list": [], "enumerate": enumerate(()), "zip": zip()}
        if kind.kind == "range":
            self.guard_type(pointer, type(iter(range(0))))
            start = t.emit("FIELD", (pointer,), "i64", "range_iterator.start")
            step = t.emit("FIELD", (pointer,), "i64", "range_iterator.step")
            length = t.emit("FIELD", (pointer,), "i64", "range_iterator.len")
            if position in self.entry.steps:
                constant = t.int_(self.entry.steps[position])
                t.guard(t.emit("EQ", (step, constant), "i1"), "ZX031")
                step = constant
            span = t.emit("MUL", (length, step), "i64", None, "ZX031")
            stop = t.emit("ADD", (start, span), "i64", None, "ZX031")
            at = start
            if sys.version_info < (3, 12):
                done = t.emit("FIELD", (pointer,), "i64", "range_iterator.index")
                at = t.emit("ADD", (start, t.emit("MUL", (done, step), "i64", None, "ZX031")), "i64", None, "ZX031")
            t.emit("ADD", (stop, step), "i64", None, "ZX031")
            return Rep(kind, (at, stop, step))
        if kind.kind in ("list", "array"):
            import numpy as np

            iterator = type(iter([])) if kind.kind == "list" else type(iter(np.empty(0)))
            self.guard_type(pointer, iterator)
            sequence = t.emit("FIELD_PTR", (pointer,), "ptr", "list_iterator.seq", "ZX031")
            at = t.emit("FIELD", (pointer,), "i64", "list_iterator.index")
            owner = sequences.unbox_as(t, sequence, kind.parts[0])
            return Rep(kind, (*owner.values, at))
        self.guard_type(pointer, type(example[kind.kind]))
        if kind.kind == "enumerate":
            inner = t.emit("FIELD_PTR", (pointer,), "ptr", "enumerate.iterator", "ZX031")
            count = t.emit("FIELD", (pointer,), "i64", "enumerate.index")
            assert isinstance(kind.parts[0], types.Cursor)
            return Rep(kind, (*self.unbox_cursor(inner, kind.parts[0], -1).values, count))
        holder = t.emit("FIELD_PTR", (pointer,), "ptr", "zip.iterators", "ZX031")
        t.emit("GUARD_TUPLE", (holder,), "", len(kind.parts), "ZX031")
        values: list[Value] = []
        for number, part in enumerate(kind.parts):
            assert isinstance(part, types.Cursor)
            inner = t.emit("TUPLE_ITEM", (holder,), "ptr", number)
            values.extend(self.unbox_cursor(inner, part, -1).values)
        return Rep(kind, tuple(values))

    def guard_type(self, pointer: Value, kind: type) -> None:
        t = self.t
        t.emit("GUARD_TYPE", (pointer,), "", t.ref(kind, f"type {kind.__name__}"), "ZX031")

    # --- the world: globals, cells, attributes of modules, callees ----------------------------------------

    def prefetch_world(self) -> None:
        """Look up what the code takes for constant, in the entry block, in the order in which the walk met it."""
        t = self.t
        t.entering = self.is_self is None
        for slot, obj, words in self.met:
            self.fetch(slot, obj, words)
        t.entering = False

    def world(self, slot: tuple[Any, ...], obj: Any, words: str) -> Rep:
        """The value that a slot of the world holds, as it was found when the code was made."""
        if slot in self.world_slots:
            return self.world_slots[slot]
        if not self.t.dry:
            raise Unsupported("ZX035", detail=words)
        if all(s != slot for s, _, _ in self.met):
            self.met.append((slot, obj, words))
        return self.fetch(slot, obj, words)

    def fetch(self, slot: tuple[Any, ...], obj: Any, words: str) -> Rep:
        t = self.t
        if self.is_self is not None and not t.entering and types.of(obj) == types.OBJECT:
            # Looked up at the entry; the calls of the function itself cannot change it.
            self.world_slots[slot] = t.known(obj, words)
            return self.world_slots[slot]
        kind, *owners = slot
        numbers_ = (owners[0].obj,) if kind == "cell_arg" else tuple(t.ref(o.obj, o.words) for o in owners)
        pointer = t.emit("GLOBAL_GET", (), "ptr", (kind, *numbers_), "ZX035")
        t.world_values.append(pointer)
        t.world.append((kind, *numbers_))
        simple = types.of(obj)
        if isinstance(simple, (types.Scalar, types.NpScalar, types.List, types.Array)) and simple != types.UNBOUND_T:
            # Held, so that no other object can come to stand at this address while the slot is compared with it.
            t.emit("KEEP", (pointer,))
            rep = sequences.unbox_as(t, pointer, simple)
        else:
            known = t.known(obj, words)
            assert isinstance(known.type, types.Known)
            t.emit("GUARD_IS", (pointer, t.emit("REF", (), "ptr", known.type.ref)), "", None, "ZX035")
            rep = known
            if type(obj) is python_types.FunctionType:
                self.guard_function(obj, words, pointer)
        self.world_slots[slot] = rep
        return rep

    def guard_function(self, obj: Any, words: str, pointer: Value) -> None:
        """A callee may get other code or defaults: those are part of the world as well."""
        t = self.t
        fields = [("code", obj.__code__), ("defaults", obj.__defaults__)]
        # The code object of a compiled function changes with its tiers; what it means does not.
        for field_name, value in fields[reporter_of(obj) is not None:]:
            number = t.ref(value, f"{words}.{field_name}")
            t.emit("GUARD_FIELD", (pointer,), "", ("function." + field_name, number), "ZX035")
            self.fields.append((pointer, "function." + field_name, number))

    def load_global(self, instr: Instr) -> Rep:
        context = instr.context
        assert context is not None
        code = context.code.code
        name = instr.imm
        root = self.program.code
        if root.is_module and code is not root and code.namespace is root.namespace and name in root.shared:
            raise Unsupported("ZX035", detail=f"the loop writes the global {name!r} that a callee reads")
        namespace = code.namespace
        builtin = namespace.get("__builtins__", builtins)
        scope = builtin if isinstance(builtin, dict) else vars(builtin)
        if name in namespace:
            obj = namespace[name]
        elif name in scope:
            obj = scope[name]
        else:
            raise Unsupported("ZX035", detail=f"global {name!r} is not defined")
        where = code.name if code.namespace is not root.namespace else ""
        slot = ("global", Owner(namespace, f"globals{' of ' + where if where else ''}"),
                Owner(scope, "builtins"), Owner(sys.intern(name), f"name {name}"))
        return self.world(slot, obj, f"global {name}")

    def load_cell(self, instr: Instr) -> Rep:
        context = instr.context
        assert context is not None
        code = context.code.code
        name = code.captured[instr.imm]
        if context.parent is None:
            cell = self.entry.cells[instr.imm]
            slot: tuple[Any, ...] = ("cell_arg", Owner(instr.imm, f"index {instr.imm}"))
        else:
            function = self.functions[context]
            cell = function.__closure__[function.__code__.co_freevars.index(name)]
            slot = ("cell", Owner(cell, f"cell {name} of {function.__qualname__}"))
        try:
            obj = cell.cell_contents
        except ValueError:
            raise Unsupported("ZX035", detail=f"closure variable {name!r} has no value") from None
        return self.world(slot, obj, f"closure variable {name}")

    # --- one instruction -----------------------------------------------------------------------------------

    def seen(self, instr: Instr) -> set[Type]:
        assert instr.context is not None
        key = (instr.context.path, instr.index)
        found = self.profile.seen.get(key, set())
        hint = self.profile.hints.get(key)
        return {hint if hint is not None and hint == k else k for k in found}

    def visit(self, instr: Instr, args: list[Rep]) -> Rep | None:
        """The representation of an instruction's result; its native form is emitted on the way."""
        t = self.t
        op = instr.op
        method = getattr(self, "_op_" + op, None)
        if method is not None:
            return method(instr, args)  # type: ignore[no-any-return]
        row = ops.OPS[op]
        for position, rep in enumerate(args):
            if isinstance(rep.type, types.Union) and types.UNBOUND_T in rep.type.members:
                args[position] = numbers.narrow_bound(t, rep)
        base = row.base or op
        if row.family == "arith":
            return self.arithmetic(base, bool(row.base), args)
        if op in ("NEG", "POS", "INVERT"):
            return numbers.unary(t, op, args[0])
        if op == "NOT":
            return Rep(types.BOOL, (t.emit("NOT", (numbers.truth(t, args[0]),), "i1"),))
        if op == "TRUTH":
            return Rep(types.BOOL, (numbers.truth(t, args[0]),))
        if op in ("IS", "IS_NOT"):
            return numbers.identity(t, op, args[0], args[1])
        if op in ("LT", "LE", "EQ", "NE", "GT", "GE"):
            return numbers.compare(t, op, args[0], args[1])
        raise Unsupported("ZX019", detail=op.lower())

    def arithmetic(self, op: str, inplace: bool, args: list[Rep]) -> Rep:
        a, b = args
        if op == "MUL" and not inplace:
            if isinstance(a.type, types.List):
                return sequences.repeat(self.t, a, b)
            if isinstance(b.type, types.List):
                return sequences.repeat(self.t, b, a)
        return numbers.binary(self.t, op, a, b)

    def constant(self, value: Any) -> Rep:
        t = self.t
        kind = types.of(value, 0)
        if kind == types.INT:
            return Rep(kind, (t.k("i64", value),))
        if kind == types.FLOAT:
            return Rep(kind, (t.k("f64", value),))
        if kind == types.BOOL:
            return Rep(kind, (t.k("i1", value),))
        if kind == types.NONE:
            return Rep(kind)
        if type(value) is tuple:
            return t.tuple_of([self.constant(item) for item in value])
        return t.known(value, f"constant {type(value).__name__} {value!r}"[:80])

    def _op_CONST(self, instr: Instr, args: list[Rep]) -> Rep:
        assert instr.context is not None
        return self.constant(instr.context.code.code.consts[instr.imm])

    def _op_OBJECT(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.constant(instr.imm)

    def _op_UNBOUND(self, instr: Instr, args: list[Rep]) -> Rep:
        return Rep(types.UNBOUND_T)

    def _op_CHECK_BOUND(self, instr: Instr, args: list[Rep]) -> Rep:
        if args[0].type == types.UNBOUND_T:
            raise Unsupported("ZX033", detail=f"{instr.imm!r} is unbound")
        return numbers.narrow_bound(self.t, args[0])

    def _op_LOAD_GLOBAL(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.load_global(instr)

    def _op_LOAD_CELL(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.load_cell(instr)

    def _op_EXPECT(self, instr: Instr, args: list[Rep]) -> Rep | None:
        t = self.t
        function = instr.imm
        (rep,) = args
        if isinstance(rep.type, types.Known):
            if t.object_of(rep) is not function:
                raise Unsupported("ZX035", detail="another callee")
            return None
        raise Unsupported("ZX022", detail="a callee that is not a global or closure variable")

    def _op_GETATTR(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        (rep,) = args
        name = instr.imm
        if isinstance(rep.type, types.Known):
            owner = t.object_of(rep)
            if isinstance(owner, python_types.ModuleType) and name in vars(owner):
                root = self.program.code
                if vars(owner) is root.namespace and name in root.shared:
                    raise Unsupported("ZX035", detail=f"the loop holds the global {name!r}")
                space = Owner(vars(owner), f"module {owner.__name__}")
                slot = ("attribute", space, Owner(sys.intern(name), f"name {name}"))
                return self.world(slot, vars(owner)[name], f"{owner.__name__}.{name}")
        if isinstance(rep.type, types.List) and name in ("append", "pop"):
            return Rep(types.Method(rep.type, name), rep.values)
        if isinstance(rep.type, types.Array):
            if name == "shape":
                return t.tuple_of([Rep(types.INT, (d,)) for d in rep.values[2:]])
            if name == "ndim":
                return Rep(types.INT, (t.int_(rep.type.ndim),))
            if name == "size":
                size = rep.values[2]
                for dim in rep.values[3:]:
                    size = t.emit("MUL", (size, dim), "i64", None, "ZX030")
                return Rep(types.INT, (size,))
        raise Unsupported("ZX020", detail=f"attribute {name!r} of {rep.type}")

    def _op_BUILD_LIST(self, instr: Instr, args: list[Rep]) -> Rep:
        made = sequences.build(self.t, args)
        if not args:
            return Rep(types.List(None), made.values)
        return made

    def _op_BUILD_TUPLE(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.t.tuple_of(args)

    def _op_UNPACK(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        (rep,) = args
        if isinstance(rep.type, types.Tuple) and len(rep.type.items) == instr.imm:
            return rep
        if rep.type == types.BLOCK_RESULT:
            return rep
        if isinstance(rep.type, types.List):
            size = t.emit("LIST_LEN", (rep.value,), "i64")
            t.guard(t.emit("EQ", (size, t.int_(instr.imm)), "i1"), "ZX033")
            return rep
        raise Unsupported("ZX020", detail=f"unpacking {rep.type}")

    def _op_ITEM(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        (rep,) = args
        if isinstance(rep.type, types.Tuple):
            item: Rep = t.items(rep)[instr.imm]
            return item
        hint = rep.type.elem if isinstance(rep.type, types.List) else types.OBJECT
        if rep.type == types.BLOCK_RESULT:
            pointer = t.emit("TUPLE_ITEM", (rep.value,), "ptr", instr.imm)
            if instr.imm == 0:
                return sequences.unbox_as(t, pointer, types.INT)
            hint = types.NONE if instr.imm == 1 else types.OBJECT
        else:
            pointer = t.emit("LIST_ITEM", (rep.value, t.int_(instr.imm)), "ptr")
        return sequences.unbox(t, pointer, self.seen(instr), hint)

    def _op_CALL(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        function, *rest = args
        rest = [numbers.narrow_bound(t, r) for r in rest]
        if isinstance(function.type, types.Method):
            owner = Rep(function.type.owner, function.values)
            return sequences.method(t, owner, function.type.name, rest, self.seen(instr))
        if not isinstance(function.type, types.Known):
            raise Unsupported("ZX022", detail=str(function.type))
        obj = t.object_of(function)
        if self.is_self is not None and self.is_self(obj):
            return self.call_self(instr, rest)
        if obj is builtins.range and 1 <= len(rest) <= 3:
            return sequences.make_range(t, rest)
        if obj is builtins.enumerate and 1 <= len(rest) <= 2:
            return sequences.make_enumerate(t, rest)
        if obj is builtins.zip and rest:
            return sequences.make_zip(t, rest)
        row = None
        try:
            row = ops.BUILTINS.get(obj)
        except TypeError:
            row = None
        if row is None:
            name = getattr(obj, "__qualname__", type(obj).__name__)
            raise Unsupported("ZX022", detail=f"{name}()")
        if row.name in ("MIN", "MAX") and len(rest) > 2:
            made = rest[0]
            for other in rest[1:]:
                made = numbers.extreme(t, row.name, made, other)
            return made
        if len(rest) != row.arity:
            raise Unsupported("ZX022", detail=f"{row.name} of {len(rest)} arguments")
        if row.name == "LEN":
            return sequences.length(t, rest[0])
        return numbers.builtin(t, row, rest)

    def _op_LIST_ADD(self, instr: Instr, args: list[Rep]) -> None:
        sequences.method(self.t, args[0], "append", [args[1]], set())

    def _op_ITER(self, instr: Instr, args: list[Rep]) -> Rep:
        if isinstance(args[0].type, types.Cursor):
            assert instr.context is not None and instr.env is not None
            named = len(instr.context.code.code.locals)
            if any(value is instr.args[0] and register < named for register, value in instr.env.items()):
                # The variable would have to advance with the loop.
                raise Unsupported("ZX017", detail="an iterator that a variable holds")
        return sequences.begin(self.t, args[0])

    def _op_HAS_NEXT(self, instr: Instr, args: list[Rep]) -> Rep:
        return Rep(types.BOOL, (sequences.ready(self.t, args[0]),))

    def _op_VALUE(self, instr: Instr, args: list[Rep]) -> Rep:
        return sequences.current(self.t, args[0], self.seen(instr))

    def _op_ADVANCE(self, instr: Instr, args: list[Rep]) -> Rep:
        return sequences.advanced(self.t, args[0])

    def _op_GETITEM(self, instr: Instr, args: list[Rep]) -> Rep:
        return sequences.get(self.t, args[0], args[1], self.seen(instr))

    def _op_SETITEM(self, instr: Instr, args: list[Rep]) -> None:
        sequences.put(self.t, args[0], args[1], args[2])

    def _op_PYBLOCK(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        context = instr.context
        assert context is not None
        runner = self.make_block(context, instr.imm[1])
        number = t.ref(runner, f"block {instr.imm[1]} of {context.code.code.qualname}")
        boxes = [t.boxed(rep) for rep in args]
        result = t.emit("CALL_BLOCK", boxes, "ptr", (len(boxes), number), "ZX033")
        made = Rep(types.BLOCK_RESULT, (result,))
        t.after = (instr, made)
        self.world_again()
        return made

    def world_again(self) -> None:
        """After other code ran: what was taken for constant must still hold."""
        t = self.t
        for pointer, name, number in self.fields:
            t.emit("GUARD_FIELD", (pointer,), "", (name, number), "ZX035")
        if t.world:
            t.emit("GUARD_WORLD", t.world_values, "", (len(t.world_values), *t.world), "ZX035")
        self.arrays_again()

    def arrays_again(self) -> None:
        t = self.t
        for pointer, data, dims, kind in t.arrays:
            t.emit("GUARD_SAME_ARRAY", (pointer, data, *dims), "", (2 + len(dims), *kind), "ZX035")

    def floating(self) -> None:
        """NumPy arithmetic: underflow must not be reported, neither now nor when the region runs."""
        variable = getattr(np._core.umath, "_extobj_contextvar", None)  # type: ignore[attr-defined]
        if variable is None or np.geterr()["under"] != "ignore":
            raise Unsupported("ZX020", detail="NumPy arithmetic while underflow is reported")
        self.world(("context", Owner(variable, "numpy.errstate")), variable.get(), "numpy.errstate")


@dataclass(frozen=True)
class Fixup:
    """A phi of the general form and the typed phis that stand for it: in its block, and in the preheader before it."""

    block: Block
    phi: Phi
    made: list[Phi]
    before: list[Phi]


@dataclass(frozen=True)
class Owner:
    """An object in a world slot, compared by identity."""

    obj: Any
    words: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Owner) and other.obj is self.obj

    def __hash__(self) -> int:
        return id(self.obj)
