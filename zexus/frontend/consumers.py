"""What builtins do with the items that they consume, as statements."""

from __future__ import annotations

import ast
import copy
import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

from zexus.frontend.nodes import load, store

# From 3.12 on list comprehensions have no frame of their own, and `sum` adds floats with a compensation.
MODERN = sys.version_info >= (3, 12)
CONSUMERS: dict[str, Callable[..., Any]] = {
    "all": all, "any": any, "list": list, "max": max, "min": min, "next": next, "set": set, "sorted": sorted,
    "tuple": tuple,
}  # fmt: skip
if not MODERN:
    CONSUMERS["sum"] = sum
# They may leave some items.
SPARING = frozenset(("next",))
# What programs import under these names.
IMPORTED: dict[str, Any] = {"functools": functools, "reduce": functools.reduce}
# All that a statement may rely on.
RELIED_ON: dict[str, Any] = CONSUMERS | IMPORTED | {
    "StopIteration": StopIteration, "filter": filter, "functools.reduce": functools.reduce, "iter": iter, "map": map,
    "zip": zip,
}
# To begin with these runs no code of the program's.
PLAIN: tuple[type, ...] = (list, tuple, range, str, dict, set)
# These begin with a list of all items.
LISTING = frozenset(("list", "sorted", "tuple"))
# So does the method of a text that is written out.
JOIN = "join"


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def taking(kind: str, total: str, item: str) -> ast.stmt:
    """What a consumer does with an item."""
    if kind in TAKE:
        return TAKE[kind](total, item)
    method, row = ADDING[kind]
    adding = ast.Expr(ast.Call(ast.Attribute(load(total), method, ast.Load()), [load(item)], []))
    adding.adds = row, load(total), load(item)  # type: ignore[attr-defined]
    return adding


def ending(statement: ast.stmt) -> ast.stmt:
    """A statement of a loop that ends with the StopIteration which the statement raises."""
    handler = ast.ExceptHandler(load("StopIteration"), None, [ast.Break()])
    return ast.Try([statement], [handler], [], [])


def _begins(value: Callable[[], ast.expr]) -> Callable[[str], list[ast.stmt]]:
    return lambda total: [ast.Assign([store(total)], value())]


def _ends_with(answer: bool) -> Callable[[str, str], ast.stmt]:
    def take(total: str, item: str) -> ast.stmt:
        test = load(item) if answer else ast.UnaryOp(ast.Not(), load(item))
        return ast.If(test, [ast.Assign([store(total)], ast.Constant(answer)), ast.Break()], [])

    return take


def begins_without(total: str, default: ast.expr | None = None) -> list[ast.stmt]:
    return [ast.Assign([store(total)], default or ast.Constant(None)),
            ast.Assign([store(f"{total}.found")], ast.Constant(False))]


def _keeps(better: type[ast.cmpop]) -> Callable[[str, str], ast.stmt]:
    def take(total: str, item: str) -> ast.stmt:
        kept = ast.Assign([store(total)], load(item))
        found = ast.Assign([store(f"{total}.found")], ast.Constant(True))
        test = ast.Compare(load(item), [better()], [load(total)])
        return ast.If(load(f"{total}.found"), [ast.If(test, [kept], [])], [found, copy.deepcopy(kept)])

    return take


def chooses(kind: str, total: str, key: str, item: str) -> ast.stmt:
    """Take an item if it is the first one, or if its key is better than that of the one taken before."""
    found = ast.Assign([store(f"{total}.found")], ast.Constant(True))
    kept: list[ast.stmt] = [ast.Assign([store(f"{total}.key")], load(key)),
                            ast.Assign([store(total)], load(item))]
    better = ast.Compare(load(key), [ast.Lt() if kind == "min" else ast.Gt()], [load(f"{total}.key")])
    return ast.If(load(f"{total}.found"), [ast.If(better, kept, [])], [found, *copy.deepcopy(kept)])


def _first(total: str, item: str) -> ast.stmt:
    found = ast.Assign([store(f"{total}.found")], ast.Constant(True))
    taken: list[ast.stmt] = [found, ast.Assign([store(total)], load(item)), ast.Break()]
    return ast.If(ast.UnaryOp(ast.Not(), load(f"{total}.found")), taken, [])


def folds(total: str, function: str, item: str, begun: bool) -> list[ast.stmt]:
    """What `reduce` does with an item; `begun`: it began with a value."""
    called = ast.Call(load(function), [load(total), load(item)], [])
    step = ast.Assign([store(total)], called)
    if begun:
        return [step]
    found = ast.Assign([store(f"{total}.found")], ast.Constant(True))
    return [ast.If(load(f"{total}.found"), [step], [found, ast.Assign([store(total)], load(item))])]


def _complains(name: str) -> Callable[[str], ast.stmt]:
    """The function itself says that there was no item."""
    def missing(total: str) -> ast.stmt:
        nothing: ast.expr = ast.Tuple([], ast.Load())
        if name == "next":
            nothing = ast.Call(load("iter"), [nothing], [])
        call = ast.Call(load(name), [nothing], [])
        return ast.If(ast.UnaryOp(ast.Not(), load(f"{total}.found")), [ast.Expr(call)], [])

    return missing


def _makes(name: str) -> Callable[[str], ast.stmt]:
    """The function itself makes something of all items."""
    return lambda total: ast.Assign([store(total)], ast.Call(load(name), [load(total)], []))


# How an item is added: by which method, and by which row.
ADDING = {**dict.fromkeys(("[]", JOIN, *LISTING), ("append", "LIST_ADD")),
          **dict.fromkeys(("{}", "set"), ("add", "SET_ADD"))}

# What consumers begin with, what they do with an item, how those end loops that need not see all items, and what
# happens behind them.
START: Mapping[str, Callable[[str], list[ast.stmt]]] = {
    **dict.fromkeys(("{}", "set"), _begins(lambda: ast.Set([ast.Starred(ast.Tuple([], ast.Load()), ast.Load())]))),
    "{:}": _begins(lambda: ast.Dict([], [])),
    **dict.fromkeys(("[]", JOIN, *LISTING), _begins(lambda: ast.List([], ast.Load()))),
    "sum": _begins(lambda: ast.Constant(0)), "any": _begins(lambda: ast.Constant(False)),
    "all": _begins(lambda: ast.Constant(True)),
    "min": begins_without, "max": begins_without, "next": begins_without,
}
TAKE: Mapping[str, Callable[[str, str], ast.stmt]] = {
    "sum": lambda total, item: ast.Assign([store(total)], ast.BinOp(load(total), ast.Add(), load(item))),
    "any": _ends_with(True), "all": _ends_with(False), "min": _keeps(ast.Lt), "max": _keeps(ast.Gt),
    "next": _first,
}
ENDS: Mapping[str, Callable[[str], ast.stmt]] = {
    "any": lambda total: ast.If(load(total), [ast.Break()], []),
    "all": lambda total: ast.If(ast.UnaryOp(ast.Not(), load(total)), [ast.Break()], []),
    "next": lambda total: ast.If(load(f"{total}.found"), [ast.Break()], []),
}
BEHIND: Mapping[str, Callable[[str], ast.stmt]] = {
    "min": _complains("min"), "max": _complains("max"), "next": _complains("next"), "sorted": _makes("sorted"),
    "tuple": _makes("tuple"),
}  # fmt: skip
