"""The host of a function's regions: it keeps the code objects that Python runs in step with its tiers."""

from __future__ import annotations

import atexit
import contextlib
import copyreg
import functools
import gc
import operator
import os
import re
import sys
import threading
import types
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Protocol, TypeGuard

from zexus.frontend.sites import UNBOUND, LoopSite
from zexus.frontend.slots import CONTAINERS, ITERABLES, Asking, Slot, passed
from zexus.frontend.source import FunctionSource, ModuleSource, module_source
from zexus.frontend.templates import Part, Template, instrument, instrument_module, instrument_nested, substitute
from zexus.jit import stances
from zexus.jit.explain import RegionReport, python_report, register_program
from zexus.jit.tracebacks import fix
from zexus.settings import JitSettings


class Host(Protocol):
    """What a tier needs of its host."""

    def relink(self, site_index: int) -> None:
        """Put the site's present limit and hook into the code objects."""

    def remove(self, site_index: int) -> None:
        """Rebuild the function without this site's probe."""

    def tiers(self) -> Iterable[Tier]:
        """The tiers of all loops of the function."""

    def around(self, site: LoopSite) -> Tier | None:
        """The tier of the loop around one."""

    def holds_loops(self, site: LoopSite) -> bool:
        """Whether there are loops inside one."""


class Tier(Protocol):
    """What a host needs of a loop's tier."""

    limit: int

    @property
    def hook(self) -> Callable[..., tuple[Any, ...]]: ...

    @property
    def leave(self) -> Callable[..., tuple[Any, ...]]: ...

    def idle(self, code: str) -> bool: ...

    def stir(self) -> None: ...

    def report(self) -> RegionReport: ...


MakeTier = Callable[[LoopSite, dict[str, Any], JitSettings, Host], Tier]


def loop_tier(site: LoopSite, namespace: dict[str, Any], settings: JitSettings, host: Host) -> Tier:
    """The tier that compiles loops, or the one that compiles a function that calls itself."""
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

_lock = threading.RLock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)

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
    with _lock:
        filters[:0] = _KNOWN_WARNINGS
        try:
            yield
        finally:
            for known in _KNOWN_WARNINGS:
                filters.remove(known)


_linked: weakref.WeakSet[FunctionHost | ModuleHost] = weakref.WeakSet()


def _take_stance() -> None:
    """Another stance was taken: every function gets the code that fits it."""
    with _lock:
        _exchange(change for host in list(_linked) for change in host.take_stance())


stances.follow(_take_stance)


@atexit.register
def unlink_all() -> None:
    """Let the program's objects die at the interpreter's end as they would without hooks in their functions."""
    with _lock:
        _exchange(change for host in list(_linked) for change in host.unlink())


# Code objects of a function that may be running somewhere, and the one that takes their place.
Change = tuple[Sequence[types.CodeType], types.CodeType]


def _exchange(changes: Iterable[Change]) -> None:
    """Give functions other code, wherever they are; it is looked for them once."""
    instead = {id(old): (old, new) for older, new in changes for old in older if old is not new}
    for thing in gc.get_objects() if instead else ():
        if type(thing) is types.FunctionType and id(thing.__code__) in instead:
            thing.__code__ = instead[id(thing.__code__)][1]


class Limit(functools.partial[int]):
    """A tier's limit as it is when a loop asks for it: a frame that is running keeps its code to its end."""

    __index__ = functools.partial.__call__

    def disarm(self) -> None:
        """Let CPython run all iterations from now on."""
        state: tuple[Any, ...] = (operator.index, (sys.maxsize,), {}, {})
        self.__setstate__(state)  # type: ignore[attr-defined]

    def __reduce__(self) -> tuple[Any, ...]:
        return int, (self(),)


