"""Emission of access to the attributes of instances, where these keep them."""

from __future__ import annotations

import sys
from functools import cached_property

from llvmlite import ir

from zexus import layout
from zexus.jit.emit import attribute_runtime, dict_runtime
from zexus.jit.emit.frame import F64, I1, I8, I64, PTR
from zexus.jit.emit.lists import Lists
from zexus.regvm.ir import Instr

# How many dicts stand at the beginning of a slot of the world.
_SPACES = {"global": 2, "attribute": 1, "default": 1}


class Attributes(Lists):
    """The instructions on instances."""

    def op_GUARD_CLASS(self, instr: Instr, a: list[ir.Value]) -> None:
        b, held = self.b, self.type_of(a[0])
        known: ir.Value = ir.Constant(I1, 0)
        for number in instr.imm:
            known = b.or_(known, b.icmp_unsigned("==", held, self.refs[number]))
        self.leave_unless(known, instr)

    def op_GUARD_QUIET(self, instr: Instr, a: list[ir.Value]) -> None:
        """An object whose end could be noticed, by a finalizer or through a weak reference, leaves."""
        for pointer in a:
            self.leave_unless(self.b.call(self.prelude.function("is_quiet", I1, [PTR]), [pointer]), instr)

    def op_SLOT_PLACE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.gep(a[0], [ir.Constant(I64, instr.imm)], source_etype=I8)

    def op_ATTR_PLACE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Where an instance keeps an attribute, in its table of values or in its dict; without one it leaves."""
        b = self.b
        index, name, *_ = instr.imm
        if index < 0:
            return self.in_dict(instr, a[0], name)
        has_table, table = self.value_table(a[0])
        with b.if_else(has_table, likely=True) as (quick, slow):
            with quick:
                place = b.gep(table, [ir.Constant(I64, 8 * index)], source_etype=I8)
                in_table = b.block
            with slow:
                other = self.in_dict(instr, a[0], name)
                in_dict = b.block
        made = b.phi(PTR)
        made.add_incoming(place, in_table)
        made.add_incoming(other, in_dict)
        return made

    def op_GUARD_UNHIDDEN(self, instr: Instr, a: list[ir.Value]) -> None:
        """An instance that may have an attribute of a name beside that of its class leaves."""
        b = self.b
        has_values, name, *_ = instr.imm
        if not has_values:
            self.leave_unless(b.icmp_unsigned("==", self.dict_place(instr, a[0], name), ir.Constant(PTR, None)), instr)
            return
        has_table, _ = self.value_table(a[0])
        with b.if_then(b.not_(has_table), likely=False):
            self.leave_unless(b.icmp_unsigned("==", self.dict_place(instr, a[0], name), ir.Constant(PTR, None)), instr)

    def op_NEW_OBJECT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """An instance without attributes, as `object.__new__` makes it."""
        b = self.b
        made = b.call(self.prelude.function("new_object", PTR, [PTR, PTR]), [self.refs[number] for number in instr.imm])
        self.call_out(made, instr)
        return self.owned(made)

    def op_ATTR_FILL(self, instr: Instr, a: list[ir.Value]) -> None:
        """Let an attribute without a value be None; in a table it comes behind those that have been set before."""
        b = self.b
        pointer, place = a
        held = self.load(place, PTR, "list_items")
        with b.if_then(b.icmp_unsigned("==", held, ir.Constant(PTR, None)), likely=False):
            if instr.imm >= 0:
                self.leave_with_dict(instr, pointer)
            none = self.prelude.data("_Py_NoneStruct")
            b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [none])
            self.store(none, place, "list_items")
            if instr.imm >= 0:
                self.append_to_order(pointer, instr.imm)

    def op_ATTR_INIT(self, instr: Instr, a: list[ir.Value]) -> None:
        """Set an attribute of an object that was made here and most likely has none yet."""
        b = self.b
        pointer, place, value = a
        if instr.imm >= 0:
            self.leave_with_dict(instr, pointer)
        new = self.new_reference(value)
        held = self.load(place, PTR, "list_items")
        with b.if_else(b.icmp_unsigned("==", held, ir.Constant(PTR, None)), likely=True) as (first, again):
            with first:
                self.store(new, place, "list_items")
                if instr.imm >= 0:
                    self.append_to_order(pointer, instr.imm)
            with again:
                replace = self.prelude.function("attr_replace", I1, [PTR, PTR, PTR])
                self.leave_unless(b.call(replace, [self.pool, place, new]), instr)

    def leave_with_dict(self, instr: Instr, pointer: ir.Value) -> None:
        """An instance whose table of values is a dict's as well leaves: that would have to hear of a new attribute."""
        if sys.version_info >= (3, 13):
            whole = self.load_field(pointer, "dict", PTR, "list_header")
            self.leave_unless(self.b.icmp_unsigned("==", whole, ir.Constant(PTR, None)), instr)

    def new_reference(self, value: ir.Value) -> ir.Value:
        """An owned reference to a value's object."""
        if value.type == I64:
            return self.make_int(value)
        if value.type == F64:
            return self.make_float(value)
        held = self.truth_object(value) if value.type == I1 else value
        self.b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [held])
        return held

    def append_to_order(self, pointer: ir.Value, index: int) -> None:
        """Note in an instance's table of values that one has been set."""
        b = self.b
        _, table = self.value_table(pointer)
        number = ir.Constant(I8, index)
        if sys.version_info >= (3, 13):
            count = b.gep(table, [ir.Constant(I64, -7)], source_etype=I8)
            capacity = b.zext(b.load(b.gep(table, [ir.Constant(I64, -8)], source_etype=I8), typ=I8), I64)
            size = b.load(count, typ=I8)
            order = b.gep(table, [b.mul(capacity, ir.Constant(I64, 8))], source_etype=I8)
            b.store(number, b.gep(order, [b.zext(size, I64)], source_etype=I8))
            b.store(b.add(size, ir.Constant(I8, 1)), count)
            return
        count = b.gep(table, [ir.Constant(I64, -2)], source_etype=I8)
        size = b.add(b.load(count, typ=I8), ir.Constant(I8, 1))
        b.store(number, b.gep(count, [b.sub(ir.Constant(I64, 0), b.zext(size, I64))], source_etype=I8))
        b.store(size, count)

    def op_ATTR_ITEM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What an attribute holds now; one that has no value leaves."""
        held = self.load(a[0], PTR, "list_items")
        self.leave_unless(self.b.icmp_unsigned("!=", held, ir.Constant(PTR, None)), instr)
        return held

    def op_ATTR_ELSE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What an attribute holds now; what its class holds where it has no value."""
        held = self.load(a[0], PTR, "list_items")
        return self.b.select(self.b.icmp_unsigned("!=", held, ir.Constant(PTR, None)), held, a[1])

    def op_IS_CLASS(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.icmp_unsigned("==", self.type_of(a[0]), self.refs[instr.imm])

    def op_IS_METHOD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether a builtin method is the one that a descriptor describes."""
        held = self.load_field(a[0], "builtin.method", PTR, "type")
        return self.b.icmp_unsigned("==", held, self.load_field(a[1], "descriptor.method", PTR, "type"))

    def op_IS_KIND(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether an object is an instance of a class; one that may call itself another leaves."""
        b = self.b
        ask = self.prelude.function("is_kind", I64, [PTR, PTR, PTR, PTR])
        told = b.call(ask, [a[0], *(self.refs[number] for number in instr.imm)])
        self.leave_unless(b.icmp_unsigned("!=", told, ir.Constant(I64, attribute_runtime.UNSURE)), instr)
        return b.icmp_unsigned("==", told, ir.Constant(I64, 1))

    def op_TRACK_DICT(self, instr: Instr, a: list[ir.Value]) -> None:
        """The dict of an instance that is about to hold an object: the collector passes over dicts of numbers."""
        b = self.b
        if not instr.imm:
            self.track_dict(a[0])
            return
        has_table, _ = self.value_table(a[0])
        with b.if_then(b.not_(has_table), likely=False):
            self.track_dict(a[0])

    def track_dict(self, pointer: ir.Value) -> None:
        self.track(self.load_field(pointer, "dict", PTR, "list_header"))

    @cached_property
    def namespaces(self) -> frozenset[int]:
        """The dicts whose items the code takes for constant."""
        found: set[int] = set()
        for instr in self.fn.instructions():
            slots = (instr.imm,) if instr.op == "GLOBAL_GET" else instr.imm[1:] if instr.op == "GUARD_WORLD" else ()
            for kind, *numbers in slots:
                if kind in _SPACES:
                    found.update(numbers[:_SPACES[kind]])
        return frozenset(found)

    def value_table(self, pointer: ir.Value) -> tuple[ir.Value, ir.Value]:
        """Whether an instance has a table of values, and where it is."""
        b = self.b
        if sys.version_info >= (3, 13):
            place = self.field(pointer, "values")
            valid = self.load(b.gep(place, [ir.Constant(I64, 3)], source_etype=I8), I8, "list_header")
            return (b.icmp_unsigned("!=", valid, ir.Constant(I8, 0)),
                    b.gep(place, [ir.Constant(I64, 8)], source_etype=I8))
        held = self.load(self.field(pointer, "values"), I64, "list_header")
        if not layout.MODERN:
            return b.icmp_unsigned("!=", held, ir.Constant(I64, 0)), b.inttoptr(held, PTR)
        tag = b.and_(held, ir.Constant(I64, 1))
        return b.icmp_unsigned("!=", tag, ir.Constant(I64, 0)), b.inttoptr(b.add(held, ir.Constant(I64, 1)), PTR)

    def in_dict(self, instr: Instr, pointer: ir.Value, name: int) -> ir.Value:
        b = self.b
        found = self.dict_place(instr, pointer, name)
        known = b.icmp_unsigned(">", b.ptrtoint(found, I64), ir.Constant(I64, dict_runtime.UNSURE))
        self.leave_unless(known, instr)
        return found

    def dict_place(self, instr: Instr, pointer: ir.Value, name: int) -> ir.Value:
        """What `dict_find_text` answers for an instance without a table; one whose dict is a namespace leaves."""
        b = self.b
        held = self.load_field(pointer, "dict", PTR, "list_header")
        apart: ir.Value = ir.Constant(I1, 1)
        for number in sorted({*instr.imm[2:], *self.namespaces}):
            apart = b.and_(apart, b.icmp_unsigned("!=", held, self.refs[number]))
        self.leave_unless(apart, instr)
        return self.b.call(self.prelude.function("dict_find_text", PTR, [PTR, PTR]), [held, self.refs[name]])
