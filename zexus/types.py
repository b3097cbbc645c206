"""The type lattice: what the tracing tier knows about a value."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from zexus.codes import Unsupported
from zexus.records import dataclass

if TYPE_CHECKING:
    import numpy as np

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1
WORD_MAX = 2**64 - 1

INT_DTYPES: dict[str, tuple[int, int]] = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (INT64_MIN, INT64_MAX),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, INT64_MAX),  # what fits the machine's signed words; larger ones are Python's and NumPy's business
}
FLOAT_DTYPES = ("float64", "float32")
# Complex dtypes, with those of their real and imaginary parts.
COMPLEX_DTYPES: dict[str, str] = {"complex128": "float64", "complex64": "float32"}
DTYPES = (*INT_DTYPES, *FLOAT_DTYPES, "bool", *COMPLEX_DTYPES)
ITEM_SIZES: dict[str, int] = {
    "int8": 1, "int16": 2, "int32": 4, "int64": 8, "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8, "float64": 8,
    "float32": 4, "bool": 1, "complex128": 16, "complex64": 8,
}


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
    """An exact `numpy.ndarray`: aligned, native byte order, C-contiguous or with strides of its own."""

    dtype: str
    ndim: int
    contiguous: bool = True

    def __str__(self) -> str:
        return f"array({self.dtype}, {self.ndim}{'' if self.contiguous else ', strided'})"


@dataclass(frozen=True)
class View(Type):
    """What basic indexing of an array gives: it has no object until it leaves the region.

    It may also be the array itself, where another path brings one; `unbound`: or no value at all.
    """

    dtype: str
    ndim: int
    contiguous: bool = True
    unbound: bool = False

    def __str__(self) -> str:
        return f"view({self.dtype}, {self.ndim}{'' if self.contiguous else ', strided'})"


@dataclass(frozen=True)
class Slice(Type):
    """A slice object, as its start, stop and step; it exists only as these until it leaves the region."""

    parts: tuple[Type, ...]

    def __str__(self) -> str:
        return f"slice({', '.join(map(str, self.parts))})"


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
class Part(Type):
    """A slice of an exact list that has no list of its own: the list, the first index and how many items.

    `step` is how far apart they are. Nothing may change the list as long as it stands.
    """

    list: List
    step: int

    def __str__(self) -> str:
        return f"part({self.list}, {self.step})"


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
    type), "keys", "values" and "items" (of a dict), "members" (of a set), "enumerate", "zip" and "strict_zip" (parts:
    the inner cursors), "generator" (parts: the object, then its variables and the cursors of its loops), "running" (a
    generator that has not stopped; part: the object), "object" (any iterator; part: the object) and "drawn" (one that
    was asked: the object, what it answered, whether it did).
    `of`: what a generator runs; the type of any iterator, None where it has no name of its own.
    """

    kind: str
    parts: tuple[Type, ...] = ()
    of: Any = None

    def __str__(self) -> str:
        return f"cursor.{self.kind}({', '.join(map(str, self.parts))})"


ZIPS = ("zip", "strict_zip")
# Kinds of cursors over what is found by keys: the owner, how many keys it had, the next entry, how many keys are left.
KEYED = ("keys", "values", "items", "members")
# Kinds of cursors that are their parts and nothing else.
UNCOUNTED = (*ZIPS, "generator", "running", "object", "drawn")


@dataclass(frozen=True)
class DictView(Type):
    """The "keys", "values" or "items" of a dict, as the dict."""

    kind: str

    def __str__(self) -> str:
        return f"dict.{self.kind}"


@dataclass(frozen=True)
class Known(Type):
    """One particular object (a callee, a module, a literal), held by reference number."""

    ref: int

    def __str__(self) -> str:
        return f"known({self.ref})"


@dataclass(frozen=True)
class Method(Type):
    """A method just taken from a value: the owner's type, the name, and which instruction took it."""

    owner: Type
    name: str
    site: Any = None

    def __str__(self) -> str:
        return f"method({self.owner}, {self.name})"


@dataclass(frozen=True)
class Object(Type):
    """Any Python object, boxed; `what` says in words why one has no narrower type."""

    what: str = field(default="object", compare=False)

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True, eq=False)
class Fixed(Object):
    """One particular object that a variable has when a loop is entered: a function that may be called there."""

    obj: Any = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fixed) and other.obj is self.obj

    def __hash__(self) -> int:
        return id(self.obj)


@dataclass(frozen=True)
class Instance(Object):
    """An object of exactly this class, which is none of the numbers: what reads it looks at its class."""

    kind: type = object

    def __str__(self) -> str:
        return self.kind.__qualname__


