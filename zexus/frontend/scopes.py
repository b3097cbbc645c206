"""Variables of a function: which scope owns each name, and which names cross the borders of its loops."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from zexus.codes import Unsupported
from zexus.frontend.sites import Kind, LoopSite, Scope

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TRY = (ast.Try, ast.TryStar)
_NEVER_NATIVE = (
    ast.Set, ast.SetComp, ast.Dict, ast.DictComp, ast.GeneratorExp, ast.JoinedStr, ast.Lambda, ast.Constant,
)  # fmt: skip
_Names = frozenset[str]
_EMPTY: _Names = frozenset()


def mangle(name: str, owner: str | None) -> str:
    """The name under which the compiler knows `name` inside the class `owner`."""
    if owner is None or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    stripped = owner.lstrip("_")
    return f"_{stripped}{name}" if stripped else name


# Names by the rules of CPython's symbol table.


def parameters(node: FunctionNode) -> list[ast.arg]:
    """All parameters of a function, in the order of its frame."""
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return named + [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]


def own_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of one scope in source order; of nested scopes only what is evaluated outside them is entered."""
    waiting = list(nodes)[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, (ast.Name, ast.Constant)):
            continue
        if isinstance(node, COMPREHENSIONS):
            waiting.append(node.generators[0].iter)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            waiting += outside(node)[::-1]
        else:
            waiting += _children(node)[::-1]


def _children(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(value, _NO_CHILDREN):
            found.append(value)
    return found


_NO_CHILDREN = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop)


def own_statements(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of one scope in source order (with the clauses that hold some), nested scopes not entered."""
    waiting = list(nodes)[::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr):
            continue
        yield node
        if not isinstance(node, DEFINITIONS):
            waiting += _children(node)[::-1]


def outside(node: FunctionNode | ast.ClassDef) -> list[ast.AST]:
    """The parts of a definition that the enclosing scope evaluates: decorators, defaults, annotations, bases."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    parts: list[ast.AST | None] = [] if isinstance(node, ast.Lambda) else [*node.decorator_list]
    parts += [*node.args.defaults, *node.args.kw_defaults]
    if not isinstance(node, ast.Lambda):
        parts += [*(parameter.annotation for parameter in parameters(node)), node.returns]
    return [part for part in parts if part is not None]


def body_of(node: FunctionNode | ast.ClassDef | ast.Module) -> list[ast.AST]:
    """The parts of a scope that it evaluates itself."""
    return [node.body] if isinstance(node, ast.Lambda) else [*node.body]


def assigned(nodes: Iterable[ast.AST], owner: str | None = None) -> _Names:
    """The names that `nodes` bind (or delete) in their own scope, names declared global or nonlocal included."""
    return frozenset(name for node in own_nodes(nodes) for name in _bound_by(node, owner))


def _bound_by(node: ast.AST, owner: str | None) -> Iterable[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return (name,)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (mangle(name, owner),)
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return tuple(mangle(alias.asname or alias.name.partition(".")[0], owner) for alias in aliases)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return (name,)
        case ast.MatchMapping(rest=str(name)):
            return (name,)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return _walrus_targets(node)
    return ()


def _walrus_targets(node: Comprehension) -> set[str]:
    found: set[str] = set()
    for part in own_nodes(_inner_parts(node)):
        if isinstance(part, ast.NamedExpr):
            found.add(part.target.id)
        elif isinstance(part, COMPREHENSIONS):
            found |= _walrus_targets(part)
    return found


def _inner_parts(node: Comprehension) -> list[ast.AST]:
    parts: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    for position, generator in enumerate(node.generators):
        parts += [generator.target, *generator.ifs, *([generator.iter] if position else [])]
    return parts


def comprehension_targets(node: Comprehension) -> _Names:
    """The names that live only in the comprehension."""
    return frozenset(
        part.id for generator in node.generators for part in ast.walk(generator.target)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    )  # fmt: skip


def read(nodes: Iterable[ast.AST], owner: str | None = None) -> _Names:
    """The names that `nodes` read in their own scope, or that functions nested in them take from it."""
    found: set[str] = set()
    for node in own_nodes(nodes):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, COMPREHENSIONS):
            found |= read(_inner_parts(node), owner) - comprehension_targets(node)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found |= free_names(node, owner)
    return frozenset(found)


def declared(nodes: Iterable[ast.AST], kind: type[ast.Global] | type[ast.Nonlocal]) -> _Names:
    """The names that `nodes` declare global (or nonlocal) in their own scope."""
    return frozenset(name for node in own_statements(nodes) if isinstance(node, kind) for name in node.names)


def free_names(node: FunctionNode | ast.ClassDef, owner: str | None = None) -> _Names:
    """The names that a nested function or class does not bind itself."""
    inner_owner = node.name if isinstance(node, ast.ClassDef) else owner
    body = body_of(node)
    outer = declared(body, ast.Nonlocal)
    if isinstance(node, ast.ClassDef):
        # A class's own names are invisible to the functions in it, and it reads its own ones from its dictionary.
        own = _own_reads(body) - assigned(body, inner_owner)
        below = (_captured(body, inner_owner, hard=False) - own) - {"__class__"}
        return (own | below | outer) - declared(body, ast.Global)
    bound = assigned(body, owner) | {parameter.arg for parameter in parameters(node)} | _type_parameters(node, owner)
    return ((read(body, owner) | assigned(body, owner)) - bound | outer) - declared(body, ast.Global)


def _own_reads(nodes: Iterable[ast.AST]) -> _Names:
    return frozenset(
        node.id for node in own_nodes(nodes) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)
    )


