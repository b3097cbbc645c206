"""What emitted code calls for texts, in LLVM assembly: comparing them, and those that grow."""

from __future__ import annotations

from zexus import layout

FUNCTIONS: dict[str, str] = {
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
    "PyUnicode_Concat": "declare ptr @PyUnicode_Concat(ptr, ptr)",
    "PyUnicode_Append": "declare void @PyUnicode_Append(ptr, ptr)",
    "PyUnicode_Compare": "declare i32 @PyUnicode_Compare(ptr, ptr)",
    "abort": "declare void @abort() noreturn",
}
