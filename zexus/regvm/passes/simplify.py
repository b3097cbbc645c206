"""Simplification of generic SSA by the kinds of operands: needless checks go, operators become cheaper ones.

Every rule names the exact types for which it holds; on anything else an operator may be the user's own.
"""

from __future__ import annotations

import math
from typing import Any

from zexus.regvm import identities, kinds
from zexus.regvm.facts import Facts, Pool
from zexus.regvm.ir import Function, Instr, Phi, Value
from zexus.regvm.kinds import BOOL, INT, Kinds

FLOAT: Kinds = frozenset((float,))
_INTEGRAL: Kinds = frozenset((int, bool))
_REAL: Kinds = frozenset((int, bool, float))
_EXACT = 2**53
_OF_FLOATS = frozenset(("ADD", "SUB", "MUL", "TRUEDIV", "FLOORDIV", "MOD", "LT", "LE", "EQ", "NE", "GT", "GE"))
_OPPOSITES = {"EQ": "NE", "NE": "EQ", "IS": "IS_NOT", "IS_NOT": "IS", "IN": "NOT_IN", "NOT_IN": "IN"}
_ORDERED = {"LT": "GE", "GE": "LT", "GT": "LE", "LE": "GT"}
_CONVERSIONS: dict[str, Kinds] = {"TO_INT": INT, "TO_FLOAT": FLOAT, "TO_BOOL": BOOL, "TRUTH": BOOL, "POS": INT | FLOAT}


def simplify(fn: Function) -> bool:
    """Replace values by equal ones that are there already, and instructions by cheaper ones."""
    rules = _Rules(fn)
    replaced: dict[Value, Value] = {}
    changed = False
    for block in fn.blocks:
        kept: list[Instr] = []
        for instr in block.instrs:
            instr.args = [_first(replaced, a) for a in instr.args]
            same = rules.same(instr) if instr.dest is not None else None
            if same is not None and instr.dest is not None:
                replaced[instr.dest] = same
                changed = True
                continue
            changed = rules.reduce(instr, kept) or changed
            kept.append(instr)
        block.instrs = kept
    fn.substitute(replaced)
    return changed


def _first(replaced: dict[Value, Value], value: Value) -> Value:
    while value in replaced:
        value = replaced[value]
    return value


