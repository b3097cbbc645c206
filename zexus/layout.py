"""Where the running interpreter keeps the fields that native code reads, checked against live objects."""

from __future__ import annotations

import ctypes
import itertools
import struct
import sys
from collections import defaultdict, deque
from functools import cache
from types import MethodType
from typing import Any

from zexus import types

MODERN = sys.version_info >= (3, 12)

# Byte offsets of fields, by structure.
OFFSETS: dict[str, int] = {
    "refcount": 0,
    "gc.next": -16,  # of objects that the garbage collector knows; 0 where it passes over one
    "type": 8,
    "type.basicsize": 32,
    "type.dealloc": 48,
    "type.getattro": 144,
    "type.setattro": 152,
    "type.alloc": 304,
    "type.new": 312,
    "type.finalize": 392,
    "type.flags": 168,
    "type.richcompare": 200,
    "type.weakrefs": 208,
    "type.base": 256,
    "range.start": 16,
    "range.stop": 24,
    "range.step": 32,
    "list.size": 16,
    "list.items": 24,
    "list.allocated": 32,
    "tuple.size": 16,
    "tuple.items": 24,
    "float.value": 16,
    "complex.real": 16,
    "complex.imag": 24,
    "int.size": 16,  # 3.11: digits, negative for negative ints; later: digits << 3 | sign
    "int.digits": 24,
    "cell.value": 16,
    "bytearray.start": 40,
    "bytes.size": 16,  # of bytearrays too
    "bytes.items": 32,
    "list_iterator.index": 16,
    "list_iterator.seq": 24,
    "enumerate.index": 16,
    "enumerate.iterator": 24,
    "dict_iterator.owner": 16,
    "dict_iterator.used": 24,
    "dict_iterator.position": 32,
    "dict_iterator.left": 48,
    "set_iterator.owner": 16,
    "set_iterator.used": 24,
    "set_iterator.position": 32,
    "set_iterator.left": 40,
    "combinations.pool": 16,  # of those with replacement too
    "combinations.indices": 24,
    "combinations.result": 32,
    "combinations.stopped": 48,
    "permutations.pool": 16,
    "permutations.indices": 24,
    "permutations.cycles": 32,
    "permutations.result": 40,
    "permutations.stopped": 56,
    "product.pool": 16,  # all of them
    "product.indices": 24,
    "product.result": 32,
    "product.stopped": 40,
    "zip.iterators": 24,
    "zip.strict": 40,
    "array.data": 16,
    "array.ndim": 24,
    "array.dims": 32,
    "array.strides": 40,
    "array.base": 48,
    "array.descr": 56,
    "array.flags": 64,
    "npscalar.value": 16,
    "builtin.method": 16,
    "builtin.self": 24,
    "descriptor.method": 40,
    "function.code": 48,
    "function.defaults": 56,
    "function.kwdefaults": 64,
    "function.closure": 72,
    "method.function": 16,
    "method.self": 24,
    "type.mro": 344,
    "type.version": 384,
    "type.keys": 880 if MODERN else 872,  # of the attributes of a class's instances, in the order of their values
    "heap_type.name": 856 if MODERN else 848,
    "heap_type.qualname": 872 if MODERN else 864,
    "keys.index_bytes": 9,
    "keys.size": 24,
    "keys.entries": 32,  # behind the indices
    "values": 16 if sys.version_info >= (3, 13) else -24 if MODERN else -32,  # 3.13: in the object; before: a pointer
    "random.index": 16,
    "random.state": 20,
    "dict": -24,  # of an instance
    "set.used": 24,
    "set.mask": 32,
    "set.table": 40,
    "dict.used": 16,
    "dict.tag": 24,
    "dict.keys": 32,
    "dict.values": 40,
    "defaultdict.factory": 48,
    "deque.size": 16,
    "deque.leftblock": 24,
    "deque.rightblock": 32,
    "deque.leftindex": 40,
    "deque.rightindex": 48,
    "deque.state": 56,  # another one whenever items have come or gone
    "deque.maxlen": 64,  # -1 without a bound
    "block.left": 0,
    "block.items": 8,
    "block.right": 520,
    "str.length": 16,
    "str.hash": 24,
    "str.state": 32,
    "str.ascii": 40 if MODERN else 48,  # the characters of ASCII texts, and those of others
    "str.wide": 56 if MODERN else 72,
    "keys.log2_size": 8,
    "keys.kind": 10,
    "member.type": 8,
    "member.offset": 16,
    "member.flags": 24,
    "member_descriptor.member": 40,
}
if MODERN:
    OFFSETS.update({"range_iterator.start": 16, "range_iterator.step": 24, "range_iterator.len": 32})
