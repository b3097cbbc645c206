"""Loop probes: a function's code object in which loops hand over to hooks, the hooks being constants of it."""

from __future__ import annotations

import ast
import functools
import itertools
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, SupportsIndex

from zexus.frontend.loops import loop_sites
from zexus.frontend.scopes import FUNCTIONS, FunctionNode, body_of, own_nodes
from zexus.frontend.sites import UNBOUND, LoopSite
from zexus.frontend.source import FunctionSource, ModuleSource
from zexus.frontend.unfold import CONSUMERS, Unfolded

Answer = tuple[Any, ...]


def _passed(answer: Answer, *arguments: Any) -> Answer:
    return answer


# Without this module's globals: code objects keep it alive unseen by the garbage collector.
passed: Callable[..., Answer] = types.FunctionType(_passed.__code__, {"__name__": __name__}, "passed")
passed.__qualname__ = "passed"


class _Iterables(dict[type, bool]):
    """Whether a loop may hold the iterator of an object of exactly this type and draw from it by other means."""

    def __init__(self, name: str, kinds: Iterable[type]) -> None:
        super().__init__(dict.fromkeys(kinds, True))
        self.name = name

    def __missing__(self, kind: type) -> bool:
        numpy = sys.modules.get("numpy")
        known = numpy is not None and kind is numpy.ndarray
        if not kind.__flags__ & _HEAP_TYPE:
            # Classes that can be freed are not remembered: that would keep them alive.
            self[kind] = known
        return known

    # Constants of a code object are hashed and compared with it.
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other

    def __reduce__(self) -> str | tuple[Any, ...]:
        return self.name


_HEAP_TYPE = 1 << 9
_CONTAINERS: tuple[type, ...] = (range, list, tuple)
_ITERATORS: tuple[type, ...] = (
    enumerate, zip, reversed, type(reversed([])), type(iter(range(0))), type(iter(range(1 << 70))),
)  # fmt: skip
CONTAINERS = _Iterables("CONTAINERS", _CONTAINERS)
ITERABLES = _Iterables("ITERABLES", (*_CONTAINERS, *_ITERATORS))

class Asking(_Iterables):
    """Such a table for one loop, which tells each time that an iterable does not fit.

    Args:
        known: the common table.
        unfit: called then; it answers whether it is not to be called again.
    """

    def __init__(self, known: _Iterables, unfit: Callable[[], bool]) -> None:
        super().__init__(known.name, (kind for kind, fits in known.items() if fits))
        self._known, self._unfit = known, unfit

    def __missing__(self, kind: type) -> bool:
        fits = self._known[kind]
        if (fits or self._unfit()) and not kind.__flags__ & _HEAP_TYPE:
            self[kind] = fits
        return fits

    def disarm(self) -> None:
        """Let nothing fit from now on: the loops of running frames then pass by their hooks."""
        self.update(dict.fromkeys(self, False))

    def __reduce__(self) -> tuple[Any, ...]:
        return _common, (self.name,)


def _common(name: str) -> _Iterables:
    return {"CONTAINERS": CONTAINERS, "ITERABLES": ITERABLES}[name]


@dataclass(frozen=True)
class Slot:
    """What stands at a probe.

    Attributes:
        limit: the iterations that CPython runs before the hook is called.
        hook: called as the hook protocol says, or builtin code whose answers may have other statuses too.
        leave: called with an answer whose status is not one of 0 to 3, and with the hook's arguments; its answer
            takes the place of that one.
        containers, iterables: over which types the loop may be probed, when its header names the iterable or makes it.
    """

    limit: SupportsIndex
    hook: Callable[..., Answer]
    leave: Callable[..., Answer] = passed
    containers: _Iterables = CONTAINERS
    iterables: _Iterables = ITERABLES


_CONSTANTS: dict[str, Any] = {
    "ITER": iter, "ISLICE": itertools.islice, "REPEAT": itertools.repeat, "CLASS": type,
    "RANGE": range, **{name.upper(): function for name, function in CONSUMERS.items()},
    "BASE_EXC": BaseException, "NAME_ERROR": NameError, "UNBOUND": UNBOUND, "GLOBALS": globals,
}  # fmt: skip
_MARK = "\0zexus"


