"""Limits of instructions: the same program spends the same of its budget on every machine and at every level."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest

from tests import strategies
from tests.test_examples import EXAMPLES, RUNS
from zexus.assembly import assemble
from zexus.bytecode import Module, print_code, split, verify
from zexus.settings import VmSettings
from zexus.vm.limits import Budget, InstructionLimit, LimitExceeded, TimeLimit
from zexus.vm.metering import metered, metered_code
from zexus.vm.peephole_optimizer import PeepholeOptimizer
from zexus.vm.stack import StackMachine
from zexus.vm.vm import LEVELS, MODES, VM

MANY = 1 << 40


def load(name: str) -> Module:
    path = EXAMPLES / f"{name}.zxa"
    return assemble(path.read_text(encoding="utf-8"), str(path))


def spent(module: Module, arguments: tuple[Any, ...], mode: str, **options: Any) -> int:
    settings = VmSettings(warm_instructions=options.pop("warm", 50_000))
    vm = VM(mode, max_instructions=MANY, settings=settings, **options)
    with contextlib.redirect_stdout(io.StringIO()):
        vm.run(module, *arguments)
    return vm.spent


@pytest.mark.parametrize("name", RUNS)
def test_every_machine_and_level_counts_the_same(name: str) -> None:
    module, (arguments, _) = load(name), RUNS[name]
    counted = {spent(module, arguments, mode, optimization_level=level, warm=300) for mode in MODES for level in LEVELS}
    counted.add(spent(module, arguments, "register", registers=2))
    counted.add(spent(module, arguments, "auto", warm=77, enable_generated_tier=False))
    (count,) = counted
    # As many as the stack machine runs of the program as it was written.
    ran = 0

    class Counting:
        def __iter__(self) -> Any:
            nonlocal ran
            while True:
                ran += 1
                yield None

    machine = StackMachine(10_000)
    machine.warming.fuel = iter(Counting())
    with contextlib.redirect_stdout(io.StringIO()):
        module.namespace(machine.enter)["main"](*arguments)
    assert count >= ran
    if name not in ("errors", "calculator"):  # where an exception leaves a block, the rest of it has been counted
        assert count == ran


@pytest.mark.parametrize("mode", MODES)
def test_the_last_instruction_that_fits(mode: str) -> None:
    module, (arguments, _) = load("recursion"), RUNS["recursion"]
    needed = spent(module, arguments, mode)
    for level in LEVELS:
        with contextlib.redirect_stdout(io.StringIO()):
            VM(mode, optimization_level=level, max_instructions=needed).run(module, *arguments)
            with pytest.raises(InstructionLimit, match=f"more than {needed - 1} instructions"):
                VM(mode, optimization_level=level, max_instructions=needed - 1).run(module, *arguments)


def test_fused_rows_count_as_their_parts() -> None:
    short = PeepholeOptimizer("MODERATE").optimize_module(load("sorting"))
    for code in short.functions.values():
        count = sum(len(split(i)) for i in code.instructions)
        assert sum(i.arg for i in metered_code(code).instructions if i.op == "METER") == count


@pytest.mark.parametrize("seed", range(60))
def test_a_metered_function_is_lawful(seed: int) -> None:
    code = strategies.graph(seed)
    made = metered_code(code)
    verify(made)
    assert [i.op for i in made.instructions if i.op != "METER"] == [i.op for i in code.instructions]
    assert print_code(metered_code(code)) == print_code(made)


ENDLESS = {
    "a loop": "function main(f)\n loop: JUMP loop",
    "a handler around": "function main(f)\n loop: JUMP loop\n caught: POP\n JUMP loop\n handler loop caught -> caught",
    "a handler of everything": """
function main(f)
  again:
    LOAD_CONST 1
    LOAD_CONST 0
    MOD
    POP
    JUMP again
  caught:
    LOAD_GLOBAL BaseException
    MATCH
    JUMP_IF_TRUE again
    JUMP again
  handler again caught -> caught
""",
    "recursion whose end is caught": """
function main(f)
  try:
    LOAD_GLOBAL main
    LOAD_LOCAL f
    CALL 1
    POP
    LOAD_GLOBAL main
    LOAD_LOCAL f
    CALL 1
    RETURN
  caught: POP
    JUMP try
  handler try caught -> caught
""",
    "host code that goes on": """
function main(f)
  loop:
    LOAD_LOCAL f
    LOAD_GLOBAL inner
    CALL 1
    POP
    JUMP loop
function inner()
  loop: JUMP loop
""",
}


def stubborn(function: Any) -> None:
    """What takes every exception."""
    with contextlib.suppress(Exception):
        function()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("title", ENDLESS)
def test_nothing_runs_for_ever(title: str, mode: str) -> None:
    module = assemble(f"module endless\n{ENDLESS[title]}", "endless.zxa")
    settings = VmSettings(recursion_limit=30, warm_instructions=100)
    vm = VM(mode, max_instructions=5_000, settings=settings)
    for _ in range(2):
        with pytest.raises(InstructionLimit):
            vm.run(module, stubborn)
        # A block that begins where the host's calls cannot nest deeper is counted, and then raises RecursionError.
        assert 4_900 < vm.spent <= 5_000 + 20 * ("recursion" in title)
    hurried = VM(mode, timeout=0.05, settings=settings)
    with pytest.raises(TimeLimit):
        hurried.run(module, stubborn)


def test_a_handler_is_left_by_a_limit_inside_of_it() -> None:
    text = """
function main()
  try:
    LOAD_CONST 1
    LOAD_CONST 0
    MOD
    RETURN
  caught: POP
  loop: JUMP loop
  second: POP
    LOAD_CONST 'taken'
    RETURN
  handler caught second -> second
  handler try caught -> caught
"""
    for mode in MODES:
        vm = VM(mode, max_instructions=100)
        with pytest.raises(LimitExceeded):
            vm.run(assemble(text))


def test_a_program_may_have_meters_of_its_own(tmp_path: Path) -> None:
    module = assemble("function main()\n METER 3\n METER 4\n LOAD_CONST 1\n RETURN")
    for mode in MODES:
        assert VM(mode).run(module) == 1
    machine = StackMachine(10, Budget(100))
    assert module.namespace(machine.enter)["main"]() == 1 and machine.budget.spent == 7
    machine.budget.begin()
    assert metered(module).namespace(machine.enter)["main"]() == 1 and machine.budget.spent == 11
