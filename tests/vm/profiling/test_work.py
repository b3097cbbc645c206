"""Work: what is executed in loops, with what they call, how long it takes, and which loop is the busiest by that."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from zexus.assembly import assemble
from zexus.vm.profiling.work import Run, Site, Work, busiest_first, heat, own_times, spread
from zexus.vm.vm import VM


def test_work_belongs_to_the_loops_that_call() -> None:
    main = Work("main", 5.0, {"a": 10.0, "b": 20.0}, [Site("f", 30, "a"), Site("f", 10, "b"), Site("g", 1, None)])
    found = spread([main, Work("f", 80.0, {}, [Site("g", 40, None)]), Work("g", 41.0, {"c": 7.0})])
    # 40 of the 41 calls of g come from f, which hands on what is not its own.
    assert found == pytest.approx({"a": 10 + 60 + 30, "b": 20 + 20 + 10, "c": 7})


def test_calls_in_a_circle_come_to_an_end() -> None:
    main = Work("main", 0.0, {"a": 1.0}, [Site("even", 1, "a")])
    found = spread([main, Work("even", 6.0, {}, [Site("odd", 3, None)]), Work("odd", 5.0, {}, [Site("even", 2, None)])])
    assert found["a"] == pytest.approx(12.0, rel=1e-3)


def test_functions_of_one_name_share_their_calls() -> None:
    calls = Work("run", 0.0, {"a": 1.0}, [Site("run", 4, "a")])
    assert spread([calls, Work("run", 8.0)]) == {"a": 9.0}


def test_times_are_a_loop_s_own() -> None:
    main = Work("main", 0.0, {"outer": 10.0, "inner": 30.0, "untimed": 10.0}, [Site("f", 3, "untimed")])
    callee = Work("f", 0.0, {"called": 5.0})
    runs = {"outer": Run(None, 1000), "inner": Run("outer", 600), "untimed": Run("outer", None),
            "called": Run(None, 100)}
    # What is left of the outer loop's time belongs to it and to the loop that was not timed.
    assert own_times([main, callee], runs) == {"outer": 150.0, "inner": 600.0, "untimed": 150.0, "called": 100.0}


def test_what_timing_takes_is_nobody_s() -> None:
    main = Work("main", 0.0, {"outer": 10.0, "inner": 30.0})
    assert own_times([main], {"outer": Run(None, 900), "inner": Run("outer", 600, 20.0)})["outer"] == 100.0


@dataclass(frozen=True)
class Loop:
    iterations: int
    work: int
    own_ns: int | None = None


def test_the_busiest_loop_is_that_with_most_time_or_most_work() -> None:
    many, much = Loop(1000, 2000), Loop(10, 5000)
    assert busiest_first([many, much]) == [much, many]
    long, short = Loop(5, 10, 900), Loop(50, 1000, 100)
    assert busiest_first([short, long]) == [long, short]
    assert heat([long, short, Loop(1, 101)]) == [900, 100, 100]  # where nothing is known, work counts as elsewhere


NEST = """
function main(n)
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    ITER
  outer:
    FOR_ITER end
    STORE_LOCAL i
    LOAD_GLOBAL weight
    LOAD_LOCAL i
    CALL 1
    POP
    LOAD_GLOBAL range
    LOAD_CONST 2
    CALL 1
    ITER
  inner:
    FOR_ITER outer
    POP
    JUMP inner
  end:
    LOAD_LOCAL n
    RETURN
function weight(i)
    LOAD_LOCAL i
    LOAD_LOCAL i
    MUL
    LOAD_LOCAL i
    ADD
    LOAD_LOCAL i
    ADD
    RETURN
"""


def test_hot_loops_of_a_program() -> None:
    vm = VM("stack")
    vm.start_profiling()
    vm.run(assemble(NEST, "program.zxa"), 10)
    assert vm.profiler is not None
    outer, inner = vm.profiler.hot_loops(1)
    assert (outer.iterations, inner.iterations) == (10, 20)
    # The test of the outer loop is executed once more; the inner one has three instructions, and its test.
    assert (outer.work, inner.work) == (1 + 10 * (10 + 8), 10 * (3 * 2 + 1))
    assert vm.get_profiling_summary()["hottest_loop"] == outer
    assert outer.own_ns is None
