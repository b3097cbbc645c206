"""What native code with mirrors calls, in LLVM assembly: the table of mirrors, and copying to and fro.

Table   entries, count of entries, capacity of slots, slots, 0, whether lists are behind their mirrors, items in all.
Entry   list, data, length, kind, whether items are written, block to free.
Kind    0 int, 1 float, 2 bool; 4 more: the items are lists, whose entries follow in their order.
Slots   a hash table by address: an entry's index plus 1, or 0 for none.

In front of the data stands the length of the rows.
"""

from __future__ import annotations

from zexus import layout
from zexus.jit.counters import offset

_TYPE, _REFS = layout.OFFSETS["type"], layout.OFFSETS["refcount"]
_SIZE, _ITEMS = layout.OFFSETS["list.size"], layout.OFFSETS["list.items"]
_FLOAT = layout.OFFSETS["float.value"]
_INT_SIZE, _DIGITS = layout.OFFSETS["int.size"], layout.OFFSETS["int.digits"]

# Until here an int has one digit and no object that others share.
_SHARED, _ONE_DIGIT = 257, 2**30
_SINGLE = 8 if layout.MODERN else 1  # the size field of a positive int of one digit
# More items than these take too long to write back where a signal or another thread waits.
_MOST_ITEMS = 2**24
_MOST_ROWS = 2**20
# What a row costs beyond its items, in items.
_ROW = 4

_UNBOXED_OLD = """
  %above = add i64 %size, 1
  %short = icmp ule i64 %above, 2
  %value = mul i64 %digit, %size
"""
_UNBOXED_NEW = """
  %short = icmp ult i64 %size, 16
  %bits = and i64 %size, 3
  %sign = sub i64 1, %bits
  %value = mul i64 %digit, %sign
"""
_COUNT_BOOLS = "" if layout.MODERN else """
  %refs.true = load i64, ptr @_Py_TrueStruct
  %refs.false = load i64, ptr @_Py_FalseStruct
  %more.true = add i64 %refs.true, %balance
  %more.false = sub i64 %refs.false, %balance
  store i64 %more.true, ptr @_Py_TrueStruct
  store i64 %more.false, ptr @_Py_FalseStruct
"""