class _Rules:
    def __init__(self, fn: Function) -> None:
        self.fn = fn
        self.facts = Facts(fn)
        self.pool = Pool(fn)

    def maker(self, value: Value, op: str) -> Instr | None:
        """The instruction that makes a value, if it is of this row."""
        found = self.facts.makers.get(value)
        return found if isinstance(found, Instr) and found.op == op else None

    def number(self, value: Value) -> Any:
        known = self.facts.constant(value)
        return known.value if known is not None and type(known.value) in (bool, int, float) else None

    # --- values that are there already ------------------------------------------------------------------

    def same(self, instr: Instr) -> Value | None:
        """The value that an instruction's result equals, when making it does nothing else."""
        op, args = instr.op, instr.args
        if not args:
            return None
        known = self.facts.kinds(args[0])
        if op in _CONVERSIONS:
            return args[0] if known <= _CONVERSIONS[op] else None
        if op == "CHECK_BOUND":
            return args[0] if kinds.Unbound not in known else None
        if op == "NOT":
            inner = self.maker(args[0], "NOT")
            return inner.args[0] if inner is not None and self.facts.kinds(inner.args[0]) == BOOL else None
        if op == "UNPACK":
            built = self.maker(args[0], "BUILD_TUPLE")
            return args[0] if built is not None and built.imm == instr.imm else None
        if op == "ITEM":
            built = self.maker(args[0], "BUILD_TUPLE")
            return built.args[instr.imm] if built is not None else None
        return self._operand(op, args, known) if len(args) == 2 else None

    def _operand(self, op: str, args: list[Value], known: Kinds) -> Value | None:
        other = self.facts.kinds(args[1])
        a, b = (self.number(v) for v in args)
        if known == other == INT:
            return identities.of_integers(op, args[0], args[1], a, b)
        if known == other == BOOL:
            return identities.of_truth_values(op, args[0], args[1], a, b)
        if known == FLOAT and other <= _INTEGRAL | FLOAT and b == 1 and op in ("MUL", "TRUEDIV"):
            return args[0]
        return args[1] if other == FLOAT and known <= _INTEGRAL | FLOAT and a == 1 and op == "MUL" else None

    # --- cheaper instructions ---------------------------------------------------------------------------

    def reduce(self, instr: Instr, before: list[Instr]) -> bool:
        """Make an instruction a cheaper one; constants that it needs are put before it."""
        if instr.op == "BRANCH":
            return self._branch(instr)
        if instr.op == "NOT":
            return self._negate(instr)
        if instr.row.base and self._same_in_place(instr):
            instr.op = instr.row.base
            return True
        return len(instr.args) == 2 and (self._integers(instr, before) or self._floats(instr, before))

    def _same_in_place(self, instr: Instr) -> bool:
        """Whether an in-place operator is the plain one; a TypeError would name the operator that was written."""
        known = [self.facts.kinds(a) for a in instr.args]
        if all(k <= _INTEGRAL for k in known):
            return instr.op != "IMATMUL"
        if all(k <= _REAL for k in known):
            return instr.row.base in _OF_FLOATS or instr.row.base == "POW"
        return all(k <= frozenset(kinds.PLAIN) for k in known) and not self.facts.effects(instr).raises

    def _branch(self, instr: Instr) -> bool:
        inner = self.maker(instr.args[0], "NOT") or self.maker(instr.args[0], "TRUTH")
        if inner is None or self.facts.kinds(inner.args[0]) != BOOL:
            return False
        instr.args = list(inner.args)
        if inner.op == "NOT":
            instr.targets = instr.targets[::-1]
        return True

    def _negate(self, instr: Instr) -> bool:
        """A comparison turned round; doing it again must not be noticed, and with NaN order cannot be turned."""
        inner = self.facts.makers.get(instr.args[0])
        if inner is None or isinstance(inner, Phi) or not self._pure(inner):
            return False
        opposite = _OPPOSITES.get(inner.op)
        if inner.op in _ORDERED and all(self.facts.kinds(a) <= _INTEGRAL for a in inner.args):
            opposite = _ORDERED[inner.op]
        if opposite is None:
            return False
        instr.op, instr.args = opposite, list(inner.args)
        return True

    def _pure(self, instr: Instr) -> bool:
        effects = self.facts.effects(instr)
        return effects.removable and effects.repeatable

    def _integers(self, instr: Instr, before: list[Instr]) -> bool:
        """x ** 2, and division by powers of two, which rounds down as shifts and masks do."""
        x, y = instr.args
        by = self.number(y)
        if self.facts.kinds(x) != INT or type(by) is not int or by < 2:
            return False
        if instr.op == "POW" and by == 2:
            instr.op, instr.args = "MUL", [x, x]
            return True
        if instr.op not in ("FLOORDIV", "MOD") or by & (by - 1):
            return False
        instr.args = [x, self._constant(by.bit_length() - 1 if instr.op == "FLOORDIV" else by - 1, instr, before)]
        instr.op = "RSHIFT" if instr.op == "FLOORDIV" else "AND"
        return True

    def _floats(self, instr: Instr, before: list[Instr]) -> bool:
        """An integer beside a float is made one beforehand; division by a power of two is a product."""
        if instr.op not in _OF_FLOATS or FLOAT not in (self.facts.kinds(a) for a in instr.args):
            return False
        for position, value in enumerate(instr.args):
            number = self.number(value)
            if type(number) is int and abs(number) <= _EXACT:
                instr.args[position] = self._constant(float(number), instr, before)
                return True
        by = self.number(instr.args[1])
        if instr.op != "TRUEDIV" or self.facts.kinds(instr.args[0]) != FLOAT or not by or not math.isfinite(by):
            return False
        if math.frexp(by)[0] not in (0.5, -0.5) or not math.isfinite(1 / by):
            return False
        instr.op, instr.args = "MUL", [instr.args[0], self._constant(1 / by, instr, before)]
        return True

    def _constant(self, value: Any, instr: Instr, before: list[Instr]) -> Value:
        made = Instr("CONST", [], self.fn.value(), self.pool.index(kinds.constant(value)),
                     context=instr.context)
        before.append(made)
        assert made.dest is not None
        return made.dest
