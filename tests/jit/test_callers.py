"""Who called: calls that are timed are told by their callers, and stand for those that are not."""

from __future__ import annotations

import linecache
import types

import pytest

import zexus
from zexus.report.model import Report
from zexus.vm.profiling import timing

TEXT = '''
def leaf(x):
    return x + 1


def one(n):
    return [leaf(i) for i in range(n)]


def other(n):
    return leaf(leaf(n))


def deep(n):
    if n == 0:
        return leaf(0)
    return deep(n - 1)


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def bad(n):
    raise ValueError(leaf(n))


def main():
    one(5)
    other(1)
    deep(20)
    even(6)
    try:
        bad(1)
    except ValueError:
        pass
'''


@pytest.fixture
def module(request: pytest.FixtureRequest) -> types.ModuleType:
    filename = f"calling-{request.node.name}"
    linecache.cache[filename] = (len(TEXT), None, TEXT.splitlines(keepends=True), filename)
    found = types.ModuleType("calling")
    exec(compile(TEXT, filename, "exec"), found.__dict__)
    return found


def timed(report: Report) -> dict[str, int]:
    return {" ".join(frame.function for frame in part.stack): part.timed for part in report.calls}


def test_calls_are_told_by_who_called(module: types.ModuleType) -> None:
    report = zexus.profile(module.main).report
    assert timed(report) == {
        "main": 1, "main one": 1, "main one leaf": 5, "main other": 1, "main other leaf": 2,
        "main deep": 1, "main deep leaf": 1, "main even": 1, "main even odd": 1, "main bad leaf": 1}
    times = {" ".join(frame.function for frame in part.stack): part.time_ns for part in report.calls}
    assert times["main"] >= times["main one"] + times["main other"] + times["main deep"]
    assert all(time > 0 for time in times.values())
    (main,) = (part for part in report.functions if part.function == "main")
    assert main.times is not None and main.times.whole == times["main"]


def test_calls_inside_a_call_of_the_same_function_are_not_added(module: types.ModuleType) -> None:
    (deep,) = (part for part in zexus.profile(module.main).report.functions if part.function == "deep")
    assert deep.times is not None and deep.times.timed == 21
    assert deep.times.whole == deep.times.greatest < deep.times.sum


def test_below_full_nobody_looks_who_calls(module: types.ModuleType) -> None:
    assert not zexus.profile(module.main, level="detailed").report.calls


def test_what_is_timed_stands_for_what_is_not(module: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0]

    def clock() -> int:
        now[0] += 1_000
        return now[0]

    monkeypatch.setattr(timing, "perf_counter_ns", clock)
    monkeypatch.setattr("zexus.jit.callers.perf_counter_ns", clock)
    report = zexus.profile(module.one, 10_000).report
    (leaf,) = (part for part in report.calls if part.stack[-1].function == "leaf")
    assert leaf.timed < 1_000
    assert 10_000_000 * 0.97 < leaf.time_ns <= 10_000_000
