"""Compiled code in service, and the answers that it and the hooks give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zexus.frontend.sites import UNBOUND
from zexus.jit import specialize
from zexus.regvm import machine
from zexus.regvm.ir import Context
from zexus.regvm.machine import Executable, Frame

if TYPE_CHECKING:
    from zexus.jit.tier import LoopTier

# A status, what goes with it, and the loop's results.
Answer = tuple[Any, ...]

EXHAUSTED, BROKE, RETURNED, GO_ON, RAISED = range(5)
SIDE_EXIT = 4  # status of exit 0 in what native code answers


def keeping(answer: Answer, before: Sequence[Any]) -> Answer:
    """An answer with the earlier value of each result that was not assigned since."""
    if not before or answer[0] == RETURNED:
        return answer
    merged = [old if new is UNBOUND else new for old, new in zip(before, answer[2:], strict=True)]
    return (*answer[:2], *merged)


class Version:
    """Compiled code in service, with what is needed to leave it.

    Attributes:
        unit: what it was compiled from: its exits and the objects it refers to.
        executable, cells: the region's own, for frames that are rebuilt.
        call: the builtin function.
        exits: how often each side exit was taken.
    """

    def __init__(self, tier: LoopTier, unit: specialize.Unit, frame: Frame, call: Callable[..., Answer]) -> None:
        self.tier = tier
        self.unit = unit
        self.executable = frame.machine
        self.cells = frame.cells
        self.call = call
        self.counters = unit.objects[-1]
        self.exits: Counter[int] = Counter()

    def leave(self, answer: Answer, it: Any, *arguments: Any) -> Answer:
        """Called by rewritten code when native code was left by a side exit or could not be entered."""
        return self.tier.left(self, answer, it, arguments)

    def iterations(self) -> int:
        """How many back edges it has taken."""
        return int.from_bytes(self.counters[8:16], "little")

    def activate(self, context: Context) -> tuple[Executable, Sequence[Any]]:
        """The executable and the cells of the region or of an inlined function."""
        if context.parent is None:
            return self.executable, self.cells
        made, function = self.unit.inlined[context]
        return made, machine.cells_of(function, made.code)
