"""The report on one loop: what became of it, and of the tiers that other entries of it come to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from zexus.codes import CODES
from zexus.jit.explain import RegionReport, refused
from zexus.jit.guarding import added, entry_guards, guards
from zexus.jit.place import Place, of_line

if TYPE_CHECKING:
    from zexus.jit.tier import LoopTier

_CODES = {"cold": "ZX001", "waiting": "ZX002", "native": "ZX000", "refused": "ZX001"}


def report(tier: LoopTier) -> RegionReport:
    """What became of a loop."""
    own = _own(tier)
    return own if tier.behind.next is None else merged(own, report(tier.behind.next))


def _own(tier: LoopTier) -> RegionReport:
    """What became of the entries that come to this tier."""
    version, loop, site = tier.version, tier.loop, tier.site
    native = loop.native_iterations + (version.iterations() if version is not None else 0)
    if tier.state == "waiting":
        tier.arrived()
    code = CODES[_CODES[tier.state]]
    own = RegionReport(
        site.first_line, site.last_line, site.kind, "native" if version is not None else "python", _CODES[tier.state],
        code.text, code.hint, loop.entries, loop.iterations + native, native, tier.exits.total(), tier.versions,
        tier.compile_seconds * 1000, site.scope.qualname, site.scope.filename, tier.exits.counts(),
        exit_places=tier.exits.places(), compilations=tier.history.compilations(), tradeoff=code.tradeoff,
    )
    if version is not None:
        unit = version.unit
        own = replace(own, entry_guards=entry_guards(unit.entry or unit.fn), guards=guards(unit.fn))
    refusal = tier.refusal or (tier.loss if tier.state == "cold" else None)
    return own if refusal is None else refused(own, refusal)


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
