"""Loops in disguise: statements whose comprehensions are written out as loops, beside the statements as they were.

What is evaluated before a comprehension keeps its turn: it goes into variables of its own. Variables that are made here
have names that no Python text can have. Nodes that stand for what happens inside a comprehension know its implicit
frame.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping, Sequence
from typing import Any

from zexus.bytecode import Implicit, Position
from zexus.frontend import consumption
from zexus.frontend.consumers import (
    ADDING,
    BEHIND,
    CONSUMERS,
    ENDS,
    JOIN,
    MODERN,
    SPARING,
    START,
    TAKE,
    begins_without,
    called,
    chooses,
    ending,
    folds,
    taking,
)
from zexus.frontend.consumption import Consumption
from zexus.frontend.flow import unsurely_read
from zexus.frontend.nodes import at, load, store
from zexus.frontend.refusals import SEES_FRAME, counts_callers, may_end
from zexus.frontend.scopes import (
    DEFINITIONS,
    FunctionNode,
    assigned,
    captured,
    comprehension_targets,
    consumed,
    declared,
    parameters,
    read,
)
from zexus.frontend.sites import blames_loops

_OWN = "u"
_CLAUSES = (ast.ExceptHandler, ast.match_case)
Looped = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_DISPLAYS: dict[type[ast.expr], str] = {ast.ListComp: "[]", ast.SetComp: "{}", ast.DictComp: "{:}"}


class Unfolded(ast.If):
    """A statement with loops for its comprehensions, as long as builtins are what they are called; else as it was.

    Attributes:
        names: these builtins.
    """

    names: tuple[str, ...]

    @property
    def original(self) -> ast.stmt:
        return self.orelse[0]


def unfold(node: FunctionNode, owner: str | None) -> FunctionNode:
    """A function with comprehensions as loops where that is possible; `node` itself where nothing changes.

    Args:
        node: a function, which is left as it is; what does not change is shared with it.
        owner: the class that mangles names inside it.
    """
    if isinstance(node, ast.Lambda) or all(
            not isinstance(part, Looped) and _by_key(part) is None and consumption.drawn(part) is None
            and not consumption.folded(part) for part in ast.walk(node)):
        return node
    given = frozenset(parameter.arg for parameter in parameters(node))
    own = assigned(node.body, owner) | given
    unsure = own & unsurely_read(node.body, given, owner)
    shared = captured(node.body, owner) | declared(node.body, ast.Global) | declared(node.body, ast.Nonlocal)
    unfolding = _Unfolding(own, unsure, own - unsure - shared - _assigned_inside(node.body), owner)
    body = unfolding.statements(node.body)
    if body is node.body:
        return node
    changed = copy.copy(node)
    changed.body = body
    return changed


def _assigned_inside(nodes: Sequence[ast.AST]) -> frozenset[str]:
    """The names that expressions assign."""
    return frozenset(part.target.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.NamedExpr))


def folded(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements as they were, but for tests that have a variable."""
    if not any(isinstance(part, Unfolded) for statement in statements for part in ast.walk(statement)):
        return list(statements)
    return [_Folding().visit(copy.deepcopy(statement)) for statement in statements]


class _Folding(ast.NodeTransformer):
    def visit_Unfolded(self, node: Unfolded) -> ast.stmt:
        return node.original


def written_out(node: ast.expr, owner: str | None) -> tuple[list[ast.stmt], ast.expr, list[str]] | None:
    """A comprehension, or a call that consumes one, as statements.

    Returns:
        the statements, what stands for the value behind them, and the builtins that have to be what they are called;
        None where that is not possible.
    """
    source = _source(node)
    if source is None or not _is_plain(source) or read([source], owner) & SEES_FRAME:
        return None
    nothing: frozenset[str] = frozenset()
    unfolding = _Unfolding(nothing, nothing, nothing, owner, f"{node.lineno}.{node.col_offset}")
    hoisting = Hoisting(unfolding, None)
    value = hoisting.looped(node)
    _mark_as_made(hoisting.before)
    return hoisting.before, value, hoisting.names