@dataclass(frozen=True)
class Plain(Object):
    """An object of exactly one of these builtin types, of which each tells alone whether it is equal to another's."""

    kinds: frozenset[type] = frozenset()

    def __str__(self) -> str:
        return "|".join(sorted(kind.__name__ for kind in self.kinds))


@dataclass(frozen=True)
class Named(Type):
    """A tuple of this class, whose fields have names: its items, and its object once it has one."""

    kind: type
    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"{self.kind.__qualname__}({', '.join(map(str, self.items))})"


@dataclass(frozen=True)
class Bound(Type):
    """A method just taken from an object: the owner's type, the function by its number, which instruction took it."""

    owner: Type
    ref: int
    site: Any = None

    def __str__(self) -> str:
        return f"bound({self.owner}, {self.ref})"


@dataclass(frozen=True)
class Super(Type):
    """What looks for attributes of an object behind a class, known by its number."""

    owner: Type
    ref: int

    def __str__(self) -> str:
        return f"super({self.ref}, {self.owner})"


@dataclass(frozen=True)
class Sunk(Type):
    """An object that exists only as its attributes, until it leaves the region.

    Attributes:
        number: which it is.
        ref: its class, by number.
        names: its attributes in the order in which they were set: ("name", the number of the name), or ("slot", where).
        items: the types of their values.
    """

    number: int
    ref: int
    names: tuple[tuple[str, int], ...]
    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"sunk({self.ref}, {', '.join(map(str, self.items))})"


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


@dataclass(frozen=True)
class Text(Type):
    """A text that nobody has looked at yet: what writes it, and the types of what it is written of."""

    write: Callable[..., str]
    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"text({', '.join(map(str, self.items))})"


@dataclass(frozen=True)
class Wide(Type):
    """An int of any size that only masks look at: its lowest 64 bits, then what it is made of, and how."""

    make: Callable[..., int]
    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"wide int({', '.join(map(str, self.items))})"


@dataclass(frozen=True)
class Fresh(Type):
    """An empty container that nothing has looked at: it is made where it is needed.

    Attributes:
        kind: a builtin class.
    """

    kind: type

    def __str__(self) -> str:
        return f"fresh {self.kind.__name__}"


@dataclass(frozen=True, eq=False)
class Error:
    """An exception that an instruction of a region raises there, or has made.

    Attributes:
        number: its name in native code.
        kind: its class.
        make: gives it, or raises it, for its arguments.
        args: the types of these.
        where: the context and the index of the instruction that raises it, None as long as none has.
    """

    number: int
    kind: type
    make: Callable[..., Any]
    args: tuple[Type, ...] = ()
    where: tuple[Any, int] | None = None


@dataclass(frozen=True)
class Raised(Type):
    """An exception that nobody has looked at yet: the number of one of these errors, and the arguments of each."""

    errors: frozenset[Error]

    def ordered(self) -> list[Error]:
        """The errors in the order in which their arguments are held."""
        return sorted(self.errors, key=lambda error: error.number)

    def __str__(self) -> str:
        return "raised(" + "|".join(sorted({error.kind.__name__ for error in self.errors})) + ")"


BUILTIN_METHOD: type = type(len)
BLOCK_RESULT = BlockResult()
STR = Instance(kind=str)
DICT = Instance(kind=dict)
SET = Instance(kind=set)
DEQUE = Instance(kind=deque)
CHAR = Scalar("char")  # a text of one character, as its code point
INT = Scalar("int")
WORD = Scalar("word")  # an int from 0 to 2**64 - 1
FLOAT = Scalar("float")
COMPLEX = Scalar("complex")
BOOL = Scalar("bool")
NONE = Scalar("None")
UNBOUND_T = Scalar("unbound")
OBJECT = Object()
RANGE = Range()

TAGGED: tuple[Type, ...] = (INT, FLOAT, BOOL, NONE, UNBOUND_T, COMPLEX, *(NpScalar(d) for d in DTYPES))
TAGS: dict[Type, int] = {t: i for i, t in enumerate(TAGGED)}


_SCALARS = {"int": "i64", "word": "i64", "float": "f64", "bool": "i1", "complex": "c128", "char": "i64"}


