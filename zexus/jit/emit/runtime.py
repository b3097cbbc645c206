"""What emitted code calls, in LLVM assembly: what is inlined into each module, and what is compiled once for all.

A function that is not to be inlined stands in an object file of its own, one for each part, which is loaded before the
first unit that calls it.
"""

from __future__ import annotations

import re

from zexus import layout, ops
from zexus.jit.emit import (
    attribute_runtime,
    call_runtime,
    deque_runtime,
    dict_runtime,
    draw_runtime,
    ending_runtime,
    error_runtime,
    format_runtime,
    heap_runtime,
    mirror_runtime,
    number_runtime,
    plain_runtime,
    power_runtime,
    random_runtime,
    reading_runtime,
    remainder_runtime,
    seek_runtime,
    sequence_runtime,
    set_runtime,
    text_runtime,
)

_HIDDEN = "memory(inaccessiblemem: readwrite)"
# The size field of ints of two digits.
_PLUS_TWO, _MINUS_TWO = (16, 18) if layout.MODERN else (2, -2)
_PLUS_THREE = 24 if layout.MODERN else 3
# How many objects code makes at least before it drops the dead ones.
POOL_ROOM = 16
# How many objects a pool has room for that the frame of a function lends it; no other has exactly that.
POOL_LENT = 8

