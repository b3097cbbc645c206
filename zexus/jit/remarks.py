"""LLVM's remarks about what it vectorizes, and what not: a process of its own optimizes modules and is listened to.

They are told by way of options of LLVM as a whole, which are no business of the program's process.
"""

from __future__ import annotations

import os
import pickle
import re
import sys
from collections.abc import Sequence

from zexus.jit import service
from zexus.records import dataclass
from zexus.settings import JitSettings

_PASS = "loop-vectorize"
_OPTIONS = ("-pass-remarks", "-pass-remarks-missed", "-pass-remarks-analysis")
_NEXT = "zexus: next module"
_REMARK = re.compile(r"remark: (?P<file>\d+):(?P<line>\d+):(?P<column>\d+): (?P<words>.*)")


class Untold(Exception):
    """There are no remarks; the message says why."""


@dataclass(frozen=True)
class Remark:
    """A remark: the number of the file, the line, the column, and LLVM's words."""

    file: int
    line: int
    column: int
    words: str


def remarks(assemblies: Sequence[str], settings: JitSettings) -> list[list[Remark]]:
    """The remarks about each module, in LLVM's order; those without a place are left out.

    Raises:
        Untold: there is no interpreter for the process, or it failed or took too long.
    """
    import subprocess

    executable = service.interpreter()
    if executable is None:
        raise Untold("there is no interpreter to run LLVM in")
    program = f"import sys; sys.path[:0] = {service.places()}; from zexus.jit.remarks import main; main()"
    told = pickle.dumps((list(assemblies), settings.llvm_level, settings.vectorize))
    try:
        done = subprocess.run([executable, "-P", "-S", "-W", "ignore", "-c", program], input=told, capture_output=True,
                              env=service.environment(), timeout=settings.compile_seconds * len(assemblies))
    except subprocess.TimeoutExpired:
        raise Untold("LLVM ran out of its time budget") from None
    except OSError as error:
        raise Untold(f"no process could be started: {error.strerror}") from None
    text = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        raise Untold(f"LLVM failed: {(text.strip().splitlines() or ['no reason was given'])[-1]}")
    return [parsed(part) for part in text.split(_NEXT)[:-1]]


def parsed(text: str) -> list[Remark]:
    """The remarks in what LLVM has written."""
    return [Remark(int(found["file"]), int(found["line"]), int(found["column"]), found["words"])
            for line in text.splitlines() if (found := _REMARK.match(line))]


def main() -> None:
    """In the process: optimize the modules that come by stdin; LLVM writes its remarks to stderr."""
    import llvmlite.binding as llvm

    from zexus.jit.emit import library

    assemblies, level, vectorize = pickle.load(sys.stdin.buffer)
    for option in _OPTIONS:
        llvm.set_option("zexus", f"{option}={_PASS}")
    for assembly in assemblies:
        library.optimized(assembly, level, vectorize)
        os.write(2, f"\n{_NEXT}\n".encode())
