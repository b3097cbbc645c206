"""Loops that the register machine comes to: native code of their own runs them, or CPython, which are both faster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import CellType
from typing import TYPE_CHECKING, Any, cast

from zexus.bytecode import InnerLoop
from zexus.codes import Unsupported
from zexus.frontend import outline
from zexus.frontend.outline import Outlined
from zexus.frontend.sites import UNBOUND, place_of
from zexus.frontend.slots import Once
from zexus.jit import deopt, stack, tracebacks
from zexus.jit.host import Host, of_code
from zexus.jit.version import EXHAUSTED, GO_ON, RAISED, RETURNED, SHARED, Answer
from zexus.regvm import cursor as cursors
from zexus.regvm import machine
from zexus.regvm.clock import CLOCK
from zexus.regvm.machine import Executable, Frame, Outcome

if TYPE_CHECKING:
    from zexus.jit.recorder import Recorder
    from zexus.jit.tier import LoopTier


# How many iterations a loop may have left that does not tell.
_UNKNOWN = 16


class InnerLoops:
    """The loops that some frames come to.

    Args:
        host: of the tier whose region the outermost frame runs.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._left_alone: set[tuple[Executable, int]] = set()  # headers of loops that only the machine can run

    def run(self, frames: list[Frame], stops: frozenset[int], watcher: Recorder | None) -> Outcome:
        """As `machine.run`; loops inside do not run in the machine, once no recorder watches."""
        with stack.Room():
            while True:
                outcome = machine.run(frames, stops, watcher, self._headers)
                if outcome.kind != "header" or (len(frames) == 1 and frames[0].index in stops):
                    return outcome
                try:
                    ended = machine.handling(frames, partial(self._enter, frames, watcher))
                except machine.Raised:
                    raise
                except BaseException as error:
                    machine.take(frames, error)  # of a handler of signals, which the loop's frame has
                    continue
                if ended is not None:
                    return ended

    def _headers(self, frame: Frame) -> frozenset[int]:
        """Where a frame is to stop."""
        made = frame.machine
        if frame.generator is not None:
            return frozenset()
        return frozenset(index for index in made.loops if (made, index) not in self._left_alone)

    def _enter(self, frames: list[Frame], watcher: Recorder | None) -> Outcome | None:
        """Run the loop at whose header the innermost frame stands; an outcome when the outermost frame ends by it."""
        frame = frames[-1]
        loop = frame.machine.loops[frame.index]
        if watcher is not None and watcher.budget >= 0:
            watcher.passed(frame, frame.index, _behind(loop, frame), self._left(loop, frame))
        cells = dict(zip(frame.machine.code.captured, frame.cells, strict=True))
        tier = self._tier(loop, frame, len(frames) == 1)
        if tier is not None and all(name in cells for name in tier.site.captured):
            status, value, *results = self._natively(tier, loop, frame, cells)
            for name, result in zip(tier.site.results, results, strict=True):
                if result is not UNBOUND and name in frame.machine.code.locals:
                    frame.registers[frame.machine.code.locals.index(name)] = result
            if status == RAISED:
                _raised(frames, value)
                return None
            if status == RETURNED:
                return _returned(frames, value)
            if status != GO_ON:
                frame.index = frame.machine.program.leaders[loop.done if status == EXHAUSTED else loop.end]
                return None
        made, known = _rest(loop), frame.machine.code.locals
        if made is None or not (set(made.free) <= set(cells) and {*made.params, *made.results} <= set(known)):
            self._left_alone.add((frame.machine, frame.index))
            return None
        return self._in_python(made, loop, frames, cells)

    def _tier(self, loop: InnerLoop, frame: Frame, outermost: bool) -> LoopTier | None:
        """The tier of a loop, if it has native code."""
        host: Host | None = self._host if outermost else of_code(frame.machine.code)
        tiers = cast("Iterable[LoopTier]", host.tiers() if host is not None else ())
        for tier in tiers:
            native = tier.site.kind != "function" and tier.version is not None
            if native and place_of(tier.site.node) == loop.place and tier.namespace is frame.machine.globals:
                return tier
        return None

    def _left(self, loop: InnerLoop, frame: Frame) -> float:
        """How many iterations of a loop are left, as far as can be told."""
        left = cursors.left(frame.registers[_cursor_register(loop, frame)].iterator()) if loop.has_cursor else None
        return _UNKNOWN if left is None else left

    def _natively(self, tier: LoopTier, loop: InnerLoop, frame: Frame, cells: Mapping[str, CellType]) -> Answer:
        """Run a loop by its own tier."""
        names = frame.machine.code.locals
        arguments = [frame.registers[names.index(n)] if n in names else UNBOUND for n in tier.site.params]
        if tier.site.captured:
            arguments.append(tuple(cells[name] for name in tier.site.captured))
        register = _cursor_register(loop, frame)
        cursor = frame.registers[register] if loop.has_cursor else None
        it = cursor.iterator() if cursor is not None else None
        own = isinstance(cursor, cursors.ObjectCursor)  # the program's, and it may look where that stands
        if own and type(it) not in SHARED:
            return (GO_ON, None, *[UNBOUND] * len(tier.site.results))
        frame.machine.publish(frame.registers)
        with CLOCK.away():
            answer = tier.enter_from_machine(it, arguments)
        frame.machine.refresh(frame.registers)
        if answer[0] == GO_ON and cursor is not None and not own:
            frame.registers[register] = cursors.of_iterator(it)
        return answer

    def _in_python(self, made: Outlined, loop: InnerLoop, frames: list[Frame],
                   cells: Mapping[str, CellType]) -> Outcome | None:
        """Let CPython run what is left of a loop."""
        frame = frames[-1]
        names, registers = frame.machine.code.locals, frame.registers
        arguments = [registers[names.index(name)] for name in made.params]
        if loop.has_cursor:
            arguments.insert(0, Once(registers[_cursor_register(loop, frame)].iterator()))
        frame.machine.publish(registers)
        try:
            rest = outline.bind(made, frame.machine.globals, cells)
            with CLOCK.away():
                signal, value, *results = rest(*arguments)
        except BaseException as error:
            frame.machine.refresh(registers)
            machine.take(frames, error)
            return None
        frame.machine.refresh(registers)
        for name, result in zip(made.results, results, strict=True):
            registers[names.index(name)] = result
        if signal == outline.RAISED:
            machine.take(frames, value)
        elif signal == outline.RETURN:
            return _returned(frames, value)
        else:
            frame.index = _behind(loop, frame)
        return None


