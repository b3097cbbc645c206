"""What values of generic SSA can be, and what its instructions can do: constants, exact builtin types, effects.

Wegman and Zadeck, Constant Propagation with Conditional Branches (1991), on a lattice that has sets of exact types
between the constants and "anything". What a row does with operands of plain types is read off the row itself: its
meaning is run on samples of these types.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

from zexus import ops
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr, Phi, Value


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
NUMBERS: Kinds = frozenset((bool, int, float, complex))
MANY = 6


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


UNKNOWN = Fact(ANYTHING)


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
    if op in ("EQ", "NE", "IN", "NOT_IN") and all(kind in (list, tuple) or kind in PLAIN for kind in kinds):
        return BOOL, ALL
    return _CALLS


def _calculated(op: str, operands: list[Fact]) -> Doing:
    """What a row of Python's operators or of a builtin function does with such operands."""
    if op in ("IS", "IS_NOT"):
        return BOOL, NOTHING
    constants = tuple(_number(o.constant) for o in operands)
    made: frozenset[Kind] = frozenset()
    effects = NOTHING
    for each in product(*(o.kinds for o in operands)):
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
    "STORE_GLOBAL": (OBJECT, ALL),
    "JUMP": (OBJECT, NOTHING),
    "RETURN": (OBJECT, PINNED),
    "LEAVE": (OBJECT, PINNED),
    "RAISE": (OBJECT, PINNED | RAISES),
    "CAUGHT": (OBJECT, PINNED),
    "SWITCH": (OBJECT, NOTHING),
}


def _doing(instr: Instr, operands: list[Fact]) -> Doing:
    """The kinds of an instruction's result and its effects, when this is known of its operands."""
    op = instr.op
    if instr.row.family in _CALCULATED or op == "GETITEM":
        return _calculated(op, operands)
    if op == "BRANCH":
        return OBJECT, _calculated("TRUTH", operands)[1]
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
    if row.meaning is None or (row.family not in _CALCULATED and op != "GETITEM") or op in ("IS", "IS_NOT"):
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


# --- the analysis -----------------------------------------------------------------------------------------


