"""How Python writes the rows of the register form: expressions by how tightly they bind, and simple statements.

Everything that spells rows as Python, whatever its registers are called, takes them from here.
"""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from zexus import ops
from zexus.bytecode import UNBOUND, Routine, empty_cell, unbound
from zexus.records import dataclass
from zexus.regvm.ir import Instr

# How tightly Python binds.
ATOM, POWER, UNARY, COMPARE, NOT, AND, OR, CHOICE = 20, 15, 14, 6, 5, 4, 3, 2
_LEVELS = {"*": 12, "/": 12, "//": 12, "%": 12, "@": 12, "+": 11, "-": 11, "<<": 10, ">>": 10, "&": 9, "^": 8, "|": 7}
# Constants of which Python does not warn beside `is`.
_SINGLE = frozenset(("None", "True", "False", "..."))

EXHAUSTED = object()  # what an iterator gives that has no more items
# What the text calls by a name of ours; rows with a meaning of their own are among them, as "op_" and their name.
HELPERS: dict[str, Any] = {
    "next": next, "iter": iter, "type": type, "set": set, "slice": slice, "getattr": getattr, "setattr": setattr,
    "BaseException": BaseException, "RecursionError": RecursionError, "ValueError": ValueError, "Routine": Routine,
    "END": EXHAUSTED, "UNBOUND": UNBOUND, "matches": ops.matches, "unpack": ops.unpack, "empty_cell": empty_cell,
    "unbound": unbound, **{f"op_{name}": row.meaning for name, row in ops.OPS.items() if row.meaning is not None},
}


@dataclass(frozen=True)
class Expr:
    """An expression.

    Attributes:
        text: as Python writes it.
        level: how tightly its outermost operator binds.
        reads: the registers in it.
        depth: how deep it is nested.
        kind: what it is, where somebody asks: "name", "constant", "global", "cell", "method", "item", "attribute",
            "truth", "iter", "next", "match", "slice", "display", "drawn", "inplace".
        parts: the operands, for the kinds whose outermost operator may be written in another way.
        name: of a global, a cell or an attribute, or the operator of "inplace".
    """

    text: str
    level: int = ATOM
    reads: frozenset[int] = frozenset()
    depth: int = 0
    kind: str = ""
    parts: tuple[Expr, ...] = ()
    name: str = ""

    def at(self, level: int) -> str:
        """The text as an operand that has to bind at least so tightly."""
        return self.text if self.level >= level else f"({self.text})"

    @property
    def test(self) -> Expr:
        """What to test where only the truth matters."""
        return self.parts[0].test if self.kind == "truth" else self


class Names(Protocol):
    """How a text calls what it refers to."""

    def helper(self, name: str) -> str:
        """One of HELPERS."""

    def named(self, expr: Expr) -> Expr:
        """A constant by name, for places in which Python warns of literals; any other expression as it is."""


def made(text: str, level: int, parts: Sequence[Expr], kind: str = "", name: str = "") -> Expr:
    """An expression of others."""
    reads = frozenset().union(*(p.reads for p in parts))
    return Expr(text, level, reads, 1 + max((p.depth for p in parts), default=0), kind, tuple(parts), name)


def negated(test: Expr) -> Expr:
    """`not test`."""
    return made(f"not {test.at(NOT)}", NOT, [test])


def is_name(text: str) -> bool:
    """Whether Python can write this as a variable or an attribute: it takes names that NFKC makes equal for one."""
    return text.isidentifier() and not keyword.iskeyword(text) \
        and (text.isascii() or unicodedata.normalize("NFKC", text) == text)


def literal(value: Any) -> str:
    """A constant as Python writes it, or "" for what has no literal."""
    if value is None or value is Ellipsis or type(value) in (bool, str, bytes):
        return repr(value)
    if type(value) is int:
        return repr(value) if value.bit_length() < 10_000 else ""
    if type(value) is float:
        return repr(value) if value - value == 0 else ""
    if type(value) is tuple:
        items = [literal(item) for item in value]
        return f"({', '.join(items)}{',' * (len(items) == 1)})" if all(items) else ""
    return ""


