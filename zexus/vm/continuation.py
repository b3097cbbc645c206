"""Continuations: the rest of a running function as a function of its own, so that another machine can go on with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from zexus.bytecode import UNBOUND, Code, Handler, Instruction, mapped, split, stack_effect, successors


def continuation(code: Code, index: int, bound: frozenset[str], cursors: Sequence[bool]) -> Code:
    """What is left of a function from an instruction on.

    Its parameters are the local variables that have a value, in their order, then the stack's entries from the bottom;
    it captures the function's own cells along with those that the function captures.

    Args:
        code: the function.
        index: the instruction at which to go on.
        bound: the local variables that have a value there.
        cursors: for each entry of the stack, whether it is an iterator that FOR_ITER advances.
    """
    slots = tuple(f".{depth}" for depth in range(len(cursors)))
    given = tuple(name for name in code.locals if name in bound)
    names = (*given, *slots, *(name for name in code.locals if name not in bound))
    position = code.instructions[index].position
    begin = [Instruction("LOAD_LOCAL", names.index(slot), position) for slot in slots]
    for depth in reversed(range(len(cursors))):
        if cursors[depth]:
            begin.insert(depth + 1, Instruction("ITER", None, position))
    offset = len(begin) + 1
    begin.append(Instruction("JUMP", index + offset, position))
    moved = partial(_moved, numbers=[names.index(name) for name in code.locals], offset=offset)
    return replace(
        code, locals=names, params=len(given) + len(slots), captured=(*code.captured, *code.cells),
        cells=(), own=(*code.own, *code.cells),
        instructions=[*begin, *(mapped(instruction, moved) for instruction in code.instructions)],
        handlers=[Handler(h.start + offset, h.end + offset, h.target + offset, h.depth) for h in code.handlers])


def _moved(kind: str, part: Any, numbers: Sequence[int], offset: int) -> Any:
    if kind == "local":
        return numbers[part]
    if kind == "label":
        return part + offset
    return tuple(target + offset for target in part) if kind == "labels" else part


def bound(code: Code, variables: Sequence[Any]) -> frozenset[str]:
    """The local variables that have a value, those that live in cells left out."""
    return frozenset(name for name, value in zip(code.locals, variables, strict=True)
                     if value is not UNBOUND and name not in code.cells)


def cursors(code: Code) -> list[tuple[bool, ...] | None]:
    """For each instruction, which entries of the stack before it were made by ITER; None where it cannot be reached."""
    found: list[tuple[bool, ...] | None] = [None] * len(code.instructions)
    work: list[tuple[int, tuple[bool, ...]]] = [(0, ())]
    while work:
        index, entries = work.pop()
        before = found[index]
        now = entries if before is None else tuple(a and b for a, b in zip(before, entries, strict=True))
        if now == before:
            continue
        found[index] = now
        instruction = code.instructions[index]
        work.extend((h.target, (*now[: h.depth], False)) for h in code.handlers if h.start <= index < h.end)
        for following in successors(code, index):
            after = list(now)
            for part in split(instruction):
                if part.op == "FOR_ITER" and following == part.arg:
                    after.pop()
                    break
                _pass(part, after)
            work.append((following, tuple(after)))
    return found


def _pass(instruction: Instruction, entries: list[bool]) -> None:
    if instruction.op == "COPY":
        entries.append(entries[-instruction.arg])
    elif instruction.op == "SWAP":
        entries[-1], entries[-instruction.arg] = entries[-instruction.arg], entries[-1]
    else:
        pops, pushes = stack_effect(instruction)
        del entries[len(entries) - pops:]
        entries.extend([instruction.op == "ITER"] * pushes)
