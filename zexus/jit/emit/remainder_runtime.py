"""What emitted code calls for remainders of ints of 128 bits, in LLVM assembly.

The algorithm is that of Moller and Granlund, Improved Division by Invariant Integers (2011): a reciprocal of the
divisor takes the place of divisions.
"""

from __future__ import annotations


def reciprocal(divisor: int) -> int:
    """What `@reciprocal` makes of a divisor of 64 bits."""
    return (2**128 - 1) // (divisor << 64 - divisor.bit_length()) - 2**64


FUNCTIONS: dict[str, str] = {
    # A digit of 32 bits of a quotient, which is one or two too large at first.
    "quotient_digit": """
define internal i64 @quotient_digit(i64 %high, i64 %next, i64 %d) {
  %d1 = lshr i64 %d, 32
  %d0 = and i64 %d, 4294967295
  %q = udiv i64 %high, %d1
  %r = urem i64 %high, %d1
  %q.large = icmp ugt i64 %q, 4294967295
  %p = mul i64 %q, %d0
  %r.up = shl i64 %r, 32
  %s = or i64 %r.up, %next
  %p.above = icmp ugt i64 %p, %s
  %wrong = or i1 %q.large, %p.above
  %q.less = sub i64 %q, 1
  %r.more = add i64 %r, %d1
  %q2 = select i1 %wrong, i64 %q.less, i64 %q
  %r2 = select i1 %wrong, i64 %r.more, i64 %r
  %r2.fits = icmp ule i64 %r2, 4294967295
  %q2.large = icmp ugt i64 %q2, 4294967295
  %p2 = mul i64 %q2, %d0
  %r2.up = shl i64 %r2, 32
  %s2 = or i64 %r2.up, %next
  %p2.above = icmp ugt i64 %p2, %s2
  %still = or i1 %q2.large, %p2.above
  %wrong2 = and i1 %still, %r2.fits
  %q2.less = sub i64 %q2, 1
  %q3 = select i1 %wrong2, i64 %q2.less, i64 %q2
  ret i64 %q3
}
""",
    # Of a divisor with its highest bit in front, the quotient of 2**128 - 1, less 2**64. That of zero is anything.
    "reciprocal": """
define internal i64 @reciprocal(i64 %divisor) noinline memory(none) {
  %none = icmp eq i64 %divisor, 0
  %some = select i1 %none, i64 1, i64 %divisor
  %zeros = call i64 @llvm.ctlz.i64(i64 %some, i1 true)
  %d = shl i64 %some, %zeros
  %high = xor i64 %d, -1
  %q1 = call i64 @quotient_digit(i64 %high, i64 4294967295, i64 %d)
  %h.up = shl i64 %high, 32
  %h.next = or i64 %h.up, 4294967295
  %q1.d = mul i64 %q1, %d
  %rest = sub i64 %h.next, %q1.d
  %q0 = call i64 @quotient_digit(i64 %rest, i64 4294967295, i64 %d)
  %q1.up = shl i64 %q1, 32
  %made = add i64 %q1.up, %q0
  ret i64 %made
}
""",
    "plain_remainder": """
define internal i64 @plain_remainder(i128 %x, i64 %divisor, i64 %reciprocal) {
  %x.high = lshr i128 %x, 64
  %high = trunc i128 %x.high to i64
  %low = trunc i128 %x to i64
  %less = icmp ult i64 %high, %divisor
  br i1 %less, label %divide, label %cut
cut:
  %rest = urem i64 %high, %divisor
  br label %divide
divide:
  %h = phi i64 [ %high, %0 ], [ %rest, %cut ]
  %zeros = call i64 @llvm.ctlz.i64(i64 %divisor, i1 false)
  %shift = and i64 %zeros, 63
  %d = shl i64 %divisor, %shift
  %u1 = call i64 @llvm.fshl.i64(i64 %h, i64 %low, i64 %shift)
  %u0 = shl i64 %low, %shift
  %v.wide = zext i64 %reciprocal to i128
  %u1.wide = zext i64 %u1 to i128
  %u0.wide = zext i64 %u0 to i128
  %u1.up = shl i128 %u1.wide, 64
  %u = or i128 %u1.up, %u0.wide
  %p = mul i128 %v.wide, %u1.wide
  %q = add i128 %p, %u
  %q0 = trunc i128 %q to i64
  %q.high = lshr i128 %q, 64
  %q.near = trunc i128 %q.high to i64
  %q1 = add i64 %q.near, 1
  %q1.d = mul i64 %q1, %d
  %r = sub i64 %u0, %q1.d
  %above = icmp ugt i64 %r, %q0
  %r.more = add i64 %r, %d
  %r2 = select i1 %above, i64 %r.more, i64 %r
  %beyond = icmp uge i64 %r2, %d
  %r2.less = sub i64 %r2, %d
  %r3 = select i1 %beyond, i64 %r2.less, i64 %r2
  %made = lshr i64 %r3, %shift
  ret i64 %made
}
""",
    # As Python takes it: of the sign of the divisor, which is positive.
    "remainder": """
define internal i64 @remainder(i128 %x, i64 %divisor, i64 %reciprocal) {
  %low = icmp slt i128 %x, 0
  %opposite = sub i128 0, %x
  %size = select i1 %low, i128 %opposite, i128 %x
  %r = call i64 @plain_remainder(i128 %size, i64 %divisor, i64 %reciprocal)
  %some = icmp ne i64 %r, 0
  %turn = and i1 %low, %some
  %other = sub i64 %divisor, %r
  %made = select i1 %turn, i64 %other, i64 %r
  ret i64 %made
}
""",
    # The product of two numbers below a modulus; without a reciprocal, the modulus has 32 bits at most.
    "mul_mod": """
define internal i64 @mul_mod(i64 %a, i64 %b, i64 %m, i64 %reciprocal) {
  %small = icmp eq i64 %reciprocal, 0
  br i1 %small, label %direct, label %long
direct:
  %p = mul i64 %a, %b
  %r = urem i64 %p, %m
  ret i64 %r
long:
  %a.wide = zext i64 %a to i128
  %b.wide = zext i64 %b to i128
  %p.wide = mul i128 %a.wide, %b.wide
  %made = call i64 @plain_remainder(i128 %p.wide, i64 %m, i64 %reciprocal)
  ret i64 %made
}
""",
    # The number from 0 to the modulus whose product with another one leaves 1, by Euclid's algorithm.
    "inverse": """
define internal { i64, i1 } @inverse(i64 %a, i64 %m) {
  br label %head
head:
  %r0 = phi i64 [ %m, %0 ], [ %r1, %step ]
  %r1 = phi i64 [ %a, %0 ], [ %r2, %step ]
  %t0 = phi i64 [ 0, %0 ], [ %t1, %step ]
  %t1 = phi i64 [ 1, %0 ], [ %t2, %step ]
  %done = icmp eq i64 %r1, 0
  br i1 %done, label %end, label %step
step:
  %q = udiv i64 %r0, %r1
  %qr = mul i64 %q, %r1
  %r2 = sub i64 %r0, %qr
  %qt = mul i64 %q, %t1
  %t2 = sub i64 %t0, %qt
  br label %head
end:
  %one = icmp eq i64 %r0, 1
  %low = icmp slt i64 %t0, 0
  %up = add i64 %t0, %m
  %made = select i1 %low, i64 %up, i64 %t0
  %rest = urem i64 %made, %m
  %g1 = insertvalue { i64, i1 } undef, i64 %rest, 0
  %g2 = insertvalue { i64, i1 } %g1, i1 %one, 1
  ret { i64, i1 } %g2
}
""",
}

DECLARATIONS: dict[str, str] = {"llvm.fshl.i64": "declare i64 @llvm.fshl.i64(i64, i64, i64)"}
