"""What emitted code calls for sets, in LLVM assembly: whether a key is in one, found as `setobject.c` finds it."""

from __future__ import annotations

from zexus import layout
from zexus.jit.emit.dict_runtime import (
    CHANGED,
    END,
    hashed,
    hashed_text,
    hashed_tuple,
    same_float,
    same_int,
    same_text,
    same_tuple,
)

_OFFSETS = layout.OFFSETS
# How many entries behind the first one are looked at before the probing jumps.
_LINEAR = 9
# Answers of these functions; ABSENT and PRESENT, or a key that only the program's own code can compare.
ABSENT, PRESENT, UNSURE = 0, 1, 2


def _finding(name: str, key: str, begin: str, compare: str) -> str:
    """A function that probes a set for a key; the parts are those of `dict_runtime`."""
    return f"""
define internal i64 @{name}(ptr %set, {key}) noinline {{
  br label %read
read:
{begin}
begin:
  %mp = getelementptr i8, ptr %set, i64 {_OFFSETS["set.mask"]}
  %mask = load i64, ptr %mp
  %tablep = getelementptr i8, ptr %set, i64 {_OFFSETS["set.table"]}
  %table = load ptr, ptr %tablep
  %first = and i64 %hash, %mask
  br label %head
head:
  %i = phi i64 [ %first, %begin ], [ %again, %jump ]
  %perturb = phi i64 [ %hash, %begin ], [ %less, %jump ]
  %far = add i64 %i, {_LINEAR}
  %within = icmp ule i64 %far, %mask
  %probes = select i1 %within, i64 {_LINEAR}, i64 0
  br label %look
look:
  %j = phi i64 [ 0, %head ], [ %j1, %next ]
  %at = add i64 %i, %j
  %entry = getelementptr {{ ptr, i64 }}, ptr %table, i64 %at
  %key = load ptr, ptr %entry
  %empty = icmp eq ptr %key, null
  br i1 %empty, label %absent, label %occupied
occupied:
  %hash.at = getelementptr i8, ptr %entry, i64 8
{compare}
next:
  %j1 = add i64 %j, 1
  %more = icmp ule i64 %j1, %probes
  br i1 %more, label %look, label %jump
jump:
  %less = lshr i64 %perturb, 5
  %five = mul i64 %i, 5
  %sum = add i64 %five, %less
  %plus = add i64 %sum, 1
  %again = and i64 %plus, %mask
  br label %head
found:
  ret i64 {PRESENT}
unsure:
  ret i64 {UNSURE}
absent:
  ret i64 {ABSENT}
}}
"""


# An entry whose key was taken out has this hash, which no key has.
_NO_HASH = -1

FUNCTIONS: dict[str, str] = {
    "set_find_tuple": _finding("set_find_tuple", "ptr %wanted, i64 %n, i64 %kinds", hashed_tuple("read"),
                               same_tuple("%hash.at")),
    # As `setiter_iternext` does, which counts on no number of keys.
    "set_next": f"""
define internal i64 @set_next(ptr %set, i64 %used, i64 %position, i64 %left) alwaysinline {{
  %up = getelementptr i8, ptr %set, i64 {_OFFSETS["set.used"]}
  %now = load i64, ptr %up
  %sure = icmp eq i64 %now, %used
  br i1 %sure, label %look, label %changed
look:
  %mp = getelementptr i8, ptr %set, i64 {_OFFSETS["set.mask"]}
  %mask = load i64, ptr %mp
  %tablep = getelementptr i8, ptr %set, i64 {_OFFSETS["set.table"]}
  %table = load ptr, ptr %tablep
  br label %head
head:
  %i = phi i64 [ %position, %look ], [ %next, %empty ]
  %within = icmp sle i64 %i, %mask
  br i1 %within, label %read, label %end
read:
  %entry = getelementptr {{ ptr, i64 }}, ptr %table, i64 %i
  %key = load ptr, ptr %entry
  %hashp = getelementptr i8, ptr %entry, i64 8
  %hash = load i64, ptr %hashp
  %unset = icmp eq ptr %key, null
  %taken = icmp eq i64 %hash, {_NO_HASH}
  %none = or i1 %unset, %taken
  br i1 %none, label %empty, label %found
empty:
  %next = add i64 %i, 1
  br label %head
found:
  ret i64 %i
end:
  ret i64 {END}
changed:
  ret i64 {CHANGED}
}}
""",
    "set_key": f"""
define internal ptr @set_key(ptr %set, i64 %index) alwaysinline {{
  %tablep = getelementptr i8, ptr %set, i64 {_OFFSETS["set.table"]}
  %table = load ptr, ptr %tablep
  %entry = getelementptr {{ ptr, i64 }}, ptr %table, i64 %index
  %key = load ptr, ptr %entry
  ret ptr %key
}}
""",
    "set_find_text": _finding("set_find_text", "ptr %wanted", hashed_text("read"), same_text("%hash.at")),
    "set_find_int": _finding("set_find_int", "i64 %wanted", hashed("i64"), same_int("%hash.at")),
    "set_find_float": _finding("set_find_float", "double %wanted", hashed("double"), same_float("%hash.at")),
}
DECLARATIONS: dict[str, str] = {}
