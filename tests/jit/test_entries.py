"""Loops whose entries are too short for native code stay on CPython, or come back to it."""

from __future__ import annotations

from typing import Any

import pytest

import zexus
from zexus.jit.entries import Entries
from zexus.settings import JitSettings


def totals(rows, names):
    found = {}
    for row, name in zip(rows, names):
        total = 0
        for x in row:
            total += x
        found.update({name: found.setdefault(name, 0) + len(name.encode()) + total})
    return found


def countdowns(numbers, names):
    found = {}
    for n, name in zip(numbers, names):
        steps = 0
        while n > 0:
            n -= 1
            steps += 1
        found.update({name: found.setdefault(name, 0) + len(name.encode()) + steps})
        for part in (name.encode(), name.title(), name.center(7), name.rjust(9)):
            found.update({part: found.setdefault(name, 0)})
    return found


def inner(function: Any, *arguments: Any, calls: int = 1, **settings: Any) -> Any:
    compiled = zexus.jit.compile(function, **{"background": False, "cache": False, **settings})
    for _ in range(calls):
        assert compiled(*arguments) == function(*arguments)
    return zexus.explain(compiled).regions[1]


NAMES = ["a", "b", "c"] * 40_000


def test_loops_of_few_iterations_are_left_alone() -> None:
    region = inner(totals, [[1, 2, 3]] * 10_000, NAMES)
    assert (region.code, region.native_iterations) == ("ZX043", 0) and region.entries < 3000
    assert "iterations an entry" in region.reason


def test_longer_ones_go_native() -> None:
    region = inner(totals, [[1, 2, 3] * 20] * 2000, NAMES)
    assert region.tier == "native" and region.native_iterations > 50_000


def test_a_few_long_entries_among_short_ones_pay() -> None:
    rows = [[1, 2, 3], [1, 2, 3], list(range(300))] * 1000
    assert inner(totals, rows, NAMES).tier == "native"


@pytest.mark.parametrize("function, short, long", [
    (totals, [1, 2], [1] * 50_000), (countdowns, 2, 50_000)], ids=["for", "while"])
def test_native_code_for_entries_that_became_short_is_given_up(function: Any, short: Any, long: Any) -> None:
    region = inner(function, [long, *[short] * 115_000], NAMES, slice_iterations=4096)
    assert region.code == "ZX042" and region.tier == "python" and region.native_iterations
    assert region.native_iterations < 100_000  # of 280 000


def test_nobody_asks_where_nothing_is_weighed() -> None:
    region = inner(totals, [[1, 2]] * 10_000, NAMES, weigh=False, slice_iterations=1024)
    assert region.tier == "native"


def test_a_long_body_pays_sooner() -> None:
    import ast

    from zexus.frontend.sites import LoopSite, Scope

    def least(text: str) -> int:
        loop = ast.parse(text).body[0]
        assert isinstance(loop, ast.For)
        scope = Scope("f", "f", "f.py", None, ast.parse(text), frozenset(), frozenset(), frozenset())
        site = LoopSite(0, "for", loop, scope, (), frozenset(), (), (), None)
        return Entries(site, JitSettings()).least

    assert least("for x in xs: y = x") > least("for x in xs: y = (x * x + x) * x; z = y - x * y") > 1
    assert least("for x in xs:\n" + "    y = x * x + 1\n" * 20) == 1


class Ending:
    """Tells how often it is asked for an item behind its end."""

    def __init__(self, count: int) -> None:
        self.left, self.behind = count, 0

    def __iter__(self) -> Ending:
        return self

    def __next__(self) -> int:
        if self.left:
            self.left -= 1
            return self.left
        self.behind += 1
        assert self.behind < 3
        raise StopIteration


def weighted(xs):
    total = 0
    for i, x in enumerate(xs):
        total += i * x
    return total


@pytest.mark.parametrize("settings", [{}, {"threshold": 1}])
def test_an_iterator_of_unknown_length_is_asked_once_behind_its_end(settings: dict[str, Any]) -> None:
    compiled = zexus.jit.compile(weighted, background=False, cache=False, **settings)
    for items in [[1, 2]] * 1500:
        assert compiled(items) == 2
    for count in (0, 1, 2, 10, 2000):
        ending = Ending(count)
        assert compiled(ending) == weighted(range(count)[::-1])
        assert ending.behind == 1




def drawn(n):
    def values(k):
        while k:
            yield k
            k -= 1

    total = 0
    for v in values(n):
        total += v
    return total


def stepping(n):
    total = step = 0
    while True:
        step += 1
        if step > n:
            return total
        total += step


@pytest.mark.parametrize("function", [drawn, stepping])
def test_entries_that_end_where_the_loop_gets_hot_are_long_enough(function: Any) -> None:
    compiled = zexus.jit.compile(function, background=False, cache=False, threshold=1000)
    for _ in range(100):
        assert compiled(1000) == function(1000)
    (region,) = (one for one in zexus.explain(compiled).regions if one.iterations)
    assert region.tier == "native" and region.native_iterations > 40_000


def added(numbers):
    total = 0
    for x in numbers:
        total += x
    return total


def test_a_sum_of_floats_is_entered_behind_its_first_one() -> None:
    compiled = zexus.jit.compile(added, background=False, cache=False)
    for numbers in ([0.5] * 2000, [0.25] * 7, [], [1.5], list(range(2000)), [0.5] * 50):
        for _ in range(20):
            assert compiled(numbers) == added(numbers)
            assert type(compiled(numbers)) is type(added(numbers))
    (region,) = zexus.explain(compiled).regions
    assert region.tier == "native" and not region.side_exits and region.native_iterations > 100_000
