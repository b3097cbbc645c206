"""Names of a function by the rules of CPython's symbol table: which scope owns, binds, reads and captures each."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from zexus.frontend.sites import Scope

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Names = frozenset[str]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NO_NAMES: Names = frozenset()
_LEAVES = (ast.Name, ast.Constant)
_SCOPES = (*COMPREHENSIONS, *FUNCTIONS, ast.ClassDef)


def mangle(name: str, owner: str | None) -> str:
    """The name under which the compiler knows `name` inside the class `owner`."""
    if owner is None or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    stripped = owner.lstrip("_")
    return f"_{stripped}{name}" if stripped else name


def parameters(node: FunctionNode) -> list[ast.arg]:
    """All parameters of a function, in the order of its frame."""
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return named + [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]


def own_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of one scope in source order; of nested scopes only what is evaluated outside them is entered."""
    waiting = list(nodes)[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _LEAVES):
            continue
        if not isinstance(node, _SCOPES):
            waiting += children(node)[::-1]
        elif isinstance(node, COMPREHENSIONS):
            waiting.append(node.generators[0].iter)
        else:
            waiting += outside(node)[::-1]


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes that another one holds, but for contexts and operators, which have no places of their own."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(value, _NO_CHILDREN):
            found.append(value)
    return found


_NO_CHILDREN = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop)


def own_statements(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of one scope in source order (with the clauses that hold some), nested scopes not entered."""
    waiting = list(nodes)[::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr):
            continue
        yield node
        if not isinstance(node, DEFINITIONS):
            waiting += children(node)[::-1]


def outside(node: FunctionNode | ast.ClassDef) -> list[ast.AST]:
    """The parts of a definition that the enclosing scope evaluates: decorators, defaults, annotations, bases."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    parts: list[ast.AST | None] = [] if isinstance(node, ast.Lambda) else [*node.decorator_list]
    parts += [*node.args.defaults, *node.args.kw_defaults]
    if not isinstance(node, ast.Lambda):
        parts += [*(parameter.annotation for parameter in parameters(node)), node.returns]
    return [part for part in parts if part is not None]


def body_of(node: FunctionNode | ast.ClassDef | ast.Module) -> list[ast.AST]:
    """The parts of a scope that it evaluates itself."""
    return [node.body] if isinstance(node, ast.Lambda) else [*node.body]


def assigned(nodes: Iterable[ast.AST], owner: str | None = None) -> Names:
    """The names that `nodes` bind (or delete) in their own scope, names declared global or nonlocal included."""
    return frozenset(name for node in own_nodes(nodes) for name in bound_by(node, owner))


def bound_by(node: ast.AST, owner: str | None) -> Iterable[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return (name,)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (mangle(name, owner),)
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return tuple(mangle(alias.asname or alias.name.partition(".")[0], owner) for alias in aliases)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return (name,)
        case ast.MatchMapping(rest=str(name)):
            return (name,)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return _walrus_targets(node)
    return ()


def _walrus_targets(node: Comprehension) -> set[str]:
    found: set[str] = set()
    for part in own_nodes(inner_parts(node)):
        if isinstance(part, ast.NamedExpr):
            found.add(part.target.id)
        elif isinstance(part, COMPREHENSIONS):
            found |= _walrus_targets(part)
    return found


def inner_parts(node: Comprehension) -> list[ast.AST]:
    parts: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    for position, generator in enumerate(node.generators):
        parts += [generator.target, *generator.ifs, *([generator.iter] if position else [])]
    return parts


def comprehension_targets(node: Comprehension) -> Names:
    """The names that live only in the comprehension."""
    return frozenset(
        part.id for generator in node.generators for part in ast.walk(generator.target)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    )  # fmt: skip


def read(nodes: Iterable[ast.AST], owner: str | None = None) -> Names:
    """The names that `nodes` read in their own scope, or that functions nested in them take from it."""
    found: set[str] = set()
    for node in own_nodes(nodes):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, COMPREHENSIONS):
            found |= read(inner_parts(node), owner) - comprehension_targets(node)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found |= free_names(node, owner)
    return frozenset(found)


def declared(nodes: Iterable[ast.AST], kind: type[ast.Global] | type[ast.Nonlocal]) -> Names:
    """The names that `nodes` declare global (or nonlocal) in their own scope."""
    return frozenset(name for node in own_statements(nodes) if isinstance(node, kind) for name in node.names)


def free_names(node: FunctionNode | ast.ClassDef, owner: str | None = None) -> Names:
    """The names that a nested function or class does not bind itself."""
    inner_owner = node.name if isinstance(node, ast.ClassDef) else owner
    body = body_of(node)
    outer = declared(body, ast.Nonlocal)
    if isinstance(node, ast.ClassDef):
        # A class's own names are invisible to the functions in it, and it reads its own ones from its dictionary.
        own = _own_reads(body) - assigned(body, inner_owner)
        below = (_captured(body, inner_owner, hard=False) - own) - {"__class__"}
        return (own | below | outer) - declared(body, ast.Global)
    bound = assigned(body, owner) | {parameter.arg for parameter in parameters(node)} | _type_parameters(node, owner)
    return ((read(body, owner) | assigned(body, owner)) - bound | outer) - declared(body, ast.Global)


def _own_reads(nodes: Iterable[ast.AST]) -> Names:
    return frozenset(
        node.id for node in own_nodes(nodes) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)
    )


