"""The syntax tree that belongs to a code object, and code objects compiled from changed trees."""

from __future__ import annotations
import __future__

import ast
import functools
import linecache
import sys
import types
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import field, replace
from typing import Any

from zexus import parsing
from zexus.codes import Unsupported
from zexus.frontend import written
from zexus.frontend.given import filled
from zexus.frontend.scopes import (
    COMPREHENSIONS,
    FUNCTIONS,
    Comprehension,
    FunctionNode,
    assigned,
    body_of,
    declared,
    function_scope,
    mangle,
    module_scope,
    outside,
    own_nodes,
    visible_inside,
)
from zexus.frontend.sites import Scope
from zexus.frontend.unfold import unfold
from zexus.records import dataclass

Enclosing = ast.ClassDef | FunctionNode | Comprehension

_FUTURE_FLAGS = functools.reduce(
    int.__or__, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)
_LIMITS = (SyntaxError, RecursionError, ValueError)


@dataclass(frozen=True, eq=False)
class FunctionSource:
    """One function's syntax and what is needed to compile a changed copy of it in its place.

    Attributes:
        node: the function; shared between callers, never to be changed in place.
        scope: its variables, with its comprehensions as loops.
        filename: the file named in its code object.
        first_line: the line of its first decorator, or of `def`.
        enclosing: the classes, functions and comprehensions around it, outermost first.
        flags: the `from __future__` flags in force.
        outer: free variables of the code object, and of any that is compiled in its place.
        prelude: statements that show the compiler the module's names on which its choice of instructions depends.
        visible: the names of enclosing functions that it can see.
    """

    node: FunctionNode
    scope: Scope
    filename: str
    first_line: int
    enclosing: tuple[Enclosing, ...] = field(repr=False)
    flags: int
    outer: tuple[str, ...]
    prelude: tuple[ast.stmt, ...] = field(repr=False)
    visible: frozenset[str] = field(repr=False)

    @functools.cached_property
    def functions(self) -> tuple[FunctionSource, ...]:
        """Every function and lambda in it, at any depth, in source order."""
        owner = self.scope.owner
        inside = visible_inside(self.node, owner, self.visible)
        prefix = f"{self.scope.qualname}.<locals>."
        found = _entries(body_of(self.node), owner, (*self.enclosing, self.node), prefix, inside)
        return _function_sources(found, self)

    def compile(self, node: FunctionNode) -> types.CodeType:
        """The code object of `node`, compiled as if it stood in the place of `self.node`.

        Decorators and defaults are left out: they are no part of the code object.

        Raises:
            SyntaxError: `node` breaks a rule of the compiler, such as the limit of nested blocks.
        """
        module = ast.Module(body=[*self.prelude, self._pruned(_bare(node))], type_ignores=[])
        code = filled(compile(module, self.filename, "exec", flags=self.flags, dont_inherit=True))
        depth = sum(not isinstance(scope, COMPREHENSIONS) for scope in self.enclosing)
        return _descend(code, depth)

    def _pruned(self, inner: Any) -> ast.stmt:
        """`inner` inside the enclosing scopes, each stripped to what the names in `inner` depend on."""
        for position in range(len(self.enclosing) - 1, -1, -1):
            scope = self.enclosing[position]
            like = self.enclosing[position + 1] if position + 1 < len(self.enclosing) else self.node
            inner = _shell(scope, like, inner, [name for name in self.outer if name != "__class__"])
        statement: ast.stmt = inner if isinstance(inner, ast.stmt) else _located(ast.Expr(inner), inner)
        return statement


def _located(node: Any, like: ast.AST) -> Any:
    ast.copy_location(node, like)
    for part in ast.walk(node):
        if "lineno" in part._attributes and not hasattr(part, "lineno"):
            ast.copy_location(part, like)
    return node


def _no_arguments(names: Iterable[str] = ()) -> ast.arguments:
    return ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])


def _bare(node: FunctionNode) -> FunctionNode:
    """`node` without what its enclosing scope evaluates; the line at which it begins stays."""
    arguments = ast.arguments(
        posonlyargs=[_bare_argument(argument) for argument in node.args.posonlyargs],
        args=[_bare_argument(argument) for argument in node.args.args],
        vararg=node.args.vararg and _bare_argument(node.args.vararg),
        kwonlyargs=[_bare_argument(argument) for argument in node.args.kwonlyargs],
        kw_defaults=[None] * len(node.args.kwonlyargs),
        kwarg=node.args.kwarg and _bare_argument(node.args.kwarg),
        defaults=[],
    )
    if isinstance(node, ast.Lambda):
        return ast.copy_location(ast.Lambda(arguments, node.body), node)
    first = node.decorator_list[:1]
    decorators: list[ast.expr] = [ast.copy_location(ast.Constant(None), decorator) for decorator in first]
    bare = type(node)(node.name, arguments, node.body, decorators, None, None)
    _copy_type_parameters(node, bare)
    return ast.copy_location(bare, node)


