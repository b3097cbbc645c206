"""What the optimizer makes of functions and listings, level by level: golden files (`pytest --bless` rewrites them)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zexus.assembly import parse
from zexus.bytecode import Code, print_code, verify
from zexus.frontend.lower import lower_function
from zexus.frontend.source import module_source
from zexus.regvm.build import build
from zexus.vm.peephole_optimizer import OptimizationLevel, PeepholeOptimizer

HERE = Path(__file__).parent / "programs"
PROGRAMS = sorted([*HERE.glob("*.py"), *HERE.glob("*.code")])


def code_of(path: Path) -> Code:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".code":
        return parse(text)
    (source,) = module_source(text, path.name).functions
    return lower_function(source.scope, 1, {})


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_optimized_listings(path: Path, golden: Callable[[Path, str], None]) -> None:
    parts = [print_code(code_of(path))]
    for level in OptimizationLevel:
        if not level:
            continue
        optimizer = PeepholeOptimizer(level)
        made = optimizer.optimize_code(code_of(path))
        verify(made)
        build(made)
        text = print_code(made)
        assert print_code(parse(text)) == text
        rules = ", ".join(f"{name} {times}" for name, times in sorted(optimizer.stats.rules.items()))
        parts.append(f"; {level.name}: {rules}\n{text}")
    golden(path.with_suffix(".out"), "\n".join(parts))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_what_is_settled_stays_as_it_is(path: Path) -> None:
    optimizer = PeepholeOptimizer("AGGRESSIVE")
    made = optimizer.optimize_code(code_of(path))
    assert print_code(optimizer.optimize_code(made)) == print_code(made)
