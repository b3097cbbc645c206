"""The profiler: exact counts of what bytecode programs execute, and the loop counters that the tracing tier reads."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from enum import IntEnum

from zexus.bytecode import Code, Module, split
from zexus.vm.profiling.counting import Counted, Tallies, counted_module
from zexus.vm.profiling.flow import Counts, Loop
from zexus.vm.profiling.hot import HotLoop, hot_loops, watch
from zexus.vm.profiling.sections import Section, sections
from zexus.vm.profiling.stats import (
    MEMORY,
    BranchStats,
    FunctionStats,
    InstructionStats,
    MovedStats,
    PathStats,
    Times,
)
from zexus.vm.profiling.timing import Watch
from zexus.vm.profiling.watching import WATCHING, Timed
from zexus.vm.profiling.work import Run, Site, Work, busiest_first, own_times, spread
from zexus.vm.tracebacks import Spot

__all__ = ["BranchStats", "FunctionStats", "HotLoop", "InstructionProfiler", "InstructionStats", "MovedStats",
           "PathStats", "ProfilingLevel", "Section", "Times", "hot_loops", "watch"]


class ProfilingLevel(IntEnum):
    """How much the profiler notes.

    NONE nothing; BASIC exact counts, of which branches, memory operations and loops follow; DETAILED times of calls and
    of loops, too; FULL the paths that control takes as well.
    """

    NONE = 0
    BASIC = 1
    DETAILED = 2
    FULL = 3

    @classmethod
    def of(cls, level: ProfilingLevel | str | int) -> ProfilingLevel:
        """A level by its name or number.

        Raises:
            ValueError: there is no such level.
        """
        try:
            return cls[level.upper()] if isinstance(level, str) else cls(level)
        except (KeyError, ValueError):
            known = ", ".join(cls.__members__)
            raise ValueError(f"unknown profiling level {level!r}; levels are {known}") from None


NativeLoops = Callable[[], "list[tuple[Spot, int]]"]


class InstructionProfiler:
    """Counts what programs execute, instruction by instruction, and exactly.

    The programs count themselves: `prepare` puts counters on the edges of their control flow from which all other
    counts follow. A call that has not ended yet is not wholly counted.

    Attributes:
        level: what is noted of the programs that are prepared from now on.
        tallies: the counters.
        seconds: of wall time, how long it has been on.
        native: where loops go native, says which of them do.
    """

    def __init__(self, level: ProfilingLevel | str | int = ProfilingLevel.BASIC,
                 tallies: Tallies | None = None, native: NativeLoops | None = None) -> None:
        """
        Args:
            level: a ProfilingLevel, its name or its number.
            tallies: what the machines count in that will run the programs.
            native: where loops go native, says which of them do now: an instruction in each, and how many iterations
                of it did not. Then fewer of them are timed.

        Raises:
            ValueError: an unknown level.
        """
        self.level = ProfilingLevel.of(level)
        self.tallies = Tallies() if tallies is None else tallies
        self.native = native
        self._counted: list[Counted] = []
        self._counters = 0
        self._known: dict[Counted, Counts] = {}  # what is being told of
        self._seconds = 0.0
        self._started: float | None = None

    @property
    def seconds(self) -> float:
        running = 0.0 if self._started is None else time.perf_counter() - self._started
        return self._seconds + running

    def start(self) -> None:
        """Take the time from now on."""
        if self._started is None:
            self._started = time.perf_counter()

    def stop(self) -> None:
        """Take no time any more."""
        self._seconds = self.seconds
        self._started = None

    @property
    def _timed(self) -> Timed:
        if self.level < ProfilingLevel.DETAILED:
            return Timed.NOTHING
        return Timed.LOOPS if self.native is None else Timed.ENTRIES

    def prepare(self, module: Module, limited: bool = False) -> Module:
        """A module of the same functions that count what they execute; the very same one where nothing is noted.

        Args:
            module: which has been verified.
            limited: whether they are to spend the budget of a run, too.
        """
        if self.level == ProfilingLevel.NONE:
            return module
        made, counted = counted_module(module, self._counters, limited, self._timed,
                                       self.level >= ProfilingLevel.FULL)
        self._counters += sum(len(one.numbers) for one in counted)
        self.tallies.resize(self._counters)
        self._counted += counted
        return made

    def reset(self) -> None:
        """Begin with all counts at nothing; programs that are prepared go on counting."""
        self.tallies.clear()
        for one in self._counted:
            one.clear()
        self._seconds = 0.0
        if self._started is not None:
            self._started = time.perf_counter()

    # --- what was counted -----------------------------------------------------------------------------------

    def instructions(self) -> list[InstructionStats]:
        """Every instruction of the programs, in their order."""
        found = []
        for one, counts in self._counts():
            code = one.written
            tiers = self._tiers(one)
            for at, index in enumerate(one.written_at):
                if index >= 0:
                    found.append(InstructionStats(
                        code.filename, code.qualname, index, _line(code, index), code.instructions[index].op,
                        counts.instructions[at], counts.raised[at], tiers[at]))
        return found

    def branches(self) -> list[BranchStats]:
        """Every branch of the programs, in their order."""
        found = []
        for one, counts in self._counts():
            code = one.written
            for block in one.flow.blocks:
                ways = one.flow.branch(block)
                if ways is None:
                    continue
                index = one.written_at[block.stop - 1]
                found.append(BranchStats(code.filename, code.qualname, index, _line(code, index),
                                         code.instructions[index].op, *(counts.edges[way] for way in ways)))
        return found

    def functions(self) -> list[FunctionStats]:
        """The functions that were called, in the order of the programs."""
        found = []
        for one, counts in self._counts():
            code, calls = one.written, counts.edges[one.flow.edges[0]]
            if calls:
                own = sum(times for times, index in zip(counts.instructions, one.written_at, strict=True) if index >= 0)
                found.append(FunctionStats(code.filename, code.qualname, code.first_line, calls, own,
                                           _times(one.watch)))
        return found

    def hot_loops(self, threshold: int = 1000) -> list[HotLoop]:
        """The loops whose back edges were taken at least so often, the busiest first.

        These are those that take most time themselves, where that is known, or execute most.
        """
        found = []
        known = self._counts()
        done = [_work(one, counts) for one, counts in known]
        work = spread(done)
        times = own_times(done, {loop: _run(one, counts, loop) for one, counts in known for loop in one.flow.loops})
        for one, counts in known:
            code = one.written
            for loop in one.flow.loops:
                iterations = sum(counts.edges[edge] for edge in loop.back)
                if iterations < threshold:
                    continue
                entries = counts.blocks[loop.header] - iterations
                found.append(HotLoop(code.filename, code.qualname, self._place(one, loop), loop.depth - 1, entries,
                                     iterations, tier=self._machine(one, loop),
                                     times=_times(one.watches.get(loop)), work=round(work.get(loop, 0)),
                                    own_ns=round(times[loop]) if loop in times else None))
        return busiest_first(found)

    def sections(self) -> list[Section]:
        """The timed loops and functions, each without what is timed inside it; none where loops go native.

        Inside of what is timed then, some run as native code, and the time is in what is compiled, too.
        """
        return [] if self.native is not None else list(sections(self._counts(), self._machine, self._place))

    def paths(self) -> list[PathStats]:
        """The paths that were taken from end to end, the most frequent ones first."""
        found = []
        for one, counts in self._counts():
            if one.paths is None:
                continue
            for number, times in enumerate(one.paths.taken(counts.edges)):
                if times:
                    found.append(PathStats(one.written.filename, one.written.qualname, tuple(
                        _line(one.written, one.written_at[_first(one, block)])
                        for block in one.paths.paths.blocks(one.flow, number)), times))
        return sorted(found, key=lambda path: -path.count)

    def moved(self) -> list[MovedStats]:
        """The instructions that moved items, where what they moved them from or to was seen to be always the same."""
        found = []
        for one, counts in self._counts():
            code = one.written
            for at, look in one.containers.items():
                index, kind = one.written_at[at], look.kind
                count = counts.instructions[at] - counts.raised[at]
                if kind is not None and count:
                    found.append(MovedStats(code.filename, code.qualname, index, _line(code, index),
                                            code.instructions[index].op, kind[0], count, kind[1]))
        return found

    def opcodes(self) -> Counter[str]:
        """How often each opcode was executed; of fused ones, their parts."""
        found: Counter[str] = Counter()
        for one, counts in self._counts():
            for at, index in enumerate(one.written_at):
                if index >= 0 and counts.instructions[at]:
                    for part in split(one.written.instructions[index]):
                        found[part.op] += counts.instructions[at]
        return found

    def memory(self) -> dict[str, int]:
        """How often memory was read, written and allocated, by what: "local loads", "item stores" and so on."""
        found: Counter[str] = Counter()
        for op, times in self.opcodes().items():
            kind = MEMORY.get(op)
            if kind is not None:
                found[kind] += times
        return dict(found)

    def _counts(self) -> list[tuple[Counted, Counts]]:
        self._known = {}
        return [(one, one.counts(self.tallies, self._known)) for one in self._counted]

    def _natively(self, one: Counted, loop: Loop) -> bool:
        """Whether most iterations of a loop ran as native code, by itself or in a loop around it."""
        if self.native is None:
            return False
        numbers = {id(spot): number for number, block in enumerate(one.flow.blocks)
                   for spot in one.spots[block.start:block.stop]}
        for spot, others in self.native():
            number = numbers.get(id(spot))
            entered = next((outer for outer in reversed(one.flow.loops) if number in outer.blocks), None)
            if entered is None or loop.header not in entered.blocks:
                continue
            edges = one.counts(self.tallies, self._known).edges
            if sum(edges[edge] for edge in entered.back) >= 2 * others:
                return True
        return False

    def _place(self, one: Counted, loop: Loop | None) -> int:
        """The line on which a loop or a function begins."""
        if loop is None:
            return one.written.first_line
        return _line(one.written, one.written_at[one.flow.blocks[loop.header].start])

    def _machine(self, one: Counted, loop: Loop | None = None) -> str:
        """The machine that has run most of a loop, or of a function."""
        if loop is not None and self._natively(one, loop):
            return "native"
        inside = one.numbers if loop is None else [
            number for edge, number in one.counters.items() if {edge.source, edge.target} <= loop.blocks]
        most: Counter[str] = Counter()
        for number in inside:
            most[self.tallies.machine(number)] += self.tallies.passed(number)
        if most.total():
            return most.most_common(1)[0][0]
        if loop is not None and not inside:
            return self._machine(one)
        # Without a counter of its own it runs where its callers do: none of them leads back to it.
        return next((self._machine(caller) for caller, _ in one.callers if caller is not one), "stack")

    def _tiers(self, one: Counted) -> list[str]:
        """For each instruction, the machine that has run most of the innermost loop around it, or of the function."""
        found = [self._machine(one)] * len(one.written_at)
        for loop in one.flow.loops:
            machine = self._machine(one, loop)
            for number in loop.blocks:
                block = one.flow.blocks[number]
                found[block.start:block.stop] = [machine] * (block.stop - block.start)
        return found


def _work(one: Counted, counts: Counts) -> Work:
    """What a function has done."""
    work = Work(one.written.name)
    around: dict[int, Loop | None] = {}
    for number, block in enumerate(one.flow.blocks):
        loop = next((loop for loop in reversed(one.flow.loops) if number in loop.blocks), None)
        executed = sum(counts.instructions[block.start:block.stop])
        if loop is None:
            work.outside += executed
        else:
            work.loops[loop] += executed
        around.update(dict.fromkeys(range(block.start, block.stop), loop))
    work.sites = [Site(call.name, counts.instructions[call.call], around[call.call]) for call in one.calls]
    return work


def _run(one: Counted, counts: Counts, loop: Loop) -> Run:
    """The runs of a loop."""
    watch = one.watches.get(loop)
    if watch is None or not watch.whole:
        return Run(loop.parent, None)
    entries = counts.blocks[loop.header] - sum(counts.edges[edge] for edge in loop.back)
    return Run(loop.parent, watch.whole, entries * WATCHING)


def _line(code: Code, index: int) -> int:
    position = code.instructions[index].position
    return code.first_line if position is None else int(position.line)


def _first(one: Counted, block: int) -> int:
    """The first instruction of a block that the program has itself."""
    start = one.flow.blocks[block].start
    return start if one.written_at[start] >= 0 else start + 1


def _times(watch: Watch | None) -> Times | None:
    """What a watch has noted, if it has."""
    if watch is None or not watch.times.count + watch.short:
        return None
    return Times(watch.times, watch.short, watch.whole)