else:
    OFFSETS.update({"range_iterator.index": 16, "range_iterator.start": 24, "range_iterator.step": 32,
                    "range_iterator.len": 40})
# The frame that stands in a generator: how many of its slots are in use, and these: variables, then its stack.
_FRAME = 72 if MODERN else 80
OFFSETS.update({"generator.state": _FRAME - 5, "generator.globals": _FRAME + (24 if MODERN else 8),
                "generator.top": _FRAME + 64, "generator.slots": _FRAME + 72})
OFFSETS["thread.recursion_remaining"] = {11: 32, 12: 28}.get(sys.version_info.minor, 44)
OFFSETS["thread.recursion_limit"] = OFFSETS["thread.recursion_remaining"] + 4

HEAP_TYPE, HAVE_GC = 1 << 9, 1 << 14
# The instances of such a class have a table of their attributes' values, whose keys the class has.
HAVE_VALUES = 1 << 2 if sys.version_info >= (3, 13) else 1 << 4
MANAGED_DICT = 1 << 4  # of classes whose instances have a dict, or that table, in front of them
OBJECT_MEMBER = 16  # the type of members that are objects, and raise where there is none
C_CONTIGUOUS, OWNDATA, ALIGNED, WRITEABLE = 0x1, 0x4, 0x100, 0x400


def _word(obj: Any, field: str, size: int = 8, signed: bool = True) -> int:
    raw = ctypes.string_at(id(obj) + OFFSETS[field], size)
    return int.from_bytes(raw, sys.byteorder, signed=signed)


def _address(obj: Any, field: str) -> int:
    return _word(obj, field, signed=False)


def _pointer(address: int) -> int:
    return int.from_bytes(ctypes.string_at(address, 8), sys.byteorder)


def _follows(address: int, obj: Any) -> bool:
    return _pointer(address) == id(obj)


def problem() -> str:
    """Why native code cannot trust the layout of this interpreter, or of its NumPy, or "" when it can."""
    return _interpreter_problem() or (_numpy_problem() if types.numpy() is not None else "")


@cache
def _interpreter_problem() -> str:
    if sys.implementation.name != "cpython":
        return f"{sys.implementation.name} is not CPython"
    if "t" in getattr(sys, "abiflags", ""):
        return "a free-threaded build"
    if struct.calcsize("P") != 8 or sys.byteorder != "little":
        return "not a 64-bit little-endian machine"
    if sys.flags.debug if hasattr(sys.flags, "debug") and hasattr(sys, "gettotalrefcount") else False:
        return "a debug build"
    return _first_failure(_checks())


@cache
def random_problem() -> str:
    """Why the state of generators of random numbers is not where it is thought to be, or "" when it is."""
    import _random

    sample = _random.Random(7)
    sample.random()
    *words, index = sample.getstate()
    held = struct.unpack(f"{len(words)}I", ctypes.string_at(id(sample) + OFFSETS["random.state"], 4 * len(words)))
    known = len(words) == 624 and list(held) == words and _word(sample, "random.index", 4) == index
    return "" if known else "unexpected layout of generators of random numbers"


@cache
def choosing_problem() -> str:
    """Why iterators that choose from pools do not keep these and their places as it is thought, or "" when they do."""
    items = [object() for _ in range(4)]
    walks: dict[str, list[Any]] = {
        "combinations": [itertools.combinations(items, 2), itertools.combinations_with_replacement(items, 2)],
        "permutations": [itertools.permutations(items, 2)],
        "product": [itertools.product(items, items)],
    }
    return _first_failure([(structure, all(_chooses(it, structure, items) for it in walks[structure]))
                           for structure in walks])


def _chooses(it: Any, structure: str, items: list[object]) -> bool:
    """Whether an iterator over pairs of some items keeps what it chooses, and from where, where it is thought to."""
    def words(field: str) -> list[int]:
        address = _address(it, f"{structure}.{field}")
        return [_pointer(address), _pointer(address + 8)]

    for _ in range(3):
        first, second = next(it)
    places = words("indices")[1] == items.index(second)
    cycles = structure != "permutations" or words("cycles") == [4, 1]
    pool = _at(_address(it, f"{structure}.pool"))
    chosen = (pool[-1] if structure == "product" else pool) == tuple(items)
    kept = _at(_address(it, f"{structure}.result")) == (first, second)
    before = _word(it, f"{structure}.stopped", 4)
    for _ in it:
        pass
    return places and cycles and chosen and kept and (before, _word(it, f"{structure}.stopped", 4)) == (0, 1)