def _limit(tier: Tier, settings: JitSettings) -> int:
    tier.idle("ZX043")
    return 1 if stances.of(settings) == "force_native" else tier.limit


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
        self._issued: dict[int, weakref.WeakSet[Probe | Asking | Limit]] = {
            site.index: weakref.WeakSet() for site in self.sites
        }
        self._tiers = {
            site.index: make_tier(site, namespace, settings, self) for site in self.sites if site.refusal is None
        }

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
        with _lock:
            if site_index in self.probed:
                self._bind()

    def remove(self, site_index: int) -> None:
        """Rebuild the function without this site's probe."""
        with _lock:
            if site_index in self.probed:
                self._rebuild(self.probed - {site_index})
                self._bind()
            for issued in self._issued[site_index]:
                issued.disarm()

    def tiers(self) -> Iterable[Tier]:
        """The tiers of all loops of the function."""
        return self._tiers.values()

    @property
    def inner(self) -> tuple[PartHost, ...]:
        """The hosts of the functions in this one, as far as only this one knows them."""
        return ()

    def reports(self) -> tuple[RegionReport, ...]:
        """What became of each loop, in source order."""
        return tuple(self._report(site) for site in self.sites)

    def around(self, site: LoopSite) -> Tier | None:
        """The tier of the loop around one."""
        return None if site.parent is None else self._tiers.get(site.parent)

    def holds_loops(self, site: LoopSite) -> bool:
        """Whether there are loops inside one."""
        return any(other.parent == site.index for other in self.sites)

    def slots(self) -> dict[int, Slot]:
        """What stands at each probe now."""
        if stances.of(self.settings) == "python_only":
            return {index: Slot(1, go_on(len(self.sites[index].results))) for index in self.probed}
        return {index: self._slot(index) for index in self.probed}

    def _slot(self, index: int) -> Slot:
        tier = self._tiers[index]
        hook, leave = (self._constant(index, given) for given in (tier.hook, tier.leave))
        if isinstance(hook, Probe):
            self._issued[index].add(hook)  # but not `leave`: what native code has done must be told
        tables = [Asking(known, functools.partial(tier.idle, "ZX017")) for known in (CONTAINERS, ITERABLES)]
        self._issued[index].update(tables)
        if not tier.limit:
            return Slot(0, hook, leave, *tables)
        limit = Limit(_limit, tier, self.settings)
        self._issued[index].add(limit)
        return Slot(limit, hook, leave, *tables)

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

    def _rebuild(self, probed: frozenset[int]) -> None:
        raise NotImplementedError

    def _bind(self) -> None:
        raise NotImplementedError


class FunctionHost(LoopHost):
    """Gives the functions that were attached to it the code that fits the state of its tiers.

    Args:
        source: the function's source.
        sites: its loops.
        original: its code object as the user wrote it.
        namespace: the function's globals.
        settings: the tiers' settings.
        make_tier: makes the tier of one site.
    """

    source: FunctionSource

    def __init__(
        self,
        source: FunctionSource,
        sites: Sequence[LoopSite],
        original: types.CodeType,
        namespace: dict[str, Any],
        settings: JitSettings,
        make_tier: MakeTier = loop_tier,
    ) -> None:
        super().__init__(source, sites, namespace, settings, make_tier)
        self.original = original
        self._functions: list[weakref.ref[types.FunctionType]] = []
        self._template: Template | None = None
        self._rebuild(frozenset(self._tiers))
        with quiet():
            parts = instrument_nested(source, self.sites)
        # Their code objects are kept by the one of this function.
        self._inner = Family(parts, settings, make_tier, self._bind, weakref.WeakValueDictionary())
        self._inner.begin(namespace, 1)
        _linked.add(self)

    def attach(self, function: types.FunctionType) -> None:
        """Give `function` the code that fits the tiers, now and whenever they change."""
        with _lock:
            self._functions.append(weakref.ref(function))
            self._bind()

    @property
    def settled(self) -> bool:
        """Whether the functions have code that stays as it is: no loop in there has a probe."""
        return self._template is None and not any(part.probed for part in self.inner)

    def release(self, function: types.FunctionType) -> None:
        """Let `function` alone from now on."""
        with _lock:
            self._functions = [weakref.ref(other) for other in self._alive() if other is not function]

    def take_stance(self) -> Iterable[Change]:
        """Another stance holds. What functions in this one have to be given is answered."""
        changes = list(self._inner.take_stance())
        self._bind()
        return changes

    def runs(self, code: types.CodeType) -> bool:
        """Whether a function of this host runs `code`."""
        return any(function.__code__ is code for function in self._alive())

    @property
    def inner(self) -> tuple[PartHost, ...]:
        """The hosts of the functions in this one."""
        return self._inner.parts

    def unlink(self) -> Iterable[Change]:
        """Give the functions their original code for good. What functions in them have to be given is answered."""
        self.probed, self._template = frozenset(), None
        changes = list(self._inner.unlink())
        self._bind()
        return changes

    def _alive(self) -> list[types.FunctionType]:
        return [function for function in (reference() for reference in self._functions) if function is not None]

    def _rebuild(self, probed: frozenset[int]) -> None:
        if not probed:
            self.probed, self._template = probed, None
            return
        with quiet():
            self._template = instrument(self.source, self.sites, probed)
        self.probed = self._template.probed

    def _bind(self) -> None:
        # Without any probe the function gets its original code back. The code is not kept here: it holds the
        # hooks, these hold their tiers, and the garbage collector does not look into code objects.
        template = None if stances.of(self.settings) == "python_only" else self._template
        code = self.original if template is None else template.code(self.slots(), fix)
        code = self._inner.put_into(code)
        alive = [function for function in self._alive() if _place(function.__code__) == _place(code)]
        self._functions = [weakref.ref(function) for function in alive]  # but those that were given other code
        for function in alive:
            function.__code__ = code


