"""Functions that no earlier run has called: they go without probes, and say so when they are called after all."""

from __future__ import annotations

import ast
import functools
import types
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from zexus.codes import Unsupported
from zexus.frontend import source
from zexus.frontend.given import given
from zexus.frontend.scopes import COMPREHENSIONS, FUNCTIONS, body_of, own_nodes

_LOOPS = (ast.For, ast.AsyncFor, ast.While, *COMPREHENSIONS)


class Called(dict[None, None]):
    """A constant at the entry of a function, in which it looks for something at each call.

    Args:
        source: the function.
        tell: called with the function's source at its first call.
    """

    def __init__(self, source: Callable[[], source.FunctionSource], tell: Callable[[source.FunctionSource], object]
                 ) -> None:
        self.source, self._tell = source, tell

    # Constants of a code object are hashed and compared with it.
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other

    def __reduce__(self) -> tuple[Any, ...]:
        return frozenset, ()


class Unseen(Called):
    """The same before the first call, behind which looking takes next to no time."""

    def __contains__(self, key: object) -> bool:
        self.__class__ = Called  # type: ignore[assignment]
        with suppress(Unsupported, SyntaxError, ValueError, RecursionError):  # the program has the function as it is
            self._tell(self.source())
        return False


def outermost(qualname: str) -> str:
    """The function in which one stands, or that one itself, by their qualified names."""
    return qualname.partition(".<locals>.")[0]


def left_out(module: source.ModuleSource, called: Collection[str],
             tell: Callable[[source.FunctionSource], object]) -> Mapping[ast.AST, Unseen]:
    """The functions of a module with loops in them, those inside of others aside, that were not called.

    Args:
        module: the module.
        called: the qualified names of the functions that were.
        tell: called with a function's source at its first call.
    """
    found: dict[ast.AST, Unseen] = {}
    for entry in module.entries:
        around = any(isinstance(scope, FUNCTIONS) for scope in entry.enclosing)
        if around or isinstance(entry.node, ast.Lambda) or entry.qualname in called:
            continue
        if any(isinstance(node, (*_LOOPS, *FUNCTIONS)) for node in own_nodes(body_of(entry.node))):
            made = functools.partial(source.function_source, entry, module)
            found[entry.node] = Unseen(functools.cache(made), tell)
    return found


def told(unseen: Unseen) -> ast.stmt:
    """The statement with which a function says that it is called."""
    return ast.Expr(ast.Compare(ast.Constant(None), [ast.In()], [given(unseen)]))


def source_of(code: types.CodeType) -> source.FunctionSource | None:
    """The source of a function that has such a statement."""
    found = next((constant for constant in code.co_consts if isinstance(constant, Called)), None)
    return found.source() if found is not None else None
