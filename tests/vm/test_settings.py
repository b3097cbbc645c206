"""Each setting of the bytecode machines does what its words say."""

from __future__ import annotations

import gc
from dataclasses import asdict, fields
from typing import Any

import pytest

from zexus import VM
from zexus.assembly import assemble
from zexus.regvm import pipeline, verify
from zexus.regvm.pipeline import ALL_PHASES
from zexus.settings import (
    CodePasses,
    GcSettings,
    InlineLimits,
    JitSettings,
    PeepholeSettings,
    PoolSettings,
    VmSettings,
    of_mapping,
)
from zexus.vm.collector import collecting
from zexus.vm.tiers import written

PROGRAM = """
function square(x)
    LOAD_LOCAL x
    LOAD_LOCAL x
    MUL
    RETURN

function main(n)
    LOAD_CONST 0
    STORE_LOCAL s
again:
    LOAD_LOCAL n
    JUMP_IF_FALSE done
    LOAD_LOCAL s
    LOAD_GLOBAL square
    LOAD_LOCAL n
    CALL 1
    ADD
    STORE_LOCAL s
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    STORE_LOCAL n
    JUMP again
done:
    LOAD_LOCAL s
    RETURN
"""
ANSWER = sum(n * n for n in range(1001))


def run(**settings: Any) -> VM:
    vm = VM("generated", settings=VmSettings(**settings), enable_native_tier=False)
    assert vm.run(assemble(PROGRAM), 1000) == ANSWER
    return vm


def test_each_pass_can_be_left_out() -> None:
    for one in fields(CodePasses):
        passes = CodePasses(**{one.name: False})
        vm = run(passes=passes)
        assert getattr(vm._tiers.phases, one.name) is False
        assert vm._tiers.phases == passes


@pytest.mark.parametrize(("limits", "expected"), [
    (InlineLimits(), True), (InlineLimits(total=1), False),
    (InlineLimits(loop_size=0, size=0, constant_bonus=0), False),
])
def test_what_is_worth_inlining(limits: InlineLimits, expected: bool) -> None:
    run(inlining=limits)
    text = written(assemble(PROGRAM), ALL_PHASES, VmSettings(inlining=limits)).text
    assert ("square_(n)" not in text) is expected


def test_functions_have_as_many_variables_as_they_may() -> None:
    for variables in (2, 3, 256):
        run(variables=variables)


def test_the_verifier_runs_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(pipeline, "CHECK", False)
    monkeypatch.setattr(verify, "verify", calls.append)
    monkeypatch.setattr(pipeline, "check", lambda before, after: None)
    for wanted in (False, True):
        run(verify=wanted)
        assert bool(calls) is wanted


def test_the_clock_is_looked_at_as_often_as_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from zexus.vm import limits

    looks: list[None] = []

    class Clock:
        @staticmethod
        def monotonic() -> float:
            looks.append(None)
            return 0.0

    monkeypatch.setattr(limits, "time", Clock)
    counts = []
    for each in (100, 1000):
        looks.clear()
        vm = VM("stack", timeout=5.0, settings=VmSettings(clock_instructions=each), enable_peephole_optimizer=False)
        assert vm.run(assemble(PROGRAM), 1000) == ANSWER
        counts.append(len(looks))
    assert 8 <= counts[0] / counts[1] <= 12


def test_runs_inside_of_runs_nest_as_deeply_as_they_may() -> None:
    program = assemble("function main(f, n)\n LOAD_LOCAL f\n LOAD_LOCAL n\n CALL 1\n RETURN")

    def deeper(n: int) -> int:
        return vm.run(program, deeper, n - 1) if n else 0

    for depth in (5, 20):
        vm = VM("stack", settings=VmSettings(host_depth=depth))
        assert vm.run(program, deeper, depth - 1) == 0
        with pytest.raises(RecursionError):
            vm.run(program, deeper, depth)


def test_decoded_functions_are_kept_as_long_as_there_are_few() -> None:
    for kept, count in ((1, 1), (5000, 2)):
        vm = VM("stack", settings=VmSettings(kept_functions=kept))
        vm.run(assemble(PROGRAM), 10)
        assert len(vm._stack._programs) == count


def test_the_rules_of_the_peephole_optimizer_run_as_often_as_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    from zexus.vm.peephole import listing

    rounds: list[None] = []
    once = listing._round

    def counted(*arguments: Any) -> Any:
        rounds.append(None)
        return once(*arguments)

    monkeypatch.setattr(listing, "_round", counted)
    found = []
    for most in (1, 8):
        rounds.clear()
        vm = VM("stack", optimization_level="AGGRESSIVE", settings=VmSettings(peephole=PeepholeSettings(most)))
        assert vm.run(assemble(PROGRAM), 1000) == ANSWER
        found.append(len(rounds))
    assert found[0] == 2 < found[1], "one round for each of the two functions"


def test_the_pools_keep_what_is_small_enough() -> None:
    vm = VM(settings=VmSettings(pools=PoolSettings(-2, 3, 4, 1)))
    for value in (-3, -2, 3, 4):
        assert vm.allocate_integer(value) == value
    for text in ("abcd", "abcd", "abcde", "abcde"):
        vm.allocate_string(text)
    for size in (1, 2):
        vm.release_list(vm.allocate_list(size))
        vm.allocate_list(size)
    stats = vm.get_pool_stats()
    assert stats["integer_pool"]["hits"] == 2 and stats["string_pool"]["hits"] == 1
    assert stats["list_pool"]["reuses"] == 1


# --- the garbage collector --------------------------------------------------------------------------------


def seen_in_a_run(vm: VM) -> tuple[tuple[int, int, int], int]:
    program = assemble("function main(f)\n LOAD_LOCAL f\n CALL 0\n RETURN")
    found: Any = vm.run(program, lambda: (gc.get_threshold(), gc.get_freeze_count()))
    return found


def test_the_collector_is_told_during_a_run_and_as_before_behind_it() -> None:
    before = gc.get_threshold()
    thresholds, frozen = seen_in_a_run(VM("stack", settings=VmSettings(gc=GcSettings(True, (5000, 7)))))
    assert thresholds[:2] == (5000, 7) and frozen > 0
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
    assert seen_in_a_run(VM("stack")) == (before, 0)


def test_the_collector_is_as_before_behind_an_exception_too() -> None:
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), collecting(GcSettings(True, (0,))):
        assert gc.get_threshold()[0] == 0 and gc.get_freeze_count() > 0
        _ = 1 // 0
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_what_the_program_sets_itself_stays() -> None:
    before = gc.get_threshold()
    try:
        with collecting(GcSettings(True, (5000,))):
            gc.set_threshold(123, 4, 5)
        assert gc.get_threshold() == (123, 4, 5)
        gc.freeze()
        count = gc.get_freeze_count()
        with collecting(GcSettings(freeze=True)):
            assert gc.get_freeze_count() == count, "what is frozen already is the program's"
        assert gc.get_freeze_count() == count
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def test_settings_travel_as_mappings() -> None:
    changed = VmSettings(warm_instructions=3, jit=JitSettings(threshold=2), gc=GcSettings(True, (1, 2)))
    assert of_mapping(VmSettings, asdict(changed)) == changed
    assert of_mapping(VmSettings, asdict(VmSettings())) == VmSettings()
