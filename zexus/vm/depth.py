"""How deep calls of Python functions may nest: the host's recursion limit, for the time of a run.

Such calls take no room on the machine's stack. But up to CPython 3.11 the same limit holds for calls that do, by way of
builtin functions and of the methods of operators, so that there it must not be higher than the stack has room for.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from collections.abc import Iterator

_ONE_LIMIT = sys.version_info < (3, 12)
_CALL_BYTES = 2048  # of the stack, that one of the calls that the limit counts takes at most
_SPARE_BYTES = 1 << 20
_GAP_BYTES = 112 << 20  # that Linux leaves free below the stack of the main thread, whatever its limit is
_running = threading.local()


@contextlib.contextmanager
def limited(calls: int) -> Iterator[None]:
    """Let calls nest `calls` deep from here, whatever the host's own limit is, and put that back behind it.

    A run inside of a run has what the outer one leaves. Where the stack has no room for so many, there are fewer.
    """
    if getattr(_running, "inside", False):
        yield
        return
    before = sys.getrecursionlimit()
    with _stack(calls * _CALL_BYTES) if _ONE_LIMIT else contextlib.nullcontext(sys.maxsize) as room:
        sys.setrecursionlimit(_used() + max(min(calls, room // _CALL_BYTES), 1))
        _running.inside = True
        try:
            yield
        finally:
            _running.inside = False
            sys.setrecursionlimit(max(before, _used() + 1))


def _used() -> int:
    """How many frames there are."""
    count, frame = 0, sys._getframe()
    while frame is not None:
        count += 1
        frame = frame.f_back  # type: ignore[assignment]
    return count


@contextlib.contextmanager
def _stack(wanted: int) -> Iterator[int]:
    """Let the thread's stack grow to so many bytes, if it can; how many there are."""
    try:
        import resource
    except ImportError:
        yield _SPARE_BYTES
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    size = sys.maxsize if soft == resource.RLIM_INFINITY else soft
    if threading.current_thread() is not threading.main_thread():
        yield (threading.stack_size() or min(size, 8 << 20)) - _SPARE_BYTES
        return
    if wanted + _SPARE_BYTES <= size:
        yield min(size, _gap()) - _SPARE_BYTES if size > _GAP_BYTES else size - _SPARE_BYTES
        return
    most = _gap() if hard == resource.RLIM_INFINITY else min(hard, _gap())
    if not sys.platform.startswith("linux") or most <= size:
        yield size - _SPARE_BYTES
        return
    # Linux asks for the limit when the stack of the main thread grows, not before.
    size = min(wanted + _SPARE_BYTES, most)
    resource.setrlimit(resource.RLIMIT_STACK, (size, hard))
    try:
        yield size - _SPARE_BYTES
    finally:
        resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))


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
