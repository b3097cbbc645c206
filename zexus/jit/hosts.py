"""What keeps the code objects that Python runs in step with tiers: of compiled functions, and of rewritten modules."""

from __future__ import annotations

import atexit
import gc
import types
import weakref
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from zexus.frontend import unseen
from zexus.frontend.sites import LoopSite
from zexus.frontend.source import FunctionSource, ModuleSource, module_source
from zexus.frontend.templates import Template, instrument, instrument_module, instrument_nested
from zexus.jit import stances, verdicts
from zexus.jit.explain import RegionReport, register_program
from zexus.jit.family import Change, Family, PartHost, place_of
from zexus.jit.host import LoopHost, MakeTier, lock, loop_tier, quiet, tracer
from zexus.jit.tracebacks import fix
from zexus.regvm.clock import CLOCK
from zexus.settings import JitSettings

_linked: weakref.WeakSet[FunctionHost | ModuleHost] = weakref.WeakSet()


def _take_stance() -> None:
    """Another stance was taken: every function gets the code that fits it."""
    with lock:
        _exchange(change for host in list(_linked) for change in host.take_stance())


stances.follow(_take_stance)


@atexit.register
def unlink_all() -> None:
    """Let the program's objects die at the interpreter's end as they would without hooks in their functions."""
    with lock:
        _exchange(change for host in list(_linked) for change in host.unlink())


def _exchange(changes: Iterable[Change]) -> None:
    """Give functions other code, wherever they are; it is looked for them once."""
    instead = {id(old): (old, new) for older, new in changes for old in older if old is not new}
    for thing in gc.get_objects() if instead else ():
        if type(thing) is types.FunctionType and id(thing.__code__) in instead:
            thing.__code__ = instead[id(thing.__code__)][1]


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
            parts = instrument_nested(source, self.sites, partial(verdicts.sites_of, settings=settings))
        # Their code objects are kept by the one of this function.
        self._inner = Family(parts, settings, make_tier, self._bind, weakref.WeakValueDictionary())
        self._inner.begin(namespace, 1)
        _linked.add(self)

    def attach(self, function: types.FunctionType) -> None:
        """Give `function` the code that fits the tiers, now and whenever they change."""
        with lock:
            self._functions.append(weakref.ref(function))
            self._bind()

    @property
    def settled(self) -> bool:
        """Whether the functions have code that stays as it is: no loop in there has a probe."""
        return self._template is None and not any(part.probed for part in self.inner)

    def release(self, function: types.FunctionType) -> None:
        """Let `function` alone from now on."""
        with lock:
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

    @property
    def _beside(self) -> frozenset[int]:
        return frozenset() if self._template is None else self._template.beside

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
        alive = [function for function in self._alive() if place_of(function.__code__) == place_of(code)]
        self._functions = [weakref.ref(function) for function in alive]  # but those that were given other code
        for function in alive:
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
            whole = module_source(source, filename) if isinstance(source, str) else source
            called = verdicts.called(filename, settings)
            left_out = {} if called is None else unseen.left_out(whole, called, partial(self._meet, settings))
            module = instrument_module(whole, None, partial(verdicts.sites_of, settings=settings), left_out)
        # The top level runs once, and its frame cannot be given other code.
        self._family = Family(module.parts, settings, make_tier, lambda: None, {})

    def link(self, namespace: dict[str, Any]) -> types.CodeType:
        """The module's code object, its hooks in place.

        Args:
            namespace: the dictionary in which it is going to run.
        """
        with lock:
            self._family.begin(namespace, 0)
            code = self._family.whole()
            _linked.add(self)
        for part in self._family.parts:
            register_program(part)
        return code

    def _meet(self, settings: JitSettings, source: FunctionSource) -> None:
        """A function is called that no earlier run has called: its later calls find probes, if it has a name."""
        with CLOCK.working():
            verdicts.meet(source.scope, settings)
            if tracer() is not None:
                return
            sites = verdicts.sites_of(source.scope, settings)
            for function in self._family.called(source.scope.qualname) if sites else ():
                if unseen.source_of(function.__code__) is source:
                    host = FunctionHost(source, sites, function.__code__, function.__globals__, settings)
                    host.attach(function)
                    register_program(host)

    def reports(self) -> tuple[RegionReport, ...]:
        """What became of each loop of the module."""
        return self._family.reports()

    def take_stance(self) -> Iterable[Change]:
        """Another stance holds. What functions have to be given is answered."""
        return self._family.take_stance()

    def unlink(self) -> Iterable[Change]:
        """Take the tiers out of every code object, for good. The module's functions go on as plain ones."""
        return self._family.unlink()
