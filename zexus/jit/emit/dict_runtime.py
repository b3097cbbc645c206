"""What emitted code calls for dicts, in LLVM assembly: where one keeps the value of a key, found as CPython does."""

from __future__ import annotations

import sys

from zexus import layout

_OFFSETS = layout.OFFSETS
# The answer where a key of the same hash is met that only the program's own code can compare.
UNSURE = 1
# Answers about the next entry of an iteration: there is none; the iterator would raise.
END, CHANGED = -1, -2
# Hashes of numbers are taken modulo this prime, of so many bits (pyhash.c).
_HASH_BITS = 61
_PRIME = 2**_HASH_BITS - 1
_HASH_OF_INFINITY = 314159
# Answers of what compares a key with a number; anything else is for the program's own code to tell.
_DIFFERS, _EQUALS, _ASK = 0, 1, 2


# What finds the keys of the dict %dict, and behind that their entries.
_KEYS = f"""
  %kp = getelementptr i8, ptr %dict, i64 {_OFFSETS["dict.keys"]}
  %keys = load ptr, ptr %kp
  %kindp = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.kind"]}
  %kind = load i8, ptr %kindp
  %general = icmp eq i8 %kind, 0
"""
_TABLE = f"""
  %wp = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.index_bytes"]}
  %width8 = load i8, ptr %wp
  %width = zext i8 %width8 to i64
  %bytes = shl i64 1, %width
  %indices = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.entries"]}
  %entries = getelementptr i8, ptr %indices, i64 %bytes
  %step = select i1 %general, i64 24, i64 16
"""


def _finding(name: str, key: str, begin: str, compare: str) -> str:
    """A function that probes a dict for a key.

    Args:
        name: of the function.
        key: its second parameter.
        begin: what computes %hash; ends at the label `begin`, where `%keys` and `%kind` are known.
        compare: from the label `alike`, where %key has the hash: branches to `found`, `next` or `unsure`.
    """
    return f"""
define internal ptr @{name}(ptr %dict, {key}) noinline {{
  %no.dict = icmp eq ptr %dict, null
  br i1 %no.dict, label %absent, label %read
read:
{_KEYS}
{begin}
begin:
  %sp = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.log2_size"]}
  %size8 = load i8, ptr %sp
  %size = zext i8 %size8 to i64
  %room = shl i64 1, %size
  %mask = sub i64 %room, 1
{_TABLE}
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
  br i1 %dummy, label %next, label %occupied
occupied:
  %offset = mul i64 %ix, %step
  %entry = getelementptr i8, ptr %entries, i64 %offset
  %keyp = getelementptr i8, ptr %entry, i64 %key.at
  %key = load ptr, ptr %keyp
{compare}
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
"""


def hashed_text(before: str) -> str:
    """What computes the hash of the text %wanted, from the block `before`; ends at the label `begin`."""
    return f"""
  %hp = getelementptr i8, ptr %wanted, i64 {_OFFSETS["str.hash"]}
  %known = load i64, ptr %hp
  %not.yet = icmp eq i64 %known, -1
  br i1 %not.yet, label %ask, label %hashed
ask:
  %computed = call i64 @PyObject_Hash(ptr %wanted)
  br label %hashed
hashed:
  %hash = phi i64 [ %known, %{before} ], [ %computed, %ask ]
  br label %begin
"""


def _same_hash(place: str) -> str:
    """What goes on at `compare` where %key, whose hash stands at a place, has the hash %hash."""
    return f"""
  %other = load i64, ptr {place}
  %alike = icmp eq i64 %other, %hash
  br i1 %alike, label %compare, label %next
compare:"""


