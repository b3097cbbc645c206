"""Optimized programs behave as before: ordinary functions and random code, at each level, on both machines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest

from tests import strategies
from tests.differential.cases import Case, load, topics
from tests.vm.outcomes import MACHINES
from tests.vm.test_executors import DEPTH, Program, made
from zexus.bytecode import Code, verify
from zexus.codes import Unsupported
from zexus.frontend.loops import loop_sites
from zexus.frontend.lower import lower_function, lower_loop
from zexus.frontend.sites import place_of
from zexus.frontend.source import find
from zexus.regvm.build import build
from zexus.vm.peephole_optimizer import OptimizationLevel, PeepholeOptimizer

# What looks at frames, at which objects are still there, and at how often warnings were caught before: an assignment
# that nobody reads is left out.
_FRAMES = {"locals", "_getframe", "currentframe", "stack", "collect", "alive", "Ending", "Telling", "catch_warnings"}
LEVELS = [level for level in OptimizationLevel if level]


def lowered(case: Case) -> Code | None:
    """A function of the corpus as Code, if all of it can be lowered or outlined."""
    found = find(case.function)
    try:
        return lower_function(found.scope, found.first_line, case.function.__globals__)
    except Unsupported:
        return None


def fits(case: Case, code: Code) -> bool:
    """Whether this is the function itself and no wrapper, and it looks neither at its frame nor at what has died."""
    function = case.function
    if not _FRAMES.isdisjoint(function.__code__.co_names):
        return False
    return function.__code__.co_name == code.name and function.__code__.co_argcount == code.params


def cells(case: Case, code: Code) -> tuple[Any, ...]:
    names = case.function.__code__.co_freevars
    return tuple((case.function.__closure__ or ())[names.index(name)] for name in code.captured)


def given(case: Case, make: Any, code: Code) -> tuple[Any, ...]:
    arguments = make()
    missing = code.params - len(arguments)
    return (*arguments, *((case.function.__defaults__ or ())[-missing:] if missing > 0 else ()))


def optimized(code: Code, level: OptimizationLevel) -> Code:
    before = str(code)
    better = PeepholeOptimizer(level).optimize_code(code)
    verify(better)
    assert str(code) == before, "the given Code was changed"
    return better


# Of these, no function is a program by itself.
CLOSURES = {"cells"}


def outcomes(topic: str, machine: str, level: OptimizationLevel) -> dict[tuple[str, int], Any]:
    """What the functions of a fresh instance of a corpus file do, one behind the other."""
    found: dict[tuple[str, int], Any] = {}
    for name, case in load(topic).cases.items():
        code = lowered(case)
        if code is None or not fits(case, code):
            continue
        better = optimized(code, level)
        for number, make in enumerate(case.sets):
            arguments = given(case, make, code)
            if make is not case.long and len(arguments) == code.params:
                found[name, number] = MACHINES[machine](better, arguments, cells(case, code))
    return found


def share() -> Iterator[Any]:
    """Each file with each machine; by default with one of them in turn."""
    for number, topic in enumerate(sorted(set(topics()) - CLOSURES)):
        for place, machine in enumerate(MACHINES):
            marks = () if number % len(MACHINES) == place else pytest.mark.thorough
            yield pytest.param(topic, machine, marks=marks, id=f"{topic}-{machine}")


@pytest.mark.parametrize(("topic", "machine"), list(share()))
def test_the_corpus_behaves_as_before(topic: str, machine: str) -> None:
    before = outcomes(topic, machine, OptimizationLevel.NONE)
    assert before
    for level in LEVELS:
        after = outcomes(topic, machine, level)
        assert after.keys() == before.keys()
        for case, outcome in after.items():
            assert outcome == before[case], (case, level)


def runs_once(node: ast.AST) -> bool:
    """Whether a loop leaves in its first iteration."""
    return isinstance(node, ast.While) and isinstance(node.body[-1], ast.Return) \
        and not any(isinstance(inner, ast.Continue) for inner in ast.walk(node))


@pytest.mark.parametrize("topic", topics())
def test_regions_stay_whole(topic: str) -> None:
    for case in load(topic).cases.values():
        scope = find(case.function).scope
        once = {place_of(loop) for loop in ast.walk(scope.node) if runs_once(loop)}
        for site in loop_sites(scope):
            if site.kind == "function" or site.refusal is not None:
                continue
            try:
                code = lower_loop(site, case.function.__globals__)
            except Unsupported:
                continue
            for level in LEVELS:
                better = optimized(code, level)
                program = build(better)
                assert {loop.place for loop in better.loops} <= {loop.place for loop in code.loops}
                for loop in better.loops:
                    # What jumps back from behind a `return` is left out: the machine is not to stop there either.
                    there = loop.head in program.leaders or loop.place in once
                    assert there, "a loop's head is no jump target any more"
                    assert max(loop.done, loop.end) < len(better.instructions)


@pytest.mark.parametrize("block", range(8))
def test_random_graphs_behave_as_before(block: int) -> None:
    notes: list[Any] = []

    def note(*values: Any) -> int:
        notes.append(values)
        return len(notes)

    for seed in range(50 * block, 50 * block + 50):
        code = strategies.graph(seed)
        code.namespace = {"note": note}
        for machine, run in MACHINES.items():
            results = []
            for level in OptimizationLevel:
                notes.clear()
                results.append((run(optimized(code, level), strategies.arguments(code, seed)), str(notes)))
            assert len(set(results)) == 1, (seed, machine)


@pytest.mark.parametrize("block", range(8))
def test_random_modules_behave_as_before(block: int) -> None:
    ran = 0
    for seed in range(40 * block, 40 * block + 40):
        module = made(seed)
        before = None if module is None else Program(module).reference()
        if module is None or before is None:
            continue
        ran += 1
        for level in LEVELS:
            assert Program(module, level).peephole(DEPTH) == before, (seed, level)
    assert ran > 10
