"""What emitted code calls to write floats, to pad texts and to change their letters, in LLVM assembly.

A float is its mantissa by a power of two: a product of that and a power of ten is exact in 128 bits, and so is the int
to which it is rounded, whose digits are written. The shortest text of a float has as many digits behind its point as an
int needs that, divided by the power of ten, is the float; up to fifteen digits there is only one. All other floats, and
texts beyond ASCII, are formatted by the interpreter.
"""

from __future__ import annotations

from zexus import layout

# Digits behind the point: of what is rounded exactly at most, and of what is tried for the shortest text.
MOST, SHORT = 9, 6
# How a text is written that is as wide as its digits and new, even if it is a single character.
UNSHARED = 3
_DATA, _LENGTH, _STATE = (layout.OFFSETS[f"str.{name}"] for name in ("ascii", "length", "state"))
_COMPACT_ASCII = 3 << 5
# Below this an int has nineteen digits at most.
_FITS = "0x43D0000000000000"
_TENS = ", ".join(f"i64 {10 ** power}" for power in range(MOST + 1))


def _cased(name: str, first: str, step: int) -> str:
    """A text in other letters; beyond ASCII a method is asked, since one may become several."""
    return f"""
define internal ptr @text_{name}(ptr %method, ptr %text) noinline {{
  %statep = getelementptr i8, ptr %text, i64 {_STATE}
  %state = load i32, ptr %statep
  %bits = and i32 %state, {_COMPACT_ASCII}
  %ascii = icmp eq i32 %bits, {_COMPACT_ASCII}
  br i1 %ascii, label %new, label %other
new:
  %lengthp = getelementptr i8, ptr %text, i64 {_LENGTH}
  %length = load i64, ptr %lengthp
  %made = call ptr @PyUnicode_New(i64 %length, i32 127)
  %full = icmp eq ptr %made, null
  br i1 %full, label %lost, label %begin
begin:
  %to = getelementptr i8, ptr %made, i64 {_DATA}
  %from = getelementptr i8, ptr %text, i64 {_DATA}
  %some = icmp sgt i64 %length, 0
  br i1 %some, label %head, label %written
head:
  %i = phi i64 [ 0, %begin ], [ %next, %head ]
  %source = getelementptr i8, ptr %from, i64 %i
  %c = load i8, ptr %source
  %place = sub i8 %c, {ord(first)}
  %within = icmp ult i8 %place, 26
  %moved = add i8 %c, {step}
  %letter = select i1 %within, i8 %moved, i8 %c
  %target = getelementptr i8, ptr %to, i64 %i
  store i8 %letter, ptr %target
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %length
  br i1 %more, label %head, label %written
written:
  ret ptr %made
other:
  %asked = call ptr @PyObject_CallOneArg(ptr %method, ptr %text)
  %failed = icmp eq ptr %asked, null
  br i1 %failed, label %lost, label %done
lost:
  call void @abort()
  unreachable
done:
  ret ptr %asked
}}
"""


