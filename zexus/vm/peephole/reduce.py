"""Window rules that replace arithmetic by less of it, where the type of the operand is known for certain."""

from __future__ import annotations

import math
from typing import Any

from zexus import ops
from zexus.bytecode import Instruction
from zexus.vm.peephole.facts import MADE
from zexus.vm.peephole.rules import OptimizationLevel, Work, rule, window

MODERATE = OptimizationLevel.MODERATE

# Right operands that leave an int as it is, and those that make a constant of it.
_NEUTRAL = {"ADD": 0, "SUB": 0, "OR": 0, "XOR": 0, "LSHIFT": 0, "RSHIFT": 0, "MUL": 1, "FLOORDIV": 1, "POW": 1,
            "AND": -1}
_ABSORBING = {("MUL", 0): 0, ("AND", 0): 0, ("MOD", 1): 0, ("POW", 0): 1}
_OPERATORS = tuple(name for name, row in ops.OPS.items() if row.family == "arith")
_OPERATOR_SET = frozenset(_OPERATORS)

NEUTRAL = rule("neutral operand", "strength_reductions", MODERATE,
               "the left operand is an int and no bool: x*1 of a list is a copy, x+0 of -0.0 is 0.0, True*1 is 1")
ABSORBING = rule("absorbing operand", "strength_reductions", MODERATE,
                 "the left operand is an int: x*0 of nan is nan, of -1.0 it is -0.0, of a list it is []")
SQUARE = rule("square", "strength_reductions", MODERATE,
              "the left operand is an int: libm's pow and a product round floats differently")
RECIPROCAL = rule("division by a power of two", "strength_reductions", MODERATE,
                  "the left operand is a float and the reciprocal is exact, so that both round the same real number")


def _constant(emitted: list[Instruction], instruction: Instruction, work: Work, kind: type) -> object:
    """The constant right operand, if the left one is known to be exactly of this type."""
    if len(emitted) < 2:
        return None
    known = work.left.get(id(instruction)) or MADE.get(emitted[-2].op)
    return work.consts[emitted[-1].arg] if known is kind else None


@window(NEUTRAL, _OPERATORS, after=["LOAD_CONST"])
def drop_neutral(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    right = _constant(emitted, instruction, work, int)
    if type(right) is not int or _NEUTRAL.get(ops.OPS[instruction.op].base or instruction.op) != right:
        return False
    emitted.pop()
    work.used(NEUTRAL.name)
    return True


@window(ABSORBING, _OPERATORS, after=["LOAD_CONST"])
def absorb(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    right = _constant(emitted, instruction, work, int)
    base = ops.OPS[instruction.op].base or instruction.op
    if type(right) is not int or (base, right) not in _ABSORBING:
        return False
    emitted.pop()
    if emitted[-1].op == "LOAD_LOCAL":
        emitted.pop()
    else:
        emitted.append(Instruction("POP", None, instruction.position, instruction.statement))
    index = work.const(_ABSORBING[base, right])
    emitted.append(Instruction("LOAD_CONST", index, instruction.position, instruction.statement))
    work.used(ABSORBING.name)
    return True


@window(SQUARE, ["POW", "IPOW"], after=["LOAD_CONST"])
def square(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    right = _constant(emitted, instruction, work, int)
    if type(right) is not int or right != 2:
        return False
    emitted[-1] = Instruction("COPY", 1, instruction.position, instruction.statement)
    emitted.append(Instruction("MUL", None, instruction.position, instruction.statement))
    work.used(SQUARE.name)
    return True


@window(RECIPROCAL, ["TRUEDIV", "ITRUEDIV"], after=["LOAD_CONST"])
def multiply(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    right = _constant(emitted, instruction, work, float)
    if type(right) is not float or right == 1.0 or not _has_exact_reciprocal(right):
        return False
    load = emitted[-1]
    emitted[-1] = Instruction("LOAD_CONST", work.const(1.0 / right), load.position, load.statement)
    emitted.append(Instruction("MUL", None, instruction.position, instruction.statement))
    work.used(RECIPROCAL.name)
    return True


def wants_types(listing: list[Instruction], consts: list[Any]) -> bool:
    """Whether there is an operation that could be reduced if its left operand were of the right type."""
    value: Any = None
    for instruction in listing:
        if value is not None and instruction.op in _OPERATOR_SET and _reducible(instruction.op, value):
            return True
        value = consts[instruction.arg] if instruction.op == "LOAD_CONST" else None
    return False


def _reducible(op: str, right: Any) -> bool:
    base = ops.OPS[op].base or op
    if type(right) is float:
        return base == "TRUEDIV" and _has_exact_reciprocal(right)
    return type(right) is int and (_NEUTRAL.get(base) == right or (base, right) in _ABSORBING or
                                   (base == "POW" and right == 2))


def _has_exact_reciprocal(value: float) -> bool:
    """Whether a float is a power of two whose reciprocal is one too, and neither is subnormal."""
    return math.isfinite(value) and abs(math.frexp(value)[0]) == 0.5 and 2.0**-1022 <= abs(value) <= 2.0**1022
