"""Nothing leaks: a hundred thousand native rounds leave memory and reference counts as they were."""

from __future__ import annotations

import functools
import gc
import pkgutil
import sys
import tracemalloc
import types
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import zexus
import zexus.jit.forms
from zexus.jit import callees, counters
from zexus.jit.emit import library

from .leak_programs import PROGRAMS, Program

pytestmark = pytest.mark.usefixtures("young_heap")
NOISE = 4000  # bytes of what the engine notes of its own work, and forgets
NOW: dict[str, Any] = {"threshold": 1, "background": False, "cache": False, "weigh": False, "measure": False}
CONSTANTS = (None, True, False, (), "", b"", NotImplemented, ..., int, float, list, tuple, str, dict)
MORTAL = ("Marker", "Point", "deque", "Dice")  # classes of which nobody else has instances here


def reachable(roots: tuple[Any, ...]) -> list[Any]:
    """The objects themselves, what they hold, and what that holds, but for ints: counts are such."""
    found = {id(one): one for one in roots}
    for _ in range(2):
        for one in gc.get_referents(*found.values()):
            found.setdefault(id(one), one)
    return [one for one in found.values() if type(one) not in (int, types.ModuleType)]


def counts(objects: list[Any]) -> list[int]:
    return [sys.getrefcount(one) for one in objects]


def native_iterations(compiled: Any) -> int:
    return sum(region.native_iterations for region in zexus.explain(compiled).regions)


def leak(call: Callable[[], Any], calls: int, objects: list[Any]) -> str:
    """What that many calls leave behind: memory, or references to some objects; "" if nothing."""
    gc.collect()
    gc.collect()  # what finalizers let go
    held = counts(objects)
    tracemalloc.start()
    try:
        for _ in range(10):
            call()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(calls):
            call()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    for one, earlier, now in zip(objects, held, counts(objects)):
        if abs(now - earlier) > calls // 2:
            return f"{now - earlier} references to {one!r:.60}"
    return f"{grown} bytes" if grown > max(16 * calls, NOISE) else ""  # no object is as small


def check(program: Program, compiled: Any, calls: int, n: int, between: Callable[[], None] = lambda: None) -> float:
    """See that calls leave nothing behind, and tell how many native iterations there were for each of their rounds.

    Args:
        program, compiled: a program and what became of it.
        calls: how often to call it.
        n: its argument.
        between: what to do before each call.
    """
    given = [*program.make()]

    def call() -> Any:
        between()
        return compiled(n, *given)

    assert repr(compiled(100, *given)) == repr(program.function(100, *program.make()))
    for _ in range(calls // 8):
        call()
    objects = reachable((*given, *CONSTANTS))
    before = native_iterations(compiled)
    found = ""
    for _ in range(3):  # what is compiled meanwhile stays, but comes only once or twice
        found = leak(call, calls, objects)
        if not found:
            break
    assert not found, found
    native = native_iterations(compiled) - before
    alive = [weakref.ref(one) for one in objects if type(one).__name__ in MORTAL]
    given.clear()
    del objects
    gc.collect()
    assert not [reference() for reference in alive if reference() is not None]
    return native / (calls * n)


@pytest.mark.parametrize("name", PROGRAMS)
def test_rounds_leave_nothing_behind(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program, outlined, block = PROGRAMS[name], [], callees.block

    def noted(code: Any, number: int, cells: Any) -> Any:
        outlined.append((code.qualname, code.blocks[number].line))
        return block(code, number, cells)

    monkeypatch.setattr(callees, "block", noted)
    compiled = zexus.jit.compile(program.function, **{**NOW, **program.settings})
    assert check(program, compiled, 1000, 100) > 0.85, str(zexus.explain(compiled))
    told = f"statements were left to Python, or are no longer: {set(outlined)}\n{zexus.explain(compiled)}"
    assert bool(outlined) == program.outlined, told


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.thorough if number % 2 else ())
                                  for number, name in enumerate(PROGRAMS)])
def test_exits_leave_nothing_behind(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each guard fails on its second pass in each call."""
    program, numbers, fresh = PROGRAMS[name], [], counters.fresh

    def noted(*arguments: int) -> bytearray:
        numbers.append(fresh(*arguments))
        return numbers[-1]

    def again() -> None:
        for memory in numbers:
            passes = len(memory) - counters.WORD * len(counters.NAMES)
            memory[len(memory) - passes:] = bytes(passes)

    monkeypatch.setattr(counters, "fresh", noted)
    # The ways out are the same with few optimizations, which take most of the time.
    monkeypatch.setattr(library, "compile_object", functools.partial(library.compile_object, reduced=True))
    compiled = zexus.jit.compile(program.function, **{**NOW, **program.settings, "force_exit": 2})
    check(program, compiled, 150, 20, again)
    assert sum(region.side_exits for region in zexus.explain(compiled).regions) >= 150


@pytest.mark.parametrize("name", ["attributes", "closures"])
def test_calls_leave_nothing_behind(name: str) -> None:
    program = PROGRAMS[name]
    compiled = zexus.jit.compile(program.function, **{**NOW, **program.settings})
    assert check(program, compiled, 100_000, 2) > 0.85, str(zexus.explain(compiled))


def test_every_form_is_here() -> None:
    forms = {module.name for module in pkgutil.iter_modules(zexus.jit.forms.__path__)}
    assert forms == {form for program in PROGRAMS.values() for form in program.forms}
