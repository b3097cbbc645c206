"""What emitted code calls for builtin functions of numbers, in LLVM assembly."""

from __future__ import annotations

# Powers of ten up to this one are floats.
MOST_DIGITS = 22
_POWERS = ", ".join(f"double {10.0 ** n:.1f}" for n in range(MOST_DIGITS + 1))

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
define internal {{ double, i1 }} @rounded_at(double %x, i64 %digits) noinline {{
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
}

DECLARATIONS: dict[str, str] = {
    "powers_of_ten": f"@powers_of_ten = internal constant [{MOST_DIGITS + 1} x double] [{_POWERS}]",
    "llvm.rint.f64": "declare double @llvm.rint.f64(double)",
    "llvm.fma.f64": "declare double @llvm.fma.f64(double, double, double)",
}
