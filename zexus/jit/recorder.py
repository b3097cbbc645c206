"""The recorder: watches the register machine run some iterations and notes types, paths and callees."""

from __future__ import annotations

import types as python_types
import weakref
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from zexus import layout, ops, shapes, types
from zexus.bytecode import UNBOUND, Code
from zexus.jit import callees, factories, fixed, hooks, standing
from zexus.jit.hooks import Construction, Hook
from zexus.records import dataclass
from zexus.regvm import calling, cfg, iterators, keyed, suspended
from zexus.regvm import cursor as cursors
from zexus.regvm.clock import CLOCK
from zexus.regvm.ir import Block, Instr, index_of, step
from zexus.regvm.machine import Entered, Executable, Frame
from zexus.types import Type

Key = tuple[tuple[int, ...], int]

# Opcodes whose result cannot be told from their operands' types: only these are worth noting.
NOTED = frozenset((
    "GETITEM", "VALUE", "ITEM", "CALL", "CALL_KEYWORD", "PYBLOCK", "GETATTR", "LOAD_GLOBAL", "LOAD_CELL", "POW", "IPOW",
    "ITER", "AND", "IAND", "MOD", "IMOD",
))


# Gives the executable of a function for calls with so many arguments, the last ones by these keywords.
Lower = Callable[[Any, int, Sequence[str]], Executable | None]

# Classes or functions at one place that get code of their own, as polymorphic inline caches have about as many.
MANY = 8


@dataclass(frozen=True)
class Bound:
    """A method of an object, as its function."""

    function: python_types.FunctionType


@dataclass(frozen=True)
class Taken:
    """A method of a builtin object, as the class and the name under which that holds it. The object is not held."""

    kind: type
    name: str


def _same_values(some: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    return some.keys() == others.keys() and all(value is others[name] for name, value in some.items())


class Local:
    """A function that may be made anew at each entry: what is the same each time, and the one that was seen.

    Args:
        function: a function with cells, or one that was made in another one. It is not held.
    """

    def __init__(self, function: python_types.FunctionType) -> None:
        self.code, self.space, self.name = function.__code__, function.__globals__, function.__name__
        self.defaults, self.named = function.__defaults__, function.__kwdefaults__
        self._seen = weakref.ref(function)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Local) and self.code is other.code and self.space is other.space \
            and self.defaults is other.defaults and _same_values(self.named or {}, other.named or {})

    __hash__ = None  # type: ignore[assignment]

    @property
    def function(self) -> python_types.FunctionType:
        """The function that was seen or, where there is none any more, one like it whose cells are empty."""
        seen = self._seen()
        if seen is not None:
            return seen
        cells = tuple(python_types.CellType() for _ in self.code.co_freevars)
        made = python_types.FunctionType(self.code, self.space, self.name, self.defaults, cells)
        made.__kwdefaults__ = self.named
        return made


# Of what `super` looks for attributes.
_SELF_CLASS: Any = vars(super)["__self_class__"]
# What is noted of calls, and compared by what it says.
_EQUAL = (Bound, Construction, Hook, Local, Taken)


def function_of(noted: Any) -> Any:
    """The function that something noted of a call is about."""
    return noted.function if isinstance(noted, (Bound, Construction, Hook, Local)) else noted


