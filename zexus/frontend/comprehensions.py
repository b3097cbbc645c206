"""Comprehensions in the middle of expressions: their loops, written out where they stand."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from zexus.codes import Unsupported
from zexus.frontend import outline
from zexus.frontend.consumers import IMPORTED, RELIED_ON
from zexus.frontend.emission import Label
from zexus.frontend.expressions import Expressions
from zexus.frontend.scopes import consumed, read
from zexus.frontend.unfold import is_empty, written_out


class Comprehensions(Expressions):
    """List, set and dict comprehensions, and calls of builtins that consume a generator expression."""

    def expr_ListComp(self, node: ast.expr) -> None:
        made = self.written(node)
        if made is None:
            self.unknown(node)
        statements, value, _ = made
        self.body(statements)
        self.expr(value)

    def written(self, node: ast.expr) -> tuple[list[ast.stmt], ast.expr, list[str]] | None:
        """A comprehension as statements; a variable without a value is complained of in other words in its frame."""
        unsure = () if self.scope.is_module else read([node], self.scope.owner) - self.bound
        return None if any(map(self.is_local, unsure)) else written_out(node, self.scope.owner)

    expr_SetComp = expr_DictComp = expr_ListComp

    def expr_Set(self, node: ast.Set) -> None:
        if is_empty(node):
            self.emit("BUILD_SET", 0)
        else:
            self.sequence(node, "BUILD_SET")

    def expr_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise Unsupported("ZX019", node, "a dict taken into another one")
            self.expr(key)
            self.expr(value)
        self.at(node)
        self.emit("BUILD_DICT", len(node.keys))

    def expr_Call(self, node: ast.Call) -> None:
        made = None if consumed(node) is None else self.written(node)
        if made is None or not all(map(self.is_known, made[2])):
            super().expr_Call(node)
            return
        statements, value, names = made
        other, end = Label(), Label()
        self.test_builtins(names, node, other)
        self.body(statements)
        self.expr(value)
        self.emit("JUMP", end)
        self.place(other)
        self.called(node)
        self.place(end)

    def is_known(self, name: str) -> bool:
        """Whether a name means, as far as the globals tell now, the builtin of this name or what programs import so."""
        if name.partition(".")[0] not in IMPORTED:
            return self.is_builtin(name)
        is_own = self.is_local(name) or name in self.scope.cells | self.scope.free
        return "." in name or (not is_own and self.code.namespace.get(name) is IMPORTED[name])

    def test_builtins(self, names: Sequence[str], node: ast.AST, other: Label) -> None:
        """Go to `other` if one of these is no longer what it is called."""
        for name in names:
            self.at(node)
            of, _, attribute = name.partition(".")
            self.load(of, node)
            if attribute:
                self.emit("GETATTR", attribute)
            self.const(RELIED_ON[name])
            self.emit("IS")
            self.emit("JUMP_IF_FALSE", other)

    def called(self, node: ast.Call) -> None:
        """The call as it stands: the name has come to mean something else."""
        source = consumed(node)
        assert source is not None
        names = sorted(name for name in read([source], self.scope.owner)
                       if self.is_local(name) or name in self.scope.cells | self.scope.free)
        self.at(node.func)
        self.expr(node.func)
        self.const(outline.generator(self.scope, source, names, self.code.namespace))
        self.expr(source.generators[0].iter)
        for name in names:
            self.load(name, source)
        self.emit("CALL", 1 + len(names))
        for argument in (*node.args[1:], *(keyword.value for keyword in node.keywords)):
            self.expr(argument)
        self.at(node)
        if node.keywords:
            self.emit("CALL_KEYWORD", (2, (node.keywords[0].arg,)))
        else:
            self.emit("CALL", len(node.args))

    def body(self, statements: Sequence[ast.stmt]) -> None:
        """Lower statements."""
        raise NotImplementedError