# Functions that are done with an iterator when they return.
_CONSUMERS = frozenset((
    "all", "any", "bytearray", "bytes", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple",
))  # fmt: skip


def consumed(node: ast.Call) -> ast.GeneratorExp | None:
    """The generator expression that a call uses up before it returns, if its function is the builtin of that name."""
    if not node.args or not isinstance(node.args[0], ast.GeneratorExp):
        return None
    match node.func:
        case ast.Name(id=name) if name in _CONSUMERS:
            return node.args[0]
        case ast.Attribute(value=ast.Constant(value=str()), attr="join"):
            return node.args[0]
    return None


def _captured(nodes: Iterable[ast.AST], owner: str | None, hard: bool) -> _Names:
    """The names that scopes nested in `nodes` take from it.

    `hard`: comprehensions do not count, nor generator expressions that do not outlive their statement.
    """
    found: set[str] = set()
    brief: set[ast.AST | None] = set()
    for node in own_nodes(nodes):
        if hard and isinstance(node, ast.Call):
            brief.add(consumed(node))
        lasts = not hard or (isinstance(node, ast.GeneratorExp) and node not in brief)
        if isinstance(node, COMPREHENSIONS) and lasts:
            found |= (read(_inner_parts(node), owner) | _walrus_targets(node)) - comprehension_targets(node)
        elif isinstance(node, COMPREHENSIONS):
            found |= _captured(_inner_parts(node), owner, hard) - comprehension_targets(node)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found |= free_names(node, owner)
    return frozenset(found)


def captured(nodes: Iterable[ast.AST], owner: str | None = None) -> _Names:
    """The names that functions, classes and lasting generator expressions in `nodes` take from their scope."""
    return _captured(nodes, owner, hard=True)


def _type_parameters(node: ast.AST, owner: str | None) -> _Names:
    owner = node.name if isinstance(node, ast.ClassDef) else owner
    return frozenset(mangle(parameter.name, owner) for parameter in getattr(node, "type_params", ()))


def bound_names(node: FunctionNode, owner: str | None) -> _Names:
    """The names that are local to a function."""
    body = body_of(node)
    names = assigned(body, owner) | {parameter.arg for parameter in parameters(node)}
    return names - declared(body, ast.Global) - declared(body, ast.Nonlocal)


def visible_inside(node: ast.AST, owner: str | None, visible: _Names) -> _Names:
    """The names of enclosing functions that a scope nested directly in `node` sees.

    Args:
        node: a function, class, comprehension or module.
        owner: the class that mangles names inside `node`.
        visible: what `node` itself sees.
    """
    if isinstance(node, ast.ClassDef):
        return visible | {"__class__"} | _type_parameters(node, owner)
    if isinstance(node, COMPREHENSIONS):
        return visible | comprehension_targets(node)
    if isinstance(node, FUNCTIONS):
        own = bound_names(node, owner) | _type_parameters(node, owner)
        return (visible - declared(body_of(node), ast.Global)) | own
    return visible


