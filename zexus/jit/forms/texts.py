"""Native forms of texts: a text is its object, a text of one character that was read here is its code point."""

from __future__ import annotations

import builtins
import functools
import operator
import re
from string import Formatter
from typing import Any

from zexus import types
from zexus.codes import Unsupported
from zexus.jit.forms import indices, numbers
from zexus.jit.forms.indices import index_value
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, CHAR, FLOAT, INT, NONE, STR, Type

_HIGHEST = 0x10FFFF
# A format of an int that only says how wide it gets.
_WIDTH = re.compile("(?P<where>[<>]?)(?P<zeros>0?)(?P<width>[1-9][0-9]?)d?")
# One of a float, or an int, that says how many digits stand behind the point; one of a text that says how wide it gets.
_FIXED = re.compile("(?P<where>[<>]?)(?P<zeros>0?)(?P<width>[1-9][0-9]?)?[.](?P<digits>[0-9])f")
_ROOM = re.compile("(?P<where>[<>]?)(?P<width>[1-9][0-9]?)s?")
# Constant texts of so many characters at most are looked through in place.
_LONGEST = 16
# Methods that tell something about a single character.
TESTS = ("isalpha", "isalnum", "isdecimal", "isdigit", "isnumeric", "islower", "isupper", "isspace")
_CASES = ("lower", "upper")
# Tests that hold of a text if they hold of each of its characters.
_OF_EACH = ("isalpha", "isalnum", "isdecimal", "isdigit", "isnumeric", "isspace")
# Methods that take whitespace from a text: whether from its beginning, and from its end.
_STRIPPED = {"strip": (True, True), "lstrip": (True, False), "rstrip": (False, True)}
_PLACES = {"index": 1, "rindex": -1}
# Methods that look for a text in another one: what does that, and from where.
_SEEKING: dict[str, tuple[str, int]] = {
    "startswith": ("TEXT_TAIL", -1), "endswith": ("TEXT_TAIL", 1), "find": ("TEXT_FIND", 1), "rfind": ("TEXT_FIND", -1),
    "count": ("TEXT_COUNT", 1),
}
# Methods that run no other code, whatever plain objects they are given.
METHODS = frozenset((
    *TESTS, *_CASES, "capitalize", "casefold", "center", "count", "endswith", "find", "index", "isascii",
    "isidentifier", "isprintable", "istitle", "join", "ljust", "lstrip", "partition", "removeprefix", "removesuffix",
    "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith",
    "strip", "swapcase", "title", "zfill",
))
# Functions that run no other code where they are given a text or a number.
CONVERSIONS: tuple[Any, ...] = (builtins.str, builtins.int, builtins.float, builtins.repr)
_PLAIN: frozenset[Type] = frozenset((INT, FLOAT, BOOL, NONE, CHAR, STR))


def constant(t: Trace, rep: Rep) -> str | None:
    """The text that a value is known to be, or None."""
    found = t.object_of(rep) if isinstance(rep.type, types.Known) else None
    return found if type(found) is str else None


def is_one(t: Trace, rep: Rep) -> bool:
    """Whether a value is a text."""
    return rep.type in (CHAR, STR) or constant(t, rep) is not None


def is_plain(t: Trace, rep: Rep) -> bool:
    """Whether a value is a number, a text or None, of the builtin types themselves."""
    return rep.type in _PLAIN or constant(t, rep) is not None


def converts(t: Trace, function: Any, args: list[Rep]) -> bool:
    """Whether a call makes a text of something, or something of a text, by a builtin function."""
    if len(args) != 1 or not any(function is one for one in CONVERSIONS):
        return False
    return is_one(t, args[0]) or function is builtins.str or function is builtins.repr


def pointer(t: Trace, rep: Rep) -> Value:
    """The object of a text."""
    return t.boxed(rep)


def length(t: Trace, rep: Rep) -> Value:
    """How many characters a text has."""
    known = constant(t, rep)
    if known is not None:
        return t.int_(len(known))
    return t.int_(1) if rep.type == CHAR else t.emit("TEXT_LEN", (rep.value,), "i64")


def character(t: Trace, owner: Rep, index: Value) -> Rep:
    """The character at an index that is known to be within the text."""
    if owner.type == CHAR:
        return owner
    return Rep(CHAR, (t.emit("TEXT_AT", (pointer(t, owner), index), "i64", None, "ZX033"),))


def item(t: Trace, owner: Rep, key: Rep) -> Rep:
    """`owner[key]`."""
    if not isinstance(key.type, types.Slice):
        at = t.emit("INDEX", (index_value(t, key), length(t, owner)), "i64", None, "ZX032")
        return character(t, owner, at)
    span = indices.span(t, key, length(t, owner))
    if span.step != 1:
        raise refuse("a slice with steps", owner)
    start = t.int_(0) if span.start is None else span.start
    stop = t.emit("ADD", (start, span.count), "i64")
    t.proven(stop, "nowrap")
    return Rep(STR, (t.emit("TEXT_SLICE", (pointer(t, owner), start, stop), "ptr", None, "ZX033"),))


