"""Native forms of arrays: items, and views by basic indexing, which are places in an array's memory with a shape."""

from __future__ import annotations

from zexus import types
from zexus.codes import Unsupported
from zexus.jit import views
from zexus.jit.forms import complexes, indices, numbers
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, FLOAT, INT, NpScalar

STRIDED = "strided"


def wanted(t: Trace, kind: types.Array) -> tuple[object, ...]:
    """What a guard on an array of this type has to find."""
    import numpy as np

    descr = t.ref(np.dtype(kind.dtype), f"dtype {kind.dtype}")
    ndarray = t.ref(np.ndarray, "numpy.ndarray")
    written = (kind.dtype, kind.ndim) in t.stored_kinds
    return (kind.ndim, written, descr, ndarray, *(() if kind.contiguous else (STRIDED,)))


def guarded(t: Trace, pointer: Value, kind: types.Array) -> Rep:
    """An array as its object, data, dimensions and strides; another layout leaves."""
    found = wanted(t, kind)
    data = t.emit("GUARD_ARRAY", (pointer,), "ptr", found, "ZX031")
    shape = [t.emit("ARRAY_DIM", (pointer,), "i64", i) for i in range(kind.ndim)]
    if not kind.contiguous:
        shape += [t.emit("ARRAY_STRIDE", (pointer,), "i64", i) for i in range(kind.ndim)]
    if t.entering:
        t.arrays.append((pointer, data, shape, found))
    return Rep(kind, (pointer, data, *shape))


def is_array(rep: Rep) -> bool:
    """Whether a value is an array or a view of one."""
    return isinstance(rep.type, (types.Array, types.View))


def length(t: Trace, rep: Rep) -> Value:
    """The first dimension."""
    return views.parts(rep)[1][0]


# --- indexing ------------------------------------------------------------------------------------------------


def get(t: Trace, owner: Rep, key: Rep) -> Rep:
    """`owner[key]`: an item, or a view."""
    keys = _keys(t, owner, key)
    if all(not isinstance(k.type, types.Slice) for k in keys):
        return load(t, owner, _indices(t, owner, keys))
    return view(t, owner, keys)


def put(t: Trace, owner: Rep, key: Rep, value: Rep) -> None:
    """`owner[key] = value` for an item."""
    keys = _keys(t, owner, key)
    if any(isinstance(k.type, types.Slice) for k in keys):
        raise refuse("assignment to a part of an array", owner)
    store(t, owner, _indices(t, owner, keys), value)


def at(t: Trace, owner: Rep, index: Value) -> Rep:
    """`owner[index]` where the index is known to be within the first dimension."""
    assert isinstance(owner.type, (types.Array, types.View))
    if owner.type.ndim == 1:
        return load(t, owner, [index])
    return _view(t, owner, [index, *[None] * (owner.type.ndim - 1)])


def _keys(t: Trace, owner: Rep, key: Rep) -> list[Rep]:
    """A key for each dimension, an index or a slice."""
    kind = owner.type
    assert isinstance(kind, (types.Array, types.View))
    everything = indices.make_slice([Rep(types.NONE)] * 3)
    keys = t.items(key) if isinstance(key.type, types.Tuple) else [key]
    dots = [i for i, one in enumerate(keys) if isinstance(one.type, types.Known) and t.object_of(one) is Ellipsis]
    if len(dots) == 1 and len(keys) <= kind.ndim:
        keys[dots[0]:dots[0] + 1] = [everything] * (kind.ndim - len(keys) + 1)
    if len(keys) > kind.ndim:
        raise refuse("indexing with more indices than dimensions", owner)
    for one in keys:
        if one.type in (BOOL, NpScalar("bool")) or not (isinstance(one.type, (types.Slice, types.Union))
                                                        or types.is_number(one.type)):
            raise refuse("indexing", owner, one)
    return [*keys, *[everything] * (kind.ndim - len(keys))]


def _indices(t: Trace, owner: Rep, keys: list[Rep]) -> list[Value]:
    _, dims, _ = views.parts(owner)
    return [_index(t, one, dim) for one, dim in zip(keys, dims, strict=True)]


