"""Why code cannot run outside its frame: what looks at frames, binds in other scopes, suspends or defines."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import chain
from typing import TypeGuard

from zexus.codes import Unsupported
from zexus.frontend.scopes import (
    NO_NAMES,
    Comprehension,
    Names,
    body_of,
    bound_by,
    function_nodes,
    inner_parts,
    own_nodes,
)
from zexus.frontend.sites import Scope

_NEVER_NATIVE = (
    ast.Set, ast.SetComp, ast.Dict, ast.DictComp, ast.GeneratorExp, ast.JoinedStr, ast.Lambda, ast.Constant,
)  # fmt: skip

# What looks at frames, in calls and as attributes.
SEES_FRAME = frozenset((
    "__class__", "_getframe", "currentframe", "dir", "eval", "exec", "globals", "locals", "stack", "super", "vars",
))  # fmt: skip
_ENDING = frozenset(("__next__", "send", "throw"))
_NAMESPACE_CALLS = {"locals": 0, "vars": 1, "dir": 1, "eval": 2, "exec": 2}


def frame_access(scope: Scope) -> Unsupported | None:
    """Why hidden locals would show in this function: it looks at its namespace as a whole."""
    for node in function_nodes(body_of(scope.node)):
        called = _sees_frame(node)
        if called is None and scope.is_module:
            called = _sees_globals(node)
        if called is not None:
            return Unsupported("ZX013", node, called)
    return None


def _sees_frame(node: ast.AST) -> str | None:
    """The call that looks at the frame's locals, or None. Given a namespace, `eval`, `vars` and the like do not."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    enough = _NAMESPACE_CALLS.get(node.func.id)
    if enough is None:
        return None
    given = 0
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            break
        given += 1
    return None if enough and given >= enough else f"{node.func.id}() is called"


def _sees_globals(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return "__dict__ is read"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("globals", "vars", "dir"):
        return f"{node.func.id}() is called"
    return None


def refusal(
    nodes: Sequence[ast.AST], scope: Scope, kept: Names, native: bool = True
) -> Unsupported | None:
    """Why `nodes` can never run outside their frame, or None.

    Args:
        nodes: the region.
        scope: where it stands.
        kept: local names that live beyond the region.
        native: whether it is to be compiled; else CPython runs it, with cells and imports as ever.
    """
    outer = scope.cells | scope.free if native else NO_NAMES
    for node in own_nodes(nodes):
        if not native and isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        found = _refused(node, scope.owner, outer, kept)
        if found is not None:
            code, detail = found
            return Unsupported(code, node, detail)
    return None


def frame_needed(node: ast.Call) -> str | None:
    """Why a call must stand in its function's own frame, or None."""
    if is_super(node):
        return "super() is called"
    return _sees_frame(node) or ("the frames of callers are counted" if counts_callers(node) else None)


def is_super(node: ast.AST) -> bool:
    """Whether a node is a call of `super` that looks at the function where it stands."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args


def is_super_of(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether a node is a call of `super` with a class and an object."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super" \
        and len(node.args) == 2 and not node.keywords and not any(isinstance(arg, ast.Starred) for arg in node.args)


def counts_callers(node: ast.Call) -> bool:
    """Whether a frame, a warning or a log record of a caller is asked for, whose frame might not be there."""
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called == "_getframe":
        return any(not isinstance(depth, ast.Constant) or depth.value != 0 for depth in node.args)
    levels = [keyword.value for keyword in node.keywords if keyword.arg == "stacklevel"]
    if called == "warn":
        levels += node.args[2:3]
    return any(not isinstance(level, ast.Constant) or level.value != 1 for level in levels)


def may_end(node: ast.AST) -> bool:
    """Whether a node says that it raises StopIteration, which generators turn into another exception."""
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return called in _ENDING or (called == "next" and len(node.args) == 1)
    return isinstance(node, ast.Name) and node.id == "StopIteration"


def _refused(node: ast.AST, owner: str | None, outer: Names, kept: Names) -> tuple[str, str] | None:
    match node:
        case ast.Yield() | ast.YieldFrom():
            return "ZX012", "yield"
        case ast.Await() | ast.AsyncFor() | ast.AsyncWith():
            return "ZX012", "await"
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() if _is_async(node):
            return "ZX012", "an asynchronous comprehension"
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return "ZX016", f"{node.name!r} is defined"
        case ast.Import() | ast.ImportFrom():
            return "ZX016", "import"
        case ast.Name(id=name, ctx=ast.Del()):
            return "ZX014", f"del {name}"
        case ast.Call() if (needed := frame_needed(node)) is not None:
            return "ZX013", needed
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            for part in function_nodes(inner_parts(node)):
                inner = None if isinstance(part, ast.Name) else _refused(part, owner, outer, kept)
                if inner is not None:
                    return inner
        case ast.ExceptHandler(name=str(name)) if name in kept:
            return "ZX014", f"{name!r} is unbound when its except clause ends"
    # Loops store into the cell of a variable; what else binds it is left to its own frame.
    plain = isinstance(node, ast.Name)
    taken = [] if plain else sorted(outer.intersection(bound_by(node, owner)))
    if taken:
        return "ZX015", f"{taken[0]!r} is assigned"
    if type(node).__name__ == "TypeAlias":
        return "ZX016", "a type alias is defined"
    return None


def _is_async(node: Comprehension) -> bool:
    return any(generator.is_async for generator in node.generators) or any(
        isinstance(part, ast.Await) for part in chain.from_iterable(map(ast.walk, inner_parts(node)))
    )


def hopeless(node: ast.For | ast.While) -> Unsupported | None:
    if isinstance(node, ast.For) and isinstance(node.iter, _NEVER_NATIVE):
        return Unsupported("ZX017", node.iter, f"{type(node.iter).__name__} in the header")
    return None
