"""The model of a report: what was counted and timed, by file, function, line and instruction. Its JSON is versioned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from zexus.vm.profiling.histogram import Histogram

VERSION = 3  # of the form; a reader refuses others
Stage = Literal["code", "ssa", "trace", "llvm"]
_Part = TypeVar("_Part", bound="Part")


class Part(BaseModel):
    """What the parts of a report have in common: no conversions, no unknown keys, no changes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Quality(Part):
    """How the figures came about.

    Attributes:
        processes: how many processes they are of.
        seconds: of wall time, while the profiler was on; of all processes together.
        python, zexus, platform, machine: what they ran on; several, where they differ between processes.
    """

    processes: int = Field(default=1, ge=1)
    seconds: float = Field(default=0.0, ge=0)
    python: list[str] = []
    zexus: list[str] = []
    platform: list[str] = []
    machine: list[str] = []


class TimesPart(Part):
    """How long something took, ns, of those that were timed.

    Attributes:
        timed: how many these are.
        runs: for how many they stand, where that is not all: what runs as part of native code around it is not timed.
        short: how many more were too short for the clock.
        whole: about how long all took, those that were not timed included. Where calls are told by who called them,
            the time of calls from inside another call of the same function is part of that one's, and not added.
        least, greatest, sum: of the times.
        buckets: how many there are in each bucket of `zexus.vm.profiling.histogram`, by its number.
    """

    timed: int = Field(ge=0)
    short: int = Field(default=0, ge=0)
    whole: int = Field(default=0, ge=0)
    runs: int | None = Field(default=None, ge=0)
    least: int = Field(ge=0)
    greatest: int = Field(ge=0)
    sum: int = Field(ge=0)
    buckets: dict[Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,8})$")], Annotated[int, Field(ge=0)]] = {}

    @property
    def histogram(self) -> Histogram:
        """The times as what gives quantiles."""
        return Histogram(self.timed, self.least, self.greatest, self.sum,
                         {int(number): count for number, count in self.buckets.items()})

    @classmethod
    def merge(cls, parts: Sequence[TimesPart]) -> TimesPart:
        """The times of all parts together."""
        found = Histogram()
        for part in parts:
            found = found.merge(part.histogram)
        runs = [part.runs for part in parts if part.runs is not None]
        return cls(timed=found.count, short=sum(part.short for part in parts),
                   whole=sum(part.whole for part in parts), runs=sum(runs) if runs else None,
                   least=found.least, greatest=found.greatest, sum=found.sum,
                   buckets={str(number): count for number, count in sorted(found.buckets.items())})


class ExitPart(Part):
    """Side exits of native code on a line: a key of `zexus.codes.CODES`, and how many."""

    code: str
    line: int
    count: int = Field(ge=0)


class FormPart(Part):
    """A form of a loop on its way to machine code, as text.

    Attributes:
        stage: bytecode in stack form, that as SSA, the typed trace, or the LLVM assembly made of it.
        text: its first rows.
        rest: how many rows have been left out.
    """

    stage: Stage
    text: str
    rest: int = Field(default=0, ge=0)


class VectorPart(Part):
    """What LLVM makes of an innermost loop in native code.

    Attributes:
        file, line: where the loop stands.
        vectorized: whether it works on several iterations at once.
        reason: how many, or why not, as a sentence.
        hint, tradeoff: what can be done about it, and what would help but change results; "" for nothing.
    """

    file: str
    line: int
    vectorized: bool
    reason: str
    hint: str = ""
    tradeoff: str = ""


class FunctionPart(Part):
    """A function: how often it was called, how many instructions of its own it executed, how long calls took."""

    file: str
    function: str
    line: int
    calls: int = Field(ge=0)
    instructions: int = Field(ge=0)
    times: TimesPart | None = None


class LoopPart(Part):
    """A loop: how often it was entered, how many iterations it ran, on what most of them, how long its runs took.

    Attributes:
        work: about how many instructions were executed in it, without the loops inside it, but with what it calls; of
            a loop in Python, about how many operations.
        own_ns: about how long that took, where it is known.
        native_iterations: of a loop in Python, how many of them ran as native code that was entered at this very loop;
            None where they cannot be told from those of the loop around it.
        native_ns: the time spent in the tracing tier from there, where it was measured: recording the loop, making its
            code as far as the program waits for that, and running it with what it calls.
        exits: where that code was left before the loop's end.
        versions, compile_ms: how often it was compiled, and how long that took.
        code, reason, hint: why it runs where it runs, as in `zexus why`.
        forms: of the native code, as it ran: with the profiler's counters in it; of what CPython runs the first two.
        vectorization: what LLVM makes of the innermost loops in it.
    """

    file: str
    function: str
    line: int
    nesting: int = Field(ge=0)
    entries: int = Field(ge=0)
    iterations: int = Field(ge=0)
    work: int = Field(default=0, ge=0)
    own_ns: int | None = Field(default=None, ge=0)
    tier: str
    times: TimesPart | None = None
    native_iterations: int | None = Field(default=None, ge=0)
    native_ns: int | None = Field(default=None, ge=0)
    exits: list[ExitPart] = []
    versions: int = Field(default=0, ge=0)
    compile_ms: float = Field(default=0.0, ge=0)
    code: str = ""
    reason: str = ""
    hint: str = ""
    forms: list[FormPart] = []
    vectorization: list[VectorPart] = []


