"""Native forms of lists, tuples, ranges and the cursors over them and over arrays."""

from __future__ import annotations

import functools
from typing import Any

from zexus import types
from zexus.codes import Unsupported
from zexus.frontend.sites import UNBOUND
from zexus.jit.forms import arrays, deques, dicts, indices, keyed, named, numbers, octets, ranges, texts, tuples
from zexus.jit.forms.indices import index_value
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace, divided
from zexus.regvm.ir import Value
from zexus.types import BOOL, FLOAT, INT, NpScalar, Type


def unbox(t: Trace, pointer: Value, seen: frozenset[Type] | set[Type], hint: Type | None) -> Rep:
    """An object as the type that it was seen to have; another type leaves.

    Raises:
        Unsupported: nothing was seen and nothing is hinted.
    """
    kinds = set(seen)
    if not kinds:
        if hint is None:
            raise Unsupported("ZX031", detail="nothing was seen here while recording")
        kinds = {hint}
    return as_one_of(t, pointer, kinds, hint) or held_object(t, pointer)


def as_one_of(t: Trace, pointer: Value, kinds: set[Type], hint: Type | None = None) -> Rep | None:
    """An object as what covers some types; another type leaves. None where that would tell nothing of it."""
    if len(kinds) == 1:
        (kind,) = kinds
        return unbox_as(t, pointer, kind if hint is None or hint != kind else hint)
    if kinds == {INT, types.WORD}:
        return unbox_as(t, pointer, types.WORD)
    if all(k in types.TAGS for k in kinds) and (types.union_payload(kinds) or kinds <= {types.NONE, types.UNBOUND_T}):
        return unbox_union(t, pointer, kinds)
    if all(isinstance(k, types.List) for k in kinds):
        return unbox_as(t, pointer, next(iter(kinds)))
    if all(isinstance(k, types.Array) for k in kinds):
        kind = functools.reduce(types.join, kinds)
        if isinstance(kind, types.Array):
            return unbox_as(t, pointer, kind)
    if all(isinstance(k, (types.Tuple, types.AnyTuple)) or k == types.NONE for k in kinds):
        return unbox_as(t, pointer, functools.reduce(types.join, sorted(kinds, key=str)))
    if all(isinstance(k, types.Instance) or k == types.NONE for k in kinds):
        classes = [k.kind if isinstance(k, types.Instance) else type(None) for k in sorted(kinds, key=str)]
        return instance(t, pointer, types.OBJECT, classes)
    return None


def held_object(t: Trace, pointer: Value) -> Rep:
    """Any object: it is held, for the list that it is from may replace it, or overwrite a number in place."""
    t.emit("KEEP", (pointer,))
    return Rep(types.OBJECT, (pointer,))


def instance(t: Trace, pointer: Value, kind: Type, classes: list[type]) -> Rep:
    """An object of one of some classes, none of which is overwritten in place as numbers are."""
    numbers_ = tuple(t.ref(one, f"class {one.__qualname__}") for one in classes)
    t.emit("GUARD_CLASS", (pointer,), "", numbers_, "ZX031")
    return Rep(kind, (pointer,))


def unbox_union(t: Trace, pointer: Value, kinds: set[Type] | frozenset[Type]) -> Rep:
    """An object as a union of scalars; another type leaves."""
    rows = []
    for kind in sorted(kinds, key=str):
        ref = -1
        if isinstance(kind, NpScalar):
            ref = t.scalar_type(kind)
        elif kind == types.NONE:
            ref = t.ref(None, "None")
        elif kind == types.UNBOUND_T:
            ref = t.ref(UNBOUND, "UNBOUND")
        rows.append((str(kind), types.TAGS[kind], ref))
    tag = t.emit("TAG_OF", (pointer,), "i64", tuple(rows), "ZX031")
    held = types.parts(types.union_payload(kinds))
    values = [tag]
    if held:
        values.append(t.emit("UNBOX_TAGGED", (pointer, tag), held[0], tuple(rows), "ZX031"))
    if FLOAT in kinds:
        no_nan(t, values[1])
    if len(held) == 2:
        pairs = tuple((str(k), types.TAGS[k]) for k in sorted(kinds, key=str) if types.is_complex(k))
        values.append(t.emit("UNBOX_IMAG", (pointer, tag), "f64", pairs))
    return Rep(types.Union(frozenset(kinds)), tuple(values))


