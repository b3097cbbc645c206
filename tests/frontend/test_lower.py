"""Lowering: regions and functions as stack Code, and what is refused."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from tests.frontend.programs import define
from zexus.bytecode import Code
from zexus.codes import Unsupported
from zexus.frontend.loops import loop_sites
from zexus.frontend.lower import lower_function, lower_loop
from zexus.frontend.sites import UNBOUND, LoopSite
from zexus.frontend.source import find
from zexus.jit.callees import block
from zexus.regvm import cursor as cursors
from zexus.regvm.build import build
from zexus.regvm.machine import Executable, run


def site_of(text: str, number: int = 0, **namespace: Any) -> tuple[LoopSite, dict[str, Any]]:
    function = define(text, **namespace)
    return loop_sites(find(function).scope)[number], function.__globals__


def region(text: str, **namespace: Any) -> Code:
    """The first loop of a function, lowered."""
    site, space = site_of(text, **namespace)
    return lower_loop(site, space)


def ran(code: Code, it: Any, **values: Any) -> tuple[int, dict[str, Any]]:
    """A region run by the machine: its status and its results."""
    executable = Executable(build(code), block)
    arguments = [values.get(name, UNBOUND) for name in code.locals[1:code.params]]
    cursor = cursors.start(it) if it is not None else None
    frame = executable.frame([cursor, *arguments])
    outcome = run([frame])
    if outcome.kind == "return":
        return 2, {"return": outcome.value}
    return outcome.status, {name: frame.registers[code.locals.index(name)] for name in code.results}


def test_a_region_takes_its_cursor_and_parameters() -> None:
    code = region("def f(xs, k):\n    s = 0\n    for x in xs:\n        s += x * k\n    return s\n")
    assert code.region and code.locals[: code.params] == (".it", "k", "s") and code.results == ("s",)
    assert ran(code, [1, 2, 3], k=10, s=5) == (0, {"s": 65})


def test_break_return_and_exhaustion_have_their_status() -> None:
    code = region("""
        def f(xs):
            r = 0
            for x in xs:
                if x == 7:
                    break
                if x == 8:
                    return x * 2
                r = x
            return r
    """)
    assert ran(code, [1, 2], r=0) == (0, {"r": 2})
    assert ran(code, [1, 7, 2], r=0) == (1, {"r": 1})
    assert ran(code, [1, 8, 2], r=0) == (2, {"return": 16})


def test_a_while_loop_has_no_iterator() -> None:
    code = region("def f(n):\n    while n > 3 and n != 50:\n        n -= 2\n    return n\n")
    assert ran(code, None, n=10) == (0, {"n": 2})


def test_a_local_that_may_be_unbound() -> None:
    code = region("""
        def f(xs):
            for x in xs:
                if x > 1:
                    y = x
            return y
    """)
    assert ran(code, [0, 1], y=UNBOUND)[1]["y"] is UNBOUND
    assert ran(code, [0, 5], y=UNBOUND)[1]["y"] == 5


EXPRESSIONS = {
    "chained": "a < b < a + 5 != 9", "conditional": "a if a > b else b", "and": "a and b", "or": "a or b",
    "not": "not a",
    "power": "a ** b", "bits": "(a & b) | (a ^ b) << 2 >> 1", "slice_free": "[a, b][-1]", "tuple": "(a, b, a + b)[1]",
    "is": "a is None or b is not None", "in": "a in (1, 2, b)", "call": "max(a, b) - abs(-a)", "neg": "-a + ~b",
    "comprehension": "[x * a for x in range(b) if x != a]", "walrus": "(c := a + b) * c",
    "nested": "[[i * j for i in range(2)] for j in range(a)]",
    "loops": "[i * j for i in range(b) for j in range(i) if i]",
    "sum": "sum(i * a for i in range(b))", "any": "any(i == a for i in range(b))", "all": "all(i for i in (a, b))",
    "min": "min(abs(i - a) for i in (b, 3, 1))", "max": "max(i * a for i in (b, 3, 1) if i != a)",
    "keyword": "sum((a, b), start=a) + pow(a, 2, mod=7), list(zip([a], [b], strict=True)), [*enumerate([b], start=a)]",
    "none": "max((i for i in range(b) if i > 3), default=-a), min((i for i in range(b) if i > 9), default=None)",
    "set": "{(i % 3, a) for i in range(b) if i != a}", "dict": "{i + a: [i] for i in range(b)}",
    "nested_sets": "{i: {j * i for j in range(a)} for i in range(b)}", "empty": "({}, {*()})",
    "list": "list(i + a for i in range(b))", "sorted": "sorted(i * a % 3 for i in range(b))",
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions_mean_what_they_mean_in_cpython(name: str) -> None:
    text = f"def f(a, b):\n    return {EXPRESSIONS[name]}\n"
    function = define(text)
    code = lower_function(find(function).scope, 1, function.__globals__)
    for a, b in ((1, 2), (2, 1), (0, 3), (5, 5)):
        executable = Executable(build(code), block)
        assert repr(run([executable.frame([a, b])]).value) == repr(function(a, b)), (a, b)


STATEMENTS = {
    "swap": "a, b = b, a", "star_free_unpacking": "(a, b), c = (b, a), 3\n    a += c", "chained": "a = b = a + b",
    "item": "xs = [a, b]\n    xs[0], xs[1] = xs[1], xs[0]\n    a = xs[0] * 10 + xs[1]",
    "augmented_item": "xs = [a, b]\n    xs[a > 100] += 5\n    b = xs[0]",
    "for_else": "for i in range(3):\n        if i == a: break\n    else:\n        b = 99",
    "continue": "for i in range(6):\n        if i % 2: continue\n        b += i",
    "while_else": "while a < 4:\n        a += 1\n        if a == b: break\n    else:\n        b = -1",
    "outlined": "try:\n        a = a // b\n    except ZeroDivisionError:\n        a = 'none'",
    "assert": "assert a != 77, 'no'", "pass": "pass", "annotated": "c: int = a\n    b = c",
    "if_chain": "if a == 1:\n        b = 10\n    elif a == 2:\n        b = 20\n    else:\n        b = 30",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_mean_what_they_mean_in_cpython(name: str) -> None:
    function = define(f"def f(a, b):\n    {STATEMENTS[name]}\n    return a, b\n")
    code = lower_function(find(function).scope, 1, function.__globals__)
    for a, b in ((1, 2), (2, 1), (0, 3), (5, 0)):
        executable = Executable(build(code), block)
        assert run([executable.frame([a, b])]).value == function(a, b), (a, b)


def test_what_cannot_be_lowered_is_outlined() -> None:
    code = region("""
        def f(xs, log):
            for x in xs:
                try:
                    log[x] = 1 / x
                except* ZeroDivisionError:
                    log[x] = None
            return log
    """)
    (outlined,) = code.blocks
    assert set(outlined.params) == {"log", "x"} and outlined.line == 4
    log: dict[int, Any] = {}
    assert ran(code, [0, 2], log=log)[0] == 0
    assert log == {0: None, 2: 0.5}


def test_a_statement_can_be_outlined_on_request() -> None:
    site, space = site_of("def f(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n")
    assert not lower_loop(site, space).blocks
    forced = lower_loop(site, space, frozenset({(4, 8)}))
    assert len(forced.blocks) == 1
    assert ran(forced, [1, 2], s=0) == (0, {"s": 3})


def test_instructions_know_their_line_and_statement() -> None:
    code = region("def f(xs):\n    s = 0\n    for x in xs:\n        s += (x +\n              1)\n    return s\n")
    add = next(i for i in code.instructions if i.op == "ADD")
    assert add.position is not None
    assert (add.position.line, add.position.column, add.position.end_line) == (4, 14, 5)
    assert add.statement == (4, 8)


def test_a_comprehension_has_a_frame_of_its_own() -> None:
    function = define("def f(n):\n    return [1 // i for i in range(n)]\n")
    code = lower_function(find(function).scope, 1, function.__globals__)
    division = next(i for i in code.instructions if i.op == "FLOORDIV")
    assert division.position is not None
    frame = division.position.frame
    assert (frame is None) or frame[0] == "<listcomp>"


@pytest.mark.parametrize(("text", "code"), [
    ("def f(**a):\n    return a\n", "ZX022"),
    ("def f(a):\n    yield a\n", "ZX012"),
    ("async def f(a):\n    return a\n", "ZX022"),
    ("def f(a):\n    return lambda: a\n", "ZX015"),
])
def test_functions_that_are_refused(text: str, code: str) -> None:
    function = define(text)
    with pytest.raises(Unsupported) as refused:
        lower_function(find(function).scope, 1, {})
    assert refused.value.code == code


@pytest.mark.parametrize(("body", "code"), [
    ("yield x", "ZX012"),
    ("print(locals())", "ZX013"),
])
def test_loops_that_are_refused(body: str, code: str) -> None:
    site, space = site_of(textwrap.dedent(f"def f(xs):\n    for x in xs:\n        {body}\n"))
    with pytest.raises(Unsupported) as refused:
        lower_loop(site, space)
    assert refused.value.code == code


def test_python_takes_the_exceptions_of_a_body_that_it_runs() -> None:
    site, space = site_of(
        "def f(xs):\n    s = 0\n    for x in xs:\n        try:\n            y = int(x)\n        except ValueError:\n"
        "            y = -1\n        s += y\n    return s\n")
    assert lower_loop(site, space).handlers
    whole = lower_loop(site, space, frozenset({(5, 12)}))
    assert len(whole.blocks) == 1 and not whole.handlers
    assert ran(whole, ["7", "x"], s=0)[1]["s"] == 6


@pytest.mark.parametrize(("call", "keywords"), [
    ("zip(xs, xs, strict=True)", (3, ("strict",))), ("enumerate(xs, n)", None), ("g(n, start=1)", (2, ("start",))),
    ("pow(n, exp=2, mod=3)", (3, ("exp", "mod"))), ("xs.sort(key=len)", (1, ("key",))),
])
def test_keywords_of_calls(call: str, keywords: tuple[int, tuple[str, ...]] | None) -> None:
    code = region(f"def f(xs, n):\n    for x in xs:\n        y = {call}\n")
    found = [i.arg for i in code.instructions if i.op == "CALL_KEYWORD"]
    assert found == ([keywords] if keywords else []) and not code.blocks


@pytest.mark.parametrize("call", ["sum(xs, **n)", "sum(*xs)", "g(n, *xs, start=1)"])
def test_calls_with_stars_are_left_to_python(call: str) -> None:
    assert len(region(f"def f(xs, n):\n    for x in xs:\n        y = {call}\n").blocks) == 1


@pytest.mark.parametrize("text", ["bad {x}", "{x!r:>5} of {n}{{}}", "{x}{x:08.3f}{n!s}", "none", "{n!a:<{x}}", "{x:c}"])
def test_messages_of_exceptions_are_what_f_strings_write(text: str) -> None:
    function = define(f"def f(x, n):\n    try:\n        raise ValueError(f{text!r}, n)\n"
                      "    except ValueError as error:\n        y = error.args\n    return y\n")
    code = lower_function(find(function).scope, 1, function.__globals__)
    assert bool(code.blocks) == (text in ("{n!a:<{x}}", "{x:c}"))
    assert run([Executable(build(code), block).frame([65, "n{}"])]).value == function(65, "n{}")
