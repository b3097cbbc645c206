"""Generators: what runs from where one has stopped to where it stops again, as Code."""

from __future__ import annotations

import ast
from typing import Any

from zexus.bytecode import Code
from zexus.codes import Unsupported
from zexus.frontend.emission import Label
from zexus.frontend.lower import Lowering
from zexus.frontend.scopes import assigned, own_nodes, read
from zexus.frontend.sites import Scope

_PLAIN = (ast.For, ast.While, ast.If)


class Resuming(Lowering):
    """Lowers the loops that stand around a `yield`, entered behind it."""

    resumed: Label

    def outlined(self, node: ast.stmt, refusal: Unsupported) -> None:
        if any(isinstance(part, ast.Yield) for part in own_nodes([node])):
            raise refusal
        super().outlined(node, refusal)

    def stmt_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Yield):
            super().stmt_Expr(node)
            return
        if node.value.value is None:
            self.const(None)
        else:
            self.expr(node.value.value)
        self.at(node.value)
        self.emit("YIELD")
        self.place(self.resumed)


def lower_generator(scope: Scope, first_line: int, namespace: dict[str, Any]) -> Code:
    """Lower a generator function with one `yield`, a statement in loops, to what runs between two of its values.

    The parameters are its variables, which are the results too, then the cursors of the loops around the `yield`, the
    outermost first. It ends by YIELD, which takes them all along, or by RETURN.

    Raises:
        Unsupported: the function is none of these, or holds something that cannot be lowered.
    """
    node = scope.node
    if not isinstance(node, ast.FunctionDef):
        raise Unsupported("ZX012", node, "only plain generator functions are followed")
    way = _way(node)
    if scope.cells or scope.free:
        name = min(scope.cells | scope.free)
        raise Unsupported("ZX015", node, f"{name!r} is a captured variable of a generator")
    top = way[0]
    behind = node.body[node.body.index(top) + 1:]
    if any(isinstance(part, (ast.For, ast.While)) for part in own_nodes(behind)):
        raise Unsupported("ZX012", behind[0], "a loop behind the one that yields")
    region = [top, *behind]
    names = tuple(sorted((read(region, scope.owner) | assigned(region, scope.owner)) & scope.locals))
    cursors = tuple(f".it{depth}" for depth, _ in enumerate(part for part in way if isinstance(part, ast.For)))
    code = Code(scope.name, scope.qualname, scope.filename, first_line, (), len(names) + len(cursors),
                results=names, held=len(cursors), resumes=True, namespace=namespace)
    lowering = Resuming(scope, code, (*names, *cursors), frozenset(names), None, frozenset())
    lowering.resumed = Label()
    lowering.at(way[-1])
    for cursor in cursors:
        lowering.emit("LOAD_LOCAL", lowering.local(cursor))
    lowering.emit("JUMP", lowering.resumed)
    lowering.body(region)
    lowering.const(None)
    lowering.emit("RETURN")
    if lowering.resumed.index < 0:
        raise Unsupported("ZX012", way[-1])
    return lowering.finish()


def _way(node: ast.FunctionDef) -> list[ast.stmt]:
    """The statements around the only `yield` of a generator function, outermost first, and its own."""
    yields = [part for part in own_nodes(node.body) if isinstance(part, (ast.Yield, ast.YieldFrom, ast.Await))]
    if len(yields) != 1 or not isinstance(yields[0], ast.Yield):
        raise Unsupported("ZX012", yields[1] if len(yields) > 1 else node, "more than one place that yields")
    way: list[ast.stmt] = []

    def walk(statements: list[ast.stmt]) -> bool:
        for statement in statements:
            if yields[0] not in own_nodes([statement]):
                continue
            way.append(statement)
            if isinstance(statement, _PLAIN):
                return walk(statement.body) or walk(statement.orelse)
            return isinstance(statement, ast.Expr) and statement.value is yields[0]
        return False

    if not walk(node.body) or len(way) < 2 or not isinstance(way[0], (ast.For, ast.While)):
        raise Unsupported("ZX012", yields[0], "it does not stand in a loop, as a statement")
    if any(isinstance(part, (ast.For, ast.While)) and yields[0] in own_nodes(part.orelse) for part in way):
        raise Unsupported("ZX012", yields[0], "it stands behind a loop")
    return way
