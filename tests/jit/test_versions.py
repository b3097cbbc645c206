"""Versions of a loop: frames that are running keep older code, and find the newer one, or CPython, behind it."""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np
import pytest

import zexus
from zexus import events
from zexus.jit import effort
from zexus.jit.compiler import Job
from zexus.jit.explain import reporter_of
from zexus.jit.pace import Pace
from zexus.jit.tier import LoopTier


def summed(values, rounds, pause):
    total = 0
    for number in range(rounds):
        if pause:
            time.sleep(pause)
        total = 0.0 if number < rounds // 2 else np.float64(0.0)
        for i in range(len(values)):
            total += values[i]
    return total


@pytest.mark.parametrize("background", [False, True])
def test_other_types_while_a_version_is_on_its_way(background: bool) -> None:
    compiled = zexus.jit.compile(summed, threshold=1000, background=background, cache=False, exit_budget=20)
    values = np.arange(200.0)
    wanted = summed(values, 300, 0)
    native = 0
    for _ in range(50):  # until the compiler is done, however slow the machine
        found = compiled(values, 300, 0.002)
        assert type(found) is type(wanted) and found == wanted
        inner = zexus.explain(compiled).regions[1]
        native += inner.tier == "native"
        if native > 3:
            break
    assert inner.tier == "native" and inner.versions <= 3, inner


def changing(values, rounds):
    total = 0
    for number in range(rounds):
        start: Any = (0, 0.5, True, "s", None, 2**70)[number % 6]
        for value in values:
            start = value if isinstance(start, (str, type(None))) else start + value
        total = start
    return total


def test_a_refused_loop_says_so_once() -> None:
    compiled = zexus.jit.compile(changing, threshold=50, background=False, cache=False, exit_budget=5, weigh=False)
    values = list(range(60))
    before = len(events.recent())
    for _ in range(5):
        assert compiled(values, 120) == changing(values, 120)
    refusals = [e for e in events.recent()[before:] if e.kind == "refuse"]
    assert len(refusals) == len({e.where for e in refusals})


def enumerated(xs, rounds):
    total = 0
    for _ in range(rounds):
        for i, x in enumerate(xs):
            total += i * x
    return total


def zipped(xs, rounds):
    total = 0
    for _ in range(rounds):
        for i, x in zip(range(10**6), xs):
            total += i * x
    return total


