"""Which guards a typed function has kept: at its entry, in front of its loops and in them."""

from __future__ import annotations

from collections import Counter

from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.ir import Function

# What the guards ask that are the program's business; the others are about time slices and ends.
KINDS = {
    "ZX030": "overflow", "ZX031": "type", "ZX032": "bounds", "ZX033": "error", "ZX034": "unseen branch",
    "ZX035": "changed name", "ZX036": "replaced element", "ZX037": "stack",
}


@dataclass(frozen=True)
class Guards:
    """How many guards of one kind there are.

    Attributes:
        code: what such a guard leaves with, a key of `zexus.codes.CODES`.
        inside: how many stand in loops: they are asked in each iteration.
        outside: how many stand in front of loops or behind them.
    """

    code: str
    inside: int
    outside: int


def entry_guards(fn: Function) -> int:
    """How many guards decide whether native code is entered."""
    return sum(i.exit is not None and i.exit.number == 0 for i in fn.instructions())


def guards(fn: Function) -> tuple[Guards, ...]:
    """The other guards, those that stand in loops first.

    A stretch, the copy of a loop that carries no exit, has none; the loop beside it keeps its own.
    """
    inner = {block for loop in cfg.loops(fn) for block in loop.blocks}
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    for block in fn.blocks:
        for instr in block.instrs:
            if instr.exit is not None and instr.exit.code in KINDS and instr.exit.number:
                (inside if block in inner else outside)[instr.exit.code] += 1
    return _ordered(inside, outside)


def added(*several: tuple[Guards, ...]) -> tuple[Guards, ...]:
    """The guards of several typed functions as those of one."""
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    for one in (one for found in several for one in found):
        inside[one.code] += one.inside
        outside[one.code] += one.outside
    return _ordered(inside, outside)


def _ordered(inside: Counter[str], outside: Counter[str]) -> tuple[Guards, ...]:
    found = [Guards(code, inside[code], outside[code]) for code in {*inside, *outside}]
    return tuple(sorted(found, key=lambda one: (-one.inside, -one.outside, one.code)))
