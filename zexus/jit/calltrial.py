"""Measures a function in service: native code and CPython take turns at its calls, and the loser is given up.

A turn goes from one call that comes from outside to another one, with whatever the program does in between, as both
have to do that. In CPython's turn so many calls pass by the hook as it has. A call that CPython's own calls make is not
from outside: native code has it until one comes that is, and that is not measured.
"""

from __future__ import annotations

import sys
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING

from zexus.codes import Unsupported
from zexus.jit.stopwatch import PAUSE, PURSE, PYTHON, Match
from zexus.jit.trial import DEAR, LATE, SOON
from zexus.jit.version import Version

if TYPE_CHECKING:
    from zexus.jit.functions import FunctionTier

# Frames between this module's and the one of the function whose hook was called.
_ABOVE = 3


class CallTrial:
    """The measurement of one function.

    Args:
        tier: the function's.

    Attributes:
        clock: tells the time of this thread, in nanoseconds.
        wall: tells that of the program.
        purse: pays for measuring.
        match: the trial under way.
    """

    def __init__(self, tier: FunctionTier) -> None:
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
        self._dear = any(instr.op in DEAR for fn in version.unit.functions() for instr in fn.instructions())

    def begin(self, version: Version) -> None:
        """Begin a trial if there is a reason: the code calls Python, or is left."""
        tier, settings = self._tier, self._tier.settings
        if not settings.measure or settings.force_exit or not tier.weighs or tier.job is not None:
            return
        if not self._dear and version.exits.total() < settings.widen_after:
            return
        if self.wall() < self._due or not self.purse.covers(0, settings.measure_share):
            return
        self.match, self._owner = Match(settings, self.purse), threading.get_ident()
        self._passing = self._started = 0

    def is_python(self, version: Version) -> bool:
        """A call comes to the hook while a trial is on: whether CPython has it, or the function for good."""
        match = self.match
        if match is None or self._owner != threading.get_ident() or self._tier.job is not None:
            self.stop()
            return False
        nested = _is_nested()
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
        self._started, self._edges = self.clock(), version.iterations()
        if match.turn != PYTHON:
            return False
        self._passing = match.length
        self._tier.waits.again(self._passing + 1)
        return True

    def stop(self) -> None:
        """There is nothing to be told any more."""
        self.match = None
        self._tier.waits.again(1)

    def _end(self, match: Match, version: Version, nested: bool) -> None:
        """End the piece under way, if that is over."""
        if not self._started:
            return
        if self._passing:
            match.add(self.clock() - self._started, self._passing)
            self._started = self._passing = 0
            self._tier.waits.again(1)
            return
        done = version.iterations() - self._edges
        if nested or done < min(match.length, 1 << 20):
            return
        if match.turn == PAUSE:
            match.pause()
        else:
            match.add(self.clock() - self._started, done)
        self._started = 0


def _is_nested() -> bool:
    """Whether the call comes, by whatever way, from one of the function's that CPython runs."""
    frame = sys._getframe(_ABOVE)
    own, caller = _place(frame), frame.f_back
    while caller is not None:
        if _place(caller) == own:
            return True
        caller = caller.f_back
    return False


def _place(frame: FrameType) -> tuple[int, str, str]:
    """What a function's code objects have in common, whatever hooks they hold."""
    code = frame.f_code
    return code.co_firstlineno, code.co_name, code.co_filename
