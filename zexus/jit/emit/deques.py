"""Emission of access to the ends of deques: inside of a block in place, across blocks by the interpreter."""

from __future__ import annotations

from llvmlite import ir

from zexus.jit.emit.deque_runtime import BLOCK
from zexus.jit.emit.frame import I64, PTR
from zexus.jit.emit.lists import Lists
from zexus.jit.emit.tuples import Tuples
from zexus.regvm.ir import Instr

_OTHER = {"left": "right", "right": "left"}
# Where the next item goes, seen from the last one at an end, and the index behind which its block has no room.
_STEP, _LAST = {"left": -1, "right": 1}, {"left": 0, "right": BLOCK - 1}
_MEMORY = "deque"


class Deques(Lists, Tuples):
    """The instructions on deques."""

    def op_DEQUE_LEN(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.load_field(a[0], "deque.size", I64, _MEMORY)

    def op_DEQUE_ITEM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The item at an index that is known to be within (deque, index)."""
        return self.b.call(self.prelude.function("deque_item", PTR, [PTR, I64]), a)

    def op_DEQUE_END(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The item at an end of a deque that has one."""
        return self.load(self.end(a[0], instr.imm), PTR, _MEMORY)

    def end(self, owner: ir.Value, side: str) -> ir.Value:
        """Where the item at an end stands."""
        return self.in_block(owner, side, self.load_field(owner, f"deque.{side}index", I64, _MEMORY))

    def in_block(self, owner: ir.Value, side: str, index: ir.Value) -> ir.Value:
        block = self.load_field(owner, f"deque.{side}block", PTR, _MEMORY)
        return self.b.gep(self.field(block, "block.items"), [index], source_etype=PTR)

    def op_DEQUE_POP(self, instr: Instr, a: list[ir.Value]) -> None:
        """Take out the item at an end, which there is; it is a number, or native code may hold it, or that is asked."""
        b = self.b
        (owner,) = a
        side, method, what = instr.imm
        self.leave_if_forced(instr)
        index = self.load_field(owner, f"deque.{side}index", I64, _MEMORY)
        held = self.load(self.in_block(owner, side, index), PTR, _MEMORY)
        if what == "checked":
            self.leave_unless(self.may_go(held), instr, forced=False)
        stays = b.icmp_signed("!=", index, ir.Constant(I64, _LAST[_OTHER[side]]))
        with b.if_else(stays, likely=True) as (inside, across):
            with inside:
                before = b.sub(index, ir.Constant(I64, _STEP[side]))
                self.store(before, self.field(owner, f"deque.{side}index"), _MEMORY)
                self.change(owner, -1)
            with across:
                pop = self.prelude.function("deque_pop", PTR, [PTR, PTR])
                self.call_out(b.call(pop, [owner, self.refs[method]]), instr)
        if what == "number":
            b.call(self.prelude.function("drop", ir.VoidType(), [PTR]), [held])
        else:
            self.release(held)

    def change(self, owner: ir.Value, more: int) -> None:
        """One item more or less, which iterators find out by the state."""
        for name, change in (("size", more), ("state", 1)):
            place = self.field(owner, "deque." + name)
            self.store(self.b.add(self.load(place, I64, _MEMORY), ir.Constant(I64, change)), place, _MEMORY)

    def op_DEQUE_PUSH(self, instr: Instr, a: list[ir.Value]) -> None:
        """Put an item in at an end (deque, parts of the item); a full deque gives up one at the other end."""
        b = self.b
        owner, *parts = a
        _, spec, side, method = instr.imm
        self.leave_if_forced(instr)
        size, most = (self.load_field(owner, "deque." + name, I64, _MEMORY) for name in ("size", "maxlen"))
        full = b.icmp_unsigned(">=", size, most)  # without a bound that is -1
        with b.if_then(full, likely=False):
            self.leave_unless(b.icmp_unsigned("!=", most, ir.Constant(I64, 0)), instr, forced=False)
            old = self.load(self.end(owner, _OTHER[side]), PTR, _MEMORY)
            self.leave_unless(self.may_go(old), instr, forced=False)
        item = self.own(parts, spec)
        index = self.load_field(owner, f"deque.{side}index", I64, _MEMORY)
        room = b.icmp_signed("!=", index, ir.Constant(I64, _LAST[side]))
        with b.if_else(b.and_(room, b.not_(full)), likely=True) as (inside, across):
            with inside:
                following = b.add(index, ir.Constant(I64, _STEP[side]))
                self.store(following, self.field(owner, f"deque.{side}index"), _MEMORY)
                self.store(item, self.in_block(owner, side, following), _MEMORY)
                self.change(owner, 1)
            with across:
                push = self.prelude.function(f"deque_push_{side}", PTR, [PTR, PTR, PTR])
                gone = b.call(push, [owner, item, self.refs[method]])
                self.call_out(gone, instr)
                with b.if_then(b.icmp_unsigned("!=", gone, owner)):
                    self.release(gone)

    def own(self, parts: list[ir.Value], spec: tuple[object, ...] | None) -> ir.Value:
        """A reference to the object of a value, for a container."""
        if spec is not None:
            return self.object_of(parts, spec, fresh=True)
        (value,) = parts
        if value.type == I64:
            return self.make_int(value)
        if value.type != PTR:
            return self.make_float(value)
        self.b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [value])
        return value
