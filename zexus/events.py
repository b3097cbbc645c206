"""What happened, for reports and logs: the core appends, whoever wants to know reads."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from dataclasses import dataclass

_LIMIT = 10_000


@dataclass(frozen=True)
class Event:
    """One happening: its kind ("compile", "deopt", "refuse", ...), where, and what in words."""

    kind: str
    where: str
    text: str


_events: list[Event] = []
_counts: Counter[str] = Counter()
_lock = threading.Lock()


def _wanted() -> frozenset[str]:
    return frozenset(part for part in os.environ.get("ZEXUS_LOGS", "").split(",") if part)


_logs = _wanted()


def wanted(kind: str) -> bool:
    """Whether ZEXUS_LOGS names a kind of event (or "all"): asked before the words of frequent ones are made."""
    return kind in _logs or "all" in _logs


def append(kind: str, where: str, text: str) -> None:
    """Note an event; it is printed to stderr when ZEXUS_LOGS names its kind (or "all")."""
    with _lock:
        if len(_events) < _LIMIT:
            _events.append(Event(kind, where, text))
    if wanted(kind):
        print(f"zexus {kind}: {where}: {text}", file=sys.stderr)


def count(key: str, times: int = 1) -> None:
    """Count something that happens too often to be an event, like "exit:ZX030"."""
    _counts[key] += times


def counts() -> dict[str, int]:
    """All counters."""
    return dict(_counts)


def recent() -> list[Event]:
    """The events so far, oldest first."""
    with _lock:
        return list(_events)
