"""What emitted code calls for random numbers, in LLVM assembly: the Mersenne Twister on the interpreter's own state.

Matsumoto, Nishimura: Mersenne Twister (1998), with doubles by their genrand_res53, as CPython makes them.
A generator is its object: the index of the next word, then 624 words.

Words are tempered all at once, side by side, when native code has made them, and noted in a memo beside what they were
before. What a word is tempered to depends on nothing else: whoever draws one takes the memo's if that is of the same
word, whatever generator it was made for and whatever has happened to that since.
"""

from __future__ import annotations

from zexus import layout

_INDEX, _STATE = layout.OFFSETS["random.index"], layout.OFFSETS["random.state"]
_N, _M = 624, 397
# Words that are made side by side; the twister's own distances are longer.
_WIDTH = 8
# Where the memo stands: the words, then what they are tempered to. Nothing is tempered to nothing.
MEMO, MEMO_SIZE = "zexus_random_memo", 2 * 4 * _N


def _kind(width: int) -> str:
    return "i32" if width == 1 else f"<{width} x i32>"


def _each(number: int, width: int) -> str:
    """A constant, in each place."""
    return str(number) if width == 1 else f"<{', '.join([f'i32 {number}'] * width)}>"


def _twisted(name: str, following: str, other: str, width: int = 1) -> str:
    """The new words from %name on, from those that follow them and others."""
    kind = _kind(width)

    def each(number: int) -> str:
        return _each(number, width)

    return f"""
  %{name}.p = getelementptr i32, ptr %state, i64 %{name}
  %{name}.q = getelementptr i32, ptr %state, i64 {following}
  %{name}.r = getelementptr i32, ptr %state, i64 {other}
  %{name}.a = load {kind}, ptr %{name}.p, align 4
  %{name}.b = load {kind}, ptr %{name}.q, align 4
  %{name}.c = load {kind}, ptr %{name}.r, align 4
  %{name}.high = and {kind} %{name}.a, {each(-2147483648)}
  %{name}.low = and {kind} %{name}.b, {each(2147483647)}
  %{name}.y = or {kind} %{name}.high, %{name}.low
  %{name}.half = lshr {kind} %{name}.y, {each(1)}
  %{name}.odd = and {kind} %{name}.y, {each(1)}
  %{name}.mask = sub {kind} {each(0)}, %{name}.odd
  %{name}.mag = and {kind} %{name}.mask, {each(-1727483681)}
  %{name}.x = xor {kind} %{name}.c, %{name}.half
  %{name}.new = xor {kind} %{name}.x, %{name}.mag
  store {kind} %{name}.new, ptr %{name}.p, align 4
"""


def _twisting(name: str, before: str, first: int, end: int, away: int, behind: str, width: int) -> str:
    """The new words from `first` to `end`, as a loop between two blocks."""
    return f"""
{name}.loop:
  %{name} = phi i64 [ {first}, %{before} ], [ %{name}.next, %{name}.loop ]
  %{name}.follow = add nuw nsw i64 %{name}, 1
  %{name}.next = add nuw nsw i64 %{name}, {width}
  %{name}.other = add nsw i64 %{name}, {away}{_twisted(name, f"%{name}.follow", f"%{name}.other", width)}
  %{name}.more = icmp ult i64 %{name}.next, {end}
  br i1 %{name}.more, label %{name}.loop, label %{behind}
"""


def _refilling() -> str:
    """The body that makes all words anew: as many as possible side by side, in both parts, then the rest of each."""
    loops, before = [], "0"
    parts = ((0, _N - _M, _M, "i"), (_N - _M, _N - 1, _M - _N, "j"))
    for (first, end, away, name), behind in zip(parts, ("j.loop", "last"), strict=True):
        whole = first + (end - first) // _WIDTH * _WIDTH
        loops.append(_twisting(name, before, first, whole, away, f"{name}1.loop", _WIDTH))
        loops.append(_twisting(f"{name}1", f"{name}.loop", whole, end, away, behind, 1))
        before = f"{name}1.loop"
    return "".join(loops)


def _tempering(name: str, width: int) -> str:
    """The function `name` that tempers one word, or as many as `width` says side by side."""
    kind = _kind(width)

    def each(number: int) -> str:
        return _each(number, width)

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
{_refilling()}
last:
  %k = add i64 0, {_N - 1}{_twisted("k", "0", str(_M - 1))}
  br label %noting
