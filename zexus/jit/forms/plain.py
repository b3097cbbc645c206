"""Native forms of what is asked of values that are of several builtin types, a text or None or a number.

What these say of each other runs no other code; of containers that holds beside values that are none.
"""

from __future__ import annotations

from types import NoneType

from zexus import types
from zexus.jit.forms import numbers, texts
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, FLOAT, INT, NONE, WORD, Type

_CLASSES: dict[Type, type] = {INT: int, WORD: int, FLOAT: float, BOOL: bool, NONE: NoneType, types.CHAR: str}
_SCALARS: frozenset[type] = frozenset((int, float, bool, NoneType, str))
_CONTAINERS: frozenset[type] = frozenset((list, tuple, dict, set))
_NUMBERS: frozenset[type] = frozenset((int, float, bool))


def known(kinds: set[Type]) -> frozenset[type] | None:
    """The classes of values of some types, if they are such; None where one is another."""
    found = frozenset(map(_class, kinds))
    return found if found and found <= _SCALARS | _CONTAINERS else None


def _class(kind: Type) -> type:
    if isinstance(kind, types.Instance):
        return kind.kind
    if isinstance(kind, (types.Tuple, types.AnyTuple)):
        return tuple
    return list if isinstance(kind, types.List) else _CLASSES.get(kind, object)


def narrowed(t: Trace, pointer: Value, kinds: frozenset[type]) -> Rep:
    """An object, which somebody holds, as one of these classes; another one leaves."""
    ordered = sorted(kinds, key=lambda kind: kind.__name__)
    numbers_ = tuple(t.ref(kind, f"class {kind.__qualname__}") for kind in ordered)
    t.emit("GUARD_CLASS", (pointer,), "", numbers_, "ZX031")
    return Rep(types.Plain(kinds=kinds), (pointer,))


def is_one(rep: Rep) -> bool:
    """Whether a value is known to be of some of these classes."""
    return isinstance(rep.type, types.Plain)


def is_scalar(rep: Rep) -> bool:
    """Whether a value is known to be of some of these classes that are no containers."""
    return isinstance(rep.type, types.Plain) and rep.type.kinds <= _SCALARS


def _kinds(t: Trace, rep: Rep) -> frozenset[type]:
    """The classes that a value may be of; `object` stands for any other."""
    if isinstance(rep.type, types.Plain):
        return rep.type.kinds
    if texts.constant(t, rep) is not None:
        return frozenset((str,))
    return frozenset(map(_class, types.members(rep.type)))


def compare(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`a == b` or `a != b`, where one side is such a value."""
    same = equal(t, a, b)
    return Rep(BOOL, (same if op == "EQ" else t.emit("NOT", (same,), "i1"),))


def equal(t: Trace, a: Rep, b: Rep) -> Value:
    """Whether `a == b`.

    Raises:
        Unsupported: to tell that may run other code.
    """
    if not is_one(a):
        a, b = b, a
    mine, others = _kinds(t, a), _kinds(t, b)
    if not (mine <= _SCALARS or others <= _SCALARS) or object in others:
        raise refuse("EQ", a, b)
    if not (mine & others or (mine & _NUMBERS and others & _NUMBERS)):
        return t.k("i1", False)
    if b.type == NONE:
        return numbers.identity(t, "IS", a, b).value
    single = texts.code(t, b)
    if single is not None:
        return t.emit("PLAIN_EQ", (a.value, single), "i1", "plain_is_char")
    if texts.is_one(t, b):
        return t.emit("PLAIN_EQ", (a.value, texts.pointer(t, b)), "i1", "plain_is_text")
    if b.type in (INT, BOOL):
        return t.emit("PLAIN_EQ", (a.value, numbers.as_int(t, b)), "i1", "plain_is_int")
    return t.emit("PLAIN_EQ", (a.value, t.boxed(b)), "i1", "plain_equal")


def alike(t: Trace, a: Rep, b: Rep) -> Value:
    """Whether two values count as equal in a container: because they are the same object, or because `a == b`.

    Raises:
        Unsupported: both may be the same nan.
    """
    if float in _kinds(t, a) & _kinds(t, b) and not any(_is_number(t, rep) for rep in (a, b)):
        raise refuse("EQ", a, b)
    return equal(t, a, b)


def _is_number(t: Trace, rep: Rep) -> bool:
    """Whether a value is a constant that is equal to itself."""
    found = t.constants.get(rep.value) if rep.type == FLOAT else None
    return found is not None and found == found


def truth(t: Trace, rep: Rep) -> Value:
    """Whether such a value counts as true."""
    return t.emit("PLAIN_TRUTH", rep.values, "i1")
