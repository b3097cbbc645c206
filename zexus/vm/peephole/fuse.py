"""Fusing: instructions that stand together become one, where the table of opcodes has a fused row for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


class _Node:
    """What can follow on the parts so far, by opcode, and the row that they make up."""

    __slots__ = ("edges", "row")

    def __init__(self) -> None:
        self.edges: dict[str, _Node] = {}
        self.row: _Row | None = None


def _grown(node: dict[str, _Node], row: ops.Op) -> None:
    """Enter a row into the trees of first parts."""
    whole, shorter = _Row(row, len(row.parts)), _Row(row, len(row.parts) - 1)
    ways: list[tuple[dict[str, _Node], str, _Row]] = [(node, "", whole)]
    for part in row.parts:
        onward = []
        for edges, before, made in ways:
            if part == "TRUTH" and before in BOOLEAN:
                onward.append((edges, before, shorter))  # a bool needs no TRUTH
            for op in _OPERATORS if part == ops.BINARY else [part]:
                found = edges.setdefault(op, _Node())
                onward.append((found.edges, op, made))
                if part is row.parts[-1]:
                    found.row = made
        ways = onward


_FIRST: dict[str, _Node] = {}
for _row in [row for row in ops.OPS.values() if row.parts]:
    _grown(_FIRST, _row)


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
        node = _FIRST.get(first.op)
        best = None
        ahead = at + 1
        while node is not None and ahead < size:
            node = node.edges.get(piece[ahead].op)
            if node is None:
                break
            ahead += 1
            row = node.row
            if row is not None and (not row.tested or _one_position(piece, at + row.tested)):
                best = row
        if best is None:
            if first.op in JUMPING:
                jumps.append(len(out))
            out.append(first)
            at += 1
            continue
        if best.jumps:
            jumps.append(len(out))
        placed = piece[at + best.at]
        out.append(Instruction(best.name, best.carry(piece, at), placed.position, placed.statement))
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
