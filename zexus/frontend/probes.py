"""Loop probes: rewrites functions so that their loops hand over to hooks."""

from __future__ import annotations

import ast
import operator
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from zexus.frontend import fragments, unseen
from zexus.frontend.consumers import IMPORTED
from zexus.frontend.consumption import Consumption
from zexus.frontend.fragments import HIDDEN, MARK, Place, fill, hidden
from zexus.frontend.given import given
from zexus.frontend.scopes import COMPREHENSIONS, FUNCTIONS, FunctionNode, body_of, children, own_nodes
from zexus.frontend.sites import LoopSite
from zexus.frontend.unfold import Unfolded
from zexus.frontend.unseen import Unseen
from zexus.records import dataclass

# What is not to stand twice in a function: other loops, whose copies would have probes of their own, and functions.
_UNIQUE = (ast.For, ast.AsyncFor, ast.While, *FUNCTIONS, ast.ClassDef, *COMPREHENSIONS)


@dataclass(frozen=True, eq=False)
class Plan:
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

    def place(self, site: LoopSite) -> Place:
        """Where the fragments around a loop are put."""
        return Place(self.part, site.index, self.depths[site.index])


def planned(node: FunctionNode | ast.Module, sites: Sequence[LoopSite], probed: frozenset[int], part: int) -> Plan:
    """The plan of one function or module, whose tree `node` is, for probes at some of its sites."""
    chosen = [site for site in sites if site.index in probed]
    loops: dict[ast.AST, LoopSite] = {site.node: site for site in chosen if site.kind != "function"}
    entry = next((site for site in chosen if site.kind == "function"), None)
    generator = any(isinstance(inner, ast.Yield) for inner in own_nodes(body_of(node)))
    values = not (isinstance(node, ast.AsyncFunctionDef) and generator)
    depths = {site.index: depth_of(sites, site.index) for site in sites}
    return Plan(node, part, loops, entry, isinstance(node, ast.Module), values, depths)


def depth_of(sites: Sequence[LoopSite], index: int) -> int:
    """In how many other loops one stands."""
    parent = sites[index].parent
    return 0 if parent is None else depth_of(sites, parent) + 1


