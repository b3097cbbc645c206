"""Native forms of what is put into sets and dicts."""

from __future__ import annotations

from zexus import types
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, CHAR, FLOAT, INT, NONE, STR

# No floats: which nan it is counts, and that is not known of those that were read from somewhere.
_ALONE = frozenset((INT, BOOL, NONE, STR, CHAR))
_CONSTANTS = (int, bool, str, bytes, type(None))


def hashes_alone(t: Trace, key: Rep) -> bool:
    """Whether hashing a value, and comparing it with such values, runs no code of the user's."""
    if isinstance(key.type, types.Known):
        return type(t.object_of(key)) in _CONSTANTS
    if isinstance(key.type, types.Tuple):
        return all(hashes_alone(t, item) for item in t.items(key))
    return all(kind in _ALONE for kind in types.members(key.type))


def operand(t: Trace, rep: Rep) -> Value:
    """A number as it is, anything else as an object."""
    return rep.value if rep.type in (INT, FLOAT) else t.boxed(rep)
