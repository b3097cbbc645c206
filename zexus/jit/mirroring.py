"""Whether the lists of a loop have mirrors: native code that has run long enough is compiled once more, with them."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from zexus.regvm import pipeline
from zexus.regvm.passes.mirrors import weigh
from zexus.settings import JitSettings

if TYPE_CHECKING:
    from zexus.jit.specialize import Unit
    from zexus.jit.version import Version

# Iterations before it is asked at all, and how many there must have been for each item of the lists.
_ENOUGH = 1 << 22
_PER_ITEM = 2
# What may be copied beyond what iterations pay for, in items; and where nobody asks what it costs.
_CREDIT = 1 << 20
_BOUNDLESS = 1 << 60


class Mirroring:
    """The state of one loop.

    Args:
        settings: when it is compiled with mirrors, and how.
    """

    def __init__(self, settings: JitSettings) -> None:
        self._settings = settings
        self._after = settings.mirror_after
        self._open = settings.mirror_after >= 0
        self._since: float | None = None

    def watch(self) -> None:
        """Code without mirrors was taken into service."""
        self._since = None

    def stop(self) -> None:
        """Mirrors turned out not to pay, or not to be possible."""
        self._open = False

    def is_due(self, version: Version) -> bool:
        """Whether to compile the code in service once more; asked in its time slices."""
        if not self._open or not version.unit.weighed:
            return False
        numbers = version.counters
        now = perf_counter()
        self._since = self._since or now
        run = numbers["iterations"]
        return run >= _ENOUGH and run >= _PER_ITEM * numbers["weight"] and now - self._since >= self._after

    def furnish(self, unit: Unit) -> None:
        """Prepare a unit that is going to be compiled for the first time."""
        if not self._open:
            return
        if self._after == 0:
            self.give(unit, _BOUNDLESS)
        else:
            unit.weighed = weigh(unit.fn)

    def give(self, unit: Unit, credit: int) -> bool:
        """Give a unit's lists mirrors; whether there were any."""
        unit.mirrored = pipeline.mirror(unit.fn, settings=self._settings)
        if unit.mirrored:
            unit.counters["credit"] = credit
        return unit.mirrored

    def again(self, version: Version, unit: Unit) -> bool:
        """Give a unit mirrors, on the credit of what another version has run."""
        return self.give(unit, _CREDIT + version.counters["iterations"] // _PER_ITEM)
