"""The tier of a function as a whole, calls from itself included: it is probed at its entry, recorded and compiled."""

from __future__ import annotations

import ast
import operator
import types as python_types
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, NoReturn

from zexus import types
from zexus.codes import Unsupported
from zexus.frontend import lower, slots
from zexus.frontend.embedding import Generators
from zexus.frontend.loops import calls_itself
from zexus.frontend.sites import LoopSite
from zexus.jit import callees, compiler, deopt, recorder, specialize, stack, tracebacks, verdicts
from zexus.jit.counters import Counters
from zexus.jit.findings import Statement, require_layout
from zexus.jit.history import known_types
from zexus.jit.host import Host
from zexus.jit.inner import InnerLoops
from zexus.jit.ledger import LEDGER
from zexus.jit.tier import WIDENED, LoopTier
from zexus.jit.version import GO_ON, RETURNED, Answer, Origin, Version
from zexus.regvm import machine
from zexus.regvm.clock import CLOCK, OVERDUE
from zexus.regvm.ir import Exit
from zexus.regvm.machine import Executable, Frame
from zexus.settings import JitSettings

PASS: Answer = (GO_ON, None)
# How many calls should follow from one that comes from outside, of functions without and with captured variables, and
# after how many of these that is looked at.
_DEEP, _DEEP_CAPTURED, _LOOK = 4, 10, 512
# Calls that are enough to watch where they have taken this share of what may be watched.
_SOME, _SHARE = 3, 8
# Calls from outside to a look at whether there is a reason to measure.
_OFTEN = 16


