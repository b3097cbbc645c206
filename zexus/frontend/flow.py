"""Definite assignment in order of evaluation: which names surely have a value, which are read before they have one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from zexus.frontend.scopes import (
    NO_NAMES,
    Comprehension,
    FunctionNode,
    Names,
    assigned,
    bound_by,
    comprehension_targets,
    free_names,
    outside,
    unbinds,
)


class Flow:
    """A forward walk in order of evaluation that knows which names are surely assigned (the state).

    The state None means that control cannot get here. Joins intersect, as every path must assign.

    Args:
        on_read: called with a name that is read where it is not surely assigned.
        on_loop: called with each loop and the names surely assigned when it starts.
    """

    def __init__(
        self,
        on_read: Callable[[str], object] = lambda name: None,
        on_loop: Callable[[ast.AST, Names], object] = lambda node, state: None,
        owner: str | None = None,
    ) -> None:
        self._on_read = on_read
        self._on_loop = on_loop
        self._owner = owner
        self._breaks: list[list[Names]] = [[]]
        self._exits: list[Names] = []

    def everywhere(self, nodes: Iterable[ast.AST], state: Names) -> Names:
        """What is surely assigned wherever control leaves `nodes`: behind them, by break, continue or return."""
        behind = self.run(nodes, state)
        return _join(behind, *self._breaks[0], *self._exits) or NO_NAMES

    def run(self, nodes: Iterable[ast.AST], state: Names | None) -> Names | None:
        """The state behind `nodes`."""
        for node in nodes:
            state = self._visit(node, state)
        return state

    def _visit(self, node: ast.AST, state: Names | None) -> Names | None:
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            return self.run(ast.iter_child_nodes(node), state)
        result: Names | None = method(node, state)
        return result

    def _read(self, name: str, state: Names | None) -> None:
        if state is not None and name not in state:
            self._on_read(name)

    def _assign(self, names: Iterable[str], state: Names | None) -> Names | None:
        return None if state is None else state.union(names)

    # Expressions.

    def _Name(self, node: ast.Name, state: Names | None) -> Names | None:
        if isinstance(node.ctx, ast.Store):
            return self._assign((node.id,), state)
        self._read(node.id, state)
        return state - {node.id} if state is not None and isinstance(node.ctx, ast.Del) else state

    def _NamedExpr(self, node: ast.NamedExpr, state: Names | None) -> Names | None:
        return self.run([node.value, node.target], state)

    def _BoolOp(self, node: ast.BoolOp, state: Names | None) -> Names | None:
        state = self._visit(node.values[0], state)
        self.run(node.values[1:], state)
        return state

    def _Compare(self, node: ast.Compare, state: Names | None) -> Names | None:
        state = self.run([node.left, node.comparators[0]], state)
        self.run(node.comparators[1:], state)
        return state

    def _IfExp(self, node: ast.IfExp, state: Names | None) -> Names | None:
        state = self._visit(node.test, state)
        return _join(self._visit(node.body, state), self._visit(node.orelse, state))

    def _comprehension(self, node: Comprehension, state: Names | None) -> Names | None:
        state = self._visit(node.generators[0].iter, state)
        inner = self._assign(comprehension_targets(node), state)
        for position, generator in enumerate(node.generators):
            inner = self.run([generator.iter, *generator.ifs] if position else generator.ifs, inner)
        self.run([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt], inner)
        return state

    _ListComp = _SetComp = _DictComp = _GeneratorExp = _comprehension

    def _definition(self, node: FunctionNode | ast.ClassDef, state: Names | None) -> Names | None:
        state = self.run(outside(node), state)
        for name in free_names(node, self._owner):
            self._read(name, state)
        return state if isinstance(node, ast.Lambda) else self._assign(bound_by(node, self._owner), state)

    _Lambda = _FunctionDef = _AsyncFunctionDef = _ClassDef = _definition

    def _Dict(self, node: ast.Dict, state: Names | None) -> Names | None:
        for key, value in zip(node.keys, node.values, strict=True):
            state = self.run([value] if key is None else [key, value], state)
        return state

    # Simple statements.

    def _Assign(self, node: ast.Assign, state: Names | None) -> Names | None:
        return self.run([node.value, *node.targets], state)

    def _AnnAssign(self, node: ast.AnnAssign, state: Names | None) -> Names | None:
        state = self._visit(node.annotation, state)
        if node.value is None:
            return state
        return self.run([node.value, node.target], state)

    _Begin = _Assign

    def _AugAssign(self, node: ast.AugAssign, state: Names | None) -> Names | None:
        if not isinstance(node.target, ast.Name):
            return self.run([node.target, node.value], state)
        self._read(node.target.id, state)
        return self.run([node.value, node.target], state)

    def _import(self, node: ast.Import | ast.ImportFrom, state: Names | None) -> Names | None:
        return self._assign(bound_by(node, self._owner), state)

    _Import = _ImportFrom = _import

    def _Assert(self, node: ast.Assert, state: Names | None) -> Names | None:
        # Under -O the test is not evaluated at all.
        tested = self._visit(node.test, state)
        if node.msg is not None:
            self._visit(node.msg, tested)
        return state

    def _Return(self, node: ast.Return, state: Names | None) -> Names | None:
        if node.value is not None:
            state = self._visit(node.value, state)
        if state is not None:
            self._exits.append(state)
        return None

    def _Raise(self, node: ast.Raise, state: Names | None) -> Names | None:
        self.run(ast.iter_child_nodes(node), state)
        return None

    def _Break(self, node: ast.Break, state: Names | None) -> Names | None:
        if state is not None:
            self._breaks[-1].append(state)
        return None

    def _Continue(self, node: ast.Continue, state: Names | None) -> Names | None:
        # Only where `nodes` begin inside a loop does it matter what is assigned here.
        return self._Break(ast.Break(), state) if len(self._breaks) == 1 else None

    # Compound statements.

    def _If(self, node: ast.If, state: Names | None) -> Names | None:
        state = self._visit(node.test, state)
        return _join(self.run(node.body, state), self.run(node.orelse, state))

    _Unfolded = _Consumption = _End = _If

    def _For(self, node: ast.For | ast.AsyncFor, state: Names | None) -> Names | None:
        state = _without(self._visit(node.iter, state), unbinds([node]))
        self._on_loop(node, NO_NAMES if state is None else state)
        return self._loop(node, self._visit(node.target, state), state)

    _AsyncFor = _For

    def _While(self, node: ast.While, state: Names | None) -> Names | None:
        state = _without(state, unbinds([node]))
        self._on_loop(node, NO_NAMES if state is None else state)
        state = self._visit(node.test, state)
        forever = isinstance(node.test, ast.Constant) and bool(node.test.value)
        return self._loop(node, state, None if forever else state)

    def _loop(
        self, node: ast.For | ast.AsyncFor | ast.While, entered: Names | None, exhausted: Names | None
    ) -> Names | None:
        self._breaks.append([])
        self.run(node.body, entered)
        left = self._breaks.pop()
        return _join(self.run(node.orelse, exhausted), *left)

    def _with(self, node: ast.With | ast.AsyncWith, state: Names | None) -> Names | None:
        state = self._visit(node.items[0].context_expr, state)
        # A context manager may swallow what is raised anywhere behind its entry.
        swallowed = _without(state, unbinds([node]))
        inner = state
        for position, item in enumerate(node.items):
            inner = self._visit(item.context_expr, inner) if position else inner
            inner = inner if item.optional_vars is None else self._visit(item.optional_vars, inner)
        return _join(self.run(node.body, inner), swallowed)

    _With = _AsyncWith = _with

    def _try(self, node: ast.Try | ast.TryStar, state: Names | None) -> Names | None:
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

    _Try = _TryStar = _Flushed = _Noted = _try

    def _handler(self, handler: ast.ExceptHandler, state: Names | None) -> Names | None:
        if handler.type is not None:
            state = self._visit(handler.type, state)
        if handler.name is None:
            return self.run(handler.body, state)
        marks = [len(left) for left in (*self._breaks, self._exits)]
        state = self.run(handler.body, self._assign((handler.name,), state))
        for mark, left in zip(marks, (*self._breaks, self._exits), strict=True):
            left[mark:] = [gone - {handler.name} for gone in left[mark:]]
        return _without(state, frozenset((handler.name,)))

    def _Match(self, node: ast.Match, state: Names | None) -> Names | None:
        state = self._visit(node.subject, state)
        after: Names | None = None
        for case in node.cases:
            inner = self._assign(assigned([case.pattern]), self._visit(case.pattern, state))
            if case.guard is not None:
                inner = self._visit(case.guard, inner)
            after = _join(after, self.run(case.body, inner))
            if case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None:
                return after
        return _join(after, state)


def _join(*states: Names | None) -> Names | None:
    reachable = [state for state in states if state is not None]
    return frozenset.intersection(*reachable) if reachable else None


def _without(state: Names | None, names: Names) -> Names | None:
    return None if state is None else state - names


def exposed(nodes: Iterable[ast.AST], owner: str | None = None) -> Names:
    """The names that `nodes`, run from the first one, may read before they assign them."""
    found: set[str] = set()
    Flow(on_read=found.add, owner=owner).run(nodes, NO_NAMES)
    return frozenset(found)


def unsurely_read(nodes: Iterable[ast.AST], before: Names, owner: str | None = None) -> Names:
    """The names that `nodes` read somewhere where they need not be assigned, nor among the names `before`."""
    found: set[str] = set()
    Flow(on_read=found.add, owner=owner).run(nodes, before)
    return frozenset(found)


def surely_assigned(nodes: Iterable[ast.AST], before: Names = NO_NAMES, owner: str | None = None) -> Names:
    """The names that have a value behind `nodes` on every path that gets there."""
    return Flow(owner=owner).run(nodes, before) or NO_NAMES


def assigned_at_exits(nodes: Iterable[ast.AST], owner: str | None = None) -> Names:
    """The names that have a value from `nodes` on every path out of them, break, continue and return included."""
    return Flow(owner=owner).everywhere(nodes, NO_NAMES)
