"""Factories: functions by which defaultdicts make what they do not have, and whether these ask who called them."""

from __future__ import annotations

import builtins
import types
from collections import Counter, defaultdict, deque
from typing import Any

_FACTORY: Any = vars(defaultdict)["default_factory"]
# What such a function may call: classes whose objects are made without any code of the program's.
_CLASSES = frozenset((int, float, complex, str, bool, bytes, bytearray, list, dict, set, frozenset, tuple, Counter,
                      defaultdict, deque))
# Instructions that run no other code, but for calls of what was loaded.
_PLAIN = frozenset((
    "RESUME", "LOAD_CONST", "LOAD_GLOBAL", "PUSH_NULL", "PRECALL", "CALL", "CACHE", "BUILD_LIST", "BUILD_TUPLE",
    "BUILD_MAP", "BUILD_SET", "LIST_EXTEND", "MAKE_FUNCTION", "NOP", "RETURN_VALUE", "RETURN_CONST",
))


def code_of(owner: defaultdict[Any, Any]) -> types.CodeType | None:
    """The code of the factory of a defaultdict, if it is a function that calls builtin classes only."""
    factory = _FACTORY.__get__(owner)
    if type(factory) is not types.FunctionType or factory.__code__.co_argcount:
        return None
    return factory.__code__ if is_quiet(factory.__code__, factory.__globals__) else None


def is_quiet(code: types.CodeType, namespace: dict[str, Any]) -> bool:
    """Whether a code makes an object, and no code of the program's runs that may ask for its caller."""
    import dis

    if any(instruction.opname not in _PLAIN for instruction in dis.get_instructions(code)):
        return False
    found = (namespace.get(name, getattr(builtins, name, None)) for name in code.co_names)
    return all(type(one) is type and one in _CLASSES for one in found)