class Facts:
    """What is known about a function of form "ssa".

    Attributes:
        reached: the blocks that control can come to.
        edges: the edges that it can take, exceptional ones too.
        makers: what defines each value.
    """

    def __init__(self, fn: Function) -> None:
        self.fn = fn
        self.reached: set[Block] = set()
        self.edges: set[tuple[Block, Block]] = set()
        self.makers: dict[Value, Instr | Phi] = {}
        self._known: dict[Value, Fact] = {}
        self._pool = [constant(value) for value in fn.consts]
        self._solve()

    def of(self, value: Value) -> Fact:
        """What is known of a value."""
        return self._known.get(value, UNKNOWN)

    def kinds(self, value: Value) -> Kinds:
        """What a value's exact type can be."""
        return self.of(value).kinds

    def constant(self, value: Value) -> Constant | None:
        """The constant that a value is, if it is known."""
        return self.of(value).constant

    def effects(self, instr: Instr) -> Effects:
        """What an instruction may do."""
        return NOTHING if instr.op == "CONST" else _doing(instr, [self.of(a) for a in instr.args])[1]

    # --- solving ---------------------------------------------------------------------------------------

    def _solve(self) -> None:
        fn = self.fn
        users: dict[Value, list[tuple[Block, Instr | Phi]]] = {}
        for block in fn.blocks:
            places: list[Instr | Phi] = [*block.phis, *block.instrs]
            for place in places:
                read: Iterable[Value] = place.incoming.values() if isinstance(place, Phi) else place.args
                for value in set(read):
                    users.setdefault(value, []).append((block, place))
                if place.dest is not None:
                    self.makers[place.dest] = place
        for param in fn.params:
            self._known[param] = UNKNOWN
        self._changed: list[Value] = []
        self._ways: list[tuple[Block, Block]] = []
        self._raised: set[Block] = set()
        self._places = {block: place for place, block in enumerate(cfg.reverse_postorder(fn))}
        self._enter(fn.entry)
        while self._ways or self._changed:
            while self._ways:
                source, target = self._ways.pop()
                if (source, target) in self.edges:
                    continue
                self.edges.add((source, target))
                if target not in self.reached:
                    self._enter(target)
                    continue
                for phi in target.phis:
                    self._phi(target, phi)
            while self._changed:
                for block, place in users.get(self._changed.pop(), ()):
                    if block not in self.reached:
                        continue
                    if isinstance(place, Phi):
                        self._phi(block, place)
                    else:
                        self._visit(block, place)

    def _returns(self, block: Block, instr: Instr) -> bool:
        """Whether a jump goes backwards: that is where signals, and with them their exceptions, come in."""
        return any(self._places[target] <= self._places[block] for target in instr.targets)

    def _raise(self, handler: Block) -> None:
        """A handler stands for all that it covers, or for nothing: pieces of it would have no structure."""
        if handler not in self._raised:
            self._raised.add(handler)
            self._ways.extend((b, handler) for b in self.fn.blocks if b.catches is handler and b in self.reached)

    def _enter(self, block: Block) -> None:
        self.reached.add(block)
        if block.catches is not None and block.catches in self._raised:
            self._ways.append((block, block.catches))
        for phi in block.phis:
            self._phi(block, phi)
        for instr in block.instrs:
            self._visit(block, instr)

    def _phi(self, block: Block, phi: Phi) -> None:
        made: Fact | None = None
        for source, value in phi.incoming.items():
            if (source, block) in self.edges and value in self._known:
                made = self._known[value] if made is None else join(made, self._known[value])
        if made is not None:
            self._learn(phi.dest, made)

    def _learn(self, value: Value, fact: Fact) -> None:
        before = self._known.get(value)
        if before is not None:
            fact = join(before, fact)
        if fact != before:
            self._known[value] = fact
            self._changed.append(value)

    def _visit(self, block: Block, instr: Instr) -> None:
        if any(a not in self._known for a in instr.args):
            return  # an operand that only an edge not taken so far can bring
        operands = [self._known[a] for a in instr.args]
        effects = NOTHING
        if instr.op == "CONST":
            made = self._pool[instr.imm]
            self._learn(instr.dest, Fact(frozenset((type(made.value),)), made))  # type: ignore[arg-type]
        else:
            kinds, effects = _doing(instr, operands)
            if instr.dest is not None:
                known = self._fold(instr, operands)
                self._learn(instr.dest, Fact(_few(kinds)) if known is None
                            else Fact(frozenset((type(known.value),)), known))
        if block.catches is not None and (effects.raises or self._returns(block, instr)):
            self._raise(block.catches)
        if instr.targets:
            self._ways.extend((block, target) for target in self._taken(instr, operands))

    def _fold(self, instr: Instr, operands: list[Fact]) -> Constant | None:
        if instr.op in ("IS", "IS_NOT"):
            same = _identical(instr.args, operands)
            return None if same is None else constant(same == (instr.op == "IS"))
        values = [o.constant.value for o in operands if o.constant is not None]
        if len(values) < len(operands) or not values:
            return None
        if instr.op == "CHECK_BOUND":
            return operands[0].constant
        return folded(instr.op, values)

    def _taken(self, instr: Instr, operands: list[Fact]) -> Iterator[Block]:
        if instr.op == "BRANCH" and operands[0].constant is not None:
            test = folded("TRUTH", [operands[0].constant.value])
            if test is not None:
                yield instr.targets[0 if test.value else 1]
                return
        yield from instr.targets


def _identical(args: list[Value], operands: list[Fact]) -> bool | None:
    """Whether two values are the same object, where that is certain."""
    a, b = operands
    if args[0] is args[1]:
        return True
    if object not in a.kinds and object not in b.kinds and not a.kinds & b.kinds:
        return False
    if a.constant is not None and b.constant is not None and type(a.constant.value) in (bool, type(None)):
        return a.constant == b.constant
    return None


def _few(kinds: Kinds) -> Kinds:
    """Sets of kinds stay small; beyond that, a value is anything."""
    if object in kinds:
        return ANYTHING if Unbound in kinds else OBJECT
    return kinds if len(kinds) <= MANY else ANYTHING


def join(a: Fact, b: Fact) -> Fact:
    """What is known of a value that is one of two."""
    if a == b:
        return a
    return Fact(_few(a.kinds | b.kinds), a.constant if a.constant == b.constant else None)


def index_of(fn: Function, wanted: Constant) -> int:
    """Where a constant stands among those of a function; it is added if it is new."""
    for index, value in enumerate(fn.consts):
        if constant(value) == wanted:
            return index
    fn.consts.append(wanted.value)
    return len(fn.consts) - 1

