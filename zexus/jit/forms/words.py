"""Native forms of words, which are ints from 0 to 2**64 - 1, and of ints of any size of which masks leave words.

Of sums, products, left shifts and bitwise operations the lowest 64 bits depend on those of the operands only. Where
nothing but masks looks at a result, these are all that is computed; an exit makes the int itself of the operands.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from zexus import types
from zexus.codes import Unsupported
from zexus.jit.emit.remainder_runtime import reciprocal
from zexus.jit.forms import numbers, sequences
from zexus.jit.forms.numbers import as_int, refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, FLOAT, INT, WORD, WORD_MAX, Type, Wide

# The rows whose lowest bits depend on the lowest bits of their operands only.
LOW: dict[str, Callable[..., int]] = {
    "ADD": operator.add, "SUB": operator.sub, "MUL": operator.mul, "LSHIFT": operator.lshift, "OR": operator.or_,
    "XOR": operator.xor, "NEG": operator.neg, "INVERT": operator.invert,
}
# Those that are computed in 128 bits, and what may stand between one and a remainder.
EXACT = frozenset(("ADD", "SUB", "MUL"))
SUMS = frozenset(("ADD", "SUB"))
_GROWING = frozenset(("ADD", "SUB", "MUL", "LSHIFT"))
# So many machine values at most stand for an int that has none of its own.
_MOST_PARTS = 24
_BITS = 64


def among(*reps: Rep) -> bool:
    """Whether one of some values is a word, or wider."""
    return any(rep.type == WORD or isinstance(rep.type, Wide) for rep in reps)


def grows(t: Trace, op: str, *reps: Rep) -> bool:
    """Whether an operation on ints may need more bits than they have."""
    return op in _GROWING and all(_is_whole(t, rep) for rep in reps)


def settled(t: Trace, rep: Rep) -> Rep:
    """An int of which only the lowest bits are known becomes an object."""
    return Rep(types.OBJECT, (t.boxed(rep),)) if isinstance(rep.type, Wide) else rep


def _is_whole(t: Trace, rep: Rep) -> bool:
    return rep.type in (INT, BOOL, WORD) or isinstance(rep.type, Wide) or numbers.big(t, rep) is not None


def _known(t: Trace, rep: Rep) -> int | None:
    """The int that a value is, if that is known."""
    if rep.type not in (INT, BOOL, WORD):
        return numbers.big(t, rep)
    found = t.constants.get(rep.value)
    return None if found is None else int(found) & WORD_MAX if rep.type == WORD else int(found)


def _bits(t: Trace, number: int) -> Value:
    """The lowest 64 bits of a constant."""
    low = number & WORD_MAX
    return t.int_(low if low <= types.INT64_MAX else low - WORD_MAX - 1)


def _low(t: Trace, rep: Rep) -> Value:
    """The lowest 64 bits of an int."""
    known = numbers.big(t, rep)
    if known is not None:
        return _bits(t, known)
    return rep.values[0] if isinstance(rep.type, Wide) or rep.type == WORD else as_int(t, rep)


def counted(t: Trace, rep: Rep) -> Rep:
    """An int as a word; one below zero leaves.

    Raises:
        Unsupported: it may be wider.
    """
    if rep.type == WORD:
        return rep
    if rep.type not in (INT, BOOL):
        raise refuse("use as 64 bits", rep)
    known = _known(t, rep)
    if known is None and rep.type == INT:
        t.guard(t.emit("GE", (rep.value, t.int_(0)), "i1"), "ZX030")
    elif known is not None and known < 0:
        raise refuse("use as 64 bits", rep)
    return Rep(WORD, (as_int(t, rep),))


def _from(t: Trace, rep: Rep, least: int) -> Value:
    """An int as the word that it is; a smaller one than `least` leaves."""
    known = _known(t, rep)
    value = _low(t, rep)
    if known is None:
        t.guard(t.emit("GE", (value, t.int_(least)), "i1"), "ZX033")
    elif known < least:
        raise refuse("use as 64 bits", rep)
    return value


# --- arithmetic -------------------------------------------------------------------------------------------


def binary(t: Trace, op: str, a: Rep, b: Rep, cut: bool, seen: set[Type]) -> Rep:
    """`a op b` where one is a word or wider, or only masks look at the result.

    Args:
        t: the trace.
        op: the row.
        a, b: the operands.
        cut: whether nothing but masks looks at the result.
        seen: the types that the result had.

    Raises:
        Unsupported: no native form for these types.
    """
    if FLOAT in (a.type, b.type):
        return numbers.binary(t, op, *(to_float(t, rep) if rep.type == WORD else rep for rep in (a, b)))
    if not (_is_whole(t, a) and _is_whole(t, b)):
        raise refuse(op, a, b)
    if op == "AND":
        return _and(t, a, b, seen)
    if op in ("MOD", "FLOORDIV"):
        return _divided(t, op, a, b, seen)
    if op == "RSHIFT":
        return _shifted(t, a, b)
    if op == "TRUEDIV":
        return _ratio(t, a, b)
    if op in ("OR", "XOR") and not any(isinstance(rep.type, Wide) for rep in (a, b)) and \
            (not cut or a.type == b.type == WORD):
        return Rep(WORD, (t.emit(op, (counted(t, a).value, counted(t, b).value), "i64"),))
    if op not in LOW or not cut:
        raise refuse(op, a, b)
    return _wide(t, op, _lowest(t, op, a, b), a, b)


def _wide(t: Trace, op: str, low: Value, *items: Rep) -> Rep:
    values = (low, *(value for item in items for value in item.values))
    if len(values) > _MOST_PARTS:
        raise refuse(op, *items)
    return Rep(Wide(LOW[op], tuple(item.type for item in items)), values)


def _lowest(t: Trace, op: str, a: Rep, b: Rep) -> Value:
    """The lowest 64 bits of a result."""
    x = _low(t, a)
    if op == "LSHIFT":
        count = _known(t, b)
        if count is not None and not 0 <= count < _BITS:
            raise refuse(op, a, b)
        y = _low(t, b)
        if count is None:
            t.guard(t.emit("GE", (y, t.int_(0)), "i1"), "ZX033")
            t.guard(t.emit("LT", (y, t.int_(_BITS)), "i1"), "ZX033")
    else:
        y = _low(t, b)
    made = t.emit(op, (x, y), "i64")
    if op in _GROWING:
        t.proven(made, "wraps")
    return made


def _and(t: Trace, a: Rep, b: Rep, seen: set[Type]) -> Rep:
    """`a & b`: what is wider is cut by the other one."""
    if isinstance(b.type, Wide) or (b.type == WORD and not isinstance(a.type, Wide)):
        a, b = b, a
    return _masked(t, a, b, seen)


def _masked(t: Trace, a: Rep, mask: Rep, seen: set[Type]) -> Rep:
    """`a & mask`, where `a` is a word, or wider than the mask."""
    known = _known(t, mask)
    if (isinstance(mask.type, Wide) and a.type not in (INT, WORD)) or \
            (isinstance(a.type, Wide) and known is not None and not 0 <= known <= WORD_MAX):
        raise refuse("AND", a, mask)
    if isinstance(a.type, Wide) and mask.type == INT and known is None:
        t.guard(t.emit("GE", (mask.value, t.int_(0)), "i1"), "ZX030")
    value = _low(t, a) if known is not None and known & WORD_MAX == WORD_MAX else \
        t.emit("AND", (_low(t, a), _low(t, mask)), "i64")
    if known is not None and 0 <= known <= types.INT64_MAX:
        return Rep(INT, (value,))
    if mask.type == BOOL or (mask.type == INT and known is None and isinstance(a.type, Wide)):
        return Rep(INT, (value,))
    if WORD in seen or not seen:
        return Rep(WORD, (value,))
    t.guard(t.emit("GE", (value, t.int_(0)), "i1"), "ZX030")
    return Rep(INT, (value,))


def _divided(t: Trace, op: str, a: Rep, b: Rep, seen: set[Type]) -> Rep:
    """`a % b` or `a // b`; the remainder by a power of two is a mask."""
    known = _known(t, b)
    if op == "MOD" and known is not None and 0 < known <= WORD_MAX + 1 and not known & (known - 1):
        return _masked(t, a, t.constant(known - 1), seen)
    if isinstance(a.type, Wide) and op == "MOD":
        return _remainder(t, a, b)
    if isinstance(a.type, Wide) or isinstance(b.type, Wide):
        raise refuse(op, a, b)
    if b.type in (INT, BOOL):
        # By one at least a remainder is an int of 63 bits, by two at least a quotient is.
        return Rep(INT, (_word_row(t, op, counted(t, a).value, _from(t, b, 1 if op == "MOD" else 2)),))
    if b.type != WORD:
        raise refuse(op, a, b)
    return Rep(WORD, (_word_row(t, op, counted(t, a).value, b.value),))


def _remainder(t: Trace, a: Rep, b: Rep) -> Rep:
    """`a % b` of a sum of products, computed in 128 bits."""
    if b.type not in (INT, BOOL, WORD):
        raise refuse("MOD", a, b)
    leaves: list[Value] = []
    how, known = _made(a.type, iter(a.values), leaves), _known(t, b)
    if b.type == WORD:
        divisor = b.value
        t.guard(t.emit("NE", (divisor, t.int_(0)), "i1"), "ZX033")
    else:
        divisor = _from(t, b, 1)
    inverse = t.emit("COMPUTE", (divisor,), "i64", (1, "reciprocal")) if known is None else \
        _bits(t, reciprocal(known))
    operands = (*leaves, divisor, inverse)
    made = t.emit("REMAINDER", operands, "i64", (len(operands), how), "ZX030")
    return Rep(WORD if b.type == WORD else INT, (made,))


def _made(kind: Type, values: Iterator[Value], leaves: list[Value]) -> Any:
    """How an int is made of others, as `Scalars.long` reads it, and the machine values of these."""
    value = next(values)
    if not isinstance(kind, Wide):
        if kind not in (INT, WORD):
            raise Unsupported("ZX020", detail=f"a remainder of {kind}")
        leaves.append(value)
        return "w" if kind == WORD else "i"
    op = next((name for name in EXACT if LOW[name] is kind.make), "")
    parts = tuple(_made(item, values, leaves) for item in kind.items)
    if not op or (op == "MUL" and not all(isinstance(part, str) for part in parts)):
        raise Unsupported("ZX020", detail=f"a remainder of {kind}")
    return (op, *parts)


def _word_row(t: Trace, op: str, x: Value, y: Value) -> Value:
    return t.emit("WORD_" + op, (x, y), "i64", None, "ZX033")


def _shifted(t: Trace, a: Rep, b: Rep) -> Rep:
    """`a >> b` of a word: the machine's shift takes the highest bit for a sign, whose copies are cleared."""
    count = _known(t, b)
    if a.type != WORD or b.type not in (INT, BOOL):
        raise refuse("RSHIFT", a, b)
    if count == 0:
        return a
    if count is not None:
        if not 0 < count < _BITS:
            raise refuse("RSHIFT", a, b)
        kept = t.int_((1 << _BITS - count) - 1)
    else:
        by = _from(t, b, 1)
        t.guard(t.emit("LT", (by, t.int_(_BITS)), "i1"), "ZX033")
        kept = _plain(t, "RSHIFT", t.int_(types.INT64_MAX), _plain(t, "SUB", by, t.int_(1), "nowrap"))
    return Rep(INT, (t.emit("AND", (_plain(t, "RSHIFT", a.value, _low(t, b)), kept), "i64"),))