_DECREF_OLD = """
define internal void @decref(ptr %o) {
  %n = load i64, ptr %o
  %m = sub i64 %n, 1
  store i64 %m, ptr %o
  %z = icmp eq i64 %m, 0
  br i1 %z, label %dead, label %done
dead:
  call void @_Py_Dealloc(ptr %o)
  br label %done
done:
  ret void
}
"""
_DECREF_NEW = """
define internal void @decref(ptr %o) {
  %low = load i32, ptr %o
  %immortal = icmp slt i32 %low, 0
  br i1 %immortal, label %done, label %count
count:
  %n = load i64, ptr %o
  %m = sub i64 %n, 1
  store i64 %m, ptr %o
  %z = icmp eq i64 %m, 0
  br i1 %z, label %dead, label %done
dead:
  call void @_Py_Dealloc(ptr %o)
  br label %done
done:
  ret void
}
"""
_INCREF_OLD = """
define internal void @incref(ptr %o) {
  %n = load i64, ptr %o
  %m = add i64 %n, 1
  store i64 %m, ptr %o
  ret void
}
"""
_INCREF_NEW = """
define internal void @incref(ptr %o) {
  %n = load i32, ptr %o
  %m = add i32 %n, 1
  %immortal = icmp eq i32 %m, 0
  br i1 %immortal, label %done, label %count
count:
  store i32 %m, ptr %o
  br label %done
done:
  ret void
}
"""
# `optnone` stands where code runs once for each entry or exit: LLVM need not spend its time there.
FUNCTIONS: dict[str, str] = {
    "incref": _INCREF_NEW if layout.MODERN else _INCREF_OLD,
    "decref": _DECREF_NEW if layout.MODERN else _DECREF_OLD,
    "pool_grow": f"""
define internal void @pool_grow(ptr %pool) noinline {{
  %capp = getelementptr i8, ptr %pool, i64 16
  %cap = load i64, ptr %capp
  %lent = icmp eq i64 %cap, {POOL_LENT}
  %twice = shl i64 %cap, 1
  %more = add i64 %twice, 16
  %bytes = shl i64 %more, 3
  %before = load ptr, ptr %pool
  %old = select i1 %lent, ptr null, ptr %before
  %new = call ptr @PyMem_RawRealloc(ptr %old, i64 %bytes)
  store ptr %new, ptr %pool
  store i64 %more, ptr %capp
  br i1 %lent, label %copy, label %done
copy:
  %items = load [{POOL_LENT} x ptr], ptr %before
  store [{POOL_LENT} x ptr] %items, ptr %new
  br label %done
done:
  ret void
}}
""",
    "pool_push": """
define internal void @pool_push(ptr %pool, ptr %o) {
  %lenp = getelementptr i8, ptr %pool, i64 8
  %capp = getelementptr i8, ptr %pool, i64 16
  %len = load i64, ptr %lenp
  %cap = load i64, ptr %capp
  %full = icmp eq i64 %len, %cap
  br i1 %full, label %grow, label %put
grow:
  call void @pool_grow(ptr %pool)
  br label %put
put:
  %data = load ptr, ptr %pool
  %at = getelementptr ptr, ptr %data, i64 %len
  store ptr %o, ptr %at
  %next = add i64 %len, 1
  store i64 %next, ptr %lenp
  ret void
}
""",
    "pool_drain": f"""
define internal void @pool_drain(ptr %pool) noinline {{
  %lenp = getelementptr i8, ptr %pool, i64 8
  %len = load i64, ptr %lenp
  %data = load ptr, ptr %pool
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %body ]
  %more = icmp slt i64 %i, %len
  br i1 %more, label %body, label %done
body:
  %at = getelementptr ptr, ptr %data, i64 %i
  %o = load ptr, ptr %at
  call void @Py_DecRef(ptr %o)
  %next = add i64 %i, 1
  br label %head
done:
  %capp = getelementptr i8, ptr %pool, i64 16
  %cap = load i64, ptr %capp
  %lent = icmp eq i64 %cap, {POOL_LENT}
  br i1 %lent, label %end, label %free
free:
  call void @PyMem_RawFree(ptr %data)
  br label %end
end:
  ret void
}}
""",
    "pool_sweep": f"""
define internal void @pool_sweep(ptr %pool, ptr %live, i64 %n) noinline {{
  %lenp = getelementptr i8, ptr %pool, i64 8
  %basep = getelementptr i8, ptr %pool, i64 24
  %limitp = getelementptr i8, ptr %pool, i64 32
  %len = load i64, ptr %lenp
  %base = load i64, ptr %basep
  %data = load ptr, ptr %pool
  br label %head
head:
  %i = phi i64 [ %base, %0 ], [ %next, %after ]
  %kept = phi i64 [ %base, %0 ], [ %so.far, %after ]
  %more = icmp slt i64 %i, %len
  br i1 %more, label %body, label %done
body:
  %at = getelementptr ptr, ptr %data, i64 %i
  %o = load ptr, ptr %at
  br label %look
look:
  %j = phi i64 [ 0, %body ], [ %j1, %other ]
  %some = icmp slt i64 %j, %n
  br i1 %some, label %compare, label %drop
compare:
  %lp = getelementptr ptr, ptr %live, i64 %j
  %l = load ptr, ptr %lp
  %j1 = add i64 %j, 1
  %lives = icmp eq ptr %l, %o
  br i1 %lives, label %keep, label %other
other:
  br label %look
keep:
  store ptr null, ptr %lp
  %to = getelementptr ptr, ptr %data, i64 %kept
  store ptr %o, ptr %to
  %one.more = add i64 %kept, 1
  br label %after
drop:
  call void @Py_DecRef(ptr %o)
  br label %after
after:
  %so.far = phi i64 [ %one.more, %keep ], [ %kept, %drop ]
  %next = add i64 %i, 1
  br label %head
done:
  store i64 %kept, ptr %lenp
  %many = sub i64 %kept, %base
  %few = icmp slt i64 %many, {POOL_ROOM}
  %room = select i1 %few, i64 {POOL_ROOM}, i64 %many
  %limit = add i64 %kept, %room
  store i64 %limit, ptr %limitp
  ret void
}}
""",
    "answer_exit": f"""
define internal ptr @answer_exit(i64 %number, ptr %row, ptr %room, ptr %pending) noinline optnone {{
  %count16 = load i16, ptr %row, align 1
  %count = zext i16 %count16 to i64
  %kinds = getelementptr i8, ptr %row, i64 1
  %quiet = icmp eq ptr %pending, null
  %extra = select i1 %quiet, i64 1, i64 2
  %size = add i64 %count, %extra
  %tuple = call ptr @new_tuple(i64 %size)
  %plain = add i64 %number, 4
  %bad = sub i64 -1, %number
  %status = select i1 %quiet, i64 %plain, i64 %bad
  %first = call ptr @PyLong_FromLongLong(i64 %status)
  %items = getelementptr i8, ptr %tuple, i64 {layout.OFFSETS["tuple.items"]}
  store ptr %first, ptr %items
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %put ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %last
body:
  %next = add i64 %i, 1
  %kindp = getelementptr i8, ptr %kinds, i64 %next
  %kind = load i8, ptr %kindp
  %wordp = getelementptr i64, ptr %room, i64 %i
  %word = load i64, ptr %wordp
  switch i8 %kind, label %as_ptr [ i8 0, label %as_int
                                   i8 1, label %as_float
                                   i8 2, label %as_bool
                                   i8 4, label %as_word ]
as_int:
  %a = call ptr @PyLong_FromLongLong(i64 %word)
  br label %put
as_word:
  %w = call ptr @PyLong_FromUnsignedLongLong(i64 %word)
  br label %put
as_float:
  %d = bitcast i64 %word to double
  %b = call ptr @PyFloat_FromDouble(double %d)
  br label %put
as_bool:
  %c = call ptr @PyBool_FromLong(i64 %word)
  br label %put
as_ptr:
  %q = inttoptr i64 %word to ptr
  %absent = icmp eq ptr %q, null
  %p = select i1 %absent, ptr @_Py_NotImplementedStruct, ptr %q
  call void @Py_IncRef(ptr %p)
  br label %put
put:
  %o = phi ptr [ %a, %as_int ], [ %w, %as_word ], [ %b, %as_float ], [ %c, %as_bool ], [ %p, %as_ptr ]
  %at = getelementptr ptr, ptr %items, i64 %next
  store ptr %o, ptr %at
  br label %head
last:
  br i1 %quiet, label %done, label %raised
raised:
  %slot = add i64 %count, 1
  %end = getelementptr ptr, ptr %items, i64 %slot
  store ptr %pending, ptr %end
  br label %done
done:
  ret ptr %tuple
}}
""",
    "not_forced": """
define internal i1 @not_forced(ptr %room, i64 %number) {
  %n = load i64, ptr %room
  %at = getelementptr i64, ptr %room, i64 %number
  %c = load i64, ptr %at
  %d = add i64 %c, 1
  store i64 %d, ptr %at
  %r = icmp ne i64 %d, %n
  ret i1 %r
}
""",
    "global_get": """
define internal ptr @global_get(ptr %globals, ptr %builtins, ptr %name) noinline {
  %a = call ptr @PyDict_GetItemWithError(ptr %globals, ptr %name)
  %none = icmp eq ptr %a, null
  br i1 %none, label %next, label %done
next:
  %b = call ptr @PyDict_GetItemWithError(ptr %builtins, ptr %name)
  br label %done
done:
  %r = phi ptr [ %a, %0 ], [ %b, %next ]
  ret ptr %r
}
""",
    "context_get": """
define internal ptr @context_get(ptr %variable) noinline {
  %room = alloca ptr
  store ptr null, ptr %room
  %ignored = call i32 @PyContextVar_Get(ptr %variable, ptr null, ptr %room)
  %value = load ptr, ptr %room
  call void @Py_DecRef(ptr %value)
  ret ptr %value
}
""",
    # An int of two digits or more, which is less than 2**30 nowhere.
    "long_value": f"""
define internal {{ i64, i1 }} @long_value(ptr %o) noinline {{
  %flag = alloca i32
  %sp = getelementptr i8, ptr %o, i64 {layout.OFFSETS["int.size"]}
  %size = load i64, ptr %sp
  %is.plus = icmp eq i64 %size, {_PLUS_TWO}
  %is.minus = icmp eq i64 %size, {_MINUS_TWO}
  %two = or i1 %is.plus, %is.minus
  br i1 %two, label %quick, label %slow
quick:
  %p0 = getelementptr i8, ptr %o, i64 {layout.OFFSETS["int.digits"]}
  %p1 = getelementptr i8, ptr %o, i64 {layout.OFFSETS["int.digits"] + 4}
  %d0 = load i32, ptr %p0
  %d1 = load i32, ptr %p1
  %low = zext i32 %d0 to i64
  %high = zext i32 %d1 to i64
  %up = shl i64 %high, 30
  %plus = or i64 %low, %up
  %minus = sub i64 0, %plus
  %whole = select i1 %is.plus, i64 %plus, i64 %minus
  %q = insertvalue {{ i64, i1 }} undef, i64 %whole, 0
  %qq = insertvalue {{ i64, i1 }} %q, i1 true, 1
  ret {{ i64, i1 }} %qq
slow:
  %v = call i64 @PyLong_AsLongLongAndOverflow(ptr %o, ptr %flag)
  %f = load i32, ptr %flag
  %ok = icmp eq i32 %f, 0
  %a = insertvalue {{ i64, i1 }} undef, i64 %v, 0
  %b = insertvalue {{ i64, i1 }} %a, i1 %ok, 1
  ret {{ i64, i1 }} %b
}}
""",
    # An exact int from 0 to 2**64 - 1: of three digits at once, others by `int_once`.
    "word_value": f"""
define internal {{ i64, i1 }} @word_value(ptr %o) noinline {{
  %tp = getelementptr i8, ptr %o, i64 {layout.OFFSETS["type"]}
  %t = load ptr, ptr %tp
  %is.int = icmp eq ptr %t, @PyLong_Type
  br i1 %is.int, label %look, label %no
look:
  %sp = getelementptr i8, ptr %o, i64 {layout.OFFSETS["int.size"]}
  %size = load i64, ptr %sp
  %three = icmp eq i64 %size, {_PLUS_THREE}
  br i1 %three, label %quick, label %short
quick:
  %p0 = getelementptr i8, ptr %o, i64 {layout.OFFSETS["int.digits"]}
  %p1 = getelementptr i8, ptr %o, i64 {layout.OFFSETS["int.digits"] + 4}
  %p2 = getelementptr i8, ptr %o, i64 {layout.OFFSETS["int.digits"] + 8}
  %d0 = load i32, ptr %p0
  %d1 = load i32, ptr %p1
  %d2 = load i32, ptr %p2
  %low = zext i32 %d0 to i64
  %mid = zext i32 %d1 to i64
  %high = zext i32 %d2 to i64
  %mid.up = shl i64 %mid, 30
  %high.up = shl i64 %high, 60
  %both = or i64 %low, %mid.up
  %whole = or i64 %both, %high.up
  %fits = icmp ult i32 %d2, 16
  %q = insertvalue {{ i64, i1 }} undef, i64 %whole, 0
  %qq = insertvalue {{ i64, i1 }} %q, i1 %fits, 1
  ret {{ i64, i1 }} %qq
short:
  %r = call {{ i64, i1 }} @long_value(ptr %o)
  %v = extractvalue {{ i64, i1 }} %r, 0
  %ok = extractvalue {{ i64, i1 }} %r, 1
  %positive = icmp sge i64 %v, 0
  %good = and i1 %ok, %positive
  %rr = insertvalue {{ i64, i1 }} %r, i1 %good, 1
  ret {{ i64, i1 }} %rr
no:
  ret {{ i64, i1 }} zeroinitializer
}}
""",
    # Put an int where a number was: an int of two digits that nobody else holds is overwritten by another such.
    "put_int": f"""
define internal void @put_int(ptr %slot, ptr %old, i64 %v) noinline {{
  %tp = getelementptr i8, ptr %old, i64 {layout.OFFSETS["type"]}
  %t = load ptr, ptr %tp
  %is.int = icmp eq ptr %t, @PyLong_Type
  %refs = load i64, ptr %old
  %alone = icmp eq i64 %refs, 1
  %sp = getelementptr i8, ptr %old, i64 {layout.OFFSETS["int.size"]}
  %above = sub i64 %v, 1073741824
  %fits = icmp ult i64 %above, 1152921503533105152
  %ours = and i1 %is.int, %alone
  %may = and i1 %ours, %fits
  br i1 %may, label %look, label %fresh
look:
  %size = load i64, ptr %sp
  %two = icmp eq i64 %size, {_PLUS_TWO}
  br i1 %two, label %over, label %fresh
over:
  %p0 = getelementptr i8, ptr %old, i64 {layout.OFFSETS["int.digits"]}
  %p1 = getelementptr i8, ptr %old, i64 {layout.OFFSETS["int.digits"] + 4}
  %d0 = trunc i64 %v to i32
  %low = and i32 %d0, 1073741823
  %up = lshr i64 %v, 30
  %high = trunc i64 %up to i32
  store i32 %low, ptr %p0
  store i32 %high, ptr %p1
  ret void
fresh:
  %made = call ptr @PyLong_FromLongLong(i64 %v)
  store ptr %made, ptr %slot
  call void @drop(ptr %old)
  ret void
}}
""",
    "int_once": f"""
define internal {{ i64, i1 }} @int_once(ptr %o) noinline optnone {{
  %tp = getelementptr i8, ptr %o, i64 {layout.OFFSETS["type"]}
  %t = load ptr, ptr %tp
  %is_int = icmp eq ptr %t, @PyLong_Type
  br i1 %is_int, label %yes, label %no
yes:
  %r = call {{ i64, i1 }} @long_value(ptr %o)
  ret {{ i64, i1 }} %r
no:
  ret {{ i64, i1 }} zeroinitializer
}}
""",
    "fp_quiet": """
define internal i1 @fp_quiet(double %r, double %x, double %y) noinline memory(none) {
  %isnan = fcmp uno double %r, %r
  %anynan = fcmp uno double %x, %y
  %ar = call double @llvm.fabs.f64(double %r)
  %finite = fcmp olt double %ar, 0x7FF0000000000000
  br i1 %finite, label %fine, label %odd
fine:
  ret i1 true
odd:
  br i1 %isnan, label %nan, label %inf
nan:
  ret i1 %anynan
inf:
  %ax = call double @llvm.fabs.f64(double %x)
  %ay = call double @llvm.fabs.f64(double %y)
  %ix = fcmp oeq double %ax, 0x7FF0000000000000
  %iy = fcmp oeq double %ay, 0x7FF0000000000000
  %any = or i1 %ix, %iy
  ret i1 %any
}
""",
    "float_mod": """
define internal double @float_mod(double %a, double %b) {
  %m = call double @fmod(double %a, double %b)
  %nonzero = fcmp une double %m, 0.0
  %bneg = fcmp olt double %b, 0.0
  %mneg = fcmp olt double %m, 0.0
  %differs = xor i1 %bneg, %mneg
  %fixed = fadd double %m, %b
  %kept = select i1 %differs, double %fixed, double %m
  %zero = call double @llvm.copysign.f64(double 0.0, double %b)
  %r = select i1 %nonzero, double %kept, double %zero
  ret double %r
}
""",
    "float_floordiv": """
define internal double @float_floordiv(double %a, double %b) {
  %m = call double @fmod(double %a, double %b)
  %left = fsub double %a, %m
  %div0 = fdiv double %left, %b
  %nonzero = fcmp une double %m, 0.0
  %bneg = fcmp olt double %b, 0.0
  %mneg = fcmp olt double %m, 0.0
  %differs = xor i1 %bneg, %mneg
  %wrong = and i1 %nonzero, %differs
  %less = fsub double %div0, 1.0
  %div = select i1 %wrong, double %less, double %div0
  %floor = call double @llvm.floor.f64(double %div)
  %rest = fsub double %div, %floor
  %far = fcmp ogt double %rest, 0.5
  %up = fadd double %floor, 1.0
  %near = select i1 %far, double %up, double %floor
  %true = fdiv double %a, %b
  %zero = call double @llvm.copysign.f64(double 0.0, double %true)
  %some = fcmp une double %div, 0.0
  %r = select i1 %some, double %near, double %zero
  ret double %r
}
""",
    "is_plain": f"""
define internal i1 @is_plain(ptr %o) {{
  %tp = getelementptr i8, ptr %o, i64 {layout.OFFSETS["type"]}
  %t = load ptr, ptr %tp
  %a = icmp eq ptr %t, @PyLong_Type
  %b = icmp eq ptr %t, @PyFloat_Type
  %c = icmp eq ptr %t, @PyBool_Type
  %d = icmp eq ptr %t, @PyList_Type
  %e = icmp eq ptr %t, @PyUnicode_Type
  %f = icmp eq ptr %t, @PyTuple_Type
  %g = icmp eq ptr %o, @_Py_NoneStruct
  %ab = or i1 %a, %b
  %cd = or i1 %c, %d
  %ef = or i1 %e, %f
  %abcd = or i1 %ab, %cd
  %efg = or i1 %ef, %g
  %r = or i1 %abcd, %efg
  br i1 %r, label %yes, label %ask
ask:
  %simple = call i1 @is_simple(ptr %o)
  ret i1 %simple
yes:
  ret i1 true
}}
""",
    # A type that is no class statement's, holds no other objects and has no weak references (NumPy's scalars are
    # such): when its objects die, no Python code runs.
    "is_simple": f"""
define internal i1 @is_simple(ptr %o) noinline memory(read) {{
  %tp = getelementptr i8, ptr %o, i64 {layout.OFFSETS["type"]}
  %t = load ptr, ptr %tp
  %fp = getelementptr i8, ptr %t, i64 {layout.OFFSETS["type.flags"]}
  %flags = load i64, ptr %fp
  %bits = and i64 %flags, {layout.HEAP_TYPE | layout.HAVE_GC}
  %static = icmp eq i64 %bits, 0
  %wp = getelementptr i8, ptr %t, i64 {layout.OFFSETS["type.weakrefs"]}
  %offset = load i64, ptr %wp
  %strong = icmp eq i64 %offset, 0
  %r = and i1 %static, %strong
  ret i1 %r
}}
""",
    "is_number": f"""
define internal i1 @is_number(ptr %o) {{
  %tp = getelementptr i8, ptr %o, i64 {layout.OFFSETS["type"]}
  %t = load ptr, ptr %tp
  %a = icmp eq ptr %t, @PyLong_Type
  %b = icmp eq ptr %t, @PyFloat_Type
  %c = icmp eq ptr %t, @PyBool_Type
  %g = icmp eq ptr %o, @_Py_NoneStruct
  %ab = or i1 %a, %b
  %cg = or i1 %c, %g
  %r = or i1 %ab, %cg
  br i1 %r, label %yes, label %ask
ask:
  %simple = call i1 @is_simple(ptr %o)
  ret i1 %simple
yes:
  ret i1 true
}}
""",
    # To LLVM only the allocator sees this: the object is a number, which native code does not look at any more.
    "drop": f"""
define internal void @drop(ptr %o) noinline {_HIDDEN} {{
  call void @decref(ptr %o)
  ret void
}}
""",
    "list_push": f"""
define internal void @list_push(ptr %list, ptr %o) {{
  %sp = getelementptr i8, ptr %list, i64 {layout.OFFSETS["list.size"]}
  %ap = getelementptr i8, ptr %list, i64 {layout.OFFSETS["list.allocated"]}
  %ip = getelementptr i8, ptr %list, i64 {layout.OFFSETS["list.items"]}
  %size = load i64, ptr %sp
  %room = load i64, ptr %ap
  %fits = icmp slt i64 %size, %room
  br i1 %fits, label %quick, label %slow
quick:
  %items = load ptr, ptr %ip
  %at = getelementptr ptr, ptr %items, i64 %size
  store ptr %o, ptr %at
  %next = add i64 %size, 1
  store i64 %next, ptr %sp
  ret void
slow:
  %ignored = call i32 @PyList_Append(ptr %list, ptr %o)
  call void @decref(ptr %o)
  ret void
}}
""",
}



