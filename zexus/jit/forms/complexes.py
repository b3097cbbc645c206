"""Native forms of complex numbers: the formulas of CPython and NumPy, part by part, in machine floats.

A real number that meets a complex one is a complex number whose imaginary part is zero, as in CPython. In a union with
complex numbers real ones are held that way too, so a formula serves all members, and the tag tells which it was.
"""

from __future__ import annotations

from collections.abc import Callable

from zexus import ops, types
from zexus.codes import Unsupported
from zexus.jit.forms import faithful, numbers
from zexus.jit.forms.numbers import refuse
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Value
from zexus.types import BOOL, COMPLEX, FLOAT, INT, NpScalar, Type

Parts = tuple[Value, Value]
_EXACT = 2.0**53
_PYTHON = (INT, FLOAT, BOOL, COMPLEX)


def among(*reps: Rep) -> bool:
    """Whether one of these values may be complex."""
    return any(types.is_complex(member) for rep in reps for member in types.members(rep.type))


def number(member: Type) -> bool:
    return types.is_number(member) or types.is_complex(member)


def real_part(t: Trace, rep: Rep) -> Rep:
    """A value that is not complex; a complex one leaves."""
    return numbers.narrow(t, rep, types.is_number)


def parts(t: Trace, rep: Rep) -> Parts:
    """Any number as its real and imaginary part."""
    if among(rep):
        return rep.values[-2], rep.values[-1]
    return numbers.any_float(t, rep), t.k("f64", 0.0)


def is_one_of(t: Trace, rep: Rep, wanted: Callable[[Type], bool]) -> Value:
    """Whether a value is one of certain members of its type."""
    found = [member for member in types.members(rep.type) if wanted(member)]
    if not isinstance(rep.type, types.Union):
        return t.k("i1", bool(found))
    result = t.k("i1", False)
    for member in sorted(found, key=str):
        result = t.emit("OR", (result, t.emit("EQ", (rep.values[0], t.int_(types.TAGS[member])), "i1")), "i1")
    return result


def either(t: Trace, a: Rep, b: Rep, wanted: Callable[[Type], bool]) -> Value:
    return t.emit("OR", (is_one_of(t, a, wanted), is_one_of(t, b, wanted)), "i1")


def tagged(t: Trace, kinds: set[Type], tests: list[tuple[Value, Type]], last: Type, values: tuple[Value, ...]) -> Rep:
    """A value of one of several types: the first whose test holds, or the last."""
    if len(kinds) == 1:
        return Rep(kinds.pop(), values)
    tag = t.int_(types.TAGS[last])
    for test, kind in reversed(tests):
        tag = t.emit("SELECT", (test, t.int_(types.TAGS[kind]), tag), "i64")
    return Rep(types.Union(frozenset(kinds)), (tag, *values))


def finite(t: Trace, *values: Value) -> None:
    """Leave unless all of these are finite."""
    for value in values:
        t.guard(t.emit("MATH_ISFINITE", (value,), "i1"), "ZX033")


# --- arithmetic -------------------------------------------------------------------------------------------


def product(t: Trace, a: Parts, b: Parts, dtype: str = "") -> Parts:
    """The product by its definition, as `_Py_c_prod` and NumPy compute it."""
    def step(op: str, x: Value, y: Value) -> Value:
        return _step(t, op, x, y, dtype)

    return (step("SUB", step("MUL", a[0], b[0]), step("MUL", a[1], b[1])),
            step("ADD", step("MUL", a[0], b[1]), step("MUL", a[1], b[0])))


