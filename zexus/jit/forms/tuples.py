"""Native forms of tuples: choosing, comparing and joining what is known item by item."""

from __future__ import annotations

import functools
import sys

from zexus import ops, types
from zexus.codes import Unsupported
from zexus.jit.forms import indices, numbers, plain, texts
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, INT, NONE, Maybe, NpScalar, Tuple

LONGEST = 64
# Constant sets of so many members at most are looked through one by one.
_MEMBERS = 16
ORDERS = frozenset(("LT", "LE", "GT", "GE"))


def whole(t: Trace, rep: Rep) -> Rep:
    """A value, but for a constant tuple that is open, and for one that may be absent: it leaves where it is."""
    rep = t.opened(rep)
    if not isinstance(rep.type, Maybe):
        return rep
    rep = numbers.narrow_bound(t, rep)
    if isinstance(rep.type, Maybe):
        t.guard(t.emit("NOT", (_is_none(t, rep),), "i1"), "ZX031")
        rep = Rep(rep.type.inner, rep.values)
    return rep


def _is_none(t: Trace, rep: Rep) -> Value:
    return t.emit("SAME", (rep.values[0], t.none()), "i1")


def is_one(t: Trace, rep: Rep) -> bool:
    """Whether a value is, or may be, a tuple whose items are known."""
    return isinstance(t.opened(rep).type, (Tuple, Maybe))


# --- items -----------------------------------------------------------------------------------------------------


def item(t: Trace, owner: Rep, key: Rep) -> Rep:
    """`owner[key]`."""
    items = t.items(owner)
    if isinstance(key.type, types.Slice):
        return t.tuple_of(items[indices.constant(t, key)])
    constant = t.constants.get(key.values[0]) if key.type == INT else None
    if isinstance(constant, int) and -len(items) <= constant < len(items):
        return items[constant]
    if not items:
        raise refuse("indexing", owner, key)
    index = t.emit("INDEX", (indices.index_value(t, key), t.int_(len(items))), "i64", None, "ZX032")
    return chosen(t, items, index)


def chosen(t: Trace, items: list[Rep], index: Value) -> Rep:
    """The item of a tuple at an index that is known to be within it."""
    if not items:
        raise Unsupported("ZX031", detail="an item of an empty tuple")
    kind = functools.reduce(types.join, (item.type for item in items))
    *others, made = [t.coerce(item, kind) for item in items]
    for position in range(len(others) - 1, -1, -1):
        here = t.emit("EQ", (index, t.int_(position)), "i1")
        made = select(t, here, others[position], made)
    return made


def select(t: Trace, test: Value, one: Rep, other: Rep) -> Rep:
    """One of two values of the same type."""
    return Rep(one.type, tuple(t.emit("SELECT", (test, x, y), x.type) if x is not y else x
                               for x, y in zip(one.values, other.values, strict=True)))