def _calmly(name: str, called: str, params: str) -> str:
    """A function of the interpreter that makes a container, without the garbage collection that this may begin.

    That runs other code, which may drop what native code has only borrowed. Since 3.12 it waits for the interpreter's
    loop; before, for the time slice.
    """
    params = ", ".join(f"{kind} %a{i}" for i, kind in enumerate(params.split(", ") if params else ()))
    if layout.MODERN:
        return f"""
define internal ptr @{name}({params}) {{
  %made = call ptr @{called}({params})
  ret ptr %made
}}
"""
    return f"""
define internal ptr @{name}({params}) noinline {{
  %on = call i32 @PyGC_Disable()
  %made = call ptr @{called}({params})
  %was = icmp ne i32 %on, 0
  br i1 %was, label %again, label %done
again:
  %ignored = call i32 @PyGC_Enable()
  br label %done
done:
  ret ptr %made
}}
"""


FUNCTIONS.update({
    "new_tuple": _calmly("new_tuple", "PyTuple_New", "i64"),
    "new_named": _calmly("new_named", "make_named", "ptr, i64"),
    "new_list": _calmly("new_list", "PyList_New", "i64"),
    "new_set": _calmly("new_set", "PySet_New", "ptr"),
    "new_object": _calmly("new_object", "make_object", "ptr, ptr"),
    "new_dict": _calmly("new_dict", "PyDict_New", ""),
    "repeated": _calmly("repeated", "PySequence_Repeat", "ptr, i64"),
    "item_calmly": _calmly("item_calmly", "PyObject_GetItem", "ptr, ptr"),
    "drawn_calmly": _calmly("drawn_calmly", "drawn", "ptr"),
    "called_with": _calmly("called_with", "PyObject_CallOneArg", "ptr, ptr"),
    "called_with_all": _calmly("called_with_all", "PyObject_Vectorcall", "ptr, ptr, i64, ptr"),
})
FUNCTIONS.update(attribute_runtime.FUNCTIONS)
FUNCTIONS.update(call_runtime.FUNCTIONS)
FUNCTIONS.update(deque_runtime.FUNCTIONS)
FUNCTIONS.update(dict_runtime.FUNCTIONS)
FUNCTIONS.update(draw_runtime.FUNCTIONS)
FUNCTIONS.update(ending_runtime.FUNCTIONS)
FUNCTIONS.update(error_runtime.FUNCTIONS)
FUNCTIONS.update(format_runtime.FUNCTIONS)
FUNCTIONS.update(heap_runtime.FUNCTIONS)
FUNCTIONS.update(set_runtime.FUNCTIONS)
FUNCTIONS.update(mirror_runtime.FUNCTIONS)
FUNCTIONS.update(seek_runtime.FUNCTIONS)
FUNCTIONS.update(sequence_runtime.FUNCTIONS)
FUNCTIONS.update(number_runtime.FUNCTIONS)
FUNCTIONS.update(plain_runtime.FUNCTIONS)
FUNCTIONS.update(power_runtime.FUNCTIONS)
FUNCTIONS.update(random_runtime.FUNCTIONS)
FUNCTIONS.update(reading_runtime.FUNCTIONS)
FUNCTIONS.update(remainder_runtime.FUNCTIONS)
FUNCTIONS.update(text_runtime.FUNCTIONS)

