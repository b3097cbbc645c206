"""The exact types of values, as far as they follow from the listing alone: a forward analysis over its locals.

A local may hold several values; it has a type only where every path that leads there stored one of that type.
"""

from __future__ import annotations

from typing import Any

from zexus import ops
from zexus.bytecode import Code, depths, split, stack_effect, successors

# Rows whose result is of one type, whatever the operands.
MADE: dict[str, type] = {
    "LEN": int, "TO_INT": int, "TO_FLOAT": float, "TO_BOOL": bool, "NOT": bool, "TRUTH": bool, "IS": bool,
    "IS_NOT": bool, "IN": bool, "NOT_IN": bool, "MATCH": bool,
}
_INTEGRAL = frozenset(("ADD", "SUB", "MUL", "FLOORDIV", "MOD", "LSHIFT", "RSHIFT", "AND", "OR", "XOR"))
_FLOATING = frozenset(("ADD", "SUB", "MUL", "TRUEDIV", "FLOORDIV", "MOD"))
_KNOWN = frozenset((int, float, bool))

State = tuple[dict[int, type], tuple["type | None", ...]]


def left_operands(code: Code, consts: list[Any]) -> dict[int, type]:
    """The type of the left operand of each arithmetic instruction, by the instruction's id, where it is certain.

    Args:
        code: the listing.
        consts: its constants.

    Returns:
        Nothing for code with outlined statements or for a module's: other code stores to their locals.
    """
    if code.blocks or code.is_module or code.shared:
        return {}
    before: dict[int, State] = {}
    work: list[tuple[int, State]] = [(0, ({}, ()))]
    deep = depths(code)
    while work:
        index, state = work.pop()
        known = before.get(index)
        met = state if known is None else _met(known, state)
        if met == known:
            continue
        before[index] = met
        locals_after, stack = _after(code, consts, index, met)
        for handler in code.handlers:
            if handler.start <= index < handler.end:
                # Nothing is known of the stack, nor whether a store of this instruction has happened.
                both = {n: t for n, t in met[0].items() if locals_after.get(n) is t}
                work.append((handler.target, (both, (None,) * (handler.depth + 1))))
        for following in successors(code, index):
            depth = deep[following]
            work.append((following, (locals_after, (*stack, *(None,) * depth)[:depth])))
    found: dict[int, type | None] = {}
    for index, (_, operands) in before.items():
        instruction = code.instructions[index]
        if ops.OPS[instruction.op].family == "arith":
            key = id(instruction)
            found[key] = operands[-2] if found.get(key, operands[-2]) is operands[-2] else None
    return {key: kind for key, kind in found.items() if kind is not None}


def _met(a: State, b: State) -> State:
    both = {n: t for n, t in a[0].items() if b[0].get(n) is t}
    return both, tuple(x if x is y else None for x, y in zip(a[1], b[1]))


def _after(code: Code, consts: list[Any], index: int, state: State) -> State:
    known, stack = dict(state[0]), list(state[1])
    for instruction in split(code.instructions[index]):
        op, arg = instruction.op, instruction.arg
        if op == "LOAD_LOCAL":
            stack.append(known.get(arg))
        elif op == "LOAD_CONST":
            kind = type(consts[arg])
            stack.append(kind if kind in _KNOWN else None)
        elif op == "STORE_LOCAL":
            stored = stack.pop()
            known.pop(arg, None)
            if stored is not None:
                known[arg] = stored
        elif op == "COPY":
            stack.append(stack[-arg])
        elif op == "SWAP":
            stack[-1], stack[-arg] = stack[-arg], stack[-1]
        elif op == "FOR_ITER":
            stack.append(None)
        elif op == "CHECK_BOUND":
            pass
        else:
            pops, pushes = stack_effect(instruction)
            operands = stack[len(stack) - pops:]
            del stack[len(stack) - pops:]
            stack.extend([_result(op, operands)] * pushes)
    return known, tuple(stack)


def _result(op: str, operands: list[type | None]) -> type | None:
    if op in MADE:
        return MADE[op]
    row = ops.OPS[op]
    if not operands or any(kind is None for kind in operands):
        return None
    base = row.base or op
    if row.family == "compare":
        return bool
    if len(operands) == 1:
        return operands[0] if base in ("NEG", "ABS") and operands[0] in (int, float) else None
    if row.family != "arith":
        return None
    if operands == [int, int]:
        return float if base == "TRUEDIV" else int if base in _INTEGRAL else None
    return float if float in operands and base in _FLOATING else None