class Rewriter:
    """Copies a tree as far as it changes; everything else is shared with the user's tree."""

    def __init__(self, plans: Mapping[ast.AST, Plan],
                 left_out: Mapping[ast.AST, Unseen] = MappingProxyType({})) -> None:
        self._plans, self._left_out = plans, left_out
        self._written_out = 0  # in how many statements that are loops only in the second tree

    def function(self, node: Any) -> Any:
        """A copy of a function or module with its probes, and those of the functions in it."""
        if node in self._left_out:
            return _begun(node, _placed([unseen.told(self._left_out[node])], node.body[0]))
        plan = self._plans.get(node)
        new = self._copied(node if plan is None else plan.node, plan)
        if plan is not None and plan.entry is not None:
            new = _begun(new, self._entry(plan, plan.entry))
        return new

    def _visit(self, node: Any, plan: Plan | None) -> Any:
        if isinstance(node, ast.expr):
            return node
        if isinstance(node, FUNCTIONS):
            return self.function(node)
        if isinstance(node, Unfolded):
            return self._unfolded(node, plan)
        if isinstance(node, Consumption) and plan is not None:
            return self._consumption(node, plan)
        if plan is not None and hasattr(node, "shown"):
            made = self._loop(node, plan, plan.sites[node]) if node in plan.sites else [self._copied(node, plan)]
            site = next(iter(plan.sites.values()))
            splices = {"LOOP": made, "SHOWN": ast.Constant(node.shown)}
            return _placed(fill(fragments.SHOWN, plan.place(site), splices), node)
        if plan is not None and node in plan.sites:
            return self._probed(node, plan, plan.sites[node])
        return self._copied(node, None if isinstance(node, ast.ClassDef) else plan)

    def _copied(self, node: Any, plan: Plan | None) -> Any:
        changes: dict[str, Any] = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                new = self._statements(value, plan)
                if len(new) != len(value) or any(map(operator.is_not, new, value)):
                    changes[name] = new
        if not changes:
            return node
        copy = _copy(node)
        for name, value in changes.items():
            setattr(copy, name, value)
        return copy

    def _statements(self, nodes: Sequence[Any], plan: Plan | None) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            new = self._visit(node, plan) if isinstance(node, ast.AST) else node
            found += new if isinstance(new, list) else [new]
        return found

    def _unfolded(self, node: Unfolded, plan: Plan | None) -> list[ast.stmt]:
        """The loops of a statement's comprehensions if one of them is probed, else the statement as it was."""
        if plan is None or plan.sites.keys().isdisjoint(ast.walk(node)):
            return [node.original]
        self._written_out += 1
        body = self._statements(node.body, plan)
        self._written_out -= 1
        if not node.names:
            return body
        inside = set(ast.walk(node))
        probed = [site for loop, site in plan.sites.items() if loop in inside]
        alive = ast.BoolOp(ast.Or(), [ast.Constant(False), *(_alive(plan, site) for site in probed)])
        tests = [_means(name, plan.depths[probed[0].index]) for name in node.names]
        return _placed([ast.If(ast.BoolOp(ast.And(), [alive, *tests]), body, [node.original])], node)

    def _consumption(self, node: Consumption, plan: Plan) -> list[ast.stmt]:
        """A loop over what was made where that is a generator, if the loop is probed, else the call as it was."""
        site = next((plan.sites[loop] for loop in node.choice.body if loop in plan.sites), None)
        if site is None:
            return [node.plain]
        self._written_out += 1
        body, orelse = self._statements(node.choice.body, plan), node.choice.orelse
        self._written_out -= 1
        text = fragments.IS_PLAIN if node.exact else fragments.IS_ITERABLE
        text, names = (fragments.IS_GENERATOR, [node.made]) if node.made else (text, node.sources)
        tests: list[Any] = [fill(text, plan.place(site), {"VALUE": ast.Name(name, ast.Load())})[0] for name in names]
        alive = _alive(plan, site)
        fits = ast.BoolOp(ast.And(), [alive, node.choice.test, *(test.value for test in tests)])
        splices = {"FITS": fits, "BODY": body, "ELSE": orelse}
        return [*node.body[:-1], *_placed(fill(fragments.CONSUMPTION, plan.place(site), splices), node)]

    def _probed(self, node: Any, plan: Plan, site: LoopSite) -> list[ast.stmt]:
        """A loop with its probe; beside it, where that is short, the loop as it was."""
        loop = self._loop(node, plan, site)
        if self._written_out or any(isinstance(inner, _UNIQUE) for inner in ast.walk(node) if inner is not node):
            return loop
        return _placed(fill(fragments.ALIVE, plan.place(site), {"PROBED": loop, "PLAIN": [node]}), node)

    def _loop(self, node: Any, plan: Plan, site: LoopSite) -> list[ast.stmt]:
        splices: dict[str, Any] = {"BODY": self._statements(node.body, plan), "HOOK": self._hook(plan, site)}
        if isinstance(node, ast.For):
            # CPython itself iterates over a tuple when the header shows a list.
            items: ast.expr = node.iter
            if isinstance(items, ast.List) and not any(isinstance(item, ast.Starred) for item in items.elts):
                items = ast.copy_location(ast.Tuple(items.elts, ast.Load()), items)
            # An iterator that has a name may be drawn from by others too; one made in the header may not.
            table = "CONTAINERS"
            if site.makes_iterator:
                table = "ITERABLES"
            if isinstance(items, ast.Name) and hasattr(items, "given"):
                items = _taken(items.id)
            types_ = ast.Constant(f"{MARK} {plan.part} {table} {site.index}")
            # Where the interpreter says that an iterator is made.
            begun: Any = fill(fragments.BEGUN, plan.place(site), {})[0]
            _located(begun, getattr(node, "drawn", node.iter) if sys.version_info >= (3, 13) else node)
            begin = fill(fragments.FOR_BEGIN, plan.place(site), {"TYPES": types_, "BEGUN": begun.value})
            if not site.is_beside_call:
                begin = fill(fragments.IN_TURN, plan.place(site), {"BEGIN": begin})
            prepare = fill(fragments.FOR, plan.place(site), {"XS": items, "BEGIN": begin})
            phases = fill(fragments.FOR_PHASES, plan.place(site), splices | {"TARGET": node.target})
        else:
            # The later phase of an innermost loop is the user's own loop: counting costs as much as a short body.
            innermost = not any(isinstance(inner, (ast.For, ast.While)) for inner in own_nodes(node.body))
            text = fragments.GO_ON_INNERMOST if innermost else fragments.GO_ON_OUTER
            go_on = fill(text, plan.place(site), {"TEST": node.test, "COPY": node.body})
            prepare = fill(fragments.WHILE, plan.place(site), {})
            phases = fill(fragments.WHILE_PHASES, plan.place(site), splices | {"TEST": node.test, "GO_ON": go_on})
        repeated: Any = phases[0]
        inner = repeated.body[0]
        if plan.in_module:
            parts = {"PREPARE": prepare, "PHASES": phases, "CLEAR": _deleted(plan.depths[site.index])}
            whole = fill(fragments.MODULE_CLEANUP, plan.place(site), parts)
        elif isinstance(node, ast.For):
            whole = prepare + fill(fragments.CLEANUP, plan.place(site), {"PHASES": phases})
        else:
            whole = prepare + phases
        _placed(whole + (behind := self._behind(node, plan, site)), node)
        _set_apart(prepare, node)
        if isinstance(node, ast.For):
            # The inner loop raises where the user's would.
            ast.copy_location(inner, node)
            _located(inner.iter, getattr(node, "drawn", node.iter))
        return whole + behind

    def _behind(self, node: Any, plan: Plan, site: LoopSite) -> list[ast.stmt]:
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

    def _hook(self, plan: Plan, site: LoopSite) -> list[ast.stmt]:
        prepared, arguments = self._arguments(plan, site)
        results: list[ast.stmt] = []
        for position, name in enumerate(site.results):
            splices = {"INDEX": ast.Constant(position + 2), "RESULT": ast.Name(name, ast.Store())}
            results += fill(fragments.RESULT, plan.place(site), splices)
        iterator: ast.expr = ast.Constant(None)
        if site.kind == "for":
            iterator = ast.Name(hidden("it", plan.depths[site.index]), ast.Load())
        again, same = self._arguments(plan, site)
        leave = again + fill(fragments.LEAVE, plan.place(site), {"ARGUMENTS": [iterator, *same]})
        text, parts = fragments.HOOK, {"ARGUMENTS": [iterator, *arguments], "LEAVE": leave, "RESULTS": results}
        if site.spent is not None:
            spent: Any = ast.Attribute(given(site.spent), "n", ast.Store())
            text, parts = fragments.TIMED_HOOK, {**parts, "SPENT": spent}
        return prepared + fill(text, plan.place(site), parts)

    def _entry(self, plan: Plan, site: LoopSite) -> list[ast.stmt]:
        prepared, arguments = self._arguments(plan, site)
        assert isinstance(site.node, ast.FunctionDef)
        first = site.node.body[0]
        parts = {"PREPARE": prepared, "ARGUMENTS": arguments}
        return _placed(fill(fragments.ENTRY, plan.place(site), parts), first)

    def _arguments(self, plan: Plan, site: LoopSite) -> tuple[list[ast.stmt], list[ast.expr]]:
        prepared: list[ast.stmt] = []
        arguments: list[ast.expr] = []
        for name in site.params:
            if plan.in_module:
                arguments.append(_global_or_unbound(name, plan.depths[site.index]))
            elif name in site.unsure:
                kept = hidden(f"p.{name}.", plan.depths[site.index])
                splices = {"HIDDEN": ast.Name(kept, ast.Store()), "NAME": ast.Name(name, ast.Load())}
                prepared += fill(fragments.PARAMETER, plan.place(site), splices)
                # Read and forgotten at once: the frame must not keep the value alive.
                arguments.append(_taken(kept))
            else:
                arguments.append(ast.Name(name, ast.Load()))
        if site.captured:
            arguments.append(_cells(site.captured))
        return prepared, arguments


