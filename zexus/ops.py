"""The instruction set: one row per opcode, from which every executor, pass and printer takes what it needs."""

from __future__ import annotations

import builtins
import cmath
import math
import operator
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from zexus.native import NOTHING, Facts, rows
from zexus.records import dataclass


@dataclass(frozen=True)
class Op:
    """One opcode.

    Attributes:
        name: as it stands in the text form.
        family: "arith", "compare", "unary", "object", "builtin", "structural" (both forms), "stack", "fused" or
            "register" (one form only) or "native".
        arity: number of value operands; -1 when the immediate says how many.
        result: whether it makes a value.
        meaning: the operands' meaning in Python; None for structural and native rows.
        text: the meaning as Python writes it, of `a`, `b` and `c`; a statement where there is no result, and for
            in-place operators. Rows whose meaning is a builtin function have none.
        base: for in-place operators, the plain operator that has the same meaning on immutable operands.
        effect: "" (pure), "read", "write" or "call": what it does to memory that others see.
        implements: the builtin function that a call of this row stands for.
        native: for native rows the payload of the result: "i64", "f64", "i1", "ptr" or "" (like the operands).
        facts: what the table of native rows says; of other rows nothing.
        argument: the kinds of what an instruction of the stack form carries, one word for each part: "const", "local",
            "cell", "block" (indices), "label", "labels" (instructions), "name", "names", "function", "count", "status"
            or "operator" (the row that stands for BINARY in a fused one).
        parts: for fused rows the rows that it stands for, one behind the other.
    """

    name: str
    family: str
    arity: int
    result: bool = True
    meaning: Callable[..., Any] | None = None
    text: str = ""
    base: str = ""
    effect: str = ""
    implements: Any = None
    commutative: bool = False
    native: str = ""
    facts: Facts = NOTHING
    argument: str = ""
    parts: tuple[str, ...] = ()


OPS: dict[str, Op] = {}


def _add(row: Op) -> None:
    if row.name in OPS:
        raise ValueError(f"opcode {row.name} stands twice in the table")
    OPS[row.name] = row


