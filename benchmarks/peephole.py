"""Measures the peephole optimizer: the instructions that it removes, what that saves on the stack machine, its cost.

The functions are all those of the standard library's top-level modules that the frontend lowers whole, with no
statement left to CPython, and those of the differential corpus. CPython's own count stands beside the frontend's, so
that a wasteful frontend would show: of the same functions, their comprehensions included, in instructions that `dis`
shows, and without those that do nothing but prepare others (RESUME, PUSH_NULL, PRECALL, ...).
"""

from __future__ import annotations

import argparse
import contextlib
import dis
import gc
import io
import statistics
import sys
import sysconfig
import time
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from zexus.bytecode import Code, Routine
from zexus.codes import Unsupported
from zexus.frontend.lower import lower_function
from zexus.frontend.source import find, module_source
from zexus.jit.callees import block
from zexus.vm import vm
from zexus.vm.peephole import listing
from zexus.vm.peephole_optimizer import OptimizationLevel, PeepholeOptimizer
from zexus.vm.stack import StackMachine

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

PREPARING = frozenset(("CACHE", "EXTENDED_ARG", "RESUME", "PUSH_NULL", "PRECALL", "KW_NAMES", "NOP", "COPY_FREE_VARS",
                       "MAKE_CELL"))
SHORTEST = 0.005  # seconds that one reading takes at least
LEVELS = [level for level in OptimizationLevel if level]


@dataclass
class Function:
    """A function as the frontend's Code, and how many instructions CPython has for it: all, and without PREPARING."""

    code: Code
    cpython: int
    working: int


def standard_library() -> list[Path]:
    """Every module that is one file directly in the library's folder."""
    return sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))


