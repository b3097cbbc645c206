"""Statements of a loop's body as a function of their own, so that CPython can run them outside their frame."""

from __future__ import annotations

import ast
import copy
import types
from collections.abc import Mapping, Sequence
from typing import Any

from zexus.codes import Unsupported
from zexus.frontend import lambdas
from zexus.frontend.flow import assigned_at_exits, exposed
from zexus.frontend.given import filled
from zexus.frontend.nodes import at, load, store
from zexus.frontend.refusals import refusal
from zexus.frontend.scopes import assigned, body_of, declared, own_nodes
from zexus.frontend.sites import UNBOUND, Scope
from zexus.frontend.unfold import folded
from zexus.records import dataclass


@dataclass(frozen=True, eq=False)
class Outlined:
    """Statements as a code object `(p1..pn) -> (signal, value, r1..rm)`.

    Signals: 0 control falls through, 1 break, 2 continue (of the loop around the statements), 3 return of `value`,
    4 that exception was raised.

    Attributes:
        code: the code object; it bears the name, file and lines of the user's function.
        params: local variables it takes, sorted. UNBOUND stands for "has no value".
        results: local variables it may assign, sorted. One that comes back as UNBOUND has no value behind
            the statements, since every result that might be left alone is among the parameters too.
        free: the captured variables whose cells it needs, in the order of its closure.
    """

    code: types.CodeType
    params: tuple[str, ...]
    results: tuple[str, ...]
    free: tuple[str, ...]


FALL_THROUGH, BREAK, CONTINUE, RETURN, RAISED = range(5)
_SIGNAL, _VALUE, _HELD, _ITERABLE, _ERROR = ".signal", ".value", ".held", ".iterable", ".error"
_MARK = "\0zexus "
_CONSTANTS: dict[str, Any] = {"UNBOUND": UNBOUND, "NAME_ERROR": NameError, "GLOBALS": globals,
                              "BASE_EXC": BaseException}


def outline(scope: Scope, statements: Sequence[ast.stmt], shared: frozenset[str] | None = None,
            catches: bool = False, given: tuple[str, ...] = ()) -> Outlined:
    """Make a function of `statements`.

    In a module the variables are the module's globals: the function stores its parameters there first, so that
    other functions see them, and takes its results from there.

    Args:
        scope: where the statements stand.
        statements: what is outlined.
        shared: in a module, the variables whose values the caller holds, all of which other code may read and
            assign meanwhile: they are both parameters and results. Without it, those that the statements name.
        catches: answer an exception by a signal, so that what was assigned before it is handed back as well.
        given: names that the function takes in front of its parameters.

    Raises:
        Unsupported: they need their own frame (ZX012, ZX013, ZX014, ZX016), or mean something else there (ZX019).
    """
    statements = folded(statements)
    _check(scope, statements)
    kept = assigned(statements, scope.owner) & scope.locals
    sure = assigned_at_exits(statements, scope.owner)
    params = tuple(sorted((exposed(statements, scope.owner) & scope.locals) | (kept - sure)))
    results = tuple(sorted(kept))
    if scope.is_module and shared is not None:
        params, results = tuple(sorted(shared)), tuple(sorted(shared | kept))
    fell: list[ast.stmt] = [_set(_SIGNAL, ast.Constant(FALL_THROUGH)), _set(_VALUE, ast.Constant(None))]
    # Once around: `break` is the way out that still passes every `finally`.
    once: ast.stmt = ast.For(store(".once"), ast.Tuple([ast.Constant(None)], ast.Load()),
                             _Exits().statements(statements), fell)
    if catches:
        raised = _given(results, frozenset(), scope.is_module, (ast.Constant(RAISED), load(_ERROR)))
        once = ast.Try([once], [ast.ExceptHandler(_constant("BASE_EXC"), _ERROR, raised)], [], [])
    body = [
        *_declarations(scope, statements, params),
        *_taken(params, scope.is_module),
        once,
        *_given(results, sure, scope.is_module, (load(_SIGNAL), load(_VALUE))),
    ]
    names = [_argument(name) for name in params] if scope.is_module else list(params)
    code = _compiled(scope, statements[0], [*given, *names], body)
    return Outlined(code, params, results, code.co_freevars)


def rest(scope: Scope, loop: ast.For | ast.While, shared: frozenset[str] | None) -> Outlined:
    """Make a function of what is left of a loop; that of a `for` loop takes the iterator first.

    Args:
        scope: where the loop, which has no `else`, stands.
        loop: the loop.
        shared: as for `outline`.

    Raises:
        Unsupported: as `outline`.
    """
    if isinstance(loop, ast.While):
        return outline(scope, [loop], shared, not scope.is_module)
    left = ast.copy_location(ast.For(loop.target, ast.copy_location(load(_ITERABLE), loop.iter), loop.body, []), loop)
    return outline(scope, [left], shared, not scope.is_module, (_ITERABLE,))


