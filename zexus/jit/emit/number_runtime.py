"""What emitted code calls for builtin functions of numbers, in LLVM assembly."""

from __future__ import annotations

import math

# Powers of ten up to this one are floats.
MOST_DIGITS = 22
# The largest number whose factorial has 64 bits.
MOST_FACTORS = 20
# How many numbers a norm is taken of at most.
MOST_PARTS = 4
# 2**1000 and 2**-960; the bits of a float's exponent; 2**-40.
_FAR, _NEAR, _EXPONENT, _DOUBT = "0x7E70000000000000", "0x03F0000000000000", 0x7FF << 52, "0x3D70000000000000"
_POWERS = ", ".join(f"double {10.0 ** n:.1f}" for n in range(MOST_DIGITS + 1))

# Answers of a function that may have none: those of `@name`, and whether it has one.
_GOOD = """
good:
  %g1 = insertvalue { i64, i1 } undef, i64 %made, 0
  %g2 = insertvalue { i64, i1 } %g1, i1 true, 1
  ret { i64, i1 } %g2
fail:
  ret { i64, i1 } zeroinitializer
}
"""
_FACTORIALS = ", ".join(f"i64 {math.factorial(n)}" for n in range(MOST_FACTORS + 1))


def _norm(size: int) -> str:
    """The square root of a sum of squares, as correctly rounded as CPython's is.

    That computes it in twice the digits, from squares whose roundings are known exactly, and mends the root by a step
    of Newton's. Where the digits beyond the float are so near to the half of one that another order of the sum might
    round to another float, there is no answer; nor is there one of numbers that are not finite, very large or very
    small.
    """
    lines = [f"define internal {{ double, i1 }} @norm_{size}({', '.join(f'double %x{i}' for i in range(size))}) {{"]
    for i in range(size):
        lines.append(f"  %a{i} = call double @llvm.fabs.f64(double %x{i})")
        if i:
            before = "a0" if i == 1 else f"sum{i - 1}", "a0" if i == 1 else f"max{i - 1}"
            lines += [f"  %sum{i} = fadd double %{before[0]}, %a{i}",
                      f"  %more{i} = fcmp ogt double %a{i}, %{before[1]}",
                      f"  %max{i} = select i1 %more{i}, double %a{i}, double %{before[1]}"]
    last = size - 1
    lines += [f"  %nothing = fcmp oeq double %sum{last}, 0.0",
              f"  %not.large = fcmp olt double %sum{last}, {_FAR}",
              f"  %not.small = fcmp ogt double %max{last}, {_NEAR}",
              "  %ordinary = and i1 %not.large, %not.small",
              "  %known = or i1 %ordinary, %nothing",
              f"  %bits = bitcast double %max{last} to i64",
              f"  %exponent = and i64 %bits, {_EXPONENT}",
              f"  %inverse = sub i64 {2045 << 52}, %exponent",
              "  %scale = bitcast i64 %inverse to double"]
    total, low = "1.0", "0.0"
    for i in range(size):
        lines += [f"  %y{i} = fmul double %x{i}, %scale", f"  %p{i} = fmul double %y{i}, %y{i}",
                  f"  %o{i} = fneg double %p{i}",
                  f"  %e{i} = call double @llvm.fma.f64(double %y{i}, double %y{i}, double %o{i})",
                  f"  %s{i} = fadd double {total}, %p{i}", f"  %d{i} = fsub double {total}, %s{i}",
                  f"  %f{i} = fadd double %d{i}, %p{i}", f"  %u{i} = fadd double %e{i}, %f{i}",
                  f"  %low{i} = fadd double {low}, %u{i}"]
        total, low = f"%s{i}", f"%low{i}"
    return "\n".join(lines) + f"""
  %square = fsub double {total}, 1.0
  %rounded = fadd double %square, {low}
  %h = call double @llvm.sqrt.f64(double %rounded)
  %hh = fmul double %h, %h
  %hh.o = fneg double %hh
  %hh.e = call double @llvm.fma.f64(double %h, double %h, double %hh.o)
  %apart = fsub double %square, %hh
  %low.left = fsub double {low}, %hh.e
  %left = fadd double %apart, %low.left
  %twice = fadd double %h, %h
  %step = fdiv double %left, %twice
  %root = fadd double %h, %step
  %taken = fsub double %root, %h
  %beyond = fsub double %step, %taken
  %root.bits = bitcast double %root to i64
  %root.exponent = and i64 %root.bits, {_EXPONENT}
  %unit.bits = sub i64 %root.exponent, {53 << 52}
  %half = bitcast i64 %unit.bits to double
  %size = call double @llvm.fabs.f64(double %beyond)
  %part = fdiv double %size, %half
  %to.half = fsub double %part, 1.0
  %to.quarter = fsub double %part, 5.0e-01
  %h.distance = call double @llvm.fabs.f64(double %to.half)
  %q.distance = call double @llvm.fabs.f64(double %to.quarter)
  %h.sure = fcmp ogt double %h.distance, {_DOUBT}
  %q.sure = fcmp ogt double %q.distance, {_DOUBT}
  %sure = and i1 %h.sure, %q.sure
  %certain = or i1 %sure, %nothing
  %good = and i1 %known, %certain
  %scaled = fdiv double %root, %scale
  %made = select i1 %nothing, double 0.0, double %scaled
  %g1 = insertvalue {{ double, i1 }} undef, double %made, 0
  %g2 = insertvalue {{ double, i1 }} %g1, i1 %good, 1
  ret {{ double, i1 }} %g2
}}
"""


