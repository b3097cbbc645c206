"""Where the interpreter's lock is given up: around loops that touch nothing but numbers and the memory of arrays."""

from __future__ import annotations

from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr

# Rows that read and write the memory of arrays without a look at the object.
_MEMORY = frozenset(("ARRAY_AT", "ARRAY_LOAD", "ARRAY_STORE", "RESTORE", "SAVE"))


class Unlocked:
    """Where a function runs without the lock; its time slices have it.

    Args:
        fn: a typed function.

    Attributes:
        before: the blocks at whose end the lock is given up.
        behind: the blocks at whose beginning it is taken back, if it has been given up.
    """

    def __init__(self, fn: Function) -> None:
        self.before: set[Block] = set()
        self.behind: set[Block] = set()
        graph = cfg.Graph(fn)
        headers = {loop.header for loop in graph.loops}
        covered: set[Block] = set()
        for loop in graph.loops:
            if loop.header in covered:
                continue
            slices = {block for block in loop.blocks if any(instr.op == "POLL" for instr in block.instrs)}
            sources = [block for block in graph.preds[loop.header] if block not in loop.blocks]
            targets = {target for block in loop.blocks for target in block.successors} - loop.blocks
            if (all(_is_free(instr) for block in loop.blocks - slices for instr in block.instrs)
                    and all(block.terminator.op == "JUMP" for block in sources) and targets.isdisjoint(headers)):
                covered |= loop.blocks
                self.before.update(sources, slices)
                self.behind.update(targets, slices)


def _is_free(instr: Instr) -> bool:
    """Whether an instruction has nothing to do with objects."""
    if instr.op in _MEMORY:
        return True
    values = [*instr.args, *([instr.dest] if instr.dest is not None else [])]
    return instr.row.effect != "call" and all(value.type != "ptr" for value in values)
