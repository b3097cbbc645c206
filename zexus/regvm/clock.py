"""Whose time it is: the engine works, or the program runs meanwhile; how long the engine has worked in all.

That is the processor's time: other processes do not make the engine's work longer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import thread_time

from zexus.codes import Unsupported

# The code of the refusal for now of what takes too long.
OVERDUE = "ZX047"


class _Turn:
    """A turn that begins and ends, unless it has begun already."""

    __slots__ = ("_begin", "_begun", "_end")

    def __init__(self, begin: Callable[[], bool], end: Callable[[], bool]) -> None:
        self._begin, self._end = begin, end

    def __enter__(self) -> None:
        self._begun = self._begin()

    def __exit__(self, *raised: object) -> None:
        if self._begun:
            self._end()


class _Away(_Turn):
    """A turn of the program's, in which no limit holds for what another loop's tier does."""

    __slots__ = ("_limit",)

    def __enter__(self) -> None:
        super().__enter__()
        self._limit, CLOCK.limit = CLOCK.limit, inf

    def __exit__(self, *raised: object) -> None:
        CLOCK.limit = self._limit
        super().__exit__(*raised)


class Clock(threading.local):
    """The time of one thread.

    Attributes:
        taken: seconds that the engine has worked in this thread, but for its present turn.
        limit: how many these may be before the work on a loop is given up.
    """

    def __init__(self) -> None:
        self.taken = 0.0
        self.limit = inf
        self._began = 0.0  # of the engine's turn, 0 in the program's

    def engine(self) -> bool:
        """The engine's turn begins; whether it was the program's, which the caller gives back by `program`."""
        if self._began:
            return False
        self._began = thread_time()
        return True

    def program(self) -> bool:
        """The program's turn begins; whether it was the engine's, which the caller gives back by `engine`."""
        if not self._began:
            return False
        spent, self._began = thread_time() - self._began, 0.0
        self.taken += spent
        _TOTAL[0] += spent
        return True

    def spent(self) -> float:
        """Seconds that the engine has worked in this thread by now."""
        return self.taken + (thread_time() - self._began if self._began else 0.0)

    def working(self) -> _Turn:
        """A context in which the engine works."""
        return _Turn(self.engine, self.program)

    def away(self) -> _Turn:
        """A context in which the program runs, in the midst of the engine's work."""
        return _Away(self.program, self.engine)

    def is_overdue(self) -> bool:
        """Whether the work on a loop takes longer than it may."""
        return self.spent() > self.limit

    def check(self) -> None:
        """Give the work up if it takes longer than it may.

        Raises:
            Unsupported: it does.
        """
        if self.is_overdue():
            raise Unsupported(OVERDUE)

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Work on a loop, for so long at most."""
        before, self.limit = self.limit, self.spent() + seconds
        try:
            yield
        finally:
            self.limit = before


CLOCK = Clock()
_TOTAL = [0.0]


def total() -> float:
    """Seconds that the engine has worked in all threads, but for turns that last."""
    return _TOTAL[0]
