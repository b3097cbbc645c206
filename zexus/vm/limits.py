"""Limits of a run: how many instructions it may take, and how long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice, repeat
from operator import length_hint

from zexus.settings import VM_DEFAULTS

_SLICE = VM_DEFAULTS.clock_instructions


class LimitExceeded(Exception):
    """A run was ended because it reached a limit; no handler of the program takes this."""


class InstructionLimit(LimitExceeded):
    """The program ran as many instructions as it may."""


class TimeLimit(LimitExceeded):
    """The program ran as long as it may."""


class Budget:
    """What is left of a run's limits.

    An interpreter takes one item from `fuel` for each instruction, and calls `refill` when there is none left.

    Attributes:
        fuel: an iterator with as many items as instructions may run before the next look at the limits.
    """

    def __init__(self, instructions: int | None = None, seconds: float | None = None, each: int = _SLICE) -> None:
        """
        Args:
            instructions: how many may run; None for any number.
            seconds: how long they may run, from now; None for any time.
            each: instructions between two looks at the clock.
        """
        self.instructions = instructions
        self.seconds = seconds
        self.each = each
        self.deadline = None if seconds is None else time.monotonic() + seconds
        self.granted = 0
        self.fuel: Iterator[None] = repeat(None) if instructions is None and seconds is None else iter(())

    @property
    def spent(self) -> int:
        """How many instructions have run; without limits they are not counted, and it is 0."""
        return self.granted - length_hint(self.fuel) if self.granted else 0

    @property
    def limited(self) -> bool:
        """Whether there are limits at all."""
        return self.instructions is not None or self.seconds is not None

    def take(self, instructions: int) -> None:
        """Spend several instructions at once, before they run; there are limits.

        Raises:
            LimitExceeded: there are not so many left.
        """
        left = length_hint(self.fuel)
        while left < instructions:
            next(islice(self.fuel, left, None), None)
            instructions -= left
            self.refill()
            left = length_hint(self.fuel)
        next(islice(self.fuel, instructions, instructions), None)

    def refill(self) -> None:
        """Put more into `fuel`.

        Raises:
            LimitExceeded: nothing is left.
        """
        if length_hint(self.fuel):
            return  # a run inside of this one, called by host code, did it
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise TimeLimit(f"the program ran longer than {self.seconds:g} seconds")
        left = self.each if self.instructions is None else self.instructions - self.granted
        if left <= 0:
            raise InstructionLimit(f"the program ran more than {self.instructions} instructions")
        more = left if self.deadline is None else min(left, self.each)
        self.granted += more
        self.fuel = repeat(None, more)


class Warm(BaseException):
    """Says that a program has run as many instructions as make a faster machine worth its while; no error."""


class Warming(Budget):
    """No limit, but a count: behind so many instructions, `refill` raises Warm."""

    def __init__(self, instructions: int) -> None:
        super().__init__()
        self.fuel = repeat(None, instructions)

    def refill(self) -> None:
        """
        Raises:
            Warm: the instructions have run.
        """
        if not length_hint(self.fuel):
            raise Warm
