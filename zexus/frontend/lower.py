"""Lowering: a loop or a function, from syntax to stack Code.

A statement that has no opcodes is outlined and becomes one PYBLOCK; what cannot be outlined either, or
would take a loop with it, refuses the whole region.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from zexus import bytecode
from zexus.bytecode import Code
from zexus.codes import Unsupported
from zexus.frontend import embedding, outline
from zexus.frontend.embedding import Embedding, Generators
from zexus.frontend.emission import Label, Loop
from zexus.frontend.exceptions import LEAVES, Exceptions
from zexus.frontend.expressions import BINARY
from zexus.frontend.given import Given
from zexus.frontend.loops import assigned_around, kept
from zexus.frontend.scopes import NO_NAMES, assigned, consumed, read
from zexus.frontend.sites import LoopSite, Scope, blames_loops
from zexus.frontend.unfold import Unfolded, consuming

CURSOR = ".it"
SIGNAL = ".signal"
VALUE = ".value"


def _compares(pattern: ast.pattern) -> bool:
    """Whether a pattern does nothing but compare the subject, or gives it a name."""
    if isinstance(pattern, ast.MatchOr):
        return all(isinstance(one, (ast.MatchValue, ast.MatchSingleton, ast.MatchOr)) and _compares(one)
                   for one in pattern.patterns[:-1]) and _compares(pattern.patterns[-1]) \
            and not (isinstance(pattern.patterns[-1], ast.MatchAs) and pattern.patterns[-1].name)
    if isinstance(pattern, ast.MatchAs):
        return pattern.pattern is None
    return isinstance(pattern, (ast.MatchValue, ast.MatchSingleton))


@dataclass(frozen=True, eq=False)
class Drawing:
    """A loop that is being lowered as a part of the generator that it calls.

    Attributes:
        node: the loop.
        scope: where it stands.
        statement: its own place.
        loops: how many loops stand around it.
        done: where the end of the generator leads.
        end: where its `break` leads.
    """

    node: ast.For
    scope: Scope
    statement: tuple[int, int]
    loops: int
    done: Label
    end: Label


class Lowering(Exceptions):
    """Statements.

    Attributes:
        generators: what is known of generators that are to be written out; None where none are.
        drawn: the generators of which a part is being lowered, with the loops that draw from them.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.generators: Generators | None = None
        self.drawn: list[tuple[Drawing, Embedding]] = []

    def body(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self.one(statement)

    def one(self, node: ast.stmt) -> None:
        """Lower a statement, or outline it when it has no opcodes."""
        outer, self.statement = self.statement, (node.lineno, node.col_offset)
        self.at(node)
        undo = self.checkpoint()
        try:
            if self.statement in self.forced and not _holds_loops(node):
                raise Unsupported("ZX018", node)
            method = getattr(self, "stmt_" + type(node).__name__, None)
            if method is None:
                raise Unsupported("ZX019", node, type(node).__name__.lower())
            method(node)
        except Unsupported as refusal:
            if not isinstance(node, Unfolded) and _holds_loops(node):
                raise
            undo()
            self.at(node)
            if isinstance(node, Unfolded):
                self.one(node.original)
            else:
                self.outlined(node, refusal)
        self.statement = outer

    def checkpoint(self) -> Callable[[], None]:
        """A function that undoes what is lowered from now on."""
        start, bound = len(self.code.instructions), set(self.bound)
        locals_before, loops, inner = dict(self.locals), len(self.loops), len(self.code.loops)
        guards, rows = [(guard, guard.start) for guard in self.guards], len(self.rows)
        blocks, statement, scope, drawn = len(self.code.blocks), self.statement, self.scope, list(self.drawn)

        def undo() -> None:
            del self.code.instructions[start:]
            del self.loops[loops:]
            del self.code.loops[inner:]
            del self.rows[rows:]
            del self.code.blocks[blocks:]
            self.guards = [guard for guard, _ in guards]
            for guard, covered in guards:
                guard.start = covered
            self.locals, self.bound = locals_before, bound
            self.statement, self.scope, self.drawn = statement, scope, drawn

        return undo

    def outlined(self, node: ast.stmt, refusal: Unsupported) -> None:
        """PYBLOCK, its results stored, and control sent where its signal says."""
        if getattr(node, "implicit", None) is not None or hasattr(node, "adds") or hasattr(node, "made"):
            raise refusal  # CPython would run it in another frame, or adds the very object, or knows no such statement
        written = assigned([node])
        looked_at = written if self.guards else written.intersection(self.code.kept)
        catches = bool(looked_at) and not self.scope.is_module and not _assigns_last(node)
        self.left_to_python(node, refusal, catches)
        jumps = [n for n in ast.walk(node) if isinstance(n, (ast.Break, ast.Continue, ast.Return))]
        if not jumps and not catches:
            return
        fall, leave, again, back, raised = Label(), Label(), Label(), Label(), Label()
        self.emit("LOAD_LOCAL", self.local(SIGNAL))
        self.emit("SWITCH", (fall, leave, again, back, *([raised] if catches else [])))
        if catches:
            self.place(raised)
            self.emit("LOAD_LOCAL", self.local(VALUE))
            self.emit("RERAISE")
        self.place(leave)
        if self.loops:
            self.jump_out()
        else:
            self.emit("JUMP", fall)
        self.place(again)
        if self.loops:
            self.jump_on()
        else:
            self.emit("JUMP", fall)
        self.place(back)
        self.emit("LOAD_LOCAL", self.local(VALUE))
        self.give()
        self.place(fall)

    def left_to_python(self, node: ast.stmt, refusal: Unsupported, catches: bool = False) -> None:
        """PYBLOCK, its signal, its value and its results stored."""
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and consumed(call) and isinstance(call.func, ast.Name) \
                    and not self.is_builtin(call.func.id):
                # It may keep the generator, which reads variables that are kept here.
                raise Unsupported("ZX015", call, f"{call.func.id!r} is not the builtin function")
        made = outline.outline(self.scope, [node], self.assigned, catches)
        if self.scope.is_module:
            params = tuple(n for n in made.params if self.is_local(n))
            results = tuple(n for n in made.results if self.is_local(n))
            stray = set(made.results) - set(results)
            if stray:
                raise refusal
        else:
            params, results = made.params, made.results
        for name in (*params, *results):
            self.local(name)
        for name in made.free:
            if name not in self.captured:
                if self.code.region or name in self.scope.cells:
                    raise refusal
                self.captured[name] = len(self.captured)
                self.code.captured = tuple(self.captured)
        self.code.blocks.append(bytecode.Block(params, results, made.free, made, node.lineno))
        self.emit("PYBLOCK", len(self.code.blocks) - 1)
        self.emit("UNPACK", 2 + len(results))
        self.emit("STORE_LOCAL", self.local(SIGNAL))
        self.emit("STORE_LOCAL", self.local(VALUE))
        for name in results:
            self.emit("STORE_LOCAL", self.local(name))
        self.bound -= set(results)

    def header(self, node: ast.expr) -> None:
        """An expression in the header of a statement that holds loops: Python evaluates what has no opcodes."""
        undo = self.checkpoint()
        try:
            if self.statement in self.forced:
                raise Unsupported("ZX018", node)
            self.expr(node)
        except Unsupported as refusal:
            made = any(name.startswith(".") for name in read([node]))
            if made or getattr(node, "implicit", None) is not None or assigned([ast.Expr(node)]):
                raise
            undo()
            self.at(node)
            self.left_to_python(ast.copy_location(ast.Return(node), node), refusal)
            self.emit("LOAD_LOCAL", self.local(VALUE))

    def test(self, node: ast.expr, if_true: Label, if_false: Label) -> None:
        """The condition of a statement that holds loops."""
        undo = self.checkpoint()
        try:
            if self.statement in self.forced:
                raise Unsupported("ZX018", node)
            self.condition(node, if_true, if_false)
        except Unsupported:
            undo()
            self.header(node)
            self.at(node)
            self.emit("TRUTH")
            self.emit("JUMP_IF_FALSE", if_false)
            self.emit("JUMP", if_true)

    def jump_out(self) -> None:
        """Break the innermost loop."""
        loop = self.loops[-1]
        with self.leaving(len(self.loops)):
            self.pop(loop.left)
            self.emit("JUMP", loop.end)

    def pop(self, count: int) -> None:
        """Take cursors from the stack."""
        for _ in range(count):
            self.emit("POP")

    def jump_on(self) -> None:
        """Go on with the innermost loop's next iteration."""
        with self.leaving(len(self.loops)):
            self.emit("JUMP", self.loops[-1].again)

    def give(self) -> None:
        """Return the value on top of the stack."""
        held = self.hidden() if self.guards else ""
        if held:
            self.emit("STORE_LOCAL", self.local(held))
        with self.leaving(0):
            if held:
                self.emit("LOAD_LOCAL", self.local(held))
            self.emit("RETURN")

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
        if hasattr(node, "feeds") and self.embedding(node.feeds) is not None:
            return  # the loop behind it does that
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
            if any(isinstance(e, ast.Starred) for e in target.elts):
                raise Unsupported("ZX019", target, "starred assignment")
            self.emit("UNPACK", len(target.elts))
            for element in target.elts:
                self.assign(element)
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
        (self.test if _holds_loops(node) else self.condition)(node.test, then, other)
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
                self.condition(case.guard, body, following)
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

    def stmt_Unfolded(self, node: Unfolded) -> None:
        if not all(map(self.is_builtin, node.names)):
            raise Unsupported("ZX019", node, "a function that is not the builtin of its name")
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

    def stmt_While(self, node: ast.While) -> None:
        head, inside, done, end = Label(), Label(), Label(), Label()
        if getattr(node, "site", True):
            self.code.loops.append(bytecode.InnerLoop(self.statement, head, done, end, False))
        self.place(head)
        self.test(node.test, inside, done)
        before = set(self.bound)
        self.place(inside)
        self.loops.append(Loop(end, head, 0, 0))
        self.body(node.body)
        self.loops.pop()
        self.at(node)
        self.emit("JUMP", head)
        self.bound = before
        self.place(done)
        self.body(node.orelse)
        self.place(end)
        self.bound = before

    def stmt_For(self, node: ast.For) -> None:
        found = self.embedding(node)
        if found is None:
            self.drawing(node, node.iter)
            return
        undo = self.checkpoint()
        try:
            self.embedded(node, found)
        except Unsupported:
            undo()
            self.drawing(node, embedding.iterable(node))

    def expr_Call(self, node: ast.Call) -> None:
        """A call; one that consumes a generator that is to be written out is a loop."""
        made = consuming(node, f".s{self.fresh}")
        if made is None or not self.is_builtin(node.func.id):  # type: ignore[attr-defined]
            super().expr_Call(node)
            return
        statements, value, loop = made
        found = self.embedding(loop)
        if found is None:
            super().expr_Call(node)
            return
        undo = self.checkpoint()
        other, end = Label(), Label()
        try:
            self.test_builtins([node.func.id], node, other)  # type: ignore[attr-defined]
            for statement in statements:
                if statement is loop:
                    self.embedded(loop, found)
                else:
                    self.one(statement)
        except Unsupported:
            undo()
            super().expr_Call(node)
            return
        self.expr(value)
        self.let_go(sorted(assigned(statements)))
        self.emit("JUMP", end)
        self.place(other)
        super().expr_Call(node)
        self.place(end)

    def let_go(self, names: Sequence[str]) -> None:
        """Let variables that were made hold nothing any more."""
        for name in names:
            self.const(None)
            self.emit("STORE_LOCAL", self.local(name))

    def embedding(self, node: ast.For) -> Embedding | None:
        """The generator that a loop calls, where that is to be written out."""
        call = embedding.called(node)
        if call is None or self.generators is None or self.guards or self.scope.counted:
            return None
        if isinstance(call.func, ast.Name):
            name = call.func.id
            is_global = not self.is_local(name) and name not in self.scope.cells | self.scope.free
            function = self.code.namespace.get(name) if is_global else None
        else:
            function = self.generators.methods.get((call.lineno, call.col_offset))
        if any(drawn.function is function for _, drawn in self.drawn):
            return None
        self.fresh += 1
        around = self.position_of(_blamed(node))
        found = embedding.embedding(node, function, self.code.namespace, around, f".g{self.fresh}",
                                    self.generators.source_of)
        # What a module's loop keeps to itself its functions must not look at.
        return None if found is None or read(found.body) & (self.assigned or NO_NAMES) else found

    def embedded(self, node: ast.For, found: Embedding) -> None:
        """A loop as a part of the generator that it calls, as long as the name means that."""
        call, other, done, end, behind = embedding.iterable(node), Label(), Label(), Label(), Label()
        assert isinstance(call, ast.Call)
        self.expr(call.func)
        if found.owner:
            call = self.taken(call, found, other)
        self.constant(found.function)
        self.emit("IS")
        self.emit("JUMP_IF_FALSE", other)
        before = set(self.bound)
        for name, value in found.arguments:
            self.expr(value)
            self.emit("STORE_LOCAL", self.local(name))
        for name, default in found.defaults:
            self.constant(default)
            self.emit("STORE_LOCAL", self.local(name))
        for name in found.names:
            self.local(name)
        self.bound.update(found.names)
        drawing = Drawing(node, self.scope, self.statement, len(self.loops), done, end)
        self.drawn.append((drawing, found))
        self.scope = found.scope
        self.body(found.body)
        self.scope, self.statement = drawing.scope, drawing.statement
        self.drawn.pop()
        self.place(done)
        self.bound = set(before)
        self.body(node.orelse)
        self.place(end)
        self.at(node)
        self.let_go(found.names)
        self.emit("JUMP", behind)
        self.place(other)
        self.bound = set(before)
        self.drawing(node, call)
        self.place(behind)
        self.bound = before

    def taken(self, call: ast.Call, found: Embedding, other: Label) -> ast.Call:
        """The function of the method on the stack, its owner stored; control goes to `other` where it is no method.

        Returns:
            a call of the method.
        """
        method = self.hidden()
        self.emit("STORE_LOCAL", self.local(method))
        self.constant(isinstance)
        self.emit("LOAD_LOCAL", self.local(method))
        self.constant(types.MethodType)
        self.emit("CALL", 2)
        self.emit("JUMP_IF_FALSE", other)
        self.emit("LOAD_LOCAL", self.local(method))
        self.emit("GETATTR", "__self__")
        self.emit("STORE_LOCAL", self.local(found.owner))
        self.emit("LOAD_LOCAL", self.local(method))
        self.emit("GETATTR", "__func__")
        self.bound.add(method)
        name = ast.copy_location(ast.Name(method, ast.Load()), call.func)
        return ast.copy_location(ast.Call(name, call.args, call.keywords), call)

    def handed_out(self, node: ast.Yield) -> None:
        """The body of the loop that draws from a generator, with the value that this hands out."""
        drawing, found = self.drawn[-1]
        if node.value is None:
            self.const(None)
        else:
            self.expr(node.value)
        inside, self.scope = self.scope, drawing.scope
        outer, self.statement = self.statement, drawing.statement
        bound, again = set(self.bound), Label()
        del self.drawn[-1]
        self.assign(drawing.node.target)
        self.loops.append(Loop(drawing.end, again, 0, self.held(drawing.loops)))
        self.body(drawing.node.body)
        self.loops.pop()
        self.place(again)
        self.drawn.append((drawing, found))
        self.scope, self.statement, self.bound = inside, outer, bound

    def held(self, first: int) -> int:
        """How many cursors of the loops from `first` on are on the stack."""
        return sum(loop.held for loop in self.loops[first:])

    def drawing(self, node: ast.For, iterable: ast.expr) -> None:
        """A loop that draws from what is made of its header."""
        self.header(iterable)
        self.at(node.iter if hasattr(node, "drawn") else _blamed(node))
        self.emit("ITER")
        head, done, end = Label(), Label(), Label()
        if getattr(node, "site", True):
            self.code.loops.append(bytecode.InnerLoop(self.statement, head, done, end, True))
        before = set(self.bound)
        self.place(head)
        self.at(_blamed(node))
        self.emit("FOR_ITER", done)
        self.assign(node.target)
        self.loops.append(Loop(end, head, 1, 1))
        self.body(node.body)
        self.loops.pop()
        self.at(node)
        self.emit("JUMP", head)
        self.bound = before
        self.place(done)
        self.body(node.orelse)
        self.place(end)
        self.bound = set(before)

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


def _blamed(node: ast.For) -> ast.AST:
    """What tracebacks show where an iterator raises."""
    blamed: ast.AST = getattr(node, "drawn", node if blames_loops() else node.iter)
    return blamed


def _holds_loops(node: ast.AST) -> bool:
    return any(isinstance(inner, (ast.For, ast.While, ast.AsyncFor)) for inner in ast.walk(node))


def _assigns_last(node: ast.stmt) -> bool:
    """Whether nothing of a statement can raise any more when it assigns."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return all(isinstance(target, ast.Name) for target in targets) and not any(
        isinstance(part, ast.NamedExpr) for part in ast.walk(node))


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
        lowering.at(_blamed(node))
        lowering.emit("FOR_ITER", done)
        lowering.assign(node.target)
    else:
        lowering.place(head)
        lowering.test(node.test, inside, done)
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
                   forced: frozenset[tuple[int, int]] = frozenset(), own: bool = False,
                   generators: Generators | None = None) -> Code:
    """Lower a whole function: its locals begin with its parameters, it ends by RETURN.

    Args:
        scope, first_line, namespace: the function.
        forced: statements that Python is to run.
        own: whether it may store into cells that it has captured.
        generators: as for `lower_loop`.

    Raises:
        Unsupported: the function has a parameter with two stars, is a generator, or holds
            something that can be neither lowered nor outlined.
    """
    node = scope.node
    if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
        raise Unsupported("ZX022", node, "only plain functions are inlined")
    spec = node.args
    if spec.kwarg:
        raise Unsupported("ZX022", node, "a callee with a parameter of two stars")
    rest = [spec.vararg] if spec.vararg else []
    params = tuple(a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *rest))
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Yield, ast.YieldFrom, ast.Await)):
            raise Unsupported("ZX012", inner)
    if scope.cells & set(params):
        raise Unsupported("ZX015", node, "a parameter is captured by a nested function")
    code = Code(scope.name, scope.qualname, scope.filename, first_line, (), len(params), namespace=namespace)
    lowering = Lowering(scope, code, params, frozenset(), None, forced)
    lowering.own, lowering.generators = own, generators
    if isinstance(node, ast.Lambda):
        lowering.at(node.body)
        lowering.expr(node.body)
        lowering.emit("RETURN")
        return lowering.finish()
    lowering.body(node.body)
    lowering.const(None)
    lowering.emit("RETURN")
    return lowering.finish()