# The rewritten loops. Capitals with a leading underscore are constants; other names with a leading underscore are
# hidden variables; __NAME__ stands for syntax of the user's. A constant is called through a hidden variable, as
# the compiler warns of calls of literals.

# The commonest types come first; others are looked up, but for classes that might define how they are hashed.
_FOR = """
_s = 1
_src = __XS__
_it = (_h := _CLASS)(_src)
if _it is (_h := _LIST) or _it is (_h := _RANGE) or (_h := _CLASS)(_it) is _h and (_h := __TYPES__)[_it]:
    _it = (_h := _ITER)(_src)
    _src = (_h := _ISLICE)(_it, _LIMIT)
else:
    _it = None
"""

_FOR_PHASES = """
while True:
    for __TARGET__ in (_src, _src := None)[0]:
        __BODY__
    else:
        _s = 0
        if _it is not None:
            __HOOK__
            if _s == 3:
                if _src is None:
                    _src, _it = _it, None
                continue
    break
"""

_WHILE = """
_s = 1
_src = (_h := _REPEAT)(None, _LIMIT)
"""

_WHILE_PHASES = """
while True:
    for _h in (_src, _src := None)[0]:
        if not __TEST__:
            _s = 0
            break
        __BODY__
    else:
        __HOOK__
        if _s == 3:
            __GO_ON__
    break
"""

_GO_ON_INNERMOST = """
if _src is not None:
    continue
while __TEST__:
    __COPY__
else:
    _s = 0
"""

_GO_ON_OUTER = """
if _src is None:
    _src = (_h := _REPEAT)(None)
continue
"""

_HOOK = """
try:
    _r = (_h := _HOOK)(__ARGUMENTS__)
    _s = _r[0]
    if _s > 3 or _s < 0:
        __LEAVE__
        _s = _r[0]
except _BASE_EXC:
    (_h := _FIX)()
    raise
_src = _r[1]
__RESULTS__
_r = _h = None
if _s == 4:
    try:
        raise (_src, _src := None)[0]
    except _BASE_EXC:
        (_h := _FIX)()
        raise
"""

_LEAVE = """
_r = (_h := _LEAVE)(_r, __ARGUMENTS__)
"""

_RESULT = """
if _r[__INDEX__] is not (_h := _UNBOUND):
    __RESULT__ = _r[__INDEX__]
"""

_PARAMETER = """
try:
    __HIDDEN__ = __NAME__
except _NAME_ERROR:
    __HIDDEN__ = _UNBOUND
"""

_ENTRY = """
try:
    _r = (_h := _HOOK)(__ARGUMENTS__)
except _BASE_EXC:
    (_h := _FIX)()
    raise
if _r[0] == 2:
    return _r[1]
_r = _h = None
"""

# A comprehension's frame is shown in tracebacks.
_SHOWN = """
try:
    __LOOP__
except _BASE_EXC:
    (_h := _FIX)(__SHOWN__)
    raise
"""

_CLEANUP = """
try:
    __PHASES__
finally:
    _it = None
"""

_MODULE_CLEANUP = """
_it = _r = _h = None
__PREPARE__
try:
    __PHASES__
except _BASE_EXC:
    __CLEAR__
    raise
"""

_HIDDEN = ("s", "it", "r", "h", "src")
_FIX = f"{_MARK} fix"


