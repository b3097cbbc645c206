"""The front door of the bytecode machines."""

from __future__ import annotations

import itertools
import signal
import sys
import threading
import time
import traceback
from dataclasses import fields, replace
from typing import Any

import pytest

import zexus
from zexus.assembly import assemble, parse
from zexus.bytecode import Code, Instruction, InvalidCode, Module
from zexus.regvm.pipeline import NO_PHASES, Phases
from zexus.settings import VmSettings
from zexus.vm.limits import InstructionLimit, LimitExceeded, TimeLimit
from zexus.vm.memory_pool import PoolError
from zexus.vm.peephole_optimizer import Instruction as PeepholeInstruction
from zexus.vm.peephole_optimizer import OptimizationLevel
from zexus.vm.vm import LEVELS, MODES, VM, create_high_performance_vm, create_vm

GREETING = """
function main(name)
    LOAD_CONST 'hello '
    LOAD_LOCAL name
    ADD
    RETURN
function endless()
  loop: JUMP loop
function recursive()
    LOAD_GLOBAL recursive
    CALL 0
    RETURN
function counted()
    LOAD_GLOBAL count
    LOAD_CONST 1
    ADD
    COPY 1
    STORE_GLOBAL count
    RETURN
"""


@pytest.mark.parametrize("mode", MODES)
def test_a_module_and_a_single_function(mode: str) -> None:
    vm = create_vm(mode)
    module = assemble(GREETING)
    assert vm.run(module, "you") == "hello you"
    code = assemble(GREETING).functions["main"]
    assert vm.run(code, "you") == "hello you"
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        vm.run(module)


def test_a_vm_keeps_a_modules_globals() -> None:
    vm, module = VM(), assemble(GREETING)
    vm.load(module)["count"] = 5
    assert [vm.run(module.functions["counted"]) for _ in range(3)] == [6, 7, 8]
    assert "count" not in VM().load(module)


def test_a_function_runs_in_the_namespace_it_has() -> None:
    code = Code("f", "f", "f.py", 1, (), 0, namespace={"x": 3},
                instructions=[Instruction("LOAD_GLOBAL", "x"), Instruction("RETURN")])
    assert VM().run(code) == 3


@pytest.mark.parametrize("mode", MODES)
def test_a_vm_stays_usable_behind_a_limit(mode: str) -> None:
    vm, module = VM(mode, max_instructions=1000), assemble(GREETING)
    for _ in range(2):
        with pytest.raises(InstructionLimit):
            vm.run(module.functions["endless"])
        assert vm.run(module, "you") == "hello you"


