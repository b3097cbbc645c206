"""Profiling a VM's programs: switching it on and off, what stays as it was, and what is derived from the counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from zexus.assembly import assemble
from zexus.bytecode import InvalidCode, Routine
from zexus.settings import JitSettings, VmSettings
from zexus.vm.profiler import InstructionProfiler, ProfilingLevel
from zexus.vm.vm import VM

ROOT = Path(__file__).resolve().parents[3]
TEXT = """
function main(n)
    LOAD_GLOBAL runs
    LOAD_CONST 1
    ADD
    STORE_GLOBAL runs
    LOAD_CONST 0
    STORE_LOCAL total
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    ITER
  outer:
    FOR_ITER done
    STORE_LOCAL row
    LOAD_GLOBAL range
    LOAD_LOCAL row
    CALL 1
    ITER
  inner:
    FOR_ITER outer
    LOAD_CONST 2
    MOD
    JUMP_IF_FALSE even
    LOAD_GLOBAL add
    LOAD_LOCAL total
    LOAD_CONST 1
    CALL 2
    STORE_LOCAL total
  even:
    JUMP inner
  done:
    LOAD_LOCAL total
    RETURN
function add(a, b)
    LOAD_LOCAL a
    LOAD_LOCAL b
    ADD
    RETURN