class _Fill(ast.NodeTransformer):
    """Fills a template: hidden names and constants get their site's own names, syntax is spliced in."""

    def __init__(self, site: LoopSite, plan: _Plan, splices: Mapping[str, Any]) -> None:
        self._site = site.index
        self._depth = plan.depths[site.index]
        self._part = plan.part
        self._splices = splices

    def visit_Name(self, node: ast.Name) -> Any:
        name = node.id
        if name.startswith("__"):
            return self._splices[name.strip("_")]
        if name in ("_LIMIT", "_HOOK", "_LEAVE"):
            return ast.Constant(f"{_MARK} {self._part} {name[1:]} {self._site}")
        if name[1:].isupper():
            return ast.Constant(f"{_MARK} {name[1:]}" if name != "_FIX" else _FIX)
        return ast.Name(hidden(name[1:], self._depth), node.ctx)

    def visit_Expr(self, node: ast.Expr) -> Any:
        if isinstance(node.value, ast.Name):
            return self._splices[node.value.id.strip("_")]
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        match node.args:
            case [*first, ast.Name(id="__ARGUMENTS__")]:
                given = [*map(self.visit, first), *self._splices["ARGUMENTS"]]
                return ast.Call(self.visit(node.func), given, [])
        return self.generic_visit(node)


def hidden(name: str, depth: int) -> str:
    """A variable that no Python text can name; loops that do not stand in each other share theirs."""
    return f".{name}{depth}"


@dataclass(frozen=True, eq=False)
class _Plan:
    """Which probes one function gets.

    Attributes:
        node: the function, with its comprehensions as loops; or a module.
        part: the number by which its placeholders are told from those of other functions.
        sites: its loops by their statement.
        entry: the entry of the function, when that is probed.
        in_module: whether the loops stand at the top level of a module.
        values: whether its `return` may carry a value.
        depths: in how many other loops each loop stands.
    """

    node: FunctionNode | ast.Module
    part: int
    sites: Mapping[ast.AST, LoopSite]
    entry: LoopSite | None
    in_module: bool
    values: bool
    depths: Mapping[int, int]


def _plan(node: FunctionNode | ast.Module, sites: Sequence[LoopSite], probed: frozenset[int], part: int) -> _Plan:
    chosen = [site for site in sites if site.index in probed]
    loops: dict[ast.AST, LoopSite] = {site.node: site for site in chosen if site.kind != "function"}
    entry = next((site for site in chosen if site.kind == "function"), None)
    generator = any(isinstance(inner, ast.Yield) for inner in own_nodes(body_of(node)))
    values = not (isinstance(node, ast.AsyncFunctionDef) and generator)
    depths = {site.index: _depth(sites, site.index) for site in sites}
    return _Plan(node, part, loops, entry, isinstance(node, ast.Module), values, depths)


def _depth(sites: Sequence[LoopSite], index: int) -> int:
    parent = sites[index].parent
    return 0 if parent is None else _depth(sites, parent) + 1


