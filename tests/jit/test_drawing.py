"""Loops over generators run natively, and whoever has one of them finds it as CPython would leave it."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import zexus
from zexus import layout
from zexus.frontend import slots
from zexus.jit import callees, drawing


def counted(n: int) -> Iterator[int]:
    at = 0
    for i in range(n):
        at += i & 3
        yield at


def even(values: Any) -> Iterator[Any]:
    for value in values:
        if value % 2 == 0:
            yield value


def total(values: Any) -> Any:
    found = 0
    for value in values:
        found += value
    return found


def drawn(n: int) -> int:
    found = 0
    for value in even(counted(n)):
        found += value
    return found


def captured(n: int, k: int) -> Iterator[int]:
    return (value * k for value in range(n))


def compiled(function: Any, **settings: Any) -> Any:
    return zexus.jit.compile(function, threshold=50, background=False, **settings)


def natives(function: Any) -> int:
    (region,) = zexus.explain(function).regions
    return int(region.native_iterations)


def test_a_pipeline_runs_natively() -> None:
    fast = compiled(drawn)
    assert fast(3000) == drawn(3000)
    assert fast(3000) == drawn(3000)
    assert natives(fast) > 0.9 * 2 * sum(1 for _ in even(counted(3000)))


def test_generators_that_cannot_be_followed_do_not_stand_in_the_way() -> None:
    fast = compiled(total)
    assert fast(captured(500, 3)) == total(captured(500, 3))
    assert fast(range(5000)) == total(range(5000))
    assert natives(fast) > 4000
    assert fast(counted(5000)) == total(counted(5000))
    assert fast(counted(5000)) == total(counted(5000))
    assert natives(fast) > 12000
    assert fast(captured(500, 3)) == total(captured(500, 3))


def test_a_generator_that_has_ended_or_was_drawn_from_before() -> None:
    fast = compiled(total)
    fast(counted(3000))
    source = counted(3000)
    first = [next(source) for _ in range(10)]
    assert fast(source) + sum(first) == total(counted(3000))
    assert fast(source) == 0
    assert next(source, None) is None


def test_a_generator_dies_with_its_loop() -> None:
    fast = compiled(drawn)
    fast(3000)
    held: list[Any] = []

    def watched() -> int:
        source = counted(3000)
        held.append(weakref.ref(source))
        return int(fast_total(source))

    fast_total = compiled(total)
    watched()
    watched()
    gc.collect()
    assert [ref() for ref in held] == [None, None]


def test_whether_others_know_a_generator() -> None:
    alone = even(counted(50))
    next(alone)
    assert not drawing.is_known(alone)
    base = counted(50)
    shared = even(base)
    next(shared)
    assert drawing.is_known(shared)


def endless(flag: list[bool], limit: int) -> Iterator[int]:
    at = 0
    while not flag[0] and at != limit:
        at += 1
        yield at & 1


def test_another_thread_is_told_that_it_runs() -> None:
    flag = [False]
    fast = compiled(total)
    fast(endless(flag, 3000))
    source: Any = endless(flag, -1)
    runs = threading.Thread(target=fast, args=(source,))
    runs.start()
    try:
        while not source.gi_running or natives(fast) < 100_000:
            time.sleep(0.01)
        with pytest.raises(ValueError, match="generator already executing"):
            next(source)
    finally:
        flag[0] = True
        runs.join()
    assert next(source, "end") == "end"


def raising(values: Any) -> Iterator[Any]:
    for value in values:
        yield 100 // value


def test_an_exception_in_a_generator_ends_it() -> None:
    fast = compiled(total)
    fast(raising([1] * 500))
    values = [1] * 500 + [0, 1]
    source = raising(values)
    with pytest.raises(ZeroDivisionError) as raised:
        fast(source)
    names = [entry.name for entry in raised.traceback]
    assert names[-2:] == ["total", "raising"]
    assert next(source, "end") == "end"


def test_where_the_layout_is_unknown_no_generator_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    source: Any = counted(3000)
    next(source)
    assert callees.generator(source) is not None and slots.Iterables("fresh", ())[type(source)]
    monkeypatch.setattr(layout, "problem", lambda: "another layout")
    assert callees.generator(source) is None and not slots.Iterables("fresh", ())[type(source)]


def test_a_disarmed_table_lets_kinds_not_fit_that_it_has_not_met() -> None:
    table = slots.Asking(slots.CONTAINERS, lambda: True)
    table.disarm()
    assert not table[np.ndarray] and not table[type(counted(1))] and not table[list]
