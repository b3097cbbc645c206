"""The type lattice: what the tracing tier knows about a value."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zexus.codes import Unsupported

if TYPE_CHECKING:
    import numpy as np

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1

INT_DTYPES: dict[str, tuple[int, int]] = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (INT64_MIN, INT64_MAX),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
}
FLOAT_DTYPES = ("float64", "float32")
DTYPES = (*INT_DTYPES, *FLOAT_DTYPES, "bool")


class Type:
    """A node of the lattice. Two types are equal when they demand the same native representation."""

    __slots__ = ()


@dataclass(frozen=True)
class Scalar(Type):
    """An exact builtin scalar, or one of the two singletons None and UNBOUND."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class NpScalar(Type):
    """A NumPy scalar of native byte order."""

    dtype: str

    def __str__(self) -> str:
        return f"np.{self.dtype}"


@dataclass(frozen=True)
class Array(Type):
    """An exact `numpy.ndarray`: C-contiguous, aligned, native byte order."""

    dtype: str
    ndim: int

    def __str__(self) -> str:
        return f"array({self.dtype}, {self.ndim})"


@dataclass(frozen=True)
class List(Type):
    """An exact list. `elem` is what its elements were when last seen: a hint that every read guards."""

    elem: Type | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, List)

    def __hash__(self) -> int:
        return hash(List)

    def __str__(self) -> str:
        return f"list({self.elem})" if self.elem else "list"


@dataclass(frozen=True)
class Tuple(Type):
    """A tuple whose items are known one by one: the object, or null for one that was made here, and its items.

    One that was made here becomes an object only where it is stored, or leaves the region.
    """

    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"tuple({', '.join(map(str, self.items))})"


@dataclass(frozen=True)
class AnyTuple(Type):
    """An exact tuple of any length, as its object. `elem` is what its items were when last seen: a hint."""

    elem: Type | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnyTuple)

    def __hash__(self) -> int:
        return hash(AnyTuple)

    def __str__(self) -> str:
        return "tuple(...)"


@dataclass(frozen=True)
class Maybe(Type):
    """A tuple, or None or no value at all: in place of the tuple's object then stands that of None or UNBOUND."""

    inner: Tuple
    absent: frozenset[Type]

    def __str__(self) -> str:
        return "|".join((*sorted(map(str, self.absent)), str(self.inner)))


@dataclass(frozen=True)
class Range(Type):
    """A range with 64-bit bounds, as its three numbers."""

    def __str__(self) -> str:
        return "range"


@dataclass(frozen=True)
class Cursor(Type):
    """The position in a sequence that is being iterated, as its parts.

    kind: "range" (parts none), "list", "reversed" (a list from its end), "tuple", "array" (parts: the sequence's
    type), "enumerate" and "zip" (parts: the inner cursors).
    """

    kind: str
    parts: tuple[Type, ...] = ()

    def __str__(self) -> str:
        return f"cursor.{self.kind}({', '.join(map(str, self.parts))})"


@dataclass(frozen=True)
class Known(Type):
    """One particular object (a callee, a module, a literal), held by reference number."""

    ref: int

    def __str__(self) -> str:
        return f"known({self.ref})"


@dataclass(frozen=True)
class Method(Type):
    """A method just taken from a value: the owner's type and the name."""

    owner: Type
    name: str

    def __str__(self) -> str:
        return f"method({self.owner}, {self.name})"


@dataclass(frozen=True)
class Object(Type):
    """Any Python object, boxed."""

    def __str__(self) -> str:
        return "object"


@dataclass(frozen=True)
class BlockResult(Type):
    """The tuple that an outlined statement answered, boxed."""

    def __str__(self) -> str:
        return "block"


@dataclass(frozen=True)
class Union(Type):
    """One of several scalars that share one payload; a tag tells which."""

    members: frozenset[Type]

    def __str__(self) -> str:
        return "|".join(sorted(map(str, self.members)))


BLOCK_RESULT = BlockResult()
INT = Scalar("int")
FLOAT = Scalar("float")
BOOL = Scalar("bool")
NONE = Scalar("None")
UNBOUND_T = Scalar("unbound")
OBJECT = Object()
RANGE = Range()

