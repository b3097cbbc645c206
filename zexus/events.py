"""What happened, for reports and logs: the core appends, whoever wants to know reads."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterable

from zexus.records import Sealed, dataclass

_MOST = 10_000


@dataclass(frozen=True)
class Event(Sealed):
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
_most = _MOST


def tell(kinds: Iterable[str], most: int = _MOST) -> None:
    """Also print events of these kinds ("all" for each), and keep so many events."""
    global _logs, _most
    _logs, _most = _wanted() | frozenset(kinds), most


def wanted(kind: str) -> bool:
    """Whether ZEXUS_LOGS or `tell` names a kind of event (or "all"): asked before frequent ones are put in words."""
    return kind in _logs or "all" in _logs


def append(kind: str, where: str, text: str) -> None:
    """Note an event; it is printed to stderr when ZEXUS_LOGS or `tell` names its kind (or "all")."""
    with _lock:
        if len(_events) < _most:
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
