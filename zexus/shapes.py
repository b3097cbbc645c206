"""Where the instances of a class keep their attributes, and what else an attribute may be."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

from zexus import layout

# What `lookup` answers where a class has no attribute of a name.
ABSENT = object()
_IMMUTABLE = 1 << 8  # Py_TPFLAGS_IMMUTABLETYPE: a class written in C, though it is made at run time

_namespace = type.__dict__["__dict__"].__get__
_bases = type.__dict__["__mro__"].__get__


def lookup(kind: type, name: str) -> Any:
    """What a class or its bases hold under a name, as it stands there, or `ABSENT`."""
    for base in _bases(kind):
        namespace = _namespace(base)
        if name in namespace:
            return namespace[name]
    return ABSENT


def bases(kind: type) -> tuple[type, ...]:
    """A class and all that it is derived from."""
    found: tuple[type, ...] = _bases(kind)
    return found


def creator(kind: type) -> int:
    """The address of the function that makes an instance."""
    return _field(kind, "new")


def is_alike(kind: type, base: type) -> bool:
    """Whether objects of a class take the room of those of a class that it is derived from, and are given it alike."""
    return _field(kind, "alloc") == _field(base, "alloc") and kind.__basicsize__ == base.__basicsize__


def is_changeable(kind: type) -> bool:
    """Whether a class may get other attributes, or its instances another class."""
    return bool(kind.__flags__ & layout.HEAP_TYPE)


def is_written(kind: type) -> bool:
    """Whether a class is written in Python, so that what is done with its objects may be."""
    return is_changeable(kind) and not kind.__flags__ & _IMMUTABLE


def is_plain(kind: type, field: str = "getattro") -> bool:
    """Whether instances of a class written in Python find ("getattro") or store ("setattro") attributes as usual."""
    return is_changeable(kind) and _field(kind, field) == _field(object, field)


def has_values(kind: type) -> bool:
    """Whether instances have a table of their attributes' values."""
    return bool(kind.__flags__ & layout.HAVE_VALUES) and bool(_word(id(kind) + layout.OFFSETS["type.keys"]))


def has_dict(kind: type) -> bool:
    """Whether instances keep their attributes where they are looked for: in a table, or in a dict."""
    return bool(kind.__flags__ & layout.MANAGED_DICT)


def has_attributes(kind: type) -> bool:
    """Whether instances may have attributes beside those that the class names."""
    return bool(kind.__dictoffset__)


def value_index(kind: type, name: str) -> int | None:
    """The place of an attribute's value in the tables of a class's instances, or None when it has none yet."""
    keys = _word(id(kind) + layout.OFFSETS["type.keys"])
    wide = 1 << _word(keys + layout.OFFSETS["keys.index_bytes"], 1)
    entries = keys + layout.OFFSETS["keys.entries"] + wide
    size = _word(keys + layout.OFFSETS["keys.size"])
    return next((i for i in range(size) if _is_named(_word(entries + 16 * i), name)), None)


def _is_named(address: int, name: str) -> bool:
    """Whether a key of a class's instances is a name; what a program puts into their dicts need not be interned."""
    return address == id(sys.intern(name)) or (address != 0 and ctypes.cast(address, ctypes.py_object).value == name)


def slot_offset(kind: type, descriptor: Any) -> int | None:
    """Where in an instance the object stands that a descriptor of `__slots__` gives; None for other descriptors."""
    if type(descriptor) is not type(_Sample.__dict__["only"]) or descriptor.__objclass__ not in _bases(kind):
        return None
    member = _word(id(descriptor) + layout.OFFSETS["member_descriptor.member"])
    if _word(member + layout.OFFSETS["member.type"], 4) != layout.OBJECT_MEMBER:
        return None
    if _word(member + layout.OFFSETS["member.flags"], 4):
        return None  # one that cannot be assigned, or is audited
    return _word(member + layout.OFFSETS["member.offset"])


def slot_name(kind: type, offset: int) -> str:
    """Under which name `__slots__` gives the object that stands somewhere in an instance."""
    names: list[str] = [name for base in _bases(kind) for name, found in _namespace(base).items()
                        if slot_offset(kind, found) == offset]
    return names[0]


@cache
def problem() -> str:
    """Why attributes are not where they are thought to be, or "" when they are."""
    with_slot, with_values = _Sample(), _Values()
    with_slot.only = marker = object()
    with_values.first, with_values.second = 1, marker
    offset = slot_offset(_Sample, _Sample.__dict__["only"])
    if offset is None or _word(id(with_slot) + offset) != id(marker):
        return "unexpected layout of slots"
    if not has_values(_Values):
        return "unexpected layout of classes"
    index = value_index(_Values, "second")
    start = id(with_values) + layout.OFFSETS["values"]
    if sys.version_info >= (3, 13):
        start += 8
    else:
        start = _word(start) + (1 if layout.MODERN else 0)
    if index is None or _word(start + 8 * index) != id(marker):
        return "unexpected layout of attributes"
    return ""


class _Sample:
    __slots__ = ("only",)
    only: Any


class _Values:
    first: Any
    second: Any


def _field(kind: type, name: str) -> int:
    return _word(id(kind) + layout.OFFSETS["type." + name])


def _word(address: int, size: int = 8) -> int:
    return int.from_bytes(ctypes.string_at(address, size), sys.byteorder)
