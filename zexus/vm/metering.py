"""Metering: programs that count their own instructions, by a METER at the beginning of each basic block.

The METERs are put in before anything is optimized. Every optimizer keeps them where they are and every machine runs
them, so that a program spends the same of its budget on every machine and at every level.
"""

from __future__ import annotations

from dataclasses import replace

from zexus import ops
from zexus.bytecode import Code, Instruction, Module, mapped, successors, targets


def metered(module: Module) -> Module:
    """A module of the same functions that count their instructions.

    Args:
        module: which has been verified.
    """
    return Module(module.name, module.filename, {name: metered_code(code) for name, code in module.functions.items()})


def metered_code(code: Code) -> Code:
    """The function with a METER at the beginning of each basic block; fused rows count as their parts."""
    leaders = {0}
    for index, instruction in enumerate(code.instructions):
        if targets(instruction):
            leaders.update(successors(code, index))
    leaders.update(handler.target for handler in code.handlers)
    where: list[int] = []
    made: list[Instruction] = []
    meter = Instruction("METER", 0)
    for index, instruction in enumerate(code.instructions):
        where.append(len(made))
        if index in leaders:
            meter = Instruction("METER", 0, instruction.position, instruction.statement)
            made.append(meter)
        meter.arg += len(ops.OPS[instruction.op].parts) or 1
        made.append(instruction)
    where.append(len(made))

    def moved(kind: str, part: object) -> object:
        if kind == "label":
            return where[part]  # type: ignore[call-overload]
        return tuple(where[target] for target in part) if kind == "labels" else part  # type: ignore[attr-defined]

    handlers = [h.moved(where.__getitem__) for h in code.handlers]
    return replace(code, instructions=[mapped(instruction, moved) for instruction in made], handlers=handlers)