def quotient(t: Trace, a: Parts, b: Parts, dtype: str = "") -> Parts:
    """The quotient by Smith's algorithm (1962), as `_Py_c_quot` computes it; NumPy multiplies by the reciprocal.

    A zero divisor leaves, and so does one that is not finite.
    """
    def step(op: str, x: Value, y: Value) -> Value:
        return _step(t, op, x, y, dtype)

    def choose(x: Value, y: Value) -> Value:
        return t.emit("SELECT", (real_is_larger, x, y), "f64")

    real_is_larger = t.emit("GE", (t.emit("ABS", (b[0],), "f64"), t.emit("ABS", (b[1],), "f64")), "i1")
    large, small = choose(b[0], b[1]), choose(b[1], b[0])
    p, q = choose(a[0], a[1]), choose(a[1], a[0])
    ratio = step("TRUEDIV", small, large)
    t.guard(t.emit("LE", (t.emit("ABS", (ratio,), "f64"), t.k("f64", 1.0)), "i1"), "ZX033")
    # In the order of CPython's operands, of which the first NaN is the result.
    scaled = step("MUL", small, ratio)
    divisor = choose(step("ADD", large, scaled), step("ADD", scaled, large))
    scaled = step("MUL", q, ratio)
    real = choose(step("ADD", p, scaled), step("ADD", scaled, p))
    scaled = step("MUL", p, ratio)
    imag = choose(step("SUB", q, scaled), step("SUB", scaled, q))
    if not dtype:
        return step("TRUEDIV", real, divisor), step("TRUEDIV", imag, divisor)
    finite(t, divisor)
    scale = step("TRUEDIV", t.k("f64", 1.0), divisor)
    return step("MUL", real, scale), step("MUL", imag, scale)


def _step(t: Trace, op: str, x: Value, y: Value, dtype: str) -> Value:
    """One operation on floats, rounded where the parts are narrower."""
    made = t.emit(op, (x, y), "f64")
    return t.emit("ROUND_F32", (made,), "f64") if dtype == "complex64" else made


def computed(t: Trace, op: str, a: Parts, b: Parts, dtype: str = "") -> Parts:
    if op == "MUL":
        return product(t, a, b, dtype)
    if op == "TRUEDIV":
        return quotient(t, a, b, dtype)
    return _step(t, op, a[0], b[0], dtype), _step(t, op, a[1], b[1], dtype)


