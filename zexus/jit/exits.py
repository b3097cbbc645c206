"""Where native code of one loop was left, how often, and what the user hears of it at once."""

from __future__ import annotations

from collections import Counter

from zexus import events
from zexus.codes import CODES, Span
from zexus.jit import deopt, place
from zexus.jit.place import Place
from zexus.regvm.ir import Exit


class ExitLog:
    """The side exits of all versions of a loop.

    Args:
        where: names the loop in events.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._taken: Counter[tuple[str, int]] = Counter()
        self._spans: dict[tuple[str, int], tuple[str, Span]] = {}

    def note(self, way: Exit) -> None:
        """Native code was left by this exit."""
        key = (way.code, way.line)
        self._taken[key] += 1
        if key not in self._spans:
            self._spans[key] = deopt.span(way)
        events.count("exit:" + way.code)
        if events.wanted("deopt"):
            events.append("deopt", self._where, f"left at line {way.line}, {way.code}: {CODES[way.code].text}")

    def total(self) -> int:
        """How often native code was left."""
        return self._taken.total()

    def counts(self) -> tuple[tuple[str, int, int], ...]:
        """Code, line and count of each, the most frequent first."""
        return tuple((code, line, count) for (code, line), count in self._taken.most_common())

    def places(self) -> tuple[Place, ...]:
        """Where these stand, in the same order."""
        return tuple(place.of_span(*self._spans[key]) for key, _ in self._taken.most_common())