class _Rewriter:
    """Copies a tree as far as it changes; everything else is shared with the user's tree."""

    def __init__(self, plans: Mapping[ast.AST, _Plan]) -> None:
        self._plans = plans

    def function(self, node: Any) -> Any:
        """A copy of a function or module with its probes, and those of the functions in it."""
        plan = self._plans.get(node)
        new = self._copied(node if plan is None else plan.node, plan)
        if plan is not None and plan.entry is not None:
            documented = 1 if ast.get_docstring(node, clean=False) is not None else 0
            new = _copy(new) if new is node else new
            new.body = [*new.body[:documented], *self._entry(plan, plan.entry), *new.body[documented:]]
        return new

    def _visit(self, node: Any, plan: _Plan | None) -> Any:
        if isinstance(node, ast.expr):
            return node
        if isinstance(node, FUNCTIONS):
            return self.function(node)
        if isinstance(node, Unfolded):
            return self._unfolded(node, plan)
        if plan is not None and hasattr(node, "shown"):
            made = self._loop(node, plan, plan.sites[node]) if node in plan.sites else [self._copied(node, plan)]
            site = next(iter(plan.sites.values()))
            return _placed(self._fill(_SHOWN, plan, site, {"LOOP": made, "SHOWN": ast.Constant(node.shown)}), node)
        if plan is not None and node in plan.sites:
            return self._loop(node, plan, plan.sites[node])
        return self._copied(node, None if isinstance(node, ast.ClassDef) else plan)

    def _copied(self, node: Any, plan: _Plan | None) -> Any:
        changes: dict[str, Any] = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                new = self._statements(value, plan)
                if len(new) != len(value) or any(map(_differ, new, value)):
                    changes[name] = new
        if not changes:
            return node
        copy = _copy(node)
        for name, value in changes.items():
            setattr(copy, name, value)
        return copy

    def _statements(self, nodes: Sequence[Any], plan: _Plan | None) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            new = self._visit(node, plan) if isinstance(node, ast.AST) else node
            found += new if isinstance(new, list) else [new]
        return found

    def _unfolded(self, node: Unfolded, plan: _Plan | None) -> list[ast.stmt]:
        """The loops of a statement's comprehensions if one of them is probed, else the statement as it was."""
        if plan is None or plan.sites.keys().isdisjoint(ast.walk(node)):
            return [node.original]
        body = self._statements(node.body, plan)
        if not node.names:
            return body
        site = next(site for loop, site in plan.sites.items() if loop in set(ast.walk(node)))
        held = ast.Name(hidden("h", plan.depths[site.index]), ast.Store())
        tests = [
            ast.Compare(
                ast.Name(name, ast.Load()), [ast.Is()],
                [ast.NamedExpr(held, ast.Constant(f"{_MARK} {name.upper()}"))],
            )
            for name in node.names
        ]  # fmt: skip
        return _placed([ast.If(ast.BoolOp(ast.And(), [*tests, ast.Constant(True)]), body, [node.original])], node)

    def _loop(self, node: Any, plan: _Plan, site: LoopSite) -> list[ast.stmt]:
        splices: dict[str, Any] = {"BODY": self._statements(node.body, plan), "HOOK": self._hook(plan, site)}
        if isinstance(node, ast.For):
            # CPython itself iterates over a tuple when the header shows a list.
            items: ast.expr = node.iter
            if isinstance(items, ast.List) and not any(isinstance(item, ast.Starred) for item in items.elts):
                items = ast.copy_location(ast.Tuple(items.elts, ast.Load()), items)
            # An iterator that has a name may be drawn from by others too; one made in the header may not.
            table = "ITERABLES" if _makes_iterator(items) else "CONTAINERS"
            types_ = ast.Constant(f"{_MARK} {plan.part} {table} {site.index}")
            prepare = self._fill(_FOR, plan, site, {"XS": items, "TYPES": types_})
            phases = self._fill(_FOR_PHASES, plan, site, splices | {"TARGET": node.target})
        else:
            # The later phase of an innermost loop is the user's own loop: counting costs as much as a short body.
            innermost = not any(isinstance(inner, (ast.For, ast.While)) for inner in own_nodes(node.body))
            text = _GO_ON_INNERMOST if innermost else _GO_ON_OUTER
            go_on = self._fill(text, plan, site, {"TEST": node.test, "COPY": node.body})
            prepare = self._fill(_WHILE, plan, site, {})
            phases = self._fill(_WHILE_PHASES, plan, site, splices | {"TEST": node.test, "GO_ON": go_on})
        repeated: Any = phases[0]
        inner = repeated.body[0]
        if plan.in_module:
            parts = {"PREPARE": prepare, "PHASES": phases, "CLEAR": _deleted(plan.depths[site.index])}
            whole = self._fill(_MODULE_CLEANUP, plan, site, parts)
        elif isinstance(node, ast.For):
            whole = prepare + self._fill(_CLEANUP, plan, site, {"PHASES": phases})
        else:
            whole = prepare + phases
        _placed(whole + (behind := self._behind(node, plan, site)), node)
        if isinstance(node, ast.For):
            # The inner loop raises where the user's would.
            ast.copy_location(inner, node)
            for part in ast.walk(inner.iter):
                if "lineno" in part._attributes:
                    ast.copy_location(part, node.iter)
        return whole + behind

    def _behind(self, node: Any, plan: _Plan, site: LoopSite) -> list[ast.stmt]:
        depth = plan.depths[site.index]
        status, value = hidden("s", depth), hidden("src", depth)
        orelse = self._statements(node.orelse, plan)
        if plan.in_module:
            clear = _deleted(depth)
            return [ast.If(_equals(status, 0), [*clear, *orelse], clear)] if orelse else clear
        after: list[ast.stmt] = []
        if any(isinstance(inner, ast.Return) for inner in own_nodes(node.body)):
            answer = ast.Return(ast.Name(value, ast.Load()) if plan.values else None)
            after.append(ast.If(_equals(status, 2), [answer], []))
        if orelse:
            after.append(ast.If(_equals(status, 0), orelse, []))
        return after

    def _hook(self, plan: _Plan, site: LoopSite) -> list[ast.stmt]:
        prepared, arguments = self._arguments(plan, site)
        results: list[ast.stmt] = []
        for position, name in enumerate(site.results):
            splices = {"INDEX": ast.Constant(position + 2), "RESULT": ast.Name(name, ast.Store())}
            results += self._fill(_RESULT, plan, site, splices)
        iterator: ast.expr = ast.Constant(None)
        if site.kind == "for":
            iterator = ast.Name(hidden("it", plan.depths[site.index]), ast.Load())
        again, same = self._arguments(plan, site)
        leave = again + self._fill(_LEAVE, plan, site, {"ARGUMENTS": [iterator, *same]})
        given = {"ARGUMENTS": [iterator, *arguments], "LEAVE": leave, "RESULTS": results}
        return prepared + self._fill(_HOOK, plan, site, given)

    def _entry(self, plan: _Plan, site: LoopSite) -> list[ast.stmt]:
        prepared, arguments = self._arguments(plan, site)
        assert isinstance(site.node, ast.FunctionDef)
        first = site.node.body[0]
        return _placed(prepared + self._fill(_ENTRY, plan, site, {"ARGUMENTS": arguments}), first)

    def _arguments(self, plan: _Plan, site: LoopSite) -> tuple[list[ast.stmt], list[ast.expr]]:
        prepared: list[ast.stmt] = []
        arguments: list[ast.expr] = []
        for name in site.params:
            if plan.in_module:
                arguments.append(_global_or_unbound(name, plan.depths[site.index]))
            elif name in site.unsure:
                kept = hidden(f"p.{name}.", plan.depths[site.index])
                splices = {"HIDDEN": ast.Name(kept, ast.Store()), "NAME": ast.Name(name, ast.Load())}
                prepared += self._fill(_PARAMETER, plan, site, splices)
                # Read and forgotten at once: the frame must not keep the value alive.
                arguments.append(_taken(kept))
            else:
                arguments.append(ast.Name(name, ast.Load()))
        if site.captured:
            arguments.append(_cells(site.captured))
        return prepared, arguments

    def _fill(self, text: str, plan: _Plan, site: LoopSite, splices: Mapping[str, Any]) -> list[ast.stmt]:
        fill = _Fill(site, plan, splices)
        found: list[ast.stmt] = []
        for statement in _parsed(text):
            new = fill.visit(statement)
            found += new if isinstance(new, list) else [new]
        return found