noting:
  %n = phi i64 [ 0, %last ], [ %n.next, %noting ]
  %n.next = add nuw nsw i64 %n, {_WIDTH}
  %p = getelementptr i32, ptr %state, i64 %n
  %word = load {_kind(_WIDTH)}, ptr %p, align 4
  %tempered = call {_kind(_WIDTH)} @random_tempered_all({_kind(_WIDTH)} %word)
  %memo.p = getelementptr i32, ptr @{MEMO}, i64 %n
  %memo.q = getelementptr i32, ptr %memo.p, i64 {_N}
  store {_kind(_WIDTH)} %word, ptr %memo.p, align 4
  store {_kind(_WIDTH)} %tempered, ptr %memo.q, align 4
  %n.more = icmp ult i64 %n.next, {_N}
  br i1 %n.more, label %noting, label %done
done:
  ret void
}}
""",
    # The next word by itself: it is not in the memo, or there is none left.
    "random_drawn": f"""
define internal i32 @random_drawn(ptr %o) noinline {{
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
    "random_word": f"""
define internal i32 @random_word(ptr %o) {{
  %ip = getelementptr i8, ptr %o, i64 {_INDEX}
  %at = load i32, ptr %ip
  %any = icmp ult i32 %at, {_N}
  br i1 %any, label %look, label %slow
look:
  %state = getelementptr i8, ptr %o, i64 {_STATE}
  %at64 = zext i32 %at to i64
  %p = getelementptr i32, ptr %state, i64 %at64
  %word = load i32, ptr %p
  %memo.p = getelementptr i32, ptr @{MEMO}, i64 %at64
  %noted = load i32, ptr %memo.p
  %same = icmp eq i32 %word, %noted
  br i1 %same, label %quick, label %slow
quick:
  %behind = add i32 %at, 1
  store i32 %behind, ptr %ip
  %memo.q = getelementptr i32, ptr %memo.p, i64 {_N}
  %tempered = load i32, ptr %memo.q
  br label %done
slow:
  %drawn = call i32 @random_drawn(ptr %o)
  br label %done
done:
  %r = phi i32 [ %tempered, %quick ], [ %drawn, %slow ]
  ret i32 %r
}}
""",
    "random_double": f"""
define internal double @random_double(ptr %o) {{
  %ip = getelementptr i8, ptr %o, i64 {_INDEX}
  %at = load i32, ptr %ip
  %both = icmp ult i32 %at, {_N - 1}
  br i1 %both, label %look, label %slow
look:
  %state = getelementptr i8, ptr %o, i64 {_STATE}
  %at64 = zext i32 %at to i64
  %p = getelementptr i32, ptr %state, i64 %at64
  %words = load i64, ptr %p, align 4
  %memo.p = getelementptr i32, ptr @{MEMO}, i64 %at64
  %noted = load i64, ptr %memo.p, align 4
  %same = icmp eq i64 %words, %noted
  br i1 %same, label %quick, label %slow
quick:
  %behind = add i32 %at, 2
  store i32 %behind, ptr %ip
  %memo.q = getelementptr i32, ptr %memo.p, i64 {_N}
  %memo.r = getelementptr i32, ptr %memo.p, i64 {_N + 1}
  %t1 = load i32, ptr %memo.q
  %t2 = load i32, ptr %memo.r
  br label %done
slow:
  %s1 = call i32 @random_drawn(ptr %o)
  %s2 = call i32 @random_drawn(ptr %o)
  br label %done
done:
  %w1 = phi i32 [ %t1, %quick ], [ %s1, %slow ]
  %w2 = phi i32 [ %t2, %quick ], [ %s2, %slow ]
  %a = lshr i32 %w1, 5
  %b = lshr i32 %w2, 6
  %x = sitofp i32 %a to double
  %y = sitofp i32 %b to double
  %big = fmul double %x, 67108864.0
  %sum = fadd double %big, %y
  %r = fmul double %sum, 0x3CA0000000000000
  ret double %r
}}
""",
    "random_tempered": _tempering("random_tempered", 1),
    "random_tempered_all": _tempering("random_tempered_all", _WIDTH),
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
DECLARATIONS: dict[str, str] = {MEMO: f"@{MEMO} = external global [{2 * _N} x i32]"}
