"""The walk over the general form: first until the types settle, then for good."""

from __future__ import annotations

from zexus import ops, types
from zexus.codes import Unsupported
from zexus.jit import views
from zexus.jit.forms import named, numbers
from zexus.jit.specialize.calls import NUMBERS
from zexus.jit.specialize.edges import Fixup
from zexus.jit.specialize.entering import Entering
from zexus.jit.specialize.following import Following
from zexus.jit.specialize.state import UNKNOWN
from zexus.jit.specialize.unit import Refused, Unit
from zexus.jit.specialize.visits import Visits
from zexus.jit.trace import Rep, Trace
from zexus.regvm import cfg, pipeline
from zexus.regvm.clock import CLOCK
from zexus.regvm.ir import Block, Instr, Value

MAX_ROUNDS = 12
# General rows that may run other code of the program's in the middle of native code.
_CALLING = frozenset(("PYBLOCK", "SET_ADD", "DICT_SET"))

# What leaves a region as an object only by the register machine.
_UNBOXED = (types.Method, types.Bound, types.Super, types.Cursor, types.DictView, types.Range, types.View)


class Walk(Following, Entering, Visits):
    """The specializer."""

    def run(self) -> Unit:
        fn = self.graph()
        graph = cfg.Graph(fn)
        self.order, self.preds = graph.order, graph.preds
        self.order_number = {block: i for i, block in enumerate(self.order)}
        self.fn = fn
        self.settling = set()
        self.study_parts()
        trace = self.attempt()
        while self.disturbed(trace):
            trace = self.attempt()
        if self.is_self is not None:
            self.tell_world(trace)
        pipeline.optimize(trace.fn, settings=self.settings)
        inlined = {context: (made, None if context.site in self.local_functions else function)
                   for context, (made, function) in self.inlined.items()}
        return Unit(trace.fn, trace.objects, inlined, None if self.is_self is None else self.way_in(trace))

    def attempt(self) -> Trace:
        """Infer the types, then make the typed function; an object has one number in all walks, as types name it."""
        self.objects, self.words = [], []
        self.types = {}
        self.dead_edges = set()
        self.live_edges = set()
        self.stored_kinds = set()
        self.told_apart = set()
        self.escaping = set()
        self.met = []
        self.edge_instr = {}
        for _ in range(MAX_ROUNDS):
            before, escaped = dict(self.types), len(self.escaping)
            self.walk(dry=True)
            if self.types == before and self.live_edges == self.last_edges and len(self.escaping) == escaped:
                break
        else:
            raise Unsupported("ZX021", detail="types do not settle")
        del self.refusals[1:]
        if self.refusals:
            raise self.refusals.pop()  # kept here, it would keep the frames that it passes, and what these hold
        return self.walk(dry=False)

    def walk(self, dry: bool) -> Trace:
        t = Trace(f"{self.program.code.qualname}:{self.program.code.first_line}", dry, objects=self.objects)
        t.fn.refs = self.words
        t.call_envs = self.call_envs
        self.t = t
        self.reachable = {self.fn.entry}
        self.last_edges = self.live_edges
        self.live_edges = set()
        self.over_parts = set()
        self.visited = set()
        self.made = {}
        self.edges = []
        self.cut = set()
        self.world_slots = {}
        self.local_functions = t.local_functions
        self.me = None
        self.fields = []
        self.assumed = []
        self.preheaders = {}
        self.taking = None
        self.thrown = {}
        self.catchers = {}
        self.refusals = []
        entry_block = t.block
        t.stored_kinds = self.stored_kinds
        t.told_apart = self.told_apart
        t.escaping = self.escaping
        t.floating = self.floating
        self.enter()
        if not dry:
            for block in self.order:
                self.made[block] = t.fn.block()
            headers = {target for source, target in self.last_edges if self.retreats(source, target)}
            for header in (block for block in self.order if block in headers):
                self.preheaders[header] = t.fn.block()
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

    def body(self, block: Block) -> None:
        t = self.t
        CLOCK.check()
        if block in self.ending:
            # A generator that is about to end does so in the register machine, as an object.
            self.cut_here(block, next(instr for instr in block.instrs if instr.env is not None), "ZX000")
            return
        takes = self.takes(block)
        self.taking = block if takes else None
        for instr in block.instrs:
            t.current = instr if instr.context is not None and instr.env is not None else t.current
            t.handled = block.catches is not None
            t.after = None
            if any(a not in t.reps for a in instr.args):
                raise Unsupported("ZX021", detail="a value without a type")
            try:
                if instr.op in ops.TERMINATORS:
                    self.terminate(block, instr)
                    break
                args = [t.reps[a] for a in instr.args]
                idle = instr.op == "PYBLOCK" and not self.runs.get(block, UNKNOWN)
                if idle or self.must_leave(instr) or (self.exposed and instr.op in _CALLING):
                    self.cut_here(block, instr)
                    return
                if takes:
                    self.guard_handler(block, instr, args)
                made = self.visit(instr, args)
            except Unsupported as refusal:
                # What a function calls itself for may not have come back when it is compiled; what a handler takes
                # may have been raised each time.
                unseen = (self.is_self is not None or takes) and refusal.code == "ZX031"
                if unseen or not self.runs.get(block, UNKNOWN):
                    self.cut_here(block, instr)
                    return
                if not t.dry:
                    raise placed(refusal, instr) from None
                # What comes round a loop may make another type of this.
                self.refusals.append(placed(refusal.with_traceback(None), instr))  # frames would live on with this
                return
            if instr.dest is not None:
                assert made is not None, instr
                made = self.settled(instr.dest, made)
                known = self.types.get(instr.dest)
                t.reps[instr.dest] = made
                if known != made.type or known is None:
                    self.types[instr.dest] = made.type

    def settled(self, dest: Value, made: Rep) -> Rep:
        """A view, or a tuple with names, that is needed as an object becomes one at once: so there is one of it."""
        mark = self.t.mark(made)
        if mark is None:
            return made
        if dest in self.escaping:
            return (views.as_array if isinstance(made.type, types.View) else named.as_object)(self.t, made)
        self.t.origins.setdefault(mark, dest)
        return made

    def cut_here(self, block: Block, instr: Instr, code: str = "ZX034") -> None:
        """End the block with a side exit before `instr`."""
        t = self.t
        self.cut.add(block)
        if t.dry:
            return
        self.leave_before(instr, code)

    def terminate(self, block: Block, instr: Instr) -> None:
        t = self.t
        op = instr.op
        if op in ("RAISE", "RERAISE"):
            if not self.raises(block, instr, t.reps[instr.args[0]]) and not t.dry:
                self.leave_before(instr, "ZX034")
            return
        if op == "RETURN":
            self.leave(2, [t.reps[a] for a in instr.args] or [Rep(types.NONE)], instr)
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
                    made = Instr("BRANCH", [test], targets=[yes, no], index=instr.index, context=instr.context)
                    made.facts = self.expected(block, targets)
                    t.block.instrs.append(made)
                return
        elif op == "SWITCH":
            self.switch(block, instr)
            return
        self.go(block, targets)
        if not t.dry:
            t.block.instrs.append(Instr("JUMP", [], targets=[self.edge(block, targets[0], instr)], index=instr.index,
                                        context=instr.context))

    def expected(self, block: Block, targets: list[Block]) -> frozenset[str]:
        """Whether a branch nearly always goes to its first target, or to its second."""
        runs, often = self.runs.get(block, UNKNOWN), self.settings.predictable
        for target, fact, other in zip(targets, ("likely", "unlikely"), ("unlikely", "likely"), strict=True):
            taken = self.runs.get(target, UNKNOWN)
            if self.preds[target] == [block] and UNKNOWN not in (runs, taken) and runs >= often:
                if taken * often >= runs * (often - 1):  # processors predict it
                    return frozenset((fact,))
                if taken * often <= runs:
                    return frozenset((other,))
        return frozenset()

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

    def leave(self, status: int, reps: list[Rep], instr: Instr) -> None:
        """Leave the region: status, value, results; as plain objects when each has a box of its own."""
        t = self.t
        if self.is_self is not None:
            self.give(reps[0], instr)
            return
        if status == 2 and self.program.code.region and len(reps) == 1:
            reps = [*reps, *(Rep(types.UNBOUND_T) for _ in self.program.code.results)]
        boxed: dict[Rep, Value] = {}
        if self.exposed:
            # The generator that it goes over has to be put where it stands now.
            if not t.dry:
                self.leave_before(instr, "ZX000")
            return
        for rep in reps:
            if isinstance(rep.type, _UNBOXED):
                if t.dry:
                    return
                self.leave_before(instr, "ZX000")
                return
        for rep in reps:
            if rep not in boxed:
                boxed[rep] = t.boxed(rep, leaving=True)
        if not t.dry:
            results = [boxed[rep] for rep in reps]
            t.block.instrs.append(Instr("LEAVE", results, imm=status, index=instr.index, context=instr.context))

    def give(self, rep: Rep, instr: Instr) -> None:
        """Return from a recursive function: a number unboxed, where all its returns are of one kind, else an object."""
        kind = rep.type if rep.type in NUMBERS else types.OBJECT
        joined = kind if self.types.get(self.returned, kind) == kind else types.OBJECT
        self.types[self.returned] = joined
        value = rep.value if joined in NUMBERS else self.t.boxed(rep)
        if not self.t.dry:
            self.t.block.instrs.append(Instr("RET", [value], index=instr.index, context=instr.context))


def placed(refusal: Unsupported, instr: Instr) -> Unsupported | Refused:
    """A refusal with the place of the instruction that has no native form."""
    if instr.context is None:
        return refusal
    position = instr.context.code.positions[instr.index]
    if refusal.line is None and position is not None:
        refusal.line = position.line
        refusal.blame(position.span, instr.context.code.code.filename)
    return Refused(refusal, instr.context, instr.index)