def consuming(node: ast.Call, mark: str) -> tuple[list[ast.stmt], ast.expr, ast.For] | None:
    """A call of a builtin that consumes what another call makes, as a loop over that.

    Args:
        node: the call.
        mark: what the names of variables that are made begin with.

    Returns:
        the statements, what stands for the value behind them, and the loop; None where it is no such call.
    """
    kind = called(node)
    if kind not in CONSUMERS.keys() - SPARING or len(node.args) != 1 or node.keywords:
        return None
    if not isinstance(node.args[0], ast.Call):
        return None
    total, item = f"{mark}.t", f"{mark}.v"
    loop = ast.For(store(item), node.args[0], [taking(kind, total, item)], [])
    loop.site, loop.drawn = False, node  # type: ignore[attr-defined]
    behind = [BEHIND[kind](total)] if kind in BEHIND else []
    statements = [*START[kind](total), loop, *behind]
    _mark_as_made(statements)
    return [at(statement, node) for statement in statements], at(load(total), node), loop


def _mark_as_made(statements: Sequence[ast.stmt]) -> None:
    """Say of statements that no tree of a function has them, so that Python cannot run them alone."""
    for statement in statements:
        for part in ast.walk(statement):
            if isinstance(part, ast.stmt):
                part.made = True  # type: ignore[attr-defined]


class _Unfolding:
    """The statements of one function.

    Args:
        own: its variables.
        unsure: those that are read where they may have no value.
        settled: those that always have one, which only statements of the function itself change.
        owner: the class that mangles names inside it.
        mark: what the names of variables that are made end with.
    """

    def __init__(self, own: frozenset[str], unsure: frozenset[str], settled: frozenset[str], owner: str | None,
                 mark: str = _OWN) -> None:
        self._own, self._unsure, self._settled, self._owner, self._mark = own, unsure, settled, owner, mark
        self._made = 0

    @property
    def marks_sites(self) -> bool:
        """Whether the loops that are made are loops of the function's own tree."""
        return self._mark == _OWN

    def fresh(self, what: str) -> str:
        self._made += 1
        return f".{what}{self._made}{self._mark}"

    def statements(self, nodes: list[ast.stmt]) -> list[ast.stmt]:
        """The statements, unfolded; the very list where nothing changes."""
        return _changed(nodes, [new for node in nodes for new in self.statement(node)])

    def statement(self, node: Any) -> list[ast.stmt]:
        if isinstance(node, DEFINITIONS):
            return [node]
        if isinstance(node, (ast.Return, ast.Assign, ast.AugAssign, ast.Expr)) or (
                isinstance(node, ast.AnnAssign) and node.simple):
            return [self.simple(node)]
        before: list[ast.stmt] = []
        if isinstance(node, ast.If) and self.reachable(node.test):
            name = self.fresh("if")
            before.append(self.simple(at(ast.Assign([store(name)], node.test), node.test)))
            node = copy.copy(node)
            node.test = at(load(name), node.test)
        for field, value in list(ast.iter_fields(node)):
            if not isinstance(value, list) or not value or not isinstance(value[0], (ast.stmt, *_CLAUSES)):
                continue
            new = self.clauses(value) if isinstance(value[0], _CLAUSES) else self.statements(value)
            if new is not value:
                node = copy.copy(node)
                setattr(node, field, new)
        return [*before, node]

    def clauses(self, nodes: list[Any]) -> list[Any]:
        found = []
        for node in nodes:
            body = self.statements(node.body)
            if body is not node.body:
                node = copy.copy(node)
                node.body = body
            found.append(node)
        return _changed(nodes, found)

    def simple(self, node: Any) -> ast.stmt:
        """A statement of one expression, unfolded if that has comprehensions which surely run."""
        value = node.value
        if value is None or not self.reachable(value):
            return node  # type: ignore[no-any-return]
        if any(isinstance(part, (ast.Yield, ast.YieldFrom, ast.Await)) for part in ast.walk(node)):
            return node  # type: ignore[no-any-return]
        if isinstance(node, ast.AugAssign) and not self.is_settled(node.target):
            return node
        hoisting = Hoisting(self, None)
        changed = copy.copy(node)
        changed.value = hoisting.visit(value, False)
        body = [*hoisting.before, changed]
        if not isinstance(node, ast.Return):
            made = sorted(name for name in assigned(body) if name.startswith(".") and name not in assigned([node]))
            body.append(at(ast.Assign([store(name) for name in made], ast.Constant(None)), node))
        unfolded = Unfolded(ast.Constant(True), body, [node])
        unfolded.names = tuple(dict.fromkeys(hoisting.names))
        return at(unfolded, node)  # type: ignore[no-any-return]

    def is_settled(self, node: ast.expr) -> bool:
        """Whether an expression cannot fail and gives the same behind a comprehension as before it."""
        if not isinstance(node, ast.Name):
            return isinstance(node, ast.Constant)
        return node.id.startswith(".") or node.id in self._settled

    def reachable(self, node: ast.expr) -> bool:
        """Whether an expression holds a comprehension that runs whenever the expression is evaluated."""
        return self.fits(node) or any(map(self.reachable, _evaluated(node)))

    def fits(self, node: ast.expr) -> bool:
        """Whether an expression is a comprehension, or the consumption of one, that can be a loop."""
        if isinstance(node, ast.Call) and called(node) in self._own:
            return False
        source = _source(node)
        if source is None:
            if not self.marks_sites or not isinstance(node, ast.Call) or (
                    consumption.drawn(node) is None and not consumption.folded(node)):
                return False
            return self._own.isdisjoint(consumption.relied_on(node)) and not read([node], self._owner) & SEES_FRAME
        return _is_plain(source) and not read([source], self._owner) & (self._unsure | SEES_FRAME)


