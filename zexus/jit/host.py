"""The host of a function's loops: their tiers, what stands at their probes, and what is reported of them."""

from __future__ import annotations

import contextlib
import copyreg
import functools
import operator
import os
import re
import sys
import threading
import types
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from zexus.bytecode import Code
from zexus.frontend.sites import UNBOUND, LoopSite
from zexus.frontend.slots import CONTAINERS, GONE, ITERABLES, Alive, Asking, Slot, passed
from zexus.frontend.source import FunctionSource, ModuleSource
from zexus.jit import stances
from zexus.jit.explain import RegionReport, Reporter, python_report
from zexus.jit.wholes import Whole
from zexus.settings import JitSettings


class Host(Protocol):
    """What a tier needs of its host."""

    def relink(self, site_index: int) -> None:
        """Put the site's present limit and hook into the code objects."""

    def remove(self, site_index: int) -> None:
        """Let entries of a loop pass by its probe."""

    def tiers(self) -> Iterable[Tier]:
        """The tiers of all loops of the function."""

    def around(self, site: LoopSite) -> Tier | None:
        """The tier of the loop around one."""

    def holds_loops(self, site: LoopSite) -> bool:
        """Whether there are loops inside one."""

    def is_whole(self) -> bool:
        """Whether native code of the whole function is to run its loops, which are left to CPython."""


class Tier(Protocol):
    """What a host needs of a loop's tier."""

    limit: int

    @property
    def site(self) -> LoopSite: ...

    @property
    def hook(self) -> Callable[..., tuple[Any, ...]]: ...

    @property
    def leave(self) -> Callable[..., tuple[Any, ...]]: ...

    @property
    def turns(self) -> Iterator[bool]: ...

    def idle(self, code: str) -> bool: ...

    def stir(self) -> None: ...

    def report(self) -> RegionReport: ...


MakeTier = Callable[[LoopSite, dict[str, Any], JitSettings, Host], Tier]


def loop_tier(site: LoopSite, namespace: dict[str, Any], settings: JitSettings, host: Host) -> Tier:
    """The tier that compiles loops, or the one that compiles functions as wholes."""
    if site.kind == "function":
        from zexus.jit.functions import FunctionTier

        return FunctionTier(site, namespace, settings, host)
    from zexus.jit.tier import LoopTier

    return LoopTier(site, namespace, settings, host)


def tracer() -> str | None:
    """What watches the program's lines or calls now (a debugger, coverage, a profiler), or None."""
    if sys.gettrace() is not None or threading.gettrace() is not None:
        return "a trace function is set"
    if sys.getprofile() is not None or threading.getprofile() is not None:
        return "a profile function is set"
    if sys.version_info >= (3, 12):
        for tool in range(6):
            name = sys.monitoring.get_tool(tool)
            if name is not None:
                return f"the monitoring tool {name!r} is registered"
    return None


class Probe(functools.partial[tuple[Any, ...]]):
    """A hook as a constant of rewritten code. A copy of the code in another process gets one that answers "go on"."""

    results: int

    def __reduce__(self) -> tuple[Any, ...]:
        return go_on, (self.results,)

    def disarm(self) -> None:
        """Answer "go on" from now on: frames that are running keep the code that holds this probe."""
        state: tuple[Any, ...] = (go_on(self.results), (), {}, {"results": self.results})
        self.__setstate__(state)  # type: ignore[attr-defined]


class Elsewhere:
    """What stands for the objects of native code in a copy of rewritten code in another process.

    Args:
        results: how many results the loop has.
    """

    def __init__(self, results: int) -> None:
        self.results = results

    def __getattr__(self, name: str) -> Callable[..., tuple[Any, ...]]:
        """The function of native code, looked up by its name, becomes a hook that leaves the loop to CPython."""
        if name.startswith("__"):
            raise AttributeError(name)
        return go_on(self.results)


def go_on(results: int) -> Callable[..., tuple[Any, ...]]:
    """A hook that leaves the rest of its loop to CPython."""
    answer = (3, None, *[UNBOUND] * results)
    hook = lambda *arguments: answer  # noqa: E731
    # Without this module's globals: code objects keep hooks alive unseen by the garbage collector.
    return types.FunctionType(hook.__code__, {}, "go_on", None, hook.__closure__)


copyreg.pickle(type(UNBOUND), repr)  # by its name, so that a copy in another process is the one known there

lock = threading.RLock()
os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)

_KNOWN_WARNINGS = (
    ("ignore", None, SyntaxWarning, None, 0),
    ("ignore", re.compile("invalid (escape|decimal|octal)", re.I), DeprecationWarning, None, 0),
)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Compile a text again without the warnings that its first compilation gave.

    `warnings.catch_warnings` would make the program's own warnings, shown once so far, show again.
    """
    filters: list[Any] = warnings.filters  # type: ignore[assignment]
    with lock:
        filters[:0] = _KNOWN_WARNINGS
        try:
            yield
        finally:
            for known in _KNOWN_WARNINGS:
                filters.remove(known)


class Limit(functools.partial[int]):
    """A tier's limit as it is when a loop asks for it: a frame that is running keeps its code to its end."""

    def disarm(self) -> None:
        """Let CPython run all iterations from now on."""
        state: tuple[Any, ...] = (operator.index, (sys.maxsize,), {}, {})
        self.__setstate__(state)  # type: ignore[attr-defined]

    def __reduce__(self) -> tuple[Any, ...]:
        return functools.partial, (int, self())


def _limit(tier: Tier, settings: JitSettings) -> int:
    tier.idle("ZX043")
    return 1 if stances.of(settings) == "force_native" else tier.limit