def functions(paths: Sequence[Path]) -> Iterator[Function]:
    """The functions of some files that are lowered whole."""
    for path in paths:
        text = path.read_text(encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = compile(text, str(path), "exec", dont_inherit=True)
            source = module_source(text, str(path))
        known: dict[str, list[types.CodeType]] = {}
        for one in _nested(compiled):
            known.setdefault(one.co_qualname, []).append(one)
        for function in source.functions:
            same = known.get(function.scope.qualname, [])
            if len(same) != 1 or function.scope.name == "<lambda>":
                continue
            try:
                code = lower_function(function.scope, same[0].co_firstlineno, {})
            except Unsupported:
                continue
            if not code.blocks:
                yield Function(code, _count(same[0], frozenset()), _count(same[0], PREPARING))


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _nested(constant)


def _count(code: types.CodeType, without: frozenset[str]) -> int:
    """Instructions of a function and of the comprehensions in it."""
    own = sum(instruction.opname not in without for instruction in dis.get_instructions(code))
    return own + sum(_count(inner, without) for inner in code.co_consts
                     if isinstance(inner, types.CodeType) and inner.co_name == "<listcomp>")


def show_sizes(title: str, found: Sequence[Function]) -> None:
    """Print what each level leaves of the functions' instructions, and which rules did it."""
    before = sum(len(function.code.instructions) for function in found)
    print(f"\n{title}: {len(found)} functions")
    print(f"  instructions: frontend {before}, CPython {sum(f.cpython for f in found)}, "
          f"without those that only prepare {sum(f.working for f in found)}")
    for level in LEVELS:
        optimizer = PeepholeOptimizer(level)
        shares, plain = [], 0
        for function in found:
            made = optimizer.optimize_code(function.code)
            shares.append(100 - 100 * len(made.instructions) / len(function.code.instructions))
            plain += len(listing.unfused(made).instructions)
        quarters = statistics.quantiles(shares, n=4)
        after = optimizer.stats.optimized_size
        print(f"  {level.name:<10} {after:6} left: {optimizer.stats.reduction_percent:.1f} % fewer "
              f"(fused ones counted as their parts: {100 - 100 * plain / before:.1f} %); a function: mean "
              f"{statistics.mean(shares):.1f}, deviation {statistics.pstdev(shares):.1f}, quartiles "
              + " ".join(f"{q:.0f}" for q in quarters))
        if level == OptimizationLevel.MODERATE:
            rules = sorted(optimizer.stats.rules.items(), key=lambda item: -item[1])
            print("             " + ", ".join(f"{name} {times}" for name, times in rules))


def show_costs(found: Sequence[Function], rounds: int) -> None:
    """Print what the optimizer itself takes: the shortest reading of each function, summed up."""
    loop = min(_seconds(lambda: [None for _ in range(10_000)], 1) for _ in range(rounds)) / 10_000
    print("\noptimizer, milliseconds for 1000 instructions "
          f"(one turn of an empty comprehension takes {loop * 1e9:.0f} ns)")
    count = sum(len(function.code.instructions) for function in found)
    for level in LEVELS:
        total = 0.0
        for function in found:
            work = partial(listing.optimize, function.code, level)
            total += min(_seconds(work, 1) for _ in range(rounds))
        print(f"  {level.name:<10} {total * 1e6 / count:.2f}")


@dataclass
class Timed:
    """Something that runs on the stack machine, as it is and optimized."""

    name: str
    plain: Callable[[], Any]
    optimized: Callable[[], Any]


def bytecode_programs() -> Iterator[Timed]:
    """The programs of the machines' benchmark."""
    from benchmarks import machines

    for program in machines.PROGRAMS:
        module = machines.load_module(program.name)
        engines = [vm.VM("stack", enable_peephole_optimizer=on) for on in (False, True)]
        yield Timed(program.name, *(lambda e=engine, m=module, a=program.argument: e.run(m, a) for engine in engines))


def lowered_functions() -> Iterator[Timed]:
    """The corpus's functions that are lowered whole and have arguments that keep their loops running."""
    from tests.differential.cases import load, topics

    optimizer = PeepholeOptimizer()
    for topic in topics():
        for name, case in load(topic).cases.items():
            if case.long is None or case.function.__closure__:
                continue
            found = find(case.function)
            try:
                code = lower_function(found.scope, found.first_line, case.function.__globals__)
            except Unsupported:
                continue
            arguments = case.long()
            if code.blocks or code.name != case.function.__code__.co_name or len(arguments) != code.params:
                continue
            made = [_runner(one, case.long) for one in (code, optimizer.optimize_code(code))]
            try:
                made[0]()
            except Exception:
                continue
            yield Timed(f"{topic}.{name}", *made)


def _runner(code: Code, arguments: Callable[[], tuple[Any, ...]]) -> Callable[[], Any]:
    machine = StackMachine(1000, make_block=block)
    routine = Routine(code, code.namespace, (), machine.enter)

    def run() -> Any:
        with contextlib.redirect_stdout(io.StringIO()):
            return machine.run(routine, arguments())

    return run


def show_times(title: str, programs: Iterator[Timed], rounds: int, shortest: float) -> None:
    """Print the stack machine's time with the optimizer over that without, and the geomean of these ratios."""
    ratios = []
    warnings.simplefilter("ignore")
    print(f"\nstack machine, time of optimized {title} over that as it was")
    for program in programs:
        repeats = 1
        while (taken := _seconds(program.plain, repeats)) < shortest:
            repeats = max(2 * repeats, min(int(repeats * shortest / max(taken, 1e-9)), 100 * repeats))
        program.optimized()
        pairs = [(_seconds(program.optimized, repeats), _seconds(program.plain, repeats)) for _ in range(rounds)]
        ratios.append((statistics.median(a / b for a, b in pairs), program.name))
    ratios.sort()
    if len(ratios) < 30:
        print("  " + ", ".join(f"{name} {ratio:.2f}" for ratio, name in ratios))
    values = [ratio for ratio, _ in ratios]
    middle = statistics.geometric_mean(values)
    print(f"  {len(values)} of them: geomean {middle:.3f}, that is {100 - 100 * middle:.1f} % less; "
          f"best {values[0]:.2f}, median {statistics.median(values):.2f}, worst {values[-1]:.2f} ({ratios[-1][1]})")


def _seconds(call: Callable[[], Any], repeats: int) -> float:
    """The processor time that some calls take together."""
    gc.disable()
    try:
        start = time.process_time()
        for _ in range(repeats):
            call()
        return time.process_time() - start
    finally:
        gc.enable()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="readings of each time")
    parser.add_argument("--shortest", type=float, default=SHORTEST, help="seconds that a reading takes at least")
    parser.add_argument("--sizes", action="store_true", help="instructions only, no times")
    options = parser.parse_args()
    library = list(functions(standard_library()))
    show_sizes("standard library", library)
    corpus = [path for path in sorted((ROOT / "tests" / "differential" / "corpus").glob("*.py"))]
    show_sizes("differential corpus", list(functions(corpus)))
    if options.sizes:
        return
    show_costs(library, options.rounds)
    show_times("programs of `benchmarks/bytecode`", bytecode_programs(), options.rounds, options.shortest)
    show_times("functions of the corpus", lowered_functions(), options.rounds, options.shortest)


if __name__ == "__main__":
    main()