class Hoisting:
    """An expression's comprehensions as statements in front of it, with what is evaluated before them.

    Attributes:
        before: these statements.
        names: the builtins that have to be what they are called.
    """

    def __init__(self, unfolding: _Unfolding, frame: Implicit | None) -> None:
        self.before: list[ast.stmt] = []
        self.names: list[str] = []
        self._unfolding, self._frame = unfolding, frame

    def visit(self, node: Any, is_before: bool) -> ast.expr:
        """What takes an expression's place; `is_before`: a comprehension is evaluated behind it."""
        unfolding = self._unfolding
        if unfolding.fits(node):
            return self.looped(node)
        if unfolding.reachable(node):
            parts = _evaluated(node)
            node = copy.copy(node)
            for position, part in enumerate(parts):
                later = any(map(unfolding.reachable, parts[position + 1:]))
                _exchange(node, part, self.visit(part, is_before or later))
        if not is_before or unfolding.is_settled(node):
            return node  # type: ignore[no-any-return]
        name = unfolding.fresh("v")
        self.add(ast.Assign([store(name)], node), node)
        return self.placed(load(name), node)  # type: ignore[no-any-return]

    def placed(self, node: Any, like: ast.expr) -> Any:
        """New nodes, at the place of `like`; those that know no frame stand in the one that all this happens in."""
        if self._frame is not None:
            for part in ast.walk(node):
                if not hasattr(part, "implicit"):
                    part.implicit = self._frame  # type: ignore[attr-defined]
        return at(node, like)

    def made(self, node: Any, like: ast.expr) -> Any:
        """Nothing but new nodes, which stand in that frame wherever they are put."""
        for part in ast.walk(node):
            part.implicit = self._frame  # type: ignore[attr-defined]
        return at(node, like)

    def add(self, statement: ast.stmt, like: ast.expr) -> None:
        self.before.append(self.placed(statement, like))

    def looped(self, node: Any) -> ast.expr:
        """A comprehension, or a call that consumes one, as a loop; the variable with what it makes."""
        source = _source(node)
        if source is None:
            if consumption.folded(node):
                return self.folding(node)
            return self.drawing(node) if consumption.applied(node) is None else self.applying(node)
        kind = _DISPLAYS.get(type(node), "")
        if isinstance(node, ast.Call):
            kind = called(node) or JOIN
        if kind in CONSUMERS:
            self.names.append(kind)
        if kind in SPARING:
            self.names.append("iter")
        iterable = self.iterable(source, source.generators[0], source.generators[0].iter)
        total = self._unfolding.fresh("t")
        default = _default(node)
        for statement in START[kind](total) if default is None else begins_without(total, copy.deepcopy(default)):
            self.add(statement, node)
        chosen = isinstance(source, ByKey)
        if chosen:
            self.add(ast.Assign([store(f"{total}.key")], ast.Constant(None)), node)
        inner = (_Chosen if chosen else _Items)(self._unfolding, self, node, source, total, kind)
        inner.loops(iterable, 0)
        self.before += inner.before
        self.names += inner.names
        if kind in BEHIND and default is None:
            self.before.append(self.made(BEHIND[kind](total), node))
        if kind == JOIN:
            joined = ast.Call(self.made(copy.deepcopy(node.func), node.func), [load(total)], [])
            self.before.append(self.made(ast.Assign([store(total)], joined), node))
        return self.placed(load(total), node)  # type: ignore[no-any-return]

    def drawing(self, node: ast.Call) -> ast.expr:
        """A call that consumes what another one makes, as a statement; the variable with its value."""
        name, total, item = (self._unfolding.fresh(what) for what in "xtv")
        given = ast.Assign([store(name)], self.visit(node.args[0], False))
        loop = ast.For(store(item), load(name), [taking(called(node), total, item)], [])
        loop.iter.given = given  # type: ignore[attr-defined]
        whole, plain = (ast.Call(node.func, [value], []) for value in (load(name), given.value))
        statement = self.consuming(node, total, [given], loop, whole, plain)
        statement.made = name
        return self.placed(load(total), node)  # type: ignore[no-any-return]

    def applying(self, node: ast.Call) -> ast.expr:
        """A call that consumes what a function makes of items, as a statement; the variable with its value."""
        call = consumption.applied(node)
        assert call is not None
        total, item = (self._unfolding.fresh(what) for what in "tv")
        given = [self.kept(argument) for argument in call.args]
        names = [one.targets[0].id for one in given]  # type: ignore[attr-defined]
        function, *sources = map(load, names)
        items = [f"{item}.{number}" for number, _ in enumerate(sources)]
        target: ast.expr = store(items[0])
        iterable = sources[0]
        self.names += consumption.relied_on(node)
        if len(sources) > 1:
            target = ast.Tuple([store(name) for name in items], ast.Store())
            iterable = ast.Call(load("zip"), sources, [])
        else:
            iterable.given = given[-1]  # type: ignore[attr-defined]
        answer = ast.Call(function, [load(name) for name in items], [])
        asked: ast.stmt = ast.Assign([store(item)], answer)
        added = taking(called(node), total, item)
        if called(call) == "filter":
            added = ast.If(load(item), [taking(called(node), total, items[0])], [])
        body = [ending(asked) if consumption.may_stop(call.args[0]) else asked, added]
        again, values = list(map(load, names)), [one.value for one in given]
        whole, plain = (ast.Call(node.func, [self.placed(ast.Call(call.func, found, []), call)], [])
                        for found in (again, values))
        loop = ast.For(target, self.placed(iterable, call), body, [])
        statement = self.consuming(node, total, given, loop, whole, plain)
        statement.sources = names[1:]
        if called(call) == "filter" and not isinstance(call.args[0], ast.Lambda):
            test = ast.Compare(load(names[0]), [ast.IsNot()], [ast.Constant(None)])
            statement.choice.test = self.placed(test, node)
        return self.placed(load(total), node)  # type: ignore[no-any-return]

    def folding(self, node: ast.Call) -> ast.expr:
        """A call of `reduce` as a statement; the variable with its value."""
        total, item = (self._unfolding.fresh(what) for what in "tv")
        given = [self.kept(argument) for argument in node.args]
        function, source, *first = names = [one.targets[0].id for one in given]  # type: ignore[attr-defined]
        iterable = load(source)
        iterable.given = given[1]  # type: ignore[attr-defined]
        loop = ast.For(store(item), self.placed(iterable, node), folds(total, function, item, bool(first)), [])
        whole, plain = (ast.Call(node.func, found, []) for found in (list(map(load, names)), [g.value for g in given]))
        begin: list[ast.stmt] = [ast.Assign([store(total)], load(first[0]))] if first else begins_without(total)
        missing = ast.Call(copy.deepcopy(node.func), [load(function), ast.Tuple([], ast.Load())], [])
        test = ast.UnaryOp(ast.Not(), load(f"{total}.found"))
        behind: list[ast.stmt] = [] if first else [ast.If(test, [ast.Expr(missing)], [])]
        self.names += consumption.folded(node)
        statement = self.beside(node, total, given, loop, whole, plain, begin, behind)
        statement.sources, statement.exact = [source], True
        return self.placed(load(total), node)  # type: ignore[no-any-return]

    def kept(self, node: ast.expr) -> ast.Assign:
        """The statement that keeps the value of an expression in a variable of its own."""
        return ast.Assign([store(self._unfolding.fresh("x"))], self.visit(node, False))

    def consuming(self, node: ast.Call, total: str, given: list[ast.Assign], loop: ast.For, whole: ast.Call,
                  plain: ast.Call) -> Consumption:
        """The statement for a call of a consumer that a loop stands beside."""
        kind = called(node)
        self.names.append(kind)
        behind = [BEHIND[kind](total)] if kind in BEHIND else []
        return self.beside(node, total, given, loop, whole, plain, START[kind](total), behind)

    def beside(self, node: ast.Call, total: str, given: list[ast.Assign], loop: ast.For, whole: ast.Call,
               plain: ast.Call, begin: Sequence[ast.stmt], behind: Sequence[ast.stmt]) -> Consumption:
        """The statement for a call that a loop stands beside, with what happens before and behind that."""
        loop.site, loop.level, loop.in_turn = True, 0, True  # type: ignore[attr-defined]
        loop.drawn = self.placed(load("."), node)  # type: ignore[attr-defined]
        choice = ast.If(ast.Constant(True), [*begin, loop, *behind], [ast.Assign([store(total)], whole)])
        statement = Consumption(ast.Constant(True), [*given, choice], [])
        statement.plain = ast.Assign([store(total)], plain)
        for part in (statement, statement.plain):
            self.placed(part, node)
        self.before.append(statement)
        return statement

    def iterable(self, source: Looped, generator: ast.comprehension, node: ast.expr) -> ast.expr:
        """What a loop of a comprehension iterates over, evaluated."""
        name = self._unfolding.fresh("x")
        drawn = self.made(load(name), _blamed(source, generator))
        drawn.given = ast.Assign([store(name)], self.visit(node, False))
        self.add(drawn.given, node)
        return drawn  # type: ignore[no-any-return]


