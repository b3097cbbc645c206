"""Emission: a typed function becomes an LLVM module with one C entry, `METH_FASTCALL`.

`self` is the tuple of objects that the code refers to, so no address stands in the code. All side exits meet in
one block, where phis gather the exit's number and its live values; a loop there boxes them into the answer:

    (status, ...)            the region was left: what the host expects
    (4 + exit, leaf, ...)    a side exit with its live values; exit 0: a guard at the entry failed
    (-1 - exit, leaf, ..., exception)   the same after an exception in code that was called
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from zexus import layout, types
from zexus.jit.emit.prelude import Prelude, complete
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr, Value

I1, I8, I32, I64 = ir.IntType(1), ir.IntType(8), ir.IntType(32), ir.IntType(64)
F32, F64 = ir.FloatType(), ir.DoubleType()
PTR = ir.PointerType()
POOL = ir.LiteralStructType([PTR, I64, I64])
KINDS: dict[str, ir.Type] = {"i64": I64, "f64": F64, "i1": I1, "ptr": PTR}
STATUS_BASE = 4
POLL_EVERY = 65536

SINGLETONS = ("None", "unbound")
EXACT_TYPES = {"int": "PyLong_Type", "float": "PyFloat_Type", "bool": "PyBool_Type"}
COMPARE = {"LT": "<", "LE": "<=", "EQ": "==", "NE": "!=", "GT": ">", "GE": ">="}


class Emitter:
    """One emission in progress."""

    def __init__(self, fn: Function, symbol: str, force: bool, prelude: Prelude | None = None) -> None:
        self.fn = fn
        self.force = force
        self.prelude = prelude or Prelude(ir.Module(name="zexus"))
        self.module = self.prelude.module
        self.entry = self.declare(symbol)
        self.values: dict[Value, ir.Value] = {}
        self.blocks: dict[Block, ir.Block] = {}
        self.ends: dict[Block, ir.Block] = {}
        self.incoming: list[tuple[ir.Block, int, list[ir.Value]]] = []
        self.refs: dict[int, ir.Value] = {}

    def declare(self, symbol: str) -> ir.Function:
        """The function itself, and what its parameters are."""
        made = ir.Function(self.module, ir.FunctionType(PTR, [PTR, PTR, I64]), name=symbol)
        self.self_arg, self.args_arg, self.nargs_arg = made.args
        return made

    # --- the frame of the function ------------------------------------------------------------------

    def emit(self) -> ir.Module:
        fn = self.fn
        head = self.entry.append_basic_block("head")
        self.b = b = ir.IRBuilder(head)
        self.head = head
        self.borrowed = borrowed(fn)
        self.grows = any(i.op in POOLING for block in fn.blocks if block is not fn.entry for i in block.instrs)
        self.uses_pool = self.grows or any(i.op in POOLING or self.lent(i) for i in fn.instructions())
        self.pool = self.room(POOL) if self.uses_pool else None
        if self.pool is not None:
            b.store(ir.Constant(POOL, None), self.pool)
        self.pending = self.room(PTR)
        b.store(ir.Constant(PTR, None), self.pending)
        self.ticks = self.room(I64)
        b.store(ir.Constant(I64, POLL_EVERY), self.ticks)
        self.exit_block = self.entry.append_basic_block("side_exits")
        for block in fn.blocks:
            self.blocks[block] = self.entry.append_basic_block(f"bb{block.number}")
        for index in range(len(fn.refs)):
            address = b.gep(self.self_arg, [ir.Constant(I64, layout.OFFSETS["tuple.items"] + 8 * index)],
                            source_etype=I8)
            loaded = b.load(address, typ=PTR)
            loaded.set_metadata("invariant.load", self.module.add_metadata([]))
            self.refs[index] = loaded
        self.counters = b.load(self.field(self.refs[len(fn.refs) - 1], "bytearray.start"), typ=PTR)
        self.prologue()
        b.branch(self.blocks[fn.entry])
        order = cfg.reverse_postorder(fn)
        phis: list[tuple[Any, ir.Value]] = []
        for block in order:
            b.position_at_end(self.blocks[block])
            for phi in block.phis:
                made = b.phi(KINDS[phi.dest.type])
                self.values[phi.dest] = made
                phis.append((phi, made))
        for block in order:
            b.position_at_end(self.blocks[block])
            for instr in block.instrs:
                self.instr(instr)
            self.ends[block] = b.block
        for phi, made in phis:
            for source, value in phi.incoming.items():
                made.add_incoming(self.values[value], self.ends[source])
        self.emit_exits()
        return self.module

    def prologue(self) -> None:
        """What is done before the first block."""

    def emit_exits(self) -> None:
        """The block where all side exits meet: box the leaves and answer."""
        b, fn = self.b, self.fn
        b.position_at_end(self.exit_block)
        if not self.incoming:
            b.unreachable()
            return
        width = max(len(leaves) for _, _, leaves in self.incoming)
        number = b.phi(I64)
        slots = [b.phi(I64) for _ in range(width)]
        undefined = ir.Constant(I64, ir.Undefined)
        for source, exit_number, leaves in self.incoming:
            number.add_incoming(ir.Constant(I64, exit_number), source)
            for position, slot in enumerate(slots):
                slot.add_incoming(leaves[position] if position < len(leaves) else undefined, source)
        room = self.room(ir.ArrayType(I64, max(width, 1)))
        for position, slot in enumerate(slots):
            b.store(slot, b.gep(room, [ir.Constant(I64, 8 * position)], source_etype=I8))
        table_type = ir.ArrayType(I8, max(width, 1) + 1)
        rows = []
        for way in fn.exits:
            if len(way.leaves) > width:
                rows.append(ir.Constant(table_type, [0] * (max(width, 1) + 1)))
                continue
            codes = [{"i": 0, "f": 1, "b": 2, "p": 3, "n": 1}[k[0]] if k[0] != "n" else
                     {"f64": 1, "i64": 0, "i1": 2}[types.payload(types.NpScalar(k[1:]))] for _, k in way.leaves]
            codes = [len(codes), *codes, *([0] * (width - len(codes)))]
            rows.append(ir.Constant(table_type, codes[: max(width, 1) + 1] + [0] * (max(width, 1) + 1 - len(codes))))
        table = ir.GlobalVariable(self.module, ir.ArrayType(table_type, len(rows)), name=self.entry.name + "_exits")
        table.global_constant = True
        table.linkage = "internal"
        table.initializer = ir.Constant(table.value_type, rows)
        table.type = PTR
        row = b.gep(table, [b.mul(number, ir.Constant(I64, max(width, 1) + 1))], source_etype=I8)
        pending = b.load(self.pending, typ=PTR)
        answer = b.call(self.prelude.function("answer_exit", PTR, [I64, PTR, PTR, PTR]), [number, row, room, pending])
        self.answer(answer)

    def answer(self, answer: ir.Value) -> None:
        """Give the answer of a side exit to whoever called."""
        self.drain()
        self.b.ret(answer)

    def drain(self) -> None:
        """What is done on every way out: count the iterations, drop what the pool holds."""
        b = self.b
        run = b.sub(ir.Constant(I64, POLL_EVERY), b.load(self.ticks, typ=I64))
        self.count(run)
        if self.pool is not None:
            used = b.icmp_unsigned("!=", b.load(self.pool, typ=PTR), ir.Constant(PTR, None))
            with b.if_then(used):
                b.call(self.prelude.function("pool_drain", ir.VoidType(), [PTR]), [self.pool])

    def count(self, run: ir.Value) -> None:
        b = self.b
        address = b.gep(self.counters, [ir.Constant(I64, 8)], source_etype=I8)
        b.store(b.add(b.load(address, typ=I64), run), address)

    def room(self, kind: ir.Type) -> ir.Value:
        """Space in the function's frame."""
        with self.b.goto_block(self.head):
            made = self.b.alloca(kind)
        made.type = PTR
        return made

    # --- helpers --------------------------------------------------------------------------------------

    def field(self, base: ir.Value, name: str) -> ir.Value:
        return self.b.gep(base, [ir.Constant(I64, layout.OFFSETS[name])], source_etype=I8)

    def load(self, address: ir.Value, kind: ir.Type, memory: str) -> ir.Value:
        """A load that is told apart from stores to other kinds of memory."""
        made = self.b.load(address, typ=kind)
        made.set_metadata("tbaa", self.prelude.memory(memory))
        return made

    def store(self, value: ir.Value, address: ir.Value, memory: str) -> None:
        made = self.b.store(value, address)
        made.set_metadata("tbaa", self.prelude.memory(memory))

    def load_field(self, base: ir.Value, name: str, kind: ir.Type, memory: str) -> ir.Value:
        return self.load(self.field(base, name), kind, memory)

    def type_of(self, pointer: ir.Value) -> ir.Value:
        return self.load_field(pointer, "type", PTR, "type")

    def push(self, pointer: ir.Value) -> None:
        """Give an owned reference to the pool, which drops it when the region is left."""
        self.b.call(self.prelude.function("pool_push", ir.VoidType(), [PTR, PTR]), [self.pool, pointer])

    def op_KEEP(self, instr: Instr, a: list[ir.Value]) -> None:
        """Hold a borrowed object until the region is left."""
        self.b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), a)
        self.push(a[0])

    def lent(self, instr: Instr) -> list[Value]:
        """The objects that native code only borrows and still needs behind this call, which may drop them."""
        if instr.op not in ("POLL", "CALL_BLOCK") or instr.exit is None:
            return []
        return [value for value, kind in instr.exit.leaves if kind == "p" and value in self.borrowed]

    def keep_lent(self, instr: Instr) -> None:
        for value in self.lent(instr):
            self.op_KEEP(instr, [self.values[value]])

    def leave_unless(self, condition: ir.Value, instr: Instr) -> None:
        """Side exit of `instr` unless `condition` holds."""
        b = self.b
        if self.force and instr.exit is not None and instr.exit.number:
            condition = b.and_(condition, self.not_forced(instr.exit.number))
        inside = self.entry.append_basic_block()
        way_out = self.entry.append_basic_block()
        branch = b.cbranch(condition, inside, way_out)
        branch.set_weights([10000, 1])
        b.position_at_end(way_out)
        self.take_exit(instr)
        b.position_at_end(inside)

    def not_forced(self, number: int) -> ir.Value:
        """False on the n-th pass of this exit's guards, where n stands in the first counter."""
        return self.b.call(self.prelude.function("not_forced", I1, [PTR, I64]),
                           [self.counters, ir.Constant(I64, number + 1)])

    def take_exit(self, instr: Instr, raised: bool = False) -> None:
        b, way = self.b, instr.exit
        assert way is not None, instr
        leaves = [self.as_word(value) for value, _ in way.leaves]
        number = way.number
        self.incoming.append((b.block, number, leaves))
        b.branch(self.exit_block)

    def as_word(self, value: Value) -> ir.Value:
        made, b = self.values[value], self.b
        if value.type == "f64":
            return b.bitcast(made, I64)
        if value.type == "i1":
            return b.zext(made, I64)
        if value.type == "ptr":
            return b.ptrtoint(made, I64)
        return made

    def call_out(self, result: ir.Value, instr: Instr) -> None:
        """After a call into Python: an exception leaves by the side exit with the exception beside it."""
        b = self.b
        failed = b.icmp_unsigned("==", result, ir.Constant(PTR, None))
        inside = self.entry.append_basic_block()
        raised = self.entry.append_basic_block()
        b.cbranch(failed, raised, inside).set_weights([1, 10000])
        b.position_at_end(raised)
        b.store(b.call(self.prelude.function("take_error", PTR, []), []), self.pending)
        self.take_exit(instr)
        b.position_at_end(inside)

    # --- instructions -----------------------------------------------------------------------------------

    def instr(self, instr: Instr) -> None:
        method: Callable[[Instr, list[ir.Value]], ir.Value | None] | None = getattr(self, "op_" + instr.op, None)
        if instr.op.startswith("MATH_"):
            method = self.math
        assert method is not None, f"no emission for {instr.op}"
        made = method(instr, [self.values[a] for a in instr.args])
        if instr.dest is not None:
            assert made is not None, instr
            self.values[instr.dest] = made

    def is_float(self, instr: Instr) -> bool:
        return instr.args[0].type == "f64"

    def op_JUMP(self, instr: Instr, a: list[ir.Value]) -> None:
        self.b.branch(self.blocks[instr.targets[0]])

    def op_BRANCH(self, instr: Instr, a: list[ir.Value]) -> None:
        self.b.cbranch(a[0], self.blocks[instr.targets[0]], self.blocks[instr.targets[1]])

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

    def op_K(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        assert instr.dest is not None
        return ir.Constant(KINDS[instr.dest.type], instr.imm)

    def op_REF(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.refs[instr.imm]

    def op_ARG(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.load(self.b.gep(self.args_arg, [ir.Constant(I64, 8 * instr.imm)], source_etype=I8), typ=PTR)

    def op_SELECT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.select(a[0], a[1], a[2])

    # arithmetic

    def overflowing(self, instr: Instr, a: list[ir.Value], name: str) -> ir.Value:
        b = self.b
        if "nowrap" in instr.facts or instr.exit is None:
            plain = {"sadd": b.add, "ssub": b.sub, "smul": b.mul}[name]
            return plain(a[0], a[1], flags=("nsw",))
        pair = b.call(self.prelude.intrinsic(f"llvm.{name}.with.overflow.i64",
                                             ir.LiteralStructType([I64, I1]), [I64, I64]), a)
        self.leave_unless(b.not_(b.extract_value(pair, 1)), instr)
        return b.extract_value(pair, 0)

    def op_ADD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.fadd(a[0], a[1]) if self.is_float(instr) else self.overflowing(instr, a, "sadd")

    def op_SUB(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.fsub(a[0], a[1]) if self.is_float(instr) else self.overflowing(instr, a, "ssub")

    def op_MUL(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.fmul(a[0], a[1]) if self.is_float(instr) else self.overflowing(instr, a, "smul")

    def op_TRUEDIV(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.fdiv(a[0], a[1])

    def guard_divisor(self, instr: Instr, a: list[ir.Value]) -> None:
        """Zero, and the one quotient that does not fit."""
        if instr.exit is None:
            return
        b = self.b
        constant = a[1].constant if isinstance(a[1], ir.Constant) else None
        if constant is not None and constant not in (0, -1):
            return
        zero = b.icmp_signed("!=", a[1], ir.Constant(I64, 0))
        fits = b.or_(b.icmp_signed("!=", a[1], ir.Constant(I64, -1)),
                     b.icmp_signed("!=", a[0], ir.Constant(I64, types.INT64_MIN)))
        self.leave_unless(b.and_(zero, fits), instr)

    def op_FLOORDIV(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        if self.is_float(instr):
            return b.call(self.prelude.function("float_floordiv", F64, [F64, F64]), a)
        power = power_of_two(a[1])
        if power is not None:
            return b.ashr(a[0], ir.Constant(I64, power))
        self.guard_divisor(instr, a)
        quotient = b.sdiv(a[0], a[1])
        if "nonneg" in instr.facts:
            return quotient
        remainder = b.sub(a[0], b.mul(quotient, a[1]))
        wrong = self.wrong_sign(remainder, a[1])
        return b.sub(quotient, b.zext(wrong, I64))

    def op_MOD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        if self.is_float(instr):
            return b.call(self.prelude.function("float_mod", F64, [F64, F64]), a)
        power = power_of_two(a[1])
        if power is not None:
            return b.and_(a[0], ir.Constant(I64, (1 << power) - 1))
        self.guard_divisor(instr, a)
        remainder = b.srem(a[0], a[1])
        if "nonneg" in instr.facts:
            return remainder
        wrong = self.wrong_sign(remainder, a[1])
        return b.select(wrong, b.add(remainder, a[1]), remainder)

    def wrong_sign(self, remainder: ir.Value, divisor: ir.Value) -> ir.Value:
        b = self.b
        differs = b.icmp_signed("<", b.xor(remainder, divisor), ir.Constant(I64, 0))
        return b.and_(differs, b.icmp_signed("!=", remainder, ir.Constant(I64, 0)))

    def op_POW(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        if self.is_float(instr):
            made = b.call(self.prelude.libm("pow", 2), a)
            # CPython raises for a pole, a complex result and an overflow: leave whenever the result is not finite.
            self.leave_unless(self.is_finite(made), instr)
            return made
        pair = b.call(self.prelude.function("int_pow", ir.LiteralStructType([I64, I1]), [I64, I64]), a)
        self.leave_unless(b.extract_value(pair, 1), instr)
        return b.extract_value(pair, 0)

    def op_LSHIFT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        if instr.exit is None:
            return b.shl(a[0], a[1])
        small = b.icmp_unsigned("<", a[1], ir.Constant(I64, 63))
        count = b.select(small, a[1], ir.Constant(I64, 0))
        made = b.shl(a[0], count)
        kept = b.icmp_signed("==", b.ashr(made, count), a[0])
        self.leave_unless(b.and_(small, kept), instr)
        return made

    def op_RSHIFT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        if instr.exit is None:
            return b.ashr(a[0], a[1])
        self.leave_unless(b.icmp_signed(">=", a[1], ir.Constant(I64, 0)), instr)
        most = ir.Constant(I64, 63)
        return b.ashr(a[0], b.select(b.icmp_signed("<", a[1], most), a[1], most))

    def op_AND(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.and_(a[0], a[1])

    def op_OR(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.or_(a[0], a[1])

    def op_XOR(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.xor(a[0], a[1])

    def op_INVERT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.not_(a[0])

    def op_NOT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.not_(a[0])

    def op_NEG(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        if self.is_float(instr):
            return self.b.fneg(a[0])
        return self.overflowing(instr, [ir.Constant(I64, 0), a[0]], "ssub")

    def op_ABS(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        if self.is_float(instr):
            return b.call(self.prelude.intrinsic("llvm.fabs.f64", F64, [F64]), a)
        if instr.exit is not None:
            self.leave_unless(b.icmp_signed("!=", a[0], ir.Constant(I64, types.INT64_MIN)), instr)
        return b.select(b.icmp_signed("<", a[0], ir.Constant(I64, 0)), b.sub(ir.Constant(I64, 0), a[0]), a[0])

    # comparison

    def compare(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        symbol = COMPARE[instr.op]
        if self.is_float(instr):
            if symbol == "!=":
                return self.b.fcmp_unordered(symbol, a[0], a[1])
            return self.b.fcmp_ordered(symbol, a[0], a[1])
        return self.b.icmp_signed(symbol, a[0], a[1])

    op_LT = op_LE = op_EQ = op_NE = op_GT = op_GE = compare

    def op_SAME(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.icmp_unsigned("==", a[0], a[1])

    # conversion

    def op_INT_TO_FLOAT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.sitofp(a[0], F64)

    def op_BOOL_TO_INT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.zext(a[0], I64)

    def op_EXACT_FLOAT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        limit = 2**53
        if not (isinstance(a[0], ir.Constant) and abs(a[0].constant) <= limit) and "small" not in instr.facts:
            shifted = b.add(a[0], ir.Constant(I64, limit))
            self.leave_unless(b.icmp_unsigned("<=", shifted, ir.Constant(I64, 2 * limit)), instr)
        return b.sitofp(a[0], F64)

    def op_FLOAT_TO_INT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        value = a[0]
        shape = {"floor": "llvm.floor.f64", "ceil": "llvm.ceil.f64", "round": "llvm.rint.f64"}.get(instr.imm or "")
        if shape:
            value = b.call(self.prelude.intrinsic(shape, F64, [F64]), [value])
        fits = b.and_(b.fcmp_ordered(">=", value, ir.Constant(F64, -(2.0**63))),
                      b.fcmp_ordered("<", value, ir.Constant(F64, 2.0**63)))
        self.leave_unless(fits, instr)
        return b.fptosi(value, I64)

    def op_ROUND_F32(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.fpext(self.b.fptrunc(a[0], F32), F64)

    def op_WRAP(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        low, high = types.INT_DTYPES[instr.imm]
        shifted = b.sub(a[0], ir.Constant(I64, low))
        self.leave_unless(b.icmp_unsigned("<=", shifted, ir.Constant(I64, high - low)), instr)
        return a[0]

    def is_finite(self, value: ir.Value) -> ir.Value:
        b = self.b
        size = b.call(self.prelude.intrinsic("llvm.fabs.f64", F64, [F64]), [value])
        return b.fcmp_ordered("<", size, ir.Constant(F64, float("inf")))

    def op_CHECK_FP(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """NumPy warns when a result overflows or is invalid: leave, unless an operand was already not finite.

        The operands are a result and what it was made of, then the same for the steps before it in a chain of
        sums and products: as long as the last result is finite, so were they.
        """
        b = self.b
        odd = self.entry.append_basic_block()
        inside = self.entry.append_basic_block()
        b.cbranch(self.is_finite(a[0]), inside, odd).set_weights([10000, 1])
        b.position_at_end(odd)
        quiet = self.prelude.function("fp_quiet", I1, [F64, F64, F64])
        fine: ir.Value = ir.Constant(I1, 1)
        for at in range(0, len(a), 3):
            fine = b.and_(fine, b.call(quiet, a[at:at + 3]))
        self.leave_unless(fine, instr)
        b.branch(inside)
        b.position_at_end(inside)
        if self.force:
            self.leave_unless(ir.Constant(I1, 1), instr)
        return a[0]

    op_CHECK_CHAIN = op_CHECK_FP

    # guards

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
        size = self.load_field(a[0], "tuple.size", I64, "type")
        self.leave_unless(b.icmp_signed("==", size, ir.Constant(I64, instr.imm)), instr)

    def op_GUARD_TYPE(self, instr: Instr, a: list[ir.Value]) -> None:
        self.leave_unless(self.b.icmp_unsigned("==", self.type_of(a[0]), self.refs[instr.imm]), instr)

    def op_GUARD_FIELD(self, instr: Instr, a: list[ir.Value]) -> None:
        name, number = instr.imm
        held = self.b.load(self.field(a[0], name), typ=PTR)
        wanted = self.refs[number]
        same = self.b.icmp_unsigned("==", held, wanted)
        if name == "function.defaults":
            none = self.b.icmp_unsigned("==", wanted, self.prelude.data("_Py_NoneStruct"))
            absent = self.b.and_(none, self.b.icmp_unsigned("==", held, ir.Constant(PTR, None)))
            same = self.b.or_(same, absent)
        self.leave_unless(same, instr)

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

    # the world

    def lookup(self, slot: tuple[Any, ...]) -> ir.Value:
        """A new look at what the code takes for constant: a borrowed reference or null."""
        b = self.b
        kind, *rest = slot
        if kind == "global":
            return b.call(self.prelude.function("global_get", PTR, [PTR, PTR, PTR]), [self.refs[n] for n in rest])
        if kind == "attribute":
            return b.call(self.prelude.external("PyDict_GetItemWithError", PTR, [PTR, PTR]),
                          [self.refs[n] for n in rest])
        if kind == "context":
            return b.call(self.prelude.function("context_get", PTR, [PTR]), [self.refs[rest[0]]])
        if kind == "cell":
            cell = self.refs[rest[0]]
        else:
            last = b.gep(self.args_arg, [b.sub(self.nargs_arg, ir.Constant(I64, 1))], source_etype=I64)
            cells = b.load(last, typ=PTR)
            address = b.gep(cells, [ir.Constant(I64, layout.OFFSETS["tuple.items"] + 8 * rest[0])], source_etype=I8)
            cell = b.load(address, typ=PTR)
        return b.load(self.field(cell, "cell.value"), typ=PTR)

    def op_GLOBAL_GET(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.lookup(instr.imm)
        self.leave_unless(self.b.icmp_unsigned("!=", made, ir.Constant(PTR, None)), instr)
        return made

    def op_GUARD_WORLD(self, instr: Instr, a: list[ir.Value]) -> None:
        _, *slots = instr.imm
        same: ir.Value = ir.Constant(I1, 1)
        for slot, held in zip(slots, a, strict=True):
            same = self.b.and_(same, self.b.icmp_unsigned("==", self.lookup(slot), held))
        self.leave_unless(same, instr)

    def op_TICK(self, instr: Instr, a: list[ir.Value]) -> None:
        """The end of an iteration: on to the next one, or, every so often, to the time slice."""
        b = self.b
        left = b.sub(b.load(self.ticks, typ=I64), ir.Constant(I64, 1))
        b.store(left, self.ticks)
        due = b.icmp_signed("<=", left, ir.Constant(I64, 0))
        if self.grows:
            due = b.or_(due, self.pool_is_full(instr.imm))
        branch = b.cbranch(due, self.blocks[instr.targets[1]], self.blocks[instr.targets[0]])
        branch.set_weights([1, 10000])

    def pool_is_full(self, is_root: bool) -> ir.Value:
        b = self.b
        size = b.load(b.gep(self.pool, [ir.Constant(I64, 8)], source_etype=I8), typ=I64)
        return b.icmp_signed(">", size, ir.Constant(I64, 4096 if is_root else 1 << 20))

    def op_POLL(self, instr: Instr, a: list[ir.Value]) -> None:
        """The time slice: Python gets its turn (signals, other threads), then the world is looked at again."""
        b = self.b
        _, *slots = instr.imm
        self.count(b.sub(ir.Constant(I64, POLL_EVERY), b.load(self.ticks, typ=I64)))
        b.store(ir.Constant(I64, POLL_EVERY), self.ticks)
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

    def op_FIELD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.load(self.field(a[0], instr.imm), typ=I64)

    def op_FIELD_PTR(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        made = self.b.load(self.field(a[0], instr.imm), typ=PTR)
        self.leave_unless(self.b.icmp_unsigned("!=", made, ir.Constant(PTR, None)), instr)
        return made

    # boxes

    def op_UNBOX_INT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        self.leave_unless(self.is_exactly(a[0], "PyLong_Type"), instr)
        return self.unboxed_int(a[0], instr)

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
        pair = b.call(self.prelude.function("long_value", ir.LiteralStructType([I64, I1]), [PTR]), [pointer])
        self.leave_unless(b.extract_value(pair, 1), instr)
        slow = b.extract_value(pair, 0)
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
        return self.item(self.field(a[0], "npscalar.value"), dtype, "boxed")

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
                value = self.item(self.field(a[0], "npscalar.value"), name.removeprefix("np."), "boxed")
            found.append((value, b.block))
            b.branch(done)
            b.position_at_end(following)
        b.unreachable()
        b.position_at_end(done)
        made = b.phi(KINDS[kind])
        for value, block in found:
            made.add_incoming(value, block)
        return made

    def owned(self, made: ir.Value) -> ir.Value:
        self.push(made)
        return made

    def op_BOX_INT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.owned(self.make_int(a[0]))

    def op_BOX_FLOAT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.owned(self.make_float(a[0]))

    def op_BOX_BOOL(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.select(a[0], self.prelude.data("_Py_TrueStruct"), self.prelude.data("_Py_FalseStruct"))

    def op_BOX_NP(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        dtype, ref = instr.imm
        return self.owned(self.np_box(dtype, ref, a[0]))

    def np_box(self, dtype: str, ref: int, value: ir.Value) -> ir.Value:
        """A NumPy scalar: its type is called with the value as a plain number."""
        b = self.b
        kind = types.payload(types.NpScalar(dtype))
        if kind == "f64":
            plain = self.make_float(value)
        else:
            wide = b.zext(value, I64) if kind == "i1" else value
            plain = self.make_int(wide)
        made = b.call(self.prelude.external("PyObject_CallOneArg", PTR, [PTR, PTR]), [self.refs[ref], plain])
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
                made = self.op_BOX_INT(instr, [whole])
            elif name == "float":
                made = self.op_BOX_FLOAT(instr, [a[1]])
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

    # lists

    def list_size(self, pointer: ir.Value) -> ir.Value:
        made = self.load_field(pointer, "list.size", I64, "list_header")
        made.set_metadata("range", self.module.add_metadata([ir.Constant(I64, 0), ir.Constant(I64, types.INT64_MAX)]))
        return made

    def op_LIST_LEN(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.list_size(a[0])

    def op_LIST_INDEX(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.bounded(instr, a[1], self.list_size(a[0]))

    def bounded(self, instr: Instr, index: ir.Value, size: ir.Value) -> ir.Value:
        """An index counted from the front, or the side exit."""
        b = self.b
        if "nonneg" not in instr.facts:
            negative = b.icmp_signed("<", index, ir.Constant(I64, 0))
            index = b.select(negative, b.add(index, size), index)
        if "inbounds" not in instr.facts:
            self.leave_unless(b.icmp_unsigned("<", index, size), instr)
        return index

    def slot(self, pointer: ir.Value, index: ir.Value) -> ir.Value:
        items = self.load_field(pointer, "list.items", PTR, "list_header")
        return self.b.gep(items, [index], inbounds=True, source_etype=PTR)

    def op_LIST_ITEM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.load(self.slot(a[0], a[1]), PTR, "list_items")

    def replace_number(self, instr: Instr, slot: ir.Value, old: ir.Value, make: Callable[[], ir.Value]) -> None:
        """Put a new number where an old one was; anything but a number there leaves first."""
        self.leave_unless(self.b.call(self.prelude.function("is_number", I1, [PTR]), [old]), instr)
        self.store(make(), slot, "list_items")
        self.b.call(self.prelude.function("drop", ir.VoidType(), [PTR]), [old])

    def op_LIST_SET_FLOAT(self, instr: Instr, a: list[ir.Value]) -> None:
        """A float that nobody else holds is overwritten in place."""
        b = self.b
        address = self.slot(a[0], a[1])
        old = self.load(address, PTR, "list_items")
        is_float = b.icmp_unsigned("==", self.type_of(old), self.prelude.data("PyFloat_Type"))
        alone = b.icmp_unsigned("==", self.load_field(old, "refcount", I64, "refcount"), ir.Constant(I64, 1))
        with b.if_else(b.and_(is_float, alone), likely=True) as (quick, slow):
            with quick:
                if self.force:
                    self.leave_unless(ir.Constant(I1, 1), instr)
                self.store(a[2], self.field(old, "float.value"), "boxed")
            with slow:
                self.replace_number(instr, address, old, lambda: self.make_float(a[2]))

    def op_LIST_SET_INT(self, instr: Instr, a: list[ir.Value]) -> None:
        """An int of one digit that nobody else holds is overwritten in place by another such."""
        b = self.b
        address = self.slot(a[0], a[1])
        old = self.load(address, PTR, "list_items")
        is_int = b.icmp_unsigned("==", self.type_of(old), self.prelude.data("PyLong_Type"))
        alone = b.icmp_unsigned("==", self.load_field(old, "refcount", I64, "refcount"), ir.Constant(I64, 1))
        # Small ints are shared; from 257 on an int of one digit may have an object of its own.
        fits = b.icmp_unsigned("<", b.sub(a[2], ir.Constant(I64, 257)), ir.Constant(I64, 2**30 - 257))
        one = ir.Constant(I64, 8 if layout.MODERN else 1)
        single = b.icmp_unsigned("==", self.load_field(old, "int.size", I64, "boxed"), one)
        with b.if_else(b.and_(b.and_(is_int, alone), b.and_(fits, single)), likely=True) as (quick, slow):
            with quick:
                if self.force:
                    self.leave_unless(ir.Constant(I1, 1), instr)
                self.store(b.trunc(a[2], I32), self.field(old, "int.digits"), "boxed")
            with slow:
                self.replace_number(instr, address, old, lambda: self.make_int(a[2]))

    def op_LIST_SET_BOOL(self, instr: Instr, a: list[ir.Value]) -> None:
        b = self.b
        new = self.op_BOX_BOOL(instr, [a[2]])
        address = self.slot(a[0], a[1])
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
                    b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [new])
                    return new

                self.replace_number(instr, address, old, counted)

    def add_references(self, pointer: ir.Value, change: int) -> None:
        """Change the count of an object that cannot die by it."""
        address = self.field(pointer, "refcount")
        self.store(self.b.add(self.load(address, I64, "refcount"), ir.Constant(I64, change)), address, "refcount")

    def make_int(self, value: ir.Value) -> ir.Value:
        return self.b.call(self.prelude.allocator("PyLong_FromLongLong", I64), [value])

    def make_float(self, value: ir.Value) -> ir.Value:
        return self.b.call(self.prelude.allocator("PyFloat_FromDouble", F64), [value])

    def op_LIST_SET_PTR(self, instr: Instr, a: list[ir.Value]) -> None:
        """The old element, if native code may still look at it, is kept by the pool until the region is left."""
        b = self.b
        address = self.slot(a[0], a[1])
        old = self.load(address, PTR, "list_items")
        self.leave_unless(b.call(self.prelude.function("is_plain", I1, [PTR]), [old]), instr)
        b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [a[2]])
        self.store(a[2], address, "list_items")
        self.push(old)

    def op_LIST_PUSH(self, instr: Instr, a: list[ir.Value]) -> None:
        self.b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [a[1]])
        self.b.call(self.prelude.function("list_push", ir.VoidType(), [PTR, PTR]), a)

    def op_LIST_PUSH_INT(self, instr: Instr, a: list[ir.Value]) -> None:
        made = self.make_int(a[1])
        self.b.call(self.prelude.function("list_push", ir.VoidType(), [PTR, PTR]), [a[0], made])

    def op_LIST_PUSH_FLOAT(self, instr: Instr, a: list[ir.Value]) -> None:
        made = self.make_float(a[1])
        self.b.call(self.prelude.function("list_push", ir.VoidType(), [PTR, PTR]), [a[0], made])

    def op_LIST_POP(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        size = b.sub(self.list_size(a[0]), ir.Constant(I64, 1))
        item = self.load(self.slot(a[0], size), PTR, "list_items")
        self.leave_unless(b.call(self.prelude.function("is_plain", I1, [PTR]), [item]), instr)
        self.store(size, self.field(a[0], "list.size"), "list_header")
        return self.owned(item)

    def op_LIST_NEW(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        made = self.owned(b.call(self.prelude.external("PyList_New", PTR, [I64]), [ir.Constant(I64, len(a))]))
        for position, item in enumerate(a):
            b.call(self.prelude.external("Py_IncRef", ir.VoidType(), [PTR]), [item])
            self.store(item, self.slot(made, ir.Constant(I64, position)), "list_items")
        return made

    def op_LIST_REPEAT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        size = self.list_size(a[0])
        fits = b.icmp_signed("<=", a[1], ir.Constant(I64, 1 << 31))
        self.leave_unless(b.and_(fits, b.icmp_signed("<=", size, ir.Constant(I64, 1 << 20))), instr)
        made = b.call(self.prelude.external("PySequence_Repeat", PTR, [PTR, I64]), a)
        self.call_out(made, instr)
        return self.owned(made)

    def op_TUPLE_ITEM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        offset = layout.OFFSETS["tuple.items"] + 8 * instr.imm
        return self.b.load(self.b.gep(a[0], [ir.Constant(I64, offset)], source_etype=I8), typ=PTR)

    # arrays

    def op_ARRAY_INDEX(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.bounded(instr, a[0], a[1])

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

    # calls

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

    def math(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.prelude.math(self, instr, a)


ITEMS: dict[str, ir.Type] = {
    "float64": F64, "float32": F32, "int64": I64, "int32": I32, "int16": ir.IntType(16), "int8": I8,
    "uint32": I32, "uint16": ir.IntType(16), "uint8": I8, "bool": I8,
}
POOLING = frozenset((
    "BOX_INT", "BOX_FLOAT", "BOX_NP", "BOX_TAGGED", "LIST_SET_PTR", "LIST_POP", "LIST_NEW", "LIST_REPEAT", "CALL_BLOCK",
    "CALL_BODY", "SELF_OBJECT",
    "KEEP",
))
# Rows whose pointer is found in memory that other code may change: nobody holds the object for native code.
BORROWING = frozenset(("LIST_ITEM", "TUPLE_ITEM"))


def borrowed(fn: Function) -> set[Value]:
    """The values that are, or by way of phis may be, objects that only a list or a tuple holds."""
    found = {i.dest for i in fn.instructions() if i.op in BORROWING and i.dest is not None}
    phis = [phi for block in fn.blocks for phi in block.phis if phi.dest.type == "ptr"]
    before = -1
    while before < len(found):
        before = len(found)
        found.update(phi.dest for phi in phis if not found.isdisjoint(phi.incoming.values()))
    return found


def power_of_two(value: ir.Value) -> int | None:
    """k where `value` is the constant 2**k: then floor division is a shift and the remainder a mask."""
    constant = value.constant if isinstance(value, ir.Constant) else None
    if not isinstance(constant, int) or constant <= 0 or constant & (constant - 1):
        return None
    return constant.bit_length() - 1


def emit(fn: Function, symbol: str, force: bool = False, entry: Function | None = None) -> str:
    """The LLVM assembly of a typed function.

    Args:
        fn: the typed function. Its last two references are the no-op that time slices call, and a bytearray
            of 64-bit counters: n, iterations run, then (with `force`) the passes of each exit's guards. A
            function that calls itself has a third before them: what finishes a frame that was left.
        symbol: the name of the entry.
        force: make each guard fail once, on its n-th pass; n is the first counter.
        entry: for a function that calls itself, the way in from Python.
    """
    if entry is None:
        emitter = Emitter(fn, symbol, force)
        return complete(str(emitter.emit()), emitter.prelude.helpers)
    from zexus.jit.emit.recursion import BodyEmitter, EntryEmitter

    body = BodyEmitter(fn, "body", force)
    body.emit()
    way_in = EntryEmitter(entry, symbol, False, body)
    return complete(str(way_in.emit()), way_in.prelude.helpers)
