"""Emission of texts: characters read where the interpreter keeps them, and its own functions for what makes objects."""

from __future__ import annotations

from llvmlite import ir

from zexus import layout
from zexus.jit.emit.frame import F64, I1, I8, I16, I32, I64, PTR, Frame
from zexus.jit.emit.text_runtime import TESTS
from zexus.regvm.ir import Instr

_END = ir.Constant(I64, 2**63 - 1)  # the end of any text
_COMPACT, _ASCII, _KIND_SHIFT = 1 << 5, 1 << 6, 2


class Texts(Frame):
    """The instructions on texts."""

    def op_TEXT_LEN(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.load_field(a[0], "str.length", I64, "text")
        made.set_metadata("range", self.module.add_metadata([ir.Constant(I64, 0), ir.Constant(I64, 2**62)]))
        return made

    def op_TEXT_AT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """A code point of one, two or four bytes; texts of the old form leave."""
        b = self.b
        state = self.load_field(a[0], "str.state", I32, "text")
        self.leave_unless(self.bit(state, _COMPACT), instr)
        start = b.select(self.bit(state, _ASCII), ir.Constant(I64, layout.OFFSETS["str.ascii"]),
                         ir.Constant(I64, layout.OFFSETS["str.wide"]))
        data = b.gep(a[0], [start], source_etype=I8)
        kind = b.and_(b.lshr(state, ir.Constant(I32, _KIND_SHIFT)), ir.Constant(I32, 7))
        with b.if_else(b.icmp_unsigned("==", kind, ir.Constant(I32, 1)), likely=True) as (narrow, wide):
            with narrow:
                one = self.read(data, a[1], I8)
                narrow_end = b.block
            with wide:
                with b.if_else(b.icmp_unsigned("==", kind, ir.Constant(I32, 2))) as (two_bytes, four_bytes):
                    with two_bytes:
                        two = self.read(data, a[1], I16)
                        two_end = b.block
                    with four_bytes:
                        four = self.read(data, a[1], I32)
                        four_end = b.block
                inner = b.phi(I64)
                inner.add_incoming(two, two_end)
                inner.add_incoming(four, four_end)
                wide_end = b.block
        made = b.phi(I64)
        made.add_incoming(one, narrow_end)
        made.add_incoming(inner, wide_end)
        return made

    def read(self, data: ir.Value, index: ir.Value, kind: ir.Type) -> ir.Value:
        return self.b.zext(self.load(self.b.gep(data, [index], source_etype=kind), kind, "text"), I64)

    def bit(self, state: ir.Value, mask: int) -> ir.Value:
        return self.b.icmp_unsigned("!=", self.b.and_(state, ir.Constant(I32, mask)), ir.Constant(I32, 0))

    def op_TEXT_EQ(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.call(self.prelude.function("text_equal", I1, [PTR, PTR]), a)

    def op_TEXT_ORDER(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        compare = self.prelude.external("PyUnicode_Compare", I32, [PTR, PTR])
        return self.b.sext(self.b.call(compare, a), I64)

    def op_TEXT_HAS(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        contains = self.prelude.external("PyUnicode_Contains", I32, [PTR, PTR])
        return self.b.icmp_signed(">", self.b.call(contains, a), ir.Constant(I32, 0))

    def op_TEXT_SLICE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.b.call(self.prelude.external("PyUnicode_Substring", PTR, [PTR, I64, I64]), a)
        self.call_out(made, instr)
        return self.owned(made)

    def op_TEXT_SKIP(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Where a text begins behind its first whitespace (1), or ends before its last (-1)."""
        skip = self.prelude.function("text_skip" if instr.imm > 0 else "text_skip_back", I64, [PTR])
        return self.b.call(skip, a)

    def op_TEXT_JOIN(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """All texts, one behind the other."""
        b, (number, nothing) = self.b, instr.imm
        room = self.room(ir.ArrayType(PTR, number))
        for position, value in enumerate(a):
            b.store(value, b.gep(room, [ir.Constant(I64, 8 * position)], source_etype=I8))
        join = self.prelude.external("_PyUnicode_JoinArray", PTR, [PTR, PTR, I64])
        made = b.call(join, [self.refs[nothing], room, ir.Constant(I64, number)])
        self.call_out(made, instr)
        return self.owned(made)

    def op_TEXT_APPEND(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Two texts as one; a first one that nothing needs any more grows in place, if nobody else has it."""
        free = instr.args[0] not in self.appended[instr] and instr.args[0] is not instr.args[1]
        name = "text_append" if free else "text_concat"
        return self.b.call(self.prelude.function(name, PTR, [PTR, PTR, PTR]), [self.pool, *a])

    def op_TEXT_IS(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        number = b.trunc(a[0], I32)
        found: ir.Value = ir.Constant(I32, 0)
        for name in TESTS[instr.imm]:
            found = b.or_(found, b.call(self.prelude.external(name, I32, [I32]), [number]))
        return b.icmp_unsigned("!=", found, ir.Constant(I32, 0))

    def op_TEXT_ALL(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether there are characters, and all are of a kind."""
        return self.b.call(self.prelude.function(f"text_{instr.imm}", I1, [PTR]), a)

    def op_TEXT_TAIL(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether a text begins (-1) or ends (1) with another one."""
        match = self.prelude.external("PyUnicode_Tailmatch", I64, [PTR, PTR, I64, I64, I32])
        found = self.b.call(match, [*a, ir.Constant(I64, 0), _END, ir.Constant(I32, instr.imm)])
        return self.b.icmp_signed(">", found, ir.Constant(I64, 0))

    def op_TEXT_FIND(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Where a text stands in another one for the first (1) or the last time (-1); -1 where it does not."""
        find = self.prelude.external("PyUnicode_Find", I64, [PTR, PTR, I64, I64, I32])
        return self.b.call(find, [*a, ir.Constant(I64, 0), _END, ir.Constant(I32, instr.imm)])

    def op_TEXT_COUNT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        count = self.prelude.external("PyUnicode_Count", I64, [PTR, PTR, I64, I64])
        return self.b.call(count, [*a, ir.Constant(I64, 0), _END])

    def op_TEXT_INT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The int that a text of a few digits is; the least one where it is none, or perhaps."""
        return self.b.call(self.prelude.function("text_int", I64, [PTR]), a)

    def op_TEXT_FLOAT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The float that a text of a few digits is; a nan where it is none, or perhaps."""
        return self.b.call(self.prelude.function("text_float", F64, [PTR]), a)

    def op_TEXT_FAILS(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether a text is surely no number: some character, each as a bit of the immediate, cannot be in one."""
        masks = [ir.Constant(I64, mask) for mask in instr.imm]
        return self.b.call(self.prelude.function("text_fails", I1, [PTR, I64, I64]), [*a, *masks])

    def op_INT_TEXT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The decimal digits of an int; the immediate is how wide it gets, and by what: see `forms.texts.padding`."""
        how = [ir.Constant(I64, number) for number in instr.imm or (0, 0)]
        return self.owned(self.b.call(self.prelude.function("int_text", PTR, [I64, I64, I64]), [*a, *how]))

    def op_FLOAT_TEXT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """A float as a format writes it: with so many digits behind the point, and how wide, or as short as can be."""
        if instr.imm is None:
            return self.owned(self.b.call(self.prelude.function("float_shortest", PTR, [F64, PTR]), a))
        how = [ir.Constant(I64, number) for number in instr.imm]
        return self.owned(self.b.call(self.prelude.function("float_text", PTR, [F64, PTR, I64, I64, I64]), [*a, *how]))

    def op_TEXT_PAD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """A text as a format writes it that makes it so wide at least, by spaces before it or behind it."""
        width, ends = instr.imm
        pad = self.prelude.function("text_padded", PTR, [PTR, PTR, I64, I1])
        return self.owned(self.b.call(pad, [*a, ir.Constant(I64, width), ir.Constant(I1, int(ends))]))

    def op_TEXT_CASE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """A text in the letters that a method, the first operand, makes of its own."""
        return self.owned(self.b.call(self.prelude.function(f"text_{instr.imm}", PTR, [PTR, PTR]), a))

    def op_BOX_CHAR(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        make = self.prelude.allocator("PyUnicode_FromOrdinal", I32)
        return self.owned(self.b.call(make, [self.b.trunc(a[0], I32)]))
