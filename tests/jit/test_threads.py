"""Many threads in the same compiled functions: each gets its own answer, whoever records, compiles or switches."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import zexus

NOW: dict[str, Any] = {"threshold": 1, "background": False, "cache": False, "record_iterations": 3, "weigh": False}


@pytest.fixture(autouse=True)
def quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


def together(work: Callable[[int], Any], count: int = 6) -> list[Any]:
    """What `work(k)` answers in `count` threads that start at once."""
    gate = threading.Barrier(count)
    answers: list[Any] = [None] * count

    def run(k: int) -> None:
        gate.wait()
        try:
            answers[k] = work(k)
        except BaseException as error:
            answers[k] = error

    threads = [threading.Thread(target=run, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def mixed(n: int, start: Any, values: list[Any]) -> Any:
    total = start
    log = {}
    for i in range(n):
        total = total + values[i % len(values)]
        if i % 50 == 7:
            log[i] = f"{total}"
        values[i % len(values)] = i
    return total, log, values, i


def nested(n: int, step: int) -> int:
    total = 0
    for i in range(n):
        for j in range(0, n, step):
            total += i ^ j
    return total


def failing(values: list[int]) -> Any:
    i = -1
    try:
        for i in range(1000):
            values[i] += 1
    except IndexError:
        return i, values
    return None


def calls(n: int) -> Any:
    return [helper(k) for k in range(n)]


def helper(k: int) -> int:
    total = 0
    for i in range(40):
        total += i * k
    return total


@pytest.mark.parametrize("settings", [NOW, {**NOW, "force_exit": 2}, {"cache": False, "threshold": 50}])
def test_threads_that_call_one_function_at_once(settings: dict[str, Any]) -> None:
    for _ in range(3):
        compiled = zexus.jit.compile(mixed, **settings)
        for _ in range(4):
            answers = together(lambda k, run=compiled: run(300 + k, k, [k, 2, 3]))
            assert answers == [mixed(300 + k, k, [k, 2, 3]) for k in range(6)]


@pytest.mark.parametrize("settings", [NOW, {**NOW, "force_exit": 2}])
def test_threads_with_types_of_their_own(settings: dict[str, Any]) -> None:
    starts = [0, 1.5, True, 2**63, -0.0, 10**25]
    compiled = zexus.jit.compile(mixed, **settings)
    for _ in range(4):
        answers = together(lambda k: compiled(200, starts[k], [k, 2.5 if k % 2 else 2, 3]))
        assert repr(answers) == repr([mixed(200, starts[k], [k, 2.5 if k % 2 else 2, 3]) for k in range(6)])


def test_threads_in_nested_loops() -> None:
    compiled = zexus.jit.compile(nested, **NOW)
    for _ in range(3):
        assert together(lambda k: compiled(60 + k, k + 1)) == [nested(60 + k, k + 1) for k in range(6)]


def test_exceptions_stay_in_their_threads() -> None:
    compiled = zexus.jit.compile(failing, **NOW)
    for _ in range(3):
        assert together(lambda k: compiled(list(range(100 + k)))) == [failing(list(range(100 + k))) for k in range(6)]


def test_threads_compile_many_functions_at_once() -> None:
    compiled = [zexus.jit.compile(function, **NOW) for function in (nested, helper, failing, mixed)]
    answers = together(lambda k: compiled[k % 2](30, 2) if k % 2 == 0 else compiled[1](k))
    assert answers == [nested(30, 2) if k % 2 == 0 else helper(k) for k in range(6)]


SHARED: list[int] = []


def shares(n: int, values: list[int]) -> int:
    total = 0
    for i in range(n):
        values[i % 8] += 1
        total += values[(i + 1) % 8]
    return total


def test_a_list_that_all_threads_change_stays_whole() -> None:
    compiled = zexus.jit.compile(shares, **NOW)
    values = [1_000_000] * 8
    assert isinstance(compiled(1000, values), int)
    answers = together(lambda k: compiled(150_000, values))
    assert all(isinstance(answer, int) for answer in answers), answers
    assert all(type(value) is int and value > 1_000_000 for value in values)


def grows(n: int, values: list[float]) -> int:
    for i in range(n):
        values.append(i * 0.5)
        if len(values) > 50:
            values.pop()
            values.pop()
    return len(values)


def test_a_list_that_all_threads_resize_stays_whole() -> None:
    compiled = zexus.jit.compile(grows, **NOW)
    values: list[float] = []
    compiled(1000, values)
    answers = together(lambda k: compiled(150_000, values))
    assert all(isinstance(answer, int) for answer in answers), answers
    assert all(type(value) is float for value in values)


def swaps_rows(n: int, rows: list[list[float]]) -> float:
    total = 0.0
    for i in range(n):
        row = rows[i % 4]
        for j in range(3):
            total += row[j]
        rows[i % 4] = [row[0], row[1] + 1.0, 2.0]
    return total


def test_rows_that_other_threads_drop_stay_alive_while_used() -> None:
    compiled = zexus.jit.compile(swaps_rows, **NOW)
    rows = [[1.0, 2.0, 3.0] for _ in range(4)]
    compiled(1000, rows)
    answers = together(lambda k: compiled(60_000, rows), 4)
    assert all(isinstance(answer, float) for answer in answers), answers


def test_threads_and_tiers_in_the_background() -> None:
    for _ in range(3):
        compiled = zexus.jit.compile(nested, cache=False, threshold=20)
        for _ in range(6):
            assert together(lambda k, run=compiled: run(150 + k, k + 1)) == [nested(150 + k, k + 1) for k in range(6)]