def same_text(place: str) -> str:
    """What compares %key, whose hash stands at a place, with the text %wanted: to `found`, `next` or `unsure`."""
    return f"""
  %same = icmp eq ptr %key, %wanted
  br i1 %same, label %found, label %differs
differs:
{_same_hash(place)}
  %tp = getelementptr i8, ptr %key, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %tp
  %is.kind = icmp eq ptr %type, @PyUnicode_Type
  br i1 %is.kind, label %both, label %unsure
both:
  %equal = call i1 @text_equal(ptr %key, ptr %wanted)
  br i1 %equal, label %found, label %next
"""


def hashed(kind: str) -> str:
    """What computes the hash of the number %wanted, an "i64" or a "double"; ends at the label `begin`."""
    name = "hash_int" if kind == "i64" else "hash_float"
    return f"""
  %hash = call i64 @{name}({kind} %wanted)
  br label %begin
"""


def same_int(place: str) -> str:
    """What compares %key, whose hash stands at a place, with the int %wanted: to `found`, `next` or `unsure`."""
    return f"""
{_same_hash(place)}
  %tp = getelementptr i8, ptr %key, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %tp
  %is.kind = icmp eq ptr %type, @PyLong_Type
  br i1 %is.kind, label %both, label %ask.other
both:
  %pair = call {{ i64, i1 }} @int_value(ptr %key)
  %number = extractvalue {{ i64, i1 }} %pair, 0
  %fits = extractvalue {{ i64, i1 }} %pair, 1
  %equal = icmp eq i64 %number, %wanted
  %is.it = and i1 %fits, %equal
  br i1 %is.it, label %found, label %next
ask.other:
  %told = call i64 @equals_int(ptr %key, i64 %wanted)
  switch i64 %told, label %unsure [ i64 {_DIFFERS}, label %next
                                    i64 {_EQUALS}, label %found ]
"""


def same_float(place: str) -> str:
    """What compares %key, whose hash stands at a place, with the float %wanted: to `found`, `next` or `unsure`."""
    return f"""
{_same_hash(place)}
  %told = call i64 @equals_float(ptr %key, double %wanted)
  switch i64 %told, label %unsure [ i64 {_DIFFERS}, label %next
                                    i64 {_EQUALS}, label %found ]
"""


_AT_INDEX = _KEYS + _TABLE + """
  %offset = mul i64 %index, %step
  %entry = getelementptr i8, ptr %entries, i64 %offset
"""

# Tuples are hashed by a form of xxHash (tupleobject.c).
_PRIMES = 11400714785074694791, 14029467366897019727, 2870177450012600261
_MINUS_ONE = 1546275796


def _signed(word: int) -> int:
    return (word + 2**63) % 2**64 - 2**63


# The kinds of the items of a tuple that is looked for, of so many bits each.
ITEM_KINDS, ITEM_BITS = {"i64": 0, "f64": 1, "ptr": 2}, 2


def hashed_tuple(before: str) -> str:
    """What computes the hash of a tuple of the %n items at %wanted, from a block; ends at the label `begin`.

    Of each item its hash stands there, and behind that its value.
    """
    first, second, fifth = map(_signed, _PRIMES)
    return f"""
  br label %lane
lane:
  %h = phi i64 [ 0, %{before} ], [ %h1, %mix ]
  %acc = phi i64 [ {fifth}, %{before} ], [ %mixed, %mix ]
  %more.lanes = icmp slt i64 %h, %n
  br i1 %more.lanes, label %mix, label %end.mix
mix:
  %np = getelementptr {{ i64, i64 }}, ptr %wanted, i64 %h
  %own = load i64, ptr %np
  %times = mul i64 %own, {second}
  %total = add i64 %acc, %times
  %rotated = call i64 @llvm.fshl.i64(i64 %total, i64 %total, i64 31)
  %mixed = mul i64 %rotated, {first}
  %h1 = add i64 %h, 1
  br label %lane
end.mix:
  %salt = xor i64 %n, {fifth ^ 3527539}
  %salted = add i64 %acc, %salt
  %no.hash = icmp eq i64 %salted, -1
  %hash = select i1 %no.hash, i64 {_MINUS_ONE}, i64 %salted
  br label %begin
"""


