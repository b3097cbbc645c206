"""Tracebacks of exceptions that leave a region: the user's frames, each once, at the position that raised."""

from __future__ import annotations

import ast
import dataclasses
import dis
import functools
import os
import sys
import types
import weakref
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from zexus import parsing
from zexus.records import dataclass

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
# The attribute of an exception under which the frames stand that it has passed in native code.
NOTE = "__zexus_frames__"
# The attribute that keeps its context: `raise` in a host puts there what the host handles.
_CONTEXT = "__zexus_context__"
_OUTLINED = ".signal"  # the variable, unspeakable in Python, that every outlined function has

_OURS = ("zexus", "llvmlite", "numba", "numpy")
_CAUGHT = "\0zexus caught"  # the last constant of the code that stands for a frame whose handler took an exception

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
        again: whether an exception that was handled there goes on: where it was raised is in its traceback.
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
    again: bool = field(default=False, compare=False)

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
    BaseException.__setattr__(exc, NOTE, (*frames, *_noted(exc)))
    BaseException.__setattr__(exc, _CONTEXT, BaseException.__getattribute__(exc, "__context__"))


def _noted(exc: BaseException) -> tuple[FramePosition, ...]:
    # Past the exception's own class, whose attribute hooks are the user's.
    names: dict[str, tuple[FramePosition, ...]] = BaseException.__getattribute__(exc, "__dict__")
    return names.get(NOTE, ())


def _taken(exc: BaseException) -> tuple[FramePosition, ...]:
    """The frames that were noted, which are not any more; the exception has the context again that it had then."""
    names: dict[str, Any] = BaseException.__getattribute__(exc, "__dict__")
    if _CONTEXT in names:
        BaseException.__setattr__(exc, "__context__", names.pop(_CONTEXT))
    frames: tuple[FramePosition, ...] = names.pop(NOTE, ())
    return frames


def catch(exc: BaseException, frames: Sequence[FramePosition]) -> None:
    """Give an exception the traceback that it has when a handler inside of a region takes it.

    Args:
        exc: the exception.
        frames: the frames that it has passed; the first is the handler's. Those that were noted lie below.
    """
    frames = (*frames, *_taken(exc))
    first = frames[0]
    innermost = frames[-1].filename, frames[-1].name
    try:
        entry = BaseException.__getattribute__(exc, "__traceback__")
        below, position = _below(entry, innermost, frames, first.globals or {})
        line, *rest = position or first.position
        own = dataclasses.replace(first, line=line or first.line, end_line=rest[0], column=rest[1], end_column=rest[2])
        BaseException.with_traceback(exc, _synthetic_entry(below, own, first.globals or {}, caught=True))
    except RecursionError:
        return


def is_ours(error: BaseException) -> bool:
    """Whether it was raised by this package or what it calls: handlers of signals are functions of the program's."""
    entry = error.__traceback__
    while entry is not None:
        module = str(entry.tb_frame.f_globals.get("__name__")).partition(".")[0]
        if module not in _OURS and module not in sys.stdlib_module_names:
            return False
        entry = entry.tb_next
    return True


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
    frames = _taken(exc)
    try:
        BaseException.with_traceback(exc, _rewritten(entry, frames))
    except RecursionError:
        return  # raised at the very edge of the stack: there the traceback stays as it is


# What comprehensions do at their own place: they draw items and add them.
_DRAWING, _ADDING = ("FOR_ITER", "GET_ITER"), ("STORE_SUBSCR", "PRECALL", "CALL")
_HASHING = ("<setcomp>", "<dictcomp>")


def _show(qualname: str, around: Span, span: Span, iterable: Span) -> None:
    _, exc, own = sys.exc_info()
    if exc is None or own is None:
        return
    frame = own.tb_frame
    code = frame.f_code
    position = _position_at(code, own.tb_lasti, own.tb_lineno)
    operation = dis.opname[code.co_code[own.tb_lasti]] if own.tb_lasti >= 0 else ""
    if not _contains(span, position) or (position == span and operation not in _DRAWING and not (
            operation in _ADDING and qualname.endswith(_HASHING) and not _shows(own.tb_next, qualname))):
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


def _shows(entry: types.TracebackType | None, qualname: str) -> bool:
    """Whether a traceback begins with the frame of a comprehension: native code has raised, and it is there already."""
    return entry is not None and entry.tb_frame.f_code.co_name == qualname.rpartition(".")[2]


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
    innermost = (frames[-1].filename, frames[-1].name) if len(frames) > 1 else (code.co_filename, code.co_name)
    below, position = _below(own.tb_next, innermost, frames, frame.f_globals)
    if position is not None:
        return _entry(below, frame, position)
    return types.TracebackType(below, frame, own.tb_lasti, own.tb_lineno)


