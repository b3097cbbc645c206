"""Additions: constants, variables and instructions that a function gets beside its own, on edges or in front of others.

They are instructions like any others, so that every machine runs them, and every optimizer may do with them what it may
do with a program's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from zexus.bytecode import Code, Instruction, Position, mapped
from zexus.vm.profiling.flow import OUTSIDE, Edge, Flow


class Ahead(int):
    """Where a jump among the instructions of an edge goes: so many instructions ahead."""


class Additions:
    """What is added to a function.

    Attributes:
        code: the function.
        flow: of it.
    """

    def __init__(self, code: Code, flow: Flow) -> None:
        self.code = code
        self.flow = flow
        self._consts = list(code.consts)
        self._locals = list(code.locals)
        self._edges: dict[Edge, list[Instruction]] = {}
        self._early: dict[int, list[Instruction]] = {}

    def const(self, value: Any) -> int:
        """The index of a further constant."""
        self._consts.append(value)
        return len(self._consts) - 1

    def local(self, name: str) -> int:
        """The index of a further variable."""
        self._locals.append(name)
        return len(self._locals) - 1

    def add(self, edge: Edge, *instructions: tuple[str, Any]) -> None:
        """Put instructions on an edge, behind those that it has already."""
        if instructions:
            self._edges.setdefault(edge, []).extend(self._made(instructions))

    def begin(self, number: int, *instructions: tuple[str, Any]) -> None:
        """Put instructions at the beginning of a block, whichever way control comes."""
        if instructions:
            self._early.setdefault(self.flow.blocks[number].start, []).extend(self._made(instructions))

    def before_loop(self, edge: Edge, *instructions: tuple[str, Any]) -> None:
        """Put instructions on an edge into a loop, but never between an iterator and its loop: these stay together."""
        last = self.flow.blocks[edge.source].stop - 1 if edge.source != OUTSIDE else -1
        if last >= 0 and not edge.jumps and self.code.instructions[last].op == "ITER":
            self._early.setdefault(last, []).extend(self._made(instructions))
        else:
            self.add(edge, *instructions)

    def _made(self, instructions: Iterable[tuple[str, Any]]) -> list[Instruction]:
        # A plain line: an exception here leaves none of the program's instructions.
        position = Position(self.code.first_line, self.code.first_line, 0, 0)
        return [Instruction(op, arg, position) for op, arg in instructions]

    def made(self) -> Code:
        """The function with all of it."""
        code, flow = self.code, self.flow
        before: dict[int, list[Instruction]] = {}  # of control that falls onto an instruction
        at: dict[int, list[Instruction]] = {}      # of all control that reaches it
        ends: dict[int, list[Instruction]] = {}    # before the jump or return that ends a block
        apart: dict[tuple[int, int], list[Instruction]] = {}  # of a jump, by its index and where it goes
        for edge, sequence in self._edges.items():
            source = flow.blocks[edge.source] if edge.source != OUTSIDE else None
            target = flow.blocks[edge.target] if edge.target != OUTSIDE else None
            if target is not None and len(target.enters) == 1 and not target.handler:
                at[target.start] = sequence
            elif source is not None and len(source.leaves) == 1 and (edge.jumps or target is None):
                ends[source.stop - 1] = sequence
            elif not edge.jumps:
                assert target is not None
                before[target.start] = sequence
            else:
                assert source is not None and target is not None
                apart[source.stop - 1, target.start] = sequence
        made: list[Instruction] = []
        origins: list[int] = []  # where each comes from; -1 for what was added
        where: list[int] = []

        def append(sequence: list[Instruction]) -> None:
            start = len(made)
            made.extend(replace(one, arg=start + at + one.arg) if type(one.arg) is Ahead else one
                        for at, one in enumerate(sequence))
            origins.extend([-1] * len(sequence))

        for index, instruction in enumerate(code.instructions):
            append(before.get(index, []))
            where.append(len(made))
            append(at.get(index, []))
            append(ends.get(index, []))
            append(self._early.get(index, []))
            made.append(instruction)
            origins.append(index)
        where.append(len(made))
        tails: dict[tuple[int, int], int] = {}
        for (index, label), sequence in apart.items():
            tails[index, label] = len(made)
            append(sequence)
            made.append(Instruction("JUMP", where[label], code.instructions[index].position))
            origins.append(-1)

        def moved(index: int, kind: str, part: object) -> object:
            if kind == "label":
                return tails.get((index, part), where[part])  # type: ignore[arg-type, call-overload]
            if kind == "labels":
                return tuple(tails.get((index, one), where[one]) for one in part)  # type: ignore[attr-defined]
            return part

        relocated = [instruction if origin < 0 else
                     mapped(instruction, lambda kind, part, origin=origin: moved(origin, kind, part))  # type: ignore[misc]
                     for instruction, origin in zip(made, origins, strict=True)]
        return replace(code, consts=[*self._consts], locals=tuple(self._locals), instructions=relocated,
                       handlers=[row.moved(where.__getitem__) for row in code.handlers])