def same_tuple(place: str) -> str:
    """What compares %key, whose hash stands at a place, with the %n items at %wanted: to `found`, `next` or `unsure`.

    What kinds of items these are, %kinds says. A tuple with names is compared as any other.
    """
    return f"""
{_same_hash(place)}
  %tp = getelementptr i8, ptr %key, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %tp
  %is.kind = icmp eq ptr %type, @PyTuple_Type
  br i1 %is.kind, label %both, label %derived
derived:
  %own.at = getelementptr i8, ptr %type, i64 {_OFFSETS["type.richcompare"]}
  %own.compare = load ptr, ptr %own.at
  %tuples.at = getelementptr i8, ptr @PyTuple_Type, i64 {_OFFSETS["type.richcompare"]}
  %tuples.compare = load ptr, ptr %tuples.at
  %as.tuples = icmp eq ptr %own.compare, %tuples.compare
  br i1 %as.tuples, label %both, label %unsure
both:
  %sizep = getelementptr i8, ptr %key, i64 {_OFFSETS["tuple.size"]}
  %key.size = load i64, ptr %sizep
  %as.long = icmp eq i64 %key.size, %n
  br i1 %as.long, label %items, label %next
items:
  %m = phi i64 [ 0, %both ], [ %m1, %item.equal ]
  %left.kinds = phi i64 [ %kinds, %both ], [ %fewer.kinds, %item.equal ]
  %more.items = icmp slt i64 %m, %n
  br i1 %more.items, label %item, label %found
item:
  %first.item = getelementptr i8, ptr %key, i64 {_OFFSETS["tuple.items"]}
  %itemp = getelementptr ptr, ptr %first.item, i64 %m
  %held = load ptr, ptr %itemp
  %entry.item = getelementptr {{ i64, i64 }}, ptr %wanted, i64 %m
  %wp.item = getelementptr i64, ptr %entry.item, i64 1
  %item.kind = and i64 %left.kinds, {2**ITEM_BITS - 1}
  %itp = getelementptr i8, ptr %held, i64 {_OFFSETS["type"]}
  %item.type = load ptr, ptr %itp
  switch i64 %item.kind, label %item.text [ i64 {ITEM_KINDS["i64"]}, label %item.int
                                            i64 {ITEM_KINDS["f64"]}, label %item.float ]
item.int:
  %value.wanted = load i64, ptr %wp.item
  %is.int = icmp eq ptr %item.type, @PyLong_Type
  br i1 %is.int, label %ints, label %item.other
ints:
  %pair = call {{ i64, i1 }} @int_value(ptr %held)
  %value.held = extractvalue {{ i64, i1 }} %pair, 0
  %fits = extractvalue {{ i64, i1 }} %pair, 1
  %equal = icmp eq i64 %value.held, %value.wanted
  %is.it = and i1 %fits, %equal
  br i1 %is.it, label %item.equal, label %next
item.other:
  %told.int = call i64 @equals_int(ptr %held, i64 %value.wanted)
  br label %told
item.float:
  %float.wanted = load double, ptr %wp.item
  %told.float = call i64 @equals_float(ptr %held, double %float.wanted)
  br label %told
told:
  %answer.item = phi i64 [ %told.int, %item.other ], [ %told.float, %item.float ]
  switch i64 %answer.item, label %unsure [ i64 {_DIFFERS}, label %next
                                           i64 {_EQUALS}, label %item.equal ]
item.text:
  %text.wanted = load ptr, ptr %wp.item
  %same.text = icmp eq ptr %held, %text.wanted
  br i1 %same.text, label %item.equal, label %other.text
other.text:
  %is.text = icmp eq ptr %item.type, @PyUnicode_Type
  br i1 %is.text, label %texts, label %unsure
texts:
  %equal.text = call i1 @text_equal(ptr %held, ptr %text.wanted)
  br i1 %equal.text, label %item.equal, label %next
item.equal:
  %m1 = add i64 %m, 1
  %fewer.kinds = lshr i64 %left.kinds, {ITEM_BITS}
  br label %items
"""


