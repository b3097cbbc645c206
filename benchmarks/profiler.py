"""Measures what profiling costs: each program with the profiler at each level against the same one without.

The machines run the programs in bytecode; "python" are functions in Python (`python_profilers`), beside which other
profilers of Python are measured. "--hottest" asks instead whether profiles name the loops that take the time
(`hottest`).

All levels of a program take turns in one process, round by round; a ratio is the median of the ratios of the rounds, of
processor time. The answers are compared, and the counts of all machines with each other.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Callable
from typing import Any

import hottest
import python_profilers
from machines import PROGRAMS, SETTLE, SHORTEST, Program, _timed, load_module

from zexus.vm.vm import VM

LEVELS = ("none", "basic", "detailed", "full")
LIMITS = {"none": 1.02, "basic": 1.25, "detailed": 1.30, "full": 2.00}
MACHINES: dict[str, Callable[[], VM]] = {
    "stack": lambda: VM("stack"),
    "register": lambda: VM("register"),
    "generated": lambda: VM("generated", enable_native_tier=False),
    "native": lambda: VM("generated"),
}


def prepared(program: Program, machine: str, level: str) -> tuple[Callable[[], Any], VM]:
    """A call of the program on a VM of its own; "off" has never heard of the profiler."""
    vm = MACHINES[machine]()
    if level != "off":
        vm.start_profiling(level)
    module = load_module(program.name)
    return (lambda: vm.run(module, program.argument)), vm


def measure(program: Program, machine: str, levels: list[str], rounds: int) -> dict[str, float]:
    """How many times the time without the profiler each level takes.

    Raises:
        SystemExit: an answer is wrong, or a count depends on the level.
    """
    calls = {level: prepared(program, machine, level) for level in ("off", *levels)}
    answers = {level: repr(call()) for level, (call, _) in calls.items()}
    if len(set(answers.values())) > 1:
        sys.exit(f"{program.name} on {machine}: the answers differ: {answers}")
    counts = {level: [one.count for one in vm.profiler.instructions()]
              for level, (_, vm) in calls.items() if vm.profiler is not None}
    if len({tuple(found) for found in counts.values()}) > 1:
        sys.exit(f"{program.name} on {machine}: the counts differ between levels")
    for call, _ in calls.values():
        for _ in range(SETTLE if machine == "native" else 1):
            call()
    repeats = max(1, round(SHORTEST / max(_timed(calls["off"][0], 1), 1e-7)))
    times: dict[str, list[float]] = {level: [] for level in calls}
    for _ in range(rounds):
        for level, (call, _) in calls.items():
            times[level].append(_timed(call, repeats))
    return {level: statistics.median(a / b for a, b in zip(times[level], times["off"], strict=True))
            for level in levels}


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", nargs="*", help="names; all by default")
    parser.add_argument("--machines", nargs="+", choices=[*MACHINES, "python"], default=[*MACHINES, "python"])
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=list(LEVELS))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--hottest", action="store_true", help="compare the loops that profiles name with samples")
    arguments = parser.parse_args()
    sys.setrecursionlimit(10_000)
    os.environ["ZEXUS_JIT__BACKGROUND"] = "false"  # native code is there before it is measured
    chosen = [p for p in PROGRAMS if not arguments.programs or p.name in arguments.programs]
    names = [name for name in python_profilers.PROGRAMS if not arguments.programs or name in arguments.programs]
    if arguments.hottest:
        for level in (one for one in arguments.levels if one != "none"):
            print(f"profiles of level {level}")
            hottest.compare_all(names, chosen, level)
        return
    print(f"{platform.python_implementation()} {platform.python_version()}, {arguments.rounds} rounds; "
          "times of the same run without the profiler\n")
    for machine in (one for one in arguments.machines if one in MACHINES):
        print(f"{machine:<12} {'kind':<11}" + "".join(f"{level:>10}" for level in arguments.levels))
        found: dict[str, list[tuple[str, float]]] = {level: [] for level in arguments.levels}
        for program in chosen:
            ratios = measure(program, machine, arguments.levels, arguments.rounds)
            print(f"{program.name:<12} {program.kind:<11}" + "".join(f"{ratios[x]:10.3f}" for x in arguments.levels))
            for level in arguments.levels:
                found[level].append((program.kind, ratios[level]))
        for title, kinds in (("geomean", None), ("loops", "loops")):
            cells = []
            for level in arguments.levels:
                values = [ratio for kind, ratio in found[level] if kinds is None or kind == kinds]
                cells.append(f"{statistics.geometric_mean(values):10.3f}" if values else " " * 10)
            print(f"{title:<24}" + "".join(cells))
        print("target at most".ljust(24) + "".join(f"{LIMITS[x]:10.2f}" for x in arguments.levels) + "\n")
    if "python" in arguments.machines:
        python_profilers.measure_all(names, arguments.levels, arguments.rounds)


if __name__ == "__main__":
    main()