class _Items(Hoisting):
    """The loops of one comprehension: what happens in its frame, and what is done with each item in the one around.

    Args:
        unfolding: of the function.
        around: where the comprehension stands.
        node: the comprehension, or the call that consumes it.
        source: the comprehension.
        total: the variable for what is made.
        kind: how that is made: a consumer's name.
    """

    def __init__(self, unfolding: _Unfolding, around: Hoisting, node: ast.expr, source: Looped, total: str,
                 kind: str) -> None:
        super().__init__(unfolding, _frame_of(node, source, around._frame))
        self._around, self._node, self._source, self._total, self._kind = around, node, source, total, kind
        names = comprehension_targets(source)
        self._renaming = _Renaming({name: f"{unfolding.fresh('c')}.{name}" for name in names})

    @property
    def _drawing(self) -> Hoisting:
        """In whose frame items are drawn."""
        return self

    def own(self, node: ast.expr) -> Any:
        """A copy of a part of the comprehension, in its frame, with its variables."""
        made = self._renaming.visit(copy.deepcopy(node))
        for part in ast.walk(made):
            part.implicit = self._frame  # type: ignore[attr-defined]
        return made

    def loops(self, iterable: ast.expr, level: int) -> None:
        """Add the loop over an iterable, with the loops inside."""
        generator = self._source.generators[level]
        outer, self.before = self.before, []
        body = self.before
        for test in generator.ifs:
            test = self.visit(self.own(test), False)
            chosen = self.placed(ast.If(test, [], []), test)
            self.before.append(chosen)
            self.before = chosen.body
        if level + 1 == len(self._source.generators):
            self.item()
        else:
            following = self._source.generators[level + 1]
            self.loops(self.iterable(self._source, following, self.own(following.iter)), level + 1)
            if self._kind in ENDS:
                self.before.append(self._around.made(ENDS[self._kind](self._total), self._node))
        self.before = outer
        loop = ast.For(self.own(generator.target), iterable, body, [])
        loop.drawn = self._drawing.made(load("."), _blamed(self._source, generator))  # type: ignore[attr-defined]
        loop.site = self._unfolding.marks_sites  # type: ignore[attr-defined]
        loop.level = level  # type: ignore[attr-defined]
        iterable.given.feeds = loop  # type: ignore[attr-defined]
        self.before.append(self._drawing.placed(loop, _blamed(self._source, generator)))
        if self._frame is not self._around._frame and level == 0:
            loop.shown = _chain(self._frame), _span(self._node), _span(self._source), _span(generator.iter)  # type: ignore

    def item(self) -> None:
        total = self.placed(load(self._total), self._source)
        if isinstance(self._source, ast.DictComp):
            key = self.named(self.own(self._source.key))
            value = self.visit(self.own(self._source.value), False)
            putting = ast.Assign([ast.Subscript(total, key, ast.Store())], value)
            putting.adds = "DICT_SET", total, key, value  # type: ignore[attr-defined]
            self.add(putting, self._adding(key, value))
            return
        item = self.visit(self.own(self._source.elt), False)
        if self._kind in ADDING:
            method, row = ADDING[self._kind]
            adding = ast.Expr(ast.Call(ast.Attribute(total, method, ast.Load()), [item], []))
            adding.adds = row, total, item  # type: ignore[attr-defined]
            self.add(adding, self._adding(item, item))
            return
        name = self._unfolding.fresh("v")
        self.add(ast.Assign([store(name)], item), item)
        self.before.append(self._around.made(TAKE[self._kind](self._total, name), self._node))


    def named(self, node: ast.expr) -> ast.expr:
        """A variable with the value of an expression, evaluated."""
        value = self.visit(node, False)
        name = self._unfolding.fresh("v")
        self.add(ast.Assign([store(name)], value), value)
        return self.placed(load(name), value)  # type: ignore[no-any-return]

    def _adding(self, first: ast.expr, last: ast.expr) -> ast.expr:
        """Where an error in the adding of an item stands: in modern versions at the item."""
        if not MODERN:
            return self._source
        found = ast.copy_location(ast.Constant(None), first)
        found.end_lineno, found.end_col_offset = last.end_lineno, last.end_col_offset
        return found