def no_nan(t: Trace, number: Value) -> None:
    """Leave a nan to CPython where it counts which one it is, as soon as it is read."""
    if FLOAT in t.told_apart:
        t.guard(t.emit("EQ", (number, number), "i1"), "ZX031")


def unbox_as(t: Trace, pointer: Value, kind: Type) -> Rep:
    """An object as `kind`; another type leaves."""
    if kind == INT:
        return Rep(INT, (t.emit("UNBOX_INT", (pointer,), "i64", None, "ZX031"),))
    if kind == types.WORD:
        return Rep(kind, (t.emit("UNBOX_INT", (pointer,), "i64", str(types.WORD), "ZX031"),))
    if kind == FLOAT:
        number = t.emit("UNBOX_FLOAT", (pointer,), "f64", None, "ZX031")
        no_nan(t, number)
        return Rep(FLOAT, (number,))
    if kind == BOOL:
        return Rep(BOOL, (t.emit("UNBOX_BOOL", (pointer,), "i1", None, "ZX031"),))
    if kind == types.NONE:
        t.emit("GUARD_IS", (pointer, t.none()), "", None, "ZX031")
        return Rep(kind)
    if isinstance(kind, types.Union):
        return unbox_union(t, pointer, kind.members)
    if kind == types.UNBOUND_T:
        marker = t.emit("REF", (), "ptr", t.ref(UNBOUND, "UNBOUND"))
        t.emit("GUARD_IS", (pointer, marker), "", None, "ZX031")
        return Rep(kind)
    if types.is_complex(kind):
        which = (kind.dtype, t.scalar_type(kind)) if isinstance(kind, NpScalar) else ("complex", -1)
        return Rep(kind, tuple(t.emit("UNBOX_PART", (pointer,), "f64", (*which, part), "ZX031") for part in (0, 1)))
    if isinstance(kind, NpScalar):
        imm = (kind.dtype, t.scalar_type(kind))
        return Rep(kind, (t.emit("UNBOX_NP", (pointer,), types.payload(kind), imm, "ZX031"),))
    if isinstance(kind, types.List):
        t.emit("GUARD_LIST", (pointer,), "", None, "ZX031")
        return Rep(kind, (pointer,))
    if isinstance(kind, types.Array):
        return arrays.guarded(t, pointer, kind)
    if isinstance(kind, types.Tuple):
        t.emit("GUARD_TUPLE", (pointer,), "", len(kind.items), "ZX031")
        return t.tuple_of([tuple_item(t, pointer, i, item) for i, item in enumerate(kind.items)], pointer)
    if isinstance(kind, types.AnyTuple):
        t.emit("GUARD_TUPLE", (pointer,), "", None, "ZX031")
        return Rep(kind, (pointer,))
    if isinstance(kind, types.Maybe):
        return tuple_or_none(t, pointer, kind)
    if isinstance(kind, types.Named):
        return named.unboxed(t, pointer, kind)
    if isinstance(kind, types.Instance):
        return instance(t, pointer, kind, [kind.kind])
    if not t.entering:
        return held_object(t, pointer)
    return Rep(kind if isinstance(kind, types.Object) else types.OBJECT, (pointer,))


def tuple_or_none(t: Trace, pointer: Value, kind: types.Maybe) -> Rep:
    """A tuple or its absence: where it is absent, the items are those of a sample."""
    sample = t.emit("REF", (), "ptr", t.ref(types.sample(kind.inner), f"sample of {kind.inner}"))
    source = pointer
    for absent in sorted(kind.absent, key=str):
        here = t.emit("SAME", (pointer, t.boxed(Rep(absent))), "i1")
        source = t.emit("SELECT", (here, sample, source), "ptr")
    made = unbox_as(t, source, kind.inner)
    return Rep(kind, (pointer, *made.values[1:]))


def tuple_item(t: Trace, pointer: Value, index: int, kind: Type) -> Rep:
    """An item of a tuple, which holds it for good."""
    item = t.emit("TUPLE_ITEM", (pointer,), "ptr", index)
    return Rep(types.OBJECT, (item,)) if kind == types.OBJECT else unbox_as(t, item, kind)