FUNCTIONS: dict[str, str] = {
    # A number rounded to an integer, halves to even: `p` was rounded, and `e` has the sign of what that took off.
    "rounded_exactly": """
define internal double @rounded_exactly(double %p, double %e) {
  %r = call double @llvm.rint.f64(double %p)
  %d = fsub double %p, %r
  %size = call double @llvm.fabs.f64(double %d)
  %half = fcmp oeq double %size, 5.0e-01
  %de = fmul double %d, %e
  %beyond = fcmp ogt double %de, 0.0
  %wrong = and i1 %half, %beyond
  %twice = fadd double %d, %d
  %other = fadd double %r, %twice
  %made = select i1 %wrong, double %other, double %r
  ret double %made
}
""",
    # Rounded to places behind the point, `scale` is the power of ten. A number that is larger than 2**53 times the last
    # place is the nearest float to its decimals.
    "rounded_behind": """
define internal double @rounded_behind(double %x, double %scale) {
  %p = fmul double %x, %scale
  %opposite = fneg double %p
  %e = call double @llvm.fma.f64(double %x, double %scale, double %opposite)
  %r = call double @rounded_exactly(double %p, double %e)
  %made = fdiv double %r, %scale
  %size = call double @llvm.fabs.f64(double %p)
  %ordinary = fcmp ole double %size, 0x4340000000000000
  %answer = select i1 %ordinary, double %made, double %x
  ret double %answer
}
""",
    # The same with places before the point.
    "rounded_before": """
define internal double @rounded_before(double %x, double %scale) {
  %p = fdiv double %x, %scale
  %opposite = fneg double %p
  %e = call double @llvm.fma.f64(double %opposite, double %scale, double %x)
  %r = call double @rounded_exactly(double %p, double %e)
  %made = fmul double %r, %scale
  %size = call double @llvm.fabs.f64(double %p)
  %ordinary = fcmp ole double %size, 0x4340000000000000
  %answer = select i1 %ordinary, double %made, double %x
  ret double %answer
}
""",
    "rounded_at": f"""
define internal {{ double, i1 }} @rounded_at(double %x, i64 %digits) noinline memory(none) {{
  %before = icmp slt i64 %digits, 0
  %opposite = sub i64 0, %digits
  %places = select i1 %before, i64 %opposite, i64 %digits
  %known = icmp ule i64 %places, {MOST_DIGITS}
  br i1 %known, label %look, label %fail
look:
  %at = getelementptr [{MOST_DIGITS + 1} x double], ptr @powers_of_ten, i64 0, i64 %places
  %scale = load double, ptr %at
  br i1 %before, label %up, label %down
up:
  %a = call double @rounded_before(double %x, double %scale)
  br label %done
down:
  %b = call double @rounded_behind(double %x, double %scale)
  br label %done
done:
  %made = phi double [ %a, %up ], [ %b, %down ]
  %g1 = insertvalue {{ double, i1 }} undef, double %made, 0
  %g2 = insertvalue {{ double, i1 }} %g1, i1 true, 1
  ret {{ double, i1 }} %g2
fail:
  ret {{ double, i1 }} zeroinitializer
}}
""",
    # Both without factors of two, their difference has some.
    "common_divisor": """
define internal i64 @common_divisor(i64 %a, i64 %b) noinline memory(none) {
  %a.low = icmp slt i64 %a, 0
  %a.up = sub i64 0, %a
  %x = select i1 %a.low, i64 %a.up, i64 %a
  %b.low = icmp slt i64 %b, 0
  %b.up = sub i64 0, %b
  %y = select i1 %b.low, i64 %b.up, i64 %b
  %any = or i64 %x, %y
  %no.x = icmp eq i64 %x, 0
  %no.y = icmp eq i64 %y, 0
  %trivial = or i1 %no.x, %no.y
  br i1 %trivial, label %simple, label %start
simple:
  ret i64 %any
start:
  %common = call i64 @llvm.cttz.i64(i64 %any, i1 true)
  %x.twos = call i64 @llvm.cttz.i64(i64 %x, i1 true)
  %x.odd = lshr i64 %x, %x.twos
  %y.twos = call i64 @llvm.cttz.i64(i64 %y, i1 true)
  %y.odd = lshr i64 %y, %y.twos
  br label %head
head:
  %u = phi i64 [ %x.odd, %start ], [ %least, %step ]
  %v = phi i64 [ %y.odd, %start ], [ %next, %step ]
  %same = icmp eq i64 %u, %v
  br i1 %same, label %end, label %step
step:
  %d = sub i64 %u, %v
  %less = icmp ult i64 %u, %v
  %o = sub i64 0, %d
  %size = select i1 %less, i64 %o, i64 %d
  %least = select i1 %less, i64 %u, i64 %v
  %twos = call i64 @llvm.cttz.i64(i64 %d, i1 true)
  %next = lshr i64 %size, %twos
  br label %head
end:
  %made = shl i64 %u, %common
  ret i64 %made
}
""",
    "gcd": """
define internal { i64, i1 } @gcd(i64 %a, i64 %b) {
  %made = call i64 @common_divisor(i64 %a, i64 %b)
  %fits = icmp sge i64 %made, 0
  br i1 %fits, label %good, label %fail
""" + _GOOD,
    "lcm": """
define internal { i64, i1 } @lcm(i64 %a, i64 %b) {
  %no.a = icmp eq i64 %a, 0
  %no.b = icmp eq i64 %b, 0
  %none = or i1 %no.a, %no.b
  %common = call i64 @common_divisor(i64 %a, i64 %b)
  %divisor = select i1 %none, i64 1, i64 %common
  %known = icmp sgt i64 %divisor, 0
  br i1 %known, label %divide, label %fail
divide:
  %part = sdiv i64 %a, %divisor
  %p = call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %part, i64 %b)
  %product = extractvalue { i64, i1 } %p, 0
  %over = extractvalue { i64, i1 } %p, 1
  %least = icmp eq i64 %product, -9223372036854775808
  %bad = or i1 %over, %least
  %low = icmp slt i64 %product, 0
  %opposite = sub i64 0, %product
  %made = select i1 %low, i64 %opposite, i64 %product
  br i1 %bad, label %fail, label %good
""" + _GOOD,
    # The root in floats is off by one at most.
    "isqrt": """
define internal { i64, i1 } @isqrt(i64 %n) {
  %fits = icmp sge i64 %n, 0
  br i1 %fits, label %root, label %fail
root:
  %x = sitofp i64 %n to double
  %y = call double @llvm.sqrt.f64(double %x)
  %r = fptosi double %y to i64
  %rr = mul i64 %r, %r
  %above = icmp ugt i64 %rr, %n
  %less = sub i64 %r, 1
  %lower = select i1 %above, i64 %less, i64 %r
  %more = add i64 %lower, 1
  %square = mul i64 %more, %more
  %below = icmp ule i64 %square, %n
  %made = select i1 %below, i64 %more, i64 %lower
  br label %good
""" + _GOOD,
    "factorial": f"""
define internal {{ i64, i1 }} @factorial(i64 %n) {{
  %small = icmp ule i64 %n, {MOST_FACTORS}
  br i1 %small, label %look, label %fail
look:
  %at = getelementptr [{MOST_FACTORS + 1} x i64], ptr @factorials, i64 0, i64 %n
  %made = load i64, ptr %at
  br label %good
""" + _GOOD,
    "perm": """
define internal { i64, i1 } @perm(i64 %n, i64 %k) noinline memory(none) {
  %n.fits = icmp sge i64 %n, 0
  %k.fits = icmp sge i64 %k, 0
  %fits = and i1 %n.fits, %k.fits
  br i1 %fits, label %ask, label %fail
ask:
  %none = icmp sgt i64 %k, %n
  %last = sub i64 %n, %k
  br i1 %none, label %good, label %head
head:
  %i = phi i64 [ %n, %ask ], [ %next, %step ]
  %r = phi i64 [ 1, %ask ], [ %product, %step ]
  %more = icmp sgt i64 %i, %last
  br i1 %more, label %step, label %good
step:
  %next = sub i64 %i, 1
  %p = call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %r, i64 %i)
  %product = extractvalue { i64, i1 } %p, 0
  %over = extractvalue { i64, i1 } %p, 1
  br i1 %over, label %fail, label %head
""" + _GOOD.replace("good:", "good:\n  %made = phi i64 [ 0, %ask ], [ %r, %head ]"),
    # Each product is divided at once: what has been divided is a binomial coefficient itself.
    "comb": """
define internal { i64, i1 } @comb(i64 %n, i64 %all) noinline memory(none) {
  %n.fits = icmp sge i64 %n, 0
  %k.fits = icmp sge i64 %all, 0
  %fits = and i1 %n.fits, %k.fits
  br i1 %fits, label %ask, label %fail
ask:
  %none = icmp sgt i64 %all, %n
  %others = sub i64 %n, %all
  %fewer = icmp slt i64 %others, %all
  %k = select i1 %fewer, i64 %others, i64 %all
  %base = sub i64 %n, %k
  br i1 %none, label %good, label %head
head:
  %i = phi i64 [ 0, %ask ], [ %next, %step ]
  %r = phi i64 [ 1, %ask ], [ %quotient, %step ]
  %more = icmp slt i64 %i, %k
  %next = add i64 %i, 1
  %factor = add i64 %base, %next
  br i1 %more, label %times, label %good
times:
  %p = call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %r, i64 %factor)
  %product = extractvalue { i64, i1 } %p, 0
  %over = extractvalue { i64, i1 } %p, 1
  br i1 %over, label %fail, label %step
step:
  %quotient = udiv i64 %product, %next
  br label %head
""" + _GOOD.replace("good:", "good:\n  %made = phi i64 [ 0, %ask ], [ %r, %head ]"),
    # Of the absolute value.
    "bit_count": """
define internal i64 @bit_count(i64 %x) {
  %low = icmp slt i64 %x, 0
  %o = sub i64 0, %x
  %size = select i1 %low, i64 %o, i64 %x
  %made = call i64 @llvm.ctpop.i64(i64 %size)
  ret i64 %made
}
""",
    "count_of_word": """
define internal i64 @count_of_word(i64 %x) {
  %made = call i64 @llvm.ctpop.i64(i64 %x)
  ret i64 %made
}
""",
    "bit_length": """
define internal i64 @bit_length(i64 %x) {
  %low = icmp slt i64 %x, 0
  %o = sub i64 0, %x
  %size = select i1 %low, i64 %o, i64 %x
  %made = call i64 @length_of_word(i64 %size)
  ret i64 %made
}
""",
    "length_of_word": """
define internal i64 @length_of_word(i64 %x) {
  %zeros = call i64 @llvm.ctlz.i64(i64 %x, i1 false)
  %made = sub i64 64, %zeros
  ret i64 %made
}
""",
    "truncated": """
define internal double @truncated(double %x) {
  %made = call double @llvm.trunc.f64(double %x)
  ret double %made
}
""",
    "is_integer": """
define internal i1 @is_integer(double %x) {
  %size = call double @llvm.fabs.f64(double %x)
  %finite = fcmp olt double %size, 0x7FF0000000000000
  %floor = call double @llvm.floor.f64(double %x)
  %same = fcmp oeq double %floor, %x
  %made = and i1 %finite, %same
  ret i1 %made
}
""",
    **{f"norm_{size}": _norm(size) for size in range(2, MOST_PARTS + 1)},
}

DECLARATIONS: dict[str, str] = {
    "factorials": f"@factorials = internal constant [{MOST_FACTORS + 1} x i64] [{_FACTORIALS}]",
    "llvm.cttz.i64": "declare i64 @llvm.cttz.i64(i64, i1)",
    "llvm.ctlz.i64": "declare i64 @llvm.ctlz.i64(i64, i1)",
    "llvm.ctpop.i64": "declare i64 @llvm.ctpop.i64(i64)",
    "llvm.sqrt.f64": "declare double @llvm.sqrt.f64(double)",
    "powers_of_ten": f"@powers_of_ten = internal constant [{MOST_DIGITS + 1} x double] [{_POWERS}]",
    "llvm.trunc.f64": "declare double @llvm.trunc.f64(double)",
    "llvm.rint.f64": "declare double @llvm.rint.f64(double)",
    "llvm.fma.f64": "declare double @llvm.fma.f64(double, double, double)",
}
