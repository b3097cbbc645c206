"""Work: about how much is executed in each loop, without the loops inside it, and how long that takes.

What a function does outside of its loops belongs to the loops from which it is called. Who calls how often is told by
the names in calls: of several callers each has its share, and of several functions of one name all calls have parts of
all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import field
from typing import Protocol, TypeVar

from zexus.records import dataclass

_ROUNDS = 50  # calls of each other through which work is followed: functions that call each other in a circle go on


@dataclass(frozen=True)
class Site:
    """Calls of functions of a name.

    Attributes:
        name: of the functions.
        times: how often control came here.
        loop: the innermost loop around the call; None outside of loops.
    """

    name: str
    times: int
    loop: Hashable | None


@dataclass
class Work:
    """What a function has done.

    Attributes:
        name: by which it is called.
        outside: how much outside of its loops.
        loops: how much in each of its loops, those inside it left out.
        sites: the calls in it.
    """

    name: str
    outside: float = 0.0
    loops: dict[Hashable, float] = field(default_factory=lambda: defaultdict(float))
    sites: list[Site] = field(default_factory=list)


def spread(functions: Iterable[Work]) -> dict[Hashable, float]:
    """How much work belongs to each loop."""
    known = list(functions)
    found: dict[Hashable, float] = defaultdict(float)
    for one in known:
        found.update(one.loops)
    callers: dict[str, list[tuple[Work, Site]]] = {}
    for one in known:
        for site in one.sites:
            if site.times:
                callers.setdefault(site.name, []).append((one, site))
    left = {id(one): one.outside for one in known}
    for _ in range(_ROUNDS):
        passed: dict[int, float] = defaultdict(float)
        for one in known:
            sites = [(caller, site) for caller, site in callers.get(one.name, []) if caller is not one]
            much = left[id(one)]
            times = sum(site.times for _, site in sites)
            for caller, site in sites if much else ():
                part = much * site.times / times
                if site.loop is None:
                    passed[id(caller)] += part
                else:
                    found[site.loop] += part
        left = {id(one): passed[id(one)] for one in known}
        if not any(left.values()):
            break
    return found


@dataclass(frozen=True)
class Run:
    """The runs of a loop.

    Attributes:
        around: the loop around it; None for an outermost one.
        time_ns: how long they took in all; None where that is not known.
        timing: how much work it was for what is around them to time them.
    """

    around: Hashable | None
    time_ns: int | None
    timing: float = 0.0


def own_times(functions: Iterable[Work], runs: Mapping[Hashable, Run]) -> dict[Hashable, float]:
    """About how long each loop took without those inside it, and those in what it calls, ns, as far as that is known.

    Loops inside that were not timed have a share of the time by their work.

    Args:
        functions: what they have done.
        runs: of all their loops.
    """
    known = list(functions)

    def timed(loop: Hashable | None) -> Hashable | None:
        """The innermost loop that was timed, of one and those around it."""
        while loop is not None and (loop not in runs or runs[loop].time_ns is None):
            loop = runs[loop].around if loop in runs else None
        return loop

    left = {loop: float(run.time_ns) for loop, run in runs.items() if run.time_ns is not None}
    outermost: dict[int, float] = defaultdict(float)
    for one in known:
        for loop in one.loops:
            if loop not in left:
                continue
            time_ns, around = runs[loop].time_ns or 0, timed(runs[loop].around)
            if around is None:
                outermost[id(one)] += time_ns
            else:
                left[around] -= time_ns
    called = spread(Work(one.name, outermost[id(one)], {}, [
        Site(site.name, site.times, timed(site.loop)) for site in one.sites]) for one in known)
    work, together = spread(known), defaultdict[Hashable, float](float)
    for loop, run in runs.items():
        together[timed(loop)] += work[loop]
        together[timed(run.around)] += run.timing
    found: dict[Hashable, float] = {}
    for loop in runs:
        clock = timed(loop)
        if clock is not None and together[clock]:
            found[loop] = max(left[clock] - called[clock], 0.0) * work[loop] / together[clock]
    return found


class Busy(Protocol):
    """A loop: its iterations, its work, and about how long that took, where it is known."""

    @property
    def iterations(self) -> int: ...

    @property
    def work(self) -> int: ...

    @property
    def own_ns(self) -> int | None: ...


_Loop = TypeVar("_Loop", bound=Busy)


def heat(loops: Iterable[Busy]) -> list[float]:
    """How busy each loop is in comparison: by its time, where times are known, otherwise by its work.

    Where only some are known, work counts as long as it took in these.
    """
    known = list(loops)
    timed = [loop for loop in known if loop.own_ns is not None]
    work = sum(loop.work for loop in timed)
    each = sum(loop.own_ns or 0 for loop in timed) / work if work else 0.0
    return [loop.own_ns if loop.own_ns is not None else loop.work * (each or 1.0) for loop in known]


def busiest_first(loops: Iterable[_Loop]) -> list[_Loop]:
    """Loops, the busiest ones first."""
    known = list(loops)
    order = sorted(zip(heat(known), known, strict=True), key=lambda pair: (-pair[0], -pair[1].iterations))
    return [loop for _, loop in order]
