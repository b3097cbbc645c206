"""Emission of control flow: jumps, ways out, iterations and time slices, outlined statements."""

from __future__ import annotations

from llvmlite import ir

from zexus import layout
from zexus.jit.emit.frame import I1, I8, I64, PTR
from zexus.jit.emit.world import World
from zexus.regvm.ir import Instr

_MORE_INSIDE = 256  # times as many objects are kept in an inner loop, which the loop around it can drain


class Control(World):
    """The instructions that go elsewhere."""

    def op_JUMP(self, instr: Instr, a: list[ir.Value]) -> None:
        self.b.branch(self.blocks[instr.targets[0]])

    def op_BRANCH(self, instr: Instr, a: list[ir.Value]) -> None:
        branch = self.b.cbranch(a[0], self.blocks[instr.targets[0]], self.blocks[instr.targets[1]])
        if instr.facts:
            branch.set_weights([1000, 1] if "likely" in instr.facts else [1, 1000])

    def op_EXIT(self, instr: Instr, a: list[ir.Value]) -> None:
        self.take_exit(instr)

    def op_LEAVE(self, instr: Instr, a: list[ir.Value]) -> None:
        b = self.b
        new = self.prelude.external("PyTuple_New", PTR, [I64])
        answer = b.call(new, [ir.Constant(I64, len(a) + 1)])
        items = [self.make_int(ir.Constant(I64, instr.imm)), *a]
        for position, item in enumerate(items):
            if position:
                b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [item])
            b.store(item, b.gep(answer, [ir.Constant(I64, layout.OFFSETS["tuple.items"] + 8 * position)],
                                source_etype=I8))
        self.drain()
        b.ret(answer)

    def op_TICK(self, instr: Instr, a: list[ir.Value]) -> None:
        """The end of so many iterations: on to the next one, or, every so often, to the time slice."""
        b = self.b
        left = b.sub(b.load(self.ticks, typ=I64), a[0])
        b.store(left, self.ticks)
        due = b.icmp_signed("<=", left, ir.Constant(I64, 0))
        if self.grows:
            due = b.or_(due, self.pool_is_full(instr.imm))
        branch = b.cbranch(due, self.blocks[instr.targets[1]], self.blocks[instr.targets[0]])
        branch.set_weights([1, 10000])

    def pool_is_full(self, is_root: bool) -> ir.Value:
        b = self.b
        size = b.load(b.gep(self.pool, [ir.Constant(I64, 8)], source_etype=I8), typ=I64)
        most = self.settings.kept_objects * (1 if is_root else _MORE_INSIDE)
        return b.icmp_signed(">", size, ir.Constant(I64, most))

    def op_POLL(self, instr: Instr, a: list[ir.Value]) -> None:
        """The time slice: Python gets its turn (signals, other threads), then the world is looked at again."""
        b = self.b
        _, *slots = instr.imm
        self.count(b.sub(ir.Constant(I64, self.settings.slice_iterations), b.load(self.ticks, typ=I64)))
        b.store(ir.Constant(I64, self.settings.slice_iterations), self.ticks)
        self.keep_lent(instr)
        noop = self.refs[len(self.fn.refs) - 2]
        result = b.call(self.prelude.external("PyObject_CallNoArgs", PTR, [PTR]), [noop])
        self.call_out(result, instr)
        b.call(self.prelude.external("Py_DecRef", ir.VoidType(), [PTR]), [result])
        same: ir.Value = ir.Constant(I1, 1)
        for slot, held in zip(slots, a, strict=True):
            same = b.and_(same, b.icmp_unsigned("==", self.lookup(slot), held))
        if self.grows:
            same = b.and_(same, b.not_(self.pool_is_full(True)))
        self.leave_unless(same, instr)

    def op_CALL_BLOCK(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Run an outlined statement in Python; its answer is a tuple that the pool owns."""
        b = self.b
        _, ref = instr.imm
        room = self.room(ir.ArrayType(PTR, max(len(a), 1)))
        for position, value in enumerate(a):
            b.store(value, b.gep(room, [ir.Constant(I64, 8 * position)], source_etype=I8))
        self.keep_lent(instr)
        call = self.prelude.external("PyObject_Vectorcall", PTR, [PTR, PTR, I64, PTR])
        result = b.call(call, [self.refs[ref], room, ir.Constant(I64, len(a)), ir.Constant(PTR, None)])
        self.call_out(result, instr)
        return self.owned(result)
