"""Parsing, one thread at a time: where two make trees at once CPython may lose count of their depth, and raises."""

from __future__ import annotations

import ast
import os
import threading
from typing import Any

_lock = threading.RLock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def parse(text: str | bytes) -> ast.Module:
    """The tree of a module.

    Raises:
        SyntaxError: as `ast.parse`.
    """
    tree: ast.Module = _parsed(text, "exec")
    return tree


def parse_expression(text: str) -> ast.Expression:
    """The tree of an expression.

    Raises:
        SyntaxError: as `ast.parse`.
    """
    tree: ast.Expression = _parsed(text.lstrip(" \t"), "eval")
    return tree


def literal(text: str) -> Any:
    """The value of a literal.

    Raises:
        SyntaxError: not an expression.
        ValueError: an expression, but not a literal.
    """
    return ast.literal_eval(parse_expression(text))


def _parsed(text: str | bytes, mode: str) -> Any:
    for left in (4, 3, 2, 1, 0):  # threads of the program's own may parse, too
        try:
            with _lock:
                return ast.parse(text, mode=mode)
        except SystemError:
            if not left:
                raise
    return None
