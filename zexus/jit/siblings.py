"""Tiers of one loop for entries whose types have no native form in common: their host, and the report on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from zexus.frontend.sites import LoopSite
from zexus.jit.explain import RegionReport
from zexus.jit.guarding import added
from zexus.jit.place import Place, of_line

if TYPE_CHECKING:
    from zexus.jit.host import Host, Tier


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


def merged(first: RegionReport, second: RegionReport) -> RegionReport:
    """One report of two tiers of a loop; the verdict is that of the one that is native, else of the first."""
    told = second if second.tier == "native" and first.tier != "native" else first
    exits: Counter[tuple[str, int]] = Counter()
    places: dict[tuple[str, int], Place] = {}
    for report in (first, second):
        for (code, line, count), where in zip_longest(report.exits, report.exit_places):
            exits[code, line] += count
            places.setdefault((code, line), where or of_line(report.filename, line))
    return replace(
        told,
        entries=first.entries + second.entries,
        iterations=first.iterations + second.iterations,
        native_iterations=first.native_iterations + second.native_iterations,
        side_exits=first.side_exits + second.side_exits,
        versions=first.versions + second.versions,
        compile_ms=first.compile_ms + second.compile_ms,
        exits=tuple((code, line, count) for (code, line), count in exits.most_common()),
        exit_places=tuple(places[key] for key, _ in exits.most_common()),
        compilations=(*first.compilations, *second.compilations),
        entry_guards=first.entry_guards + second.entry_guards,
        guards=added(first.guards, second.guards),
    )
