"""Iterators over dicts and sets: where the interpreter keeps how far they are, which nothing else tells or sets.

`dictiter_iternextkey` (dictobject.c) and `setiter_iternext` (setobject.c) look at the fields named here.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from zexus import layout

_EMPTY: dict[Any, Any] = {}
# By the type of an iterator what it hands out, and what makes one over a dict or set.
KINDS: dict[type, str] = {
    type(iter(_EMPTY)): "keys", type(iter(_EMPTY.values())): "values", type(iter(_EMPTY.items())): "items",
    type(iter(set())): "members",
}
ITERATORS: dict[str, type] = {kind: iterator for iterator, kind in KINDS.items()}
VIEWS: dict[type, str] = {type(_EMPTY.keys()): "keys", type(_EMPTY.values()): "values", type(_EMPTY.items()): "items"}
_MAKERS: dict[str, Callable[[Any], Iterator[Any]]] = {
    "keys": dict.__iter__, "values": lambda owner: iter(dict.values(owner)),
    "items": lambda owner: iter(dict.items(owner)), "members": set.__iter__,
}


class Place(NamedTuple):
    """How far an iterator is.

    Attributes:
        used: how many keys there were when it began; -1 once it has raised.
        position: the entry that it looks at next.
        left: how many keys it counts on.
    """

    used: int
    position: int
    left: int


def owner(it: Any) -> Any:
    """What an iterator goes over; None behind its end."""
    address = _word(it, "owner").value
    return ctypes.cast(address, ctypes.py_object).value if address else None


def place(it: Any) -> Place:
    """How far an iterator is."""
    return Place(*(_word(it, name).value for name in Place._fields))


def move(it: Any, to: Place) -> None:
    """Bring an iterator somewhere else."""
    for name, value in zip(Place._fields, to, strict=True):
        _word(it, name).value = value


def made(kind: str, of: Any, at: Place) -> Iterator[Any]:
    """An iterator of a kind that is somewhere in a dict or set."""
    it = _MAKERS[kind](of)
    move(it, at)
    return it


def left(it: Any) -> int:
    """How many keys an iterator counts on; 1 where it may have one more, or raises because keys have come or gone."""
    of = owner(it)
    if of is None:
        return 0
    used, position, count = place(it)
    return count if count and used == len(of) else int(used != len(of) or layout.has_keys(of, position))


def _word(it: Any, name: str) -> ctypes.c_ssize_t:
    structure = "set_iterator" if KINDS[type(it)] == "members" else "dict_iterator"
    return ctypes.c_ssize_t.from_address(id(it) + layout.OFFSETS[f"{structure}.{name}"])