class FunctionTier(LoopTier):
    """The state of one function entry. Its hooks take the arguments and answer (2, result) or (3, None)."""

    def __init__(self, site: LoopSite, namespace: dict[str, Any], settings: JitSettings, host: Host) -> None:
        super().__init__(site, namespace, settings, host)
        self.limit = 0
        self.hook = self.call
        self.recursive = calls_itself(site.scope)
        self.urgent = not self.recursive  # others are probed only where their loops have made them hot
        self.defaults: Any = None  # of a function that has captured variables
        self.watched: recorder.Recorder | None = None  # watches a call that does not come from another watched one
        self.progress: int | None = None  # how far that was when it made a call
        self.inner = False  # whether one is being watched that comes from there
        self.codes: dict[int, Any] = {}  # those that have been found to be of this function, by identity
        self.resting = 0  # calls that native code has in its turn before it is asked whose the next one is
        self.made: dict[int, Version] = {}  # by the unit that each was made of: frames that are running keep their code

    def own(self, cells: Sequence[Any]) -> python_types.FunctionType | None:
        """The function whose variables these cells are; None where its name has come to mean something else."""
        names = self.site.captured
        try:
            found = cells[names.index(self.site.scope.name)].cell_contents
        except ValueError:
            return None
        if type(found) is not python_types.FunctionType or found.__kwdefaults__ or found.__closure__ is None:
            return None
        if self.codes.get(id(found.__code__)) is not found.__code__:
            if not self.is_self(found):
                return None
            self.codes[id(found.__code__)] = found.__code__
        if self.versions and found.__defaults__ is not self.defaults:
            return None
        same = found.__code__.co_freevars == names and all(map(operator.is_, found.__closure__, cells))
        return found if same else None

    def call(self, *arguments: Any) -> Answer:
        """The hook before there is native code: counts, records whole calls, then compiles."""
        if not self.loop.entries:
            verdicts.meet(self.site.scope, self.settings)
        self.loop.entries += 1
        self.loop.iterations += 1
        if self.state == "waiting" and not self.arrived():
            self.waits.again(self.entering.iterations())
            return PASS
        self.waits.again()
        if self.version is not None:
            return self.enter_function(*arguments)
        hot = self.urgent or self.loop.is_hot(self.settings.threshold)
        if self.state != "cold" or not hot or self.is_within():
            return PASS
        if not self.is_affordable():
            self.waits.again(self.entering.iterations())
            return PASS
        with CLOCK.working(), self.limited():
            return self.record_call(arguments)

    def is_within(self) -> bool:
        """Whether a call comes from a watched one, and not straight from it behind another one.

        Each watched call needs frames of Python's own, which count for its recursion limit: a chain of calls, where
        each makes one, would come near it.
        """
        watched = self.watched
        if watched is None:
            return False
        before, self.progress = self.progress, watched.budget
        return self.inner or before in (None, watched.budget)

    def enter_function(self, *arguments: Any) -> Answer:
        """The hook when there is native code."""
        self.waits.again()
        if self.job is not None and not self.arrived() and self.version and self.is_in_the_way(self.version):
            self.make_way()
        version = self.version
        if version is None or stack.is_used_up():
            return PASS
        if self.site.captured:
            function = self.own(arguments[-1])
            if function is None:
                return PASS
            arguments = (*arguments[:-1], function)
        self.entered += 1
        if self.resting:
            self.resting -= 1
        elif self.entry_trial.match is not None:
            if self.entry_trial.is_python(version):
                return PASS
        elif self.entered % _OFTEN == 0:
            self.entry_trial.begin(version)
        if self.entered % _LOOK == 0 and self.is_shallow(version):
            return PASS
        answer: Answer = version.call(*arguments)
        if answer[0] == RETURNED:
            return answer
        return self.missed(version, None, ())

    def left(self, version: Version, answer: Answer, it: Any, arguments: Sequence[Any]) -> Answer:
        """A call did not fit: CPython has it."""
        return self.missed(version, it, arguments)

    def missed(self, version: Version, it: Any, arguments: Sequence[Any]) -> Answer:
        """A guard at the entry failed: other types than recorded, or something that was taken for constant."""
        self.misses += 1
        if self.misses > self.settings.exit_budget and version is self.version:
            self.give_up(Unsupported("ZX040", self.site.node))
        return PASS

    def is_shallow(self, version: Version) -> bool:
        """Whether so few calls follow from one that comes from outside that it does not pay; then it is given up."""
        least = _DEEP_CAPTURED if self.site.captured else _DEEP
        if not (self.weighs and self.recursive) or version.calls() >= least * self.entered:
            return False
        each = f"{version.calls() / self.entered:.1f} calls for each from outside, where {least} would pay"
        self.give_up(Unsupported("ZX043", self.site.node, each))
        return True

    @property
    def is_direct(self) -> bool:
        """Whether calls come straight to native code: nothing is to be told of them."""
        return not self.recursive and self.version is not None and self.job is None and self.entry_trial.match is None

    @property
    def turns(self) -> Iterator[bool]:
        """Which calls come to the hook; in a trial those pass that CPython has."""
        return slots.ALWAYS if self.is_direct else self.waits.iterator

    def saved_by_entry(self, version: Version) -> float:
        """The instructions of a call that CPython runs and native code does not."""
        return self.findings.saved

    def entries_of(self, version: Version) -> int:
        """Calls, those that native code makes included."""
        return version.calls() if self.recursive else self.entered

    def rounds_of(self, version: Version) -> int:
        """Calls of a version that is in service."""
        return version.calls()

    def rest(self, entries: int) -> None:
        """So many calls are native code's, and nothing is asked at them."""
        self.resting = 0 if self.recursive else entries

    def listen(self) -> None:
        """Where calls come straight to native code the hook is another one during a trial."""
        self.waits.again(1)
        self.resting = 0
        version = self.version
        if version is not None and not self.recursive:
            self.set(0, *((version.call, version.leave) if self.is_direct else (self.enter_function,)))

    def slice(self, numbers: Counters) -> None:
        """Look at whether there is a reason to measure."""
        version = self.version
        if version is not None and self.is_direct and version.counters.memory is numbers.memory:
            self.entry_trial.begin(version)

    def stir(self) -> None:
        """Calls make a function hot, not the loops in it."""

    def lowered(self, outlined: frozenset[Statement]) -> Executable:
        node = self.site.node
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        code = lower.lower_function(self.site.scope, first, self.namespace, outlined,
                                    Generators(callees.source_of))
        if code.blocks:
            raise Unsupported("ZX022", node, "a recursive function with statements that Python runs")
        return callees.ready(code)

    def record_call(self, arguments: Sequence[Any]) -> Answer:
        """Run one call in the register machine, watched, and some that come from it; when enough have ended compile."""
        try:
            executable = self.findings.executable
        except Unsupported as refusal:
            self.give_up(refusal)
            return PASS
        cells: Sequence[Any] = ()
        if self.site.captured:
            *arguments, held = arguments
            function = self.own(held)
            if function is None:
                return PASS
            self.defaults, cells = function.__defaults__, machine.cells_of(function, executable.code)
        self.findings.meet(None, arguments)
        frame = executable.frame(arguments, 0, cells)
        watching = self.findings.recorder()
        before = watching.budget
        if self.watched is None:
            self.watched, self.progress = watching, None
        else:
            self.inner = True
        try:
            outcome = InnerLoops(self.host).run([frame], frozenset(), watching)
        except machine.Raised as raised:
            _leave(raised)
        finally:
            self.inner = False
            if self.watched is watching:
                self.watched = None
            self.findings.recorded += 1
            self.findings.note(watching, before)
        if self.state == "cold" and self.version is None and (watching.budget < 0 or self.has_seen_enough()):
            self.compile_function(frame)
        return (RETURNED, outcome.value)

    def has_seen_enough(self) -> bool:
        """Whether so many calls were watched, or so much of the loops in some, that one can be compiled."""
        few = not self.recursive and self.findings.watched >= self.settings.record_budget // _SHARE
        return self.findings.recorded >= (_SOME if few else self.settings.record_iterations)

    def compile_function(self, frame: Frame) -> None:
        """Specialize and compile what was recorded."""
        began = CLOCK.spent()
        try:
            require_layout()
            origin, unit = self.specialized_function(frame.machine)
        except specialize.Refused as refused:
            self.give_up(refused.refusal)
            return
        except Unsupported as refusal:
            if refusal.code != OVERDUE:
                self.give_up(refusal)
            elif self.version is None:
                self.defer(*LEDGER.again(CLOCK.spent() - began, self.settings))
            return
        loss = self.weighed(unit, frame)
        if loss is not None:
            self.give_up(loss)
            return
        finish = partial(self.finish_frame, id(unit))
        self.furnish(unit, [("stack", stack.bounds), ("measure stack", stack.measure), ("finish", finish)])
        self.versions += 1
        self.history.begin(known_types(origin, unit, self.findings.profile), self.version, self.misses)
        try:
            job, made = self.begin(unit)
        except compiler.CompileFailed as failure:
            self.give_up(Unsupported("ZX041", self.site.node, str(failure)))
            return
        if made is not None:
            self.install(made, unit, origin)
            return
        self.job = (job, unit, origin)
        if self.version is None or self.is_left_often(self.version):
            self.make_way()
        else:
            self.listen()

    def weighed(self, unit: specialize.Unit, frame: Frame) -> Unsupported | None:
        """Why the function is not worth it, as far as can be told."""
        if not self.weighs:
            return None
        if not self.recursive:
            return self.findings.too_dear(unit, frame, self.iterations())
        if not any(instr.op == "CALL_SELF" for instr in unit.fn.instructions()):
            return Unsupported("ZX043", self.site.node, "none of its calls is one of itself")
        return None

    @property
    def nests(self) -> bool:
        """Whether a call may lead to another one."""
        return self.recursive

    @property
    def is_doubtful(self) -> bool:
        """Whether it may lose whatever its native code is like."""
        return not self.recursive

    @property
    def is_promising(self) -> bool:
        """Whether there is native code of the function, or may be soon."""
        return self.state in ("cold", "native") or (self.state == "waiting" and not self.due)

    def specialized_function(self, executable: Executable) -> tuple[Origin, specialize.Unit]:
        """Typed code for what the function is given by others and, as far as that has other types, by itself.

        Raises:
            specialize.Refused: a statement has no native form.
            Unsupported: the function has none.
        """
        code, entered = executable.code, self.findings.entered
        names = code.locals[: code.params]
        while True:
            self.refuse_mixed()
            arguments: list[types.Type | None] = [entered[name] for name in names]
            entry = specialize.Entry(arguments, free=self.site.captured if code.captured else ())
            try:
                unit = specialize.specialize(executable.program, self.findings.profile, entry, callees.executable,
                                             callees.inlined_block, self.is_self, self.settings)
            except specialize.Refused as refused:
                narrow = refused.refusal
                if not isinstance(narrow, specialize.Narrow) or not self.findings.widen(names[narrow.position],
                                                                                       narrow.kind):
                    raise
                continue
            return Origin(executable, (), entry), unit

    def refuse_mixed(self) -> None:
        """Loops over what may be any object take native code as long as CPython.

        Raises:
            Unsupported: the function has loops, and is given values of types that no native form has in common.
        """
        mixed = self.findings.mixed
        if mixed and self.weighs and any(isinstance(part, (ast.For, ast.While)) for part in ast.walk(self.site.node)):
            raise Unsupported("ZX021", self.site.node, next(iter(mixed.values())))

    def make_way(self) -> None:
        self.retire()
        self.state = "waiting"
        self.set(0, self.call)

    def install(self, made: compiler.Compiled, unit: specialize.Unit, origin: Origin) -> None:
        super().install(made, unit, origin)
        assert self.version is not None
        self.made[id(unit)] = self.version
        self.entered = 0
        self.set(0, self.enter_function)
        if not self.recursive:
            self.entry_trial.begin(self.version)
            self.listen()

    def is_self(self, obj: Any) -> bool:
        """Whether a callee is this function, compiled or not."""
        if not callable(obj) or not hasattr(obj, "__code__") or obj.__kwdefaults__:
            return False
        try:
            found = callees.source_of(obj)
        except Unsupported:
            return False
        mine, its = self.site.scope, found.scope
        # Comprehensions are written out anew each time that a function is looked at.
        place = (mine.filename, mine.qualname, getattr(mine.node, "lineno", 0))
        return its.node is mine.node or (its.filename, its.qualname, getattr(its.node, "lineno", 0)) == place

    def finish_frame(self, which: int, answer: Answer) -> Any:
        """Finish in the register machine the one frame that native code left; the result goes back to its caller."""
        version = self.made[which]
        frames, way = self.frames_of(version, answer, ())
        try:
            if answer[0] < 0:
                machine.take(frames, answer[-1])
        except machine.Raised as raised:
            _leave(raised)
        root, watcher = frames[0], self.watcher(version, way)
        if watcher is not None:
            watcher.behind(frames[-1])
        try:
            python = way.code == "ZX037"
            with CLOCK.working(), stack.Nested() as deep, stack.Python() if deep or python else nullcontext():
                return InnerLoops(self.host).run(frames, frozenset(), watcher).value
        except machine.Raised as raised:
            _leave(raised)
        finally:
            if version is self.version and self.job is None and self.too_many(version, way):
                self.widen_function(root, way)

    def widen_function(self, frame: Frame, way: Exit) -> None:
        """Compile another version, with what has been seen behind the exits; or give up."""
        known = way.code not in WIDENED and not deopt.is_handled(way)
        if known or self.versions >= self.settings.max_versions:
            self.give_up(Unsupported("ZX040", self.site.node))
        else:
            self.compile_function(frame)


def _leave(raised: machine.Raised) -> NoReturn:
    """Raise the exception that has left the register machine, with a note of the frames that it passed.

    It keeps its context and cause, and nothing of the machine is kept alive by it.
    """
    error = raised.error
    context = BaseException.__getattribute__(error, "__context__")
    tracebacks.note(error, deopt.trail(raised.frames))
    try:
        raise error
    finally:
        BaseException.__setattr__(error, "__context__", context)
        del raised, error, context