# --- reading and writing items ---------------------------------------------------------------------------------


def get(t: Trace, owner: Rep, key: Rep, seen: set[Type], factory: Any = None) -> Rep:
    """`owner[key]`; `factory` is the code by which a defaultdict may make what it does not have, if it is known."""
    owner = tuples.whole(t, owner)
    kind = owner.type
    if texts.is_one(t, owner):
        return texts.item(t, owner, key)
    if dicts.is_one(owner):
        return dicts.get(t, owner, key, seen, factory)
    if octets.is_one(owner):
        return octets.item(t, owner, key)
    if ranges.is_one(owner):
        return ranges.item(t, owner, key)
    if deques.is_one(owner):
        return deques.item(t, owner, key, seen)
    if isinstance(kind, types.List):
        if isinstance(key.type, types.Slice):
            return part(t, owner, key)
        return unbox(t, list_item(t, owner.value, list_index(t, owner, key)), seen, kind.elem)
    if arrays.is_array(owner):
        return arrays.get(t, owner, key)
    if isinstance(kind, types.AnyTuple):
        at = t.emit("INDEX", (index_value(t, key), tuple_length(t, owner)), "i64", None, "ZX032")
        return unbox(t, any_item(t, owner.value, at), seen, kind.elem)
    if isinstance(kind, types.Tuple):
        return tuples.item(t, owner, key)
    raise refuse("indexing", owner, key)


def list_index(t: Trace, owner: Rep, key: Rep) -> Value:
    """The index of an item of a list, counted from the front; an index that is out of range leaves."""
    size = t.emit("LIST_LEN", (owner.value,), "i64")
    return t.emit("INDEX", (index_value(t, key), size), "i64", None, "ZX032")


def list_item(t: Trace, pointer: Value, index: Value) -> Value:
    """The object that a list holds at an index that is known to be within it."""
    return t.emit("LIST_ITEM", (t.emit("LIST_SLOTS", (pointer,), "ptr"), index), "ptr")


def tuple_length(t: Trace, owner: Rep) -> Value:
    """The length of a tuple."""
    if isinstance(owner.type, types.Tuple):
        return t.int_(len(owner.type.items))
    return t.emit("TUPLE_LEN", (owner.values[0],), "i64")


def any_item(t: Trace, pointer: Value, index: Value) -> Value:
    """The object that a tuple holds at an index that is known to be within it."""
    return t.emit("LIST_ITEM", (t.emit("TUPLE_SLOTS", (pointer,), "ptr"), index), "ptr")


def put(t: Trace, owner: Rep, key: Rep, value: Rep) -> None:
    """`owner[key] = value`."""
    kind = owner.type
    if isinstance(kind, types.List):
        if isinstance(value.type, types.Union):
            value = numbers.narrow_bound(t, value)
        kinds: dict[Type, str] = {INT: "INT", FLOAT: "FLOAT", BOOL: "BOOL", types.COMPLEX: "COMPLEX"}
        held = kinds.get(value.type, "PTR")
        new = (t.boxed(value),) if held == "PTR" else value.values
        at = list_index(t, owner, key)
        slots = t.emit("LIST_SLOTS", (owner.value,), "ptr")
        t.emit("LIST_SET_" + held, (slots, at, *new), "", None, "ZX036")
        return
    if arrays.is_array(owner):
        arrays.put(t, owner, key, value)
        return
    octets.put(t, owner, key, value)


# --- ranges and cursors ----------------------------------------------------------------------------------------