# The latest host of each function, by its file, qualified name and first line.
_of_functions: weakref.WeakValueDictionary[tuple[str, str, int], LoopHost] = weakref.WeakValueDictionary()


def of_code(code: Code) -> LoopHost | None:
    """The host of the loops of a function that is lowered, if it has one."""
    return _of_functions.get((code.filename, code.qualname, code.first_line))


class LoopHost:
    """The tiers of the loops of one function (or of a module's top level), and what is reported of them.

    Args:
        source: where the loops stand.
        sites: the loops.
        namespace: the globals that the loops see.
        settings: the tiers' settings.
        make_tier: makes the tier of one site.
    """

    def __init__(
        self,
        source: FunctionSource | ModuleSource,
        sites: Sequence[LoopSite],
        namespace: dict[str, Any],
        settings: JitSettings,
        make_tier: MakeTier,
    ) -> None:
        self.source = source
        self.sites = tuple(sites)
        self.settings = settings
        self.probed: frozenset[int] = frozenset()
        self._given_up: set[int] = set()
        self._issued: dict[int, weakref.WeakSet[Probe | Asking | Limit | Alive]] = {
            site.index: weakref.WeakSet() for site in self.sites
        }
        if isinstance(source, FunctionSource):
            _of_functions[source.scope.filename, source.scope.qualname, source.first_line] = self
        self._namespace, self._make_tier = namespace, make_tier
        self._tiers = {
            site.index: make_tier(site, namespace, settings, self) for site in self.sites if site.refusal is None
        }
        entry: Any = next((tier for tier in self._tiers.values() if tier.site.kind == "function"), None)
        self._whole = Whole(source.scope, settings, entry, self._begin)

    @property
    def function(self) -> str:
        """The function's qualified name."""
        return self.source.scope.qualname

    @property
    def filename(self) -> str:
        """The function's file."""
        return self.source.scope.filename

    def relink(self, site_index: int) -> None:
        """Put the site's present limit and hook into the code objects."""
        with lock:
            if site_index in self.probed:
                self._bind()

    def remove(self, site_index: int) -> None:
        """Let entries of a loop pass by its probe; the function is rebuilt where that does not cost next to nothing."""
        with lock:
            self._given_up.add(site_index)
            left = self.probed - self._given_up
            if site_index in self.probed and (not left or site_index not in self._beside):
                self._rebuild(left)
                self._bind()
            for issued in self._issued[site_index]:
                issued.disarm()

    def tiers(self) -> Iterable[Tier]:
        """The tiers of all loops of the function."""
        return self._tiers.values()

    @property
    def inner(self) -> Sequence[Reporter]:
        """The hosts of the functions in this one, as far as only this one knows them."""
        return ()

    def reports(self) -> tuple[RegionReport, ...]:
        """What became of each loop, in source order."""
        return tuple(self._report(site) for site in sorted(self.sites, key=lambda site: site.kind != "function"))

    def around(self, site: LoopSite) -> Tier | None:
        """The tier of the loop around one."""
        return None if site.parent is None else self._tiers.get(site.parent)

    def holds_loops(self, site: LoopSite) -> bool:
        """Whether there are loops inside one."""
        return any(other.parent == site.index for other in self.sites)

    def is_whole(self) -> bool:
        """Whether native code of the whole function is to run its loops, which are left to CPython."""
        loops: list[Any] = [tier for tier in self.tiers() if tier.site.kind != "function"]
        return self._whole.takes(loops)

    def _begin(self, site: LoopSite) -> Any:
        """Probe the function's entry from now on."""
        with lock:
            self.sites = (*self.sites, site)
            self._issued[site.index] = weakref.WeakSet()
            self._tiers[site.index] = tier = self._make_tier(site, self._namespace, self.settings, self)
            self._rebuild(self.probed - self._given_up | {site.index})
            self._bind()
        return tier

    def slots(self) -> dict[int, Slot]:
        """What stands at each probe now."""
        if stances.of(self.settings) == "python_only":
            return {index: Slot(1, go_on(len(self.sites[index].results)), alive=GONE) for index in self.probed}
        return {index: self._slot(index) for index in self.probed}

    def _slot(self, index: int) -> Slot:
        tier = self._tiers[index]
        hook, leave = (self._constant(index, given) for given in (tier.hook, tier.leave))
        if isinstance(hook, Probe):
            self._issued[index].add(hook)  # but not `leave`: what native code has done must be told
        unfit = functools.partial(tier.idle, "ZX017")
        containers, iterables, alive = Asking(CONTAINERS, unfit), Asking(ITERABLES, unfit), Alive()
        self._issued[index].update((containers, iterables, alive))
        if index in self._given_up:
            alive.disarm()
        if not tier.limit:
            return Slot(0, hook, leave, containers, iterables, tier.turns, alive)
        limit = Limit(_limit, tier, self.settings)
        self._issued[index].add(limit)
        return Slot(limit, hook, leave, containers, iterables, tier.turns, alive)

    def _constant(self, index: int, given: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
        if given is passed or type(given) is types.BuiltinFunctionType:
            return given  # native code is called straight from the loop
        probe = Probe(given)
        probe.results = len(self.sites[index].results)
        return probe

    def _report(self, site: LoopSite) -> RegionReport:
        if site.refusal is not None:
            return python_report(site, site.refusal.code)
        return self._tiers[site.index].report()

    @property
    def _beside(self) -> frozenset[int]:
        """Which loops stand beside their probed form, so that a probe that is given up costs next to nothing."""
        raise NotImplementedError

    def _rebuild(self, probed: frozenset[int]) -> None:
        raise NotImplementedError

    def _bind(self) -> None:
        raise NotImplementedError
