"""Emission of control flow: jumps, ways out, iterations and time slices, outlined statements."""

from __future__ import annotations

from llvmlite import ir

from zexus import layout
from zexus.jit.emit.frame import I1, I8, I64, POOL_LIMIT, POOL_SIZE, PTR
from zexus.jit.emit.mirrors import Mirrors
from zexus.jit.emit.world import World
from zexus.regvm.ir import Block, Instr


class Control(World, Mirrors):
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
        new = self.prelude.function("new_tuple", PTR, [I64])
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
        if instr.imm:
            due = b.or_(due, b.load(self.leaving, typ=I1))
        if instr.imm and self.holds_loops:
            rounds = self.counter("rounds")
            b.store(b.add(b.load(rounds, typ=I64), a[0]), rounds)
        if self.header_of(instr) in self.growing:
            due = b.or_(due, self.pool_is_full())
        branch = b.cbranch(due, self.blocks[instr.targets[1]], self.blocks[instr.targets[0]])
        branch.set_weights([1, 10000])

    def op_COUNT(self, instr: Instr, a: list[ir.Value]) -> None:
        """So many iterations have been taken without looking at the time slice."""
        self.b.store(self.b.sub(self.b.load(self.ticks, typ=I64), a[0]), self.ticks)

    def header_of(self, tick: Instr) -> Block:
        """The header of the loop whose iteration ends: a stretch stands where the loop itself stood."""
        return tick.targets[0]

    def pool_is_full(self) -> ir.Value:
        size, limit = (self.b.load(self.pool_field(place), typ=I64) for place in (POOL_SIZE, POOL_LIMIT))
        return self.b.icmp_signed(">", size, limit)

    def op_POLL(self, instr: Instr, a: list[ir.Value]) -> None:
        """The time slice, and the pool that is full: then the world is looked at again."""
        b = self.b
        _, *slots = instr.imm
        self.show_mirrors()
        self.keep_lent(instr)
        self.sweep_pool(instr)
        if self.growing:
            with b.if_then(b.icmp_signed("<=", b.load(self.ticks, typ=I64), ir.Constant(I64, 0))):
                self.give_turn(instr)
        else:
            self.give_turn(instr)
        same = b.and_(self.renew_mirrors(), self.looked_up(list(zip(slots, a, strict=True))))
        b.store(b.icmp_unsigned("!=", b.load(self.counter("leave"), typ=I64), ir.Constant(I64, 0)), self.leaving)
        self.leave_unless(same, instr)

    def op_GUARD_SERVICE(self, instr: Instr, a: list[ir.Value]) -> None:
        """At the entry: running frames still call code that is no longer in service."""
        asked = self.b.load(self.counter("leave"), typ=I64)
        self.leave_unless(self.b.icmp_unsigned("==", asked, ir.Constant(I64, 0)), instr)

    def give_turn(self, instr: Instr) -> None:
        """Python gets its turn: signals, other threads."""
        b = self.b
        self.count_slice()
        fresh = self.new_slice()
        for room in (self.ticks, self.slice):
            b.store(fresh, room)
        noop = self.refs[len(self.fn.refs) - 2]
        result = b.call(self.prelude.external("PyObject_CallNoArgs", PTR, [PTR]), [noop])
        self.call_out(result, instr)
        b.call(self.prelude.external("Py_DecRef", ir.VoidType(), [PTR]), [result])

    def op_STAY(self, instr: Instr, a: list[ir.Value]) -> None:
        """Behind the time slice of the outermost loop: leave if the tier has asked for it."""
        self.leave_unless(self.b.not_(self.b.load(self.leaving, typ=I1)), instr)

    def op_CALL_BLOCK(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Run an outlined statement in Python; its answer is a tuple that the pool owns."""
        b = self.b
        _, ref = instr.imm
        room = self.room(ir.ArrayType(PTR, max(len(a), 1)))
        for position, value in enumerate(a):
            b.store(value, b.gep(room, [ir.Constant(I64, 8 * position)], source_etype=I8))
        self.keep_lent(instr)
        self.sweep_objects(instr)
        call = self.prelude.external("PyObject_Vectorcall", PTR, [PTR, PTR, I64, PTR])
        result = b.call(call, [self.refs[ref], room, ir.Constant(I64, len(a)), ir.Constant(PTR, None)])
        self.call_out(result, instr)
        self.owned(result)
        self.sweep_pool(instr, result)
        return result