def may_share(site: LoopSite) -> bool:
    """Whether the iterator of a loop may be known to others: the function that made it need not be the builtin."""
    return isinstance(site.node, ast.For) and _makes_iterator(site.node.iter)


def _makes_iterator(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("enumerate", "zip", "reversed")
    )


def _differ(left: Any, right: Any) -> bool:
    return left is not right


def _copy(node: Any) -> Any:
    new = type(node)(**dict(ast.iter_fields(node)))
    return ast.copy_location(new, node) if "lineno" in node._attributes else new


def _parsed(template: str) -> list[ast.stmt]:
    """A template's statements, without places: those come from the user's loop."""
    tree = ast.parse(template)
    for part in ast.walk(tree):
        for name in part._attributes:
            delattr(part, name)
    return tree.body


def _placed(statements: list[ast.stmt], like: Any) -> list[ast.stmt]:
    """Give everything new the place of the loop's header."""
    header = like.iter if isinstance(like, ast.For) else like.test if isinstance(like, ast.While) else like
    at = {
        "lineno": like.lineno, "col_offset": like.col_offset,
        "end_lineno": header.end_lineno, "end_col_offset": header.end_col_offset,
    }  # fmt: skip
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop()
        if "lineno" in node._attributes:
            if hasattr(node, "lineno"):
                continue
            for name, value in at.items():
                setattr(node, name, value)
        waiting += ast.iter_child_nodes(node)
    return statements