def constant(text: str) -> Expr:
    """A constant, out of its literal or its name."""
    return Expr(text, UNARY if text.startswith("-") else ATOM, kind="constant")


def call(function: str, arguments: Sequence[Expr], kind: str = "") -> Expr:
    """A call of what has a name."""
    return made(f"{function}({', '.join(a.text for a in arguments)})", ATOM, arguments, kind)


def owner(expr: Expr) -> str:
    """What an attribute is asked of: a number would swallow the dot."""
    return f"({expr.text})" if expr.text[-1:].isdigit() and expr.kind == "constant" else expr.at(ATOM)


def key(expr: Expr) -> str:
    """What stands in the brackets of a subscription."""
    if expr.kind != "slice":
        return expr.text
    start, stop, step = ("" if p.text == "None" else p.at(CHOICE) for p in expr.parts)
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


# --- rows that are expressions ----------------------------------------------------------------------------------

Form = Callable[[Instr, Sequence[Expr], Names], Expr]
_EXPRESSIONS: dict[str, Form] = {}


def _expression(*rows: str) -> Callable[[Form], Form]:
    def enter(form: Form) -> Form:
        _EXPRESSIONS.update(dict.fromkeys(rows, form))
        return form

    return enter


def expression(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr | None:
    """What an instruction computes of its operands; None where that is no expression, or not only one."""
    form = _EXPRESSIONS.get(instr.op)
    return None if form is None else form(instr, operands, names)


def symbol(row: ops.Op) -> str:
    """The operator of a row of two operands, as Python writes it between them, "=" left out where it works in place."""
    return row.text[2:-3] if row.base else row.text[2:-2]


@_expression(*(row.name for row in ops.OPS.values() if row.family == "arith" and not row.base))
def _binary(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    left, right = operands
    sign = symbol(instr.row)
    if sign == "**":
        return made(f"{left.at(POWER + 1)} ** {right.at(POWER + 1)}", POWER, operands)
    level = _LEVELS[sign]
    return made(f"{left.at(level)} {sign} {right.at(level + 1)}", level, operands)


@_expression(*(row.name for row in ops.OPS.values() if row.family == "compare"))
def _compared(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    if instr.op in ("IS", "IS_NOT"):
        operands = [o if o.text in _SINGLE else names.named(o) for o in operands]
    left, right = operands
    return made(f"{left.at(COMPARE + 1)} {symbol(instr.row)} {right.at(COMPARE + 1)}", COMPARE, operands)


@_expression("NEG", "POS", "INVERT")
def _unary(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    return made(f"{instr.row.text[0]}{operands[0].at(UNARY + 1)}", UNARY, operands)


@_expression("NOT")
def _not(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    return negated(operands[0].test)


@_expression("TRUTH")
def _truth(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    tested = operands[0].test
    return made(f"True if {tested.at(CHOICE + 1)} else False", CHOICE, [tested], "truth")


@_expression(*(row.name for row in ops.OPS.values() if row.family == "builtin"))
def _builtin(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    return call(names.helper("op_" + instr.op), operands)


@_expression("GETITEM")
def _item_of(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    container, at = names.named(operands[0]), operands[1]
    return made(f"{container.at(ATOM)}[{key(at)}]", ATOM, [container, at], "item")


@_expression("GETATTR")
def _attribute(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    if not is_name(instr.imm):
        return made(f"{names.helper('getattr')}({operands[0].text}, {instr.imm!r})", ATOM, operands)
    return made(f"{owner(operands[0])}.{instr.imm}", ATOM, operands, "attribute", instr.imm)


@_expression("BUILD_LIST", "BUILD_TUPLE", "BUILD_SET")
def _display(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    items = ", ".join(item.text for item in operands)
    if instr.op == "BUILD_LIST":
        text = f"[{items}]"
    elif instr.op == "BUILD_TUPLE":
        text = f"({items}{',' * (len(operands) == 1)})"
    elif operands and any(item.reads for item in operands):
        text = f"{{{items}}}"
    else:
        # CPython would make a frozenset of constants and copy that, whose order may be another one.
        text = f"{{*({items}{',' * (len(operands) == 1)})}}"
    return made(text, ATOM, operands, "display")


@_expression("BUILD_DICT")
def _dict(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    pairs = ", ".join(f"{at.text}: {value.text}" for at, value in zip(operands[::2], operands[1::2], strict=True))
    return made(f"{{{pairs}}}", ATOM, operands, "display")


@_expression("BUILD_SLICE")
def _slice(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    return call(names.helper("slice"), operands, "slice")


@_expression("UNPACK")
def _unpacked(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    return made(f"{names.helper('unpack')}({operands[0].text}, {instr.imm})", ATOM, operands)


@_expression("ITEM")
def _item(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    return made(f"{operands[0].at(ATOM)}[{instr.imm}]", ATOM, operands)


@_expression("ITER")
def _iter(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    return call(names.helper("iter"), operands, "iter")


@_expression("MATCH")
def _match(instr: Instr, operands: Sequence[Expr], names: Names) -> Expr:
    return call(names.helper("matches"), operands, "match")


# --- rows that are statements -----------------------------------------------------------------------------------

_STATEMENTS: dict[str, Callable[[Instr, Sequence[Expr], Names], str]] = {
    "SETITEM": lambda instr, operands, names:
        f"{names.named(operands[0]).at(ATOM)}[{key(operands[1])}] = {operands[2].text}",
    "SET_ADD": lambda instr, operands, names: f"{names.named(operands[0]).at(ATOM)}.add({operands[1].text})",
    "DICT_SET": lambda instr, operands, names:
        f"{names.named(operands[0]).at(ATOM)}[{operands[1].text}] = {operands[2].text}",
    "DELITEM": lambda instr, operands, names: f"del {names.named(operands[0]).at(ATOM)}[{key(operands[1])}]",
    "SETATTR": lambda instr, operands, names: (
        f"{owner(operands[0])}.{instr.imm} = {operands[1].text}" if is_name(instr.imm) else
        f"{names.helper('setattr')}({operands[0].text}, {instr.imm!r}, {operands[1].text})"),
    "LIST_ADD": lambda instr, operands, names: f"{names.named(operands[0]).at(ATOM)}.append({operands[1].text})",
    **dict.fromkeys(("RAISE", "RERAISE"), lambda instr, operands, names: f"raise {operands[0].text}"),
}


def statement(instr: Instr, operands: Sequence[Expr], names: Names) -> str | None:
    """What an instruction without a result does with its operands; None where that is not one statement for all."""
    form = _STATEMENTS.get(instr.op)
    return None if form is None else form(instr, operands, names)


def bound_check(value: Expr, name: str, is_module: bool, names: Names) -> str:
    """What CHECK_BOUND does."""
    unbound = f"{names.helper('unbound')}({name!r}, {is_module})"
    return f"if {value.text} is {names.helper('UNBOUND')}: raise {unbound}"


def meter(budget: str, instructions: int) -> tuple[str, str]:
    """What METER does: the statement that counts, and the one that looks at the limits and may raise."""
    return f"{budget}.left -= {instructions}", f"if {budget}.left < 0: {budget}.look({instructions})"


def load_global(namespace: dict[str, Any], name: str) -> Any:
    """What LOAD_GLOBAL does where Python cannot write the name."""
    if name in namespace:
        return namespace[name]
    try:
        return getattr(builtins, name)
    except AttributeError:
        raise NameError(f"name {name!r} is not defined", name=name) from None


WRITTEN: frozenset[str] = frozenset((*_EXPRESSIONS, *_STATEMENTS))

