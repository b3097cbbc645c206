"""The profiler of Python functions: code that counts itself takes the place of theirs, and is adaptive as theirs is."""

from __future__ import annotations

import fnmatch
import gc
import sys
import time
import types
import weakref
from collections.abc import Iterable
from dataclasses import field
from importlib.util import decode_source
from typing import TYPE_CHECKING, Any

from zexus.codes import Unsupported
from zexus.frontend.counted import compiled_module, counted_function, counted_module
from zexus.frontend.counting import Timing
from zexus.frontend.loops import loop_sites
from zexus.frontend.source import FunctionSource, find, module_source
from zexus.frontend.tallies import Tally
from zexus.jit.callers import CallWatch
from zexus.jit.explain import Reporter, exchange, program_reporters, reporter_of
from zexus.jit.family import PartHost
from zexus.jit.host import quiet, tracer
from zexus.jit.hosts import FunctionHost, ModuleHost
from zexus.jit.stages import version_of
from zexus.records import dataclass
from zexus.settings import JitSettings, disabled
from zexus.vm.profiler import ProfilingLevel
from zexus.vm.profiling.timing import Watch

if TYPE_CHECKING:
    from zexus.frontend.sites import LoopSite
    from zexus.jit.version import Version


@dataclass(frozen=True)
class Uncounted:
    """A function that could not be counted, and why."""

    filename: str
    qualname: str
    line: int
    refusal: Unsupported


@dataclass(frozen=True)
class Plain:
    """A module whose loops do not adapt."""

    code: types.CodeType

    def link(self, namespace: dict[str, Any]) -> types.CodeType:
        """The module's code object, for whatever namespace."""
        return self.code


@dataclass
class _Code:
    """Counting code: what it counts, and who keeps it in step with the tiers, where it is adaptive."""

    code: types.CodeType
    tallies: list[Tally]
    host: FunctionHost | None


@dataclass
class _Exchanged:
    """A function that counts itself now.

    Attributes:
        function: it.
        code: its code before.
        former: who knew about it before.
        now: its counting code.
    """

    function: weakref.ref[types.FunctionType]
    code: types.CodeType
    former: Reporter | str | None
    now: _Code