def function_scope(node: FunctionNode, qualname: str, filename: str, owner: str | None, visible: _Names) -> Scope:
    """The scope of one function.

    Args:
        node: the function.
        qualname: its qualified name.
        filename: the file named in its code object.
        owner: the class that mangles names inside it.
        visible: the names of enclosing functions that it can see.
    """
    body = body_of(node)
    bound = bound_names(node, owner)
    cells = bound & captured(body, owner)
    wanted = read(body, owner) | declared(body, ast.Nonlocal)
    if any(isinstance(part, ast.Name) and part.id == "super" for part in _function_nodes(body)):
        wanted |= {"__class__"}
    wanted |= {"__class__"} if _captures_class(body) else _EMPTY
    free = (wanted - bound - declared(body, ast.Global)) & (visible | _type_parameters(node, owner))
    name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
    return Scope(name, qualname, filename, owner, node, bound - cells, cells, free)


def _function_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of one function, its comprehensions entered."""
    for node in own_nodes(nodes):
        yield node
        if isinstance(node, COMPREHENSIONS):
            yield from _function_nodes(_inner_parts(node))


def _captures_class(nodes: Iterable[ast.AST]) -> bool:
    """Whether a function nested here (and in no class below) names `super`, which reads `__class__` of the method."""
    for node in _function_nodes(nodes):
        if not isinstance(node, FUNCTIONS):
            continue
        body = body_of(node)
        if any(isinstance(part, ast.Name) and part.id == "super" for part in _function_nodes(body)):
            return "__class__" not in bound_names(node, None)
        if _captures_class(body):
            return True
    return False


def module_scope(node: ast.Module, filename: str, name: str = "<module>") -> Scope:
    """The scope of a module's top-level statements."""
    return Scope(name, name, filename, None, node, assigned(node.body), _EMPTY, _EMPTY, is_module=True)


# Order of evaluation: definite assignment and upward-exposed reads.