def begin(t: Trace, rep: Rep) -> Rep:
    """The cursor of a `for` loop over a value."""
    rep = tuples.whole(t, rep)
    if ranges.is_one(rep):
        rep = ranges.opened(t, rep)
    kind = rep.type
    if isinstance(kind, types.Cursor):
        return rep
    if isinstance(kind, types.Range):
        at, stop, step = rep.values
        if t.constants.get(step) not in (1, -1):
            # No overflow behind the end: the last step is taken without a check.
            t.emit("ADD", (stop, step), "i64", None, "ZX030")
        return Rep(types.Cursor("range"), (at, stop, step))
    if isinstance(kind, (types.List, types.Part)):
        return Rep(types.Cursor("list", (kind,)), (*rep.values, t.int_(0)))
    if arrays.is_array(rep):
        return Rep(types.Cursor("array", (kind,)), (*rep.values, t.int_(0)))
    if isinstance(kind, (types.Tuple, types.AnyTuple)):
        return Rep(types.Cursor("tuple", (kind,)), (*rep.values, t.int_(0)))
    if texts.is_one(t, rep):
        return Rep(types.Cursor("text", (types.STR,)), (texts.pointer(t, rep), t.int_(0)))
    over = keyed.begin(t, rep)
    if over is None:
        raise Unsupported("ZX017", detail=str(kind))
    return over


def make_enumerate(t: Trace, args: list[Rep]) -> Rep:
    """`enumerate(iterable, start)`."""
    inner = begin(t, args[0])
    if isinstance(args[0].type, types.Cursor):
        raise Unsupported("ZX017", detail="an iterator inside enumerate")
    count = numbers.as_int(t, args[1]) if len(args) > 1 and args[1].type == INT else t.int_(0)
    if len(args) > 1 and args[1].type != INT:
        raise refuse("enumerate", args[1])
    return Rep(types.Cursor("enumerate", (inner.type,)), (*inner.values, count))


def make_reversed(t: Trace, rep: Rep) -> Rep:
    """`reversed(sequence)` of a list or a range."""
    if isinstance(rep.type, types.List):
        last = t.emit("SUB", (t.emit("LIST_LEN", (rep.value,), "i64"), t.int_(1)), "i64")
        t.proven(last, "nowrap")
        return Rep(types.Cursor("reversed", (rep.type,)), (rep.value, last))
    if not isinstance(rep.type, types.Range):
        raise refuse("reversed()", rep)
    start, stop, step = rep.values

    def checked(op: str, x: Value, y: Value) -> Value:
        return t.emit(op, (x, y), "i64", None, "ZX030")

    constant = t.constants.get(step)
    if constant == 1:
        back = (checked("SUB", stop, step), checked("SUB", start, step), t.int_(-1))
    elif constant == -1:
        back = (checked("SUB", stop, step), checked("SUB", start, step), t.int_(1))
    else:
        rising = t.emit("GT", (step, t.int_(0)), "i1")
        span = checked("SUB", checked("SUB", stop, start), t.emit("SELECT", (rising, t.int_(1), t.int_(-1)), "i64"))
        steps = t.emit("FLOORDIV", (span, step), "i64", None, "ZX033")
        some = t.emit("GE", (steps, t.int_(0)), "i1")
        last = checked("MUL", t.emit("SELECT", (some, steps, t.int_(-1)), "i64"), step)
        back = (checked("ADD", start, last), checked("SUB", start, step), t.emit("NEG", (step,), "i64", None, "ZX030"))
    return begin(t, Rep(types.RANGE, back))


def make_zip(t: Trace, args: list[Rep], strict: bool = False) -> Rep:
    """`zip(iterables, strict=strict)`."""
    if not args or any(isinstance(a.type, types.Cursor) for a in args):
        raise Unsupported("ZX017", detail="an iterator inside zip")
    inners = [begin(t, a) for a in args]
    kind = types.Cursor("strict_zip" if strict else "zip", tuple(i.type for i in inners))
    return Rep(kind, tuple(v for i in inners for v in i.values))


def parts(rep: Rep) -> list[Rep]:
    """The inner cursors of enumerate and zip."""
    assert isinstance(rep.type, types.Cursor)
    return divided(rep.type.parts, rep.values)


