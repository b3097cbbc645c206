"""Compiled code in service, and the answers that it and the hooks give."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from zexus import layout
from zexus.frontend.sites import UNBOUND
from zexus.jit import specialize
from zexus.jit.counters import Counters
from zexus.records import dataclass
from zexus.regvm import iterators, machine
from zexus.regvm.ir import Context
from zexus.regvm.machine import Executable

if TYPE_CHECKING:
    from zexus.jit.tier import LoopTier

# A status, what goes with it, and the loop's results.
Answer = tuple[Any, ...]

EXHAUSTED, BROKE, RETURNED, GO_ON, RAISED = range(5)
SIDE_EXIT = 4  # status of exit 0 in what native code answers
# Iterators that others may have: they find them as CPython would leave them.
SHARED = iterators.DRAWN | {GeneratorType}


def keeping(answer: Answer, before: Sequence[Any]) -> Answer:
    """An answer with the earlier value of each result that was not assigned since."""
    if not before or answer[0] == RETURNED:
        return answer
    merged = [old if new is UNBOUND else new for old, new in zip(before, answer[2:], strict=True)]
    return (*answer[:2], *merged)


@dataclass(frozen=True)
class Origin:
    """What a version is made for.

    Attributes:
        executable, cells: the region's own, for frames that are rebuilt.
        entry: the types of what the region is entered with.
    """

    executable: Executable
    cells: Sequence[Any]
    entry: specialize.Entry

    @property
    def over_iterator(self) -> bool:
        """Whether nobody can tell how many values the loop's iterator still has."""
        return self.over_generator or self.entry.over_unknown

    @property
    def over_generator(self) -> bool:
        """Whether it is entered with a generator."""
        return self.entry.over_generator


class _Known:
    """An object that the garbage collector knows: before 3.12 it looks whether it is due where such are made."""


class Slice:
    """What native code calls in its time slices: CPython gets its turn, and the tier may ask the code to leave.

    Args:
        tier: the loop's; it is not kept alive.
        numbers: the counters of the code.
    """

    def __init__(self, tier: LoopTier, numbers: Counters) -> None:
        self._tier = weakref.ref(tier)
        self._numbers = numbers

    def __call__(self) -> None:
        if not layout.MODERN:
            _Known()
        tier = self._tier()
        if tier is not None:
            tier.slice(self._numbers)


class Version:
    """Compiled code in service, with what is needed to leave it.

    Attributes:
        unit: what it was compiled from: its exits and the objects it refers to.
        origin: what it was made for.
        call: the builtin function, or what calls it, as a hook.
        start: the same for an entry that comes by way of another hook.
        again: the same for an entry that has come back from the register machine.
        exits: how often each side exit was taken.
        fallback: the version without mirrors whose place this one with mirrors has taken.
    """

    def __init__(self, tier: LoopTier, unit: specialize.Unit, origin: Origin, call: Callable[..., Answer]) -> None:
        self.tier = tier
        self.unit = unit
        self.origin = origin
        self.call = self.start = self.again = call
        self.counters = unit.counters
        self.exits: Counter[int] = Counter()
        self.fallback: Version | None = None

    def leave(self, answer: Answer, it: Any, *arguments: Any) -> Answer:
        """Called by rewritten code when native code was left by a side exit or could not be entered."""
        return self.tier.left(self, answer, it, arguments)

    def iterations(self) -> int:
        """How many back edges it has taken since they were last counted elsewhere."""
        return self.counters["iterations"]

    def rounds(self) -> int:
        """How many of them the region's own loop has taken, and not one inside it."""
        return self.counters["rounds"] or self.counters["iterations"]

    def calls(self) -> int:
        """How often it was called, by itself too, if it is a function."""
        return self.counters["entries"] or self.counters["iterations"]

    def activate(self, context: Context) -> tuple[Executable, Sequence[Any]]:
        """The executable and the cells of the region or of an inlined function."""
        if context.parent is None:
            return self.origin.executable, self.origin.cells
        made, function = self.unit.inlined[context]
        return made, () if function is None else machine.cells_of(function, made.code)
