"""Entering: arguments are guarded and unboxed, iterators taken over where they stand."""

from __future__ import annotations

import sys
import types as python_types
from typing import Any

from zexus import layout, types
from zexus.frontend.counting import is_counter
from zexus.jit.forms import sequences
from zexus.jit.specialize.state import UNKNOWN
from zexus.jit.specialize.world import World
from zexus.jit.trace import Rep, Trace
from zexus.regvm import cursor, keyed
from zexus.regvm.ir import Function, Instr, Value
from zexus.types import Type

# In place of a parameter's number: an iterator inside enumerate or zip, and one of a generator, which was looked at.
INSIDE, LOOKED_AT = -1, -2
# What counters never pass, as a mask.
_COUNTED = 2**60 - 1


class Entering(World):
    """The way into native code."""

    def enter(self) -> None:
        """Arguments are guarded and unboxed; a miss means that the region is not entered."""
        t = self.t
        params = self.fn.params
        if self.is_self is not None:
            for param, kind in zip(params, self.entry.arguments, strict=True):
                assert kind is not None
                if isinstance(kind, types.Fixed):
                    rep = t.known(kind.obj, self.named(kind.obj))  # what is entered with another one goes to CPython
                else:
                    rep = Rep(kind, tuple(t.fn.value(held) for held in types.layout(kind)))
                t.fn.params.extend(rep.values)
                t.reps[param], self.types[param] = rep, rep.type
            if self.entry.free:
                self.me = t.fn.value("ptr")
                t.fn.params.append(self.me)
                t.cells = self.program.size, Rep(types.OBJECT, (self.me,))
            # Locals that have no value yet are handed over by the guard of the stack, too.
            t.reps.update((i.dest, Rep(types.UNBOUND_T)) for i in self.order[0].instrs
                          if i.op == "UNBOUND" and i.dest is not None)
            t.current = next(i for b in self.order for i in b.instrs if i.env is not None)
            t.emit("GUARD_STACK", (), "", (), "ZX037")
            if self.me is not None:
                self.cells = [self.own_cell(self.me, name) for name in self.program.code.captured]
            return
        t.entering = True
        t.emit("GUARD_SERVICE", (), "", None, "ZX038")
        for position, (param, kind) in enumerate(zip(params, self.entry.arguments, strict=True)):
            if kind is None:
                t.reps[param] = Rep(types.NONE)
                self.types[param] = types.NONE
                continue
            pointer = t.emit("ARG", (), "ptr", position)
            rep = self.unbox_argument(pointer, kind, position)
            if kind == types.INT and position not in self.entry.far:
                t.proven(rep.values[0], "near")
            if kind == types.INT and is_counter(self.program.code.locals[position]):
                # A profiler's counter has begun at 0, and no program counts so far: it never needs a guard.
                rep = Rep(kind, (t.emit("AND", (rep.values[0], t.int_(_COUNTED)), "i64"),))
            t.reps[param] = rep
            self.types[param] = rep.type
        if self.program.code.region and self.entry.cells:
            cells = t.emit("ARG", (), "ptr", len(params))
            t.cells = self.program.size, Rep(types.OBJECT, (cells,))
            self.cells = [t.emit("TUPLE_ITEM", (cells,), "ptr", number) for number in range(len(self.entry.cells))]
            if any(self.program.code.blocks[number].free for number in self.blocks_run()):
                # Outlined statements know these very cells.
                for held, cell, name in zip(self.cells, self.entry.cells, self.program.code.captured, strict=True):
                    known = t.emit("REF", (), "ptr", t.ref(cell, f"cell {name}"))
                    t.emit("GUARD_IS", (held, known), "", None, "ZX031")
        t.entering = False

    def blocks_run(self) -> set[int]:
        """The numbers of the region's own outlined statements that were seen to run; native code leaves at others."""
        return {instr.imm[1] for block in self.order if self.runs.get(block, UNKNOWN) for instr in block.instrs
                if instr.op == "PYBLOCK" and instr.context is not None and instr.context.parent is None}

    def way_in(self, body: Trace) -> Function:
        """The entry of a recursive function: arguments are unboxed, what is taken for constant is looked up."""
        t = self.t = Trace(body.name, False, objects=body.objects)
        t.fn.refs = body.fn.refs
        t.stored_kinds = body.stored_kinds
        t.entering = True
        values: list[Value] = []
        for position, kind in enumerate(self.entry.arguments):
            assert kind is not None
            values.extend(self.unbox_argument(t.emit("ARG", (), "ptr", position), kind, position).values)
        if self.entry.free:
            values.append(t.emit("ARG", (), "ptr", len(self.entry.arguments)))
        for slot, obj, words in self.met:
            self.fetch(slot, obj, words)
        returned = self.types.get(self.returned, types.INT)  # any will do where no return has been seen
        result = t.emit("CALL_BODY", values, "ptr", (len(values), str(returned)))
        t.block.instrs.append(Instr("LEAVE", [result], imm=2))
        return t.fn

    def own_cell(self, function: Value, name: str) -> Value:
        """The cell of a variable that a function which calls itself has captured."""
        t = self.t
        place = t.emit("SLOT_PLACE", (function,), "ptr", layout.OFFSETS["function.closure"])
        cells = t.emit("ATTR_ITEM", (place,), "ptr", None, "ZX033")
        return t.emit("TUPLE_ITEM", (cells,), "ptr", self.entry.free.index(name))

    def unbox_argument(self, pointer: Value, kind: Type, position: int) -> Rep:
        t = self.t
        if isinstance(kind, types.Cursor):
            return self.unbox_cursor(pointer, kind, position)
        if isinstance(kind, types.Fixed):
            return self.fixed(pointer, kind.obj)
        return sequences.unbox_as(t, pointer, kind)

    @staticmethod
    def named(obj: Any) -> str:
        """What a function that is an argument is called in the code."""
        return f"the argument {getattr(obj, '__qualname__', type(obj).__name__)}"

    def fixed(self, pointer: Value, obj: Any) -> Rep:
        """A variable that has to hold this very function."""
        t, words = self.t, self.named(obj)
        t.emit("GUARD_IS", (pointer, t.emit("REF", (), "ptr", t.ref(obj, words))), "", None, "ZX031")
        if isinstance(obj, python_types.FunctionType):
            self.guard_function(obj, words, pointer)
        return t.known(obj, words)

    def unbox_cursor(self, pointer: Value, kind: types.Cursor, position: int) -> Rep:
        """An iterator that nobody else can see: its fields are read where the interpreter keeps them."""
        t = self.t
        if kind.kind == "generator":
            return self.unbox_generator(pointer, kind)
        if kind.kind == "object":
            if kind.of is not None:
                self.guard_type(pointer, kind.of)
            return Rep(kind, (pointer,))
        if position == INSIDE:
            count = t.emit("FIELD", (pointer,), "i64", "refcount")
            t.guard(t.emit("EQ", (count, t.int_(1)), "i1"), "ZX031")
        if kind.kind == "range":
            self.guard_type(pointer, type(iter(range(0))))
            start = t.emit("FIELD", (pointer,), "i64", "range_iterator.start")
            step = t.emit("FIELD", (pointer,), "i64", "range_iterator.step")
            length = t.emit("FIELD", (pointer,), "i64", "range_iterator.len")
            if position in self.entry.steps:
                constant = t.int_(self.entry.steps[position])
                t.guard(t.emit("EQ", (step, constant), "i1"), "ZX031")
                step = constant
            span = t.emit("MUL", (length, step), "i64", None, "ZX031")
            stop = t.emit("ADD", (start, span), "i64", None, "ZX031")
            at = start
            if sys.version_info < (3, 12):
                done = t.emit("FIELD", (pointer,), "i64", "range_iterator.index")
                at = t.emit("ADD", (start, t.emit("MUL", (done, step), "i64", None, "ZX031")), "i64", None, "ZX031")
            t.emit("ADD", (stop, step), "i64", None, "ZX031")
            return Rep(kind, (at, stop, step))
        if kind.kind == "text":
            numbers = tuple(t.ref(one, f"type {one.__name__}") for one in cursor.TEXT_ITERATORS)
            t.emit("GUARD_CLASS", (pointer,), "", numbers, "ZX031")
            text = t.emit("FIELD_PTR", (pointer,), "ptr", "list_iterator.seq", "ZX031")
            at = t.emit("FIELD", (pointer,), "i64", "list_iterator.index")
            return Rep(kind, (*sequences.unbox_as(t, text, types.STR).values, at))
        if kind.kind in types.KEYED:
            self.guard_type(pointer, keyed.ITERATORS[kind.kind])
            structure = "set_iterator" if kind.kind == "members" else "dict_iterator"
            held = t.emit("FIELD_PTR", (pointer,), "ptr", f"{structure}.owner", "ZX031")
            fields = [t.emit("FIELD", (pointer,), "i64", f"{structure}.{name}") for name in keyed.Place._fields]
            return Rep(kind, (*sequences.unbox_as(t, held, kind.parts[0]).values, *fields))
        if kind.kind in ("list", "reversed", "array", "tuple"):
            iterators: dict[str, type] = {
                "list": type(iter([])), "reversed": cursor.REVERSED_LIST, "tuple": type(iter(())),
                "array": cursor.INDEX_ITERATOR,
            }
            self.guard_type(pointer, iterators[kind.kind])
            sequence = t.emit("FIELD_PTR", (pointer,), "ptr", "list_iterator.seq", "ZX031")
            at = t.emit("FIELD", (pointer,), "i64", "list_iterator.index")
            owner = sequences.unbox_as(t, sequence, kind.parts[0])
            return Rep(kind, (*owner.values, at))
        self.guard_type(pointer, enumerate if kind.kind == "enumerate" else zip)
        if kind.kind == "enumerate":
            inner = t.emit("FIELD_PTR", (pointer,), "ptr", "enumerate.iterator", "ZX031")
            count = t.emit("FIELD", (pointer,), "i64", "enumerate.index")
            # Further on the count may become an object of its own, which nothing can set.
            t.guard(t.emit("LT", (count, t.int_(cursor.FAR)), "i1"), "ZX031")
            assert isinstance(kind.parts[0], types.Cursor)
            return Rep(kind, (*self.unbox_cursor(inner, kind.parts[0], INSIDE).values, count))
        strict = t.emit("NE", (t.emit("FIELD", (pointer,), "i64", "zip.strict"), t.int_(0)), "i1")
        t.guard(strict if kind.kind == "strict_zip" else t.emit("NOT", (strict,), "i1"), "ZX031")
        holder = t.emit("FIELD_PTR", (pointer,), "ptr", "zip.iterators", "ZX031")
        t.emit("GUARD_TUPLE", (holder,), "", len(kind.parts), "ZX031")
        values: list[Value] = []
        for number, part in enumerate(kind.parts):
            assert isinstance(part, types.Cursor)
            inner = t.emit("TUPLE_ITEM", (holder,), "ptr", number)
            values.extend(self.unbox_cursor(inner, part, INSIDE).values)
        return Rep(kind, tuple(values))

    def unbox_generator(self, pointer: Value, kind: types.Cursor) -> Rep:
        """A generator that has stopped, as the tuple that `generators.shown` makes of it."""
        t = self.t
        t.emit("GUARD_TUPLE", (pointer,), "", 1 + len(kind.parts), "ZX031")
        runs = t.emit("REF", (), "ptr", t.ref(kind.of, f"generator {kind.of.qualname}"))
        t.emit("GUARD_IS", (t.emit("TUPLE_ITEM", (pointer,), "ptr", 0), runs), "", None, "ZX031")
        values = [t.emit("TUPLE_ITEM", (pointer,), "ptr", 1)]
        for number, part in enumerate(kind.parts[1:], 2):
            item = t.emit("TUPLE_ITEM", (pointer,), "ptr", number)
            if isinstance(part, types.Cursor):
                values.extend(self.unbox_cursor(item, part, LOOKED_AT).values)
            else:
                values.extend(sequences.unbox_as(t, item, part).values)
        return Rep(kind, tuple(values))

    def guard_type(self, pointer: Value, kind: type) -> None:
        t = self.t
        t.emit("GUARD_TYPE", (pointer,), "", t.ref(kind, f"type {kind.__name__}"), "ZX031")
