"""Lowering: a loop or a function, from syntax to stack Code.

A statement that has no opcodes is outlined and becomes one PYBLOCK; what cannot be outlined either, or
would take a loop with it, refuses the whole region.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from zexus import bytecode, ops
from zexus.bytecode import Code
from zexus.codes import Unsupported
from zexus.frontend import embedding, outline, spreading
from zexus.frontend.consumers import PLAIN
from zexus.frontend.consumption import Consumption
from zexus.frontend.drawn import Drawn, blamed
from zexus.frontend.embedding import Generators
from zexus.frontend.emission import Label, Loop
from zexus.frontend.exceptions import LEAVES
from zexus.frontend.expressions import BINARY
from zexus.frontend.given import Given
from zexus.frontend.loops import assigned_around, kept
from zexus.frontend.outlining import holds_loops
from zexus.frontend.scopes import unbinds
from zexus.frontend.sites import LoopSite, Scope, place_of
from zexus.frontend.spreading import Collected
from zexus.frontend.unfold import Unfolded

CURSOR = ".it"


def _compares(pattern: ast.pattern) -> bool:
    """Whether a pattern does nothing but compare the subject, or gives it a name."""
    if isinstance(pattern, ast.MatchOr):
        return all(isinstance(one, (ast.MatchValue, ast.MatchSingleton, ast.MatchOr)) and _compares(one)
                   for one in pattern.patterns[:-1]) and _compares(pattern.patterns[-1]) \
            and not (isinstance(pattern.patterns[-1], ast.MatchAs) and pattern.patterns[-1].name)
    if isinstance(pattern, ast.MatchAs):
        return pattern.pattern is None
    return isinstance(pattern, (ast.MatchValue, ast.MatchSingleton))


class Lowering(Drawn):
    """Statements."""

    def function(self, node: ast.FunctionDef | ast.Lambda, made: Sequence[str]) -> None:
        """A whole function; the parameters with stars that are made are those that it looks at."""
        self.at(node)
        for name in made:
            self.collect(name, self.spread[name])
        if isinstance(node, ast.Lambda):
            self.at(node.body)
            self.expr(node.body)
        else:
            self.body(node.body)
            self.const(None)
        self.emit("RETURN")

    def collect(self, name: str, parts: Sequence[tuple[str, str]]) -> None:
        """Give a parameter with stars what it collects."""
        for keyword, hidden in parts:
            if keyword:
                self.const(keyword)
            self.emit("LOAD_LOCAL", self.local(hidden))
        assert isinstance(self.scope.node, (ast.FunctionDef, ast.Lambda))
        spec = self.scope.node.args
        self.emit("BUILD_DICT" if spec.kwarg is not None and spec.kwarg.arg == name else "BUILD_TUPLE", len(parts))
        self.emit("STORE_LOCAL", self.local(name))
        self.bound.add(name)

    def body(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self.one(statement)

    def one(self, node: ast.stmt) -> None:
        """Lower a statement, or outline it when it has no opcodes."""
        outer, self.statement = self.statement, (node.lineno, node.col_offset)
        self.at(node)
        undo = self.checkpoint()
        try:
            if self.statement in self.forced and not holds_loops(node):
                raise Unsupported("ZX018", node)
            method = getattr(self, "stmt_" + type(node).__name__, None)
            if method is None:
                raise Unsupported("ZX019", node, type(node).__name__.lower())
            method(node)
        except Unsupported as refusal:
            if not isinstance(node, Unfolded) and holds_loops(node):
                raise
            undo()
            self.at(node)
            if isinstance(node, Unfolded):
                self.one(node.original)
            else:
                self.outlined(node, refusal)
        self.statement = outer

    def stmt_Pass(self, node: ast.Pass) -> None:
        pass

    def stmt_Global(self, node: ast.Global) -> None:
        pass

    def stmt_Nonlocal(self, node: ast.Nonlocal) -> None:
        pass

    def stmt_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return
        if hasattr(node, "adds"):
            self.adds(node, *node.adds)
            return
        if self.drawn and isinstance(node.value, ast.Yield):
            self.handed_out(node.value)
            return
        self.expr(node.value)
        self.emit("POP")

    def adds(self, node: ast.stmt, op: str, *operands: ast.expr) -> None:
        """What a comprehension does with an item."""
        for operand in operands:
            self.expr(operand)
        self.at(node)
        self.emit(op)

    def stmt_Assign(self, node: ast.Assign) -> None:
        if hasattr(node, "adds"):
            self.adds(node, *node.adds)
            return
        found = self.embedding(node.feeds) if hasattr(node, "feeds") else None
        if found is not None:
            self.fed[node.feeds] = found  # type: ignore[attr-defined]
            return
        first = node.targets[0]
        if (len(node.targets) == 1 and isinstance(first, ast.Tuple) and isinstance(node.value, ast.Tuple)
                and len(first.elts) == len(node.value.elts)
                and not any(isinstance(e, ast.Starred) for e in (*first.elts, *node.value.elts))):
            self.parallel(first.elts, node.value.elts)
            return
        self.expr(node.value)
        for target in node.targets[:-1]:
            self.emit("COPY", 1)
            self.assign(target)
        self.assign(node.targets[-1])

    def parallel(self, targets: Sequence[ast.expr], values: Sequence[ast.expr]) -> None:
        """`a, b = x, y` without a tuple: all values first, then the targets from left to right."""
        names = [self.hidden() for _ in values]
        for name, value in zip(names, values, strict=True):
            self.expr(value)
            self.emit("STORE_LOCAL", self.local(name))
        for name, target in zip(names, targets, strict=True):
            self.emit("LOAD_LOCAL", self.local(name))
            self.assign(target)

    def stmt_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not isinstance(node.target, ast.Name) or self.scope.is_module:
            raise Unsupported("ZX019", node, "annotation")
        if node.value is not None:
            self.expr(node.value)
            self.assign(node.target)

    def stmt_AugAssign(self, node: ast.AugAssign) -> None:
        operator = "I" + BINARY[type(node.op)]
        target = node.target
        if isinstance(target, ast.Name):
            self.at(target)
            self.load(target.id, target)
            self.expr(node.value)
            self.at(node)
            self.emit(operator)
            self.store(target.id, target)
            return
        if isinstance(target, ast.Subscript):
            self.expr(target.value)
            self.subscript_index(target.slice)
            self.at(target)
            self.emit("COPY", 2)
            self.emit("COPY", 2)
            self.emit("GETITEM")
            self.expr(node.value)
            self.at(node)
            self.emit(operator)
            self.emit("SWAP", 3)
            self.emit("SWAP", 2)
            self.at(target)
            self.emit("STORE_ITEM")
            return
        assert isinstance(target, ast.Attribute)
        if isinstance(target.value, Given):
            # A counter counts in one step, so that no other thread counts meanwhile.
            self.constant(target.value.object)
            self.expr(node.value)
            self.emit(operator)
            self.emit("POP")
            return
        self.attribute_owner(target)
        self.emit("COPY", 1)
        self.emit("GETATTR", target.attr)
        self.expr(node.value)
        self.at(node)
        self.emit(operator)
        self.at(target)
        self.emit("SETATTR", target.attr)

    def assign(self, target: ast.expr) -> None:
        """Store the value on top of the stack."""
        self.at(target)
        if isinstance(target, ast.Name):
            self.store(target.id, target)
            return
        if isinstance(target, (ast.Tuple, ast.List)):
            starred = next((place for place, e in enumerate(target.elts) if isinstance(e, ast.Starred)), None)
            if starred is not None:
                self.constant(ops.Spread(starred, len(target.elts) - starred - 1))
                self.emit("SWAP", 2)
                self.emit("CALL", 1)
            self.emit("UNPACK", len(target.elts))
            for element in target.elts:
                self.assign(element.value if isinstance(element, ast.Starred) else element)
            return
        if isinstance(target, ast.Subscript):
            self.expr(target.value)
            self.subscript_index(target.slice)
            self.at(target)
            self.emit("STORE_ITEM")
            return
        assert isinstance(target, ast.Attribute)
        self.attribute_owner(target)
        self.emit("SWAP", 2)
        self.emit("SETATTR", target.attr)

    def stmt_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Subscript):
                raise Unsupported("ZX019", target, "del of a name or an attribute")
            self.expr(target.value)
            self.subscript_index(target.slice)
            self.at(target)
            self.emit("DELITEM")

    def stmt_If(self, node: ast.If) -> None:
        then, other, end = Label(), Label(), Label()
        (self.test if holds_loops(node) else self.condition)(node.test, then, other, node)
        before = set(self.bound)
        self.place(then)
        self.body(node.body)
        after_then, self.bound = self.bound, before
        if node.orelse:
            self.emit("JUMP", end)
            self.place(other)
            self.body(node.orelse)
            self.place(end)
        else:
            self.place(other)
            self.place(end)
        ends = isinstance(node.body[-1], LEAVES)
        if not ends:
            self.bound &= after_then

    def stmt_Match(self, node: ast.Match) -> None:
        for case in node.cases:
            if not _compares(case.pattern):
                raise Unsupported("ZX019", case.pattern, "a pattern that takes the subject apart")
        held, end, before = self.hidden(), Label(), set(self.bound)
        self.expr(node.subject)
        self.emit("STORE_LOCAL", self.local(held))
        after = set(before)
        for case in node.cases:
            self.bound, then, following = set(before), Label(), Label()
            self.pattern(case.pattern, held, then, following)
            self.place(then)
            if isinstance(case.pattern, ast.MatchAs) and case.pattern.name is not None:
                self.at(case.pattern)
                self.emit("LOAD_LOCAL", self.local(held))
                self.store(case.pattern.name, case.pattern)
            if case.guard is not None:
                body = Label()
                self.condition(case.guard, body, following, case.guard)
                self.place(body)
            self.body(case.body)
            if not isinstance(case.body[-1], LEAVES):
                after &= self.bound
            self.emit("JUMP", end)
            self.place(following)
        self.place(end)
        self.bound = after

    def pattern(self, pattern: ast.pattern, held: str, if_true: Label, if_false: Label) -> None:
        """Jump to one of the labels: whether the subject, which a variable holds, matches a pattern."""
        if isinstance(pattern, ast.MatchOr):
            for one in pattern.patterns[:-1]:
                following = Label()
                self.pattern(one, held, if_true, following)
                self.place(following)
            self.pattern(pattern.patterns[-1], held, if_true, if_false)
            return
        if isinstance(pattern, ast.MatchAs):
            self.emit("JUMP", if_true)
            return
        self.at(pattern)
        self.emit("LOAD_LOCAL", self.local(held))
        if isinstance(pattern, ast.MatchSingleton):
            self.const(pattern.value)
            self.emit("IS")
        else:
            assert isinstance(pattern, ast.MatchValue)
            self.expr(pattern.value)
            self.at(pattern)
            self.emit("EQ")
            self.emit("TRUTH")
        self.emit("JUMP_IF_FALSE", if_false)
        self.emit("JUMP", if_true)

    def stmt_Consumption(self, node: Consumption) -> None:
        if node.made:
            self.one(node.plain)
        elif node.exact:
            self.body(node.body[:-1])
            self.where_plain(node)
        else:
            self.body(node.body)

    def where_plain(self, node: Consumption) -> None:
        """The loop where what it goes over is of one of a few builtin types, else the call."""
        inside, other, end = Label(), Label(), Label()
        (source,) = node.sources
        for kind in PLAIN:
            self.at(node)
            self.constant(type)
            self.emit("LOAD_LOCAL", self.local(source))
            self.emit("CALL", 1)
            self.constant(kind)
            self.emit("IS")
            self.emit("JUMP_IF_TRUE", inside)
        self.emit("JUMP", other)
        before = set(self.bound)
        self.place(inside)
        self.body(node.choice.body)
        self.emit("JUMP", end)
        after, self.bound = self.bound, before
        self.place(other)
        self.body(node.choice.orelse)
        self.bound &= after
        self.place(end)

    def stmt_Unfolded(self, node: Unfolded) -> None:
        if not all(map(self.is_known, node.names)):
            raise Unsupported("ZX019", node, "a function that is not the one that its name usually means")
        other, end = Label(), Label()
        self.test_builtins(node.names, node, other)
        before = set(self.bound)
        self.body(node.body)
        if node.names:
            after, self.bound = self.bound, before
            self.emit("JUMP", end)
            self.place(other)
            self.one(node.original)
            self.bound &= after
        self.place(end)

    def note_loop(self, node: ast.For | ast.While, head: Label, done: Label, end: Label) -> None:
        """A loop that others may go on with from its header, unless a guard would have to hear of their return."""
        if not getattr(node, "site", True) or (self.guards and any(isinstance(n, ast.Return) for n in ast.walk(node))):
            return
        whole = not node.orelse and not hasattr(node, "drawn") and getattr(node, "implicit", None) is None
        rest = cache(partial(outline.rest, self.scope, node, self.assigned)) if whole else None
        self.code.loops.append(bytecode.InnerLoop(place_of(node), head, done, end, isinstance(node, ast.For), rest))

    def stmt_While(self, node: ast.While) -> None:
        head, inside, done, end = Label(), Label(), Label(), Label()
        self.note_loop(node, head, done, end)
        self.bound -= unbinds([node])  # control comes back to the header
        self.place(head)
        self.test(node.test, inside, done, node)
        before = set(self.bound)
        self.place(inside)
        self.loops.append(Loop(end, head, 0, 0))
        self.body(node.body)
        self.loops.pop()
        self.at(node)
        self.emit("JUMP", head)
        self.bound = set(before)
        self.place(done)
        self.body(node.orelse)
        self.place(end)
        self.bound = before - unbinds([node])  # what the test assigns the body may take away, and break

    def stmt_For(self, node: ast.For) -> None:
        found = self.fed.pop(node, None) or self.embedding(node)
        if found is None:
            self.drawing(node, node.iter)
            return
        undo = self.checkpoint()
        try:
            self.embedded(node, found)
        except Unsupported:
            undo()
            self.drawing(node, embedding.iterable(node))

    def drawing(self, node: ast.For, iterable: ast.expr) -> None:
        """A loop that draws from what is made of its header."""
        self.header(iterable)
        self.at(node.iter if hasattr(node, "drawn") else blamed(node))
        self.emit("ITER")
        head, done, end = Label(), Label(), Label()
        self.note_loop(node, head, done, end)
        self.bound -= unbinds([node])  # control comes back to the header
        before = set(self.bound)
        self.place(head)
        self.at(blamed(node))
        self.emit("FOR_ITER", done)
        self.assign(node.target)
        self.loops.append(Loop(end, head, 1, 1))
        self.body(node.body)
        self.loops.pop()
        self.at(node)
        self.emit("JUMP", head)
        self.bound = set(before)
        self.place(done)
        self.body(node.orelse)
        self.place(end)
        self.bound = before

    def stmt_Break(self, node: ast.Break) -> None:
        self.jump_out()

    def stmt_Continue(self, node: ast.Continue) -> None:
        self.jump_on()

    def stmt_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self.const(None)
        else:
            self.expr(node.value)
        self.at(node)
        if self.drawn:
            drawing, _ = self.drawn[-1]
            self.pop(1 + self.held(drawing.loops))
            self.emit("JUMP", drawing.done)
            return
        self.give()


def lower_loop(site: LoopSite, namespace: dict[str, Any],
               forced: frozenset[tuple[int, int]] = frozenset(), held: int = 0,
               generators: Generators | None = None) -> Code:
    """Lower a loop to a region.

    Its first local is the cursor (unused by `while`), then come `site.params`.

    Args:
        site: the loop.
        namespace: the globals it sees.
        forced: statements to leave to Python, by line and column.
        held: as for `Code`.
        generators: what is known of generators that it calls in headers of loops; without it, they stay calls.

    Raises:
        Unsupported: the loop, or a statement that can be neither lowered nor outlined.
    """
    if site.refusal is not None:
        raise site.refusal
    scope = site.scope
    code = Code(scope.name, scope.qualname, scope.filename, getattr(scope.node, "lineno", 1), (), 1 + len(site.params),
                results=site.results, captured=site.captured, held=held, region=True, is_module=scope.is_module,
                own=tuple(name for name in site.captured if name in scope.cells),
                namespace=namespace)
    assigned = frozenset(site.results) | assigned_around(site) if scope.is_module else None
    code.shared = tuple(sorted(assigned or ()))
    code.kept = kept(site)
    lowering = Lowering(scope, code, (CURSOR, *site.params), site.unsure, assigned, forced)
    lowering.generators = generators
    for name in (*site.results, *code.shared):
        lowering.local(name)
    node = site.node
    assert isinstance(node, (ast.For, ast.While))
    lowering.statement = (node.lineno, node.col_offset)
    lowering.at(node)
    head, inside, done, end = Label(), Label(), Label(), Label()
    if isinstance(node, ast.For):
        lowering.emit("LOAD_LOCAL", 0)
        lowering.place(head)
        lowering.at(blamed(node))
        lowering.emit("FOR_ITER", done)
        lowering.assign(node.target)
    else:
        lowering.place(head)
        lowering.test(node.test, inside, done, node)
        lowering.place(inside)
    cursors = int(isinstance(node, ast.For))
    lowering.loops.append(Loop(end, head, cursors, cursors))
    lowering.body(node.body)
    lowering.loops.pop()
    lowering.at(node)
    lowering.emit("JUMP", head)
    lowering.place(done)
    lowering.emit("LEAVE", 0)
    lowering.place(end)
    lowering.emit("LEAVE", 1)
    return lowering.finish()


def lower_function(scope: Scope, first_line: int, namespace: dict[str, Any],
                   forced: frozenset[tuple[int, int]] = frozenset(),
                   generators: Generators | None = None, collected: Collected | None = None) -> Code:
    """Lower a whole function: its locals begin with its parameters, it ends by RETURN.

    Args:
        scope, first_line, namespace: the function.
        forced: statements that Python is to run.
        generators: as for `lower_loop`.
        collected: where parameters with stars have parameters in their place, one for each argument that they collect.

    Raises:
        Unsupported: the function has a parameter with two stars, is a generator, or holds
            something that can be neither lowered nor outlined.
    """
    node = scope.node
    if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
        raise Unsupported("ZX022", node, "only plain functions are inlined")
    spec = node.args
    if spec.kwarg and collected is None:
        raise Unsupported("ZX022", node, "a callee with a parameter of two stars")
    spread = {} if collected is None else spreading.parameters(node, collected)
    rest = [spec.vararg] if spec.vararg and collected is None else []
    params = tuple(a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *rest))
    params += tuple(hidden for parts in spread.values() for _, hidden in parts)
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Yield, ast.YieldFrom, ast.Await)):
            raise Unsupported("ZX012", inner)
    if scope.cells & {*params, *spread}:
        raise Unsupported("ZX015", node, "a parameter is captured by a nested function")
    made = [name for name in spread if name in spreading.looked_at(node)]

    def lowered() -> Code:
        code = Code(scope.name, scope.qualname, scope.filename, first_line, (), len(params), namespace=namespace,
                    spread=collected is not None)
        lowering = Lowering(scope, code, params, frozenset(), None, forced)
        lowering.generators, lowering.spread = generators, spread
        lowering.function(node, made)
        return lowering.finish()

    code = lowered()
    if any(name in block.params for block in code.blocks for name in spread) or (spread and code.loops):
        made[:] = spread  # what Python runs hands them on
        code = lowered()
    return code
