"""Measures what profiling Python functions costs, and what other profilers of Python take on the same calls.

Each engine has a copy of the program of its own. All engines of a program take turns in one process, round by round; a
ratio is the median of the ratios of the rounds, of processor time. The levels are compared with the same functions
compiled and not profiled; the other profilers, which keep code on CPython, with plain CPython. Answers are compared.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import catalog

import zexus
from zexus.jit.profiling import PythonProfiler, functions_of
from zexus.settings import from_environment, updated
from zexus.vm.profiler import ProfilingLevel

LEVELS = ("none", "basic", "detailed", "full")
LIMITS = {"none": 1.02, "basic": 1.25, "detailed": 1.30, "full": 2.00}
OTHERS = ("cProfile", "settrace", "coverage", "line_profiler")
SHORTEST = 0.02  # seconds that one reading takes at least
SETTLE, SETTLE_SECONDS = 4, 0.5  # calls before anything is measured, and how long: native code is there then

# Programs of `programs/`, with arguments that let tracing end, too.
PROGRAMS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "collatz": ("loops", (8_000,)),
    "mandelbrot": ("loops", (60, 60, 100)),
    "integer_sums": ("loops", (60_000, 3)),
    "sieve": ("lists", (300_000,)),
    "nbody": ("lists", (3_000,)),
    "knapsack": ("lists", (30, 8_000)),
    "n_queens": ("lists", (7,)),
    "dict_histogram": ("dicts", (60_000,)),
    "guarded_division": ("handlers", (60_000, 100)),
    "linked_lists": ("objects", (400, 60)),
    "fibonacci": ("recursion", (21,)),
    "mixed_objects": ("mixed", (20, 100)),
    "heap_dijkstra": ("mixed", (40,)),
    "text_levenshtein": ("strings", (160,)),
    "never_richards": ("objects", (900,)),
    "never_ray_tracer": ("objects", (40, 30)),
    "never_word_count": ("strings", (300,)),
    "ordinary_trie": ("objects", (3_000,)),
}


@dataclass
class Engine:
    """A copy of a program, and how it is called."""

    module: types.ModuleType
    around: Callable[[Callable[[], Any]], Any]


def plain(module: types.ModuleType) -> Engine:
    return Engine(module, lambda call: call())


def compiled(module: types.ModuleType) -> Engine:
    """All functions of the module adaptive, in the places of the plain ones."""
    settings = updated(from_environment(), {"background": False})
    spaces = [vars(module), *(vars(one) for one in vars(module).values() if isinstance(one, type))]
    owners = [module, *(one for one in vars(module).values() if isinstance(one, type))]
    for owner, space in zip(owners, spaces, strict=True):
        for name, value in list(space.items()):
            if type(value) is types.FunctionType and value.__globals__ is vars(module):
                setattr(owner, name, zexus.jit.compile(value, profile=settings))
    return Engine(module, lambda call: call())


def profiled(module: types.ModuleType, level: str) -> tuple[Engine, PythonProfiler]:
    """All functions of the module adaptive and counted, and what counts them."""
    compiled(module)
    profiler = PythonProfiler(ProfilingLevel.of(level), updated(from_environment(), {"background": False}))
    owned = [one for space in (module, *(c for c in vars(module).values() if isinstance(c, type)))
             for one in vars(space).values() if type(one) is types.FunctionType]
    profiler.start(dict.fromkeys([*owned, *functions_of(vars(module))]))
    return Engine(module, lambda call: call()), profiler


def settrace(module: types.ModuleType) -> Engine:
    """The least that counts lines by a trace function."""
    found: dict[int, int] = {}
    name = module.__file__

    def line(frame: types.FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            found[frame.f_lineno] = found.get(frame.f_lineno, 0) + 1
        return line

    def trace(frame: types.FrameType, event: str, argument: Any) -> Any:
        return line if frame.f_code.co_filename == name else None

    def around(call: Callable[[], Any]) -> Any:
        sys.settrace(trace)
        try:
            return call()
        finally:
            sys.settrace(None)

    return Engine(module, around)


def c_profile(module: types.ModuleType) -> Engine:
    import cProfile

    profiler = cProfile.Profile(time.process_time)

    def around(call: Callable[[], Any]) -> Any:
        profiler.enable()
        try:
            return call()
        finally:
            profiler.disable()

    return Engine(module, around)


def coverage(module: types.ModuleType) -> Engine:
    from coverage import Coverage

    assert module.__file__ is not None
    measured = Coverage(data_file=None, include=[module.__file__], config_file=False)

    def around(call: Callable[[], Any]) -> Any:
        measured.start()
        try:
            return call()
        finally:
            measured.stop()

    return Engine(module, around)


def line_profiler(module: types.ModuleType) -> Engine:
    from line_profiler import LineProfiler

    profiler = LineProfiler()
    for function in functions_of(vars(module)):
        profiler.add_function(function)

    def around(call: Callable[[], Any]) -> Any:
        profiler.enable_by_count()
        try:
            return call()
        finally:
            profiler.disable_by_count()

    return Engine(module, around)


MAKERS: dict[str, Callable[[types.ModuleType], Engine]] = {
    "cpython": plain, "zexus": compiled, "settrace": settrace, "cProfile": c_profile, "coverage": coverage,
    "line_profiler": line_profiler,
}


def engines(name: str, chosen: list[str]) -> dict[str, Engine]:
    """A copy of a program for each engine; without those whose package is not installed."""
    path = catalog.FOLDER / f"{name}.py"
    found: dict[str, Engine] = {}
    for engine in chosen:
        module = catalog.load(path, engine)
        try:
            found[engine] = profiled(module, engine)[0] if engine in LEVELS else MAKERS[engine](module)
        except ImportError:
            continue
    return found


def call(engine: Engine, arguments: tuple[Any, ...]) -> tuple[float, Any]:
    """One call: its processor time, and its answer."""
    given = catalog.fresh_arguments(engine.module, arguments)
    before = time.process_time()
    answer = engine.around(lambda: engine.module.run(*given))
    return time.process_time() - before, answer


def settle(engine: Engine, arguments: tuple[Any, ...]) -> None:
    """Call the program until what is going to be native is."""
    until = time.process_time() + SETTLE_SECONDS
    calls = 0
    while calls < SETTLE or time.process_time() < until:
        call(engine, arguments)
        calls += 1


def measure(name: str, chosen: list[str], rounds: int) -> dict[str, float]:
    """How many times the time of what it is compared with each engine takes.

    Raises:
        SystemExit: an answer is wrong.
    """
    _, arguments = PROGRAMS[name]
    found = engines(name, ["cpython", "zexus", *chosen])
    answers = {engine: catalog.digest(call(one, arguments)[1]) for engine, one in found.items()}
    if len(set(answers.values())) > 1:
        sys.exit(f"{name}: the answers differ: {answers}")
    for engine, one in found.items():
        if engine in ("zexus", *LEVELS):
            settle(one, arguments)
    repeats = max(1, round(SHORTEST / max(call(found["zexus"], arguments)[0], 1e-6)))
    repeats = min(repeats, 200)
    times: dict[str, list[float]] = {engine: [] for engine in found}
    for _ in range(rounds):
        for engine, one in found.items():
            fast = engine in ("zexus", *LEVELS)
            many = repeats if fast else 1
            times[engine].append(sum(call(one, arguments)[0] for _ in range(many)) / many)
    ratios = {engine: statistics.median(
        a / b for a, b in zip(times[engine], times["zexus" if engine in LEVELS else "cpython"], strict=True))
        for engine in found if engine not in ("cpython", "zexus")}
    ratios["cpython"] = statistics.median(a / b for a, b in zip(times["cpython"], times["zexus"], strict=True))
    return ratios


def measure_all(names: list[str], levels: list[str], rounds: int) -> None:
    """Print a table: the levels in times of compiled functions, others in times of CPython."""
    os.environ["ZEXUS_CACHE_DIR"] = tempfile.mkdtemp(prefix="zexus-profilers-")
    sys.setrecursionlimit(10_000)
    columns = [*levels, *OTHERS]
    print(f"{'Python functions':<18} {'kind':<10}" + "".join(f"{one:>10}" for one in levels) + f"{'cpython':>10} |"
          + "".join(f"{one:>14}" for one in OTHERS))
    print(f"{'':<29}" + "in times of the same functions, compiled".center(10 * (len(levels) + 1)) + " |"
          + "in times of CPython".center(14 * len(OTHERS)))
    found: dict[str, list[tuple[str, float]]] = {column: [] for column in columns}
    for name in names:
        kind, _ = PROGRAMS[name]
        ratios = measure(name, columns, rounds)
        cells = "".join(f"{ratios[one]:10.3f}" for one in (*levels, "cpython"))
        others = "".join(f"{ratios[one]:14.2f}" if one in ratios else f"{'not installed':>14}" for one in OTHERS)
        print(f"{name:<18} {kind:<10}{cells} |{others}", flush=True)
        for column in columns:
            if column in ratios:
                found[column].append((kind, ratios[column]))
    for title, kinds in (("geomean", None), ("loops", "loops")):
        cells = []
        for column in columns:
            values = [ratio for kind, ratio in found[column] if kinds is None or kind == kinds]
            width = 10 if column in levels else 14
            text = f"{statistics.geometric_mean(values):.3f}" if values else ""
            cells.append(f"{text:>{width}}" + (f"{'':>10} |" if column == levels[-1] else ""))
        print(f"{title:<29}" + "".join(cells))
    print("target at most".ljust(29) + "".join(f"{LIMITS[x]:10.2f}" for x in levels) + "\n")
