"""The parts of the runtime that make objects of parts of sequences: lists of slices, arrays of views."""

from __future__ import annotations

from zexus import layout

_OFFSETS = layout.OFFSETS
_ITEMS = _OFFSETS["tuple.items"]

# An int of one digit: whether it is one, and its sign, from its size field.
_SHORT = """
  %short = icmp ult i64 %size, 16
  %low = and i64 %size, 3
  %sign = sub i64 1, %low
""" if layout.MODERN else """
  %plus = add i64 %size, 1
  %short = icmp ule i64 %plus, 2
  %sign = add i64 %size, 0
"""
# The value of an int; beyond 64 bits it goes on at `far`.
READ_INT = f"""
read:
  %sizep = getelementptr i8, ptr %item, i64 {_OFFSETS["int.size"]}
  %size = load i64, ptr %sizep
  %digitp = getelementptr i8, ptr %item, i64 {_OFFSETS["int.digits"]}
  %digit32 = load i32, ptr %digitp
  %digit = zext i32 %digit32 to i64
{_SHORT}
  %quick = mul i64 %digit, %sign
  br i1 %short, label %value, label %long
long:
  %pair = call {{ i64, i1 }} @long_value(ptr %item)
  %slow = extractvalue {{ i64, i1 }} %pair, 0
  %fits = extractvalue {{ i64, i1 }} %pair, 1
  br i1 %fits, label %value, label %far
value:
  %x = phi i64 [ %quick, %read ], [ %slow, %long ]
"""
# From 3.12 on, `sum` adds floats with a compensation (Neumaier 1974).
_ADD_FLOAT = """
  %next_sum = fadd double %sum, %x
  %sum_size = call double @llvm.fabs.f64(double %sum)
  %x_size = call double @llvm.fabs.f64(double %x)
  %larger = fcmp oge double %sum_size, %x_size
  %big = select i1 %larger, double %sum, double %x
  %small = select i1 %larger, double %x, double %sum
  %d = fsub double %big, %next_sum
  %lost = fadd double %d, %small
  %next_rest = fadd double %rest, %lost
""" if layout.MODERN else """
  %next_sum = fadd double %sum, %x
  %next_rest = fadd double %rest, 0.0
"""


def _summing(name: str, kind: str, phis: str, add: str, last: str) -> str:
    """A function that adds items of a list to a number; it says whether all were as they should be, none missing."""
    return f"""
define internal {{ {kind}, i1 }} @{name}(ptr %slots, i64 %start, i64 %count, i64 %step, {kind} %initial) noinline {{
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %on ]
  %at = phi i64 [ %start, %0 ], [ %after, %on ]
{phis}
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %done
body:
  %slot = getelementptr ptr, ptr %slots, i64 %at
  %item = load ptr, ptr %slot
  %typep = getelementptr i8, ptr %item, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %typep
{add}
on:
  %next = add i64 %i, 1
  %after = add i64 %at, %step
  br label %head
done:
{last}
bad:
  ret {{ {kind}, i1 }} zeroinitializer
}}
"""


