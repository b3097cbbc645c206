"""Native forms of dicts and sets of numbers, texts and tuples of these: looking for such keys runs no other code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from zexus import shapes, types
from zexus.codes import Unsupported
from zexus.jit.forms import numbers, sequences, texts
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Spec, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, DICT, FLOAT, INT, SET, Type

VIEWS = ("keys", "values", "items")
# Classes whose objects are dicts that only answer otherwise where there is no such key.
LIKE: frozenset[type] = frozenset((Counter, defaultdict))
_MISSING = Counter.__missing__
METHODS = ("get", "setdefault", "pop", *VIEWS)
_WHOLE = frozenset((INT, BOOL))
_TUPLES = (types.Tuple, types.Named)


def place(t: Trace, owner: Rep, key: Rep) -> Value:
    """Where the dict keeps the value of a key, or null."""
    return _asked(t, "DICT_PLACE", "ptr", owner, key)


def _asked(t: Trace, row: str, payload: str, owner: Rep, key: Rep) -> Value:
    """Ask a dict or set for a number, the object of a text, or the items of a tuple, which needs no object for that."""
    if not keys_fit(t, key):
        raise refuse("a dict or set with such keys", owner, key)
    if not isinstance(key.type, _TUPLES):
        return t.emit(row, (owner.value, _wanted(t, key)), payload, None, "ZX031")
    wanted = [_wanted(t, item) for item in t.items(key)]
    return t.emit(row + "_TUPLE", (owner.value, *wanted), payload, 1 + len(wanted), "ZX031")


def _wanted(t: Trace, key: Rep) -> Value:
    """A number as it is, or the object of a text."""
    if key.type == FLOAT:
        t.told_apart.add(FLOAT)
        return key.value
    return numbers.as_int(t, key) if key.type in _WHOLE else texts.pointer(t, key)


def _is_plain(t: Trace, key: Rep) -> bool:
    return key.type in _WHOLE or key.type == FLOAT or texts.is_one(t, key)


def is_plain(kind: type, name: str) -> bool:
    """Whether a class like that of dicts finds a method as it is known."""
    found = shapes.lookup(kind, name)
    return found is (_MISSING if name == "__missing__" else shapes.lookup(dict, name))


def get(t: Trace, owner: Rep, key: Rep, seen: set[Type], factory: Any = None) -> Rep:
    """`owner[key]`."""
    found = place(t, owner, key)
    kind = owner.type.kind if isinstance(owner.type, types.Instance) else dict
    if kind is Counter:
        nothing = t.emit("REF", (), "ptr", t.ref(0, "constant 0"))
        return sequences.unbox(t, t.emit("DICT_GET", (found, nothing), "ptr"), seen, None)
    if kind is defaultdict:
        items, spec = _operands(t, key)
        code = t.none() if factory is None else t.emit("REF", (), "ptr", t.ref(factory, "code of a factory"))
        made = t.emit("DEFAULT_ITEM", (found, owner.value, code, *items), "ptr", (3 + len(items), spec), "ZX033")
        assert t.current is not None
        t.after = (t.current, Rep(types.OBJECT, (made,)))
        return sequences.unbox(t, made, seen, None)
    t.guard(t.emit("DICT_HAS", (found,), "i1"), "ZX033")
    return sequences.unbox(t, t.emit("ATTR_ITEM", (found,), "ptr", None, "ZX033"), seen, None)


def method(t: Trace, owner: Rep, name: str, args: list[Rep], seen: set[Type], demand: Callable[[Value], None]) -> Rep:
    """`owner.name(args)` of one of the methods that are native, other than the views.

    `demand` makes sure that there is a key that has to be there, of which it is given whether it is.
    """
    if not 1 <= len(args) <= 2:
        raise Unsupported("ZX022", detail=f"{name}()")
    if name == "pop":
        return _taken(t, owner, args, seen, demand)
    return (get_or if name == "get" else _set_default)(t, owner, args, seen)


def _set_default(t: Trace, owner: Rep, args: list[Rep], seen: set[Type]) -> Rep:
    """`owner.setdefault(key)`, `owner.setdefault(key, default)`."""
    kind = args[1].type if len(args) == 2 else types.NONE
    fresh = kind.kind.__name__ if isinstance(kind, types.Fresh) else None
    default = t.null() if fresh else _object(t, args[1]) if len(args) == 2 else t.none()
    found = place(t, owner, args[0])
    items, spec = _operands(t, args[0])
    how = (3 + len(items), spec, fresh)
    made = t.emit("DICT_DEFAULT", (found, owner.value, default, *items), "ptr", how, "ZX033")
    assert t.current is not None
    t.after = (t.current, Rep(types.OBJECT, (made,)))
    return sequences.unbox(t, made, seen, None)


def _taken(t: Trace, owner: Rep, args: list[Rep], seen: set[Type], demand: Callable[[Value], None]) -> Rep:
    """`owner.pop(key)`, `owner.pop(key, default)`: a value that is not what was seen stays where it is."""
    found = place(t, owner, args[0])
    if len(args) == 1:
        demand(t.emit("DICT_HAS", (found,), "i1"))
    default = _object(t, args[1]) if len(args) == 2 else t.none()
    made = sequences.unbox(t, t.emit("DICT_GET", (found, default), "ptr"), seen, None)
    how = "checked"
    if made.type in (INT, FLOAT, BOOL):
        how = "number"
    elif isinstance(made.type, types.Object) and made.type != types.STR:
        # Native code may be the only one that holds it from now on.
        t.emit("GUARD_QUIET", made.values, "", 1, "ZX036")
        how = "quiet"
    _cut(t, owner, args[0], found, how)
    return made


def delete(t: Trace, owner: Rep, key: Rep, demand: Callable[[Value], None]) -> None:
    """`del owner[key]`; `demand` as for `method`."""
    found = place(t, owner, key)
    demand(t.emit("DICT_HAS", (found,), "i1"))
    _cut(t, owner, key, found, "checked")


def _cut(t: Trace, owner: Rep, key: Rep, found: Value, how: str) -> None:
    """Take out a key: its value is a number, or quiet where it ends ("quiet"), or that has to be asked ("checked")."""
    items, spec = _operands(t, key)
    t.emit("DICT_CUT", (found, owner.value, *items), "", (2 + len(items), spec, how), "ZX036")


def get_or(t: Trace, owner: Rep, args: list[Rep], seen: set[Type]) -> Rep:
    """`owner.get(key)`, `owner.get(key, default)`."""
    default = _object(t, args[1]) if len(args) == 2 else t.none()
    found = place(t, owner, args[0])
    return sequences.unbox(t, t.emit("DICT_GET", (found, default), "ptr"), seen, None)


def _object(t: Trace, rep: Rep) -> Value:
    """The object of a value; that of a constant is always the same."""
    known = t.constants.get(rep.values[0]) if rep.type in (INT, FLOAT, BOOL) else None
    return t.boxed(rep) if known is None else t.emit("REF", (), "ptr", t.ref(known, f"constant {known!r}"))


def view(owner: Rep, kind: str) -> Rep:
    """`owner.keys()`, `owner.values()` or `owner.items()`."""
    return Rep(types.DictView(kind), owner.values)


def contains(t: Trace, op: str, key: Rep, owner: Rep) -> Rep:
    """`key in owner`, `key not in owner`, of a dict or set."""
    found = has(t, owner, key) if owner.type == SET else t.emit("DICT_HAS", (place(t, owner, key),), "i1")
    return Rep(BOOL, (found if op == "IN" else t.emit("NOT", (found,), "i1"),))


def put(t: Trace, owner: Rep, key: Rep, value: Rep) -> None:
    """`owner[key] = value`."""
    if isinstance(value.type, types.Union):
        value = numbers.narrow_bound(t, value)
    found = place(t, owner, key)
    new = value.value if value.type in (INT, FLOAT, BOOL) else t.boxed(value)
    items, spec = _operands(t, key)
    t.emit("DICT_STORE", (found, owner.value, new, *items), "", (3 + len(items), spec), "ZX036")


def _operands(t: Trace, key: Rep) -> tuple[list[Value], Spec | None]:
    """What makes the object of a key where it is put in: the parts of a tuple, with how these are boxed, or the key."""
    if isinstance(key.type, _TUPLES):
        return t.packed(key)
    return [key.value if key.type in (INT, FLOAT) else t.boxed(key)], None


def length(t: Trace, owner: Rep) -> Value:
    """How many keys there are."""
    return t.emit("SET_LEN" if owner.type == SET else "DICT_LEN", owner.values, "i64")


def is_one(rep: Rep) -> bool:
    """Whether a value is a dict of exactly its own type, or of one that is like it."""
    return isinstance(rep.type, types.Instance) and (rep.type == DICT or rep.type.kind in LIKE)


def has_methods(rep: Rep) -> bool:
    """Whether the methods of a value are those of dicts, whatever the program does."""
    return is_one(rep) and isinstance(rep.type, types.Instance) and not shapes.is_changeable(rep.type.kind)


def is_like(rep: Rep) -> bool:
    """Whether a value was of a class whose objects are like dicts."""
    return isinstance(rep.type, types.Instance) and rep.type.kind in LIKE


# --- sets ------------------------------------------------------------------------------------------------------


def has(t: Trace, owner: Rep, key: Rep) -> Value:
    """Whether a key is in a set."""
    return _asked(t, "SET_HAS", "i1", owner, key)


def add(t: Trace, owner: Rep, args: list[Rep]) -> Rep:
    """`owner.add(key)`."""
    if len(args) != 1:
        raise Unsupported("ZX022", detail="add()")
    (key,) = args
    there = has(t, owner, key)
    items, spec = _operands(t, key)
    t.emit("SET_INSERT", (there, owner.value, *items), "", (2 + len(items), spec), "ZX033")
    return Rep(types.NONE)


def keys_fit(t: Trace, key: Rep) -> bool:
    """Whether native code can look for such keys."""
    if isinstance(key.type, _TUPLES):
        return bool(key.type.items) and all(_is_plain(t, item) for item in t.items(key))
    return _is_plain(t, key)


def is_set(rep: Rep) -> bool:
    """Whether a value is a set of exactly its own type."""
    return rep.type == SET
