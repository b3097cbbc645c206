"""Calls of builtins that consume what another call makes: a generator, or what a function makes of items."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence

from zexus.frontend.consumers import CONSUMERS, SPARING, called

# What is called by these names is no generator, as a rule.
_BUILTINS = frozenset(vars(builtins))
_METHODS = frozenset(name for kind in (str, bytes, list, dict, set) for name in dir(kind))


class Consumption(ast.If):
    """A call of a builtin that consumes what another call makes: a loop, beside the call.

    Attributes:
        plain: the statement that makes the call as it stands.
        made: the variable for what is consumed, which has to be a generator; "" where a function is applied to items.
        sources: the variables for what these items come from.
        exact: whether that has to be of one of a few builtin types.
    """

    plain: ast.Assign
    made = ""
    sources: Sequence[str] = ()
    exact = False

    @property
    def choice(self) -> ast.If:
        """The loop, or the call."""
        return self.body[-1]  # type: ignore[return-value]


def drawn(node: ast.AST) -> ast.Call | None:
    """What a call of a builtin consumes, if that is what a function makes which may be a generator."""
    using = CONSUMERS.keys() - SPARING
    match node:
        case ast.Call(func=ast.Name(id=name), args=[ast.Call() as made], keywords=[]) if name in using:
            pass
        case _:
            return None
    function = made.func
    if isinstance(function, ast.Attribute):
        return None if function.attr in _METHODS else made
    known = not isinstance(function, ast.Name) or function.id in _BUILTINS
    return made if not known or applied(node) is not None else None


def applied(node: ast.Call) -> ast.Call | None:
    """The call of `map` or `filter` that a call consumes."""
    match node.args[0]:
        case ast.Call(func=ast.Name(id="map" | "filter" as name), args=[_, _, *more], keywords=[]) as call:
            fits = name == "map" or (not more and not isinstance(call.args[0], ast.Constant))
            return call if fits and not any(isinstance(argument, ast.Starred) for argument in call.args) else None
    return None


def folded(node: ast.AST) -> tuple[str, ...]:
    """What a call of `reduce` relies on: its names; none where it is no such call."""
    match node:
        case ast.Call(func=ast.Name(id="reduce"), args=[_, _] | [_, _, _] as given, keywords=[]):
            names: tuple[str, ...] = ("reduce",)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="functools"), attr="reduce"),
                      args=[_, _] | [_, _, _] as given, keywords=[]):
            names = ("functools", "functools.reduce")
        case _:
            return ()
    return () if any(isinstance(argument, ast.Starred) for argument in given) else names


def relied_on(node: ast.Call) -> tuple[str, ...]:
    """What the loop for a consumption relies on besides the consumer."""
    if (names := folded(node)):
        return names
    call = applied(node)
    if call is None:
        return ()
    ends = ("StopIteration",) if may_stop(call.args[0]) else ()
    return (called(call), *ends, "zip") if len(call.args) > 2 else (called(call), *ends)


def may_stop(function: ast.expr) -> bool:
    """Whether what is applied to items may raise StopIteration, which is no error there."""
    return not isinstance(function, ast.Lambda) or any(isinstance(part, ast.Call) for part in ast.walk(function))
