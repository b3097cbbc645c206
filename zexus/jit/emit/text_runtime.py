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
    # The digits from the last to the first one, behind the sign.
    "int_text": f"""
define internal ptr @int_text(i64 %value) {{
  %negative = icmp slt i64 %value, 0
  %turned = sub i64 0, %value
  %size = select i1 %negative, i64 %turned, i64 %value
  %sign = zext i1 %negative to i64
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
  %length = add i64 %n, %sign
  %made = call ptr @PyUnicode_New(i64 %length, i32 127)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %lost, label %begin
lost:
  call void @abort()
  unreachable
begin:
  %first = getelementptr i8, ptr %made, i64 {layout.OFFSETS["str.ascii"]}
  br label %write
write:
  %at = phi i64 [ %length, %begin ], [ %at.next, %write ]
  %left = phi i64 [ %size, %begin ], [ %left.next, %write ]
  %left.next = udiv i64 %left, 10
  %tens = mul i64 %left.next, 10
  %digit = sub i64 %left, %tens
  %small = trunc i64 %digit to i8
  %code = add i8 %small, 48
  %at.next = sub i64 %at, 1
  %place = getelementptr i8, ptr %first, i64 %at.next
  store i8 %code, ptr %place
  %again = icmp ne i64 %left.next, 0
  br i1 %again, label %write, label %written
written:
  br i1 %negative, label %signed, label %done
signed:
  store i8 45, ptr %first
  br label %done
done:
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
    "PyUnicode_New": "declare ptr @PyUnicode_New(i64, i32)",
    "PyUnicode_Concat": "declare ptr @PyUnicode_Concat(ptr, ptr)",
    "PyUnicode_Append": "declare void @PyUnicode_Append(ptr, ptr)",
    "PyUnicode_Compare": "declare i32 @PyUnicode_Compare(ptr, ptr)",
    "abort": "declare void @abort() noreturn",
}
