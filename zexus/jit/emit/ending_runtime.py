"""What emitted code asks before it gives up the last reference to an object of the program's own classes.

Native code keeps what has died until it is left, so nobody may notice when that really ends: no finalizer, no weak
reference, and the same for what only such an object holds, as far as that is looked at.
"""

from __future__ import annotations

import sys

from zexus import layout

_OFFSETS = layout.OFFSETS
# How deep objects that hold objects are followed, and how many items of a list or tuple are looked at.
_DEPTH, _ITEMS = 4, 16
# Where what instances hold begins.
_HEAD = 16
# How the interpreter ends objects of classes that a class statement made, as the loader names it.
DEALLOC = "zexus_class_dealloc"

# Where the table of an instance's values is; null where there is none.
_TABLE_313 = f"""
  %vp = getelementptr i8, ptr %o, i64 %end
  %valid.p = getelementptr i8, ptr %vp, i64 3
  %valid = load i8, ptr %valid.p
  %there = icmp ne i8 %valid, 0
  %inside = getelementptr i8, ptr %vp, i64 8
  %inline.bits = and i64 %flags, {layout.HAVE_VALUES}
  %has.inline = icmp ne i64 %inline.bits, 0
  %is.there = and i1 %there, %has.inline
  %table = select i1 %is.there, ptr %inside, ptr null
"""
_TABLE_312 = f"""
  %vp = getelementptr i8, ptr %o, i64 {_OFFSETS["values"]}
  %held = load i64, ptr %vp
  %tag = and i64 %held, 1
  %tagged = icmp ne i64 %tag, 0
  %bare = add i64 %held, 1
  %at = inttoptr i64 %bare to ptr
  %table = select i1 %tagged, ptr %at, ptr null
"""
_TABLE_311 = f"""
  %vp = getelementptr i8, ptr %o, i64 {_OFFSETS["values"]}
  %table = load ptr, ptr %vp
"""
_TABLE = _TABLE_313 if sys.version_info >= (3, 13) else _TABLE_312 if layout.MODERN else _TABLE_311

