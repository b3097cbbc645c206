"""What tells without a look that classes and dicts are as they were: the version numbers that the interpreter keeps.

A class gets another number, or none, when it or a base of it changes; a dict with each of its changes. The last
releases keep none for dicts.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

# Where an owner has its number.
Stamp = tuple[str, int]

_IN_CLASSES = frozenset(("class", "lacks", "getattro", "setattro"))
# Whether dicts have numbers. What writes to one without the interpreter has to take its number away.
TELL_DICTS = sys.version_info < (3, 13)
# How many of its owners are dicts, by the kind of a slot.
_IN_DICTS = {"global": 2, "attribute": 1, "default": 1} if TELL_DICTS else {}


def of_slot(slot: Sequence[Any]) -> tuple[Stamp, ...]:
    """The stamps that tell that a slot of the world holds what it held; none where there are no such.

    Args:
        slot: its kind, then the reference numbers of its owners and of the name.
    """
    kind, *numbers = slot
    if kind in _IN_CLASSES:
        return (("type.version", numbers[0]),)
    return tuple(("dict.tag", number) for number in numbers[:_IN_DICTS.get(kind, 0)])