class _Flow:
    """A forward walk in order of evaluation that knows which names are surely assigned (the state).

    The state None means that control cannot get here. Joins intersect, as every path must assign.

    Args:
        on_read: called with a name that is read where it is not surely assigned.
        on_loop: called with each loop and the names surely assigned when it starts.
    """

    def __init__(
        self,
        on_read: Callable[[str], object] = lambda name: None,
        on_loop: Callable[[ast.AST, _Names], object] = lambda node, state: None,
        owner: str | None = None,
    ) -> None:
        self._on_read = on_read
        self._on_loop = on_loop
        self._owner = owner
        self._breaks: list[list[_Names]] = [[]]
        self._exits: list[_Names] = []

    def everywhere(self, nodes: Iterable[ast.AST], state: _Names) -> _Names:
        """What is surely assigned wherever control leaves `nodes`: behind them, by break, continue or return."""
        behind = self.run(nodes, state)
        return _join(behind, *self._breaks[0], *self._exits) or _EMPTY

    def run(self, nodes: Iterable[ast.AST], state: _Names | None) -> _Names | None:
        """The state behind `nodes`."""
        for node in nodes:
            state = self._visit(node, state)
        return state

    def _visit(self, node: ast.AST, state: _Names | None) -> _Names | None:
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            return self.run(ast.iter_child_nodes(node), state)
        result: _Names | None = method(node, state)
        return result

    def _read(self, name: str, state: _Names | None) -> None:
        if state is not None and name not in state:
            self._on_read(name)

    def _assign(self, names: Iterable[str], state: _Names | None) -> _Names | None:
        return None if state is None else state.union(names)

    # Expressions.

    def _Name(self, node: ast.Name, state: _Names | None) -> _Names | None:
        if isinstance(node.ctx, ast.Store):
            return self._assign((node.id,), state)
        self._read(node.id, state)
        return state - {node.id} if state is not None and isinstance(node.ctx, ast.Del) else state

    def _NamedExpr(self, node: ast.NamedExpr, state: _Names | None) -> _Names | None:
        return self.run([node.value, node.target], state)

    def _BoolOp(self, node: ast.BoolOp, state: _Names | None) -> _Names | None:
        state = self._visit(node.values[0], state)
        self.run(node.values[1:], state)
        return state

    def _Compare(self, node: ast.Compare, state: _Names | None) -> _Names | None:
        state = self.run([node.left, node.comparators[0]], state)
        self.run(node.comparators[1:], state)
        return state

    def _IfExp(self, node: ast.IfExp, state: _Names | None) -> _Names | None:
        state = self._visit(node.test, state)
        return _join(self._visit(node.body, state), self._visit(node.orelse, state))

    def _comprehension(self, node: Comprehension, state: _Names | None) -> _Names | None:
        state = self._visit(node.generators[0].iter, state)
        for name in read(_inner_parts(node), self._owner) - comprehension_targets(node):
            self._read(name, state)
        return state

    _ListComp = _SetComp = _DictComp = _GeneratorExp = _comprehension

    def _definition(self, node: FunctionNode | ast.ClassDef, state: _Names | None) -> _Names | None:
        state = self.run(outside(node), state)
        for name in free_names(node, self._owner):
            self._read(name, state)
        return state if isinstance(node, ast.Lambda) else self._assign(_bound_by(node, self._owner), state)

    _Lambda = _FunctionDef = _AsyncFunctionDef = _ClassDef = _definition

    def _Dict(self, node: ast.Dict, state: _Names | None) -> _Names | None:
        for key, value in zip(node.keys, node.values, strict=True):
            state = self.run([value] if key is None else [key, value], state)
        return state

    # Simple statements.

    def _Assign(self, node: ast.Assign, state: _Names | None) -> _Names | None:
        return self.run([node.value, *node.targets], state)

    def _AnnAssign(self, node: ast.AnnAssign, state: _Names | None) -> _Names | None:
        state = self._visit(node.annotation, state)
        if node.value is None:
            return state
        return self.run([node.value, node.target], state)

    def _AugAssign(self, node: ast.AugAssign, state: _Names | None) -> _Names | None:
        if not isinstance(node.target, ast.Name):
            return self.run([node.target, node.value], state)
        self._read(node.target.id, state)
        return self.run([node.value, node.target], state)

    def _import(self, node: ast.Import | ast.ImportFrom, state: _Names | None) -> _Names | None:
        return self._assign(_bound_by(node, self._owner), state)

    _Import = _ImportFrom = _import

    def _Assert(self, node: ast.Assert, state: _Names | None) -> _Names | None:
        # Under -O the test is not evaluated at all.
        tested = self._visit(node.test, state)
        if node.msg is not None:
            self._visit(node.msg, tested)
        return state

    def _Return(self, node: ast.Return, state: _Names | None) -> _Names | None:
        if node.value is not None:
            state = self._visit(node.value, state)
        if state is not None:
            self._exits.append(state)
        return None

    def _Raise(self, node: ast.Raise, state: _Names | None) -> _Names | None:
        self.run(ast.iter_child_nodes(node), state)
        return None

    def _Break(self, node: ast.Break, state: _Names | None) -> _Names | None:
        if state is not None:
            self._breaks[-1].append(state)
        return None

    def _Continue(self, node: ast.Continue, state: _Names | None) -> _Names | None:
        # Only where `nodes` begin inside a loop does it matter what is assigned here.
        return self._Break(ast.Break(), state) if len(self._breaks) == 1 else None

    # Compound statements.

    def _If(self, node: ast.If, state: _Names | None) -> _Names | None:
        state = self._visit(node.test, state)
        return _join(self.run(node.body, state), self.run(node.orelse, state))

    _Unfolded = _If

    def _For(self, node: ast.For | ast.AsyncFor, state: _Names | None) -> _Names | None:
        state = _without(self._visit(node.iter, state), unbinds([node]))
        self._on_loop(node, _EMPTY if state is None else state)
        return self._loop(node, self._visit(node.target, state), state)

    _AsyncFor = _For

    def _While(self, node: ast.While, state: _Names | None) -> _Names | None:
        state = _without(state, unbinds([node]))
        self._on_loop(node, _EMPTY if state is None else state)
        state = self._visit(node.test, state)
        forever = isinstance(node.test, ast.Constant) and bool(node.test.value)
        return self._loop(node, state, None if forever else state)

    def _loop(
        self, node: ast.For | ast.AsyncFor | ast.While, entered: _Names | None, exhausted: _Names | None
    ) -> _Names | None:
        self._breaks.append([])
        self.run(node.body, entered)
        left = self._breaks.pop()
        return _join(self.run(node.orelse, exhausted), *left)

    def _with(self, node: ast.With | ast.AsyncWith, state: _Names | None) -> _Names | None:
        state = self._visit(node.items[0].context_expr, state)
        # A context manager may swallow what is raised anywhere behind its entry.
        swallowed = _without(state, unbinds([node]))
        inner = state
        for position, item in enumerate(node.items):
            inner = self._visit(item.context_expr, inner) if position else inner
            inner = inner if item.optional_vars is None else self._visit(item.optional_vars, inner)
        return _join(self.run(node.body, inner), swallowed)

    _With = _AsyncWith = _with

    def _try(self, node: ast.Try | ast.TryStar, state: _Names | None) -> _Names | None:
        marks = [len(left) for left in (*self._breaks, self._exits)]
        raised = _without(state, unbinds(node.body))
        after = self.run(node.orelse, self.run(node.body, state))
        for handler in node.handlers:
            after = _join(after, self._handler(handler, raised))
        if not node.finalbody:
            return after
        interrupted = _without(state, unbinds([node]))
        behind = self.run(node.finalbody, interrupted)
        lost = unbinds(node.finalbody)
        for mark, left in zip(marks, (*self._breaks, self._exits), strict=True):
            left[mark:] = [gone - lost for gone in left[mark:]]
        if after is None or behind is None:
            return None
        return (after - lost) | behind

    _Try = _TryStar = _try

    def _handler(self, handler: ast.ExceptHandler, state: _Names | None) -> _Names | None:
        if handler.type is not None:
            state = self._visit(handler.type, state)
        if handler.name is None:
            return self.run(handler.body, state)
        marks = [len(left) for left in (*self._breaks, self._exits)]
        state = self.run(handler.body, self._assign((handler.name,), state))
        for mark, left in zip(marks, (*self._breaks, self._exits), strict=True):
            left[mark:] = [gone - {handler.name} for gone in left[mark:]]
        return _without(state, frozenset((handler.name,)))

    def _Match(self, node: ast.Match, state: _Names | None) -> _Names | None:
        state = self._visit(node.subject, state)
        after: _Names | None = None
        for case in node.cases:
            inner = self._assign(assigned([case.pattern]), self._visit(case.pattern, state))
            if case.guard is not None:
                inner = self._visit(case.guard, inner)
            after = _join(after, self.run(case.body, inner))
            if case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None:
                return after
        return _join(after, state)


