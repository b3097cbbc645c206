"""Loops inside a region that the register machine runs: those that have native code of their own run there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from zexus.bytecode import InnerLoop
from zexus.frontend.sites import UNBOUND
from zexus.jit import tracebacks
from zexus.jit.version import EXHAUSTED, GO_ON, RAISED, RETURNED, Answer
from zexus.regvm import cursor as cursors
from zexus.regvm import machine
from zexus.regvm.machine import Executable, Frame

if TYPE_CHECKING:
    from zexus.jit.tier import LoopTier


class InnerLoops:
    """The loops inside a region that can be entered.

    Args:
        outer: the tier of the loop whose region it is.
        others: the tiers of the loops around it, beside it and inside it.
        executable: the region.

    Attributes:
        headers: index of the first instruction of each loop's header -> its tier, and where the loop stands.
    """

    def __init__(self, outer: LoopTier, others: Iterable[LoopTier], executable: Executable) -> None:
        self.outer = outer
        leaders = executable.program.leaders
        tiers = {(t.site.node.lineno, t.site.node.col_offset): t for t in others
                 if t.version is not None and t is not outer and t.site.kind != "function"}
        self.headers: dict[int, tuple[LoopTier, InnerLoop]] = {
            leaders[loop.head]: (tiers[loop.statement], loop) for loop in executable.code.loops
            if loop.statement in tiers and loop.head in leaders}

    def enter(self, frame: Frame) -> Answer | None:
        """Run the loop at whose header a frame stands by its own tier; an answer when the whole region ends by it."""
        tier, loop = self.headers[frame.index]
        program, names = frame.machine.program, frame.machine.code.locals
        arguments = [frame.registers[names.index(n)] if n in names else UNBOUND for n in tier.site.params]
        if tier.site.captured:
            cells = dict(zip(frame.machine.code.captured, frame.cells, strict=True))
            if any(name not in cells for name in tier.site.captured):
                del self.headers[frame.index]  # the register machine runs it from here on
                return None
            arguments.append(tuple(cells[name] for name in tier.site.captured))
        register = len(names) + program.depths[loop.head] - 1
        it = frame.registers[register].iterator() if loop.has_cursor else None
        frame.machine.publish(frame.registers)
        status, value, *results = tier.enter_from_machine(it, arguments)
        frame.machine.refresh(frame.registers)
        for name, result in zip(tier.site.results, results, strict=True):
            if result is not UNBOUND and name in names:
                frame.registers[names.index(name)] = result
        # The inner loop's tier has noted where this very frame stands.
        if status == RAISED and machine.handled([frame], value, lambda error, _: tracebacks.catch(error, ())):
            return None
        if status == RAISED:
            return (RAISED, value, *self.outer.border.results(frame))
        if status == RETURNED:
            return (RETURNED, value, *self.outer.border.results(frame))
        if status == GO_ON:
            if loop.has_cursor:
                frame.registers[register] = cursors.of_iterator(it)
            del self.headers[frame.index]
            return None
        frame.index = program.leaders[loop.done if status == EXHAUSTED else loop.end]
        return None