def _index(t: Trace, key: Rep, dim: Value) -> Value:
    return t.emit("INDEX", (indices.index_value(t, key), dim), "i64", None, "ZX032")


def view(t: Trace, owner: Rep, keys: list[Rep]) -> Rep:
    """`owner[keys]` where at least one of the keys is a slice."""
    _, dims, _ = views.parts(owner)
    chosen: list[Value | indices.Span | None] = []
    for key, dim in zip(keys, dims, strict=True):
        if isinstance(key.type, types.Slice):
            span = indices.span(t, key, dim)
            chosen.append(None if span.whole else span)
        else:
            chosen.append(_index(t, key, dim))
    return _view(t, owner, chosen)


def _view(t: Trace, owner: Rep, chosen: list[Value | indices.Span | None] | list[Value | None]) -> Rep:
    """The view that takes an index, a span or all (None) of each dimension (see NumPy's `get_view_from_index`)."""
    kind = owner.type
    assert isinstance(kind, (types.Array, types.View))
    data, dims, _ = views.parts(owner)
    steps = views.strides(t, owner)
    contiguous, offsets = kind.contiguous, []
    new_dims: list[Value] = []
    new_steps: list[Value] = []
    for one, dim, step in zip(chosen, dims, steps, strict=True):
        if isinstance(one, Value):
            contiguous = contiguous and not new_dims
            offsets.append(_times(t, one, step))
            continue
        if isinstance(one, indices.Span):
            contiguous = contiguous and not new_dims and one.step == 1
            assert one.start is not None
            offsets.append(_times(t, one.start, step))
            dim, step = one.count, _stepped(t, one, step)
        new_dims.append(dim)
        new_steps.append(step)
    for offset in offsets:
        data = t.emit("ARRAY_AT", (data, offset), "ptr")
    shape = new_dims if contiguous else [*new_dims, *new_steps]
    made = types.View(kind.dtype, len(new_dims), contiguous)
    return Rep(made, (owner.values[0], t.emit("VIEW_ID", (), "i64"), data, *shape))


def _stepped(t: Trace, span: indices.Span, stride: Value) -> Value:
    """The stride behind a step; of nothing, NumPy takes every item."""
    if span.step == 1:
        return stride
    some = t.emit("LT", (t.int_(0), span.count), "i1")
    return t.emit("SELECT", (some, _times(t, stride, t.int_(span.step)), stride), "i64")


def _times(t: Trace, a: Value, b: Value) -> Value:
    """A product within an array's extent in bytes."""
    made = t.emit("MUL", (a, b), "i64")
    t.proven(made, "nowrap")
    return made


# --- attributes ----------------------------------------------------------------------------------------------


def attribute(t: Trace, owner: Rep, name: str) -> Rep:
    """`owner.name`."""
    kind = owner.type
    assert isinstance(kind, (types.Array, types.View))
    data, dims, _ = views.parts(owner)
    if name == "shape":
        return t.tuple_of([Rep(INT, (d,)) for d in dims])
    if name == "ndim":
        return Rep(INT, (t.int_(kind.ndim),))
    if name == "size":
        size = dims[0]
        for dim in dims[1:]:
            size = t.emit("MUL", (size, dim), "i64", None, "ZX030")
        return Rep(INT, (size,))
    if name == "T":
        contiguous = kind.contiguous and kind.ndim == 1
        shape = dims if contiguous else [*dims[::-1], *views.strides(t, owner)[::-1]]
        made = types.View(kind.dtype, kind.ndim, contiguous)
        return Rep(made, (owner.values[0], t.emit("VIEW_ID", (), "i64"), data, *shape))
    raise Unsupported("ZX020", detail=f"attribute {name!r} of {kind}")


# --- items ---------------------------------------------------------------------------------------------------


def _place(owner: Rep) -> tuple[list[Value], tuple[str, ...]]:
    """What says where an item is beside its indices, and what the row's immediate says of it."""
    kind = owner.type
    assert isinstance(kind, (types.Array, types.View))
    data, dims, steps = views.parts(owner)
    return [data, *(dims if steps is None else steps)], (kind.dtype,) if steps is None else (kind.dtype, STRIDED)


