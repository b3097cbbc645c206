"""The profiler's counts are those of a machine that counts each instruction, on all machines and however calls end."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests import programs
from tests.vm.profiling.naive import Counts, NaiveMachine, without_meters
from tests.vm.test_executors import ARGUMENTS, BUDGET, DEEPER, DEPTH, JIT, Outcome, outcome
from zexus.assembly import assemble
from zexus.bytecode import InvalidCode, Module
from zexus.settings import VmSettings
from zexus.vm.limits import Budget, InstructionLimit
from zexus.vm.metering import metered
from zexus.vm.profiler import InstructionProfiler
from zexus.vm.vm import VM

MODES: dict[str, tuple[str, dict[str, Any]]] = {
    "as written": ("stack", {"optimization_level": "NONE"}),
    "peephole": ("stack", {}),
    "register": ("register", {}),
    "register-2": ("register", {"registers": 2}),
    "resumed": ("auto", {"enable_generated_tier": False}),
    "generated": ("generated", {"enable_native_tier": False}),
    "auto": ("auto", {}),
    "native": ("generated", {}),
}
HOSTED = frozenset(("generated", "auto", "native"))  # their calls are the host's: the depth that ends them differs


def counted(profiler: InstructionProfiler | None) -> Counts:
    """What a profiler says, without instructions that never ran."""
    assert profiler is not None
    return Counter({(one.function, one.index): one.count for one in profiler.instructions() if one.count})


def naive(module: Module, depth: int, budget: int = BUDGET) -> tuple[Outcome | None, Counts]:
    """How a program ends, None where it runs too long, and how often each of its instructions is fetched."""
    with_meters = metered(module)
    machine = NaiveMachine(depth, Budget(budget))
    namespace = with_meters.namespace(machine.enter)
    try:
        found = outcome(namespace["main"], namespace, with_meters, None)
    except InstructionLimit:
        found = None
    return found, without_meters(machine.fetched, with_meters)


def profiled(module: Module, mode: str, depth: int, **options: Any) -> tuple[Outcome, Counts]:
    """The same on a VM."""
    machine, flags = MODES[mode]
    size = len(module.functions["main"].instructions)
    settings = VmSettings(depth, warm_instructions=10 + size // 5, jit=JIT)
    vm = VM(machine, settings=settings, **flags, **options)
    vm.start_profiling("basic")
    namespace = vm.load(module)
    found = outcome(lambda *arguments: vm.run(module, *arguments), namespace, module, None)
    return found, counted(vm.profiler)


def check(module: Module, mode: str) -> bool:
    """Whether a program can be compared; fails where it is counted wrong, or runs otherwise when it is counted."""
    wanted, deep = naive(module, DEPTH), naive(module, DEEPER)
    if wanted[0] is None or deep[0] is None or (mode in HOSTED and wanted != deep):
        return False
    depth = DEEPER if mode in HOSTED else DEPTH
    assert profiled(module, mode, depth) == wanted
    return True


@pytest.mark.fuzz
@pytest.mark.parametrize("mode", MODES)
def test_random_programs(mode: str, request: pytest.FixtureRequest) -> None:
    start, count = request.config.getoption("seed"), request.config.getoption("examples")
    compared = 0
    for seed in range(start, start + count):
        try:
            module = programs.module(seed)
        except InvalidCode:
            continue
        try:
            compared += check(module, mode)
        except AssertionError as wrong:
            raise AssertionError(f"seed {seed}: {wrong}") from None
    assert compared > count // 2


PROGRAMS = {
    "an exception in the midst of a block, caught": """
function main(n, xs)
  handler try end -> caught
    LOAD_CONST 0
    STORE_LOCAL k
  loop:
    LOAD_LOCAL k
    LOAD_CONST 9
    LT
    JUMP_IF_FALSE done
  try:
    LOAD_CONST 12
    LOAD_LOCAL k
    LOAD_CONST 3
    MOD
    FLOORDIV
    POP
    LOAD_LOCAL xs
    LOAD_LOCAL k
    GETITEM
    POP
  end:
    JUMP on
  caught:
    POP
    JUMP on
  on:
    LOAD_LOCAL k
    LOAD_CONST 1
    IADD
    STORE_LOCAL k
    JUMP loop
  done:
    LOAD_LOCAL k
    RETURN
""",
    "an operator and a test that raise on one line": """
function main(n, xs)
    LOAD_GLOBAL Odd
    LOAD_LOCAL n
    CALL 1
    STORE_LOCAL u
    LOAD_LOCAL u
    LOAD_LOCAL u
    LT
    TRUTH
    JUMP_IF_FALSE no
    LOAD_CONST 1
    RETURN
  no:
    LOAD_CONST 0
    RETURN
""",
    "a function that can only raise": """
function main(n, xs)
    LOAD_GLOBAL IndexError
    LOAD_LOCAL n
    CALL 1
    RAISE
""",
    "a handler whose class is missing": """
function main(n, xs)
  handler try end -> caught
  try:
    LOAD_CONST 1
    LOAD_CONST 0
    FLOORDIV
    POP
  end:
    LOAD_CONST 1
    RETURN
  caught:
    COPY 1
    LOAD_GLOBAL Nowhere
    MATCH
    JUMP_IF_FALSE other
    POP
    LOAD_CONST 2
    RETURN
  other:
    RAISE
""",
    "an exception out of a function that is inlined, caught around it": """
