"""The report of a profiler of Python functions: its counts, and what became of the loops, in the form of the model."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from zexus.frontend.tallies import CountedLoop, Tally
from zexus.jit.callers import CallWatch
from zexus.jit.explain import RegionReport
from zexus.jit.profiling import PythonProfiler
from zexus.report.collect import quality, read_sources, times_part
from zexus.report.inside import with_insides
from zexus.report.model import (
    BranchPart,
    CallsPart,
    ExitPart,
    FramePart,
    FunctionPart,
    InstructionPart,
    LinePart,
    LoopPart,
    Report,
    TimesPart,
    UncountedPart,
    merged,
)
from zexus.vm.profiler import ProfilingLevel, Times
from zexus.vm.profiling.timing import Watch
from zexus.vm.profiling.work import Run, Site, Work, busiest_first, own_times, spread

_NOTHING: Mapping[Hashable, float] = MappingProxyType({})
_CALLS = 1000  # ways to functions, at most
Regions = dict[tuple[str, int, str], RegionReport]


def collect_python(profiler: PythonProfiler) -> Report:
    """What a profiler of Python functions has counted by now."""
    regions = _regions(profiler)
    native_ns = profiler.native_ns
    found = [_Counted(tally, regions, native_ns) for tally in profiler.tallies if tally.calls]
    done = [one.work() for one in found]
    work, times = spread(done), own_times(done, {loop: run for one in found for loop, run in one.runs().items()})
    # Several instances of a nested function, or of a module, have tallies of their own.
    instructions = merged("instructions", (part for one in found for part in one.statements()))
    kinds: dict[str, int] = {}
    for part in instructions:
        kinds[part.opcode] = kinds.get(part.opcode, 0) + part.count
    loops = busiest_first(merged("loops", (part for one in found for part in one.loops(work, times))))
    return Report(
        unit="statements", level=profiler.level.name.lower(),  # type: ignore[arg-type]
        quality=quality(profiler.seconds),
        functions=merged("functions", (one.function() for one in found if one.tally.kind != "class")),
        loops=loops if profiler.level < ProfilingLevel.FULL else with_insides(loops, profiler.versions, profiler.sites),
        lines=_lines(found, instructions), instructions=instructions,
        branches=merged("branches", (part for one in found for part in one.branches())),
        calls=_calls(found),
        uncounted=[UncountedPart(file=one.filename, function=one.qualname, line=one.line, code=one.refusal.code,
                                 reason=one.refusal.reason) for one in profiler.uncounted],
        opcodes=dict(sorted(kinds.items(), key=lambda item: -item[1])),
        sources=read_sources({part.file for part in instructions}))


def _regions(profiler: PythonProfiler) -> Regions:
    """What became of each loop, by where it stands; of several instances of a function, the one that ran most."""
    found: Regions = {}
    for reporter in profiler.reporters:
        for region in reporter.reports():
            key = region.filename, region.first_line, region.kind
            if key not in found or found[key].iterations < region.iterations:
                found[key] = region
    return found


class _Counted:
    """A function, class body or module that was counted."""

    def __init__(self, tally: Tally, regions: Regions, native_ns: dict[tuple[str, int], int]) -> None:
        self.tally = tally
        self.counts = tally.counts()
        self._regions = regions
        self._native_ns = native_ns
        self._whole = regions.get((tally.filename, tally.def_line, "function"))
        self.tier = "native" if self._whole is not None and self._whole.tier == "native" else "python"

    def function(self) -> FunctionPart:
        tally = self.tally
        return FunctionPart(file=tally.filename, function=tally.qualname, line=tally.first_line, calls=tally.calls,
                            instructions=sum(self.counts), times=_times(tally.watch, tally.calls))

    def statements(self) -> list[InstructionPart]:
        tally = self.tally
        found = enumerate(zip(tally.statements, self.counts, tally.raised(), strict=True))
        return [InstructionPart(file=tally.filename, function=tally.qualname, index=index, line=one.line,
                                opcode=one.kind, count=count, raised=raised)
                for index, (one, count, raised) in found if count]

    def work(self) -> Work:
        """What it has done, in operations."""
        tally = self.tally
        *around, own = tally.qualname.split(".")
        found = Work(around[-1] if around and own == "__init__" else own)
        for number, (one, count) in enumerate(zip(tally.statements, self.counts, strict=True)):
            loop = self._innermost(one.line)
            key = id(loop) if loop is not None else id(tally) if self._whole is not None else None
            if loop is not None and loop.statement == number and one.kind == "While":
                count += self.counts[loop.body]  # each iteration begins with a test
            if key is None:
                found.outside += count * one.size
            else:
                found.loops[key] += count * one.size
            found.sites += (Site(name, count, key) for name in one.names)
        return found

    def _innermost(self, line: int) -> CountedLoop | None:
        """The innermost loop around a line."""
        statements = self.tally.statements
        return next((loop for loop in reversed(self.tally.loops)
                     if statements[loop.statement].line <= line <= statements[loop.statement].last_line), None)

    def runs(self) -> dict[Hashable, Run]:
        """The runs of its loops."""
        tally = self.tally
        found: dict[Hashable, Run] = {} if self._whole is None else {id(tally): Run(None, None)}
        around: list[CountedLoop] = []
        for loop in tally.loops:
            del around[loop.nesting:]
            watch = tally.watches.get(loop.statement)
            time_ns = watch.whole or None if isinstance(watch, Watch) else None
            found[id(loop)] = Run(id(around[-1]) if around else None, time_ns)
            around.append(loop)
        return found

    def loops(self, work: Mapping[Hashable, float] = _NOTHING, times: Mapping[Hashable, float] = _NOTHING) \
            -> list[LoopPart]:
        """Its loops. A function that calls itself is one, too: each call is an iteration.

        Args:
            work: how much each has done, as far as that is known.
            times: how long that took, as far as that is known.
        """
        tally, whole = self.tally, self._whole
        found = [self._loop(loop, work, times) for loop in tally.loops if self.counts[loop.statement]]
        if whole is None:
            return found
        own = LoopPart(file=tally.filename, function=tally.qualname, line=tally.def_line, nesting=0,
                       entries=tally.calls, iterations=tally.calls, work=round(work.get(id(tally), 0)), tier=self.tier,
                       times=_times(tally.watch, tally.calls), **_fate(whole),
                       native_iterations=min(whole.native_iterations, tally.calls))
        return [own, *found]

    def _loop(self, loop: CountedLoop, work: Mapping[Hashable, float], times: Mapping[Hashable, float]) -> LoopPart:
        tally, one = self.tally, self.tally.statements[loop.statement]
        region = self._region(loop)
        around = self._native_around(loop)
        iterations = self.counts[loop.body]
        known: dict[str, Any] = {}
        if region is not None:
            native = None if around is not None else min(region.native_iterations, iterations)
            code, reason, hint = region.code, region.reason, region.hint
            if around is not None and region.tier != "native":
                code, reason, hint = "ZX000", f"It runs inside the native code of the loop in line {around}.", ""
            known = {**_fate(region), "code": code, "reason": reason, "hint": hint, "native_iterations": native,
                     "native_ns": self._native_ns.get((tally.filename, one.line))}
        return LoopPart(
            file=tally.filename, function=tally.qualname, line=one.line, nesting=loop.nesting,
            entries=self.counts[loop.statement], iterations=iterations, work=round(work.get(id(loop), 0)),
            own_ns=round(times[id(loop)]) if id(loop) in times else None, tier=self.loop_tier(loop),
            times=_times(tally.watches.get(loop.statement), self.counts[loop.statement]), **known)

    def loop_tier(self, loop: CountedLoop) -> str:
        """On what a loop ran by the end: "native" or "python"."""
        region = self._region(loop)
        if self._native_around(loop) is not None or (region is not None and region.tier == "native"):
            return "native"
        return self.tier

    def _region(self, loop: CountedLoop) -> RegionReport | None:
        one = self.tally.statements[loop.statement]
        return self._regions.get((self.tally.filename, one.line, one.kind.lower()))

    def _native_around(self, loop: CountedLoop) -> int | None:
        """The line of a native loop around one."""
        depth = loop.nesting
        for other in reversed(self.tally.loops[:self.tally.loops.index(loop)]):
            if other.nesting < depth:
                depth = other.nesting
                region = self._region(other)
                if region is not None and region.tier == "native":
                    return self.tally.statements[other.statement].line
            if not depth:
                break
        return None

    def branches(self) -> list[BranchPart]:
        tally = self.tally
        found = []
        for branch in tally.branches:
            count, taken = self.counts[branch.test], self.counts[branch.first]
            one = tally.statements[branch.test]
            other = count - taken if branch.other is None else self.counts[branch.other]
            if count:
                found.append(BranchPart(file=tally.filename, function=tally.qualname, index=branch.test, line=one.line,
                                        opcode=one.kind, taken=taken, not_taken=max(other, 0)))
        return found

    def times(self) -> list[tuple[str, int, int]]:
        """File, line, and about how long what begins there took in all: of its loops, and of the function."""
        tally = self.tally
        watches = [(tally.def_line, tally.watch),
                   *((tally.statements[number].line, watch) for number, watch in tally.watches.items())]
        return [(tally.filename, line, watch.whole) for line, watch in watches
                if isinstance(watch, Watch) and watch.whole]

    def tier_of(self, line: int) -> str:
        """On what most of a line ran: that of the innermost loop around it."""
        loop = self._innermost(line)
        return self.tier if loop is None else self.loop_tier(loop)


def _fate(region: RegionReport) -> dict[str, Any]:
    """What became of a region, as fields of its part."""
    return {"versions": region.versions, "compile_ms": region.compile_ms, "code": region.code, "reason": region.reason,
            "hint": region.hint,
            "exits": [ExitPart(code=code, line=line, count=count) for code, line, count in region.exits]}


def _lines(found: Iterable[_Counted], statements: Iterable[InstructionPart]) -> list[LinePart]:
    """The lines on which statements begin."""
    tiers = {(one.tally.filename, statement.line): one.tier_of(statement.line)
             for one in found for statement in one.tally.statements}
    lines: dict[tuple[str, int], LinePart] = {}
    for part in statements:
        key = part.file, part.line
        known = lines.get(key) or LinePart(file=part.file, line=part.line, count=0, instructions=0, tier=tiers[key])
        lines[key] = known.model_copy(update={
            "count": max(known.count, part.count), "instructions": known.instructions + part.count,
            "raised": known.raised + part.raised})
    for file, line, time_ns in (timed for one in found for timed in one.times()):
        if (file, line) in lines:
            before = lines[file, line].time_ns or 0
            lines[file, line] = lines[file, line].model_copy(update={"time_ns": before + time_ns})
    for one in found:
        for loop in one.loops():
            for left in loop.exits:
                if (loop.file, left.line) in lines:
                    own = lines[loop.file, left.line]
                    lines[loop.file, left.line] = own.model_copy(update={"exits": [*own.exits, left]})
    return [lines[key] for key in sorted(lines)]


def _calls(found: Iterable[_Counted]) -> list[CallsPart]:
    """The calls that were timed, by the counted functions that they came from."""
    known = {(one.tally.filename, one.tally.qualname) for one in found}
    parts = []
    for one in found:
        watch, own = one.tally.watch, (one.tally.filename, one.tally.qualname)
        for chain, calls in watch.chains.items() if isinstance(watch, CallWatch) else ():
            stack: list[tuple[str, str]] = []
            for frame in (*(frame for frame in reversed(chain) if frame in known), own):
                del stack[stack.index(frame) if frame in stack else len(stack):]  # what calls itself stands once
                stack.append(frame)
            frames = [FramePart(file=file, function=name) for file, name in stack]
            parts.append(CallsPart(stack=frames, time_ns=calls.time_ns, timed=calls.timed))
    return sorted(merged("calls", parts), key=lambda part: -part.time_ns)[:_CALLS]


def _times(watch: Any, runs: int) -> TimesPart | None:
    """What a watch has noted of so many calls or runs of a loop, some of which native code may have taken in."""
    if not isinstance(watch, Watch) or not watch.times.count + watch.short:
        return None
    part = times_part(Times(watch.times, watch.short, watch.whole))
    timed = watch.times.count + watch.short
    return None if part is None else part.model_copy(update={"runs": max(timed, min(watch.asked, runs))})