class FramePart(Part):
    """A function in a chain of callers."""

    file: str
    function: str


class CallsPart(Part):
    """Calls of a function that came the same way, as far as they were timed.

    Attributes:
        stack: who called, the outermost first, the function itself last.
        time_ns: about how long they took with all that they called, those that were not timed included.
        timed: how many of them were timed.
    """

    stack: list[FramePart] = Field(min_length=1)
    time_ns: int = Field(ge=0)
    timed: int = Field(ge=0)


class LinePart(Part):
    """A source line: how often it was begun, the instructions executed there, the exceptions that left it, the tier.

    Attributes:
        time_ns: about how long the loops and functions took that begin there; None where nothing was measured.
        exits: the side exits of native code there.
    """

    file: str
    line: int
    count: int = Field(ge=0)
    instructions: int = Field(ge=0)
    raised: int = Field(default=0, ge=0)
    tier: str = ""
    time_ns: int | None = Field(default=None, ge=0)
    exits: list[ExitPart] = []


class InstructionPart(Part):
    """An instruction that was executed; `raised` counts the exceptions that left it."""

    file: str
    function: str
    index: int = Field(ge=0)
    line: int
    opcode: str
    count: int = Field(ge=0)
    raised: int = Field(default=0, ge=0)


class BranchPart(Part):
    """A branch: how often control jumped there, and how often it went on behind it."""

    file: str
    function: str
    index: int = Field(ge=0)
    line: int
    opcode: str
    taken: int = Field(ge=0)
    not_taken: int = Field(ge=0)


class MovedPart(Part):
    """An instruction of bytecode that reads or writes items of a container that was seen to be always of one kind.

    Attributes:
        file, function, index, line, opcode: where it stands.
        container: what that is, as "float64 array".
        count, bytes: how many items it moved, and how many bytes these are; of lists and tuples, references.
    """

    file: str
    function: str
    index: int = Field(ge=0)
    line: int
    opcode: str
    container: str
    count: int = Field(ge=0)
    bytes: int = Field(ge=0)


class PathPart(Part):
    """A path through a function or an iteration of a loop: the lines on which its basic blocks begin, how often."""

    file: str
    function: str
    lines: list[int]
    count: int = Field(ge=0)


class CostPart(Part):
    """What an opcode of a bytecode program costs on a machine: an estimate, from the times of sections.

    Attributes:
        machine: the machine.
        opcode: the opcode; what a call of an unknown function does is part of its cost.
        count: how often it was executed in those sections.
        time_ns: about how long all of these took.
        sections: in how many of them it was executed: the fewer, the less is known.
    """

    machine: str
    opcode: str
    count: int = Field(ge=0)
    time_ns: int = Field(ge=0)
    sections: int = Field(ge=0)


class PoolPart(Part):
    """What a pool of a VM has done, as `zexus.vm.memory_pool.PoolStats` counts it."""

    name: str
    hits: int = Field(ge=0)
    misses: int = Field(ge=0)
    reuses: int = Field(ge=0)
    evictions: int = Field(ge=0)
    releases: int = Field(ge=0)


class UncountedPart(Part):
    """A function that could not be counted: a key of `zexus.codes.CODES`, and what exactly was met."""

    file: str
    function: str
    line: int
    code: str
    reason: str