def _plain(t: Trace, op: str, x: Value, y: Value, fact: str = "") -> Value:
    """An operation whose operands were looked at."""
    made = t.emit(op, (x, y), "i64")
    if fact:
        t.proven(made, fact)
    return made


def _ratio(t: Trace, a: Rep, b: Rep) -> Rep:
    """`a / b`, rounded once: powers of two divide what was rounded already."""
    known = _known(t, b)
    if a.type == WORD and known is not None and 0 < known <= 2**_BITS and not known & (known - 1):
        return Rep(FLOAT, (t.emit("MUL", (to_float(t, a).value, t.k("f64", 1 / known)), "f64"),))
    if isinstance(a.type, Wide) or isinstance(b.type, Wide):
        raise refuse("TRUEDIV", a, b)
    return sequences.unbox_as(t, t.built(operator.truediv, [t.boxed(a), t.boxed(b)]), FLOAT)


def unary(t: Trace, op: str, a: Rep, cut: bool) -> Rep:
    """NEG, POS or INVERT on a word or what is wider.

    Raises:
        Unsupported: nobody would cut the result.
    """
    if op == "POS" and a.type == WORD:
        return a
    if op not in LOW or not cut:
        raise refuse(op, a)
    if op == "INVERT":
        return _wide(t, op, t.emit(op, (_low(t, a),), "i64"), a)
    low = t.emit("SUB", (t.int_(0), _low(t, a)), "i64")
    t.proven(low, "wraps")
    return _wide(t, op, low, a)