@pytest.mark.parametrize("function", [enumerated, zipped])
def test_native_code_that_comes_when_an_iterator_is_at_its_end(function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    xs = list(range(15))
    ended: list[bool] = []
    remaining = LoopTier.remaining

    def noted(self: LoopTier, it: Any) -> int:
        ended[:] = [isinstance(it, (enumerate, zip)) and _drained(it)]
        return remaining(self, it)

    versions: list[bool] = []
    serve = LoopTier.serve
    monkeypatch.setattr(LoopTier, "serve", lambda self, version: (versions.append(True), serve(self, version)))
    monkeypatch.setattr(LoopTier, "remaining", noted)
    monkeypatch.setattr(Pace, "is_due", lambda self: ended[0])
    compiled = zexus.jit.compile(function, threshold=10, cache=False, weigh=False)
    deadline = time.monotonic() + 20
    while not versions and time.monotonic() < deadline:
        assert compiled(xs, 40) == function(xs, 40)
        time.sleep(0.01)
    assert compiled(xs, 40) == function(xs, 40)
    assert zexus.explain(compiled).regions[1].code == "ZX000", zexus.explain(compiled)


def _drained(it: Any) -> bool:
    """Whether the list iterator inside an enumerate or zip has come to its end."""
    inner = it.__reduce__()[1][0 if isinstance(it, enumerate) else 1]
    return not inner.__length_hint__()


def counted_down(n):
    total = 0
    while n:
        n -= 1
        total = total * 3 + n & 1023
    return total


def test_native_code_that_comes_for_while_loops_that_end_before_they_ask() -> None:
    compiled = zexus.jit.compile(counted_down, cache=False)
    tier, = reporter_of(compiled).tiers()  # type: ignore[union-attr]
    deadline = time.monotonic() + 15
    while tier.version is None and time.monotonic() < deadline:
        for _ in range(100):
            assert compiled(50) == counted_down(50)
        time.sleep(0.005)
    compiled(50)
    assert zexus.explain(compiled).regions[0].native_iterations >= 50


def descended(n):
    return n if n < 2 else descended(n - 1) + descended(n - 2)


@pytest.mark.parametrize(("function", "size"), [(counted_down, 50), (descended, 12)])
def test_few_entries_look_whether_native_code_has_come(
    function: Any, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, looks = [False], []

    def poll(self: Job) -> None:
        looks.append(self)

    monkeypatch.setattr(Job, "poll", poll)
    monkeypatch.setattr(time, "monotonic", lambda: 0.001 * len(looks))
    compiled = zexus.jit.compile(function, cache=False, weigh=False)
    for _ in range(3000):
        assert compiled(size) == function(size)
        begun[0] = begun[0] or bool(looks)
    assert begun == [True] and len(looks) < 40


class Box:
    value = 1


def least(a, b):
    if a > b:
        return b
    return a


def walked(rows, box):
    n = 0
    for i, row in enumerate(rows):
        if box is None:
            n += 1
        else:
            n += box.value
        if row:
            n += walked(row, box)
        n += least(i, n)
    return n


def test_activations_that_are_recorded_while_an_inner_one_has_a_statement_outlined(
        monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[], [], [[], [[], [], [[]]] * 9, []] * 9] * 5
    wanted = walked(rows, Box())
    compiled = zexus.jit.compile(walked, threshold=1, background=False, weigh=False)
    monkeypatch.setitem(globals(), "walked", compiled)
    for _ in range(4):
        assert compiled(rows, Box()) == wanted
    assert zexus.explain(compiled).regions[1].tier == "native"


def last_items(rows):
    total = missing = 0
    for row in rows:
        for i in range(len(row)):
            try:
                total += row[i + 1]
            except IndexError:
                missing += 1
    return total, missing


def test_exits_in_the_last_iteration_of_entries_from_one_frame() -> None:
    rows = [[1] * 40 for _ in range(300)]
    compiled = zexus.jit.compile(last_items, threshold=1000, background=False, cache=False)
    assert compiled(rows) == last_items(rows)
    inner = zexus.explain(compiled).regions[1]
    assert inner.tier == "native" and inner.side_exits < 30, inner


def test_a_short_loop_records_again_over_several_entries() -> None:
    def add_up(row: Any) -> Any:
        total = 0
        for x in row:
            total += x
        return total

    compiled = zexus.jit.compile(add_up, background=False, cache=False, threshold=20, weigh=False)
    for row in [np.array([1, 2, 3])] * 100 + [np.array([0.5, 1.0, 2.5])] * 1000:
        assert compiled(row) == add_up(row)
    (region,) = zexus.explain(compiled).regions
    assert region.versions > 1 and region.native_iterations > 2000, region


def strided(values, rounds):
    total = 0.0
    for _ in range(rounds):
        step = 1
        while step < 64:
            for i in range(0, len(values), step):
                total += values[i]
            step *= 2
    return total


def test_steps_that_change_from_entry_to_entry_need_two_versions() -> None:
    compiled = zexus.jit.compile(strided, threshold=50, background=False, cache=False, miss_budget=1)
    values = [0.5] * 1000
    for _ in range(5):
        assert compiled(values, 4) == strided(values, 4)
    inner = zexus.explain(compiled).regions[2]
    assert inner.tier == "native" and inner.versions == 2, inner


def test_what_a_rare_outlined_statement_gave_is_known_behind_its_exit() -> None:
    def checksum(numbers: Any, fields: Any) -> Any:
        total = bad = 0
        for i in range(len(numbers)):
            value = numbers[i]
            if i % 500 == 499:
                try:
                    value = int(fields[i % 3])
                except ValueError:
                    bad += 1
                    value = -1
            total = (total * 31 + value) % 1000000007
        return total, bad

    compiled = zexus.jit.compile(checksum, background=False, cache=False)
    given = list(range(30_000)), ["17", "none", "4x"]
    for _ in range(3):
        assert compiled(*given) == checksum(*given)
    (region,) = zexus.explain(compiled).regions
    assert region.tier == "native" and region.native_iterations > 60_000


class Plain(random.Random):
    pass


class Failing(random.Random):
    def getrandbits(self, k):
        return super().random()


def draws_of_two(a, b, n):
    found = []
    draw = a.random
    i = -1
    while (i := i + 1) < n:
        try:
            for _ in range(i % 3):
                found.append(f"{b.vonmisesvariate(i % 3, 0.5):.6f} {b.choice((3, 5, 7, i))}")
        except TypeError as error:
            found.append(str(error))
        try:
            if a.getrandbits(1) and i % 3 == 0:
                found.append(1)
        except TypeError as error:
            found.append(error.args)
        draw()
    return found


def test_an_exit_of_code_from_before_a_statement_was_outlined_records_what_is_lowered_now() -> None:
    compiled = zexus.jit.compile(draws_of_two, threshold=1, background=False, cache=False, weigh=False)

    def same(make: Any) -> None:
        assert compiled(*make()) == draws_of_two(*make())

    for _ in range(2):
        same(lambda: (Plain(993327), Plain(455346), 40))
        same(lambda: (Failing(535250), random.Random(270743), 25))
        same(lambda: (one := Plain(889912), one, 5))


# --- loops that take long to look at ----------------------------------------------------------------------------


def test_a_loop_that_takes_long_to_look_at_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(n):
        t = 0
        for i in range(n):
            for j in range(50):
                t += i ^ j
        return t

    monkeypatch.setattr(effort, "_SHARE", 1e-9)
    compiled = zexus.jit.compile(rows, threshold=20, background=False, cache=False)
    tiers = [one for one in reporter_of(compiled).tiers() if isinstance(one, LoopTier)]  # type: ignore[union-attr]
    for one in tiers:
        one.effort.spent = 0.5
    assert all(compiled(n) == rows(n) for n in (10, 500, 3))
    outer = zexus.explain(compiled).regions[0]
    assert (outer.tier, outer.code) == ("python", "ZX047")
    assert "Finding out what the loop needs takes too long: watching it took" in outer.reason
    monkeypatch.setattr(effort, "_WORTH", 60.0)
    for one in tiers:
        one.due = 1e-9  # the time has come
    assert all(compiled(n) == rows(n) for n in (2000, 500, 3))
    assert zexus.explain(compiled).regions[0].tier == "native"
