"""The parts of the runtime that read numbers from texts, in LLVM assembly: plain ones of few digits, exactly."""

from __future__ import annotations

from zexus import layout, types

_COMPACT_ASCII = 3 << 5
# Digits that surely make an int of 64 bits, and below what number floats are exact.
_MOST_DIGITS, _EXACT = 18, 10**15

# The characters of an ASCII text, and how many there are; any other goes on at `unsure`.
_OPEN = f"""
  %statep = getelementptr i8, ptr %text, i64 {layout.OFFSETS["str.state"]}
  %state = load i32, ptr %statep
  %bits = and i32 %state, {_COMPACT_ASCII}
  %ascii = icmp eq i32 %bits, {_COMPACT_ASCII}
  %data = getelementptr i8, ptr %text, i64 {layout.OFFSETS["str.ascii"]}
  %lengthp = getelementptr i8, ptr %text, i64 {layout.OFFSETS["str.length"]}
  %length = load i64, ptr %lengthp
  br i1 %ascii, label %lead, label %unsure
"""
# What is left without white space around it, and the sign: digits from %first up to %end.
_STRIPPED = f"""
{_OPEN}
lead:
  %i = phi i64 [ 0, %0 ], [ %i.next, %skip ]
  %some = icmp slt i64 %i, %length
  br i1 %some, label %look, label %unsure
look:
  %ip = getelementptr i8, ptr %data, i64 %i
  %c = load i8, ptr %ip
  %c.blank = icmp eq i8 %c, 32
  %c.low = sub i8 %c, 9
  %c.white = icmp ult i8 %c.low, 5
  %c.space = or i1 %c.blank, %c.white
  br i1 %c.space, label %skip, label %trail
skip:
  %i.next = add i64 %i, 1
  br label %lead
trail:
  %end = phi i64 [ %length, %look ], [ %last, %trail ]
  %last = sub i64 %end, 1
  %lastp = getelementptr i8, ptr %data, i64 %last
  %z = load i8, ptr %lastp
  %z.blank = icmp eq i8 %z, 32
  %z.low = sub i8 %z, 9
  %z.white = icmp ult i8 %z.low, 5
  %z.space = or i1 %z.blank, %z.white
  br i1 %z.space, label %trail, label %sign
sign:
  %minus = icmp eq i8 %c, 45
  %plus = icmp eq i8 %c, 43
  %signed = or i1 %minus, %plus
  %wide = zext i1 %signed to i64
  %first = add i64 %i, %wide
  %count = sub i64 %end, %first
  %above = sub i64 %count, 1
  %few = icmp ult i64 %above, {_MOST_DIGITS}
  br i1 %few, label %head, label %unsure
"""
_DIGIT = """
  %kp = getelementptr i8, ptr %data, i64 %k
  %digit8 = load i8, ptr %kp
  %digit = zext i8 %digit8 to i64
  %d = sub i64 %digit, 48
  %is.digit = icmp ult i64 %d, 10
  %k.next = add i64 %k, 1
  %ten = mul i64 %v, 10
  %v.more = add i64 %ten, %d
"""

FUNCTIONS: dict[str, str] = {
    "text_int": f"""
define internal i64 @text_int(ptr %text) noinline {{
{_STRIPPED}
head:
  %k = phi i64 [ %first, %sign ], [ %k.next, %body ]
  %v = phi i64 [ 0, %sign ], [ %v.more, %body ]
  %more = icmp slt i64 %k, %end
  br i1 %more, label %body, label %done
body:
{_DIGIT}
  br i1 %is.digit, label %head, label %unsure
done:
  %turned = sub i64 0, %v
  %made = select i1 %minus, i64 %turned, i64 %v
  ret i64 %made
unsure:
  ret i64 {types.INT64_MIN}
}}
""",
    # Both the digits and the power of ten are exact, so that the quotient is rounded once.
    "text_float": f"""
define internal double @text_float(ptr %text) noinline {{
{_STRIPPED}
head:
  %k = phi i64 [ %first, %sign ], [ %k.next, %on ]
  %v = phi i64 [ 0, %sign ], [ %v.next, %on ]
  %digits = phi i64 [ 0, %sign ], [ %digits.next, %on ]
  %power = phi double [ 1.0, %sign ], [ %power.next, %on ]
  %factor = phi double [ 1.0, %sign ], [ %factor.next, %on ]
  %more = icmp slt i64 %k, %end
  br i1 %more, label %body, label %done
body:
{_DIGIT}
  br i1 %is.digit, label %on, label %point
point:
  %is.point = icmp eq i8 %digit8, 46
  %is.first = fcmp oeq double %factor, 1.0
  %may = and i1 %is.point, %is.first
  br i1 %may, label %on, label %unsure
on:
  %v.next = phi i64 [ %v.more, %body ], [ %v, %point ]
  %one = phi i64 [ 1, %body ], [ 0, %point ]
  %by = phi double [ %factor, %body ], [ 1.0, %point ]
  %factor.next = phi double [ %factor, %body ], [ 10.0, %point ]
  %digits.next = add i64 %digits, %one
  %power.next = fmul double %power, %by
  br label %head
done:
  %any = icmp sgt i64 %digits, 0
  %exact = icmp slt i64 %v, {_EXACT}
  %fine = and i1 %any, %exact
  br i1 %fine, label %make, label %unsure
make:
  %whole = sitofp i64 %v to double
  %made = fdiv double %whole, %power
  %turned = fneg double %made
  %result = select i1 %minus, double %turned, double %made
  ret double %result
unsure:
  ret double 0x7FF8000000000000
}}
""",
    "text_fails": f"""
define internal i1 @text_fails(ptr %text, i64 %low, i64 %high) noinline {{
{_OPEN}
lead:
  %i = phi i64 [ 0, %0 ], [ %i.next, %look ]
  %more = icmp slt i64 %i, %length
  br i1 %more, label %look, label %ended
look:
  %ip = getelementptr i8, ptr %data, i64 %i
  %c8 = load i8, ptr %ip
  %c = zext i8 %c8 to i64
  %i.next = add i64 %i, 1
  %upper = icmp uge i64 %c, 64
  %mask = select i1 %upper, i64 %high, i64 %low
  %place = and i64 %c, 63
  %moved = lshr i64 %mask, %place
  %bit = trunc i64 %moved to i1
  br i1 %bit, label %lead, label %fails
ended:
  %nothing = icmp eq i64 %length, 0
  ret i1 %nothing
fails:
  ret i1 true
unsure:
  ret i1 false
}}
""",
}
