"""The tier of one loop: from probe through recording and compilation to native code, and back on a side exit."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import chain, islice, repeat
from math import inf
from time import monotonic, perf_counter
from types import GeneratorType
from typing import Any

from zexus import events, types
from zexus.codes import SideExit, Unsupported
from zexus.frontend import lower, slots
from zexus.frontend.embedding import Generators
from zexus.frontend.sites import LoopSite
from zexus.jit import (
    account,
    callees,
    compiler,
    counters,
    deopt,
    drawing,
    generations,
    ledger,
    recorder,
    specialize,
    stances,
    tracebacks,
    verdicts,
)
from zexus.jit.borders import PRIVATE, Border, cursor_of, moved
from zexus.jit.counters import Counters
from zexus.jit.effort import Effort
from zexus.jit.entries import Entries
from zexus.jit.entrytrial import EntryTrial
from zexus.jit.exits import ExitLog
from zexus.jit.explain import RegionReport
from zexus.jit.findings import Findings, Statement, is_drawn, of_iterator
from zexus.jit.history import History, known_types
from zexus.jit.host import Host
from zexus.jit.inner import InnerLoops
from zexus.jit.ledger import LEDGER
from zexus.jit.mirroring import Mirroring
from zexus.jit.pace import Pace
from zexus.jit.siblings import Siblings
from zexus.jit.trial import Trial
from zexus.jit.version import (
    BROKE,
    EXHAUSTED,
    GO_ON,
    RAISED,
    RETURNED,
    SIDE_EXIT,
    Answer,
    Origin,
    Slice,
    Version,
    keeping,
)
from zexus.regvm import cursor as cursors
from zexus.regvm import iterators, machine, suspended
from zexus.regvm.clock import CLOCK, OVERDUE
from zexus.regvm.ir import Exit
from zexus.regvm.machine import Executable, Frame
from zexus.settings import JitSettings
from zexus.vm.profiling import hot

# Iterations between two looks at a loop that holds others: a loop in it may have made it hot meanwhile.
ROUND = 64
# Iterations that are watched of a loop which has few and long ones.
_FEW = 3
# Iterations of an entry, on average, from which on a probe costs next to nothing.
_LONG = 64
# Entries that are looked at one by one before one in so many tells whether a loop's entries stay short.
_SAMPLE, _SPARSE = 128, 16
# Entries to a look at whether native code has come, at most.
_SELDOM = 4096
# Iterations of native code in one loop that make the loop around it hot.
STIRRING = 1 << 21
# Left because other code is ready: no side exit in the user's sense.
ANOTHER = "ZX038"
# Codes of exits that a version which knows more does not have.
WIDENED = ("ZX031", "ZX034")


class LoopTier:
    """The state of one loop site.

    Args:
        site: the loop.
        namespace: the globals it sees.
        settings: the user's settings.
        host: keeps the code objects in step.
        rank: how many tiers entries come to before this one: see `hand_on`.
    """

    def __init__(
        self, site: LoopSite, namespace: dict[str, Any], settings: JitSettings, host: Host, rank: int = 0
    ) -> None:
        self.rank = rank
        self.site = site
        self.namespace = namespace
        self.settings = settings
        self.host = host
        self.chunk = min(settings.threshold, ROUND) if host.holds_loops(site) else settings.threshold
        self.limit = 0 if rank else self.chunk
        self.entries = Entries(site, settings)
        self.behind = Siblings(self, partial(LoopTier, site, namespace, settings))
        self.handed = False  # whether the hook comes again in the same entry
        self.urgent = False
        self.hook: Callable[..., Answer] = self.probe
        self.leave: Callable[..., Answer] = slots.passed
        self.loop = hot.HotLoop(site.scope.filename, site.scope.qualname, site.first_line)
        if not rank:
            hot.watch(self.loop)
        self.state = "cold"
        self.refusal: Unsupported | None = None
        self.loss: Unsupported | None = None  # why native code does not draw from iterators as they are
        self.border = Border(site)
        self.findings = Findings(site, settings, self.lowered)
        self.held = 0  # as for `Code`
        self.generators = Generators(callees.source_of)
        self.shorter = 0  # how many generators ended before native code could be entered
        self.renewing = False  # whether the profile is one for another version, in the making
        self.version: Version | None = None
        self.misses = 0
        self.versions = 0
        self.rounds = 0  # of native code that is out of service: iterations without those of loops inside
        self.compile_seconds = 0.0
        self.history = History()
        self.exits = ExitLog(self.where())
        self.lock = threading.RLock()
        self.job: tuple[compiler.Job, specialize.Unit, Origin] | None = None
        self.mirroring = Mirroring(settings)
        self.trial = Trial(self)
        self.entry_trial = EntryTrial(self)
        self.entered = 0  # entries that have come to the hook: of a function, of a loop while these are measured
        self.pace = Pace(settings.threshold, settings.poll_seconds)
        self.patience = settings.patience
        self.waits = slots.Turns()
        self.entering = Pace(_SELDOM, settings.poll_seconds, 1)  # of how many entries one looks whether it has come
        # Whether the types at the header are those of native code after one iteration.
        self.settles = True
        self.begins = 0  # iterations of an entry that CPython runs, so that the types are those
        # Whether the next entry is to be recorded.
        self.asked_anew = False
        self.effort = Effort()
        self.due = 0.0  # until when it waits for its time, not for native code
        verdict = verdicts.recall(site, settings) if not rank else None
        if verdict is not None:
            self.state, (self.refusal, self.due) = "waiting", verdict

    # --- the hooks ------------------------------------------------------------------------------------

    @property
    def turns(self) -> Iterator[bool]:
        """Which entries come to the hook: each, or some where they wait for native code or are to be CPython's."""
        direct = self.version is not None and self.entry_trial.match is None
        return slots.ALWAYS if direct else self.waits.iterator

    def probe(self, it: Any, *arguments: Any) -> Answer:
        """The hook before there is native code."""
        self.waits.again()
        private = it is None or sys.getrefcount(it) <= PRIVATE or type(it) in iterators.DRAWN
        if type(it) is GeneratorType and not (private and not drawing.is_known(it)):
            self.expose()
            private = True
        return self.arrive(it, arguments, private)

    def arrive(self, it: Any, arguments: Sequence[Any], private: bool) -> Answer:
        """Count an entry, and at last record and compile.

        Args:
            it: the iterator; None for a `while` loop.
            arguments: what else the hook was given.
            private: whether nobody else has the iterator, or it is one that others find as CPython would leave it.
        """
        if self.version is not None:
            # A frame that began before native code was made still has this hook in its code.
            return self.start(it, arguments) if private else self.onward(it)
        if not self.loop.entries:
            verdicts.meet(self.site.scope, self.settings)
        self.loop.entries += self.sampled()
        if suspended.is_new(it):
            return self.begun(it)
        if self.loss is not None and is_drawn(it):
            self.idle(self.loss.code)
            return self.onward(it)
        self.patience = self.settings.patience
        left = self.remaining(it)
        self.tally(it, left)
        if self.state == "refused":
            handed = self.behind.hand_on(it, arguments) if self.rank else None
            return handed or self.onward(it)
        if self.state == "waiting" and not self.arrived():
            if left == 0:
                return (EXHAUSTED, None, *self.border.untouched)
            return self.ahead(it, self.pace.iterations()) if left is None else self.onward(it, self.pace.iterations())
        if self.version is not None:
            return self.start(it, arguments) if private else self.onward(it)
        if self.state == "cold" and self.loop.entries > self.settings.patience and not self.entries.pay:
            self.give_up(Unsupported("ZX043", self.site.node, str(self.entries)))
        if self.state == "refused":
            return self.onward(it)
        if self.loop.is_hot(self.settings.threshold) and self.host.is_whole():
            self.waits.again(self.entering.iterations())
            return self.onward(it) if left != 0 else (EXHAUSTED, None, *self.border.untouched)
        if left == 0:
            if self.is_hot() and self.limit > 1:
                self.set(1 if self.site.kind == "for" else 0, self.probe)
            return (EXHAUSTED, None, *self.border.untouched)
        if not self.is_hot():
            return self.hand_over(it, left)
        if not self.is_affordable():
            return self.save_up(it)
        if self.limit > 1 and (left is None or it is None or type(it) is GeneratorType):
            self.set(1 if self.site.kind == "for" else 0, self.probe)  # the next entry may have no more than this one
        return self.heat(it, arguments) if private else self.onward(it)

    def sampled(self) -> int:
        """How many entries the present one stands for: of a cold loop with short ones not each comes to the hook."""
        stands_for = self.waits.stride if self.state == "cold" else 1
        seldom = self.state == "cold" and self.entries.count >= _SAMPLE and not (self.entries.pay or self.urgent)
        if seldom or stands_for > 1:
            self.waits.again(_SPARSE if seldom else 1)
        return stands_for

    def tally(self, it: Any, left: int | None) -> None:
        """Count what CPython has run when the hook is called."""
        handed, self.handed = self.handed, False
        if it is None:
            self.loop.iterations += self.limit
        elif left != 0 and not handed:
            self.loop.iterations += self.limit
            self.entries.note(self.limit + (left or max(1, self.entries.least)))
        elif left == 0 and not handed:
            drawn = type(it) is GeneratorType
            least = self.entries.drawn if drawn else self.entries.least
            self.loop.iterations += min(self.limit, self.settings.unknown_length)
            if self.limit <= least:
                self.entries.note(0 if drawn else (self.limit + 1) // 2)  # how many values there were nobody knows
            if self.state == "cold":
                # How long entries are is found by asking behind the first iterations.
                self.limit = min(self.limit, max(1, least))

    def hand_over(self, it: Any, left: int | None) -> Answer:
        """Let CPython run some iterations more before the hook is called again."""
        if it is None:
            if self.rank:
                self.loop.iterations += self.chunk  # the hook is called before any
            return self.onward(it, self.limit or self.chunk)
        self.handed = True
        if left is None:
            self.loop.iterations += self.chunk
            return self.ahead(it, self.chunk)
        self.loop.iterations += min(left, self.chunk)
        return self.onward(it, self.chunk)

    def ahead(self, it: Any, chunk: int) -> Answer:
        """The same, where nobody can tell whether there is anything left: an item is drawn here."""
        try:
            for first in it:
                return (GO_ON, chain((first,), islice(it, chunk - 1)), *self.border.untouched)
        except BaseException as error:
            tracebacks.note(error, ())
            return (RAISED, error, *self.border.untouched)
        return (EXHAUSTED, None, *self.border.untouched)

    @property
    def at_once(self) -> bool:
        """Whether it has to go native at once, whatever that costs."""
        return stances.of(self.settings) == "force_native"

    def is_hot(self) -> bool:
        """Whether the loop is to be compiled: it has run long enough, or a loop inside it has."""
        return self.urgent or self.at_once or (self.loop.is_hot(self.settings.threshold) and self.entries.pay)

    def stir(self) -> None:
        """A loop inside this one spends much time in native code, which reaches further if this one is native too."""
        if self.state == "cold" and not self.urgent:
            self.urgent = True
            self.set(1 if self.site.kind == "for" else 0, self.probe)

    def remaining(self, it: Any) -> int | None:
        """How many iterations are left, as far as can be told.

        1 for a `while` loop, as many as are worth it for a generator, None where nobody can tell.
        """
        if type(it) is GeneratorType:
            return 0 if suspended.has_ended(it) else max(self.chunk, self.entries.least)
        return 1 if it is None else cursors.left(it)

    def onward(self, it: Any, chunk: int = 0) -> Answer:
        """Go on in CPython: to the end, or for some iterations."""
        if not chunk:
            return (GO_ON, None, *self.border.untouched)
        return (GO_ON, repeat(None, chunk) if it is None else islice(it, chunk), *self.border.untouched)

    def expose(self) -> None:
        """Others have the generator that is drawn from: native code is to leave before they may look at it."""
        if self.held:
            return
        self.held = 1
        self.findings = Findings(self.site, self.settings, self.lowered)
        self.job = None
        if self.state in ("native", "waiting"):
            self.retire()
            self.state = "cold"
            self.set(1 if self.site.kind == "for" else 0, self.probe)

    def begun(self, it: Any) -> Answer:
        """Let CPython draw the first values of a generator."""
        self.handed = True
        return self.onward(it, self.entries.drawn)

    def ended(self) -> Answer:
        """A generator had so few values that native code was not entered."""
        self.shorter += 1
        if self.shorter > self.settings.patience and not self.at_once:
            self.give_up(Unsupported("ZX043", self.site.node, f"generators of fewer than {self.entries.drawn} values"))
        return (EXHAUSTED, None, *self.border.untouched)

    def enter_measured(self, it: Any, *arguments: Any) -> Answer:
        """The hook while native code and CPython take turns at entries."""
        self.waits.again()
        self.entered += 1
        version = self.version
        if version is None or self.entry_trial.is_python(version):
            return self.onward(it)
        return self.start(it, arguments)

    def saved_by_entry(self, version: Version) -> float:
        """The instructions of an entry that CPython runs and native code does not, 0 where nobody knows."""
        return self.findings.saved * version.rounds() / max(1, version.counters["entries"])

    def entries_of(self, version: Version) -> int:
        """How many entries there have been while these were measured."""
        return self.entered

    def start(self, it: Any, arguments: Sequence[Any]) -> Answer:
        """Enter native code that has just come."""
        version = self.version
        if version is None:  # another thread has taken it out of service meanwhile
            return self.onward(it)
        answer: Answer = version.start(it, *arguments)
        return answer if 0 <= answer[0] < SIDE_EXIT else self.left(version, answer, it, arguments)

    def set(self, limit: int, hook: Callable[..., Answer], leave: Callable[..., Answer] = slots.passed) -> None:
        self.limit, self.hook, self.leave = 0 if self.rank else limit, hook, leave
        self.waits.again(1)
        self.host.relink(self.site.index)

    # --- recording and compiling ------------------------------------------------------------------------

    def refuse(self, refusal: Unsupported, it: Any) -> Answer:
        """This loop stays on CPython."""
        self.give_up(refusal)
        return self.onward(it)

    def give_up(self, refusal: Unsupported) -> None:
        # What it was raised through has the program's objects.
        refusal.__traceback__ = refusal.__context__ = refusal.__cause__ = None
        self.state, self.refusal = "refused", refusal
        self.retire()
        if not self.rank:
            for other in self.behind:
                other.retire()  # its hooks bring them their entries
        self.loop.tier = "python"
        if not self.rank:  # tiers behind the first one have some of its entries
            events.append("refuse", self.where(), str(refusal))
        self.remember(refusal)
        self.hook, self.leave = self.probe, slots.passed
        self.host.remove(self.site.index)
        if self.at_once:
            raise refusal

    def remember(self, refusal: Unsupported | None) -> None:
        """Keep for later runs whether the loop was given up, as far as it has taken time to find that out."""
        if self.rank or not (self.findings.recorded or self.versions):
            return
        entries, iterations = self.entries.count or self.loop.entries, self.entries.iterations or self.loop.iterations
        short = self.site.kind == "function" or iterations < _LONG * entries
        verdicts.note(self.site, self.settings, refusal, short)

    def idle(self, code: str) -> bool:
        """The loop is entered and might not call the hook: it ends too soon, or what it iterates over does not fit.

        Nor would it learn then that its native code has come.

        Args:
            code: why the loop stays on CPython when that goes on.

        Returns:
            Whether there is nothing left to decide.
        """
        if self.state == "waiting" and not self.arrived():
            self.waits.again(self.entering.iterations())
        if self.state != "cold":
            return True
        self.waits.again()
        self.patience -= 1
        if self.patience == self.settings.patience // 2:
            self.limit = min(self.limit, self.settings.unknown_length)  # for loops that are often not short
        if self.patience < 0:
            self.give_up(Unsupported(code, self.site.iterated if code == "ZX017" else self.site.node))
        return self.patience < 0

    def where(self) -> str:
        return f"{self.site.scope.filename}:{self.site.first_line}"

    def lowered(self, outlined: frozenset[Statement]) -> Executable:
        """The region's code, some statements left to Python."""
        generations.grow_up()
        return callees.ready(lower.lower_loop(self.site, self.namespace, outlined, self.held, self.generators))

    def heat(self, it: Any, arguments: Sequence[Any]) -> Answer:
        """The loop is hot: record some iterations, specialize, compile, and go on natively."""
        with CLOCK.working():
            return self.heated(it, arguments)

    def heated(self, it: Any, arguments: Sequence[Any]) -> Answer:
        """As `heat`, on the engine's time."""
        try:
            executable = self.findings.executable
        except Unsupported as refusal:
            return self.refuse(refusal, it)
        handed = self.behind.hand_on(it, arguments)
        if handed is not None:
            return handed
        self.findings.meet(it, arguments)
        if isinstance(of_iterator(it), types.Object):
            return self.refuse(Unsupported("ZX017", self.site.iterated, type(it).__name__), it)
        return self.record(self.border.frame(executable, it, arguments), it)

    def record(self, frame: Frame, it: Any) -> Answer:
        """Record from the header on until the types are known, then compile."""
        with self.limited(), self.effort.working():
            return self.recorded(frame, it)

    def recorded(self, frame: Frame, it: Any) -> Answer:
        """As `record`, for as long as that may take."""
        for _ in range(self.settings.max_outlined):
            few = 1 if self.at_once else _FEW if self.urgent else self.settings.record_iterations
            if self.is_too_much() and (self.version is None or self.is_left_often(self.version)):
                answer = self.postpone(frame, it, f"watching it took {self.effort.spent:.2f} s", self.effort.due)
                self.remember(self.refusal)
                return answer
            with self.effort.watching():
                ended = self.watch(frame, few)
            if ended is not None:
                return ended
            if frame.machine is not self.findings.executable:
                # Another activation of the function has met a statement to outline: what was seen is of no use.
                return self.give_back(frame, it)
            if CLOCK.is_overdue():
                return self.postpone(frame, it, *LEDGER.due(self.settings))
            began = CLOCK.spent()
            try:
                origin = self.findings.origin(frame)
                unit = self.specialized(origin)
            except specialize.Refused as refused:
                changed = self.outlined(refused.in_region(), frame)
                if changed is None:
                    return self.give_back(frame, it)
                frame = changed
                continue
            except Unsupported as refusal:
                if refusal.code == OVERDUE:
                    return self.postpone(frame, it, *LEDGER.again(CLOCK.spent() - began, self.settings))
                self.give_up(refusal)
                return self.give_back(frame, it)
            except BaseException as error:
                return self.interrupted(error, frame, it)
            loss = self.findings.too_dear(unit, frame, self.iterations()) if self.weighs else None
            if loss is not None:
                self.decline(loss, it)
                return self.give_back(frame, it)
            return self.compile(unit, origin, frame, it)
        self.give_up(Unsupported("ZX018", self.site.node))
        return self.give_back(frame, it)

    def is_affordable(self) -> bool:
        """Whether the engine may spend more of the program's time, on whatever loop or on this one in particular."""
        return self.is_free() or LEDGER.affords(self.settings) or ledger.is_due_to(self)

    def is_free(self) -> bool:
        """Whether nobody asks what the engine spends."""
        return not (self.weighs and self.settings.background) or self.settings.effort_share >= 1

    def save_up(self, it: Any) -> Answer:
        """Leave the loop to CPython until the engine may spend more."""
        self.defer(*LEDGER.due(self.settings))
        return self.onward(it, self.pace.iterations())

    def is_too_much(self) -> bool:
        """Whether more time has gone into the loop than the program has had reason to spend."""
        return self.weighs and self.effort.is_too_much

    def postpone(self, frame: Frame, it: Any, why: str, due: float) -> Answer:
        """Leave the loop to CPython until the program has run for so long that what goes into it is little."""
        self.defer(why, due)
        return self.give_back(frame, it, self.pace.iterations())

    def defer(self, why: str, due: float) -> None:
        """As `postpone`, where nothing runs."""
        self.make_way()
        self.refusal, self.due = Unsupported(OVERDUE, self.site.node, why), due

    def decline(self, loss: Unsupported, it: Any) -> None:
        """Native code does not pay: not over iterators that are drawn from as they are, or over nothing at all."""
        if not is_drawn(it):
            self.give_up(loss)
            return
        self.loss = loss
        self.findings = Findings(self.site, self.settings, self.lowered)

    def outlined(self, refused: specialize.Refused, frame: Frame) -> Frame | None:
        """Write out what a statement draws from, or leave it to Python; None: the loop is given up."""
        embedded = self.findings.embed(refused, frame, self.generators.methods)
        if embedded is not None:
            return embedded
        loss = self.findings.lost(refused, frame, self.iterations()) if self.weighs else None
        changed = None if loss is not None else self.findings.outline(refused, frame)
        if changed is None:
            self.give_up(loss or refused.refusal)
        return changed

    @property
    def weighs(self) -> bool:
        """Whether it goes native only where that pays."""
        return self.settings.weigh and not self.at_once

    @property
    def is_doubtful(self) -> bool:
        """Whether it may lose whatever its native code is like."""
        return self.site.is_beside_call

    @property
    def nests(self) -> bool:
        """Whether an entry may lead to another one, of the loop in another activation of its function."""
        return True

    def rest(self, entries: int) -> None:
        """Each entry is asked for."""

    def iterations(self) -> int:
        """How many iterations it has run by now, wherever."""
        return self.loop.iterations + self.native_iterations()

    def native_iterations(self) -> int:
        """How many of them native code has run."""
        version = self.version
        return self.loop.native_iterations + (version.iterations() if version is not None else 0)

    def native_rounds(self) -> int:
        """How many iterations of its own it has run in native code, without those of loops inside."""
        return self.rounds + (self.rounds_of(self.version) if self.version is not None else 0)

    def rounds_of(self, version: Version) -> int:
        """The same of a version that is in service."""
        return version.rounds()

    def watch(self, frame: Frame, iterations: int) -> Answer | None:
        """Run some iterations under the recorder; an answer when the loop ended meanwhile.

        What earlier entries recorded counts, so that a loop of few iterations that is entered often gets its turn.
        """
        watcher = self.findings.recorder()
        for _ in range(max(1, iterations - self.findings.recorded)):
            self.loop.iterations += 1
            self.findings.recorded += 1
            before = watcher.budget
            ended = self.advance([frame], watcher)
            self.findings.note(watcher, before)
            if ended is not None:
                return ended
            if watcher.budget < 0:
                return None
        return None

    def advance(self, frames: list[Frame], watcher: recorder.Recorder | None = None) -> Answer | None:
        """Run in the register machine to this loop's header; an answer when the region ended first.

        Loops inside run natively or in CPython, once the recorder has seen enough.
        """
        root = frames[0]
        try:
            outcome = InnerLoops(self.host).run(frames, frozenset((root.machine.program.header,)), watcher)
        except machine.Raised as raised:
            return self.raised(raised, root)
        return None if outcome.kind == "header" else self.finish(outcome, root)

    def enter_from_machine(self, it: Any, arguments: Sequence[Any]) -> Answer:
        """Enter native code from the register machine of a loop around this one."""
        version = self.version
        if version is None:
            return self.onward(it)
        self.loop.entries += 1
        self.trial.interrupt()
        answer: Answer = version.call(it, *arguments)
        if 0 <= answer[0] < SIDE_EXIT:
            return answer
        if answer[0] == SIDE_EXIT and self.asked_anew:
            return self.renew(version, it, arguments)
        if answer[0] == SIDE_EXIT:
            if self.fall_back(version):
                return self.enter_from_machine(it, arguments)
            other = self.behind.next
            return other.enter_from_machine(it, arguments) if other is not None else self.onward(it)
        return self.deoptimize(version, answer, it)

    def specialized(self, origin: Origin) -> specialize.Unit:
        """Typed code for an origin, ready to be compiled; raises as `Findings.specialized`."""
        generations.grow_up()
        return self.furnish(self.findings.specialized(origin), [])

    def limited(self) -> AbstractContextManager[None]:
        """Around work on the loop, which is given up where it takes too much of the program's time."""
        free = self.is_free() or self.settings.force_exit
        return nullcontext() if free else CLOCK.limited(LEDGER.allowance(self.settings))

    def furnish(self, unit: specialize.Unit, extras: Sequence[tuple[str, Any]]) -> specialize.Unit:
        """Add the references that every unit ends with: what it calls, and its counters."""
        memory = counters.fresh(len(unit.fn.exits), self.settings.slice_iterations, self.settings.force_exit)
        turn = Slice(self, Counters(memory))
        for words, obj in (*extras, ("time slice", turn), ("counters", memory)):
            unit.objects.append(obj)
            unit.fn.refs.append(words)
        return unit

    def begin(self, unit: specialize.Unit) -> tuple[compiler.Job, compiler.Compiled | None]:
        """Compile now, or begin to do so beside the program."""
        name = f"{self.site.scope.name}:{self.site.first_line}"
        with CLOCK.limited(inf):  # so little is left to do that it is done
            job = compiler.Job(unit, name, self.settings, len(self.site.results), bool(self.settings.force_exit))
        return job, job.poll() if self.settings.background and not self.at_once else job.wait()

    def compile(self, unit: specialize.Unit, origin: Origin, frame: Frame, it: Any) -> Answer:
        """Compile, and go on natively or, until then, in CPython."""
        self.versions += 1
        self.history.begin(known_types(origin, unit, self.findings.profile), self.version, self.misses)
        self.mirroring.furnish(unit)
        try:
            job, made = self.begin(unit)
        except compiler.CompileFailed as failure:
            self.give_up(Unsupported("ZX041", self.site.node, str(failure)))
            return self.give_back(frame, it)
        except BaseException as error:
            return self.interrupted(error, frame, it)
        if made is None and self.version is not None and not self.is_left_often(self.version):
            self.job = (job, unit, origin)
            return self.resume([frame], it)
        if made is None:
            self.job = (job, unit, origin)
            self.make_way()
            return self.give_back(frame, it, self.pace.iterations())
        self.install(made, unit, origin)
        return self.resume([frame], it)

    def make_way(self) -> None:
        """Leave the loop to CPython until the code that is under way has arrived."""
        self.retire()
        self.state = "waiting"
        self.set(self.settings.threshold, self.probe)

    def is_due(self) -> bool:
        """Whether a loop that an earlier run gave up, or that takes long to watch, may be tried, which it then is."""
        if self.due and monotonic() < self.due and not self.at_once:
            return False
        if self.due:
            self.due, self.refusal, self.state = 0.0, None, "cold"
        return True

    def arrived(self) -> bool:
        """Whether what it waits for has come: the end of the compilation under way, or the time to try again."""
        if not self.pace.is_due() or not self.lock.acquire(blocking=False):
            return False
        try:
            if self.job is None:
                return self.is_due()
            job, unit, origin = self.job
            made = job.poll()
            if made is None:
                return False
            self.job = None
            self.install(made, unit, origin)
        except compiler.CompileFailed as failure:
            self.job = None
            if not unit.mirrored:
                self.give_up(Unsupported("ZX041", self.site.node, str(failure)))
        finally:
            self.lock.release()
        return True

    def install(self, made: compiler.Compiled, unit: specialize.Unit, origin: Origin) -> None:
        """Take native code into service."""
        self.compile_seconds += made.seconds
        self.history.took(made.seconds)
        version = Version(self, unit, origin, made.call)
        if origin.over_generator:
            entering = drawing.Drawing(made.call, None if self.held else self.expose, self.ended)
            version.call, version.start, version.again = entering.hook, entering.start, entering.again
        if unit.mirrored:
            version.fallback = self.version
        self.misses, self.renewing = 0, False
        took = f"{made.seconds * 1000:.1f} ms" + (" from the cache" if made.cached else "")
        events.append("compile", self.where(), took + (", lists with mirrors" if unit.mirrored else ""))
        self.serve(version)

    def serve(self, version: Version) -> None:
        """Let entries of the loop come to a version from now on."""
        self.retire()
        self.version = version
        self.state, self.loop.tier = "native", "native"
        LEDGER.enlist(self)
        self.remember(None)
        version.counters["leave"], self.asked_anew = 0, False
        self.effort.begin()
        self.entries.watch(version.counters, version.origin.over_generator)
        if not version.unit.mirrored:
            self.mirroring.watch()
        self.trial.watch(version)
        self.entry_trial.watch(version)
        self.shorter = 0
        self.listen()

    def listen(self) -> None:
        """Let entries come to what is in service, by way of a trial of them where one is on."""
        version = self.version
        if version is None:
            return
        if version.origin.over_generator:
            self.set(0 if self.at_once else self.entries.drawn, version.call, version.leave)
        elif self.entry_trial.match is not None:
            self.set(self.begins, self.enter_measured)
        else:
            self.set(self.begins, version.call, version.leave)

    def retire(self) -> None:
        """Take the code that is in service out of it; what it counted stays."""
        version, self.version = self.version, None
        if version is not None:
            self.rounds += self.rounds_of(version)
            version.counters["rounds"] = 0
            self.loop.native_iterations += version.counters.take("iterations")
            version.counters["leave"] = 1

    # --- beside native code -------------------------------------------------------------------------------

    def slice(self, numbers: Counters) -> None:
        """A time slice of native code: it is asked to leave when other code is ready to take its place.

        Args:
            numbers: the counters of the code.
        """
        if self.version is not None and self.version.iterations() > STIRRING:
            around = self.host.around(self.site)
            if around is not None:
                around.stir()
        serving = self.version is not None and self.version.counters.memory is numbers.memory
        if serving and self.entries.are_short(numbers) and not self.at_once:
            self.give_up(Unsupported("ZX042", self.site.node, str(self.entries)))
        elif self.job is not None:
            self.arrived()
        elif self.version is not None and self.mirroring.is_due(self.version):
            self.mirror(self.version)
        if self.version is None:
            return
        if self.version.counters.memory is not numbers.memory or self.trial.is_due(self.version):
            numbers["leave"] = 1

    def mirror(self, version: Version) -> None:
        """Compile the code in service once more, its lists with mirrors."""
        if not self.lock.acquire(blocking=False):
            return
        try:
            self.mirroring.stop()
            unit = self.specialized(version.origin)
            if not self.mirroring.again(version, unit):
                return
            self.history.begin_mirrors()
            job, made = self.begin(unit)
            if made is None:
                self.job = (job, unit, version.origin)
            else:
                self.install(made, unit, version.origin)
        except (Unsupported, specialize.Refused, compiler.CompileFailed) as failure:
            events.append("compile", self.where(), f"no mirrors: {failure}")
        finally:
            self.lock.release()

    def fall_back(self, version: Version) -> bool:
        """Whether there is code without mirrors, now in service, in the place of a version that has them."""
        if not version.unit.mirrored or version is not self.version:
            return False
        self.mirroring.stop()
        events.append("compile", self.where(), "back to lists without mirrors")
        if version.fallback is None:
            self.versions -= 1
            return False
        self.serve(version.fallback)
        return True

    # --- leaving native code ------------------------------------------------------------------------------

    def left(self, version: Version, answer: Answer, it: Any, arguments: Sequence[Any]) -> Answer:
        """Native code could not be entered, or was left by a side exit."""
        if answer[0] == SIDE_EXIT:
            return self.missed(version, it, arguments)
        return self.deoptimize(version, answer, it)

    def missed(self, version: Version, it: Any, arguments: Sequence[Any]) -> Answer:
        """A guard at the entry failed: other types than recorded, or a changed global."""
        if suspended.is_new(it):
            return self.begun(it)
        if self.job is not None:
            self.arrived()
        if self.version is not None and self.version is not version:
            return self.start(it, arguments)  # frames that are running keep the older code
        if self.asked_anew and self.version is version:
            return self.renew(version, it, arguments)
        measured = self.trial.enter(version, it, arguments)
        if measured is not None:
            return measured
        handed = self.behind.hand_on(it, arguments)
        if handed is not None:
            return handed
        if self.fall_back(version):
            return self.start(it, arguments)
        if self.state != "native" or self.job is not None:
            return self.onward(it)
        left = self.remaining(it)
        if left == 0:
            return (EXHAUSTED, None, *self.border.untouched)
        if self.settles and left is not None and left > 1:
            return self.settle(it, arguments)
        self.misses += 1
        if self.versions >= self.settings.max_versions:
            if self.misses > self.settings.exit_budget:
                self.give_up(Unsupported("ZX040", self.site.node))
            return self.onward(it)
        if self.misses < self.settings.miss_budget and self.versions > 1:
            return self.onward(it)
        if not self.renewing:
            # A loop of few iterations takes several entries to record again.
            self.findings.forget()
            self.renewing = True
        return self.heat(it, arguments)

    def settle(self, it: Any, arguments: Sequence[Any]) -> Answer:
        """Run one iteration and try again: types change in the first one where a sum of floats begins with 0."""
        version = self.version
        frame = self.border.frame(self.findings.executable, it, arguments)
        ended = self.advance([frame])
        if ended is not None:
            return ended
        self.loop.iterations += 1
        answer = self.resume([frame], it)
        if self.settles and not self.begins and self.version is version:
            self.begins = 1  # it comes to that in each entry: CPython takes less time for an iteration
            self.listen()
        return answer

    def deoptimize(self, version: Version, answer: Answer, it: Any) -> Answer:
        """Native code was left by a side exit: go on in the register machine."""
        frames, way = self.frames_of(version, answer, ())
        root = frames[0]
        try:
            if answer[0] < 0:
                machine.take(frames, answer[-1])
        except machine.Raised as raised:
            return self.raised(raised, root)
        return self.resume(frames, it, version, way)

    def frames_of(self, version: Version, answer: Answer, before: Sequence[Any]) -> tuple[list[Frame], Exit]:
        """The frames behind a side exit, which is counted, and the exit; arguments as for `Border.behind`."""
        status = answer[0]
        number = status - SIDE_EXIT if status >= 0 else -1 - status
        way = version.unit.fn.exits[number]
        if way.code == ANOTHER:
            self.trial.stop()
            return self.border.behind(version, way, answer, before), way
        if stances.of(self.settings) == "fail_on_side_exit":
            raise SideExit(way.code, way.line)
        version.exits[number] += 1
        self.exits.note(way)
        frames = self.border.behind(version, way, answer, before)
        if status < 0:
            self.findings.profile.note_raised(frames[-1], answer[-1])
        return frames, way

    def resume(self, frames: list[Frame], it: Any, version: Version | None = None, way: Exit | None = None) -> Answer:
        """Run in the register machine to the header, enter native code again, and so on to the loop's end.

        Args:
            frames: where the machine stands: at the header, or behind the side exit `way` of `version`.
            it: the loop's iterator, in case that CPython must go on with it.
        """
        return self.trial.ended(self.resumed(frames, it, version, way))

    def resumed(self, frames: list[Frame], it: Any, version: Version | None, way: Exit | None) -> Answer:
        """As `resume`, under no clock."""
        before: Sequence[Any] = ()
        while True:
            frame = frames[0]
            if version is not None and way is not None:
                watcher = self.watcher(version, way)
                if watcher is not None:
                    watcher.behind(frames[-1])
                began = CLOCK.spent()
                with CLOCK.working():
                    ended = self.advance(frames, watcher)
                self.effort.left(CLOCK.spent() - began)
                if ended is not None:
                    if version is self.version and self.too_many(version, way):
                        self.ask_anew(version)
                    return keeping(ended, before)
                self.border.keep(frame, before)
                self.loop.iterations += 1
                if self.job is not None and not self.arrived() and self.is_in_the_way(version):
                    self.make_way()
                    return self.give_back(frame, it, self.pace.iterations())
                if self.job is None and version is self.version and self.too_many(version, way):
                    return self.widen(frame, it)
                handed = self.trial.turn(frame, it)
                if handed is not None:
                    return handed
            version = self.version
            if version is None:
                return self.give_back(frame, it)
            fresh, arguments = self.border.arguments(frame)
            before = self.border.results(frame)
            began = perf_counter()
            with CLOCK.away():
                answer: Answer = version.again(fresh, *arguments)
            self.effort.inside += perf_counter() - began
            if answer[0] in (EXHAUSTED, BROKE, RETURNED):
                return keeping(answer, before)
            if answer[0] == SIDE_EXIT:
                way = None
                if self.fall_back(version):
                    continue
                self.settles = False
                self.misses += 1
                if self.versions < self.settings.max_versions and self.job is None:
                    return self.widen(frame, it)
                return self.give_back(frame, it)
            frames, way = self.frames_of(version, answer, before)
            root = frames[0]
            try:
                if answer[0] < 0:
                    machine.take(frames, answer[-1])
            except machine.Raised as raised:
                return self.raised(raised, root)

    def watcher(self, version: Version, way: Exit) -> recorder.Recorder | None:
        """A recorder for the first runs behind an exit, so that the next version knows that path."""
        known = version.exits[way.number] > self.settings.widen_after or way.code == ANOTHER
        if known or self.versions >= self.settings.max_versions:
            return None
        if version.origin.executable is not self.findings.executable:
            return None
        return self.findings.recorder(self.settings.widen_after)

    def is_left_often(self, version: Version) -> bool:
        """Whether its side exits cost more than native code saves: until there is other code, CPython is faster."""
        if version.exits.total() * self.settings.rare_exits > version.iterations():
            return True
        # Iterations that take long are few: what follows their exits is told by the time that it takes.
        return self.effort.exceeds(version.exits.total()) and not self.settings.force_exit

    def is_in_the_way(self, version: Version) -> bool:
        """Whether CPython is to have the loop instead of a version, until the code that is under way has arrived."""
        return self.job is not None and self.version is version and self.is_left_often(version)

    def too_many(self, version: Version, way: Exit) -> bool:
        """Whether this exit, or all together, are so frequent that another version pays, or native code does not."""
        taken, forced = version.exits[way.number], self.settings.force_exit
        if not forced and self.is_too_much() and self.is_left_often(version):
            return True
        if not forced and version.exits.total() >= self.settings.exit_budget and self.is_left_often(version):
            return True
        if taken < self.settings.widen_after or (forced and taken < 1000):
            return False
        if not self.is_affordable() and not self.is_left_often(version):
            return False
        if (way.code in WIDENED or deopt.is_handled(way)) and self.versions < self.settings.max_versions:
            return True
        return taken * self.settings.rare_exits > version.iterations()

    def widen(self, frame: Frame, it: Any) -> Answer:
        """Record again with what is known by now, and compile another version; or give up."""
        if self.versions >= self.settings.max_versions:
            self.give_up(Unsupported("ZX040", self.site.node))
            return self.give_back(frame, it)
        versions = self.versions
        if not self.is_affordable() and self.version is not None and self.is_left_often(self.version):
            return self.postpone(frame, it, *LEDGER.due(self.settings))
        with CLOCK.working():
            # The version may be of code that was lowered before a statement was outlined.
            answer = self.record(moved(frame, self.findings.executable), it)
        if self.versions == versions and self.version is not None:
            self.ask_anew(self.version)  # the loop ended before there was anything to compile
        return answer

    def ask_anew(self, version: Version) -> None:
        """An entry has ended with one exit too many: record the next one, which is not to come to native code."""
        if self.job is None:
            self.asked_anew = True
            version.counters["leave"] = 1

    def renew(self, version: Version, it: Any, arguments: Sequence[Any]) -> Answer:
        """Record an entry and compile another version; or give up."""
        self.serve(version)
        if self.remaining(it) == 0:
            return (EXHAUSTED, None, *self.border.untouched)
        if self.versions >= self.settings.max_versions:
            return self.refuse(Unsupported("ZX040", self.site.node), it)
        return self.heat(it, arguments) if self.is_affordable() else self.onward(it)

    # --- leaving the region ----------------------------------------------------------------------------------

    def finish(self, outcome: machine.Outcome, frame: Frame) -> Answer:
        """The loop ended in the register machine."""
        if outcome.kind == "return":
            results = self.border.results(frame) if frame.machine.code.kept else self.border.untouched
            return (RETURNED, outcome.value, *results)
        return (outcome.status, None, *self.border.results(frame))

    def give_back(self, frame: Frame, it: Any, chunk: int = 0) -> Answer:
        """CPython goes on from the header where the register machine stands."""
        results = self.border.results(frame)
        if self.site.kind != "for":
            return (GO_ON, repeat(None, chunk) if chunk else None, *results)
        cursors.catch_up(it, cursor_of(frame))
        return (GO_ON, islice(it, chunk) if chunk else None, *results)

    def raised(self, raised: machine.Raised, root: Frame) -> Answer:
        """An exception leaves the region: the host raises it with the locals as they are now."""
        tracebacks.note(raised.error, deopt.trail(raised.frames))
        return (RAISED, raised.error, *self.border.results(root))

    def interrupted(self, error: BaseException, frame: Frame, it: Any) -> Answer:
        """A handler of signals has raised while nothing of the loop ran: it leaves with the locals as they are now."""
        if self.site.kind == "for":
            cursors.catch_up(it, cursor_of(frame))
        tracebacks.note(error, deopt.trail([(frame, frame.machine.program.header)]))
        return (RAISED, error, *self.border.results(frame))

    def report(self) -> RegionReport:
        """What became of the loop."""
        return account.report(self)
