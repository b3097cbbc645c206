"""Data classes for the core, whose methods are shared instead of compiled for each class.

`dataclasses` writes up to six functions for a class and compiles each of them whenever the module is imported, which
would be a good part of what starting takes. Here only `__init__` is written by it. That nobody assigns to the fields
of a frozen class is what mypy sees to; at run time it means that instances have a hash.
"""

from __future__ import annotations

import dataclasses
import reprlib
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, *, frozen=False, eq=True, slots=False):
        """As `dataclasses.dataclass`."""
        if cls is None:
            return lambda cls: _furnished(cls, frozen, eq, slots)
        return _furnished(cls, frozen, eq, slots)


class Sealed:
    """Base of frozen classes whose instances users have: assigning to their fields is an error at run time too."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        if name in vars(self) or name not in type(self).__dataclass_fields__:  # type: ignore[attr-defined]
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _furnished(cls: type[Any], frozen: bool, eq: bool, slots: bool) -> type[Any]:
    own = frozenset(vars(cls))
    made: type[Any] = dataclasses.dataclass(cls, repr=False, eq=False, slots=slots)
    found = dataclasses.fields(made)
    if "__repr__" not in own:
        made.__repr__ = _repr  # type: ignore[assignment]
    if not eq:
        return made
    compared = [one for one in found if one.compare]
    if "__eq__" not in own:
        made.__eq__ = _equality(_values(one.name for one in compared))  # type: ignore[assignment]
    if "__hash__" not in own or made.__hash__ is None:
        hashed = [one.name for one in found if (one.compare if one.hash is None else one.hash)]
        made.__hash__ = _hash(_values(hashed)) if frozen else None  # type: ignore[assignment]
    return made


def _values(names: Iterable[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes the values of attributes out of an object, as a tuple."""
    asked = tuple(names)
    if len(asked) > 1:
        return attrgetter(*asked)
    if not asked:
        return lambda value: ()
    one = attrgetter(asked[0])
    return lambda value: (one(value),)


def _equality(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any, Any], Any]:
    def __eq__(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    return __eq__


def _hash(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:
        return hash(values(self))

    return __hash__


@reprlib.recursive_repr()
def _repr(self: Any) -> str:
    told = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
    return f"{self.__class__.__qualname__}({told})"
