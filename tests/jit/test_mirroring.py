"""Unboxed copies of lists: when they come and go, and that nobody ever sees a list behind its copy."""

from __future__ import annotations

import gc
import random
import signal
import sys
import threading
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

import zexus
from zexus import events
from zexus.jit import mirroring

NOW: dict[str, Any] = {"threshold": 1, "background": False, "cache": False, "record_iterations": 3, "weigh": False}
AT_ONCE: dict[str, Any] = {**NOW, "mirror_after": 0}


WORDS = {"lists with mirrors": "with", "back to lists without mirrors": "back", "no mirrors": "none"}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said of mirrors, in order; they come in the first time slice in which they would pay."""
    monkeypatch.setattr(mirroring, "_ENOUGH", 1)
    said: list[str] = []
    monkeypatch.setattr(events, "append",
                        lambda kind, where, text: said.extend(short for long, short in WORDS.items() if long in text))
    return said


def mixed_up(xs, rounds):
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] = (xs[i] * 31 + k) % 10007
    return sum(xs)


def scaled(xs, rounds):
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] = xs[i] * 0.5 + k
    return sum(xs)


def check(compiled: Callable[..., Any], plain: Callable[..., Any], make: Callable[[], list[Any]], rounds: int) -> None:
    mine, theirs = make(), make()
    assert compiled(mine, rounds) == plain(theirs, rounds)
    assert mine == theirs and [type(x) for x in mine] == [type(x) for x in theirs]


# --- coming and going ---------------------------------------------------------------------------------------


def test_one_long_call_goes_on_with_mirrors(told: list[str]) -> None:
    compiled = zexus.jit.compile(mixed_up, **NOW, mirror_after=1e-9)
    check(compiled, mixed_up, lambda: list(range(300)), 3000)
    (outer, _) = zexus.explain(compiled).regions
    assert told == ["with"]
    assert outer.tier == "native" and outer.side_exits == 0 and outer.versions == 1


def test_beside_the_program(told: list[str]) -> None:
    compiled = zexus.jit.compile(mixed_up, cache=False, mirror_after=1e-9)
    for _ in range(400):
        check(compiled, mixed_up, lambda: list(range(300)), 1500)
        if told:
            break
    assert told == ["with"]
    check(compiled, mixed_up, lambda: list(range(300)), 1500)


def test_not_where_iterations_do_not_pay_for_them(told: list[str]) -> None:
    def once(xs, rounds):
        total = 0
        for k in range(rounds):
            total += xs[k]
        return total

    compiled = zexus.jit.compile(once, **NOW, mirror_after=1e-9)
    for _ in range(4):
        assert compiled(list(range(200_000)), 200_000) == 19_999_900_000
    assert told == []


def test_never(told: list[str]) -> None:
    compiled = zexus.jit.compile(mixed_up, **NOW, mirror_after=-1)
    check(compiled, mixed_up, lambda: list(range(300)), 3000)
    assert told == []


def test_back_when_other_numbers_come(told: list[str]) -> None:
    compiled = zexus.jit.compile(mixed_up, **NOW, mirror_after=1e-9)
    check(compiled, mixed_up, lambda: list(range(300)), 3000)
    before = zexus.explain(compiled).regions[0].versions
    for make in (lambda: [1, 2**64, 3] * 10, lambda: [True, 5] * 10, lambda: [1, None][:1] * 30):
        check(compiled, mixed_up, make, 90)
    assert told == ["with", "back"]
    check(compiled, mixed_up, lambda: list(range(300)), 3000)
    assert zexus.explain(compiled).regions[0].tier == "native"
    assert before == 1


def test_back_when_the_lists_are_too_long_for_what_is_done(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirroring, "_CREDIT", 1000)

    def touched(xs, at, rounds):
        total = 0
        for k in range(rounds):
            for i in at:
                total += xs[i]
                xs[i] = k % 300
        return total

    compiled = zexus.jit.compile(touched, **NOW, mirror_after=1e-9)
    small, large = list(range(50)), list(range(100_000))
    assert compiled(small, list(range(50)), 4000) == touched(list(range(50)), list(range(50)), 4000)
    assert told == ["with"]
    for _ in range(60):
        compiled(large, [1, 2], 3)
    assert told == ["with", "back"]


def test_at_once_falls_back_to_code_without(told: list[str]) -> None:
    compiled = zexus.jit.compile(mixed_up, **AT_ONCE)
    check(compiled, mixed_up, lambda: list(range(30)), 50)
    check(compiled, mixed_up, lambda: [5, 2**65] * 10, 50)
    check(compiled, mixed_up, lambda: list(range(30)), 50)
    assert told[:3] == ["with", "with", "back"]  # the inner loop, then the outer one
    assert set(told[3:]) <= {"back"}  # and the inner one, where it runs by itself
    assert zexus.explain(compiled).regions[0].tier == "native"


# --- other code looks, and changes things ------------------------------------------------------------------------


def until_stopped(xs, stop):
    rounds = 0
    while not stop[0]:
        for i in range(len(xs)):
            xs[i] = (xs[i] + 1) % 1000
        rounds += 1
    return rounds


def native(function: Callable[..., Any], items: Any) -> Callable[..., Any]:
    """The compiled function, which has run until its outer loop was native code with mirrors."""
    compiled: Callable[..., Any] = zexus.jit.compile(function, **AT_ONCE)
    stop = [False]

    def wait() -> None:
        while zexus.explain(compiled).regions[0].tier != "native":
            threading.Event().wait(0.01)
        stop[0] = True

    watcher = threading.Thread(target=wait)
    watcher.start()
    compiled(items, stop)
    watcher.join()
    return compiled


def meddled(compiled: Callable[..., Any], items: Any, change: Callable[[Any], Any]) -> BaseException | None:
    """Run until another thread, which changes the items meanwhile, ends the loop; the exception, if that raises."""
    stop = [False]

    def meddle() -> None:
        threading.Event().wait(0.1)
        change(items)
        threading.Event().wait(0.1)
        stop[0] = True

    thread = threading.Thread(target=meddle)
    thread.start()
    try:
        compiled(items, stop)
        return None
    except (IndexError, TypeError) as error:
        return error
    finally:
        thread.join()


def test_another_thread_ends_the_loop_by_an_item() -> None:
    compiled = native(until_stopped, [0] * 50)
    stop = [False]
    timer = threading.Timer(0.2, lambda: stop.__setitem__(0, True))
    timer.start()
    xs = [0] * 50
    rounds = compiled(xs, stop)
    assert xs == [rounds % 1000] * 50


def test_another_thread_sees_what_was_written() -> None:
    compiled = native(until_stopped, [0] * 50)
    stop, seen = [False], set()
    xs = [0] * 50

    def look() -> None:
        for _ in range(2000):
            seen.add(tuple(xs))
            if len(seen) > 3:
                break
            threading.Event().wait(0.002)
        stop[0] = True

    watcher = threading.Thread(target=look)
    watcher.start()
    compiled(xs, stop)
    watcher.join()
    assert len(seen) > 3


@pytest.mark.parametrize("change", [
    lambda xs: xs.append(7), lambda xs: xs.__setitem__(3, 2.5), lambda xs: xs.clear(), lambda xs: xs.reverse(),
    lambda xs: xs.__setitem__(slice(None), [1] * 5), lambda xs: xs.__setitem__(0, 10**30),
], ids=["longer", "a float", "empty", "in place", "shorter", "a big int"])
def test_another_thread_changes_the_list(change: Callable[[list[Any]], Any]) -> None:
    compiled = native(until_stopped, [0] * 50)
    xs: list[Any] = list(range(50))
    error = meddled(compiled, xs, change)
    assert error is None or (len(xs) < 50 and str(error) == "list index out of range")
    assert all(0 <= x < 1000 for x in xs)


def grid_until_stopped(grid, stop):
    rounds = 0
    while not stop[0]:
        for i in range(len(grid)):
            for j in range(len(grid[i])):
                grid[i][j] = (grid[i][j] + 1) % 1000
        rounds += 1
    return rounds


@pytest.mark.parametrize("change", [
    lambda grid: grid.append([5, 5, 5]), lambda grid: grid.reverse(), lambda grid: grid[1].append(5),
    lambda grid: grid.__setitem__(2, [9, 9, 9]), lambda grid: grid.__setitem__(2, grid[0]),
    lambda grid: grid.pop(), lambda grid: grid.__setitem__(1, "abc"),
], ids=["a row more", "rows in place", "a longer row", "another row", "one row twice", "a row less", "no row"])
def test_another_thread_changes_rows(change: Callable[[list[Any]], Any]) -> None:
    compiled = native(grid_until_stopped, [[0, 0, 0] for _ in range(4)])
    grid: list[Any] = [[0, 0, 0] for _ in range(4)]
    error = meddled(compiled, grid, change)
    if isinstance(error, TypeError):
        assert "str" in str(error)  # as under CPython, which cannot add 1 to a letter
        return
    assert error is None or str(error) == "list index out of range"
    assert all(0 <= x < 1000 for row in grid for x in row)


def test_a_signal_handler_sees_and_changes_the_list() -> None:
    compiled = native(until_stopped, [0] * 50)
    stop, seen = [False], []
    xs = [0] * 50

    def ring(number: int, frame: Any) -> None:
        seen.append(xs[:])
        stop[0] = len(seen) > 2

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
    try:
        compiled(xs, stop)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(seen) == 3 and len({tuple(s) for s in seen}) > 1


def test_an_interrupt_leaves_the_list_as_it_is_by_then() -> None:
    compiled = native(until_stopped, [0] * 50)
    xs = [0] * 50

    def ring(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            compiled(xs, [False])
    finally:
        signal.signal(signal.SIGALRM, before)
    # The items before the interruption are one ahead of those behind it.
    steps = [(a - b) % 1000 for a, b in pairwise(xs)]
    assert sum(steps) <= 1 and any(xs)


# --- references and memory -----------------------------------------------------------------------------------------


def flipped(xs, rounds):
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] = not xs[i]
    return xs.count(True)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the singletons are immortal")
def test_references_of_true_and_false() -> None:
    compiled = zexus.jit.compile(flipped, **AT_ONCE)
    xs = [True, False, False] * 1000
    compiled(xs, 4)
    before = sys.getrefcount(True), sys.getrefcount(False)
    compiled(xs, 5)
    after = sys.getrefcount(True), sys.getrefcount(False)
    assert xs.count(True) == 2000
    assert abs(after[0] - before[0] - 1000) < 50 and abs(after[1] - before[1] + 1000) < 50


@pytest.mark.parametrize("make", [
    lambda: [random.randrange(10**6) for _ in range(400)], lambda: [random.random() for _ in range(400)],
    lambda: [10**12 + k for k in range(400)],
], ids=["ints", "floats", "long ints"])
def test_nothing_leaks(make: Callable[[], list[Any]]) -> None:
    function = scaled if isinstance(make()[0], float) else mixed_up
    compiled = zexus.jit.compile(function, **AT_ONCE)
    for _ in range(20):
        compiled(make(), 5)
    tracemalloc.start()
    try:
        xs = make()
        for _ in range(20):
            compiled(xs, 5)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(300):
            compiled(xs, 5)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 20_000
    finally:
        tracemalloc.stop()


def test_numbers_that_others_hold_do_not_change() -> None:
    compiled = zexus.jit.compile(mixed_up, **AT_ONCE)
    xs = [1000 + k for k in range(50)]
    kept = xs[:]
    again = tuple(xs)
    compiled(xs, 30)
    assert kept == [1000 + k for k in range(50)] == list(again)
    assert xs != kept


def test_a_grid_s_rows_stay_the_objects_they_are() -> None:
    def run(grid, rounds):
        for _ in range(rounds):
            for row in grid:
                for j in range(len(row)):
                    row[j] += 1
        return row

    compiled = zexus.jit.compile(run, **AT_ONCE)
    grid = [[0] * 5 for _ in range(6)]
    rows = list(map(id, grid))
    assert compiled(grid, 20) is grid[-1]
    assert list(map(id, grid)) == rows and grid == [[20] * 5] * 6