def ready(t: Trace, rep: Rep) -> Value:
    """Whether the cursor has a current value."""
    kind = rep.type
    if not isinstance(kind, types.Cursor):
        raise Unsupported("ZX017", detail=str(kind))
    if kind.kind == "range":
        at, stop, step = rep.values
        constant = t.constants.get(step)
        if constant is not None:
            return t.emit("LT" if constant > 0 else "GT", (at, stop), "i1")
        up, down = t.emit("LT", (at, stop), "i1"), t.emit("GT", (at, stop), "i1")
        rising = t.emit("GT", (step, t.int_(0)), "i1")
        return t.emit("SELECT", (rising, up, down), "i1")
    if kind.kind == "list":
        of_part = isinstance(kind.parts[0], types.Part)
        size = rep.values[2] if of_part else t.emit("LIST_LEN", (rep.values[0],), "i64")
        return t.emit("LT", (rep.values[-1], size), "i1")
    if kind.kind == "reversed":
        begun = t.emit("GE", (rep.values[1], t.int_(0)), "i1")
        below = t.emit("LT", (rep.values[1], t.emit("LIST_LEN", (rep.values[0],), "i64")), "i1")
        return t.emit("AND", (begun, below), "i1")
    if kind.kind == "array":
        owner = Rep(kind.parts[0], rep.values[:-1])
        return t.emit("LT", (rep.values[-1], arrays.length(t, owner)), "i1")
    if kind.kind == "text":
        return t.emit("LT", (rep.values[-1], texts.length(t, Rep(types.STR, rep.values[:1]))), "i1")
    if kind.kind in types.KEYED:
        return keyed.ready(t, rep)
    if kind.kind == "tuple":
        return t.emit("LT", (rep.values[-1], tuple_length(t, Rep(kind.parts[0], rep.values[:-1]))), "i1")
    states = [ready(t, inner) for inner in parts(rep)]
    every = some = states[0]
    for one in states[1:]:
        every = t.emit("AND", (every, one), "i1")
    if kind.kind == "strict_zip" and len(states) > 1:
        # Where one ends before another, zip raises.
        for one in states[1:]:
            some = t.emit("OR", (some, one), "i1")
        t.guard(t.emit("OR", (every, t.emit("NOT", (some,), "i1")), "i1"), "ZX033")
    return every


def current(t: Trace, rep: Rep, seen: set[Type]) -> Rep:
    """The cursor's current value."""
    kind = rep.type
    assert isinstance(kind, types.Cursor)
    if kind.kind == "range":
        return Rep(INT, (rep.values[0],))
    if kind.kind in ("list", "reversed"):
        owner = kind.parts[0]
        if isinstance(owner, types.Part):
            held, start, _, at = rep.values
            if owner.step != 1:
                at = t.emit("MUL", (at, t.int_(owner.step)), "i64")
                t.proven(at, "nowrap")
            return unbox(t, list_item(t, held, _plus(t, start, at)), seen, owner.list.elem)
        assert isinstance(owner, types.List)
        return unbox(t, list_item(t, *rep.values), seen, owner.elem)
    if kind.kind == "array":
        return arrays.at(t, Rep(kind.parts[0], rep.values[:-1]), rep.values[-1])
    if kind.kind == "text":
        return texts.character(t, Rep(types.STR, rep.values[:1]), rep.values[1])
    if kind.kind in types.KEYED:
        return keyed.current(t, rep, seen)
    if kind.kind == "tuple" and isinstance(kind.parts[0], types.AnyTuple):
        return unbox(t, any_item(t, *rep.values), seen, kind.parts[0].elem)
    if kind.kind == "tuple":
        return tuples.chosen(t, t.items(Rep(kind.parts[0], rep.values[:-1])), rep.values[-1])
    inner_seen = seen_parts(seen, 2 if kind.kind == "enumerate" else len(kind.parts))
    inners = parts(rep)
    if kind.kind == "enumerate":
        return t.tuple_of([Rep(INT, (rep.values[-1],)), current(t, inners[0], inner_seen[1])])
    return t.tuple_of([current(t, inner, inner_seen[i]) for i, inner in enumerate(inners)])


def seen_parts(seen: set[Type], count: int) -> list[set[Type]]:
    """What was seen of each item of tuples of so many items."""
    found: list[set[Type]] = [set() for _ in range(count)]
    for one in seen:
        if isinstance(one, types.Tuple) and len(one.items) == count:
            for position, item in enumerate(one.items):
                found[position].add(item)
    return found


