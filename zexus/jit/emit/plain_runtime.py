"""The parts of the runtime that compare objects of several builtin types, whose comparisons run no other code."""

from __future__ import annotations

from zexus import layout
from zexus.jit.emit.sequence_runtime import READ_INT

_OFFSETS = layout.OFFSETS
_COMPACT_ASCII = 3 << 5
_TYPE = f"""
  %typep = getelementptr i8, ptr %item, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %typep
"""

FUNCTIONS: dict[str, str] = {
    "plain_is_text": f"""
define internal i1 @plain_is_text(ptr %item, ptr %text) {{
  %is.it = icmp eq ptr %item, %text
  br i1 %is.it, label %yes, label %another
another:
{_TYPE}
  %is.text = icmp eq ptr %type, @PyUnicode_Type
  br i1 %is.text, label %compare, label %no
compare:
  %equal = call i1 @text_equal(ptr %item, ptr %text)
  ret i1 %equal
yes:
  ret i1 true
no:
  ret i1 false
}}
""",
    "plain_is_char": f"""
define internal i1 @plain_is_char(ptr %item, i64 %code) {{
{_TYPE}
  %is.text = icmp eq ptr %type, @PyUnicode_Type
  br i1 %is.text, label %text, label %no
text:
  %lengthp = getelementptr i8, ptr %item, i64 {_OFFSETS["str.length"]}
  %length = load i64, ptr %lengthp
  %single = icmp eq i64 %length, 1
  br i1 %single, label %look, label %no
look:
  %statep = getelementptr i8, ptr %item, i64 {_OFFSETS["str.state"]}
  %state = load i32, ptr %statep
  %bits = and i32 %state, {_COMPACT_ASCII}
  %ascii = icmp eq i32 %bits, {_COMPACT_ASCII}
  br i1 %ascii, label %quick, label %slow
quick:
  %bytep = getelementptr i8, ptr %item, i64 {_OFFSETS["str.ascii"]}
  %byte = load i8, ptr %bytep
  %one = zext i8 %byte to i64
  %same = icmp eq i64 %one, %code
  ret i1 %same
slow:
  %read = call i32 @PyUnicode_ReadChar(ptr %item, i64 0)
  %other = zext i32 %read to i64
  %alike = icmp eq i64 %other, %code
  ret i1 %alike
no:
  ret i1 false
}}
""",
    # A float is equal to an int that it is; of those that are rounded to it only one is.
    "plain_is_int": f"""
define internal i1 @plain_is_int(ptr %item, i64 %key) {{
{_TYPE}
  %is.int = icmp eq ptr %type, @PyLong_Type
  br i1 %is.int, label %read, label %other
{READ_INT}
  %same = icmp eq i64 %x, %key
  ret i1 %same
far:
  ret i1 false
other:
  %is.float = icmp eq ptr %type, @PyFloat_Type
  br i1 %is.float, label %float, label %rest
float:
  %fp = getelementptr i8, ptr %item, i64 {_OFFSETS["float.value"]}
  %f = load double, ptr %fp
  %rounded = sitofp i64 %key to double
  %near = fcmp oeq double %f, %rounded
  %within = fcmp olt double %f, 0x43E0000000000000
  %maybe = and i1 %near, %within
  br i1 %maybe, label %exact, label %no
exact:
  %back = fptosi double %f to i64
  %equal = icmp eq i64 %back, %key
  ret i1 %equal
rest:
  %is.bool = icmp eq ptr %type, @PyBool_Type
  %is.true = icmp eq ptr %item, @_Py_TrueStruct
  %truth = zext i1 %is.true to i64
  %alike = icmp eq i64 %truth, %key
  %both = and i1 %is.bool, %alike
  ret i1 %both
no:
  ret i1 false
}}
""",
    "plain_equal": f"""
define internal i1 @plain_equal(ptr %item, ptr %other) noinline {{
{_TYPE}
  %otherp = getelementptr i8, ptr %other, i64 {_OFFSETS["type"]}
  %other.type = load ptr, ptr %otherp
  %none = icmp eq ptr %item, @_Py_NoneStruct
  %other.none = icmp eq ptr %other, @_Py_NoneStruct
  %either = or i1 %none, %other.none
  br i1 %either, label %identity, label %there
identity:
  %same = icmp eq ptr %item, %other
  ret i1 %same
there:
  %text = icmp eq ptr %type, @PyUnicode_Type
  %other.text = icmp eq ptr %other.type, @PyUnicode_Type
  %texts = and i1 %text, %other.text
  br i1 %texts, label %compare, label %differ
compare:
  %equal = call i1 @text_equal(ptr %item, ptr %other)
  ret i1 %equal
differ:
  %one.text = or i1 %text, %other.text
  br i1 %one.text, label %no, label %ask
ask:
  %answer = call ptr @PyObject_RichCompare(ptr %item, ptr %other, i32 2)
  call void @Py_DecRef(ptr %answer)
  %true = icmp eq ptr %answer, @_Py_TrueStruct
  ret i1 %true
no:
  ret i1 false
}}
""",
    "plain_truth": """
define internal i1 @plain_truth(ptr %item) {
  %none = icmp eq ptr %item, @_Py_NoneStruct
  br i1 %none, label %no, label %ask
ask:
  %answer = call i32 @PyObject_IsTrue(ptr %item)
  %truth = icmp sgt i32 %answer, 0
  ret i1 %truth
no:
  ret i1 false
}
""",
}

DECLARATIONS: dict[str, str] = {
    "PyObject_RichCompare": "declare ptr @PyObject_RichCompare(ptr, ptr, i32)",
    "PyObject_IsTrue": "declare i32 @PyObject_IsTrue(ptr)",
    "PyUnicode_ReadChar": "declare i32 @PyUnicode_ReadChar(ptr, i64)",
}
