"""Emission of arithmetic, comparison and conversion of unboxed scalars."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from llvmlite import ir

from zexus import types
from zexus.jit.emit.frame import F32, F64, I1, I64, KINDS, Frame
from zexus.regvm.ir import Instr

I128 = ir.IntType(128)
_SMALL_FACTOR = 1 << 16
# Squares that differ by more than this part of them differ whatever their roundings; beyond the other limit they might
# overflow or underflow.
_NEAR, _FAR = 2.0**-40, 2.0**800
COMPARE = {"LT": "<", "LE": "<=", "EQ": "==", "NE": "!=", "GT": ">", "GE": ">="}


class Scalars(Frame):
    """The instructions on ints, floats and bools."""

    def op_K(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        assert instr.dest is not None
        return ir.Constant(KINDS[instr.dest.type], instr.imm)

    def op_SELECT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.select(a[0], a[1], a[2])

    def is_float(self, instr: Instr) -> bool:
        return instr.args[0].type == "f64"

    # arithmetic

    def overflowing(self, instr: Instr, a: list[ir.Value], name: str) -> ir.Value:
        b = self.b
        if "nowrap" in instr.facts or instr.exit is None:
            plain = {"sadd": b.add, "ssub": b.sub, "smul": b.mul}[name]
            return plain(a[0], a[1], flags=() if "wraps" in instr.facts else ("nsw",))
        factor = next((v for v in a if isinstance(v, ir.Constant)), None) if name == "smul" else None
        if factor is not None and 1 < factor.constant <= _SMALL_FACTOR:
            # A test of the other factor stands beside the product, where an overflow flag would stand behind it.
            low, high = -(-types.INT64_MIN // factor.constant), types.INT64_MAX // factor.constant
            other = a[0] if a[1] is factor else a[1]
            distance = b.sub(other, ir.Constant(I64, low))
            self.leave_unless(b.icmp_unsigned("<=", distance, ir.Constant(I64, high - low)), instr)
            return b.mul(a[0], a[1], flags=("nsw",))
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
        if is_positive(a[1]):
            return b.add(quotient, b.ashr(remainder, ir.Constant(I64, 63)))
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
        corrected = b.add(remainder, a[1])
        if is_positive(a[1]):
            # A negative remainder is greater than the corrected one, read as unsigned. Of two selects in a chain LLVM
            # tries all combinations, of these it does not.
            return b.call(self.prelude.intrinsic("llvm.umin.i64", I64, [I64, I64]), [remainder, corrected])
        wrong = self.wrong_sign(remainder, a[1])
        return b.select(wrong, corrected, remainder)

    def wrong_sign(self, remainder: ir.Value, divisor: ir.Value) -> ir.Value:
        b = self.b
        differs = b.icmp_signed("<", b.xor(remainder, divisor), ir.Constant(I64, 0))
        return b.and_(differs, b.icmp_signed("!=", remainder, ir.Constant(I64, 0)))

    def op_POW(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        if self.is_float(instr):
            made = b.call(self.prelude.libm("pow", 2), a)
            # CPython raises for a pole and an overflow, and has a complex result where there is no real one.
            return self.quiet(instr, [made, *a])
        pair = b.call(self.prelude.function("int_pow", ir.LiteralStructType([I64, I1]), [I64, I64]), a)
        self.leave_unless(b.extract_value(pair, 1), instr)
        return b.extract_value(pair, 0)

    def op_WORD_FLOORDIV(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        self.leave_unless(self.b.icmp_unsigned("!=", a[1], ir.Constant(I64, 0)), instr)
        return self.b.udiv(a[0], a[1])

    def op_WORD_MOD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        self.leave_unless(self.b.icmp_unsigned("!=", a[1], ir.Constant(I64, 0)), instr)
        return self.b.urem(a[0], a[1])

    def op_POW_MOD(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        kind = ir.LiteralStructType([I64, I1])
        pair = b.call(self.prelude.function("int_pow_mod", kind, [I64, I64, I64]), a)
        self.leave_unless(b.extract_value(pair, 1), instr)
        return b.extract_value(pair, 0)

    def op_REMAINDER(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The remainder of an int of 128 bits, of which the immediate says how it is made of the first operands.

        Behind these stand the divisor and its reciprocal.
        """
        *parts, divisor, reciprocal = a
        dividend = self.long(instr, instr.imm[1], iter(parts))
        return self.b.call(self.prelude.function("remainder", I64, [I128, I64, I64]), [dividend, divisor, reciprocal])

    def long(self, instr: Instr, how: Any, parts: Iterator[ir.Value]) -> ir.Value:
        """An int of 128 bits: "i" an int, "w" a word, or a row and the ints that it is made of; a wider one leaves."""
        b = self.b
        if isinstance(how, str):
            return (b.sext if how == "i" else b.zext)(next(parts), I128)
        op, *operands = how
        values = [self.long(instr, operand, parts) for operand in operands]
        if op == "MUL":
            made = b.mul(*values)
            if operands == ["w", "w"]:
                self.leave_unless(b.icmp_signed(">=", made, ir.Constant(I128, 0)), instr)
            return made
        name = {"ADD": "sadd", "SUB": "ssub"}[op]
        kind = ir.LiteralStructType([I128, I1])
        pair = b.call(self.prelude.intrinsic(f"llvm.{name}.with.overflow.i128", kind, [I128, I128]), values)
        self.leave_unless(b.not_(b.extract_value(pair, 1)), instr)
        return b.extract_value(pair, 0)

    def op_POW_PART(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The real (0) or imaginary (1) part of a power of a complex number; LLVM computes both at once."""
        b = self.b
        power = self.prelude.function("complex_pow", ir.LiteralStructType([F64, F64]), [F64, F64, I64])
        parts = b.call(power, a)
        made = [b.extract_value(parts, part) for part in (0, 1)]
        self.leave_unless(b.and_(*map(self.is_finite, made)), instr)
        return made[instr.imm]

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

    def op_COMPUTE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """A function of the runtime on numbers; one that may have no answer says so beside it."""
        b = self.b
        assert instr.dest is not None
        result, kinds = KINDS[instr.dest.type], [value.type for value in a]
        if instr.exit is None:
            return b.call(self.prelude.function(instr.imm[1], result, kinds), a)
        pair = b.call(self.prelude.function(instr.imm[1], ir.LiteralStructType([result, I1]), kinds), a)
        self.leave_unless(b.extract_value(pair, 1), instr)
        return b.extract_value(pair, 0)

    def math(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.prelude.math(self, instr, a)

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
        return self.b.sitofp(a[0], F64) if instr.imm is None else self.b.uitofp(a[0], F64)

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

    def op_HYPOT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The absolute value of a complex number; one that is too large leaves."""
        made = self.b.call(self.prelude.libm("hypot", 2), a)
        return self.quiet(instr, [made, *a])

    def op_HYPOT_TEST(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether an absolute value is less (greater) than a number."""
        b = self.b
        x, y, number = a
        positive = b.fcmp_ordered(">", number, ir.Constant(F64, 0.0))
        return self.by_squares(instr, [x, y], b.fmul(number, number), positive, lambda: number)

    def op_HYPOTS_TEST(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether an absolute value is less (greater) than another."""
        hypot = self.prelude.libm("hypot", 2)
        return self.by_squares(instr, a[2:], self.square(a[:2]), ir.Constant(I1, 1), lambda: self.b.call(hypot, a[:2]))

    def square(self, parts: list[ir.Value]) -> ir.Value:
        b = self.b
        return b.fadd(b.fmul(parts[0], parts[0]), b.fmul(parts[1], parts[1]))

    def by_squares(self, instr: Instr, parts: list[ir.Value], wanted: ir.Value, known: ir.Value,
                   number: Callable[[], ir.Value]) -> ir.Value:
        """Compare an absolute value with a number by their squares, or by taking the root where these do not tell."""
        b = self.b
        square = self.square(parts)
        above = b.fcmp_ordered(">", square, b.fmul(wanted, ir.Constant(F64, 1 + _NEAR)))
        below = b.fcmp_ordered("<", square, b.fmul(wanted, ir.Constant(F64, 1 - _NEAR)))
        ordinary = b.and_(b.fcmp_ordered(">", wanted, ir.Constant(F64, 1 / _FAR)),
                          b.fcmp_ordered("<", wanted, ir.Constant(F64, _FAR)))
        ordinary = b.and_(b.and_(ordinary, known), b.fcmp_ordered("<", square, ir.Constant(F64, _FAR)))
        first, rooted, behind = b.block, self.entry.append_basic_block(), self.entry.append_basic_block()
        sure = b.and_(b.or_(above, below), ordinary) if not self.force else ir.Constant(I1, 0)
        b.cbranch(sure, behind, rooted).set_weights([10000, 1])
        b.position_at_end(rooted)
        exact = b.fcmp_ordered(COMPARE[instr.imm], self.op_HYPOT(instr, parts), number())
        second = b.block
        b.branch(behind)
        b.position_at_end(behind)
        made = b.phi(I1)
        made.add_incoming(below if instr.imm in ("LT", "LE") else above, first)
        made.add_incoming(exact, second)
        return made

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

        The operands are a result and the two that it was made of.
        """
        return self.quiet(instr, a)

    def quiet(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """A result that is finite, or that follows from one of its two operands that is not; others leave."""
        if instr.exit is None:
            return a[0]
        b = self.b
        odd = self.entry.append_basic_block()
        inside = self.entry.append_basic_block()
        b.cbranch(self.is_finite(a[0]), inside, odd).set_weights([10000, 1])
        b.position_at_end(odd)
        self.leave_unless(b.call(self.prelude.function("fp_quiet", I1, [F64, F64, F64]), a), instr)
        b.branch(inside)
        b.position_at_end(inside)
        if self.force:
            self.leave_unless(ir.Constant(I1, 1), instr)
        return a[0]


def is_positive(value: ir.Value) -> bool:
    """Whether `value` is a constant above zero."""
    return isinstance(value, ir.Constant) and value.constant > 0


def power_of_two(value: ir.Value) -> int | None:
    """k where `value` is the constant 2**k: then floor division is a shift and the remainder a mask."""
    constant = value.constant if isinstance(value, ir.Constant) else None
    if not isinstance(constant, int) or constant <= 0 or constant & (constant - 1):
        return None
    return constant.bit_length() - 1
