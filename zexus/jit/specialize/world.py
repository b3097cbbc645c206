"""The world: globals, cells, attributes of modules and callees are taken for constant and guarded."""

from __future__ import annotations

import _random
import builtins
import enum
import functools
import sys
import types as python_types
from collections import deque
from itertools import chain
from typing import Any

from zexus import layout, shapes, types
from zexus.codes import Unsupported
from zexus.jit import fixed
from zexus.jit.explain import reporter_of
from zexus.jit.forms import arrays, dicts, numbers, sequences
from zexus.jit.hooks import Construction
from zexus.jit.recorder import Bound, function_of
from zexus.jit.specialize.state import State
from zexus.jit.trace import Rep, Trace
from zexus.records import dataclass
from zexus.regvm import calling
from zexus.regvm.ir import Context, Instr, Value
from zexus.types import Type

# Classes of objects of which it is not enough to know which one it is: there are native forms for what they hold.
_CHANGING = frozenset((dict, set, deque, bytes, bytearray)) | dicts.LIKE
# Classes of objects whose end nobody can notice.
_SILENT = frozenset((str, dict, bytes, bytearray, type(None)))


def _is_data(obj: Any) -> bool:
    """Whether an object is what a program works on, and no part of it such as a function or an enum's member."""
    kind = type(obj)
    if kind in _CHANGING:
        return True
    parts = (type, enum.Enum, python_types.ModuleType, _random.Random)
    return shapes.is_written(kind) and shapes.lookup(kind, "__call__") is shapes.ABSENT and not isinstance(obj, parts)


def is_silent(rep: Rep) -> bool:
    """Whether nobody can notice where a value ends, which may be an object that only native code has."""
    return not isinstance(rep.type, types.Object) or getattr(rep.type, "kind", None) in _SILENT


@dataclass(frozen=True)
class Owner:
    """An object in a world slot, compared by identity."""

    obj: Any
    words: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Owner) and other.obj is self.obj

    def __hash__(self) -> int:
        return id(self.obj)


