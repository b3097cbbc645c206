"""The parts of the runtime that look for ints, texts, None and objects among the items of lists and tuples.

An item whose comparisons could run other code is for the interpreter, and so is a float beside an int too far from zero
to be one.
"""

from __future__ import annotations

from zexus import layout
from zexus.jit.emit.sequence_runtime import READ_INT

_OFFSETS = layout.OFFSETS

# What is none of these types is compared by the interpreter: these are never equal to what is looked for.
_NEVER = """
  %is.text = icmp eq ptr %type, @PyUnicode_Type
  %is.none = icmp eq ptr %item, @_Py_NoneStruct
  %is.tuple = icmp eq ptr %type, @PyTuple_Type
  %is.list = icmp eq ptr %type, @PyList_Type
  %a = or i1 %is.text, %is.none
  %b = or i1 %is.tuple, %is.list
  %never = or i1 %a, %b
  br i1 %never, label %on, label %unknown
"""
# Neither are numbers to what is no number.
_OTHER = f"""
  %n = or i1 %is.int, %is.float
  %number = or i1 %n, %is.bool
  br i1 %number, label %on, label %never.equal
never.equal:
{_NEVER}
"""


def _seeking(name: str, kind: str, compare: str) -> str:
    """Where an item is that counts as equal (slots, how many, what is looked for): -1 nowhere, -2 nobody can tell."""
    return f"""
define internal i64 @{name}(ptr %slots, i64 %count, {kind} %key) noinline {{
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %on ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %nowhere
body:
  %slot = getelementptr ptr, ptr %slots, i64 %i
  %item = load ptr, ptr %slot
  %typep = getelementptr i8, ptr %item, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %typep
  %is.int = icmp eq ptr %type, @PyLong_Type
  %is.float = icmp eq ptr %type, @PyFloat_Type
  %is.bool = icmp eq ptr %type, @PyBool_Type
  %is.true = icmp eq ptr %item, @_Py_TrueStruct
{compare}
on:
  %next = add i64 %i, 1
  br label %head
found:
  ret i64 %i
nowhere:
  ret i64 -1
unknown:
  ret i64 -2
}}
"""


FUNCTIONS: dict[str, str] = {
    "seek_int": _seeking("seek_int", "i64", f"""
  br i1 %is.int, label %read, label %other
{READ_INT}
  %same = icmp eq i64 %x, %key
  br i1 %same, label %found, label %on
far:
  br label %on
other:
  br i1 %is.float, label %float, label %rest
float:
  %shifted = add i64 %key, 9007199254740992
  %exact = icmp ule i64 %shifted, 18014398509481984
  br i1 %exact, label %compare, label %unknown
compare:
  %fp = getelementptr i8, ptr %item, i64 {_OFFSETS["float.value"]}
  %f = load double, ptr %fp
  %converted = sitofp i64 %key to double
  %equal = fcmp oeq double %f, %converted
  br i1 %equal, label %found, label %on
rest:
  br i1 %is.bool, label %bool, label %never.equal
bool:
  %truth = zext i1 %is.true to i64
  %alike = icmp eq i64 %truth, %key
  br i1 %alike, label %found, label %on
never.equal:
{_NEVER}
"""),
    "seek_text": _seeking("seek_text", "ptr", f"""
  %is.it = icmp eq ptr %item, %key
  br i1 %is.it, label %found, label %another
another:
  %is.one = icmp eq ptr %type, @PyUnicode_Type
  br i1 %is.one, label %compare, label %other
compare:
  %equal = call i1 @text_equal(ptr %item, ptr %key)
  br i1 %equal, label %found, label %on
other:
{_OTHER}
"""),
    "seek_none": _seeking("seek_none", "ptr", f"""
  %is.it = icmp eq ptr %item, %key
  br i1 %is.it, label %found, label %other
other:
{_OTHER}
"""),
    # Objects of its own class are equal to nothing but themselves.
    "seek_object": _seeking("seek_object", "ptr", f"""
  %is.it = icmp eq ptr %item, %key
  br i1 %is.it, label %found, label %another
another:
  %key.typep = getelementptr i8, ptr %key, i64 {_OFFSETS["type"]}
  %key.type = load ptr, ptr %key.typep
  %is.alike = icmp eq ptr %type, %key.type
  br i1 %is.alike, label %on, label %other
other:
{_OTHER}
"""),
    # The item is handed over.
    "list_cut": f"""
define internal ptr @list_cut(ptr %list, i64 %at) noinline {{
  %sizep = getelementptr i8, ptr %list, i64 {_OFFSETS["list.size"]}
  %size = load i64, ptr %sizep
  %slotsp = getelementptr i8, ptr %list, i64 {_OFFSETS["list.items"]}
  %slots = load ptr, ptr %slotsp
  %slot = getelementptr ptr, ptr %slots, i64 %at
  %item = load ptr, ptr %slot
  %last = sub i64 %size, 1
  %behind = getelementptr ptr, ptr %slot, i64 1
  %count = sub i64 %last, %at
  %bytes = shl i64 %count, 3
  call void @llvm.memmove.p0.p0.i64(ptr %slot, ptr %behind, i64 %bytes, i1 false)
  store i64 %last, ptr %sizep
  ret ptr %item
}}
""",
}

DECLARATIONS: dict[str, str] = {
    "llvm.memmove.p0.p0.i64": "declare void @llvm.memmove.p0.p0.i64(ptr, ptr, i64, i1)",
}
