"""Fusing: instructions that stand together become one, where the table of opcodes has a fused row for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from zexus import ops
from zexus.bytecode import Instruction
from zexus.vm.peephole.rules import OptimizationLevel, rule
from zexus.vm.peephole.windows import BOOLEAN

FUSE = rule("fusing", "instruction_fusions", OptimizationLevel.MODERATE,
            "a fused row is its parts one behind the other, nothing jumps between them, and of those that can raise "
            "there is one, or they have one position")

JUMPING = frozenset(("JUMP", "JUMP_IF_FALSE", "JUMP_IF_TRUE", "FOR_ITER", "SWITCH"))
# Parts that can raise, or run code that sees where it stands.
_RAISING = frozenset((ops.BINARY, "TRUTH", "GETATTR", "LOAD_GLOBAL", "FOR_ITER"))
_OPERATORS = [name for name in ops.OPS if ops.is_operator(name)]


_NEW: Callable[[type[Instruction]], Instruction] = object.__new__


class _Row:
    """A fused row and how its instructions are made.

    Attributes:
        carry: its argument, out of the piece and the index at which the parts begin.
        at: which part's position it has.
        tested: which part is a TRUTH that must have the position of the part before it; 0 for none.
    """

    def __init__(self, row: ops.Op, length: int) -> None:
        self.name = row.name
        self.length = length
        self.jumps = not JUMPING.isdisjoint(row.parts)
        raising = [number for number, part in enumerate(row.parts) if part in _RAISING]
        self.at = raising[0] if raising else 0
        self.tested = row.parts.index("TRUTH") if len(raising) > 1 and length == len(row.parts) else 0
        words = []
        for number, part in enumerate(row.parts):
            place = f"piece[at + {min(number, length - 1)}]"
            if part == ops.BINARY:
                words.append(f"{place}.op")
            elif ops.OPS[part].argument:
                words.append(f"{place}.arg")
        made = words[0] if len(words) == 1 else f"({', '.join(words)})"
        self.carry: Callable[[list[Instruction], int], Any] = eval(f"lambda piece, at: {made}")


# What can follow on the parts so far, by opcode: the row that they make up then, if any, and what can follow on that.
_Node: TypeAlias = "dict[str, tuple[_Row | None, _Node]]"


def _grown(node: _Node, row: ops.Op) -> None:
    """Enter a row into the trees of first parts."""
    whole, shorter = _Row(row, len(row.parts)), _Row(row, len(row.parts) - 1)
    ways: list[tuple[_Node, str, _Row]] = [(node, "", whole)]
    for part in row.parts:
        onward = []
        for edges, before, made in ways:
            if part == "TRUTH" and before in BOOLEAN:
                onward.append((edges, before, shorter))  # a bool needs no TRUTH
            for op in _OPERATORS if part == ops.BINARY else [part]:
                known, following = edges.get(op, (None, {}))
                edges[op] = made if part is row.parts[-1] else known, following
                onward.append((following, op, made))
        ways = onward


_TREE: _Node = {}
for _row in [row for row in ops.OPS.values() if row.parts]:
    _grown(_TREE, _row)
_FIRST = {op: following for op, (_, following) in _TREE.items()}


def fuse(piece: list[Instruction], out: list[Instruction], jumps: list[int]) -> int:
    """Append a straight piece to `out`, fused from the left to the right into the longest rows that there are.

    Args:
        piece: what nothing jumps into the middle of.
        out: what was made so far.
        jumps: takes the indices in `out` of what names labels.

    Returns:
        How many fused instructions were made.
    """
    size = len(piece)
    at = fused = 0
    while at < size:
        first = piece[at]
        op = first.op
        best = None
        if op in _FIRST:
            node = _FIRST[op]
            for ahead in range(at + 1, size):
                found = node.get(piece[ahead].op)
                if found is None:
                    break
                row, node = found
                if row is not None and (not row.tested or _one_position(piece, at + row.tested)):
                    best = row
        if best is None:
            if op in JUMPING:
                jumps.append(len(out))
            out.append(first)
            at += 1
            continue
        if best.jumps:
            jumps.append(len(out))
        placed = piece[at + best.at]
        made = _NEW(Instruction)  # as Instruction(...) does, in less time
        made.op = best.name
        made.arg = best.carry(piece, at)
        made.position = placed.position
        made.statement = placed.statement
        out.append(made)
        at += best.length
        fused += 1
    return fused


def _one_position(piece: list[Instruction], at: int) -> bool:
    operator, test = piece[at - 1].position, piece[at].position
    return operator is test or operator == test


def keep(piece: list[Instruction], out: list[Instruction], jumps: list[int]) -> int:
    """Append a straight piece to `out` as it is; the same arguments and result as `fuse`."""
    base = len(out)
    out.extend(piece)
    jumps.extend(base + index for index, instruction in enumerate(piece) if instruction.op in JUMPING)
    return 0
