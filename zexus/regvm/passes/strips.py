"""Strips: counted loops over numbers and arrays run in stretches that carry no exit and no time slice.

A stretch is run by a copy of the loop's body in which

* checks of integers and of indices are gone, because a test before the stretch covers all its iterations,
* checks of floats, and of integers that depend on array items, raise a flag, which is looked at behind the stretch, and
* array items are kept aside before they are overwritten.

Where the test fails, or the flag is up (the items are put back first), the stretch is run by the loop as it was,
which leaves exactly where it has to. Where items were too large once, it goes on like that. Compare Gupta, Optimizing
Array Bound Checks Using Flow Analysis (1993), and the transactions of Neelakantam et al., Hardware Atomicity for
Reliable Software Speculation (2007).
"""

from __future__ import annotations

from zexus.regvm import cfg
from zexus.regvm.cfg import Loop
from zexus.regvm.intervals import HIGHEST, Intervals
from zexus.regvm.ir import Block, Exit, Function, Instr, Phi, Value
from zexus.regvm.stretch import LENGTH, LONGEST_COPY, Stretch, study


def strips(fn: Function, length: int = LENGTH, longest: int = LONGEST_COPY) -> bool:
    """Run each innermost counted loop that allows it in stretches.

    Args:
        fn: a typed function.
        length: iterations of a stretch.
        longest: instructions of a body that may be copied.
    """
    changed = False
    found: Intervals | None = None
    for loop in [loop for loop in cfg.loops(fn) if not loop.children]:
        found = found or Intervals(fn)
        stretch = study(fn, found, loop, length, longest)
        if stretch is None:
            continue
        _Strips(fn, loop, stretch).run()
        found, changed = None, True
    return changed


