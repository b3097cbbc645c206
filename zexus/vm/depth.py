"""How deep calls of Python functions may nest: the host's recursion limit, for the time of a run."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def limited(calls: int) -> Iterator[None]:
    """Let calls nest `calls` deep from here, whatever the host's own limit is, and put that back behind it."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(_used() + calls)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _used() -> int:
    """How many frames there are."""
    count, frame = 0, sys._getframe()
    while frame is not None:
        count += 1
        frame = frame.f_back  # type: ignore[assignment]
    return count