class _Chosen(_Items):
    """The loop of `min` or `max` by a key: that is in a function's frame, the items are drawn in the one around."""

    @property
    def _drawing(self) -> Hoisting:
        return self._around

    def item(self) -> None:
        assert isinstance(self._source, ByKey)
        key = self._unfolding.fresh("v")
        value = self.visit(self.own(self._source.elt), False)
        self.add(ast.Assign([store(key)], value), value)
        target = self._source.generators[0].target
        assert isinstance(target, ast.Name)
        item = self.own(load(target.id)).id
        self.before.append(self._around.made(chooses(self._kind, self._total, key, item), self._node))


def _frame_of(node: Any, source: Looped, around: Implicit | None) -> Implicit | None:
    if not isinstance(source, ast.GeneratorExp) and MODERN:
        return around
    if isinstance(source, ByKey):
        around_it = Position(node.lineno, node.end_lineno, node.col_offset, node.end_col_offset, around)
        return Implicit("<lambda>", around_it, "", source.lineno)
    name = _FRAMES[type(source)]
    return Implicit(name, Position(node.lineno, node.end_lineno, node.col_offset, node.end_col_offset, around))


def _blamed(source: Looped, generator: ast.comprehension) -> ast.expr:
    """Where an error in the drawing of items stands."""
    if isinstance(source, ByKey):
        return source.call
    return source if blames_loops() else generator.iter