function main(n, xs)
  handler try end -> caught
    LOAD_CONST 0
    STORE_LOCAL k
  loop:
    LOAD_LOCAL k
    LOAD_CONST 6
    LT
    JUMP_IF_FALSE done
  try:
    LOAD_GLOBAL part
    LOAD_LOCAL k
    LOAD_CONST 2
    MOD
    CALL 1
    POP
  end:
    JUMP on
  caught:
    POP
    JUMP on
  on:
    LOAD_LOCAL k
    LOAD_CONST 1
    IADD
    STORE_LOCAL k
    JUMP loop
  done:
    LOAD_LOCAL k
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


class Odd:
    """Compares well, and gives something that has no truth."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __lt__(self, other: object) -> Any:
        return self

    def __bool__(self) -> bool:
        raise ValueError("neither")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("title", PROGRAMS)
def test_exceptions(title: str, mode: str) -> None:
    module = assemble(PROGRAMS[title], "program.zxa")
    with_meters = metered(module)
    machine = NaiveMachine(DEPTH, Budget(BUDGET))
    namespace = with_meters.namespace(machine.enter) | {"Odd": Odd}
    for routine in namespace.values():
        if hasattr(routine, "namespace"):
            routine.namespace = namespace
    wanted = outcome(namespace["main"], namespace, with_meters, None)
    vm = VM(MODES[mode][0], settings=VmSettings(DEEPER, warm_instructions=10, jit=JIT), **MODES[mode][1])
    vm.start_profiling()
    given = vm.load(module)
    given["Odd"] = Odd
    assert outcome(given["main"], given, module, None) == wanted
    assert counted(vm.profiler) == without_meters(machine.fetched, with_meters)


LOOPING = """
function main(n, xs)
  handler start end -> caught
  start:
    LOAD_GLOBAL part
    LOAD_LOCAL n
    CALL 1
    POP
    JUMP start
  end:
  caught:
    POP
    LOAD_CONST 0
    RETURN
function part(n)
    LOAD_CONST 0
    STORE_LOCAL k
  loop:
    LOAD_LOCAL k
    LOAD_LOCAL n
    LT
    JUMP_IF_FALSE done
    LOAD_LOCAL k
    LOAD_CONST 1
    IADD
    STORE_LOCAL k
    JUMP loop
  done:
    LOAD_LOCAL k
    RETURN
"""


@pytest.mark.parametrize("budget", [1, 5, 23, 400, 401, 407])
@pytest.mark.parametrize("mode", MODES)
def test_runs_that_a_limit_ends(mode: str, budget: int) -> None:
    module = assemble(LOOPING, "program.zxa")
    wanted = naive(module, DEPTH, budget)
    assert wanted[0] is None
    vm = VM(MODES[mode][0], max_instructions=budget, settings=VmSettings(DEEPER, warm_instructions=50),
            **MODES[mode][1])
    vm.start_profiling()
    with pytest.raises(InstructionLimit):
        vm.run(module, *ARGUMENTS)
    assert counted(vm.profiler) == wanted[1]


DEEP = """
function main(n, xs)
    LOAD_GLOBAL deep
    LOAD_LOCAL n
    CALL 1
    RETURN
function deep(n)
    LOAD_LOCAL n
    LOAD_CONST 3
    MOD
    JUMP_IF_FALSE third
    LOAD_LOCAL n
    POP
  third:
    LOAD_GLOBAL deep
    LOAD_LOCAL n
    LOAD_CONST 1
    ADD
    CALL 1
    LOAD_CONST 1
    ADD
    RETURN
"""


@pytest.mark.parametrize("level", ["basic", "full"])
@pytest.mark.parametrize("mode", MODES)
def test_calls_that_nest_too_deeply(mode: str, level: str) -> None:
    module = assemble(DEEP, "program.zxa")
    vm = VM(MODES[mode][0], settings=VmSettings(300, warm_instructions=50, jit=JIT), **MODES[mode][1])
    vm.start_profiling(level)
    with pytest.raises(RecursionError, match="maximum recursion depth exceeded"):
        vm.run(module, *ARGUMENTS)
    assert vm.profiler is not None
    found = [one for one in vm.profiler.instructions() if one.function == "deep"]
    *_, call, _, _, last = found
    assert call.opcode == "CALL" and call.count == call.raised == found[0].count > 250
    assert last.count == 0
    if mode not in HOSTED:
        assert counted(vm.profiler) == naive(module, 300, 10**6)[1]


def test_exceptions_that_handlers_take_are_counted_in_tables() -> None:
    title = "an exception in the midst of a block, caught"
    module = assemble(PROGRAMS[title].replace("    POP\n    JUMP on\n  on:", CLAUSES), "program.zxa")
    vm = VM("generated", enable_native_tier=False)
    vm.start_profiling()
    vm.run(module, *ARGUMENTS)
    assert counted(vm.profiler) == naive(module, DEPTH)[1]
    ((counts, spots),) = vm._tallies.tables
    assert counts.keys() == spots.keys() and not any(counts.values())  # the instructions know of them by now
    found = {spot.index: spot.left for spots in spots.values() for spot in spots}
    assert found[10] == 3 and found[14] > 0  # divisions by 0, and items that a list does not have


CLAUSES = """
    COPY 1
    LOAD_GLOBAL ZeroDivisionError
    MATCH
    JUMP_IF_FALSE other
    POP
    JUMP on
  other:
    COPY 1
    LOAD_GLOBAL IndexError
    MATCH
    JUMP_IF_FALSE unknown
    POP
    JUMP on
  unknown:
    RAISE
  on:"""
