"""Measures the bytecode machines: each program of `bytecode/` against the same algorithm in Python under CPython.

The engines take turns, round by round; times are medians of processor time, a ratio is the median of the ratios of the
rounds. The answers of all engines are compared.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

from zexus.assembly import assemble
from zexus.bytecode import Code, Module
from zexus.regvm.allocate import Allocation
from zexus.regvm.interpreter import Counts, RegisterMachine
from zexus.regvm.pipeline import Lowering
from zexus.vm.vm import VM

FOLDER = Path(__file__).parent / "bytecode"
SHORTEST = 0.003  # seconds that one reading takes at least
LARGE = 60  # instructions of register code, from which on a program's registers are judged
SETTLE = 12  # calls before native code is measured, so that it has been compiled
Call = Callable[[], Any]


@dataclass(frozen=True)
class Program:
    """A program, its kind, and the argument that it is called with.

    Attributes:
        numeric: whether its time goes into loops over numbers, which the native tier compiles.
    """

    name: str
    kind: str
    argument: int
    numeric: bool = False


PROGRAMS = (
    Program("counting", "loops", 20_000, numeric=True),
    Program("nested", "loops", 40, numeric=True),
    Program("collatz", "loops", 300, numeric=True),
    Program("mandelbrot", "loops", 30, numeric=True),
    Program("helpers", "calls", 3_000),
    Program("closures", "calls", 2_000),
    Program("fibonacci", "recursion", 17),
    Program("takeuchi", "recursion", 12),
    Program("sieve", "lists", 10_000, numeric=True),
    Program("matrix", "lists", 18, numeric=True),
    Program("sorting", "lists", 800),
    Program("words", "strings", 120),
    Program("cipher", "strings", 150),
    Program("errors", "exceptions", 3_000),
    Program("guarded", "exceptions", 4_000),
    Program("queens", "mixed", 6),
    Program("interpreter", "mixed", 3_000),
)

# What each engine is measured against: title, the engine divided, the engine it is divided by, the kinds, the target.
TARGETS = (
    ("stack machine / CPython, worst", "stack", "cpython", None, max, "<=", 60.0),
    ("stack / register, geomean", "stack", "register", None, statistics.geometric_mean, ">=", 4.0),
    ("stack / register, worst", "stack", "register", None, min, ">=", 2.0),
    ("stack / generated, geomean", "stack", "generated", None, statistics.geometric_mean, ">=", 15.0),
    ("generated / CPython on loops, geomean", "generated", "cpython", "loops", statistics.geometric_mean, "<=", 1.05),
    ("generated / CPython on calls, geomean", "generated", "cpython", "calls", statistics.geometric_mean, "<=", 1.3),
    ("stack / native on numeric loops, geomean", "stack", "native", "numeric", statistics.geometric_mean, ">=", 100.0),
)


@dataclass
class Reading:
    """The times of one program, engine by engine, in the order of the rounds."""

    program: Program
    times: dict[str, list[float]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def median(self, engine: str) -> float:
        """Seconds a call takes."""
        return statistics.median(self.times[engine])

    def ratio(self, engine: str, other: str) -> float:
        """How many times the time of `other` an engine takes."""
        return statistics.median(a / b for a, b in zip(self.times[engine], self.times[other], strict=True))


def load_python(name: str) -> Callable[..., Any]:
    """The program as CPython runs it."""
    spec = importlib.util.spec_from_file_location(f"machines_{name}", FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    main: Callable[..., Any] = module.main
    return main


def load_bytecode(name: str, vm: VM) -> Callable[..., Any]:
    """The program as a VM runs it."""
    module = load_module(name)
    return lambda *arguments: vm.run(module, *arguments)


def load_module(name: str) -> Module:
    """The program in stack form."""
    path = FOLDER / f"{name}.zxa"
    return assemble(path.read_text(encoding="utf-8"), str(path))


ENGINES: dict[str, Callable[[str], Callable[..., Any]]] = {
    "cpython": load_python,
    "stack": lambda name: load_bytecode(name, VM("stack", enable_peephole_optimizer=False)),
    "peephole": lambda name: load_bytecode(name, VM("stack")),
    "register": lambda name: load_bytecode(name, VM("register")),
    "generated": lambda name: load_bytecode(name, VM("generated", enable_native_tier=False)),
    "native": lambda name: load_bytecode(name, VM("generated")),
}


def measure(program: Program, engines: Sequence[str], rounds: int) -> Reading:
    """Run a program on all engines in turn."""
    reading = Reading(program)
    calls: dict[str, tuple[Call, int]] = {}
    for engine in engines:
        main = ENGINES[engine](program.name)
        for _ in range(SETTLE if engine == "native" else 1):
            reading.answers[engine] = repr(main(program.argument))
        repeats = 1
        while True:
            taken = _timed(lambda main=main: main(program.argument), repeats)
            if taken * repeats >= SHORTEST:
                break
            repeats *= 2
        calls[engine] = (lambda main=main: main(program.argument)), repeats
        reading.times[engine] = []
    for _ in range(rounds):
        for engine, (call, repeats) in calls.items():
            reading.times[engine].append(_timed(call, repeats))
    return reading


def _timed(call: Call, repeats: int) -> float:
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        for _ in range(repeats):
            call()
        return (time.process_time() - start) / repeats
    finally:
        gc.enable()


def show(readings: Sequence[Reading], engines: Sequence[str]) -> None:
    """Print a line a program: milliseconds, then the ratios to CPython and of the stack machine."""
    others = [engine for engine in engines if engine != "cpython"]
    heads = [f"{e} ms" for e in engines] + [f"{e}/cpython" for e in others]
    heads += [f"stack/{e}" for e in others if e != "stack" and "stack" in engines]
    print(f"{'program':<12} {'kind':<11}" + "".join(f"{head:>18}" for head in heads))
    for reading in readings:
        cells = [f"{reading.median(e) * 1e3:.3f}" for e in engines]
        cells += [f"{reading.ratio(e, 'cpython'):.2f}" for e in others]
        cells += [f"{reading.ratio('stack', e):.2f}" for e in others if e != "stack" and "stack" in engines]
        wrong = "" if len(set(reading.answers.values())) == 1 else "  WRONG ANSWER"
        print(f"{reading.program.name:<12} {reading.program.kind:<11}" + "".join(f"{c:>18}" for c in cells) + wrong)


def judge(readings: Sequence[Reading], engines: Sequence[str]) -> None:
    """Print each target beside what was measured."""
    print()
    for title, engine, other, kind, together, sign, target in TARGETS:
        if engine not in engines or other not in engines:
            continue
        chosen = [r for r in readings if kind is None or r.program.kind == kind
                  or (kind == "calls" and r.program.kind == "recursion") or (kind == "numeric" and r.program.numeric)]
        if not chosen:
            continue
        value = together(r.ratio(engine, other) for r in chosen)
        met = value <= target if sign == "<=" else value >= target
        print(f"{title:<45} {value:8.2f}   target {sign} {target:g}   {'met' if met else 'MISSED'}")


def show_registers(programs: Sequence[Program]) -> None:
    """Print what allocation and inlining did to each program, and what it executed with few registers and with many.

    Utilization is the mean number of live values over the colours in use, at the pressure points (blocks whose
    neighbours are not fuller) and over all blocks; see `allocate.Pressure`. Functions weigh as many instructions as
    they execute. The last column is what no allocation could do with fewer of: the most values that are live at once;
    the colours in use stand beside it.
    """
    print("\nregisters: what one run executes, stores to slots and loads from slots; the rest at 32 registers")
    heads = [f"{k} regs: executed" + (" stored loaded" if k < 32 else "") for k in (2, 3, 8, 32)]
    print(f"{'program':<12}" + "".join(f"{head:>32}" for head in heads)
          + f"{'inlined':>9}{'at peaks':>10}{'all blocks':>12}{'colours/live':>14}")
    large: list[tuple[float, str]] = []
    for program in programs:
        module = load_module(program.name)
        cells = []
        for registers in (2, 3, 8, 32):
            lowering, counts = Lowering(module), Counts()
            allocations: dict[Code, Allocation] = {}

            def prepare(code: Code, lowering: Lowering = lowering, registers: int = registers,
                        allocations: dict[Code, Allocation] = allocations) -> Allocation:
                return allocations.setdefault(code, lowering.allocated(code, registers))

            machine = RegisterMachine(prepare, 100_000, counts=counts)
            module.namespace(machine.enter)["main"](program.argument)
            spilled = f"{counts.spills:>9} {counts.reloads:>9}" if registers < 32 else ""
            cells.append(f"{counts.instructions:>9} {spilled}".rstrip())
        used = [(a, counts.functions[code]) for code, a in allocations.items() if a.colours]
        executed = sum(times for _, times in used)
        peaks, blocks = (sum(times * live(a.pressure) / a.colours for a, times in used) / executed
                         for live in (attrgetter("peaks"), attrgetter("blocks")))
        if sum(1 for a in allocations.values() for _ in a.fn.instructions()) >= LARGE:
            large.append((peaks, program.name))
        fullest = max(allocations.values(), key=lambda a: a.colours)
        bound = f"{fullest.colours}/{fullest.pressure.most}"
        copied = {instr.context for a in allocations.values() for instr in a.fn.instructions()
                  if instr.context is not None and instr.context.parent is not None}
        print(f"{program.name:<12}" + "".join(f"{cell:>32}" for cell in cells)
              + f"{len(copied):>9}{peaks:>9.0%}{blocks:>11.0%}{bound:>14}")
    if large:
        worst, name = min(large)
        print(f"utilization at the peaks, worst of {len(large)} programs of at least {LARGE} instructions ({name}): "
              f"{worst:.0%}   target > 80 %   {'met' if worst > 0.8 else 'MISSED'}")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", nargs="*", help="names; all by default")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--list", action="store_true", help="say which programs there are")
    arguments = parser.parse_args()
    if arguments.list:
        for program in PROGRAMS:
            print(f"{program.kind:<12}{program.name}")
        return
    print(f"{platform.python_implementation()} {platform.python_version()}, {arguments.rounds} rounds\n")
    sys.setrecursionlimit(10_000)
    os.environ["ZEXUS_JIT__BACKGROUND"] = "false"  # native code is there before it is measured
    chosen = [p for p in PROGRAMS if not arguments.programs or p.name in arguments.programs]
    readings = [measure(program, arguments.engines, arguments.rounds) for program in chosen]
    show(readings, arguments.engines)
    judge(readings, arguments.engines)
    show_registers(chosen)
    if any(len(set(reading.answers.values())) > 1 for reading in readings):
        sys.exit("the engines disagree")


if __name__ == "__main__":
    main()
