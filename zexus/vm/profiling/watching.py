"""Watching: what is put on the edges of functions whose calls and loops are timed.

These are instructions like any others, so that every machine runs them, and every optimizer may do with them what it
may do with a program's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import IntEnum
from typing import Any

from zexus.bytecode import Code, Instruction, Module, Position
from zexus.vm.profiling.flow import OUTSIDE, Edge, Flow, Loop
from zexus.vm.profiling.timing import Watch


class Ahead(int):
    """Where a jump among the instructions of an edge goes: so many instructions ahead."""


class Timed(IntEnum):
    """What is timed: nothing; where programs are entered, and the outermost loops there; all that has loops.

    Loops in which clocks are read do not go native as a whole, so that the second is for programs that do.
    """

    NOTHING = 0
    ENTRIES = 1
    LOOPS = 2


class _Adding:
    """A function that gets further constants, variables and instructions on its edges."""

    def __init__(self, code: Code, flow: Flow, added: dict[Edge, list[Instruction]]) -> None:
        self.code = code
        self.flow = flow
        # What goes in front of an instruction. Nothing comes between an iterator and its loop: machines know the two
        # together.
        self.early: dict[int, list[Instruction]] = {}
        self.added = added
        self.consts = list(code.consts)
        self.locals = list(code.locals)

    def const(self, value: Any) -> int:
        self.consts.append(value)
        return len(self.consts) - 1

    def local(self, name: str) -> int:
        self.locals.append(name)
        return len(self.locals) - 1

    def add(self, edge: Edge, *instructions: tuple[str, Any]) -> None:
        self.added.setdefault(edge, []).extend(self.made(instructions))

    def made(self, instructions: Iterable[tuple[str, Any]]) -> list[Instruction]:
        # A plain line: an exception here leaves none of the program's instructions.
        position = Position(self.code.first_line, self.code.first_line, 0, 0)
        return [Instruction(op, arg, position) for op, arg in instructions]


def with_watches(code: Code, flow: Flow, added: dict[Edge, list[Instruction]], timed: Timed) -> tuple[
        Code, Watch | None, dict[Loop, Watch], dict[int, list[Instruction]]]:
    """Put on the edges of a function what times its calls and the runs of its loops.

    Args:
        code: the function.
        flow: of it.
        added: what its edges get already.
        timed: what is timed. Calls of functions without loops are not, unless the program is entered there: they are
            mostly too short for it.

    Returns:
        The function with the constants and variables that are needed; what times its calls; what times its loops;
        and by the index of an instruction what goes in front of it.
    """
    adding = _Adding(code, flow, added)
    enters = _is_entered(code)
    watch: Watch | None = None
    watches: dict[Loop, Watch] = {}
    if enters or (timed == Timed.LOOPS and flow.loops):
        watch = _watched(adding, "call", [flow.edges[0]], [edge for edge in flow.edges if edge.target == OUTSIDE])
    for loop in flow.loops if enters or timed == Timed.LOOPS else ():
        if flow.blocks[loop.header].handler or (timed == Timed.ENTRIES and loop.parent is not None):
            continue
        ways = [edge for edge in flow.blocks[loop.header].enters if edge not in loop.back]
        ends = [edge for edge in flow.edges if edge.source in loop.blocks and edge.target not in loop.blocks]
        watches[loop] = _watched(adding, f"loop{len(watches)}", ways, ends)
    return replace(code, consts=adding.consts, locals=tuple(adding.locals)), watch, watches, adding.early


def _is_entered(code: Code) -> bool:
    """Whether no function of the program names this one: host code calls it."""
    module: Module | None = code.module
    return module is None or not any(instruction.arg == code.name for other in module.functions.values()
                                     for instruction in other.instructions
                                     if instruction.op in ("LOAD_GLOBAL", "LOAD_GLOBAL__LOAD_LOCAL", "MAKE_FUNCTION"))


def _watched(adding: _Adding, name: str, begins: list[Edge], ends: list[Edge]) -> Watch:
    """Time from some edges to others."""
    watch = Watch()
    begun, begin, end = adding.local(f".{name}"), adding.const(watch.begin), adding.const(watch.end)
    start = ("LOAD_CONST", begin), ("CALL", 0), ("STORE_LOCAL", begun)
    for edge in begins:
        last = adding.flow.blocks[edge.source].stop - 1 if edge.source != OUTSIDE else -1
        if last >= 0 and not edge.jumps and adding.code.instructions[last].op == "ITER":
            adding.early.setdefault(last, []).extend(adding.made(start))
        else:
            adding.add(edge, *start)
    for edge in ends:
        adding.add(edge, ("LOAD_LOCAL", begun), ("JUMP_IF_FALSE", Ahead(5)), ("LOAD_CONST", end),
                   ("LOAD_LOCAL", begun), ("CALL", 1), ("POP", None))
    return watch