def advanced(t: Trace, rep: Rep) -> Rep:
    """The cursor behind its current value."""
    kind = rep.type
    assert isinstance(kind, types.Cursor)
    if kind.kind == "range":
        at, stop, step = rep.values
        return Rep(kind, (_plus(t, at, step), stop, step))
    if kind.kind == "reversed":
        return Rep(kind, (rep.values[0], _plus(t, rep.values[1], t.int_(-1))))
    if kind.kind in types.KEYED:
        return keyed.advanced(t, rep)
    if kind.kind in ("list", "array", "tuple", "text"):
        return Rep(kind, (*rep.values[:-1], _plus(t, rep.values[-1], t.int_(1))))
    inner = tuple(v for part in parts(rep) for v in advanced(t, part).values)
    if kind.kind == "enumerate":
        return Rep(kind, (*inner, t.emit("ADD", (rep.values[-1], t.int_(1)), "i64", None, "ZX030")))
    return Rep(kind, inner)


def _plus(t: Trace, value: Value, step: Value) -> Value:
    made = t.emit("ADD", (value, step), "i64")
    t.proven(made, "nowrap")
    return made


# --- lists made and changed ------------------------------------------------------------------------------------


def build(t: Trace, items: list[Rep]) -> Rep:
    """`[a, b, ...]`."""
    boxes = [t.boxed(item) for item in items]
    elem = items[0].type if items and all(i.type == items[0].type for i in items) else None
    return Rep(types.List(elem), (t.emit("LIST_NEW", boxes, "ptr", len(boxes)),))


def repeat(t: Trace, owner: Rep, count: Rep) -> Rep:
    """`items * count`."""
    assert isinstance(owner.type, types.List)
    return Rep(owner.type, (t.emit("LIST_REPEAT", (owner.value, index_value(t, count)), "ptr", None, "ZX033"),))


def part(t: Trace, owner: Rep, key: Rep) -> Rep:
    """`items[start:stop:step]` as what it selects."""
    assert isinstance(owner.type, types.List)
    span = indices.span(t, key, t.emit("LIST_LEN", (owner.value,), "i64"))
    start = t.int_(0) if span.start is None else span.start
    return Rep(types.Part(owner.type, span.step), (owner.value, start, span.count))


def settled(t: Trace, rep: Rep) -> Rep:
    """A part of a list as a list of its own."""
    assert isinstance(rep.type, types.Part)
    return Rep(rep.type.list, (t.boxed(rep),))


def kept(t: Trace, rep: Rep) -> Rep:
    """The same cursor over copies of the parts of lists that it goes over: other code may change the lists."""
    kind = rep.type
    if not isinstance(kind, types.Cursor):
        return rep
    if kind.kind == "enumerate" or kind.kind in types.ZIPS:
        inner = tuple(v for one in parts(rep) for v in kept(t, one).values)
        return Rep(kind, inner if kind.kind in types.ZIPS else (*inner, rep.values[-1]))
    (owner,) = kind.parts or (None,)
    if not isinstance(owner, types.Part):
        return rep
    held, start, count, at = rep.values
    # What lies between the items is copied too, so that the step stays what it is.
    length = t.emit("MUL", (_plus(t, count, t.int_(-1)), t.int_(abs(owner.step))), "i64")
    t.proven(length, "nowrap")
    lowest = start
    if owner.step < 0:
        lowest = t.emit("SUB", (start, length), "i64")
        t.proven(lowest, "nowrap")
    some = t.emit("LT", (t.int_(0), count), "i1")
    whole = t.emit("SELECT", (some, _plus(t, length, t.int_(1)), t.int_(0)), "i64")
    copy = t.emit("LIST_SLICE", (held, lowest, whole, t.int_(1)), "ptr", None, "ZX033")
    return Rep(kind, (copy, t.int_(0) if owner.step > 0 else length, count, at))


def is_lazy(kind: Type) -> bool:
    """Whether a cursor goes over a part of a list in place."""
    return any(isinstance(inner, types.Part) for inner in types.each(kind))


METHODS = ("append", "pop", "insert")


