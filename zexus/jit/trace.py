"""The trace in the making: a typed function, its exits with their snapshots, and the objects it refers to."""

from __future__ import annotations

import types as python_types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from typing import Any

from zexus import types
from zexus.codes import Unsupported
from zexus.records import dataclass
from zexus.regvm.ir import Block, Context, Exit, FrameState, Function, Instr, Site, Value
from zexus.types import Type


@dataclass(frozen=True)
class Rep:
    """How a general value is held: its type, and the machine values of `types.layout(type)`."""

    type: Type
    values: tuple[Value, ...] = ()

    @property
    def value(self) -> Value:
        """The only machine value."""
        (only,) = self.values
        return only


# How the items of a tuple are boxed: i int, f float, b bool, p object, or the items of a tuple in it; in front of them
# the number of its class where that is another one than `tuple`.
Spec = tuple[Any, ...]


def divided(kinds: Iterable[Type], values: tuple[Value, ...]) -> list[Rep]:
    """Values of these types, one behind the other, from their machine values."""
    found, at = [], 0
    for kind in kinds:
        size = len(types.layout(kind))
        found.append(Rep(kind, values[at:at + size]))
        at += size
    return found


@dataclass(frozen=True)
class Stored:
    """A value in a snapshot: its type, and which leaves of the exit hold its parts."""

    type: Type
    leaves: tuple[int, ...]


# What makes an empty container.
NEW: dict[type, tuple[str, tuple[Value, ...], str, Any]] = {
    list: ("LIST_NEW", (), "ptr", 0), dict: ("DICT_NEW", (), "ptr", None), set: ("SET_NEW", (), "ptr", None),
}
BOXES: dict[str, str] = {"int": "i", "word": "w", "float": "f", "bool": "b", "char": "i"}
_PAYLOAD_BOXES: dict[str, tuple[str, ...]] = {
    "i64": ("i",), "f64": ("f",), "i1": ("b",), "ptr": ("p",), "c128": ("f", "f"), "": (),
}


def box_kinds(t: Type) -> tuple[str, ...]:
    """The kind of box that each machine value of `t` gets when it leaves: one letter, or "n<dtype>".

    i int, w word, f float, b bool, p object, - nothing (it can be told from the object beside it).
    """
    if types.is_complex(t):
        return _PAYLOAD_BOXES["c128"]
    if isinstance(t, types.Scalar):
        return (BOXES[t.name],) if t.name in BOXES else ()
    if isinstance(t, types.NpScalar):
        return ("n" + t.dtype,)
    if isinstance(t, types.Array):
        return ("p",) + ("-",) * (len(types.layout(t)) - 1)
    if isinstance(t, types.View):
        return ("p",) + ("i",) * (len(types.layout(t)) - 1)
    if isinstance(t, types.Slice):
        return tuple(k for part in t.parts for k in box_kinds(part))
    if isinstance(t, types.Union):
        return ("i", *_PAYLOAD_BOXES[types.union_payload(t.members)])
    if isinstance(t, (types.Tuple, types.Named)):
        return ("p", *(k for item in t.items for k in box_kinds(item)))
    if isinstance(t, types.Maybe):
        return box_kinds(t.inner)
    if isinstance(t, (types.Method, types.Bound, types.Super)):
        return box_kinds(t.owner)
    if isinstance(t, types.Text):
        return tuple(k for item in t.items for k in box_kinds(item))
    if isinstance(t, types.Wide):
        return ("-", *(k for item in t.items for k in box_kinds(item)))
    if isinstance(t, types.Raised):
        return ("i", *(k for error in t.ordered() for arg in error.args for k in box_kinds(arg)))
    if isinstance(t, types.Cursor):
        if t.kind == "range":
            return ("i", "i", "i")
        inner = tuple(k for part in t.parts for k in box_kinds(part))
        return (*inner, *("i" for _ in types.layout(t)[len(inner):]))
    return tuple(_PAYLOAD_BOXES[p][0] for p in types.layout(t))


