"""The room that is left on the machine's stack: native recursion uses it, where Python's own does not."""

from __future__ import annotations

import ctypes
import struct
import sys
import threading
from contextlib import suppress

# What CPython may still need where native recursion stops.
_MARGIN = 1 << 20
# How many frames that native code left may stand in each other.
_DEEPEST = 8
# How many frames of Python's own stand below what the register machine calls, and how many times at most that is
# made good: each of them needs some of the machine's stack, too.
_FRAMES, _ROOMS = 14, 500
_ANYWHERE = (0, 2**64 - 1)

bounds = bytearray(16)
_known = threading.local()
_shallow: set[int] = set()


def measure() -> None:
    """Note where the running thread's stack may be used: two addresses in `bounds`, for native code to read."""
    if not hasattr(_known, "bounds"):
        _known.bounds = struct.pack("<QQ", *_extent())
    bounds[:] = _known.bounds


def _extent() -> tuple[int, int]:
    """The lowest address that native code may use, and the end; anywhere if the system does not say."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "pthread_getattr_np"):
        return _ANYWHERE
    attributes = ctypes.create_string_buffer(256)
    low, size = ctypes.c_void_p(), ctypes.c_size_t()
    library.pthread_self.restype = ctypes.c_void_p
    if library.pthread_getattr_np(ctypes.c_void_p(library.pthread_self()), attributes) != 0:
        return _ANYWHERE
    library.pthread_attr_getstack(attributes, ctypes.byref(low), ctypes.byref(size))
    library.pthread_attr_destroy(attributes)
    start = low.value or 0
    return start + min(_MARGIN, size.value // 2), start + size.value


class Python:
    """While it is entered, the running thread's recursive functions stay on CPython, whose calls need no stack."""

    def __enter__(self) -> None:
        self.thread = threading.get_ident()
        self.outermost = self.thread not in _shallow
        _shallow.add(self.thread)

    def __exit__(self, *error: object) -> None:
        if self.outermost:
            _shallow.discard(self.thread)


class Nested:
    """While it is entered, a frame that native code left is run to its end; within it there may be further ones.

    Each of them needs some of Python's own frames, which count for its recursion limit: from a depth on, what they
    call stays on CPython. It answers whether that depth is reached.
    """

    def __enter__(self) -> bool:
        _known.nested = getattr(_known, "nested", 0) + 1
        return bool(_known.nested > _DEEPEST)

    def __exit__(self, *error: object) -> None:
        _known.nested -= 1


class Room:
    """While it is entered, the frames of Python's own by which the register machine runs do not count for a program's
    recursion limit: what is called from there finds as much of it as in CPython.
    """

    def __enter__(self) -> None:
        depth = _known.rooms = getattr(_known, "rooms", 0) + 1
        self.limit = 0
        if 1 < depth <= _ROOMS:
            self.limit = sys.getrecursionlimit() + _FRAMES
            sys.setrecursionlimit(self.limit)

    def __exit__(self, *error: object) -> None:
        _known.rooms -= 1
        if self.limit and sys.getrecursionlimit() == self.limit:  # else the program has set one
            with suppress(RecursionError):
                sys.setrecursionlimit(self.limit - _FRAMES)


def is_used_up() -> bool:
    """Whether the running thread has come so deep that native code must not be entered."""
    return bool(_shallow) and threading.get_ident() in _shallow
