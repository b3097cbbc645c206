"""Where operations on numbers and lists raise: the condition, and operands with which Python raises the same error."""

from __future__ import annotations

from typing import Any

from zexus import ops, types
from zexus.jit.forms.indices import index_value
from zexus.jit.forms.numbers import as_int
from zexus.jit.forms.tuples import whole
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, FLOAT, INT

_DIVISIONS = frozenset(("TRUEDIV", "FLOORDIV", "MOD", "DIVMOD"))
_ZEROS: dict[types.Type, Any] = {INT: 0, FLOAT: 0.0, BOOL: False}
_ONES: dict[types.Type, Any] = {INT: 1, FLOAT: 1.0, BOOL: True}


def condition(t: Trace, op: str, args: list[Rep]) -> tuple[Value, tuple[Any, ...]] | None:
    """What an operation raises that a handler may take without leaving native code.

    Args:
        t: where the condition is emitted.
        op: the row.
        args: the operands.

    Returns:
        What holds when it does not raise, and operands with which the row's meaning raises the error that it raises
        otherwise; None where there is no such condition, or where the error has more to say than the types do.
    """
    base = ops.OPS[op].base or op
    if base in _DIVISIONS:
        a, b = args
        if a.type not in _ONES or b.type not in _ZEROS:
            return None
        divisor = b.value if b.type == FLOAT else as_int(t, b)
        zero = t.k("f64", 0.0) if b.type == FLOAT else t.int_(0)
        return t.emit("NE", (divisor, zero), "i1"), (_ONES[a.type], _ZEROS[b.type])
    if op in ("GETITEM", "SETITEM"):
        owner = whole(t, args[0])
        if not isinstance(owner.type, types.List) or args[1].type not in (INT, BOOL):
            return None
        index, size = index_value(t, args[1]), t.emit("LIST_LEN", (owner.value,), "i64")
        low = t.emit("GE", (index, t.emit("NEG", (size,), "i64", None, "ZX030")), "i1")
        within = t.emit("AND", (low, t.emit("LT", (index, size), "i1")), "i1")
        return within, ([], 0, None)[:len(args)]
    return None
