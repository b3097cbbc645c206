"""Programs for the frontend's tests: functions defined from text, and hooks that run regions in CPython."""

from __future__ import annotations

import ast
import itertools
import linecache
import sys
import textwrap
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zexus.frontend.loops import loop_sites
from zexus.frontend.outline import BREAK, RETURN, bind, outline
from zexus.frontend.sites import UNBOUND, LoopSite
from zexus.frontend.slots import Slot
from zexus.frontend.source import FunctionSource, find
from zexus.frontend.templates import Template, instrument

_numbers = itertools.count()


def define(text: str, name: str = "f", **namespace: Any) -> Any:
    """What `name` is after running `text`, whose lines tracebacks and Zexus can find."""
    text = textwrap.dedent(text)
    filename = f"<program {next(_numbers)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec", dont_inherit=True), namespace)
    return namespace[name]


class Region:
    """A hook that does a loop's iterations itself, some at a time.

    Args:
        site: the loop.
        namespace: the function's globals.
    """

    def __init__(self, site: LoopSite, namespace: dict[str, Any]) -> None:
        self.site = site
        self.restart((None,), None)
        node = site.node
        statements: list[ast.stmt] = list(node.body)
        if isinstance(node, ast.For):
            taken = ast.Assign([node.target], ast.Name("NEXT", ast.Load()))
            statements.insert(0, ast.fix_missing_locations(ast.copy_location(taken, node)))
        else:
            leave = ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Break()], [])
            self.test = outline(site.scope, [ast.fix_missing_locations(ast.copy_location(leave, node))])
        self.body = outline(site.scope, statements)
        self.namespace = namespace

    def restart(self, budgets: Iterable[int | None], chunk: int | None) -> Region:
        """Set how many iterations each entry does (None is "all") before it answers "go on in CPython", and how
        many CPython is then to do before the next entry (None is "the rest").
        """
        self.budgets = itertools.cycle(budgets)
        self.chunk = chunk
        return self

    def __call__(self, iterator: Any, *arguments: Any) -> tuple[Any, ...]:
        site = self.site
        known = dict(zip(site.params, arguments))
        cells = dict(zip(site.captured, arguments[-1])) if site.captured else {}
        budget = next(self.budgets)
        done = 0
        while budget is None or done < budget:
            done += 1
            if isinstance(site.node, ast.While):
                signal, _ = self.run(self.test, known, cells, self.namespace)
                if signal == BREAK:
                    return self.answer(0, None, known)
                space = self.namespace
            else:
                item = next(iterator, UNBOUND)
                if item is UNBOUND:
                    return self.answer(0, None, known)
                space = self.namespace if site.scope.is_module else {**self.namespace, "NEXT": item}
                if site.scope.is_module:
                    space["NEXT"] = item
            signal, value = self.run(self.body, known, cells, space)
            if signal == BREAK:
                return self.answer(1, None, known)
            if signal == RETURN:
                return self.answer(2, value, known)
        if self.chunk is None:
            return self.answer(3, None, known)
        more = itertools.repeat(None, self.chunk) if iterator is None else _some(iterator, self.chunk)
        return self.answer(3, more, known) if more is not None else self.answer(0, None, known)

    def run(self, outlined: Any, known: dict[str, Any], cells: Mapping[str, Any], space: dict[str, Any]) -> Any:
        function = bind(outlined, space, cells)
        signal, value, *results = function(*(known.get(name, UNBOUND) for name in outlined.params))
        for name, result in zip(outlined.results, results, strict=True):
            known[name] = result
        return signal, value

    def answer(self, status: int, value: Any, known: Mapping[str, Any]) -> tuple[Any, ...]:
        return (status, value, *(known.get(name, UNBOUND) for name in self.site.results))


def _some(iterator: Any, count: int) -> Any:
    """The next iterations as an iterator of their own, or None when there are no more."""
    first = next(iterator, UNBOUND)
    return None if first is UNBOUND else itertools.chain([first], itertools.islice(iterator, count - 1))


def go_on(site: LoopSite) -> Callable[..., tuple[Any, ...]]:
    """A hook that leaves everything to CPython."""
    if site.kind == "function":
        return lambda *arguments: (3, None)
    answer = (3, None, *[UNBOUND] * len(site.results))
    return lambda *arguments: answer


def fix() -> None:
    """Take the hook's own frames out of the traceback of the exception that is being handled."""
    exception = sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]
    assert exception is not None and exception.__traceback__ is not None
    user = exception.__traceback__
    below = user.tb_next
    while below is not None and "programs.py" in below.tb_frame.f_code.co_filename:
        below = below.tb_next
    if below is None:
        return
    line = below.tb_lineno if below.tb_frame.f_code.co_name == user.tb_frame.f_code.co_name else user.tb_lineno
    below = below.tb_next if line == below.tb_lineno else below
    exception.__traceback__ = types.TracebackType(below, user.tb_frame, user.tb_lasti, line)


def parsed(text: str) -> list[ast.stmt]:
    """The statements of a text."""
    return ast.parse(textwrap.dedent(text)).body


def parts(function: Any) -> tuple[FunctionSource, tuple[LoopSite, ...]]:
    """A function's source and sites."""
    source = find(function)
    return source, loop_sites(source.scope)


def probed(
    function: Any, make: Callable[[LoopSite], Callable[..., tuple[Any, ...]]] = go_on, limit: int = 2
) -> tuple[Any, Template]:
    """A copy of `function` with a hook at every loop."""
    source, sites = parts(function)
    template = instrument(source, sites, frozenset(range(len(sites))))
    slots = {index: Slot(limit, make(sites[index])) for index in template.probed}
    return rebuilt(function, template.code(slots, fix)), template


def rebuilt(function: Any, code: types.CodeType) -> Any:
    """A copy of `function` that runs `code`."""
    new = types.FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    new.__kwdefaults__ = function.__kwdefaults__
    return new


def outcome(function: Any, *arguments: Any) -> Any:
    """What a call gives: its value, or its exception with the lines that the traceback shows."""
    try:
        return "value", function(*arguments)
    except Exception as exception:
        lines = []
        trace = exception.__traceback__.tb_next if exception.__traceback__ is not None else None
        while trace is not None:
            lines.append((trace.tb_frame.f_code.co_name, trace.tb_lineno))
            trace = trace.tb_next
        return type(exception), str(exception), lines
