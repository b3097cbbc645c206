"""`try` and `raise` as stack code: handlers of their own, which the exception table leads to.

A `finally` clause is written once for each way that leads through it, as CPython does.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from zexus.codes import Unsupported
from zexus.frontend.comprehensions import Comprehensions
from zexus.frontend.emission import Label
from zexus.frontend.scopes import own_nodes, unbinds
from zexus.frontend.sites import UNBOUND

LEAVES = (ast.Break, ast.Continue, ast.Return, ast.Raise)


class Exceptions(Comprehensions):
    """Statements that raise and handle exceptions."""

    def stmt_Raise(self, node: ast.Raise) -> None:
        if node.cause is not None:
            raise Unsupported("ZX019", node, "raise ... from")
        if node.exc is not None:
            self.expr(node.exc)
            self.at(node)
            self.emit("RAISE")
            return
        handling = [guard.handles for guard in self.guards if guard.handles >= 0]
        if not handling:
            raise Unsupported("ZX019", node, "raise without an exception in sight")
        self.emit("LOAD_LOCAL", handling[-1])
        self.emit("RERAISE")

    def expr_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A text with values in it: what `str.format` makes of them, piece by piece."""
        formats = [_format(part) if isinstance(part, ast.FormattedValue) else "" for part in node.values]
        if None in formats:
            raise Unsupported("ZX019", node, "a format that is computed")
        template = "".join(_escaped(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        self.format_of(template)
        for part, written in zip(node.values, formats, strict=True):
            if isinstance(part, ast.FormattedValue) and written is not None:
                # One after the other: a value is formatted before the next one is evaluated.
                self.format_of(written)
                self.expr(part.value)
                self.at(part)
                self.emit("CALL", 1)
        self.at(node)
        self.emit("CALL", sum(map(bool, formats)))

    def format_of(self, template: str) -> None:
        self.const(template)
        self.emit("GETATTR", "format")

    def stmt_Try(self, node: ast.Try) -> None:
        if any(isinstance(inner, (ast.For, ast.While)) for inner in own_nodes(node.finalbody)):
            raise Unsupported("ZX019", node, "a loop in a finally clause")
        for handler in node.handlers:
            if handler.name is not None and not (self.is_local(handler.name) and not self.scope.is_module):
                raise Unsupported("ZX019", node, f"{handler.name!r} is no local variable")
        start = len(self.code.instructions)
        if node.finalbody:
            self.cleaned(node)
        else:
            self.handled(node)
        if self.all_outlined(node.body, start) and not any(isinstance(n, (ast.For, ast.While)) for n in ast.walk(node)):
            # Python takes the exceptions of what it runs anyway: none has to come back from there.
            raise Unsupported("ZX018", node)

    def stmt_Begin(self, node: ast.Assign) -> None:
        self.const(0)
        for target in node.targets:
            self.assign(target)

    def stmt_End(self, node: ast.If) -> None:
        pass

    def stmt_Flushed(self, node: ast.Try) -> None:
        self.cleaned(node)

    def stmt_Noted(self, node: ast.Try) -> None:
        self.handled(node)

    def all_outlined(self, body: Sequence[ast.stmt], start: int) -> bool:
        """Whether, in the instructions from `start` on, Python runs each statement of a body."""
        made = {i.statement for i in self.code.instructions[start:] if i.op == "PYBLOCK"}
        return made.issuperset((statement.lineno, statement.col_offset) for statement in body)

    def cleaned(self, node: ast.Try) -> None:
        """`try` with `finally`."""
        raised, end = Label(), Label()
        before = set(self.bound)
        self.guard(raised, leave=lambda: self.body(node.finalbody))
        if node.handlers:
            self.handled(node)
        else:
            self.body(node.body)
        self.unguard()
        self.body(node.finalbody)
        after = set(self.bound)
        self.emit("JUMP", end)
        self.place(raised)
        self.bound = before - unbinds([node])
        error, chained = self.hidden(), Label()
        self.emit("STORE_LOCAL", self.local(error))
        self.guard(chained, error)
        self.body(node.finalbody)
        self.unguard()
        self.emit("LOAD_LOCAL", self.local(error))
        self.emit("RERAISE")
        self.chained(chained)
        self.place(end)
        self.bound = after

    def handled(self, node: ast.Try) -> None:
        """`try` with `except`, what belongs to its `finally` apart."""
        raised, end, chained = Label(), Label(), Label()
        before = set(self.bound)
        self.guard(raised)
        self.body(node.body)
        self.unguard()
        self.body(node.orelse)
        ways = [] if _leaves(node.orelse or node.body) else [set(self.bound)]
        self.emit("JUMP", end)
        self.place(raised)
        error = self.hidden()
        self.emit("STORE_LOCAL", self.local(error))
        self.guard(chained, error, lambda: self.unbind(error))
        for handler in node.handlers:
            following = Label()
            self.bound = before - unbinds([node])
            if handler.type is not None:
                self.at(handler.type)
                self.emit("LOAD_LOCAL", self.local(error))
                self.expr(handler.type)
                self.at(handler)
                self.emit("MATCH")
                self.emit("JUMP_IF_FALSE", following)
            if handler.name is None:
                self.body(handler.body)
            else:
                self.named(handler, handler.name, error)
            if not _leaves(handler.body):
                ways.append(set(self.bound))
            self.unbind(error)
            self.emit("JUMP", end)
            self.place(following)
        self.unguard()
        self.at(node)
        self.emit("LOAD_LOCAL", self.local(error))
        self.emit("RERAISE")
        self.chained(chained)
        self.place(end)
        self.bound = set.intersection(*ways) if ways else before - unbinds([node])

    def named(self, handler: ast.ExceptHandler, name: str, error: str) -> None:
        """The body of `except ... as name`: behind it the name has no value, however it is left."""
        raised, end = Label(), Label()
        self.at(handler)
        self.emit("LOAD_LOCAL", self.local(error))
        self.store(name, handler)
        self.guard(raised, error, lambda: self.unbind(name))
        self.body(handler.body)
        self.unguard()
        self.unbind(name)
        self.emit("JUMP", end)
        self.place(raised)
        self.unbind(name)
        self.emit("RERAISE")
        self.place(end)
        self.bound.discard(name)

    def unbind(self, name: str) -> None:
        """A variable has no value from here on."""
        self.const(UNBOUND)
        self.emit("STORE_LOCAL", self.local(name))

    def chained(self, target: Label) -> None:
        """Where exceptions go on that are raised while another one is handled."""
        self.place(target)
        self.emit("RERAISE")


def _escaped(text: Any) -> str:
    return str(text).replace("{", "{{").replace("}", "}}")


def _format(part: ast.FormattedValue) -> str | None:
    """The format in which `str.format` writes a value as an f-string does; None where it is not constant."""
    spec = part.format_spec.values if isinstance(part.format_spec, ast.JoinedStr) else []
    text = "".join(str(one.value) for one in spec if isinstance(one, ast.Constant))
    if any(not isinstance(one, ast.Constant) for one in spec) or set(text) & set("{}") or text.endswith("c"):
        return None
    return f"{{{f'!{chr(part.conversion)}' if part.conversion >= 0 else ''}{':' if text else ''}{text}}}"


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether control never comes to the end of these statements."""
    return isinstance(body[-1], LEAVES)