class _Strips:
    """The rebuilding of one loop; `block` is where instructions are being added.

    Attributes:
        strip: the header of the loop over stretches.
        at: what the header's phis are at the start of a stretch.
        stop: the end of the stretch.
        trust: whether items have been small until now, where this matters.
        distrust: the block that finds they are not, and its name for that.
    """

    def __init__(self, fn: Function, loop: Loop, stretch: Stretch) -> None:
        self.fn = fn
        self.loop = loop
        self.stretch = stretch
        self.phis = loop.header.phis
        self.order = [b for b in cfg.reverse_postorder(fn) if b in loop.blocks]
        self.preds = cfg.predecessors(fn)
        self.block = fn.entry
        self.strip, self.closing = fn.block(), fn.block()
        self.at = {phi: fn.value(phi.dest.type) for phi in self.phis}
        self.trust = Phi(fn.value("i1")) if stretch.items else None
        self.distrust: dict[Block, Value] = {}

    def run(self) -> None:
        fn, stretch, header = self.fn, self.stretch, self.loop.header
        landing = stretch.preheader.terminator
        state = landing.exit
        assert state is not None
        landing.targets, landing.exit = [self.strip], None
        before = {phi: phi.incoming.pop(stretch.preheader) for phi in self.phis}
        outside = header.terminator.targets[1]
        self.leave_from_strip(outside)
        opening = fn.block()
        self.block = self.strip
        self.end("BRANCH", [self.emit("LT", [self.at[stretch.counter], stretch.end], "i1")], [opening, outside])
        self.block = opening
        count = self.measure()
        ways_out = {header: {phi: phi.dest for phi in self.phis}}
        if stretch.needs_copy:
            redo = fn.block()
            settle, results = self.run_copy(redo)
            ways_out[settle] = results
            if self.trust is not None:
                self.keep_trust(self.trust, settle, redo)
            self.block = redo
        self.end("JUMP", [], [header])
        for phi in self.phis:
            phi.incoming[self.block] = self.at[phi]
        self.shorten()
        self.close(ways_out, before, count, state)

    # --- instructions -------------------------------------------------------------------------------------

    def emit(self, op: str, args: list[Value], kind: str, imm: object = None, fact: str = "") -> Value:
        value = self.fn.value(kind)
        made = Instr(op, args, value, imm)
        made.facts = frozenset((fact,)) if fact else frozenset()
        self.block.instrs.append(made)
        return value

    def number(self, value: int) -> Value:
        return self.emit("K", [], "i64", value)

    def end(self, op: str, args: list[Value], targets: list[Block]) -> None:
        self.block.instrs.append(Instr(op, args, targets=targets))

    def go_on_if(self, conditions: list[Value], otherwise: Block) -> None:
        """Go on in a new block if all conditions hold."""
        if not conditions:
            return
        holds = conditions[0]
        for condition in conditions[1:]:
            holds = self.emit("AND", [holds, condition], "i1")
        following = self.fn.block()
        self.end("BRANCH", [holds], [following, otherwise])
        self.block = following

    # --- the loop as it was ---------------------------------------------------------------------------------

    def leave_from_strip(self, outside: Block) -> None:
        """The loop ends where no stretch is left: what is used behind it are the values there."""
        replaced = {phi.dest: self.at[phi] for phi in self.phis}
        ways: set[Exit] = set()
        for block in self.fn.blocks:
            if block in self.loop.blocks or block in self.stretch.slices:
                continue
            for phi in block.phis:
                phi.incoming = {b: v if b in self.stretch.slices else replaced.get(v, v)
                                for b, v in phi.incoming.items()}
            for instr in block.instrs:
                instr.args = [replaced.get(v, v) for v in instr.args]
                if instr.exit is not None:
                    ways.add(instr.exit)
        for way in ways:
            way.leaves = [(replaced.get(v, v), kind) for v, kind in way.leaves]
        for phi in outside.phis:
            phi.incoming[self.strip] = phi.incoming.pop(self.loop.header)

    def shorten(self) -> None:
        """The loop itself runs up to the end of the stretch, without time slices."""
        header, test = self.loop.header, self.stretch.test
        test.args = [test.args[0], self.stop]
        header.terminator.targets = [header.terminator.targets[0], self.closing]
        for latch in self.loop.latches:
            latch.instrs[-1] = Instr("JUMP", [], targets=[header])

    # --- a stretch --------------------------------------------------------------------------------------------

    def measure(self) -> Value:
        """Where the stretch ends, computed so that nothing overflows; returns how many iterations it has."""
        start, edge = self.at[self.stretch.counter], self.number(HIGHEST - self.stretch.length)
        base = self.emit("SELECT", [self.emit("LT", [start, edge], "i1"), start, edge], "i64")
        far = self.emit("ADD", [base, self.number(self.stretch.length)], "i64", fact="nowrap")
        end = self.stretch.end
        self.stop = self.emit("SELECT", [self.emit("LT", [far, end], "i1"), far, end], "i64")
        return self.emit("SUB", [self.stop, start], "i64", fact="nowrap")

    def run_copy(self, redo: Block) -> tuple[Block, dict[Phi, Value]]:
        """Test, keep, run the copy, look at the flag; returns the block behind it and the phis' values there."""
        fn, stretch = self.fn, self.stretch
        starts = {phi.dest: value for phi, value in self.at.items()}
        if self.trust is not None:
            self.go_on_if([self.trust.dest], redo)
        self.go_on_if([self.emit(op, [starts.get(value, value), self.number(edge)], "i1")
                       for value, interval in stretch.leaves.items()
                       for op, edge in zip(("GE", "LE"), interval, strict=True)], redo)
        first = dict(starts)
        conditions: list[Value] = []
        if stretch.indices:
            last = {**starts, stretch.counter.dest: self.emit("SUB", [self.stop, self.number(1)], "i64", fact="nowrap")}
            conditions = [self.emit(op, [index, bound], "i1")
                          for instr in stretch.indices for place in (first, last)
                          for index, dim in [[self.evaluate(v, place) for v in instr.args]]
                          for op, bound in (("GE", self.number(0)), ("LT", dim))]
        self.go_on_if(conditions, redo)
        kept = [(self.kept_range(store, first), (*store.imm, number))
                for number, store in enumerate(stretch.stores)]
        for args, imm in kept:
            self.block.instrs.append(Instr("SAVE", args, imm=imm))
        settle = fn.block()
        results, flags = _Copy(self, settle).run()
        self.block = settle
        flags += [self.emit("NOT", [self.emit("MATH_ISFINITE", [results[phi]], "i1")], "i1") for phi in stretch.sums]
        if stretch.items:
            flags[0] = self.emit("GT", [flags[0], self.number(stretch.bound - 1)], "i1")
        if not flags:
            self.end("JUMP", [], [self.closing])
            return settle, results
        flag = flags[0]
        for other in flags[1:]:
            flag = self.emit("OR", [flag, other], "i1")
        undo = fn.block()
        self.end("BRANCH", [flag], [undo, self.closing])
        self.block = undo
        if stretch.items:
            self.distrust[undo] = self.emit("K", [], "i1", False)
        for args, imm in kept:
            self.block.instrs.append(Instr("RESTORE", args, imm=imm))
        self.end("JUMP", [], [redo])
        return settle, results

    def keep_trust(self, trust: Phi, settle: Block, redo: Block) -> None:
        """Hand on from stretch to stretch whether items have been small."""
        doubt, kept = Phi(self.fn.value("i1")), Phi(self.fn.value("i1"))
        for source in cfg.predecessors(self.fn)[redo]:
            doubt.incoming[source] = self.distrust.get(source, trust.dest)
        kept.incoming = {self.loop.header: doubt.dest, settle: trust.dest}
        yes = Instr("K", [], self.fn.value("i1"), True)
        assert yes.dest is not None
        self.stretch.preheader.instrs.insert(-1, yes)
        trust.incoming = {self.stretch.preheader: yes.dest, self.closing: kept.dest}
        for block, phi in ((redo, doubt), (self.closing, kept), (self.strip, trust)):
            block.phis.append(phi)

    def kept_range(self, store: Instr, first: dict[Value, Value]) -> list[Value]:
        """The place of the first item that a store overwrites in the stretch, and how many follow it."""
        place = [self.evaluate(value, first) for value in store.args[:-1]]
        if not self.stretch.stores[store]:
            return [*place, self.number(1)]
        start = self.at[self.stretch.counter]
        return [*place, self.emit("SUB", [self.stop, start], "i64", fact="nowrap")]

    def evaluate(self, value: Value, place: dict[Value, Value]) -> Value:
        """An index expression of the loop at one end of the stretch."""
        if value in place:
            return place[value]
        maker = self.stretch.makers.get(value)
        if maker is None:
            return value
        args = [self.evaluate(v, place) for v in maker.args]
        if maker.op == "INDEX":
            place[value] = args[0]
        else:
            place[value] = self.emit(maker.op, args, value.type, maker.imm, "" if maker.op == "K" else "nowrap")
        return place[value]

    # --- behind a stretch ---------------------------------------------------------------------------------------

    def close(self, ways_out: dict[Block, dict[Phi, Value]], before: dict[Phi, Value], count: Value,
              state: Exit) -> None:
        """The time slice if it is due, then the next stretch."""
        fn, stretch, preheader = self.fn, self.stretch, self.stretch.preheader
        pause, *others = stretch.slices
        fn.blocks = [b for b in fn.blocks if b not in others]
        ended: dict[Phi, Value] = {}
        for phi in self.phis:
            start, done = Phi(self.at[phi]), Phi(fn.value(phi.dest.type))
            done.incoming = {source: values[phi] for source, values in ways_out.items()}
            start.incoming = {preheader: before[phi], self.closing: done.dest}
            self.strip.phis.append(start)
            self.closing.phis.append(done)
            ended[phi] = done.dest
        self.block = self.closing
        self.closing.instrs.append(Instr("TICK", [count], imm=stretch.is_root, targets=[self.strip, pause]))
        handed = {before[phi]: ended[phi] for phi in self.phis}
        again: dict[Value, Value] = {}
        for one in preheader.phis:
            for block in others:
                one.incoming.pop(block)
            if one.dest in handed:
                again[one.dest] = one.incoming[pause] = handed[one.dest]
        ways: dict[Exit, Exit] = {}
        for instr in pause.instrs:
            if instr.exit is not None:
                if instr.exit not in ways:
                    ways[instr.exit] = Exit(len(fn.exits), instr.exit.code,
                                            [(again.get(v, v), kind) for v, kind in state.leaves],
                                            state.frames, state.line, state.pc)
                    fn.exits.append(ways[instr.exit])
                instr.exit = ways[instr.exit]