def _equals(name: str, value: int) -> ast.expr:
    return ast.Compare(ast.Name(name, ast.Load()), [ast.Eq()], [ast.Constant(value)])


def _deleted(depth: int) -> list[ast.stmt]:
    return [ast.Delete([ast.Name(hidden(name, depth), ast.Del()) for name in _HIDDEN])]


def _taken(name: str) -> ast.expr:
    pair = ast.Tuple(
        [ast.Name(name, ast.Load()), ast.NamedExpr(ast.Name(name, ast.Store()), ast.Constant(None))], ast.Load()
    )
    return ast.Subscript(pair, ast.Constant(0), ast.Load())


def _global_or_unbound(name: str, depth: int) -> ast.expr:
    """A module's variable by name; other code may have deleted it, and a builtin must not be taken for it."""
    spaces = ast.NamedExpr(ast.Name(hidden("h", depth), ast.Store()), ast.Constant(f"{_MARK} GLOBALS"))
    get = ast.Attribute(ast.Call(spaces, [], []), "get", ast.Load())
    return ast.Call(get, [ast.Constant(name), ast.Constant(f"{_MARK} UNBOUND")], [])


def _cells(names: tuple[str, ...]) -> ast.expr:
    """The cells of captured variables: those of a function that names them, in the order of their names."""
    arguments = ast.arguments([], [], None, [], [], None, [])
    capture = ast.Lambda(arguments, ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load()))
    return ast.Attribute(capture, "__closure__", ast.Load())


# Code objects.


@dataclass(frozen=True, eq=False)
class Template:
    """A code object whose probes wait for their hooks.

    Attributes:
        raw: the code object, placeholders among its constants.
        probed: indices of the sites that have a probe.
    """

    raw: types.CodeType
    probed: frozenset[int]
    _places: tuple[tuple[int, str, int], ...] = field(repr=False)
    _constants: tuple[Any, ...] = field(repr=False)

    def code(
        self,
        slots: Mapping[int, Slot],
        fix: Callable[..., object],
        nested: Mapping[types.CodeType, types.CodeType] | None = None,
    ) -> types.CodeType:
        """The code object with hooks in place.

        Args:
            slots: by index of the site; every probed site needs one.
            fix: called when an exception leaves a hook, or the loop of a comprehension.
            nested: code objects of nested functions to be exchanged, by identity of the template's own ones.
        """
        constants = list(self._constants)
        for position, what, site in self._places:
            constants[position] = fix if what == "FIX" else getattr(slots[site], what.lower())
        code = self.raw.replace(co_consts=tuple(constants))
        return substitute(code, nested) if nested else code


def _template(code: types.CodeType, part: int, probed: frozenset[int], sites: Sequence[LoopSite]) -> Template:
    places: list[tuple[int, str, int]] = []
    constants = list(code.co_consts)
    for position, constant in enumerate(code.co_consts):
        if not isinstance(constant, str) or not constant.startswith(_MARK):
            continue
        words = constant[len(_MARK):].split()
        if constant == _FIX:
            places.append((position, "FIX", -1))
        elif len(words) == 1:
            constants[position] = _CONSTANTS[words[0]]
        else:
            assert int(words[0]) == part
            places.append((position, words[1], int(words[2])))
    hooks = [site for _, what, site in places if what == "HOOK"]
    # A probe in code that can never run, which the compiler leaves out, is no probe; it may leave out a part only.
    probed = probed.intersection(hooks)
    for position, what, site in places:
        if site not in probed and what != "FIX":
            constants[position] = None
    places = [place for place in places if place[2] in probed or place[1] == "FIX"]
    limits = [site for _, what, site in places if what == "LIMIT"]
    counted = {site.index for site in sites if site.index in probed and site.kind != "function"}
    assert len(hooks) == len(probed) and sorted(limits) == sorted(counted), "the compiler merged placeholders"
    return Template(code, probed, tuple(places), tuple(constants))


