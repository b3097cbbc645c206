"""Calls by name: they spare counters, and the counts are those of every instruction all the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.vm.profiling.naive import NaiveMachine
from tests.vm.profiling.test_counts import MODES, counted
from tests.vm.test_executors import JIT
from zexus.assembly import assemble
from zexus.bytecode import Module
from zexus.settings import VmSettings
from zexus.vm.limits import Budget
from zexus.vm.profiling.counting import counted_module
from zexus.vm.vm import VM

HELPERS = """
function main(n)
    LOAD_CONST 0
    STORE_LOCAL total
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    ITER
  loop:
    FOR_ITER done
    STORE_LOCAL i
    LOAD_GLOBAL limited
    LOAD_LOCAL total
    LOAD_GLOBAL square
    LOAD_LOCAL i
    CALL 1
    ADD
    CALL 1
    STORE_LOCAL total
    JUMP loop
  done:
    LOAD_LOCAL total
    RETURN
function square(i)
    LOAD_LOCAL i
    LOAD_LOCAL i
    MUL
    RETURN
function limited(value)
    LOAD_LOCAL value
    LOAD_CONST 100
    LT
    JUMP_IF_FALSE over
    LOAD_LOCAL value
    RETURN
  over:
    LOAD_LOCAL value
    LOAD_CONST 100
    MOD
    RETURN
"""
FIBONACCI = """
function main(n)
    LOAD_LOCAL n
    LOAD_CONST 2
    LT
    JUMP_IF_FALSE more
    LOAD_LOCAL n
    RETURN
  more:
    LOAD_GLOBAL main
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    CALL 1
    LOAD_GLOBAL main
    LOAD_LOCAL n
    LOAD_CONST 2
    SUB
    CALL 1
    ADD
    RETURN
"""
PROGRAMS = {
    "helpers": HELPERS,
    "recursion": FIBONACCI,
    "functions that call each other": """
function main(n)
    LOAD_GLOBAL even
    LOAD_LOCAL n
    CALL 1
    RETURN
function even(n)
    LOAD_LOCAL n
    JUMP_IF_FALSE end
    LOAD_GLOBAL odd
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    CALL 1
    RETURN
  end:
    LOAD_CONST True
    RETURN
function odd(n)
    LOAD_LOCAL n
    JUMP_IF_FALSE end
    LOAD_GLOBAL even
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    CALL 1
    RETURN
  end:
    LOAD_CONST False
    RETURN
""",
    "a function that is called by its name and handed on": """
function main(n)
    LOAD_GLOBAL twice
    LOAD_GLOBAL step
    LOAD_GLOBAL step
    LOAD_LOCAL n
    CALL 1
    CALL 2
    LOAD_GLOBAL list
    LOAD_GLOBAL map
    LOAD_GLOBAL step
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    CALL 2
    CALL 1
    BUILD_TUPLE 2
    RETURN
function twice(f, x)
    LOAD_LOCAL f
    LOAD_LOCAL f
    LOAD_LOCAL x
    CALL 1
    CALL 1
    RETURN
function step(x)
    LOAD_LOCAL x
    LOAD_CONST 3
    MOD
    JUMP_IF_FALSE third
    LOAD_LOCAL x
    LOAD_CONST 1
    ADD
    RETURN
  third:
    LOAD_LOCAL x
    LOAD_CONST 2
    ADD
    RETURN
""",
    "a copy of a function's name": """
function main(n)
    LOAD_GLOBAL step
    COPY 1
    STORE_LOCAL kept
    LOAD_LOCAL n
    CALL 1
    LOAD_LOCAL kept
    LOAD_CONST 5
    CALL 1
    ADD
    RETURN
function step(x)
    LOAD_LOCAL x
    JUMP_IF_FALSE zero
    LOAD_LOCAL x
    RETURN
  zero:
    LOAD_CONST 9
    RETURN
""",
    "calls that raise, and are handled": """
function main(n)
  handler try end -> caught depth 1
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    ITER
  loop:
    FOR_ITER done
    STORE_LOCAL i
  try:
    LOAD_GLOBAL part
    LOAD_LOCAL i
    LOAD_CONST 3
    MOD
    CALL 1
    POP
  end:
    JUMP loop
  caught:
    COPY 1
    LOAD_GLOBAL ZeroDivisionError
    MATCH
    JUMP_IF_FALSE other
    POP
    JUMP loop
  other:
    RAISE
  done:
    LOAD_CONST 0
    RETURN
