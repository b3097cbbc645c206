"""The benchmark programs: finding them, loading fresh copies, and describing their answers exactly.

Runs under every engine that is compared, PyPy 3.9 included; so it uses nothing newer and imports no package.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

# How long a program runs before its times count, in seconds.
WARM_UP_SECONDS = 0.5

FOLDER = Path(__file__).resolve().parent / "programs"
GROUPS = (
    "scalar", "lists", "arrays", "complex", "slices", "tuples", "generators", "reductions", "handlers", "mixed",
    "recursion", "objects", "random", "strings", "dicts", "itertools", "callouts", "toplevel", "never", "ordinary",
)


@dataclass(frozen=True)
class Program:
    """One program with one set of arguments.

    Attributes:
        name: the file's name, with the variant in brackets where there is one.
        path: the file.
        group: one of `GROUPS`; a "toplevel" program is a script and run as a process.
        args: what `setup` gets; without a `setup`, what `run` gets.
        uses_numpy: whether it imports NumPy.
    """

    name: str
    path: Path
    group: str
    args: tuple[Any, ...]
    uses_numpy: bool


def _imports_numpy(tree: ast.Module) -> bool:
    imports = (node for node in tree.body if isinstance(node, ast.Import))
    return any(alias.name == "numpy" for node in imports for alias in node.names)


def read_file(path: Path) -> list[Program]:
    """The programs of one file, read from its constants without running it."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    constants = {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id in ("GROUP", "ARGS", "VARIANTS"):
            constants[target.id] = ast.literal_eval(node.value)
    variants = constants.get("VARIANTS") or {"": constants.get("ARGS", ())}
    return [
        Program(path.stem + (f"[{variant}]" if variant else ""), path, constants["GROUP"], args, _imports_numpy(tree))
        for variant, args in variants.items()
    ]


def programs() -> list[Program]:
    """All programs, group by group."""
    found = [program for path in sorted(FOLDER.glob("*.py")) for program in read_file(path)]
    return sorted(found, key=lambda program: GROUPS.index(program.group))


def load(path: Path, tag: str) -> ModuleType:
    """A copy of the module at `path` of its own, named after `tag`."""
    name = f"benchmark_{tag}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def fresh_arguments(module: ModuleType, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments for one call of `module.run`, made anew because a call may change them."""
    setup = getattr(module, "setup", None)
    return args if setup is None else tuple(setup(*args))


def describe(value: Any) -> str:
    """A text that is equal for two values exactly if they are of equal types and values, all the way down."""
    if value is None or type(value) in (int, float, complex, bool, str, bytes):
        return f"{type(value).__name__} {value!r}"
    if type(value) in (list, tuple):
        name = type(value).__name__
        if set(map(type, value)) <= {int, bool}:  # repr tells these two apart
            return f"{name} {hashlib.sha256(repr(value).encode()).hexdigest()}"
        return f"{name} [{', '.join(map(describe, value))}]"
    if type(value) is dict:
        return f"dict {{{', '.join(f'{describe(key)}: {describe(item)}' for key, item in value.items())}}}"
    if hasattr(value, "tobytes"):
        digest = hashlib.sha256(value.tobytes()).hexdigest()
        return f"{type(value).__name__} {value.dtype} {getattr(value, 'shape', ())} {digest}"
    return f"{type(value).__name__} {describe(vars(value))}"


def digest(value: Any) -> str:
    """`describe(value)`, shortened when it is long."""
    text = describe(value)
    return text if len(text) <= 300 else hashlib.sha256(text.encode()).hexdigest()
