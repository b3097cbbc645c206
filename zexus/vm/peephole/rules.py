"""What a rule of the peephole optimizer is: a name, a level, and the condition under which it changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field
from enum import IntEnum
from typing import Any

from zexus.bytecode import Instruction, identity
from zexus.records import dataclass


class OptimizationLevel(IntEnum):
    """How much is done: each level includes those below."""

    NONE = 0
    BASIC = 1
    MODERATE = 2
    AGGRESSIVE = 3


@dataclass(frozen=True)
class Rule:
    """A rewriting.

    Attributes:
        name: in statistics and documentation.
        kind: the figure of the statistics that it counts for.
        level: the lowest level at which it is used.
        condition: why, or when, a program cannot tell that it was used.
    """

    name: str
    kind: str
    level: OptimizationLevel
    condition: str


RULES: dict[str, Rule] = {}


def rule(name: str, kind: str, level: OptimizationLevel, condition: str) -> Rule:
    """Put a rule into the table."""
    if name in RULES:
        raise ValueError(f"rule {name} stands twice in the table")
    RULES[name] = made = Rule(name, kind, level, condition)
    return made


@dataclass
class Work:
    """What rules share while a listing is being rewritten.

    Attributes:
        consts: the table of constants, which rules extend by `const`.
        counts: how often each rule was used, by its name.
        again: whether a rule changed where control goes, so that another round may find more.
        nops: whether there are instructions that do nothing.
        extended: whether constants were asked for, so that some may be needed no more.
        left: the types of the left operands of instructions, by their ids, as far as they are known.
    """

    consts: list[Any]
    counts: dict[str, int] = field(default_factory=dict)
    again: bool = False
    nops: bool = False
    extended: bool = False
    left: dict[int, type] = field(default_factory=dict)
    _indices: dict[tuple[Any, ...], int] | None = None

    def used(self, name: str, times: int = 1) -> None:
        """Count a use of a rule."""
        self.counts[name] = self.counts.get(name, 0) + times

    def const(self, value: Any) -> int:
        """The index of a constant, which may be a new one."""
        if self._indices is None:
            self._indices = {identity(known): index for index, known in enumerate(self.consts)}
            self.extended = True
        index = self._indices.setdefault(identity(value), len(self.consts))
        if index == len(self.consts):
            self.consts.append(value)
        return index


# A window rule looks at the end of what was emitted and at the instruction that comes; True when it took it in.
Window = Callable[[list[Instruction], Instruction, Work], bool]
WINDOWS: list[tuple[Rule, tuple[str, ...], tuple[str, ...], Window]] = []


def window(made: Rule, opcodes: Iterable[str], after: Iterable[str]) -> Callable[[Window], Window]:
    """Make a function the window rule for `opcodes` where one of `after` was emitted last.

    Rules that are registered first are tried first.
    """
    opcodes, after = tuple(opcodes), tuple(after)

    def register(function: Window) -> Window:
        WINDOWS.append((made, opcodes, after, function))
        return function

    return register