def _join(*states: _Names | None) -> _Names | None:
    reachable = [state for state in states if state is not None]
    return frozenset.intersection(*reachable) if reachable else None


def _without(state: _Names | None, names: _Names) -> _Names | None:
    return None if state is None else state - names


def unbinds(nodes: Iterable[ast.AST]) -> _Names:
    """The names that `nodes` may leave unbound: deleted ones and names of `except ... as`."""
    found: set[str] = set()
    for node in own_nodes(nodes):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name is not None:
            found.add(node.name)
    return frozenset(found)


def exposed(nodes: Iterable[ast.AST], owner: str | None = None) -> _Names:
    """The names that `nodes`, run from the first one, may read before they assign them."""
    found: set[str] = set()
    _Flow(on_read=found.add, owner=owner).run(nodes, _EMPTY)
    return frozenset(found)


def unsurely_read(nodes: Iterable[ast.AST], before: _Names, owner: str | None = None) -> _Names:
    """The names that `nodes` read somewhere where they need not be assigned, nor among the names `before`."""
    found: set[str] = set()
    _Flow(on_read=found.add, owner=owner).run(nodes, before)
    return frozenset(found)


def surely_assigned(nodes: Iterable[ast.AST], before: _Names = _EMPTY, owner: str | None = None) -> _Names:
    """The names that have a value behind `nodes` on every path that gets there."""
    return _Flow(owner=owner).run(nodes, before) or _EMPTY