def _copy_type_parameters(node: Any, to: Any) -> None:
    """Type parameters without their bounds, which are code objects of their own."""
    if hasattr(node, "type_params"):
        to.type_params = [ast.copy_location(type(given)(given.name), given) for given in node.type_params]


def _bare_argument(argument: ast.arg) -> ast.arg:
    return ast.copy_location(ast.arg(argument.arg), argument)


def _shell(scope: Enclosing, child: ast.AST, inner: Any, names: Sequence[str]) -> Any:
    if isinstance(scope, ast.Lambda):
        return _located(ast.Lambda(_no_arguments(names), inner), scope)
    if isinstance(scope, COMPREHENSIONS):
        return _located(_comprehension_shell(scope, inner, names), scope)
    body: list[Any] = [inner if isinstance(inner, ast.stmt) else ast.Expr(inner)]
    child_name = getattr(child, "name", None)
    if child_name is not None and child_name in declared(scope.body, ast.Global):
        body.insert(0, ast.Global([child_name]))
    shell: Any
    if isinstance(scope, ast.ClassDef):
        shell = ast.ClassDef(scope.name, [], [], body, [])
    else:
        # A plain function will do for a coroutine: the names are the same, and the shell never runs.
        shell = ast.FunctionDef(scope.name, _no_arguments(names), body, [], None, None)
    _copy_type_parameters(scope, shell)
    return _located(shell, scope)


def _comprehension_shell(scope: Comprehension, inner: Any, names: Sequence[str]) -> ast.expr:
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    generators = [ast.comprehension(ast.Tuple(targets, ast.Store()), ast.Tuple([], ast.Load()), [], 0)]
    if isinstance(scope, ast.DictComp):
        return ast.DictComp(inner, ast.Constant(None), generators)
    return type(scope)(inner, generators)


_COMPREHENSION_NAMES: dict[type[ast.AST], str] = {
    ast.ListComp: "<listcomp>", ast.SetComp: "<setcomp>", ast.DictComp: "<dictcomp>", ast.GeneratorExp: "<genexpr>",
}  # fmt: skip
_TRANSPARENT = tuple(_COMPREHENSION_NAMES.values())
# From 3.12 on comprehensions are compiled into the code around them.
_OWN_CODE = _TRANSPARENT if sys.version_info < (3, 12) else ("<genexpr>",)


def _descend(code: types.CodeType, depth: int) -> types.CodeType:
    """The code object below `depth` enclosing definitions of a pruned module."""
    while True:
        code = next(constant for constant in code.co_consts if isinstance(constant, types.CodeType))
        if code.co_name in _TRANSPARENT or code.co_name.startswith("<generic parameters of "):
            continue
        if depth == 0:
            return code
        depth -= 1


# Trees.


@dataclass(frozen=True, eq=False)
class _Entry:
    node: FunctionNode
    qualname: str
    owner: str | None
    enclosing: tuple[Enclosing, ...]
    visible: frozenset[str]


@dataclass(frozen=True, eq=False)
class ModuleSource:
    """A whole file's (or cell's) syntax.

    Attributes:
        tree: the module; private names in it are mangled already.
        text: the text that was parsed.
        filename: the file to be named in code objects.
        name: the name of the module's code object.
        scope: the variables of its top-level statements.
    """

    tree: ast.Module = field(repr=False)
    text: str = field(repr=False)
    filename: str
    name: str
    scope: Scope
    entries: tuple[_Entry, ...] = field(repr=False)
    prelude: tuple[ast.stmt, ...] = field(repr=False)

    @functools.cached_property
    def functions(self) -> tuple[FunctionSource, ...]:
        """Every function and lambda of the module, nested ones included, in source order."""
        return _function_sources(self.entries, self)

    def functions_but(self, nodes: Collection[ast.AST]) -> tuple[FunctionSource, ...]:
        """The functions of the module but for some, and what is in these."""
        if not nodes:
            return self.functions
        return _function_sources((entry for entry in self.entries if entry.node not in nodes
                                  and not any(around in nodes for around in entry.enclosing)), self)

    @property
    def flags(self) -> int:
        """The `from __future__` flags that the module sets."""
        return future_flags(self.tree)


def future_flags(tree: ast.Module) -> int:
    """The compiler flags of the module's `from __future__` imports."""
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def module_source(text: str, filename: str, name: str = "<module>") -> ModuleSource:
    """Parse the text of a whole module.

    Raises:
        SyntaxError: as the compiler would.
    """
    parsed = _parse(text)
    scope = module_scope(parsed.tree, filename, name)
    return ModuleSource(parsed.tree, text, filename, name, scope, parsed.entries, parsed.prelude)


