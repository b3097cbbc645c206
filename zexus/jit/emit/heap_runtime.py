"""What emitted code calls for heaps in lists, in LLVM assembly: the moves are those of `_heapqmodule.c`.

All comparisons are made before anything is moved, along the ways that the interpreter's function goes, and only of
numbers, texts and tuples of these. Where one could run other code, nothing has happened.
"""

from __future__ import annotations

from zexus import layout

_OFFSETS = layout.OFFSETS
# Answers of `heap_order` beside -1, 0 and 1: neither is less, nor are they equal; only the interpreter can tell.
_NEITHER, _UNSURE = 2, 3
# Every integer up to this is a float.
_EXACT = 2**53
# How deep tuples of tuples are compared.
_DEPTH = 4
# No heap has more levels.
_LEVELS = 64

_HEAP = f"""
  %sizep = getelementptr i8, ptr %heap, i64 {_OFFSETS["list.size"]}
  %size = load i64, ptr %sizep
  %itemsp = getelementptr i8, ptr %heap, i64 {_OFFSETS["list.items"]}
  %items = load ptr, ptr %itemsp
"""

FUNCTIONS: dict[str, str] = {
    "heap_order": f"""
define internal i64 @heap_order(ptr %a, ptr %b, i64 %depth) noinline {{
  %atp = getelementptr i8, ptr %a, i64 {_OFFSETS["type"]}
  %at = load ptr, ptr %atp
  %btp = getelementptr i8, ptr %b, i64 {_OFFSETS["type"]}
  %bt = load ptr, ptr %btp
  %alike = icmp eq ptr %at, %bt
  br i1 %alike, label %kinds, label %mixed
mixed:
  %a.int = icmp eq ptr %at, @PyLong_Type
  %b.int = icmp eq ptr %bt, @PyLong_Type
  %a.float = icmp eq ptr %at, @PyFloat_Type
  %b.float = icmp eq ptr %bt, @PyFloat_Type
  %int.float = and i1 %a.int, %b.float
  %float.int = and i1 %a.float, %b.int
  %numbers = or i1 %int.float, %float.int
  br i1 %numbers, label %number, label %unsure
number:
  %whole.one = select i1 %int.float, ptr %a, ptr %b
  %float.one = select i1 %int.float, ptr %b, ptr %a
  %w.pair = call {{ i64, i1 }} @int_value(ptr %whole.one)
  %w = extractvalue {{ i64, i1 }} %w.pair, 0
  %w.fits = extractvalue {{ i64, i1 }} %w.pair, 1
  %w.above = add i64 %w, {_EXACT}
  %w.exact = icmp ule i64 %w.above, {2 * _EXACT}
  %w.ok = and i1 %w.fits, %w.exact
  br i1 %w.ok, label %exact, label %unsure
exact:
  %w.float = sitofp i64 %w to double
  %vp = getelementptr i8, ptr %float.one, i64 {_OFFSETS["float.value"]}
  %v = load double, ptr %vp
  %first = select i1 %int.float, double %w.float, double %v
  %second = select i1 %int.float, double %v, double %w.float
  br label %order
kinds:
  %is.tuple = icmp eq ptr %at, @PyTuple_Type
  br i1 %is.tuple, label %tuples, label %no.tuple
no.tuple:
  %is.int = icmp eq ptr %at, @PyLong_Type
  br i1 %is.int, label %ints, label %no.int
no.int:
  %is.float = icmp eq ptr %at, @PyFloat_Type
  br i1 %is.float, label %floats, label %no.float
no.float:
  %is.text = icmp eq ptr %at, @PyUnicode_Type
  br i1 %is.text, label %texts, label %unsure
ints:
  %x.pair = call {{ i64, i1 }} @int_value(ptr %a)
  %y.pair = call {{ i64, i1 }} @int_value(ptr %b)
  %x = extractvalue {{ i64, i1 }} %x.pair, 0
  %y = extractvalue {{ i64, i1 }} %y.pair, 0
  %x.fits = extractvalue {{ i64, i1 }} %x.pair, 1
  %y.fits = extractvalue {{ i64, i1 }} %y.pair, 1
  %fit = and i1 %x.fits, %y.fits
  br i1 %fit, label %whole, label %unsure
whole:
  %less = icmp slt i64 %x, %y
  %more = icmp sgt i64 %x, %y
  %up = zext i1 %more to i64
  %whole.order = select i1 %less, i64 -1, i64 %up
  ret i64 %whole.order
floats:
  %fp = getelementptr i8, ptr %a, i64 {_OFFSETS["float.value"]}
  %f.first = load double, ptr %fp
  %gp = getelementptr i8, ptr %b, i64 {_OFFSETS["float.value"]}
  %f.second = load double, ptr %gp
  br label %order
order:
  %f = phi double [ %first, %exact ], [ %f.first, %floats ]
  %g = phi double [ %second, %exact ], [ %f.second, %floats ]
  %f.less = fcmp olt double %f, %g
  %f.more = fcmp ogt double %f, %g
  %f.odd = fcmp uno double %f, %g
  %f.up = zext i1 %f.more to i64
  %f.order = select i1 %f.less, i64 -1, i64 %f.up
  %f.answer = select i1 %f.odd, i64 {_NEITHER}, i64 %f.order
  ret i64 %f.answer
texts:
  %compared = call i32 @PyUnicode_Compare(ptr %a, ptr %b)
  %text.order = sext i32 %compared to i64
  ret i64 %text.order
tuples:
  %too.deep = icmp eq i64 %depth, 0
  br i1 %too.deep, label %unsure, label %measure
measure:
  %deeper = sub i64 %depth, 1
  %anp = getelementptr i8, ptr %a, i64 {_OFFSETS["tuple.size"]}
  %an = load i64, ptr %anp
  %bnp = getelementptr i8, ptr %b, i64 {_OFFSETS["tuple.size"]}
  %bn = load i64, ptr %bnp
  %shorter = icmp slt i64 %an, %bn
  %n = select i1 %shorter, i64 %an, i64 %bn
  %as = getelementptr i8, ptr %a, i64 {_OFFSETS["tuple.items"]}
  %bs = getelementptr i8, ptr %b, i64 {_OFFSETS["tuple.items"]}
  br label %head
head:
  %i = phi i64 [ 0, %measure ], [ %next, %equal ]
  %within = icmp slt i64 %i, %n
  br i1 %within, label %pair, label %lengths
pair:
  %ap = getelementptr ptr, ptr %as, i64 %i
  %ai = load ptr, ptr %ap
  %bp = getelementptr ptr, ptr %bs, i64 %i
  %bi = load ptr, ptr %bp
  %same = icmp eq ptr %ai, %bi
  br i1 %same, label %equal, label %differ
differ:
  %inner = call i64 @heap_order(ptr %ai, ptr %bi, i64 %deeper)
  %is.equal = icmp eq i64 %inner, 0
  br i1 %is.equal, label %equal, label %decided
equal:
  %next = add i64 %i, 1
  br label %head
decided:
  ret i64 %inner
lengths:
  %longer = icmp sgt i64 %an, %bn
  %long = zext i1 %longer to i64
  %length.order = select i1 %shorter, i64 -1, i64 %long
  ret i64 %length.order
unsure:
  ret i64 {_UNSURE}
}}
""",
    # Where an item goes in a sorted list, or -1 where only the interpreter can tell.
    "bisect": f"""
define internal i64 @bisect(ptr %list, ptr %item, i64 %from, i64 %to, i1 %behind) {{
  %itemsp = getelementptr i8, ptr %list, i64 {_OFFSETS["list.items"]}
  %items = load ptr, ptr %itemsp
  br label %head
head:
  %low = phi i64 [ %from, %0 ], [ %low.next, %told ]
  %high = phi i64 [ %to, %0 ], [ %high.next, %told ]
  %more = icmp slt i64 %low, %high
  br i1 %more, label %look, label %done
look:
  %sum = add i64 %low, %high
  %middle = lshr i64 %sum, 1
  %place = getelementptr ptr, ptr %items, i64 %middle
  %one = load ptr, ptr %place
  %order = call i64 @heap_order(ptr %one, ptr %item, i64 {_DEPTH})
  %unsure = icmp eq i64 %order, {_UNSURE}
  br i1 %unsure, label %lost, label %told
told:
  %is.less = icmp eq i64 %order, -1
  %is.more = icmp eq i64 %order, 1
  %not.more = xor i1 %is.more, true
  %up = select i1 %behind, i1 %not.more, i1 %is.less
  %above = add i64 %middle, 1
  %low.next = select i1 %up, i64 %above, i64 %low
  %high.next = select i1 %up, i64 %high, i64 %middle
  br label %head
done:
  ret i64 %low
lost:
  ret i64 -1
}}
""",
    "heap_push": f"""
define internal i1 @heap_push(ptr %heap, ptr %item) noinline {{
  {_HEAP}
  br label %head
head:
  %at = phi i64 [ %size, %0 ], [ %parent, %smaller ]
  %below = icmp sgt i64 %at, 0
  br i1 %below, label %look, label %commit
look:
  %before = sub i64 %at, 1
  %parent = ashr i64 %before, 1
  %pp = getelementptr ptr, ptr %items, i64 %parent
  %above = load ptr, ptr %pp
  %order = call i64 @heap_order(ptr %item, ptr %above, i64 {_DEPTH})
  switch i64 %order, label %commit [ i64 -1, label %smaller
                                     i64 {_UNSURE}, label %unsure ]
smaller:
  br label %head
commit:
  call void @Py_IncRef(ptr %item)
  call void @list_push(ptr %heap, ptr %item)
  %now = load ptr, ptr %itemsp
  br label %move
move:
  %to = phi i64 [ %size, %commit ], [ %from, %shift ]
  %there = icmp eq i64 %to, %at
  %top = getelementptr ptr, ptr %now, i64 %to
  br i1 %there, label %done, label %shift
shift:
  %less = sub i64 %to, 1
  %from = ashr i64 %less, 1
  %fp = getelementptr ptr, ptr %now, i64 %from
  %moved = load ptr, ptr %fp
  store ptr %moved, ptr %top
  br label %move
done:
  store ptr %item, ptr %top
  ret i1 true
unsure:
  ret i1 false
}}
""",
    # Puts an item in the place of the first one, of `end` items: down along the smaller children, then up again.
    "heap_sink": f"""
define internal i1 @heap_sink(ptr %items, i64 %end, ptr %item) noinline {{
  %way = alloca [{_LEVELS} x i64]
  store i64 0, ptr %way
  %limit = ashr i64 %end, 1
  br label %down
down:
  %at = phi i64 [ 0, %0 ], [ %child, %step ]
  %level = phi i64 [ 0, %0 ], [ %deeper, %step ]
  %inner = icmp slt i64 %at, %limit
  br i1 %inner, label %children, label %up
children:
  %twice = shl i64 %at, 1
  %left = add i64 %twice, 1
  %right = add i64 %twice, 2
  %both = icmp slt i64 %right, %end
  br i1 %both, label %compare, label %step
compare:
  %lp = getelementptr ptr, ptr %items, i64 %left
  %l = load ptr, ptr %lp
  %rp = getelementptr ptr, ptr %items, i64 %right
  %r = load ptr, ptr %rp
  %order = call i64 @heap_order(ptr %l, ptr %r, i64 {_DEPTH})
  %doubt = icmp eq i64 %order, {_UNSURE}
  br i1 %doubt, label %unsure, label %choose
choose:
  %is.left = icmp eq i64 %order, -1
  %smaller = select i1 %is.left, i64 %left, i64 %right
  br label %step
step:
  %child = phi i64 [ %left, %children ], [ %smaller, %choose ]
  %deeper = add i64 %level, 1
  %wp = getelementptr i64, ptr %way, i64 %deeper
  store i64 %child, ptr %wp
  br label %down
up:
  %rank = phi i64 [ %level, %down ], [ %higher, %passed ]
  %below = icmp sgt i64 %rank, 0
  br i1 %below, label %above, label %commit
above:
  %vp = getelementptr i64, ptr %way, i64 %rank
  %v = load i64, ptr %vp
  %op = getelementptr ptr, ptr %items, i64 %v
  %o = load ptr, ptr %op
  %up.order = call i64 @heap_order(ptr %item, ptr %o, i64 {_DEPTH})
  switch i64 %up.order, label %commit [ i64 -1, label %passed
                                        i64 {_UNSURE}, label %unsure ]
passed:
  %higher = sub i64 %rank, 1
  br label %up
commit:
  br label %move
move:
  %k = phi i64 [ 0, %commit ], [ %k1, %shift ]
  %tp = getelementptr i64, ptr %way, i64 %k
  %t = load i64, ptr %tp
  %to = getelementptr ptr, ptr %items, i64 %t
  %last = icmp eq i64 %k, %rank
  br i1 %last, label %done, label %shift
shift:
  %k1 = add i64 %k, 1
  %sp = getelementptr i64, ptr %way, i64 %k1
  %s = load i64, ptr %sp
  %from = getelementptr ptr, ptr %items, i64 %s
  %moved = load ptr, ptr %from
  store ptr %moved, ptr %to
  br label %move
done:
  store ptr %item, ptr %to
  ret i1 true
unsure:
  ret i1 false
}}
""",
    "heap_pop": f"""
define internal ptr @heap_pop(ptr %heap) noinline {{
  {_HEAP}
  %none = icmp eq i64 %size, 0
  br i1 %none, label %unsure, label %some
some:
  %end = sub i64 %size, 1
  %lp = getelementptr ptr, ptr %items, i64 %end
  %last = load ptr, ptr %lp
  %first = load ptr, ptr %items
  %only = icmp eq i64 %end, 0
  br i1 %only, label %done, label %sink
sink:
  %sure = call i1 @heap_sink(ptr %items, i64 %end, ptr %last)
  br i1 %sure, label %done, label %unsure
done:
  store i64 %end, ptr %sizep
  ret ptr %first
unsure:
  ret ptr null
}}
""",
    "heap_replace": f"""
define internal ptr @heap_replace(ptr %heap, ptr %item) noinline {{
  {_HEAP}
  %none = icmp eq i64 %size, 0
  br i1 %none, label %unsure, label %some
some:
  %first = load ptr, ptr %items
  %sure = call i1 @heap_sink(ptr %items, i64 %size, ptr %item)
  br i1 %sure, label %done, label %unsure
done:
  call void @Py_IncRef(ptr %item)
  ret ptr %first
unsure:
  ret ptr null
}}
""",
    "heap_pushpop": f"""
define internal ptr @heap_pushpop(ptr %heap, ptr %item) noinline {{
  {_HEAP}
  %none = icmp eq i64 %size, 0
  br i1 %none, label %back, label %some
some:
  %first = load ptr, ptr %items
  %order = call i64 @heap_order(ptr %first, ptr %item, i64 {_DEPTH})
  switch i64 %order, label %back [ i64 -1, label %sink
                                   i64 {_UNSURE}, label %unsure ]
sink:
  %sure = call i1 @heap_sink(ptr %items, i64 %size, ptr %item)
  br i1 %sure, label %done, label %unsure
done:
  call void @Py_IncRef(ptr %item)
  ret ptr %first
back:
  call void @Py_IncRef(ptr %item)
  ret ptr %item
unsure:
  ret ptr null
}}
""",
}
DECLARATIONS: dict[str, str] = {"PyUnicode_Compare": "declare i32 @PyUnicode_Compare(ptr, ptr)"}
