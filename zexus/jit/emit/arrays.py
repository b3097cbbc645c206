"""Emission of access to arrays."""

from __future__ import annotations

from llvmlite import ir

from zexus import layout, types
from zexus.jit.emit.frame import F32, F64, I1, I8, I32, I64, PTR
from zexus.jit.emit.guards import Guards
from zexus.regvm.ir import Instr

ITEMS: dict[str, ir.Type] = {
    "float64": F64, "float32": F32, "int64": I64, "int32": I32, "int16": ir.IntType(16), "int8": I8,
    "uint32": I32, "uint16": ir.IntType(16), "uint8": I8, "bool": I8,
}
WIDTHS = {dtype: getattr(kind, "width", 64 if kind is F64 else 32) // 8 for dtype, kind in ITEMS.items()}


class Arrays(Guards):
    """The instructions on arrays."""

    def op_GUARD_ARRAY(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.array_data(instr, a[0], *instr.imm)

    def array_data(self, instr: Instr, array: ir.Value, ndim: int, written: bool, descr: int, ndarray: int) -> ir.Value:
        """Where the elements are, if the array is as it was recorded."""
        b = self.b
        self.leave_unless(b.icmp_unsigned("==", self.type_of(array), self.refs[ndarray]), instr)
        flags = layout.C_CONTIGUOUS | layout.ALIGNED | (layout.WRITEABLE if written else 0)
        held = self.load_field(array, "array.flags", I32, "array_header")
        right = b.icmp_unsigned("==", b.and_(held, ir.Constant(I32, flags)), ir.Constant(I32, flags))
        dims = b.icmp_unsigned("==", self.load_field(array, "array.ndim", I32, "array_header"), ir.Constant(I32, ndim))
        kind = b.icmp_unsigned("==", self.load_field(array, "array.descr", PTR, "array_header"), self.refs[descr])
        self.leave_unless(b.and_(b.and_(right, dims), kind), instr)
        return self.load_field(array, "array.data", PTR, "array_header")

    def op_GUARD_SAME_ARRAY(self, instr: Instr, a: list[ir.Value]) -> None:
        b = self.b
        same = b.icmp_unsigned("==", self.array_data(instr, a[0], *instr.imm[1:]), a[1])
        for position, dim in enumerate(a[2:]):
            same = b.and_(same, b.icmp_signed("==", self.dim(a[0], position), dim))
        self.leave_unless(same, instr)

    def dim(self, array: ir.Value, position: int) -> ir.Value:
        dims = self.load_field(array, "array.dims", PTR, "array_header")
        return self.load(self.b.gep(dims, [ir.Constant(I64, 8 * position)], source_etype=I8), I64, "array_header")

    def op_ARRAY_DIM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.dim(a[0], instr.imm)
        made.set_metadata("range", self.module.add_metadata([ir.Constant(I64, 0), ir.Constant(I64, types.INT64_MAX)]))
        return made

    def element(self, a: list[ir.Value], ndim: int, dtype: str) -> ir.Value:
        b = self.b
        dims, indices = a[1:1 + ndim], a[1 + ndim:1 + 2 * ndim]
        offset = indices[0]
        for dim, index in zip(dims[1:], indices[1:], strict=True):
            offset = b.add(b.mul(offset, dim, flags=("nsw",)), index, flags=("nsw",))
        return b.gep(a[0], [offset], inbounds=True, source_etype=ITEMS[dtype])

    def item(self, address: ir.Value, dtype: str, memory: str) -> ir.Value:
        b = self.b
        raw = self.load(address, ITEMS[dtype], memory)
        if dtype == "float64" or dtype == "int64":
            return raw
        if dtype == "float32":
            return b.fpext(raw, F64)
        if dtype == "bool":
            return b.icmp_unsigned("!=", raw, ir.Constant(I8, 0))
        return b.zext(raw, I64) if dtype.startswith("u") else b.sext(raw, I64)

    def op_ARRAY_LOAD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        count, dtype = instr.imm
        return self.item(self.element(a, (count - 1) // 2, dtype), dtype, "array_items")

    def op_ARRAY_STORE(self, instr: Instr, a: list[ir.Value]) -> None:
        b = self.b
        count, dtype = instr.imm
        value = a[-1]
        if dtype == "float32":
            value = b.fptrunc(value, F32)
        elif dtype == "bool":
            value = b.zext(value, I8)
        elif dtype not in ("float64", "int64"):
            value = b.trunc(value, ITEMS[dtype])
        self.store(value, self.element(a, (count - 2) // 2, dtype), "array_items")

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
        size = self.b.mul(a[-1], ir.Constant(I64, WIDTHS[dtype]))
        return self.rooms[number, dtype], self.element(a, (count - 2) // 2, dtype), size

    def copier(self) -> ir.Value:
        return self.prelude.intrinsic("llvm.memcpy.p0.p0.i64", ir.VoidType(), [PTR, PTR, I64, I1])