def _region(node: ast.For | ast.While) -> list[ast.AST]:
    """What a loop evaluates again and again."""
    return [node.target, *node.body] if isinstance(node, ast.For) else [node.test, *node.body]


def _exposed_by_loop(node: ast.For | ast.While, owner: str | None) -> _Names:
    # What the first iteration has not assigned before reading it, the later ones may still take from before the loop.
    return exposed(_region(node), owner)


def assigned_at_exits(nodes: Iterable[ast.AST], owner: str | None = None) -> _Names:
    """The names that have a value from `nodes` on every path out of them, break, continue and return included."""
    return _Flow(owner=owner).everywhere(nodes, _EMPTY)


# Sites.


def loop_sites(scope: Scope) -> tuple[LoopSite, ...]:
    """All loops of one function or module (not those of nested functions), and its entry when it calls itself.

    A function's entry comes first and counts as the parent of its outermost loops.
    """
    body = body_of(scope.node)
    found = list(_loops(body, None))
    entry = _calls_itself(scope)
    if not found and not entry:
        return ()
    starts: dict[ast.AST, _Names] = {}
    given = _EMPTY if isinstance(scope.node, ast.Module) else frozenset(p.arg for p in parameters(scope.node))
    _Flow(on_loop=starts.__setitem__, owner=scope.owner).run(body, given)
    whole = _frame_access(scope)
    sites: list[LoopSite] = []
    if entry:
        sites.append(_entry_site(scope, whole))
    offset = len(sites)
    for index, (node, parent) in enumerate(found, offset):
        above = parent + offset if parent is not None else (0 if entry else None)
        sites.append(_loop_site(index, node, scope, starts.get(node, _EMPTY), above, whole))
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


def _loop_site(
    index: int, node: ast.For | ast.While, scope: Scope, start: _Names, parent: int | None, whole: Unsupported | None
) -> LoopSite:
    region = _region(node)
    names = scope.locals
    params = _exposed_by_loop(node, scope.owner) & names
    changed = assigned(region, scope.owner) & names
    results = changed if scope.is_module else changed & (params | _read_outside(scope, node))
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
            or _hopeless(node)
            or (_assigned_elsewhere(scope, node, results) if scope.is_module else None)
        ),
    )  # fmt: skip


def assigned_around(site: LoopSite) -> _Names:
    """The parameters of a loop of a module that change from one of its entries to the next, in a loop around it."""
    around = [
        node
        for node in own_nodes(body_of(site.scope.node))
        if isinstance(node, (ast.For, ast.While)) and node is not site.node and site.node in own_nodes([node])
    ]
    return assigned(around, site.scope.owner).intersection(site.params)


def guarded(site: LoopSite) -> bool:
    """Whether the variables of a loop may be looked at behind an exception that leaves it."""
    if site.scope.is_module:
        return True
    return any(
        isinstance(node, (ast.Try, ast.TryStar, ast.With, ast.AsyncWith)) and site.node in own_nodes([node])
        for node in own_nodes(body_of(site.scope.node))
    )


def _read_outside(scope: Scope, loop: ast.For | ast.While) -> _Names:
    """The names that the function reads anywhere but in the region of `loop`."""
    inside = set(map(id, _region(loop)))
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


def _assigned_elsewhere(scope: Scope, loop: ast.For | ast.While, results: _Names) -> Unsupported | None:
    """Threads and signal handlers may assign a global while the loop keeps it to itself: that would be lost."""
    names = results & globals_declared(scope.node)
    if not names:
        return None
    return Unsupported("ZX015", loop, f"a function assigns the global {min(names)!r}, which the loop assigns too")


@functools.lru_cache(maxsize=64)
def globals_declared(module: ast.AST) -> _Names:
    """The names that functions and classes of a module declare global."""
    return frozenset(name for node in ast.walk(module) if isinstance(node, ast.Global) for name in node.names)