def _chain(frame: Implicit | None) -> str:
    """What the qualified name of an implicit frame adds to that of its function."""
    return "" if frame is None else f"{_chain(frame.around.frame)}.<locals>.{frame.name}"


_FRAMES: dict[type[ast.expr], str] = {
    ast.ListComp: "<listcomp>", ast.SetComp: "<setcomp>", ast.DictComp: "<dictcomp>", ast.GeneratorExp: "<genexpr>",
}  # fmt: skip

def _source(node: ast.expr) -> Looped | None:
    """The comprehension that an expression is, or that it consumes as a whole."""
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
        return node
    chosen = _by_key(node)
    if chosen is not None:
        return chosen
    if isinstance(node, ast.Call) and len(node.args) == 1 and (
            (called(node) in CONSUMERS and (not node.keywords or _default(node) is not None))
            or (isinstance(node.func, ast.Attribute) and not node.keywords)):
        return consumed(node)
    if isinstance(node, ast.Call) and called(node) in SPARING and _default(node) is not None:
        return consumed(node)
    return None


class ByKey(ast.GeneratorExp):
    """The keys among which `min` or `max` chooses an item, as a comprehension of what the key's function answers.

    Attributes:
        call: of `min` or `max`.
    """

    call: ast.Call


def _by_key(node: ast.AST) -> ByKey | None:
    """The keys of a call of `min` or `max` with a function of one argument that is written there."""
    match node:
        case ast.Call(func=ast.Name(id="min" | "max"), args=[items],
                      keywords=[ast.keyword(arg="key", value=ast.Lambda() as function)]):
            given = function.args
        case _:
            return None
    if isinstance(items, ast.Starred) or given.defaults or given.vararg or given.kwarg or given.kwonlyargs:
        return None
    if len(parameters(function)) != 1 or _assigned_inside([function]):
        return None  # what a function assigns is its own, what a comprehension does is not
    (parameter,) = parameters(function)
    target = ast.copy_location(ast.Name(parameter.arg, ast.Store()), parameter)
    made = ByKey(function.body, [ast.comprehension(target, items, [], 0)])
    made.call = node
    return ast.copy_location(made, function)


