"""The functions in a module or in a function: their hosts, and their code objects, which hold each other."""

from __future__ import annotations

import functools
import gc
import types
import weakref
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, TypeGuard

from zexus.frontend.sites import LoopSite
from zexus.frontend.slots import GONE, Slot
from zexus.frontend.source import FunctionSource, ModuleSource
from zexus.frontend.templates import Part, instrument, substitute
from zexus.jit.codes import Codes
from zexus.jit.explain import RegionReport
from zexus.jit.host import LoopHost, MakeTier, go_on, quiet
from zexus.jit.tracebacks import fix
from zexus.settings import JitSettings

# Code objects of a function that may be running somewhere, and the one that takes their place.
Change = tuple[Sequence[types.CodeType], types.CodeType]


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
        self.issued = [Codes() for _ in parts]
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
        """The code object of what the functions stand in, hooks in place; it runs once, and is not kept."""
        for part in reversed(self.parts):
            self._make(part.index, part.slots())
        return self._codes.pop(0)

    def put_into(self, code: types.CodeType) -> types.CodeType:
        """`code`, one of what the functions stand in, with their present code objects for the ones as they were."""
        if not self.parts:
            return code
        made = [self._present(index) for index in self._inside[0]]
        places = {place_of(own): own for own in made}
        old = {nested: places[place_of(nested)] for nested in _codes_in(code) if place_of(nested) in places}
        return substitute(code, old)

    def called(self, qualname: str) -> Iterator[types.FunctionType]:
        """The functions to which a qualified name leads."""
        return (thing for thing in _named(self._namespace, qualname) if type(thing) is types.FunctionType)

    def reports(self) -> tuple[RegionReport, ...]:
        """What became of each loop."""
        return tuple(report for part in self.parts for report in part.reports())

    def runs(self, index: int, code: types.CodeType) -> bool:
        """Whether `code` is the present code of a part."""
        return self._codes.get(index) is code

    def beside(self, index: int) -> frozenset[int]:
        """The loops of a part that stand beside their probed form."""
        return self._templates[index].beside

    def reprobe(self, index: int, sites: Sequence[LoopSite], probed: frozenset[int]) -> frozenset[int]:
        """Rebuild one part, which has these sites by now, with other probes.

        Returns:
            the probes that it has now.
        """
        source, _ = self._sources[index]
        if not isinstance(source, FunctionSource):
            return probed  # the top level runs once
        with quiet():
            template = instrument(source, sites, probed)
        places = {place_of(self._templates[child].raw): child for child in self._inside[index]}
        self._templates[index] = template
        inside = list(_codes_in(template.raw))
        self._nested[index] = {code: places[place_of(code)] for code in inside if place_of(code) in places}
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
                idle = {site: Slot(1, go_on(len(part.sites[site].results)), alive=GONE) for site in part.probed}
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
        self.issued[index].add(code)
        return code

    def _older(self, index: int) -> list[types.CodeType]:
        """The code objects of a part that are alive."""
        alive = [old for old in (reference() for reference in self._issued) if old is not None]
        self._issued = [weakref.ref(old) for old in alive]
        place = place_of(self._templates[index].raw)
        return [old for old in alive if place_of(old) == place]

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
    def issued(self) -> Codes:
        """The code objects that the function has had."""
        return self._family.issued[self.index]

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

    @property
    def _beside(self) -> frozenset[int]:
        return self._family.beside(self.index)

    def _rebuild(self, probed: frozenset[int]) -> None:
        self.probed = self._family.reprobe(self.index, self.sites, probed)

    def _bind(self) -> None:
        self._family.rebind(self.index)


def place_of(code: types.CodeType) -> tuple[str, int]:
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
