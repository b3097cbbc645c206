"""Emission of guards on values and objects."""

from __future__ import annotations

from llvmlite import ir

from zexus.jit import codes
from zexus.jit.emit.frame import I1, I8, I64, PTR, Frame
from zexus.regvm.ir import Instr


class Guards(Frame):
    """The instructions that leave where something is not as it was recorded."""

    def op_GUARD(self, instr: Instr, a: list[ir.Value]) -> None:
        self.leave_unless(a[0], instr)

    def op_GUARD_IS(self, instr: Instr, a: list[ir.Value]) -> None:
        self.leave_unless(self.b.icmp_unsigned("==", a[0], a[1]), instr)

    def is_exactly(self, pointer: ir.Value, name: str) -> ir.Value:
        return self.b.icmp_unsigned("==", self.type_of(pointer), self.prelude.data(name))

    def op_GUARD_LIST(self, instr: Instr, a: list[ir.Value]) -> None:
        self.leave_unless(self.is_exactly(a[0], "PyList_Type"), instr)

    def op_GUARD_TUPLE(self, instr: Instr, a: list[ir.Value]) -> None:
        b = self.b
        self.leave_unless(self.is_exactly(a[0], "PyTuple_Type"), instr)
        if instr.imm is None:
            return
        size = self.load_field(a[0], "tuple.size", I64, "type")
        self.leave_unless(b.icmp_signed("==", size, ir.Constant(I64, instr.imm)), instr)

    def op_GUARD_TYPE(self, instr: Instr, a: list[ir.Value]) -> None:
        self.leave_unless(self.b.icmp_unsigned("==", self.type_of(a[0]), self.refs[instr.imm]), instr)

    def op_GUARD_FIELD(self, instr: Instr, a: list[ir.Value]) -> None:
        name, number = instr.imm
        held = self.b.load(self.field(a[0], name), typ=PTR)
        wanted = self.refs[number]
        same = self.b.icmp_unsigned("==", held, wanted)
        if name in ("function.defaults", "function.kwdefaults"):
            none = self.b.icmp_unsigned("==", wanted, self.prelude.data("_Py_NoneStruct"))
            absent = self.b.and_(none, self.b.icmp_unsigned("==", held, ir.Constant(PTR, None)))
            same = self.b.or_(same, absent)
        self.leave_unless(same, instr)

    def op_GUARD_CODE(self, instr: Instr, a: list[ir.Value]) -> None:
        """A function has one of the code objects of another one that is rewritten now and then."""
        self.leave_unless(self.is_issued(a[0], instr.imm), instr)

    def op_IS_CODE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether a function has a code object, or one of those of another one that is rewritten now and then."""
        number, issued = instr.imm
        if issued:
            return self.is_issued(a[0], number)
        code = self.b.load(self.field(a[0], "function.code"), typ=PTR)
        return self.b.icmp_unsigned("==", code, self.refs[number])

    def is_issued(self, function: ir.Value, number: int) -> ir.Value:
        """Whether a function has one of the code objects whose addresses a reference holds."""
        b = self.b
        code = b.load(self.field(function, "function.code"), typ=PTR)
        table = b.load(self.field(self.refs[number], "bytearray.start"), typ=PTR)
        same: ir.Value = ir.Constant(I1, 0)
        for place in range(codes.ROOM):
            held = b.load(b.gep(table, [ir.Constant(I64, codes.ADDRESS * place)], source_etype=I8), typ=PTR)
            same = b.or_(same, b.icmp_unsigned("==", code, held))
        return same

    def op_INDEX(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """An index counted from the front, or the side exit."""
        b = self.b
        index, size = a
        if "inbounds" in instr.facts:
            return index
        fits = b.icmp_unsigned("<", index, size)
        if "nonneg" in instr.facts:
            self.leave_unless(fits, instr)
            return index
        # One that counts from the front is likely, and then one comparison is enough.
        front, behind, back = b.block, self.entry.append_basic_block(), self.entry.append_basic_block()
        if self.force:
            fits = ir.Constant(I1, 0)
        b.cbranch(fits, behind, back).set_weights([10000, 1])
        b.position_at_end(back)
        negative = b.icmp_signed("<", index, ir.Constant(I64, 0))
        counted = b.select(negative, b.add(index, size), index)
        self.leave_unless(b.icmp_unsigned("<", counted, size), instr)
        checked = b.block
        b.branch(behind)
        b.position_at_end(behind)
        made = b.phi(I64)
        made.add_incoming(index, front)
        made.add_incoming(counted, checked)
        return made
