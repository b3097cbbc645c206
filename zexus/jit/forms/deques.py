"""Native forms of `collections.deque`: items come and go at its ends where the interpreter keeps them."""

from __future__ import annotations

from collections import deque

from zexus import types
from zexus.codes import Unsupported
from zexus.jit.forms import indices, numbers, sequences
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, DEQUE, FLOAT, INT, STR

# What puts an item in and takes one out, by the name of the method, with the end at which it does.
_PUTTING = {"append": ("right", deque.append), "appendleft": ("left", deque.appendleft)}
_TAKING = {"pop": ("right", deque.pop), "popleft": ("left", deque.popleft)}
METHODS = frozenset((*_PUTTING, *_TAKING))


def is_one(rep: Rep) -> bool:
    """Whether a value is a deque of exactly its own type."""
    return rep.type == DEQUE


def length(t: Trace, owner: Rep) -> Value:
    """How many items there are."""
    return t.emit("DEQUE_LEN", owner.values, "i64")


def item(t: Trace, owner: Rep, key: Rep, seen: set[types.Type]) -> Rep:
    """`owner[key]`."""
    if key.type in (INT, BOOL) and t.constants.get(key.value) in (0, -1):
        held = _end(t, owner, "right" if t.constants[key.value] else "left")
    else:
        at = t.emit("INDEX", (indices.index_value(t, key), length(t, owner)), "i64", None, "ZX032")
        held = t.emit("DEQUE_ITEM", (owner.value, at), "ptr")
    return sequences.unbox(t, held, seen, None)


def method(t: Trace, owner: Rep, name: str, args: list[Rep], seen: set[types.Type]) -> Rep:
    """`owner.name(args)` of one of the methods that are native."""
    if name in _PUTTING and len(args) == 1:
        return _put(t, owner, name, args[0])
    if name in _TAKING and not args:
        return _taken(t, owner, name, seen)
    raise Unsupported("ZX022", detail=f"deque.{name}()")


def _put(t: Trace, owner: Rep, name: str, value: Rep) -> Rep:
    if isinstance(value.type, types.Union):
        value = numbers.narrow_bound(t, value)
    if isinstance(value.type, (types.Tuple, types.Named)):
        parts, spec = t.packed(value)
    else:
        parts, spec = [value.value if value.type in (INT, FLOAT) else t.boxed(value)], None
    side, function = _PUTTING[name]
    how = (1 + len(parts), spec, side, t.ref(function, f"deque.{name}"))
    t.emit("DEQUE_PUSH", (owner.value, *parts), "", how, "ZX036")
    return Rep(types.NONE)


def _taken(t: Trace, owner: Rep, name: str, seen: set[types.Type]) -> Rep:
    """Look at an item, and take it out only where it is what was seen."""
    side, function = _TAKING[name]
    made = sequences.unbox(t, _end(t, owner, side), seen, None)
    end = "checked"
    if made.type in (INT, FLOAT, BOOL):
        end = "number"
    elif isinstance(made.type, types.Object) and made.type != STR:
        # Native code may be the only one that holds it from now on.
        t.emit("GUARD_QUIET", made.values, "", 1, "ZX036")
        end = "quiet"
    t.emit("DEQUE_POP", owner.values, "", (side, t.ref(function, f"deque.{name}"), end), "ZX036")
    return made


def _end(t: Trace, owner: Rep, side: str) -> Value:
    """The item at an end; where there is none, CPython raises."""
    t.guard(t.emit("GT", (length(t, owner), t.int_(0)), "i1"), "ZX032")
    return t.emit("DEQUE_END", owner.values, "ptr", side)
