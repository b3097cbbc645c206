"""Origins: where the values come from that a block of stack code has put on the stack."""

from __future__ import annotations

from zexus.bytecode import Instruction, stack_effect

UNKNOWN = -1  # of a value that comes from nowhere in particular


def behind(instruction: Instruction, stack: list[int], origin: int) -> list[int]:
    """The origins of what is on the stack behind an instruction.

    Args:
        instruction: any.
        stack: those of what is there before it, as far as that is known: the topmost ones.
        origin: of the values that it makes.
    """
    if instruction.op == "COPY":
        return [*stack, stack[-instruction.arg] if instruction.arg <= len(stack) else UNKNOWN]
    if instruction.op == "SWAP":
        stack = [UNKNOWN] * (instruction.arg - len(stack)) + stack
        stack[-1], stack[-instruction.arg] = stack[-instruction.arg], stack[-1]
        return stack
    pops, pushes = stack_effect(instruction)
    return stack[:max(len(stack) - pops, 0)] + [origin] * pushes
