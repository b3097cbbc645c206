"""Generators that a loop calls in its header: what they run, to be written out around the loop's body.

Nobody else has such a generator, so that its variables are variables of the code around it, and its `yield` is the
beginning of the loop's body. What CPython shows of its frame is kept: where an exception passes it.
"""

from __future__ import annotations

import ast
import copy
import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from zexus.bytecode import Implicit, Position
from zexus.codes import Unsupported
from zexus.frontend.flow import unsurely_read
from zexus.frontend.refusals import SEES_FRAME, counts_callers, may_end
from zexus.frontend.scopes import NO_NAMES, own_nodes, parameters, read
from zexus.frontend.sites import Scope
from zexus.frontend.source import FunctionSource
from zexus.records import dataclass

SourceOf = Callable[[types.FunctionType], FunctionSource]

# A body with loops is written once, another one once for each `yield`, up to so many nodes of the tree.
_WRITTEN = 600
# What would show that there is no frame, or needs one.
_REFUSED = (
    ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.AsyncFor, ast.Await, ast.FunctionDef, ast.AsyncFunctionDef,
    ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr, ast.Global,
    ast.Nonlocal, ast.Import, ast.ImportFrom, ast.Delete, ast.Match, ast.AnnAssign,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Generators:
    """What is known of generators that loops call.

    Attributes:
        source_of: finds sources.
        methods: the generator functions that were called as methods, by line and column of the call.
    """

    source_of: SourceOf
    methods: dict[tuple[int, int], types.FunctionType] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Embedding:
    """A generator as a part of the code around it.

    Attributes:
        function: the generator function.
        owner: the new name of the parameter for the object whose method it is; "" for a plain function.
        scope: the names of its body, in which its variables are none of its own.
        body: its statements, their positions in its frame, its variables renamed.
        arguments: parameters by their new names, and what they are given, in the order of the call.
        defaults: the other ones, and what they are then.
        names: the new names of all its variables.
    """

    function: types.FunctionType
    owner: str
    scope: Scope
    body: list[ast.stmt]
    arguments: list[tuple[str, ast.expr]]
    defaults: list[tuple[str, Any]]
    names: list[str]


def iterable(node: ast.For) -> ast.expr:
    """What a loop iterates over; one of a comprehension has it in a variable."""
    given = getattr(node.iter, "given", None)
    return node.iter if given is None else given.value


def called(node: ast.For) -> ast.Call | None:
    """The call of a plain name, or of a method of one, in a loop's header."""
    made = iterable(node)
    function = made.func if isinstance(made, ast.Call) else None
    plain = isinstance(function.value if isinstance(function, ast.Attribute) else function, ast.Name)
    return made if plain else None  # type: ignore[return-value]


def embedding(node: ast.For, function: Any, namespace: Mapping[str, Any], around: Position, mark: str,
              source_of: SourceOf) -> Embedding | None:
    """The generator that a loop calls, or None where it is not to be written out.

    Args:
        node: the loop, whose header calls `function`.
        function: what the called name means now.
        namespace: the globals of the code around.
        around: where that stands while the generator runs.
        mark: what the names of its variables begin with.
        source_of: finds sources.
    """
    call = called(node)
    if call is None or type(function) is not types.FunctionType or not inspect.isgeneratorfunction(function):
        return None
    if function.__globals__ is not namespace or function.__code__.co_freevars:
        return None
    try:
        source = source_of(function)
    except Unsupported:
        return None
    yields = _yields(source)
    if not yields or not _is_brief(node, yields):
        return None
    assert isinstance(source.node, ast.FunctionDef)
    positional = [parameter.arg for parameter in (*source.node.args.posonlyargs, *source.node.args.args)]
    owner = positional[:1] if isinstance(call.func, ast.Attribute) else []
    arguments = _arguments(call, source.node, len(owner))
    if arguments is None or (isinstance(call.func, ast.Attribute) and not owner):
        return None
    given = {*owner, *(name for name, _ in arguments)}
    missing = [parameter.arg for parameter in parameters(source.node) if parameter.arg not in given]
    defaults = _defaults(function, source.node)
    if not defaults.keys() >= set(missing):
        return None
    scope = source.scope
    renamed = {name: f"{mark}.{name}" for name in scope.locals}
    frame = Implicit(scope.name, around, scope.qualname, source.first_line)
    owning = _Owning(renamed, frame, mark)
    body = [owning.visit(copy.deepcopy(statement)) for statement in source.node.body]
    inside = replace(scope, locals=NO_NAMES, cells=NO_NAMES, free=NO_NAMES)
    return Embedding(function, renamed[owner[0]] if owner else "", inside, body,
                     [(renamed[name], value) for name, value in arguments],
                     [(renamed[name], defaults[name]) for name in missing],
                     sorted([*renamed.values(), *owning.made]))


def _arguments(call: ast.Call, node: Any, taken: int) -> list[tuple[str, ast.expr]] | None:
    """The parameters that a call gives something, in its order; None where it fails, or where that is not simple.

    Args:
        call: the call.
        node: the function.
        taken: how many parameters have got something before.
    """
    if not isinstance(node, ast.FunctionDef) or node.args.vararg or node.args.kwarg:
        return None
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    alone = [parameter.arg for parameter in node.args.posonlyargs]
    positional = [*alone, *(parameter.arg for parameter in node.args.args)]
    if len(call.args) > len(positional) - taken:
        return None
    named = [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None]
    given = [*zip(positional[taken:], call.args), *named]
    allowed = {parameter.arg for parameter in parameters(node)}.difference(alone, positional[:taken])
    known = len(named) == len(call.keywords) and allowed.issuperset(name for name, _ in named)
    return given if known and len(dict(given)) == len(given) else None


def _defaults(function: types.FunctionType, node: ast.FunctionDef) -> dict[str, Any]:
    positional = [parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args)]
    defaults = function.__defaults__ or ()
    return {**dict(zip(positional[len(positional) - len(defaults):], defaults)), **(function.__kwdefaults__ or {})}


