"""Measures the programs under CPython, Numba's njit, PyPy and Zexus, and checks that their answers are equal.

Each program gets a process of its own, in which CPython, njit and Zexus take turns, round by round; PyPy runs in
another. Arguments are made anew for each call, outside of the clock. Steady times are medians behind the first calls; a
ratio between engines that take turns is the median of the ratios of the rounds. Programs in which little or nothing can
go native are not given to njit.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import math
import multiprocessing
import os
import platform
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import types
import warnings
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import catalog
from catalog import Program

ENGINES = ("cpython", "zexus", "njit", "pypy")
SETTLE_CALLS = 5
SETTLE_SECONDS = 20.0
# Groups of programs that are not written to go native: what counts there is the price of trying.
PRICED = ("never", "ordinary")


@dataclass
class Outcome:
    """What one engine did with one program.

    Attributes:
        engine: one of `ENGINES`.
        note: empty when all is well; else why there is nothing to compare ("refused: ...", "WRONG: ...", ...).
        first: seconds of the first call, compilation included.
        times: seconds of each round.
        answer: digest of the result (and of the arguments that the call may have changed).
        compile_ms: time that Zexus spent in compiling, by its own account.
        native: share of the loop iterations that ran native, by its own account.
    """

    engine: str
    note: str = ""
    first: float | None = None
    times: list[float] = field(default_factory=list)
    answer: str = ""
    compile_ms: float | None = None
    native: float | None = None

    @property
    def steady(self) -> float | None:
        return statistics.median(self.times) if self.times and not self.note else None


@dataclass
class Row:
    """One program under all engines."""

    program: str
    group: str
    outcomes: dict[str, Outcome]

    def ratio(self, slow: str, fast: str) -> float | None:
        """How many times faster `fast` is than `slow`; None when either has no right answer."""
        one = self.outcomes.get(slow)
        other = self.outcomes.get(fast)
        if one is None or other is None or one.steady is None or other.steady is None:
            return None
        if "pypy" in (slow, fast) or len(one.times) != len(other.times):
            return one.steady / other.steady
        return statistics.median(a / b for a, b in zip(one.times, other.times, strict=True))


def own_functions(module: types.ModuleType) -> Iterable[tuple[Any, str, types.FunctionType]]:
    """(owner, name, function) of all functions and methods that the module defines, but for `setup`."""
    for name, value in list(vars(module).items()):
        if isinstance(value, types.FunctionType) and value.__module__ == module.__name__ and name != "setup":
            yield module, name, value
        if isinstance(value, type) and value.__module__ == module.__name__:
            for method_name, method in list(vars(value).items()):
                if isinstance(method, types.FunctionType):
                    yield value, method_name, method


def with_njit(module: types.ModuleType) -> None:
    """Put `numba.njit` on every function of the module."""
    import numba

    for owner, name, function in own_functions(module):
        if owner is module:
            setattr(module, name, numba.njit(function))


def with_zexus(module: types.ModuleType) -> None:
    """Put `zexus.jit.compile` on every function and method of the module."""
    import zexus

    for owner, name, function in own_functions(module):
        setattr(owner, name, zexus.jit.compile(function))


def zexus_regions(module: types.ModuleType) -> list[Any]:
    """What Zexus tells of every loop of the module."""
    import zexus

    return [region for _, _, function in own_functions(module) for region in zexus.explain(function).regions]


class Contestant:
    """One engine with its own copy of a program's module."""

    def __init__(self, engine: str, program: Program, prepare: Callable[[types.ModuleType], None] | None) -> None:
        self.outcome = Outcome(engine)
        self.program = program
        self.module: types.ModuleType | None = None
        self._guarded(lambda: self._load(prepare))

    def _load(self, prepare: Callable[[types.ModuleType], None] | None) -> None:
        self.module = catalog.load(self.program.path, self.outcome.engine)
        if prepare is not None:
            prepare(self.module)

    def _guarded(self, action: Callable[[], None]) -> None:
        # An engine may fail with whatever it likes: that is a result of the measurement, and the others go on.
        try:
            action()
        except Exception as problem:
            text = " ".join(str(problem).split())
            verdict = "refused" if self.outcome.engine == "njit" else "failed"
            self.outcome.note = f"{verdict}: {type(problem).__name__}: {text[:100]}"

    def call(self, expected: str | None, keep: bool) -> None:
        """One call; its time is kept as the first one or, with `keep`, as a round."""
        if not self.outcome.note:
            self._guarded(lambda: self._call(expected, keep))

    def _call(self, expected: str | None, keep: bool) -> None:
        assert self.module is not None
        args = catalog.fresh_arguments(self.module, self.program.args)
        gc.collect()
        start = time.perf_counter()
        result = self.module.run(*args)
        seconds = time.perf_counter() - start
        answer = catalog.digest((result, args))
        if expected is not None and answer != expected:
            self.outcome.note = f"WRONG: {answer[:60]} instead of {expected[:60]}"
            return
        self.outcome.answer = answer
        if self.outcome.first is None:
            self.outcome.first = seconds
        if keep:
            self.outcome.times.append(seconds)

    def settle(self, expected: str) -> None:
        """Call until it is warm and nothing is being compiled any more, within bounds."""
        began = time.monotonic()
        deadline = began + SETTLE_SECONDS
        for calls in itertools.count():
            if calls >= SETTLE_CALLS and time.monotonic() - began >= catalog.WARM_UP_SECONDS:
                break
            self.call(expected, keep=False)
            if not self.outcome.note and self.outcome.engine == "zexus":
                self._guarded(lambda: self._wait(deadline))

    def _wait(self, deadline: float) -> None:
        assert self.module is not None
        while any(region.code == "ZX002" for region in zexus_regions(self.module)) and time.monotonic() < deadline:
            time.sleep(0.05)

    def account(self) -> None:
        """Note what Zexus says about its loops."""
        if not self.outcome.note and self.outcome.engine == "zexus":
            self._guarded(self._account)

    def _account(self) -> None:
        assert self.module is not None
        regions = zexus_regions(self.module)
        iterations = sum(region.iterations for region in regions)
        self.outcome.compile_ms = sum(region.compile_ms for region in regions)
        self.outcome.native = sum(region.native_iterations for region in regions) / iterations if iterations else 0.0