"""
INNER = sum(range(10))  # iterations of the inner loop for main(10)
ODD = sum(row // 2 for row in range(10))  # calls of `add`


def profiled(mode: str = "stack", level: str = "basic") -> tuple[VM, InstructionProfiler]:
    vm = VM(mode)
    vm.start_profiling(level)
    module = assemble(TEXT, "program.zxa")
    vm.load(module)["runs"] = 0
    assert vm.run(module, 10) == ODD
    assert vm.profiler is not None
    return vm, vm.profiler


@pytest.mark.parametrize("mode", ["stack", "register", "generated"])
def test_what_follows_from_the_counts(mode: str) -> None:
    _, profiler = profiled(mode)
    assert {one.function: one.calls for one in profiler.functions()} == {"main": 1, "add": ODD}
    outer, inner = sorted(profiler.hot_loops(1), key=lambda loop: loop.nesting)
    assert (outer.entries, outer.iterations, outer.nesting) == (1, 10, 0)
    assert (inner.entries, inner.iterations, inner.nesting) == (10, INNER, 1)
    assert {outer.tier, inner.tier} == {mode}
    assert (inner.filename, inner.function) == ("program.zxa", "main")
    assert profiler.hot_loops(11) == [inner]
    ways = {(one.opcode, one.taken, one.not_taken) for one in profiler.branches()}
    assert ways == {("FOR_ITER", 1, 10), ("FOR_ITER", 10, INNER), ("JUMP_IF_FALSE", INNER - ODD, ODD)}
    assert profiler.opcodes()["MOD"] == INNER
    assert profiler.opcodes()["CALL"] == 1 + 10 + ODD
    assert profiler.memory()["global stores"] == 1
    assert profiler.memory()["local loads"] == 1 + 10 + ODD + 1 + 2 * ODD


def test_loops_that_go_native_are_told() -> None:
    jit = JitSettings(threshold=20, background=False, weigh=False, cache=False)
    vm = VM("generated", settings=VmSettings(jit=jit))
    vm.start_profiling()
    module = assemble(TEXT.replace("LOAD_GLOBAL add", "LOAD_CONST 1\n    POP\n    LOAD_GLOBAL add"), "program.zxa")
    vm.load(module)["runs"] = 0
    for _ in range(5):
        vm.run(module, 100)
    assert vm.profiler is not None
    assert {loop.tier for loop in vm.profiler.hot_loops(1_000)} == {"native"}
    assert {one.tier for one in vm.profiler.instructions() if one.opcode == "MOD"} == {"native"}


def test_fused_instructions_count_as_their_parts() -> None:
    vm = VM("stack")
    vm.start_profiling()
    vm.run(assemble("function main(a)\n    LOAD_LOCAL__RETURN a\n", "program.zxa"), 1)
    assert vm.profiler is not None
    assert vm.profiler.opcodes() == {"LOAD_LOCAL": 1, "RETURN": 1}


@pytest.mark.parametrize("mode", ["auto", "stack", "register", "generated"])
def test_a_program_is_itself_again_when_profiling_stops(mode: str) -> None:
    vm = VM(mode, settings=VmSettings(warm_instructions=50))
    module = assemble(TEXT, "program.zxa")
    namespace = vm.load(module)
    namespace["runs"] = 0
    add = namespace["add"]
    assert type(add) is Routine
    before = add.code
    vm.run(module, 10)
    function = add.function
    vm.start_profiling()
    assert namespace["add"] is add and add.code is not before
    assert vm.run(module, 10) == ODD
    vm.stop_profiling()
    assert add.code is before and add.function is function
    assert vm.profiler is not None
    counts = [one.count for one in vm.profiler.instructions()]
    assert vm.run(module, 10) == ODD and namespace["add"](3, 4) == 7
    assert [one.count for one in vm.profiler.instructions()] == counts
    vm.start_profiling()
    assert vm.run(module, 10) == ODD and vm.load(module) is namespace
    assert [one.count for one in vm.profiler.instructions()] == [2 * times for times in counts]
    assert namespace["runs"] == 4
    vm.reset_profiler()
    assert not any(one.count or one.raised for one in vm.profiler.instructions())
    assert add(1, 2) == 3
    assert {one.function: one.calls for one in vm.profiler.functions()} == {"add": 1}


def test_without_a_level_programs_run_as_they_are() -> None:
    vm = VM("stack")
    module = assemble(TEXT, "program.zxa")
    code = vm.load(module)["add"].code
    vm.start_profiling("none")
    assert vm.load(module)["add"].code is code
    assert vm.profiler is None
    assert InstructionProfiler("none").prepare(module) is module
    assert "none" in vm.get_profiling_report("text").splitlines()[0]
    assert vm.get_profiling_summary()["instructions"] == 0


def test_the_summary_and_the_report() -> None:
    vm, profiler = profiled()
    summary = vm.get_profiling_summary()
    assert summary["level"] == "basic" and summary["calls"] == 1 + ODD and summary["exceptions"] == 0
    assert summary["instructions"] == sum(one.count for one in profiler.instructions())
    assert summary["loops"] == 2 and summary["hottest_loop"].iterations == INNER
    assert summary["seconds"] > 0
    report = json.loads(vm.get_profiling_report("json"))
    assert sum(report["opcodes"].values()) == summary["instructions"]
    assert f"and {len(profiler.opcodes()) - 1} more" in vm.get_profiling_report(top_n=1)
    with pytest.raises(ValueError, match="unknown format"):
        vm.get_profiling_report("pdf")


def test_exceptions_are_counted_where_they_happen() -> None:
    vm = VM("register")
    vm.start_profiling()
    module = assemble("function main(a)\n    LOAD_CONST 1\n    LOAD_LOCAL a\n    FLOORDIV\n    RETURN\n", "p.zxa")
    assert vm.run(module, 1) == 1
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            vm.run(module, 0)
    assert vm.profiler is not None
    assert [(one.opcode, one.count, one.raised) for one in vm.profiler.instructions()] == [
        ("LOAD_CONST", 3, 0), ("LOAD_LOCAL", 3, 0), ("FLOORDIV", 3, 2), ("RETURN", 1, 0)]


def test_a_running_program_cannot_be_switched() -> None:
    vm = VM("stack")
    module = assemble("function main(f)\n    LOAD_LOCAL f\n    CALL 0\n    RETURN\n", "program.zxa")
    for call in (vm.start_profiling, vm.stop_profiling, vm.reset_profiler):
        with pytest.raises(RuntimeError, match="while a program is running"):
            vm.run(module, call)


def test_levels() -> None:
    assert ProfilingLevel.of("Full") is ProfilingLevel.of(3) is ProfilingLevel.FULL
    assert [level.name for level in ProfilingLevel] == ["NONE", "BASIC", "DETAILED", "FULL"]
    for wrong in ("everything", 4):
        with pytest.raises(ValueError, match="levels are NONE, BASIC, DETAILED, FULL"):
            VM("stack").start_profiling(wrong)


def test_programs_bring_no_counters_of_their_own() -> None:
    with pytest.raises(InvalidCode, match="only the profiler puts counters in"):
        VM("stack").load(assemble("function main()\n    TALLY 0\n    LOAD_CONST 1\n    RETURN\n", "program.zxa"))


def test_the_tier_imports_its_counters_and_nothing_else_of_the_profiler() -> None:
    code = ("import sys, zexus.jit.tier\n"
            "print(sorted(name for name in sys.modules if name.startswith('zexus.vm.profil')))")
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert result.stdout.strip() == "['zexus.vm.profiling', 'zexus.vm.profiling.hot']"
