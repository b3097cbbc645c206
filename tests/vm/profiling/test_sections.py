"""Sections: what is executed between two readings of the clock, and how long it takes without what is timed inside."""

from __future__ import annotations

import pytest

from zexus.assembly import assemble
from zexus.vm.profiling import timing
from zexus.vm.profiling.sections import CALL_OF, TALLY, Section
from zexus.vm.vm import VM

LOOP = """
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    ITER
  {0}:
    FOR_ITER {0}_done
    STORE_LOCAL i
{1}
    JUMP {0}
  {0}_done:
"""
LEAF = "function leaf(n)\n    LOAD_LOCAL n\n    RETURN\n"
CALL = "    LOAD_GLOBAL {0}\n    LOAD_LOCAL i\n    CALL 1\n    POP"


def looped(name: str, body: str) -> str:
    return f"function {name}(n)\n{LOOP.format('loop', body)}    LOAD_CONST 0\n    RETURN\n"


def sections(text: str, monkeypatch: pytest.MonkeyPatch, n: int = 400) -> dict[tuple[str, int], Section]:
    """The sections of a program whose clock goes on by 10 us at each reading."""
    now = [0]

    def clock() -> int:
        now[0] += 10_000
        return now[0]

    monkeypatch.setattr(timing, "perf_counter_ns", clock)
    vm = VM("stack")
    vm.start_profiling("detailed")
    vm.run(assemble(text, "sections.zxa"), n)
    assert vm.profiler is not None
    return {(one.function, one.line): one for one in vm.profiler.sections()}


def test_a_loop_is_a_section_with_what_was_executed_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = sections(looped("main", "    LOAD_CONST 1\n    POP"), monkeypatch)
    (loop,) = found.values()
    assert loop.function == "main" and loop.machine == "stack" and loop.time_ns == 10_000
    assert {op: n for op, n in loop.counts.items() if op != TALLY} == {
        "FOR_ITER": 401, "STORE_LOCAL": 400, "LOAD_CONST": 400, "POP": 400, "JUMP": 400}


def test_what_is_timed_inside_is_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = LOOP.format("inner", "    LOAD_CONST 1\n    POP").replace("STORE_LOCAL i", "STORE_LOCAL j")
    monkeypatch.setattr("zexus.vm.profiling.sections._LEAST", 1)
    first, last = sorted(sections(looped("main", inner), monkeypatch, 30).values(), key=lambda one: one.line)
    assert (last.counts["POP"], last.time_ns) == (900, 30 * 10_000)
    assert (first.counts["POP"], first.counts["STORE_LOCAL"], first.time_ns) == (0, 30, 31 * 10_000)


def test_little_code_is_no_section(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not sections(looped("main", "    LOAD_CONST 1\n    POP"), monkeypatch, 30)


def test_calls_that_are_not_timed_are_told_by_their_function(monkeypatch: pytest.MonkeyPatch) -> None:
    found = sections(looped("main", CALL.format("leaf")) + LEAF, monkeypatch)
    (loop,) = found.values()
    assert loop.counts[CALL_OF + "leaf"] == 400 and loop.counts["RETURN"] == 0


def test_what_calls_functions_that_call_themselves_is_no_section(monkeypatch: pytest.MonkeyPatch) -> None:
    other = looped("other", CALL.format("back")) + "function back(n)\n    LOAD_CONST 0\n    JUMP_IF_FALSE out\n" \
        "    LOAD_GLOBAL other\n    LOAD_LOCAL n\n    CALL 1\n    RETURN\n  out:\n    LOAD_CONST 1\n    RETURN\n"
    found = sections(looped("main", CALL.format("other")) + other, monkeypatch)
    assert found and all(one.counts["FOR_ITER"] == 0 and one.function == "other" for one in found.values())


def test_where_loops_go_native_there_is_no_section() -> None:
    vm = VM("generated")
    vm.start_profiling("detailed")
    vm.run(assemble(looped("main", "    LOAD_CONST 1\n    POP"), "native.zxa"), 40_000)
    assert vm.profiler is not None and vm.profiler.functions()[0].times is not None
    assert not vm.profiler.sections()