FUNCTIONS: dict[str, str] = {
    "text_lower": _cased("lower", "A", 32),
    "text_upper": _cased("upper", "a", -32),
    "tens": f"@tens = internal constant [{MOST + 1} x i64] [{_TENS}]\n",
    # Digits from the last to the first one, so many of them behind the point. What is not wide enough has spaces before
    # it (0), zeros behind the sign (1) or spaces behind it (2). There is one text of each single character, unless a
    # new one is asked for.
    "digits_text": f"""
define internal ptr @digits_text(i1 %negative, i64 %size, i64 %places, i64 %width, i64 %how) noinline {{
  %sign = zext i1 %negative to i64
  %least = add i64 %places, 1
  br label %count
count:
  %n = phi i64 [ 1, %0 ], [ %n.next, %longer ]
  %rest = phi i64 [ %size, %0 ], [ %rest.next, %longer ]
  %more = icmp uge i64 %rest, 10
  br i1 %more, label %longer, label %counted
longer:
  %n.next = add i64 %n, 1
  %rest.next = udiv i64 %rest, 10
  br label %count
counted:
  %few = icmp slt i64 %n, %least
  %digits = select i1 %few, i64 %least, i64 %n
  %parted = icmp ne i64 %places, 0
  %point = zext i1 %parted to i64
  %signed.size = add i64 %digits, %sign
  %own = add i64 %signed.size, %point
  %narrow = icmp slt i64 %own, %width
  %length = select i1 %narrow, i64 %width, i64 %own
  %alone = icmp eq i64 %length, 1
  %may.share = icmp ne i64 %how, {UNSHARED}
  %known = and i1 %alone, %may.share
  br i1 %known, label %shared, label %make
shared:
  %small.size = trunc i64 %size to i32
  %ordinal = add i32 %small.size, 48
  %character = call ptr @PyUnicode_FromOrdinal(i32 %ordinal)
  ret ptr %character
make:
  %made = call ptr @PyUnicode_New(i64 %length, i32 127)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %lost, label %begin
lost:
  call void @abort()
  unreachable
begin:
  %first = getelementptr i8, ptr %made, i64 {_DATA}
  br i1 %narrow, label %pad, label %put
pad:
  %zeros = icmp eq i64 %how, 1
  %fill = select i1 %zeros, i8 48, i8 32
  call void @llvm.memset.p0.i64(ptr %first, i8 %fill, i64 %length, i1 false)
  br label %put
put:
  %ends = icmp eq i64 %how, 2
  %last = select i1 %ends, i64 %own, i64 %length
  %before = sub i64 %length, %own
  %begins = icmp eq i64 %how, 0
  %sign.at = select i1 %begins, i64 %before, i64 0
  br label %write
write:
  %at = phi i64 [ %last, %put ], [ %at.next, %wrote ]
  %left = phi i64 [ %size, %put ], [ %left.next, %wrote ]
  %done.digits = phi i64 [ 0, %put ], [ %one.more, %wrote ]
  %at.point = icmp eq i64 %done.digits, %places
  %parts = and i1 %at.point, %parted
  br i1 %parts, label %pointed, label %digit
pointed:
  %at.before = sub i64 %at, 1
  %pointp = getelementptr i8, ptr %first, i64 %at.before
  store i8 46, ptr %pointp
  br label %digit
digit:
  %here = phi i64 [ %at, %write ], [ %at.before, %pointed ]
  %left.next = udiv i64 %left, 10
  %tens = mul i64 %left.next, 10
  %unit = sub i64 %left, %tens
  %small = trunc i64 %unit to i8
  %code = add i8 %small, 48
  %at.next = sub i64 %here, 1
  %place = getelementptr i8, ptr %first, i64 %at.next
  store i8 %code, ptr %place
  %one.more = add i64 %done.digits, 1
  br label %wrote
wrote:
  %again = icmp slt i64 %one.more, %digits
  br i1 %again, label %write, label %written
written:
  br i1 %negative, label %with.sign, label %done
with.sign:
  %signp = getelementptr i8, ptr %first, i64 %sign.at
  store i8 45, ptr %signp
  br label %done
done:
  ret ptr %made
}}
""",
    "float_formatted": """
define internal ptr @float_formatted(double %value, ptr %spec) noinline {
  %held = call ptr @PyFloat_FromDouble(double %value)
  %full = icmp eq ptr %held, null
  br i1 %full, label %lost, label %ask
ask:
  %made = call ptr @PyObject_Format(ptr %held, ptr %spec)
  call void @decref(ptr %held)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %lost, label %done
lost:
  call void @abort()
  unreachable
done:
  ret ptr %made
}
""",
    # Rounded to so many digits behind the point, and where two are as near to the even one.
    "float_text": f"""
define internal ptr @float_text(double %value, ptr %spec, i64 %places, i64 %width, i64 %how) noinline {{
  %tens.at = getelementptr i64, ptr @tens, i64 %places
  %tens = load i64, ptr %tens.at
  %positive = call double @llvm.fabs.f64(double %value)
  %factor = uitofp i64 %tens to double
  %about = fmul double %positive, %factor
  %fits = fcmp olt double %about, {_FITS}
  %bits = bitcast double %positive to i64
  %exponent = lshr i64 %bits, 52
  %low = and i64 %bits, {(1 << 52) - 1}
  %whole = icmp uge i64 %exponent, 1075
  %parted = xor i1 %whole, true
  %exact = and i1 %fits, %parted
  br i1 %exact, label %multiply, label %other
multiply:
  %tiny = icmp eq i64 %exponent, 0
  %full = or i64 %low, {1 << 52}
  %mantissa = select i1 %tiny, i64 %low, i64 %full
  %above = select i1 %tiny, i64 1, i64 %exponent
  %shift = sub i64 1075, %above
  %wide = zext i64 %mantissa to i128
  %wide.tens = zext i64 %tens to i128
  %product = mul i128 %wide, %wide.tens
  %far = icmp sge i64 %shift, 128
  br i1 %far, label %write, label %round
round:
  %places.off = zext i64 %shift to i128
  %floor = lshr i128 %product, %places.off
  %back = shl i128 %floor, %places.off
  %rest = sub i128 %product, %back
  %one.off = sub i128 %places.off, 1
  %half = shl i128 1, %one.off
  %over = icmp ugt i128 %rest, %half
  %middle = icmp eq i128 %rest, %half
  %down = trunc i128 %floor to i64
  %odd = trunc i64 %down to i1
  %even.up = and i1 %middle, %odd
  %up = or i1 %over, %even.up
  %more = zext i1 %up to i64
  %rounded = add i64 %down, %more
  br label %write
write:
  %size = phi i64 [ 0, %multiply ], [ %rounded, %round ]
  %signed.bits = bitcast double %value to i64
  %negative = icmp slt i64 %signed.bits, 0
  %made = call ptr @digits_text(i1 %negative, i64 %size, i64 %places, i64 %width, i64 %how)
  ret ptr %made
other:
  %asked = call ptr @float_formatted(double %value, ptr %spec)
  ret ptr %asked
}}
""",
    "float_shortest": f"""
define internal ptr @float_shortest(double %value, ptr %spec) noinline {{
  %positive = call double @llvm.fabs.f64(double %value)
  %small = fcmp olt double %positive, 1.0e9
  %large = fcmp oge double %positive, 1.0e-3
  %zero = fcmp oeq double %positive, 0.0
  %some = or i1 %large, %zero
  %near = and i1 %small, %some
  br i1 %near, label %head, label %other
head:
  %places = phi i64 [ 1, %0 ], [ %next, %longer ]
  %tens.at = getelementptr double, ptr @powers_of_ten, i64 %places
  %tens = load double, ptr %tens.at
  %product = fmul double %positive, %tens
  %lifted = fadd double %product, 0.5
  %size = fptosi double %lifted to i64
  %whole = sitofp i64 %size to double
  %again = fdiv double %whole, %tens
  %same = fcmp oeq double %again, %positive
  br i1 %same, label %write, label %longer
longer:
  %next = add i64 %places, 1
  %more = icmp sle i64 %next, {SHORT}
  br i1 %more, label %head, label %other
write:
  %signed.bits = bitcast double %value to i64
  %negative = icmp slt i64 %signed.bits, 0
  %made = call ptr @digits_text(i1 %negative, i64 %size, i64 %places, i64 0, i64 0)
  ret ptr %made
other:
  %asked = call ptr @float_formatted(double %value, ptr %spec)
  ret ptr %asked
}}
""",
    # A text that is not wide enough, with spaces before it or behind it.
    "text_padded": f"""
define internal ptr @text_padded(ptr %text, ptr %spec, i64 %width, i1 %ends) noinline {{
  %statep = getelementptr i8, ptr %text, i64 {_STATE}
  %state = load i32, ptr %statep
  %bits = and i32 %state, {_COMPACT_ASCII}
  %ascii = icmp eq i32 %bits, {_COMPACT_ASCII}
  br i1 %ascii, label %look, label %other
look:
  %lengthp = getelementptr i8, ptr %text, i64 {_LENGTH}
  %length = load i64, ptr %lengthp
  %narrow = icmp slt i64 %length, %width
  br i1 %narrow, label %pad, label %same
same:
  call void @incref(ptr %text)
  ret ptr %text
pad:
  %made = call ptr @PyUnicode_New(i64 %width, i32 127)
  %full = icmp eq ptr %made, null
  br i1 %full, label %lost, label %put
put:
  %to = getelementptr i8, ptr %made, i64 {_DATA}
  %from = getelementptr i8, ptr %text, i64 {_DATA}
  %rest = sub i64 %width, %length
  %behind = getelementptr i8, ptr %to, i64 %length
  %later = getelementptr i8, ptr %to, i64 %rest
  %spaces = select i1 %ends, ptr %behind, ptr %to
  %start = select i1 %ends, ptr %to, ptr %later
  call void @llvm.memset.p0.i64(ptr %spaces, i8 32, i64 %rest, i1 false)
  call void @llvm.memcpy.p0.p0.i64(ptr %start, ptr %from, i64 %length, i1 false)
  ret ptr %made
other:
  %asked = call ptr @PyObject_Format(ptr %text, ptr %spec)
  %failed = icmp eq ptr %asked, null
  br i1 %failed, label %lost, label %done
lost:
  call void @abort()
  unreachable
done:
  ret ptr %asked
}}
""",
}
DECLARATIONS: dict[str, str] = {
    "PyUnicode_FromOrdinal": "declare ptr @PyUnicode_FromOrdinal(i32)",
    "PyObject_Format": "declare ptr @PyObject_Format(ptr, ptr)",
    "llvm.memcpy.p0.p0.i64": "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
}