def _below(
    entry: types.TracebackType | None, innermost: tuple[str, str], frames: Sequence[FramePosition],
    namespace: dict[str, Any]
) -> tuple[types.TracebackType | None, Position | None]:
    """What stands below the outermost of `frames` in a traceback, and where that frame itself stands."""
    below = entry
    while below is not None and _internal(below.tb_frame.f_code):
        below = below.tb_next
    again = bool(frames) and frames[-1].again
    outlined: types.TracebackType | None = None
    if below is not None and _stands_for(below.tb_frame.f_code, innermost, again):
        outlined, below = below, below.tb_next
    if len(frames) > 1:
        if outlined is not None:
            below = types.TracebackType(below, outlined.tb_frame, outlined.tb_lasti, outlined.tb_lineno)
        for position in reversed(frames[1:] if outlined is None else frames[1:-1]):
            below = _synthetic_entry(below, position, namespace)
        return below, frames[0].position
    if outlined is not None:
        return below, _position_at(outlined.tb_frame.f_code, outlined.tb_lasti, outlined.tb_lineno)
    return below, frames[0].position if frames else None


def _internal(code: types.CodeType) -> bool:
    # The register machine's steps stand in frames that look like the user's; their arguments begin with a dot.
    return code.co_filename.startswith(_PACKAGE) or code.co_varnames[:1] in ((".a",), (".f",))


def _stands_for(code: types.CodeType, innermost: tuple[str, str], again: bool) -> bool:
    """Whether `code` is an outlined piece of the function `innermost` (file, name) and no call of that function.

    Or, with `again`, where that function stood when the exception that goes on now was raised.
    """
    if (code.co_filename, code.co_name) != innermost:
        return False
    return _OUTLINED in code.co_varnames or (again and code.co_consts[-1:] == (_CAUGHT,))


def _synthetic_entry(
    below: types.TracebackType | None, position: FramePosition, namespace: dict[str, Any], caught: bool = False
) -> types.TracebackType:
    code = _synthetic_code(position, caught)
    generator = types.FunctionType(code, namespace if position.globals is None else position.globals)()
    return _entry(below, generator.gi_frame, position.position)


@functools.lru_cache(maxsize=1024)
def _synthetic_code(position: FramePosition, caught: bool) -> types.CodeType:
    """Code of a generator function (whose frame exists without being run) with an instruction at `position`."""
    tree = parsing.parse("def synthetic():\n    yield")
    function = tree.body[0]
    for node in ast.walk(function):
        _locate(node, position.position)
    _locate(function, (position.first_line, position.first_line, 0, 0))
    module = compile(tree, position.filename, "exec", dont_inherit=True)
    code = next(constant for constant in module.co_consts if isinstance(constant, types.CodeType))
    return code.replace(co_name=position.name, co_qualname=position.qualname, co_firstlineno=position.first_line,
                        co_consts=(*code.co_consts, _CAUGHT) if caught else code.co_consts)


def _locate(node: Any, position: Position) -> None:
    line, end_line, column, end_column = position
    node.lineno, node.end_lineno = line, end_line or line
    node.col_offset, node.end_col_offset = column or 0, end_column or 0


def _entry(
    below: types.TracebackType | None, frame: types.FrameType, position: Position
) -> types.TracebackType:
    return types.TracebackType(below, frame, _offset_of(frame.f_code, position), position[0] or frame.f_lineno)


def _position_at(code: types.CodeType, offset: int, line: int) -> Position:
    positions = _positions(code)[0]
    if not 0 <= offset // 2 < len(positions):
        return line, None, None, None
    return (line, *positions[offset // 2][1:])


def _offset_of(code: types.CodeType, position: Position) -> int:
    """Offset of an instruction of `code` at exactly `position`; -1 (a line without carets) when there is none."""
    if position[1] is None or position[2] is None:
        return -1
    return next(iter(_offsets_at(code, position)), -1)


def _offsets_at(code: types.CodeType, position: Position) -> Sequence[int]:
    return _positions(code)[1].get(position, ())


def _positions(code: types.CodeType) -> tuple[list[Position], dict[Position, list[int]]]:
    """The position of each instruction, and the offsets of those at each position.

    Programs may raise often, and to read the table of a large function takes long. Code objects are told apart by
    identity: to hash one takes long, too.
    """
    number = id(code)
    if number not in _known_positions:
        positions = list(code.co_positions())
        offsets: dict[Position, list[int]] = {}
        for index, position in enumerate(positions):
            offsets.setdefault(position, []).append(index * 2)
        gone = weakref.ref(code, lambda _: _known_positions.pop(number, None))
        _known_positions[number] = gone, (positions, offsets)
    return _known_positions[number][1]


_known_positions: dict[int, tuple[Any, tuple[list[Position], dict[Position, list[int]]]]] = {}
