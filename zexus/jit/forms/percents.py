"""Native forms of `template % values`: as what `str.format` makes of the same values, or by the operator itself."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from zexus import types
from zexus.jit.forms import texts
from zexus.jit.trace import Rep, Trace
from zexus.types import BOOL, FLOAT, INT, NONE, STR

# A field of a template (printf-style String Formatting in the library reference), without names and stars.
_FIELD = re.compile(r"%[-+ #0]*[0-9]*(?:\.[0-9]+)?(?P<how>[a-zA-Z%])")
# One of an int that only says how wide it gets.
_WIDTH = re.compile("%(?P<left>-?)(?P<zeros>0?)(?P<width>[1-9][0-9]?)[di]")
# One of a float, or an int, with digits behind its point, and one of a text that says how wide it gets.
_FIXED = re.compile("%(?P<left>-?)(?P<zeros>0?)(?P<width>(?:[1-9][0-9]?)?)(?:[.](?P<digits>[0-9]))?f")
_ROOM = re.compile("%(?P<left>-?)(?P<width>[1-9][0-9]?)s")
# What each way to write takes; other values are errors, or are written in ways of their own.
_WHOLE, _REAL = frozenset("diuxXo"), frozenset("eEfFgG")


def are_written(t: Trace, template: str, values: Sequence[Rep]) -> bool:
    """Whether `template % values` runs no other code and raises nothing."""
    fields = [field["how"] for field in _FIELD.finditer(template) if field[0] != "%%"]
    if len(fields) != len(values) or "%" in _FIELD.sub("", template):
        return False
    return all((how in "sr" and texts.is_plain(t, value)) or (how in _WHOLE and value.type in (INT, BOOL))
               or (how in _REAL and value.type in (INT, FLOAT, BOOL))
               for how, value in zip(fields, values, strict=True))


def braced(template: str, values: Sequence[Rep]) -> str | None:
    """The template by which `str.format` writes the same without a look at how; None where that matters."""
    made, end, held = "", 0, iter(values)
    for field in _FIELD.finditer(template):
        made += _plain(template[end:field.start()])
        end = field.end()
        if field[0] == "%%":
            made += "%"
            continue
        kind = next(held).type
        wide = _WIDTH.fullmatch(field[0]) if kind == INT else None
        if wide is not None:
            made += f"{{:{'<' if wide['left'] else wide['zeros']}{wide['width']}}}"
            continue
        fixed = _FIXED.fullmatch(field[0]) if kind in (INT, FLOAT) else None
        if fixed is not None and not (fixed["left"] and fixed["zeros"]):
            made += f"{{:{'<' if fixed['left'] else fixed['zeros']}{fixed['width']}.{fixed['digits'] or 6}f}}"
            continue
        room = _ROOM.fullmatch(field[0]) if kind == STR else None
        if room is not None:
            made += f"{{:{'<' if room['left'] else '>'}{room['width']}}}"
            continue
        if field[0] not in ("%s", "%d", "%i") or (field[0] != "%s" and kind != INT):
            return None
        made += "{}" if kind == INT else "{!s}"
    return sys.intern(made + _plain(template[end:]))  # one object each time: types of texts are told by it


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def values_of(t: Trace, rep: Rep) -> list[Rep] | None:
    """What stands to the right of the sign: the items of a tuple or one value; None where it may be either."""
    if isinstance(rep.type, types.Tuple):
        return t.items(rep)
    return [rep] if rep.type in (INT, FLOAT, BOOL, NONE) or texts.is_one(t, rep) else None