FUNCTIONS: dict[str, str] = {
    "list_sum_int": _summing("list_sum_int", "i64", """
  %sum = phi i64 [ %initial, %0 ], [ %next_sum, %on ]
""", f"""
  %is_int = icmp eq ptr %type, @PyLong_Type
  br i1 %is_int, label %read, label %bad
{READ_INT}
  %both = call {{ i64, i1 }} @llvm.sadd.with.overflow.i64(i64 %sum, i64 %x)
  %next_sum = extractvalue {{ i64, i1 }} %both, 0
  %over = extractvalue {{ i64, i1 }} %both, 1
  br i1 %over, label %bad, label %on
far:
  br label %bad
""", """
  %first = insertvalue { i64, i1 } zeroinitializer, i64 %sum, 0
  %answer = insertvalue { i64, i1 } %first, i1 1, 1
  ret { i64, i1 } %answer
"""),
    "list_sum_float": _summing("list_sum_float", "double", """
  %sum = phi double [ %initial, %0 ], [ %next_sum, %on ]
  %rest = phi double [ 0.0, %0 ], [ %next_rest, %on ]
""", f"""
  %is_float = icmp eq ptr %type, @PyFloat_Type
  br i1 %is_float, label %read, label %bad
read:
  %xp = getelementptr i8, ptr %item, i64 {_OFFSETS["float.value"]}
  %x = load double, ptr %xp
{_ADD_FLOAT}
  br label %on
""", """
  %some = icmp sgt i64 %count, 0
  %rest_size = call double @llvm.fabs.f64(double %rest)
  %finite = fcmp olt double %rest_size, 0x7FF0000000000000
  %whole = fadd double %sum, %rest
  %any = fcmp one double %rest, 0.0
  %use = and i1 %finite, %any
  %total = select i1 %use, double %whole, double %sum
  %first = insertvalue { double, i1 } zeroinitializer, double %total, 0
  %answer = insertvalue { double, i1 } %first, i1 %some, 1
  ret { double, i1 } %answer
"""),
    "list_slice": f"""
define internal ptr @list_slice(ptr %list, i64 %start, i64 %count, i64 %step) noinline {{
  %made = call ptr @new_list(i64 %count)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %done, label %begin
begin:
  %fromp = getelementptr i8, ptr %list, i64 {_OFFSETS["list.items"]}
  %top = getelementptr i8, ptr %made, i64 {_OFFSETS["list.items"]}
  %from = load ptr, ptr %fromp
  %to = load ptr, ptr %top
  br label %head
head:
  %i = phi i64 [ 0, %begin ], [ %next, %body ]
  %at = phi i64 [ %start, %begin ], [ %after, %body ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %done
body:
  %itemp = getelementptr ptr, ptr %from, i64 %at
  %item = load ptr, ptr %itemp
  call void @Py_IncRef(ptr %item)
  %slot = getelementptr ptr, ptr %to, i64 %i
  store ptr %item, ptr %slot
  %next = add i64 %i, 1
  %after = add i64 %at, %step
  br label %head
done:
  ret ptr %made
}}
""",
    "int_tuple": f"""
define internal ptr @int_tuple(ptr %numbers, i64 %count) noinline {{
  %made = call ptr @new_tuple(i64 %count)
  %items = getelementptr i8, ptr %made, i64 {_ITEMS}
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %body ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %done
body:
  %numberp = getelementptr i64, ptr %numbers, i64 %i
  %number = load i64, ptr %numberp
  %item = call ptr @PyLong_FromLongLong(i64 %number)
  %slot = getelementptr ptr, ptr %items, i64 %i
  store ptr %item, ptr %slot
  %next = add i64 %i, 1
  br label %head
done:
  ret ptr %made
}}
""",
    # The array that a view names as its base: see PyArray_SetBaseObject.
    "view_owner": f"""
define internal ptr @view_owner(ptr %base, ptr %ndarray) noinline memory(read) {{
  br label %head
head:
  %array = phi ptr [ %base, %0 ], [ %outer, %array_too ]
  %flagsp = getelementptr i8, ptr %array, i64 {_OFFSETS["array.flags"]}
  %flags = load i32, ptr %flagsp
  %owning = and i32 %flags, {layout.OWNDATA}
  %owns = icmp ne i32 %owning, 0
  br i1 %owns, label %done, label %look
look:
  %outerp = getelementptr i8, ptr %array, i64 {_OFFSETS["array.base"]}
  %outer = load ptr, ptr %outerp
  %none = icmp eq ptr %outer, null
  br i1 %none, label %done, label %any
any:
  %typep = getelementptr i8, ptr %outer, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %typep
  %array_type = icmp eq ptr %type, %ndarray
  br i1 %array_type, label %array_too, label %done
array_too:
  br label %head
done:
  ret ptr %array
}}
""",
    # `room` has the dimensions and the strides.
    "make_view": f"""
define internal ptr @make_view(ptr %base, ptr %data, ptr %room, i64 %ndim, ptr %descr, ptr %ndarray) noinline {{
  %args = alloca [5 x ptr]
  %owner = call ptr @view_owner(ptr %base, ptr %ndarray)
  %ownerp = getelementptr i8, ptr %owner, i64 {_OFFSETS["array.data"]}
  %first = load i64, ptr %ownerp
  %here = ptrtoint ptr %data to i64
  %distance = sub i64 %here, %first
  %offset = call ptr @PyLong_FromLongLong(i64 %distance)
  %shape = call ptr @int_tuple(ptr %room, i64 %ndim)
  %own = getelementptr i64, ptr %room, i64 %ndim
  %strides = call ptr @int_tuple(ptr %own, i64 %ndim)
  store ptr %shape, ptr %args
  %a1 = getelementptr ptr, ptr %args, i64 1
  store ptr %descr, ptr %a1
  %a2 = getelementptr ptr, ptr %args, i64 2
  store ptr %owner, ptr %a2
  %a3 = getelementptr ptr, ptr %args, i64 3
  store ptr %offset, ptr %a3
  %a4 = getelementptr ptr, ptr %args, i64 4
  store ptr %strides, ptr %a4
  %made = call ptr @called_with_all(ptr %ndarray, ptr %args, i64 5, ptr null)
  call void @Py_DecRef(ptr %offset)
  call void @Py_DecRef(ptr %shape)
  call void @Py_DecRef(ptr %strides)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %clear, label %check
clear:
  call void @PyErr_Clear()
  ret ptr null
check:
  %flagsp = getelementptr i8, ptr %base, i64 {_OFFSETS["array.flags"]}
  %flags = load i32, ptr %flagsp
  %writeable = and i32 %flags, {layout.WRITEABLE}
  %free = icmp ne i32 %writeable, 0
  br i1 %free, label %done, label %lock
lock:
  %madep = getelementptr i8, ptr %made, i64 {_OFFSETS["array.flags"]}
  %old = load i32, ptr %madep
  %new = and i32 %old, {~layout.WRITEABLE}
  store i32 %new, ptr %madep
  br label %done
done:
  ret ptr %made
}}
""",
}

DECLARATIONS: dict[str, str] = {
    "llvm.sadd.with.overflow.i64": "declare { i64, i1 } @llvm.sadd.with.overflow.i64(i64, i64)",
    "PyList_New": "declare ptr @PyList_New(i64)",
    "PyObject_Vectorcall": "declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)",
    "PyErr_Clear": "declare void @PyErr_Clear()",
}
