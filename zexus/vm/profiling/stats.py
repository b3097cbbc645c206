"""Statistics: what the profiler says of an instruction, a function, a branch, a path; and what rows do with memory."""

from __future__ import annotations

from zexus import ops
from zexus.records import dataclass
from zexus.vm.profiling.histogram import Histogram


@dataclass(frozen=True)
class Times:
    """How long something took, of those that were timed; what an exception ended is not among them.

    Attributes:
        histogram: ns.
        short: how many were too short for the clock, and are not in there.
        whole: about how long all took, ns, those that were not timed included.
    """

    histogram: Histogram
    short: int
    whole: int


@dataclass(frozen=True)
class InstructionStats:
    """One instruction of a program, as it was written.

    Attributes:
        filename, function, index, line: where it stands.
        opcode: what it is.
        count: how often it was begun.
        raised: how many exceptions left it.
        tier: what ran most of it: "stack", "register", "generated" or "native".
    """

    filename: str
    function: str
    index: int
    line: int
    opcode: str
    count: int
    raised: int
    tier: str


@dataclass(frozen=True)
class FunctionStats:
    """One function that was called.

    Attributes:
        filename, function, line: where it stands.
        calls: how often it was called.
        instructions: how many of its own it executed.
        times: how long calls took, with all that they called; None where they were not timed.
    """

    filename: str
    function: str
    line: int
    calls: int
    instructions: int
    times: Times | None


@dataclass(frozen=True)
class BranchStats:
    """One branch.

    Attributes:
        filename, function, index, line, opcode: as of an instruction.
        taken: how often control went where it jumps.
        not_taken: how often it went on behind it.
    """

    filename: str
    function: str
    index: int
    line: int
    opcode: str
    taken: int
    not_taken: int


@dataclass(frozen=True)
class MovedStats:
    """An instruction that reads or writes items of a container.

    Attributes:
        filename, function, index, line, opcode: as of an instruction.
        container: what the container is, as "float64 array".
        count: how many items it moved.
        size: bytes of an item; of lists and tuples, of a reference.
    """

    filename: str
    function: str
    index: int
    line: int
    opcode: str
    container: str
    count: int
    size: int


@dataclass(frozen=True)
class PathStats:
    """One path through a function or through an iteration of one of its loops, from its first branch to its last.

    Attributes:
        filename, function: where it is.
        lines: on which its basic blocks begin.
        count: how often it was taken from end to end.
    """

    filename: str
    function: str
    lines: tuple[int, ...]
    count: int


# What rows do with memory.
MEMORY = {
    "LOAD_LOCAL": "local loads", "STORE_LOCAL": "local stores", "LOAD_GLOBAL": "global loads",
    "STORE_GLOBAL": "global stores", "LOAD_CELL": "cell loads", "STORE_CELL": "cell stores", "GETITEM": "item loads",
    "SETITEM": "item stores", "STORE_ITEM": "item stores", "DICT_SET": "item stores", "SET_ADD": "item stores",
    "LIST_ADD": "item stores", "DELITEM": "item stores", "GETATTR": "attribute loads", "SETATTR": "attribute stores",
    "BUILD_LIST": "allocations", "BUILD_TUPLE": "allocations", "BUILD_SET": "allocations",
    "BUILD_DICT": "allocations", "BUILD_SLICE": "allocations", "MAKE_FUNCTION": "allocations",
}
assert MEMORY.keys() <= ops.OPS.keys()