def _entry_site(scope: Scope, whole: Unsupported | None) -> LoopSite:
    node = scope.node
    assert isinstance(node, ast.FunctionDef)
    body = body_of(node)
    params = tuple(parameter.arg for parameter in parameters(node))
    why = whole or refusal(body, scope, kept=_EMPTY)
    if why is None and scope.cells:
        why = Unsupported("ZX015", node, f"{min(scope.cells)!r} is captured by a nested function")
    return LoopSite(0, "function", node, scope, params, _EMPTY, (), tuple(sorted(scope.free)), None, why)


def _calls_itself(scope: Scope) -> bool:
    """Whether this is a plain function of a module that calls itself by its name."""
    node = scope.node
    if not isinstance(node, ast.FunctionDef) or scope.qualname != scope.name:
        return False
    arguments = node.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or node.name in scope.locals | scope.cells:
        return False
    parts = list(_function_nodes(node.body))
    if any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in parts):
        return False
    return any(
        isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == node.name for part in parts
    )


_NAMESPACE_CALLS = {"locals": 0, "vars": 1, "dir": 1, "eval": 2, "exec": 2}


def _frame_access(scope: Scope) -> Unsupported | None:
    """Why hidden locals would show in this function: it looks at its namespace as a whole."""
    for node in _function_nodes(body_of(scope.node)):
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
    nodes: Sequence[ast.AST], scope: Scope, kept: _Names, native: bool = True
) -> Unsupported | None:
    """Why `nodes` can never run outside their frame, or None.

    Args:
        nodes: the region.
        scope: where it stands.
        kept: local names that live beyond the region.
        native: whether it is to be compiled; else CPython runs it, with cells and imports as ever.
    """
    outer = scope.cells | scope.free if native else _EMPTY
    for node in own_nodes(nodes):
        if not native and isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        found = _refused(node, scope.owner, outer, kept)
        if found is not None:
            code, detail = found
            return Unsupported(code, node, detail)
    return None


def counts_callers(node: ast.Call) -> bool:
    """Whether a frame, a warning or a log record of a caller is asked for, whose frame might not be there."""
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called == "_getframe":
        return any(not isinstance(depth, ast.Constant) or depth.value != 0 for depth in node.args)
    levels = [keyword.value for keyword in node.keywords if keyword.arg == "stacklevel"]
    if called == "warn":
        levels += node.args[2:3]
    return any(not isinstance(level, ast.Constant) or level.value != 1 for level in levels)


def _refused(node: ast.AST, owner: str | None, outer: _Names, kept: _Names) -> tuple[str, str] | None:
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
        case ast.Call(func=ast.Name(id="super"), args=[]):
            return "ZX013", "super() is called"
        case ast.Call() if (called := _sees_frame(node)) is not None:
            return "ZX013", called
        case ast.Call() if counts_callers(node):
            return "ZX013", "the frames of callers are counted"
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            for part in _function_nodes(_inner_parts(node)):
                inner = None if isinstance(part, ast.Name) else _refused(part, owner, outer, kept)
                if inner is not None:
                    return inner
        case ast.ExceptHandler(name=str(name)) if name in kept:
            return "ZX014", f"{name!r} is unbound when its except clause ends"
    # Loops store into the cell of a variable; what else binds it is left to its own frame.
    plain = isinstance(node, ast.Name)
    taken = [] if plain else sorted(outer.intersection(_bound_by(node, owner)))
    if taken:
        return "ZX015", f"{taken[0]!r} is assigned"
    if type(node).__name__ == "TypeAlias":
        return "ZX016", "a type alias is defined"
    return None


def _is_async(node: Comprehension) -> bool:
    return any(generator.is_async for generator in node.generators) or any(
        isinstance(part, ast.Await) for part in chain.from_iterable(map(ast.walk, _inner_parts(node)))
    )


def _hopeless(node: ast.For | ast.While) -> Unsupported | None:
    if isinstance(node, ast.For) and isinstance(node.iter, _NEVER_NATIVE):
        return Unsupported("ZX017", node, f"{type(node.iter).__name__} in the header")
    return None
