"""Tiers of one loop for entries whose types have no native form in common: who has which, and what hosts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from zexus.codes import Unsupported
from zexus.frontend.sites import LoopSite
from zexus.jit.history import History
from zexus.jit.version import SIDE_EXIT, Answer

if TYPE_CHECKING:
    from zexus.jit.host import Host, Tier
    from zexus.jit.tier import LoopTier


class Siblings:
    """The tiers behind one of them, and the entries that none of them takes.

    Each has the entries whose types have a native form in common, so that code for others stays as it is. The last
    one has whatever is left.

    Args:
        tier: to which entries come first.
        make: makes a tier like it, for a host and with so many tiers before it.

    Attributes:
        next: the tier to which entries of other types are handed on.
    """

    def __init__(self, tier: LoopTier, make: Callable[[Behind, int], LoopTier]) -> None:
        self._tier, self._make = tier, make
        self._strangers: Counter[tuple[int, ...]] = Counter()  # by identities of types
        self.next: LoopTier | None = None

    def __iter__(self) -> Iterator[LoopTier]:
        """The tiers behind this one."""
        other = self.next
        while other is not None:
            yield other
            other = other.behind.next

    def hand_on(self, it: Any, arguments: Sequence[Any]) -> Answer | None:
        """Let another tier of the loop have an entry; None if this one is the right one."""
        for other in self:
            version = other.version
            if version is None:
                continue
            answer: Answer = version.call(it, *arguments)
            if answer[0] != SIDE_EXIT:
                other.loop.entries += 1
                return answer if 0 <= answer[0] < SIDE_EXIT else other.deoptimize(version, answer, it)
        tier = self._tier
        kinds = (id(type(it)), *(id(type(value)) for value in arguments))
        if self._strangers[kinds] >= tier.settings.exit_budget:
            return self._turn_away(it, kinds)
        lost = tier.state == "refused"
        if tier.rank + 1 >= tier.settings.max_versions or tier.findings.fits(it, arguments, lost):
            return None
        if self.next is None:
            self.next = self._make(Behind(tier.host), tier.rank + 1)
            self.next.held = tier.held
            self.next.history = History(tier.history.types)
        if all(other.state == "refused" for other in self):
            self._strangers[kinds] += 1
        return self.next.arrive(it, arguments, True)

    def _turn_away(self, it: Any, kinds: tuple[int, ...]) -> Answer:
        """An entry as no tier has taken so far: CPython runs it. Of many, looking at them costs more than is won."""
        self._strangers[kinds] += 1
        tier = self._tier
        version, met = tier.version, self._strangers.total()
        many = met > tier.settings.exit_budget * tier.settings.max_versions
        if version is not None and many and met * tier.settings.rare_exits > version.iterations():
            tier.give_up(Unsupported("ZX040", tier.site.node, "entries of types that have no native form"))
        return tier.onward(it)


class Behind:
    """The host of a tier to which another one hands entries on: no code has its hooks.

    Args:
        host: of that other tier.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    def relink(self, site_index: int) -> None:
        """There is nothing to put anywhere."""

    def remove(self, site_index: int) -> None:
        """There is nothing to take out."""

    def tiers(self) -> Iterable[Tier]:
        """The tiers of the function's loops."""
        return self._host.tiers()

    def around(self, site: LoopSite) -> Tier | None:
        """The tier of the loop around one."""
        return self._host.around(site)

    def holds_loops(self, site: LoopSite) -> bool:
        """Whether there are loops inside one."""
        return self._host.holds_loops(site)

    def is_whole(self) -> bool:
        """The tier in front asks that."""
        return False