FUNCTIONS: dict[str, str] = {
    # Whether giving up a reference to an object runs no other code, now or when the pool lets go of it: others hold the
    # object as well, or it ends unseen.
    "may_go": f"""
define internal i1 @may_go(ptr %o) {{
  %refs = load i64, ptr %o
  %shared = icmp sgt i64 %refs, 1
  br i1 %shared, label %yes, label %alone
alone:
  %plain = call i1 @is_plain(ptr %o)
  br i1 %plain, label %yes, label %ask
ask:
  %quiet = call i1 @ends_quietly(ptr %o, i64 {_DEPTH})
  ret i1 %quiet
yes:
  ret i1 true
}}
""",
    # The same of what an object holds: an object that others hold as well lives on.
    "held_ends_quietly": f"""
define internal i1 @held_ends_quietly(ptr %o, i64 %depth) noinline memory(read) {{
  %none = icmp eq ptr %o, null
  br i1 %none, label %yes, label %some
some:
  %number = call i1 @is_number(ptr %o)
  br i1 %number, label %yes, label %text
text:
  %tp = getelementptr i8, ptr %o, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %tp
  %is.text = icmp eq ptr %type, @PyUnicode_Type
  br i1 %is.text, label %yes, label %look
look:
  %fp = getelementptr i8, ptr %type, i64 {_OFFSETS["type.finalize"]}
  %finalize = load ptr, ptr %fp
  %plain = icmp eq ptr %finalize, null
  br i1 %plain, label %count, label %no
count:
  %refs = load i64, ptr %o
  %shared = icmp ne i64 %refs, 1
  br i1 %shared, label %yes, label %alone
alone:
  %deep = icmp sgt i64 %depth, 0
  br i1 %deep, label %list, label %no
list:
  %less = sub i64 %depth, 1
  %sp = getelementptr i8, ptr %o, i64 {_OFFSETS["list.size"]}
  %is.list = icmp eq ptr %type, @PyList_Type
  br i1 %is.list, label %listed, label %tuple
listed:
  %lp = getelementptr i8, ptr %o, i64 {_OFFSETS["list.items"]}
  %list.items = load ptr, ptr %lp
  br label %items
tuple:
  %is.tuple = icmp eq ptr %type, @PyTuple_Type
  br i1 %is.tuple, label %tupled, label %dict
tupled:
  %tuple.items = getelementptr i8, ptr %o, i64 {_OFFSETS["tuple.items"]}
  br label %items
items:
  %first = phi ptr [ %list.items, %listed ], [ %tuple.items, %tupled ]
  %size = load i64, ptr %sp
  %few = icmp sle i64 %size, {_ITEMS}
  br i1 %few, label %head, label %no
head:
  %i = phi i64 [ 0, %items ], [ %next, %body ]
  %more = icmp slt i64 %i, %size
  br i1 %more, label %body, label %yes
body:
  %at = getelementptr ptr, ptr %first, i64 %i
  %item = load ptr, ptr %at
  %fine = call i1 @held_ends_quietly(ptr %item, i64 %less)
  %next = add i64 %i, 1
  br i1 %fine, label %head, label %no
dict:
  %is.dict = icmp eq ptr %type, @PyDict_Type
  br i1 %is.dict, label %dicted, label %other
dicted:
  %gp = getelementptr i8, ptr %o, i64 {_OFFSETS["gc.next"]}
  %links = load i64, ptr %gp
  %untracked = icmp eq i64 %links, 0
  ret i1 %untracked
other:
  %quiet = call i1 @ends_quietly(ptr %o, i64 %less)
  ret i1 %quiet
yes:
  ret i1 true
no:
  ret i1 false
}}
""",
    # Whether an object is of a class that a class statement derived from `object`, and ends unseen with what it holds.
    "ends_quietly": f"""
define internal i1 @ends_quietly(ptr %o, i64 %depth) noinline memory(read) {{
  %tp = getelementptr i8, ptr %o, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %tp
  %dp = getelementptr i8, ptr %type, i64 {_OFFSETS["type.dealloc"]}
  %dealloc = load ptr, ptr %dp
  %usual = icmp eq ptr %dealloc, @{DEALLOC}
  %fp = getelementptr i8, ptr %type, i64 {_OFFSETS["type.finalize"]}
  %finalize = load ptr, ptr %fp
  %no.finalizer = icmp eq ptr %finalize, null
  %known = and i1 %usual, %no.finalizer
  br i1 %known, label %bases, label %no
bases:
  %below = phi ptr [ %type, %0 ], [ %base, %base.look ]
  %bp = getelementptr i8, ptr %below, i64 {_OFFSETS["type.base"]}
  %base = load ptr, ptr %bp
  %top = icmp eq ptr %base, @PyBaseObject_Type
  br i1 %top, label %weak, label %base.look
base.look:
  %bdp = getelementptr i8, ptr %base, i64 {_OFFSETS["type.dealloc"]}
  %base.dealloc = load ptr, ptr %bdp
  %base.usual = icmp eq ptr %base.dealloc, @{DEALLOC}
  br i1 %base.usual, label %bases, label %no
weak:
  %wp = getelementptr i8, ptr %type, i64 {_OFFSETS["type.weakrefs"]}
  %weak.at = load i64, ptr %wp
  %never = icmp eq i64 %weak.at, 0
  br i1 %never, label %slots, label %weak.look
weak.look:
  %lp = getelementptr i8, ptr %o, i64 %weak.at
  %list = load ptr, ptr %lp
  %unseen = icmp eq ptr %list, null
  br i1 %unseen, label %slots, label %no
slots:
  %zp = getelementptr i8, ptr %type, i64 {_OFFSETS["type.basicsize"]}
  %end = load i64, ptr %zp
  br label %slot.head
slot.head:
  %s = phi i64 [ {_HEAD}, %slots ], [ %s.next, %slot.next ]
  %s.more = icmp slt i64 %s, %end
  br i1 %s.more, label %slot, label %values
slot:
  %is.weak = icmp eq i64 %s, %weak.at
  br i1 %is.weak, label %slot.next, label %slot.look
slot.look:
  %slot.p = getelementptr i8, ptr %o, i64 %s
  %slot.held = load ptr, ptr %slot.p
  %slot.fine = call i1 @held_ends_quietly(ptr %slot.held, i64 %depth)
  br i1 %slot.fine, label %slot.next, label %no
slot.next:
  %s.next = add i64 %s, 8
  br label %slot.head
values:
  %fl = getelementptr i8, ptr %type, i64 {_OFFSETS["type.flags"]}
  %flags = load i64, ptr %fl
  %managed.bits = and i64 %flags, {layout.MANAGED_DICT}
  %managed = icmp ne i64 %managed.bits, 0
  br i1 %managed, label %table.look, label %yes
table.look:{_TABLE}
  %no.table = icmp eq ptr %table, null
  br i1 %no.table, label %whole, label %keys
whole:
  %hp = getelementptr i8, ptr %o, i64 {_OFFSETS["dict"]}
  %dict = load ptr, ptr %hp
  %dict.fine = call i1 @held_ends_quietly(ptr %dict, i64 %depth)
  ret i1 %dict.fine
keys:
  %kp = getelementptr i8, ptr %type, i64 {_OFFSETS["type.keys"]}
  %keys.held = load ptr, ptr %kp
  %np = getelementptr i8, ptr %keys.held, i64 {_OFFSETS["keys.size"]}
  %n = load i64, ptr %np
  br label %value.head
value.head:
  %v = phi i64 [ 0, %keys ], [ %v.next, %value ]
  %v.more = icmp slt i64 %v, %n
  br i1 %v.more, label %value, label %yes
value:
  %value.p = getelementptr ptr, ptr %table, i64 %v
  %value.held = load ptr, ptr %value.p
  %value.fine = call i1 @held_ends_quietly(ptr %value.held, i64 %depth)
  %v.next = add i64 %v, 1
  br i1 %value.fine, label %value.head, label %no
yes:
  ret i1 true
no:
  ret i1 false
}}
""",
}
DECLARATIONS: dict[str, str] = {DEALLOC: f"declare void @{DEALLOC}(ptr)"}
