"""Native forms of `a, *rest, b = value`: what is taken out of lists and tuples, and the list of the rest."""

from __future__ import annotations

import builtins
import operator

from zexus import ops, types
from zexus.jit.forms import sequences, tuples
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import Type


def spread(t: Trace, how: ops.Spread, rep: Rep, seen: dict[int, set[Type]]) -> Rep:
    """The tuple that is taken apart.

    Args:
        t: the trace.
        how: how many items stand before and behind the list.
        rep: the value.
        seen: the types of the items of the tuple, by their places.

    Raises:
        Unsupported: the value is neither a list nor a tuple.
    """
    rep = tuples.whole(t, rep)
    if isinstance(rep.type, types.Tuple):
        return _of_items(t, how, rep)
    if not isinstance(rep.type, (types.List, types.AnyTuple)):
        raise refuse("starred assignment", rep)
    of_list = isinstance(rep.type, types.List)
    size = t.emit("LIST_LEN", rep.values, "i64") if of_list else sequences.tuple_length(t, rep)
    fixed = how.before + how.after
    t.guard(t.emit("GE", (size, t.int_(fixed)), "i1"), "ZX033")
    places = [t.int_(place) for place in range(how.before)]
    places += [_less(t, size, back) for back in range(how.after, 0, -1)]
    read = sequences.list_item if of_list else sequences.any_item
    kinds = [seen.get(place, set()) for place in range(fixed + 1) if place != how.before]
    items = [sequences.unbox(t, read(t, rep.value, place), known, rep.type.elem)
             for place, known in zip(places, kinds, strict=True)]
    rest = _rest(t, how, rep, _less(t, size, fixed))
    return t.tuple_of([*items[:how.before], rest, *items[how.before:]])


def _of_items(t: Trace, how: ops.Spread, rep: Rep) -> Rep:
    items = t.items(rep)
    end = len(items) - how.after
    if end < how.before:
        raise refuse("starred assignment", rep)
    return t.tuple_of([*items[:how.before], sequences.build(t, items[how.before:end]), *items[end:]])


def _less(t: Trace, size: Value, count: int) -> Value:
    if not count:
        return size
    made = t.emit("SUB", (size, t.int_(count)), "i64")
    t.proven(made, "nowrap")
    return made


def _rest(t: Trace, how: ops.Spread, rep: Rep, count: Value) -> Rep:
    """The list of the items between."""
    if isinstance(rep.type, types.List):
        part = Rep(types.Part(rep.type, 1), (rep.value, t.int_(how.before), count))
        return sequences.settled(t, part)
    assert isinstance(rep.type, types.AnyTuple)
    key = slice(how.before, -how.after or None)
    between = t.built(operator.getitem, [rep.value, t.emit("REF", (), "ptr", t.ref(key, f"constant {key}"))])
    return Rep(types.List(rep.type.elem), (t.built(builtins.list, [between]),))
