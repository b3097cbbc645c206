"""Emission of access to lists in place, and of what is put into sets and dicts."""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir

from zexus import layout, types
from zexus.jit.emit.boxes import Boxes
from zexus.jit.emit.frame import F64, I1, I32, I64, PTR, replaces_any
from zexus.regvm.ir import Instr


class Lists(Boxes):
    """The instructions on lists."""

    def op_LIST_LEN(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.load_field(a[0], "list.size", I64, "list_header")
        made.set_metadata("range", self.module.add_metadata([ir.Constant(I64, 0), ir.Constant(I64, types.INT64_MAX)]))
        return made

    def op_LIST_SLOTS(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.load_field(a[0], "list.items", PTR, "list_header")

    def slot(self, slots: ir.Value, index: ir.Value) -> ir.Value:
        return self.b.gep(slots, [index], inbounds=True, source_etype=PTR)

    def op_LIST_ITEM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.load(self.slot(a[0], a[1]), PTR, "list_items")

    def replace_number(self, instr: Instr, slot: ir.Value, old: ir.Value, make: Callable[[], ir.Value]) -> None:
        """Put a new number where an old one was; anything but a number there leaves first, or what may run code."""
        b = self.b
        is_number = b.call(self.prelude.function("is_number", I1, [PTR]), [old])
        if not replaces_any(instr):
            self.leave_unless(is_number, instr)
            self.store(make(), slot, "list_items")
            b.call(self.prelude.function("drop", ir.VoidType(), [PTR]), [old])
            return
        with b.if_else(is_number, likely=True) as (number, other):
            with number:
                self.store(make(), slot, "list_items")
                b.call(self.prelude.function("drop", ir.VoidType(), [PTR]), [old])
            with other:
                self.replace_any(instr, slot, old, make)

    def replace_any(self, instr: Instr, slot: ir.Value, old: ir.Value, make: Callable[[], ir.Value]) -> None:
        """Put a new number where something else was."""
        self.leave_unless(self.may_go(old), instr)
        self.store(make(), slot, "list_items")
        self.release(old)

    def may_go(self, old: ir.Value) -> ir.Value:
        """Whether giving up a reference to an object runs no other code: others hold it as well, or it ends unseen."""
        return self.b.call(self.prelude.function("may_go", I1, [PTR]), [old])

    def is_ours(self, pointer: ir.Value, kind: str) -> ir.Value:
        """Whether an object is of a type, and in one place only, so that nobody sees it overwritten."""
        b = self.b
        of_type = b.icmp_unsigned("==", self.type_of(pointer), self.prelude.data(kind))
        alone = b.icmp_unsigned("==", self.load_field(pointer, "refcount", I64, "refcount"), ir.Constant(I64, 1))
        return b.and_(of_type, alone)

    def op_LIST_SET_FLOAT(self, instr: Instr, a: list[ir.Value]) -> None:
        """A float that nobody else holds is overwritten in place."""
        self.put_float(instr, self.slot(a[0], a[1]), a[2])

    def put_float(self, instr: Instr, address: ir.Value, new: ir.Value) -> None:
        b = self.b
        old = self.load(address, PTR, "list_items")
        with b.if_else(self.is_ours(old, "PyFloat_Type"), likely=True) as (quick, slow):
            with quick:
                if self.force:
                    self.leave_unless(ir.Constant(I1, 1), instr)
                self.store(new, self.field(old, "float.value"), "boxed")
            with slow:
                self.replace_number(instr, address, old, lambda: self.make_float(new))

    def op_LIST_SET_COMPLEX(self, instr: Instr, a: list[ir.Value]) -> None:
        """A complex number that nobody else holds is overwritten in place."""
        b = self.b
        address = self.slot(a[0], a[1])
        old = self.load(address, PTR, "list_items")
        with b.if_else(self.is_ours(old, "PyComplex_Type"), likely=True) as (quick, slow):
            with quick:
                if self.force:
                    self.leave_unless(ir.Constant(I1, 1), instr)
                self.store(a[2], self.field(old, "complex.real"), "boxed")
                self.store(a[3], self.field(old, "complex.imag"), "boxed")
            with slow:
                self.replace_number(instr, address, old, lambda: self.make_complex(a[2], a[3]))

    def op_LIST_SET_INT(self, instr: Instr, a: list[ir.Value]) -> None:
        """An int of one digit that nobody else holds is overwritten in place by another such."""
        self.put_int(instr, self.slot(a[0], a[1]), a[2])

    def put_int(self, instr: Instr, address: ir.Value, new: ir.Value) -> None:
        b = self.b
        old = self.load(address, PTR, "list_items")
        ours = self.is_ours(old, "PyLong_Type")
        # Small ints are shared; from 257 on an int of one digit may have an object of its own.
        fits = b.icmp_unsigned("<", b.sub(new, ir.Constant(I64, 257)), ir.Constant(I64, 2**30 - 257))
        one = ir.Constant(I64, 8 if layout.MODERN else 1)
        single = b.icmp_unsigned("==", self.load_field(old, "int.size", I64, "boxed"), one)
        with b.if_else(b.and_(ours, b.and_(fits, single)), likely=True) as (quick, slow):
            with quick:
                if self.force:
                    self.leave_unless(ir.Constant(I1, 1), instr)
                self.store(b.trunc(new, I32), self.field(old, "int.digits"), "boxed")
            with slow:
                put = self.prelude.function("put_int", ir.VoidType(), [PTR, PTR, I64])
                is_number = b.call(self.prelude.function("is_number", I1, [PTR]), [old])
                if not replaces_any(instr):
                    self.leave_unless(is_number, instr)
                    b.call(put, [address, old, new])
                    return
                with b.if_else(is_number, likely=True) as (number, other):
                    with number:
                        b.call(put, [address, old, new])
                    with other:
                        self.replace_any(instr, address, old, lambda: self.make_int(new))

    def op_LIST_SET_BOOL(self, instr: Instr, a: list[ir.Value]) -> None:
        self.put_bool(instr, self.slot(a[0], a[1]), self.truth_object(a[2]))

    def put_bool(self, instr: Instr, address: ir.Value, new: ir.Value) -> None:
        b = self.b
        old = self.load(address, PTR, "list_items")
        true, false = self.prelude.data("_Py_TrueStruct"), self.prelude.data("_Py_FalseStruct")
        is_bool = b.or_(b.icmp_unsigned("==", old, true), b.icmp_unsigned("==", old, false))
        with b.if_else(is_bool, likely=True) as (quick, slow):
            with quick:
                if self.force:
                    self.leave_unless(ir.Constant(I1, 1), instr)
                with b.if_then(b.icmp_unsigned("!=", old, new)):
                    self.store(new, address, "list_items")
                    if not layout.MODERN:
                        self.add_references(new, 1)
                        self.add_references(old, -1)
            with slow:
                def counted() -> ir.Value:
                    self.incref(new)
                    return new

                self.replace_number(instr, address, old, counted)

    def add_references(self, pointer: ir.Value, change: int) -> None:
        """Change the count of an object that cannot die by it."""
        address = self.field(pointer, "refcount")
        self.store(self.b.add(self.load(address, I64, "refcount"), ir.Constant(I64, change)), address, "refcount")

    def op_LIST_SET_PTR(self, instr: Instr, a: list[ir.Value]) -> None:
        """The old element, if native code alone may still look at it, is kept by the pool until the region is left."""
        self.put_object(instr, self.slot(a[0], a[1]), a[2])

    def put_object(self, instr: Instr, address: ir.Value, new: ir.Value) -> None:
        b = self.b
        old = self.load(address, PTR, "list_items")
        with b.if_then(b.icmp_unsigned("!=", old, new)):
            self.leave_unless(self.may_go(old), instr)
            self.incref(new)
            self.store(new, address, "list_items")
            self.release(old)

    def track(self, pointer: ir.Value) -> None:
        """A dict that is about to hold an object: the collector passes over dicts of numbers."""
        b = self.b
        following = self.load(self.field(pointer, "gc.next"), I64, "list_header")
        with b.if_then(b.icmp_unsigned("==", following, ir.Constant(I64, 0)), likely=False):
            b.call(self.prelude.external("PyObject_GC_Track", ir.VoidType(), [PTR]), [pointer])

    def release(self, pointer: ir.Value) -> None:
        """Give up a reference: an object that others hold lives on by itself, the pool keeps the last reference."""
        b = self.b
        shared = b.icmp_signed(">", self.load_field(pointer, "refcount", I64, "refcount"), ir.Constant(I64, 1))
        with b.if_else(shared) as (others, alone):
            with others:
                b.call(self.prelude.function("decref", ir.VoidType(), [PTR]), [pointer])
            with alone:
                self.push(pointer)

    def op_LIST_PUSH(self, instr: Instr, a: list[ir.Value]) -> None:
        self.incref(a[1])
        self.b.call(self.prelude.function("list_push", ir.VoidType(), [PTR, PTR]), a)

    def op_LIST_PUSH_INT(self, instr: Instr, a: list[ir.Value]) -> None:
        made = self.make_int(a[1])
        self.b.call(self.prelude.function("list_push", ir.VoidType(), [PTR, PTR]), [a[0], made])

    def op_LIST_PUSH_FLOAT(self, instr: Instr, a: list[ir.Value]) -> None:
        made = self.make_float(a[1])
        self.b.call(self.prelude.function("list_push", ir.VoidType(), [PTR, PTR]), [a[0], made])

    def op_LIST_PUSH_COMPLEX(self, instr: Instr, a: list[ir.Value]) -> None:
        made = self.make_complex(a[1], a[2])
        self.b.call(self.prelude.function("list_push", ir.VoidType(), [PTR, PTR]), [a[0], made])

    def op_LIST_POP(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        size = b.sub(self.op_LIST_LEN(instr, a), ir.Constant(I64, 1))
        item = self.load(self.slot(self.op_LIST_SLOTS(instr, a), size), PTR, "list_items")
        self.leave_unless(self.may_go(item), instr)
        self.store(size, self.field(a[0], "list.size"), "list_header")
        self.release(item)
        return item

    def op_LIST_NEW(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        made = self.owned(b.call(self.prelude.function("new_list", PTR, [I64]), [ir.Constant(I64, len(a))]))
        slots = self.op_LIST_SLOTS(instr, [made])
        for position, item in enumerate(a):
            b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [item])
            self.store(item, self.slot(slots, ir.Constant(I64, position)), "list_items")
        return made

    def op_LIST_REPEAT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        size = self.op_LIST_LEN(instr, a)
        fits = b.icmp_signed("<=", a[1], ir.Constant(I64, 1 << 31))
        self.leave_unless(b.and_(fits, b.icmp_signed("<=", size, ir.Constant(I64, 1 << 20))), instr)
        made = b.call(self.prelude.function("repeated", PTR, [PTR, I64]), a)
        self.call_out(made, instr)
        return self.owned(made)

    def op_LIST_SLICE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.b.call(self.prelude.function("list_slice", PTR, [PTR, I64, I64, I64]), a)
        self.call_out(made, instr)
        return self.owned(made)

    def op_LIST_SUM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The sum of a number and items that are all ints, or all floats, of which there is one at least."""
        b = self.b
        assert instr.dest is not None
        kind, name = (F64, "list_sum_float") if instr.dest.type == "f64" else (I64, "list_sum_int")
        add = self.prelude.function(name, ir.LiteralStructType([kind, I1]), [PTR, I64, I64, I64, kind])
        pair = b.call(add, [self.op_LIST_SLOTS(instr, a), *a[1:]])
        self.leave_unless(b.extract_value(pair, 1), instr)
        return b.extract_value(pair, 0)

    # --- sets and dicts -----------------------------------------------------------------------------------

    def op_SET_NEW(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.owned(self.b.call(self.prelude.function("new_set", PTR, [PTR]), [ir.Constant(PTR, None)]))

    def op_DICT_NEW(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.owned(self.b.call(self.prelude.function("new_dict", PTR, []), []))

    def op_SET_PUT(self, instr: Instr, a: list[ir.Value]) -> None:
        self.put_in("PySet_Add", instr, a)

    def op_DICT_PUT(self, instr: Instr, a: list[ir.Value]) -> None:
        self.put_in("PyDict_SetItem", instr, a)

    def put_in(self, function: str, instr: Instr, a: list[ir.Value]) -> None:
        """A call that takes numbers as objects of their own; what else is in the container may run other code."""
        b = self.b
        self.keep_lent(instr)
        made: list[ir.Value] = []
        handed = [a[0]]
        for value in a[1:]:
            if value.type != PTR:
                value = self.make_int(value) if value.type == I64 else self.make_float(value)
                made.append(value)
            handed.append(value)
        put = self.prelude.external(function, I32, [PTR] * len(a))
        result = b.call(put, handed)
        for value in made:
            b.call(self.prelude.function("decref", ir.VoidType(), [PTR]), [value])
        failed = b.icmp_signed("<", result, ir.Constant(I32, 0))
        self.call_out(b.select(failed, ir.Constant(PTR, None), a[0]), instr)
