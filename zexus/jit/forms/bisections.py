"""Native forms of `bisect`: sorted lists of numbers, texts and tuples of these, searched where they are."""

from __future__ import annotations

import _bisect
from typing import Any

from zexus import types
from zexus.jit.forms import numbers
from zexus.jit.forms.heaps import is_ordered
from zexus.jit.trace import Rep, Trace
from zexus.types import INT

# Whether an item goes behind those that are equal to it.
_BEHIND: tuple[tuple[Any, bool], ...] = ((_bisect.bisect_left, False), (_bisect.bisect_right, True))


def call(t: Trace, function: Any, args: list[Rep]) -> Rep | None:
    """A call of `bisect_left` or `bisect_right`; None for any other, or other items."""
    behind = next((behind for known, behind in _BEHIND if function is known), None)
    if behind is None or not 2 <= len(args) <= 4 or not isinstance(args[0].type, types.List):
        return None
    owner, wanted, *bounds = args
    if not is_ordered(wanted.type) or any(bound.type != INT for bound in bounds):
        return None
    size = t.emit("LIST_LEN", (owner.value,), "i64")
    low, high = (*(numbers.as_int(t, bound) for bound in bounds), *(t.int_(0), size)[len(bounds):])
    # Beyond its ends the interpreter's function raises.
    t.guard(t.emit("GE", (low, t.int_(0)), "i1"), "ZX033")
    t.guard(t.emit("LE", (high, size), "i1"), "ZX033")
    found = t.emit("BISECT", (owner.value, t.boxed(wanted), low, high), "i64", behind, "ZX031")
    return Rep(INT, (found,))
