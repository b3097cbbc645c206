"""What emitted code calls for texts, in LLVM assembly: comparing them, and those that grow."""

from __future__ import annotations

from zexus import layout
from zexus.jit.emit.format_runtime import UNSHARED

# The interpreter's functions that tell something about a character.
TESTS = {
    "isalpha": ("_PyUnicode_IsAlpha",), "isdecimal": ("_PyUnicode_IsDecimalDigit",), "isdigit": ("_PyUnicode_IsDigit",),
    "isnumeric": ("_PyUnicode_IsNumeric",), "islower": ("_PyUnicode_IsLowercase",),
    "isupper": ("_PyUnicode_IsUppercase",), "isspace": ("_PyUnicode_IsWhitespace",),
    "isalnum": ("_PyUnicode_IsAlpha", "_PyUnicode_IsDecimalDigit", "_PyUnicode_IsDigit", "_PyUnicode_IsNumeric"),
}
# Of these, what holds of a text if it holds of each of its characters.
OF_EACH = ("isalpha", "isalnum", "isdecimal", "isdigit", "isnumeric", "isspace")
_COMPACT_ASCII = 3 << 5


def _of_all(name: str) -> str:
    """Whether a text has characters, and each is of a kind: a table tells it of those of ASCII."""
    low, high = (sum(1 << place for place in range(64) if getattr(chr(first + place), name)()) for first in (0, 64))
    asked = "".join(f"""
  %is.{i} = call i32 @{one}(i32 %wide)
  %any.{i} = or i32 {f"%any.{i - 1}" if i else "0"}, %is.{i}
""" for i, one in enumerate(TESTS[name]))
    return f"""
define internal i1 @text_{name}(ptr %text) noinline {{
  %statep = getelementptr i8, ptr %text, i64 {layout.OFFSETS["str.state"]}
  %state = load i32, ptr %statep
  %bits = and i32 %state, {_COMPACT_ASCII}
  %ascii = icmp eq i32 %bits, {_COMPACT_ASCII}
  %data = getelementptr i8, ptr %text, i64 {layout.OFFSETS["str.ascii"]}
  %lengthp = getelementptr i8, ptr %text, i64 {layout.OFFSETS["str.length"]}
  %length = load i64, ptr %lengthp
  %some = icmp sgt i64 %length, 0
  br i1 %some, label %head, label %no
head:
  %i = phi i64 [ 0, %0 ], [ %next, %on ]
  %more = icmp slt i64 %i, %length
  br i1 %more, label %body, label %yes
body:
  %next = add i64 %i, 1
  br i1 %ascii, label %narrow, label %other
narrow:
  %ip = getelementptr i8, ptr %data, i64 %i
  %c8 = load i8, ptr %ip
  %c = zext i8 %c8 to i64
  %upper = icmp uge i64 %c, 64
  %mask = select i1 %upper, i64 {_signed(high)}, i64 {_signed(low)}
  %place = and i64 %c, 63
  %moved = lshr i64 %mask, %place
  %bit = trunc i64 %moved to i1
  br i1 %bit, label %on, label %no
other:
  %wide = call i32 @PyUnicode_ReadChar(ptr %text, i64 %i)
{asked}
  %holds = icmp ne i32 %any.{len(TESTS[name]) - 1}, 0
  br i1 %holds, label %on, label %no
on:
  br label %head
yes:
  ret i1 true
no:
  ret i1 false
}}
"""


def _signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word


def _skipping(name: str, back: bool) -> str:
    """How far whitespace reaches from one end of a text: the index where that ends, or begins."""
    return f"""
define internal i64 @{name}(ptr %text) noinline {{
  %statep = getelementptr i8, ptr %text, i64 {layout.OFFSETS["str.state"]}
  %state = load i32, ptr %statep
  %bits = and i32 %state, {_COMPACT_ASCII}
  %ascii = icmp eq i32 %bits, {_COMPACT_ASCII}
  %data = getelementptr i8, ptr %text, i64 {layout.OFFSETS["str.ascii"]}
  %lengthp = getelementptr i8, ptr %text, i64 {layout.OFFSETS["str.length"]}
  %length = load i64, ptr %lengthp
  br label %head
head:
  %i = phi i64 [ {"%length" if back else "0"}, %0 ], [ %next, %on ]
  %more = icmp {"sgt i64 %i, 0" if back else "slt i64 %i, %length"}
  br i1 %more, label %body, label %done
body:
  %next = add i64 %i, {-1 if back else 1}
  br i1 %ascii, label %narrow, label %other
narrow:
  %ip = getelementptr i8, ptr %data, i64 %{"next" if back else "i"}
  %c8 = load i8, ptr %ip
  %c = zext i8 %c8 to i64
  %low = icmp ult i64 %c, 64
  %place = and i64 %c, 63
  %moved = lshr i64 {sum(1 << place for place in range(64) if chr(place).isspace())}, %place
  %bit = trunc i64 %moved to i1
  %space = and i1 %low, %bit
  br i1 %space, label %on, label %done
other:
  %wide = call i32 @PyUnicode_ReadChar(ptr %text, i64 %{"next" if back else "i"})
  %is = call i32 @_PyUnicode_IsWhitespace(i32 %wide)
  %also = icmp ne i32 %is, 0
  br i1 %also, label %on, label %done
on:
  br label %head
done:
  ret i64 %i
}}
"""