def _default(node: ast.expr) -> ast.expr | None:
    """The constant that `min`, `max` or `next` gives without an item."""
    match node:
        case ast.Call(func=ast.Name(id="min" | "max"), keywords=[ast.keyword(arg="default", value=value)]):
            pass
        case ast.Call(func=ast.Name(id="next"), args=[_, value], keywords=[]):
            pass
        case _:
            return None
    operand = value.operand if isinstance(value, ast.UnaryOp) else value
    return value if isinstance(operand, ast.Constant) else None


def is_empty(node: ast.Set) -> bool:
    """Whether a display is that of an empty set: `{*()}`."""
    match node.elts:
        case [ast.Starred(value=ast.Tuple(elts=[]))]:
            return True
    return False


def _is_plain(source: Looped) -> bool:
    """Whether the variables of a comprehension are its own, have values when they are read, and are not captured."""
    for part in ast.walk(source):
        if isinstance(part, (ast.Lambda, ast.Yield, ast.YieldFrom, ast.Await)):
            return False
        if isinstance(part, ast.Call) and (counts_callers(part) or getattr(part.func, "attr", "") in SEES_FRAME):
            return False
        if isinstance(source, ast.GeneratorExp) and may_end(part):
            return False
        if isinstance(part, ast.comprehension) and (part.is_async or not _is_named(part.target)):
            return False
    brief = {id(consumed(part)) for part in ast.walk(source) if isinstance(part, ast.Call)} | {id(source)}
    if any(isinstance(part, ast.GeneratorExp) and id(part) not in brief for part in ast.walk(source)):
        return False
    later: frozenset[str] = frozenset()
    for position in range(len(source.generators) - 1, -1, -1):
        generator = source.generators[position]
        own = frozenset(part.id for part in ast.walk(generator.target) if isinstance(part, ast.Name))
        if later & read(generator.ifs) or (position and (later | own) & read([generator.iter])):
            return False
        later |= own
    return True