class Family:
    """The functions in a module or in a function, and the code objects of all of these, which hold each other.

    Args:
        parts: what they stand in, then the functions.
        settings: the tiers' settings.
        make_tier: makes the tier of one site.
        rebind_whole: called when the code of what they stand in has to hold other code objects.
        codes: keeps the present code object of each part.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        settings: JitSettings,
        make_tier: MakeTier,
        rebind_whole: Callable[[], None],
        codes: MutableMapping[int, types.CodeType],
    ) -> None:
        self.parts: tuple[PartHost, ...] = ()
        self._parents = [part.parent for part in parts]
        self._inside: list[list[int]] = [[] for _ in parts]
        for part in parts:
            if part.parent is not None:
                self._inside[part.parent].append(part.index)
        self._sources = [(part.source, part.sites) for part in parts]
        self._templates = [part.template for part in parts]
        self._nested = [
            {self._templates[child].raw: child for child in children} for children in self._inside
        ]
        self._settings = settings
        self._make_tier = make_tier
        self._rebind_whole = rebind_whole
        self._codes = codes
        self._issued: list[weakref.ref[types.CodeType]] = []
        self._namespace: dict[str, Any] = {}

    def begin(self, namespace: dict[str, Any], first: int) -> None:
        """Make the hosts of the parts from `first` on, whose globals `namespace` is."""
        self._namespace = namespace
        self.parts = tuple(
            PartHost(self, index, source, sites, namespace, self._settings, self._make_tier)
            for index, (source, sites) in enumerate(self._sources) if index >= first
        )
        for part in self.parts:
            part.probed = self._templates[part.index].probed

    def whole(self) -> types.CodeType:
        """A code object of what the functions stand in, its hooks and theirs in place."""
        for part in reversed(self.parts):
            self._make(part.index, part.slots())
        return self._codes[0]

    def put_into(self, code: types.CodeType) -> types.CodeType:
        """`code`, one of what the functions stand in, with their present code objects for the ones as they were."""
        if not self.parts:
            return code
        made = [self._present(index) for index in self._inside[0]]
        places = {_place(own): own for own in made}
        old = {nested: places[_place(nested)] for nested in _codes_in(code) if _place(nested) in places}
        return substitute(code, old)

    def reports(self) -> tuple[RegionReport, ...]:
        """What became of each loop."""
        return tuple(report for part in self.parts for report in part.reports())

    def runs(self, index: int, code: types.CodeType) -> bool:
        """Whether `code` is the present code of a part."""
        return self._codes.get(index) is code

    def reprobe(self, index: int, probed: frozenset[int]) -> frozenset[int]:
        """Rebuild one part with other probes.

        Returns:
            the probes that it has now.
        """
        source, sites = self._sources[index]
        if not isinstance(source, FunctionSource):
            return probed  # the top level runs once
        with quiet():
            template = instrument(source, sites, probed)
        places = {_place(self._templates[child].raw): child for child in self._inside[index]}
        self._templates[index] = template
        self._nested[index] = {code: places[_place(code)] for code in _codes_in(template.raw) if _place(code) in places}
        return template.probed

    def rebind(self, index: int) -> None:
        """Put the present hooks of one part into its code object and those around it, and these into functions."""
        place: int | None = index
        made = []  # which keeps them until those around hold them
        while place and self.parts:
            made.append(self._make(place, self._slots(place)))
            self._recode(place, made[-1])
            place = self._parents[place]
        if self.parts:
            self._rebind_whole()

    def take_stance(self) -> Iterator[Change]:
        """Another stance holds. What functions have to be given is answered."""
        made = []  # which keeps them until those around hold them
        for part in reversed(self.parts):  # a code object holds those of the functions inside
            if part.index:
                older = self._older(part.index)
                made.append(self._make(part.index, part.slots()))
                yield older, made[-1]

    def unlink(self) -> Iterator[Change]:
        """Take the tiers out of every code object, for good. The functions go on as plain ones, which is answered."""
        made = []
        for part in reversed(self.parts):
            if part.index:
                older = self._older(part.index)
                idle = {site: Slot(1, go_on(len(part.sites[site].results))) for site in part.probed}
                made.append(self._make(part.index, idle))
                yield older, made[-1]
        self.parts, self._issued, self._namespace = (), [], {}
        self._codes.clear()

    def _slots(self, index: int) -> dict[int, Slot]:
        return self.parts[index - self.parts[0].index].slots()

    def _present(self, index: int) -> types.CodeType:
        known = self._codes.get(index)
        return self._make(index, self._slots(index)) if known is None else known

    def _make(self, index: int, slots: Mapping[int, Slot]) -> types.CodeType:
        nested = {code: self._present(child) for code, child in self._nested[index].items()}
        code = self._codes[index] = self._templates[index].code(slots, fix, nested)
        self._issued.append(weakref.ref(code))
        return code

    def _older(self, index: int) -> list[types.CodeType]:
        """The code objects of a part that are alive."""
        alive = [old for old in (reference() for reference in self._issued) if old is not None]
        self._issued = [weakref.ref(old) for old in alive]
        place = _place(self._templates[index].raw)
        return [old for old in alive if _place(old) == place]

    def _recode(self, index: int, code: types.CodeType) -> None:
        """Give `code` to the functions that run an older version of it.

        A function that nobody finds goes on with older hooks, as a frame does that is running.
        """
        older = [old for old in self._older(index) if old is not code]
        qualname = self._sources[index][0].scope.qualname
        found = [function for function in _named(self._namespace, qualname) if _has_code(function, older)]
        if not found and older:
            found = [thing for thing in gc.get_referrers(*older) if _has_code(thing, older)]
        for function in found:
            function.__code__ = code


class ModuleHost:
    """A rewritten module: the hosts of its top level and of its functions.

    Args:
        source: the module, or its text.
        filename: its file.
        settings: the tiers' settings.
        make_tier: makes the tier of one site.

    Raises:
        SyntaxError: as the compiler would.
    """

    def __init__(
        self, source: str | ModuleSource, filename: str, settings: JitSettings, make_tier: MakeTier = loop_tier
    ) -> None:
        with quiet():
            module = instrument_module(module_source(source, filename) if isinstance(source, str) else source)
        self._codes: dict[int, types.CodeType] = {}
        # The top level runs once, and its frame cannot be given other code.
        self._family = Family(module.parts, settings, make_tier, lambda: None, self._codes)

    def link(self, namespace: dict[str, Any]) -> types.CodeType:
        """The module's code object, its hooks in place.

        Args:
            namespace: the dictionary in which it is going to run.
        """
        with _lock:
            self._family.begin(namespace, 0)
            self._family.whole()
            _linked.add(self)
        for part in self._family.parts:
            register_program(part)
        return self._codes.pop(0)

    def reports(self) -> tuple[RegionReport, ...]:
        """What became of each loop of the module."""
        return self._family.reports()

    def take_stance(self) -> Iterable[Change]:
        """Another stance holds. What functions have to be given is answered."""
        return self._family.take_stance()

    def unlink(self) -> Iterable[Change]:
        """Take the tiers out of every code object, for good. The module's functions go on as plain ones."""
        return self._family.unlink()


