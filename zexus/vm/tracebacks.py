"""Tracebacks of bytecode programs: their own functions and lines, where the host's traceback has the machine's."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterable
from functools import lru_cache

from zexus.bytecode import Code

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def place(error: BaseException, frames: Iterable[tuple[Code, int]]) -> None:
    """Put frames of a program into an exception's traceback, instead of the frames of this package.

    Args:
        error: the exception that a frame of this package has caught.
        frames: the functions that it passed, outermost first, each with the index of its current instruction.
    """
    entries = []
    entry = error.__traceback__
    while entry is not None:
        if not entry.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            entries.append(entry)
        entry = entry.tb_next
    below: types.TracebackType | None = None
    for kept in reversed(entries):
        below = types.TracebackType(below, kept.tb_frame, kept.tb_lasti, kept.tb_lineno)
    for code, index in reversed(list(frames)):
        position = code.instructions[index].position
        line = position.line if position is not None else code.first_line
        below = types.TracebackType(below, _frame(code.filename, code.name, code.qualname, code.first_line), 0, line)
    error.__traceback__ = below


@lru_cache(maxsize=1024)
def _frame(filename: str, name: str, qualname: str, first_line: int) -> types.FrameType:
    """A frame that a traceback prints as one of this function."""
    code = (lambda: sys._getframe()).__code__
    units = len(code.co_code) // 2
    # No instruction has a place of its own, so that the traceback's entries say the line, and nobody draws carets.
    nowhere = bytes(0xF8 | min(units - start, 8) - 1 for start in range(0, units, 8))
    code = code.replace(co_filename=filename, co_name=name, co_qualname=qualname,
                        co_firstlineno=max(first_line, 1), co_linetable=nowhere)
    made: types.FrameType = types.FunctionType(code, {"sys": sys})()
    return made
