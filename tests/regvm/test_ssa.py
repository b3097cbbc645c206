"""SSA construction along exceptional edges, the text of it, and its laws."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from zexus import ops
from zexus.assembly import assemble
from zexus.regvm import cfg
from zexus.regvm.allocate import allocate
from zexus.regvm.build import build
from zexus.regvm.check import check
from zexus.regvm.destruct import destruct
from zexus.regvm.ir import Context, Function
from zexus.regvm.liveness import Masks
from zexus.regvm.ssa import construct
from zexus.regvm.text import parse, print_function
from zexus.regvm.verify import InvalidFunction, verify

HERE = Path(__file__).parent / "handlers"
NAMES = sorted(path.stem for path in HERE.glob("*.zxa"))


def made(name: str) -> Function:
    module = assemble((HERE / f"{name}.zxa").read_text(encoding="utf-8"), f"{name}.zxa")
    program = build(module.functions["main"])
    return construct(program, Context(program))


@pytest.mark.parametrize("name", NAMES)
def test_handlers_in_ssa(name: str, golden: Callable[[Path, str], None]) -> None:
    fn = made(name)
    verify(fn)
    text = print_function(fn)
    assert print_function(parse(text)) == text
    golden(HERE / f"{name}.ssa", text)


@pytest.mark.parametrize("registers", [2, 4])
@pytest.mark.parametrize("name", NAMES)
def test_handlers_allocated(name: str, registers: int, golden: Callable[[Path, str], None]) -> None:
    fn = made(name)
    allocation = allocate(destruct(fn), registers)
    verify(allocation.fn)
    check(fn, allocation.fn)
    golden(HERE / f"{name}.{registers}.out", print_function(allocation.fn))


@pytest.mark.parametrize("name", NAMES)
def test_what_a_handler_reads_is_not_changed_before_something_may_be_raised(name: str) -> None:
    fn = made(name)
    for block in fn.blocks:
        if block.catches is None:
            continue
        before = {value for phi in block.catches.phis for value in (phi.incoming[block],)}
        assert before.isdisjoint(instr.dest for instr in block.instrs if instr.dest is not None)


def test_liveness_reaches_back_from_what_may_raise_only() -> None:
    fn = parse(textwrap.dedent("""\
        function f register (v0, v1)
        bb0: catches bb1
          v2 = MOVE v0
          v3 = ADD v0, v1
          v2 = MOVE v3
          RETURN v3
        bb1:
          v4 = CAUGHT
          RETURN v2
        """))
    masks = Masks(fn)
    lives = [{v.number for v in masks.listed(before)} for _, before, _ in masks.backwards(fn.entry)]
    # Last to first: behind the ADD nothing is raised, before the first MOVE v2 is not read.
    assert lives == [{3}, {3}, {0, 1, 2}, {0, 1}]
    assert {v.number for v in masks.listed(masks.entry[fn.blocks[1]])} == {2}


LAWFUL = """\
function f ssa (v0, v1)
bb0:
  JUMP -> bb1
bb1: catches bb3  ; from bb0
  v2 = ADD v0, v1
  JUMP -> bb2
bb2: catches bb3  ; from bb1
  v3 = ADD v2, v1
  RETURN v3
bb3:  ; from bb1, bb2
  v4 = PHI bb1 v0, bb2 v2
  v5 = CAUGHT
  RETURN v4
"""


@pytest.mark.parametrize(("old", "new", "message"), [
    ("  v5 = CAUGHT\n", "", "begins with CAUGHT"),
    ("  RETURN v4", "  v6 = CAUGHT\n  RETURN v4", "begins with CAUGHT"),
    ("  v3 = ADD v2, v1\n", "  v3 = CAUGHT\n", "begins with CAUGHT"),
    ("JUMP -> bb2", "JUMP -> bb3", "a target is a handler"),
    ("bb1 v0, bb2 v2", "bb1 v2, bb2 v2", "does not dominate"),
    ("bb1 v0, bb2 v2", "bb1 v0", "are not those of the predecessors"),
    ("bb0:\n", "bb0: catches bb0\n", "begins with CAUGHT|is the entry"),
])
def test_the_laws_of_handlers(old: str, new: str, message: str) -> None:
    fn = parse(LAWFUL)
    verify(fn)
    assert cfg.dominators(fn)[fn.blocks[3]] is fn.blocks[1]
    assert print_function(fn) == LAWFUL
    with pytest.raises(InvalidFunction, match=message):
        verify(parse(LAWFUL.replace(old, new)))


def test_quiet_rows_raise_nothing() -> None:
    for name in ops.QUIET:
        assert ops.OPS[name].family in ("structural", "register", "compare"), name
        assert name not in ("CALL", "BRANCH", "GETATTR", "LOAD_GLOBAL", "LOAD_CELL", "CHECK_BOUND", "RAISE", "UNPACK")
