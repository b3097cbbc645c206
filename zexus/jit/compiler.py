"""Compilations: typed functions in, builtin functions out; at once, or beside the program within a budget."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zexus.jit import cache
from zexus.regvm import pipeline, text
from zexus.settings import JitSettings

if TYPE_CHECKING:
    from zexus.jit.specialize import Unit

# Importing, generating and mapping code are not to be caught half done by a fork in another thread.
_lock = threading.RLock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


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
        CompileFailed: LLVM refused the module.
    """

    def __init__(self, unit: Unit, name: str, settings: JitSettings, results: int,
                 force: bool = False) -> None:
        started = time.perf_counter()
        self._unit, self._name, self._settings, self._results = unit, name, settings, results
        if not force:  # in a stretch there is nothing to make fail
            for fn in unit.functions():
                pipeline.stretch(fn, settings=settings)
        printed = "".join(map(text.print_function, unit.functions()))
        self._key = cache.key(f"{printed}{_beside(settings)}{' forced' if force else ''}")
        self._code = cache.load(self._key) if settings.cache else None
        self._cached = self._code is not None
        self._assembly = ""
        self._ticket = 0
        if self._code is None:
            self._start(force)
        self._seconds = time.perf_counter() - started

    def poll(self) -> Compiled | None:
        """What came of it, or None as long as nothing has.

        Raises:
            CompileFailed: the compiler found an error, or ran out of its budget.
        """
        if self._code is None:
            self._receive(False)
        return None if self._code is None else self._finished(self._code)

    def wait(self) -> Compiled:
        """As `poll`, when it is done."""
        if self._code is None:
            self._receive(True)
        assert self._code is not None
        return self._finished(self._code)

    def _start(self, force: bool) -> None:
        fn = self._unit.fn
        size = sum(len(block.instrs) for block in fn.blocks)
        size += sum(len(way.leaves) for way in fn.exits) // _LEAVES_PER_INSTRUCTION
        beside = self._settings.background or size > self._settings.big_unit
        if beside:
            from zexus.jit import service

            service.service().prepare()
        with _lock:
            from zexus.jit.emit import function

            self._assembly = function.emit(fn, symbol(self._key), force, self._unit.entry, self._settings)
        if beside:
            self._ticket = service.service().submit(self._assembly, self._settings)
        else:
            self._compile_here()

    def _compile_here(self) -> None:
        with _lock:
            from zexus.jit.emit import library

            try:
                settings = self._settings
                self._keep(library.compile_object(self._assembly, level=settings.llvm_level,
                                                  vectorize=settings.vectorize))
            except RuntimeError as error:
                raise CompileFailed(f"LLVM: {error}") from error

    def _receive(self, patient: bool) -> None:
        from zexus.jit import service

        worker = service.service()
        try:
            found = worker.wait(self._ticket) if patient else worker.fetch(self._ticket)
        except service.Failed as failure:
            raise CompileFailed(str(failure)) from None
        except service.Broken:
            started = time.perf_counter()
            self._compile_here()
            self._seconds += time.perf_counter() - started
            return
        if found is not None:
            self._keep(found[0])
            self._seconds += found[1]

    def _keep(self, code: bytes) -> None:
        self._code = code
        if self._settings.cache:
            cache.store(self._key, code)

    def _finished(self, code: bytes) -> Compiled:
        started = time.perf_counter()
        with _lock:
            from zexus.jit import loader

            call = loader.load(code, symbol(self._key), self._name, self._unit.objects, self._results)
        return Compiled(call, self._seconds + time.perf_counter() - started, self._cached)


def _beside(settings: JitSettings) -> str:
    """What the object code depends on beside the typed function."""
    return (f"{settings.slice_iterations} {settings.kept_objects} {settings.stretch_length} {settings.llvm_level} "
            f"{settings.vectorize}")


def symbol(key: str) -> str:
    """The name of an entry in object code."""
    return "zexus_" + key[:24]
