"""Times: histograms that stay true, and clocks that are read where they are to be."""

from __future__ import annotations

import random

import pytest

from tests.vm.profiling.test_counts import MODES, PROGRAMS, counted, naive
from tests.vm.test_executors import DEEPER, DEPTH, JIT, outcome
from zexus.assembly import assemble
from zexus.settings import VmSettings
from zexus.vm.profiler import ProfilingLevel
from zexus.vm.profiling import timing
from zexus.vm.profiling.histogram import STEPS, Histogram, bounds, bucket_of
from zexus.vm.vm import VM


def test_buckets_follow_each_other_and_are_narrow() -> None:
    before = -1
    for value in range(20_000):
        bucket = bucket_of(value)
        assert bucket - before in (0, 1)
        first, last = bounds(bucket)
        assert first <= value <= last and last - first <= value / STEPS * 2
        before = bucket
    for value in (2**40 + 12_345, 2**62 - 1):
        first, last = bounds(bucket_of(value))
        assert first <= value <= last and last - first <= value / STEPS


def test_a_histogram_is_true() -> None:
    source = random.Random(3)
    values = [int(source.lognormvariate(9, 2)) for _ in range(5_000)]
    parts = [Histogram(), Histogram(), Histogram()]
    for number, value in enumerate(values):
        parts[number % 2].add(value)
    found = parts[0].merge(parts[1]).merge(parts[2])
    assert (found.count, found.least, found.greatest, found.sum) == (
        len(values), min(values), max(values), sum(values))
    values.sort()
    for share in (0.01, 0.5, 0.95, 0.99, 1.0):
        exact = values[max(int(share * len(values)) - 1, 0)]
        assert abs(found.quantile(share) - exact) <= exact / STEPS + 1
    assert Histogram().quantile(0.5) == Histogram().mean == 0


def test_one_that_takes_very_long_stands_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0]
    monkeypatch.setattr(timing, "perf_counter_ns", lambda: now[0])
    watch = timing.Watch()
    slow = 0
    for number in range(20_000):
        now[0] += 50
        begun = watch.begin()
        late = bool(begun) and number > 10_000 and not slow
        slow += late
        now[0] += 10_000_000 if late else 1_000
        if begun:
            watch.end(begun)
    assert slow == 1 and watch.times.greatest == 10_000_000
    assert 0.95 * 30_000_000 < watch.whole < 1.05 * 30_000_000


def test_a_watch_times_all_at_first_and_then_some(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0]
    monkeypatch.setattr(timing, "perf_counter_ns", lambda: now[0])
    watch = timing.Watch()
    timed = 0
    for _ in range(3_200):
        now[0] += 50
        begun = watch.begin()
        now[0] += 1_000
        if begun:
            timed += 1
            watch.end(begun)
    assert watch.times.count == timed and watch.times.least == watch.times.greatest == 1_000
    assert 32 + 3_200 // 60 < timed < 32 + 3_200 // 20
    now[0] += 1
    while not (begun := watch.begin()):
        pass
    now[0] += timing.SHORTEST - 1
    watch.end(begun)
    assert watch.short == 1 and watch.times.count == timed


@pytest.mark.parametrize("mode", MODES)
def test_counts_are_the_same_when_times_are_taken(mode: str) -> None:
    for text in PROGRAMS.values():
        if "Odd" in text:
            continue
        module = assemble(text, "program.zxa")
        wanted = naive(module, DEPTH)
        vm = VM(MODES[mode][0], settings=VmSettings(DEEPER, warm_instructions=10, jit=JIT), **MODES[mode][1])
        vm.start_profiling("detailed")
        namespace = vm.load(module)
        assert outcome(namespace["main"], namespace, module, None) == wanted[0]
        assert counted(vm.profiler) == wanted[1]


NESTED = """
function main(n)
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    ITER
  outer:
    FOR_ITER done
    STORE_LOCAL row
    LOAD_GLOBAL part
    LOAD_LOCAL row
    CALL 1
    POP
    JUMP outer
  done:
    LOAD_LOCAL n
    RETURN
function part(n)
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    ITER
  loop:
    FOR_ITER done
    POP
    JUMP loop
  done:
    LOAD_GLOBAL leaf
    CALL 0
    RETURN
function leaf()
    LOAD_CONST 1
    RETURN
"""


@pytest.mark.parametrize("mode", ["stack", "register", "generated"])
def test_calls_and_loops_are_timed(mode: str) -> None:
    vm = VM(mode, enable_native_tier=False)
    vm.start_profiling(ProfilingLevel.DETAILED)
    vm.run(assemble(NESTED, "program.zxa"), 20)
    assert vm.profiler is not None
    times = {one.function: one.times for one in vm.profiler.functions()}
    assert times["leaf"] is None
    main, part = times["main"], times["part"]
    assert main is not None and part is not None
    assert main.histogram.count == 1 and part.histogram.count + part.short == 20
    assert main.histogram.sum >= part.histogram.sum
    loops = {loop.function: loop.times for loop in vm.profiler.hot_loops(1)}
    assert loops["main"] is not None and loops["main"].histogram.count == 1
    assert loops["part"] is not None and loops["part"].histogram.count + loops["part"].short == 20
    assert main.histogram.sum >= loops["main"].histogram.sum >= loops["part"].histogram.sum


def test_loops_that_are_to_go_native_are_timed_as_a_whole() -> None:
    vm = VM("generated")
    vm.start_profiling("detailed")
    vm.run(assemble(NESTED, "program.zxa"), 20)
    assert vm.profiler is not None
    assert {one.function for one in vm.profiler.functions() if one.times} == {"main"}
    assert {loop.function for loop in vm.profiler.hot_loops(1) if loop.times} == {"main"}
    vm.reset_profiler()
    assert not any(loop.times for loop in vm.profiler.hot_loops(0))