def _begun(node: Any, statements: list[ast.stmt]) -> Any:
    """A copy of a function that begins with some statements."""
    documented = 1 if ast.get_docstring(node, clean=False) is not None else 0
    new = _copy(node)
    new.body = [*node.body[:documented], *statements, *node.body[documented:]]
    return new


def _copy(node: Any) -> Any:
    new = type(node)(**dict(ast.iter_fields(node)))
    return ast.copy_location(new, node) if "lineno" in node._attributes else new


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
        if node._attributes:
            if hasattr(node, "lineno"):
                continue
            vars(node).update(at)
        waiting += children(node)
    return statements


def _located(node: ast.AST, like: ast.AST) -> None:
    """Give all of a node the place of another one."""
    for part in ast.walk(node):
        if "lineno" in part._attributes:
            ast.copy_location(part, like)


def _set_apart(statements: list[ast.stmt], like: ast.stmt) -> None:
    """Give the loops of fragments a place without an extent: tracebacks look for the user's by theirs."""
    for loop in statements:
        if isinstance(loop, ast.For):
            for node in (loop, loop.iter, *ast.walk(loop.target)):
                if "lineno" in node._attributes:
                    node.lineno = node.end_lineno = like.lineno  # type: ignore[attr-defined]
                    node.col_offset = node.end_col_offset = like.col_offset  # type: ignore[attr-defined]


