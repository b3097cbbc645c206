"""Runs the cases of a module twice, with the naive counts and with the profiler's, and says where the two differ."""

from __future__ import annotations

import functools
import linecache
import sys
import types
import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.differential.cases import Case, Program
from tests.differential.harness import MODES as ENGINE
from tests.differential.harness import NOW, differences, observe
from tests.frontend.naive_statements import NAME, Counts, Place, counting
from zexus.frontend.tallies import Tally
from zexus.jit.profiling import PythonProfiler, functions_of
from zexus.settings import from_environment, updated
from zexus.vm.profiler import ProfilingLevel

_counting = functools.cache(counting)


@functools.cache
def _compiled(text: str, filename: str) -> types.CodeType:
    return compile(text, filename, "exec", dont_inherit=True)


def _executed(code: types.CodeType, module: types.ModuleType) -> None:
    sys.modules[module.__name__] = module  # where data classes look for the names in annotations
    try:
        exec(code, module.__dict__)
    finally:
        del sys.modules[module.__name__]


PYTHON = {"enabled": False}
EXITS = ENGINE["exit2"]
MODES: dict[str, dict[str, Any]] = {"python": PYTHON, "native": NOW, "exits": EXITS}


def naive(text: str, filename: str, package: str = "tests.differential.corpus") -> tuple[Program, Counts]:
    """A fresh instance of a module that is counted naively, and its counts from now on."""
    counts = Counts()
    module = types.ModuleType("subject")
    module.__dict__.update({NAME: counts, "__file__": filename, "__package__": package})
    _executed(_counting(text, filename), module)
    counts.clear()
    return Program(module, {entry.name: entry for entry in module.__dict__.get("__cases__", [])}), counts


def plain(text: str, filename: str, package: str = "tests.differential.corpus") -> Program:
    """A fresh instance of a module as it is."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    module = types.ModuleType("subject")
    module.__dict__.update({"__file__": filename, "__package__": package})
    _executed(_compiled(text, filename), module)
    return Program(module, {entry.name: entry for entry in module.__dict__.get("__cases__", [])})


def counts_of(tallies: list[Tally], filename: str) -> Counter[Place]:
    """How often the statements of a file were begun, by where they stand."""
    found: Counter[Place] = Counter()
    for tally in tallies:
        if tally.filename == filename:
            for statement, count in zip(tally.statements, tally.counts(), strict=True):
                found[statement.line, statement.column] += count
    return found


def problems(text: str, filename: str, mode: str, names: Sequence[str] = (), rounds: int = 2,
             level: ProfilingLevel = ProfilingLevel.BASIC) -> list[str]:
    """In what the profiler differs for the cases of a module: answers, and counts of statements.

    Args:
        text: the module.
        filename: its file.
        mode: a key of MODES.
        names: of the cases; all by default.
        rounds: how often each case is called with all its arguments.
        level: of the profiler.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # programs may warn when their arguments are made
        return _problems(text, filename, mode, names, rounds, level)


def _problems(text: str, filename: str, mode: str, names: Sequence[str], rounds: int,
              level: ProfilingLevel) -> list[str]:
    reference, expected = naive(text, filename)
    subject = plain(text, filename)
    profiler = PythonProfiler(level, updated(from_environment(), MODES[mode]))
    profiler.start(functions_of(subject.module.__dict__))
    found: list[str] = []
    try:
        for name in names or list(reference.cases):
            for _ in range(rounds):
                found += _called(reference.cases[name], subject.cases[name], reference, subject)
    finally:
        profiler.stop()
    found += [f"{one.qualname} in line {one.line}: {one.refusal}" for one in profiler.uncounted
              if one.filename == filename]
    actual = counts_of(profiler.tallies, filename)
    found += [f"line {line}, column {column}: begun {expected[line, column]} times, counted {actual[line, column]}"
              for line, column in sorted({*expected, *actual}) if expected[line, column] != actual[line, column]]
    found += [f"{tally.qualname}: {tally.unknown.n} exceptions of unknown lines" for tally in profiler.tallies
              if tally.unknown.n]
    return found


def _called(case: Case, other: Case, reference: Program, subject: Program) -> list[str]:
    found: list[str] = []
    for index, (left, right) in enumerate(zip(case.sets, other.sets, strict=True)):
        if index and case.apart:
            break  # further arguments are for another instance of the function
        before = observe(reference.module, case.function, case.function.__closure__, left())
        after = observe(subject.module, other.function, other.function.__closure__, right())
        found += map(str, differences(f"{case.name}, arguments {index}", before, after))
    return found
