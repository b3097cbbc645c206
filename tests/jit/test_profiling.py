"""Profiling Python functions: what is counted, what stays as it was, and what a report says of it."""

from __future__ import annotations

import inspect
import linecache
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

import pytest

import zexus
from zexus.report.model import Report
from zexus.settings import JitSettings

NOW = JitSettings(threshold=1, background=False)
TEXT = '''
def total(xs):
    found = 0
    for x in xs:
        found += helped(x)
    return found


def helped(x):
    return 10 // x


class Thing:
    def __init__(self, n):
        self.n = n

    @property
    def doubled(self):
        return 2 * self.n


def hot(n):
    found = 0
    for i in range(n):
        if i == 700:
            found += int(f"{i:{i % 7}}")
        found += i
    return found


def names():
    total = 0
    for i in range(3):
        total += i
    return sorted(locals()), sorted(globals())
'''


@pytest.fixture
def module(request: pytest.FixtureRequest) -> types.ModuleType:
    return made(TEXT, f"profiled-{request.node.name}")


def made(text: str, filename: str) -> types.ModuleType:
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    found = types.ModuleType("profiled")
    exec(compile(text, filename, "exec"), found.__dict__)
    return found


def lines(report: Report) -> dict[int, int]:
    return {line.line: line.count for line in report.lines}


def test_a_call_is_profiled_with_the_functions_of_its_module(module: types.ModuleType) -> None:
    code = module.total.__code__, module.helped.__code__
    found = zexus.profile(module.total, [1, 2, 5], level="basic")
    assert found.result == 17
    assert lines(found.report) == {3: 1, 4: 1, 5: 3, 6: 1, 10: 3}
    assert {part.function: part.calls for part in found.report.functions} == {"total": 1, "helped": 3}
    (loop,) = found.report.loops
    assert (loop.line, loop.entries, loop.iterations, loop.nesting) == (4, 1, 3, 0)
    assert (module.total.__code__, module.helped.__code__) == code
    assert module.total.__code__ is code[0]
    assert found.report.unit == "statements" and "3" in str(found)


def test_what_a_call_raises_has_the_report(module: types.ModuleType) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        zexus.profile(module.total, [1, 0, 5], level="basic")
    report = raised.value.zexus_report  # type: ignore[attr-defined]
    assert lines(report) == {3: 1, 4: 1, 5: 2, 10: 2}
    assert {part.line: part.raised for part in report.lines if part.raised} == {5: 1, 10: 1} or \
        {part.line: part.raised for part in report.lines if part.raised} == {5: 1}


def test_a_block_counts_what_stands_beside_it_and_what_is_named(module: types.ModuleType) -> None:
    with zexus.profiling("basic", functions=[module.total]) as block:
        module.total([1, 2])
    assert lines(block.report()) == {3: 1, 4: 1, 5: 2, 6: 1}
    sys.modules["profiled.sub"] = module
    try:
        with zexus.profiling("basic", include="profiled.*") as block:
            module.total([1, 2])
            assert module.Thing(3).doubled == 6
            during = block.report()
    finally:
        del sys.modules["profiled.sub"]
    assert lines(during) == {3: 1, 4: 1, 5: 2, 6: 1, 10: 2, 15: 1, 19: 1}
    assert lines(block.report()) == lines(during)

    with zexus.profiling() as block:
        beside(3)
    (part,) = block.report().functions
    assert (part.function, part.calls) == ("beside", 1)


def beside(n: int) -> int:
    return n + 1


def test_compiled_functions_are_counted_and_stay_compiled(module: types.ModuleType) -> None:
    hot = zexus.jit.compile(module.hot, profile=NOW)
    before = hot.__code__
    with zexus.profiling("basic") as block:
        assert hot(1000) == module.hot(1000)
    (loop,) = block.report().loops
    assert (loop.iterations, loop.tier) == (1000, "native")
    assert loop.native_iterations is not None and loop.native_iterations > 900
    assert [(left.code, left.line) for left in loop.exits if left.line == 26]
    assert loop.versions and loop.compile_ms > 0 and loop.code == "ZX000"
    assert hot.__code__.co_code == before.co_code
    hot(1000)
    assert zexus.explain(hot).regions[0].tier == "native"


