"""The loop counters: what probes, register machine and native code write and the tracing tier reads.

The tier needs no more of the profiler than this, and imports no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zexus.records import dataclass

if TYPE_CHECKING:
    from zexus.vm.profiling.stats import Times


@dataclass
class HotLoop:
    """The counters of one loop.

    Attributes:
        filename, function, first_line: where it is.
        nesting: how many loops are around it.
        entries: how often it was entered while it was watched.
        iterations: iterations run by CPython while it was watched, or by the register machine.
        native_iterations: back edges taken in native code, inner loops included.
        tier: where it runs now: "python", "vm" or "native"; of a bytecode program, what ran most of it: "stack",
            "register", "generated" or "native".
        times: of a bytecode program, how long runs of the loop took, where they were timed.
        work: of a bytecode program, about how many instructions were executed in it, without the loops inside it, but
            with what it calls.
        own_ns: about how long that took, where that is known.
    """

    filename: str
    function: str
    first_line: int
    nesting: int = 0
    entries: int = 0
    iterations: int = 0
    native_iterations: int = 0
    tier: str = "python"
    times: Times | None = None
    work: int = 0
    own_ns: int | None = None

    def is_hot(self, threshold: int) -> bool:
        """Whether the loop has earned compilation."""
        return self.iterations >= threshold


_loops: list[HotLoop] = []


def watch(loop: HotLoop) -> HotLoop:
    """Register a loop's counters."""
    _loops.append(loop)
    return loop


def hot_loops(threshold: int = 1) -> list[HotLoop]:
    """The watched loops with at least `threshold` iterations, the busiest first."""
    busy = [loop for loop in _loops if loop.iterations + loop.native_iterations >= threshold]
    return sorted(busy, key=lambda loop: -(loop.iterations + loop.native_iterations))
