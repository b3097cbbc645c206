"""Progress of long work: a bar on terminals, otherwise a line of plain text now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_EVERY = 10.0  # seconds between two lines


def shown(items: Iterable[Item], words: str, total: int) -> Iterator[Item]:
    """The items, while stderr tells how far they have come.

    Args:
        items: what is worked on.
        words: what one of them is called.
        total: how many there are.
    """
    if sys.stdout.isatty() and sys.stderr.isatty():
        yield from _bar(items, words, total)
        return
    told = time.monotonic()
    for number, item in enumerate(items, 1):
        if time.monotonic() - told >= _EVERY:
            told = time.monotonic()
            sys.stderr.write(f"zexus: {words} {number} of {total}\n")
            sys.stderr.flush()
        yield item


def _bar(items: Iterable[Item], words: str, total: int) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import track

    yield from track(items, words, total, console=Console(stderr=True), transient=True)


def ticking(items: Iterable[Item], words: str, seconds: float) -> Iterator[Item]:
    """Items that come until a time is over, while stderr tells how much of it is."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    started = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(words, total=seconds)
        for item in items:
            progress.update(task, completed=min(seconds, time.monotonic() - started))
            yield item
