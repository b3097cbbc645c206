"""Native forms of loops over dicts and sets: the entries are looked at where they stand, in their order."""

from __future__ import annotations

from zexus import types
from zexus.jit.forms import dicts, sequences
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import Type


def begin(t: Trace, rep: Rep) -> Rep | None:
    """The cursor of a loop over a dict, one of its views, or a set; None for anything else."""
    kind = rep.type
    if isinstance(kind, types.DictView):
        return _cursor(t, kind.kind, Rep(types.DICT, rep.values))
    if dicts.is_set(rep):
        return _cursor(t, "members", rep)
    return _cursor(t, "keys", rep) if dicts.is_one(rep) else None


def _cursor(t: Trace, kind: str, owner: Rep) -> Rep:
    count = dicts.length(t, owner)
    return Rep(types.Cursor(kind, (owner.type,)), (owner.value, count, t.int_(0), count))


def ready(t: Trace, rep: Rep) -> Value:
    """Whether there is one more key."""
    return t.emit("GE", (_entry(t, rep), t.int_(0)), "i1")


def _entry(t: Trace, rep: Rep) -> Value:
    """The next entry that holds a key; where keys have come or gone, the interpreter raises."""
    return t.emit("SET_NEXT" if _of_set(rep) else "DICT_NEXT", rep.values, "i64", None, "ZX033")


def current(t: Trace, rep: Rep, seen: set[Type]) -> Rep:
    """The next key, value, or both."""
    assert isinstance(rep.type, types.Cursor)
    owner, kind, entry = rep.values[0], rep.type.kind, _entry(t, rep)
    if kind == "items":
        of_key, of_value = sequences.seen_parts(seen, 2)
        return t.tuple_of([_held(t, "KEY", owner, entry, of_key), _held(t, "VALUE", owner, entry, of_value)])
    if kind == "members":
        return sequences.unbox(t, t.emit("SET_KEY", (owner, entry), "ptr"), seen, None)
    return _held(t, "VALUE" if kind == "values" else "KEY", owner, entry, seen)


def _held(t: Trace, what: str, owner: Value, entry: Value, seen: set[Type]) -> Rep:
    return sequences.unbox(t, t.emit(f"DICT_{what}", (owner, entry), "ptr"), seen, None)


def advanced(t: Trace, rep: Rep) -> Rep:
    """The cursor behind its next key."""
    owner, used, _, left = rep.values
    position = t.emit("ADD", (_entry(t, rep), t.int_(1)), "i64")
    rest = t.emit("SUB", (left, t.int_(1)), "i64")
    for made in (position, rest):
        t.proven(made, "nowrap")
    return Rep(rep.type, (owner, used, position, rest))


def _of_set(rep: Rep) -> bool:
    assert isinstance(rep.type, types.Cursor)
    return rep.type.kind == "members"