def bind(outlined: Outlined, namespace: dict[str, Any], cells: Mapping[str, types.CellType]) -> types.FunctionType:
    """The function of outlined statements, over the user's globals and the cells of captured variables."""
    closure = tuple(cells[name] for name in outlined.free)
    return types.FunctionType(outlined.code, namespace, outlined.code.co_name, None, closure)


def generator(scope: Scope, source: ast.GeneratorExp, names: Sequence[str],
              namespace: dict[str, Any]) -> types.FunctionType:
    """A function `(iterable, *names) -> generator` that does what a generator expression does.

    Args:
        scope: where the expression stands.
        source: the expression.
        names: the variables that it takes from there; the function is given their values.
        namespace: the globals.
    """
    made = copy.deepcopy(source)
    made.generators[0].iter = ast.copy_location(load(_ITERABLE), made.generators[0].iter)
    answer = ast.copy_location(ast.Return(made), source)
    return types.FunctionType(_compiled(scope, answer, [_ITERABLE, *names], [answer]), namespace)


def _check(scope: Scope, statements: Sequence[ast.stmt]) -> None:
    found = refusal(statements, scope, frozenset(), native=False)
    if found is not None:
        raise found
    for node in own_nodes(statements):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            raise Unsupported("ZX016", node, "import *")
        if isinstance(node, ast.AnnAssign) and (scope.is_module or not isinstance(node.target, ast.Name)):
            # The annotation is evaluated (in a module also kept), unless a future import of the file forbids it.
            raise Unsupported("ZX019", node, "an annotated assignment")


