"""The time that goes into a loop beside its own: watching it, and finishing what native code has left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic

from zexus.jit import verdicts
from zexus.regvm.clock import CLOCK

# Seconds, and the share of those that the program has run, that may go into a loop which is not native yet.
_WORTH, _SHARE = 0.1, 0.05
# Seconds behind a side exit, on average, that make iterations long ones.
_TEDIOUS = 0.001


class Effort:
    """What has gone into one loop.

    Attributes:
        spent: seconds of watching it and of finishing what native code has left.
        work: seconds of watching it and of making typed code.
        behind, inside: of the version in service, those behind its side exits, and in native code from there on.
    """

    def __init__(self) -> None:
        self.spent = self.work = self.behind = self.inside = 0.0

    def begin(self) -> None:
        """Another version has come into service."""
        self.behind = self.inside = 0.0

    def watching(self) -> AbstractContextManager[None]:
        """The register machine runs the loop to see what it does."""
        return self._noted("spent")

    def working(self) -> AbstractContextManager[None]:
        """It is watched, and typed code is made of it."""
        return self._noted("work")

    @contextmanager
    def _noted(self, what: str) -> Iterator[None]:
        before = CLOCK.spent()
        try:
            yield
        finally:
            setattr(self, what, getattr(self, what) + CLOCK.spent() - before)

    def left(self, seconds: float) -> None:
        """The register machine has finished an iteration that native code left."""
        self.spent += seconds
        self.behind += seconds

    @property
    def is_too_much(self) -> bool:
        """Whether it is more than the program has had reason to spend by now."""
        return self.spent > max(_WORTH, _SHARE * (monotonic() - verdicts.BEGUN))

    @property
    def due(self) -> float:
        """When, on the monotonic clock, the program has run for so long that it is little."""
        return verdicts.BEGUN + self.spent / _SHARE

    def exceeds(self, exits: int) -> bool:
        """Whether so many exits have cost more time than there was in native code, as iterations are long."""
        return self.behind > max(self.inside, _TEDIOUS * exits)
