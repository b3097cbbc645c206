"""The report of a profiler: its counts in the form of the model."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict

from zexus import __version__
from zexus.report.costs import costs
from zexus.report.model import (
    BranchPart,
    FunctionPart,
    InstructionPart,
    LinePart,
    LoopPart,
    MovedPart,
    PathPart,
    PoolPart,
    Quality,
    Report,
    TimesPart,
)
from zexus.vm.memory_pool import PoolStats
from zexus.vm.profiler import InstructionProfiler, Times


def collect(profiler: InstructionProfiler, threshold: int = 1, pools: Mapping[str, PoolStats] | None = None) -> Report:
    """What a profiler has counted.

    Args:
        profiler: of a VM.
        threshold: how many iterations make a loop worth telling.
        pools: of the VM, by name.
    """
    instructions = [one for one in profiler.instructions() if one.count]
    lines: dict[tuple[str, int], LinePart] = {}
    for one in instructions:
        known = lines.get((one.filename, one.line))
        count, executed, raised = (known.count, known.instructions, known.raised) if known else (0, 0, 0)
        lines[one.filename, one.line] = LinePart(
            file=one.filename, line=one.line, count=max(count, one.count), instructions=executed + one.count,
            raised=raised + one.raised, tier=one.tier)
    return Report(
        level=profiler.level.name.lower(),  # type: ignore[arg-type]
        quality=quality(profiler.seconds),
        functions=[FunctionPart(file=one.filename, function=one.function, line=one.line, calls=one.calls,
                                instructions=one.instructions, times=times_part(one.times))
                   for one in profiler.functions()],
        loops=[LoopPart(file=loop.filename, function=loop.function, line=loop.first_line, nesting=loop.nesting,
                        entries=loop.entries, iterations=loop.iterations, work=loop.work, own_ns=loop.own_ns,
                        tier=loop.tier, times=times_part(loop.times))
               for loop in profiler.hot_loops(threshold)],
        lines=list(lines.values()),
        instructions=[InstructionPart(file=one.filename, function=one.function, index=one.index, line=one.line,
                                      opcode=one.opcode, count=one.count, raised=one.raised) for one in instructions],
        branches=[BranchPart(file=one.filename, function=one.function, index=one.index, line=one.line,
                             opcode=one.opcode, taken=one.taken, not_taken=one.not_taken)
                  for one in profiler.branches() if one.taken or one.not_taken],
        paths=[PathPart(file=one.filename, function=one.function, lines=list(one.lines), count=one.count)
               for one in profiler.paths()],
        moved=[MovedPart(file=one.filename, function=one.function, index=one.index, line=one.line, opcode=one.opcode,
                         container=one.container, count=one.count, bytes=one.count * one.size)
               for one in profiler.moved()],
        pools=[PoolPart(name=name, **asdict(stats)) for name, stats in (pools or {}).items()
               if stats.requests or stats.releases],
        costs=costs(profiler.sections()), opcodes=dict(profiler.opcodes().most_common()),
        memory=dict(sorted(profiler.memory().items())),
        sources=read_sources({one.filename for one in instructions}))


def quality(seconds: float) -> Quality:
    """How the figures of this process came about."""
    return Quality(seconds=seconds, python=[platform.python_version()], zexus=[__version__],
                   platform=[platform.platform()], machine=[platform.machine()])


def times_part(times: Times | None) -> TimesPart | None:
    """Times in the form of the model."""
    if times is None:
        return None
    found = times.histogram
    return TimesPart(timed=found.count, short=times.short, whole=times.whole,
                     least=found.least, greatest=found.greatest, sum=found.sum,
                     buckets={str(number): count for number, count in sorted(found.buckets.items())})


def read_sources(files: set[str]) -> dict[str, str]:
    """The texts of those files that can be read."""
    found = {}
    for name in sorted(files):
        if not os.path.isfile(name):
            continue
        try:
            with open(name, encoding="utf-8") as file:
                found[name] = file.read()
        except (OSError, UnicodeDecodeError):
            continue
    return found
