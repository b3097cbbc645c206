"""The program's own modules that are called like ones of the standard library, which this package uses.

Beside a script, `random.py` is what `import random` finds. The engine lives in the same process and must neither have
taken that name before, nor import the program's module for its own use.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

# What the interpreter has loaded before it runs any script: these names nobody can take.
_FIRST = frozenset((
    "__main__", "_abc", "_codecs", "_collections_abc", "_frozen_importlib", "_frozen_importlib_external", "_imp", "_io",
    "_signal", "_sitebuiltins", "_stat", "_thread", "_warnings", "_weakref", "abc", "builtins", "codecs", "encodings",
    "genericpath", "io", "marshal", "nt", "ntpath", "os", "posix", "posixpath", "site", "stat", "sys", "time", "winreg",
    "zipimport",
))
# The packages that are imported while a program runs; the others are not needed before its end.
_PACKAGES = ("frontend", "jit", "regvm")


def make_room(directory: str) -> None:
    """Give up the names of modules that a program finds in its directory, which is not on `sys.path` yet."""
    own = _modules_in(directory) & sys.stdlib_module_names - _FIRST
    if not own:
        return
    for name in _engine():
        import_module(name)
    for name in [*sys.modules]:
        if name.partition(".")[0] in own:
            del sys.modules[name]


def _modules_in(directory: str) -> frozenset[str]:
    """What can be imported from a directory."""
    found = set()
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                name, _, ending = entry.name.partition(".")
                if ending.endswith(("py", "pyc", "so", "pyd")) or os.path.exists(os.path.join(entry, "__init__.py")):
                    found.add(name)
    except OSError:
        return frozenset()  # an archive, say
    return frozenset(found)


def _engine() -> Iterator[str]:
    """The modules that may be imported later."""
    root = Path(__file__).parents[1]
    for package in _PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            name = ".".join(file.relative_to(root.parent).with_suffix("").parts)
            yield name.removesuffix(".__init__")
    yield from ("llvmlite.binding", "llvmlite.ir")