def is_format(obj: Any) -> bool:
    """Whether an object is the method `format` of a text."""
    return isinstance(obj, python_types.BuiltinMethodType) and type(obj.__self__) is str and obj.__name__ == "format"


@dataclass
class Trace:
    """A typed function under construction.

    Attributes:
        fn: the function; `fn.refs` names in words what `objects` holds.
        dry: True while types are being inferred: nothing is kept.
        world: what the code takes for constant and looks up again after anything that ran other code.
    """

    name: str
    dry: bool = True
    fn: Function = field(default_factory=lambda: Function("trace", "typed"))
    objects: list[Any] = field(default_factory=list)
    world: list[tuple[Any, ...]] = field(default_factory=list)
    world_values: list[Value] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fn.name = self.name
        self.block: Block = self.fn.block()
        self.current: Instr | None = None
        self.miss = Exit(0, "ZX031", [])
        self.fn.exits.append(self.miss)
        self.exit_cache: dict[tuple[int, Rep | None, str], Exit] = {}
        self.reps: dict[Value, Rep] = {}
        self.lines: dict[tuple[Context, int], int] = {}
        self.after: tuple[Instr, Rep | None] | None = None
        self.call_envs: dict[Context, dict[int, Value]] = {}
        self.entering = False
        self.handled = False
        self.constants: dict[Value, Any] = {}
        self.nothing: Value | None = None
        self.cells: tuple[int, Rep] | None = None
        self.local_functions: dict[Site | None, Rep] = {}
        self.stored_kinds: set[tuple[str, int]] = set()
        # The views and tuples with names that are needed as objects, and to which general value a mark belongs.
        self.escaping: set[Value] = set()
        self.origins: dict[Value, Value] = {}
        self.fresh: set[Value] = set()  # the objects that were made here
        # FLOAT where it counts which object a float was that native code has only the value of: a nan is not read then.
        self.told_apart: set[Type] = set()
        self.floating: Callable[[], object] = lambda: None
        self.arrays: list[tuple[Value, Value, list[Value], tuple[Any, ...]]] = []

    # --- objects --------------------------------------------------------------------------------------

    def ref(self, obj: Any, words: str) -> int:
        """The number under which the code refers to `obj`; methods are made anew whenever they are taken."""
        taken = type(obj) in (python_types.MethodType, python_types.BuiltinMethodType)
        for number, known in enumerate(self.objects):
            if known is obj or (taken and type(known) is type(obj) and known == obj):
                return number
        self.objects.append(obj)
        self.fn.refs.append(words)
        return len(self.objects) - 1

    def known(self, obj: Any, words: str) -> Rep:
        return Rep(types.Known(self.ref(obj, words)))

    def constant(self, value: Any) -> Rep:
        """A value that the code takes as it is."""
        kind = types.of(value, 0)
        if kind in (types.INT, types.FLOAT, types.BOOL):
            return Rep(kind, (self.k(types.payload(kind), value),))
        if kind == types.WORD:
            return Rep(kind, (self.int_(value - types.WORD_MAX - 1),))
        if kind == types.COMPLEX:
            return Rep(kind, (self.k("f64", value.real), self.k("f64", value.imag)))
        if kind == types.NONE:
            return Rep(kind)
        if type(value) is tuple:
            return self.tuple_of([self.constant(item) for item in value])
        shown = f"str {value.__self__!r}.format" if is_format(value) else _shown(value)
        return self.known(value, f"constant {shown}"[:80])

    def object_of(self, rep: Rep) -> Any:
        """The object that a `Known` stands for."""
        assert isinstance(rep.type, types.Known)
        return self.objects[rep.type.ref]

    # --- instructions ---------------------------------------------------------------------------------

    def emit(self, op: str, args: list[Value] | tuple[Value, ...] = (), kind: str = "", imm: Any = None,
             leave: str = "") -> Value:
        """Add a typed instruction.

        Args:
            op: its row.
            args: operands.
            kind: payload of the result, "" for none.
            imm: immediate operand.
            leave: the code under which it may leave the region before its effect, "" when it cannot.
        """
        value = self.fn.value(kind)
        if self.dry:
            return value
        instr = Instr(op, list(args), value if kind else None, imm)
        if op == "INDEX" and self.handled:
            instr.facts = frozenset(("handled",))
        if leave:
            instr.exit = self.miss if self.entering else self.exit(leave)
        if self.current is not None:
            instr.index, instr.context = self.current.index, self.current.context
        self.block.instrs.append(instr)
        return value

    def k(self, kind: str, constant: Any) -> Value:
        """A constant machine value."""
        value = self.emit("K", (), kind, constant)
        self.constants[value] = constant
        return value

    def proven(self, value: Value, fact: str) -> None:
        """Note a fact on the instruction just emitted."""
        if not self.dry and self.block.instrs[-1].dest is value:
            self.block.instrs[-1].facts |= {fact}

    def int_(self, constant: int) -> Value:
        return self.k("i64", constant)

    def guard(self, condition: Value, code: str) -> None:
        """Leave unless `condition` holds."""
        self.emit("GUARD", (condition,), "", None, code)

    # --- exits ----------------------------------------------------------------------------------------

    def exit(self, code: str) -> Exit:
        """The way out before the current instruction (behind it, once it has had its effect)."""
        instr = self.current
        assert instr is not None and instr.env is not None and instr.context is not None
        done = self.after is not None and self.after[0] is instr
        key = (id(instr), self.after[1] if done and self.after is not None else None, code)
        if key in self.exit_cache:
            return self.exit_cache[key]
        assert instr.env is not None
        if done:
            assert self.after is not None
            live = self.live_after(instr)
            registers = {r: self.reps[v] for r, v in instr.env.items() if r in live}
            state = FrameState(instr.context, instr.index, True, dict(registers), self.after[1])
        else:
            state = FrameState(instr.context, instr.index, False, {r: self.reps[v] for r, v in instr.env.items()})
        made = self.make_exit(code, state)
        self.exit_cache[key] = made
        return made

    def live_after(self, instr: Instr) -> frozenset[int]:
        assert instr.context is not None
        program = instr.context.code
        dest = program.flat[instr.index].dest
        after: frozenset[int] = program.live[instr.index][1]
        return after - {dest.number} if dest is not None else after

    def make_exit(self, code: str, state: FrameState) -> Exit:
        """An exit whose innermost frame is `state`; the callers' frames are put around it."""
        frames = [state]
        context = state.context
        while context.parent is not None:
            env = self.call_envs[context]
            frames.append(FrameState(context.parent, context.call_index, True,
                                     {r: self.reps[v] for r, v in env.items()}))
            context = context.parent
        frames.reverse()
        if self.cells is not None:
            number, held = self.cells
            frames[0].registers[number] = held
        for frame in frames:
            if frame.context.site in self.local_functions and frame.context.code.code.captured:
                frame.registers[frame.context.code.size] = self.local_functions[frame.context.site]
        leaves: list[tuple[Value, str]] = []
        places: dict[tuple[int, str], int] = {}

        def place(rep: Rep) -> Stored:
            found = []
            for value, kind in zip(rep.values, box_kinds(rep.type), strict=True):
                if kind == "-":
                    continue
                key = (value.number, kind[0])
                if key not in places:
                    places[key] = len(leaves)
                    leaves.append((value, kind))
                found.append(places[key])
            return Stored(rep.type, tuple(found))

        for frame in frames:
            frame.registers = {r: place(rep) for r, rep in frame.registers.items()}
            if isinstance(frame.result, Rep):
                frame.result = place(frame.result)
        made = Exit(len(self.fn.exits), code, leaves, frames, pc=state.index)
        position = state.context.code.positions[state.index]
        made.line = position.line if position else 0
        if not self.dry:
            self.fn.exits.append(made)
        return made

    # --- unions -----------------------------------------------------------------------------------------

    def coerce(self, rep: Rep, wanted: Type) -> Rep:
        """`rep` in the representation of `wanted`, a type that covers its own."""
        if rep.type == wanted:
            return Rep(wanted, rep.values)
        if wanted in (types.OBJECT, types.STR, types.AnyTuple()):
            if wanted != types.OBJECT and isinstance(rep.type, types.Scalar) and rep.type != types.CHAR:
                raise Unsupported("ZX021", detail=f"{rep.type} where {wanted} is needed")
            return Rep(wanted, (self.boxed(rep),))
        if wanted == types.WORD and rep.type == types.INT:
            from zexus.jit.forms import words

            return words.counted(self, rep)
        if isinstance(wanted, (types.Tuple, types.Maybe)):
            return self.coerce_tuple(rep, wanted)
        if isinstance(wanted, types.Named) and isinstance(rep.type, types.Named) and wanted.kind is rep.type.kind:
            parts = zip(self.items(rep), wanted.items, strict=True)
            return Rep(wanted, (rep.values[0], *(v for one, item in parts for v in self.coerce(one, item).values)))
        if isinstance(wanted, types.Raised) and isinstance(rep.type, types.Raised):
            return self.widened(rep, rep.type, wanted)
        if isinstance(wanted, (types.Array, types.View)):
            from zexus.jit import views

            return views.coerced(self, rep, wanted)
        if isinstance(wanted, types.Cursor) and isinstance(rep.type, types.Cursor) and wanted.of is rep.type.of:
            pairs = zip(divided(rep.type.parts, rep.values), wanted.parts, strict=True)
            return Rep(wanted, tuple(v for one, part in pairs for v in self.coerce(one, part).values))
        if not isinstance(wanted, types.Union):
            raise Unsupported("ZX021", detail=f"{rep.type} where {wanted} is needed")
        held = types.union_payload(wanted.members)
        if isinstance(rep.type, types.Union):
            tag, *payload = rep.values
            old = types.union_payload(rep.type.members)
        else:
            tag, payload, old = self.int_(types.TAGS[rep.type]), list(rep.values), types.payload(rep.type)
        return Rep(wanted, (tag, *self.convert_payload(payload, old, held)))

    def convert_payload(self, values: list[Value], old: str, new: str) -> list[Value]:
        """The machine values of a payload as those of one that covers it."""
        if old == new or not new:
            return values if new else []
        if not old:
            return [self.zero(kind) for kind in types.parts(new)]
        if old == "i64":
            values = [self.emit("EXACT_FLOAT", values, "f64", None, "ZX031")]
        return [*values, self.zero("f64")] if new == "c128" else values

    def zero(self, kind: str) -> Value:
        """A machine value that nobody looks at."""
        if kind == "ptr":
            return self.none()
        return self.k(kind, {"i64": 0, "f64": 0.0, "i1": False}[kind])

    def widened(self, rep: Rep, old: types.Raised, wanted: types.Raised) -> Rep:
        """An exception as one that may be another one as well."""
        held = iter(rep.values[1:])
        values = [rep.values[0]]
        for error in wanted.ordered():
            for kind in (p for arg in error.args for p in types.layout(arg)):
                values.append(next(held) if error in old.errors else self.zero(kind))
        return Rep(wanted, tuple(values))

    def coerce_tuple(self, rep: Rep, wanted: types.Tuple | types.Maybe) -> Rep:
        """A tuple, or the absence of one, in the representation of `wanted`."""
        inner = wanted.inner if isinstance(wanted, types.Maybe) else wanted
        if isinstance(rep.type, types.Known):
            rep = self.opened(rep)
        if rep.type in (types.NONE, types.UNBOUND_T):
            zeros = (self.null() if p == "ptr" else self.zero(p) for p in types.layout(inner)[1:])
            return Rep(wanted, (self.boxed(rep), *zeros))
        if isinstance(rep.type, types.Maybe):
            rep = Rep(rep.type.inner, rep.values)
        if not isinstance(rep.type, types.Tuple):
            raise Unsupported("ZX021", detail=f"{rep.type} where {wanted} is needed")
        values = [rep.values[0]]
        for item, target in zip(self.items(rep), inner.items, strict=True):
            values.extend(self.coerce(item, target).values)
        return Rep(wanted, tuple(values))

    def items(self, rep: Rep) -> list[Rep]:
        """The items of a tuple."""
        assert isinstance(rep.type, (types.Tuple, types.Named))
        return divided(rep.type.items, rep.values[1:])

    def tuple_of(self, items: list[Rep], held: Value | None = None) -> Rep:
        """A tuple of these items: `held`, or one that is made here."""
        kind = types.Tuple(tuple(i.type for i in items))
        return Rep(kind, (held or self.null(), *(v for i in items for v in i.values)))

    def null(self) -> Value:
        """The object of a tuple that has none yet."""
        if self.nothing is None:
            self.nothing = self.fn.value("ptr")
            if not self.dry:
                self.fn.entry.instrs.insert(0, Instr("NULL", [], self.nothing))
        return self.nothing

    def reference(self, obj: Any, words: str) -> Value:
        """An object that the code refers to, known wherever it is looked at again."""
        made = self.fn.value("ptr")
        if not self.dry:
            self.fn.entry.instrs.insert(0, Instr("REF", [], made, self.ref(obj, words)))
        return made

    def opened(self, rep: Rep) -> Rep:
        """A value, but for a tuple that the code takes for constant: its items are constant too."""
        if not isinstance(rep.type, types.Known):
            return rep
        found = self.object_of(rep)
        if type(found) is not tuple or not isinstance(types.of(found), types.Tuple):
            return rep
        made = self.constant(found)
        return Rep(made.type, (self.emit("REF", (), "ptr", rep.type.ref), *made.values[1:]))

    def scalar_type(self, kind: types.NpScalar) -> int:
        """The reference to a NumPy scalar's type."""
        import numpy as np

        return self.ref(np.dtype(kind.dtype).type, f"numpy.{kind.dtype}")

    def none(self) -> Value:
        return self.emit("REF", (), "ptr", self.ref(None, "None"))

    def boxed(self, rep: Rep, leaving: bool = False) -> Value:
        """The value as a Python object; where the region is left, no other object is made of it behind that."""
        t = rep.type
        if isinstance(t, (types.List, types.AnyTuple, types.Object, types.Array, types.BlockResult)):
            return rep.values[0]
        if isinstance(t, types.View):
            return self.view_object(rep)
        if isinstance(t, types.Part):
            return self.emit("LIST_SLICE", (*rep.values, self.int_(t.step)), "ptr", None, "ZX033")
        if isinstance(t, types.Known):
            return self.emit("REF", (), "ptr", t.ref)
        if t == types.NONE:
            return self.none()
        if isinstance(t, types.Fresh):
            return self.emit(*NEW[t.kind])
        if t == types.UNBOUND_T:
            from zexus.frontend.sites import UNBOUND

            return self.emit("REF", (), "ptr", self.ref(UNBOUND, "UNBOUND"))
        if t in (types.INT, types.FLOAT, types.BOOL):
            return self.emit({types.INT: "BOX_INT", types.FLOAT: "BOX_FLOAT", types.BOOL: "BOX_BOOL"}[t],
                             (rep.value,), "ptr")
        if t == types.WORD:
            return self.emit("BOX_INT", rep.values, "ptr", str(types.WORD))
        if t == types.CHAR:
            return self.emit("BOX_CHAR", rep.values, "ptr")
        if isinstance(t, types.Slice):
            return self.built(slice, [self.boxed(part) for part in divided(t.parts, rep.values)])
        if isinstance(t, types.Text):
            from zexus.jit.forms import texts

            return texts.written(self, rep)
        if isinstance(t, types.Wide):
            return self.built(t.make, [self.boxed(item) for item in divided(t.items, rep.values[1:])])
        if t == types.COMPLEX:
            return self.emit("BOX_COMPLEX", rep.values, "ptr")
        if isinstance(t, types.NpScalar) and types.is_complex(t):
            return self.emit("BOX_NP_COMPLEX", rep.values, "ptr", self.scalar_type(t))
        if isinstance(t, types.NpScalar):
            return self.emit("BOX_NP", (rep.value,), "ptr", (t.dtype, self.scalar_type(t)))
        if isinstance(t, types.Union):
            held = types.union_payload(t.members)
            payload = rep.values[1:] if held else (self.int_(0),)
            from zexus.frontend.sites import UNBOUND

            rows = sorted((str(m), types.TAGS[m], self.scalar_type(m) if isinstance(m, types.NpScalar) else -1)
                          for m in t.members)
            row = "BOX_TAGGED_COMPLEX" if held == "c128" else "BOX_TAGGED"
            return self.emit(row, (rep.values[0], *payload), "ptr",
                             (tuple(rows), self.ref(None, "None"), self.ref(UNBOUND, "UNBOUND")))
        if isinstance(t, (types.Tuple, types.Maybe, types.Named)):
            parts, spec = self.packed(rep, leaving)
            return self.emit("TUPLE_BOX", parts, "ptr", (len(parts), spec))
        raise Unsupported("ZX020", detail=f"{t} as an object")

    def built(self, function: Any, arguments: Sequence[Value]) -> Value:
        """What a builtin function answers that runs no other code for these arguments."""
        boxes = (self.emit("REF", (), "ptr", self.ref(function, f"{function.__qualname__}()")), *arguments)
        return self.emit("CALL_BUILTIN", boxes, "ptr", len(boxes), "ZX033")

    def as_object(self, rep: Rep) -> Rep:
        """A value, but for an object that the code takes for constant, or a tuple with names: it is any object."""
        return Rep(types.OBJECT, (self.boxed(rep),)) if isinstance(rep.type, (types.Known, types.Named)) else rep

    def mark(self, rep: Rep) -> Value | None:
        """What tells one view, or one tuple with names, from others; None for any other value."""
        if isinstance(rep.type, types.View):
            return rep.values[1]
        return rep.values[0] if isinstance(rep.type, types.Named) else None

    def need_object(self, rep: Rep) -> None:
        """Let the object of a view, or of a tuple with names, be made where the value is, from the next walk on."""
        mark = self.mark(rep)
        if mark in self.origins:
            self.escaping.add(self.origins[mark])

    def view_object(self, rep: Rep) -> Value:
        """The object of a view; from the next walk on it is made where the view is, so that there is one of it."""
        import numpy as np

        kind = rep.type
        assert isinstance(kind, types.View)
        self.need_object(rep)
        descr = self.ref(np.dtype(kind.dtype), f"dtype {kind.dtype}")
        ndarray = self.ref(np.ndarray, "numpy.ndarray")
        what = (len(rep.values), kind.dtype, kind.ndim, descr, ndarray)
        return self.emit("BOX_VIEW", rep.values, "ptr", what, "ZX033")

    def packed(self, rep: Rep, leaving: bool = False) -> tuple[list[Value], Spec]:
        """What makes an object of a tuple: its own, if it has one, and its items; and how each of them is boxed."""
        kind = rep.type.inner if isinstance(rep.type, types.Maybe) else rep.type
        values, spec = [rep.values[0]], list[Any]()
        if isinstance(kind, types.Named):
            if not leaving:
                self.need_object(rep)
            spec.append(self.ref(kind.kind, f"class {kind.kind.__qualname__}"))
        for item in self.items(Rep(kind, rep.values)):
            if isinstance(item.type, (types.Tuple, types.Maybe, types.Named)):
                inner, how = self.packed(item)
                values.extend(inner)
                spec.append(how)
            elif item.type in (types.INT, types.FLOAT, types.BOOL):
                values.append(item.value)
                spec.append(box_kinds(item.type)[0])
            else:
                values.append(self.boxed(item))
                spec.append("p")
        return values, tuple(spec)


def _shown(value: Any) -> str:
    """A constant in listings: the same in each run, and no code of the program's own is asked."""
    kind = type(value)
    if kind in (str, bytes) or (kind is int and value.bit_length() < 1000):  # there is a limit to digits
        return f"{kind.__name__} {value!r}"
    if kind in (python_types.FunctionType, python_types.BuiltinFunctionType, type):
        return f"{kind.__name__} {value.__qualname__}"
    return kind.__qualname__
