"""The code objects of a function that is rewritten now and then, where native code finds them."""

from __future__ import annotations

import types
import weakref
from functools import partial

# How many of the latest ones are known, and how many bytes an address takes.
ROOM, ADDRESS = 8, 8


class Codes:
    """The latest code objects of one function, as long as they are alive.

    Attributes:
        memory: their addresses, 0 for none: `ROOM` words of 64 bits.
    """

    def __init__(self) -> None:
        self.memory = bytearray(ROOM * ADDRESS)
        self._alive: list[weakref.ref[types.CodeType] | None] = [None] * ROOM
        self._next = 0

    def add(self, code: types.CodeType) -> None:
        """Put a code object in the place of the oldest one."""
        place = self._next
        self._next = (place + 1) % ROOM
        # Another object may come to stand where one has been that is gone.
        self._alive[place] = weakref.ref(code, partial(_forget, self.memory, place))
        _write(self.memory, place, id(code))


def _forget(memory: bytearray, place: int, _: object) -> None:
    _write(memory, place, 0)


def _write(memory: bytearray, place: int, address: int) -> None:
    memory[ADDRESS * place:ADDRESS * (place + 1)] = address.to_bytes(ADDRESS, "little")