_DECLARATIONS: dict[str, str] = {
    **attribute_runtime.DECLARATIONS,
    **call_runtime.DECLARATIONS,
    **deque_runtime.DECLARATIONS,
    **dict_runtime.DECLARATIONS,
    **ending_runtime.DECLARATIONS,
    **error_runtime.DECLARATIONS,
    **format_runtime.DECLARATIONS,
    **heap_runtime.DECLARATIONS,
    **set_runtime.DECLARATIONS,
    **mirror_runtime.DECLARATIONS,
    **seek_runtime.DECLARATIONS,
    **sequence_runtime.DECLARATIONS,
    **number_runtime.DECLARATIONS,
    **plain_runtime.DECLARATIONS,
    **power_runtime.DECLARATIONS,
    **random_runtime.DECLARATIONS,
    **remainder_runtime.DECLARATIONS,
    **text_runtime.DECLARATIONS,
    "_Py_Dealloc": "declare void @_Py_Dealloc(ptr)",
    "PyContextVar_Get": "declare i32 @PyContextVar_Get(ptr, ptr, ptr)",
    "PyMem_RawRealloc": "declare ptr @PyMem_RawRealloc(ptr, i64)",
    "PyMem_RawFree": "declare void @PyMem_RawFree(ptr)",
    "PyTuple_New": "declare ptr @PyTuple_New(i64)",
    "PySet_New": "declare ptr @PySet_New(ptr)",
    "PyDict_New": "declare ptr @PyDict_New()",
    "PySequence_Repeat": "declare ptr @PySequence_Repeat(ptr, i64)",
    "PyObject_CallOneArg": "declare ptr @PyObject_CallOneArg(ptr, ptr)",
    "PyGC_Disable": "declare i32 @PyGC_Disable()",
    "PyGC_Enable": "declare i32 @PyGC_Enable()",
    "PyLong_FromUnsignedLongLong":
        "declare ptr @PyLong_FromUnsignedLongLong(i64) memory(inaccessiblemem: readwrite)",
    "PyLong_FromLongLong": "declare ptr @PyLong_FromLongLong(i64) memory(inaccessiblemem: readwrite)",
    "PyFloat_FromDouble": "declare ptr @PyFloat_FromDouble(double) memory(inaccessiblemem: readwrite)",
    "PyBool_FromLong": "declare ptr @PyBool_FromLong(i64)",
    "Py_IncRef": "declare void @Py_IncRef(ptr)",
    "Py_DecRef": "declare void @Py_DecRef(ptr)",
    "PyDict_GetItemWithError": "declare ptr @PyDict_GetItemWithError(ptr, ptr)",
    "PyLong_AsLongLongAndOverflow": "declare i64 @PyLong_AsLongLongAndOverflow(ptr, ptr)",
    "PyList_Append": "declare i32 @PyList_Append(ptr, ptr)",
    "fmod": "declare double @fmod(double, double) nobuiltin",
    "llvm.fabs.f64": "declare double @llvm.fabs.f64(double)",
    "llvm.floor.f64": "declare double @llvm.floor.f64(double)",
    "llvm.copysign.f64": "declare double @llvm.copysign.f64(double, double)",
    "llvm.smul.with.overflow.i64": "declare { i64, i1 } @llvm.smul.with.overflow.i64(i64, i64)",
    **{name: f"@{name} = external global i8" for name in (
        "PyLong_Type", "PyFloat_Type", "PyBool_Type", "PyList_Type", "PyUnicode_Type", "PyTuple_Type", "PyDict_Type",
        "PySet_Type", "PyFunction_Type",
        "_Py_NoneStruct", "_Py_NotImplementedStruct", "_Py_TrueStruct", "_Py_FalseStruct")},
}