@cache
def _numpy_problem() -> str:
    return _first_failure(_numpy_checks())


def _first_failure(checks: list[tuple[str, bool]]) -> str:
    return next((f"unexpected layout of {name}" for name, holds in checks if not holds), "")


def _checks() -> list[tuple[str, bool]]:
    marker = object()
    numbers = [1.5, marker, 3]
    table, members = dict.fromkeys("abc"), {0, 1, 2}
    walks = [iter(table), iter(table.values()), iter(table.items())]
    for each in (*walks, through := iter(members)):
        next(each)
    defaults: Any = defaultdict(float)
    walk, back = iter(numbers), reversed(numbers)
    next(walk)
    pair = (marker, 1)
    step = iter(pair)
    next(step)
    span = iter(range(5, 50, 4))
    next(span)
    pairs = enumerate(numbers, 7)
    both, equal = zip(numbers, numbers, strict=False), zip(numbers, numbers, strict=True)
    cell = (lambda: marker).__closure__[0]  # type: ignore[index]
    count = range(1000, 2000, 300)
    big, negative = 5 * 2**30 + 7, -3
    room = bytearray(b"zexus")
    pole = 1.5 - 2.5j

    def function(a: int = 3, *, b: int = 4) -> tuple[int, int, Any]:
        return a, b, marker

    def items(first: Any) -> Any:
        for item in numbers:
            yield item, first

    bound = MethodType(items, marker)
    start = [_word(span, "range_iterator.start"), _word(span, "range_iterator.step"),
             _word(span, "range_iterator.len")]
    if MODERN:
        spans = start == [9, 4, 11]
        ints = (_word(big, "int.size") >> 3 == 2 and _word(negative, "int.size") & 3 == 2
                and _word(0, "int.size") & 3 == 1)
    else:
        spans = start == [5, 4, 12] and _word(span, "range_iterator.index") == 1
        ints = _word(big, "int.size") == 2 and _word(negative, "int.size") == -1 and _word(0, "int.size") == 0
    return [
        ("object", _address(marker, "type") == id(object)),
        ("type", all(map(_is_type, (int, set))) and _has_version()),
        ("list", _word(numbers, "list.size") == 3 and _word(numbers, "list.allocated") >= 3
         and _follows(_address(numbers, "list.items") + 8, marker)),
        ("tuple", _word((marker, 1), "tuple.size") == 2 and _address((marker, 1), "tuple.items") == id(marker)),
        ("float", struct.unpack("d", ctypes.string_at(id(numbers[0]) + OFFSETS["float.value"], 8))[0] == 1.5),
        ("complex", struct.unpack("dd", ctypes.string_at(id(pole) + OFFSETS["complex.real"], 16)) == (1.5, -2.5)),
        ("str", all(map(_is_text, ("zexus", "z\xe9xus", "z\u0119xus", "z\U0001f600xus")))),
        ("set", _is_set({marker})),
        ("int", ints and _word(big, "int.digits", 4) == 7 and _word(negative, "int.digits", 4) == 3),
        ("cell", _address(cell, "cell.value") == id(marker)),
        ("list iterator",
         _word(walk, "list_iterator.index") == 1 and _address(walk, "list_iterator.seq") == id(numbers)),
        ("reversed list",
         _word(back, "list_iterator.index") == 2 and _address(back, "list_iterator.seq") == id(numbers)),
        ("tuple iterator",
         _word(step, "list_iterator.index") == 1 and _address(step, "list_iterator.seq") == id(pair)),
        ("range iterator", spans),
        ("range", all(_address(count, f"range.{name}") == id(getattr(count, name))
                      for name in ("start", "stop", "step"))),
        ("dict iterator", all(_is_walk(each, "dict_iterator", table) for each in walks)
         and has_keys(table, 2) and not has_keys(table, 3)),
        ("defaultdict", _follows(id(defaults) + OFFSETS["defaultdict.factory"], float)),
        ("deque", all(_is_deque(deque([None] * 100, most), marker) for most in (None, 110))),
        ("set iterator", _is_walk(through, "set_iterator", members)
         and has_keys(members, 2) and not has_keys(members, 3)),
        ("enumerate", _word(pairs, "enumerate.index") == 7),
        ("zip", _address(_at(_address(both, "zip.iterators")), "type") == id(tuple) and
         (_word(both, "zip.strict"), _word(equal, "zip.strict")) == (0, 1)),
        ("bytearray", ctypes.string_at(_address(room, "bytearray.start"), 5) == b"zexus"
         and _word(room, "bytes.size") == 5),
        ("bytes", ctypes.string_at(id(b"zexus") + OFFSETS["bytes.items"], 5) == b"zexus"
         and _word(b"zexus", "bytes.size") == 5),
        ("thread state", 0 < _calls_left() <= sys.getrecursionlimit() == _of_thread("recursion_limit")
         and _calls_left() == (lambda: _calls_left())() + 1),
        ("generator", _is_generator(items, marker, numbers[0])),
        ("builtin method", _address(numbers.append, "builtin.method") == _address(list.append, "descriptor.method")
         and _address(numbers.append, "builtin.self") == id(numbers)),
        ("method", _address(bound, "method.function") == id(items) and _address(bound, "method.self") == id(marker)),
        ("function", _address(function, "function.code") == id(function.__code__)
         and _address(function, "function.defaults") == id(function.__defaults__)
         and _address(function, "function.kwdefaults") == id(function.__kwdefaults__)
         and _address(function, "function.closure") == id(function.__closure__)),
    ]


