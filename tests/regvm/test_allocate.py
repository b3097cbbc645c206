"""Register allocation: how many registers, what is coalesced, what the figures say."""

from __future__ import annotations

import pytest

from tests.regvm.test_destruct import HERE, INPUTS
from zexus.regvm.allocate import Allocation, allocate, reads_slots
from zexus.regvm.check import check
from zexus.regvm.destruct import destruct
from zexus.regvm.ir import Function, Instr
from zexus.regvm.text import parse

LOOP = """\
function loop ssa (v0)
bb0:
  v1 = CONST [0]
  v2 = CONST [1]
  JUMP -> bb1
bb1:  ; from bb0, bb2
  v3 = PHI bb0 v1, bb2 v6
  v4 = PHI bb0 v1, bb2 v7
  v5 = LT v3, v0
  BRANCH v5 -> bb2, bb3
bb2:  ; from bb1
  v7 = ADD v4, v3
  v6 = ADD v3, v2
  JUMP -> bb1
bb3:  ; from bb1
  RETURN v4
const 0: 0
const 1: 1
"""


def allocated(text: str, registers: int) -> Allocation:
    fn = parse(text)
    made = allocate(destruct(fn), registers)
    check(fn, made.fn)
    return made


def moves(fn: Function) -> list[Instr]:
    return [instr for instr in fn.instructions() if instr.op == "MOVE"]


@pytest.mark.parametrize("registers", [-1, 0, 1, 257])
def test_too_few_and_too_many_registers(registers: int) -> None:
    with pytest.raises(ValueError, match="2 to 256 are wanted"):
        allocate(destruct(parse(LOOP)), registers)


def test_every_number_of_registers() -> None:
    for name in INPUTS:
        text = (HERE / f"{name}.ir").read_text(encoding="utf-8")
        slots = [allocated(text, registers).slots for registers in (*range(2, 20), 255, 256)]
        assert slots == sorted(slots, reverse=True) and slots[-1] == 0


def test_a_loop_moves_only_its_first_values_when_there_are_registers() -> None:
    made = allocated(LOOP, 8)
    assert {id(instr) for instr in moves(made.fn)} <= {id(instr) for instr in made.fn.entry.instrs}
    assert (made.slots, made.spilled, made.colours, made.coalesced) == (0, 0, 4, 2)


def test_utilization_is_a_part_of_the_colours() -> None:
    full = allocated(LOOP, 3)
    assert 0.8 < full.utilization <= 1
    straight = allocated("function f ssa (v0)\nbb0:\n  v1 = NEG v0\n  RETURN v1\n", 8)
    assert straight.colours == 1 and straight.utilization == 1


def test_constants_take_no_register() -> None:
    made = allocated(LOOP, 2)
    constants = {i.dest.number for i in made.fn.entry.instrs if i.op == "CONST" and i.dest is not None}
    assert min(constants) == made.fn.registers + made.slots and len(constants) == 2


def test_a_spilled_live_range_is_cheap_where_it_can_be() -> None:
    """What stands in slots is what the loop does not read, where there is a choice."""
    text = LOOP.replace("(v0)", "(v0, v8, v9)")
    text = text.replace("  RETURN v4\n", "  v10 = BUILD_TUPLE v4, v8, v9 [3]\n  RETURN v10\n")
    made = allocated(text, 4)
    loop = [b for b in made.fn.blocks if b.number in (1, 2)]
    assert made.slots and not [i for b in loop for i in b.instrs if i.op in ("SPILL", "RELOAD")]


@pytest.mark.parametrize("op", ["CALL", "BUILD_LIST", "BUILD_DICT", "BUILD_SLICE", "SETITEM", "LEAVE", "PYBLOCK"])
def test_rows_that_read_slots(op: str) -> None:
    assert reads_slots(op)


@pytest.mark.parametrize("op", ["ADD", "MOVE", "SPILL", "BRANCH", "RETURN", "SETATTR", "GETITEM", "CAUGHT"])
def test_rows_that_read_registers(op: str) -> None:
    assert not reads_slots(op)
