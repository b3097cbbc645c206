"""Emission of boxing and unboxing: Python's objects to machine values and back."""

from __future__ import annotations

from llvmlite import ir

from zexus import layout, types
from zexus.jit.emit.arrays import ITEMS, Arrays
from zexus.jit.emit.frame import F64, I1, I8, I32, I64, KINDS, PTR
from zexus.jit.emit.scalars import Scalars
from zexus.regvm.ir import Instr

SINGLETONS = ("None", "unbound")
EXACT_TYPES = {"int": "PyLong_Type", "float": "PyFloat_Type", "bool": "PyBool_Type", "complex": "PyComplex_Type"}


class Boxes(Scalars, Arrays):
    """The instructions between objects and machine values."""

    def op_UNBOX_INT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        if instr.imm is not None:
            return self.int_by(instr, "word_value", a[0])
        if self.runs_once:
            return self.int_by(instr, "int_once", a[0])
        self.leave_unless(self.is_exactly(a[0], "PyLong_Type"), instr)
        return self.unboxed_int(a[0], instr)

    def op_INT_VALUE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The value of an object of a class that is derived from `int`, which was looked at."""
        if self.runs_once:
            return self.int_by(instr, "long_value", a[0])
        return self.unboxed_int(a[0], instr)

    def int_by(self, instr: Instr, function: str, pointer: ir.Value) -> ir.Value:
        """An int that a function of the runtime unboxes, or the side exit."""
        b = self.b
        pair = b.call(self.prelude.function(function, ir.LiteralStructType([I64, I1]), [PTR]), [pointer])
        self.leave_unless(b.extract_value(pair, 1), instr)
        return b.extract_value(pair, 0)

    def unboxed_int(self, pointer: ir.Value, instr: Instr) -> ir.Value:
        b = self.b
        size = self.load_field(pointer, "int.size", I64, "boxed")
        digit = b.zext(self.load_field(pointer, "int.digits", I32, "boxed"), I64)
        if layout.MODERN:
            short = b.icmp_unsigned("<", size, ir.Constant(I64, 16))
            sign = b.sub(ir.Constant(I64, 1), b.and_(size, ir.Constant(I64, 3)))
        else:
            short = b.icmp_unsigned("<=", b.add(size, ir.Constant(I64, 1)), ir.Constant(I64, 2))
            sign = size
        quick = b.mul(digit, sign)
        start = b.block
        long = self.entry.append_basic_block()
        inside = self.entry.append_basic_block()
        b.cbranch(short, inside, long).set_weights([1000, 1])
        b.position_at_end(long)
        slow = self.int_by(instr, "long_value", pointer)
        end = b.block
        b.branch(inside)
        b.position_at_end(inside)
        made = b.phi(I64)
        made.add_incoming(quick, start)
        made.add_incoming(slow, end)
        return made

    def op_UNBOX_FLOAT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        self.leave_unless(self.is_exactly(a[0], "PyFloat_Type"), instr)
        return self.load_field(a[0], "float.value", F64, "boxed")

    def op_UNBOX_BOOL(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        self.leave_unless(self.is_exactly(a[0], "PyBool_Type"), instr)
        return self.b.icmp_unsigned("==", a[0], self.prelude.data("_Py_TrueStruct"))

    def op_UNBOX_NP(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        dtype, ref = instr.imm
        self.leave_unless(self.b.icmp_unsigned("==", self.type_of(a[0]), self.refs[ref]), instr)
        return self.np_value(instr, a[0], dtype)

    def np_value(self, instr: Instr, pointer: ir.Value, dtype: str) -> ir.Value:
        """The value of a NumPy scalar; one beyond the machine's signed words leaves."""
        made = self.part(pointer, dtype, 0)
        if dtype == "uint64":
            self.leave_unless(self.b.icmp_signed(">=", made, ir.Constant(I64, 0)), instr)
        return made

    def op_TAG_OF(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        held = self.type_of(a[0])
        tag: ir.Value = ir.Constant(I64, -1)
        for name, number, ref in instr.imm:
            if name in SINGLETONS:
                is_it = b.icmp_unsigned("==", a[0], self.refs[ref])
            else:
                wanted = self.refs[ref] if ref >= 0 else self.prelude.data(EXACT_TYPES[name])
                is_it = b.icmp_unsigned("==", held, wanted)
            tag = b.select(is_it, ir.Constant(I64, number), tag)
        self.leave_unless(b.icmp_signed(">=", tag, ir.Constant(I64, 0)), instr)
        return tag

    def op_UNBOX_TAGGED(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The payload of a union: each member from its own box, an int among floats as the exact float."""
        b = self.b
        assert instr.dest is not None
        kind = instr.dest.type
        done = self.entry.append_basic_block()
        found: list[tuple[ir.Value, ir.Block]] = []
        for name, number, _ in instr.imm:
            following = self.entry.append_basic_block()
            inside = self.entry.append_basic_block()
            b.cbranch(b.icmp_signed("==", a[1], ir.Constant(I64, number)), inside, following)
            b.position_at_end(inside)
            value: ir.Value
            if name == "int":
                value = self.unboxed_int(a[0], instr)
                if kind == "f64":
                    value = self.op_EXACT_FLOAT(instr, [value])
            elif name == "float":
                value = self.load_field(a[0], "float.value", F64, "boxed")
            elif name == "bool":
                value = b.icmp_unsigned("==", a[0], self.prelude.data("_Py_TrueStruct"))
            elif name in SINGLETONS:
                value = ir.Constant(KINDS[kind], 0.0 if kind == "f64" else 0)
            else:
                value = self.np_value(instr, a[0], name.removeprefix("np."))
            found.append((value, b.block))
            b.branch(done)
            b.position_at_end(following)
        b.unreachable()
        b.position_at_end(done)
        made = b.phi(KINDS[kind])
        for value, block in found:
            made.add_incoming(value, block)
        return made

    def part(self, pointer: ir.Value, dtype: str, number: int) -> ir.Value:
        """The real (0) or imaginary (1) part of a complex object, or the value of another NumPy scalar."""
        dtype = types.COMPLEX_DTYPES.get(dtype, "float64" if dtype == "complex" else dtype)
        base = self.field(pointer, "npscalar.value")
        return self.item(self.b.gep(base, [ir.Constant(I64, number)], source_etype=ITEMS[dtype]), dtype, "boxed")

    def op_UNBOX_PART(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        dtype, ref, number = instr.imm
        wanted = self.refs[ref] if ref >= 0 else self.prelude.data("PyComplex_Type")
        self.leave_unless(self.b.icmp_unsigned("==", self.type_of(a[0]), wanted), instr)
        return self.part(a[0], dtype, number)

    def op_UNBOX_IMAG(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The imaginary part of a member of a union: that of a real number is zero."""
        b = self.b
        made: ir.Value = ir.Constant(F64, 0.0)
        for name, number in instr.imm:
            start, inside, behind = b.block, self.entry.append_basic_block(), self.entry.append_basic_block()
            b.cbranch(b.icmp_signed("==", a[1], ir.Constant(I64, number)), inside, behind)
            b.position_at_end(inside)
            value = self.part(a[0], name.removeprefix("np."), 1)
            b.branch(behind)
            b.position_at_end(behind)
            other, made = made, b.phi(F64)
            made.add_incoming(value, inside)
            made.add_incoming(other, start)
        return made

    def op_BOX_COMPLEX(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.owned(self.make_complex(a[0], a[1]))

    def op_BOX_NP_COMPLEX(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.owned(self.np_call(instr.imm, self.make_complex(a[0], a[1])))

    def op_BOX_INT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.owned(self.make_int(a[0]) if instr.imm is None else self.make_word(a[0]))

    def op_BOX_FLOAT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.owned(self.make_float(a[0]))

    def op_BOX_BOOL(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.truth_object(a[0])

    def truth_object(self, value: ir.Value) -> ir.Value:
        return self.b.select(value, self.prelude.data("_Py_TrueStruct"), self.prelude.data("_Py_FalseStruct"))

    def op_BOX_NP(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        dtype, ref = instr.imm
        return self.owned(self.np_box(dtype, ref, a[0]))

    def op_BOX_VIEW(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The object of a view: the array itself, or what `numpy.ndarray` makes over the memory of its owner."""
        b = self.b
        _, dtype, ndim, descr, ndarray = instr.imm
        base, flag, data, *extents = a
        start, making = b.block, self.entry.append_basic_block()
        done = self.entry.append_basic_block()
        b.cbranch(b.icmp_signed("==", flag, ir.Constant(I64, 0)), done, making)
        b.position_at_end(making)
        room = self.room(ir.ArrayType(I64, 2 * ndim))
        if len(extents) == ndim:
            extents += self.dense_strides(extents, dtype)
        for position, extent in enumerate(extents):
            b.store(extent, b.gep(room, [ir.Constant(I64, 8 * position)], source_etype=I8))
        self.leave_if_forced(instr)
        make = self.prelude.function("make_view", PTR, [PTR, PTR, PTR, I64, PTR, PTR])
        made = b.call(make, [base, data, room, ir.Constant(I64, ndim), self.refs[descr], self.refs[ndarray]])
        self.leave_unless(b.icmp_unsigned("!=", made, ir.Constant(PTR, None)), instr, forced=False)
        self.push(made)
        making = b.block
        b.branch(done)
        b.position_at_end(done)
        answer = b.phi(PTR)
        answer.add_incoming(base, start)
        answer.add_incoming(made, making)
        return answer

    def dense_strides(self, dims: list[ir.Value], dtype: str) -> list[ir.Value]:
        """The strides of a contiguous array, as NumPy gives them; a dimension of 0 counts as one of 1."""
        b, one = self.b, ir.Constant(I64, 1)
        found: list[ir.Value] = [ir.Constant(I64, types.ITEM_SIZES[dtype])]
        for dim in reversed(dims[1:]):
            found.append(b.mul(found[-1], b.select(b.icmp_signed(">", dim, one), dim, one)))
        return found[::-1]

    def np_box(self, dtype: str, ref: int, value: ir.Value) -> ir.Value:
        """A NumPy scalar: its type is called with the value as a plain number."""
        b = self.b
        kind = types.payload(types.NpScalar(dtype))
        if kind == "f64":
            plain = self.make_float(value)
        else:
            wide = b.zext(value, I64) if kind == "i1" else value
            plain = self.make_int(wide)
        return self.np_call(ref, plain)

    def np_call(self, ref: int, plain: ir.Value) -> ir.Value:
        """Call a NumPy type with a plain number, which is dropped."""
        b = self.b
        made = b.call(self.prelude.function("called_with", PTR, [PTR, PTR]), [self.refs[ref], plain])
        b.call(self.prelude.external("Py_DecRef", ir.VoidType(), [PTR]), [plain])
        return made

    def op_BOX_TAGGED(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        members, none, unbound = instr.imm
        done = self.entry.append_basic_block()
        found: list[tuple[ir.Value, ir.Block]] = []
        payload = instr.args[1].type
        for name, number, ref in members:
            following = self.entry.append_basic_block()
            inside = self.entry.append_basic_block()
            b.cbranch(b.icmp_signed("==", a[0], ir.Constant(I64, number)), inside, following)
            b.position_at_end(inside)
            made: ir.Value
            if name == "None":
                made = self.refs[none]
            elif name == "unbound":
                made = self.refs[unbound]
            elif name == "bool":
                made = self.op_BOX_BOOL(instr, [a[1]])
            elif name == "int":
                whole = b.fptosi(a[1], I64) if payload == "f64" else a[1]
                made = self.owned(self.make_int(whole))
            elif name == "float":
                made = self.op_BOX_FLOAT(instr, [a[1]])
            elif name == "complex":
                made = self.op_BOX_COMPLEX(instr, a[1:])
            elif name.removeprefix("np.") in types.COMPLEX_DTYPES:
                made = self.owned(self.np_call(ref, self.make_complex(a[1], a[2])))
            else:
                made = self.owned(self.np_box(name.removeprefix("np."), ref, a[1]))
            found.append((made, b.block))
            b.branch(done)
            b.position_at_end(following)
        b.unreachable()
        b.position_at_end(done)
        answer = b.phi(PTR)
        for value, block in found:
            answer.add_incoming(value, block)
        return answer

    op_BOX_TAGGED_COMPLEX = op_BOX_TAGGED