def has_keys(of: dict[Any, Any] | set[Any] | frozenset[Any], position: int) -> bool:
    """Whether a dict may have, or a set has, keys in its entries from a position on."""
    if isinstance(of, dict):
        keys = _address(of, "dict.keys")
        return position < int.from_bytes(ctypes.string_at(keys + OFFSETS["keys.size"], 8), sys.byteorder)
    rest = max(0, _word(of, "set.mask") + 1 - position)
    table = ctypes.string_at(_address(of, "set.table") + 16 * position, 16 * rest)
    # Where a key was taken out, there is a hash that no key has.
    return any(key and hashed != -1 for key, hashed in struct.iter_unpack("qq", table))


def _is_walk(it: Any, structure: str, over: Any) -> bool:
    """Whether an iterator that has passed one of three keys says so where it is thought to."""
    held = [_word(it, f"{structure}.{name}") for name in ("owner", "used", "position", "left")]
    return held == [id(over), 3, 1, 2]


def _is_deque(one: deque[Any], marker: Any) -> bool:
    """Whether a deque of a hundred items keeps them, and the next one, where it is thought to, in blocks of 64."""
    def read(name: str) -> int:
        return _word(one, f"deque.{name}")

    before = read("state")
    one.append(marker)
    right = read("rightindex")
    one.appendleft(marker)
    blocks = _address(one, "deque.leftblock"), _address(one, "deque.rightblock")
    links = _pointer(blocks[0] + OFFSETS["block.right"]), _pointer(blocks[1] + OFFSETS["block.left"])
    places = (read("leftindex"), right)
    held = [_follows(block + OFFSETS["block.items"] + 8 * at, marker) for block, at in zip(blocks, places, strict=True)]
    return (all(held) and links == blocks[::-1] and read("size") == 102 and read("state") == before + 2
            and read("maxlen") == (-1 if one.maxlen is None else one.maxlen)
            and 64 - places[0] + places[1] + 1 == 102)


def _is_set(one: set[Any]) -> bool:
    """Whether a set with one item keeps it where it is thought to."""
    mask = _word(one, "set.mask")
    table = ctypes.string_at(_address(one, "set.table"), 16 * (mask + 1))
    (item,) = one
    keys = [int.from_bytes(table[at:at + 8], sys.byteorder) for at in range(0, len(table), 16)]
    return _word(one, "set.used") == 1 and mask == 7 and keys[hash(item) & mask] == id(item) and sum(keys) == id(item)


def _is_text(text: str) -> bool:
    state = _word(text, "str.state", 4)
    kind, compact, ascii_only = state >> 2 & 7, state >> 5 & 1, state >> 6 & 1
    raw = ctypes.string_at(id(text) + OFFSETS["str.ascii" if ascii_only else "str.wide"], kind * len(text))
    codes = [int.from_bytes(raw[i:i + kind], sys.byteorder) for i in range(0, len(raw), kind)]
    return bool(compact) and _word(text, "str.length") == len(text) and codes == list(map(ord, text))


