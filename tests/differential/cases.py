"""The table of a corpus file: which functions to compare, with which arguments, and which loops must go native."""

from __future__ import annotations

import linecache
import re
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "corpus"

Arguments = Callable[[], tuple[Any, ...]]
_MARKER = re.compile(r"#\s*(native|python)\b")


@dataclass
class Case:
    """One function under test in one instance of its module.

    Attributes:
        name: unique in its file.
        function: the plain function.
        sets: makers of fresh arguments, called in this order.
        long: a maker of arguments that keep the marked loops running for long, or None.
        apart: whether each argument set meets a module and a compiled function of its own, so that many types
            do not use up the versions that one loop may have.
    """

    name: str
    function: types.FunctionType
    sets: list[Arguments]
    long: Arguments | None
    apart: bool = False

    @property
    def marks(self) -> dict[int, str]:
        """By lines, from the comments on those of loops: "native" or "python"."""
        return _marks(self.function.__code__)


def case(
    function: Any,
    *sets: Arguments | tuple[Any, ...],
    long: Arguments | tuple[Any, ...] | None = None,
    name: str | None = None,
    apart: bool = False,
) -> None:
    """Enter `function` into the table of the corpus file that calls this.

    Args:
        function: a plain function of that file.
        sets: tuples of arguments, or functions that make such a tuple afresh (mutable arguments).
        long: arguments with which the marked loops run for some thousand iterations.
        name: what to call the case when the function's own name is not unique.
        apart: compile anew for each argument set.
    """
    table = sys._getframe(1).f_globals.setdefault("__cases__", [])
    makers = [_maker(one) for one in sets]
    entry = Case(name or function.__qualname__.replace("<locals>.", ""), function, makers, None)
    if long is not None:
        entry.long = _maker(long)
        entry.sets.append(entry.long)
    entry.apart = apart
    table.append(entry)


def _maker(arguments: Arguments | tuple[Any, ...]) -> Arguments:
    if callable(arguments):
        return arguments
    return lambda: arguments


def _marks(code: types.CodeType) -> dict[int, str]:
    last = max(line for _, _, line in code.co_lines() if line is not None)
    marks = {}
    for number in range(code.co_firstlineno, last + 1):
        text = linecache.getline(code.co_filename, number)
        found = _MARKER.search(text)
        if found and text.lstrip().startswith(("for ", "while ")):
            marks[number] = found[1]
    return marks


@dataclass
class Program:
    """A module instance whose functions are compared."""

    module: types.ModuleType
    cases: dict[str, Case]


@cache
def _compiled(filename: str, text: str) -> types.CodeType:
    return compile(text, filename, "exec", dont_inherit=True)


def load_text(text: str, filename: str, name: str) -> Program:
    """Execute `text` as a fresh module; its lines are found under `filename` by tracebacks and by the engine."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    module = types.ModuleType(name)
    module.__dict__.update(__file__=filename, __package__=f"{__package__}.corpus")
    sys.modules[name] = module  # where data classes look for the names in annotations
    try:
        exec(_compiled(filename, text), module.__dict__)
    finally:
        del sys.modules[name]
    return Program(module, {entry.name: entry for entry in module.__dict__.get("__cases__", [])})


def load(topic: str) -> Program:
    """A fresh instance of the corpus file `topic`."""
    path = CORPUS / f"{topic}.py"
    return load_text(path.read_text(encoding="utf-8"), str(path), f"corpus_{topic}")


def topics() -> list[str]:
    """The corpus files."""
    return sorted(path.stem for path in CORPUS.glob("*.py") if path.stem != "__init__")
