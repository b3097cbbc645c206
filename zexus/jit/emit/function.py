"""Emission: a typed function becomes an LLVM module."""

from __future__ import annotations

from dataclasses import replace

from zexus.jit.emit.attributes import Attributes
from zexus.jit.emit.calls import Calls
from zexus.jit.emit.cells import Cells
from zexus.jit.emit.control import Control
from zexus.jit.emit.deques import Deques
from zexus.jit.emit.dicts import Dicts
from zexus.jit.emit.heaps import Heaps
from zexus.jit.emit.octets import Octets
from zexus.jit.emit.plains import Plains
from zexus.jit.emit.randoms import Randoms
from zexus.jit.emit.runtime import complete
from zexus.jit.emit.seeking import Seeking
from zexus.jit.emit.texts import Texts
from zexus.jit.emit.tuples import Tuples
from zexus.regvm.ir import Function
from zexus.settings import JIT_DEFAULTS, JitSettings


class Emitter(Control, Attributes, Calls, Cells, Deques, Dicts, Heaps, Octets, Plains, Seeking, Tuples, Randoms,
              Texts):
    """Emits every instruction of a typed function."""


def emit(fn: Function, symbol: str, force: bool = False, entry: Function | None = None,
         settings: JitSettings = JIT_DEFAULTS) -> str:
    """The LLVM assembly of a typed function.

    Args:
        fn: the typed function. Its last two references are the no-op that time slices call, and a bytearray
            of 64-bit counters: n, iterations run, then (with `force`) the passes of each exit's guards. A
            function that calls itself has a third before them: what finishes a frame that was left.
        symbol: the name of the entry.
        force: make each guard fail once, on its n-th pass; n is the first counter.
        entry: for a function that calls itself, the way in from Python.
        settings: how often CPython gets its turn, and how long stretches are.
    """
    if entry is None:
        emitter = Emitter(fn, symbol, force, settings)
        return complete(str(emitter.emit()), emitter.prelude.functions)
    from zexus.jit.emit.recursion import BodyEmitter, EntryEmitter

    body = BodyEmitter(fn, "body", force, replace(settings, nogil=False))  # its ways out are its own
    body.emit()
    way_in = EntryEmitter(entry, symbol, False, body)
    return complete(str(way_in.emit()), way_in.prelude.functions)
