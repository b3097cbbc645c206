"""Constant folding in typed functions: rows run on constants, identities of integers, branches that are decided."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from zexus import types
from zexus.regvm import cfg, identities
from zexus.regvm.ir import Block, Function, Instr, Value

_ROWS = frozenset(("arith", "compare", "unary"))
_LARGEST_SHIFT = 64
_EXACT = 2**53
_ROUNDINGS: dict[str, Callable[[float], int]] = {"floor": math.floor, "ceil": math.ceil, "round": round, "trunc": int}


def fold(fn: Function) -> bool:
    """Compute what is known, use integers' identities, and drop the blocks that decided branches never enter."""
    makers: dict[Value, Instr] = {i.dest: i for i in fn.instructions() if i.dest is not None}
    replaced: dict[Value, Value] = {}
    changed = decided = False
    for block in cfg.reverse_postorder(fn):
        kept = []
        for instr in block.instrs:
            instr.args = [_first(replaced, v) for v in instr.args]
            if instr.op == "BRANCH":
                decided = _decide(block, instr, makers) or decided
            elif instr.op == "GUARD" and _constant(makers, instr.args[0]) is True:
                changed = True
                continue
            elif instr.dest is not None and instr.op != "K":
                known = _result(makers, instr)
                if known is not None:
                    instr.op, instr.args, instr.imm, instr.exit = "K", [], known, None
                    instr.facts = frozenset()
                    changed = True
                else:
                    same = _same(makers, instr)
                    if same is not None:
                        replaced[instr.dest] = same
                        changed = True
                        continue
            kept.append(instr)
        block.instrs = kept
    if replaced:
        fn.substitute(replaced)
    if decided:
        cfg.drop_unreachable(fn)
    return changed or decided


def _first(replaced: dict[Value, Value], value: Value) -> Value:
    while value in replaced:
        value = replaced[value]
    return value


def _constant(makers: dict[Value, Instr], value: Value) -> Any:
    maker = makers.get(value)
    return maker.imm if maker is not None and maker.op == "K" else None


def _result(makers: dict[Value, Instr], instr: Instr) -> Any:
    """The constant that an instruction computes, or None."""
    known = [_constant(makers, v) for v in instr.args]
    if not known or any(k is None for k in known):
        return None
    assert instr.dest is not None
    if instr.row.family in _ROWS:
        if instr.op in ("POW", "LSHIFT") and not abs(known[1]) <= _LARGEST_SHIFT:
            return None
        assert instr.row.meaning is not None
        try:
            made = instr.row.meaning(*known)
        except (ArithmeticError, ValueError):
            return None
        return made if _fits(made, instr.dest.type) else None
    made = _converted(instr, known[0])
    return made if _fits(made, instr.dest.type) else None


def _converted(instr: Instr, x: Any) -> Any:
    """A conversion of a constant, where it does not leave."""
    if instr.op == "INT_TO_FLOAT":
        return float(x if instr.imm is None else x & types.WORD_MAX)
    if instr.op == "EXACT_FLOAT":
        return float(x) if abs(x) <= _EXACT else None
    if instr.op == "BOOL_TO_INT":
        return int(x)
    if instr.op == "ABS":
        return abs(x)
    if instr.op == "WRAP":
        low, high = types.INT_DTYPES[instr.imm]
        return x if low <= x <= high else None
    if instr.op == "FLOAT_TO_INT" and math.isfinite(x):
        return _ROUNDINGS[instr.imm or "trunc"](x)
    return None


def _fits(value: Any, payload: str) -> bool:
    if payload == "i64":
        return type(value) is int and types.INT64_MIN <= value <= types.INT64_MAX
    if payload == "f64":
        return type(value) is float and not math.isnan(value)  # the sign of a computed NaN is the machine's
    return payload == "i1" and type(value) is bool


def _same(makers: dict[Value, Instr], instr: Instr) -> Value | None:
    """The operand that an instruction's result equals, or None."""
    assert instr.dest is not None
    args, op = instr.args, instr.op
    if op == "SELECT":
        test = _constant(makers, args[0])
        if args[1] is args[2]:
            return args[1]
        return None if test is None else args[1] if test else args[2]
    if op in ("UNBOX_INT", "UNBOX_BOOL", "UNBOX_FLOAT", "NOT"):
        inner = makers.get(args[0])
        inverse = "NOT" if op == "NOT" else op.replace("UNBOX", "BOX")
        alike = inner is not None and inner.op == inverse and inner.imm == instr.imm
        return inner.args[0] if inner is not None and alike else None
    if op == "NE" and args[0].type == "i64" and _constant(makers, args[1]) == 0:
        inner = makers.get(args[0])
        return inner.args[0] if inner is not None and inner.op == "BOOL_TO_INT" else None
    if instr.dest.type == "f64" or len(args) != 2 or args[0].type == "f64":
        return None
    identity = identities.of_truth_values if args[0].type == "i1" else identities.of_integers
    return identity(op, *args, *[_constant(makers, v) for v in args])


def _decide(block: Block, instr: Instr, makers: dict[Value, Instr]) -> bool:
    """Make a jump of a branch on a constant."""
    test = _constant(makers, instr.args[0])
    if test is None:
        return False
    taken, other = instr.targets if test else reversed(instr.targets)
    if other is not taken:
        for phi in other.phis:
            phi.incoming.pop(block, None)
    instr.op, instr.args, instr.targets = "JUMP", [], [taken]
    return True
