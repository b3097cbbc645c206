"""Tracebacks of bytecode programs: their own functions and lines, where the host's traceback has the machine's."""

from __future__ import annotations

import itertools
import os
import types
from collections.abc import Callable, Iterable
from functools import lru_cache

from zexus.bytecode import Code

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Spot(int):
    """The line of one instruction, which counts the exceptions that leave the instruction behind.

    It is a line wherever lines are looked at; machines need not know that anybody counts.

    Attributes:
        index: of the instruction in the program as it was written.
        left: exceptions that went to a handler, or out of the function.
        refused: how many of these, and of those that end the run, a call has raised itself, which called nothing then.
        ended: exceptions that end the run, which no handler takes.
    """

    index: int
    left: int
    refused: int
    ended: int

    @classmethod
    def at(cls, line: int, index: int) -> Spot:
        """A spot that nothing has left yet."""
        made = cls(line)
        made.index = index
        made.left = made.refused = made.ended = 0
        return made

    def __eq__(self, other: object) -> bool:
        # Instructions that may raise on one line are not the same place: nobody may make one of two.
        return self is other if type(other) is Spot else int.__eq__(self, other)

    __hash__ = int.__hash__

    def leave(self, error: BaseException) -> None:
        """Count an exception."""
        if getattr(error, "ends_run", False):
            self.ended += 1
        else:
            self.left += 1


def place(error: BaseException, frames: Iterable[tuple[Code, int]]) -> None:
    """Put frames of a program into an exception's traceback, instead of the frames of this package.

    Args:
        error: the exception that a frame of this package has caught.
        frames: the functions that it passed, outermost first, each with the index of its current instruction.
    """
    below: types.TracebackType | None = None
    for kept in reversed(_entries(error)):
        below = types.TracebackType(below, kept.tb_frame, kept.tb_lasti, kept.tb_lineno)
    for code, index in reversed(list(frames)):
        position = code.instructions[index].position
        line = position.line if position is not None else code.first_line
        if type(line) is Spot:
            line.leave(error)
            line.refused += below is None
        below = _entry(below, code, line)
    error.__traceback__ = below


Found = Callable[[types.TracebackType, BaseException], "Iterable[tuple[Code, int]] | None"]


def translate(error: BaseException, found: Found) -> None:
    """Put frames of a program into an exception's traceback, instead of those of its generated text.

    Args:
        error: the exception, behind which those stand that it came from.
        found: for an entry of an exception's traceback, the functions of the program that its text stands for,
            outermost first, with their lines; None where the text was not generated.
    """
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        parts: list[tuple[types.TracebackType, list[tuple[Code, int]] | None]] = []
        running: types.FrameType | None = None
        around: list[tuple[Code, int]] = []
        for entry in _entries(at):
            frames = found(entry, at)
            chain = None if frames is None else list(frames)
            parts.append((entry, chain))
            if chain is None:
                continue
            if entry.tb_frame is running:
                # Raised again where it was handled: the calls around that are still the same ones.
                shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(chain[:-1], around)))
                parts[-1] = (entry, chain[shared:])
            running, around = entry.tb_frame, chain
        below: types.TracebackType | None = None
        for entry, chain in reversed(parts):
            if chain is None:
                below = types.TracebackType(below, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
                continue
            for code, line in reversed(chain):
                below = _entry(below, code, line)
        at.__traceback__ = below
        at = at.__cause__ or at.__context__


def _entries(error: BaseException) -> list[types.TracebackType]:
    """The entries of a traceback that are not of this package."""
    found = []
    entry = error.__traceback__
    while entry is not None:
        if not entry.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            found.append(entry)
        entry = entry.tb_next
    return found


def _entry(below: types.TracebackType | None, code: Code, line: int) -> types.TracebackType:
    return types.TracebackType(below, _frame(code.filename, code.name, code.qualname, code.first_line), 0, line)


@lru_cache(maxsize=1024)
def _frame(filename: str, name: str, qualname: str, first_line: int) -> types.FrameType:
    """A frame that a traceback prints as one of this function. It has never run, so that it knows of no caller."""
    code = (lambda: (yield)).__code__
    units = len(code.co_code) // 2
    # No instruction has a place of its own, so that the traceback's entries say the line, and nobody draws carets.
    nowhere = bytes(0xF8 | min(units - start, 8) - 1 for start in range(0, units, 8))
    code = code.replace(co_filename=filename, co_name=name, co_qualname=qualname,
                        co_firstlineno=max(first_line, 1), co_linetable=nowhere)
    made: types.FrameType = types.FunctionType(code, {})().gi_frame
    return made
