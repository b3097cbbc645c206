"""Emission of access to the items of bytes and bytearrays."""

from __future__ import annotations

from llvmlite import ir

from zexus.jit.emit.frame import I8, I64, PTR, Frame
from zexus.regvm.ir import Instr


class Octets(Frame):
    """The instructions on bytes and bytearrays."""

    def op_BYTES_LEN(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.load_field(a[0], "bytes.size", I64, "list_header")

    def op_BYTES_AT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """An item (owner, index), of a bytearray or of bytes."""
        owner, index = a
        return self.b.zext(self.load(self.octet(owner, index, instr.imm), I8, "array_items"), I64)

    def op_BYTES_SET(self, instr: Instr, a: list[ir.Value]) -> None:
        """Another item for a bytearray (owner, index, item)."""
        owner, index, item = a
        # Arrays may show the same memory.
        self.store(self.b.trunc(item, I8), self.octet(owner, index, True), "array_items")

    def octet(self, owner: ir.Value, index: ir.Value, elsewhere: bool) -> ir.Value:
        """Where an item stands: behind the object's head, or where this says."""
        start = self.load_field(owner, "bytearray.start", PTR, "list_header") if elsewhere \
            else self.field(owner, "bytes.items")
        return self.b.gep(start, [index], source_etype=I8)
