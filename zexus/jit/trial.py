"""Measures a loop in service: native code and CPython take turns at it, and the loser is given up.

Native code runs without any of this. A turn of it is over with the entry, or at a time slice, whose length is set
beforehand; while a trial is on, the code is asked to leave, so that entries, and what CPython has left of them, come
here.
"""

from __future__ import annotations

import operator
import threading
import time
from typing import TYPE_CHECKING, Any

from zexus.codes import Unsupported
from zexus.jit.borders import cursor_of
from zexus.jit.entrytrial import is_nested
from zexus.jit.stopwatch import LATE, PAUSE, PURSE, PYTHON, SOON, Match, is_dear
from zexus.jit.version import EXHAUSTED, SIDE_EXIT, Answer, Version
from zexus.records import dataclass
from zexus.regvm import cursor as cursors
from zexus.regvm.machine import Frame

if TYPE_CHECKING:
    from zexus.jit.tier import LoopTier

# Iterations behind which native code that calls Python is looked at for the first time.
_EARLY = 256


@dataclass
class _Piece:
    """Some iterations under the clock: of CPython, or of native code with what happens behind its side exits.

    Attributes:
        python: whose they are.
        iterator: the identity of what the loop draws from.
        left: the iterations that it had left; of CPython's, that it will have left.
        count: how many these are: of CPython's, what it was told; of native code's, once it has been left.
        edges: how many had been run before, as counters tell.
        rounds: the same of the outermost loop alone; once native code has been left, how many these were.
        started: the time.
        source: what counts CPython's iterations of a `while` loop.
        spent: how long native code has run, once it has been left.
        versions: how often the loop had been compiled.
    """

    python: bool
    iterator: int
    left: int
    count: int
    edges: int
    rounds: int
    versions: int
    started: int = 0
    source: Any = None
    spent: int = -1


