"""Measures what is entered often: native code and CPython take turns at the entries, and the loser is given up.

That is a function, or a loop of which no turn within an entry can be told: its function calls itself, say. A turn goes
from one entry that comes from outside to another one, with whatever the program does in between, as both have to do
that. In CPython's turn so many entries pass by the hook as it has. An entry that CPython's own ones make is not from
outside: native code has it until one comes that is, and that is not measured.
"""

from __future__ import annotations

import sys
import threading
import time
from types import FrameType
from typing import Any, Protocol

from zexus.codes import Unsupported
from zexus.frontend.sites import LoopSite
from zexus.frontend.slots import Turns
from zexus.jit.stopwatch import LATE, PAUSE, PURSE, PYTHON, SOON, Match, is_dear
from zexus.jit.version import Version
from zexus.settings import JitSettings

# Entries of a loop beside a call of which CPython has at least so many in turn.
_BESIDE = 8


class Entered(Protocol):
    """The tier of a function or loop, as its trial knows it."""

    site: LoopSite
    settings: JitSettings
    waits: Turns
    job: Any

    @property
    def weighs(self) -> bool:
        """Whether it is native only where that pays."""

    @property
    def is_doubtful(self) -> bool:
        """Whether it may lose whatever its native code is like."""

    @property
    def nests(self) -> bool:
        """Whether an entry may lead to another one."""

    def rest(self, entries: int) -> None:
        """Ask nothing at so many entries, which native code has."""

    def saved_by_entry(self, version: Version) -> float:
        """The instructions of an entry that CPython runs and native code does not, 0 where nobody knows."""

    def entries_of(self, version: Version) -> int:
        """How many entries a version has had by now."""

    def listen(self) -> None:
        """Let each entry come to the trial, or, where none is on, as it would without one."""

    def give_up(self, refusal: Unsupported) -> None:
        """Leave it to CPython."""


class EntryTrial:
    """The measurement of one function or loop.

    Args:
        tier: its own.

    Attributes:
        clock: tells the time of this thread, in nanoseconds.
        wall: tells that of the program.
        purse: pays for measuring.
        match: the trial under way.
    """

    def __init__(self, tier: Entered) -> None:
        self.clock = time.thread_time_ns
        self.wall = time.perf_counter_ns
        self.purse = PURSE
        self.match: Match | None = None
        self._tier = tier
        self._owner = 0  # the thread that it is about
        self._dear = False
        self._due, self._rest = 0, SOON
        self._started = self._edges = self._passing = 0  # of the piece under way

    def watch(self, version: Version) -> None:
        """A version has come into service."""
        self.match = None
        self._dear = self._tier.is_doubtful or any(is_dear(fn.instructions()) for fn in version.unit.functions())

    def begin(self, version: Version) -> None:
        """Begin a trial if there is a reason: the code calls Python, or is left."""
        tier, settings = self._tier, self._tier.settings
        if not settings.measure or settings.force_exit or not tier.weighs or tier.job is not None:
            return
        if not self._dear and version.exits.total() < settings.widen_after:
            return
        if self.wall() < self._due or not self.purse.covers(0, settings.measure_share):
            return
        saved = tier.saved_by_entry(version)
        self.match, self._owner = Match(settings, self.purse, saved), threading.get_ident()
        self._passing = self._started = 0
        tier.listen()

    def is_python(self, version: Version) -> bool:
        """An entry comes to the hook while a trial is on: whether CPython has it, or all of them for good."""
        match = self.match
        if match is None or self._owner != threading.get_ident() or self._tier.job is not None:
            self.stop()
            return False
        nested = self._tier.nests and is_nested(self._tier.site)
        self._end(match, version, nested)
        if match.lost:
            self.stop()
            self._tier.give_up(Unsupported("ZX044", self._tier.site.node, f"native was {match.ratio:.2g}x as fast"))
            return True
        if match.won:
            self.stop()
            self._due, self._rest = self.wall() + self._rest, min(2 * self._rest, LATE)
            return False
        if nested or self._started:
            return False
        self._started, self._edges = self.clock(), self._tier.entries_of(version)
        if match.turn != PYTHON:
            self._tier.rest(match.length - 1)
            return False
        # This entry is CPython's too, in a loop where a call stands beside it: that should not count for much.
        self._passing = max(match.length, _BESIDE) if self._tier.site.is_beside_call else match.length
        self._tier.waits.again(self._passing)
        return True

    def stop(self) -> None:
        """There is nothing to be told any more."""
        self.match = None
        self._tier.listen()

    def _end(self, match: Match, version: Version, nested: bool) -> None:
        """End the piece under way, if that is over."""
        if not self._started:
            return
        if self._passing:
            match.add(self.clock() - self._started, self._passing)
            self._started = self._passing = 0
            self._tier.waits.again(1)
            return
        done = self._tier.entries_of(version) - self._edges
        if nested or done < min(match.length, 1 << 20):
            return
        if match.turn == PAUSE:
            match.pause()
        else:
            match.add(self.clock() - self._started, done)
        self._started = 0


def is_nested(site: LoopSite) -> bool:
    """Whether an entry that has come to the hook was made, by whatever way, by a call that CPython runs."""
    own: tuple[int, str, str] | None = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        place = _place(frame)
        if place == own:
            return True
        if own is None and place[2] == site.scope.filename:
            own = place
        frame = frame.f_back
    return False


def _place(frame: FrameType) -> tuple[int, str, str]:
    """What a function's code objects have in common, whatever hooks they hold."""
    code = frame.f_code
    return code.co_firstlineno, code.co_name, code.co_filename
