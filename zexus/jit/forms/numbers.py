"""Native forms of arithmetic, comparison and conversion on numbers, with their exits where Python raises or warns."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from zexus import ops, types
from zexus.codes import Unsupported
from zexus.jit import views
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, FLOAT, INT, NONE, NpScalar, Type

EXACT = 2**53
WRITTEN_OUT = 8  # exponents up to this one are products


def refuse(what: str, *reps: Rep) -> Unsupported:
    """The refusal of an operation on these types.

    Args:
        what: the name of a row, which is written as Python writes it, or words.
        reps: the operands.
    """
    kinds = ["a constant" if isinstance(r.type, types.Known) else str(r.type) for r in reps]
    row = ops.OPS.get(what)
    if row is None or not row.text:
        return Unsupported("ZX020", detail=f"{what} of {' and '.join(kinds)}")
    named = dict(zip("abc", kinds))
    return Unsupported("ZX020", detail=re.sub(r"\b[abc]\b", lambda found: named.get(found[0], found[0]), row.text))


# --- single types ----------------------------------------------------------------------------------------


def as_int(t: Trace, rep: Rep) -> Value:
    """A bool or int as i64."""
    if types.payload(rep.type) not in ("i1", "i64"):
        raise refuse("use as an integer", rep)
    return t.emit("BOOL_TO_INT", (rep.value,), "i64") if types.payload(rep.type) == "i1" else rep.value


def exact_float(t: Trace, rep: Rep) -> Value:
    """A number as f64; an int that has no exact float leaves."""
    if types.payload(rep.type) == "f64":
        return rep.value
    if types.payload(rep.type) == "i1":
        return t.emit("INT_TO_FLOAT", (as_int(t, rep),), "f64")
    return t.emit("EXACT_FLOAT", (as_int(t, rep),), "f64", None, "ZX030")


def any_float(t: Trace, rep: Rep) -> Value:
    """A number as f64, rounded as Python rounds an int that meets a float."""
    if isinstance(rep.type, types.Union):
        return rep.values[1]
    if types.payload(rep.type) == "f64":
        return rep.value
    return t.emit("INT_TO_FLOAT", (as_int(t, rep),), "f64")


def narrow(t: Trace, rep: Rep, fits: Callable[[Type], bool]) -> Rep:
    """A union as the one alternative (or the several floats) that an operation can use; the others leave."""
    if not isinstance(rep.type, types.Union):
        return rep
    wanted = [m for m in rep.type.members if fits(m)]
    if not wanted:
        raise refuse("operation", rep)
    held = types.union_payload(rep.type.members)
    if len(wanted) > 1:
        wide = ("f64", "c128")
        floats = [m for m in wanted if types.payload(m) in wide or (m == INT and held in wide)]
        if len(floats) != len(wanted):
            raise refuse("operation", rep)
        if len(wanted) == len(rep.type.members):
            return rep
        drop = [m for m in rep.type.members if m not in wanted]
        for member in drop:
            same = t.emit("EQ", (rep.values[0], t.int_(types.TAGS[member])), "i1")
            t.guard(t.emit("NOT", (same,), "i1"), "ZX031")
        return restricted(t, rep, frozenset(wanted))
    t.guard(t.emit("EQ", (rep.values[0], t.int_(types.TAGS[wanted[0]])), "i1"), "ZX031")
    return restricted(t, rep, frozenset(wanted))


def restricted(t: Trace, rep: Rep, members: frozenset[Type]) -> Rep:
    """A union of which only some members are possible any more."""
    assert isinstance(rep.type, types.Union)
    held = types.union_payload(rep.type.members)
    if len(members) > 1:
        return Rep(types.Union(members), rep.values[:1 + len(types.parts(types.union_payload(members)))])
    (only,) = members
    values = rep.values[1:1 + len(types.layout(only))]
    if types.payload(only) == "i64" and held != "i64":
        values = (t.emit("FLOAT_TO_INT", values, "i64", None, "ZX030"),)
    return Rep(only, values)


def numeric(member: Type) -> bool:
    return types.is_number(member)


def whole(rep: Rep) -> Rep:
    """A union of Python's and NumPy's integers as the integer that it is, where its type does not matter."""
    return Rep(INT, (rep.values[1],)) if _is_whole(rep.type) else rep


def _is_whole(kind: Type) -> bool:
    return isinstance(kind, types.Union) and all(
        m == INT or (isinstance(m, NpScalar) and m.dtype in types.INT_DTYPES) for m in kind.members)


def _only_numpy(t: Trace, rep: Rep) -> Rep:
    """A union of Python's and NumPy's integers as one of NumPy's; one of Python's leaves."""
    return narrow(t, rep, lambda m: isinstance(m, NpScalar)) if _is_whole(rep.type) else rep


# --- arithmetic -------------------------------------------------------------------------------------------

_OVERFLOW = frozenset(("ADD", "SUB", "MUL"))
_BITS = frozenset(("AND", "OR", "XOR"))
# On ints that have exact floats, these are what they are on floats.
_ALIKE = frozenset(("ADD", "SUB", "MUL", "FLOORDIV", "MOD"))


def binary(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`a op b` on numbers.

    Raises:
        Unsupported: no native form for these types.
    """
    if _is_whole(a.type) or _is_whole(b.type):
        kinds = {result_type(op, left, right) for left in types.members(a.type) for right in types.members(b.type)
                 if types.is_number(left) and types.is_number(right)}
        kind = kinds.pop() if len(kinds) == 1 else None
        if isinstance(kind, NpScalar) and kind.dtype in types.INT_DTYPES:
            # An int that meets NumPy's integers has to fit, and one of these does.
            return _np_int(t, op, whole(a), whole(b), kind.dtype)
        a, b = _only_numpy(t, a), _only_numpy(t, b)
    a, b = narrow(t, a, numeric), narrow(t, b, numeric)
    large = big(t, b)
    if large is not None and large > 0 and op in ("AND", "MOD") and a.type in (INT, BOOL):
        # A number from 0 to the highest of 64 bits is its own remainder; of the mask only the low bits matter to it.
        x = as_int(t, a)
        t.guard(t.emit("GE", (x, t.int_(0)), "i1"), "ZX030")
        return Rep(INT, (x if op == "MOD" else t.emit("AND", (x, t.int_(large & types.INT64_MAX)), "i64"),))
    if not all(map(types.is_number, types.members(a.type) | types.members(b.type))):
        raise refuse(op, a, b)
    if isinstance(a.type, types.Union) or isinstance(b.type, types.Union):
        return _on_unions(t, op, a, b)
    if isinstance(a.type, NpScalar) or isinstance(b.type, NpScalar):
        return _numpy(t, op, a, b)
    if FLOAT in (a.type, b.type):
        return _floats(t, op, a, b)
    if a.type == b.type == BOOL and op in _BITS:
        return Rep(BOOL, (t.emit(op, (a.value, b.value), "i1"),))
    return _ints(t, op, as_int(t, a), as_int(t, b))


