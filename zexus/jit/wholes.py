"""Functions as wholes: one that is called often and whose loops are short goes native with all that is around these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from zexus.frontend.loops import whole_site
from zexus.frontend.sites import LoopSite, Scope
from zexus.jit import stances
from zexus.jit.entries import Entries
from zexus.settings import JitSettings
from zexus.vm.profiling.hot import HotLoop

# Calls behind which it is looked at whether a function is one; the iterations of all its loops that a call may have.
_CALLS, _SHORT = 32, 400


class WholeTier(Protocol):
    """The tier of a function's entry, as its loops know it."""

    urgent: bool

    @property
    def is_promising(self) -> bool:
        """Whether there is native code of the whole function, or may be soon."""


class LoopTier(Protocol):
    """The tier of one of its loops."""

    site: LoopSite
    loop: HotLoop
    entries: Entries


class Whole:
    """One function, as a whole.

    Args:
        scope: the function.
        settings: its tiers'.
        tier: the tier of its entry, if that is probed from the beginning.
        add: probes the entry from now on and makes its tier.
    """

    def __init__(self, scope: Scope, settings: JitSettings, tier: WholeTier | None,
                 add: Callable[[LoopSite], WholeTier]) -> None:
        self._scope, self._settings, self._tier, self._add = scope, settings, tier, add
        self._is_open = settings.functions != "recursive" and settings.weigh  # whether that may still be found out

    def takes(self, loops: list[LoopTier]) -> bool:
        """Whether the function's loops are left to CPython, as native code of the whole function is to run them.

        Args:
            loops: the tiers of its loops.
        """
        if self._is_open and stances.of(self._settings) != "force_native" and is_one(loops):
            self._is_open = False
            if self._tier is None:
                site = whole_site(self._scope, 1 + max(tier.site.index for tier in loops))
                self._tier = self._add(site) if site is not None else None
            if self._tier is not None:
                self._tier.urgent = True
        return self._tier is not None and self._tier.urgent and self._tier.is_promising


def is_one(loops: list[LoopTier]) -> bool:
    """Whether a function with these loops is called often and its loops are short."""
    indices = {tier.site.index for tier in loops}
    calls = max(tier.loop.entries for tier in loops if tier.site.parent not in indices)
    return calls >= _CALLS and sum(tier.loop.entries * _length(tier) for tier in loops) <= _SHORT * calls


def _length(tier: LoopTier) -> float:
    """How many iterations an entry of a loop has, as far as was seen."""
    noted = tier.entries.count
    return tier.entries.iterations / noted if noted else tier.loop.iterations / max(1, tier.loop.entries)
