"""Each setting of the tracing tier does what its words say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

import zexus
from zexus.jit import tier
from zexus.jit.emit import library
from zexus.jit.explain import reporter_of
from zexus.regvm import pipeline, verify
from zexus.settings import JIT_DEFAULTS, JitSettings, SettingsError, TracePasses, of_mapping, updated

SOON: dict[str, Any] = {"threshold": 5, "background": False, "cache": False}


def total(xs):
    s = 0.0
    for i in range(len(xs)):
        s += xs[i] * 2.0
    return s


def doubled(x):
    return x + x


def through_calls(n):
    s = 0
    for i in range(n):
        s += doubled(i)
    return s


def logged(n):
    s, kept = 0, {}
    for i in range(n):
        s += i
        kept[i % 3] = range(s)  # for which there is no native form
    return s, kept


def scaled(xs, ys, k):
    for i in range(len(xs)):
        ys[i] = xs[i] * (k * k)
    return ys


def alternating(xs):
    s = 0
    for x in xs:
        if x > 0:
            s += x
        else:
            s -= 1
    return s


def tiers(function: Any) -> list[tier.LoopTier]:
    return [one for one in reporter_of(function).tiers() if isinstance(one, tier.LoopTier)]


def native(function: Any) -> bool:
    return all(region.tier == "native" for region in zexus.explain(function).regions)


# --- passes -----------------------------------------------------------------------------------------------


def test_the_passes_can_be_left_out_by_their_names() -> None:
    runs = (*pipeline.PASSES, *pipeline.HOISTS, pipeline.short, pipeline.sink, pipeline.strips, pipeline.dce)
    names = {run.__name__ for run in runs}
    assert names == {one.name for one in fields(TracePasses)}


def ran(settings: dict[str, Any], function: Callable[..., Any], monkeypatch: pytest.MonkeyPatch,
        *arguments: Any) -> set[str]:
    """The passes that changed something on the way of a function's loop."""
    seen: set[str] = set()
    apply = pipeline._apply

    def watched(run: Any, fn: Any, watch: Any, check: bool) -> bool:
        changed = apply(run, fn, watch, check)
        if changed:
            seen.add(run.__name__)
        return changed

    monkeypatch.setattr(pipeline, "_apply", watched)
    zexus.jit.compile(function, **SOON, **settings)(*arguments)
    return seen


@pytest.mark.parametrize("name", ["gvn", "ranges", "licm", "strips", "dce"])
def test_a_pass_that_is_left_out_does_not_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = (np.ones(100), np.zeros(100), 2.0)
    assert name in ran({}, scaled, monkeypatch, *arguments)
    assert name not in ran({"passes": {name: False}}, scaled, monkeypatch, *arguments)


@pytest.mark.parametrize("name", [one.name for one in fields(TracePasses)])
def test_answers_stay_without_a_pass(name: str) -> None:
    made = zexus.jit.compile(total, **SOON, **{"passes": {name: False}})
    xs = [float(i) for i in range(5000)]
    assert made(xs) == total(xs) and native(made)


def test_the_verifier_runs_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(pipeline, "CHECK", False)
    monkeypatch.setattr(verify, "verify", calls.append)
    for wanted in (False, True):
        zexus.jit.compile(total, **SOON, verify=wanted)([1.0] * 100)
        assert bool(calls) is wanted


def test_stretches_have_the_length_that_is_asked_for() -> None:
    xs = np.arange(10_000, dtype=np.float64)
    for length in (16, 1000, 4096):
        made = zexus.jit.compile(scaled, **SOON, stretch_length=length)
        assert (made(xs, np.zeros(10_000), 3.0) == xs * 9.0).all()
        numbers = [i.imm for t in tiers(made) for i in t.version.unit.fn.instructions() if i.op == "K"]
        assert length in numbers
    made = zexus.jit.compile(scaled, **SOON, stretch_size=0)
    made(xs, np.zeros(10_000), 3.0)
    assert "SAVE" not in {i.op for t in tiers(made) for i in t.version.unit.fn.instructions()}


