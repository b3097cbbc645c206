"""Loops that are lowered as parts of the generators that they call."""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Sequence
from typing import Any

from zexus.codes import Unsupported
from zexus.frontend import embedding
from zexus.frontend.embedding import Embedding, Generators
from zexus.frontend.emission import Label, Loop
from zexus.frontend.outlining import Outlining
from zexus.frontend.scopes import NO_NAMES, assigned, read, unbinds
from zexus.frontend.sites import Scope, blames_loops
from zexus.frontend.unfold import consuming
from zexus.records import dataclass


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


class Drawn(Outlining):
    """Loops, and calls of builtins, that use generators up which they call.

    Attributes:
        generators: what is known of generators that are to be written out; None where none are.
        drawn: the generators of which a part is being lowered, with the loops that draw from them.
        fed: what comprehensions' loops will draw from, where the statement in front has left that to them.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.generators: Generators | None = None
        self.drawn: list[tuple[Drawing, Embedding]] = []
        self.fed: dict[ast.For, Embedding] = {}

    def checkpoint(self) -> Callable[[], None]:
        back, scope, drawn = super().checkpoint(), self.scope, list(self.drawn)

        def undo() -> None:
            back()
            self.scope, self.drawn = scope, drawn

        return undo

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
        around = self.position_of(blamed(node))
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
        self.bound -= unbinds([node])  # what the loop runs again
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

    def let_go(self, names: Sequence[str]) -> None:
        """Let variables that were made hold nothing any more."""
        for name in names:
            self.const(None)
            self.emit("STORE_LOCAL", self.local(name))

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
        self.let_go(sorted(name for name in assigned(statements) if name.startswith(".")))
        self.emit("JUMP", end)
        self.place(other)
        super().expr_Call(node)
        self.place(end)

    def one(self, node: ast.stmt) -> None:
        """Lower a statement."""
        raise NotImplementedError

    def assign(self, target: ast.expr) -> None:
        """Store the value on top of the stack."""
        raise NotImplementedError

    def drawing(self, node: ast.For, iterable: ast.expr) -> None:
        """A loop that draws from what is made of its header."""
        raise NotImplementedError


def blamed(node: ast.For) -> ast.AST:
    """What tracebacks show where an iterator raises."""
    blamed: ast.AST = getattr(node, "drawn", node if blames_loops() else node.iter)
    return blamed