def payload(t: Type) -> str:
    """The representation of a value of type `t`: "i64", "f64", "i1", "ptr", "c128", or "" when it has none.

    All but "c128" are machine values; that is a pair of "f64", the real and the imaginary part.
    """
    if isinstance(t, Scalar):
        return _SCALARS.get(t.name, "")
    if isinstance(t, NpScalar):
        if t.dtype in INT_DTYPES:
            return "i64"
        if t.dtype in COMPLEX_DTYPES:
            return "c128"
        return "i1" if t.dtype == "bool" else "f64"
    if isinstance(t, (List, AnyTuple, Object, BlockResult)):
        return "ptr"
    return ""


def parts(held: str) -> tuple[str, ...]:
    """The machine values of a payload."""
    if held == "c128":
        return ("f64", "f64")
    return (held,) if held else ()


def layout(t: Type) -> tuple[str, ...]:
    """The payloads of the machine values that hold a value of type `t`, in order.

    An array is its object, its data pointer, its dimensions and, where it is not contiguous, its strides in bytes. A
    view begins with the object of the array that it was made of, and a number of its own, or 0 where it is that array.
    A union is its tag and its payload, a tuple its object and its items.
    """
    if isinstance(t, Array):
        return ("ptr", "ptr") + ("i64",) * (t.ndim if t.contiguous else 2 * t.ndim)
    if isinstance(t, View):
        return ("ptr", "i64", "ptr") + ("i64",) * (t.ndim if t.contiguous else 2 * t.ndim)
    if isinstance(t, Slice):
        return tuple(p for part in t.parts for p in layout(part))
    if isinstance(t, Part):
        return ("ptr", "i64", "i64")
    if isinstance(t, Union):
        return ("i64", *parts(union_payload(t.members)))
    if isinstance(t, (Tuple, Named)):
        return ("ptr", *(p for item in t.items for p in layout(item)))
    if isinstance(t, Maybe):
        return layout(t.inner)
    if isinstance(t, Range):
        return ("i64", "i64", "i64")
    if isinstance(t, (Method, Bound, Super)):
        return layout(t.owner)
    if isinstance(t, DictView):
        return ("ptr",)
    if isinstance(t, Text):
        return tuple(p for item in t.items for p in layout(item))
    if isinstance(t, Wide):
        return ("i64", *(p for item in t.items for p in layout(item)))
    if isinstance(t, Raised):
        return ("i64", *(p for error in t.ordered() for arg in error.args for p in layout(arg)))
    if isinstance(t, Cursor):
        if t.kind == "range":
            return ("i64", "i64", "i64")
        inner = tuple(p for part in t.parts for p in layout(part))
        own = ("i64",) * (0 if t.kind in UNCOUNTED else 3 if t.kind in KEYED else 1)
        return (*inner, *own)
    return parts(payload(t))


def is_number(t: Type) -> bool:
    """Whether values of `t` are real numbers held unboxed (bool included)."""
    return t in (INT, FLOAT, BOOL) or (isinstance(t, NpScalar) and t.dtype not in COMPLEX_DTYPES)


def is_complex(t: Type) -> bool:
    """Whether values of `t` are complex numbers, Python's or NumPy's."""
    return payload(t) == "c128"


def union_payload(members: Iterable[Type]) -> str:
    """The payload that all members fit in, or "" when there is none.

    An int in a union with floats is held as the float of the same value, which the injection guards; a real number in
    a union with complex ones has zero for its imaginary part.
    """
    payloads = {payload(m) for m in members} - {""}
    if payloads <= {"i64", "f64", "c128"} and not payloads.isdisjoint(("f64", "c128")):
        if any(payload(m) == "i64" and m != INT for m in members):
            return ""
        return "c128" if "c128" in payloads else "f64"
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
    if {a, b} == {INT, WORD}:
        return WORD
    if isinstance(a, Named) or isinstance(b, Named):
        return join_named(a, b)
    if isinstance(a, (Tuple, Maybe)) or isinstance(b, (Tuple, Maybe)):
        return join_tuples(a, b)
    together = _arrays(a, b)
    if together is not None:
        return together
    if isinstance(a, Raised) and isinstance(b, Raised):
        return Raised(a.errors | b.errors)
    if isinstance(a, Cursor) and isinstance(b, Cursor) and a.kind == b.kind == "generator" and a.of is b.of:
        return Cursor(a.kind, tuple(map(join, a.parts, b.parts)), a.of)
    boxed = (List, AnyTuple, Array, View, Object, Known)
    if CHAR in (a, b):
        other = b if a == CHAR else a
        if other == STR:
            return STR
        if isinstance(other, boxed) or other in (NONE, UNBOUND_T):
            return OBJECT
    if isinstance(a, boxed) and isinstance(b, boxed):
        return OBJECT
    if {a, b} & {NONE, UNBOUND_T} and (isinstance(a, boxed) or isinstance(b, boxed)):
        return OBJECT
    either = members(a) | members(b)
    if all(m in TAGS for m in either) and (union_payload(either) or either <= {NONE, UNBOUND_T}):
        return Union(either)
    raise Unsupported("ZX021", detail=f"{a} in one iteration, {b} in another")