class _Exits(ast.NodeTransformer):
    """Turns every way out of the statements into a signal and a `break` of the loop that runs them once.

    A `finally` clause or a context manager may still stop control on its way out. So falling through sets its
    signal too, and each loop inside the statements has a mark that tells which way it was left the last time.
    """

    def __init__(self) -> None:
        self._loops: list[str] = []
        self._numbered = 0
        self._cleanup = _OUTSIDE

    def statements(self, nodes: Sequence[ast.stmt]) -> list[ast.stmt]:
        return self._visited([copy.deepcopy(node) for node in nodes])

    def _visited(self, nodes: Sequence[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for node in nodes:
            new = self.visit(node)
            found += new if isinstance(new, list) else [new]
        return found

    def visit_Break(self, node: ast.Break) -> Any:
        if self._loops:
            return [ast.copy_location(_set(self._loops[-1], ast.Constant(False)), node), node]
        return self._leave(node, BREAK, ast.Constant(None))

    def visit_Continue(self, node: ast.Continue) -> Any:
        return node if self._loops else self._leave(node, CONTINUE, ast.Constant(None))

    def visit_Return(self, node: ast.Return) -> Any:
        return self._leave(node, RETURN, node.value or ast.Constant(None))

    def visit_Global(self, node: ast.Global) -> Any:
        return ast.copy_location(ast.Pass(), node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> Any:
        return ast.copy_location(ast.Pass(), node)

    def visit_For(self, node: Any) -> Any:
        left = f".left{self._numbered}"
        self._numbered += 1
        if any(isinstance(inner, ast.Return) for inner in own_nodes(node.body)):
            exhausted = ast.copy_location(_set(left, ast.Constant(False)), node)
            onward = [ast.copy_location(ast.If(load(left), [ast.Break()], []), node)]
        else:
            exhausted, onward = None, []
        self._loops.append(left)
        node.body = self._visited(node.body)
        self._loops.pop()
        node.orelse = ([exhausted] if exhausted else []) + self._visited(node.orelse)
        return [node, *onward]

    visit_While = visit_For

    def visit_Try(self, node: Any) -> Any:
        outer = self._cleanup
        self._cleanup = _GUARDED if outer else _OUTSIDE
        node.body = self._visited(node.body)
        for handler in node.handlers:
            handler.body = self._visited(handler.body)
        node.orelse = self._visited(node.orelse)
        self._cleanup = _GUARDED if outer else _CLEANUP
        node.finalbody = self._visited(node.finalbody)
        self._cleanup = outer
        return node

    visit_TryStar = visit_Try

    def visit_With(self, node: ast.With) -> Any:
        outer = self._cleanup
        self._cleanup = _GUARDED if outer else _OUTSIDE
        node.body = self._visited(node.body)
        self._cleanup = outer
        return node

    def _leave(self, node: ast.stmt, signal: int, value: ast.expr) -> list[ast.stmt]:
        if self._cleanup == _GUARDED:
            # If this one is stopped, the exit that the `finally` clause had interrupted goes on: one signal too few.
            raise Unsupported("ZX019", node, f"a guarded {type(node).__name__.lower()} in a finally clause")
        marks = [_set(left, ast.Constant(True)) for left in self._loops]
        parts = [_set(_VALUE, value), *marks, _set(_SIGNAL, ast.Constant(signal)), ast.Break()]
        return [ast.copy_location(part, node) for part in parts]


_OUTSIDE, _CLEANUP, _GUARDED = range(3)


def _declarations(scope: Scope, statements: Sequence[ast.stmt], params: tuple[str, ...]) -> list[ast.stmt]:
    written = assigned(statements, scope.owner)
    if scope.is_module:
        outside = (written | frozenset(params)) & scope.locals | declared(body_of(scope.node), ast.Global) & written
        captured: frozenset[str] = frozenset()
    else:
        outside = written & declared(body_of(scope.node), ast.Global)
        captured = written & (scope.cells | scope.free)
    found: list[ast.stmt] = [ast.Global(sorted(outside))] if outside else []
    return [*found, ast.Nonlocal(sorted(captured))] if captured else found


def _taken(params: tuple[str, ...], is_module: bool) -> list[ast.stmt]:
    if is_module:
        return [
            ast.If(_is_unbound(_argument(name), ast.IsNot()), [_set(name, load(_argument(name)))], [])
            for name in params
        ]
    return [ast.If(_is_unbound(name, ast.Is()), [ast.Delete([ast.Name(name, ast.Del())])], []) for name in params]


def _given(results: tuple[str, ...], sure: frozenset[str], is_module: bool,
           ended: Sequence[ast.expr]) -> list[ast.stmt]:
    """Return how it ended (the signal and the value) and the results, with UNBOUND for those that have no value."""
    found: list[ast.stmt] = []
    items = list(ended)
    for name in results:
        if is_module:
            spaces = ast.Call(ast.NamedExpr(store(_HELD), _constant("GLOBALS")), [], [])
            get = ast.Attribute(spaces, "get", ast.Load())
            items.append(ast.Call(get, [ast.Constant(name), _constant("UNBOUND")], []))
        elif name in sure:
            items.append(load(name))
        else:
            handler = ast.ExceptHandler(_constant("NAME_ERROR"), None, [_set(_result(name), _constant("UNBOUND"))])
            found.append(ast.Try([_set(_result(name), load(name))], [handler], [], []))
            items.append(load(_result(name)))
    return [*found, ast.Return(ast.Tuple(items, ast.Load()))]


def _compiled(scope: Scope, first: ast.stmt, params: list[str], body: list[ast.stmt]) -> types.CodeType:
    arguments = ast.arguments([], [ast.arg(name) for name in params], None, [], [], None, [])
    inner: ast.stmt = ast.FunctionDef(scope.name, arguments, body, [], None, None)
    at(inner, first)
    inner.lineno = _first_line(scope)
    path = [scope.name]
    if scope.owner is not None:
        inner = at(ast.ClassDef(scope.owner, [], [], [inner], []), first)
        path.insert(0, scope.owner)
    captured = [ast.arg(name) for name in sorted(scope.cells | scope.free)]
    if captured:
        shell = ast.arguments([], captured, None, [], [], None, [])
        # What stands in the shell for its name's sake is none of its variables: the name means what it does elsewhere.
        elsewhere = [] if path[0] in scope.cells | scope.free else [ast.Global([path[0]])]
        inner = at(ast.FunctionDef(".around", shell, [*elsewhere, inner], [], None, None), first)
        path[:0] = [".around", "<locals>"]
    code = filled(compile(ast.Module([inner], []), scope.filename, "exec", dont_inherit=True))
    for _ in (name for name in path if name != "<locals>"):
        code = next(constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return _finished(code, code.co_qualname, scope.qualname)


def _finished(code: types.CodeType, prefix: str, qualname: str) -> types.CodeType:
    """`code` with its constants in place, it and what is nested in it named as in the user's function."""
    constants = tuple(
        lambdas.same(_finished(constant, prefix, qualname))
        if isinstance(constant, types.CodeType)
        else _CONSTANTS[constant.removeprefix(_MARK)]
        if isinstance(constant, str) and constant.startswith(_MARK)
        else constant
        for constant in code.co_consts
    )
    return code.replace(co_consts=constants, co_qualname=qualname + code.co_qualname.removeprefix(prefix))


def _first_line(scope: Scope) -> int:
    if isinstance(scope.node, (ast.Module, ast.Lambda)):
        return getattr(scope.node, "lineno", 1)
    return scope.node.decorator_list[0].lineno if scope.node.decorator_list else scope.node.lineno


def _set(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([store(name)], value)


def _constant(name: str) -> ast.expr:
    return ast.Constant(_MARK + name)


def _is_unbound(name: str, how: ast.cmpop) -> ast.expr:
    # Held by a variable first: the compiler warns of identity tests with literals.
    return ast.Compare(load(name), [how], [ast.NamedExpr(store(_HELD), _constant("UNBOUND"))])


def _argument(name: str) -> str:
    return f".given.{name}"


def _result(name: str) -> str:
    return f".result.{name}"
