"""Parsing, one thread at a time: where two make trees at once CPython may lose count of their depth, and raises."""

from __future__ import annotations

import ast
import os
import threading

_lock = threading.RLock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def parse(text: str | bytes) -> ast.Module:
    """The tree of a module.

    Raises:
        SyntaxError: as `ast.parse`.
    """
    with _lock:
        return ast.parse(text)
