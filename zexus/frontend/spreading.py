"""Parameters with stars that a function hands on by calls with stars: what they collect is known for each call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from zexus.codes import Unsupported
from zexus.frontend.scopes import body_of, function_nodes
from zexus.records import dataclass


@dataclass(frozen=True)
class Collected:
    """What the parameters with stars collect in a call.

    Attributes:
        rest: how many positional arguments.
        names: the keywords.
    """

    rest: int
    names: tuple[str, ...]


def hands_on(node: ast.AST) -> bool:
    """Whether what parameters with stars collect has to be known: one is handed on, or has two stars."""
    if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
        return False
    spec = node.args
    if spec.kwarg is not None:
        return True
    return spec.vararg is not None and any(_named(part, spec.vararg.arg) for part in _spread(node))


def parameters(node: ast.FunctionDef | ast.Lambda, collected: Collected) -> dict[str, list[tuple[str, str]]]:
    """The parameters that stand for one with stars, by its name: the keyword, "" for none, and what it is called.

    Raises:
        Unsupported: what the parameter holds may have changed until it is handed on.
    """
    spec = node.args
    found: dict[str, list[tuple[str, str]]] = {}
    if spec.vararg is not None:
        found[spec.vararg.arg] = [("", f".{spec.vararg.arg}{number}") for number in range(collected.rest)]
    if spec.kwarg is not None:
        found[spec.kwarg.arg] = [(name, f".{spec.kwarg.arg}.{name}") for name in collected.names]
    for part in function_nodes(body_of(node)):
        if isinstance(part, ast.Name) and part.id in found and not isinstance(part.ctx, ast.Load):
            raise Unsupported("ZX022", part, f"{part.id!r} is assigned, which has stars")
    if spec.kwarg is not None and spec.kwarg.arg in looked_at(node) \
            and any(_named(part, spec.kwarg.arg) for part in _spread(node)):
        raise Unsupported("ZX022", node, f"{spec.kwarg.arg!r} may change before it is handed on")
    return found


def looked_at(node: ast.FunctionDef | ast.Lambda) -> frozenset[str]:
    """The names that a function reads elsewhere than behind stars in calls."""
    spread = set(map(id, _spread(node)))
    names = (part for part in function_nodes(body_of(node)) if isinstance(part, ast.Name))
    return frozenset(name.id for name in names if id(name) not in spread)


def _spread(node: ast.FunctionDef | ast.Lambda) -> Iterator[ast.expr]:
    """What stands behind stars in calls."""
    for part in function_nodes(body_of(node)):
        if isinstance(part, ast.Call):
            yield from (argument.value for argument in part.args if isinstance(argument, ast.Starred))
            yield from (keyword.value for keyword in part.keywords if keyword.arg is None)


def _named(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
