"""From Python to register form and SSA: golden files (`pytest --bless` rewrites them)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zexus.frontend.lower import lower_function
from zexus.frontend.source import module_source
from zexus.regvm import ssa
from zexus.regvm.build import Program, build
from zexus.regvm.ir import Context
from zexus.regvm.text import parse, print_function
from zexus.regvm.verify import verify

HERE = Path(__file__).parent / "programs"
PROGRAMS = sorted(HERE.glob("*.py"))


def program(path: Path) -> Program:
    (source,) = module_source(path.read_text(encoding="utf-8"), path.name).functions
    return build(lower_function(source.scope, 1, {}))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_register_form(path: Path, golden: Callable[[Path, str], None]) -> None:
    fn = program(path).fn
    verify(fn)
    text = print_function(fn)
    assert print_function(parse(text)) == text
    golden(path.with_suffix(".register"), text)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_ssa_form(path: Path, golden: Callable[[Path, str], None]) -> None:
    made = program(path)
    fn = ssa.construct(made, Context(made))
    verify(fn)
    text = print_function(fn)
    assert print_function(parse(text)) == text
    golden(path.with_suffix(".ssa"), text)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_every_instruction_of_ssa_knows_its_live_registers(path: Path) -> None:
    made = program(path)
    fn = ssa.construct(made, Context(made))
    defined = {v for b in fn.blocks for v in (*(p.dest for p in b.phis), *(i.dest for i in b.instrs))} | set(fn.params)
    for instr in fn.instructions():
        if instr.index >= 0:
            assert instr.env is not None and set(instr.env) == set(made.live[instr.index][0])
            assert set(instr.env.values()) <= defined