FUNCTIONS: dict[str, str] = {
    "mirror_weight": f"""
define internal i64 @mirror_weight(ptr %list, i1 %nested) noinline optnone {{
  %sp = getelementptr i8, ptr %list, i64 {_SIZE}
  %n = load i64, ptr %sp
  %some = icmp sgt i64 %n, 0
  %rows = and i1 %nested, %some
  br i1 %rows, label %first, label %plain
first:
  %ip = getelementptr i8, ptr %list, i64 {_ITEMS}
  %items = load ptr, ptr %ip
  %row = load ptr, ptr %items
  %tp = getelementptr i8, ptr %row, i64 {_TYPE}
  %type = load ptr, ptr %tp
  %is_list = icmp eq ptr %type, @PyList_Type
  br i1 %is_list, label %wide, label %plain
wide:
  %mp = getelementptr i8, ptr %row, i64 {_SIZE}
  %m = load i64, ptr %mp
  %each = add i64 %m, {_ROW}
  %all = mul i64 %n, %each
  ret i64 %all
plain:
  ret i64 %n
}}
""",
    "mirror_home": """
define internal i64 @mirror_home(ptr %list, i64 %capacity) alwaysinline {
  %word = ptrtoint ptr %list to i64
  %mixed = mul i64 %word, -7046029254386353131
  %high = lshr i64 %mixed, 32
  %mask = sub i64 %capacity, 1
  %at = and i64 %high, %mask
  ret i64 %at
}
""",
    "mirror_find": """
define internal i64 @mirror_find(ptr %table, ptr %list) noinline {
  %cp = getelementptr i8, ptr %table, i64 16
  %capacity = load i64, ptr %cp
  %empty = icmp eq i64 %capacity, 0
  br i1 %empty, label %none, label %start
start:
  %entries = load ptr, ptr %table
  %slp = getelementptr i8, ptr %table, i64 24
  %slots = load ptr, ptr %slp
  %mask = sub i64 %capacity, 1
  %home = call i64 @mirror_home(ptr %list, i64 %capacity)
  br label %look
look:
  %at = phi i64 [ %home, %start ], [ %next, %other ]
  %slot = getelementptr i64, ptr %slots, i64 %at
  %held = load i64, ptr %slot
  %free = icmp eq i64 %held, 0
  br i1 %free, label %none, label %compare
compare:
  %index = sub i64 %held, 1
  %distance = mul i64 %index, 48
  %entry = getelementptr i8, ptr %entries, i64 %distance
  %known = load ptr, ptr %entry
  %same = icmp eq ptr %known, %list
  br i1 %same, label %found, label %other
other:
  %after = add i64 %at, 1
  %next = and i64 %after, %mask
  br label %look
found:
  ret i64 %index
none:
  ret i64 -1
}
""",
    "mirror_place": """
define internal void @mirror_place(ptr %slots, i64 %capacity, ptr %list, i64 %index) {
  %mask = sub i64 %capacity, 1
  %home = call i64 @mirror_home(ptr %list, i64 %capacity)
  br label %look
look:
  %at = phi i64 [ %home, %0 ], [ %next, %other ]
  %slot = getelementptr i64, ptr %slots, i64 %at
  %held = load i64, ptr %slot
  %free = icmp eq i64 %held, 0
  br i1 %free, label %put, label %other
other:
  %after = add i64 %at, 1
  %next = and i64 %after, %mask
  br label %look
put:
  %mark = add i64 %index, 1
  store i64 %mark, ptr %slot
  ret void
}
""",
    "mirror_grow": """
define internal i1 @mirror_grow(ptr %table) noinline optnone {
  %np = getelementptr i8, ptr %table, i64 8
  %cp = getelementptr i8, ptr %table, i64 16
  %slp = getelementptr i8, ptr %table, i64 24
  %count = load i64, ptr %np
  %capacity = load i64, ptr %cp
  %twice = shl i64 %capacity, 1
  %none = icmp eq i64 %capacity, 0
  %larger = select i1 %none, i64 16, i64 %twice
  %half = lshr i64 %larger, 1
  %bytes = mul i64 %half, 48
  %old = load ptr, ptr %table
  %entries = call ptr @PyMem_RawRealloc(ptr %old, i64 %bytes)
  %bad = icmp eq ptr %entries, null
  br i1 %bad, label %fail, label %more
more:
  store ptr %entries, ptr %table
  %slots = call ptr @PyMem_RawCalloc(i64 %larger, i64 8)
  %worse = icmp eq ptr %slots, null
  br i1 %worse, label %fail, label %swap
swap:
  %before = load ptr, ptr %slp
  call void @PyMem_RawFree(ptr %before)
  store ptr %slots, ptr %slp
  store i64 %larger, ptr %cp
  br label %head
head:
  %i = phi i64 [ 0, %swap ], [ %next, %body ]
  %left = icmp slt i64 %i, %count
  br i1 %left, label %body, label %done
body:
  %distance = mul i64 %i, 48
  %entry = getelementptr i8, ptr %entries, i64 %distance
  %list = load ptr, ptr %entry
  call void @mirror_place(ptr %slots, i64 %larger, ptr %list, i64 %i)
  %next = add i64 %i, 1
  br label %head
done:
  ret i1 true
fail:
  ret i1 false
}
""",
    "mirror_add": """
define internal i1 @mirror_add(ptr %table, ptr %list, ptr %data, i64 %length, i64 %kind, i64 %written,
                               ptr %block) noinline optnone {
  %np = getelementptr i8, ptr %table, i64 8
  %cp = getelementptr i8, ptr %table, i64 16
  %count = load i64, ptr %np
  %capacity = load i64, ptr %cp
  %twice = shl i64 %count, 1
  %full = icmp sge i64 %twice, %capacity
  br i1 %full, label %grow, label %put
grow:
  %ok = call i1 @mirror_grow(ptr %table)
  br i1 %ok, label %put, label %fail
put:
  %entries = load ptr, ptr %table
  %distance = mul i64 %count, 48
  %entry = getelementptr i8, ptr %entries, i64 %distance
  %p1 = getelementptr i8, ptr %entry, i64 8
  %p2 = getelementptr i8, ptr %entry, i64 16
  %p3 = getelementptr i8, ptr %entry, i64 24
  %p4 = getelementptr i8, ptr %entry, i64 32
  %p5 = getelementptr i8, ptr %entry, i64 40
  store ptr %list, ptr %entry
  store ptr %data, ptr %p1
  store i64 %length, ptr %p2
  store i64 %kind, ptr %p3
  store i64 %written, ptr %p4
  store ptr %block, ptr %p5
  %slp = getelementptr i8, ptr %table, i64 24
  %slots = load ptr, ptr %slp
  %now = load i64, ptr %cp
  call void @mirror_place(ptr %slots, i64 %now, ptr %list, i64 %count)
  %next = add i64 %count, 1
  store i64 %next, ptr %np
  %op = getelementptr i8, ptr %table, i64 40
  store i64 1, ptr %op
  ret i1 true
fail:
  ret i1 false
}
""",
    "mirror_pays": f"""
define internal i1 @mirror_pays(ptr %table, ptr %numbers, i64 %weight) noinline optnone {{
  %iterations = getelementptr i8, ptr %numbers, i64 {offset("iterations")}
  %weightp = getelementptr i8, ptr %numbers, i64 {offset("weight")}
  %creditp = getelementptr i8, ptr %numbers, i64 {offset("credit")}
  %tp = getelementptr i8, ptr %table, i64 48
  %size = load i64, ptr %tp
  %all = add i64 %size, %weight
  %few = icmp ule i64 %all, {_MOST_ITEMS}
  %before = load i64, ptr %weightp
  %sum = add i64 %before, %weight
  %run = load i64, ptr %iterations
  %half = ashr i64 %run, 1
  %credit = load i64, ptr %creditp
  %budget = add i64 %half, %credit
  %paid = icmp sle i64 %sum, %budget
  %ok = and i1 %few, %paid
  br i1 %ok, label %yes, label %no
yes:
  store i64 %all, ptr %tp
  store i64 %sum, ptr %weightp
  ret i1 true
no:
  ret i1 false
}}
""",
    "mirror_fill_int": f"""
define internal i1 @mirror_fill_int(ptr %items, ptr %data, i64 %n) noinline {{
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %put ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %done
body:
  %at = getelementptr ptr, ptr %items, i64 %i
  %o = load ptr, ptr %at
  %tp = getelementptr i8, ptr %o, i64 {_TYPE}
  %type = load ptr, ptr %tp
  %is_int = icmp eq ptr %type, @PyLong_Type
  br i1 %is_int, label %unbox, label %fail
unbox:
  %sp = getelementptr i8, ptr %o, i64 {_INT_SIZE}
  %size = load i64, ptr %sp
  %dp = getelementptr i8, ptr %o, i64 {_DIGITS}
  %low = load i32, ptr %dp
  %digit = zext i32 %low to i64
{_UNBOXED_NEW if layout.MODERN else _UNBOXED_OLD}
  br i1 %short, label %put, label %long
long:
  %pair = call {{ i64, i1 }} @long_value(ptr %o)
  %whole = extractvalue {{ i64, i1 }} %pair, 0
  %fits = extractvalue {{ i64, i1 }} %pair, 1
  br i1 %fits, label %put, label %fail
put:
  %v = phi i64 [ %value, %unbox ], [ %whole, %long ]
  %to = getelementptr i64, ptr %data, i64 %i
  store i64 %v, ptr %to
  %next = add i64 %i, 1
  br label %head
done:
  ret i1 true
fail:
  ret i1 false
}}
""",
    "mirror_fill_float": f"""
define internal i1 @mirror_fill_float(ptr %items, ptr %data, i64 %n) noinline {{
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %put ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %done
body:
  %at = getelementptr ptr, ptr %items, i64 %i
  %o = load ptr, ptr %at
  %tp = getelementptr i8, ptr %o, i64 {_TYPE}
  %type = load ptr, ptr %tp
  %is_float = icmp eq ptr %type, @PyFloat_Type
  br i1 %is_float, label %put, label %fail
put:
  %vp = getelementptr i8, ptr %o, i64 {_FLOAT}
  %v = load i64, ptr %vp
  %to = getelementptr i64, ptr %data, i64 %i
  store i64 %v, ptr %to
  %next = add i64 %i, 1
  br label %head
done:
  ret i1 true
fail:
  ret i1 false
}}
""",
    "mirror_fill_bool": """
define internal i1 @mirror_fill_bool(ptr %items, ptr %data, i64 %n) noinline {
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %put ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %done
body:
  %at = getelementptr ptr, ptr %items, i64 %i
  %o = load ptr, ptr %at
  %yes = icmp eq ptr %o, @_Py_TrueStruct
  %no = icmp eq ptr %o, @_Py_FalseStruct
  %is_bool = or i1 %yes, %no
  br i1 %is_bool, label %put, label %fail
put:
  %v = zext i1 %yes to i8
  %to = getelementptr i8, ptr %data, i64 %i
  store i8 %v, ptr %to
  %next = add i64 %i, 1
  br label %head
done:
  ret i1 true
fail:
  ret i1 false
}
""",
    "mirror_fill": f"""
define internal i1 @mirror_fill(ptr %list, ptr %data, i64 %n, i64 %kind) noinline optnone {{
  %ip = getelementptr i8, ptr %list, i64 {_ITEMS}
  %items = load ptr, ptr %ip
  switch i64 %kind, label %bool [ i64 0, label %int
                                  i64 1, label %float ]
int:
  %a = call i1 @mirror_fill_int(ptr %items, ptr %data, i64 %n)
  ret i1 %a
float:
  %b = call i1 @mirror_fill_float(ptr %items, ptr %data, i64 %n)
  ret i1 %b
bool:
  %c = call i1 @mirror_fill_bool(ptr %items, ptr %data, i64 %n)
  ret i1 %c
}}
""",
    "mirror_list": f"""
define internal ptr @mirror_list(ptr %table, ptr %numbers, ptr %list, i64 %kind, i64 %written) noinline optnone {{
  %known = call i64 @mirror_find(ptr %table, ptr %list)
  %is_known = icmp sge i64 %known, 0
  br i1 %is_known, label %again, label %fresh
again:
  %entries = load ptr, ptr %table
  %distance = mul i64 %known, 48
  %entry = getelementptr i8, ptr %entries, i64 %distance
  %kp = getelementptr i8, ptr %entry, i64 24
  %held = load i64, ptr %kp
  %alike = icmp eq i64 %held, %kind
  br i1 %alike, label %share, label %fail
share:
  %wp = getelementptr i8, ptr %entry, i64 32
  %w = load i64, ptr %wp
  %either = or i64 %w, %written
  store i64 %either, ptr %wp
  %dp = getelementptr i8, ptr %entry, i64 8
  %shared = load ptr, ptr %dp
  ret ptr %shared
fresh:
  %np = getelementptr i8, ptr %list, i64 {_SIZE}
  %n = load i64, ptr %np
  %pays = call i1 @mirror_pays(ptr %table, ptr %numbers, i64 %n)
  br i1 %pays, label %make, label %fail
make:
  %small = icmp eq i64 %kind, 2
  %eight = shl i64 %n, 3
  %size = select i1 %small, i64 %n, i64 %eight
  %bytes = add i64 %size, 16
  %block = call ptr @PyMem_RawMalloc(i64 %bytes)
  %none = icmp eq ptr %block, null
  br i1 %none, label %fail, label %fill
fill:
  %data = getelementptr i8, ptr %block, i64 16
  %filled = call i1 @mirror_fill(ptr %list, ptr %data, i64 %n, i64 %kind)
  br i1 %filled, label %add, label %free
add:
  %added = call i1 @mirror_add(ptr %table, ptr %list, ptr %data, i64 %n, i64 %kind, i64 %written, ptr %block)
  br i1 %added, label %done, label %free
done:
  ret ptr %data
free:
  call void @PyMem_RawFree(ptr %block)
  ret ptr null
fail:
  ret ptr null
}}
""",
    "mirror_rows": f"""
define internal ptr @mirror_rows(ptr %table, ptr %numbers, ptr %list, i64 %kind, i64 %written) noinline optnone {{
  %outer = add i64 %kind, 4
  %known = call i64 @mirror_find(ptr %table, ptr %list)
  %is_known = icmp sge i64 %known, 0
  br i1 %is_known, label %again, label %fresh
again:
  %entries = load ptr, ptr %table
  %distance = mul i64 %known, 48
  %entry = getelementptr i8, ptr %entries, i64 %distance
  %kp = getelementptr i8, ptr %entry, i64 24
  %held = load i64, ptr %kp
  %wp = getelementptr i8, ptr %entry, i64 32
  %w = load i64, ptr %wp
  %same_kind = icmp eq i64 %held, %outer
  %same_way = icmp uge i64 %w, %written
  %alike = and i1 %same_kind, %same_way
  br i1 %alike, label %share, label %fail
share:
  %dp = getelementptr i8, ptr %entry, i64 8
  %shared = load ptr, ptr %dp
  ret ptr %shared
fresh:
  %np = getelementptr i8, ptr %list, i64 {_SIZE}
  %n = load i64, ptr %np
  %below = sub i64 %n, 1
  %few = icmp ult i64 %below, {_MOST_ROWS}
  br i1 %few, label %first, label %fail
first:
  %ip = getelementptr i8, ptr %list, i64 {_ITEMS}
  %items = load ptr, ptr %ip
  %top = load ptr, ptr %items
  %ttp = getelementptr i8, ptr %top, i64 {_TYPE}
  %ttype = load ptr, ptr %ttp
  %is_list = icmp eq ptr %ttype, @PyList_Type
  br i1 %is_list, label %wide, label %fail
wide:
  %mp = getelementptr i8, ptr %top, i64 {_SIZE}
  %m = load i64, ptr %mp
  %narrow = icmp ult i64 %m, {_MOST_ITEMS}
  br i1 %narrow, label %weigh, label %fail
weigh:
  %each = add i64 %m, {_ROW}
  %weight = mul i64 %n, %each
  %pays = call i1 @mirror_pays(ptr %table, ptr %numbers, i64 %weight)
  br i1 %pays, label %make, label %fail
make:
  %small = icmp eq i64 %kind, 2
  %wide8 = shl i64 %m, 3
  %stride = select i1 %small, i64 %m, i64 %wide8
  %size = mul i64 %n, %stride
  %bytes = add i64 %size, 16
  %block = call ptr @PyMem_RawMalloc(i64 %bytes)
  %none = icmp eq ptr %block, null
  br i1 %none, label %fail, label %own
own:
  %data = getelementptr i8, ptr %block, i64 16
  %widthp = getelementptr i8, ptr %block, i64 8
  store i64 %m, ptr %widthp
  %owned = call i1 @mirror_add(ptr %table, ptr %list, ptr %data, i64 %n, i64 %outer, i64 %written, ptr %block)
  br i1 %owned, label %head, label %free
head:
  %i = phi i64 [ 0, %own ], [ %next, %after ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %done
body:
  %at = getelementptr ptr, ptr %items, i64 %i
  %row = load ptr, ptr %at
  %tp = getelementptr i8, ptr %row, i64 {_TYPE}
  %type = load ptr, ptr %tp
  %right = icmp eq ptr %type, @PyList_Type
  br i1 %right, label %measure, label %fail
measure:
  %sp = getelementptr i8, ptr %row, i64 {_SIZE}
  %length = load i64, ptr %sp
  %fits = icmp eq i64 %length, %m
  br i1 %fits, label %ask, label %fail
ask:
  %twin = call i64 @mirror_find(ptr %table, ptr %row)
  %alone = icmp slt i64 %twin, 0
  br i1 %alone, label %fill, label %fail
fill:
  %from = mul i64 %i, %stride
  %to = getelementptr i8, ptr %data, i64 %from
  %filled = call i1 @mirror_fill(ptr %row, ptr %to, i64 %m, i64 %kind)
  br i1 %filled, label %add, label %fail
add:
  %added = call i1 @mirror_add(ptr %table, ptr %row, ptr %to, i64 %m, i64 %kind, i64 %written, ptr null)
  br i1 %added, label %after, label %fail
after:
  %next = add i64 %i, 1
  br label %head
done:
  ret ptr %data
free:
  call void @PyMem_RawFree(ptr %block)
  ret ptr null
fail:
  ret ptr null
}}
""",
    "mirror_put_int": f"""
define internal void @mirror_put_int(ptr %items, ptr %data, i64 %n) noinline {{
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %after ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %done
body:
  %at = getelementptr ptr, ptr %items, i64 %i
  %o = load ptr, ptr %at
  %from = getelementptr i64, ptr %data, i64 %i
  %v = load i64, ptr %from
  %sp = getelementptr i8, ptr %o, i64 {_INT_SIZE}
  %size = load i64, ptr %sp
  %dp = getelementptr i8, ptr %o, i64 {_DIGITS}
  %low = load i32, ptr %dp
  %digit = zext i32 %low to i64
{_UNBOXED_NEW if layout.MODERN else _UNBOXED_OLD}
  br i1 %short, label %compare, label %long
long:
  %pair = call {{ i64, i1 }} @long_value(ptr %o)
  %whole = extractvalue {{ i64, i1 }} %pair, 0
  br label %compare
compare:
  %old = phi i64 [ %value, %body ], [ %whole, %long ]
  %same = icmp eq i64 %old, %v
  br i1 %same, label %after, label %change
change:
  %rp = getelementptr i8, ptr %o, i64 {_REFS}
  %refs = load i64, ptr %rp
  %alone = icmp eq i64 %refs, 1
  %single = icmp eq i64 %size, {_SINGLE}
  %beyond = sub i64 %v, {_SHARED}
  %fits = icmp ult i64 %beyond, {_ONE_DIGIT - _SHARED}
  %mine = and i1 %alone, %single
  %quick = and i1 %mine, %fits
  br i1 %quick, label %over, label %fresh
over:
  %d = trunc i64 %v to i32
  store i32 %d, ptr %dp
  br label %after
fresh:
  call void @put_int(ptr %at, ptr %o, i64 %v)
  br label %after
after:
  %next = add i64 %i, 1
  br label %head
done:
  ret void
}}
""",
    "mirror_put_float": f"""
define internal void @mirror_put_float(ptr %items, ptr %data, i64 %n) noinline {{
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %after ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %done
body:
  %at = getelementptr ptr, ptr %items, i64 %i
  %o = load ptr, ptr %at
  %from = getelementptr i64, ptr %data, i64 %i
  %v = load i64, ptr %from
  %vp = getelementptr i8, ptr %o, i64 {_FLOAT}
  %old = load i64, ptr %vp
  %same = icmp eq i64 %old, %v
  br i1 %same, label %after, label %change
change:
  %rp = getelementptr i8, ptr %o, i64 {_REFS}
  %refs = load i64, ptr %rp
  %alone = icmp eq i64 %refs, 1
  br i1 %alone, label %over, label %fresh
over:
  store i64 %v, ptr %vp
  br label %after
fresh:
  %d = bitcast i64 %v to double
  %made = call ptr @PyFloat_FromDouble(double %d)
  store ptr %made, ptr %at
  call void @decref(ptr %o)
  br label %after
after:
  %next = add i64 %i, 1
  br label %head
done:
  ret void
}}
""",
    "mirror_put_bool": f"""
define internal void @mirror_put_bool(ptr %items, ptr %data, i64 %n) noinline {{
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %after ]
  %balance = phi i64 [ 0, %0 ], [ %sum, %after ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %done
body:
  %at = getelementptr ptr, ptr %items, i64 %i
  %o = load ptr, ptr %at
  %from = getelementptr i8, ptr %data, i64 %i
  %byte = load i8, ptr %from
  %v = icmp ne i8 %byte, 0
  %new = select i1 %v, ptr @_Py_TrueStruct, ptr @_Py_FalseStruct
  %same = icmp eq ptr %o, %new
  br i1 %same, label %after, label %change
change:
  store ptr %new, ptr %at
  %step = select i1 %v, i64 1, i64 -1
  br label %after
after:
  %moved = phi i64 [ 0, %body ], [ %step, %change ]
  %sum = add i64 %balance, %moved
  %next = add i64 %i, 1
  br label %head
done:
{_COUNT_BOOLS}
  ret void
}}
""",
    "mirror_commit": f"""
define internal void @mirror_commit(ptr %table) noinline optnone {{
  %op = getelementptr i8, ptr %table, i64 40
  %open = load i64, ptr %op
  %closed = icmp eq i64 %open, 0
  br i1 %closed, label %done, label %start
start:
  store i64 0, ptr %op
  %entries = load ptr, ptr %table
  %np = getelementptr i8, ptr %table, i64 8
  %count = load i64, ptr %np
  br label %head
head:
  %i = phi i64 [ 0, %start ], [ %next, %after ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %done
body:
  %distance = mul i64 %i, 48
  %entry = getelementptr i8, ptr %entries, i64 %distance
  %p1 = getelementptr i8, ptr %entry, i64 8
  %p2 = getelementptr i8, ptr %entry, i64 16
  %p3 = getelementptr i8, ptr %entry, i64 24
  %p4 = getelementptr i8, ptr %entry, i64 32
  %list = load ptr, ptr %entry
  %data = load ptr, ptr %p1
  %n = load i64, ptr %p2
  %kind = load i64, ptr %p3
  %written = load i64, ptr %p4
  %quiet = icmp eq i64 %written, 0
  br i1 %quiet, label %after, label %write
write:
  %ip = getelementptr i8, ptr %list, i64 {_ITEMS}
  %items = load ptr, ptr %ip
  switch i64 %kind, label %after [ i64 0, label %int
                                   i64 1, label %float
                                   i64 2, label %bool ]
int:
  call void @mirror_put_int(ptr %items, ptr %data, i64 %n)
  br label %after
float:
  call void @mirror_put_float(ptr %items, ptr %data, i64 %n)
  br label %after
bool:
  call void @mirror_put_bool(ptr %items, ptr %data, i64 %n)
  br label %after
after:
  %next = add i64 %i, 1
  br label %head
done:
  ret void
}}
""",
    "mirror_refresh": f"""
define internal i1 @mirror_refresh(ptr %table) noinline optnone {{
  %entries = load ptr, ptr %table
  %np = getelementptr i8, ptr %table, i64 8
  %count = load i64, ptr %np
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %after ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %done
body:
  %distance = mul i64 %i, 48
  %entry = getelementptr i8, ptr %entries, i64 %distance
  %p1 = getelementptr i8, ptr %entry, i64 8
  %p2 = getelementptr i8, ptr %entry, i64 16
  %p3 = getelementptr i8, ptr %entry, i64 24
  %list = load ptr, ptr %entry
  %data = load ptr, ptr %p1
  %n = load i64, ptr %p2
  %kind = load i64, ptr %p3
  %tp = getelementptr i8, ptr %list, i64 {_TYPE}
  %type = load ptr, ptr %tp
  %is_list = icmp eq ptr %type, @PyList_Type
  br i1 %is_list, label %measure, label %fail
measure:
  %sp = getelementptr i8, ptr %list, i64 {_SIZE}
  %size = load i64, ptr %sp
  %fits = icmp eq i64 %size, %n
  br i1 %fits, label %choose, label %fail
choose:
  %nested = icmp uge i64 %kind, 4
  br i1 %nested, label %rows, label %fill
rows:
  %ip = getelementptr i8, ptr %list, i64 {_ITEMS}
  %items = load ptr, ptr %ip
  br label %row
row:
  %k = phi i64 [ 0, %rows ], [ %k1, %same ]
  %rest = icmp slt i64 %k, %n
  br i1 %rest, label %compare, label %after
compare:
  %at = getelementptr ptr, ptr %items, i64 %k
  %now = load ptr, ptr %at
  %k1 = add i64 %k, 1
  %index = add i64 %i, %k1
  %far = mul i64 %index, 48
  %theirs = getelementptr i8, ptr %entries, i64 %far
  %before = load ptr, ptr %theirs
  %holds = icmp eq ptr %now, %before
  br i1 %holds, label %same, label %fail
same:
  br label %row
fill:
  %filled = call i1 @mirror_fill(ptr %list, ptr %data, i64 %n, i64 %kind)
  br i1 %filled, label %after, label %fail
after:
  %next = add i64 %i, 1
  br label %head
done:
  %op = getelementptr i8, ptr %table, i64 40
  store i64 1, ptr %op
  ret i1 true
fail:
  ret i1 false
}}
""",
    "mirror_close": """
define internal void @mirror_close(ptr %table) noinline optnone {
  call void @mirror_commit(ptr %table)
  %entries = load ptr, ptr %table
  %np = getelementptr i8, ptr %table, i64 8
  %count = load i64, ptr %np
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %body ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %done
body:
  %distance = mul i64 %i, 48
  %entry = getelementptr i8, ptr %entries, i64 %distance
  %p5 = getelementptr i8, ptr %entry, i64 40
  %block = load ptr, ptr %p5
  call void @PyMem_RawFree(ptr %block)
  %next = add i64 %i, 1
  br label %head
done:
  call void @PyMem_RawFree(ptr %entries)
  %slp = getelementptr i8, ptr %table, i64 24
  %slots = load ptr, ptr %slp
  call void @PyMem_RawFree(ptr %slots)
  ret void
}
""",
}

DECLARATIONS: dict[str, str] = {
    "PyMem_RawMalloc": "declare ptr @PyMem_RawMalloc(i64)",
    "PyMem_RawCalloc": "declare ptr @PyMem_RawCalloc(i64, i64)",
}