def arithmetic(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`a + b` of two tuples, or `a * n` by a constant."""
    a, b = whole(t, a), whole(t, b)
    if op == "ADD" and isinstance(a.type, Tuple) and isinstance(b.type, Tuple):
        return t.tuple_of([*t.items(a), *t.items(b)])
    if op == "MUL":
        owner, count = (a, b) if isinstance(a.type, Tuple) else (b, a)
        times = t.constants.get(count.value) if count.type == INT else None
        if isinstance(times, int) and max(times, 0) * len(t.items(owner)) <= LONGEST:
            return t.tuple_of(t.items(owner) * times)
    raise refuse(op, a, b)


# --- comparisons -----------------------------------------------------------------------------------------------


def compare(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`a op b` for the six orders and equalities, where one side at least is a tuple."""
    if op in ORDERS:
        return Rep(BOOL, (ordered(t, op, a, b),))
    same = alike(t, a, b)
    return Rep(BOOL, (same if op == "EQ" else t.emit("NOT", (same,), "i1"),))


def contains(t: Trace, op: str, wanted: Rep, owner: Rep) -> Rep:
    """`wanted in owner`, `wanted not in owner`, of a tuple or of a constant set of ints and texts."""
    owner = whole(t, owner)
    scalar = numeric(wanted) or texts.is_one(t, wanted) or plain.is_scalar(wanted) or wanted.type == NONE
    if scalar:  # what is not hashable is an error in sets
        owner = _spread(t, owner)
    if not isinstance(owner.type, Tuple):
        raise refuse(op, wanted, owner)
    found: Value | None = None
    for one in t.items(owner):
        same = alike(t, one, wanted)
        found = same if found is None else t.emit("OR", (found, same), "i1")
    found = found or t.k("i1", False)
    return Rep(BOOL, (found if op == "IN" else t.emit("NOT", (found,), "i1"),))


def _spread(t: Trace, owner: Rep) -> Rep:
    """A constant set as a tuple: what is equal has equal hashes, so that looking at each member tells the same."""
    found = t.object_of(owner) if isinstance(owner.type, types.Known) else None
    if type(found) is not frozenset or len(found) > _MEMBERS or not all(type(one) in (int, str) for one in found):
        return owner
    return t.tuple_of([t.constant(one) for one in sorted(found, key=str)])


def alike(t: Trace, a: Rep, b: Rep) -> Value:
    """Whether two items of tuples count as equal: because they are the same object, or because `a == b`."""
    a, b = t.opened(a), t.opened(b)
    if a == b and not isinstance(a.type, types.Object):
        return t.k("i1", True)
    if plain.is_one(a) or plain.is_one(b):
        return plain.alike(t, a, b)
    for one, other in ((a, b), (b, a)):
        if one.type == NONE:
            return _is_absent(t, other)
    if isinstance(a.type, types.Known) and isinstance(b.type, types.Known):
        x, y = t.object_of(a), t.object_of(b)
        if all(type(one) in (str, bytes, int) for one in (x, y)):
            return t.k("i1", x == y)
        raise refuse("EQ", a, b)
    if texts.is_one(t, a) and texts.is_one(t, b):
        return texts.compare(t, "EQ", a, b).value
    for one, other in ((a, b), (b, a)):
        if isinstance(one.type, Maybe):
            return _where_there(t, one, other)
    if isinstance(a.type, Tuple) and isinstance(b.type, Tuple):
        if len(a.type.items) != len(b.type.items):
            return t.k("i1", False)
        return functools.reduce(lambda x, y: t.emit("AND", (x, y), "i1"), _equalities(t, a, b), t.k("i1", True))
    if numeric(a) and numeric(b):
        _no_nans(t, a, b, None)
        return numbers.truth(t, numbers.compare(t, "EQ", a, b))
    if _kind(t, a) != _kind(t, b) and "" not in (_kind(t, a), _kind(t, b)):
        return t.k("i1", False)
    raise refuse("EQ", a, b)


def _where_there(t: Trace, rep: Rep, other: Rep) -> Value:
    """Whether a tuple that may be None is equal to another value that is not always None."""
    rep = numbers.narrow_bound(t, rep)
    if not isinstance(rep.type, Maybe):
        return alike(t, rep, other)
    none = _is_none(t, rep)
    same = alike(t, Rep(rep.type.inner, rep.values), other)
    if not isinstance(other.type, Maybe):
        return t.emit("AND", (t.emit("NOT", (none,), "i1"), same), "i1")
    return t.emit("SELECT", (none, _is_none(t, numbers.narrow_bound(t, other)), same), "i1")


def _is_absent(t: Trace, rep: Rep) -> Value:
    """Whether a value is None."""
    rep = numbers.narrow_bound(t, rep)
    if isinstance(rep.type, Maybe):
        return _is_none(t, rep)
    if isinstance(rep.type, types.Known) and t.object_of(rep) is not None and not _kind(t, rep):
        raise refuse("EQ", rep)
    if isinstance(rep.type, types.Object):
        raise refuse("EQ", rep)
    return numbers.identity(t, "IS", rep, Rep(NONE)).value


def numeric(rep: Rep) -> bool:
    """Whether all that a value can be is a number."""
    return all(map(types.is_number, types.members(rep.type)))


def _kind(t: Trace, rep: Rep) -> str:
    """Values of different kinds are unequal, whatever they are; "" when that cannot be told."""
    if numeric(rep):
        scalars = any(isinstance(member, NpScalar) for member in types.members(rep.type))
        return "" if scalars else "number"
    if isinstance(rep.type, types.Known):
        name = type(t.object_of(rep)).__name__
        return name if type(t.object_of(rep)) in (str, bytes) else ""
    return {types.List: "list", Tuple: "tuple"}.get(type(rep.type), "")


def _no_nans(t: Trace, a: Rep, b: Rep, same: Value | None) -> None:
    """Leave where both are nan: whether they are the same object only CPython can tell."""
    if "f64" not in types.layout(a.type) or "f64" not in types.layout(b.type):
        return
    t.told_apart.add(types.FLOAT)
    x, y = a.values[-1], b.values[-1]
    both = t.emit("AND", (t.emit("NE", (x, x), "i1"), t.emit("NE", (y, y), "i1")), "i1")
    fine = t.emit("NOT", (both,), "i1")
    t.guard(fine if same is None else t.emit("OR", (fine, same), "i1"), "ZX033")


def _equalities(t: Trace, a: Rep, b: Rep) -> list[Value]:
    """Whether the items of two tuples are alike, as far as both have some."""
    same = None
    if t.nothing not in (a.values[0], b.values[0]):
        held = t.emit("NOT", (t.emit("SAME", (a.values[0], t.null()), "i1"),), "i1")
        same = t.emit("AND", (t.emit("SAME", (a.values[0], b.values[0]), "i1"), held), "i1")
    found = []
    for x, y in zip(t.items(a), t.items(b), strict=False):
        if x == y or not (numeric(x) and numeric(y)):
            one = alike(t, x, y)
        else:
            _no_nans(t, x, y, same)
            one = numbers.truth(t, numbers.compare(t, "EQ", x, y))
        found.append(one if same is None else t.emit("OR", (one, same), "i1"))
    return found


def ordered(t: Trace, op: str, a: Rep, b: Rep) -> Value:
    """`a op b` for an order: the first items that differ decide, or else the lengths."""
    a, b = whole(t, a), whole(t, b)
    if not isinstance(a.type, Tuple) or not isinstance(b.type, Tuple):
        raise refuse(op, a, b)
    meaning = ops.OPS[op].meaning
    assert meaning is not None
    equal = _equalities(t, a, b)
    reached: list[Value | None] = [None]
    for one in equal[:-1]:
        before = reached[-1]
        reached.append(one if before is None else t.emit("AND", (before, one), "i1"))
    made = t.k("i1", meaning(len(a.type.items), len(b.type.items)))
    pairs = list(zip(t.items(a), t.items(b), equal, reached, strict=False))
    for x, y, one, before in reversed(pairs):
        if t.constants.get(one) is True:
            continue
        if numeric(x) and numeric(y):
            decided = numbers.truth(t, numbers.compare(t, op, x, y))
        elif is_one(t, x) and is_one(t, y):
            decided = ordered(t, op, x, y)
        else:
            # They have no order, or none that is known here: leave where it is asked for.
            differ = t.emit("NOT", (one,), "i1")
            asked = differ if before is None else t.emit("AND", (before, differ), "i1")
            t.guard(t.emit("NOT", (asked,), "i1"), "ZX033")
            continue
        made = t.emit("SELECT", (one, made, decided), "i1")
    return made


def total(t: Trace, rep: Rep, start: Rep) -> Rep:
    """`sum(items, start)`."""
    items = t.items(whole(t, rep))
    kinds = frozenset[types.Type]().union(*(types.members(one.type) for one in (start, *items)))
    if sys.version_info >= (3, 12) and types.FLOAT in kinds:
        raise refuse("a compensated sum()", rep)
    if not all(map(types.is_number, kinds)):
        raise refuse("sum()", rep)
    return functools.reduce(lambda made, one: numbers.binary(t, "ADD", made, one), items, start)


def extreme(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`min(a, b)` or `max(a, b)` of two tuples: the second one only if it is strictly less (greater)."""
    a, b = whole(t, a), whole(t, b)
    better = ordered(t, "LT" if op == "MIN" else "GT", b, a)
    both = types.join(a.type, b.type)
    return select(t, better, t.coerce(b, both), t.coerce(a, both))