def entries(tree: ast.Module) -> tuple[_Entry, ...]:
    """The functions of a tree whose private names are mangled."""
    return tuple(_entries([tree], None, (), "", frozenset()))


@dataclass(frozen=True, eq=False)
class _Parsed:
    tree: ast.Module
    entries: tuple[_Entry, ...]
    prelude: tuple[ast.stmt, ...]


@functools.lru_cache(maxsize=64)
def _parse(text: str) -> _Parsed:
    tree = parsing.parse(text)
    _mangle_names(tree, None)
    return _Parsed(tree, entries(tree), tuple(_prelude(tree)))


def _prelude(tree: ast.Module) -> Iterator[ast.stmt]:
    """Stand-ins for what the compiler looks up in a module: imported names are no objects with methods, and
    `super` can be called directly where the module does not speak of it.
    """
    aliases: list[ast.alias] = []
    for node in own_nodes(tree.body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = (alias.asname or alias.name.partition(".")[0] for alias in node.names)
            aliases += [ast.alias(name, lineno=1, col_offset=0) for name in names if name != "*"]
    if aliases:
        yield ast.Import(aliases, lineno=1, col_offset=0)
    mentioned = {node.id for node in own_nodes(tree.body) if isinstance(node, ast.Name)}
    if "super" in mentioned | assigned(tree.body) | _globals_declared(tree):
        yield ast.Expr(ast.Name("super", ast.Load(), lineno=1, col_offset=0), lineno=1, col_offset=0)


def _globals_declared(tree: ast.Module) -> set[str]:
    return {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}


def _mangle_names(node: ast.AST, owner: str | None) -> None:
    """Write private names as the compiler sees them, so that no later stage has to know about classes."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Name():
                child.id = mangle(child.id, owner)
            case ast.Attribute():
                child.attr = mangle(child.attr, owner)
            case ast.arg():
                child.arg = mangle(child.arg, owner)
            case ast.Global() | ast.Nonlocal():
                child.names = [mangle(name, owner) for name in child.names]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                child.name = mangle(name, owner)
            case ast.MatchMapping(rest=str(name)):
                child.rest = mangle(name, owner)
        if isinstance(child, ast.ClassDef):
            for part in outside(child):
                _mangle_names(ast.Expr(part), owner)  # type: ignore[arg-type]
            for part in (*getattr(child, "type_params", ()), *child.body):
                _mangle_names(ast.Module([part], []), child.name)
        else:
            _mangle_names(child, owner)


def _entries(
    nodes: Iterable[ast.AST], owner: str | None, enclosing: tuple[Enclosing, ...], prefix: str, visible: frozenset[str]
) -> Iterator[_Entry]:
    for node in nodes:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield from _entries(outside(node), owner, enclosing, prefix, visible)
            name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
            qualname = name if _is_global(node, enclosing) else prefix + name
            inside = visible_inside(node, owner, visible)
            if isinstance(node, ast.ClassDef):
                yield from _entries(node.body, node.name, (*enclosing, node), f"{qualname}.", inside)
                continue
            yield _Entry(node, qualname, owner, enclosing, visible)
            body = [node.body] if isinstance(node, ast.Lambda) else node.body
            yield from _entries(body, owner, (*enclosing, node), f"{qualname}.<locals>.", inside)
        elif isinstance(node, COMPREHENSIONS):
            first, *others = ast.iter_child_nodes(node), node.generators[0].iter
            yield from _entries(others, owner, enclosing, prefix, visible)
            inside = visible_inside(node, owner, visible)
            name = _COMPREHENSION_NAMES[type(node)]
            inner = f"{prefix}{name}." if name in _OWN_CODE else prefix
            parts: list[ast.AST] = []
            for part in first:
                if part is node.generators[0]:
                    parts += [node.generators[0].target, *node.generators[0].ifs]
                else:
                    parts.append(part)
            yield from _entries(parts, owner, (*enclosing, node), inner, inside)
        else:
            yield from _entries(ast.iter_child_nodes(node), owner, enclosing, prefix, visible)


def _is_global(node: ast.AST, enclosing: tuple[Enclosing, ...]) -> bool:
    name = getattr(node, "name", None)
    around = enclosing[-1] if enclosing else None
    if name is None or around is None or isinstance(around, (ast.Lambda, *COMPREHENSIONS)):
        return False
    return name in declared(around.body, ast.Global)


def _first_line(node: FunctionNode) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return decorators[0].lineno if decorators else node.lineno


def _function_sources(entries: Iterable[_Entry], around: FunctionSource | ModuleSource) -> tuple[FunctionSource, ...]:
    """The functions in a function or module; they count where that does."""
    made = (_function_source(entry, around.filename, around.flags, around.prelude) for entry in entries)
    scope = around.scope
    if not scope.counted:
        return tuple(made)
    return tuple(replace(source, scope=replace(source.scope, counted=True, timed=scope.timed)) for source in made)


def function_source(entry: _Entry, module: ModuleSource) -> FunctionSource:
    """A function of a module."""
    return _function_source(entry, module.filename, module.flags, module.prelude)


def _function_source(entry: _Entry, filename: str, flags: int, prelude: tuple[ast.stmt, ...]) -> FunctionSource:
    node = unfold(entry.node, entry.owner)
    scope = function_scope(node, entry.qualname, filename, entry.owner, entry.visible)
    outer = tuple(sorted(scope.free))
    line = _first_line(entry.node)
    source = FunctionSource(entry.node, scope, filename, line, entry.enclosing, flags, outer, prelude,
                            entry.visible)
    if flags & __future__.annotations.compiler_flag:
        # Names that stand only in annotations are not variables then.
        return _refined(source, source.compile(source.node))
    return source


def _refined(source: FunctionSource, code: types.CodeType) -> FunctionSource:
    """`source` with the captured variables that its code object really has."""
    scope = source.scope
    cells = scope.cells.intersection(code.co_cellvars)
    scope = replace(
        scope,
        qualname=code.co_qualname,
        filename=code.co_filename,
        locals=scope.locals | scope.cells - cells,
        cells=cells,
        free=frozenset(code.co_freevars),
    )
    return replace(source, scope=scope, filename=code.co_filename, outer=code.co_freevars)


# Finding.


def find(fn: types.FunctionType) -> FunctionSource:
    """The source of a function: the one whose code object, compiled anew, equals the function's.

    Raises:
        Unsupported: ZX011 when `fn` is no plain Python function, ZX010 when there is no text or it differs.
    """
    if not isinstance(fn, types.FunctionType):
        raise Unsupported("ZX011", detail=f"it is of type {type(fn).__qualname__}")
    code = fn.__code__
    linecache.checkcache(code.co_filename)
    text = "".join(linecache.getlines(code.co_filename, fn.__globals__)) or written.text(code)
    line = code.co_firstlineno
    if not text:
        raise Unsupported("ZX010", detail=f"no source text for {code.co_filename!r}", line=line)
    try:
        parsed = _parse(text)
    except _LIMITS as error:
        raise Unsupported("ZX010", detail=f"the text does not parse ({error})", line=line) from error
    for entry in parsed.entries:
        name = "<lambda>" if isinstance(entry.node, ast.Lambda) else entry.node.name
        if name != code.co_name or _first_line(entry.node) != line:
            continue
        found = _matching(entry, code, parsed.prelude)
        if found is not None:
            return found
    raise Unsupported("ZX010", detail=f"{code.co_qualname} in {code.co_filename} has changed", line=line)


def _matching(entry: _Entry, code: types.CodeType, prelude: tuple[ast.stmt, ...]) -> FunctionSource | None:
    # Free variables are compared below; here they make the enclosing scopes that they need.
    flags = code.co_flags & _FUTURE_FLAGS
    node = unfold(entry.node, entry.owner)
    scope = function_scope(node, entry.qualname, code.co_filename, entry.owner, entry.visible)
    source = FunctionSource(
        entry.node, scope, code.co_filename, code.co_firstlineno, entry.enclosing, flags, code.co_freevars, prelude,
        entry.visible,
    )
    try:
        rebuilt = source.compile(entry.node)
    except _LIMITS:
        return None
    return _refined(source, code) if same_code(rebuilt, code) else None


_COMPARED = (
    "co_name", "co_qualname", "co_firstlineno", "co_flags", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount",
    "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_code", "co_linetable", "co_exceptiontable",
)  # fmt: skip


def same_code(left: types.CodeType, right: types.CodeType) -> bool:
    """Whether two code objects do the same at the same places of the same text."""
    return all(getattr(left, name) == getattr(right, name) for name in _COMPARED) and _same_constant(
        left.co_consts, right.co_consts
    )


def _same_constant(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, types.CodeType):
        return same_code(left, right)
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(_same_constant, left, right))
    if isinstance(left, frozenset):
        return {(type(item), repr(item)) for item in left} == {(type(item), repr(item)) for item in right}
    # -0.0 equals 0.0 and nan equals nothing: their texts tell.
    return repr(left) == repr(right) if isinstance(left, (float, complex)) else bool(left == right)
