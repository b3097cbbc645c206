"""Builtin functions and methods that native code calls as they are: they look at no frame of their caller's."""

from __future__ import annotations

import builtins
import functools
import types as python_types
from typing import Any

from zexus import shapes

# What remembers the answers of a function of the program's.
_CACHED = type(functools.lru_cache(int))
_MODULES = frozenset((
    "_bisect", "_collections", "_functools", "_heapq", "_operator", "_random", "_struct", "array", "itertools", "math",
    "time",
))
_BUILTINS = frozenset((
    "abs", "all", "any", "ascii", "bin", "callable", "chr", "divmod", "format", "hash", "hex", "id", "isinstance",
    "issubclass", "iter", "len", "max", "min", "next", "oct", "ord", "pow", "print", "repr", "round", "sorted", "sum",
))
# Of these, what runs nothing but itself when it is given numbers and texts.
_CLOSED_MODULES = frozenset(("_operator", "math", "time"))
_CLOSED = frozenset((
    "abs", "ascii", "bin", "chr", "divmod", "format", "hash", "hex", "oct", "ord", "pow", "repr", "round",
))
_OWNERS: frozenset[type] = frozenset((
    bool, bytearray, bytes, complex, dict, float, frozenset, int, list, set, str, tuple,
))
# What is made by a call of the type itself.
_TYPES: frozenset[type] = _OWNERS | {enumerate, map, range, reversed, slice, zip, filter, object}


def is_callable(function: Any) -> bool:
    """Whether native code may call a function, whatever it is given; it may call functions of the program in turn.

    Functions that look at the frame that calls them, or change how the program is run, are not among these.
    """
    if type(function) is python_types.BuiltinFunctionType:
        owner = function.__self__
        if owner is builtins or owner is None:
            return function.__name__ in _BUILTINS and getattr(builtins, function.__name__) is function
        if type(owner) is type:
            return owner in _OWNERS
        if isinstance(owner, python_types.ModuleType):
            return owner.__name__ in _MODULES
        return _belongs(type(owner))
    if type(function) is python_types.MethodDescriptorType:
        return _belongs(function.__objclass__)
    if type(function) is _CACHED:
        return True
    return type(function) is type and (function in _TYPES or _is_collection(function))


def is_closed(function: Any) -> bool:
    """Whether a function that native code may call runs no other code for numbers, texts and None."""
    if type(function) is not python_types.BuiltinFunctionType or not is_callable(function):
        return False
    owner = function.__self__
    if owner is builtins or owner is None:
        return function.__name__ in _CLOSED
    return isinstance(owner, python_types.ModuleType) and owner.__name__ in _CLOSED_MODULES


def _belongs(kind: type) -> bool:
    return kind in _OWNERS or _is_collection(kind)


def _is_collection(kind: type) -> bool:
    """Whether a type is one of `collections`, `array` or the like that are written in C."""
    static = not shapes.is_changeable(kind) or kind.__module__ == "array"
    return static and kind.__module__ in ("collections", "array", "itertools", "operator")
