"""Native forms of `heapq`: heaps of numbers, texts and tuples of these, whose comparison runs no other code."""

from __future__ import annotations

import _heapq
from typing import Any

from zexus import types
from zexus.jit.forms import sequences
from zexus.jit.trace import Rep, Trace
from zexus.types import FLOAT, INT, STR, Type

# What puts an item in and takes the least one out, by the name of the function in the interpreter.
_SWAPS = ((_heapq.heappushpop, "pushpop"), (_heapq.heapreplace, "replace"))


def call(t: Trace, function: Any, args: list[Rep], seen: set[Type]) -> Rep | None:
    """A call of one of `heappush`, `heappop`, `heappushpop` and `heapreplace`; None for any other, or other items."""
    if not args or not isinstance(args[0].type, types.List):
        return None
    heap, *items = args
    if not all(is_ordered(item.type) for item in items):
        return None
    if function is _heapq.heappush and len(items) == 1:
        t.emit("HEAP_PUSH", (heap.value, t.boxed(items[0])), "", None, "ZX033")
        return Rep(types.NONE)
    if not seen or not all(map(is_ordered, seen)):
        return None
    if function is _heapq.heappop and not items:
        return _taken(t, t.emit("HEAP_POP", (heap.value,), "ptr", None, "ZX033"), seen)
    name = next((name for known, name in _SWAPS if function is known), None)
    if name is None or len(items) != 1:
        return None
    return _taken(t, t.emit("HEAP_SWAP", (heap.value, t.boxed(items[0])), "ptr", name, "ZX033"), seen)


def _taken(t: Trace, pointer: Any, seen: set[Type]) -> Rep:
    assert t.current is not None
    t.after = (t.current, Rep(types.OBJECT, (pointer,)))
    return sequences.unbox(t, pointer, seen, None)


def is_ordered(kind: Type) -> bool:
    """Whether comparing values of a type runs no other code."""
    if isinstance(kind, types.Tuple):
        return all(map(is_ordered, kind.items))
    return kind in (INT, FLOAT, STR)
