"""Entries whose types have no native form in common each have code of their own."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest

import zexus
from zexus.jit.explain import RegionReport

SOON: dict[str, Any] = {"threshold": 10, "background": False, "cache": False}
DTYPES = (np.float64, np.float32, np.int64)


def scaled(values: Any) -> int:
    large = 0
    for i in range(len(values)):
        values[i] = values[i] * 2
        if values[i] > 20:
            large += 1
    return large


def climbed(values: Any, stop: int) -> int:
    i = steps = 0
    while values[i] < stop:
        i += 1
        steps += i
    return steps


def total(items: Any) -> Any:
    found = 0
    for x in items:
        found += x
    return found


def compiled(function: Any, **settings: Any) -> Any:
    return zexus.jit.compile(function, **{**SOON, **settings})


def region(function: Any) -> RegionReport:
    return zexus.explain(function).regions[0]


def in_python(function: Any) -> int:
    """How many iterations CPython or the register machine has run."""
    now = region(function)
    return now.iterations - now.native_iterations


def run(function: Any, kinds: Any, times: int) -> None:
    for turn in range(times):
        dtype = kinds[turn % len(kinds)]
        mine, wanted = np.arange(50).astype(dtype), np.arange(50).astype(dtype)
        assert function(mine) == scaled(wanted)
        assert np.array_equal(mine, wanted)


def test_arrays_of_several_dtypes_are_all_native() -> None:
    function = compiled(scaled)
    run(function, DTYPES, 30)
    before = in_python(function)
    run(function, DTYPES, 60)
    after = region(function)
    assert after.tier == "native" and after.versions == len(DTYPES)
    assert in_python(function) == before and after.side_exits == 0


def test_no_more_kinds_than_versions() -> None:
    function = compiled(scaled, max_versions=2)
    run(function, (np.float64, np.float32), 30)
    before = in_python(function)
    run(function, (np.float64, np.float32), 10)
    assert in_python(function) == before


def test_one_version_is_as_many_as_one_setting_allows() -> None:
    function = compiled(scaled, max_versions=1)
    run(function, (np.float64, np.float32), 30)
    assert region(function).versions <= 1


@pytest.mark.parametrize("first", [0, 1, 2])
def test_what_is_iterated_over(first: int) -> None:
    kinds = ([1, 2, 3] * 20, (1, 2, 3) * 20, range(60))
    function = compiled(total)
    for turn in range(40):
        kind = kinds[(first + turn) % len(kinds)]
        assert function(kind) == total(kind)
    before = in_python(function)
    for kind in kinds:
        assert function(kind) == total(kind)
    assert in_python(function) == before, region(function)


def test_while_loops() -> None:
    function = compiled(climbed)
    kinds = (list(range(60)), tuple(range(60)), np.arange(60), np.arange(60.0))
    for _ in range(20):
        assert [function(values, 50) for values in kinds] == [climbed(values, 50) for values in kinds]
    before = in_python(function)
    for values in kinds:
        function(values, 50)
    assert in_python(function) == before and region(function).versions == len(kinds), region(function)


def test_a_kind_without_a_native_form_leaves_the_others_alone() -> None:
    function = compiled(scaled)
    run(function, (np.float64,), 5)

    class Odd:
        def __init__(self) -> None:
            self.items = [1, 2, 3] * 10

        def __len__(self) -> int:
            return 30

        def __getitem__(self, place: int) -> int:
            return self.items[place]

        def __setitem__(self, place: int, item: int) -> None:
            self.items[place] = item

    for _ in range(300):
        assert function(Odd()) == scaled(Odd())
    before = in_python(function)
    run(function, (np.float64,), 5)
    assert region(function).tier == "native" and in_python(function) == before
    # Nor does it stand in the way of those that come later.
    run(function, (np.float32,), 10)
    before = region(function).native_iterations
    run(function, (np.float32, np.float64), 10)
    assert region(function).native_iterations - before >= 10 * 49, region(function)


def test_what_nothing_native_iterates_over_leaves_the_others_alone() -> None:
    function = compiled(total)
    kinds = ([1, 2, 3] * 20, (1, 2, 3) * 20)
    for _ in range(5):
        assert function(kinds[0]) == total(kinds[0])
    for _ in range(20):
        with pytest.raises(TypeError):
            function(zip([1] * 60, iter("abc" * 20), strict=False))
    for _ in range(10):
        assert function(kinds[1]) == total(kinds[1])
    before = region(function).native_iterations
    assert [function(kinds[0]), function(kinds[1])] == [total(kinds[0]), total(kinds[1])]
    assert region(function).native_iterations - before >= 2 * 59, region(function)


def test_exits_and_exceptions_of_each() -> None:
    function = compiled(scaled)
    run(function, DTYPES, 30)
    for dtype in DTYPES:
        locked = np.arange(50).astype(dtype)
        locked.flags.writeable = False
        with pytest.raises(ValueError, match="read-only"):
            function(locked)
    run(function, DTYPES, 6)


def test_the_loop_around_reaches_each() -> None:
    def outer(arrays: list[Any]) -> float:
        found = 0.0
        for values in arrays:
            for i in range(len(values)):
                found += values[i]
        return found

    function = compiled(outer)
    arrays = [np.arange(40).astype(dtype) for dtype in DTYPES] * 5
    for _ in range(10):
        assert function(arrays) == outer(arrays)


def test_from_several_threads() -> None:
    function = compiled(scaled)
    problems: list[BaseException] = []

    def work(dtype: Any) -> None:
        try:
            run(function, (dtype, *DTYPES), 200)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(dtype,)) for dtype in DTYPES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems and region(function).tier == "native"


def test_in_the_background() -> None:
    function = zexus.jit.compile(scaled, threshold=10, cache=False)
    deadline = time.monotonic() + 60
    while region(function).versions < 3 or region(function).code == "ZX002":
        run(function, DTYPES, 30)
        assert time.monotonic() < deadline, region(function)
        time.sleep(0.01)
    while True:
        before = in_python(function)
        run(function, DTYPES, 30)
        if in_python(function) == before:
            break
        assert time.monotonic() < deadline, region(function)
        time.sleep(0.01)
