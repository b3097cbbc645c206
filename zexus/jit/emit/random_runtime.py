"""What emitted code calls for random numbers, in LLVM assembly: the Mersenne Twister on the interpreter's own state.

Matsumoto, Nishimura: Mersenne Twister (1998), with doubles by their genrand_res53, as CPython makes them.
A generator is its object: the index of the next word, then 624 words.
"""

from __future__ import annotations

from zexus import layout

_INDEX, _STATE = layout.OFFSETS["random.index"], layout.OFFSETS["random.state"]
_N, _M = 624, 397


def _twisted(name: str, following: str, other: str) -> str:
    """The new word at %name, from the one that follows it and another one."""
    return f"""
  %{name}.p = getelementptr i32, ptr %state, i64 %{name}
  %{name}.q = getelementptr i32, ptr %state, i64 {following}
  %{name}.r = getelementptr i32, ptr %state, i64 {other}
  %{name}.a = load i32, ptr %{name}.p
  %{name}.b = load i32, ptr %{name}.q
  %{name}.c = load i32, ptr %{name}.r
  %{name}.high = and i32 %{name}.a, -2147483648
  %{name}.low = and i32 %{name}.b, 2147483647
  %{name}.y = or i32 %{name}.high, %{name}.low
  %{name}.half = lshr i32 %{name}.y, 1
  %{name}.odd = and i32 %{name}.y, 1
  %{name}.mask = sub i32 0, %{name}.odd
  %{name}.mag = and i32 %{name}.mask, -1727483681
  %{name}.x = xor i32 %{name}.c, %{name}.half
  %{name}.new = xor i32 %{name}.x, %{name}.mag
  store i32 %{name}.new, ptr %{name}.p
"""


def _twisting(name: str, before: str, first: int, end: int, away: int, behind: str) -> str:
    """The new words from `first` to `end`, as a loop between two blocks."""
    return f"""
{name}.loop:
  %{name} = phi i64 [ {first}, %{before} ], [ %{name}.next, %{name}.loop ]
  %{name}.next = add nuw nsw i64 %{name}, 1
  %{name}.other = add nsw i64 %{name}, {away}{_twisted(name, f"%{name}.next", f"%{name}.other")}
  %{name}.more = icmp ult i64 %{name}.next, {end}
  br i1 %{name}.more, label %{name}.loop, label %{behind}
"""


def _tempering(name: str, width: int) -> str:
    """The function `name` that tempers one word, or as many as `width` says side by side."""
    kind = "i32" if width == 1 else f"<{width} x i32>"

    def each(number: int) -> str:
        return str(number) if width == 1 else f"<{', '.join([f'i32 {number}'] * width)}>"

    return f"""
define internal {kind} @{name}({kind} %y0) {{
  %s1 = lshr {kind} %y0, {each(11)}
  %y1 = xor {kind} %y0, %s1
  %s2 = shl {kind} %y1, {each(7)}
  %m2 = and {kind} %s2, {each(-1658038656)}
  %y2 = xor {kind} %y1, %m2
  %s3 = shl {kind} %y2, {each(15)}
  %m3 = and {kind} %s3, {each(-272236544)}
  %y3 = xor {kind} %y2, %m3
  %s4 = lshr {kind} %y3, {each(18)}
  %y4 = xor {kind} %y3, %s4
  ret {kind} %y4
}}
"""


FUNCTIONS: dict[str, str] = {
    "random_refill": f"""
define internal void @random_refill(ptr %state) noinline {{
  br label %i.loop
{_twisting("i", "0", 0, _N - _M, _M, "j.loop")}
{_twisting("j", "i.loop", _N - _M, _N - 1, _M - _N, "last")}
last:
  %k = add i64 0, {_N - 1}{_twisted("k", "0", str(_M - 1))}
  ret void
}}
""",
    "random_word": f"""
define internal i32 @random_word(ptr %o) {{
  %ip = getelementptr i8, ptr %o, i64 {_INDEX}
  %state = getelementptr i8, ptr %o, i64 {_STATE}
  %at = load i32, ptr %ip
  %empty = icmp sge i32 %at, {_N}
  br i1 %empty, label %refill, label %draw
refill:
  call void @random_refill(ptr %state)
  br label %draw
draw:
  %k = phi i32 [ %at, %0 ], [ 0, %refill ]
  %k64 = zext i32 %k to i64
  %p = getelementptr i32, ptr %state, i64 %k64
  %y0 = load i32, ptr %p
  %k1 = add i32 %k, 1
  store i32 %k1, ptr %ip
  %y4 = call i32 @random_tempered(i32 %y0)
  ret i32 %y4
}}
""",
    "random_double": f"""
define internal double @random_double(ptr %o) {{
  %ip = getelementptr i8, ptr %o, i64 {_INDEX}
  %at = load i32, ptr %ip
  %both = icmp ult i32 %at, {_N - 1}
  br i1 %both, label %quick, label %slow
quick:
  %state = getelementptr i8, ptr %o, i64 {_STATE}
  %at64 = zext i32 %at to i64
  %p1 = getelementptr i32, ptr %state, i64 %at64
  %pair = load <2 x i32>, ptr %p1, align 4
  %behind = add i32 %at, 2
  store i32 %behind, ptr %ip
  %tempered = call <2 x i32> @random_tempered_pair(<2 x i32> %pair)
  br label %done
slow:
  %s1 = call i32 @random_drawn(ptr %o)
  %s2 = call i32 @random_drawn(ptr %o)
  %first = insertelement <2 x i32> undef, i32 %s1, i64 0
  %drawn = insertelement <2 x i32> %first, i32 %s2, i64 1
  br label %done
done:
  %words = phi <2 x i32> [ %tempered, %quick ], [ %drawn, %slow ]
  %parts = lshr <2 x i32> %words, <i32 5, i32 6>
  %exact = sitofp <2 x i32> %parts to <2 x double>
  %high = extractelement <2 x double> %exact, i64 0
  %low = extractelement <2 x double> %exact, i64 1
  %big = fmul double %high, 67108864.0
  %sum = fadd double %big, %low
  %r = fmul double %sum, 0x3CA0000000000000
  ret double %r
}}
""",
    "random_drawn": """
define internal i32 @random_drawn(ptr %o) noinline {
  %w = call i32 @random_word(ptr %o)
  ret i32 %w
}
""",
    "random_tempered": _tempering("random_tempered", 1),
    "random_tempered_pair": _tempering("random_tempered_pair", 2),
    # The lowest words first; of the last one the highest bits.
    "random_bits": """
define internal i64 @random_bits(ptr %o, i64 %k) {
  %none = icmp eq i64 %k, 0
  br i1 %none, label %zero, label %some
zero:
  ret i64 0
some:
  %w1 = call i32 @random_word(ptr %o)
  %one = icmp sle i64 %k, 32
  br i1 %one, label %short, label %long
short:
  %left = sub i64 32, %k
  %left32 = trunc i64 %left to i32
  %r1 = lshr i32 %w1, %left32
  %r1w = zext i32 %r1 to i64
  ret i64 %r1w
long:
  %w2 = call i32 @random_word(ptr %o)
  %rest = sub i64 64, %k
  %rest32 = trunc i64 %rest to i32
  %r2 = lshr i32 %w2, %rest32
  %low = zext i32 %w1 to i64
  %high = zext i32 %r2 to i64
  %up = shl i64 %high, 32
  %whole = or i64 %low, %up
  ret i64 %whole
}
""",
}
DECLARATIONS: dict[str, str] = {}