class Trial:
    """The measurement of one loop.

    Args:
        tier: the loop's.

    Attributes:
        clock: tells the time of this thread, in nanoseconds.
        wall: tells that of the program.
        purse: pays for measuring.
    """

    def __init__(self, tier: LoopTier) -> None:
        settings = tier.settings
        self.clock = time.thread_time_ns
        self.wall = time.perf_counter_ns
        self.purse = PURSE
        self._tier = tier
        self._wanted = settings.measure and not tier.rank and not settings.force_exit and tier.site.kind != "function"
        self._match: Match | None = None
        self._owner = 0  # the thread that a trial is about; others end it
        self._piece: _Piece | None = None
        self._pausing = False
        self._dear = self._single = self._counts = False
        self._nests = False  # whether iterations make entries of their own: only whole entries can be measured
        self._edges = 1.0  # in native code, for each iteration of the loop
        self._due, self._rest = 0, SOON

    # --- which loops, and when ----------------------------------------------------------------------------

    def watch(self, version: Version) -> None:
        """A version has come into service."""
        self._match = self._piece = None
        if not self._wanted:
            return
        instructions = list(version.unit.fn.instructions())
        headers = {i.targets[0] for i in instructions if i.op == "TICK"}
        self._single = len(headers) == 1 and all(i.op != "COUNT" for i in instructions)
        # A call that a loop stands beside is made for whole entries.
        turning = not version.unit.mirrored and not self._tier.site.is_beside_call
        self._counts = turning and not version.origin.over_iterator
        self._dear = is_dear(instructions)
        if self._dear and self._counts:
            version.counters["left"] = min(version.counters["left"], _EARLY)

    def is_due(self, version: Version) -> bool:
        """Whether native code is to be left at its next time slice; asked in each."""
        if self._wanted and (self._nests or not self._counts):
            if not version.origin.over_generator and self._tier.entry_trial.match is None:
                self._tier.entry_trial.begin(version)
            return False
        if self._match is None and self._may_begin(version):
            saved = self._tier.findings.saved
            self._owner, self._match = threading.get_ident(), Match(self._tier.settings, self.purse, saved)
        self._pausing = False
        return self._match is not None

    def _may_begin(self, version: Version) -> bool:
        tier = self._tier
        if not self._wanted or not tier.weighs or tier.job is not None or tier.asked_anew:
            return False
        if not self._dear and version.exits.total() < tier.settings.widen_after:
            return False
        return self.wall() >= self._due and self.purse.covers(0, tier.settings.measure_share)

    def interrupt(self) -> None:
        """An entry comes from elsewhere: there is nothing to be told from turns that are not alone."""
        version = self._tier.version
        if version is not None and not self._tier.asked_anew and (self._match is not None or version.counters["leave"]):
            self._match = self._piece = None
            self._due = self.wall() + SOON
            version.counters["leave"] = 0

    def _mine(self) -> Match | None:
        """The match, if there is one and it is about this thread."""
        return self._match if self._owner == threading.get_ident() else None

    # --- where turns begin and end -------------------------------------------------------------------------

    def enter(self, version: Version, it: Any, arguments: Any) -> Answer | None:
        """An entry, or what CPython has left of one, that finds native code asked to leave; None: it does not fit."""
        tier, match = self._tier, self._mine()
        if tier.version is not version or not version.counters["leave"]:
            return None
        if match is None:
            self.interrupt()
            return tier.start(it, arguments)
        piece = self._piece
        if piece is not None and piece.python and piece.iterator != id(it) and is_nested(tier.site):
            self._nests = True
            self.interrupt()
            return tier.start(it, arguments)
        left = tier.remaining(it) or 0
        self._python_ended(match, it, left)
        if not left:
            return (EXHAUSTED, None, *tier.border.untouched)
        piece = self._proceed(match, version, id(it), left)
        if tier.version is not version:
            return tier.onward(it)
        if piece is not None and piece.python:
            return self._started(tier.onward(it, piece.count), piece)
        answer: Answer = version.call(it, *arguments)
        if answer[0] == SIDE_EXIT:
            self._piece = None
            self.ended(answer)
            return None
        if not 0 <= answer[0] < SIDE_EXIT:
            answer = tier.deoptimize(version, answer, it)
        return self.ended(answer)

    def turn(self, frame: Frame, it: Any) -> Answer | None:
        """The register machine stands at the header: CPython's turn, or None where native code goes on."""
        tier, version = self._tier, self._tier.version
        if version is None or (self._match is None and not self.is_due(version)):
            return None
        match = self._mine()
        if match is None:
            self.interrupt()
            return None
        if (self._pausing or self._piece is not None) and not version.counters["leave"]:
            return None
        left = cursors.left(cursor_of(frame).iterator()) or 0 if it is not None else 1
        self.stop()
        self._native_ended(match, id(it), left)
        if not left:
            version.counters["leave"] = 0  # it ends there
            return None
        piece = self._proceed(match, version, id(it), left)
        if piece is None or not piece.python:
            return None
        return self._started(tier.give_back(frame, it, piece.count), piece)

    def stop(self) -> None:
        """Native code has been left because it was asked to: what comes now is not its own."""
        piece, version = self._piece, self._tier.version
        if piece is None or piece.python or piece.spent >= 0 or version is None or self._mine() is None:
            return
        piece.spent = self.clock() - piece.started
        piece.count = self._taken(version) - piece.edges
        piece.rounds = self._rounds(version) - piece.rounds

    def ended(self, answer: Answer) -> Answer:
        """An entry is over."""
        match, version, piece = self._mine(), self._tier.version, self._piece
        if match is None or version is None:
            return answer
        if piece is not None and not piece.python:
            self.stop()
            self._native_ended(match, piece.iterator, 0 if answer[0] == EXHAUSTED else None)
        if not self._pausing:
            version.counters["leave"] = 1
        return answer

    def _taken(self, version: Version) -> int:
        """How many iterations there have been, as counters tell, in native code and behind its exits."""
        return version.iterations() + self._tier.loop.iterations

    def _rounds(self, version: Version) -> int:
        """The same of the outermost loop alone, where there are loops in it."""
        return version.counters["rounds"] + self._tier.loop.iterations

    def _started(self, answer: Answer, piece: _Piece) -> Answer:
        """CPython begins with what the answer holds."""
        piece.source = answer[1] if self._tier.site.kind != "for" else None
        piece.started = self.clock()
        return answer

    def _python_ended(self, match: Match, it: Any, left: int) -> None:
        """The hook has been called: is it CPython's turn that is over?"""
        piece = self._piece
        if piece is None:
            return
        spent = self.clock() - piece.started
        self._piece = None
        over = left == piece.left if piece.source is None else not operator.length_hint(piece.source)
        if piece.python and id(it) == piece.iterator and over:
            self._tier.loop.iterations += piece.count
            match.add(spent, piece.count)
        else:
            match.drop()

    def _native_ended(self, match: Match, iterator: int, left: int | None) -> None:
        """Native code has been left; `left` iterations are left, if that is known."""
        piece, self._piece = self._piece, None
        if piece is None:
            return
        if self._single:
            count = piece.count
        elif self._tier.site.kind == "while":
            count = piece.rounds
        else:
            count = piece.left - left if left is not None else 0
        if piece.python or iterator != piece.iterator or piece.versions != self._tier.versions or count <= 0:
            match.drop()
            return
        self._edges = max(1.0, piece.count / count)
        match.add(piece.spent, count)

    def _proceed(self, match: Match, version: Version, iterator: int, left: int) -> _Piece | None:
        """Begin what comes next: what is measured of it, None for a pause or where the trial is over."""
        tier, numbers = self._tier, version.counters
        if match.lost:
            tier.give_up(Unsupported("ZX044", tier.site.node, f"native was {match.ratio:.2g}x as fast"))
            return None
        if match.won or tier.job is not None or tier.asked_anew:
            self._match = None
            self._due, self._rest = self.wall() + self._rest, min(2 * self._rest, LATE)
            numbers["leave"] = int(tier.asked_anew)
            return None
        length, python = match.length, match.turn == PYTHON
        self._pausing = match.turn == PAUSE
        piece = None
        if self._pausing:
            match.pause()
        elif python:
            length = length if tier.site.kind != "for" else min(length, left)
            piece = _Piece(True, iterator, left - length, length, 0, 0, tier.versions)
        else:
            piece = _Piece(False, iterator, left, 0, self._taken(version), self._rounds(version), tier.versions)
        self._piece = piece
        numbers["leave"] = int(python)
        if not python:
            numbers["left"] = max(1, int(length * self._edges))
        if piece is not None:
            piece.started = self.clock()
        return piece