# --- native code ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [16, 1000, 65_536])
def test_cpython_gets_its_turn_as_often_as_is_asked_for(every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[None] = []
    monkeypatch.setattr(tier.LoopTier, "slice", lambda self, numbers: turns.append(None))
    made = zexus.jit.compile(alternating, **SOON, slice_iterations=every)
    assert made([3] * 200_000) == 600_000
    assert abs(len(turns) - 200_000 // every) <= 3


def test_calls_become_part_of_the_loop_unless_they_may_not() -> None:
    for depth, count in ((6, 1), (0, 0)):
        made = zexus.jit.compile(through_calls, **SOON, inline_depth=depth)
        assert made(5000) == through_calls(5000)
        assert sum(len(t.version.unit.inlined) for t in tiers(made) if t.version) == count
    small = zexus.jit.compile(through_calls, **SOON, inline_size=1)
    assert small(5000) == through_calls(5000)
    assert not any(t.version.unit.inlined for t in tiers(small) if t.version)


def test_llvm_does_as_much_as_it_may() -> None:
    made = zexus.jit.compile(scaled, **SOON)
    made(np.ones(100), np.zeros(100), 2.0)
    from zexus.jit.emit.function import emit

    (loop,) = tiers(made)
    assembly = emit(loop.version.unit.fn, "loop")
    assert "x double>" in library.optimized(assembly)
    assert "x double>" not in library.optimized(assembly, vectorize=False)
    # Without optimization what stands in memory stays there.
    assert library.optimized(assembly, 0).count("alloca") > library.optimized(assembly).count("alloca")
    for level in range(4):
        again = zexus.jit.compile(scaled, **SOON, llvm_level=level, vectorize=level % 2 == 0)
        assert (again(np.ones(100), np.zeros(100), 2.0) == 4.0).all() and native(again)


def test_object_code_of_other_settings_is_not_taken_from_the_cache(tmp_path: Any,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    zexus.jit.compile(scaled, **SOON)(np.ones(100), np.zeros(100), 2.0)  # what all units share is there from now on
    monkeypatch.setenv("ZEXUS_CACHE_DIR", str(tmp_path))
    made = set()
    for changes in ({}, {"slice_iterations": 1024}, {"llvm_level": 1}, {"vectorize": False},
                    {"stretch_length": 64}):
        zexus.jit.compile(scaled, **{**SOON, "cache": True}, **changes)(np.ones(100), np.zeros(100), 2.0)
        files = {path.name for path in tmp_path.iterdir()}
        assert len(files) == len(made) + 1, changes
        made = files


# --- what is worth it -------------------------------------------------------------------------------------


def test_what_statements_cost_decides_whether_a_loop_goes_native() -> None:
    assert not native(prepared(logged))
    assert native(prepared(logged, weigh=False))
    assert native(prepared(logged, outlined_cost=0, variable_cost=0))
    assert native(prepared(through_dicts, call_cost=1000)) and not native(prepared(through_dicts, call_cost=0))


def through_dicts(n):
    s, kept = 0, {}
    for i in range(n):
        s += doubled(i)
        kept.update({i % 3: s})
    return s, kept


def prepared(function: Any, **settings: Any) -> Any:
    made = zexus.jit.compile(function, **SOON, **settings)
    assert made(3000) == function(3000)
    return made


def test_a_loop_with_too_many_statements_is_given_up() -> None:
    assert native(prepared(logged, weigh=False, max_outlined=2))
    assert not native(prepared(logged, weigh=False, max_outlined=1))


def test_short_loops_are_watched_as_long_as_is_asked_for() -> None:
    def first_above(xs: list[int], edge: int) -> int:
        for x in xs:
            if x > edge:
                return x
        return edge

    for patience, code in ((50, "ZX043"), (100_000, "ZX001")):
        made = zexus.jit.compile(first_above, patience=patience, background=False)
        for _ in range(300):
            made([1, 2, 3], 1)
        assert zexus.explain(made).regions[0].code == code


def test_side_exits_have_to_be_rare() -> None:
    """An exit every 50 iterations is too frequent at 200, and not at 10."""
    xs = [2**62 if i % 50 == 49 else 1 for i in range(20_000)]

    def sums(xs: list[int]) -> int:
        s = 0
        for x in xs:
            s = (x + x) % 1000 + s % 1000
        return s

    for rare, tier_name in ((200, "python"), (10, "native")):
        made = zexus.jit.compile(sums, **SOON, rare_exits=rare, max_versions=1)
        assert made(xs) == sums(xs)
        assert zexus.explain(made).regions[0].tier == tier_name


# --- the settings themselves ------------------------------------------------------------------------------


def test_settings_by_their_names() -> None:
    assert updated(JIT_DEFAULTS, {"passes.licm": "off", "rounds": "2"}) == JitSettings(
        passes=TracePasses(licm=False), rounds=2)
    assert updated(JIT_DEFAULTS, {"passes": {"licm": False}}) == JitSettings(passes=TracePasses(licm=False))
    assert updated(JIT_DEFAULTS, {"passes": TracePasses(dce=False)}) == JitSettings(passes=TracePasses(dce=False))
    for name, value, words in (("passes.lcim", True, "did you mean 'passes.licm'"), ("passes", 3, "unknown setting"),
                               ("threshold", 0, "must be at least 1"), ("threshold", 10**12, "at most 1000000000"),
                               ("compile_seconds", 0.0, "must be more than 0"), ("poll_seconds", "nan", "takes a num"),
                               ("passes.licm", 1, "takes true or false"), ("llvm_level", "4", "must be at most 3")):
        with pytest.raises(SettingsError, match=words):
            updated(JIT_DEFAULTS, {name: value})


def test_settings_travel_as_mappings() -> None:
    from dataclasses import asdict

    changed = replace(JIT_DEFAULTS, threshold=3, passes=TracePasses(gvn=False))
    assert of_mapping(JitSettings, asdict(changed)) == changed
