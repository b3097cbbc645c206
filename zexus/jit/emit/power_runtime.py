"""What emitted code calls for powers, in LLVM assembly."""

from __future__ import annotations

FUNCTIONS: dict[str, str] = {
    "int_pow": """
define internal { i64, i1 } @int_pow(i64 %base, i64 %exponent) {
  %negative = icmp slt i64 %exponent, 0
  br i1 %negative, label %fail, label %head
head:
  %e = phi i64 [ %exponent, %0 ], [ %half, %next ]
  %b = phi i64 [ %base, %0 ], [ %square, %next ]
  %r = phi i64 [ 1, %0 ], [ %r2, %next ]
  %over = phi i1 [ false, %0 ], [ %over3, %next ]
  %done = icmp eq i64 %e, 0
  br i1 %done, label %good, label %step
step:
  %bit = and i64 %e, 1
  %odd = icmp ne i64 %bit, 0
  %p = call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %r, i64 %b)
  %pv = extractvalue { i64, i1 } %p, 0
  %po = extractvalue { i64, i1 } %p, 1
  %r2 = select i1 %odd, i64 %pv, i64 %r
  %bad1 = and i1 %odd, %po
  %bad1b = and i1 %odd, %over
  %bad = or i1 %bad1, %bad1b
  br i1 %bad, label %fail, label %next
next:
  %half = lshr i64 %e, 1
  %q = call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %b, i64 %b)
  %square = extractvalue { i64, i1 } %q, 0
  %qo = extractvalue { i64, i1 } %q, 1
  %over3 = or i1 %over, %qo
  br label %head
good:
  %g1 = insertvalue { i64, i1 } undef, i64 %r, 0
  %g2 = insertvalue { i64, i1 } %g1, i1 true, 1
  ret { i64, i1 } %g2
fail:
  %f1 = insertvalue { i64, i1 } undef, i64 0, 0
  %f2 = insertvalue { i64, i1 } %f1, i1 false, 1
  ret { i64, i1 } %f2
}
""",
    "int_pow_mod": """
define internal { i64, i1 } @int_pow_mod(i64 %base, i64 %exponent, i64 %modulus) noinline memory(none) {
  %below = icmp slt i64 %modulus, 0
  %opposite = sub i64 0, %modulus
  %m = select i1 %below, i64 %opposite, i64 %modulus
  %fits = icmp sgt i64 %m, 0
  br i1 %fits, label %start, label %fail
start:
  %rest = srem i64 %base, %m
  %rest.low = icmp slt i64 %rest, 0
  %rest.up = add i64 %rest, %m
  %plain = select i1 %rest.low, i64 %rest.up, i64 %rest
  %behind = icmp slt i64 %exponent, 0
  br i1 %behind, label %invert, label %ready
invert:
  %inverted = call { i64, i1 } @inverse(i64 %plain, i64 %m)
  %inverse = extractvalue { i64, i1 } %inverted, 0
  %exists = extractvalue { i64, i1 } %inverted, 1
  %ahead = sub i64 0, %exponent
  br i1 %exists, label %ready, label %fail
ready:
  %first = phi i64 [ %plain, %start ], [ %inverse, %invert ]
  %times.left = phi i64 [ %exponent, %start ], [ %ahead, %invert ]
  %small = icmp ule i64 %m, 4294967296
  br i1 %small, label %begin, label %prepare
prepare:
  %inverted.m = call i64 @reciprocal(i64 %m)
  br label %begin
begin:
  %reciprocal = phi i64 [ 0, %ready ], [ %inverted.m, %prepare ]
  %one = urem i64 1, %m
  br label %head
head:
  %e = phi i64 [ %times.left, %begin ], [ %half, %next ]
  %b = phi i64 [ %first, %begin ], [ %square, %next ]
  %r = phi i64 [ %one, %begin ], [ %r2, %next ]
  %done = icmp eq i64 %e, 0
  br i1 %done, label %end, label %step
step:
  %bit = and i64 %e, 1
  %odd = icmp ne i64 %bit, 0
  br i1 %odd, label %times, label %next
times:
  %p = call i64 @mul_mod(i64 %r, i64 %b, i64 %m, i64 %reciprocal)
  br label %next
next:
  %r2 = phi i64 [ %r, %step ], [ %p, %times ]
  %half = lshr i64 %e, 1
  %square = call i64 @mul_mod(i64 %b, i64 %b, i64 %m, i64 %reciprocal)
  br label %head
end:
  %some = icmp ne i64 %r, 0
  %shift = and i1 %some, %below
  %down = sub i64 %r, %m
  %answer = select i1 %shift, i64 %down, i64 %r
  %g1 = insertvalue { i64, i1 } undef, i64 %answer, 0
  %g2 = insertvalue { i64, i1 } %g1, i1 true, 1
  ret { i64, i1 } %g2
fail:
  ret { i64, i1 } zeroinitializer
}
""",
    # A power of a complex number whose exponent is an int: by products, or by polar coordinates beyond 100. What is not
    # finite stands for what CPython reports.
    "complex_pow": """
define internal { double, double } @complex_pow(double %x, double %y, i64 %n) noinline memory(none) {
  %opposite = sub i64 0, %n
  %below = icmp slt i64 %n, 0
  %size = select i1 %below, i64 %opposite, i64 %n
  %few = icmp ule i64 %size, 100
  br i1 %few, label %head, label %polar
head:
  %e = phi i64 [ %size, %0 ], [ %half, %next ]
  %px = phi double [ %x, %0 ], [ %sx, %next ]
  %py = phi double [ %y, %0 ], [ %sy, %next ]
  %rx = phi double [ 1.0, %0 ], [ %mx, %next ]
  %ry = phi double [ 0.0, %0 ], [ %my, %next ]
  %done = icmp eq i64 %e, 0
  br i1 %done, label %end, label %step
step:
  %bit = and i64 %e, 1
  %odd = icmp ne i64 %bit, 0
  br i1 %odd, label %times, label %next
times:
  %a = fmul double %rx, %px
  %b = fmul double %ry, %py
  %tx = fsub double %a, %b
  %c = fmul double %rx, %py
  %d = fmul double %ry, %px
  %ty = fadd double %c, %d
  br label %next
next:
  %mx = phi double [ %rx, %step ], [ %tx, %times ]
  %my = phi double [ %ry, %step ], [ %ty, %times ]
  %half = lshr i64 %e, 1
  %xx = fmul double %px, %px
  %yy = fmul double %py, %py
  %sx = fsub double %xx, %yy
  %xy = fmul double %px, %py
  %yx = fmul double %py, %px
  %sy = fadd double %xy, %yx
  br label %head
end:
  %up = icmp sgt i64 %n, 0
  br i1 %up, label %plain, label %reciprocal
plain:
  %p1 = insertvalue { double, double } undef, double %rx, 0
  %p2 = insertvalue { double, double } %p1, double %ry, 1
  ret { double, double } %p2
reciprocal:
  %ax = call double @llvm.fabs.f64(double %rx)
  %ay = call double @llvm.fabs.f64(double %ry)
  %flat = fcmp oge double %ax, %ay
  %large = select i1 %flat, double %rx, double %ry
  %small = select i1 %flat, double %ry, double %rx
  %ratio = fdiv double %small, %large
  %scaled = fmul double %small, %ratio
  %divisor = fadd double %large, %scaled
  %zero = fmul double 0.0, %ratio
  %one = fmul double 1.0, %ratio
  %u.flat = fadd double 1.0, %zero
  %u.steep = fadd double %one, 0.0
  %u = select i1 %flat, double %u.flat, double %u.steep
  %v.flat = fsub double 0.0, %one
  %v.steep = fsub double %zero, 1.0
  %v = select i1 %flat, double %v.flat, double %v.steep
  %qx = fdiv double %u, %divisor
  %qy = fdiv double %v, %divisor
  %q1 = insertvalue { double, double } undef, double %qx, 0
  %q2 = insertvalue { double, double } %q1, double %qy, 1
  ret { double, double } %q2
polar:
  %some.x = fcmp une double %x, 0.0
  %some.y = fcmp une double %y, 0.0
  %some = or i1 %some.x, %some.y
  br i1 %some, label %turn, label %nothing
turn:
  %exponent = sitofp i64 %n to double
  %absolute = call double @hypot(double %x, double %y)
  %length = call double @pow(double %absolute, double %exponent)
  %angle = call double @atan2(double %y, double %x)
  %phase = fmul double %angle, %exponent
  %cosine = call double @cos(double %phase)
  %sine = call double @sin(double %phase)
  %lx = fmul double %length, %cosine
  %ly = fmul double %length, %sine
  %l1 = insertvalue { double, double } undef, double %lx, 0
  %l2 = insertvalue { double, double } %l1, double %ly, 1
  ret { double, double } %l2
nothing:
  ret { double, double } { double 0x7FF8000000000000, double 0x7FF8000000000000 }
}
""",
}

DECLARATIONS: dict[str, str] = {
    **{name: f"declare double @{name}(double, double) nobuiltin" for name in ("hypot", "pow", "atan2")},
    **{name: f"declare double @{name}(double) nobuiltin" for name in ("cos", "sin")},
}