def measure_functions(program: Program, engines: set[str], rounds: int) -> Row:
    """The engines of this process in turn, then PyPy."""
    contestants = [Contestant("cpython", program, None)]
    if "zexus" in engines:
        contestants.append(Contestant("zexus", program, with_zexus))
    if "njit" in engines and program.group not in PRICED:
        contestants.append(Contestant("njit", program, with_njit))
    reference = contestants[0]
    reference.call(None, keep=False)
    if reference.outcome.note:
        return Row(program.name, program.group, {"cpython": reference.outcome})
    expected = reference.outcome.answer
    for contestant in contestants[1:]:
        contestant.call(expected, keep=False)
        contestant.settle(expected)
    for turn in range(rounds):
        shift = turn % len(contestants)
        for contestant in contestants[shift:] + contestants[:shift]:
            contestant.call(expected, keep=True)
    for contestant in contestants:
        contestant.account()
    outcomes = {contestant.outcome.engine: contestant.outcome for contestant in contestants}
    if "pypy" in engines and not program.uses_numpy:
        outcomes["pypy"] = measure_pypy(program, rounds, expected)
    return Row(program.name, program.group, outcomes)


def measure_pypy(program: Program, rounds: int, expected: str) -> Outcome:
    """The program in a PyPy process."""
    worker = Path(__file__).with_name("worker.py")
    done = subprocess.run(
        ["pypy3", str(worker), program.name, "--rounds", str(rounds)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        return Outcome("pypy", note=f"failed: {done.stderr.strip().splitlines()[-1:]}")
    data = json.loads(done.stdout)
    note = "" if data["answer"] == expected else f"WRONG: {data['answer'][:60]}"
    return Outcome("pypy", note=note, first=data["first"], times=data["times"], answer=data["answer"])


def measure_script(program: Program, engines: set[str], rounds: int) -> Row:
    """Whole processes in turn; for Zexus the first one starts with an empty cache, the others with a warm one."""
    script = str(program.path)
    commands = {"cpython": [sys.executable, script]}
    if "zexus" in engines:
        commands["zexus"] = [sys.executable, "-m", "zexus", "run", script]
    if "pypy" in engines:
        commands["pypy"] = ["pypy3", script]
    outcomes = {engine: Outcome(engine) for engine in commands}
    with tempfile.TemporaryDirectory() as cache:
        environment = with_cache_in(cache)
        for turn in range(rounds + 1):
            for engine, command in commands.items():
                outcome = outcomes[engine]
                if outcome.note:
                    continue
                start = time.perf_counter()
                done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
                seconds = time.perf_counter() - start
                if done.returncode != 0:
                    outcome.note = f"failed: {' '.join(done.stderr.strip().splitlines()[-1:])[:100]}"
                    continue
                outcome.answer = done.stdout
                if outcome.answer != outcomes["cpython"].answer:
                    outcome.note = f"WRONG: {outcome.answer[:60]}"
                elif turn == 0:
                    outcome.first = seconds
                else:
                    outcome.times.append(seconds)
    return Row(program.name, program.group, outcomes)


def measure(program: Program, engines: set[str], rounds: int) -> Row:
    """One program under all engines."""
    warnings.simplefilter("ignore")  # Numba warns of reflected lists; what counts here is the answer and the time
    function = measure_script if program.group == "toplevel" else measure_functions
    return function(program, engines, rounds)


def send_measured(channel: Connection, program: Program, engines: set[str], rounds: int) -> None:
    """What the process of one program does."""
    channel.send(measure(program, engines, rounds))


def measured_apart(program: Program, engines: set[str], rounds: int, budget: float) -> Row:
    """`measure` in a process of its own: each program finds the same conditions, a crash or a hang costs one row."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=send_measured, args=(sender, program, engines, rounds))
    process.start()
    sender.close()
    note = f"failed: not done after {budget:.0f} s"
    try:
        if receiver.poll(budget):
            return receiver.recv()
    except EOFError:
        note = "failed: the process died"
    finally:
        process.kill()
        process.join()
    return Row(program.name, program.group, {"cpython": Outcome("cpython", note=note)})


def with_cache_in(folder: str) -> dict[str, str]:
    """The environment with the checkout importable and compiled loops kept in `folder`.

    Python may keep its bytecode there, as it does for what is installed: or each process would parse Zexus anew.
    """
    path = os.pathsep.join(filter(None, [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]))
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": path, "ZEXUS_CACHE_DIR": folder, "XDG_CACHE_HOME": folder}


def machine() -> dict[str, str]:
    """What the figures depend on: the interpreter's build, the libraries, the processor."""
    options = sysconfig.get_config_var("CONFIG_ARGS") or ""
    build = [
        "PGO" if "--enable-optimizations" in options else "not PGO",
        "LTO" if "--with-lto" in options else "not LTO",
    ]
    facts = {
        "python": f"CPython {platform.python_version()} ({', '.join(build)}; {platform.python_compiler()})",
        "cpu": f"{processor()}, {os.cpu_count()} CPUs",
        "system": platform.platform(),
    }
    for package in ("numba", "llvmlite", "numpy", "zexus"):
        facts[package] = package_version(package)
    if shutil.which("pypy3"):
        done = subprocess.run(["pypy3", "--version"], capture_output=True, text=True, check=False)
        facts["pypy"] = " ".join((done.stdout + done.stderr).split())
    return facts


def package_version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def processor() -> str:
    """The processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def geomean(values: Iterable[float | None]) -> tuple[float, int] | None:
    """The geometric mean of those that are there, and how many they are."""
    present = [value for value in values if value]
    if not present:
        return None
    return math.exp(sum(map(math.log, present)) / len(present)), len(present)


def _cell(value: float | None, scale: float, form: str) -> str:
    return "-" if value is None else format(value * scale, form)


HEADER = (
    "program", "CPython", "Zexus", "njit", "PyPy", "Zexus", "njit", "PyPy", "Zx/njit", "Zx 1st", "njit 1st", "compile",
    "native",
)  # fmt: skip
UNITS = ("", "ms", "ms", "ms", "ms", "x", "x", "x", "x", "ms", "ms", "ms", "%")


def row_cells(row: Row) -> list[str]:
    """The columns of one program."""
    nothing = Outcome("", note="absent")
    zexus = row.outcomes.get("zexus", nothing)
    njit = row.outcomes.get("njit", nothing)
    cells = [row.program]
    cells += [_cell(row.outcomes.get(engine, nothing).steady, 1000.0, ".1f") for engine in ENGINES]
    cells += [_cell(row.ratio("cpython", engine), 1.0, ".2f") for engine in ENGINES[1:]]
    cells += [_cell(row.ratio("njit", "zexus"), 1.0, ".2f")]
    cells += [_cell(one.first if not one.note else None, 1000.0, ".0f") for one in (zexus, njit)]
    cells += [_cell(zexus.compile_ms, 1.0, ".0f"), _cell(zexus.native, 100.0, ".0f")]
    return cells


def table(rows: list[Row]) -> str:
    """All programs, group by group, with the notes behind."""
    lines: list[list[str]] = [list(HEADER), list(UNITS)]
    titles: dict[int, str] = {}
    for group in catalog.GROUPS:
        members = [row for row in rows if row.group == group]
        if members:
            titles[len(lines)] = group
        lines += [row_cells(row) for row in members]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    text = []
    for number, line in enumerate(lines):
        if number in titles:
            text.append(f"-- {titles[number]}")
        text.append("  ".join(cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in
                              enumerate(zip(line, widths, strict=True))).rstrip())  # fmt: skip
    notes = [f"{row.program}, {name}: {outcome.note}" for row in rows for name, outcome in row.outcomes.items()
             if outcome.note]  # fmt: skip
    return "\n".join([*text, "", *notes])


def summary(rows: list[Row]) -> str:
    """Geometric means by group and over all; for programs not written to go native, the price of trying."""
    lines = []
    faster = [row for row in rows if row.group not in PRICED]
    sections = [(group, [row for row in faster if row.group == group]) for group in catalog.GROUPS]
    for title, members in [*sections, (f"all but {' and '.join(PRICED)}", faster)]:
        if not members:
            continue
        parts = []
        for name, slow, fast in (
            ("Zexus over CPython", "cpython", "zexus"),
            ("njit over CPython", "cpython", "njit"),
            ("PyPy over CPython", "cpython", "pypy"),
            ("Zexus over njit where njit is right", "njit", "zexus"),
            ("Zexus over PyPy", "pypy", "zexus"),
        ):
            mean = geomean(row.ratio(slow, fast) for row in members)
            if mean is not None:
                parts.append(f"{name} {mean[0]:.2f} (n={mean[1]})")
        lines.append(f"{title}: {'; '.join(parts) or 'nothing to compare'}")
    lines += [line for group in PRICED if (line := price(group, rows))]
    return "\n".join(lines)


def price(group: str, rows: list[Row]) -> str:
    """What trying costs the programs of a group, in the mean and at worst; empty when none of them was measured."""
    ratios = [(ratio, row.program) for row in rows if row.group == group and (ratio := row.ratio("zexus", "cpython"))]
    mean = geomean(ratio for ratio, _ in ratios)
    if mean is None:
        return ""
    worst, name = max(ratios)
    return f"{group}: Zexus' time over CPython's {mean[0]:.3f} (n={mean[1]}), worst {worst:.3f} {name}"


def choose(only: list[str] | None, groups: list[str] | None) -> list[Program]:
    """The programs named (by name, or by file without the variant) and in the groups named."""
    chosen = catalog.programs()
    if only:
        known = {name for program in chosen for name in (program.name, program.path.stem)}
        unknown = sorted(set(only) - known)
        if unknown:
            raise SystemExit(f"unknown program {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        chosen = [program for program in chosen if program.name in only or program.path.stem in only]
    if groups:
        chosen = [program for program in chosen if program.group in groups]
    return chosen


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these programs only")
    parser.add_argument("--group", nargs="+", choices=catalog.GROUPS, help="these groups only")
    parser.add_argument("--engine", nargs="+", choices=ENGINES, default=ENGINES, help="beside CPython only these")
    parser.add_argument("--rounds", type=int, default=5, help="timed calls per engine (default 5)")
    parser.add_argument("--budget", type=float, default=300.0, metavar="SECONDS", help="for one program (default 300)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured to FILE")
    parser.add_argument("--list", action="store_true", help="list the programs and stop")
    return parser.parse_args(arguments)


def main() -> None:
    options = parse()
    chosen = choose(options.only, options.group)
    if options.list:
        for program in chosen:
            print(f"{program.group:10} {program.name}")
        return
    engines = set(options.engine)
    if shutil.which("pypy3") is None:
        engines.discard("pypy")
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    facts = machine()
    for name, text in facts.items():
        print(f"{name}: {text}")
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        os.environ.update(with_cache_in(cache))
        for program in chosen:
            print(f"... {program.name}", file=sys.stderr, flush=True)
            rows.append(measured_apart(program, engines, options.rounds, options.budget))
    print()
    print(table(rows))
    print(summary(rows))
    if options.json:
        data = {"machine": facts, "rounds": options.rounds, "rows": [asdict(row) for row in rows]}
        options.json.write_text(json.dumps(data, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