FUNCTIONS: dict[str, str] = {
    "text_skip": _skipping("text_skip", back=False),
    "text_skip_back": _skipping("text_skip_back", back=True),
    **{f"text_{name}": _of_all(name) for name in OF_EACH},
    "text_equal": f"""
define internal i1 @text_equal(ptr %a, ptr %b) {{
  %same = icmp eq ptr %a, %b
  br i1 %same, label %yes, label %differ
differ:
  %ap = getelementptr i8, ptr %a, i64 {layout.OFFSETS["str.length"]}
  %bp = getelementptr i8, ptr %b, i64 {layout.OFFSETS["str.length"]}
  %an = load i64, ptr %ap
  %bn = load i64, ptr %bp
  %alike = icmp eq i64 %an, %bn
  br i1 %alike, label %compare, label %no
compare:
  %order = call i32 @PyUnicode_Compare(ptr %a, ptr %b)
  %equal = icmp eq i32 %order, 0
  ret i1 %equal
yes:
  ret i1 true
no:
  ret i1 false
}}
""",
    # As `digits_text`; only formats that say how wide have one text of each single character.
    "int_text": f"""
define internal ptr @int_text(i64 %value, i64 %width, i64 %how) {{
  %negative = icmp slt i64 %value, 0
  %turned = sub i64 0, %value
  %size = select i1 %negative, i64 %turned, i64 %value
  %plain = icmp eq i64 %width, 0
  %manner = select i1 %plain, i64 {UNSHARED}, i64 %how
  %made = call ptr @digits_text(i1 %negative, i64 %size, i64 0, i64 %width, i64 %manner)
  ret ptr %made
}}
""",
    "text_concat": """
define internal ptr @text_concat(ptr %pool, ptr %a, ptr %b) {
  %made = call ptr @PyUnicode_Concat(ptr %a, ptr %b)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %lost, label %done
lost:
  call void @abort()
  unreachable
done:
  call void @pool_push(ptr %pool, ptr %made)
  ret ptr %made
}
""",
    # A text that only the pool holds grows where it is, and the pool holds what it has become.
    "text_append": """
define internal ptr @text_append(ptr %pool, ptr %a, ptr %b) {
  %refs = load i64, ptr %a
  %alone = icmp eq i64 %refs, 1
  br i1 %alone, label %search, label %copy
search:
  %lenp = getelementptr i8, ptr %pool, i64 8
  %len = load i64, ptr %lenp
  %data = load ptr, ptr %pool
  %low = sub i64 %len, 16
  br label %head
head:
  %i = phi i64 [ %len, %search ], [ %next, %body ]
  %next = sub i64 %i, 1
  %in.pool = icmp sge i64 %next, 0
  %near = icmp sge i64 %next, %low
  %more = and i1 %in.pool, %near
  br i1 %more, label %body, label %copy
body:
  %at = getelementptr ptr, ptr %data, i64 %next
  %held = load ptr, ptr %at
  %found = icmp eq ptr %held, %a
  br i1 %found, label %grow, label %head
grow:
  call void @PyUnicode_Append(ptr %at, ptr %b)
  %made = load ptr, ptr %at
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %lost, label %done
lost:
  call void @abort()
  unreachable
done:
  ret ptr %made
copy:
  %other = call ptr @text_concat(ptr %pool, ptr %a, ptr %b)
  ret ptr %other
}
""",
}
DECLARATIONS: dict[str, str] = {
    **{one: f"declare i32 @{one}(i32)" for tests in TESTS.values() for one in tests},
    "PyUnicode_New": "declare ptr @PyUnicode_New(i64, i32)",
    "PyUnicode_Concat": "declare ptr @PyUnicode_Concat(ptr, ptr)",
    "PyUnicode_Append": "declare void @PyUnicode_Append(ptr, ptr)",
    "PyUnicode_Compare": "declare i32 @PyUnicode_Compare(ptr, ptr)",
    "llvm.memset.p0.i64": "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)",
    "abort": "declare void @abort() noreturn",
}