def _cursor_register(loop: InnerLoop, frame: Frame) -> int:
    depth: int = frame.machine.program.depths[loop.head]
    return len(frame.machine.code.locals) + depth - 1


def _behind(loop: InnerLoop, frame: Frame) -> int:
    """Where control goes when a loop without an `else` ends: to a place of its own only where something leaves it."""
    leaders = frame.machine.program.leaders
    found: int = leaders[loop.end] if loop.end in leaders else leaders.get(loop.done, len(frame.machine.program.flat))
    return found


def _rest(loop: InnerLoop) -> Outlined | None:
    """The function that goes on with a loop, if there can be one."""
    if loop.rest is None:
        return None
    try:
        made: Outlined = loop.rest()
    except Unsupported:
        return None
    return made


def _returned(frames: list[Frame], value: Any) -> Outcome | None:
    """The innermost frame returns a value."""
    if len(frames) == 1:
        return Outcome("return", value=value)
    machine.give(frames, value)
    return None


def _raised(frames: list[Frame], error: BaseException) -> None:
    """An exception has left native code of a loop's own tier, which has noted where the innermost frame stands.

    Raises:
        machine.Raised: there is no handler for it.
    """
    def place(error: BaseException, passed: list[Frame]) -> None:
        tracebacks.catch(error, deopt.trail([(frame, frame.index) for frame in passed[:-1]]))

    if not machine.handled(frames, error, place):
        raise machine.Raised(error, [(frame, frame.index) for frame in frames[:-1]])
