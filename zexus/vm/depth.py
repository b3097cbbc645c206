"""How deep calls of Python functions may nest: the host's recursion limit, for the time of a run.

Such calls take no room on the machine's stack. But up to CPython 3.11 the same limit holds for calls that do, by way of
builtin functions and of the methods of operators, so that there it must not be higher than the stack has room for.
"""

from __future__ import annotations

import functools
import re
import sys
import threading
from typing import Any

resource: Any
try:
    import resource
except ImportError:  # not every system has limits
    resource = None

_ONE_LIMIT = sys.version_info < (3, 12)
_CALL_BYTES = 2048  # of the stack, that one of the calls that the limit counts takes at most
_SPARE_BYTES = 1 << 20
_GAP_BYTES = 112 << 20  # that Linux leaves free below the stack of the main thread, whatever its limit is
_HERE = 3 if _ONE_LIMIT else 2  # calls of this module when it counts
_LEAF = 1  # what the innermost of the calls may call in the host
_DEPTH = re.compile(r"recursion depth (\d+)")  # what CPython says when the limit is too low
_running = threading.local()


class limited:
    """While it is entered, calls nest `calls` deep from there, whatever the host's own limit is.

    A run inside of a run has what the outer one leaves. Where the stack has no room for so many, there are fewer.
    """

    __slots__ = ("calls", "limit", "stack")

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.limit = 0  # the host's own, where this is the outermost run
        self.stack: tuple[int, int] | None = None  # the limits of the stack, where they have been changed

    def __enter__(self) -> None:
        if getattr(_running, "inside", False):
            return
        calls = self.calls
        if _ONE_LIMIT:
            room, self.stack = _room(calls * _CALL_BYTES)
            calls = max(min(calls, room // _CALL_BYTES), 1)
        self.limit = sys.getrecursionlimit()
        sys.setrecursionlimit(_used() - _HERE + calls + _LEAF)
        _running.inside = True

    def __exit__(self, *_: object) -> None:
        if not self.limit:
            return
        _running.inside = False
        try:
            sys.setrecursionlimit(self.limit)
        except RecursionError:
            sys.setrecursionlimit(_used() + self.limit)  # the host stands deeper than its own limit
        if self.stack is not None:
            resource.setrlimit(resource.RLIMIT_STACK, self.stack)


def _used() -> int:
    """How many of the calls that the limit counts there are: those that C makes of C among them."""
    try:
        sys.setrecursionlimit(1)
    except RecursionError as refusal:
        found = _DEPTH.search(str(refusal))
        if found is not None:
            return int(found[1])
    count, frame = 0, sys._getframe()
    while frame is not None:
        count += 1
        frame = frame.f_back  # type: ignore[assignment]
    return count


def _room(wanted: int) -> tuple[int, tuple[int, int] | None]:
    """Let the thread's stack grow to so many bytes, if it can.

    Returns:
        How many there are; and the limits of the stack to put back, if they have been changed.
    """
    if resource is None:
        return _SPARE_BYTES, None
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    size = sys.maxsize if soft == resource.RLIM_INFINITY else soft
    if threading.get_ident() != threading.main_thread().ident:
        return (threading.stack_size() or min(size, 8 << 20)) - _SPARE_BYTES, None
    if size > _GAP_BYTES:
        size = min(size, _gap())
    if wanted + _SPARE_BYTES <= size or not sys.platform.startswith("linux"):
        return size - _SPARE_BYTES, None
    most = _gap() if hard == resource.RLIM_INFINITY else min(hard, _gap())
    if most <= size:
        return size - _SPARE_BYTES, None
    # Linux asks for the limit when the stack of the main thread grows, not before.
    size = min(wanted + _SPARE_BYTES, most)
    resource.setrlimit(resource.RLIMIT_STACK, (size, hard))
    return size - _SPARE_BYTES, (soft, hard)


@functools.cache
def _gap() -> int:
    """How far the stack of the main thread can grow before it meets something else."""
    below = 0
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            for line in maps:
                start, end = (int(part, 16) for part in line.partition(" ")[0].split("-"))
                if line.rstrip().endswith("[stack]"):
                    return max(_GAP_BYTES, start - below - _GAP_BYTES)
                below = end
    except OSError:
        pass
    return _GAP_BYTES
