"""`with` as stack code: managers that are entered and left around a body, however that ends."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from zexus.codes import Unsupported
from zexus.frontend.emission import Label
from zexus.frontend.exceptions import Exceptions
from zexus.frontend.scopes import unbinds
from zexus.regvm.special import ENTER, EXIT


class Managing(Exceptions):
    """Statements inside of managers."""

    def stmt_With(self, node: ast.With) -> None:
        start = len(self.code.instructions)
        self.managed(node, node.items)
        if self.all_outlined(node.body, start) and not any(isinstance(n, (ast.For, ast.While)) for n in ast.walk(node)):
            # Python enters and leaves the managers of what it runs anyway.
            raise Unsupported("ZX018", node)

    def managed(self, node: ast.With, items: Sequence[ast.withitem]) -> None:
        """The body inside the managers of some items."""
        if not items:
            self.body(node.body)
            return
        item, *inner = items
        value, method = self.entered(item)
        raised, end = Label(), Label()
        before = set(self.bound)
        self.guard(raised, leave=lambda: self.left(node, method))
        self.emit("LOAD_LOCAL", self.local(value))
        self.unbind(value)
        if item.optional_vars is None:
            self.emit("POP")
        else:
            self.assign(item.optional_vars)
        self.managed(node, inner)
        self.unguard()
        self.left(node, method)
        after = set(self.bound)
        self.emit("JUMP", end)
        self.place(raised)
        self.bound = before - unbinds([node])
        self.told(node, method)
        self.place(end)
        self.bound &= after

    def entered(self, item: ast.withitem) -> tuple[str, str]:
        """Enter a manager.

        Returns:
            the variables for what it answers, and for the method that leaves it.
        """
        manager, enter, value, method = (self.hidden() for _ in range(4))
        self.expr(item.context_expr)
        self.emit("STORE_LOCAL", self.local(manager))
        self.at(item.context_expr)
        for name, variable in ((ENTER, enter), (EXIT, method)):
            self.emit("LOAD_LOCAL", self.local(manager))
            self.emit("GETATTR", name)
            self.emit("STORE_LOCAL", self.local(variable))
        self.unbind(manager)
        self.emit("LOAD_LOCAL", self.local(enter))
        self.unbind(enter)
        self.emit("CALL", 0)
        self.emit("STORE_LOCAL", self.local(value))
        return value, method

    def left(self, node: ast.With, method: str) -> None:
        """Leave a manager behind its body."""
        self.at(node)
        self.emit("LOAD_LOCAL", self.local(method))
        self.unbind(method)
        for _ in range(3):
            self.const(None)
        self.emit("CALL", 3)
        self.emit("POP")

    def told(self, node: ast.With, method: str) -> None:
        """Tell a manager of an exception, which goes on unless it answers that it does not."""
        error, chained, swallowed = self.hidden(), Label(), Label()
        self.emit("STORE_LOCAL", self.local(error))
        self.guard(chained, error)
        self.at(node)
        self.emit("LOAD_LOCAL", self.local(method))
        self.unbind(method)
        self.constant(type)
        self.emit("LOAD_LOCAL", self.local(error))
        self.emit("CALL", 1)
        self.emit("LOAD_LOCAL", self.local(error))
        self.emit("LOAD_LOCAL", self.local(error))
        self.emit("GETATTR", "__traceback__")
        self.emit("CALL", 3)
        self.emit("TRUTH")
        self.emit("JUMP_IF_TRUE", swallowed)
        self.unguard()
        self.emit("LOAD_LOCAL", self.local(error))
        self.emit("RERAISE")
        self.chained(chained)
        self.place(swallowed)
        self.unbind(error)
