"""Timing: how long calls take, and runs of loops, by clocks that are read seldom enough not to matter.

Reading the clock costs as much as some instructions. So what is timed is a whole run of a loop, from its first
iteration to its last, or a whole call; and only now and then, the more seldom the shorter they are. Which one is next,
an iterator tells that runs in C: most draw a 0 from it and go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from time import perf_counter_ns

from zexus.vm.profiling.histogram import Histogram

SHORTEST = 200  # ns: anything shorter cannot be told from reading the clock
_ALL = 32  # so many are all timed in the beginning; behind as many more, it is seen how short they are
_SHARE = 40_000  # ns of runs between two that are timed
_OUTLIER = 4  # times what 99 of 100 are below: what takes longer was interrupted, or is too rare to stand for others
_OPEN = 4096  # that have begun and not ended, of which most never will, as exceptions ended them
_SELDOM = 256  # runs between two that are timed, at most


class Watch:
    """Times some of the calls of a function, or of the runs of a loop. What ends by an exception is not noted.

    Attributes:
        share: ns of calls or runs between two that are timed: some 2 % of them go into timing.
        times: of those that were timed, ns.
        short: how many of those were too short for the clock, and are not among them.
        whole: about how long all took, ns: each that was timed stands for those behind the one before it, too.
        asked: how many calls or runs there have been, those up to the next one that is timed included.
        begin: called at the beginning; gives what `end` takes, or 0 where this one is not timed.
    """

    share = _SHARE

    def __init__(self) -> None:
        self.times = Histogram()
        self.short = self.whole = self.asked = 0
        self._every = 1
        self._most = 0  # what others may have taken that a timed one stands for
        self._stand_for: dict[int, int] = {}  # of those that have begun, by when: how many each stands for
        self.begin: Callable[[], int] = chain.from_iterable(self._turns()).__next__

    def _turns(self) -> Iterator[tuple[int, ...]]:
        before = 1
        while True:
            zeros = (0,) * (self._every - 1)
            self.asked += self._every
            if len(self._stand_for) >= _OPEN:
                self._stand_for.clear()
            begun = perf_counter_ns()
            self._stand_for[begun] = before
            before = self._every
            yield (begun, *zeros)

    def end(self, begun: int) -> None:
        """What is timed ends."""
        self.whole += self.note(begun, perf_counter_ns() - begun)

    def note(self, begun: int, taken: int) -> int:
        """Take in a time.

        Args:
            begun: what `begin` gave.
            taken: ns.

        Returns:
            about how long all took that it stands for, ns.
        """
        if taken < SHORTEST:
            self.short += 1
        else:
            self.times.add(taken)
        if (self.times.count + self.short) % _ALL == 0:
            # Most calls of a function that calls itself are short, though their mean is not.
            usual = SHORTEST if self.short > self.times.count else self.times.quantile(0.25)
            self._every = max(1, min(self.share // usual, _SELDOM))
            self._most = _OUTLIER * max(self.times.quantile(0.99), SHORTEST)
        own, others = max(taken, SHORTEST // 2), self._stand_for.pop(begun, 1) - 1
        return own + others * min(own, self._most)

    def clear(self) -> None:
        """Begin anew."""
        self.times = Histogram()
        self.short = self.whole = self.asked = 0