def _equals(name: str, kind: str, of_int: str, of_float: str) -> str:
    """A function that compares a key with a number.

    Args:
        name: of the function.
        kind: of the number %wanted.
        of_int: what answers where the key is an int or a bool, with its value in %pair, if it %fits.
        of_float: what computes %equal where the key is the float %held; may go to `ask`.
    """
    return f"""
define internal i64 @{name}(ptr %key, {kind} %wanted) {{
  %tp = getelementptr i8, ptr %key, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %tp
  %is.float = icmp eq ptr %type, @PyFloat_Type
  br i1 %is.float, label %float, label %no.float
float:
  %fp = getelementptr i8, ptr %key, i64 {_OFFSETS["float.value"]}
  %held = load double, ptr %fp
{of_float}
  %answer = zext i1 %equal to i64
  ret i64 %answer
no.float:
  %is.int = icmp eq ptr %type, @PyLong_Type
  %is.bool = icmp eq ptr %type, @PyBool_Type
  %is.whole = or i1 %is.int, %is.bool
  br i1 %is.whole, label %int, label %ask
int:
  %pair = call {{ i64, i1 }} @int_value(ptr %key)
  %fits = extractvalue {{ i64, i1 }} %pair, 1
{of_int}
ask:
  ret i64 {_ASK}
}}
"""


# Factories of a defaultdict that run no code of the program's.
_FACTORIES = ("PyLong_Type", "PyFloat_Type", "PyList_Type", "PySet_Type", "PyDict_Type", "PyUnicode_Type")


def _is_factory() -> str:
    """What tells whether %factory is one of these, as the last %or."""
    lines = ["  %or.0 = or i1 false, false"]
    for i, name in enumerate(_FACTORIES):
        lines += [f"  %is.{i} = icmp eq ptr %factory, @{name}", f"  %or.{i + 1} = or i1 %or.{i}, %is.{i}"]
    return "\n".join(lines)