def _on_unions(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """Unions of floats (and of an int held as one): the payload's operation, and the tag where it matters."""
    results: dict[tuple[Type, Type], Type] = {}
    for left in types.members(a.type):
        for right in types.members(b.type):
            results[left, right] = result_type(op, left, right)
    kinds = set(results.values())
    if kinds == {INT, FLOAT} and op in _ALIKE:
        return _int_or_float(t, op, a, b)
    if INT in kinds:
        if isinstance(a.type, types.Union) and INT in a.type.members:
            return binary(t, op, narrow(t, a, lambda m: m != INT and numeric(m)), b)
        return binary(t, op, a, narrow(t, b, lambda m: m != INT and numeric(m)))
    if op not in ("ADD", "SUB", "MUL", "TRUEDIV") or any(types.payload(k) != "f64" for k in kinds):
        raise refuse(op, a, b)
    if any(k == NpScalar("float32") for k in kinds):
        raise refuse(op, a, b)
    strict = NpScalar("float64") in kinds
    x, y = any_float(t, a), any_float(t, b)
    made = _np_float(t, op, x, y, "float64") if strict else _floats(t, op, Rep(FLOAT, (x,)), Rep(FLOAT, (y,))).value
    if len(kinds) == 1:
        return Rep(kinds.pop(), (made,))
    # float or np.float64 depending on the one union among the operands: the tag tells.
    holder = a if isinstance(a.type, types.Union) else b
    if isinstance(a.type, types.Union) and isinstance(b.type, types.Union):
        raise refuse(op, a, b)
    is_np = t.emit("EQ", (holder.values[0], t.int_(types.TAGS[NpScalar("float64")])), "i1")
    tag = t.emit("SELECT", (is_np, t.int_(types.TAGS[NpScalar("float64")]), t.int_(types.TAGS[FLOAT])), "i64")
    return Rep(types.Union(frozenset(kinds)), (tag, made))


def _int_or_float(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """The payload's operation where two ints make an int, held as a float; one that might not be exact leaves."""
    x, y = (_payload_float(t, rep) for rep in (a, b))
    made = _floats(t, op, Rep(FLOAT, (x,)), Rep(FLOAT, (y,))).value
    tag = t.int_(types.TAGS[FLOAT])
    tests = [t.emit("EQ", (rep.values[0], tag), "i1") for rep in (a, b) if isinstance(rep.type, types.Union)]
    is_float = tests[0] if len(tests) == 1 else t.emit("OR", tuple(tests), "i1")
    small = t.emit("LT", (t.emit("ABS", (made,), "f64"), t.k("f64", float(EXACT))), "i1")
    t.guard(t.emit("OR", (is_float, small), "i1"), "ZX030")
    if op not in ("ADD", "SUB"):
        # There is no negative zero among ints.
        made = t.emit("SELECT", (is_float, made, t.emit("ADD", (made, t.k("f64", 0.0)), "f64")), "f64")
    kind = t.emit("SELECT", (is_float, tag, t.int_(types.TAGS[INT])), "i64")
    return Rep(types.Union(frozenset((INT, FLOAT))), (kind, made))


def _payload_float(t: Trace, rep: Rep) -> Value:
    return rep.values[1] if isinstance(rep.type, types.Union) else exact_float(t, rep)


def result_type(op: str, x: Type, y: Type) -> Type:
    """The type of an arithmetic result, by Python's and NumPy's promotion (NEP 50)."""
    if isinstance(x, NpScalar) or isinstance(y, NpScalar):
        dtype = promoted(x, y)
        if op == "TRUEDIV" and dtype in types.INT_DTYPES:
            return NpScalar("float64")
        return NpScalar(dtype)
    if FLOAT in (x, y) or op == "TRUEDIV":
        return FLOAT
    return INT


def promoted(x: Type, y: Type) -> str:
    """The dtype of an operation between a NumPy scalar and another number."""
    import numpy as np

    if isinstance(x, NpScalar) and isinstance(y, NpScalar):
        return str(np.result_type(np.dtype(x.dtype), np.dtype(y.dtype)))
    scalar, weak = (x, y) if isinstance(x, NpScalar) else (y, x)
    assert isinstance(scalar, NpScalar)
    examples: dict[Type, complex] = {INT: 1, FLOAT: 1.0, types.COMPLEX: 1j}
    example = examples.get(weak)
    if example is None:
        example_bool = np.result_type(np.dtype(scalar.dtype), np.dtype("bool"))
        return str(example_bool)
    return str(np.result_type(np.dtype(scalar.dtype), example))


def _ints(t: Trace, op: str, x: Value, y: Value) -> Rep:
    if op == "TRUEDIV":
        fx, fy = exact_float(t, Rep(INT, (x,))), exact_float(t, Rep(INT, (y,)))
        _nonzero_float(t, fy)
        return Rep(FLOAT, (t.emit("TRUEDIV", (fx, fy), "f64"),))
    if op == "POW":
        return power_of_int(t, x, y)
    if op in _OVERFLOW or op in ("LSHIFT", "RSHIFT", "FLOORDIV", "MOD"):
        return Rep(INT, (t.emit(op, (x, y), "i64", None, "ZX030" if op in _OVERFLOW else "ZX033"),))
    if op in _BITS:
        return Rep(INT, (t.emit(op, (x, y), "i64"),))
    raise Unsupported("ZX020", detail=f"{op} of ints")


def power_of_int(t: Trace, x: Value, y: Value) -> Rep:
    """A power of an int, which is a float where the exponent is a negative constant."""
    exponent = t.constants.get(y)
    if exponent is not None and exponent < 0:
        return float_power(t, x, y)
    if exponent is None or exponent > WRITTEN_OUT:
        return Rep(INT, (t.emit("POW", (x, y), "i64", None, "ZX033"),))
    made: Value | None = None
    while exponent:
        if exponent & 1:
            made = x if made is None else t.emit("MUL", (made, x), "i64", None, "ZX030")
        exponent >>= 1
        if exponent:
            x = t.emit("MUL", (x, x), "i64", None, "ZX030")
    return Rep(INT, (t.int_(1) if made is None else made,))


def float_power(t: Trace, x: Value, y: Value) -> Rep:
    floats = tuple(t.emit("INT_TO_FLOAT", (value,), "f64") for value in (x, y))
    return Rep(FLOAT, (t.emit("POW", floats, "f64", None, "ZX033"),))


def _nonzero_float(t: Trace, y: Value) -> None:
    t.guard(t.emit("NE", (y, t.k("f64", 0.0)), "i1"), "ZX033")


def _floats(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    x, y = any_float(t, a), any_float(t, b)
    if op in _OVERFLOW:
        return Rep(FLOAT, (t.emit(op, (x, y), "f64"),))
    if op in ("TRUEDIV", "FLOORDIV", "MOD"):
        _nonzero_float(t, y)
        return Rep(FLOAT, (t.emit(op, (x, y), "f64"),))
    if op == "POW":
        return Rep(FLOAT, (t.emit("POW", (x, y), "f64", None, "ZX033"),))
    raise refuse(op, a, b)


def _numpy(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    dtype = promoted(a.type, b.type)
    if dtype in types.INT_DTYPES:
        return _np_int(t, op, a, b, dtype)
    if dtype == "bool" and op in _BITS and types.payload(a.type) == types.payload(b.type) == "i1":
        return Rep(NpScalar("bool"), (t.emit(op, (a.value, b.value), "i1"),))
    if dtype not in types.FLOAT_DTYPES or op not in ("ADD", "SUB", "MUL", "TRUEDIV", "FLOORDIV", "MOD", "POW"):
        raise refuse(op, a, b)
    if dtype == "float32" and op in ("FLOORDIV", "MOD", "POW"):
        raise refuse(op, a, b)
    x, y = _np_operand(t, a, dtype), _np_operand(t, b, dtype)
    return Rep(NpScalar(dtype), (_np_float(t, op, x, y, dtype),))


def _np_operand(t: Trace, rep: Rep, dtype: str) -> Value:
    x = any_float(t, rep)
    if dtype == "float32" and rep.type != NpScalar("float32"):
        rounded = t.emit("ROUND_F32", (x,), "f64")
        reported(t, rounded, x, x)
        return rounded
    return x


def _np_float(t: Trace, op: str, x: Value, y: Value, dtype: str) -> Value:
    if op in ("TRUEDIV", "FLOORDIV", "MOD"):
        _nonzero_float(t, y)
    made = t.emit(op, (x, y), "f64", None, "ZX033" if op == "POW" else "")
    if op == "POW":
        t.guard(t.emit("MATH_ISFINITE", (made,), "i1"), "ZX033")
    if dtype == "float32":
        made = t.emit("ROUND_F32", (made,), "f64")
    return reported(t, made, x, y)


def reported(t: Trace, made: Value, x: Value, y: Value) -> Value:
    """The result of a NumPy operation; what NumPy may report leaves."""
    t.floating()
    return t.emit("CHECK_FP", (made, x, y), "f64", None, "ZX033")


def _np_int(t: Trace, op: str, a: Rep, b: Rep, dtype: str) -> Rep:
    x, y = as_int(t, a), as_int(t, b)
    if op == "TRUEDIV" and (dtype in ("int64", "uint32", "int32") or dtype in types.INT_DTYPES):
        fx, fy = t.emit("INT_TO_FLOAT", (x,), "f64"), t.emit("INT_TO_FLOAT", (y,), "f64")
        _nonzero_float(t, fy)
        return Rep(NpScalar("float64"), (t.emit("TRUEDIV", (fx, fy), "f64"),))
    for rep, value in ((a, x), (b, y)):
        if rep.type == INT and dtype != "int64":
            t.emit("WRAP", (value,), "i64", dtype, "ZX033")
    if op in _OVERFLOW or op in ("FLOORDIV", "MOD"):
        made = t.emit(op, (x, y), "i64", None, "ZX033")
    elif op in _BITS:
        made = t.emit(op, (x, y), "i64")
    else:
        raise refuse(op, a, b)
    if dtype != "int64":
        made = t.emit("WRAP", (made,), "i64", dtype, "ZX033")
    return Rep(NpScalar(dtype), (made,))


# --- unary -------------------------------------------------------------------------------------------------


def unary(t: Trace, op: str, a: Rep) -> Rep:
    """NEG, POS, INVERT, ABS on a number."""
    a = narrow(t, a, numeric)
    if isinstance(a.type, types.Union):
        if op == "INVERT" or types.union_payload(a.type.members) != "f64":
            raise refuse(op, a)
        tag, number = a.values
        made = number if op == "POS" else t.emit(op, (number,), "f64")
        if op == "NEG" and INT in a.type.members:
            # There is no negative zero among ints.
            is_int = t.emit("EQ", (tag, t.int_(types.TAGS[INT])), "i1")
            made = t.emit("SELECT", (is_int, t.emit("ADD", (made, t.k("f64", 0.0)), "f64"), made), "f64")
        return Rep(a.type, (tag, made))
    if not types.is_number(a.type):
        raise refuse(op, a)
    kind = a.type
    if kind in (INT, BOOL):
        x = as_int(t, a)
        if op == "POS":
            return Rep(INT, (x,))
        return Rep(INT, (t.emit(op, (x,), "i64", None, "" if op == "INVERT" else "ZX030"),))
    held = types.payload(kind)
    if held == "i1" or op == "INVERT":
        raise refuse(op, a)
    if op == "POS":
        return a
    if held == "f64":
        return Rep(kind, (t.emit(op, (a.value,), "f64"),))
    assert isinstance(kind, NpScalar)
    made = t.emit(op, (a.value,), "i64", None, "ZX033")
    return Rep(kind, (made if kind.dtype == "int64" else t.emit("WRAP", (made,), "i64", kind.dtype, "ZX033"),))


# --- truth and comparison ------------------------------------------------------------------------------------


def truth(t: Trace, a: Rep) -> Value:
    """`bool(a)` as i1."""
    kind = a.type
    if isinstance(kind, types.Union):
        tag = a.values[0]
        held = types.union_payload(kind.members)
        singles = [m for m in kind.members if not types.layout(m)]
        if types.UNBOUND_T in kind.members:
            return truth(t, narrow(t, a, lambda m: m != types.UNBOUND_T))
        value = _payload_truth(t, held, a.values[1:]) if held else t.k("i1", False)
        for single in singles:
            absent = t.emit("NE", (tag, t.int_(types.TAGS[single])), "i1")
            value = t.emit("AND", (value, absent), "i1")
        return value
    if isinstance(kind, types.Maybe):
        rep = narrow_bound(t, a)
        if not isinstance(rep.type, types.Maybe):
            return truth(t, rep)
        there = t.emit("NOT", (t.emit("SAME", (rep.values[0], t.none()), "i1"),), "i1")
        return there if rep.type.inner.items else t.k("i1", False)
    if kind == NONE:
        return t.k("i1", False)
    if types.is_number(kind) or types.is_complex(kind) or kind == types.WORD:
        return _payload_truth(t, types.payload(kind), a.values)
    if isinstance(kind, types.List):
        return t.emit("NE", (t.emit("LIST_LEN", (a.value,), "i64"), t.int_(0)), "i1")
    if isinstance(kind, types.AnyTuple):
        return t.emit("NE", (t.emit("TUPLE_LEN", (a.value,), "i64"), t.int_(0)), "i1")
    if isinstance(kind, types.Tuple):
        return t.k("i1", bool(kind.items))
    if kind == types.CHAR:
        return t.k("i1", True)
    if kind == types.STR:
        return t.emit("NE", (t.emit("TEXT_LEN", (a.value,), "i64"), t.int_(0)), "i1")
    if isinstance(kind, types.Known):
        obj = t.object_of(a)
        if isinstance(obj, (str, bytes)) or callable(obj):
            return t.k("i1", bool(obj))
    raise refuse("truth", a)


def _payload_truth(t: Trace, held: str, values: tuple[Value, ...]) -> Value:
    if held == "i1":
        return values[0]
    zero = t.int_(0) if held == "i64" else t.k("f64", 0.0)
    made = [t.emit("NE", (value, zero), "i1") for value in values]
    return made[0] if len(made) == 1 else t.emit("OR", made, "i1")


def compare(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`a op b` for the six orders and equalities."""
    if op in ("EQ", "NE") and NONE in (a.type, b.type) and not isinstance(a.type, types.Object):
        other = b if a.type == NONE else a
        if types.is_number(other.type) or types.is_complex(other.type) or other.type == NONE:
            return Rep(BOOL, (t.k("i1", (other.type == NONE) == (op == "EQ")),))
    a, b = (narrow(t, _only_numpy(t, rep), numeric) for rep in (a, b))
    large = big(t, b)
    if large is not None:
        return _compare_large(t, op, a, large)
    large = big(t, a)
    if large is not None:
        return _compare_large(t, MIRRORED[op], b, large)
    for rep in (a, b):
        if not isinstance(rep.type, types.Union) and not types.is_number(rep.type):
            raise refuse(op, a, b)
    made_type: Type = BOOL
    involved = types.members(a.type) | types.members(b.type)
    if any(isinstance(m, NpScalar) for m in involved):
        for side in (a, b):
            if isinstance(side.type, types.Union) and any(isinstance(m, NpScalar) for m in side.type.members):
                others = b if side is a else a
                if not isinstance(others.type, NpScalar):
                    side_np = narrow(t, side, lambda m: isinstance(m, NpScalar))
                    if isinstance(side_np.type, types.Union):
                        raise refuse(op, a, b)
                    return compare(t, op, side_np, b) if side is a else compare(t, op, a, side_np)
        made_type = NpScalar("bool")
        for one, other in ((a, b), (b, a)):
            # What Python's own numbers are rounded to depends on the scalar that they meet.
            alternatives = types.members(one.type) | types.members(other.type)
            if len(alternatives) > 2 and NpScalar("float32") in types.members(one.type) and \
                    {INT, FLOAT} & types.members(other.type):
                raise refuse(op, a, b)
    if not isinstance(a.type, types.Union) and not isinstance(b.type, types.Union):
        ka, kb = types.payload(a.type), types.payload(b.type)
        if "f64" not in (ka, kb):
            if NpScalar("bool") in (a.type, b.type) or made_type == NpScalar("bool"):
                made_type = NpScalar("bool")
            return Rep(made_type, (t.emit(op, (as_int(t, a), as_int(t, b)), "i1"),))
        if "float32" in (getattr(a.type, "dtype", ""), getattr(b.type, "dtype", "")) and made_type != BOOL:
            x, y = _np_operand(t, a, promoted(a.type, b.type)), _np_operand(t, b, promoted(a.type, b.type))
            return Rep(made_type, (t.emit(op, (x, y), "i1"),))
    return Rep(made_type, (t.emit(op, (_payload_float(t, a), _payload_float(t, b)), "i1"),))


MIRRORED = {"LT": "GT", "GT": "LT", "LE": "GE", "GE": "LE", "EQ": "EQ", "NE": "NE"}


def big(t: Trace, rep: Rep) -> int | None:
    """The constant int of more than 64 bits that a value is, if it is one."""
    obj = t.object_of(rep) if isinstance(rep.type, types.Known) else None
    return obj if type(obj) is int else None


def _compare_large(t: Trace, op: str, a: Rep, large: int) -> Rep:
    """A number against a constant int of more than 64 bits."""
    if a.type in (INT, BOOL):
        below = op in ("LT", "LE") if large > 0 else op in ("GT", "GE")
        return Rep(BOOL, (t.k("i1", below or op == "NE"),))
    if any(isinstance(m, NpScalar) for m in types.members(a.type)) or "f64" not in types.layout(a.type):
        raise refuse(op, a)
    if int(float(large)) != large:
        raise refuse(op, a)
    return Rep(BOOL, (t.emit(op, (_payload_float(t, a), t.k("f64", float(large))), "i1"),))


def _is_one(t: Trace, known: Rep, other: Rep) -> bool:
    """Whether a value may be a known object, of which native code makes no other ones that are equal to it."""
    if not isinstance(known.type, types.Known) or not isinstance(other.type, types.Object):
        return False
    return not isinstance(t.object_of(known), (int, float, complex, str, bytes, tuple, frozenset))


def identity(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`a is b`, where one side is None or a known object."""
    same: Value
    if a.type == NONE or b.type == NONE:
        other = b if a.type == NONE else a
        if isinstance(other.type, types.Union):
            if types.UNBOUND_T in other.type.members:
                other = narrow_bound(t, other)
            same = t.emit("EQ", (other.values[0], t.int_(types.TAGS[NONE])), "i1") \
                if isinstance(other.type, types.Union) else t.k("i1", other.type == NONE)
        elif isinstance(other.type, (types.Object, types.Maybe)):
            other = narrow_bound(t, other)
            same = t.emit("SAME", (other.values[0], t.none()), "i1")
        else:
            same = t.k("i1", other.type == NONE)
    elif isinstance(a.type, (types.List, types.AnyTuple, types.Object, types.Array)) and \
            isinstance(b.type, (types.List, types.AnyTuple, types.Object, types.Array)):
        same = t.emit("SAME", (a.values[0], b.values[0]), "i1")
    elif _is_one(t, a, b) or _is_one(t, b, a):
        same = t.emit("SAME", (t.boxed(a), t.boxed(b)), "i1")
    elif isinstance(a.type, types.Known) and isinstance(b.type, types.Known):
        same = t.k("i1", a.type.ref == b.type.ref)
    elif isinstance(a.type, (types.Method, types.Bound)) and isinstance(b.type, (types.Method, types.Bound)):
        same = t.k("i1", a.type == b.type)
    elif a.type == b.type == BOOL or (a.type == b.type == INT and any(map(partial(_is_small, t), (a, b)))):
        same = t.emit("EQ", (as_int(t, a), as_int(t, b)), "i1")
    else:
        raise refuse(op, a, b)
    return Rep(BOOL, (same if op == "IS" else t.emit("NOT", (same,), "i1"),))


def _is_small(t: Trace, rep: Rep) -> bool:
    """Whether an int is known, and of those of which there is one object each."""
    known = t.constants.get(rep.value)
    return known is not None and -5 <= known <= 256


def guard_bound(t: Trace, rep: Rep) -> None:
    """Leave where an object stands for a variable that has no value."""
    unbound = t.emit("SAME", (rep.values[0], t.boxed(Rep(types.UNBOUND_T))), "i1")
    t.guard(t.emit("NOT", (unbound,), "i1"), "ZX033")


def narrow_bound(t: Trace, rep: Rep) -> Rep:
    """A value without its UNBOUND alternative: reading an unbound variable leaves, and CPython raises."""
    if isinstance(rep.type, types.View) and rep.type.unbound:
        return views.bound(t, rep)
    if isinstance(rep.type, types.Maybe) and types.UNBOUND_T in rep.type.absent:
        guard_bound(t, rep)
        rest = rep.type.absent - {types.UNBOUND_T}
        return Rep(types.Maybe(rep.type.inner, rest) if rest else rep.type.inner, rep.values)
    if not isinstance(rep.type, types.Union) or types.UNBOUND_T not in rep.type.members:
        return rep
    is_unbound = t.emit("EQ", (rep.values[0], t.int_(types.TAGS[types.UNBOUND_T])), "i1")
    t.guard(t.emit("NOT", (is_unbound,), "i1"), "ZX033")
    return restricted(t, rep, rep.type.members - {types.UNBOUND_T})


# --- builtins on numbers ----------------------------------------------------------------------------------------


def to_int(t: Trace, a: Rep) -> Rep:
    a = narrow(t, whole(a), numeric)
    held = types.payload(a.type)
    if held in ("i64", "i1"):
        return Rep(INT, (as_int(t, a),))
    if held != "f64":
        raise refuse("int()", a)
    return Rep(INT, (t.emit("FLOAT_TO_INT", (a.value,), "i64", "trunc", "ZX033"),))


def to_float(t: Trace, a: Rep) -> Rep:
    a = narrow(t, whole(a), numeric)
    if isinstance(a.type, types.Union):
        return Rep(FLOAT, (a.values[1],))
    if not types.is_number(a.type):
        raise refuse("float()", a)
    if types.payload(a.type) == "i64":
        return Rep(FLOAT, (t.emit("INT_TO_FLOAT", (a.value,), "f64"),))
    return Rep(FLOAT, (exact_float(t, a),))


def extreme(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`min(a, b)` or `max(a, b)`: the second one only if it is strictly less (greater)."""
    first, second = narrow(t, a, numeric), narrow(t, b, numeric)
    better = truth(t, compare(t, "LT" if op == "MIN" else "GT", second, first))
    if first.type == second.type:
        values = tuple(t.emit("SELECT", (better, y, x), x.type)
                       for x, y in zip(first.values, second.values, strict=True))
        return Rep(first.type, values)
    both = types.join(first.type, second.type)
    x, y = t.coerce(first, both), t.coerce(second, both)
    return Rep(both, tuple(t.emit("SELECT", (better, q, p), p.type) for p, q in zip(x.values, y.values, strict=True)))


def rounded(t: Trace, a: Rep) -> Rep:
    """`round(a)`: to the nearest int, halves to even."""
    a = narrow(t, a, numeric)
    if a.type in (INT, BOOL):
        return Rep(INT, (as_int(t, a),))
    if a.type == FLOAT or a.type == NpScalar("float64"):
        return Rep(INT, (t.emit("FLOAT_TO_INT", (a.value,), "i64", "round", "ZX033"),))
    raise refuse("round()", a)


def math_call(t: Trace, row: ops.Op, args: list[Rep]) -> Rep:
    """A function of the math module."""
    name = row.name.removeprefix("MATH_").lower()
    reps = [narrow(t, a, numeric) for a in args]
    for rep in reps:
        if not isinstance(rep.type, types.Union) and not types.is_number(rep.type):
            raise refuse(name, rep)
    if name in ops.MATH_INT:
        if types.payload(reps[0].type) in ("i64", "i1"):
            if isinstance(reps[0].type, NpScalar):
                raise refuse(name, reps[0])
            return Rep(INT, (as_int(t, reps[0]),))
        if isinstance(reps[0].type, types.Union) or reps[0].type == NpScalar("float32"):
            raise refuse(name, reps[0])
        return Rep(INT, (t.emit("FLOAT_TO_INT", (reps[0].value,), "i64", name, "ZX033"),))
    values = [r.values[1] if isinstance(r.type, types.Union) else
              t.emit("INT_TO_FLOAT", (as_int(t, r),), "f64") if types.payload(r.type) != "f64" else r.value
              for r in reps]
    if name in ("log", "log2", "log10", "sqrt"):
        values = [v if types.payload(r.type) == "f64" or isinstance(r.type, types.Union) else exact_float(t, r)
                  for v, r in zip(values, reps, strict=True)]
    if name in ops.MATH_TEST:
        return Rep(BOOL, (t.emit(row.name, values, "i1"),))
    leaves = ops.MATH_UNARY.get(name) or ops.MATH_BINARY.get(name) or ""
    return Rep(FLOAT, (t.emit(row.name, values, "f64", None, "ZX033" if leaves else ""),))


def divmod_(t: Trace, a: Rep, b: Rep) -> Rep:
    """`divmod(a, b)` as the pair of floor quotient and remainder."""
    a, b = narrow(t, a, numeric), narrow(t, b, numeric)
    for rep in (a, b):
        if isinstance(rep.type, (NpScalar, types.Union)):
            raise refuse("divmod", a, b)
    return t.tuple_of([binary(t, "FLOORDIV", a, b), binary(t, "MOD", a, b)])


def builtin(t: Trace, row: ops.Op, args: list[Rep]) -> Rep:
    """A call of a builtin function on numbers."""
    name: Any = row.name
    if name == "ABS":
        return unary(t, "ABS", args[0])
    if name in ("MIN", "MAX"):
        return extreme(t, name, args[0], args[1])
    if name == "TO_INT":
        return to_int(t, args[0])
    if name == "TO_FLOAT":
        return to_float(t, args[0])
    if name == "TO_BOOL":
        return Rep(BOOL, (truth(t, args[0]),))
    if name == "ROUND":
        return rounded(t, args[0])
    if name == "TO_INDEX":
        if args[0].type not in (INT, BOOL):
            raise refuse("index()", args[0])
        return Rep(INT, (as_int(t, args[0]),))
    if name == "DIVMOD":
        return divmod_(t, args[0], args[1])
    return math_call(t, row, args)
