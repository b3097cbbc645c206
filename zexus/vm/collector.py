"""What CPython's garbage collector does during a run, as the settings say; behind the run it is as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from zexus.settings import GcSettings


@contextmanager
def collecting(settings: GcSettings) -> Iterator[None]:
    """Leave what is there out of collections, and set the thresholds.

    What the program itself sets meanwhile stays; objects that were frozen before stay frozen.
    """
    before = gc.get_threshold()
    if settings.thresholds is not None:
        gc.set_threshold(*settings.thresholds)
    ours = gc.get_threshold()
    freezes = settings.freeze and not gc.get_freeze_count()
    if freezes:
        gc.freeze()
    try:
        yield
    finally:
        if freezes:
            gc.unfreeze()
        if settings.thresholds is not None and gc.get_threshold() == ours:
            gc.set_threshold(*before)