FUNCTIONS: dict[str, str] = {
    # What a defaultdict makes for a key that it does not have, or null where that may run other code: its factory is no
    # builtin class, and no function of a code that is known.
    "default_item": f"""
define internal ptr @default_item(ptr %dict, ptr %known, ptr %key) noinline {{
  %fp = getelementptr i8, ptr %dict, i64 {_OFFSETS["defaultdict.factory"]}
  %factory = load ptr, ptr %fp
{_is_factory()}
  br i1 %or.{len(_FACTORIES)}, label %make, label %other
other:
  %tp = getelementptr i8, ptr %factory, i64 {_OFFSETS["type"]}
  %type = load ptr, ptr %tp
  %is.function = icmp eq ptr %type, @PyFunction_Type
  br i1 %is.function, label %function, label %none
function:
  %cp = getelementptr i8, ptr %factory, i64 {_OFFSETS["function.code"]}
  %code = load ptr, ptr %cp
  %is.known = icmp eq ptr %code, %known
  br i1 %is.known, label %make, label %none
make:
  %made = call ptr @item_calmly(ptr %dict, ptr %key)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %clear, label %done
done:
  call void @Py_DecRef(ptr %made)
  ret ptr %made
clear:
  call void @PyErr_Clear()
  br label %none
none:
  ret ptr null
}}
""",
    "hash_int": f"""
define internal i64 @hash_int(i64 %v) {{
  %rest = srem i64 %v, {_PRIME}
  %is.mark = icmp eq i64 %rest, -1
  %hash = select i1 %is.mark, i64 -2, i64 %rest
  ret i64 %hash
}}
""",
    # As `_Py_HashDouble` does: modulo the prime, a power of two only turns the bits of the fraction. Of no nan.
    "hash_float": f"""
define internal i64 @hash_float(double %v) {{
  %bits = bitcast double %v to i64
  %fraction = and i64 %bits, {2**52 - 1}
  %above = lshr i64 %bits, 52
  %field = and i64 %above, 2047
  %infinite = icmp eq i64 %field, 2047
  %tiny = icmp eq i64 %field, 0
  %normal = or i64 %fraction, {2**52}
  %mantissa = select i1 %tiny, i64 %fraction, i64 %normal
  %exponent = select i1 %tiny, i64 1, i64 %field
  %positive = add i64 %exponent, {18 * _HASH_BITS - 1075}
  %turn = urem i64 %positive, {_HASH_BITS}
  %back = sub i64 {_HASH_BITS}, %turn
  %shifted = shl i64 %mantissa, %turn
  %high = and i64 %shifted, {_PRIME}
  %low = lshr i64 %mantissa, %back
  %turned = or i64 %high, %low
  %size = select i1 %infinite, i64 {_HASH_OF_INFINITY}, i64 %turned
  %minus = sub i64 0, %size
  %negative = icmp slt i64 %bits, 0
  %signed = select i1 %negative, i64 %minus, i64 %size
  %is.mark = icmp eq i64 %signed, -1
  %hash = select i1 %is.mark, i64 -2, i64 %signed
  ret i64 %hash
}}
""",
    "hash_text": f"""
define internal i64 @hash_text(ptr %wanted) {{
  br label %read
read:
{hashed_text("read")}
begin:
  ret i64 %hash
}}
""",
    "equals_int": _equals("equals_int", "i64", """
  %whole = extractvalue { i64, i1 } %pair, 0
  %same = icmp eq i64 %whole, %wanted
  %is.it = and i1 %fits, %same
  %told = zext i1 %is.it to i64
  ret i64 %told
""", """
  %size = call double @llvm.fabs.f64(double %held)
  %near = fcmp olt double %size, 0x43E0000000000000
  br i1 %near, label %look, label %ask
look:
  %rounded = fptosi double %held to i64
  %back = sitofp i64 %rounded to double
  %integral = fcmp oeq double %back, %held
  %alike = icmp eq i64 %rounded, %wanted
  %equal = and i1 %integral, %alike
"""),
    "equals_float": _equals("equals_float", "double", """
  %size = call double @llvm.fabs.f64(double %wanted)
  %near = fcmp olt double %size, 0x43E0000000000000
  %sure = and i1 %fits, %near
  br i1 %sure, label %look, label %ask
look:
  %whole = extractvalue { i64, i1 } %pair, 0
  %rounded = fptosi double %wanted to i64
  %back = sitofp i64 %rounded to double
  %integral = fcmp oeq double %back, %wanted
  %alike = icmp eq i64 %rounded, %whole
  %is.it = and i1 %integral, %alike
  %told = zext i1 %is.it to i64
  ret i64 %told
""", """
  %equal = fcmp oeq double %held, %wanted
"""),
    # A tuple of numbers and texts. In a dict of nothing but texts there is none.
    "dict_find_tuple": _finding("dict_find_tuple", "ptr %wanted, i64 %n, i64 %kinds", """
  br i1 %general, label %compute, label %absent
compute:
""" + hashed_tuple("compute"), same_tuple("%entry")),
    # As `dictiter_iternextkey` does. A dict whose keys its class has is left to the interpreter.
    "dict_next": f"""
define internal i64 @dict_next(ptr %dict, i64 %used, i64 %position, i64 %left) alwaysinline {{
  %up = getelementptr i8, ptr %dict, i64 {_OFFSETS["dict.used"]}
  %now = load i64, ptr %up
  %vp = getelementptr i8, ptr %dict, i64 {_OFFSETS["dict.values"]}
  %values = load ptr, ptr %vp
  %as.before = icmp eq i64 %now, %used
  %combined = icmp eq ptr %values, null
  %sure = and i1 %as.before, %combined
  br i1 %sure, label %look, label %changed
look:
{_KEYS}{_TABLE}
  %np = getelementptr i8, ptr %keys, i64 {_OFFSETS["keys.size"]}
  %count = load i64, ptr %np
  %value.at = select i1 %general, i64 16, i64 8
  br label %head
head:
  %i = phi i64 [ %position, %look ], [ %next, %empty ]
  %within = icmp ult i64 %i, %count
  br i1 %within, label %read, label %end
read:
  %offset = mul i64 %i, %step
  %entry = getelementptr i8, ptr %entries, i64 %offset
  %valuep = getelementptr i8, ptr %entry, i64 %value.at
  %value = load ptr, ptr %valuep
  %unset = icmp eq ptr %value, null
  br i1 %unset, label %empty, label %found
empty:
  %next = add i64 %i, 1
  br label %head
found:
  %expected = icmp ne i64 %left, 0
  %answer = select i1 %expected, i64 %i, i64 {CHANGED}
  ret i64 %answer
end:
  ret i64 {END}
changed:
  ret i64 {CHANGED}
}}
""",
    "dict_key": f"""
define internal ptr @dict_key(ptr %dict, i64 %index) alwaysinline {{
{_AT_INDEX}
  %at = select i1 %general, i64 8, i64 0
  %place = getelementptr i8, ptr %entry, i64 %at
  %key = load ptr, ptr %place
  ret ptr %key
}}
""",
    "dict_value": f"""
define internal ptr @dict_value(ptr %dict, i64 %index) alwaysinline {{
{_AT_INDEX}
  %at = select i1 %general, i64 16, i64 8
  %place = getelementptr i8, ptr %entry, i64 %at
  %value = load ptr, ptr %place
  ret ptr %value
}}
""",
    # A text of exactly its own type. Names are mostly the very objects that stand in the dict.
    "dict_find_text": _finding("dict_find_text", "ptr %wanted", hashed_text("read"), f"""
  %own.hash = getelementptr i8, ptr %key, i64 {_OFFSETS["str.hash"]}
  %hash.at = select i1 %general, ptr %entry, ptr %own.hash
""" + same_text("%hash.at")),
    # An int of 64 bits. In a dict of nothing but texts there is none.
    "dict_find_int": _finding("dict_find_int", "i64 %wanted", """
  br i1 %general, label %compute, label %absent
compute:
""" + hashed("i64"), same_int("%entry")),
    "dict_find_float": _finding("dict_find_float", "double %wanted", """
  br i1 %general, label %compute, label %absent
compute:
""" + hashed("double"), same_float("%entry")),
    # An int of one digit or none at once, others by `long_value`.
    "int_value": f"""
define internal {{ i64, i1 }} @int_value(ptr %o) {{
  %sp = getelementptr i8, ptr %o, i64 {_OFFSETS["int.size"]}
  %size = load i64, ptr %sp
  %one = icmp eq i64 %size, {8 if layout.MODERN else 1}
  br i1 %one, label %quick, label %slow
quick:
  %dp = getelementptr i8, ptr %o, i64 {_OFFSETS["int.digits"]}
  %digit = load i32, ptr %dp
  %value = zext i32 %digit to i64
  %a = insertvalue {{ i64, i1 }} undef, i64 %value, 0
  %b = insertvalue {{ i64, i1 }} %a, i1 true, 1
  ret {{ i64, i1 }} %b
slow:
  %r = call {{ i64, i1 }} @long_value(ptr %o)
  ret {{ i64, i1 }} %r
}}
""",
}
DECLARATIONS: dict[str, str] = {
    "llvm.fshl.i64": "declare i64 @llvm.fshl.i64(i64, i64, i64)",
    "PyObject_GetItem": "declare ptr @PyObject_GetItem(ptr, ptr)",
    "PyErr_Clear": "declare void @PyErr_Clear()",
    "PyObject_Hash": "declare i64 @PyObject_Hash(ptr)",
}
