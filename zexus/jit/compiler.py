"""Compilations: typed functions in, builtin functions out; at once, or beside the program within a budget."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from zexus.codes import internal
from zexus.jit import cache
from zexus.jit.emission import Source, Unemitted, Written
from zexus.jit.forking import compiling
from zexus.jit.tracebacks import is_ours
from zexus.records import dataclass
from zexus.regvm import pipeline, text
from zexus.settings import JitSettings

if TYPE_CHECKING:
    from zexus.jit.specialize import Unit

# Parts of the runtime that are being made.
_shared: weakref.WeakValueDictionary[str, _Piece] = weakref.WeakValueDictionary()

# What exits hand over costs LLVM time too: so many values as much as an instruction.
_LEAVES_PER_INSTRUCTION = 16


@dataclass(frozen=True)
class Compiled:
    """A compiled unit: what to call, and what it cost."""

    call: Callable[..., tuple[Any, ...]]
    seconds: float
    cached: bool


class CompileFailed(Exception):
    """The compiler gave up; the message says why."""


class Job:
    """The compilation of one unit.

    Args:
        unit: what is compiled.
        name: what the builtin function is called.
        settings: the user's settings.
        results: how many results its loop has.
        force: make guards fail, for tests.

    Raises:
        CompileFailed: LLVM refused the module, or emission has a defect that no test has found.
    """

    def __init__(self, unit: Unit, name: str, settings: JitSettings, results: int,
                 force: bool = False) -> None:
        started = perf_counter()
        self._unit, self._name, self._results = unit, name, results
        if not force:  # in a stretch there is nothing to make fail
            for fn in unit.functions():
                pipeline.stretch(fn, settings=settings)
        printed = [text.print_function(fn) for fn in unit.functions()]
        self._settings = settings
        self._key = cache.key(f"{''.join(printed)}{_beside(settings)}{' forced' if force else ''}")
        self._own = _Piece(self._key, settings)
        self._cached = self._own.code is not None
        self._beside = settings.background or _size(unit) > settings.big_unit
        if not self._cached:
            entry = printed[1] if unit.entry is not None else ""
            source: Source = Unemitted(printed[0], entry, symbol(self._key), force, settings)
            if pipeline.CHECK:
                source = Written(source.assembly())  # a defect is to be seen here
            self._own.start(source, self._beside)
        self._parts: dict[str, _Piece] = {}
        self._ask_for("base", *(["mirrors"] if unit.mirrored else []))
        self._seconds = perf_counter() - started

    def _ask_for(self, *parts: str) -> None:
        """Get shared functions that are not there yet."""
        from zexus.jit import loader
        from zexus.jit.emit import runtime

        for part in parts:
            if loader.has(part) or part in self._parts:
                continue
            assembly = runtime.part_assembly(part)
            key = cache.key(f"{assembly}{_llvm(self._settings)}")
            with compiling:
                piece = _shared.get(key)
                if piece is None:
                    piece = _shared[key] = _Piece(key, self._settings)
                    if piece.code is None:
                        piece.start(Written(assembly), self._beside)
            self._parts[part] = piece

    def poll(self) -> Compiled | None:
        """What came of it, or None as long as nothing has.

        Raises:
            CompileFailed: the compiler found an error, or ran out of its budget.
        """
        return self._finished() if self._receive(False) else None

    def wait(self) -> Compiled:
        """As `poll`, when it is done."""
        self._receive(True)
        return self._finished()

    def _receive(self, patient: bool) -> bool:
        """Whether all pieces are there."""
        if self._own.code is None:
            self._seconds += self._own.receive(patient)
        if self._own.code is not None:
            from zexus.jit.emit import runtime

            self._ask_for(*runtime.parts(self._own.code))
        for piece in self._parts.values():
            if piece.code is None:
                self._seconds += piece.receive(patient)
        return all(piece.code is not None for piece in (self._own, *self._parts.values()))

    def _finished(self) -> Compiled:
        started = perf_counter()
        with compiling:
            from zexus.jit import loader

            for part, piece in self._parts.items():
                assert piece.code is not None
                loader.load_part(part, piece.code)
            assert self._own.code is not None
            call = loader.load(self._own.code, symbol(self._key), self._name, self._unit.objects, self._results)
        return Compiled(call, self._seconds + perf_counter() - started, self._cached)


def _size(unit: Unit) -> int:
    """How much there is to compile, in instructions."""
    fn = unit.fn
    leaves = sum(len(way.leaves) for way in fn.exits)
    return sum(len(block.instrs) for block in fn.blocks) + leaves // _LEAVES_PER_INSTRUCTION


class _Piece:
    """One object file, which several jobs may need: from the cache, from the worker, or made here.

    Args:
        key: its key in the cache.
        settings: the user's settings.

    Attributes:
        code: the object file, once it is there.
    """

    def __init__(self, key: str, settings: JitSettings) -> None:
        self.code = cache.load(key) if settings.cache else None
        self._source: Source = Written("")
        self._key, self._settings = key, settings
        self._ticket = 0
        self._failure = ""

    def start(self, source: Source, beside: bool) -> None:
        """Compile at once, or let the worker do it.

        Raises:
            CompileFailed: LLVM refused the module, or emission has a defect that no test has found.
        """
        self._source = source
        if not beside:
            self._compile_here()
            return
        from zexus.jit import service

        file = str(cache.path(self._key)) if self._settings.cache else ""
        self._ticket = service.service().submit(source, self._settings, file)

    def receive(self, patient: bool) -> float:
        """Take what the worker has made, if it has; the seconds that it took.

        Raises:
            CompileFailed: LLVM refused the module, or the time was up.
        """
        from zexus.jit import service

        while True:
            with compiling:
                seconds = self._received()
            if self.code is not None or not patient:
                return seconds
            service.service().rest()

    def _received(self) -> float:
        from zexus.jit import service

        if self._failure:
            raise CompileFailed(self._failure)
        if self.code is not None:
            return 0.0
        try:
            found = service.service().fetch(self._ticket)
        except service.Failed as failure:
            self._failure = str(failure)
            raise CompileFailed(self._failure) from None
        except service.Broken:
            started = perf_counter()
            self._compile_here()
            return perf_counter() - started
        if found is None:
            return 0.0
        self._keep(found[0])
        return found[1]

    def _compile_here(self) -> None:
        with compiling:
            from zexus.jit.emit import library

            try:
                settings = self._settings
                self._keep(library.compile_object(self._source.assembly(), level=settings.llvm_level,
                                                  vectorize=settings.vectorize))
            except Exception as defect:
                if not is_ours(defect):
                    raise
                if isinstance(defect, RuntimeError):
                    raise CompileFailed(f"LLVM: {defect}") from defect
                raise CompileFailed(str(internal(defect))) from None

    def _keep(self, code: bytes) -> None:
        self.code = code
        if self._settings.cache:
            cache.store(cache.path(self._key), code)


def _beside(settings: JitSettings) -> str:
    """What the object code depends on beside the typed function."""
    return f"{settings.slice_iterations} {settings.stretch_length} {settings.nogil} {_llvm(settings)}"


def _llvm(settings: JitSettings) -> str:
    return f"{settings.llvm_level} {settings.vectorize}"


def symbol(key: str) -> str:
    """The name of an entry in object code."""
    return "zexus_" + key[:24]
