"""What emitted code calls to draw tuples that their iterator keeps, and changes for the next one, in LLVM assembly.

`combinations_next`, `product_next` and `permutations_next` (itertoolsmodule.c) exchange the items of the last tuple
where nobody else has it. Where only its last item changes, that is done here; else, and where the garbage collector has
passed the tuple over, it is the iterator that does it. The items are held by its pools.
"""

from __future__ import annotations

from zexus import layout
from zexus.jit.emit.call_runtime import RAISED

_TUPLE_SIZE, _TUPLE_ITEMS, _GC = (layout.OFFSETS[name] for name in ("tuple.size", "tuple.items", "gc.next"))

# Where the next item stands, and how the iterator notes which one it is, whose index is at `%place`.
_COUNTED = f"""
  %size = load i64, ptr %pool.size
  %next = add i64 %at, 1
  %fits = icmp slt i64 %next, %size
  br i1 %fits, label %put, label %slow
put:
  store i64 %next, ptr %place
  %offset = shl i64 %next, 3
  %start = getelementptr i8, ptr %pool, i64 {_TUPLE_ITEMS}
  %source = getelementptr i8, ptr %start, i64 %offset
"""
_SWAPPED = f"""
  %cycles.at = getelementptr i8, ptr %it, i64 {layout.OFFSETS["permutations.cycles"]}
  %cycles = load ptr, ptr %cycles.at
  %cycle = getelementptr i64, ptr %cycles, i64 %last
  %before = load i64, ptr %cycle
  %left = sub i64 %before, 1
  %fits = icmp ne i64 %left, 0
  br i1 %fits, label %put, label %slow
put:
  store i64 %left, ptr %cycle
  %size = load i64, ptr %pool.size
  %other = sub i64 %size, %left
  %far = getelementptr i64, ptr %indices, i64 %other
  %next = load i64, ptr %far
  store i64 %next, ptr %place
  store i64 %at, ptr %far
  %offset = shl i64 %next, 3
  %start = getelementptr i8, ptr %pool, i64 {_TUPLE_ITEMS}
  %source = getelementptr i8, ptr %start, i64 %offset
"""
_POOL = "  %pool = load ptr, ptr %pools.at\n"
_LAST_POOL = f"""
  %pools = load ptr, ptr %pools.at
  %pools.start = getelementptr i8, ptr %pools, i64 {_TUPLE_ITEMS}
  %pool.at = getelementptr ptr, ptr %pools.start, i64 %last
  %pool = load ptr, ptr %pool.at
"""


def _kept(structure: str, pool: str, step: str) -> str:
    """What an iterator of a structure hands out, which it holds; null at its end, or the mark of an error."""
    def offset(field: str) -> int:
        return layout.OFFSETS[f"{structure}.{field}"]

    return f"""
define internal ptr @kept_{structure}(ptr %it) {{
  %result.at = getelementptr i8, ptr %it, i64 {offset("result")}
  %result = load ptr, ptr %result.at
  %begun = icmp ne ptr %result, null
  br i1 %begun, label %look, label %slow
look:
  %references = load i64, ptr %result
  %alone = icmp eq i64 %references, 1
  %gc.at = getelementptr i8, ptr %result, i64 {_GC}
  %gc = load i64, ptr %gc.at
  %known = icmp ne i64 %gc, 0
  %count.at = getelementptr i8, ptr %result, i64 {_TUPLE_SIZE}
  %count = load i64, ptr %count.at
  %some = icmp sgt i64 %count, 0
  %stopped.at = getelementptr i8, ptr %it, i64 {offset("stopped")}
  %stopped = load i32, ptr %stopped.at
  %goes = icmp eq i32 %stopped, 0
  %one = and i1 %alone, %known
  %two = and i1 %some, %goes
  %all = and i1 %one, %two
  br i1 %all, label %step, label %slow
step:
  %last = sub i64 %count, 1
  %indices.at = getelementptr i8, ptr %it, i64 {offset("indices")}
  %indices = load ptr, ptr %indices.at
  %place = getelementptr i64, ptr %indices, i64 %last
  %at = load i64, ptr %place
  %pools.at = getelementptr i8, ptr %it, i64 {offset("pool")}
{pool}
  %pool.size = getelementptr i8, ptr %pool, i64 {_TUPLE_SIZE}
{step}
  %item = load ptr, ptr %source
  call void @incref(ptr %item)
  %items = getelementptr i8, ptr %result, i64 {_TUPLE_ITEMS}
  %target = getelementptr ptr, ptr %items, i64 %last
  %old = load ptr, ptr %target
  store ptr %item, ptr %target
  call void @decref(ptr %old)
  ret ptr %result
slow:
  %drawn = call ptr @drawn_calmly(ptr %it)
  %word = ptrtoint ptr %drawn to i64
  %made = icmp ugt i64 %word, {RAISED}
  br i1 %made, label %lend, label %done
lend:
  call void @decref(ptr %drawn)
  br label %done
done:
  ret ptr %drawn
}}
"""


FUNCTIONS: dict[str, str] = {
    "kept_combinations": _kept("combinations", _POOL, _COUNTED),
    "kept_product": _kept("product", _LAST_POOL, _COUNTED),
    "kept_permutations": _kept("permutations", _POOL, _SWAPPED),
}
