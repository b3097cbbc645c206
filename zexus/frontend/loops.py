"""The loops of a function or module, and which names cross the border of each."""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterable, Iterator

from zexus.codes import Unsupported
from zexus.frontend.counting import Flushed, Noted, is_counter
from zexus.frontend.flow import Flow, exposed
from zexus.frontend.refusals import frame_access, hopeless, refusal
from zexus.frontend.scopes import (
    DEFINITIONS,
    NO_NAMES,
    Names,
    assigned,
    body_of,
    function_nodes,
    own_nodes,
    parameters,
    read,
)
from zexus.frontend.sites import Kind, LoopSite, Scope
from zexus.frontend.tallies import Count


def loop_sites(scope: Scope) -> tuple[LoopSite, ...]:
    """All loops of one function or module (not those of nested functions), and its entry when it calls itself.

    A function's entry comes first and counts as the parent of its outermost loops.
    """
    body = body_of(scope.node)
    found = list(_loops(body, None))
    entry = calls_itself(scope)
    if not found and not entry:
        return ()
    starts: dict[ast.AST, Names] = {}
    given = NO_NAMES if isinstance(scope.node, ast.Module) else frozenset(p.arg for p in parameters(scope.node))
    Flow(on_loop=starts.__setitem__, owner=scope.owner).run(body, given)
    whole = frame_access(scope)
    sites: list[LoopSite] = []
    if entry:
        sites.append(_entry_site(0, scope, whole))
    offset = len(sites)
    for index, (node, parent) in enumerate(found, offset):
        above = parent + offset if parent is not None else (0 if entry else None)
        sites.append(_loop_site(index, node, scope, starts.get(node, NO_NAMES), above, whole))
    return tuple(sites)


def _loops(nodes: Iterable[ast.AST], parent: int | None) -> Iterator[tuple[ast.For | ast.While, int | None]]:
    """The loops of one scope with the position of the loop whose region they stand in, in source order."""
    counter = 0

    def walk(nodes: Iterable[ast.AST], parent: int | None) -> Iterator[tuple[ast.For | ast.While, int | None]]:
        nonlocal counter
        for node in nodes:
            if isinstance(node, (ast.expr, *DEFINITIONS)):
                continue
            if isinstance(node, (ast.For, ast.While)):
                own = counter
                counter += 1
                yield node, parent
                yield from walk(node.body, own)
                yield from walk(node.orelse, parent)
            else:
                yield from walk(ast.iter_child_nodes(node), parent)

    yield from walk(nodes, parent)


def repeated(node: ast.For | ast.While) -> list[ast.AST]:
    """What a loop evaluates again and again."""
    return [node.target, *node.body] if isinstance(node, ast.For) else [node.test, *node.body]


def _exposed_by_loop(node: ast.For | ast.While, owner: str | None) -> Names:
    # What the first iteration has not assigned before reading it, the later ones may still take from before the loop.
    return exposed(repeated(node), owner)


def _loop_site(
    index: int, node: ast.For | ast.While, scope: Scope, start: Names, parent: int | None, whole: Unsupported | None
) -> LoopSite:
    region = repeated(node)
    names = scope.locals
    params = _exposed_by_loop(node, scope.owner) & names
    changed = assigned(region, scope.owner) & names
    results = changed if scope.is_module else changed & (params | _read_outside(scope, node))
    if scope.is_module:
        params &= results | _assigned_around(node, scope)  # the others are read as globals
    kind: Kind = "for" if isinstance(node, ast.For) else "while"
    return LoopSite(
        index, kind, node, scope,
        params=tuple(sorted(params)),
        unsure=params - start,
        results=tuple(sorted(results)),
        captured=tuple(sorted(
            (read(region, scope.owner) | assigned(region, scope.owner)) & (scope.cells | scope.free)
        )),
        parent=parent,
        refusal=(
            whole
            or refusal(region, scope, kept=params | results)
            or hopeless(node)
            or (_assigned_elsewhere(scope, node, results) if scope.is_module else None)
            or (_hides_builtin(node, params) if scope.is_module else None)
        ),
        spent=Count() if scope.timed else None,
    )  # fmt: skip


def assigned_around(site: LoopSite) -> Names:
    """The parameters of a loop of a module that change from one of its entries to the next, in a loop around it."""
    return _assigned_around(site.node, site.scope).intersection(site.params)