class _Carried:
    """A value that a copy's blocks change on their way, from its beginning to its end.

    Attributes:
        phi: the value where an iteration begins.
        at: the value in each block of the loop, as far as that has been copied.
    """

    def __init__(self, phi: Phi) -> None:
        self.phi = phi
        self.at: dict[Block, Value] = {}


class _Copy:
    """The copy of a loop's body without exits, with flags where checks are deferred.

    Attributes:
        raised: whether a deferred check has failed.
        spread: the bits, but for those of the sign, that checked items have.
    """

    def __init__(self, strips: _Strips, settle: Block) -> None:
        self.strips = strips
        self.settle = settle
        self.stretch = strips.stretch
        self.emit = strips.emit
        self.values: dict[Value, Value] = {}
        self.order = strips.order
        self.blocks = {block: strips.fn.block() for block in self.order}
        self.raised = self.carried("i1", False) if self.stretch.deferred else None
        self.spread = self.carried("i64", 0) if self.stretch.items else None

    def carried(self, kind: str, first: object) -> _Carried:
        phi = Phi(self.strips.fn.value(kind))
        phi.incoming[self.strips.block] = self.emit("K", [], kind, first)
        return _Carried(phi)

    def run(self) -> tuple[dict[Phi, Value], list[Value]]:
        """Append the copy to where `strips` stands; returns the header's phis in it, and `spread` and `raised`."""
        strips, fn = self.strips, self.strips.fn
        header, entrance = strips.loop.header, strips.block
        flags = [carried for carried in (self.spread, self.raised) if carried is not None]
        strips.end("JUMP", [], [self.blocks[header]])
        for block in self.order:
            for phi in block.phis:
                self.values[phi.dest] = fn.value(phi.dest.type)
        for block in self.order:
            strips.block = self.blocks[block]
            for carried in flags:
                carried.at[block] = self.brought(block, carried)
            for instr in block.instrs[:-1]:
                self.step(instr, block)
            last = block.terminator
            targets = [self.blocks.get(t, self.settle) for t in last.targets[:1 if last.op == "TICK" else 2]]
            if last.op == "TICK":
                strips.end("JUMP", [], targets)
            else:
                strips.end(last.op, [self.values.get(v, v) for v in last.args], targets)
                strips.block.terminator.facts = last.facts
            strips.block.terminator.index, strips.block.terminator.context = last.index, last.context
        for block in self.order:
            for phi in block.phis:
                made = Phi(self.values[phi.dest])
                made.incoming = {self.blocks[b]: self.values.get(v, v)
                                 for b, v in phi.incoming.items() if b in self.blocks}
                if block is header:
                    made.incoming[entrance] = strips.at[phi]
                self.blocks[block].phis.append(made)
        for carried in flags:
            carried.phi.incoming.update({self.blocks[latch]: carried.at[latch] for latch in strips.loop.latches})
        return {phi: self.values[phi.dest] for phi in header.phis}, [carried.phi.dest for carried in flags]

    def brought(self, block: Block, carried: _Carried) -> Value:
        """A carried value where a block of the copy begins."""
        if block is self.strips.loop.header:
            self.blocks[block].phis.append(carried.phi)
            return carried.phi.dest
        ways = {self.blocks[p]: carried.at[p] for p in self.strips.preds[block]}
        if len(set(ways.values())) == 1:
            return next(iter(ways.values()))
        merged = Phi(self.strips.fn.value(carried.phi.dest.type))
        merged.incoming = dict(ways)
        self.blocks[block].phis.append(merged)
        return merged.dest

    def step(self, instr: Instr, block: Block) -> None:
        """One instruction without its exit."""
        args = [self.values.get(v, v) for v in instr.args]
        if instr is self.stretch.test:
            args[1] = self.strips.stop
        if instr.op == "GUARD":
            self.raise_unless(args[0], block)
            return
        if instr.op in ("CHECK_FP", "INDEX") or instr in self.stretch.wraps:
            assert instr.dest is not None
            self.values[instr.dest] = args[0]
        else:
            self.repeat(instr, args)
        if instr in self.stretch.deferred:
            self.raise_unless(self.passes(instr, args[0]), block)
        if instr in self.stretch.items:
            assert instr.dest is not None
            self.note(self.values[instr.dest], block)

    def repeat(self, instr: Instr, args: list[Value]) -> None:
        made = Instr(instr.op, args, None, instr.imm, index=instr.index, context=instr.context)
        made.facts = instr.facts
        if instr.exit is not None and instr.op == "EXACT_FLOAT":
            made.facts |= {"small"}
        if instr in self.stretch.loose:
            made.facts = made.facts - {"nowrap"} | {"wraps"}
        if instr.dest is not None:
            made.dest = self.values[instr.dest] = self.strips.fn.value(instr.dest.type)
        self.strips.block.instrs.append(made)

    def passes(self, check: Instr, value: Value) -> Value:
        """Whether a deferred check passes."""
        if check.op == "MATH_SQRT":
            return self.emit("NOT", [self.emit("LT", [value, self.emit("K", [], "f64", 0.0)], "i1")], "i1")
        if check in self.stretch.wraps:
            low, high = (self.strips.number(edge) for edge in self.stretch.wraps[check])
            return self.emit("AND", [self.emit("GE", [value, low], "i1"), self.emit("LE", [value, high], "i1")], "i1")
        return self.emit("MATH_ISFINITE", [value], "i1")

    def raise_unless(self, holds: Value, block: Block) -> None:
        assert self.raised is not None
        failed = self.emit("NOT", [holds], "i1")
        self.raised.at[block] = self.emit("OR", [self.raised.at[block], failed], "i1")

    def note(self, item: Value, block: Block) -> None:
        """An item's bits, turned where it is negative: those of the largest one tell whether all are small."""
        assert self.spread is not None
        sign = self.emit("RSHIFT", [item, self.strips.number(63)], "i64")
        bits = self.emit("XOR", [item, sign], "i64")
        self.spread.at[block] = self.emit("OR", [self.spread.at[block], bits], "i64")