def substitute(code: types.CodeType, changes: Mapping[types.CodeType, types.CodeType]) -> types.CodeType:
    """`code` with nested code objects exchanged, at any depth; `code` itself when none is found.

    Args:
        code: where to look.
        changes: new code objects by old one. Only the very same object counts, not an equal one.
    """
    return _substituted(code, {id(old): new for old, new in changes.items()})


def _substituted(code: types.CodeType, changes: Mapping[int, types.CodeType]) -> types.CodeType:
    constants = tuple(
        changes.get(id(constant)) or _substituted(constant, changes)
        if isinstance(constant, types.CodeType)
        else constant
        for constant in code.co_consts
    )
    return code.replace(co_consts=constants) if any(map(_differ, constants, code.co_consts)) else code


def instrument(source: FunctionSource, sites: Sequence[LoopSite], probed: frozenset[int]) -> Template:
    """Rewrite one function with probes at some of its sites; functions nested in it stay as they are.

    Args:
        source: the function.
        sites: all its sites.
        probed: indices of those that get a probe. Refused ones, and loops nested deeper than the compiler
            allows with probes, go without; `Template.probed` tells.
    """
    wanted = frozenset(site.index for site in sites if site.index in probed and site.refusal is None)
    while True:
        rewriter = _Rewriter({source.node: _plan(source.scope.node, sites, wanted, 0)})
        try:
            code = source.compile(rewriter.function(source.node))
        except SyntaxError:
            if not wanted:
                raise
            wanted = _shallower(sites, wanted)
            continue
        return _template(code, 0, wanted, sites)


def _shallower(sites: Sequence[LoopSite], probed: frozenset[int]) -> frozenset[int]:
    """`probed` without its most deeply nested sites: CPython limits how deep blocks nest."""

    deepest = max((_depth(sites, index) for index in probed), default=0)
    return frozenset(index for index in probed if _depth(sites, index) < deepest)


# Modules.


@dataclass(frozen=True, eq=False)
class Part:
    """One function of a module, or the module itself, with its probes.

    Attributes:
        index: its position in `ModuleTemplate.parts`.
        source: what it was compiled from.
        sites: its loops.
        template: its code object; nested functions' placeholders are not filled in it.
        parent: index of the enclosing part.
    """

    index: int
    source: FunctionSource | ModuleSource
    sites: tuple[LoopSite, ...]
    template: Template
    parent: int | None


