"""Loops stay on CPython where native code would cost more than it saves, and go native where it pays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import zexus
from zexus.frontend import lower

SOON: dict[str, Any] = {"threshold": 50, "background": False, "cache": False}


def counts_words(words):
    counts = {}
    for word in words:
        counts.update({word: counts.get(word, 0) + 1})
    return counts


def joins(n):
    parts = []
    total = 0
    for i in range(n):
        total += i
        parts.append("%c" % i)  # noqa: UP031  (for which there is no native form)
        parts.append("%c" % total)  # noqa: UP031
    return "".join(parts)


def short_rows(rows):
    seen = set()
    for row in rows:
        for item in row:
            seen.update((item,))
    return seen


def logs_rarely(n):
    total, log = 0, []
    for i in range(n):
        total = (total * 31 + i) % 1000003
        if i % 40 == 7:
            log.append(f"{i}: {total}")
    return total, log


def much_for_each_key(n):
    x, found = 1, {}
    for i in range(n):
        x = (x * 3 + i) % 1001
        x = (x * 5 + i) % 1003
        x = (x * 7 + i) % 1007
        x = (x * 9 + i) % 1009
        x = (x * 11 + i) % 1013
        x = (x * 13 + i) % 1019
        x = (x * 15 + i) % 1021
        found[x] = i
    return found


def key_for_each_row(n):
    found = {}
    for i in range(n):
        total = 0
        for j in range(60):
            total += i * j % 7
        found[i] = total
    return found


DEAR: list[tuple[Callable[..., Any], Any]] = [
    (counts_words, ["a", "b", "c"] * 200), (joins, 600), (short_rows, [[1, 2, 3]] * 300),
]  # fmt: skip
CHEAP: list[tuple[Callable[..., Any], Any]] = [(logs_rarely, 2000), (much_for_each_key, 600), (key_for_each_row, 200)]


def regions_of(function: Callable[..., Any], argument: Any, **settings: Any) -> list[Any]:
    compiled = zexus.jit.compile(function, **{**SOON, **settings})
    for _ in range(4):
        assert compiled(argument) == function(argument)
    return list(zexus.explain(compiled).regions)


@pytest.mark.parametrize(("function", "argument"), DEAR)
def test_a_dear_statement_in_every_iteration_leaves_the_loop_to_cpython(function: Any, argument: Any) -> None:
    regions = regions_of(function, argument)
    assert all(region.tier == "python" for region in regions)
    refused = [region for region in regions if region.code == "ZX018"]
    assert refused and all("costs more" in region.reason for region in refused)


@pytest.mark.parametrize(("function", "argument"), DEAR)
def test_without_weighing_it_goes_native(function: Any, argument: Any) -> None:
    assert any(region.tier == "native" for region in regions_of(function, argument, weigh=False))


@pytest.mark.parametrize(("function", "argument"), CHEAP)
def test_a_rare_or_outweighed_statement_does_not_cost_the_loop(function: Any, argument: Any) -> None:
    regions = regions_of(function, argument)
    assert regions[0].tier == "native" and regions[0].native_iterations


def test_a_running_frame_does_not_ask_for_a_refused_loop() -> None:
    compiled = zexus.jit.compile(short_rows, **SOON)
    assert compiled([[1, 2, 3] * 10] * 3000) == {1, 2, 3}
    inner = zexus.explain(compiled).regions[1]
    assert inner.code == "ZX018" and inner.entries < 100


def halvings(n):
    steps = 0
    while n > 1:
        n >>= 1
        steps += 1
    return steps


def first_above(limit):
    for x in [1, 2, 3, 4, 5]:
        if x > limit:
            break
    return x


def keys(n):
    total = 0
    for key in {1: 1, 2: 2}:
        total += key * n
    return total


def waits(n):
    i = total = 0
    while i < n:
        total = (total * 7 + i) % 1009
        i += 1
    return total


@pytest.mark.parametrize(("function", "code"), [(halvings, "ZX043"), (first_above, "ZX043"), (keys, "ZX017")])
def test_a_probe_that_never_leads_anywhere_is_taken_out(function: Any, code: str) -> None:
    compiled = zexus.jit.compile(function, **SOON)
    for _ in range(5000):
        assert compiled(3) == function(3)
    (region,) = zexus.explain(compiled).regions
    assert region.code == code
    assert compiled.__code__ is function.__code__


def test_a_loop_below_the_threshold_goes_native_when_it_is_entered_often() -> None:
    compiled = zexus.jit.compile(waits, threshold=1000, background=False, cache=False)
    for _ in range(1500):
        assert compiled(200) == waits(200)
    (region,) = zexus.explain(compiled).regions
    assert region.native_iterations > 10_000


@pytest.mark.parametrize(("array", "words"), [
    (np.arange(60, dtype=np.float16), "array of float16"),
    (np.arange(60, dtype=">i4"), "array of another byte order"),
    (np.zeros(60, "i1,f8")["f1"], "array that is not aligned"),
    (np.array([1] * 60, object), "array of object"),
    (np.ma.arange(60), "MaskedArray, a kind of array"),
])
def test_what_no_native_form_fits_is_named(array: Any, words: str) -> None:
    def add(a: Any) -> Any:
        total = 0
        for i in range(len(a)):
            total += a[i]
        return total

    compiled = zexus.jit.compile(add, threshold=1, background=False, cache=False)
    assert compiled(array) == add(array)
    assert words in str(zexus.explain(compiled))


def test_a_loop_that_cannot_pay_is_refused_at_the_first_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_letters(words):
        counts = {}
        for word in words:
            key = word.encode()
            counts[key] = counts.get(key, 0) + 1
        return counts

    lowered = []
    lower_loop = lower.lower_loop
    monkeypatch.setattr(lower, "lower_loop", lambda *given: lowered.append(given) or lower_loop(*given))
    (region,) = regions_of(first_letters, ["abc", "bcd"] * 200)
    assert region.code == "ZX018" and "word[" not in region.reason and len(lowered) == 1