@dataclass
class Profile:
    """What was seen, filed by call path and instruction index.

    Attributes:
        seen: the types of an instruction's results.
        operands: the types of an operation's operands, one after the other.
        large: which operands were ints beyond those that native code computes with, by their positions.
        blocks: how often each block was reached.
        callees: the different Python functions that a call called, None for what is none; longer than `MANY`: too many.
        owners: the classes of the objects whose attribute or item an instruction accessed; in the same way.
        raised: the classes of the exceptions that an instruction raised.
        factories: the codes of functions by which defaultdicts make what they do not have, if these run no other code.
        passed: where loops inside end, and how many of their iterations were not watched, by their headers.
        first: `blocks` as it was when the loop was compiled for the first time; what is not in it was met behind
            side exits only.
    """

    seen: dict[Key, set[Type]] = field(default_factory=dict)
    hints: dict[Key, Type] = field(default_factory=dict)
    operands: dict[Key, list[set[Type]]] = field(default_factory=dict)
    large: set[tuple[Key, int]] = field(default_factory=set)
    blocks: dict[Key, int] = field(default_factory=dict)
    callees: dict[Key, list[Any]] = field(default_factory=dict)
    owners: dict[Key, list[type]] = field(default_factory=dict)
    factories: dict[Key, list[Any]] = field(default_factory=dict)
    raised: dict[Key, list[type]] = field(default_factory=dict)
    passed: dict[Key, tuple[int, float]] = field(default_factory=dict)
    first: dict[Key, float] = field(default_factory=dict)

    def note_raised(self, frame: Frame, error: BaseException) -> None:
        """The instruction at which a frame stands has raised."""
        _numbered(self.raised.setdefault((frame.path, frame.index), []), type(error))

    def frequencies(self, header: int, iterations: int) -> dict[Key, float]:
        """How often each block runs in an iteration.

        Args:
            header: the index of the loop's header.
            iterations: how many the loop has run by now, wherever.
        """
        blocks = self._estimated()
        self.first = self.first or blocks
        watched = max(1, self.first.get(((), header), 0))
        # The recorder sees each run behind a side exit: these blocks are as rare as the exits are.
        passed = max(1, iterations)
        return {key: self.first[key] / watched if key in self.first else count / passed
                for key, count in blocks.items()}

    def _estimated(self) -> dict[Key, float]:
        """How often each block was reached, where loops were left alone too: as often in each of their iterations."""
        blocks: dict[Key, float] = dict(self.blocks)
        for (path, header), (end, more) in self.passed.items():
            factor, depth = 1 + more / max(1, self.blocks.get((path, header), 0)), len(path)
            for other, index in blocks:
                place = index_of(other[depth]) if len(other) > depth else index
                if other[:depth] == path and header <= place < end:
                    blocks[other, index] *= factor
        return blocks


def of_value(value: Any) -> Type:
    """The type of anything that a register can hold, cursors included; no object is asked what it is."""
    if issubclass(type(value), cursors.Cursor):
        return of_cursor(value)
    return types.of(value)


def _noted(value: Any) -> Type:
    """The type under which a value is noted: an object's class, where nothing more is known of it."""
    found = of_value(value)
    if found == types.OBJECT and type(value) is int:
        return types.INT  # it leaves native code where it is read; the next one is small again
    if found == types.OBJECT and not issubclass(type(value), (float, complex)):
        return types.Instance(kind=type(value))
    return found


def of_cursor(value: cursors.Cursor) -> Type:
    """The type of a cursor."""
    if isinstance(value, cursors.RangeCursor):
        return types.Cursor("range")
    if isinstance(value, cursors.SequenceCursor):
        inner = types.of(value.sequence)
        if inner == types.OBJECT:
            return types.OBJECT
        return types.Cursor(value.kind, (inner,))
    if isinstance(value, cursors.ReversedCursor):
        return types.Cursor("reversed", (types.of(value.sequence),))
    if isinstance(value, cursors.EnumerateCursor):
        part = of_cursor(value.inner)
        return types.OBJECT if part == types.OBJECT else types.Cursor("enumerate", (part,))
    if isinstance(value, cursors.ZipCursor):
        parts = tuple(of_cursor(inner) for inner in value.inners)
        return types.OBJECT if types.OBJECT in parts else types.Cursor("strict_zip" if value.strict else "zip", parts)
    if isinstance(value, cursors.KeyedCursor):
        owner = types.of(keyed.owner(value.source))
        kind = keyed.KINDS[type(value.source)]
        return types.Cursor(kind, (owner,)) if owner in (types.DICT, types.SET) else of_iterator(value.source)
    if isinstance(value, cursors.ObjectCursor):
        made = of_generator(value.source)
        return of_iterator(value.source) if made == types.OBJECT else made
    return types.OBJECT


def of_iterator(source: Any) -> Type:
    """The type of a cursor over an iterator of which nothing else is known."""
    kind = type(source)
    lasts = kind in iterators.DRAWN or not kind.__flags__ & layout.HEAP_TYPE
    return types.Cursor("object", (types.OBJECT,), kind if lasts else None)


def of_generator(source: Any) -> Type:
    """The type of a cursor over a generator that has stopped, or an object where it has no native form."""
    made = callees.generator(source)
    if made is None:
        return types.OBJECT
    held = suspended.state(source, made.code)
    parts = [types.UNBOUND_T if value is UNBOUND else of_value(value) for value in held]
    if any(isinstance(part, types.Cursor) and part.kind == "object" for part in parts[len(made.code.results):]):
        return types.OBJECT
    return types.Cursor("generator", (types.OBJECT, *parts), made.code)


