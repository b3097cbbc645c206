"""Turns of CPython and of native code at one loop, in pairs, until it is known which of the two is faster.

Only turns that follow each other are compared, since what an iteration costs changes while a program runs, and native
code has to lose nearly all pairs. Which of the two comes first in a pair follows the Thue-Morse sequence, so that no
rhythm of the program's own falls in with theirs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from zexus.regvm.ir import Instr
from zexus.settings import JitSettings

PAUSE, NATIVE, PYTHON = range(3)
# Nanoseconds between two trials of what that native code wins, at first and at most.
SOON, LATE = 50_000_000, 10_000_000_000

# Iterations of native code before anything is compared, which tell what one may cost CPython.
_FIRST = 64
# How much slower than native code CPython may be, when it is asked for its first iteration, and how many nanoseconds
# each of its instructions may take.
_DEAREST, _SLOWEST = 100, 60
# How often longer than a turn of native code the pause is between two pairs.
_APART = 8
# Entries of which a turn consists at most, and how many may be lost before nothing can be told.
_PIECES = 32
# How much CPython's next piece may be longer than its last one, and how long it may be.
_GROWTH = 4
_LONGEST = 1 << 30
# One in so many pairs may be won by native code that loses nevertheless.
_STRAY = 8
# What measuring may cost before the program has run for long, in nanoseconds.
_CREDIT = 5_000_000


def is_dear(instructions: Iterable[Instr]) -> bool:
    """Whether one of them costs native code about as much as CPython: a call of Python, or a new object."""
    return any("dear" in instr.row.facts.traits for instr in instructions)


class Purse:
    """What measuring costs, all loops together: no more than a share of the time that the program runs.

    Args:
        wall: tells the time, in nanoseconds.
    """

    def __init__(self, wall: Callable[[], int]) -> None:
        self._wall, self._begun = wall, wall()
        self.spent = 0.0

    def covers(self, cost: float, share: float) -> bool:
        """Whether there is so much left."""
        return self.spent + cost <= _CREDIT + share * (self._wall() - self._begun)


PURSE = Purse(time.perf_counter_ns)


class Match:
    """The comparison of both at one loop.

    Args:
        settings: how many pairs of which length, and by how much native code must lose.
        purse: pays for it.
        saved: the instructions of an iteration that CPython runs and native code does not, 0 where nobody knows.

    Attributes:
        turn: whose turn it is: `NATIVE`, `PYTHON`, or, unmeasured, `PAUSE`.
        ratios: how many times as fast native code was, for each pair.
    """

    def __init__(self, settings: JitSettings, purse: Purse, saved: float = 0.0) -> None:
        self._settings, self._purse, self._saved = settings, purse, saved
        self._sample = settings.measure_seconds * 1e9
        self._target = _FIRST
        self._piece = 1
        self._time = self._iterations = self._pieces = self._added = self._dropped = 0
        self._longest = _LONGEST
        self._next: list[int] = []
        self._rates: dict[int, float] = {}
        self._compared = False  # whether the first turn is over
        self._too_dear = False
        self._excess = 0.0
        self.turn = NATIVE
        self.ratios: list[float] = []

    @property
    def length(self) -> int:
        """How many iterations are to be run next."""
        if self.turn == PYTHON:
            return self._piece
        return self._target * _APART if self.turn == PAUSE else max(1, self._target - self._iterations)

    @property
    def won(self) -> bool:
        """Whether native code stays: it has won too many pairs to lose, or nothing can be told."""
        vain = self._dropped > max(_PIECES, 2 * self._added)
        return self._too_dear or vain or self._won_pairs > self._strays

    @property
    def lost(self) -> bool:
        """Whether native code has lost."""
        return not self.won and len(self.ratios) >= self._settings.measure_pairs

    @property
    def ratio(self) -> float:
        """How many times as fast as CPython native code was: the middle one of all pairs."""
        return sorted(self.ratios)[len(self.ratios) // 2]

    @property
    def _strays(self) -> int:
        return self._settings.measure_pairs // _STRAY

    @property
    def _won_pairs(self) -> int:
        return sum(ratio >= self._settings.measure_margin for ratio in self.ratios)

    def add(self, spent: int, iterations: int) -> None:
        """A piece of the present turn is over.

        Args:
            spent: its time, in nanoseconds.
            iterations: how many it had.
        """
        self._time += spent
        self._iterations += iterations
        self._pieces += 1
        self._added += 1
        if self.turn == PYTHON:
            missing = self._sample - self._time if self._time < self._sample else self._sample
            wanted = int(missing * iterations / max(1, spent)) + 1
            self._piece = min(wanted, _GROWTH * self._piece, self._longest)
            done = self._time >= self._sample
        else:
            done = self._iterations >= self._target or self._time >= _GROWTH * self._sample
        if done or self._pieces >= _PIECES:
            self._over()

    def drop(self) -> None:
        """A piece of the present turn has come to nothing."""
        self._dropped += 1
        if self.turn == PYTHON:
            self._piece = self._longest = max(1, self._piece // 2)

    def pause(self) -> None:
        """The pause begins; the turn behind it is the next one."""
        self.turn = self._next.pop(0)

    def _over(self) -> None:
        """A turn is over."""
        rate = self._time / self._iterations
        if self.turn == PYTHON:
            self._target = self._iterations
            self._excess = self._time
        self._rates[self.turn] = rate
        self._time = self._iterations = self._pieces = 0
        if not self._compared:
            self._compared = True
            self._too_dear = not self._purse.covers(self._dearest(rate), self._settings.measure_share)
        elif self._next:
            self.turn = self._next.pop(0)
            return
        else:
            self._compare()
        first = (NATIVE, PYTHON) if len(self.ratios).bit_count() % 2 else (PYTHON, NATIVE)
        self._rates.clear()
        self.turn, self._next = PAUSE, [*first]

    def _dearest(self, rate: float) -> float:
        """How long one of CPython's iterations may take, if native code's take that long."""
        dearest = _DEAREST * rate
        return min(dearest, rate + _SLOWEST * self._saved) if self._saved else dearest

    def _compare(self) -> None:
        """A pair is complete."""
        python, native = self._rates[PYTHON], self._rates[NATIVE]
        self._purse.spent += max(0.0, self._excess - self._target * native)
        self.ratios.append(python / max(native, 1e-3))