def _place(code: types.CodeType) -> tuple[str, int]:
    """What tells the functions of a module apart."""
    return code.co_qualname, code.co_firstlineno


def _codes_in(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes_in(constant)


def _has_code(thing: object, codes: Sequence[types.CodeType]) -> TypeGuard[types.FunctionType]:
    return type(thing) is types.FunctionType and any(thing.__code__ is code for code in codes)


def _named(namespace: Mapping[str, Any], qualname: str) -> Iterator[object]:
    """The functions to which a qualified name leads, through classes, descriptors and decorators."""
    *owners, name = qualname.split(".")
    for owner in owners:
        found = namespace.get(owner)
        if not isinstance(found, type):
            return
        namespace = found.__dict__
    waiting = [namespace.get(name)]
    seen: list[object] = []
    while waiting:
        thing = waiting.pop()
        if thing is None or any(thing is other for other in seen):
            continue
        seen.append(thing)
        yield thing
        if isinstance(thing, property):
            waiting += [thing.fget, thing.fset, thing.fdel]
        elif isinstance(thing, functools.cached_property):
            waiting.append(thing.func)
        elif isinstance(thing, (staticmethod, classmethod, types.FunctionType, functools._lru_cache_wrapper)):
            waiting.append(thing.__dict__.get("__wrapped__"))


class PartHost(LoopHost):
    """One function in a rewritten module or function, or the module's top level."""

    def __init__(
        self,
        family: Family,
        index: int,
        source: FunctionSource | ModuleSource,
        sites: Sequence[LoopSite],
        namespace: dict[str, Any],
        settings: JitSettings,
        make_tier: MakeTier,
    ) -> None:
        super().__init__(source, sites, namespace, settings, make_tier)
        self._family = family
        self.index = index

    def runs(self, code: types.CodeType) -> bool:
        """Whether `code` is the present code of this function."""
        return self._family.runs(self.index, code)

    @property
    def original(self) -> types.CodeType:
        """The function's code object as the user wrote it."""
        source = self.function_source
        with quiet():
            return source.compile(source.node)

    @property
    def function_source(self) -> FunctionSource:
        """The source of the function; the top level of a module is none."""
        assert isinstance(self.source, FunctionSource)
        return self.source

    def _rebuild(self, probed: frozenset[int]) -> None:
        self.probed = self._family.reprobe(self.index, probed)

    def _bind(self) -> None:
        self._family.rebind(self.index)