def _is_named(target: ast.expr) -> bool:
    if isinstance(target, (ast.Tuple, ast.List)):
        return all(map(_is_named, target.elts))
    return isinstance(target, ast.Name)


def _evaluated(node: ast.expr) -> Sequence[ast.expr]:
    """The parts of an expression that are evaluated whenever it is, in their order; none where that is not simple."""
    match node:
        case ast.BinOp():
            return node.left, node.right
        case ast.UnaryOp():
            return (node.operand,)
        case ast.Compare():
            return (node.left, *node.comparators[:1])
        case ast.BoolOp():
            return (node.values[0],)
        case ast.IfExp():
            return (node.test,)
        case ast.Attribute():
            return (node.value,)
        case ast.Subscript():
            return (node.value,) if isinstance(node.slice, ast.Slice) else (node.value, node.slice)
        case ast.Call() if not any(isinstance(argument, ast.Starred) for argument in node.args) and \
                all(keyword.arg is not None for keyword in node.keywords):
            return (node.func, *node.args, *(keyword.value for keyword in node.keywords))
        case ast.Tuple() | ast.List() if not any(isinstance(item, ast.Starred) for item in node.elts):
            return node.elts
    return ()


def _exchange(node: Any, old: ast.expr, new: ast.expr) -> None:
    """Put a part in the place of another one in a copied expression."""
    if new is old:
        return
    for field, value in ast.iter_fields(node):
        if value is old:
            setattr(node, field, new)
            return
        if not isinstance(value, list):
            continue
        for position, item in enumerate(value):
            if item is old:
                setattr(node, field, [*value[:position], new, *value[position + 1:]])
                return
            if isinstance(item, ast.keyword) and item.value is old:
                keyword = ast.copy_location(ast.keyword(item.arg, new), item)
                setattr(node, field, [*value[:position], keyword, *value[position + 1:]])
                return


class _Renaming(ast.NodeTransformer):
    """Gives variables of a comprehension other names, but for those that a comprehension inside hides."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> Any:
        node.id = self._names.get(node.id, node.id)
        return node

    def _comprehension(self, node: Any) -> Any:
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        hidden = comprehension_targets(node)
        inner = _Renaming({old: new for old, new in self._names.items() if old not in hidden})
        kept, first.iter = first.iter, ast.Constant(None)
        inner.generic_visit(node)
        first.iter = kept
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension


def _changed(old: list[Any], new: list[Any]) -> list[Any]:
    """`new`, or the very list `old` where they have the same items."""
    return old if len(old) == len(new) and all(a is b for a, b in zip(old, new, strict=True)) else new


def _span(node: Any) -> tuple[int, int, int, int]:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset
