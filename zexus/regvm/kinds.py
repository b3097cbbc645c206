"""What instructions on Python objects do, by what is known of their operands: kinds of results, effects, constants.

What a row does with operands of plain types is read off the row itself: its meaning is run on samples of these types.
"""

from __future__ import annotations

import struct
from dataclasses import field
from functools import lru_cache
from itertools import product
from typing import Any

from zexus import ops
from zexus.records import dataclass
from zexus.regvm.ir import Instr


class Unbound:
    """Stands for "no value" among kinds."""


@dataclass(frozen=True)
class Over:
    """The kind of a cursor over an exact builtin."""

    what: type


# An exact type; `object` for any bound object; Unbound; or the kind of a cursor.
Kind = type | Over
Kinds = frozenset[Kind]
OBJECT: Kinds = frozenset((object,))
ANYTHING: Kinds = frozenset((object, Unbound))
BOOL: Kinds = frozenset((bool,))
INT: Kinds = frozenset((int,))


@dataclass(frozen=True)
class Constant:
    """A constant that is told apart from others by type and bits: 1, True and 1.0 differ, and 0.0 and -0.0."""

    key: Any
    value: Any = field(compare=False)


def constant(value: Any) -> Constant:
    """`value` as a constant."""
    return Constant(_key(value), value)


def _key(value: Any) -> Any:
    kind = type(value)
    if kind is float:
        return kind, struct.pack("d", value)
    if kind is complex:
        return kind, struct.pack("dd", value.real, value.imag)
    if kind is tuple:
        return kind, tuple(map(_key, value))
    return (kind, value) if kind in PLAIN else (kind, id(value))


@dataclass(frozen=True)
class Fact:
    """What is known of a value: its possible kinds, and the constant that it is."""

    kinds: Kinds
    constant: Constant | None = None


@dataclass(frozen=True)
class Effects:
    """What an instruction may do beside making its result.

    Attributes:
        raises: it may raise.
        calls: it may run any code of the user's, and so read and write anything.
        writes: it may change memory, or it is a step that has its place.
        reads: its result depends on memory.
        fresh: its result is a new object, which `is` tells from an equal one.
    """

    raises: bool = False
    calls: bool = False
    writes: bool = False
    reads: bool = False
    fresh: bool = False

    @property
    def removable(self) -> bool:
        """Whether nobody notices when it is not done, as long as its result is not used."""
        return not (self.raises or self.calls or self.writes)

    @property
    def repeatable(self) -> bool:
        """Whether doing it again with the same operands gives the same result and nothing else."""
        return not (self.calls or self.writes or self.reads or self.fresh)

    def __or__(self, other: Effects) -> Effects:
        return Effects(self.raises or other.raises, self.calls or other.calls, self.writes or other.writes,
                       self.reads or other.reads, self.fresh or other.fresh)


NOTHING = Effects()
RAISES = Effects(raises=True)
READS = Effects(reads=True)
FRESH = Effects(fresh=True)
PINNED = Effects(writes=True)
ALL = Effects(True, True, True, True, True)
Doing = tuple[Kinds, Effects]
_CALLS: Doing = (OBJECT, ALL)


# --- what rows do with plain operands ---------------------------------------------------------------------

# Immutable, and none of their operations among themselves runs code of the user's.
PLAIN: dict[type, tuple[Any, ...]] = {
    bool: (False, True),
    int: (0, 1, -1, 3, -2, 10**400, -(10**400)),
    float: (0.0, -0.0, 1.5, -2.5, 1e308, float("inf"), float("-inf"), float("nan")),
    complex: (0j, 1 + 2j, complex("inf")),
    str: ("", "a", "1", "%d", "%s"),
    type(None): (None,),
}
_CALCULATED = frozenset(("arith", "compare", "unary", "builtin"))
_OPERATORS = frozenset(row.name for row in ops.OPS.values() if row.family in _CALCULATED) | {"GETITEM"}
_SINGLE = frozenset((bool, int, float, complex, type(None)))
_INDEX = frozenset((int, bool))
_ERRORS = (ArithmeticError, ValueError, TypeError, LookupError, MemoryError, AttributeError)
_LARGE = 2**64
_MANY_STEPS = 10_000


@lru_cache(maxsize=4096)
def _plain(op: str, kinds: tuple[type, ...], constants: tuple[Constant | None, ...]) -> Doing:
    """What a row does with operands of these plain types; a constant stands for itself."""
    row = ops.OPS[op]
    assert row.meaning is not None
    if op == "INVERT" and bool in kinds:
        return _CALLS  # it may warn
    found: set[Kind] = set()
    raises = False
    samples = [PLAIN[kind] if known is None or type(known.value) is not kind else (known.value,)
               for kind, known in zip(kinds, constants, strict=True)]
    for values in product(*samples):
        if _costly(row.base or op, values[0], values[-1]):
            raises = True
            continue
        try:
            found.add(type(row.meaning(*values)))
        except _ERRORS:
            raises = True
    made = frozenset(found) or OBJECT
    return made, Effects(raises=raises, fresh=not made <= _SINGLE)


def _costly(op: str, a: Any, b: Any) -> bool:
    """Whether an operation on these values would take long."""
    if op == "POW":
        return type(a) in _INDEX and type(b) in _INDEX and bool(abs(b) > 64 and abs(a) > 1)
    if op == "LSHIFT":
        return type(b) in _INDEX and bool(b > _MANY_STEPS)
    return op == "MUL" and str in (type(a), type(b)) and any(type(v) in _INDEX and v > _MANY_STEPS for v in (a, b))


# --- what rows do with containers -------------------------------------------------------------------------

_SIZED = frozenset((list, tuple, dict, set, range))
# What these make, whatever methods they call.
_ALWAYS: dict[str, Kinds] = {"LEN": INT, **dict.fromkeys(("TRUTH", "NOT", "TO_BOOL", "IN", "NOT_IN"), BOOL)}


def _contained(op: str, kinds: tuple[Kind, ...]) -> Doing:
    """What a row does with these operands, one of which is not plain."""
    first = kinds[0]
    reads = READS if first in (list, dict, set) else NOTHING
    if op in ("TRUTH", "NOT", "TO_BOOL") and first in _SIZED:
        return BOOL, reads
    if op == "LEN" and first in _SIZED:
        return INT, reads | RAISES if first is range else reads
    if op == "ADD" and first in (list, tuple) and kinds[1] is first:
        return frozenset((first,)), reads | FRESH
    if op == "MUL" and first in (list, tuple) and kinds[1] in _INDEX:
        return frozenset((first,)), reads | FRESH | RAISES
    if op == "GETITEM" and first in (list, tuple) and kinds[1] in _INDEX:
        return OBJECT, reads | RAISES
    if op in ("EQ", "NE") and all(kind in (list, tuple) or kind in PLAIN for kind in kinds):
        return BOOL, ALL
    return _ALWAYS.get(op, OBJECT), ALL


@lru_cache(maxsize=4096)
def _calculated(op: str, known: tuple[Kinds, ...], constants: tuple[Constant | None, ...]) -> Doing:
    """What a row of Python's operators or of a builtin function does with such operands."""
    if op in ("IS", "IS_NOT"):
        return BOOL, NOTHING
    made: frozenset[Kind] = frozenset()
    effects = NOTHING
    for each in product(*known):
        if all(kind in PLAIN for kind in each):
            result, doing = _plain(op, each, constants)
        else:
            result, doing = _contained(op, each)
        made, effects = made | result, effects | doing
    return made, effects


def _number(known: Constant | None) -> Constant | None:
    """A constant, if it is a number of moderate size."""
    if known is None or type(known.value) not in (bool, int, float):
        return None
    return known if type(known.value) is not int or abs(known.value) <= _LARGE else None


# --- what structural rows do ------------------------------------------------------------------------------

_ITERATED = frozenset((list, tuple, range, str))
_CURSORS: frozenset[Kind] = frozenset(Over(kind) for kind in (list, tuple, range, str))
_ITEMS: dict[Kind, Kinds] = {Over(range): INT, Over(str): frozenset((str,))}
_FIXED: dict[str, Doing] = {
    "UNBOUND": (frozenset((Unbound,)), NOTHING),
    "BUILD_LIST": (frozenset((list,)), FRESH),
    "BUILD_TUPLE": (frozenset((tuple,)), FRESH),
    "BUILD_SLICE": (frozenset((slice,)), FRESH),
    "BUILD_SET": (frozenset((set,)), ALL),
    "BUILD_DICT": (frozenset((dict,)), ALL),
    "LOAD_CELL": (OBJECT, READS | RAISES),
    "LIST_ADD": (OBJECT, PINNED),
    "ITEM": (OBJECT, NOTHING),
    "MATCH": (BOOL, RAISES),
    "METER": (OBJECT, PINNED),
    "TALLY": (OBJECT, PINNED),
    "STORE_GLOBAL": (OBJECT, ALL),
    "JUMP": (OBJECT, NOTHING),
    "RETURN": (OBJECT, PINNED),
    "LEAVE": (OBJECT, PINNED),
    "RAISE": (OBJECT, PINNED | RAISES),
    "RERAISE": (OBJECT, PINNED | RAISES),
    "CAUGHT": (OBJECT, PINNED),
    "SWITCH": (OBJECT, NOTHING),
}