def code(t: Trace, rep: Rep) -> Value | None:
    """The code point of a text that is known to be one character, or None."""
    known = constant(t, rep)
    if known is not None:
        return t.int_(ord(known)) if len(known) == 1 else None
    return rep.value if rep.type == CHAR else None


def compare(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`a op b` for the six orders and equalities, where one side at least is a text."""
    if not (is_one(t, a) and is_one(t, b)):
        other = b if is_one(t, a) else a
        if op not in ("EQ", "NE") or not (types.is_number(other.type) or other.type == NONE):
            raise refuse(op, a, b)
        return Rep(BOOL, (t.k("i1", op == "NE"),))
    x, y = code(t, a), code(t, b)
    if x is not None and y is not None:
        return Rep(BOOL, (t.emit(op, (x, y), "i1"),))
    if op in ("EQ", "NE"):
        same = _same(t, a, b)
        return Rep(BOOL, (same if op == "EQ" else t.emit("NOT", (same,), "i1"),))
    order = t.emit("TEXT_ORDER", (pointer(t, a), pointer(t, b)), "i64")
    return Rep(BOOL, (t.emit(op, (order, t.int_(0)), "i1"),))


def _same(t: Trace, a: Rep, b: Rep) -> Value:
    for one, other in ((a, b), (b, a)):
        known, single = constant(t, one), code(t, other)
        if single is not None and known is not None and len(known) != 1:
            return t.k("i1", False)
    return t.emit("TEXT_EQ", (pointer(t, a), pointer(t, b)), "i1")


def contains(t: Trace, op: str, wanted: Rep, owner: Rep) -> Rep:
    """`wanted in owner`, `wanted not in owner`, of a text in a text or in a constant set of texts."""
    if isinstance(owner.type, types.Known) and type(t.object_of(owner)) is frozenset:
        found = _among(t, wanted, t.object_of(owner))
    elif is_one(t, owner) and is_one(t, wanted):
        found = _within(t, wanted, owner)
    else:
        raise refuse(op, wanted, owner)
    return Rep(BOOL, (found if op == "IN" else t.emit("NOT", (found,), "i1"),))


def _among(t: Trace, wanted: Rep, members: frozenset[Any]) -> Value:
    """Whether a text is in a constant set of texts."""
    if not is_one(t, wanted) or not all(type(member) is str for member in members) or len(members) > _LONGEST:
        raise refuse("in a set", wanted)
    single = code(t, wanted)
    if single is not None:
        return _any_of(t, single, [ord(member) for member in members if len(member) == 1])
    found = [_same(t, wanted, t.constant(member)) for member in sorted(members)]
    return functools.reduce(lambda one, other: t.emit("OR", (one, other), "i1"), found, t.k("i1", False))


def _within(t: Trace, wanted: Rep, owner: Rep) -> Value:
    single, known = code(t, wanted), constant(t, owner)
    if single is not None and known is not None and len(known) <= _LONGEST:
        return _any_of(t, single, [ord(c) for c in known])
    return t.emit("TEXT_HAS", (pointer(t, owner), pointer(t, wanted)), "i1")


def _any_of(t: Trace, single: Value, codes: list[int]) -> Value:
    """Whether a code point is one of these; runs of neighbours are one comparison."""
    found: Value | None = None
    runs: list[list[int]] = []
    for number in sorted(set(codes)):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    for first, last in runs:
        here = _between(t, single, first, last) if first < last else t.emit("EQ", (single, t.int_(first)), "i1")
        found = here if found is None else t.emit("OR", (found, here), "i1")
    return t.k("i1", False) if found is None else found


def _between(t: Trace, number: Value, first: int, last: int) -> Value:
    low, high = t.emit("GE", (number, t.int_(first)), "i1"), t.emit("LE", (number, t.int_(last)), "i1")
    return t.emit("AND", (low, high), "i1")


def ordinal(t: Trace, rep: Rep) -> Rep:
    """`ord(rep)`."""
    single = code(t, rep)
    if single is None:
        if not is_one(t, rep):
            raise refuse("ord()", rep)
        t.guard(t.emit("EQ", (length(t, rep), t.int_(1)), "i1"), "ZX033")
        single = character(t, rep, t.int_(0)).value
    return Rep(INT, (single,))


def digit(t: Trace, rep: Rep) -> Rep:
    """`int(rep)` of a character, where that is one of the ten digits; others leave, which Unicode has more of."""
    t.guard(_between(t, rep.value, ord("0"), ord("9")), "ZX033")
    made = t.emit("SUB", (rep.value, t.int_(ord("0"))), "i64")
    t.proven(made, "nowrap")
    return Rep(INT, (made,))


def from_ordinal(t: Trace, rep: Rep) -> Rep:
    """`chr(rep)`."""
    if rep.type not in (INT, BOOL):
        raise refuse("chr()", rep)
    number = numbers.as_int(t, rep)
    t.guard(_between(t, number, 0, _HIGHEST), "ZX033")
    return Rep(CHAR, (number,))


def joined(t: Trace, a: Rep, b: Rep) -> Rep:
    """`a + b` of two texts."""
    if not (is_one(t, a) and is_one(t, b)):
        raise refuse("ADD", a, b)
    return Rep(STR, (t.emit("TEXT_APPEND", (pointer(t, a), pointer(t, b)), "ptr"),))


def truth(t: Trace, rep: Rep) -> Value:
    """Whether a text has any character."""
    return t.emit("NE", (length(t, rep), t.int_(0)), "i1")


def method(t: Trace, owner: Rep, name: str, args: list[Rep]) -> Rep | None:
    """`owner.name(args)` without an object, or None where there is no such form."""
    single = code(t, owner)
    if name in _SEEKING and len(args) == 1:
        return _sought(t, owner, name, args[0])
    if single is None and not args and name in _OF_EACH:
        return Rep(BOOL, (t.emit("TEXT_ALL", (pointer(t, owner),), "i1", name),))
    if single is None and not args and name in _STRIPPED:
        begins, ends = _STRIPPED[name]
        start = t.emit("TEXT_SKIP", (pointer(t, owner),), "i64", 1) if begins else t.int_(0)
        stop = t.emit("TEXT_SKIP", (pointer(t, owner),), "i64", -1) if ends else length(t, owner)
        return Rep(STR, (t.emit("TEXT_SLICE", (pointer(t, owner), start, stop), "ptr", None, "ZX033"),))
    if single is None and not args and name in _CASES:
        method = getattr(str, name)
        asked = t.emit("REF", (), "ptr", t.ref(method, f"{method.__qualname__}()"))
        return Rep(STR, (t.emit("TEXT_CASE", (asked, pointer(t, owner)), "ptr", name),))
    if single is None or args:
        return None
    if name in TESTS:
        return Rep(BOOL, (t.emit("TEXT_IS", (single,), "i1", name),))
    if name in _CASES:
        # Beyond ASCII a letter may become several.
        t.guard(t.emit("LT", (single, t.int_(128)), "i1"), "ZX033")
        first, last, step = (65, 90, 32) if name == "lower" else (97, 122, -32)
        within = _between(t, single, first, last)
        moved = t.emit("ADD", (single, t.int_(step)), "i64")
        t.proven(moved, "nowrap")
        return Rep(CHAR, (t.emit("SELECT", (within, moved, single), "i64"),))
    return None


def place(t: Trace, owner: Rep, name: str, args: list[Rep]) -> Value | None:
    """Where `index` or `rindex` finds a text, or -1; None for any other method or arguments."""
    if name not in _PLACES or len(args) != 1 or not is_one(t, args[0]):
        return None
    return t.emit("TEXT_FIND", (pointer(t, owner), pointer(t, args[0])), "i64", _PLACES[name])


def _sought(t: Trace, owner: Rep, name: str, wanted: Rep) -> Rep | None:
    """What a method tells of a text, or some for its beginning or end, in another one; None for anything else."""
    wanted = t.opened(wanted)
    row, where = _SEEKING[name]
    if isinstance(wanted.type, types.Tuple) and row == "TEXT_TAIL" and all(is_one(t, one) for one in t.items(wanted)):
        tests = t.k("i1", False)
        for one in t.items(wanted):
            found = t.emit(row, (pointer(t, owner), pointer(t, one)), "i1", where)
            tests = t.emit("OR", (tests, found), "i1")
        return Rep(BOOL, (tests,))
    if not is_one(t, wanted):
        return None
    kind = BOOL if row == "TEXT_TAIL" else INT
    return Rep(kind, (t.emit(row, (pointer(t, owner), pointer(t, wanted)), types.payload(kind), where),))


def attribute(t: Trace, owner: Rep, name: str, site: Any) -> Rep:
    """`owner.name`, a method that an instruction takes.

    Raises:
        Unsupported: another one than those that run no other code.
    """
    if name not in METHODS:
        raise Unsupported("ZX020", detail=f"attribute {name!r} of str")
    owner = Rep(STR, (pointer(t, owner),)) if isinstance(owner.type, types.Known) else owner
    return Rep(types.Method(owner.type, name, site), owner.values)


def repeated(t: Trace, a: Rep, b: Rep) -> Rep:
    """`text * count`, `count * text`."""
    if not any(rep.type in (INT, BOOL) for rep in (a, b)):
        raise refuse("MUL", a, b)
    return Rep(STR, (t.built(operator.mul, [t.boxed(a), t.boxed(b)]),))


def is_binary(rep: Rep) -> bool:
    """Whether a value is what `bin` writes of an int, and nobody has looked at it yet."""
    return isinstance(rep.type, types.Text) and rep.type.write is bin


def settled(t: Trace, rep: Rep) -> Rep:
    """A text that nobody has looked at yet becomes one that somebody may look at."""
    return Rep(STR, (written(t, rep),)) if isinstance(rep.type, types.Text) else rep


def written(t: Trace, text: Rep) -> Value:
    """The object of a text that nobody has looked at yet."""
    assert isinstance(text.type, types.Text)
    from zexus.jit.trace import divided

    items = divided(text.type.items, text.values)
    if not all(is_plain(t, item) or isinstance(item.type, types.Text) for item in items):
        raise refuse("a text of", *items)
    if is_binary(text):
        return t.built(bin, [t.boxed(item) for item in items])
    fields = list(Formatter().parse(text.type.write.__self__))  # type: ignore[attr-defined]
    if any(field for _, field, _, _ in fields):
        return t.built(text.type.write, [t.boxed(item) for item in items])
    held, pieces = iter(items), list[Value]()
    for literal, field, spec, conversion in fields:
        if literal:
            pieces.append(t.emit("REF", (), "ptr", t.ref(literal, repr(literal))))
        if field is not None:
            pieces.append(_formatted(t, next(held), spec or "", conversion))
    if len(pieces) == 1:
        return pieces[0]
    return t.emit("TEXT_JOIN", pieces, "ptr", (len(pieces), t.ref("", "constant ''")), "ZX033")


def padding(spec: str) -> tuple[int, int] | None:
    """How wide a format makes an int, and how: by spaces before it (0), zeros behind its sign (1), spaces behind (2).

    None where the format does something else.
    """
    found = _WIDTH.fullmatch(spec)
    if found is None or (found["where"] and found["zeros"]):
        return None
    return int(found["width"]), 1 if found["zeros"] else 2 if found["where"] == "<" else 0


def decimals(spec: str) -> tuple[int, int, int] | None:
    """How many digits a format writes of a float behind its point, how wide that gets and how, as `padding` says.

    None where the format does something else.
    """
    found = _FIXED.fullmatch(spec)
    if found is None or (found["where"] and found["zeros"]):
        return None
    return int(found["digits"]), int(found["width"] or 0), 1 if found["zeros"] else 2 if found["where"] == "<" else 0


def room(spec: str) -> tuple[int, bool] | None:
    """How wide a format makes a text, and whether by spaces behind it; None where it does something else."""
    found = _ROOM.fullmatch(spec)
    return None if found is None else (int(found["width"]), found["where"] != ">")


def _formatted(t: Trace, item: Rep, spec: str, conversion: str | None) -> Value:
    """What a field of a text is written as."""
    item = settled(t, item)
    padded = padding(spec) if conversion is None else None
    if item.type == INT and (not spec or padded is not None):
        return t.emit("INT_TEXT", item.values, "ptr", padded)
    if conversion is None and decimals(spec) is not None and item.type in (INT, FLOAT):
        number = item.value if item.type == FLOAT else t.emit("INT_TO_FLOAT", item.values, "f64")
        return of_float(t, number, spec)
    if conversion is not None or is_one(t, item):
        made = _converted(t, item, conversion)
        if not spec:
            return made
        if (wide := room(spec)) is not None:
            return t.emit("TEXT_PAD", (made, _said(t, spec)), "ptr", wide)
    elif item.type == FLOAT and not spec:
        return of_float(t, item.value, spec)
    else:
        made = t.boxed(item)
    return t.built(format, [made, _said(t, spec)] if spec else [made])


def _converted(t: Trace, item: Rep, conversion: str | None) -> Value:
    """A value as the text that its conversion makes of it; of a text without one that itself."""
    if conversion in (None, "s") and is_one(t, item):
        return pointer(t, item)
    if conversion in ("r", "s") and item.type == FLOAT:
        return of_float(t, item.value, "")
    return t.built({"r": repr, "s": str, "a": ascii}[conversion or "s"], [t.boxed(item)])


def of_float(t: Trace, number: Value, spec: str) -> Value:
    """A float as a text; `decimals` knows what the format does, if there is one."""
    return t.emit("FLOAT_TEXT", (number, _said(t, spec)), "ptr", decimals(spec) if spec else None)


def _said(t: Trace, spec: str) -> Value:
    """How something is formatted, as an object."""
    return t.emit("REF", (), "ptr", t.ref(spec, repr(spec)))
