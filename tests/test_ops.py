"""Every operator row against CPython over edge values: in the machine, and as native code."""

from __future__ import annotations

import itertools
import linecache
import math
from collections.abc import Callable
from typing import Any

import pytest

import zexus
from zexus import ops
from zexus.assembly import parse
from zexus.regvm.build import build
from zexus.regvm.machine import Executable, Raised, run

INTS = (0, 1, -1, 2, 3, 7, -7, 62, 63, 64, 2**31, -(2**31), 2**53, 2**53 + 1, -(2**53) - 1, 2**62, 2**63 - 1, -(2**63),
        2**63, -(2**63) - 1, 10**30)
SMALL = tuple(i for i in INTS if -(2**63) <= i < 2**63)
FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 1e16, 2.0**53, 2.0**63, -(2.0**63), 5e-324, 1e308, -1e308, math.inf,
          -math.inf, math.nan)
VALUES = (*INTS, *FLOATS, True, False)

BINARY = {"ADD": "+", "SUB": "-", "MUL": "*", "TRUEDIV": "/", "FLOORDIV": "//", "MOD": "%", "POW": "**", "LSHIFT": "<<",
          "RSHIFT": ">>", "AND": "&", "OR": "|", "XOR": "^", "LT": "<", "LE": "<=", "EQ": "==", "NE": "!=", "GT": ">",
          "GE": ">="}
UNARY = {"NEG": "-a", "POS": "+a", "INVERT": "~a", "NOT": "not a", "TRUTH": "bool(a)", "ABS": "abs(a)"}
SHIFTS = ("POW", "LSHIFT")


def cheap(op: str, a: Any, b: Any) -> bool:
    """Whether CPython computes this in reasonable time and space."""
    return not (op in SHIFTS and type(b) is not float and type(a) is not float and abs(b) > 64)


def outcome(compute: Callable[..., Any], *operands: Any) -> tuple[str, str]:
    """The type and value, or the exception."""
    try:
        value = compute(*operands)
    except Raised as raised:
        return type(raised.error).__name__, str(raised.error)
    except (ArithmeticError, TypeError, ValueError) as error:
        return type(error).__name__, str(error)
    return type(value).__name__, repr(value)


def interpreted(op: str, arity: int) -> Callable[..., Any]:
    """A row as the machine runs it."""
    loads = "".join(f"0 {i} LOAD_LOCAL {i}\n" for i in range(arity))
    code = parse(f"code f (f.py:1) params {arity}\nlocals a b\n{loads}{arity} {op}\n{arity + 1} RETURN\n")
    executable = Executable(build(code), lambda *rest: lambda: None)
    return lambda *operands: run([executable.frame(operands)]).value


@pytest.mark.parametrize("op", BINARY)
def test_the_machine_computes_binary_rows_as_cpython(op: str) -> None:
    plain = eval(f"lambda a, b: a {BINARY[op]} b")
    machine = interpreted(op, 2)
    for a, b in itertools.product(VALUES, VALUES):
        if cheap(op, a, b):
            assert outcome(machine, a, b) == outcome(plain, a, b), (a, b)


@pytest.mark.parametrize("op", [op for op in BINARY if ops.OPS[op].family == "arith"])
def test_in_place_rows_change_lists_in_place(op: str) -> None:
    scope: dict[str, Any] = {}
    exec(f"def plain(a, b):\n    a {BINARY[op]}= b\n    return a", scope)
    machine = interpreted("I" + op, 2)
    assert ops.OPS["I" + op].base == op
    for a, b in ((6, 3), (6.5, 2), ([1], 2), ([1], [2]), (True, False)):
        left, right = list(a) if isinstance(a, list) else a, list(a) if isinstance(a, list) else a
        assert outcome(machine, left, b) == outcome(scope["plain"], right, b)
        assert left == right


@pytest.mark.parametrize("op", [op for op in UNARY if op != "ABS"])
def test_the_machine_computes_unary_rows_as_cpython(op: str) -> None:
    plain = eval(f"lambda a: {UNARY[op]}")
    machine = interpreted(op, 1)
    for a in VALUES:
        # The machine's words for ~1.5 name no operand either: they are CPython's.
        assert outcome(machine, a) == outcome(plain, a), a