def _calls_left() -> int:
    """How many calls deeper Python's limit allows, seen from here."""
    return _of_thread("recursion_remaining")


def _of_thread(field: str) -> int:
    """A number of 32 bits in this thread's state."""
    get = ctypes.pythonapi.PyThreadState_Get
    get.restype = ctypes.c_void_p
    return int.from_bytes(ctypes.string_at(get() + OFFSETS["thread." + field], 4), sys.byteorder, signed=True)


def _is_generator(make: Any, first: Any, item: Any) -> bool:
    """Whether a generator is as known that has one argument and, in a loop over a list, one other variable."""
    made = make(first)
    created = _word(made, "generator.state", 1)
    next(made)
    suspended = _word(made, "generator.state", 1)
    size = len(made.gi_code.co_varnames) + len(made.gi_code.co_freevars)
    slots = id(made) + OFFSETS["generator.slots"]
    return (created < suspended < 0 and _address(made, "generator.globals") == id(globals())
            and _word(made, "generator.top", 4) == size + 1 and _follows(slots, first) and _follows(slots + 8, item)
            and _address(_at(int.from_bytes(ctypes.string_at(slots + 8 * size, 8), sys.byteorder)), "type")
            == id(type(iter([]))))


class _Plain:
    pass


def class_dealloc() -> int:
    """The address of what ends objects of classes that class statements made."""
    return _address(_Plain, "type.dealloc")


def _is_type(kind: Any) -> bool:
    return bool(_word(kind, "type.flags") == kind.__flags__
                and _word(kind, "type.basicsize") == kind.__basicsize__
                and _address(kind, "type.base") == id(kind.__base__)
                and _address(kind, "type.dealloc") != class_dealloc() == _address(types.Type, "type.dealloc")
                and _word(kind, "type.weakrefs") == kind.__weakrefoffset__)


def _has_version() -> bool:
    """Whether classes and dicts have version numbers, and classes their order and names, where they are thought to.

    The numbers change with what they number.
    """

    class Sample:
        field = 1

    if (_address(Sample, "heap_type.name"), _address(Sample, "heap_type.qualname")) != (
            id(Sample.__name__), id(Sample.__qualname__)):
        return False

    def versions() -> tuple[int, int]:
        return Sample.field and _word(Sample, "type.version", 4), _word(space, "dict.tag")

    space = {"field": 1}
    before, again = versions(), versions()
    space["field"] = Sample.field = 2
    after = versions()
    dicts = before[1] != after[1] or sys.version_info >= (3, 13)
    order = _address(Sample, "type.mro") == id(Sample.__mro__)
    return order and before == again and 0 not in (before[0], after[0]) and before[0] != after[0] and dicts


def _numpy_checks() -> list[tuple[str, bool]]:
    np = types.numpy()
    owner = np.arange(6.0)
    array = owner.reshape(2, 3)
    scalar = np.float64(2.5)
    poles = np.complex128(1.5 - 2.5j), np.complex64(1.5 - 2.5j)
    return [
        ("numpy type", _is_type(np.ndarray)),
        ("ndarray", _word(array, "array.ndim", 4) == 2 and _address(array, "array.data") == array.ctypes.data
         and ctypes.string_at(_address(array, "array.dims"), 16) == struct.pack("qq", 2, 3)
         and ctypes.string_at(_address(array, "array.strides"), 16) == struct.pack("qq", 24, 8)
         and _address(array, "array.base") == id(owner) and _word(owner, "array.flags", 4) & OWNDATA == OWNDATA
         and _address(array, "array.descr") == id(array.dtype)
         and _word(array, "array.flags", 4) & (C_CONTIGUOUS | ALIGNED | WRITEABLE) == 0x501),
        ("numpy scalar", struct.unpack("d", ctypes.string_at(id(scalar) + OFFSETS["npscalar.value"], 8))[0] == 2.5
         and type(scalar) is np.float64 and _word(np.int32(-7), "npscalar.value", 4) == -7),
        ("numpy complex scalar",
         ctypes.string_at(id(poles[0]) + OFFSETS["npscalar.value"], 16) == struct.pack("dd", 1.5, -2.5)
         and ctypes.string_at(id(poles[1]) + OFFSETS["npscalar.value"], 8) == struct.pack("ff", 1.5, -2.5)),
    ]


def _at(address: int) -> Any:
    return ctypes.cast(address, ctypes.py_object).value