# --- comparison and conversion ----------------------------------------------------------------------------


def compare(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`a op b` for the six orders and equalities, where one side is a word and the other one an int.

    Raises:
        Unsupported: the other one is none.
    """
    for rep in (a, b):
        if rep.type not in (INT, BOOL, WORD):
            raise refuse(op, a, b)
    if a.type != WORD:
        a, b, op = b, a, numbers.MIRRORED[op]
    x, y = a.value, _low(t, b)
    if op in ("EQ", "NE"):
        made = t.emit(op, (x, y), "i1")
    else:
        # With the highest bit turned, words are in the order of signed numbers.
        lowest = t.int_(types.INT64_MIN)
        made = t.emit(op, (t.emit("XOR", (x, lowest), "i64"), t.emit("XOR", (y, lowest), "i64")), "i1")
    known = _known(t, b)
    if b.type != INT or (known is not None and known >= 0):
        return Rep(BOOL, (made,))
    # Any word is above what is below zero.
    above = op in ("GT", "GE", "NE")
    sign = t.emit("LT" if above else "GE", (y, t.int_(0)), "i1")
    return Rep(BOOL, (t.emit("OR" if above else "AND", (sign, made), "i1"),))


def to_float(t: Trace, rep: Rep) -> Rep:
    """`float(rep)` of a word, rounded as Python rounds."""
    return Rep(FLOAT, (t.emit("INT_TO_FLOAT", rep.values, "f64", str(WORD)),))


def extreme(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`min(a, b)` or `max(a, b)`: the second one only if it is strictly less (greater).

    Raises:
        Unsupported: one of them is no int, or a bool, which the result may have to be.
    """
    if BOOL in (a.type, b.type):
        raise refuse(op, a, b)
    first, second = counted(t, a), counted(t, b)
    better = compare(t, "LT" if op == "MIN" else "GT", second, first)
    return Rep(WORD, (t.emit("SELECT", (better.value, second.value, first.value), "i64"),))


def builtin(t: Trace, name: str, args: list[Rep]) -> Rep:
    """A builtin function of words.

    Raises:
        Unsupported: it has no native form for them.
    """
    if name == "DIVMOD":
        return t.tuple_of([_divided(t, op, args[0], args[1], set()) for op in ("FLOORDIV", "MOD")])
    rep = args[0]
    if rep.type == WORD and name in ("ABS", "TO_INT", "TO_INDEX", "ROUND"):
        return rep
    if rep.type == WORD and name == "TO_FLOAT":
        return to_float(t, rep)
    if rep.type == WORD and name == "TO_BOOL":
        return Rep(BOOL, (numbers.truth(t, rep),))
    raise refuse(name, *args)
