"""Paths: their numbers lead back to them, and together they pass each block as often as it is entered."""

from __future__ import annotations

import pytest

from tests import programs
from tests.vm.test_executors import DEEPER, JIT, outcome
from zexus.assembly import assemble
from zexus.bytecode import InvalidCode
from zexus.settings import VmSettings
from zexus.vm.profiling.flow import Flow
from zexus.vm.profiling.paths import paths
from zexus.vm.vm import VM

TEXT = """
function main(n)
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    ITER
  loop:
    FOR_ITER done
    STORE_LOCAL k
    LOAD_LOCAL k
    LOAD_CONST 2
    MOD
    JUMP_IF_FALSE even
    .line 100
    NOP
  even:
    .line 150
    LOAD_LOCAL k
    LOAD_CONST 3
    MOD
    JUMP_IF_FALSE loop
    .line 200
    JUMP loop
  done:
    .line 300
    LOAD_CONST 7
    RETURN
"""


def test_numbers_lead_to_paths_and_back() -> None:
    for seed in range(40):
        try:
            module = programs.module(seed)
        except InvalidCode:
            continue
        for code in module.functions.values():
            flow = Flow(code)
            numbered = paths(flow)
            if numbered is None:
                continue
            for start, first in numbered.begins.items():
                behind = min((other for other in numbered.begins.values() if other > first), default=numbered.count)
                for number in range(first, behind):
                    here, *rest = numbered.blocks(flow, number)
                    assert here == start
                    sums = {first}
                    for there in rest:
                        adds = [numbered.adds[edge] for edge in flow.blocks[here].leaves
                                if edge.target == there and edge in numbered.adds]
                        sums = {total + add for total in sums for add in adds}
                        here = there
                    ends = [numbered.ends[edge] for edge in flow.blocks[here].leaves if edge in numbered.ends]
                    # A block that only raises has a number, but its path never comes to an end.
                    assert number in {total + end for total in sums for end in ends or [0]}


@pytest.mark.parametrize("mode", ["stack", "register", "generated", "native"])
def test_which_paths_are_taken(mode: str) -> None:
    machine = "generated" if mode == "native" else mode
    vm = VM(machine, enable_native_tier=mode == "native", settings=VmSettings(jit=JIT))
    vm.start_profiling("full")
    for _ in range(3):
        assert vm.run(assemble(TEXT, "program.zxa"), 12) == 7
    assert vm.profiler is not None
    ways: dict[tuple[bool, bool], int] = {}
    for path in vm.profiler.paths():
        if len(path.lines) > 2:
            way = 100 in path.lines, 200 in path.lines
            ways[way] = ways.get(way, 0) + path.count
    assert ways == {(odd, third): 3 * sum(k % 2 == odd and bool(k % 3) == third for k in range(12))
                    for odd in (False, True) for third in (False, True)}


def test_where_edges_end_one_path_each_nothing_is_added_up() -> None:
    text = """
function main(n)
    LOAD_LOCAL n
    JUMP_IF_FALSE none
    LOAD_CONST 1
    RETURN
  none:
    LOAD_CONST 2
    RETURN
"""
    flow = Flow(assemble(text, "program.zxa").functions["main"])
    numbered = paths(flow)
    assert numbered is not None and sorted(numbered.single.values()) == [0, 1] and not numbered.open
    vm = VM("stack")
    vm.start_profiling("full")
    for n in (1, 0, 0):
        vm.run(assemble(text, "program.zxa"), n)
    assert vm.profiler is not None
    first = vm.profiler._counted[0]
    assert first.paths is not None and not any(first.paths.counts)
    assert [path.count for path in vm.profiler.paths()] == [1, 1, 1]
    assert ".path" not in [i.arg for i in first.made.instructions] and "GETITEM" not in str(first.made.instructions)


@pytest.mark.parametrize("mode", ["stack", "register", "generated"])
def test_paths_pass_blocks_as_often_as_these_are_entered(mode: str) -> None:
    compared = 0
    for seed in range(60):
        try:
            module = programs.module(seed)
        except InvalidCode:
            continue
        vm = VM(mode, settings=VmSettings(DEEPER, jit=JIT), enable_native_tier=False, max_instructions=20_000)
        vm.start_profiling("full")
        namespace = vm.load(module)
        try:
            outcome(namespace["main"], namespace, module, None)
        except Exception:
            continue
        assert vm.profiler is not None
        for one in vm.profiler._counted:
            counts = one.counts(vm._tallies)
            if one.paths is None or any(counts.raised):
                continue
            passed = [0] * len(one.flow.blocks)
            for number, times in enumerate(one.paths.taken(counts.edges)):
                for block in one.paths.paths.blocks(one.flow, number) if times else ():
                    passed[block] += times
            assert passed == counts.blocks, f"seed {seed}: {one.written.name}"
            compared += any(passed)
    assert compared > 10
