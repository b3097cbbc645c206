"""What the `__init__` of a class of exceptions does, where that only keeps and hands on what it is given.

Nobody can tell when such a function runs: so an exception need not be made before somebody looks at it.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator, Mapping
from typing import Any

from zexus import shapes
from zexus.codes import Unsupported
from zexus.frontend.refusals import is_super
from zexus.jit import callees
from zexus.records import dataclass

_STORES = shapes.lookup(BaseException, "__setattr__")
# What says the same whenever it is written.
PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Kept:
    """What new exceptions of a class have.

    Attributes:
        functions: each `__init__` that runs, by the class that finds it.
        names: which argument an attribute is, from zero.
    """

    functions: tuple[tuple[type, types.FunctionType], ...]
    names: Mapping[str, int]


def kept(kind: type) -> Kept | None:
    """What is known of a class of exceptions; None where its `__init__` may do anything else, or is written in C."""
    found: list[tuple[type, types.FunctionType]] = []
    names: dict[str, int] = {}
    order = shapes.bases(kind)
    for base, function in _functions(order):
        if type(function) is not types.FunctionType:
            break
        own = _kept_by(function)
        if own is None or shapes.lookup(kind, "__setattr__") is not _STORES:
            return None
        if any(shapes.lookup(kind, name) is not shapes.ABSENT for name in own):
            return None
        # What another one sets as well, it may set later.
        mine = names if found else {name: place for name, place in own.items() if place >= 0}
        names = {name: place for name, place in mine.items() if not found or name not in own}
        found.append((base, function))
    return Kept(tuple(found), names) if found else None


def _functions(order: tuple[type, ...]) -> Iterator[tuple[type, Any]]:
    for base in order:
        if "__init__" in vars(base):
            yield base, vars(base)["__init__"]


def _kept_by(function: types.FunctionType) -> dict[str, int] | None:
    """Which parameter each attribute is that a function sets, -1 for something else that is made of them."""
    try:
        node: Any = callees.source_of(function).scope.node
    except Unsupported:
        return None
    parameters = [parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args)]
    if node.args.vararg or node.args.kwarg or node.args.kwonlyargs or not parameters or node.decorator_list:
        return None
    me, *given = parameters
    names: dict[str, int] = {}
    handed_on = False
    for statement in node.body:
        match statement:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=above, attr="__init__"), args=args, keywords=[])) \
                    if is_super(above) and all(_is_plain(one, given) for one in args):
                if handed_on or "super" in function.__globals__:
                    return None
                handed_on = True
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner), attr=name)], value=value) \
                    if owner == me and _is_plain(value, given):
                names[name] = given.index(value.id) if isinstance(value, ast.Name) else -1
            case _:
                return None
    return names


def _is_plain(node: ast.expr, given: list[str]) -> bool:
    """Whether an expression only hands on arguments, or writes them as they are."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in given
        case ast.JoinedStr(values=parts):
            return all(_is_plain(part, given) for part in parts)
        case ast.FormattedValue(value=value, format_spec=None):
            return _is_plain(value, given)
    return False
