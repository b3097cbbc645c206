"""The programs of `benchmarks/machines.py`: bytecode and Python say the same, on every machine."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest

from zexus.settings import VmSettings
from zexus.vm.vm import VM

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def machines() -> Any:
    sys.path.insert(0, str(FOLDER))
    try:
        import machines
    finally:
        sys.path.remove(str(FOLDER))
    return machines


NAMES = sorted(path.stem for path in (FOLDER / "bytecode").glob("*.zxa"))
SMALL = {"fibonacci": 11, "takeuchi": 7, "queens": 5, "words": 3, "cipher": 3, "nested": 14, "matrix": 7,
         "mandelbrot": 7}


@pytest.mark.parametrize("name", NAMES)
def test_bytecode_and_python_say_the_same(name: str, machines: Any) -> None:
    size = SMALL.get(name, 120)
    expected = repr(machines.load_python(name)(size))
    for vm in (VM("stack", optimization_level="O0"), VM("stack"), VM("register"), VM("register", registers=2),
               VM("auto", settings=VmSettings(warm_instructions=200))):
        assert repr(machines.load_bytecode(name, vm)(size)) == expected


def test_every_program_is_measured(machines: Any) -> None:
    assert sorted(program.name for program in machines.PROGRAMS) == NAMES
    kinds = {program.kind for program in machines.PROGRAMS}
    assert kinds == {"loops", "calls", "recursion", "lists", "strings", "exceptions", "mixed"}


@pytest.mark.parametrize("name", NAMES)
def test_the_python_form_is_in_the_comments(name: str) -> None:
    """So that the two forms of a program cannot part unnoticed."""
    python = (FOLDER / "bytecode" / f"{name}.py").read_text(encoding="utf-8")
    comments = {line.strip().removeprefix("; ") for line in
                (FOLDER / "bytecode" / f"{name}.zxa").read_text(encoding="utf-8").splitlines()}
    kinds = (ast.Assign, ast.AugAssign, ast.Return, ast.For, ast.While, ast.If)
    numbers = {node.lineno for node in ast.walk(ast.parse(python)) if isinstance(node, kinds)}
    lines = [python.splitlines()[number - 1].strip() for number in sorted(numbers)]
    assert lines and not [line for line in lines if line not in comments and not line.startswith("elif")]
