"""What emitted code calls for attributes, in LLVM assembly: the keys that a class has for its instances, and dicts."""

from __future__ import annotations

import sys

from zexus import layout

_OFFSETS = layout.OFFSETS
# Answers of `dict_place` beside a place: no such key; a key of the same hash that must be compared first.
ABSENT, UNSURE = 0, 1

FUNCTIONS: dict[str, str] = {
    # Whether instances of a class have no attribute of a name in their tables.
    "is_unshared": f"""
define internal i1 @is_unshared(ptr %class, ptr %name) noinline {{
  %kp = getelementptr i8, ptr %class, i64 {_OFFSETS["type.keys"]}
  %keys = load ptr, ptr %kp
  %no.keys = icmp eq ptr %keys, null
  br i1 %no.keys, label %none, label %some
some:
  %wp = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.index_bytes"]}
  %width8 = load i8, ptr %wp
  %width = zext i8 %width8 to i64
  %bytes = shl i64 1, %width
  %np = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.size"]}
  %n = load i64, ptr %np
  %ep = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.entries"]}
  %entries = getelementptr i8, ptr %ep, i64 %bytes
  br label %head
head:
  %i = phi i64 [ 0, %some ], [ %next, %body ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %none
body:
  %at = getelementptr {{ ptr, ptr }}, ptr %entries, i64 %i
  %key = load ptr, ptr %at
  %next = add i64 %i, 1
  %same = icmp eq ptr %key, %name
  br i1 %same, label %found, label %head
found:
  ret i1 false
none:
  ret i1 true
}}
""",
    # Where a dict keeps the value of an interned name: the probing of CPython's `dictobject.c`.
    "dict_place": f"""
define internal ptr @dict_place(ptr %dict, ptr %name) noinline {{
  %no.dict = icmp eq ptr %dict, null
  br i1 %no.dict, label %absent, label %begin
begin:
  %kp = getelementptr i8, ptr %dict, i64 {_OFFSETS["dict.keys"]}
  %keys = load ptr, ptr %kp
  %hp = getelementptr i8, ptr %name, i64 {_OFFSETS["str.hash"]}
  %hash = load i64, ptr %hp
  %sp = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.log2_size"]}
  %size8 = load i8, ptr %sp
  %size = zext i8 %size8 to i64
  %wp = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.index_bytes"]}
  %width8 = load i8, ptr %wp
  %width = zext i8 %width8 to i64
  %kindp = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.kind"]}
  %kind = load i8, ptr %kindp
  %room = shl i64 1, %size
  %mask = sub i64 %room, 1
  %bytes = shl i64 1, %width
  %indices = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.entries"]}
  %entries = getelementptr i8, ptr %indices, i64 %bytes
  %general = icmp eq i8 %kind, 0
  %step = select i1 %general, i64 24, i64 16
  %key.at = select i1 %general, i64 8, i64 0
  %each = sub i64 %width, %size
  %first = and i64 %hash, %mask
  br label %head
head:
  %i = phi i64 [ %first, %begin ], [ %again, %next ]
  %perturb = phi i64 [ %hash, %begin ], [ %less, %next ]
  switch i64 %each, label %eight [ i64 0, label %one
                                   i64 1, label %two
                                   i64 2, label %four ]
one:
  %p1 = getelementptr i8, ptr %indices, i64 %i
  %x1 = load i8, ptr %p1
  %y1 = sext i8 %x1 to i64
  br label %look
two:
  %p2 = getelementptr i16, ptr %indices, i64 %i
  %x2 = load i16, ptr %p2
  %y2 = sext i16 %x2 to i64
  br label %look
four:
  %p4 = getelementptr i32, ptr %indices, i64 %i
  %x4 = load i32, ptr %p4
  %y4 = sext i32 %x4 to i64
  br label %look
eight:
  %p8 = getelementptr i64, ptr %indices, i64 %i
  %y8 = load i64, ptr %p8
  br label %look
look:
  %ix = phi i64 [ %y1, %one ], [ %y2, %two ], [ %y4, %four ], [ %y8, %eight ]
  %empty = icmp eq i64 %ix, -1
  br i1 %empty, label %absent, label %used
used:
  %dummy = icmp slt i64 %ix, 0
  br i1 %dummy, label %next, label %compare
compare:
  %offset = mul i64 %ix, %step
  %entry = getelementptr i8, ptr %entries, i64 %offset
  %keyp = getelementptr i8, ptr %entry, i64 %key.at
  %key = load ptr, ptr %keyp
  %same = icmp eq ptr %key, %name
  br i1 %same, label %found, label %differs
differs:
  %own.hash = getelementptr i8, ptr %key, i64 {_OFFSETS["str.hash"]}
  %hash.at = select i1 %general, ptr %entry, ptr %own.hash
  %other = load i64, ptr %hash.at
  %alike = icmp eq i64 %other, %hash
  br i1 %alike, label %unsure, label %next
next:
  %less = lshr i64 %perturb, 5
  %five = mul i64 %i, 5
  %sum = add i64 %five, %less
  %plus = add i64 %sum, 1
  %again = and i64 %plus, %mask
  br label %head
found:
  %split = icmp eq i8 %kind, 2
  %vp = getelementptr i8, ptr %dict, i64 {_OFFSETS["dict.values"]}
  %values = load ptr, ptr %vp
  %table = getelementptr i8, ptr %values, i64 {8 if sys.version_info >= (3, 13) else 0}
  %in.table = getelementptr ptr, ptr %table, i64 %ix
  %in.entry = getelementptr i8, ptr %keyp, i64 8
  %place = select i1 %split, ptr %in.table, ptr %in.entry
  %value = load ptr, ptr %place
  %unset = icmp eq ptr %value, null
  br i1 %unset, label %absent, label %done
done:
  ret ptr %place
unsure:
  %mark = inttoptr i64 {UNSURE} to ptr
  ret ptr %mark
absent:
  ret ptr null
}}
""",
}
DECLARATIONS: dict[str, str] = {}