function part(k)
    LOAD_CONST 7
    LOAD_LOCAL k
    FLOORDIV
    LOAD_CONST 1
    ADD
    RETURN
""",
}
DEEP = """
function main(n)
  handler try end -> caught
  try:
    LOAD_GLOBAL deep
    LOAD_LOCAL n
    CALL 1
  end:
    RETURN
  caught:
    POP
    LOAD_CONST -1
    RETURN
function deep(n)
    LOAD_LOCAL n
    JUMP_IF_FALSE end
    LOAD_GLOBAL deep
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    CALL 1
    LOAD_CONST 1
    ADD
    RETURN
  end:
    LOAD_CONST 0
    RETURN
"""


def naive(module: Module, arguments: list[Any], depth: int) -> tuple[list[Any], Counter[tuple[str, int]]]:
    """What calls of a program answer, and how often each of its instructions is fetched."""
    machine = NaiveMachine(depth, Budget())
    main = module.namespace(machine.enter)["main"]
    return [main(argument) for argument in arguments], Counter({key: n for key, n in machine.fetched.items() if n})


def vm_of(mode: str, depth: int = 900) -> VM:
    machine, flags = MODES[mode]
    return VM(machine, settings=VmSettings(depth, warm_instructions=40, jit=JIT), **flags)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("title", PROGRAMS)
def test_counts(title: str, mode: str) -> None:
    module = assemble(PROGRAMS[title], "program.zxa")
    arguments = [0, 1, 7, 13, 2, 11]
    vm = vm_of(mode)
    vm.start_profiling()
    answers = [vm.run(module, argument) for argument in arguments]
    assert (answers, counted(vm.profiler)) == naive(module, arguments, 900)


@pytest.mark.parametrize("mode", MODES)
def test_calls_from_outside(mode: str) -> None:
    module = assemble(HELPERS, "program.zxa")
    vm = vm_of(mode)
    vm.start_profiling()
    namespace = vm.load(module)
    vm.run(module, 9)
    assert [namespace["square"](3), namespace["limited"](250), namespace["limited"](2)] == [9, 50, 2]
    vm.run(module, 4)
    assert vm.profiler is not None
    calls = {one.function: one.calls for one in vm.profiler.functions()}
    assert calls == {"main": 2, "square": 14, "limited": 15}


@pytest.mark.parametrize("mode", ["as written", "register", "resumed"])
def test_calls_that_nest_too_deeply_call_nothing(mode: str) -> None:
    module = assemble(DEEP, "program.zxa")
    vm = vm_of(mode, 200)
    vm.start_profiling()
    arguments = [150, 400, 10]
    answers = [vm.run(module, argument) for argument in arguments]
    assert answers == [150, -1, 10]
    assert (answers, counted(vm.profiler)) == naive(module, arguments, 200)


@pytest.mark.parametrize("mode", ["generated", "native", "auto"])
def test_calls_that_nest_too_deeply_in_the_host_call_nothing(mode: str) -> None:
    module = assemble(DEEP, "program.zxa")
    vm = vm_of(mode, 200)
    vm.start_profiling()
    assert [vm.run(module, argument) for argument in (100, 400, 10)] == [100, -1, 10]
    assert vm.profiler is not None
    found = {(one.function, one.index): one for one in vm.profiler.instructions()}
    begun, call, returned, end = (found["deep", index].count for index in (0, 6, 9, 11))
    # Of the calls of itself one could not nest any deeper: it is begun once from `main` each time, otherwise by these.
    assert begun == 3 + call - 1 and returned == 100 + 10 and end == 2
    assert found["deep", 6].raised == call - returned > 100


def test_what_is_called_by_its_name_has_fewer_counters() -> None:
    module, found = counted_module(assemble(HELPERS, "program.zxa"), 0, limited=False)
    tallies = {name: sum(one.op == "TALLY" for one in code.instructions) for name, code in module.functions.items()}
    assert tallies == {"main": 2, "square": 1, "square_by_name_0": 0, "limited": 2, "limited_by_name_0": 1}
    assert [one.spared is not None for one in found] == [False, True, True]


def test_other_levels_have_forms_of_their_own() -> None:
    module, vm = assemble(HELPERS, "program.zxa"), vm_of("generated")
    for level in ("basic", "full", "basic"):
        vm.start_profiling(level)
        vm.run(module, 5)
    vm.stop_profiling()
    vm.run(module, 5)
    assert vm.profiler is not None
    found: Counter[str] = Counter()
    for one in vm.profiler.functions():
        found[one.function] += one.calls
    assert found == {"main": 3, "square": 15, "limited": 15}
