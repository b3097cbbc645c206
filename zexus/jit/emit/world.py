"""Emission of what code is given and takes for constant: arguments, references, globals, cells, fields."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from zexus import layout
from zexus.jit.emit.frame import I1, I8, I64, PTR, Frame
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
        _, *slots = instr.imm
        same: ir.Value = ir.Constant(I1, 1)
        for slot, held in zip(slots, a, strict=True):
            same = self.b.and_(same, self.b.icmp_unsigned("==", self.lookup(slot), held))
        self.leave_unless(same, instr)

    def op_FIELD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.load(self.field(a[0], instr.imm), typ=I64)

    def op_FIELD_PTR(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.b.load(self.field(a[0], instr.imm), typ=PTR)
        self.leave_unless(self.b.icmp_unsigned("!=", made, ir.Constant(PTR, None)), instr)
        return made
