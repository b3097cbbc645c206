"""Functions inside of a compiled function: their loops and recursion adapt like those of the function itself."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import zexus

NOW: dict[str, Any] = {"threshold": 4, "background": False, "cache": False, "weigh": False}


def scaled(scale: float) -> Callable[[int], float]:
    def total(n: int) -> float:
        result = 0.0
        for i in range(n):
            result += i * scale
        return result

    return total


def queens(n: int) -> int:
    columns, up, down = [False] * n, [False] * (2 * n), [False] * (2 * n)

    def place(row: int) -> int:
        if row == n:
            return 1
        found = 0
        for column in range(n):
            if not (columns[column] or up[row + column] or down[row - column + n]):
                columns[column] = up[row + column] = down[row - column + n] = True
                found += place(row + 1)
                columns[column] = up[row + column] = down[row - column + n] = False
        return found

    return place(0)


def keyed(n: int) -> list[int]:
    class Weights:
        @staticmethod
        def of(item: int) -> int:
            weight = 0
            for bit in range(item):
                weight += item >> bit & 1
            return weight

    return sorted(range(n), key=lambda item: (Weights.of(item), -item))


def tiers(function: Any) -> set[tuple[str, str]]:
    return {(region.kind, region.tier) for region in zexus.explain(function).regions}


def test_a_loop_in_a_nested_function_goes_native() -> None:
    adaptive = zexus.jit.compile(scaled, **NOW)
    early, late = adaptive(0.5), None
    for _ in range(3):
        assert early(40) == scaled(0.5)(40)
        late = adaptive(2.5)
        assert late(40) == scaled(2.5)(40)
    assert ("for", "native") in tiers(adaptive)
    assert tiers(early) == tiers(late) == {("for", "native")}


def test_a_nested_recursive_function_goes_native() -> None:
    adaptive = zexus.jit.compile(queens, threshold=1000, background=False, cache=False)
    for n in (8, 8, 5, 8):
        assert adaptive(n) == queens(n)
    assert ("function", "native") in tiers(adaptive)


def test_methods_and_lambdas_of_nested_scopes() -> None:
    adaptive = zexus.jit.compile(keyed, **NOW)
    for n in (3, 30, 60):
        assert adaptive(n) == keyed(n)
    assert ("for", "native") in tiers(adaptive)


def test_a_nested_function_can_be_compiled_itself() -> None:
    inner = zexus.jit.compile(scaled, **NOW)(3.0)
    again = zexus.jit.compile(inner, **NOW)
    assert again(50) == inner(50) == scaled(3.0)(50)
    assert tiers(again) == {("for", "native")}


def test_stances_reach_nested_functions() -> None:
    adaptive = zexus.jit.compile(scaled, **NOW)
    total = adaptive(1.5)
    with zexus.jit.stance("python_only"):
        for _ in range(5):
            assert total(30) == scaled(1.5)(30)
    assert ("for", "native") not in tiers(adaptive)
    for _ in range(5):
        assert total(30) == scaled(1.5)(30)
    assert ("for", "native") in tiers(adaptive)


def test_nothing_is_kept_alive() -> None:
    adaptive = zexus.jit.compile(scaled, **NOW)
    total = adaptive(0.25)
    assert total(50) == scaled(0.25)(50)
    gone = weakref.ref(adaptive), weakref.ref(total)
    del adaptive, total
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


def test_nested_functions_outlive_the_function() -> None:
    total = zexus.jit.compile(scaled, **NOW)(0.75)
    gc.collect()
    for n in (10, 20, 30, 40):
        assert total(n) == scaled(0.75)(n)