TAGGED: tuple[Type, ...] = (INT, FLOAT, BOOL, NONE, UNBOUND_T, *(NpScalar(d) for d in DTYPES))
TAGS: dict[Type, int] = {t: i for i, t in enumerate(TAGGED)}


def payload(t: Type) -> str:
    """The machine representation of a value of type `t`: "i64", "f64", "i1", "ptr", or "" when it has none."""
    if isinstance(t, Scalar):
        return {"int": "i64", "float": "f64", "bool": "i1"}.get(t.name, "")
    if isinstance(t, NpScalar):
        if t.dtype in INT_DTYPES:
            return "i64"
        return "i1" if t.dtype == "bool" else "f64"
    if isinstance(t, (List, AnyTuple, Object, BlockResult)):
        return "ptr"
    return ""


def layout(t: Type) -> tuple[str, ...]:
    """The payloads of the machine values that hold a value of type `t`, in order.

    An array is its object, its data pointer and its dimensions; a union its tag and its payload; a tuple its object
    and its items.
    """
    if isinstance(t, Array):
        return ("ptr", "ptr") + ("i64",) * t.ndim
    if isinstance(t, Union):
        held = union_payload(t.members)
        return ("i64", held) if held else ("i64",)
    if isinstance(t, Tuple):
        return ("ptr", *(p for item in t.items for p in layout(item)))
    if isinstance(t, Maybe):
        return layout(t.inner)
    if isinstance(t, Range):
        return ("i64", "i64", "i64")
    if isinstance(t, Method):
        return layout(t.owner)
    if isinstance(t, Cursor):
        if t.kind == "range":
            return ("i64", "i64", "i64")
        inner = tuple(p for part in t.parts for p in layout(part))
        return inner if t.kind == "zip" else (*inner, "i64")
    single = payload(t)
    return (single,) if single else ()


def is_number(t: Type) -> bool:
    """Whether values of `t` are numbers held unboxed (bool included)."""
    return t in (INT, FLOAT, BOOL) or isinstance(t, NpScalar)


def union_payload(members: Iterable[Type]) -> str:
    """The payload that all members fit in, or "" when there is none.

    An int in a union with floats is held as the float of the same value, which the injection guards.
    """
    payloads = {payload(m) for m in members} - {""}
    if payloads <= {"i64", "f64"} and "f64" in payloads:
        if any(payload(m) == "i64" and m != INT for m in members):
            return ""
        return "f64"
    return payloads.pop() if len(payloads) == 1 and payloads != {"ptr"} else ""


def members(t: Type) -> frozenset[Type]:
    """The alternatives of `t`: its members for a union, itself otherwise."""
    return t.members if isinstance(t, Union) else frozenset((t,))


def join(a: Type, b: Type) -> Type:
    """The least type that covers both.

    Raises:
        Unsupported: ZX021 when no native representation covers both.
    """
    if a == b:
        if isinstance(a, List) and isinstance(b, List):
            return a if a.elem is not None else b
        return a
    if isinstance(a, (Tuple, Maybe)) or isinstance(b, (Tuple, Maybe)):
        return join_tuples(a, b)
    boxed = (List, AnyTuple, Array, Object, Known)
    if isinstance(a, boxed) and isinstance(b, boxed):
        return OBJECT
    if {a, b} & {NONE, UNBOUND_T} and (isinstance(a, boxed) or isinstance(b, boxed)):
        return OBJECT
    together = members(a) | members(b)
    if all(m in TAGS for m in together) and (union_payload(together) or together <= {NONE, UNBOUND_T}):
        return Union(together)
    raise Unsupported("ZX021", detail=f"{a} in one iteration, {b} in another")


