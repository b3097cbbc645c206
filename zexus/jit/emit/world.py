"""Emission of what code is given and takes for constant: arguments, references, globals, cells, fields."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from llvmlite import ir

from zexus import layout
from zexus.jit import stamps
from zexus.jit.emit.frame import I1, I8, I32, I64, PTR, Frame
from zexus.regvm.ir import Instr

# What is looked up in a class: an attribute; that there is none; how its instances find and store attributes; that no
# instance has one of its own.
_CLASSES = ("class", "lacks", "getattro", "setattro", "unshared")
_GENERIC = {"getattro": "PyObject_GenericGetAttr", "setattro": "PyObject_GenericSetAttr"}


class World(Frame):
    """The instructions that look at the world outside the function."""

    def op_REF(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.refs[instr.imm]

    def op_ARG(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.load(self.b.gep(self.args_arg, [ir.Constant(I64, 8 * instr.imm)], source_etype=I8), typ=PTR)

    def lookup(self, slot: tuple[Any, ...]) -> ir.Value:
        """A new look at what the code takes for constant: a borrowed reference or null."""
        b = self.b
        kind, *rest = slot
        if kind == "global":
            return b.call(self.prelude.function("global_get", PTR, [PTR, PTR, PTR]), [self.refs[n] for n in rest])
        if kind in ("attribute", "default"):
            return b.call(self.prelude.external("PyDict_GetItemWithError", PTR, [PTR, PTR]),
                          [self.refs[n] for n in rest])
        if kind == "context":
            return b.call(self.prelude.function("context_get", PTR, [PTR]), [self.refs[rest[0]]])
        if kind in _CLASSES:
            return self.in_class(kind, [self.refs[n] for n in rest])
        if kind == "cell":
            cell = self.refs[rest[0]]
        else:
            last = b.gep(self.args_arg, [b.sub(self.nargs_arg, ir.Constant(I64, 1))], source_etype=I64)
            cells = b.load(last, typ=PTR)
            address = b.gep(cells, [ir.Constant(I64, layout.OFFSETS["tuple.items"] + 8 * rest[0])], source_etype=I8)
            cell = b.load(address, typ=PTR)
        return b.load(self.field(cell, "cell.value"), typ=PTR)

    def in_class(self, kind: str, operands: list[ir.Value]) -> ir.Value:
        """A look at a class: the attribute, or the class itself where what is asked holds, null where not."""
        b = self.b
        owner = operands[0]
        if kind in _GENERIC:
            held = b.load(self.field(owner, "type." + kind), typ=PTR)
            holds = b.icmp_unsigned("==", held, self.prelude.data(_GENERIC[kind]))
        elif kind == "unshared":
            holds = b.call(self.prelude.function("is_unshared", I1, [PTR, PTR]), operands)
        else:
            found = b.call(self.prelude.external("_PyType_Lookup", PTR, [PTR, PTR]), operands)
            if kind == "class":
                return found
            holds = b.icmp_unsigned("==", found, ir.Constant(PTR, None))
        return b.select(holds, owner, ir.Constant(PTR, None))

    def op_GLOBAL_GET(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.lookup(instr.imm)
        self.leave_unless(self.b.icmp_unsigned("!=", made, ir.Constant(PTR, None)), instr)
        return made

    def op_GUARD_WORLD(self, instr: Instr, a: list[ir.Value]) -> None:
        """Everything is as it was: as the stamps say, or as another look tells."""
        _, *slots = instr.imm
        found = list(zip(slots, a, strict=True))
        same = self.looked_up([(slot, held) for slot, held in found if not stamps.of_slot(slot)])
        stamped = [(slot, held) for slot, held in found if stamps.of_slot(slot)]
        self.leave_unless(self.b.and_(same, self.as_stamped(stamped)) if stamped else same, instr)

    def looked_up(self, found: list[tuple[Any, ir.Value]]) -> ir.Value:
        """Whether slots of the world hold what they held."""
        b = self.b
        same: ir.Value = ir.Constant(I1, 1)
        for slot, held in found:
            same = b.and_(same, b.icmp_unsigned("==", self.lookup(slot), held))
        return same

    def as_stamped(self, found: list[tuple[Any, ir.Value]]) -> ir.Value:
        """The same, where their owners may have the stamps that they had at the last look."""
        b = self.b
        # What another guard has looked at tells nothing of this one's slots.
        rooms = self.stamps[tuple(slot for slot, _ in found)]
        owners = sorted(rooms)
        valid: ir.Value = ir.Constant(I1, 1)
        for owner in owners:
            held, now = b.load(rooms[owner], typ=I64), self.stamp(owner)
            valid = b.and_(valid, b.and_(b.icmp_unsigned("!=", now, ir.Constant(I64, 0)),
                                         b.icmp_unsigned("==", now, held)))
        begin, look, behind = b.block, *(self.entry.append_basic_block() for _ in range(2))
        b.cbranch(valid, behind, look).set_weights([10000, 1])
        b.position_at_end(look)
        same = self.looked_up(found)
        for owner in owners:
            b.store(self.stamp(owner), rooms[owner])
        looked = b.block
        b.branch(behind)
        b.position_at_end(behind)
        answer = b.phi(I1)
        answer.add_incoming(ir.Constant(I1, 1), begin)
        answer.add_incoming(same, looked)
        return answer

    def stamp(self, owner: stamps.Stamp) -> ir.Value:
        """The version of a class or dict, 0 where it has none."""
        field, number = owner
        place, b = self.field(self.refs[number], field), self.b
        return b.zext(b.load(place, typ=I32), I64) if field == "type.version" else b.load(place, typ=I64)

    @cached_property
    def stamps(self) -> dict[tuple[Any, ...], dict[stamps.Stamp, ir.Value]]:
        """Where the stamps of the last look at some slots are kept, by these and by owner."""
        looks = (i.imm[1:] for i in self.fn.instructions() if i.op == "GUARD_WORLD")
        stamped = {tuple(slot for slot in slots if stamps.of_slot(slot)) for slots in looks}
        rooms = {slots: {owner: self.room(I64) for slot in slots for owner in stamps.of_slot(slot)}
                 for slots in sorted(stamped)}
        with self.b.goto_block(self.head):
            for kept in rooms.values():
                for room in kept.values():
                    self.b.store(ir.Constant(I64, 0), room)
        return rooms

    def op_FIELD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.load(self.field(a[0], instr.imm), typ=I64)

    def op_FIELD_PTR(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.b.load(self.field(a[0], instr.imm), typ=PTR)
        self.leave_unless(self.b.icmp_unsigned("!=", made, ir.Constant(PTR, None)), instr)
        return made
