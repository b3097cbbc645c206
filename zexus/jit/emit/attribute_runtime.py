"""What emitted code calls for attributes, in LLVM assembly: the keys that a class has for its instances."""

from __future__ import annotations

from zexus import layout

_OFFSETS = layout.OFFSETS

# The answer about an object whose class says in its own way what it is.
UNSURE = 2

FUNCTIONS: dict[str, str] = {
    # Whether an object is an instance of a plain class, as `object_isinstance` (abstract.c) tells.
    "is_kind": f"""
define internal i64 @is_kind(ptr %o, ptr %class, ptr %name, ptr %usual) {{
  %tp = getelementptr i8, ptr %o, i64 {_OFFSETS["type"]}
  %own = load ptr, ptr %tp
  %exact = icmp eq ptr %own, %class
  br i1 %exact, label %yes, label %derived
derived:
  %mp = getelementptr i8, ptr %own, i64 {_OFFSETS["type.mro"]}
  %mro = load ptr, ptr %mp
  %sp = getelementptr i8, ptr %mro, i64 {_OFFSETS["tuple.size"]}
  %size = load i64, ptr %sp
  %first = getelementptr i8, ptr %mro, i64 {_OFFSETS["tuple.items"]}
  br label %head
head:
  %i = phi i64 [ 1, %derived ], [ %next, %body ]
  %more = icmp slt i64 %i, %size
  br i1 %more, label %body, label %plain
body:
  %at = getelementptr ptr, ptr %first, i64 %i
  %base = load ptr, ptr %at
  %next = add i64 %i, 1
  %same = icmp eq ptr %base, %class
  br i1 %same, label %yes, label %head
plain:
  %is.plain = call i1 @is_plain(ptr %o)
  br i1 %is.plain, label %no, label %claims
claims:
  %gp = getelementptr i8, ptr %own, i64 {_OFFSETS["type.getattro"]}
  %get = load ptr, ptr %gp
  %found = call ptr @_PyType_Lookup(ptr %own, ptr %name)
  %is.usual = icmp eq ptr %found, %usual
  %generic = icmp eq ptr %get, @PyObject_GenericGetAttr
  %known = and i1 %is.usual, %generic
  %answer = select i1 %known, i64 0, i64 {UNSURE}
  ret i64 %answer
yes:
  ret i64 1
no:
  ret i64 0
}}
""",
    # Whether instances of a class have no attribute of a name in their tables; a key that is not interned might be it.
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
  %i = phi i64 [ 0, %some ], [ %next, %other ], [ %next, %look ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %none
body:
  %at = getelementptr {{ ptr, ptr }}, ptr %entries, i64 %i
  %key = load ptr, ptr %at
  %next = add i64 %i, 1
  %same = icmp eq ptr %key, %name
  br i1 %same, label %found, label %other
other:
  %any = icmp ne ptr %key, null
  br i1 %any, label %look, label %head
look:
  %sp = getelementptr i8, ptr %key, i64 {_OFFSETS["str.state"]}
  %state = load i32, ptr %sp
  %how = and i32 %state, 3
  %interned = icmp ne i32 %how, 0
  br i1 %interned, label %head, label %found
found:
  ret i1 false
none:
  ret i1 true
}}
""",
    # Put an object where another one was; false, and nothing done, where giving that up may run other code.
    "attr_replace": """
define internal i1 @attr_replace(ptr %pool, ptr %place, ptr %new) noinline {
  %old = load ptr, ptr %place
  %quiet = call i1 @may_go(ptr %old)
  br i1 %quiet, label %put, label %refuse
put:
  %refs = load i64, ptr %old
  %shared = icmp sgt i64 %refs, 1
  br i1 %shared, label %give, label %keep
give:
  store ptr %new, ptr %place
  call void @decref(ptr %old)
  ret i1 true
keep:
  store ptr %new, ptr %place
  call void @pool_push(ptr %pool, ptr %old)
  ret i1 true
refuse:
  call void @Py_DecRef(ptr %new)
  ret i1 false
}
""",
    # Whether nobody notices when an object comes to its end.
    "is_quiet": f"""
define internal i1 @is_quiet(ptr %o) noinline {{
  %tp = getelementptr i8, ptr %o, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %tp
  %fp = getelementptr i8, ptr %type, i64 {_OFFSETS["type.finalize"]}
  %finalize = load ptr, ptr %fp
  %plain = icmp eq ptr %finalize, null
  br i1 %plain, label %look, label %no
look:
  %wp = getelementptr i8, ptr %type, i64 {_OFFSETS["type.weakrefs"]}
  %offset = load i64, ptr %wp
  %never = icmp eq i64 %offset, 0
  br i1 %never, label %yes, label %read
read:
  %lp = getelementptr i8, ptr %o, i64 %offset
  %list = load ptr, ptr %lp
  %none = icmp eq ptr %list, null
  ret i1 %none
yes:
  ret i1 true
no:
  ret i1 false
}}
""",
    # An object of a class that is derived from `tuple`, with room for some items (`tuple_subtype_new`).
    "make_named": f"""
define internal ptr @make_named(ptr %kind, i64 %size) {{
  %ap = getelementptr i8, ptr %kind, i64 {_OFFSETS["type.alloc"]}
  %alloc = load ptr, ptr %ap
  %made = call ptr %alloc(ptr %kind, i64 %size)
  ret ptr %made
}}
""",
    # What `object.__new__` does, without arguments.
    "make_object": f"""
define internal ptr @make_object(ptr %kind, ptr %nothing) {{
  %np = getelementptr i8, ptr @PyBaseObject_Type, i64 {_OFFSETS["type.new"]}
  %new = load ptr, ptr %np
  %made = call ptr %new(ptr %kind, ptr %nothing, ptr null)
  ret ptr %made
}}
""",
}
DECLARATIONS: dict[str, str] = {
    "PyBaseObject_Type": "@PyBaseObject_Type = external global i8",
    "PyObject_GenericGetAttr": "declare ptr @PyObject_GenericGetAttr(ptr, ptr)",
    "_PyType_Lookup": "declare ptr @_PyType_Lookup(ptr, ptr)",
}