def join_tuples(a: Type, b: Type) -> Type:
    """The least type that covers both, one of which is a tuple or may be one.

    Raises:
        Unsupported: ZX021 when no native representation covers both.
    """
    inners, absent = [], set[Type]()
    for one in (a, b):
        if isinstance(one, Maybe):
            absent |= one.absent
            inners.append(one.inner)
        elif isinstance(one, Tuple):
            inners.append(one)
        elif one in (NONE, UNBOUND_T):
            absent.add(one)
        elif isinstance(one, (List, AnyTuple, Array, Object, Known)):
            return one if isinstance(one, AnyTuple) and not (isinstance(a, Maybe) or isinstance(b, Maybe)) else OBJECT
        else:
            raise Unsupported("ZX021", detail=f"{a} in one iteration, {b} in another")
    first, last = inners[0], inners[-1]
    if len(first.items) != len(last.items):
        return OBJECT if absent else AnyTuple()
    try:
        inner = Tuple(tuple(join(x, y) for x, y in zip(first.items, last.items, strict=True)))
    except Unsupported:
        return OBJECT
    if not absent:
        return inner
    # An absent tuple has no objects among its items.
    return Maybe(inner, frozenset(absent)) if all(map(_plain, inner.items)) else OBJECT


def _plain(t: Type) -> bool:
    return all(map(_plain, t.items)) if isinstance(t, Tuple) else not isinstance(t, Maybe) and "ptr" not in layout(t)


def sample(t: Type) -> Any:
    """A value of a type that needs no objects."""
    if isinstance(t, Tuple):
        return tuple(map(sample, t.items))
    if isinstance(t, Union):
        return sample(min(t.members, key=TAGS.__getitem__))
    if isinstance(t, NpScalar):
        import numpy as np

        return np.dtype(t.dtype).type(0)
    return {INT: 0, FLOAT: 0.0, BOOL: False}.get(t)  # type: ignore[call-overload]


_numpy: Any = None


def numpy() -> Any:
    """NumPy if the program has imported it, else None: without it no value can be of its types."""
    global _numpy
    if _numpy is None:
        found = sys.modules.get("numpy")
        # Another thread may be in the middle of the import.
        if all(hasattr(found, name) for name in ("dtype", "generic", "ndarray")):
            _numpy = found
    return _numpy


def is_array(value: Any) -> bool:
    """Whether `value` is an exact ndarray."""
    np = numpy()
    return np is not None and type(value) is np.ndarray


def of(value: Any, depth: int = 3) -> Type:
    """The type of a live object, as narrow as the lattice can say it."""
    kind = type(value)
    if kind is int:
        return INT if INT64_MIN <= value <= INT64_MAX else OBJECT
    if kind is float:
        return FLOAT
    if kind is bool:
        return BOOL
    if value is None:
        return NONE
    if kind is list:
        return List(elements(value, depth - 1) if depth else None)
    if kind is tuple and depth:
        if len(value) > 8:
            return AnyTuple(elements(value, depth - 1))
        return Tuple(tuple(of(item, depth - 1) for item in value))
    np = numpy()
    if np is None:
        return OBJECT
    if kind is np.ndarray:
        return of_array(value)
    if isinstance(value, np.generic):
        name = kind.__name__.rstrip("_")
        return NpScalar(name) if name in DTYPES and kind is np.dtype(name).type else OBJECT
    return OBJECT


def of_array(value: np.ndarray[Any, Any]) -> Type:
    """The array type of an exact ndarray, or OBJECT when its layout or dtype has no native form."""
    name = value.dtype.name
    flags = value.flags
    if name not in DTYPES or not 1 <= value.ndim <= 3 or not value.dtype.isnative:
        return OBJECT
    if not (flags.c_contiguous and flags.aligned):
        return OBJECT
    return Array(name, value.ndim)


def elements(items: Sequence[Any], depth: int) -> Type | None:
    """A guess at the element type of a list or tuple from a few of its elements."""
    if not items:
        return None
    first = of(items[0], depth)
    last = of(items[-1], depth)
    if first == last:
        return first
    return None


def each(t: Type) -> Iterator[Type]:
    """`t` and all types inside it."""
    yield t
    inner: tuple[Type, ...] = ()
    if isinstance(t, Tuple):
        inner = t.items
    elif isinstance(t, Maybe):
        inner = (t.inner,)
    elif isinstance(t, Cursor):
        inner = t.parts
    for part in inner:
        yield from each(part)
