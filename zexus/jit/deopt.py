"""Deoptimization: the live values of a side exit become the frames of the register machine again."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FunctionType
from typing import Any

from zexus import shapes, types
from zexus.codes import Span
from zexus.frontend.sites import UNBOUND
from zexus.jit import tracebacks, views
from zexus.jit.forms import randoms
from zexus.jit.trace import Stored
from zexus.jit.tracebacks import FramePosition
from zexus.regvm import cursor as cursors
from zexus.regvm import keyed, suspended
from zexus.regvm.build import Program
from zexus.regvm.ir import Context, Exit
from zexus.regvm.machine import Executable, Frame, cells_of
from zexus.types import Type


def span(way: Exit) -> tuple[str, Span]:
    """The file of the instruction at which an exit resumes, and where in it that stands."""
    assert way.frames
    state = way.frames[-1]
    position = state.context.code.positions[state.index]
    return state.context.code.code.filename, position.span if position is not None else (way.line, 0, way.line, 0)


def is_handled(way: Exit) -> bool:
    """Whether an exception that is raised at an exit goes to a handler in the region."""
    return any(state.index in row.range for state in way.frames or () for row in state.context.code.handlers)


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
    frames: list[Frame] = []
    made: dict[tuple[int, ...], BaseException] = {}
    tuples: dict[Stored, Any] = {}
    shown: dict[Any, Any] = {}  # views by their numbers, methods by their owners: what is one object stays one
    for state in way.frames:
        executable, cells = activate(state.context)
        registers = executable.template.copy()
        named = len(executable.code.locals)
        for number, stored in state.registers.items():
            if isinstance(stored.type, types.Raised):
                if stored.leaves not in made:
                    held = iter([leaves[i] for i in stored.leaves])
                    made[stored.leaves] = _raised(stored.type, held, objects, shown, state.context)
                registers[number] = made[stored.leaves]
                continue
            value = _value(stored.type, iter([leaves[i] for i in stored.leaves]), objects, shown)
            if isinstance(stored.type, types.Named):
                value = tuples.setdefault(stored, value)
            if issubclass(type(value), cursors.Cursor) and number < named and executable.code.locals[number] != ".it":
                value = value.iterator()
            registers[number] = value
        if executable.cells_register in state.registers:
            cells = registers[executable.cells_register]  # those that this entry was given, or of a function
            if type(cells) is FunctionType:
                cells = cells_of(cells, executable.code)
        registers[executable.cells_register] = cells
        frame = Frame(executable, registers, state.index, cells, state.context.path)
        if frames:
            call = frames[-1].machine.program.flat[frames[-1].index]
            if state.context.constructs:
                assert call.dest is not None
                frame.made = frames[-1].registers[call.dest.number]
            frame.answer = state.context.answer
            if call.op == "HAS_NEXT":
                frame.generator = frames[-1].registers[call.args[0].number].source
                suspended.start(frame.generator)
        frames.append(frame)
    last = way.frames[-1]
    if last.after:
        innermost = frames[-1]
        dest = innermost.machine.program.flat[last.index].dest
        if dest is not None and isinstance(last.result, Stored):
            result = _value(last.result.type, iter([leaves[i] for i in last.result.leaves]), objects, shown)
            innermost.registers[dest.number] = tuples.setdefault(last.result, result) \
                if isinstance(last.result.type, types.Named) else result
        innermost.index += 1
    return frames


def _with_one_nan(leaves: Sequence[Any]) -> Sequence[Any]:
    """The leaves, with one object for equal nans: containers tell them apart by identity, and most have only one."""
    if not any(type(leaf) is float and leaf != leaf for leaf in leaves):
        return leaves
    nans: dict[bytes, float] = {}
    return [nans.setdefault(struct.pack("d", leaf), leaf) if type(leaf) is float and leaf != leaf else leaf
            for leaf in leaves]


def _value(kind: Type, leaves: Iterator[Any], objects: Sequence[Any],
           shown: dict[Any, Any]) -> Any:
    """An object of type `kind` from its leaves."""
    if types.is_complex(kind):
        return _member(kind, [next(leaves), next(leaves)])
    if isinstance(kind, types.Scalar):
        if kind == types.NONE:
            return None
        if kind == types.CHAR:
            return chr(next(leaves))
        return UNBOUND if kind == types.UNBOUND_T else next(leaves)
    if isinstance(kind, (types.List, types.AnyTuple, types.Object, types.BlockResult, types.Array)):
        return next(leaves)
    if isinstance(kind, types.NpScalar):
        return _numpy_scalar(kind, next(leaves))
    if isinstance(kind, types.View):
        return _view(kind, leaves, shown)
    if isinstance(kind, types.Part):
        held, start, count = (next(leaves) for _ in range(3))
        stop = start + count * kind.step
        return held[start:stop if stop >= 0 else None:kind.step] if count else []
    if isinstance(kind, types.Slice):
        return slice(*[_value(part, leaves, objects, shown) for part in kind.parts])
    if isinstance(kind, types.Known):
        return objects[kind.ref]
    if isinstance(kind, types.Text):
        return kind.write(*[_value(item, leaves, objects, shown) for item in kind.items])
    if isinstance(kind, types.Wide):
        return kind.make(*[_value(item, leaves, objects, shown) for item in kind.items])
    if isinstance(kind, types.Raised):
        return _raised(kind, leaves, objects, shown, None)
    if isinstance(kind, types.Union):
        member = types.TAGGED[next(leaves)]
        return _member(member, [next(leaves) for _ in types.parts(types.union_payload(kind.members))])
    if isinstance(kind, types.Maybe):
        return _value(kind.inner, leaves, objects, shown)
    if isinstance(kind, types.Tuple):
        held = next(leaves)
        items = [_value(item, leaves, objects, shown) for item in kind.items]
        return tuple(items) if held is NotImplemented else held  # what answers a null
    if isinstance(kind, types.Named):
        held = next(leaves)
        items = [_value(item, leaves, objects, shown) for item in kind.items]
        return tuple.__new__(kind.kind, items) if held is NotImplemented else held
    if isinstance(kind, types.DictView):
        return getattr(dict, kind.kind)(next(leaves))
    if isinstance(kind, types.Range):
        return range(next(leaves), next(leaves), next(leaves))
    if isinstance(kind, types.Fresh):
        return kind.kind()
    if isinstance(kind, types.Sunk):
        return _surfaced(kind, leaves, objects, shown)
    if isinstance(kind, types.Super):
        return super(objects[kind.ref], _value(kind.owner, leaves, objects, shown))
    if isinstance(kind, (types.Method, types.Bound)):
        return _method(kind, _value(kind.owner, leaves, objects, shown), objects, shown)
    assert isinstance(kind, types.Cursor)
    return _cursor(kind, leaves, objects, shown)


def _surfaced(kind: types.Sunk, leaves: Iterator[Any], objects: Sequence[Any], shown: dict[Any, Any]) -> Any:
    """The object that existed only as its attributes; one for all that have it."""
    which = ("sunk", kind.number)
    if which not in shown:
        owner = objects[kind.ref]
        made = shown[which] = object.__new__(owner)
        for (how, number), item in zip(kind.names, kind.items, strict=True):
            name = objects[number] if how == "name" else shapes.slot_name(owner, number)
            object.__setattr__(made, name, _value(item, leaves, objects, shown))
    return shown[which]


def _method(kind: types.Method | types.Bound, owner: Any, objects: Sequence[Any], shown: dict[Any, Any]) -> Any:
    """A method as it was when it was taken, whatever its owner has by now."""
    which = (kind, id(owner))
    if which not in shown:
        if isinstance(kind, types.Bound):
            made: Any = objects[kind.ref].__get__(owner)
        else:
            made = randoms.method(owner, kind.name) if kind.name in randoms.NAMES else getattr(owner, kind.name)
        shown[which] = made
    return shown[which]


def _raised(kind: types.Raised, leaves: Iterator[Any], objects: Sequence[Any], shown: dict[Any, Any],
            around: Context | None) -> BaseException:
    """The exception that a handler has taken in native code, with the traceback that it has there.

    Args:
        kind: what it may be.
        leaves: the number of the one that it is, and the arguments of each.
        objects: what the native code referred to.
        around: the function of the handler; the outermost one by default.
    """
    number = next(leaves)
    arguments = {error.number: [_value(arg, leaves, objects, shown) for arg in error.args] for error in kind.ordered()}
    error = next(error for error in kind.errors if error.number == number)
    if error.where is None:
        unraised: BaseException = error.make(*arguments[number])
        return unraised
    context, index = error.where
    places = positions(context.code, index)
    while context != around and context.parent is not None:
        context, index = context.parent, context.call_index
        places[:0] = positions(context.code, index)
    try:
        raise error.make(*arguments[number])
    except BaseException as made:
        tracebacks.catch(made, places)
        return made


def _member(member: Type, payload: list[Any]) -> Any:
    """A member of a union from the payload that all of them share."""
    if member == types.NONE:
        return None
    if member == types.UNBOUND_T:
        return UNBOUND
    if member == types.INT:
        return int(payload[0])
    value = complex(*payload) if types.is_complex(member) else payload[0]
    return _numpy_scalar(member, value) if isinstance(member, types.NpScalar) else value


def _numpy_scalar(kind: types.NpScalar, payload: Any) -> Any:
    import numpy as np

    return np.dtype(kind.dtype).type(payload)


def _view(kind: types.View, leaves: Iterator[Any], shown: dict[Any, Any]) -> Any:
    base, number, address = (next(leaves) for _ in range(views.HEAD))
    shape = [next(leaves) for _ in range(kind.ndim)]
    steps = None if kind.contiguous else [next(leaves) for _ in range(kind.ndim)]
    if number == views.IS_ARRAY:
        return base
    if number not in shown:
        shown[number] = views.made(kind, base, address, shape, steps)
    return shown[number]


def _cursor(kind: types.Cursor, leaves: Iterator[Any], objects: Sequence[Any],
            shown: dict[Any, Any]) -> cursors.Cursor:
    if kind.kind == "range":
        return cursors.RangeCursor(next(leaves), next(leaves), next(leaves))
    if kind.kind == "reversed":
        return cursors.ReversedCursor(next(leaves), next(leaves))
    if kind.kind in ("list", "array", "tuple", "text"):
        return cursors.SequenceCursor(_value(kind.parts[0], leaves, objects, shown), next(leaves))
    if kind.kind in types.KEYED:
        owner = next(leaves)
        return cursors.KeyedCursor(keyed.made(kind.kind, owner, keyed.Place(*(next(leaves) for _ in range(3)))))
    if kind.kind in ("running", "object"):
        return cursors.ObjectCursor(next(leaves))
    if kind.kind == "drawn":
        source, held, has = (_value(part, leaves, objects, shown) for part in kind.parts)
        made = cursors.ObjectCursor(source)
        made.held = held if has else cursors.NOTHING
        return made
    if kind.kind == "generator":
        source, *parts = [_value(part, leaves, objects, shown) for part in kind.parts]
        suspended.stop(source, kind.of, parts)
        return cursors.ObjectCursor(source)
    inner = []
    for part in kind.parts:
        assert isinstance(part, types.Cursor)
        inner.append(_cursor(part, leaves, objects, shown))
    if kind.kind == "enumerate":
        return cursors.EnumerateCursor(inner[0], next(leaves))
    return cursors.ZipCursor(tuple(inner), kind.kind == "strict_zip")


def positions(program: Program, index: int) -> list[FramePosition]:
    """Where a frame stands; implicit frames stand below its function's."""
    code = program.code
    position = program.positions[index]
    again = program.flat[index].op == "RERAISE"
    assert position is not None

    def make(name: str, qualname: str, first: int, at: Any) -> FramePosition:
        return FramePosition(code.filename, name, qualname, first, at.line, at.end_line, at.column, at.end_column,
                             code.namespace, again)

    def chain(at: Any) -> list[FramePosition]:
        if at.frame is None:
            return [make(code.name, code.qualname, code.first_line, at)]
        name, outer, qualname, first = at.frame
        around = chain(outer)
        return [*around, make(name, qualname or f"{around[-1].qualname}.<locals>.{name}", first or outer.line, at)]

    return chain(position)


def passed(context: Context, index: int) -> tuple[FramePosition, ...] | None:
    """Where the frames of a unit stand that an exception only leaves, outermost first.

    Args:
        context: the function whose frame is the innermost one.
        index: the instruction that has called what raised.

    Returns:
        None where one of the frames has a handler there, or where a generator is being run.
    """
    found: list[FramePosition] = []
    inner: Context | None = context
    while inner is not None:
        if any(index in row.range for row in inner.code.handlers):
            return None
        found[:0] = positions(inner.code, index)
        index, inner = inner.call_index, inner.parent
        if inner is not None and inner.code.flat[index].op == "HAS_NEXT":
            return None
    return tuple(found)


def place(error: BaseException, frames: list[Frame]) -> None:
    """Give an exception that a handler of the first frame takes its traceback: what `Executable` calls."""
    tracebacks.catch(error, trail([(frame, frame.index) for frame in frames]))


def trail(frames: Iterable[tuple[Frame, int]]) -> list[FramePosition]:
    """Where frames stand, outermost first."""
    return [position for frame, index in frames for position in positions(frame.machine.program, index)]
