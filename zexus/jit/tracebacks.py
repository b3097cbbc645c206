"""Tracebacks of exceptions that leave a region: the user's frames, each once, at the position that raised."""

from __future__ import annotations

import ast
import dis
import functools
import os
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NOTE = "__zexus_frames__"
_OUTLINED = ".signal"  # the variable, unspeakable in Python, that every outlined function has

Position = tuple[int | None, int | None, int | None, int | None]
Span = tuple[int, int, int, int]  # first line, last line, first column, column behind the last


@dataclass(frozen=True)
class FramePosition:
    """Where one frame of the user's program stood when an exception was raised.

    Attributes:
        filename: file named in the frame's code object.
        name: name of its function.
        qualname: qualified name of its function.
        first_line: first line of its function (decorators included).
        line: line that raised.
        end_line: last line of the expression that raised, or None when only the line is known.
        column: first column of it (UTF-8 bytes from 0), or None.
        end_column: column behind it, or None.
        globals: the frame's module dictionary; the user frame's own one is taken where it is None.
    """

    filename: str
    name: str
    qualname: str
    first_line: int
    line: int
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None
    globals: dict[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def position(self) -> Position:
        return self.line, self.end_line, self.column, self.end_column


def note(exc: BaseException, frames: Sequence[FramePosition]) -> None:
    """Say in which frames of the user's program `exc`, which is about to leave a hook, was raised.

    Frames that were noted before and not yet used lie below the new ones (a region inside a region).

    Args:
        exc: the exception.
        frames: outermost first; `frames[0]` is the frame that called the hook, the others were inlined.
    """
    BaseException.__setattr__(exc, _NOTE, (*frames, *_noted(exc)))


def _noted(exc: BaseException) -> tuple[FramePosition, ...]:
    # Past the exception's own class, whose attribute hooks are the user's.
    names: dict[str, tuple[FramePosition, ...]] = BaseException.__getattribute__(exc, "__dict__")
    return names.get(_NOTE, ())


def fix(comprehension: tuple[str, Span, Span, Span] | None = None) -> None:
    """Rewrite the traceback of the exception that is being handled by the caller, a frame of rewritten code.

    The caller's frame appears once, at the noted position; frames noted below it follow as frames of their own;
    frames of this package and frames of outlined statements disappear. What lies below stays.

    Args:
        comprehension: what stands as a loop in the caller's frame and has to look as if it had a frame of its own: what
            its qualified name adds to the caller's, where the caller's frame stands meanwhile, where the
            comprehension stands, and its first iterable.
    """
    if comprehension is not None:
        _show(*comprehension)
        return
    _, exc, entry = sys.exc_info()
    if exc is None or entry is None:
        return
    frames = _noted(exc)
    if frames:
        BaseException.__delattr__(exc, _NOTE)
    try:
        BaseException.with_traceback(exc, _rewritten(entry, frames))
    except RecursionError:
        return  # raised at the very edge of the stack: there the traceback stays as it is


def _show(qualname: str, around: Span, span: Span, iterable: Span) -> None:
    _, exc, own = sys.exc_info()
    if exc is None or own is None:
        return
    frame = own.tb_frame
    code = frame.f_code
    position = _position_at(code, own.tb_lasti, own.tb_lineno)
    operation = dis.opname[code.co_code[own.tb_lasti]] if own.tb_lasti >= 0 else ""
    if not _contains(span, position) or (position == span and operation not in ("FOR_ITER", "GET_ITER")):
        return
    if operation == "GET_ITER" and position in (span, iterable) and own.tb_lasti == _first_iteration(code, position):
        return  # the frame around has made the outermost iterator
    inner = FramePosition(code.co_filename, qualname.rpartition(".")[2], code.co_qualname + qualname, span[0],
                          position[0] or span[0], *position[1:])
    try:
        below = _synthetic_entry(own.tb_next, inner, frame.f_globals)
        BaseException.with_traceback(exc, _entry(below, frame, around))
    except RecursionError:
        return


def _first_iteration(code: types.CodeType, position: Position) -> int:
    made = (at for at in _offsets_at(code, position) if dis.opname[code.co_code[at]] == "GET_ITER")
    return next(made, -1)


def _contains(span: Span, position: Position) -> bool:
    line, end_line, column, end_column = position
    if line is None or end_line is None or column is None or end_column is None:
        return False
    return (span[0], span[2]) <= (line, column) and (end_line, end_column) <= (span[1], span[3])


def _rewritten(own: types.TracebackType, frames: tuple[FramePosition, ...]) -> types.TracebackType:
    frame = own.tb_frame
    code = frame.f_code
    below = own.tb_next
    while below is not None and _internal(below.tb_frame.f_code):
        below = below.tb_next
    outlined: types.TracebackType | None = None
    innermost = (frames[-1].filename, frames[-1].name) if len(frames) > 1 else (code.co_filename, code.co_name)
    if below is not None and _stands_for(below.tb_frame.f_code, innermost):
        outlined, below = below, below.tb_next
    if len(frames) > 1:
        if outlined is not None:
            below = types.TracebackType(below, outlined.tb_frame, outlined.tb_lasti, outlined.tb_lineno)
        for position in reversed(frames[1:] if outlined is None else frames[1:-1]):
            below = _synthetic_entry(below, position, frame.f_globals)
        outlined = None
    if outlined is not None:
        return _entry(below, frame, _position_at(outlined.tb_frame.f_code, outlined.tb_lasti, outlined.tb_lineno))
    if frames:
        return _entry(below, frame, frames[0].position)
    return types.TracebackType(below, frame, own.tb_lasti, own.tb_lineno)


def _internal(code: types.CodeType) -> bool:
    # The register machine's steps stand in frames that look like the user's; their arguments begin with a dot.
    return code.co_filename.startswith(_PACKAGE) or code.co_varnames[:1] in ((".a",), (".f",))


def _stands_for(code: types.CodeType, innermost: tuple[str, str]) -> bool:
    """Whether `code` is an outlined piece of the function `innermost` (file, name) and no call of that function."""
    return _OUTLINED in code.co_varnames and (code.co_filename, code.co_name) == innermost


def _synthetic_entry(
    below: types.TracebackType | None, position: FramePosition, namespace: dict[str, Any]
) -> types.TracebackType:
    code = _synthetic_code(position)
    generator = types.FunctionType(code, namespace if position.globals is None else position.globals)()
    return _entry(below, generator.gi_frame, position.position)


@functools.lru_cache(maxsize=1024)
def _synthetic_code(position: FramePosition) -> types.CodeType:
    """Code of a generator function (whose frame exists without being run) with an instruction at `position`."""
    tree = ast.parse("def synthetic():\n    yield")
    function = tree.body[0]
    for node in ast.walk(function):
        _locate(node, position.position)
    _locate(function, (position.first_line, position.first_line, 0, 0))
    module = compile(tree, position.filename, "exec", dont_inherit=True)
    code = next(constant for constant in module.co_consts if isinstance(constant, types.CodeType))
    return code.replace(co_name=position.name, co_qualname=position.qualname, co_firstlineno=position.first_line)


def _locate(node: Any, position: Position) -> None:
    line, end_line, column, end_column = position
    node.lineno, node.end_lineno = line, end_line or line
    node.col_offset, node.end_col_offset = column or 0, end_column or 0


def _entry(
    below: types.TracebackType | None, frame: types.FrameType, position: Position
) -> types.TracebackType:
    return types.TracebackType(below, frame, _offset_of(frame.f_code, position), position[0] or frame.f_lineno)


def _position_at(code: types.CodeType, offset: int, line: int) -> Position:
    for index, position in enumerate(code.co_positions()):
        if index * 2 == offset:
            return (line, *position[1:])
    return line, None, None, None


def _offset_of(code: types.CodeType, position: Position) -> int:
    """Offset of an instruction of `code` at exactly `position`; -1 (a line without carets) when there is none."""
    if position[1] is None or position[2] is None:
        return -1
    return next(_offsets_at(code, position), -1)


def _offsets_at(code: types.CodeType, position: Position) -> Iterator[int]:
    return (index * 2 for index, found in enumerate(code.co_positions()) if found == position)