def test_rows_that_commute_commute() -> None:
    for row in ops.OPS.values():
        if row.commutative:
            assert row.meaning is not None
            for a, b in itertools.product(INTS, INTS):
                assert row.meaning(a, b) == row.meaning(b, a)


def test_the_table_is_consistent() -> None:
    for name, row in ops.OPS.items():
        assert row.name == name
        assert row.effect in ("", "read", "write", "call")
        assert row.native in ("", "i64", "f64", "i1", "ptr")
        assert not row.base or row.base in ops.OPS
        assert row.meaning is not None or row.family in (
            "structural", "stack", "fused", "register", "generator", "native")
    assert set(ops.OPS) >= ops.TERMINATORS
    with pytest.raises(ValueError, match="ADD stands twice"):
        ops.op("arith")(ops.ADD)


def test_operands_of_rows_of_any_length() -> None:
    assert ops.operands(ops.OPS["ADD"], None) == 2
    assert ops.operands(ops.OPS["CALL"], 3) == 4
    assert ops.operands(ops.OPS["CALL_KEYWORD"], (3, ("start",))) == 4
    assert ops.operands(ops.OPS["BUILD_LIST"], 3) == 3
    assert ops.operands(ops.OPS["POLL"], (2, "more")) == 2


def test_what_an_except_clause_takes() -> None:
    assert ops.matches(KeyError(1), LookupError) and ops.matches(KeyError(1), (ValueError, KeyError))
    assert not ops.matches(KeyError(1), ValueError) and not ops.matches(KeyError(1), ())
    for wrong in (int, 5, (KeyError, int), [KeyError]):
        with pytest.raises(TypeError, match="catching classes that do not inherit"):
            ops.matches(KeyError(1), wrong)


def test_builtins_are_found_by_identity() -> None:
    assert ops.BUILTINS[len].name == "LEN"
    assert ops.BUILTINS[math.sqrt].name == "MATH_SQRT"


# --- native code -----------------------------------------------------------------------------------------------

KINDS: dict[str, tuple[Any, ...]] = {"int": SMALL, "float": FLOATS, "bool": (True, False)}
PAIRS = (("int", "int"), ("float", "float"), ("int", "float"), ("float", "int"), ("bool", "int"), ("bool", "bool"))
WARM = {"int": 3, "float": 1.5, "bool": True}


def native(expression: str, names: str) -> tuple[Any, Callable[..., Any]]:
    """A loop that computes an expression, compiled at its second iteration; and what answers for one pair."""
    lists = ", ".join(f"all_{n}" for n in names)
    heads = "".join(f"        {n} = all_{n}[i]\n" for n in names)
    text = f"def f(n, {lists}):\n    r = None\n    for i in range(n):\n{heads}        r = {expression}\n    return r\n"
    scope: dict[str, Any] = {}
    filename = f"<native {expression} {next(_numbers)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    exec(compile(text, filename, "exec"), scope)
    made = zexus.jit.compile(scope["f"], threshold=2, background=False, record_iterations=3, max_versions=1)

    def one(*operands: Any) -> Any:
        return made(1, *([operand] for operand in operands))

    return made, one


_numbers = itertools.count()


def checked_natively(expression: str, kinds: tuple[str, ...], op: str) -> None:
    names = "ab"[:len(kinds)]
    plain = eval(f"lambda {', '.join(names)}: {expression}")
    warm = [WARM[kind] for kind in kinds]
    if outcome(plain, *warm)[0].endswith("Error"):
        return
    made, one = native(expression, names)
    for _ in range(3):
        made(40, *([w] * 40 for w in warm))
    (region,) = zexus.explain(made).regions
    assert region.native_iterations > 0, region
    for operands in itertools.product(*(KINDS[kind] for kind in kinds)):
        if len(operands) < 2 or cheap(op, *operands):
            assert outcome(one, *operands) == outcome(plain, *operands), operands


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@pytest.mark.parametrize("op", BINARY)
def test_native_binary_rows_compute_as_cpython(op: str, pair: tuple[str, str]) -> None:
    checked_natively(f"a {BINARY[op]} b", pair, op)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("op", UNARY)
def test_native_unary_rows_compute_as_cpython(op: str, kind: str) -> None:
    checked_natively(UNARY[op], (kind,), op)