def _taken(called: python_types.BuiltinFunctionType) -> Taken | None:
    """What to note of a method of a builtin object; None for any other function."""
    kind = type(called.__self__)
    found = shapes.lookup(kind, called.__name__)
    known = type(found) is python_types.MethodDescriptorType and not shapes.is_written(kind)
    return Taken(kind, called.__name__) if known else None


def _numbered(found: list[Any], noted: Any) -> int:
    """Which of the things that were seen at a place this is, put behind the others if it is new; -1: too many."""
    for number, known in enumerate(found[:MANY]):
        if known is noted or (isinstance(noted, _EQUAL) and known == noted):
            return number
    if len(found) <= MANY:
        found.append(noted)
    return len(found) - 1 if len(found) <= MANY else -1


def _leads(instr: Instr, preds: dict[Block, list[Block]]) -> bool:
    """Whether control comes to what stands behind an instruction from there, and from nowhere else."""
    if instr.op == "JUMP":
        target = instr.targets[0]
        return target.instrs[0].index == instr.index + 1 and len(preds[target]) == 1
    return instr.op not in ops.TERMINATORS


class Recorder:
    """A watcher of the machine that fills a profile.

    Args:
        profile: what to fill.
        lower: gives the executable of a plain Python function for a call, or None when it has none.
        budget: instructions after which enough was seen.
        depth: how deep calls may nest that are followed.
        whole: the code of a function that is compiled as such: what calls it, however deep, calls native code.
        rounds: how many iterations of a loop inside are enough; what is left of them need not be watched.
    """

    def __init__(self, profile: Profile, lower: Lower, budget: int,
                 depth: int, whole: Code | None = None, rounds: int = 16) -> None:
        self.profile = profile
        self.lower = lower
        self.budget = budget
        self.depth = depth
        self._whole = whole
        self._rounds = rounds
        self._asked: Instr | None = None  # an operation whose result only the interpreter knows
        self._variant = 0  # which of the cases at the present instruction it is

    def block(self, frame: Frame, index: int) -> None:
        key = (frame.path, index)
        self.profile.blocks[key] = self.profile.blocks.get(key, 0) + 1
        if CLOCK.is_overdue():
            self.budget = 0

    def knows(self, frame: Frame, index: int) -> bool:
        """Whether enough was seen of the loop whose header stands there."""
        return self.profile.blocks.get((frame.path, index), 0) > self._rounds

    def passed(self, frame: Frame, header: int, end: int, iterations: float) -> None:
        """So many iterations of a loop were not watched."""
        key = (frame.path, header)
        _, before = self.profile.passed.get(key, (end, 0.0))
        self.profile.passed[key] = end, before + iterations

    def result(self, frame: Frame, instr: Instr, value: Any) -> None:
        variant, self._variant = self._variant, 0
        if instr.op not in NOTED and instr is not self._asked:
            return
        key = (frame.path, step(instr.index, variant))
        found = _noted(value)
        if isinstance(found, types.Cursor) and found.kind not in ("object", "range"):
            return
        self.profile.seen.setdefault(key, set()).add(found)
        if isinstance(found, types.List) and found.elem is not None:
            self.profile.hints[key] = found

    def behind(self, frame: Frame) -> None:
        """Note what native code has computed just before it left: the frame's variables tell, as far as they hold it.

        Args:
            frame: where the machine goes on.
        """
        flat, index = frame.machine.program.flat, frame.index - 1
        variables = len(frame.machine.code.locals)
        held: dict[int, int] = {}  # where a register's value of that time is now
        gone: set[int] = set()
        preds = cfg.predecessors(frame.machine.program.fn)
        while index >= 0 and _leads(flat[index], preds):
            instr = flat[index]
            index -= 1
            if instr.dest is None:
                continue
            dest = instr.dest.number
            place = held.pop(dest, None if dest in gone or dest >= variables else dest)
            gone.add(dest)
            value = None if place is None else frame.registers[place]
            if instr.op == "MOVE" and place is not None:
                held.setdefault(instr.args[0].number, place)
            elif value is not None and value is not UNBOUND:
                self.result(frame, instr, value)

    def owner(self, frame: Frame, instr: Instr, value: Any) -> None:
        found = self.profile.owners.setdefault((frame.path, instr.index), [])
        kind = type(value)
        if kind is defaultdict and instr.op == "GETITEM":
            code = factories.code_of(value)
            if code is not None:
                _numbered(self.profile.factories.setdefault((frame.path, instr.index), []), code)
        self._variant = max(0, _numbered(found, _SELF_CLASS.__get__(value) if kind is super else kind))

    def operands(self, frame: Frame, instr: Instr, values: Sequence[Any]) -> None:
        key = (frame.path, instr.index)
        found = self.profile.operands.setdefault(key, [])
        # Another function may have been called there before, which has other instructions.
        found.extend(set() for _ in range(len(found), len(values)))
        for kinds, value in zip(found, values, strict=False):
            kinds.add(types.UNBOUND_T if value is UNBOUND else _noted(value))
        self.profile.large.update((key, position) for position, value in enumerate(values)
                                  if type(value) is int and types.of(value) != types.INT)

    def raised(self, frame: Frame, error: BaseException) -> None:
        self.profile.note_raised(frame, error)

    def callee(self, frame: Frame, instr: Instr, called: Any) -> tuple[Executable, int] | None:
        key = (frame.path, instr.index)
        if standing.of_attribute(called, len(instr.args) - 1) and instr.op == "CALL":
            self.owner(frame, instr, frame.registers[instr.args[1].number])
        bound = type(called) is python_types.MethodType and type(called.__func__) is python_types.FunctionType
        function = called.__func__ if bound else called
        plain = type(function) is python_types.FunctionType
        # A method of a list or file would hold that for as long as the loop is known.
        noted: Any = Bound(function) if bound else function if plain else None
        if noted is function and plain and not fixed.is_durable(function):
            noted = Local(function)
        if type(called) is python_types.BuiltinFunctionType:
            noted = _taken(called)
        made = hooks.construction(called) if isinstance(called, type) else None
        if made is not None:
            noted, function, bound, plain = made, made.function, True, not made.is_bare
        sized = called is len and instr.op == "CALL" and len(instr.args) == 2
        hooked = hooks.sizing(frame.registers[instr.args[1].number]) if sized else hooks.calling(called)
        if hooked is not None:
            noted, function, bound, plain = hooked, hooked.function, True, True
        number = _numbered(self.profile.callees.setdefault(key, []), noted)
        self._variant = max(0, number)
        if not plain or number < 0 or len(frame.path) >= self.depth:
            return None
        if self.recursive(frame, function):
            return None
        given, names = len(instr.args) - (sized or not bound), calling.names(instr.op, instr.imm)
        found = self.lower(function, given, names)
        if found is None or calling.arrange(function, given, names, found.code.spread) is None:
            return None
        self._variant = 0
        return found, number

    def hook(self, frame: Frame, instr: Instr, operands: Sequence[Any]) -> Entered | None:
        key = (frame.path, instr.index)
        found = hooks.hook(instr.op, instr.imm, operands)
        number = _numbered(self.profile.callees.setdefault(key, []), found)
        kinds = map(type, operands)
        if found is None and not any(shapes.is_written(kind) or kind.__module__ == "numpy" for kind in kinds):
            self._asked = instr
        if found is None or number < 0 or len(frame.path) >= self.depth or self.recursive(frame, found.function):
            return None
        made = self.lower(found.function, len(operands), ())
        if made is None or made.code.params != len(operands):
            return None
        self._variant = 0
        return Entered(made, found.function, number, found.arguments(operands), found.answer(instr.op))

    def drawn(self, frame: Frame, instr: Instr, cursor: cursors.Cursor) -> Executable | None:
        made = None
        if isinstance(cursor, cursors.ObjectCursor) and len(frame.path) < self.depth:
            made = callees.generator(cursor.source)
        key = (frame.path, instr.index)
        found = self.profile.callees.setdefault(key, [])
        return made if _numbered(found, made) == 0 and len(found) == 1 else None

    def recursive(self, frame: Frame, function: Any) -> bool:
        """Whether the call would enter the function that makes it, or the one compiled: those are not inlined."""
        own = function.__code__.co_qualname  # functions may be given other names
        return any(code is not None and code.namespace is function.__globals__ and code.qualname == own
                   for code in (frame.machine.code, self._whole))