def _part_places(t: Trace, owner: Rep, indices: list[Value]) -> list[tuple[list[Value], tuple[str, ...]]]:
    """Where the parts of a complex item are: in an array of floats with one dimension more."""
    where, (dtype, *strided) = _place(owner)
    held = types.COMPLEX_DTYPES[dtype]
    extent = t.int_(types.ITEM_SIZES[held] if strided else 2)
    return [([*where, extent, *indices, t.int_(part)], (held, *strided)) for part in (0, 1)]


def load(t: Trace, owner: Rep, indices: list[Value]) -> Rep:
    where, words = _place(owner)
    made = NpScalar(words[0])
    if types.is_complex(made):
        return Rep(made, tuple(t.emit("ARRAY_LOAD", place, "f64", (len(place), *named))
                               for place, named in _part_places(t, owner, indices)))
    args = [*where, *indices]
    value = t.emit("ARRAY_LOAD", args, types.payload(made), (len(args), *words))
    return Rep(made, (value if made.dtype != "uint64" else t.emit("WRAP", (value,), "i64", "uint64", "ZX030"),))


def store(t: Trace, owner: Rep, indices: list[Value], value: Rep) -> None:
    """Convert as NumPy does on assignment, or leave where it would raise or warn."""
    kind = owner.type
    assert isinstance(kind, (types.Array, types.View))
    if isinstance(kind, types.Array):
        t.stored_kinds.add((kind.dtype, kind.ndim))
    if kind.dtype in types.COMPLEX_DTYPES:
        _store_parts(t, owner, indices, value)
        return
    value = numbers.narrow(t, numbers.whole(value), types.is_number)
    if not all(map(types.is_number, types.members(value.type))):
        raise refuse("item assignment", owner, value)
    if kind.dtype in types.FLOAT_DTYPES:
        narrow = kind.dtype == "float32" and types.payload(value.type) == "i64"
        # NumPy rounds an integer of its own once.
        item = numbers.exact_float(t, value) if narrow else numbers.any_float(t, value)
        if kind.dtype == "float32" and value.type != NpScalar("float32"):
            item = numbers.reported(t, t.emit("ROUND_F32", (item,), "f64"), item, item)
    elif kind.dtype in types.INT_DTYPES:
        if isinstance(value.type, types.Union) or types.payload(value.type) == "f64":
            if value.type not in (FLOAT, NpScalar("float64")):
                raise refuse("item assignment", owner, value)
            item = t.emit("FLOAT_TO_INT", (value.value,), "i64", "trunc", "ZX033")
        else:
            item = numbers.as_int(t, value)
        if kind.dtype != "int64" and value.type != NpScalar(kind.dtype):
            item = t.emit("WRAP", (item,), "i64", kind.dtype, "ZX033")
    else:
        item = numbers.truth(t, value)
    _writeable(t, owner)
    where, words = _place(owner)
    args = [*where, *indices, item]
    t.emit("ARRAY_STORE", args, "", (len(args), *words), "ZX031")


def _writeable(t: Trace, owner: Rep) -> None:
    """Leave where a view does not let its items be assigned; arrays were looked at when they were met."""
    if isinstance(owner.type, types.View):
        t.emit("GUARD_WRITEABLE", (owner.values[0],), "", None, "ZX033")


def _store_parts(t: Trace, owner: Rep, indices: list[Value], value: Rep) -> None:
    """Convert any number to a complex item."""
    kind = owner.type
    assert isinstance(kind, (types.Array, types.View))
    value = numbers.narrow(t, numbers.whole(value), complexes.number)
    if not all(map(complexes.number, types.members(value.type))):
        raise refuse("item assignment", owner, value)
    items: tuple[Value, ...] = complexes.parts(t, value)
    if value.type == INT:
        items = numbers.exact_float(t, value), items[1]
    if kind.dtype == "complex64" and value.type != NpScalar("complex64"):
        items = tuple(numbers.reported(t, t.emit("ROUND_F32", (item,), "f64"), item, item) for item in items)
    _writeable(t, owner)
    for (place, words), item in zip(_part_places(t, owner, indices), items, strict=True):
        args = [*place, item]
        t.emit("ARRAY_STORE", args, "", (len(args), *words), "ZX031")
