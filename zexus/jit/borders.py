"""The border of a loop's region: between the arguments and answers of hooks and the frames of the register machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from zexus.frontend.sites import UNBOUND, LoopSite
from zexus.jit import deopt
from zexus.jit.host import Probe
from zexus.jit.version import Answer, Version
from zexus.regvm import cursor as cursors
from zexus.regvm import machine
from zexus.regvm.ir import Exit
from zexus.regvm.machine import Executable, Frame


class _Sample:
    """Measures how many references an iterator has in a hook when only the rewritten loop holds it."""

    def probe(self, it: Any, *arguments: Any) -> Answer:
        return (sys.getrefcount(it),)


def _private() -> int:
    hook = Probe(_Sample().probe)
    it = iter(range(1))
    count: int = hook(it, 1)[0]
    return count


PRIVATE = _private()


class Border:
    """The border of one region.

    Args:
        site: the loop.

    Attributes:
        untouched: the results of an entry that has assigned nothing.
    """

    def __init__(self, site: LoopSite) -> None:
        self._site = site
        self.untouched = (UNBOUND,) * len(site.results)

    def frame(self, executable: Executable, it: Any, arguments: Sequence[Any]) -> Frame:
        """The register machine before the first iteration of an entry with these arguments."""
        cells: Sequence[Any] = ()
        if self._site.captured:
            *arguments, cells = arguments
        cursor = cursors.of_iterator(it) if it is not None else None
        frame = executable.frame([cursor, *arguments], 0, cells)
        machine.run([frame], frozenset((executable.program.header,)))
        return frame

    def arguments(self, frame: Frame) -> tuple[Any, list[Any]]:
        """The iterator and the arguments of an entry that begins where a frame stands: at the header."""
        it = cursor_of(frame).iterator() if self._site.kind == "for" else None
        arguments = list(frame.registers[1 : frame.machine.code.params])
        if self._site.captured:
            arguments.append(frame.cells)
        return it, arguments

    def results(self, frame: Frame) -> list[Any]:
        """What an entry that ends with this frame has assigned."""
        names = frame.machine.code.locals
        return [frame.registers[names.index(name)] for name in self._site.results]

    def keep(self, frame: Frame, before: Sequence[Any]) -> None:
        """Give a frame the results that nothing has assigned since native code was entered without them."""
        for name, value in zip(self._site.results, before, strict=False):
            register = frame.machine.code.locals.index(name)
            if frame.registers[register] is UNBOUND:
                frame.registers[register] = value

    def behind(self, version: Version, way: Exit, answer: Answer, before: Sequence[Any]) -> list[Frame]:
        """The frames behind a side exit.

        Args:
            version: the code that was left.
            way: by which exit.
            answer: what native code has answered.
            before: the results as they stood when it was entered: those that it has not assigned are still valid.
        """
        frames = deopt.rebuild(way, answer[1:], version.unit.objects, version.activate)
        self.keep(frames[0], before)
        return frames


def cursor_of(frame: Frame) -> Any:
    """Where the loop of a frame at the header stands in what it iterates over."""
    return frame.registers[_cursor_register(frame)]


def moved(frame: Frame, executable: Executable) -> Frame:
    """A frame at the header, as one of another executable of the same loop."""
    old, new = frame.machine.code, executable.code
    fresh = executable.frame((), executable.program.header, frame.cells)
    registers = {name: number for number, name in enumerate(new.locals)}
    for number, name in enumerate(old.locals):
        if name in registers:
            fresh.registers[registers[name]] = frame.registers[number]
    fresh.registers[_cursor_register(fresh)] = cursor_of(frame)
    return fresh


def _cursor_register(frame: Frame) -> int:
    return len(frame.machine.code.locals)
