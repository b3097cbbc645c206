"""Whether the profile of a program names the loop as the busiest one in which the wall clock sees most of its time.

The clock asks where an unprofiled run is, a thousand times a second of processor time (SIGPROF): CPython for functions
in Python, the stack machine for programs in bytecode. A sample is the innermost loop around the line that runs, or
around the call that has led there. What the profile says comes from another run, with native code where there is any.
"""

from __future__ import annotations

import ast
import signal
import time
import types
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import catalog
import machines
import python_profilers

from zexus.bytecode import Code
from zexus.report.collect import collect
from zexus.report.model import Report
from zexus.report.python import collect_python
from zexus.vm.profiling.flow import Flow
from zexus.vm.stack import StackMachine
from zexus.vm.vm import VM

SECONDS = 1.0  # of samples a program
INTERVAL = 0.001
WARM = 3  # calls before one is profiled: its native code has been compiled then
FEW = 0.1  # of all samples: loops whose shares differ by less than this are as hot as each other

WORDS = {True: "yes", False: "no", None: "no loop"}

# Where a run is: places, whatever names them, the innermost one first.
Stack = tuple[tuple[Any, int], ...]


@dataclass(frozen=True)
class Verdict:
    """What both say of a program.

    Attributes:
        name: of the program.
        clock, share: the line of the loop that had most samples, and how many of all; 0 where none had any.
        profile, profile_share: that of the loop that the profile calls the busiest, and how many samples that had.
    """

    name: str
    clock: int
    share: float
    profile: int
    profile_share: float

    @property
    def agrees(self) -> bool | None:
        """Whether it is the same loop, or one in which the clock sees as much; None where it sees none."""
        return (self.clock == self.profile or self.share - self.profile_share < FEW) if self.clock else None


def sampled(call: Callable[[], Any], where: Callable[[types.FrameType], Stack],
            loop: Callable[[Any, int], int | None]) -> Counter[int]:
    """How many samples fell into each loop, by its line; 0 for outside of loops.

    Args:
        call: what runs.
        where: where a frame of the host is in the program.
        loop: the line of the innermost loop around a place, None where there is none.
    """
    stacks: Counter[Stack] = Counter()

    def note(number: int, frame: types.FrameType | None) -> None:
        if frame is not None:
            stacks[where(frame)] += 1

    before = signal.signal(signal.SIGPROF, note)
    try:
        until = time.process_time() + SECONDS
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        while time.process_time() < until:
            call()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    found: Counter[int] = Counter()
    for stack, times in stacks.items():
        found[next(filter(None, (loop(*place) for place in stack)), 0)] += times
    return found


def loops_of_file(path: Path) -> dict[int, int]:
    """For each line of a program in Python the line of the innermost loop around it."""
    found: dict[int, int] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):  # outer ones come first
        if isinstance(node, (ast.For, ast.While)):
            assert node.end_lineno is not None
            found.update(dict.fromkeys(range(node.lineno, node.end_lineno + 1), node.lineno))
    return found


def line_at(frame: types.FrameType) -> int:
    """The line that runs; jumps have none, and belong to what is in front of them."""
    line = 0
    for start, _, known in frame.f_code.co_lines():
        if start > frame.f_lasti:
            break
        line = known or line
    return line


def python_program(name: str, level: str) -> Verdict:
    """A program in Python."""
    path = catalog.FOLDER / f"{name}.py"
    _, arguments = python_profilers.PROGRAMS[name]
    module, loops = catalog.load(path, "clock"), loops_of_file(path)

    def where(frame: types.FrameType | None) -> Stack:
        found = []
        while frame is not None:
            if frame.f_code.co_filename == str(path):
                found.append((name, line_at(frame)))
            frame = frame.f_back
        return tuple(found)

    clock = sampled(lambda: module.run(*catalog.fresh_arguments(module, arguments)), where,
                    lambda _, line: loops.get(line))
    engine, profiler = python_profilers.profiled(catalog.load(path, "profile"), level)
    for _ in range(WARM):
        python_profilers.call(engine, arguments)
    for tally in profiler.tallies:  # the clock sees nobody wait for native code
        tally.clear()
    python_profilers.call(engine, arguments)
    profiler.stop()
    return verdict(name, clock, collect_python(profiler))


def loops_of_code(code: Code) -> dict[int, int]:
    """For each instruction of a function in bytecode the line of the innermost loop around it."""
    flow = Flow(code)
    found: dict[int, int] = {}
    for loop in flow.loops:
        line = line_of(code, flow.blocks[loop.header].start)
        for number in loop.blocks:
            found.update(dict.fromkeys(range(flow.blocks[number].start, flow.blocks[number].stop), line))
    return found


def line_of(code: Code, index: int) -> int:
    """The line on which an instruction stands."""
    position = code.instructions[index].position
    return code.first_line if position is None else int(position.line)


def bytecode_program(program: machines.Program, level: str) -> Verdict:
    """A program in bytecode, on the stack machine."""
    # Without the optimizer: what it fuses has the line of one of its parts only.
    vm, module = VM("stack", enable_peephole_optimizer=False), machines.load_module(program.name)
    loops_of = cache(loops_of_code)

    def where(frame: types.FrameType | None) -> Stack:
        while frame is not None and frame.f_code is not StackMachine._run.__code__:
            frame = frame.f_back
        state = {} if frame is None else frame.f_locals
        if "pc" not in state:
            return ()
        around = ((routine.code, following) for routine, _, following, *_ in reversed(state["frames"]))
        return (state["routine"].code, state["pc"]), *around

    clock = sampled(lambda: vm.run(module, program.argument), where,
                    lambda code, following: loops_of(code).get(following - 1))
    profiled = VM("stack")
    profiled.start_profiling(level)
    profiled.run(machines.load_module(program.name), program.argument)
    assert profiled.profiler is not None
    return verdict(program.name, clock, collect(profiled.profiler))


def verdict(name: str, clock: Counter[int], report: Report) -> Verdict:
    """What the samples and the profile say."""
    whole = max(clock.total(), 1)
    inside = Counter({line: times for line, times in clock.items() if line})
    hottest = inside.most_common(1)[0][0] if inside else 0
    busiest = report.loops[0].line if report.loops else 0
    return Verdict(name, hottest, inside[hottest] / whole, busiest, inside[busiest] / whole)


def compare_all(python: list[str], bytecode: list[machines.Program], level: str) -> None:
    """Print what both say of each program, and how often they agree, with profiles of a level."""
    for title, found in (("Python functions", [python_program(name, level) for name in python]),
                         ("stack machine", [bytecode_program(program, level) for program in bytecode])):
        if not found:
            continue
        print(f"{title:<18} {'clock':>8} {'share':>8} {'profile':>8} {'share':>8}  the same")
        for one in found:
            same = "as hot" if one.agrees and one.clock != one.profile else WORDS[one.agrees]
            print(f"{one.name:<18} {one.clock or '-':>8} {one.share:8.1%} {one.profile or '-':>8} "
                  f"{one.profile_share:8.1%}  {same}")
        told = [one.agrees for one in found if one.agrees is not None]
        print(f"{sum(told)} of {len(told)} agree\n")