def _yields(source: FunctionSource) -> int:
    """How many places of a generator function hand out a value; 0 for one that needs a frame of its own."""
    scope, node = source.scope, source.node
    if scope.cells or scope.free or scope.counted or not isinstance(node, ast.FunctionDef):
        return 0
    parts = list(own_nodes(node.body))
    if any(isinstance(part, _REFUSED) or may_end(part) for part in parts) or read(node.body, scope.owner) & SEES_FRAME:
        return 0
    if any(isinstance(part, ast.Attribute) and part.attr in SEES_FRAME for part in parts):
        return 0
    if any(isinstance(part, ast.Call) and counts_callers(part) for part in parts):
        return 0
    given = frozenset(parameter.arg for parameter in parameters(node))
    if unsurely_read(node.body, given, scope.owner) & scope.locals:
        return 0
    places = [part for part in parts if isinstance(part, (ast.Yield, ast.YieldFrom))]
    statements = [part for part in parts if isinstance(part, ast.Expr) and part.value in places]
    return len(places) if len(places) == len(statements) else 0


def _is_brief(node: ast.For, yields: int) -> bool:
    if yields == 1:
        return True
    parts = [part for statement in node.body for part in ast.walk(statement)]
    return yields * len(parts) <= _WRITTEN and not any(isinstance(part, (ast.For, ast.While)) for part in parts)


class _Owning(ast.NodeTransformer):
    """Gives the statements of a generator their frame and its variables their new names.

    Args:
        renamed: the new names.
        frame: the frame.
        mark: what the names of variables that are made begin with.

    Attributes:
        made: these variables.
    """

    def __init__(self, renamed: Mapping[str, str], frame: Implicit, mark: str) -> None:
        self._renamed, self._frame, self._mark = renamed, frame, mark
        self.made: list[str] = []

    def visit(self, node: ast.AST) -> Any:
        node.implicit = self._frame  # type: ignore[attr-defined]
        return super().visit(node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._renamed.get(node.id, node.id)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """`yield from xs` hands out what a loop over `xs` does."""
        source = node.value
        if not isinstance(source, ast.YieldFrom):
            self.generic_visit(node)
            return node
        self.made.append(f"{self._mark}.{len(self.made)}")
        target, item = (ast.Name(self.made[-1], context) for context in (ast.Store(), ast.Load()))
        loop = ast.For(target, self.visit(source.value), [ast.Expr(ast.Yield(item))], [])
        loop.site, loop.drawn = False, ast.copy_location(ast.Name("."), source)  # type: ignore[attr-defined]
        for part in (loop.drawn, *own_nodes([loop])):  # type: ignore[attr-defined]
            if not hasattr(part, "implicit"):
                part.implicit = self._frame
            if "lineno" in part._attributes and not hasattr(part, "lineno"):
                ast.copy_location(part, source)
        return loop

    def _loop(self, node: Any) -> Any:
        node.site = False
        self.generic_visit(node)
        return node

    visit_For = visit_While = _loop