def _hides_builtin(node: ast.AST, params: Names) -> Unsupported | None:
    """A name of a module that is a builtin's as well: until it is assigned, it means the builtin."""
    both = sorted(name for name in params if hasattr(builtins, name))
    return Unsupported("ZX019", node, f"the loop assigns {both[0]!r}, which is a builtin before") if both else None


def _assigned_around(node: ast.AST, scope: Scope) -> Names:
    around = [
        outer
        for outer in own_nodes(body_of(scope.node))
        if isinstance(outer, (ast.For, ast.While)) and outer is not node and node in own_nodes([outer])
    ]
    return assigned(around, scope.owner)


def kept(site: LoopSite) -> tuple[str, ...]:
    """The results of a loop that may be looked at behind an exception that leaves it."""
    if site.scope.is_module:
        return site.results
    around = {
        type(node) for node in own_nodes(body_of(site.scope.node))
        if isinstance(node, (ast.Try, ast.TryStar, ast.With, ast.AsyncWith)) and site.node in own_nodes([node])
    }
    if around - {Flushed, Noted}:
        return site.results
    return tuple(name for name in site.results if is_counter(name)) if around else ()


def _read_outside(scope: Scope, loop: ast.For | ast.While) -> Names:
    """The names that the function reads anywhere but in the region of `loop`."""
    inside = set(map(id, repeated(loop)))
    found: set[str] = set()

    def walk(nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            if id(node) in inside:
                continue
            if isinstance(node, (ast.expr, *DEFINITIONS)):
                found.update(read([node], scope.owner))
                continue
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            walk(ast.iter_child_nodes(node))

    walk(body_of(scope.node))
    return frozenset(found)


def _assigned_elsewhere(scope: Scope, loop: ast.For | ast.While, results: Names) -> Unsupported | None:
    """Threads and signal handlers may assign a global while the loop keeps it to itself: that would be lost."""
    names = results & globals_declared(scope.node)
    if not names:
        return None
    return Unsupported("ZX015", loop, f"a function assigns the global {min(names)!r}, which the loop assigns too")


@functools.lru_cache(maxsize=64)
def globals_declared(module: ast.AST) -> Names:
    """The names that functions and classes of a module declare global."""
    return frozenset(name for node in ast.walk(module) if isinstance(node, ast.Global) for name in node.names)


def whole_site(scope: Scope, index: int) -> LoopSite | None:
    """The entry of a function that may go native as a whole although it does not call itself; None: it cannot.

    Args:
        scope: the function.
        index: the number that the site gets among the function's.
    """
    if not _is_plain(scope) or scope.free:
        return None
    site = _entry_site(index, scope, frame_access(scope))
    return site if site.refusal is None else None


def _entry_site(index: int, scope: Scope, whole: Unsupported | None) -> LoopSite:
    node = scope.node
    assert isinstance(node, ast.FunctionDef)
    body = body_of(node)
    params = tuple(parameter.arg for parameter in parameters(node))
    why = whole or refusal(body, scope, kept=NO_NAMES)
    if why is None and scope.cells:
        why = Unsupported("ZX015", node, f"{min(scope.cells)!r} is captured by a nested function")
    return LoopSite(index, "function", node, scope, params, NO_NAMES, (), tuple(sorted(scope.free)), None, why)


def _is_plain(scope: Scope) -> bool:
    """Whether this is a function that runs when it is called, with arguments that have one parameter each."""
    node = scope.node
    if not isinstance(node, ast.FunctionDef) or node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
        return False
    return not any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in function_nodes(node.body))


def calls_itself(scope: Scope) -> bool:
    """Whether this is a plain function or a method that calls itself by its name."""
    node = scope.node
    if not isinstance(node, ast.FunctionDef):
        return False
    method = scope.owner is not None and scope.qualname.endswith(f"{scope.owner}.{node.name}")
    if node.decorator_list or scope.free if method else scope.qualname != scope.name and node.name not in scope.free:
        return False
    if node.name in scope.locals | scope.cells or not _is_plain(scope):
        return False
    called = [part.func for part in function_nodes(node.body) if isinstance(part, ast.Call)]
    if method:
        return any(isinstance(func, ast.Attribute) and func.attr == node.name for func in called)
    return any(isinstance(func, ast.Name) and func.id == node.name for func in called)
