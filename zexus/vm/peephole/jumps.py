"""Rules on control: jumps to jumps, jumps to the next instruction, and what no path reaches."""

from __future__ import annotations

from bisect import bisect_left

from zexus import ops
from zexus.bytecode import Handler, Instruction
from zexus.vm.peephole.rules import OptimizationLevel, Work, rule
from zexus.vm.peephole.windows import BOOLEAN, OTHER_WAY, renamed

BASIC, MODERATE = OptimizationLevel.BASIC, OptimizationLevel.MODERATE

# What control does not simply pass through, fused rows apart.
CONDITIONAL = frozenset(("JUMP_IF_FALSE", "JUMP_IF_TRUE", "FOR_ITER"))
CONTROL = ops.ENDS | CONDITIONAL
_RETURNS = {"LOAD_LOCAL": "LOAD_LOCAL__RETURN", "LOAD_CONST": "LOAD_CONST__RETURN"}

THREAD = rule("jump threading", "jumps_threaded", MODERATE,
              "the target only jumps on; a circle of jumps stays as it is")
RETURN = rule("jump to a return", "jumps_threaded", MODERATE,
              "the return, with at most the load of a local or constant before it, cannot raise: no handler can tell")
NEXT = rule("jump to the next instruction", "dead_code_removed", BASIC,
            "control goes there anyway; the truth of an operand is asked all the same")
AROUND = rule("jump around a jump", "jumps_threaded", BASIC,
              "the jump that is stepped over is reached from the one before it only")
UNREACHABLE = rule("unreachable code", "dead_code_removed", BASIC,
                   "no path from the entry leads there, by a jump, by falling through or through a handler")


def final(listing: list[Instruction], target: int) -> int:
    """Where control is once it has followed the jumps from `target` on."""
    seen: set[int] = set()
    while target not in seen:
        seen.add(target)
        op = listing[target].op
        if op == "JUMP":
            target = listing[target].arg
        elif op == "NOP" and target + 1 < len(listing):
            target += 1
        else:
            break
    return target


def thread(listing: list[Instruction], branches: list[int], work: Work) -> None:
    """Send jumps where they end up.

    Args:
        listing: the instructions, changed in place.
        branches: the indices of those in `CONTROL`, in order.
    """
    for index in branches:
        instruction = listing[index]
        op, arg = instruction.op, instruction.arg
        if op == "SWITCH":
            targets = tuple(final(listing, target) for target in arg)
            if targets != arg:
                listing[index] = Instruction(op, targets, instruction.position, instruction.statement)
                work.used(THREAD.name)
            continue
        if op != "JUMP" and op not in CONDITIONAL:
            continue
        end = listing[arg]
        target = arg
        if end.op == "JUMP" or end.op == "NOP":
            target = final(listing, arg)
            end = listing[target]
        if op == "JUMP":
            if end.op in _RETURNS and target + 1 < len(listing) and listing[target + 1].op == "RETURN":
                listing[index] = renamed(end, _RETURNS[end.op])
                work.used(RETURN.name)
                continue
            if end.op == "RETURN":
                listing[index] = end
                work.used(RETURN.name)
                continue
        if target != arg:
            listing[index] = Instruction(op, target, instruction.position, instruction.statement)
            work.used(THREAD.name)


def reached(listing: list[Instruction], branches: list[int], handlers: list[Handler]) -> list[tuple[int, int]]:
    """The stretches [start, stop) of the listing that control can reach, in order.

    A stretch ends behind an instruction of `branches`, or at the end of the listing.
    """
    first: dict[int, int] = {}  # number of the branch that ends a stretch -> where the stretch begins
    ends = [*branches, len(listing) - 1]
    work = [0]
    waiting = handlers
    while work or waiting:
        if not work:
            entered = [h for h in waiting if _touched(h, first, ends)]
            if not entered:
                break
            waiting = [h for h in waiting if h not in entered]
            work.extend(h.target for h in entered)
        start = work.pop()
        number = bisect_left(ends, start)
        known = first.get(number)
        if known is not None:
            first[number] = min(known, start)
            continue
        first[number] = start
        instruction = listing[ends[number]]
        op = instruction.op
        if op == "SWITCH":
            work.extend(instruction.arg)
        elif op == "JUMP":
            work.append(instruction.arg)
        elif op in CONDITIONAL:
            work.append(instruction.arg)
            work.append(ends[number] + 1)
    return [(first[number], ends[number] + 1) for number in sorted(first)]


def _touched(handler: Handler, first: dict[int, int], ends: list[int]) -> bool:
    return any(start < handler.end and handler.start <= ends[number] for number, start in first.items())


def straighten(emitted: list[Instruction], at: int, work: Work) -> None:
    """Look at the end of what was emitted, now that the instruction `at` is what follows."""
    while emitted:
        last = emitted[-1]
        if last.op == "JUMP" and last.arg == at:
            emitted.pop()
        elif last.op in OTHER_WAY and last.arg == at:
            emitted.pop()
            if not emitted or emitted[-1].op not in BOOLEAN:
                emitted.append(Instruction("TRUTH", None, last.position, last.statement))
            emitted.append(Instruction("POP", None, last.position, last.statement))
        else:
            break
        work.used(NEXT.name)
    if len(emitted) < 2 or emitted[-1].op != "JUMP":
        return
    before, jump = emitted[-2], emitted[-1]
    if before.op in OTHER_WAY and before.arg == at:
        emitted[-2:] = [Instruction(OTHER_WAY[before.op], jump.arg, before.position, before.statement)]
        work.used(AROUND.name)

