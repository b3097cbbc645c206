"""Who calls: calls of Python functions that are timed are noted with the functions that they came from."""

from __future__ import annotations

import sys
from time import perf_counter_ns

from zexus.records import dataclass
from zexus.vm.profiling.timing import Watch

_FRAMES = 100  # that are looked at: a chain that is longer begins in its midst
_CHAINS = 4096  # of a function that are told apart
_SHARE = 120_000  # ns of calls between two that are timed: looking at frames takes longer than reading the clock

Chain = tuple[tuple[str, str], ...]


@dataclass
class Calls:
    """Calls that came the same way: how many were timed, and about how long they and those they stand for took, ns."""

    timed: int = 0
    time_ns: int = 0


class CallWatch(Watch):
    """Times some of the calls of a function in Python.

    Attributes:
        chains: by file and qualified name of the functions around, the innermost first, the function itself left out.
            A call from inside another call of the function is none of them: its time is part of that one's.
    """

    share = _SHARE

    def __init__(self) -> None:
        super().__init__()
        self.chains: dict[Chain, Calls] = {}

    def end(self, begun: int) -> None:
        """What is timed ends; called by the function itself."""
        whole = self.note(begun, perf_counter_ns() - begun)
        chain = _chain()
        if chain is None:
            return
        self.whole += whole
        if chain not in self.chains and len(self.chains) >= _CHAINS:
            return
        known = self.chains.setdefault(chain, Calls())
        known.timed += 1
        known.time_ns += whole

    def clear(self) -> None:
        """Begin anew."""
        super().clear()
        self.chains.clear()


def _chain() -> Chain | None:
    """The functions around the one that is being timed; None where that is among them."""
    own = sys._getframe(2)
    name, file = own.f_code.co_qualname, own.f_code.co_filename
    found = []
    frame = own.f_back
    for _ in range(_FRAMES):
        if frame is None:
            break
        code = frame.f_code
        if code.co_qualname == name and code.co_filename == file:
            return None
        found.append((code.co_filename, code.co_qualname))
        frame = frame.f_back
    return tuple(found)
