"""The numbers that native code and its tier share: 64-bit words in a bytearray that the code refers to.

    force       n: with forced exits, each guard fails on its n-th pass
    iterations  back edges taken since the number was last taken
    left        iterations until the next time slice
    leave       not 0: do not enter, and leave at the next time slice of the outermost loop
    weight      items of lists that were, or could have been, copied into mirrors, over all entries
    credit      how many more items than iterations pay for may be copied
    entries     how often the code was entered
    rounds      iterations of the outermost loop alone, where there are loops in it

Behind them stand, with forced exits, the passes of each exit's guards.
"""

from __future__ import annotations

NAMES = ("force", "iterations", "left", "leave", "weight", "credit", "entries", "rounds")
WORD = 8


def offset(name: str) -> int:
    """Where a number stands, in bytes."""
    return WORD * NAMES.index(name)


def passes(exit_number: int) -> int:
    """The index of the word that counts the passes of an exit's guards; exit 0 has none."""
    return len(NAMES) + exit_number - 1


def fresh(exits: int, left: int, force: int = 0) -> bytearray:
    """The memory of a version's numbers.

    Args:
        exits: how many exits it has.
        left: iterations until the first time slice.
        force: n, or 0.
    """
    memory = bytearray(WORD * (len(NAMES) + exits))
    made = Counters(memory)
    made["force"], made["left"] = force, left
    return memory


class Counters:
    """The numbers by their names."""

    def __init__(self, memory: bytearray) -> None:
        self.memory = memory

    def __getitem__(self, name: str) -> int:
        at = offset(name)
        return int.from_bytes(self.memory[at:at + WORD], "little", signed=True)

    def __setitem__(self, name: str, value: int) -> None:
        at = offset(name)
        self.memory[at:at + WORD] = value.to_bytes(WORD, "little", signed=True)

    def take(self, name: str) -> int:
        """A number, which is 0 from now on."""
        found, self[name] = self[name], 0
        return found
