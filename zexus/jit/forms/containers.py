"""Native forms of what is put into sets and dicts."""

from __future__ import annotations

from zexus import types
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, CHAR, FLOAT, INT, NONE, STR

_ALONE = frozenset((INT, BOOL, NONE, STR, CHAR))
_CONSTANTS = (int, bool, str, bytes, type(None))


def hashes_alone(t: Trace, key: Rep) -> bool:
    """Whether hashing a value, and comparing it with such values, runs no code of the user's."""
    if isinstance(key.type, types.Known):
        return type(t.object_of(key)) in _CONSTANTS
    if isinstance(key.type, types.Tuple):
        return all(hashes_alone(t, item) for item in t.items(key))
    return key.type == FLOAT or all(kind in _ALONE for kind in types.members(key.type))


def floats(t: Trace, key: Rep) -> int:
    """How many floats of a key may be a nan."""
    if isinstance(key.type, types.Tuple):
        return sum(floats(t, item) for item in t.items(key))
    return int(key.type == FLOAT and key.value not in t.constants)


def tell_apart(t: Trace, key: Rep) -> None:
    """Leave where a key is a nan: which one it is counts, and that is not known of one that was read somewhere."""
    if isinstance(key.type, types.Tuple):
        for item in t.items(key):
            tell_apart(t, item)
    if key.type == FLOAT:
        t.told_apart.add(FLOAT)
        t.guard(t.emit("EQ", (key.value, key.value), "i1"), "ZX031")


def operand(t: Trace, rep: Rep) -> Value:
    """A number as it is, anything else as an object."""
    return rep.value if rep.type in (INT, FLOAT) else t.boxed(rep)