def op(family: str, **facts: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a row of a function: its parameters are the operands, its body is the meaning."""

    def make(meaning: Callable[..., Any]) -> Callable[..., Any]:
        _add(Op(meaning.__name__, family, meaning.__code__.co_argcount, meaning=meaning, **facts))
        return meaning

    return make


# --- arithmetic -----------------------------------------------------------------------------------


@op("arith", commutative=True)
def ADD(a: Any, b: Any) -> Any:
    return a + b


@op("arith")
def SUB(a: Any, b: Any) -> Any:
    return a - b


@op("arith", commutative=True)
def MUL(a: Any, b: Any) -> Any:
    return a * b


@op("arith")
def TRUEDIV(a: Any, b: Any) -> Any:
    return a / b


@op("arith")
def FLOORDIV(a: Any, b: Any) -> Any:
    return a // b


@op("arith")
def MOD(a: Any, b: Any) -> Any:
    return a % b


@op("arith")
def POW(a: Any, b: Any) -> Any:
    return a**b


@op("arith")
def LSHIFT(a: Any, b: Any) -> Any:
    return a << b


@op("arith")
def RSHIFT(a: Any, b: Any) -> Any:
    return a >> b


@op("arith", commutative=True)
def AND(a: Any, b: Any) -> Any:
    return a & b


@op("arith", commutative=True)
def OR(a: Any, b: Any) -> Any:
    return a | b


@op("arith", commutative=True)
def XOR(a: Any, b: Any) -> Any:
    return a ^ b


@op("arith")
def MATMUL(a: Any, b: Any) -> Any:
    return a @ b


def _written(row: str, family: str, expression: str, **facts: Any) -> None:
    """Make a row whose meaning is an expression of `a` and `b`."""
    names = "a, b" if family != "unary" else "a"
    meaning = eval(f"lambda {names}: {expression}")
    _add(Op(row, family, names.count(",") + 1, meaning=meaning, text=expression, **facts))


def _inplace(symbol: str) -> Callable[[Any, Any], Any]:
    scope: dict[str, Any] = {}
    exec(f"def meaning(a, b): a {symbol}= b; return a", scope)
    made: Callable[[Any, Any], Any] = scope["meaning"]
    return made


for _name, _symbol in (
    ("ADD", "+"), ("SUB", "-"), ("MUL", "*"), ("TRUEDIV", "/"), ("FLOORDIV", "//"), ("MOD", "%"), ("POW", "**"),
    ("LSHIFT", "<<"), ("RSHIFT", ">>"), ("AND", "&"), ("OR", "|"), ("XOR", "^"), ("MATMUL", "@"),
):
    OPS[_name] = replace(OPS[_name], text=f"a {_symbol} b")
    _add(Op("I" + _name, "arith", 2, meaning=_inplace(_symbol), text=f"a {_symbol}= b", base=_name))

for _name, _text in (("NEG", "-a"), ("POS", "+a"), ("INVERT", "~a"), ("NOT", "not a"),
                     ("TRUTH", "True if a else False")):
    _written(_name, "unary", _text)

for _name, _text in (("LT", "a < b"), ("LE", "a <= b"), ("EQ", "a == b"), ("NE", "a != b"), ("GT", "a > b"),
                     ("GE", "a >= b"), ("IS", "a is b"), ("IS_NOT", "a is not b")):
    _written(_name, "compare", _text)


COMPARISONS = frozenset(("LT", "LE", "EQ", "NE", "GT", "GE"))


@op("compare", text="a in b")
def IN(a: Any, b: Any) -> Any:
    return a in b


@op("compare", text="a not in b")
def NOT_IN(a: Any, b: Any) -> Any:
    return a not in b


# --- objects --------------------------------------------------------------------------------------

@op("object", effect="read", text="a[b]")
def GETITEM(a: Any, b: Any) -> Any:
    return a[b]


@op("object", result=False, effect="write", text="a[b] = c")
def SETITEM(a: Any, b: Any, c: Any) -> None:
    a[b] = c


# What comprehensions do with their items: hashing and comparing them may run other code.
@op("object", result=False, effect="call", text="a.add(b)")
def SET_ADD(a: Any, b: Any) -> None:
    a.add(b)


@op("object", result=False, effect="call", text="a[b] = c")
def DICT_SET(a: Any, b: Any, c: Any) -> None:
    a[b] = c


@op("object", result=False, effect="write", text="del a[b]")
def DELITEM(a: Any, b: Any) -> None:
    del a[b]


# --- structural: each executor names them; the immediate is given in brackets ----------------------

_STRUCTURAL: tuple[tuple[str, int, bool, str, str], ...] = (
    ("LOAD_GLOBAL", 0, True, "read", "name"),
    ("STORE_GLOBAL", 1, False, "write", "name"),
    ("LOAD_CELL", 0, True, "read", "cell"),    # [index into the captured cells and the own ones]
    ("STORE_CELL", 1, False, "write", "cell"),
    ("MAKE_FUNCTION", 0, True, "call", "function"),  # [name of a function of the module]: its cells are found by name
    ("CHECK_BOUND", 1, True, "", "name"),      # [name of the local]: raises UnboundLocalError
    ("GETATTR", 1, True, "call", "name"),
    ("SETATTR", 2, False, "call", "name"),     # the object, then the value
    ("BUILD_LIST", -1, True, "call", "count"),  # [length]
    ("BUILD_TUPLE", -1, True, "", "count"),    # [length]
    ("BUILD_SET", -1, True, "call", "count"),  # [number of items]
    ("BUILD_DICT", -1, True, "call", "count"),  # [number of pairs]: key, value, key, value, ...
    ("BUILD_SLICE", 3, True, "", ""),          # start, stop, step
    ("UNPACK", 1, True, "", "count"),          # [length]: an exact tuple of that length, or the error
    ("CALL", -1, True, "call", "count"),       # [number of positional arguments]
    ("CALL_KEYWORD", -1, True, "call", "count names"),  # [number of arguments, the names of the last ones]
    ("LIST_ADD", 2, False, "write", ""),       # append to the list that a comprehension is building
    ("ITER", 1, True, "call", ""),             # a cursor over an iterable
    ("MATCH", 2, True, "", ""),                # whether `except b` takes the exception a
    ("PYBLOCK", -1, True, "call", "block"),    # [number of the outlined statement]
    ("METER", 0, False, "write", "count"),     # [count]: so many instructions of the program are about to run
    ("TALLY", 0, False, "write", "count"),     # [number of the counter]: control passes here
    ("JUMP", 0, False, "", "label"),
    ("SWITCH", 1, False, "", "labels"),        # to the target that the signal of a PYBLOCK names
    ("RETURN", 1, False, "", ""),
    ("LEAVE", 0, False, "", "status"),         # [status]: leave the region
    ("RAISE", 1, False, "", ""),
    ("RERAISE", 1, False, "", ""),             # an exception that goes on: no new entry in its traceback
)
for _name, _arity, _result, _effect, _argument in _STRUCTURAL:
    _add(Op(_name, "structural", _arity, _result, effect=_effect, argument=_argument))

# --- register form only --------------------------------------------------------------------------------

for _name, _arity, _result, _effect in (
    ("CONST", 0, True, ""),         # [index of the constant]
    ("UNBOUND", 0, True, ""),       # the value of a local that has none
    ("MOVE", 1, True, ""),
    ("PHI", -1, True, ""),
    ("ITEM", 1, True, ""),          # [index]: an item of an UNPACK result
    ("HAS_NEXT", 1, True, "read"),
    ("VALUE", 1, True, "read"),     # the cursor's current value
    ("ADVANCE", 1, True, ""),       # the cursor behind it
    ("CAUGHT", 0, True, "read"),    # the exception, at the beginning of its handler
    ("SPILL", 1, True, ""),         # into a slot
    ("RELOAD", 1, True, ""),        # out of a slot
    ("BRANCH", 1, False, ""),       # to the first target when the bool is true
):
    _add(Op(_name, "register", _arity, _result, effect=_effect))
# --- generators, where the loops that draw from them are traced ------------------------------------------------

for _name, _arity, _result, _effect in (
    ("YIELD", 1, False, "call"),    # hand out a value and stop
    ("RESUME", 1, True, ""),        # [number, Code]: a part of the generator that a cursor draws from, which goes on
    ("SUSPEND", -1, True, ""),      # [number of parts, Code]: the cursor over a generator that has stopped
    ("CLOSE", 1, True, "call"),     # [where it returns]: that a generator, which has run to its end, has no more values
):
    _add(Op(_name, "generator", _arity, _result, effect=_effect))
# Rows behind which control does not go on at the next instruction.
ENDS = frozenset(("JUMP", "SWITCH", "RETURN", "LEAVE", "RAISE", "RERAISE", "YIELD"))
TERMINATORS = ENDS | {"BRANCH", "EXIT", "TICK", "RET"}
COPIES = frozenset(("MOVE", "SPILL", "RELOAD"))
# Rows that raise nothing that a program can handle, whatever objects their operands are.
QUIET = COPIES | {
    "CONST", "UNBOUND", "PHI", "CAUGHT", "ITEM", "ADVANCE", "STORE_GLOBAL", "STORE_CELL", "MAKE_FUNCTION", "BUILD_LIST",
    "BUILD_TUPLE", "BUILD_SLICE", "IS", "IS_NOT", "METER", "TALLY", "JUMP", "SWITCH", "RETURN", "LEAVE"}

# --- stack form only ---------------------------------------------------------------------------------

for _name, _arity, _result, _argument in (
    ("LOAD_CONST", 0, True, "const"), ("LOAD_LOCAL", 0, True, "local"), ("STORE_LOCAL", 1, False, "local"),
    ("POP", 1, False, ""), ("COPY", 0, True, "count"), ("SWAP", 0, False, "count"), ("FOR_ITER", 0, True, "label"),
    ("STORE_ITEM", 3, False, ""),   # the value, then the object, then the key
    ("JUMP_IF_FALSE", 1, False, "label"), ("JUMP_IF_TRUE", 1, False, "label"), ("NOP", 0, False, ""),
):
    _add(Op(_name, "stack", _arity, _result, argument=_argument))

# --- fused rows: several instructions of the stack form as one --------------------------------------------

# A part BINARY is any row of two operands that has a meaning and makes a value; the instruction names it. An
# instruction carries what its parts carry, in their order. `bytecode.split` gives the parts back; an executor
# without a form of its own for a fused row runs those.
BINARY = "BINARY"
_FUSED = """
    LOAD_LOCAL LOAD_LOCAL
    LOAD_LOCAL LOAD_LOCAL BINARY
    LOAD_LOCAL LOAD_LOCAL BINARY STORE_LOCAL
    LOAD_LOCAL LOAD_LOCAL BINARY TRUTH JUMP_IF_FALSE
    LOAD_LOCAL LOAD_CONST
    LOAD_LOCAL LOAD_CONST BINARY
    LOAD_LOCAL LOAD_CONST BINARY STORE_LOCAL
    LOAD_LOCAL LOAD_CONST BINARY TRUTH JUMP_IF_FALSE
    LOAD_LOCAL BINARY
    LOAD_LOCAL BINARY STORE_LOCAL
    LOAD_LOCAL GETATTR
    LOAD_LOCAL RETURN
    LOAD_CONST BINARY
    LOAD_CONST BINARY TRUTH JUMP_IF_FALSE
    LOAD_CONST RETURN
    LOAD_GLOBAL LOAD_LOCAL
    STORE_LOCAL LOAD_LOCAL
    STORE_LOCAL STORE_LOCAL
    FOR_ITER STORE_LOCAL
    BINARY STORE_LOCAL
    BINARY TRUTH JUMP_IF_FALSE
    BINARY TRUTH JUMP_IF_TRUE
    TRUTH JUMP_IF_FALSE
    TRUTH JUMP_IF_TRUE
"""
for _line in _FUSED.split("\n")[1:-1]:
    _parts = tuple(_line.split())
    _words = ("operator" if part == BINARY else OPS[part].argument for part in _parts)
    _add(Op("__".join(_parts), "fused", 0, False, argument=" ".join(filter(None, _words)), parts=_parts))


def is_operator(name: object) -> bool:
    """Whether a row can stand for BINARY in a fused one."""
    row = OPS.get(name) if isinstance(name, str) else None
    return row is not None and row.meaning is not None and row.arity == 2 and row.result


def matches(error: BaseException, wanted: Any) -> bool:
    """Whether `except wanted` takes an exception: what MATCH means.

    Raises:
        TypeError: `wanted` is neither a class of exceptions nor a tuple of them.
    """
    if type(wanted) is type and issubclass(wanted, BaseException):
        return wanted in type(error).__mro__
    classes = wanted if isinstance(wanted, tuple) else (wanted,)
    if not all(isinstance(c, type) and issubclass(c, BaseException) for c in classes):
        raise TypeError("catching classes that do not inherit from BaseException is not allowed")
    return not set(classes).isdisjoint(type(error).__mro__)


def unpack(value: Any, count: int) -> tuple[Any, ...]:
    """The items of an iterable that must have exactly `count` of them, with CPython's errors."""
    if type(value) is tuple and len(value) == count:
        return value
    # The statement of the assignment itself raises the right error with the right words.
    names = ", ".join(f"a{i}" for i in range(count)) + ("," if count == 1 else "")
    unpacker = _UNPACKERS.get(count)
    if unpacker is None:
        target = names if count else "[]"
        scope: dict[str, Any] = {}
        body = f"def unpack(value):\n    {target} = value\n    return ({names})\n"
        exec(compile(body, __file__, "exec"), scope)
        unpacker = _UNPACKERS[count] = scope["unpack"]
    return unpacker(value)


_UNPACKERS: dict[int, Callable[[Any], tuple[Any, ...]]] = {}


@dataclass(frozen=True)
class Spread:
    """What `a, *rest, b = value` takes apart: a tuple of so many items, the list of the rest, and those behind it."""

    before: int
    after: int

    def __call__(self, value: Any) -> tuple[Any, ...]:
        made: tuple[Any, ...] = _spreader(self.before, self.after)(value)
        return made


@cache
def _spreader(before: int, after: int) -> Callable[[Any], tuple[Any, ...]]:
    names = [f"a{i}" for i in range(before + after)]
    targets = ", ".join((*names[:before], "*rest", *names[before:])) + ","
    scope: dict[str, Any] = {}
    body = f"def spread(value):\n    {targets} = value\n    return ({targets.replace('*', '')})\n"
    exec(compile(body, __file__, "exec"), scope)
    made: Callable[[Any], tuple[Any, ...]] = scope["spread"]
    return made


# --- builtin functions that are rows --------------------------------------------------------------------

for _name, _function, _arity in (
    ("LEN", builtins.len, 1), ("ABS", builtins.abs, 1), ("MIN", builtins.min, 2), ("MAX", builtins.max, 2),
    ("TO_INT", builtins.int, 1), ("TO_FLOAT", builtins.float, 1), ("TO_BOOL", builtins.bool, 1),
    ("TO_INDEX", operator.index, 1), ("DIVMOD", builtins.divmod, 2), ("ROUND", builtins.round, 1),
    ("POW_CALL", builtins.pow, 2),
):
    _add(Op(_name, "builtin", _arity, meaning=_function, implements=_function,
            effect="read" if _name == "LEN" else "", base="POW" if _name == "POW_CALL" else ""))

# math functions that are one libm call, which CPython makes as well. "domain" says where CPython raises.
MATH_UNARY: dict[str, str] = {
    "sin": "finite", "cos": "finite", "tan": "finite", "asin": "unit", "acos": "unit", "atan": "", "sinh": "overflow",
    "cosh": "overflow", "tanh": "", "asinh": "", "acosh": "one_up", "atanh": "open_unit", "exp": "overflow",
    "expm1": "overflow", "sqrt": "not_negative", "log": "positive", "log2": "positive", "log10": "positive",
    "log1p": "above_minus_one", "fabs": "", "erf": "", "erfc": "", "cbrt": "", "exp2": "overflow",
}
MATH_BINARY: dict[str, str] = {"atan2": "", "fmod": "fmod", "copysign": "", "pow": "pow"}
MATH_INT: tuple[str, ...] = ("floor", "ceil", "trunc")
MATH_TEST: tuple[str, ...] = ("isnan", "isinf", "isfinite")
for _name in (*MATH_UNARY, *MATH_INT, *MATH_TEST):
    _add(Op("MATH_" + _name.upper(), "builtin", 1, meaning=getattr(math, _name), implements=getattr(math, _name)))
for _name in MATH_BINARY:
    _add(Op("MATH_" + _name.upper(), "builtin", 2, meaning=getattr(math, _name), implements=getattr(math, _name)))

# cmath functions whose algorithm is written with rows of math functions.
CMATH: dict[str, int] = {
    "exp": 1, "sqrt": 1, "log": 1, "sin": 1, "cos": 1, "sinh": 1, "cosh": 1, "phase": 1, "polar": 1, "rect": 2,
    "isnan": 1, "isinf": 1, "isfinite": 1,
}
for _name, _arity in CMATH.items():
    _function = getattr(cmath, _name)
    _add(Op("CMATH_" + _name.upper(), "builtin", _arity, meaning=_function, implements=_function))

BUILTINS: dict[Any, Op] = {row.implements: row for row in OPS.values() if row.implements is not None}


# --- native rows ----------------------------------------------------------------------------------------------

for _name, _facts in rows().items():
    _add(Op(_name, "native", _facts.arity, _facts.result != "", native=_facts.result.replace("=", ""),
            effect=_facts.effect, facts=_facts))


def changes_lengths(row: Op) -> bool:
    """Whether a list may have another length behind an instruction of this native row."""
    return "length" in row.facts.writes


def operands(row: Op, immediate: Any) -> int:
    """How many operands an instruction of this row has."""
    if row.arity >= 0:
        return row.arity
    if row.name == "CALL":
        return int(immediate) + 1
    if row.name == "EXPECT":
        return len(getattr(immediate, "kinds", " "))
    if row.name == "CALL_KEYWORD":
        return int(immediate[0]) + 1
    if row.name == "BUILD_DICT":
        return 2 * int(immediate)
    return int(immediate[0]) if isinstance(immediate, tuple) else int(immediate)
