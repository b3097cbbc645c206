"""Emission of access to arrays."""

from __future__ import annotations

from llvmlite import ir

from zexus import layout, types
from zexus.jit.emit.frame import F32, F64, I1, I8, I32, I64, PTR
from zexus.jit.emit.guards import Guards
from zexus.regvm.ir import Instr

ITEMS: dict[str, ir.Type] = {
    "float64": F64, "float32": F32, "int64": I64, "int32": I32, "int16": ir.IntType(16), "int8": I8,
    "uint64": I64, "uint32": I32, "uint16": ir.IntType(16), "uint8": I8, "bool": I8,
}
_WHOLE = ("float64", "int64", "uint64")


class Arrays(Guards):
    """The instructions on arrays."""

    def op_GUARD_ARRAY(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.array_data(instr, a[0], *instr.imm)

    def array_data(self, instr: Instr, array: ir.Value, ndim: int, written: bool, descr: int, ndarray: int,
                   strided: str = "") -> ir.Value:
        """Where the elements are, if the array is as it was recorded."""
        b = self.b
        self.leave_unless(b.icmp_unsigned("==", self.type_of(array), self.refs[ndarray]), instr)
        flags = layout.ALIGNED | (0 if strided else layout.C_CONTIGUOUS) | (layout.WRITEABLE if written else 0)
        held = self.load_field(array, "array.flags", I32, "array_header")
        right = b.icmp_unsigned("==", b.and_(held, ir.Constant(I32, flags)), ir.Constant(I32, flags))
        dims = b.icmp_unsigned("==", self.load_field(array, "array.ndim", I32, "array_header"), ir.Constant(I32, ndim))
        kind = b.icmp_unsigned("==", self.load_field(array, "array.descr", PTR, "array_header"), self.refs[descr])
        self.leave_unless(b.and_(b.and_(right, dims), kind), instr)
        return self.load_field(array, "array.data", PTR, "array_header")

    def op_GUARD_SAME_ARRAY(self, instr: Instr, a: list[ir.Value]) -> None:
        b = self.b
        same = b.icmp_unsigned("==", self.array_data(instr, a[0], *instr.imm[1:]), a[1])
        ndim = instr.imm[1]
        for position, held in enumerate(a[2:]):
            now = self.extent(a[0], "dims" if position < ndim else "strides", position % ndim)
            same = b.and_(same, b.icmp_signed("==", now, held))
        self.leave_unless(same, instr)

    def op_GUARD_WRITEABLE(self, instr: Instr, a: list[ir.Value]) -> None:
        held = self.b.and_(self.load_field(a[0], "array.flags", I32, "array_header"),
                           ir.Constant(I32, layout.WRITEABLE))
        self.leave_unless(self.b.icmp_unsigned("!=", held, ir.Constant(I32, 0)), instr)

    def extent(self, array: ir.Value, name: str, position: int) -> ir.Value:
        """One of the dimensions or strides."""
        first = self.load_field(array, "array." + name, PTR, "array_header")
        return self.load(self.b.gep(first, [ir.Constant(I64, 8 * position)], source_etype=I8), I64, "array_header")

    def op_ARRAY_STRIDE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.extent(a[0], "strides", instr.imm)

    def op_ARRAY_AT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Another place in an array's memory, so many bytes on."""
        return self.b.gep(a[0], [a[1]], source_etype=I8)

    def op_VIEW_ID(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """A number that no other view of this run has."""
        b = self.b
        if self.views is None:
            self.views = self.room(I64)
            with b.goto_block(self.head):
                b.store(ir.Constant(I64, 0), self.views)
        made = b.add(b.load(self.views, typ=I64), ir.Constant(I64, 1))
        b.store(made, self.views)
        return made

    def op_ARRAY_DIM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.extent(a[0], "dims", instr.imm)
        made.set_metadata("range", self.module.add_metadata([ir.Constant(I64, 0), ir.Constant(I64, types.INT64_MAX)]))
        return made

    def element(self, a: list[ir.Value], ndim: int, dtype: str, strided: str = "") -> ir.Value:
        """Where an item is: by the data, the dimensions (or else the strides in bytes) and the indices."""
        b = self.b
        extents, indices = a[1:1 + ndim], a[1 + ndim:1 + 2 * ndim]
        if strided:
            address = a[0]
            for stride, index in zip(extents, indices, strict=True):
                address = b.gep(address, [b.mul(index, stride, flags=("nsw",))], source_etype=I8)
            return address
        offset = indices[0]
        for dim, index in zip(extents[1:], indices[1:], strict=True):
            offset = b.add(b.mul(offset, dim, flags=("nsw",)), index, flags=("nsw",))
        return b.gep(a[0], [offset], inbounds=True, source_etype=ITEMS[dtype])

    def item(self, address: ir.Value, dtype: str, memory: str) -> ir.Value:
        b = self.b
        raw = self.load(address, ITEMS[dtype], memory)
        if dtype in _WHOLE:
            return raw
        if dtype == "float32":
            return b.fpext(raw, F64)
        if dtype == "bool":
            return b.icmp_unsigned("!=", raw, ir.Constant(I8, 0))
        return b.zext(raw, I64) if dtype.startswith("u") else b.sext(raw, I64)

    def op_ARRAY_LOAD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        count, dtype, *strided = instr.imm
        return self.item(self.element(a, (count - 1) // 2, dtype, *strided), dtype, "array_items")

    def op_ARRAY_STORE(self, instr: Instr, a: list[ir.Value]) -> None:
        b = self.b
        count, dtype, *strided = instr.imm
        value = a[-1]
        if dtype == "float32":
            value = b.fptrunc(value, F32)
        elif dtype == "bool":
            value = b.zext(value, I8)
        elif dtype not in _WHOLE:
            value = b.trunc(value, ITEMS[dtype])
        self.store(value, self.element(a, (count - 2) // 2, dtype, *strided), "array_items")

    def op_SAVE(self, instr: Instr, a: list[ir.Value]) -> None:
        """Keep items aside that are going to be overwritten."""
        kept, items, size = self.kept_items(instr, a)
        self.b.call(self.copier(), [kept, items, size, ir.Constant(I1, 0)])

    def op_RESTORE(self, instr: Instr, a: list[ir.Value]) -> None:
        kept, items, size = self.kept_items(instr, a)
        self.b.call(self.copier(), [items, kept, size, ir.Constant(I1, 0)])

    def kept_items(self, instr: Instr, a: list[ir.Value]) -> tuple[ir.Value, ir.Value, ir.Value]:
        """The room in the frame, the items of the array, the size of both in bytes."""
        count, dtype, number = instr.imm
        if (number, dtype) not in self.rooms:
            self.rooms[number, dtype] = self.room(ir.ArrayType(ITEMS[dtype], self.settings.stretch_length))
        size = self.b.mul(a[-1], ir.Constant(I64, types.ITEM_SIZES[dtype]))
        return self.rooms[number, dtype], self.element(a, (count - 2) // 2, dtype), size

    def copier(self) -> ir.Value:
        return self.prelude.intrinsic("llvm.memcpy.p0.p0.i64", ir.VoidType(), [PTR, PTR, I64, I1])
