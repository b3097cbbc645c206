"""SSA destruction, and allocation behind it: the problems that have names, and the text of what comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zexus import ops
from zexus.bytecode import Code, Routine
from zexus.regvm.allocate import allocate
from zexus.regvm.check import check
from zexus.regvm.destruct import destruct, sequential
from zexus.regvm.interpreter import RegisterMachine
from zexus.regvm.ir import Block, Function
from zexus.regvm.text import parse, print_function
from zexus.regvm.verify import verify

HERE = Path(__file__).parent / "allocated"
REGISTERS = (2, 3, 8, 32, 256)
INPUTS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "lost_copy": ((1,), (5,)),
    "swap": ((3, "a", "b"), (4, "a", "b")),
    "rotation": ((4, 1, 2, 3),),
    "critical_edge": ((0, 5), (7, 5)),
    "branch_on_phi": ((3,), (0,)),
    "retry": ((10, 2), (10, 0), (0, 0)),
    "pressure": ((5, 7),),
    "many_operands": ((1, 2, 3, 4, 5, 6),),
    "virtual_swap": ((1, "a", "b"), (0, "a", "b")),
}


def evaluate(fn: Function, arguments: Sequence[Any]) -> Any:
    """What a function of form "ssa" returns: phis take their values at once."""
    values: dict[Any, Any] = dict(zip(fn.params, arguments, strict=True))
    block, source, error = fn.entry, None, None
    while True:
        if source is not None:
            values |= {phi.dest: values[phi.incoming[source]] for phi in block.phis}
        begin = dict(values)
        following: Block | None = None
        for instr in block.instrs:
            found = [values[v] for v in instr.args]
            if instr.op == "RETURN":
                return found[0]
            if instr.op in ("JUMP", "BRANCH"):
                following = instr.targets[0 if instr.op == "JUMP" or found[0] else 1]
            elif instr.op == "CONST":
                values[instr.dest] = fn.consts[instr.imm]
            elif instr.op == "CAUGHT":
                values[instr.dest] = error
            elif instr.op == "BUILD_TUPLE":
                values[instr.dest] = tuple(found)
            else:
                meaning = ops.OPS[instr.op].meaning
                assert meaning is not None
                try:
                    values[instr.dest] = meaning(*found)
                except ZeroDivisionError as raised:
                    assert block.catches is not None
                    values, error, following = begin, raised, block.catches
                    break
        block, source = following, block


def executed(fn: Function, registers: int, arguments: Sequence[Any]) -> Any:
    """What the allocated function returns, once the allocation is proved."""
    allocation = allocate(destruct(fn), registers)
    verify(allocation.fn)
    check(fn, allocation.fn)
    names = tuple(f"x{n}" for n in range(len(arguments)))
    machine = RegisterMachine(lambda code: allocation, 10)
    return machine.run(Routine(Code("f", "f", "f.py", 1, names, len(names)), {}, (), machine.enter), arguments)


@pytest.mark.parametrize("name", INPUTS)
def test_the_named_problems(name: str) -> None:
    fn = parse((HERE / f"{name}.ir").read_text(encoding="utf-8"))
    verify(fn)
    for arguments in INPUTS[name]:
        wanted = evaluate(fn, arguments)
        for registers in REGISTERS:
            assert executed(fn, registers, arguments) == wanted


@pytest.mark.parametrize("registers", [2, 8])
@pytest.mark.parametrize("name", INPUTS)
def test_what_is_allocated(name: str, registers: int, golden: Callable[[Path, str], None]) -> None:
    allocated = allocate(destruct(parse((HERE / f"{name}.ir").read_text(encoding="utf-8"))), registers)
    text = print_function(allocated.fn)
    assert print_function(parse(text)) == text
    golden(HERE / f"{name}.{registers}.out", text)


@pytest.mark.parametrize("name", INPUTS)
def test_what_is_destructed(name: str, golden: Callable[[Path, str], None]) -> None:
    fn = parse((HERE / f"{name}.ir").read_text(encoding="utf-8"))
    before = print_function(fn)
    made = destruct(fn)
    verify(made)
    assert print_function(fn) == before
    golden(HERE / f"{name}.destructed", print_function(made))


@given(st.lists(st.integers(0, 7), min_size=8, max_size=8), st.sets(st.integers(0, 7)))
def test_moves_one_after_the_other_do_what_they_do_at_once(sources: list[int], moved: set[int]) -> None:
    fn = Function("moves", "register")
    values = [fn.value() for _ in range(8)]
    pairs = [(values[dest], values[sources[dest]]) for dest in sorted(moved)]
    held: dict[Any, Any] = {value: value.number for value in values}
    for move in sequential(pairs, fn):
        held[move.dest] = held[move.args[0]]
    for number, value in enumerate(values):
        assert held[value] == (sources[number] if number in moved else number)