# They touch no memory but what they make.
ALLOCATORS = ("PyLong_FromLongLong", "PyLong_FromUnsignedLongLong", "PyFloat_FromDouble", "PyComplex_FromDoubles")

LIBM = frozenset((*ops.MATH_UNARY, *ops.MATH_BINARY, "hypot"))

# Functions that are called, not inlined, are compiled once for all units: an object of their own for each part.
PARTS = ("base", "mirrors")
_MARKS = {"base": "zx_", "mirrors": "zx_mirror_"}
_DEFINITION = re.compile(r"define internal (?P<result>.+?) @(?P<name>\w+)\((?P<params>.*?)\) (?P<facts>[^{]*){", re.S)


def _part(name: str) -> str | None:
    """The part in which a function stands; None for one that is inlined."""
    definition = _DEFINITION.search(FUNCTIONS[name])
    if definition is None or "noinline" not in definition["facts"]:
        return None
    return "mirrors" if name in mirror_runtime.FUNCTIONS else "base"


SHARED: dict[str, str] = {name: part for name in FUNCTIONS if (part := _part(name)) is not None}


def parts(code: str | bytes) -> list[str]:
    """The parts that assembly or object code calls, in the order in which they are to be loaded."""
    text = code if isinstance(code, bytes) else code.encode()
    return [part for part in PARTS if _MARKS[part].encode() in text]


