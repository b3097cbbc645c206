"""Continuations: the rest of a running function as a function of its own, so that another machine can go on with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from zexus.bytecode import UNBOUND, Code, Instruction, mapped


def continuation(code: Code, index: int, bound: frozenset[str], depth: int) -> Code:
    """What is left of a function from an instruction on.

    Its parameters are the local variables that have a value, in their order, then the stack's entries from the bottom;
    it captures the function's own cells along with those that the function captures.

    Args:
        code: the function.
        index: the instruction at which to go on.
        bound: the local variables that have a value there.
        depth: how many entries the stack has there.
    """
    slots = tuple(f".{number}" for number in range(depth))
    given = tuple(name for name in code.locals if name in bound)
    names = (*given, *slots, *(name for name in code.locals if name not in bound))
    position = code.instructions[index].position
    begin = [Instruction("LOAD_LOCAL", names.index(slot), position) for slot in slots]
    offset = len(begin) + 1
    begin.append(Instruction("JUMP", index + offset, position))
    numbers = [names.index(name) for name in code.locals]
    moved = partial(_moved, numbers=numbers, offset=offset)
    return replace(
        code, locals=names, params=len(given) + len(slots), captured=(*code.captured, *code.cells),
        cells=(), own=(*code.own, *code.cells),
        instructions=[*begin, *(mapped(instruction, moved) for instruction in code.instructions)],
        handlers=[replace(h.moved(offset.__add__), handles=numbers[h.handles] if h.handles >= 0 else -1)
                  for h in code.handlers])


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