def binary(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`a op b` where one may be complex.

    Raises:
        Unsupported: no native form for these types.
    """
    a, b = numbers.narrow(t, a, number), numbers.narrow(t, b, number)
    involved = types.members(a.type) | types.members(b.type)
    if not all(map(number, involved)):
        raise refuse(op, a, b)
    if op not in ("ADD", "SUB", "MUL", "TRUEDIV"):
        return numbers.binary(t, op, real_part(t, a), real_part(t, b))
    if not faithful.python():
        raise Unsupported("ZX020", detail="complex arithmetic of an interpreter that fuses operations")
    if any(isinstance(member, NpScalar) for member in involved):
        return _numpy(t, op, a, b)
    kinds = {_result(op, x, y) for x in types.members(a.type) for y in types.members(b.type)}
    # A sum of ints that were rounded may be exact nevertheless, and their quotient is rounded once.
    exactly = all(INT in types.members(rep.type) for rep in (a, b))
    x, y = ((numbers.exact_float(t, rep), t.k("f64", 0.0)) if exactly and rep.type == INT else parts(t, rep)
            for rep in (a, b))
    real, imag = computed(t, op, x, y)
    if kinds == {COMPLEX}:
        return Rep(COMPLEX, (real, imag))
    is_complex = either(t, a, b, types.is_complex)
    if op == "TRUEDIV":
        plain = t.emit("TRUEDIV", (x[0], y[0]), "f64")
        real = t.emit("SELECT", (is_complex, real, plain), "f64")
    is_float = either(t, a, b, lambda m: m == FLOAT)
    if INT in kinds:
        other = t.emit("OR", (is_complex, is_float), "i1")
        exact = t.emit("LT", (t.emit("ABS", (real,), "f64"), t.k("f64", _EXACT)), "i1")
        t.guard(t.emit("OR", (other, exact), "i1"), "ZX030")
        unsigned = t.emit("ADD", (real, t.k("f64", 0.0)), "f64")
        real = t.emit("SELECT", (other, real, unsigned), "f64")
    imag = t.emit("SELECT", (is_complex, imag, t.k("f64", 0.0)), "f64")
    tests: list[tuple[Value, Type]] = [(is_complex, COMPLEX)]
    if {INT, FLOAT} <= kinds:
        tests.append((is_float, FLOAT))
    return tagged(t, kinds, tests, INT if INT in kinds else FLOAT, (real, imag))


def _result(op: str, x: Type, y: Type) -> Type:
    if COMPLEX in (x, y):
        return COMPLEX
    return numbers.result_type(op, x, y)


def _numpy(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """Where a NumPy scalar takes part; what NumPy may report leaves."""
    if not faithful.numpy():
        raise refuse(op, a, b)
    kinds = {_numpy_result(x, y) for x in types.members(a.type) for y in types.members(b.type)}
    if None in kinds or (len(kinds) > 1 and (op == "TRUEDIV" or kinds != {COMPLEX, NpScalar("complex128")})):
        raise refuse(op, a, b)
    dtype = "complex64" if kinds == {NpScalar("complex64")} else "complex128"
    t.floating()
    made = computed(t, op, _numpy_parts(t, a, dtype), _numpy_parts(t, b, dtype), dtype)
    finite(t, *made)
    is_numpy = either(t, a, b, lambda m: isinstance(m, NpScalar))
    return tagged(t, {k for k in kinds if k is not None}, [(is_numpy, NpScalar("complex128"))], COMPLEX, made)


def _numpy_result(x: Type, y: Type) -> Type | None:
    """The type of a result; None where another algorithm than that for scalars may be used, or where it is real."""
    if not isinstance(x, NpScalar) and not isinstance(y, NpScalar):
        return COMPLEX if COMPLEX in (x, y) else None
    dtypes = {m.dtype for m in (x, y) if isinstance(m, NpScalar) and types.is_complex(m)}
    dtype = numbers.promoted(x, y)
    return NpScalar(dtype) if dtype in dtypes else None


def _numpy_parts(t: Trace, rep: Rep, dtype: str) -> Parts:
    real, imag = parts(t, rep)
    if dtype == "complex128" or rep.type == NpScalar("complex64"):
        return real, imag
    single = t.emit("ROUND_F32", (real,), "f64"), t.emit("ROUND_F32", (imag,), "f64")
    finite(t, *single)
    return single


# --- other operators, attributes and calls ------------------------------------------------------------------


def unary(t: Trace, op: str, a: Rep) -> Rep:
    """NEG, POS, INVERT, ABS on a number that may be complex."""
    a = numbers.narrow(t, a, number)
    if op == "INVERT":
        return numbers.unary(t, op, real_part(t, a))
    if op == "POS":
        return a
    if op == "ABS":
        return absolute(t, a)
    real, imag = parts(t, a)
    negative = t.emit("NEG", (real,), "f64")
    if INT in types.members(a.type):
        of_int = t.emit("SUB", (t.k("f64", 0.0), real), "f64")
        negative = t.emit("SELECT", (is_one_of(t, a, lambda m: m == INT), of_int, negative), "f64")
    return Rep(a.type, (*a.values[:-2], negative, _negated(t, a, imag)))


def _negated(t: Trace, a: Rep, imag: Value) -> Value:
    """The imaginary part with the other sign, where there is one."""
    made = t.emit("NEG", (imag,), "f64")
    if not isinstance(a.type, types.Union):
        return made
    return t.emit("SELECT", (is_one_of(t, a, types.is_complex), made, t.k("f64", 0.0)), "f64")


def absolute(t: Trace, a: Rep) -> Rep:
    if any(isinstance(member, NpScalar) for member in types.members(a.type)):
        if a.type != NpScalar("complex128"):
            raise refuse("abs()", a)
        made = t.emit("HYPOT", parts(t, a), "f64", None, "ZX033")
        finite(t, made)
        return Rep(NpScalar("float64"), (made,))
    return _real_or_int(t, a, t.emit("HYPOT", parts(t, a), "f64", None, "ZX033"))


def _real_or_int(t: Trace, a: Rep, value: Value) -> Rep:
    """A float, which is an int where `a` is one."""
    if INT not in types.members(a.type):
        return Rep(FLOAT, (value,))
    return tagged(t, {INT, FLOAT}, [(is_one_of(t, a, lambda m: m == INT), INT)], FLOAT, (value,))


def compare(t: Trace, op: str, a: Rep, b: Rep) -> Rep:
    """`a == b` and `a != b` where one may be complex; there is no order."""
    a, b = numbers.narrow(t, a, number), numbers.narrow(t, b, number)
    if op not in ("EQ", "NE"):
        return numbers.compare(t, op, real_part(t, a), real_part(t, b))
    involved = types.members(a.type) | types.members(b.type)
    if not all(map(number, involved)):
        raise refuse(op, a, b)
    result: Type = BOOL
    if any(isinstance(member, NpScalar) for member in involved):
        single = any(getattr(member, "dtype", "") in ("float32", "complex64") for member in involved)
        if len(types.members(a.type)) > 1 or len(types.members(b.type)) > 1 or (single and a.type != b.type):
            raise refuse(op, a, b)
        # A complex number of Python's takes a float64 for the float that it is.
        result = BOOL if (a.type, b.type) == (types.COMPLEX, NpScalar("float64")) else NpScalar("bool")
    (ar, ai), (br, bi) = (parts(t, rep) if rep.type != INT else (numbers.exact_float(t, rep), t.k("f64", 0.0))
                          for rep in (a, b))
    both = (t.emit(op, (ar, br), "i1"), t.emit(op, (ai, bi), "i1"))
    return Rep(result, (t.emit("AND" if op == "EQ" else "OR", both, "i1"),))


def attribute(t: Trace, rep: Rep, name: str) -> Rep | None:
    """`real` and `imag` of a number, or its method `conjugate`; None for other attributes."""
    if any(isinstance(member, NpScalar) and types.is_number(member) for member in types.members(rep.type)):
        return None
    if name == "conjugate":
        return Rep(types.Method(rep.type, name), rep.values)
    if name not in ("real", "imag"):
        return None
    position = int(name == "imag")
    if isinstance(rep.type, NpScalar):
        return Rep(NpScalar(types.COMPLEX_DTYPES[rep.type.dtype]), (rep.values[position],))
    if rep.type in (INT, BOOL):
        return Rep(INT, (numbers.as_int(t, rep) if name == "real" else t.int_(0),))
    if rep.type == FLOAT:
        return Rep(FLOAT, (rep.value if name == "real" else t.k("f64", 0.0),))
    if not all(member in (INT, FLOAT, COMPLEX) for member in types.members(rep.type)):
        return None
    return _real_or_int(t, rep, parts(t, rep)[position])


def conjugate(t: Trace, rep: Rep) -> Rep:
    """`rep.conjugate()`."""
    if rep.type in (INT, BOOL):
        return Rep(INT, (numbers.as_int(t, rep),))
    if not among(rep):
        return rep
    real, imag = parts(t, rep)
    return Rep(rep.type, (*rep.values[:-2], real, _negated(t, rep, imag)))


def make(t: Trace, args: list[Rep]) -> Rep:
    """`complex(real, imag)`."""
    args = [numbers.narrow(t, arg, number) for arg in args]
    if not all(number(member) for arg in args for member in types.members(arg.type)):
        raise refuse("complex()", *args)
    if not args:
        return t.constant(0j)
    if len(args) == 1:
        return Rep(COMPLEX, parts(t, args[0]))
    if among(*args):
        raise Unsupported("ZX020", detail="complex() of complex parts")
    return Rep(COMPLEX, (numbers.any_float(t, args[0]), numbers.any_float(t, args[1])))


def builtin(t: Trace, row: ops.Op, args: list[Rep]) -> Rep:
    """A call of a builtin function on numbers one of which may be complex."""
    if row.name == "ABS":
        return unary(t, "ABS", args[0])
    return numbers.builtin(t, row, args)


def turn(t: Trace, length: Value, phase: Value) -> Parts:
    """The complex number with these polar coordinates; a phase that is not finite leaves."""
    cosine = t.emit("MATH_COS", (phase,), "f64", None, "ZX033")
    sine = t.emit("MATH_SIN", (phase,), "f64", None, "ZX033")
    return t.emit("MUL", (length, cosine), "f64"), t.emit("MUL", (length, sine), "f64")