def _arrays(a: Type, b: Type) -> Type | None:
    """The array or view that covers two arrays or views of one dtype and dimension, or a view and UNBOUND."""
    if isinstance(b, View):
        a, b = b, a
    if isinstance(a, View) and b == UNBOUND_T:
        return View(a.dtype, a.ndim, a.contiguous, True)
    if not (isinstance(a, (Array, View)) and isinstance(b, (Array, View))) or (a.dtype, a.ndim) != (b.dtype, b.ndim):
        return None
    contiguous = a.contiguous and b.contiguous
    if isinstance(a, Array):
        return Array(a.dtype, a.ndim, contiguous)
    return View(a.dtype, a.ndim, contiguous, a.unbound or (isinstance(b, View) and b.unbound))


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
        elif isinstance(one, (List, AnyTuple, Array, View, Object, Known)):
            return one if isinstance(one, AnyTuple) and not (isinstance(a, Maybe) or isinstance(b, Maybe)) else OBJECT
        else:
            raise Unsupported("ZX021", detail=f"{a} in one iteration, {b} in another")
    first, last = inners[0], inners[-1]
    if len(first.items) != len(last.items):
        return OBJECT if absent else AnyTuple()
    try:
        inner = Tuple(tuple(join(x, y) for x, y in zip(first.items, last.items, strict=True)))
    except Unsupported:
        return OBJECT if absent else AnyTuple()
    if not absent:
        return inner
    # An absent tuple has no objects among its items.
    return Maybe(inner, frozenset(absent)) if all(map(_plain, inner.items)) else OBJECT


def join_named(a: Type, b: Type) -> Type:
    """The least type that covers both, one of which is a tuple whose fields have names.

    Raises:
        Unsupported: ZX021 when no native representation covers both.
    """
    if isinstance(a, Named) and isinstance(b, Named) and a.kind is b.kind and len(a.items) == len(b.items):
        try:
            return Named(a.kind, tuple(map(join, a.items, b.items)))
        except Unsupported:
            return OBJECT
    boxed = (List, AnyTuple, Tuple, Maybe, Named, Array, View, Object, Known)
    if all(isinstance(one, boxed) or one in (NONE, UNBOUND_T, CHAR) for one in (a, b)):
        return OBJECT
    raise Unsupported("ZX021", detail=f"{a} in one iteration, {b} in another")


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
    return {INT: 0, WORD: WORD_MAX, FLOAT: 0.0, BOOL: False, COMPLEX: 0j}.get(t)  # type: ignore[call-overload]


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
        if INT64_MIN <= value <= INT64_MAX:
            return INT
        return WORD if 0 < value <= WORD_MAX else OBJECT
    if kind is float:
        return FLOAT
    if kind is complex:
        return COMPLEX
    if kind is bool:
        return BOOL
    if value is None:
        return NONE
    if kind is str:
        return STR
    if kind is dict:
        return DICT
    if kind is set:
        return SET
    if kind is bytes or kind is bytearray or kind is deque:
        return Instance(kind=kind)
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
    if issubclass(kind, np.ndarray):
        return Object(f"{kind.__name__}, a kind of array")
    if issubclass(kind, np.generic):
        name = kind.__name__.rstrip("_")
        return NpScalar(name) if name in DTYPES and kind is np.dtype(name).type else OBJECT
    return OBJECT


def of_array(value: np.ndarray[Any, Any]) -> Type:
    """The array type of an exact ndarray, or an object where its layout or dtype has no native form."""
    name, flags = value.dtype.name, value.flags
    if name not in DTYPES:
        return Object(f"array of {name}")
    if not value.dtype.isnative:
        return Object("array of another byte order")
    if not flags.aligned:
        return Object("array that is not aligned")
    if not value.ndim:
        return Object("array without dimensions")
    return Array(name, value.ndim, flags.c_contiguous)


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
    if isinstance(t, (Tuple, Named)):
        inner = t.items
    elif isinstance(t, Maybe):
        inner = (t.inner,)
    elif isinstance(t, (Cursor, Slice)):
        inner = t.parts
    for part in inner:
        yield from each(part)