# Functions that are done with an iterator when they return, if nobody else has it.
_CONSUMERS = frozenset((
    "all", "any", "bytearray", "bytes", "dict", "frozenset", "list", "max", "min", "next", "set", "sorted", "sum",
    "tuple",
))  # fmt: skip


def consumed(node: ast.Call) -> ast.GeneratorExp | None:
    """The generator expression that a call uses up before it returns, if its function is the builtin of that name."""
    if not node.args or not isinstance(node.args[0], ast.GeneratorExp):
        return None
    match node.func:
        case ast.Name(id=name) if name in _CONSUMERS:
            return node.args[0]
        case ast.Attribute(value=ast.Constant(value=str()), attr="join"):
            return node.args[0]
    return None


def _captured(nodes: Iterable[ast.AST], owner: str | None, hard: bool) -> Names:
    """The names that scopes nested in `nodes` take from it.

    `hard`: comprehensions do not count, nor generator expressions that do not outlive their statement.
    """
    found: set[str] = set()
    brief: set[ast.AST | None] = set()
    for node in own_nodes(nodes):
        if hard and isinstance(node, ast.Call):
            brief.add(consumed(node))
        lasts = not hard or (isinstance(node, ast.GeneratorExp) and node not in brief)
        if isinstance(node, COMPREHENSIONS) and lasts:
            found |= (read(inner_parts(node), owner) | _walrus_targets(node)) - comprehension_targets(node)
        elif isinstance(node, COMPREHENSIONS):
            found |= _captured(inner_parts(node), owner, hard) - comprehension_targets(node)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found |= free_names(node, owner)
    return frozenset(found)


def captured(nodes: Iterable[ast.AST], owner: str | None = None) -> Names:
    """The names that functions, classes and lasting generator expressions in `nodes` take from their scope."""
    return _captured(nodes, owner, hard=True)


def _type_parameters(node: ast.AST, owner: str | None) -> Names:
    owner = node.name if isinstance(node, ast.ClassDef) else owner
    return frozenset(mangle(parameter.name, owner) for parameter in getattr(node, "type_params", ()))


def bound_names(node: FunctionNode, owner: str | None) -> Names:
    """The names that are local to a function."""
    body = body_of(node)
    names = assigned(body, owner) | {parameter.arg for parameter in parameters(node)}
    return names - declared(body, ast.Global) - declared(body, ast.Nonlocal)


def visible_inside(node: ast.AST, owner: str | None, visible: Names) -> Names:
    """The names of enclosing functions that a scope nested directly in `node` sees.

    Args:
        node: a function, class, comprehension or module.
        owner: the class that mangles names inside `node`.
        visible: what `node` itself sees.
    """
    if isinstance(node, ast.ClassDef):
        return visible | {"__class__"} | _type_parameters(node, owner)
    if isinstance(node, COMPREHENSIONS):
        return visible | comprehension_targets(node)
    if isinstance(node, FUNCTIONS):
        own = bound_names(node, owner) | _type_parameters(node, owner)
        return (visible - declared(body_of(node), ast.Global)) | own
    return visible


def function_scope(node: FunctionNode, qualname: str, filename: str, owner: str | None, visible: Names) -> Scope:
    """The scope of one function.

    Args:
        node: the function.
        qualname: its qualified name.
        filename: the file named in its code object.
        owner: the class that mangles names inside it.
        visible: the names of enclosing functions that it can see.
    """
    body = body_of(node)
    bound = bound_names(node, owner)
    cells = bound & captured(body, owner)
    wanted = read(body, owner) | declared(body, ast.Nonlocal)
    if any(isinstance(part, ast.Name) and part.id == "super" for part in function_nodes(body)):
        wanted |= {"__class__"}
    wanted |= {"__class__"} if _captures_class(body) else NO_NAMES
    free = (wanted - bound - declared(body, ast.Global)) & (visible | _type_parameters(node, owner))
    name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
    return Scope(name, qualname, filename, owner, node, bound - cells, cells, free)


def function_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of one function, its comprehensions entered."""
    for node in own_nodes(nodes):
        yield node
        if isinstance(node, COMPREHENSIONS):
            yield from function_nodes(inner_parts(node))


def _captures_class(nodes: Iterable[ast.AST]) -> bool:
    """Whether a function nested here (and in no class below) names `super`, which reads `__class__` of the method."""
    for node in function_nodes(nodes):
        if not isinstance(node, FUNCTIONS):
            continue
        body = body_of(node)
        if any(isinstance(part, ast.Name) and part.id == "super" for part in function_nodes(body)):
            return "__class__" not in bound_names(node, None)
        if _captures_class(body):
            return True
    return False


def module_scope(node: ast.Module, filename: str, name: str = "<module>") -> Scope:
    """The scope of a module's top-level statements."""
    return Scope(name, name, filename, None, node, assigned(node.body), NO_NAMES, NO_NAMES, is_module=True)


def unbinds(nodes: Iterable[ast.AST]) -> Names:
    """The names that `nodes` may leave unbound: deleted ones and names of `except ... as`."""
    found: set[str] = set()
    for node in own_nodes(nodes):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name is not None:
            found.add(node.name)
    return frozenset(found)
