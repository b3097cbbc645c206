"""How often a running loop asks for native code that is being made beside it."""

from __future__ import annotations

import time

_EVERY = 0.002  # seconds between two looks
_LONG, _SHORT = 0.02, 0.002  # seconds that iterations between two looks should neither exceed nor fall short of


class Pace:
    """The iterations between two looks: some milliseconds' worth.

    Args:
        most: iterations that are never exceeded.
    """

    def __init__(self, most: int) -> None:
        self.most = self.stride = most
        self.asked = self.next_look = 0.0

    def is_due(self) -> bool:
        """Whether the last look is long enough ago for another one, which this then is."""
        now = time.monotonic()
        if now < self.next_look:
            return False
        self.next_look = now + _EVERY
        return True

    def iterations(self) -> int:
        """How many iterations to run before asking again."""
        now = time.monotonic()
        spent, self.asked = now - self.asked, now
        if spent > _LONG:
            self.stride = max(1, self.stride // 4)
        elif spent < _SHORT:
            self.stride = min(self.most, self.stride * 2)
        return self.stride