class Report(Part):
    """What a run did.

    Attributes:
        format, version: by which a reader knows what it has.
        unit: what was counted: instructions of bytecode, or statements of Python.
        level: what was noted: "none", "basic", "detailed" or "full".
        quality: how the figures came about.
        functions, loops, lines, instructions, branches: what was executed, in the order of the program.
        paths: the ways that control took, the most frequent ones first.
        moved: what was read from containers and written to them, where that is known.
        calls: of functions in Python, by who called them, those that took longest first.
        costs: of opcodes, estimated, where a program in bytecode was timed.
        pools: of the VM, those that were asked.
        uncounted: the functions that were to be counted and could not be.
        opcodes, memory: how often each opcode (or kind of statement) and each kind of access to memory was executed.
        sources: the text of the files, as far as they could be read and are to be shown.
    """

    format: Literal["zexus-report"] = "zexus-report"
    version: Literal[3] = 3
    unit: Literal["instructions", "statements"] = "instructions"
    level: Literal["none", "basic", "detailed", "full"] = "none"
    quality: Quality = Quality()
    functions: list[FunctionPart] = []
    loops: list[LoopPart] = []
    lines: list[LinePart] = []
    instructions: list[InstructionPart] = []
    branches: list[BranchPart] = []
    paths: list[PathPart] = []
    moved: list[MovedPart] = []
    calls: list[CallsPart] = []
    costs: list[CostPart] = []
    pools: list[PoolPart] = []
    uncounted: list[UncountedPart] = []
    opcodes: dict[str, int] = {}
    memory: dict[str, int] = {}
    sources: dict[str, str] = {}

    @property
    def executed(self) -> int:
        """How many instructions were executed."""
        return sum(self.opcodes.values())

    def without_source(self) -> Report:
        """The same without the text of the files, and without what was made of it."""
        loops = [loop.model_copy(update={"forms": []}) for loop in self.loops]
        return self.model_copy(update={"sources": {}, "loops": loops})

    @classmethod
    def merge(cls, reports: Sequence[Report]) -> Report:
        """One report of several processes: counts of the same place are added up.

        Raises:
            ValueError: there is none, or they note different things.
        """
        if not reports:
            raise ValueError("there is no report to merge")
        levels = sorted({report.level for report in reports})
        if len(levels) > 1:
            raise ValueError(f"reports of different levels cannot be merged: {', '.join(levels)}")
        units = sorted({report.unit for report in reports})
        if len(units) > 1:
            raise ValueError(f"reports of different things cannot be merged: {', '.join(units)}")
        merged: dict[str, Any] = {
            name: _merged([part for report in reports for part in getattr(report, name)], key)
            for name, key in _KEYS.items()}
        quality = [report.quality for report in reports]
        names = {name: sorted({one for part in quality for one in getattr(part, name)})
                 for name in ("python", "zexus", "platform", "machine")}
        return cls(
            unit=reports[0].unit, level=reports[0].level,
            quality=Quality(processes=sum(part.processes for part in quality),
                            seconds=sum(part.seconds for part in quality), **names),
            **merged,
            opcodes=_added(report.opcodes for report in reports), memory=_added(report.memory for report in reports),
            sources={file: text for report in reports for file, text in report.sources.items()})


# What is the same place in two reports.
_KEYS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "functions": lambda part: (part.file, part.function, part.line),
    "loops": lambda part: (part.file, part.function, part.line, part.nesting),
    "lines": lambda part: (part.file, part.line),
    "instructions": lambda part: (part.file, part.function, part.index, part.opcode),
    "paths": lambda part: (part.file, part.function, *part.lines),
    "calls": lambda part: tuple((one.file, one.function) for one in part.stack),
    "branches": lambda part: (part.file, part.function, part.index, part.opcode),
    "costs": lambda part: (part.machine, part.opcode),
    "pools": lambda part: (part.name,),
    "moved": lambda part: (part.file, part.function, part.index, part.opcode, part.container),
    "uncounted": lambda part: (part.file, part.function, part.line, part.code),
}
_SUMMED = frozenset(("calls", "instructions", "entries", "iterations", "work", "count", "raised", "taken", "not_taken",
                     "versions", "compile_ms", "timed", "sections", "hits", "misses", "reuses", "evictions",
                     "releases", "bytes"))
_MEASURED = frozenset(("time_ns", "native_ns", "own_ns", "native_iterations"))  # None where nothing was


def merged(name: str, parts: Iterable[_Part]) -> list[_Part]:
    """Parts of a report's list of that name: those of the same place as one."""
    return _merged(parts, _KEYS[name])


def _merged(parts: Iterable[_Part], key: Callable[[Any], tuple[Any, ...]]) -> list[_Part]:
    """Parts of the same place as one, in the order in which they come first."""
    found: dict[tuple[Any, ...], list[_Part]] = {}
    for part in parts:
        found.setdefault(key(part), []).append(part)
    made = []
    for same in found.values():
        fields = type(same[0]).model_fields
        sums: dict[str, Any] = {name: sum(getattr(part, name) for part in same) for name in fields if name in _SUMMED}
        most = max(same, key=lambda part: getattr(part, "iterations", 0))  # for the tier of most iterations
        for name in _MEASURED.intersection(fields):
            known = [value for part in same if (value := getattr(part, name)) is not None]
            sums[name] = sum(known) if known else None
        if "exits" in fields:
            sums["exits"] = _merged((one for part in same for one in getattr(part, "exits")),  # noqa: B009
                                    lambda one: (one.code, one.line))
        timed = [part.times for part in same if getattr(part, "times", None) is not None]  # type: ignore[attr-defined]
        if timed:
            sums["times"] = TimesPart.merge(timed)
        made.append(most.model_copy(update=sums))
    return made


def _added(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in counts:
        for name, times in one.items():
            found[name] = found.get(name, 0) + times
    return found