@dataclass
class PythonProfiler:
    """Counts what Python functions do.

    Attributes:
        level: what is noted.
        settings: of the tiers, for functions that have none of their own.
        tallies: what was counted, of all functions.
        reporters: who knows what became of their loops.
        uncounted: the functions that could not be counted.
        seconds: of wall time, how long it has been on.
    """

    level: ProfilingLevel
    settings: JitSettings
    tallies: list[Tally] = field(default_factory=list)
    reporters: list[Reporter] = field(default_factory=list)
    uncounted: list[Uncounted] = field(default_factory=list)
    _codes: dict[int, _Code] = field(default_factory=dict)
    _originals: list[types.CodeType] = field(default_factory=list)
    _exchanged: list[_Exchanged] = field(default_factory=list)
    _seconds: float = 0.0
    _started: float | None = None

    @property
    def seconds(self) -> float:
        return self._seconds + (0.0 if self._started is None else time.perf_counter() - self._started)

    @property
    def native_ns(self) -> dict[tuple[str, int], int]:
        """The time spent in the hooks of loops, in native code and what it calls, by file and line of the loop."""
        found: dict[tuple[str, int], int] = {}
        for reporter in self.reporters:
            for site in getattr(reporter, "sites", ()):
                if site.spent is not None and site.spent.n > 0:
                    key = reporter.filename, site.first_line
                    found[key] = found.get(key, 0) + site.spent.n
        return found

    @property
    def versions(self) -> dict[tuple[str, int], Version]:
        """The native code in service, by file and line of its loop; of several, what ran most iterations."""
        found: dict[tuple[str, int], tuple[int, Version]] = {}
        for reporter in self.reporters:
            known: Any = reporter
            tiers = {tier.site.index: tier for tier in known.tiers()}
            for site, report in zip(known.sites, known.reports(), strict=True):
                version = version_of(tiers.get(site.index))
                if version is not None:
                    row = report.native_iterations, version
                    found[report.filename, site.first_line] = max(
                        row, found.get((report.filename, site.first_line), row), key=lambda one: one[0])
        return {place: version for place, (_, version) in found.items()}

    @property
    def sites(self) -> dict[tuple[str, int], LoopSite]:
        """The loops of adaptive code, by file and line."""
        return {(reporter.filename, site.first_line): site
                for reporter in self.reporters for site in getattr(reporter, "sites", ())}

    def start(self, functions: Iterable[types.FunctionType] = ()) -> None:
        """Begin: functions count themselves from now on, where they can be counted."""
        if self._started is None:
            self._started = time.perf_counter()
        if self.level == ProfilingLevel.NONE:
            return
        for function in functions:
            self._exchange(function)

    def stop(self) -> None:
        """End: all functions are themselves again. What they have counted stays."""
        self._seconds, self._started = self.seconds, None
        for one in reversed(self._exchanged):
            function = one.function()
            if function is None:
                continue
            if one.now.host is not None:
                one.now.host.release(function)
            function.__code__ = one.code
            exchange(function, one.former)
            if isinstance(one.former, FunctionHost):
                one.former.attach(function)
        self._exchanged.clear()

    def module(self, source: bytes, filename: str) -> ModuleHost | Plain | None:
        """A whole module that counts itself, its loops adaptive where these are to adapt; None where it cannot."""
        try:
            with quiet():
                counting, tallies = counted_module(module_source(decode_source(source), filename), self._timing())
                plain = Plain(compiled_module(counting)) if _is_plain(self.settings) else None
            made = plain or ModuleHost(counting, filename, self.settings)
        except (Unsupported, SyntaxError, ValueError, RecursionError) as error:
            # Its own mistakes are shown by who compiles it as it is.
            refusal = Unsupported("ZX019", detail=f"with counters it does not compile ({error})", line=1)
            self.uncounted.append(Uncounted(filename, "<module>", 1, refusal))
            return None
        self.tallies += tallies
        return made

    def end_program(self) -> None:
        """The program whose modules were counted has ended."""
        self.stop()
        self.reporters += program_reporters()

    def _exchange(self, function: types.FunctionType) -> None:
        former = reporter_of(function)
        if former is None and not _is_written(function.__code__):
            return
        try:
            now = self._counting(function, former)
        except Unsupported as refusal:
            code = function.__code__
            self.uncounted.append(Uncounted(code.co_filename, code.co_qualname, code.co_firstlineno, refusal))
            return
        self._exchanged.append(_Exchanged(weakref.ref(function), function.__code__, former, now))
        if isinstance(former, FunctionHost):
            former.release(function)
        if now.host is None:
            function.__code__ = now.code
            return
        now.host.attach(function)
        exchange(function, now.host)

    def _counting(self, function: types.FunctionType, former: Reporter | str | None) -> _Code:
        """The counting code of a function; functions with the same code share it."""
        source, original = _source(function, former)
        if source.scope.counted:
            raise Unsupported("ZX005", source.node, "its program is being profiled")
        known = self._codes.get(id(original))
        if known is not None:
            return known
        settings = former.settings if isinstance(former, (FunctionHost, PartHost)) else self.settings
        with quiet():
            try:
                counting, tallies = counted_function(source, self._timing())
                code = counting.compile(counting.node)
            except (SyntaxError, RecursionError) as error:
                raise Unsupported("ZX019", source.node, f"with counters it does not compile ({error})") from None
        host: FunctionHost | None = None
        if not _is_plain(settings):
            sites = loop_sites(counting.scope)
            host = FunctionHost(counting, sites, code, function.__globals__, settings)
            self.reporters += [host, *host.inner]
        made = self._codes[id(original)] = _Code(code, tallies, host)
        self._originals.append(original)  # which keeps its id
        self.tallies += tallies
        return made

    def _timing(self) -> Timing | None:
        if self.level < ProfilingLevel.DETAILED:
            return None
        full = self.level >= ProfilingLevel.FULL
        return Timing(Watch, CallWatch if full else Watch, full)


def _is_plain(settings: JitSettings) -> bool:
    """Whether loops are not to adapt."""
    return disabled() or not settings.enabled or tracer() is not None


def _source(function: types.FunctionType, former: Reporter | str | None) -> tuple[FunctionSource, types.CodeType]:
    """The source of a function as its author wrote it, and its code."""
    if isinstance(former, FunctionHost):
        return former.source, former.original
    if isinstance(former, PartHost):
        return former.function_source, former.original
    with quiet():
        return find(function), function.__code__


def functions_of(*spaces: dict[str, Any]) -> list[types.FunctionType]:
    """All functions that see one of these dictionaries as their globals, in the order of their text."""
    wanted = set(map(id, spaces))
    found = {id(thing): thing for thing in gc.get_objects()
             if type(thing) is types.FunctionType and id(thing.__globals__) in wanted
             and (_is_written(thing.__code__) or reporter_of(thing) is not None)}
    return sorted(found.values(), key=lambda one: (one.__code__.co_filename, one.__code__.co_firstlineno))


def _is_written(code: types.CodeType) -> bool:
    """Whether a function was written by the program's author, and has statements."""
    # `dataclasses` writes methods: text that nobody can look up.
    made = code.co_filename == "<string>" and code.co_qualname.startswith("__create_fn__.")
    return not made and not code.co_name.startswith("<") and not any(n.startswith(".") for n in code.co_varnames)


def modules_like(patterns: Iterable[str]) -> list[dict[str, Any]]:
    """The dictionaries of the modules that have been imported under such names."""
    wanted = list(patterns)
    return [vars(module) for name, module in list(sys.modules.items())
            if isinstance(module, types.ModuleType) and any(fnmatch.fnmatchcase(name, one) for one in wanted)]