def test_side_exits_stand_on_their_lines(module: types.ModuleType) -> None:
    with zexus.profiling("basic", functions=[module.hot], profile=NOW) as block:
        module.hot(1000)
    by_line = {line.line: line for line in block.report().lines}
    assert by_line[27].count == 1000 and by_line[26].count == 1 and by_line[25].tier == "native"
    assert sum(left.count for line in by_line.values() for left in line.exits) > 0


def test_functions_that_call_themselves_are_told_like_loops() -> None:
    module = made("def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n", "profiled-fib")
    with zexus.profiling("full", functions=[module.fib], profile=NOW) as block:
        for _ in range(30):
            assert module.fib(15) == 610
    report = block.report()
    calls = 30 * 1973
    assert lines(report) == {2: calls, 3: calls // 2 + 15, 4: calls // 2 - 15}
    (whole,) = report.loops
    assert (whole.line, whole.entries, whole.iterations, whole.tier, whole.code) == (1, calls, calls, "native", "ZX000")
    assert whole.versions == 1 and whole.compile_ms > 0 and whole.native_iterations
    assert all(line.tier == "native" for line in report.lines)


def test_nothing_shows_in_the_variables(module: types.ModuleType) -> None:
    before = module.names()
    found = zexus.profile(module.names, level="full")
    assert found.result == before
    assert lines(found.report) == {32: 1, 33: 1, 34: 3, 35: 1}


def test_at_level_none_the_code_is_the_same_object(module: types.ModuleType) -> None:
    code = module.total.__code__
    with zexus.profiling("none", functions=[module.total]) as block:
        assert module.total.__code__ is code
        module.total([1])
    assert not block.report().lines


def test_times_are_told_from_detailed_on(module: types.ModuleType) -> None:
    basic = zexus.profile(module.hot, 2000, level="basic").report
    assert all(line.time_ns is None for line in basic.lines)
    detailed = zexus.profile(module.hot, 2000, level="detailed").report
    (loop,) = detailed.loops
    assert loop.times is not None and loop.times.timed == 1 and loop.times.sum > 0
    assert {line.line for line in detailed.lines if line.time_ns} == {24}
    (function,) = detailed.functions
    assert function.times is not None and function.times.sum >= loop.times.sum


BLOCKS = [*(f"{'    ' * depth}for i{depth} in range(n):" for depth in range(1, 21)), f"{'    ' * 21}total += 1"]
DEEP = """
def deep(n):
    global reached
    reached = n
    found = deep(n + 1)
    return found


def nested(n):
    total = 0
""" + "\n".join(BLOCKS) + """
    return total


def counter():
    count = 0

    def up(by):
        nonlocal count
        count += by
        return count

    return up
"""


def test_calls_nest_as_deep_as_without_counters() -> None:
    module = made(DEEP, "profiled-deep")
    with zexus.profiling("basic", functions=[module.deep]) as block:
        with pytest.raises(RecursionError):
            module.deep(1)
    assert lines(block.report()) == {4: module.reached, 5: module.reached}
    counted = module.reached
    with pytest.raises(RecursionError):
        module.deep(1)
    assert abs(module.reached - counted) < 12  # the block stands as deep as the test


def test_blocks_nest_as_deep_as_without_counters() -> None:
    module = made(DEEP, "profiled-nested")
    for level in ("basic", "full"):
        found = zexus.profile(module.nested, 1, level=level)
        assert found.result == 1 and not found.report.uncounted
        assert lines(found.report)[31] == 1, lines(found.report)


def test_instances_of_a_function_are_counted_together() -> None:
    module = made(DEEP, "profiled-closures")
    before = module.counter()
    with zexus.profiling("basic", functions=[module.counter, before]) as block:
        after = module.counter()
        assert [before(1), before(2), after(5)] == [1, 3, 5]
    report = block.report()
    assert lines(report) == {36: 1, 38: 1, 40: 3, 41: 3, 43: 1}
    (part,) = (part for part in report.functions if part.function == "counter.<locals>.up")
    assert part.calls == 3


def test_threads_count_together() -> None:
    module = made(TEXT, "profiled-threads")
    with zexus.profiling("basic", functions=[module.total, module.helped], profile=NOW) as block:
        threads = [threading.Thread(target=module.total, args=([1, 2, 5] * 400,)) for _ in range(8)]
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            sys.setswitchinterval(before)
    assert lines(block.report()) == {3: 8, 4: 8, 5: 9600, 6: 8, 10: 9600}


def test_what_cannot_be_counted_is_told() -> None:
    space: dict[str, Any] = {}
    exec("def sourceless(): return 3", space)
    found = zexus.profile(space["sourceless"], level="basic")
    assert found.result == 3
    (one,) = found.report.uncounted
    assert (one.function, one.code) == ("sourceless", "ZX010")


def test_what_dataclasses_write_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("dataclassed")
    monkeypatch.setitem(sys.modules, "dataclassed", module)
    text = """
from dataclasses import dataclass


@dataclass(order=True)
class Point:
    x: int = 0

    def moved(self):
        return Point(self.x + 1)


def walked(n):
    return [Point(i).moved() for i in range(n)]


exec("def bare():\\n    return 1")
"""
    linecache.cache["dataclassed.py"] = (len(text), None, text.splitlines(keepends=True), "dataclassed.py")
    exec(compile(text, "dataclassed.py", "exec"), module.__dict__)
    found = zexus.profile(module.walked, 3, level="basic").report
    assert {part.function: part.calls for part in found.functions} == {"walked": 1, "Point.moved": 3}
    assert [part.function for part in found.uncounted] == ["bare"]


@pytest.mark.parametrize("wrong", [len, 3, int])
def test_only_functions_in_python_are_profiled(wrong: Any) -> None:
    with pytest.raises(TypeError, match="a function in Python is needed"):
        zexus.profile(wrong)


def test_blocks_do_not_stand_in_each_other(module: types.ModuleType) -> None:
    with zexus.profiling("basic"):
        with pytest.raises(RuntimeError, match="already"):
            zexus.profile(module.total, [1])
    with pytest.raises(ValueError, match="unknown profiling level 'much'"):
        zexus.profiling("much")
    assert zexus.profile(module.total, [1]).result == 10


def test_functions_keep_what_tells_them(module: types.ModuleType) -> None:
    signature: Callable[..., Any] = inspect.signature
    with zexus.profiling("basic", functions=[module.total]):
        assert str(signature(module.total)) == "(xs)"
        assert module.total.__code__.co_firstlineno == 2
        assert inspect.getsource(module.total).startswith("def total")


BUSY = '''
def busy(n):
    found = 0
    while found < 3 * n:
        found += 1
    for i in range(n):
        found += stepped(i, found) * (i + n) - (found - i) * (n - i) // (i + 1)
    for i in range(n // 2):
        Thing(i)
    return found


def stepped(i, found):
    if i > found:
        return i - found + i * i
    return found - i


class Thing:
    def __init__(self, i):
        self.first = self.second = i
        self.third = i
'''


def test_the_busiest_loop_is_that_in_which_most_is_executed() -> None:
    module = made(BUSY, "busy")
    report = zexus.profile(module.busy, 40, level="basic").report
    assert [(loop.line, loop.iterations) for loop in report.loops] == [(6, 40), (4, 120), (8, 20)]
    heavy, counting, making = (loop.work for loop in report.loops)
    # A test has three parts and the loop; its body has two. The other loops' heads are evaluated once.
    assert counting == 1 + 5 + 120 * (6 + 3)
    called = 40 * (4 + 4)  # `stepped`: a test, and what it returns
    assert heavy > 40 * 20 + called and making > 20 * (3 + 2 * 4)


def test_times_go_before_work() -> None:
    module = made(BUSY, "busy")
    report = zexus.profile(module.busy, 3000, level="detailed").report
    assert all(loop.own_ns is not None for loop in report.loops)
    assert [loop.own_ns for loop in report.loops] == sorted((loop.own_ns or 0 for loop in report.loops), reverse=True)
