"""Fusing: instructions that stand together become one, where the table of opcodes has a fused row for them."""

from __future__ import annotations

from typing import Any

from zexus import ops
from zexus.bytecode import Instruction
from zexus.vm.peephole.rules import OptimizationLevel, Work, rule
from zexus.vm.peephole.windows import BOOLEAN, NOTHING

FUSE = rule("fusing", "instruction_fusions", OptimizationLevel.MODERATE,
            "a fused row is its parts one behind the other, nothing jumps between them, and of those that can raise "
            "there is one, or they have one position")

# Parts that can raise, or run code that sees where it stands.
_RAISING = frozenset((ops.BINARY, "TRUTH", "GETATTR", "LOAD_GLOBAL", "FOR_ITER"))
# How the argument of a fused row is made of its first and second part.
_BOTH, _FIRST, _SECOND, _NAME_SECOND, _FIRST_NAME = range(5)
# First opcode -> second opcode -> name of the row, whether the second part's position counts, what it carries.
_PAIRS: dict[str, dict[str, tuple[str, bool, int]]] = {}
# The row of a test and a jump -> the row of an operator and these.
_BEHIND_OPERATORS: dict[str, str] = {}
_OPERATORS = [name for name in ops.OPS if ops.is_operator(name)]
_OPERATOR_SET = frozenset(_OPERATORS)


def _names(part: str) -> list[str]:
    return _OPERATORS if part == ops.BINARY else [part]


def _carrying(first: str, second: str) -> int:
    if first == ops.BINARY:
        return _NAME_SECOND
    if second == ops.BINARY:
        return _FIRST_NAME
    return _FIRST if not ops.OPS[second].argument else _BOTH if ops.OPS[first].argument else _SECOND


for _row in [row for row in ops.OPS.values() if row.parts]:
    if len(_row.parts) == 3:
        _BEHIND_OPERATORS["__".join(_row.parts[1:])] = _row.name
        # A row that makes a bool needs no TRUTH before the jump.
        _PAIRS.update({op: {**_PAIRS.get(op, {}), _row.parts[2]: (_row.name, False, _NAME_SECOND)}
                       for op in _OPERATORS if op in BOOLEAN})
        continue
    _found = (_row.name, _row.parts[1] in _RAISING and _row.parts[0] not in _RAISING, _carrying(*_row.parts))
    for _first in _names(_row.parts[0]):
        for _second in _names(_row.parts[1]):
            _PAIRS.setdefault(_first, {})[_second] = _found

JUMPING = frozenset(("JUMP", "JUMP_IF_FALSE", "JUMP_IF_TRUE", "FOR_ITER", "SWITCH"))
_JUMPING_ROWS = frozenset(row.name for row in ops.OPS.values() if row.parts and not JUMPING.isdisjoint(row.parts))


def fuse(piece: list[Instruction], out: list[Instruction], jumps: list[int], work: Work) -> None:
    """Append a straight piece to `out`, fused from the left to the right as far as there are rows for it.

    Args:
        piece: what nothing jumps into the middle of.
        out: what was made so far.
        jumps: takes the indices in `out` of what names labels.
    """
    base, fused = len(out), 0
    held: Instruction | None = None
    for second in (*piece, NOTHING):
        first, held = held, second
        if first is None:
            continue
        op = first.op
        rows = _PAIRS.get(op)
        found = None if rows is None else rows.get(second.op)
        if found is None:
            if op in JUMPING:
                jumps.append(len(out))
            out.append(first)
            continue
        name, behind, carrying = found
        if carrying == _BOTH:
            arg: Any = (first.arg, second.arg)
        elif carrying == _FIRST_NAME:
            arg = (first.arg, second.op)
        elif carrying == _NAME_SECOND:
            arg = (op, second.arg)
        elif carrying == _FIRST:
            arg = first.arg
        else:
            arg = second.arg
        if name in _BEHIND_OPERATORS and len(out) > base and _is_tested(out[-1], first):
            first = out.pop()
            name, arg = _BEHIND_OPERATORS[name], (first.op, arg)
        if name in _JUMPING_ROWS:
            jumps.append(len(out))
        placed = second if behind else first
        out.append(Instruction(name, arg, placed.position, placed.statement))
        held = None
        fused += 1
    if fused:
        work.used(FUSE.name, fused)


def _is_tested(operator: Instruction, test: Instruction) -> bool:
    """Whether an instruction is an operator, at the position of the test of its result."""
    return operator.op in _OPERATOR_SET and (operator.position is test.position or operator.position == test.position)


def keep(piece: list[Instruction], out: list[Instruction], jumps: list[int], work: Work) -> None:
    """Append a straight piece to `out` as it is; the same arguments as `fuse`."""
    base = len(out)
    out.extend(piece)
    jumps.extend(base + index for index, instruction in enumerate(piece) if instruction.op in JUMPING)