def method(t: Trace, owner: Rep, name: str, args: list[Rep], seen: set[Type]) -> Rep:
    """`owner.name(args)` for list methods."""
    kind = owner.type
    if isinstance(kind, types.List) and name == "append" and len(args) == 1:
        value = args[0]
        if isinstance(value.type, types.Union):
            value = numbers.narrow_bound(t, value)
        if isinstance(value.type, (types.Tuple, types.Named)):
            parts, spec = t.packed(value)
            t.emit("LIST_PUSH_TUPLE", (owner.value, *parts), "", (1 + len(parts), spec))
            return Rep(types.NONE)
        kinds: dict[Type, str] = {INT: "_INT", FLOAT: "_FLOAT", types.COMPLEX: "_COMPLEX"}
        held = kinds.get(value.type)
        if held is not None:
            t.emit("LIST_PUSH" + held, (owner.value, *value.values))
        else:
            t.emit("LIST_PUSH", (owner.value, t.boxed(value)))
        return Rep(types.NONE)
    if isinstance(kind, types.List) and name == "pop" and not args:
        length = t.emit("LIST_LEN", (owner.value,), "i64")
        t.guard(t.emit("GT", (length, t.int_(0)), "i1"), "ZX032")
        last = t.emit("SUB", (length, t.int_(1)), "i64")
        t.proven(last, "nowrap")
        item = unbox(t, list_item(t, owner.value, last), seen, kind.elem)
        t.emit("LIST_POP", (owner.value,), "ptr", None, "ZX036")
        return item
    if isinstance(kind, types.List) and name == "pop" and len(args) == 1 and args[0].type in (INT, BOOL):
        at = list_index(t, owner, args[0])
        item = unbox(t, list_item(t, owner.value, at), seen, kind.elem)
        t.emit("LIST_CUT", (owner.value, at), "", None, "ZX036")
        return item
    if isinstance(kind, types.List) and name == "insert" and len(args) == 2 and args[0].type in (INT, BOOL):
        t.emit("LIST_INSERT", (owner.value, numbers.as_int(t, args[0]), t.boxed(args[1])))
        return Rep(types.NONE)
    raise Unsupported("ZX022", detail=f"method {name!r} of {kind}")


def delete(t: Trace, owner: Rep, key: Rep) -> bool:
    """`del owner[key]` of a list; whether it is one, and the key an index."""
    if not isinstance(owner.type, types.List) or key.type not in (INT, BOOL):
        return False
    t.emit("LIST_CUT", (owner.value, list_index(t, owner, key)), "", None, "ZX036")
    return True


def total(t: Trace, rep: Rep, start: Rep, seen: set[Type]) -> Rep:
    """`sum(rep, start)` of a list of numbers of one type."""
    kind = FLOAT if FLOAT in seen else INT
    if not seen:
        raise Unsupported("ZX031", detail="nothing was seen here while recording")
    if not seen <= {INT, FLOAT} or not isinstance(rep.type, (types.List, types.Part)):
        raise refuse("sum()", rep)
    if start.type not in (INT, FLOAT):
        raise refuse("sum()", rep, start)
    first = start.value
    if kind == FLOAT and start.type == INT and t.constants.get(first) == 0:
        first = t.k("f64", 0.0)
    elif start.type != kind:
        raise refuse("sum()", rep, start)
    if isinstance(rep.type, types.Part):
        what = (*rep.values, t.int_(rep.type.step), first)
    else:
        what = (rep.value, t.int_(0), t.emit("LIST_LEN", (rep.value,), "i64"), t.int_(1), first)
    return Rep(kind, (t.emit("LIST_SUM", what, types.payload(kind), None, "ZX031"),))


def length(t: Trace, rep: Rep) -> Rep:
    """`len(rep)`."""
    rep = tuples.whole(t, rep)
    kind = rep.type
    if octets.is_one(rep):
        return Rep(INT, (octets.length(t, rep),))
    if deques.is_one(rep):
        return Rep(INT, (deques.length(t, rep),))
    if ranges.is_one(rep):
        return Rep(INT, (ranges.length(t, rep),))
    if isinstance(kind, types.List):
        return Rep(INT, (t.emit("LIST_LEN", (rep.value,), "i64"),))
    if isinstance(kind, types.Part):
        return Rep(INT, (rep.values[2],))
    if arrays.is_array(rep):
        return Rep(INT, (arrays.length(t, rep),))
    if isinstance(kind, (types.Tuple, types.AnyTuple)):
        return Rep(INT, (tuple_length(t, rep),))
    raise refuse("len()", rep)