def _called(text: str) -> set[str]:
    return {name for name in re.findall(r"@\"?([\w.]+)", text) if name in FUNCTIONS}


def _outside(text: str) -> str:
    """Text with the names of shared functions as other modules know them."""
    return re.sub(r'@"?([\w.]+)"?', lambda m: f"@zx_{m[1]}" if m[1] in SHARED else m[0], text)


def _declaration(name: str) -> str:
    definition = _DEFINITION.search(FUNCTIONS[name])
    assert definition is not None
    kinds = ", ".join(re.sub(r" %\S+", "", param).strip() for param in definition["params"].split(","))
    memory = re.search(r"memory\(.*?\)", definition["facts"])
    return f"declare {definition['result']} @zx_{name}({kinds}) nounwind{' ' + memory[0] if memory else ''}"


def _with_inlined(names: set[str]) -> tuple[list[str], set[str]]:
    """The functions whose bodies a module needs beside these, and the shared ones that it only calls."""
    inlined: list[str] = []
    called: set[str] = set()
    work = sorted(names)
    while work:
        name = work.pop()
        if name in SHARED:
            called.add(name)
        elif name not in inlined:
            inlined.append(name)
            work.extend(sorted(_called(FUNCTIONS[name]) - {name}))
    return inlined, called


def part_assembly(part: str) -> str:
    """The module with the functions of a part."""
    own = [name for name, place in SHARED.items() if place == part]
    # What a caller may take a function for, it need not be to itself.
    bodies = "".join(FUNCTIONS[name].replace("define internal", "define", 1).replace(_HIDDEN, "") for name in own)
    inlined, called = _with_inlined(_called(bodies) - set(own))
    bodies += "".join(FUNCTIONS[name] for name in inlined)
    known = {*own, *inlined, *called}
    outside = sorted(set(re.findall(r"@([\w.]+)", bodies)) - known)
    lines = [_DECLARATIONS[name] for name in outside] + [_declaration(name) for name in sorted(called - set(own))]
    return "\n".join(lines) + "\n" + _outside(bodies)


def complete(assembly: str, wanted: set[str]) -> str:
    """`assembly` with what it calls: functions that are inlined defined, the others declared."""
    inlined, called = _with_inlined(wanted)
    body = "".join(FUNCTIONS[name] for name in inlined)
    lines = []
    declared: set[str] = set()
    for line in assembly.splitlines():
        found = re.match(r'declare .*?@"([^"]+)"', line) or re.match(r'@"([^"]+)" = external', line)
        if found and found.group(1) in FUNCTIONS:
            continue
        if found:
            declared.add(found.group(1))
        if found and found.group(1) in ALLOCATORS:
            line += " memory(inaccessiblemem: readwrite)"
        if found and found.group(1) in LIBM:
            line += " nobuiltin"
        lines.append(line)
    for name in sorted(set(re.findall(r"@([\w.]+)", body)) - declared - {*inlined, *called}):
        lines.append(_DECLARATIONS[name])
    lines.extend(_declaration(name) for name in sorted(called))
    return _outside("\n".join(lines) + "\n" + body)
