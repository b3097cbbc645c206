"""Limits of a run: how many instructions it may take, and how long; and how a program becomes warm."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import repeat
from operator import length_hint

from zexus.settings import VM_DEFAULTS

_SLICE = VM_DEFAULTS.clock_instructions
_ENDLESS = 1 << 62


class LimitExceeded(Exception):
    """A run was ended because it reached a limit; no handler of the program takes this."""

    ends_run = True


class InstructionLimit(LimitExceeded):
    """The program ran as many instructions as it may."""


class TimeLimit(LimitExceeded):
    """The program ran as long as it may."""


class Budget:
    """What is left of a run's limits, which the METER instructions of a program spend.

    A machine subtracts what a METER carries from `left`, and calls `look` when that is below zero.

    Attributes:
        left: how many instructions may run before the next look at the limits.
    """

    def __init__(self, instructions: int | None = None, seconds: float | None = None, each: int = _SLICE) -> None:
        """
        Args:
            instructions: how many may run; None for any number.
            seconds: how long they may run; None for any time.
            each: instructions between two looks at the clock.
        """
        self.instructions = instructions
        self.seconds = seconds
        self.each = each
        self.begin()

    def begin(self) -> None:
        """Begin a run with all of it."""
        self.deadline = None if self.seconds is None else time.monotonic() + self.seconds
        self.granted = self.left = 0

    @property
    def spent(self) -> int:
        """How many instructions have run, of those that METER instructions stand for."""
        return self.granted - self.left

    @property
    def limited(self) -> bool:
        """Whether there are limits at all."""
        return self.instructions is not None or self.seconds is not None

    def spend(self, instructions: int) -> None:
        """Take so many instructions, before they run.

        Raises:
            LimitExceeded: there are not so many left, or no time.
        """
        self.left -= instructions
        if self.left < 0:
            self.look(instructions)

    def look(self, instructions: int) -> None:
        """Look at the limits, when `left` is below zero.

        Args:
            instructions: how many have just been subtracted; they have not run.

        Raises:
            LimitExceeded: they must not.
        """
        if self.deadline is not None and time.monotonic() >= self.deadline:
            self.left += instructions
            raise TimeLimit(f"the program ran longer than {self.seconds:g} seconds")
        # Nothing here calls Python functions: it may stand as deep in the host as it can.
        most = _ENDLESS if self.instructions is None else self.instructions
        spent = self.granted - self.left
        if spent > most:
            self.left += instructions
            raise InstructionLimit(f"the program ran more than {self.instructions} instructions")
        granted = most if self.deadline is None or spent + self.each > most else spent + self.each
        self.left += granted - self.granted
        self.granted = granted


class Warm(BaseException):
    """Says that a program has run as many instructions as make a faster machine worth its while; no error."""


class Warming:
    """Counts the instructions of the stack machine, which draws an item of `fuel` for each, until it says Warm.

    Attributes:
        fuel: an iterator with as many items as instructions are left.
    """

    def __init__(self, instructions: int | None = None) -> None:
        """
        Args:
            instructions: how many make a program warm; None for a program that stays where it is.
        """
        self.fuel: Iterator[None] = repeat(None) if instructions is None else repeat(None, instructions)

    def refill(self) -> None:
        """Ask for more fuel, when there is none left.

        Raises:
            Warm: the instructions have run.
        """
        if not length_hint(self.fuel):
            raise Warm