@dataclass(frozen=True, eq=False)
class ModuleTemplate:
    """A module whose top-level loops and whose functions' loops are probed.

    Attributes:
        source: the module.
        parts: the module itself, then every function that has sites or encloses one that has, in source order.
    """

    source: ModuleSource
    parts: tuple[Part, ...]

    def codes(
        self, slots: Mapping[int, Mapping[int, Slot]], fix: Callable[..., object]
    ) -> tuple[types.CodeType, ...]:
        """The code object of every part, each holding those nested in it; the first one is the module's.

        Args:
            slots: by part, then by site.
            fix: called when an exception leaves a hook, or the loop of a comprehension.
        """
        made: dict[int, types.CodeType] = {}
        for part in reversed(self.parts):
            made[part.index] = self._made(part, made, slots.get(part.index, {}), fix)
        return tuple(made[part.index] for part in self.parts)

    def recoded(
        self,
        codes: Sequence[types.CodeType],
        index: int,
        slots: Mapping[int, Mapping[int, Slot]],
        fix: Callable[..., object],
    ) -> tuple[types.CodeType, ...]:
        """`codes` with new code objects for one part and those that enclose it; all others stay the same objects."""
        made = dict(enumerate(codes))
        position: int | None = index
        while position is not None:
            part = self.parts[position]
            made[position] = self._made(part, made, slots.get(position, {}), fix)
            position = part.parent
        return tuple(made[part.index] for part in self.parts)

    def reprobed(self, index: int, probed: frozenset[int]) -> ModuleTemplate:
        """The same module with other probes in one part. Parts keep their indices."""
        chosen = {part.index: part.template.probed for part in self.parts}
        return instrument_module(self.source, {**chosen, index: probed})

    @functools.cached_property
    def _children(self) -> Mapping[int | None, list[Part]]:
        children: dict[int | None, list[Part]] = {}
        for part in self.parts:
            children.setdefault(part.parent, []).append(part)
        return children

    def _made(
        self, part: Part, made: Mapping[int, types.CodeType], slots: Mapping[int, Slot], fix: Callable[..., object]
    ) -> types.CodeType:
        nested = {id(child.template.raw): made[child.index] for child in self._children.get(part.index, ())}
        return _substituted(part.template.code(slots, fix), nested)


def instrument_module(source: ModuleSource, probed: Mapping[int, frozenset[int]] | None = None) -> ModuleTemplate:
    """Rewrite a whole module.

    Args:
        source: the module.
        probed: by part the sites that get a probe; every site that is not refused where a part is not named.
    """
    found = list(_parts(source))
    chosen: list[frozenset[int]] = []
    for index, (_, sites, _) in enumerate(found):
        allowed = frozenset(site.index for site in sites if site.refusal is None)
        chosen.append(allowed if probed is None else allowed & probed.get(index, allowed))
    while True:
        plans: dict[ast.AST, _Plan] = {
            _node(part): _plan(part.scope.node, sites, chosen[index], index)
            for index, (part, sites, _) in enumerate(found)
            if chosen[index]
        }
        try:
            code = compile(_Rewriter(plans).function(source.tree), source.filename, "exec", dont_inherit=True)
            break
        except SyntaxError:
            if not any(chosen):
                raise
            chosen = [_shallower(sites, own) for (_, sites, _), own in zip(found, chosen, strict=True)]
    if source.name != "<module>":
        code = code.replace(co_name=source.name, co_qualname=source.name)
    codes = {(nested.co_qualname, nested.co_firstlineno): nested for nested in _nested(code)}
    parts: list[Part] = []
    for index, (part, sites, parent) in enumerate(found):
        if isinstance(part, ModuleSource):
            template = _template(code, index, chosen[index], sites)
        elif (own := codes.get((part.scope.qualname, part.first_line))) is not None:
            template = _template(own, index, chosen[index], sites)
        else:
            # Code that can never run, which the compiler left out.
            template = instrument(part, sites, chosen[index])
        parts.append(Part(index, part, sites, template, parent))
    return ModuleTemplate(source, tuple(parts))


def _node(source: FunctionSource | ModuleSource) -> FunctionNode | ast.Module:
    return source.tree if isinstance(source, ModuleSource) else source.node


def _parts(
    source: ModuleSource,
) -> Iterator[tuple[FunctionSource | ModuleSource, tuple[LoopSite, ...], int | None]]:
    """The module and its functions worth a part, with their sites and the number of the part around them."""
    sites = {function.node: loop_sites(function.scope) for function in source.functions}
    wanted = {node for node, own in sites.items() if own}
    for function in source.functions:
        if function.node in wanted:
            wanted.update(around for around in function.enclosing if isinstance(around, FUNCTIONS))
    yield source, loop_sites(source.scope), None
    numbers: dict[ast.AST, int] = {}
    for function in source.functions:
        if function.node not in wanted:
            continue
        around = [numbers[node] for node in function.enclosing if node in numbers]
        numbers[function.node] = len(numbers) + 1
        yield function, sites[function.node], around[-1] if around else 0


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _nested(constant)