def _alive(plan: Plan, site: LoopSite) -> ast.expr:
    """A test of whether a loop is probed still."""
    (statement,) = fill(fragments.IS_ALIVE, plan.place(site), {})
    test: ast.expr = statement.value  # type: ignore[attr-defined]
    return test


def _equals(name: str, value: int) -> ast.expr:
    return ast.Compare(ast.Name(name, ast.Load()), [ast.Eq()], [ast.Constant(value)])


def _deleted(depth: int) -> list[ast.stmt]:
    return [ast.Delete([ast.Name(hidden(name, depth), ast.Del()) for name in HIDDEN])]


def _taken(name: str) -> ast.expr:
    pair = ast.Tuple(
        [ast.Name(name, ast.Load()), ast.NamedExpr(ast.Name(name, ast.Store()), ast.Constant(None))], ast.Load()
    )
    return ast.Subscript(pair, ast.Constant(0), ast.Load())


def _means(name: str, depth: int) -> ast.expr:
    """Whether a name means what it usually does; what is imported under it need not be there."""
    held = ast.Name(hidden("h", depth), ast.Store())
    of, _, attribute = name.partition(".")
    found: ast.expr = ast.Name(of, ast.Load())
    if attribute:
        found = ast.Attribute(found, attribute, ast.Load())
    elif name in IMPORTED:
        spaces = ast.Call(ast.NamedExpr(held, ast.Constant(f"{MARK} GLOBALS")), [], [])
        found = ast.Call(ast.Attribute(spaces, "get", ast.Load()), [ast.Constant(name)], [])
    return ast.Compare(found, [ast.Is()], [ast.NamedExpr(held, ast.Constant(f"{MARK} {name.upper()}"))])


def _global_or_unbound(name: str, depth: int) -> ast.expr:
    """A module's variable by name; other code may have deleted it, and a builtin must not be taken for it."""
    spaces = ast.NamedExpr(ast.Name(hidden("h", depth), ast.Store()), ast.Constant(f"{MARK} GLOBALS"))
    get = ast.Attribute(ast.Call(spaces, [], []), "get", ast.Load())
    return ast.Call(get, [ast.Constant(name), ast.Constant(f"{MARK} UNBOUND")], [])


def _cells(names: tuple[str, ...]) -> ast.expr:
    """The cells of captured variables: those of a function that names them, in the order of their names."""
    arguments = ast.arguments([], [], None, [], [], None, [])
    capture = ast.Lambda(arguments, ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load()))
    return ast.Attribute(capture, "__closure__", ast.Load())