@pytest.mark.parametrize("mode", MODES)
def test_a_time_limit(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    vm, module = VM(mode, timeout=5), assemble(GREETING)
    for _ in range(2):
        with pytest.raises(TimeLimit):
            vm.run(module.functions["endless"])
        assert vm.run(module, "you") == "hello you"


def test_each_call_by_the_host_has_the_limits() -> None:
    vm = VM(max_instructions=1000)
    endless = vm.load(assemble(GREETING))["endless"]
    for _ in range(2):
        with pytest.raises(LimitExceeded):
            endless()


@pytest.mark.parametrize("mode", MODES)
def test_the_recursion_limit(mode: str) -> None:
    vm, module = VM(mode, settings=VmSettings(recursion_limit=100)), assemble(GREETING)
    for _ in range(2):
        with pytest.raises(RecursionError, match="maximum recursion depth exceeded"):
            vm.run(module.functions["recursive"])
        assert vm.run(module, "you") == "hello you"


@pytest.mark.parametrize("mode", MODES)
def test_an_interrupt_ends_a_run_and_leaves_the_vm_usable(mode: str) -> None:
    vm, module = VM(mode, enable_native_tier=False), assemble(GREETING)
    timer = threading.Timer(0.1, signal.raise_signal, (signal.SIGINT,))
    try:
        with pytest.raises(KeyboardInterrupt):
            timer.start()  # in here, as a busy system may let it ring at once
            vm.run(module.functions["endless"])
    finally:
        timer.cancel()
    assert vm.run(module, "you") == "hello you"


OUTLINED = """
code f (f.py:1) params 1
locals a
block 0: line 3 (a) -> ()
    0 PYBLOCK 0
    1 RETURN
"""
REGION = """
code f (f.py:1) region params 1
locals a
results a
    0 LEAVE 0
"""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", [OUTLINED, REGION], ids=["outlined", "region"])
def test_parts_of_python_functions_are_refused(text: str, mode: str) -> None:
    vm = VM(mode)
    with pytest.raises(InvalidCode, match="f: a part of a Python function is no function of a program"):
        vm.run(parse(text), 1)


@pytest.mark.parametrize(("options", "message"), [
    ({"mode": "fast"}, "unknown mode 'fast'; modes are auto, stack, register"),
    ({"max_instructions": 0}, "max_instructions must be a positive integer, got 0"),
    ({"max_instructions": 1.5}, r"max_instructions must be a positive integer, got 1\.5"),
    ({"timeout": float("nan")}, "timeout must be a positive number, got nan"),
    ({"registers": 2.5}, r"registers must be 2 to 256, got 2\.5"),
    ({"optimization_level": 2}, "unknown optimization level 2; levels are NONE"),
    ({"registers": 1}, "registers must be 2 to 256, got 1"),
    ({"optimization_level": "fast"}, "unknown optimization level 'fast'; levels are NONE, BASIC, .* O3"),
    ({"timeout": -1.0}, r"timeout must be a positive number, got -1\.0"),
])
def test_wrong_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VM(**options)


def test_a_program_without_main() -> None:
    with pytest.raises(ValueError, match="'main' cannot be called"):
        VM().run(assemble("function f()\n LOAD_CONST 1\n RETURN"))


def test_the_package_exports_the_vm() -> None:
    assert zexus.VM is VM


# --- bad bytecode ----------------------------------------------------------------------------------------------

def bad(*instructions: tuple[Any, ...], consts: tuple[Any, ...] = (None,)) -> Module:
    """A program that would be seen to run if it ran halfway."""
    seen = [Instruction("LOAD_GLOBAL", "seen"), Instruction("CALL", 0), Instruction("POP")]
    made = [*seen, *(Instruction(*parts) for parts in instructions)]
    code = Code("main", "main", "bad.zxa", 1, ("x",), 0, consts=list(consts), instructions=made)
    return Module("bad", "bad.zxa", {"main": code})


@pytest.mark.parametrize(("instructions", "message"), [
    ((("FROBNICATE",), ("RETURN",)), "main: unknown opcode 'FROBNICATE' at 3"),
    ((("HAS_NEXT",), ("RETURN",)), "main: no opcode of the stack form at 3 HAS_NEXT"),
    ((("ADD",), ("RETURN",)), "main: stack underflow at 3 ADD"),
    ((("LOAD_CONST", 0), ("JUMP_IF_FALSE", 3), ("JUMP", 99)), "main: jump out of range at 5 JUMP 99"),
    ((("JUMP", -1),), "main: jump out of range at 3 JUMP -1"),
    ((("LOAD_CONST", "five"), ("RETURN",)), "main: bad argument 'five' at 3 LOAD_CONST"),
    ((("LOAD_LOCAL", 1.0), ("RETURN",)), r"main: bad argument 1\.0 at 3 LOAD_LOCAL"),
    ((("LOAD_GLOBAL", 7), ("RETURN",)), "main: bad argument 7 at 3 LOAD_GLOBAL"),
    ((("LOAD_CONST", 1), ("RETURN",)), "main: bad argument 1 at 3 LOAD_CONST"),
    ((("LOAD_CONST", 0), ("POP",)), "main: control runs out of the code at 5"),
    ((("LOAD_CONST", 0), ("LOAD_CONST", 0), ("JUMP_IF_FALSE", 3), ("RETURN",)), "main: depth 0 or 1 at 3 LOAD_CONST"),
    ((("LOAD_LOCAL", 0), ("RETURN",)), "main: 'x' may have no value at 3 LOAD_LOCAL"),
    ((("MAKE_FUNCTION", "inner"), ("RETURN",)), "main: no function 'inner' at 3 MAKE_FUNCTION"),
], ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("mode", MODES)
def test_bad_bytecode_is_refused_before_anything_runs(mode: str, instructions: Any, message: str) -> None:
    vm, module = VM(mode), bad(*instructions)
    with pytest.raises(InvalidCode, match=message):
        vm.run(module)
    with pytest.raises(InvalidCode, match=message):
        vm.run(module)


def test_the_part_in_front_of_the_bad_one_would_run() -> None:
    vm, module = VM(), bad(("LOAD_CONST", 0), ("RETURN",))
    calls: list[int] = []
    vm.load(module)["seen"] = lambda: calls.append(1)
    vm.run(module)
    assert calls == [1]


# --- optimization ----------------------------------------------------------------------------------------------

FOLDABLE = """
function main(x)
    LOAD_CONST 2
    LOAD_CONST 3
    MUL
    LOAD_LOCAL x
    ADD
    RETURN
"""


def test_a_list_of_instructions_is_optimized() -> None:
    vm = VM(enable_peephole_optimizer=True, optimization_level="MODERATE")
    sum_of_constants = [PeepholeInstruction("LOAD_CONST", 5), PeepholeInstruction("LOAD_CONST", 3),
                        PeepholeInstruction("BINARY_ADD")]
    assert str(vm.optimize_bytecode(sum_of_constants)) == "[LOAD_CONST(8)]"
    stats = vm.get_optimizer_stats()
    assert stats["constant_folds"] == 1 and f"{stats['reduction_percent']:.1f}%" == "66.7%"
    vm.reset_optimizer_stats()
    assert vm.get_optimizer_stats()["constant_folds"] == 0


def test_what_is_loaded_is_optimized_and_the_given_module_stays() -> None:
    module = assemble(FOLDABLE)
    size = len(module.functions["main"].instructions)
    vm = VM("stack")
    assert vm.run(module, 1) == 7
    assert vm.get_optimizer_stats()["constant_folds"] == 1
    assert len(module.functions["main"].instructions) == size
    assert len(vm.optimize_bytecode(module).functions["main"].instructions) < size
    assert len(vm.optimize_bytecode(module.functions["main"]).instructions) < size


@pytest.mark.parametrize("options", [{"enable_peephole_optimizer": False}, {"optimization_level": "NONE"},
                                     {"optimization_level": "O0"}])
def test_the_peephole_optimizer_can_be_off(options: dict[str, Any]) -> None:
    vm = VM("stack", **options)
    module = assemble(FOLDABLE)
    vm.load(module)
    assert vm._load(module).module.functions["main"].instructions == module.functions["main"].instructions
    assert vm.get_optimizer_stats()["constant_folds"] == 0


@pytest.mark.parametrize("level", ["NONE", "basic", "MODERATE", "AGGRESSIVE", *LEVELS])
def test_every_level_gives_the_same_answer(level: str) -> None:
    for mode in MODES:
        assert VM(mode, optimization_level=level, settings=VmSettings(warm_instructions=1)).run(
            assemble(FOLDABLE), 1) == 7


@pytest.mark.parametrize("options", [{"enable_register_optimizer": False}, {"enable_inlining": False}, {"registers": 2},
                                     {"registers": 256}])
def test_every_flag_gives_the_same_answer(options: dict[str, Any]) -> None:
    twice = "function twice(x)\n LOAD_GLOBAL main\n COPY 1\n LOAD_LOCAL x\n CALL 1\n CALL 1\n RETURN"
    module = assemble(FOLDABLE + twice)
    assert VM("register", **options).run(module.functions["twice"], 1) == 13


@pytest.mark.parametrize("name", [field.name for field in fields(Phases)])
def test_each_pass_has_a_flag(name: str) -> None:
    phases = replace(Phases(), **{name: False})
    module = assemble(FOLDABLE)
    for mode in ("register", "generated"):
        vm = VM(mode, phases=phases)
        assert vm._tiers.phases == phases and vm.run(module, 1) == 7
    assert VM(phases=phases, enable_register_optimizer=False)._tiers.phases == NO_PHASES


def test_flags_turn_passes_off() -> None:
    assert VM(enable_inlining=False)._tiers.phases == Phases(inline=False)
    assert VM(enable_register_optimizer=False)._tiers.phases == NO_PHASES
    assert VM(optimization_level="O1")._tiers.phases != Phases() and VM()._tiers.phases == Phases()


def test_the_preset_for_speed() -> None:
    vm = create_high_performance_vm()
    assert vm.mode == "auto" and vm.optimizer.level == OptimizationLevel.AGGRESSIVE
    assert vm.run(assemble(FOLDABLE), 1) == 7


@pytest.mark.parametrize("mode", MODES)
def test_a_closure_that_the_host_keeps_has_fresh_limits(mode: str) -> None:
    text = """
function main()
  cells x
    LOAD_CONST 1
    STORE_CELL x
    MAKE_FUNCTION inner
    RETURN
function inner(n)
  captured x
  loop: LOAD_LOCAL n
    JUMP_IF_FALSE done
    LOAD_LOCAL n
    LOAD_CELL x
    SUB
    STORE_LOCAL n
    JUMP loop
  done: LOAD_CELL x
    RETURN
"""
    vm = VM(mode, max_instructions=500, settings=VmSettings(warm_instructions=1))
    inner = vm.run(assemble(text))
    for _ in range(20):
        assert inner(30) == 1
        with pytest.raises(InstructionLimit):
            inner(10**9)


CALLING_BACK = """
function main(n)
    LOAD_LOCAL n
    JUMP_IF_FALSE done
    LOAD_GLOBAL max
    LOAD_GLOBAL map
    LOAD_GLOBAL main
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    BUILD_LIST 1
    CALL 2
    CALL 1
    LOAD_CONST 1
    ADD
    RETURN
  done: LOAD_CONST 0
    RETURN
"""


@pytest.mark.parametrize("mode", MODES)
def test_recursion_through_host_code_ends_before_the_hosts_stack_does(mode: str) -> None:
    vm, module = VM(mode), assemble(CALLING_BACK)
    for _ in range(2):
        assert vm.run(module, 50) == 50
        with pytest.raises(RecursionError):
            vm.run(module, 100_000)


DEEP = """
function main(n)
    LOAD_LOCAL n
    JUMP_IF_FALSE done
    LOAD_LOCAL n
    LOAD_GLOBAL main
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    CALL 1
    ADD
    RETURN
  done: LOAD_CONST 0
    RETURN
"""


@pytest.mark.parametrize("mode", MODES)
def test_recursion_deeper_than_the_hosts(mode: str) -> None:
    vm, module = VM(mode), assemble(DEEP)
    before = sys.getrecursionlimit()
    for _ in range(2):
        assert vm.run(module, 30_000) == 30_000 * 30_001 // 2
    assert sys.getrecursionlimit() == before


@pytest.mark.parametrize("level", LEVELS)
def test_a_module_serves_several_vms(level: str) -> None:
    module = assemble(DEEP)
    for mode in (*MODES, *MODES):
        vm = VM(mode, optimization_level=level, enable_native_tier=False, settings=VmSettings(warm_instructions=5))
        assert [vm.run(module, 4), vm.run(module.functions["main"], 4)] == [10, 10]
    assert module.functions["main"].module is module and list(module.functions) == ["main"]


# --- the pools ---------------------------------------------------------------------------------------------------


def test_the_pools_at_the_front_door() -> None:
    vm = VM(enable_memory_pool=True, pool_max_size=1000)
    assert vm.allocate_integer(42) == 42 and vm.allocate_string("hello") == "hello"
    lst = vm.allocate_list(10)
    assert lst == [None] * 10
    lst[0] = "kept alive"
    vm.release_list(lst)
    assert vm.allocate_list(10) is lst and lst == [None] * 10
    assert vm.allocate_string("hel" + "lo"[:2]) == "hello"
    stats = vm.get_pool_stats()
    assert stats["integer_pool"]["hit_rate"] == 100.0
    assert stats["string_pool"]["hit_rate"] == stats["list_pool"]["hit_rate"] == 50.0
    with pytest.raises(PoolError):
        vm.release_list("no list")  # type: ignore[arg-type]
    vm.reset_pools()
    assert vm.get_pool_stats()["string_pool"]["requests"] == 0


def test_the_pools_can_be_off() -> None:
    vm = VM(enable_memory_pool=False)
    assert (vm.allocate_integer(5), vm.allocate_string("a"), vm.allocate_list(2)) == (5, "a", [None, None])
    vm.release_list([])
    vm.reset_pools()
    assert vm.get_pool_stats() == {}
    with pytest.raises(ValueError, match="-1 items"):
        vm.allocate_list(-1)


RAISED_AGAIN = """
function main(x)
    LOAD_GLOBAL guarded
    LOAD_LOCAL x
    CALL 1
    RETURN
function guarded(x)
  risky: LOAD_LOCAL x
    GETATTR nothing
    RETURN
  caught: RAISE
  handler risky caught -> caught
"""


@pytest.mark.parametrize("mode", MODES)
def test_an_exception_that_is_raised_again_has_passed_its_caller_once(mode: str) -> None:
    with pytest.raises(AttributeError) as caught:
        VM(mode, enable_native_tier=False).run(assemble(RAISED_AGAIN, "again.zxa"), 5)
    entries = [(e.name, e.lineno) for e in traceback.extract_tb(caught.value.__traceback__)
               if e.filename == "again.zxa"]
    assert entries == [("main", 5), ("guarded", 11), ("guarded", 9)]
