"""Emission of tuples: access to their items in place, and the objects of those that were made here."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from zexus import layout, types
from zexus.jit.emit.boxes import Boxes
from zexus.jit.emit.frame import I8, I64, PTR
from zexus.regvm.ir import Instr

NOTHING = ir.Constant(PTR, None)


class Tuples(Boxes):
    """The instructions on tuples."""

    def op_TUPLE_ITEM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.load(self.tuple_slot(a[0], instr.imm), typ=PTR)

    def op_TUPLE_LEN(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.load_field(a[0], "tuple.size", I64, "type")
        made.set_metadata("range", self.module.add_metadata([ir.Constant(I64, 0), ir.Constant(I64, types.INT64_MAX)]))
        return made

    def op_TUPLE_SLOTS(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.tuple_slot(a[0], 0)

    def tuple_slot(self, pointer: ir.Value, index: int) -> ir.Value:
        offset = layout.OFFSETS["tuple.items"] + 8 * index
        return self.b.gep(pointer, [ir.Constant(I64, offset)], source_etype=I8)

    def op_NULL(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return NOTHING

    def op_TUPLE_BOX(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The tuple's own object if it has one, or a new one, which the pool owns."""
        return self.object_of(a, instr.imm[1], fresh=False)

    def op_LIST_PUSH_TUPLE(self, instr: Instr, a: list[ir.Value]) -> None:
        made = self.object_of(a[1:], instr.imm[1], fresh=True)
        self.b.call(self.prelude.function("list_push", ir.VoidType(), [PTR, PTR]), [a[0], made])

    def object_of(self, parts: list[ir.Value], spec: tuple[Any, ...], fresh: bool) -> ir.Value:
        """The object of a tuple: a reference that the caller owns, or one that others hold."""
        b = self.b
        held, *items = parts
        make, done = self.entry.append_basic_block(), self.entry.append_basic_block()
        if fresh:
            b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [held])  # a null is no matter to it
        start = b.block
        b.cbranch(b.icmp_unsigned("==", held, NOTHING), make, done)
        b.position_at_end(make)
        made = self.new_tuple(items, spec)
        if not fresh:
            self.push(made)
        end = b.block
        b.branch(done)
        b.position_at_end(done)
        answer = b.phi(PTR)
        answer.add_incoming(held, start)
        answer.add_incoming(made, end)
        return answer

    def new_tuple(self, items: list[ir.Value], spec: tuple[Any, ...]) -> ir.Value:
        """A new tuple of boxed items."""
        b = self.b
        rest = list(items)
        boxes = []
        named, spec = (self.refs[spec[0]], spec[1:]) if spec and isinstance(spec[0], int) else (None, spec)
        for kind in spec:
            if isinstance(kind, tuple):
                size = width(kind)
                boxes.append(self.object_of(rest[:size], kind, fresh=True))
                del rest[:size]
                continue
            item = rest.pop(0)
            if kind == "i":
                boxes.append(self.make_int(item))
            elif kind == "f":
                boxes.append(self.make_float(item))
            else:
                pointer = self.truth_object(item) if kind == "b" else item
                b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [pointer])
                boxes.append(pointer)
        size = ir.Constant(I64, len(boxes))
        made = b.call(self.prelude.function("new_tuple", PTR, [I64]), [size]) if named is None \
            else b.call(self.prelude.function("new_named", PTR, [PTR, I64]), [named, size])
        for position, box in enumerate(boxes):
            b.store(box, self.tuple_slot(made, position))
        return made


def width(spec: tuple[Any, ...]) -> int:
    """How many machine values a tuple is: its object, and its items."""
    return 1 + sum(width(item) if isinstance(item, tuple) else not isinstance(item, int) for item in spec)
