"""The engine spends little of the program's time; loops that it cannot afford wait and are taken up later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from math import inf
from typing import Any

import pytest

import zexus
from zexus.jit import ledger, verdicts
from zexus.jit.explain import reporter_of
from zexus.jit.ledger import LEDGER
from zexus.jit.tier import LoopTier
from zexus.regvm import clock, pipeline
from zexus.regvm.clock import CLOCK

SHARE = 0.05


@pytest.fixture
def poor(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A program that has just begun, and an engine that has spent more than it will earn."""
    monkeypatch.setattr(verdicts, "BEGUN", time.monotonic())
    monkeypatch.setattr(clock, "_TOTAL", [1000.0])
    monkeypatch.setattr(LEDGER, "_tiers", type(LEDGER._tiers)())
    yield


def total(n: int) -> int:
    found = 0
    for i in range(n):
        found += i ^ (found & 7)
    return found


def tier_of(function: Any) -> LoopTier:
    tier, = reporter_of(function).tiers()  # type: ignore[union-attr]
    assert isinstance(tier, LoopTier)
    return tier


def until_native(compiled: Any) -> None:
    for _ in range(1000):
        assert compiled(5000) == total(5000)
        if tier_of(compiled).version is not None:
            break
        time.sleep(0.01)
    assert zexus.explain(compiled).regions[0].tier == "native"


def test_loops_wait_until_there_is_something_to_spend(poor: None, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = zexus.jit.compile(total, threshold=20, cache=False, effort_share=SHARE)
    assert all(compiled(n) == total(n) for n in (10, 5000, 3))
    tier = tier_of(compiled)
    assert (tier.state, tier.versions) == ("waiting", 0)
    clock._TOTAL[0] = 0.0
    until_native(compiled)


def test_who_waits_for_compilations_is_not_limited(poor: None) -> None:
    compiled = zexus.jit.compile(total, threshold=20, cache=False, background=False, effort_share=SHARE)
    assert compiled(5000) == total(5000)
    assert zexus.explain(compiled).regions[0].tier == "native"


def test_typed_code_that_takes_too_long_is_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_TOTAL", [0.0])  # what other tests have spent is none of this one's
    compiled = zexus.jit.compile(total, threshold=20, cache=False, effort_share=SHARE)
    with monkeypatch.context() as patched:
        patched.setattr(LEDGER, "affords", lambda settings: True)
        patched.setattr(LEDGER, "allowance", lambda settings: 1e-4)
        assert all(compiled(n) == total(n) for n in (10, 5000, 3, 5000))
        assert tier_of(compiled).versions == 0
    until_native(compiled)


def test_what_native_code_saves_is_spent() -> None:
    compiled = zexus.jit.compile(total, threshold=20, cache=False, background=False)
    compiled(50_000)
    tier = tier_of(compiled)
    assert tier.native_iterations() > 40_000 and tier.findings.saved > 3
    book = ledger.Ledger()
    assert book._saved() == 0
    book.enlist(tier)
    assert book._saved() == pytest.approx(ledger._INSTRUCTION * tier.findings.saved * tier.native_rounds())


def test_a_limit_of_all_is_none() -> None:
    assert tier_of(zexus.jit.compile(total, effort_share=1.0)).is_free()
    assert not tier_of(zexus.jit.compile(total, effort_share=SHARE)).is_free()


@pytest.mark.parametrize("functions", ["recursive", "all"])
def test_what_is_nearly_done_is_done_in_any_case(functions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    finish = pipeline.stretch

    def late(fn: Any, settings: Any) -> None:
        monkeypatch.setattr(CLOCK, "limit", 0.0 if CLOCK.limit != inf else inf)
        finish(fn, settings=settings)

    monkeypatch.setattr(pipeline, "stretch", late)
    monkeypatch.setattr(LEDGER, "affords", lambda settings: True)
    compiled = zexus.jit.compile(total, threshold=20, cache=False, effort_share=SHARE, functions=functions)
    assert all(compiled(n) == total(n) for n in (10, 5000, 3, *[200] * 40))
    assert any(tier.versions for tier in reporter_of(compiled).tiers())  # type: ignore[union-attr]


def test_no_limit_holds_for_the_program_in_the_midst_of_work() -> None:
    with CLOCK.working(), CLOCK.limited(0.0):
        assert CLOCK.is_overdue()
        with CLOCK.away():
            with CLOCK.working():
                assert not CLOCK.is_overdue()
        assert CLOCK.is_overdue()


def pairs(n: int) -> int:
    found = 0
    for i in range(n):
        for j in range(20):
            found += i ^ j
    return found


def test_what_inner_loops_save_is_counted_once() -> None:
    compiled = zexus.jit.compile(pairs, threshold=20, cache=False, background=False)
    assert compiled(10_000) == pairs(10_000)
    outer = next(iter(reporter_of(compiled).tiers()))  # type: ignore[union-attr]
    assert isinstance(outer, LoopTier)
    assert outer.native_iterations() > 15 * outer.native_rounds() > 15 * 5_000
    outer.retire()
    assert 9_000 < outer.native_rounds() <= 10_000