def behaviour(instr: Instr, operands: list[Fact]) -> Doing:
    """The kinds of an instruction's result and its effects, when this is known of its operands."""
    op = instr.op
    if op in _OPERATORS:
        return _calculated(op, tuple([o.kinds for o in operands]), tuple([_number(o.constant) for o in operands]))
    if op == "BRANCH":
        return OBJECT, _calculated("TRUTH", (operands[0].kinds,), (None,))[1]
    if op == "LOAD_GLOBAL":
        return OBJECT, NOTHING if "constant" in instr.facts else READS | RAISES
    if op == "CHECK_BOUND":
        known = operands[0].kinds
        return known - {Unbound} or OBJECT, RAISES if Unbound in known else NOTHING
    if op == "UNPACK":
        return _unpacked(operands[0].kinds)
    if op == "GETATTR":
        return OBJECT, FRESH | RAISES if all(k in PLAIN or k in _SIZED for k in operands[0].kinds) else ALL
    if op in ("ITER", "HAS_NEXT", "VALUE", "ADVANCE"):
        return _iterated(op, operands[0].kinds)
    return _FIXED.get(op, _CALLS)


def _unpacked(known: Kinds) -> Doing:
    if known == {tuple}:
        return known, RAISES
    return frozenset((tuple,)), READS | RAISES | FRESH if known <= _ITERATED else ALL


def _iterated(op: str, known: Kinds) -> Doing:
    """Steps of a loop keep their places: a cursor is one object, which they change."""
    if op == "ITER":
        if not known <= _ITERATED:
            return OBJECT, ALL
        return frozenset(Over(k) for k in known if isinstance(k, type)), PINNED | FRESH
    effects = PINNED if known <= _CURSORS else ALL
    if op == "HAS_NEXT":
        return BOOL, effects
    if op == "ADVANCE":
        return known, effects
    return frozenset().union(*(_ITEMS.get(kind, OBJECT) for kind in known)), effects


# --- folding ----------------------------------------------------------------------------------------------

_BITS = 128
_LENGTH = 4096


def folded(op: str, values: list[Any]) -> Constant | None:
    """The constant that a row computes from constants, or None: it raises, is too large, or may run other code.

    The limits are those of CPython's own compiler.
    """
    row = ops.OPS[op]
    if op not in _OPERATORS or row.meaning is None or op in ("IS", "IS_NOT"):
        return None
    if op == "INVERT" and type(values[0]) is bool:
        return None
    if not all(_simple(value) for value in values) or not _bounded(row.base or op, values):
        return None
    try:
        made = row.meaning(*values)
    except _ERRORS:
        return None
    return constant(made) if _simple(made) else None


def _simple(value: Any) -> bool:
    """Whether a value is immutable through and through, and of moderate size."""
    if type(value) is tuple:
        return len(value) <= _LENGTH and all(map(_simple, value))
    if type(value) is str:
        return len(value) <= _LENGTH
    if type(value) is int:
        return value.bit_length() <= _BITS * 32
    return type(value) in PLAIN


def _bounded(op: str, values: list[Any]) -> bool:
    """Whether an operation on these constants takes little time and room."""
    a, b = values[0], values[-1]
    if op == "POW" and type(a) in _INDEX and type(b) in _INDEX:
        return bool(abs(b) <= _BITS and int(a).bit_length() * abs(b) <= _BITS)
    if op == "LSHIFT" and type(b) in _INDEX:
        return bool(b <= _BITS)
    if op == "MUL":
        sizes = [len(v) for v in (a, b) if type(v) in (str, tuple)]
        counts = [v for v in (a, b) if type(v) in _INDEX]
        return not (sizes and counts) or max(counts[0], 0) * max(sizes[0], 1) <= _LENGTH
    return not (op == "MOD" and type(a) is str)
