"""Comprehensions as loops: which statements change, what is evaluated when, and what stays as it was."""

from __future__ import annotations

import ast
import sys

import pytest

from zexus.frontend.consumption import Consumption
from zexus.frontend.unfold import Unfolded, unfold


def unfolded(body: str, parameters: str = "xs, n") -> list[ast.stmt]:
    (function,) = ast.parse(f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in body.splitlines())).body
    assert isinstance(function, ast.FunctionDef)
    before = ast.dump(function)
    made = unfold(function, None)
    assert ast.dump(function) == before, "the function itself is left as it is"
    assert isinstance(made, ast.FunctionDef)
    return made.body


def loops(body: str) -> list[ast.For]:
    return [node for statement in unfolded(body) for node in ast.walk(statement) if isinstance(node, ast.For)]


@pytest.mark.parametrize("body", [
    "return 1", "return [x for x in xs] if n else 3", "return n and [x for x in xs]", "return lambda: [x for x in xs]",
    "return sum(xs)", "return sum((x for x in xs), 1)", "return frozenset(x for x in xs)",
    "return sum(xs.values())", "return list(range(n))", "return list(map(int))", "return sum(f(xs), 1)",
    "return list(map(*xs))",
    "map = n\nreturn list(map(n, xs))", "return list(filter(n, xs, xs))", "zip = n\nreturn set(map(n, xs, xs))",
    "g = (x for x in xs)",
    "return [y for x in xs if x or (y := x)]", "return [lambda: x for x in xs]", "yield [x for x in xs]",
    "return [m for x in xs]\nm = 1", "return [x for n[0] in xs for x in xs]", "return [locals() for x in xs]",
    "return [sys._getframe().f_lineno for x in xs]", "return [currentframe() for x in xs]",
    "return sum(warnings.warn('w', stacklevel=2) or x for x in xs)",
    "any = n\nreturn any(x for x in xs)", "return [(y for y in x) for x in xs]", "return f'{[x for x in xs]}'",
    "return max((x for x in xs), default=n)", "return max((x for x in xs), key=n)", "return {x async for x in xs}",
    "return next(f(xs))", "return next((x for x in xs), n.m)", "return next(map(n, xs))", "return reduce(*xs)",
    "return reduce(n, xs, initial=1)", "return n.reduce(n, xs)", "reduce = n\nreturn reduce(n, xs)",
    "return {m: x for x in xs}\nm = 1", "n[0] += [x for x in xs][0]", "return [x for x in xs for x in x]",
])
def test_what_stays_as_it_was(body: str) -> None:
    assert not loops(body)


@pytest.mark.parametrize(("body", "expected"), [
    ("return [x for x in xs]", 1), ("n = [x for x in xs if x for y in range(x)]", 2), ("any(x for x in xs)", 1),
    ("n += len([x for x in xs])", 1), ("return [[y for y in x] for x in xs]", 2),
    ("if all(x for x in xs):\n    return [x for x in xs]", 2), ("return [x for x in xs], list(x for x in xs)", 2),
    ("return {x for x in xs}, {x: [y for y in x] for x in xs}", 3), ("return max((x for x in xs), default=-1)", 1),
    ("return [(y := x) for x in xs]", 1), ("return next((x for x in xs), None), next(x for x in xs)", 2),
    ("for x in xs:\n    n = [y for y in x]\nreturn n", 2), ("try:\n    n = [x for x in xs]\nexcept E:\n    pass", 1),
])
def test_what_becomes_loops(body: str, expected: int) -> None:
    assert len(loops(body)) == expected


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="there sums of floats are compensated")
def test_sums_become_loops() -> None:
    assert len(loops("return sum(x for x in xs)")) == 1


def test_the_statement_stays_beside_its_unfolded_form() -> None:
    (statement,) = unfolded("return any(x for x in xs)")
    assert isinstance(statement, Unfolded)
    assert statement.names == ("any",)
    assert ast.unparse(statement.original) == "return any((x for x in xs))"


def test_what_comes_before_keeps_its_turn() -> None:
    (statement,) = unfolded("return g() + n + [x for x in h(xs)][k()]")
    assert isinstance(statement, Unfolded)
    calls = [node.func.id for part in statement.body for node in ast.walk(part)
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert calls == ["g", "h", "k"]


def test_variables_made_here_are_cleared() -> None:
    (statement,) = unfolded("ys = [x for x in xs]")
    assert isinstance(statement, Unfolded)
    last = statement.body[-1]
    assert isinstance(last, ast.Assign)
    stored = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)
              and isinstance(node.ctx, ast.Store) and node.id.startswith(".")}
    assert {target.id for target in last.targets if isinstance(target, ast.Name)} == stored


def test_keys_come_before_values() -> None:
    (loop,) = loops("return {n(x): xs(x) for x in xs}")
    key, put = loop.body
    assert isinstance(key, ast.Assign) and isinstance(put, ast.Assign) and isinstance(put.targets[0], ast.Subscript)
    assert "n(" in ast.unparse(key) and "xs(" in ast.unparse(put.value) and "n(" not in ast.unparse(put)


@pytest.mark.parametrize(("body", "names"), [
    ("return reduce(n, xs)", ("reduce",)), ("n = 1 + functools.reduce(n, xs, 0)", ("functools", "functools.reduce")),
])
def test_reduce_has_a_loop_beside_it(body: str, names: tuple[str, ...]) -> None:
    (whole,) = unfolded(body)
    (statement,) = (node for node in ast.walk(whole) if isinstance(node, Consumption))
    assert isinstance(whole, Unfolded) and whole.names == names
    assert statement.exact and any(isinstance(node, ast.For) for node in statement.choice.body)


@pytest.mark.parametrize("body", [
    "return list(f(xs))", "n += max(xs.walk(n))", "return set(f(n)), n", "return any(all(f(xs)))",
])
def test_what_a_call_makes_may_be_a_generator(body: str) -> None:
    (statement,) = (node for node in ast.walk(ast.Module(unfolded(body), [])) if isinstance(node, Consumption))
    assert any(isinstance(node, ast.For) for node in statement.choice.body)
    assert isinstance(statement.plain.value, ast.Call) and isinstance(statement.choice.orelse[0], ast.Assign)