class World(State):
    """What the code takes for constant."""

    def prefetch_world(self) -> None:
        """Look up what the code takes for constant, in the entry block, in the order in which the walk met it."""
        t = self.t
        t.entering = self.is_self is None
        for slot, obj, words in self.met:
            self.fetch(slot, obj, words)
        t.entering = False

    def world(self, slot: tuple[Any, ...], obj: Any, words: str) -> Rep:
        """The value that a slot of the world holds, as it was found when the code was made."""
        if slot in self.world_slots:
            return self.world_slots[slot]
        if not self.t.dry:
            raise Unsupported("ZX035", detail=words)
        if all(s != slot for s, _, _ in self.met):
            self.met.append((slot, obj, words))
        return self.fetch(slot, obj, words)

    def fetch(self, slot: tuple[Any, ...], obj: Any, words: str) -> Rep:
        t = self.t
        if self.is_self is not None and not t.entering and types.of(obj) == types.OBJECT:
            # Looked up at the entry; the calls of the function itself cannot change it.
            self.world_slots[slot] = t.known(obj, words)
            self.assumed.append((self.numbered(slot), t.ref(obj, words)))
            if type(obj) is python_types.FunctionType:
                self.guard_function(obj, words, None)
            return self.world_slots[slot]
        kind, *numbers_ = self.numbered(slot)
        pointer = t.emit("GLOBAL_GET", (), "ptr", (kind, *numbers_), "ZX035")
        t.world_values.append(pointer)
        t.world.append((kind, *numbers_))
        simple = types.of(obj)
        if isinstance(simple, (types.Scalar, types.NpScalar, types.List, types.AnyTuple, types.Array)) \
                and simple != types.UNBOUND_T and kind != "default":
            # Held, so that no other object can come to stand at this address while the slot is compared with it.
            t.emit("KEEP", (pointer,))
            rep = sequences.unbox_as(t, pointer, simple)
        elif _is_data(obj):
            # The code must not keep it alive when the program has given it up.
            t.emit("KEEP", (pointer,))
            rep = sequences.instance(t, pointer, types.Instance(kind=type(obj)), [type(obj)])
        else:
            rep = known = t.known(obj, words)
            assert isinstance(known.type, types.Known)
            held = t.emit("REF", (), "ptr", known.type.ref)
            t.emit("GUARD_IS", (pointer, held), "", None, "ZX035")
            if type(obj) is python_types.FunctionType:
                self.guard_function(obj, words, pointer)
        self.world_slots[slot] = rep
        return rep

    def numbered(self, slot: tuple[Any, ...]) -> tuple[Any, ...]:
        """A slot with the reference numbers of its owners."""
        kind, *owners = slot
        held = (owners[0].obj,) if kind == "cell_arg" else (self.t.ref(o.obj, o.words) for o in owners)
        return (kind, *held)

    def guard_function(self, obj: Any, words: str, pointer: Value | None) -> None:
        """A callee may get other code or defaults: those are part of the world as well.

        Args:
            obj: the function.
            words: what it is called in listings.
            pointer: where it is looked at now; None where that has been done.
        """
        t = self.t
        fields = [("code", obj.__code__), ("defaults", obj.__defaults__)]
        # The code object of a compiled function changes with its tiers; what it means does not.
        known = reporter_of(obj)
        for field_name, value in fields[known is not None and not getattr(known, "settled", False):]:
            number = t.ref(value, f"{words}.{field_name}")
            if pointer is not None:
                t.emit("GUARD_FIELD", (pointer,), "", ("function." + field_name, number), "ZX035")
            self.fields.append((t.ref(obj, words), "function." + field_name, number))

    def guard_defaults(self, function: python_types.FunctionType) -> None:
        """The defaults of what can only be given by keyword stand in a dict, in which they may be exchanged."""
        t, held = self.t, function.__kwdefaults__
        if not held:
            return
        words = f"{function.__qualname__}.__kwdefaults__"
        owner, number = t.ref(function, function.__qualname__), t.ref(held, words)
        t.emit("GUARD_FIELD", (t.emit("REF", (), "ptr", owner),), "", ("function.kwdefaults", number), "ZX035")
        self.fields.append((owner, "function.kwdefaults", number))
        for name, value in held.items():
            slot = ("default", Owner(held, words), Owner(sys.intern(name), f"name {name}"))
            self.world(slot, value, f"{words}[{name!r}]")

    def expect_function(self, instr: Instr, rep: Rep, function: python_types.FunctionType) -> None:
        """A callee that a variable holds, which may be another function of the same code at each entry."""
        t, context = self.t, instr.context
        assert context is not None
        words, reporter = function.__qualname__, reporter_of(function)
        issued = getattr(reporter, "issued", None)
        if reporter is not None and issued is None:
            raise Unsupported("ZX022", detail=f"{words}(), which is no global or closure variable")
        t.emit("GUARD_CLASS", rep.values, "", (t.ref(python_types.FunctionType, "class function"),), "ZX031")
        if issued is not None:
            t.emit("GUARD_CODE", rep.values, "", t.ref(issued.memory, f"{words}.codes"), "ZX031")
        else:
            number = t.ref(function.__code__, f"{words}.code")
            t.emit("GUARD_FIELD", rep.values, "", ("function.code", number), "ZX031")
        number = t.ref(function.__defaults__, f"{words}.defaults")
        t.emit("GUARD_FIELD", rep.values, "", ("function.defaults", number), "ZX031")
        self.expect_named(instr, rep, function)
        self.local_functions[context, instr.index, self.copy_of(instr)] = Rep(types.OBJECT, rep.values)

    def expect_method(self, rep: Rep, function: python_types.FunctionType) -> None:
        """A method that a variable holds, of any object."""
        wanted = self.t.emit("REF", (), "ptr", self.t.ref(function, function.__qualname__))
        self.t.emit("GUARD_IS", (self.of_method(rep), wanted), "", None, "ZX031")

    def of_method(self, rep: Rep) -> Value:
        """The function of what is a method."""
        kind = self.t.ref(python_types.MethodType, "class method")
        self.t.emit("GUARD_CLASS", rep.values, "", (kind,), "ZX031")
        return self.t.emit("FIELD_PTR", rep.values, "ptr", "method.function", "ZX031")

    def _op_IS_CALLEE(self, instr: Instr, args: list[Rep]) -> Rep:
        """Whether what a variable holds is a function of a certain code, or a method of a certain function."""
        t, (rep,), function = self.t, args, function_of(instr.imm)
        if isinstance(rep.type, types.Known):
            held = t.object_of(rep)
            return Rep(types.BOOL, (t.k("i1", getattr(held, "__func__", held) is function),))
        if not isinstance(rep.type, types.Object):
            raise Unsupported("ZX022", detail="a callee that is not a global or closure variable")
        if isinstance(instr.imm, Bound):
            wanted = t.emit("REF", (), "ptr", t.ref(function, function.__qualname__))
            return Rep(types.BOOL, (t.emit("SAME", (self.of_method(rep), wanted), "i1"),))
        t.emit("GUARD_CLASS", rep.values, "", (t.ref(python_types.FunctionType, "class function"),), "ZX031")
        issued = getattr(reporter_of(function), "issued", None)
        words = function.__qualname__
        number = t.ref(function.__code__, f"{words}.code") if issued is None else t.ref(issued.memory, f"{words}.codes")
        return Rep(types.BOOL, (t.emit("IS_CODE", rep.values, "i1", (number, issued is not None)),))

    def expect_named(self, instr: Instr, rep: Rep, function: python_types.FunctionType) -> None:
        """A callee that a variable holds has the same defaults, in its own dict, for the keywords that a call omits."""
        t, context = self.t, instr.context
        assert context is not None
        call = context.code.flat[instr.index]
        given = calling.names(call.op, call.imm)
        wanted = {name: value for name, value in (function.__kwdefaults__ or {}).items() if name not in given}
        if not wanted:
            return
        where = t.emit("SLOT_PLACE", rep.values, "ptr", layout.OFFSETS["function.kwdefaults"])
        held = Rep(types.DICT, (t.emit("ATTR_ITEM", (where,), "ptr", None, "ZX031"),))
        for name, value in wanted.items():
            place = dicts.place(t, held, t.known(sys.intern(name), f"name {name}"))
            t.guard(t.emit("DICT_HAS", (place,), "i1"), "ZX031")
            known = t.emit("REF", (), "ptr", t.ref(value, f"default of {name}"))
            t.emit("GUARD_IS", (t.emit("ATTR_ITEM", (place,), "ptr", None, "ZX031"), known), "", None, "ZX031")

    def load_global(self, instr: Instr) -> Rep:
        context = instr.context
        assert context is not None
        code = context.code.code
        name = instr.imm
        root = self.program.code
        if root.is_module and code is not root and code.namespace is root.namespace and name in root.shared:
            raise Unsupported("ZX035", detail=f"the loop writes the global {name!r} that a callee reads")
        namespace = code.namespace
        builtin = namespace.get("__builtins__", builtins)
        scope = builtin if isinstance(builtin, dict) else vars(builtin)
        if name in namespace:
            obj = namespace[name]
        elif name in scope:
            obj = scope[name]
        else:
            raise Unsupported("ZX035", detail=f"global {name!r} is not defined")
        where = code.name if code.namespace is not root.namespace else ""
        slot = ("global", Owner(namespace, f"globals{' of ' + where if where else ''}"),
                Owner(scope, "builtins"), Owner(sys.intern(name), f"name {name}"))
        return self.world(slot, obj, f"global {name}")

    def load_cell(self, instr: Instr) -> Rep:
        context = instr.context
        assert context is not None
        code = context.code.code
        name = code.captured[instr.imm]
        if context.site in self.local_functions:
            return self.read_cell(self.cell_in(context, instr.imm), instr)
        if context.parent is None and self.me is not None:
            return self.read_own(self.me, self.cells[instr.imm], instr)
        if context.parent is None:
            cell: Any = self.entry.cells[instr.imm]
            slot: tuple[Any, ...] = ("cell_arg", Owner(instr.imm, f"index {instr.imm}"))
        else:
            function = self.functions[context]
            cell = function.__closure__[function.__code__.co_freevars.index(name)]
            slot = ("cell", Owner(cell, f"cell {name} of {function.__qualname__}"))
        if (context.path, instr.index) not in self.profile.seen:
            raise Unsupported("ZX031", detail=f"closure variable {name!r} was not read while recording")
        # A cell that a callee has captured may be one of the region's own.
        if self.callees_store or (self.changing and context.parent is not None) or \
                (context.parent is None and instr.imm in self.changing):
            return self.read_cell(self.cell_in(context, instr.imm), instr)
        try:
            obj = cell.cell_contents
        except ValueError:
            raise Unsupported("ZX035", detail=f"closure variable {name!r} has no value") from None
        if type(obj) is python_types.FunctionType and not fixed.is_durable(obj):
            return self.read_cell(self.cell_in(context, instr.imm), instr)
        return self.world(slot, obj, f"closure variable {name}")

    def read_own(self, me: Value, cell: Value, instr: Instr) -> Rep:
        """A variable that a function which calls itself has captured; that of the function holds this very one."""
        if self.program.code.captured[instr.imm] != self.program.code.name:
            return self.read_cell(cell, instr)
        held = self.t.emit("CELL_GET", (cell,), "ptr", None, "ZX035")
        self.t.guard(self.t.emit("SAME", (held, me), "i1"), "ZX035")
        return Rep(types.OBJECT, (me,))

    def cell_in(self, context: Context, number: int) -> Value:
        """The cell of a variable that a function has captured: one that it is given, or that the code holds."""
        t = self.t
        if context.parent is None:
            return self.cells[number]
        function, name = self.functions[context], context.code.code.captured[number]
        place = function.__code__.co_freevars.index(name)
        if context.site not in self.local_functions:
            return t.emit("REF", (), "ptr", t.ref(function.__closure__[place], f"cell {name}"))
        held = self.local_functions[context.site]
        where = t.emit("SLOT_PLACE", held.values, "ptr", layout.OFFSETS["function.closure"])
        cells = t.emit("ATTR_ITEM", (where,), "ptr", None, "ZX033")
        return t.emit("TUPLE_ITEM", (cells,), "ptr", place)

    @functools.cached_property
    def callees_store(self) -> bool:
        """Whether functions that are taken in store into cells."""
        return any(instr.op == "STORE_CELL" and instr.context is not None and instr.context.parent is not None
                   for block in self.order for instr in block.instrs)

    @functools.cached_property
    def changing(self) -> frozenset[int]:
        """The cells into which the region stores: they are read anew each time."""
        return frozenset(instr.imm for instr in self.program.flat if instr.op == "STORE_CELL")

    def read_cell(self, cell: Value, instr: Instr) -> Rep:
        t = self.t
        pointer = t.emit("CELL_GET", (cell,), "ptr", None, "ZX035")
        assert instr.context is not None
        seen = self.profile.seen.get((instr.context.path, instr.index), set())
        return sequences.unbox(t, pointer, seen, None)

    def write_cell(self, instr: Instr, value: Rep) -> None:
        """The variable is the cell: whatever other code looks at it finds what was stored last."""
        t = self.t
        value = numbers.narrow_bound(t, value)
        rows: dict[Type, str] = {types.INT: "INT", types.FLOAT: "FLOAT", types.BOOL: "BOOL"}
        row = rows.get(value.type, "PTR")
        new = t.boxed(value) if row == "PTR" else value.value
        assert instr.context is not None
        t.emit("CELL_SET_" + row, (self.cell_in(instr.context, instr.imm), new), "", None, "ZX036")

    def world_again(self) -> None:
        """After other code ran: what was taken for constant must still hold."""
        t = self.t
        for owner, name, number in self.fields:
            t.emit("GUARD_FIELD", (t.emit("REF", (), "ptr", owner),), "", (name, number), "ZX035")
        if self.assumed:
            held = [t.emit("REF", (), "ptr", number) for _, number in self.assumed]
            t.emit("GUARD_WORLD", held, "", (len(held), *(slot for slot, _ in self.assumed)), "ZX035")
        if t.world:
            t.emit("GUARD_WORLD", t.world_values, "", (len(t.world_values), *t.world), "ZX035")
        self.arrays_again()
        self.stay_quiet([rep for rep in self.needed() if isinstance(rep.type, types.Instance)
                         and rep.type.kind in self.constructed])

    def tell_world(self, trace: Trace) -> None:
        """Let a recursive function know what it takes for constant, in all of its calls."""
        guard = next(instr for instr in trace.fn.instructions() if instr.op == "GUARD_STACK")
        slots = dict.fromkeys((*(slot for slot, _ in self.assumed), *trace.world))
        fields = dict.fromkeys((owner, name) for owner, name, _ in self.fields)
        guard.imm = (*slots, *(("field", *field) for field in fields))

    def stay_quiet(self, reps: list[Rep]) -> None:
        """Objects that only native code may hold: their end comes later than in CPython, which nobody must notice."""
        held = [rep.values[0] for rep in reps if not is_silent(rep)]
        if held:
            self.t.emit("GUARD_QUIET", held, "", len(held), "ZX036")

    @functools.cached_property
    def constructed(self) -> set[type]:
        """The classes of which the code makes objects."""
        called = chain.from_iterable(self.profile.callees.values())
        return {seen.kind for seen in called if isinstance(seen, Construction)}

    def arrays_again(self) -> None:
        """Behind what ran other code: the arrays still needed are as they were."""
        t = self.t
        again = {pointer: (data, shape, kind) for pointer, data, shape, kind in t.arrays}
        for pointer, (data, shape, kind) in again.items():
            t.emit("GUARD_SAME_ARRAY", (pointer, data, *shape), "", (2 + len(shape), *kind), "ZX035")
        for rep in self.needed():
            if isinstance(rep.type, types.Array) and rep.values[0] not in again:
                again[rep.values[0]] = (rep.values[1], [], ())
                kind = arrays.wanted(t, rep.type)
                t.emit("GUARD_SAME_ARRAY", rep.values, "", (len(rep.values), *kind), "ZX035")

    def needed(self) -> list[Rep]:
        """The values that are live where the walk stands."""
        t = self.t
        instr = t.current
        assert instr is not None
        live = t.live_after(instr) if t.after is not None else None
        return [t.reps[v] for r, v in (instr.env or {}).items() if v in t.reps and (live is None or r in live)]

    def guard_world_apart(self, owner: Rep) -> None:
        """A dict that is written to holds nothing that the code takes for constant."""
        t = self.t
        spaces = {id(code.namespace): (code.namespace, f"globals of {code.name}")
                  for code in (c.code.code for c in self.programs)}
        for (_, *owners), _, _ in self.met:
            # Attributes of modules stand in dicts, and so do the defaults of what can only be given by keyword.
            spaces.update((id(one.obj), (one.obj, one.words)) for one in owners if isinstance(one.obj, dict)
                          and id(one.obj) not in spaces)
        for space, words in spaces.values():
            number = t.ref(space, words)
            same = t.emit("SAME", (owner.value, t.emit("REF", (), "ptr", number)), "i1")
            t.guard(t.emit("NOT", (same,), "i1"), "ZX035")

    def floating(self) -> None:
        """NumPy arithmetic: underflow must not be reported, neither now nor when the region runs."""
        import numpy as np

        variable = getattr(np._core.umath, "_extobj_contextvar", None)  # type: ignore[attr-defined]
        if variable is None or np.geterr()["under"] != "ignore":
            raise Unsupported("ZX020", detail="NumPy arithmetic while underflow is reported")
        self.world(("context", Owner(variable, "numpy.errstate")), variable.get(), "numpy.errstate")
