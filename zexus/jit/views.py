"""Views of arrays: held as a place in an array's memory with a shape, made into objects where they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zexus import types
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value

if TYPE_CHECKING:
    import numpy as np

# What a view has for a number where it is the array itself.
IS_ARRAY = 0
# How many machine values of a view stand before its dimensions.
HEAD = 3


def parts(rep: Rep) -> tuple[Value, list[Value], list[Value] | None]:
    """The data pointer, the dimensions and the strides (None where it is contiguous) of an array or a view."""
    kind = rep.type
    assert isinstance(kind, (types.Array, types.View))
    head = HEAD if isinstance(kind, types.View) else 2
    dims = list(rep.values[head:head + kind.ndim])
    return rep.values[head - 1], dims, None if kind.contiguous else list(rep.values[head + kind.ndim:])


def strides(t: Trace, rep: Rep) -> list[Value]:
    """The strides of an array or a view in bytes."""
    _, dims, known = parts(rep)
    if known is not None:
        return known
    assert isinstance(rep.type, (types.Array, types.View))
    found = [t.int_(types.ITEM_SIZES[rep.type.dtype])]
    for dim in reversed(dims[1:]):
        found.append(t.emit("MUL", (found[-1], dim), "i64"))
        t.proven(found[-1], "nowrap")
    return found[::-1]


def coerced(t: Trace, rep: Rep, wanted: types.Array | types.View) -> Rep:
    """An array, a view or UNBOUND as a type that covers it."""
    if rep.type == types.UNBOUND_T:
        assert isinstance(wanted, types.View)
        nothing = [t.int_(0)] * (wanted.ndim if wanted.contiguous else 2 * wanted.ndim)
        marker = t.boxed(rep)
        return Rep(wanted, (marker, t.int_(IS_ARRAY), marker, *nothing))
    data, dims, _ = parts(rep)
    shape = dims if wanted.contiguous else [*dims, *strides(t, rep)]
    if isinstance(wanted, types.Array):
        return Rep(wanted, (rep.values[0], data, *shape))
    number = rep.values[1] if isinstance(rep.type, types.View) else t.int_(IS_ARRAY)
    return Rep(wanted, (rep.values[0], number, data, *shape))


def as_array(t: Trace, rep: Rep) -> Rep:
    """A view as an array: its object is made here and now."""
    kind = rep.type
    assert isinstance(kind, types.View)
    if (kind.dtype, kind.ndim) in t.stored_kinds:
        t.emit("GUARD_WRITEABLE", (rep.values[0],), "", None, "ZX033")
    return Rep(types.Array(kind.dtype, kind.ndim, kind.contiguous), (t.boxed(rep), *rep.values[HEAD - 1:]))


def bound(t: Trace, rep: Rep) -> Rep:
    """A view that may be UNBOUND as one that is not; reading an unbound variable leaves."""
    kind = rep.type
    assert isinstance(kind, types.View)
    unbound = t.emit("SAME", (rep.values[0], t.boxed(Rep(types.UNBOUND_T))), "i1")
    t.guard(t.emit("NOT", (unbound,), "i1"), "ZX033")
    return Rep(types.View(kind.dtype, kind.ndim, kind.contiguous), rep.values)


def made(kind: types.View, base: Any, address: int, shape: list[int], steps: list[int] | None) -> Any:
    """The object of a view of `base`, as indexing would have made it."""
    import numpy as np

    if steps is None:
        steps = _steps(kind, base, shape)
    owner = _owner(base)
    try:
        view: np.ndarray[Any, Any] = np.ndarray(
            tuple(shape), base.dtype, owner, address - owner.__array_interface__["data"][0], tuple(steps))
    except (TypeError, ValueError, BufferError):  # the owner is no block of memory
        view = np.asarray(_Memory(base, address, shape, steps))
    if not base.flags.writeable:
        view.flags.writeable = False
    return view


class _Memory:
    """A part of the memory of an array, described by NumPy's array interface."""

    def __init__(self, array: np.ndarray[Any, Any], address: int, shape: list[int], steps: list[int]) -> None:
        self.array = array
        self.__array_interface__ = {**array.__array_interface__, "data": (address, not array.flags.writeable),
                                    "shape": tuple(shape), "strides": tuple(steps)}


def _steps(kind: types.View, base: np.ndarray[Any, Any], shape: list[int]) -> list[int]:
    """The strides of a contiguous view: those of its array, unless that has been given another shape meanwhile."""
    last = max(base.ndim - kind.ndim, 0)
    if base.shape[last + 1:] == tuple(shape[1:]):
        return list(base.strides[last:])
    found = [base.itemsize]
    for dim in reversed(shape[1:]):
        found.append(found[-1] * max(dim, 1))
    return found[::-1]


def _owner(base: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The array that a view of `base` names as its base (see `PyArray_SetBaseObject`)."""
    import numpy as np

    while not base.flags.owndata and type(base.base) is np.ndarray:
        base = base.base
    return base
