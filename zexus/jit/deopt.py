"""Deoptimization: the live values of a side exit become the frames of the register machine again."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from zexus import types
from zexus.frontend.sites import UNBOUND
from zexus.jit.trace import Stored
from zexus.jit.tracebacks import FramePosition
from zexus.regvm import cursor as cursors
from zexus.regvm.ir import Context, Exit
from zexus.regvm.machine import Executable, Frame
from zexus.types import Type


def rebuild(way: Exit, leaves: Sequence[Any], objects: Sequence[Any],
            activate: Callable[[Context], tuple[Executable, Sequence[Any]]]) -> list[Frame]:
    """The frames that a side exit describes, outermost first, ready to run.

    Args:
        way: the exit with its snapshot.
        leaves: the boxed live values, as the native code answered them.
        objects: what the native code referred to.
        activate: gives a context's executable and its cells.

    Returns:
        Frames; the innermost stands at the instruction to run next, the others at their calls.
    """
    assert way.frames is not None
    leaves = _with_one_nan(leaves)
    frames = []
    for state in way.frames:
        executable, cells = activate(state.context)
        registers = executable.template.copy()
        named = len(executable.code.locals)
        for number, stored in state.registers.items():
            value = _value(stored.type, iter([leaves[i] for i in stored.leaves]), objects)
            if isinstance(value, cursors.Cursor) and number < named and executable.code.locals[number] != ".it":
                value = value.iterator()
            registers[number] = value
        if executable.cells_register in state.registers:
            cells = registers[executable.cells_register]  # those that this entry was given
        registers[executable.cells_register] = cells
        frame = Frame(executable, registers, state.index, cells, state.context.path)
        frames.append(frame)
    last = way.frames[-1]
    if last.after:
        innermost = frames[-1]
        dest = innermost.machine.program.flat[last.index].dest
        if dest is not None and isinstance(last.result, Stored):
            result = _value(last.result.type, iter([leaves[i] for i in last.result.leaves]), objects)
            innermost.registers[dest.number] = result
        innermost.index += 1
    return frames


def _with_one_nan(leaves: Sequence[Any]) -> Sequence[Any]:
    """The leaves, with one object for equal nans: containers tell them apart by identity, and most have only one."""
    if not any(type(leaf) is float and leaf != leaf for leaf in leaves):
        return leaves
    nans: dict[bytes, float] = {}
    return [nans.setdefault(struct.pack("d", leaf), leaf) if type(leaf) is float and leaf != leaf else leaf
            for leaf in leaves]


def _value(kind: Type, leaves: Iterator[Any], objects: Sequence[Any]) -> Any:
    """An object of type `kind` from its leaves."""
    if isinstance(kind, types.Scalar):
        if kind == types.NONE:
            return None
        return UNBOUND if kind == types.UNBOUND_T else next(leaves)
    if isinstance(kind, (types.List, types.AnyTuple, types.Object, types.BlockResult, types.Array)):
        return next(leaves)
    if isinstance(kind, types.NpScalar):
        return _numpy_scalar(kind, next(leaves))
    if isinstance(kind, types.Known):
        return objects[kind.ref]
    if isinstance(kind, types.Union):
        member = types.TAGGED[next(leaves)]
        held = types.union_payload(kind.members)
        payload = next(leaves) if held else None
        return _member(member, payload)
    if isinstance(kind, types.Maybe):
        return _value(kind.inner, leaves, objects)
    if isinstance(kind, types.Tuple):
        held = next(leaves)
        items = [_value(item, leaves, objects) for item in kind.items]
        return tuple(items) if held is NotImplemented else held  # what answers a null
    if isinstance(kind, types.Range):
        return range(next(leaves), next(leaves), next(leaves))
    if isinstance(kind, types.Method):
        return getattr(_value(kind.owner, leaves, objects), kind.name)
    assert isinstance(kind, types.Cursor)
    return _cursor(kind, leaves, objects)


def _member(member: Type, payload: Any) -> Any:
    if member == types.INT:
        return int(payload)
    if isinstance(member, types.NpScalar):
        return _numpy_scalar(member, payload)
    if member == types.NONE:
        return None
    return UNBOUND if member == types.UNBOUND_T else payload


def _numpy_scalar(kind: types.NpScalar, payload: Any) -> Any:
    import numpy as np

    return np.dtype(kind.dtype).type(payload)


def _cursor(kind: types.Cursor, leaves: Iterator[Any], objects: Sequence[Any]) -> cursors.Cursor:
    if kind.kind == "range":
        return cursors.RangeCursor(next(leaves), next(leaves), next(leaves))
    if kind.kind in ("list", "array"):
        return cursors.SequenceCursor(next(leaves), next(leaves))
    if kind.kind == "reversed":
        return cursors.ReversedCursor(next(leaves), next(leaves))
    if kind.kind == "tuple":
        return cursors.SequenceCursor(_value(kind.parts[0], leaves, objects), next(leaves))
    inner = []
    for part in kind.parts:
        assert isinstance(part, types.Cursor)
        inner.append(_cursor(part, leaves, objects))
    if kind.kind == "enumerate":
        return cursors.EnumerateCursor(inner[0], next(leaves))
    return cursors.ZipCursor(tuple(inner))


def positions(frame: Frame, index: int) -> list[FramePosition]:
    """Where a frame stands; implicit frames (of comprehensions) stand below its function's."""
    program = frame.machine.program
    code = program.code
    position = program.positions[index]
    assert position is not None

    def make(name: str, qualname: str, first: int, at: Any) -> FramePosition:
        return FramePosition(code.filename, name, qualname, first, at.line, at.end_line, at.column, at.end_column,
                             code.namespace)

    def chain(at: Any) -> list[FramePosition]:
        if at.frame is None:
            return [make(code.name, code.qualname, code.first_line, at)]
        name, outer = at.frame
        around = chain(outer)
        return [*around, make(name, f"{around[-1].qualname}.<locals>.{name}", outer.line, at)]

    return chain(position)
