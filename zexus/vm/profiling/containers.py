"""Containers: which variable holds what an item is read from or written to, and how many bytes such an item has.

What a variable holds is looked at where a clock is read anyway: behind loops and calls that are timed.
"""

from __future__ import annotations

import array
import struct
import sys
from collections import Counter
from typing import Any

from zexus.bytecode import Code, Instruction, split
from zexus.vm.profiling.flow import Flow
from zexus.vm.profiling.origins import UNKNOWN, behind

Kind = tuple[str, int]  # what a container is, and how many bytes an item of it has

# How deep in the stack the container is, and the key, from the top on, for each row that moves an item.
_DEPTHS = {"GETITEM": (2, 1), "SETITEM": (3, 2), "STORE_ITEM": (2, 1)}
_SLICE = -2  # in place of a variable
_REFERENCE = struct.calcsize("P")
_FLAT: dict[type, Kind] = {list: ("list", _REFERENCE), tuple: ("tuple", _REFERENCE), bytes: ("bytes", 1),
                           bytearray: ("bytearray", 1)}


class Look:
    """What a variable has held.

    Attributes:
        kinds: how often which kind of container was seen; None for anything else.
    """

    def __init__(self) -> None:
        self.kinds: Counter[Kind | None] = Counter()

    def note(self, value: object) -> None:
        """Take in what it holds now."""
        self.kinds[kind_of(value)] += 1

    @property
    def kind(self) -> Kind | None:
        """What it holds; None where that is not always the same, or was never looked at."""
        (kind, _), = self.kinds.most_common(1) or [(None, 0)]
        return kind if len(self.kinds) == 1 else None

    def clear(self) -> None:
        """Begin anew."""
        self.kinds.clear()


def kind_of(value: Any) -> Kind | None:
    """What kind of container an object is, of those whose items all have the same size."""
    kind = type(value)
    if kind in _FLAT:
        return _FLAT[kind]
    if kind is array.array:
        return f"array of {value.typecode!r}", value.itemsize
    numpy = sys.modules.get("numpy")
    if numpy is not None and kind is numpy.ndarray and value.ndim == 1:  # of others, an index gives a view
        return f"{value.dtype.name} array", value.dtype.itemsize
    return None


def containers(code: Code, flow: Flow) -> dict[int, int]:
    """For each instruction that moves an item the variable that holds the container, where it is one for certain."""
    found: dict[int, int] = {}
    for block in flow.blocks:
        stack: list[int] = []  # where it comes from what the block has put there: a variable, or something else
        for index in range(block.start, block.stop):
            for part in split(code.instructions[index]):
                container, key = _DEPTHS.get(part.op, (0, 0))
                if 0 < container <= len(stack) and stack[-container] >= 0 and stack[-key] != _SLICE:
                    found[index] = stack[-container]
                stack = _behind(part, stack)
    return found


def _behind(part: Instruction, stack: list[int]) -> list[int]:
    """What is on the stack behind an instruction."""
    origin = part.arg if part.op == "LOAD_LOCAL" else _SLICE if part.op == "BUILD_SLICE" else UNKNOWN
    left = behind(part, stack, origin)
    return [UNKNOWN if part.op == "STORE_LOCAL" and local == part.arg else local for local in left]
