"""Emission of access to the attributes of instances, where these keep them."""

from __future__ import annotations

import sys
from functools import cached_property

from llvmlite import ir

from zexus import layout
from zexus.jit.emit import attribute_runtime
from zexus.jit.emit.frame import I1, I8, I64, PTR
from zexus.jit.emit.lists import Lists
from zexus.regvm.ir import Instr

# How many dicts stand at the beginning of a slot of the world.
_SPACES = {"global": 2, "attribute": 1}


class Attributes(Lists):
    """The instructions on instances."""

    def op_GUARD_CLASS(self, instr: Instr, a: list[ir.Value]) -> None:
        b, held = self.b, self.type_of(a[0])
        known: ir.Value = ir.Constant(I1, 0)
        for number in instr.imm:
            known = b.or_(known, b.icmp_unsigned("==", held, self.refs[number]))
        self.leave_unless(known, instr)

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

    def op_ATTR_ITEM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What an attribute holds now; one that has no value leaves."""
        held = self.load(a[0], PTR, "list_items")
        self.leave_unless(self.b.icmp_unsigned("!=", held, ir.Constant(PTR, None)), instr)
        return held

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
        b = self.b
        held = self.load_field(pointer, "dict", PTR, "list_header")
        following = self.load(self.field(held, "gc.next"), I64, "list_header")
        with b.if_then(b.icmp_unsigned("==", following, ir.Constant(I64, 0)), likely=False):
            b.call(self.prelude.external("PyObject_GC_Track", ir.VoidType(), [PTR]), [held])

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
        known = b.icmp_unsigned(">", b.ptrtoint(found, I64), ir.Constant(I64, attribute_runtime.UNSURE))
        self.leave_unless(known, instr)
        return found

    def dict_place(self, instr: Instr, pointer: ir.Value, name: int) -> ir.Value:
        """What `dict_place` answers for an instance without a table; one whose dict is a namespace leaves."""
        b = self.b
        held = self.load_field(pointer, "dict", PTR, "list_header")
        apart: ir.Value = ir.Constant(I1, 1)
        for number in sorted({*instr.imm[2:], *self.namespaces}):
            apart = b.and_(apart, b.icmp_unsigned("!=", held, self.refs[number]))
        self.leave_unless(apart, instr)
        return self.b.call(self.prelude.function("dict_place", PTR, [PTR, PTR]), [held, self.refs[name]])
