"""New nodes of syntax trees, and their places in the file."""

from __future__ import annotations

import ast
from typing import Any


def at(node: Any, like: Any) -> Any:
    """New nodes, which have no place yet, at the place of `like`."""
    for part in ast.walk(node):
        if "lineno" in part._attributes and not hasattr(part, "lineno"):
            ast.copy_location(part, like)
    return node


def load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def store(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())
