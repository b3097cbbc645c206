"""How often a running loop asks for native code that is being made beside it."""

from __future__ import annotations

from time import monotonic

_LONG = 10  # intervals that iterations between two looks should not exceed, as they should not fall short of one


class Pace:
    """The iterations between two looks: some milliseconds' worth.

    Args:
        most: iterations that are never exceeded.
        interval: seconds between two looks.
        first: how many they are at first.
    """

    def __init__(self, most: int, interval: float, first: int = 0) -> None:
        self.interval = interval
        self.most = most
        self.stride = first or most
        self.asked = self.next_look = 0.0

    def is_due(self) -> bool:
        """Whether the last look is long enough ago for another one, which this then is."""
        now = monotonic()
        if now < self.next_look:
            return False
        self.next_look = now + self.interval
        return True

    def iterations(self) -> int:
        """How many iterations to run before asking again."""
        now = monotonic()
        spent, self.asked = now - self.asked, now
        if spent > _LONG * self.interval:
            self.stride = max(1, self.stride // 4)
        elif spent < self.interval:
            self.stride = min(self.most, self.stride * 2)
        return self.stride
