"""What the engine takes of the program's time, all loops together, against what its native code saves.

Finding out about loops takes time: watching them, specializing, finishing in the register machine what native code
left. A program that ends soon would not get it back. So the engine has a credit, and beyond that a share of the time
that the program runs, and of what native code has saved so far. Beyond that it spends on a single loop what that has
cost by not being native: who pays no more than he has lost already loses no more than twice as much (ski rental).
"""

from __future__ import annotations

import weakref
from time import monotonic
from typing import TYPE_CHECKING

from zexus.jit import verdicts
from zexus.regvm import clock
from zexus.settings import JitSettings

if TYPE_CHECKING:
    from zexus.jit.tier import LoopTier

# Seconds that may be spent before the program has run for long.
_CREDIT = 0.05
# Seconds that native code saves by each instruction which CPython does not run.
_INSTRUCTION = 15e-9
# What may be spent of the seconds that are saved, and of those that a loop which might be native has taken CPython.
_REINVESTED, _INVESTED = 0.5, 0.3
# Seconds for one loop in any case; one that has taken them in vain will want so many times as many.
_PIECE, _LONGER = 0.15, 2
# The smallest share that is not none.
_LEAST = 1e-6
# Seconds to the next look at most: what native code saves may make it sooner than it seems.
_SOON = 0.05


class Ledger:
    """The account of one process."""

    def __init__(self) -> None:
        self._tiers: weakref.WeakSet[LoopTier] = weakref.WeakSet()

    def enlist(self, tier: LoopTier) -> None:
        """A loop has native code."""
        self._tiers.add(tier)

    def affords(self, settings: JitSettings) -> bool:
        """Whether the engine may go on to work."""
        return self._missing(settings) <= 0

    def due(self, settings: JitSettings) -> tuple[str, float]:
        """There is nothing left to spend: so it is told, and when, on the monotonic clock, to ask again."""
        when = min(monotonic() + _SOON, self._until(0.0, settings))
        return "as much of the program's time is spent as may be by now", when

    def again(self, seconds: float, settings: JitSettings) -> tuple[str, float]:
        """Work on a piece of typed code was given up after so many seconds: why, and when to try it again."""
        return f"its typed code was not done in {seconds:.2f} s", self._until(_LONGER * seconds, settings)

    def allowance(self, settings: JitSettings) -> float:
        """How many seconds the work on one loop may take, from its first watched iteration on."""
        return _PIECE + max(0.0, -self._missing(settings))

    def _until(self, seconds: float, settings: JitSettings) -> float:
        """When, on the monotonic clock, there may be so many seconds to spend."""
        return monotonic() + max(0.0, self._missing(settings) + seconds) / max(settings.effort_share, _LEAST)

    def _missing(self, settings: JitSettings) -> float:
        """Seconds that have been spent beyond what there was."""
        spent = clock.total() - _CREDIT - settings.effort_share * (monotonic() - verdicts.BEGUN)
        return spent if spent <= 0 else spent - _REINVESTED * self._saved()

    def _saved(self) -> float:
        """Seconds, as far as can be told."""
        return sum(_INSTRUCTION * tier.findings.saved * tier.native_rounds() for tier in [*self._tiers])


LEDGER = Ledger()


def is_due_to(tier: LoopTier) -> bool:
    """Whether a loop has cost CPython so much that another version of its native code is worth its price.

    What CPython takes is known from versions that have been made. One more costs about as much as those did.
    """
    taken = _INSTRUCTION * tier.findings.saved * tier.loop.iterations
    work = tier.effort.work
    return tier.versions > 0 and work + work / tier.versions < _INVESTED * taken
