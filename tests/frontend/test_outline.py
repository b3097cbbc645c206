"""Outlined statements do outside their frame what they do inside."""

from __future__ import annotations

import ast
import logging
import sys
import textwrap
import traceback
import types
import warnings
from typing import Any

import pytest

from tests.frontend.programs import define
from zexus.codes import Unsupported
from zexus.frontend.outline import BREAK, CONTINUE, FALL_THROUGH, RETURN, Outlined, bind, outline
from zexus.frontend.sites import UNBOUND
from zexus.frontend.source import find, module_source


def body_of_loop(function: Any) -> tuple[Any, list[ast.stmt]]:
    """A function's scope and the body of its first loop."""
    source = find(function)
    loop = next(node for node in ast.walk(source.node) if isinstance(node, (ast.For, ast.While)))
    return source.scope, loop.body


def outlined(text: str, name: str = "f", **namespace: Any) -> tuple[Outlined, Any]:
    function = define(text, name, **namespace)
    return outline(*body_of_loop(function)), function


def run(made: Outlined, function: Any, cells: dict[str, Any] | None = None, **values: Any) -> Any:
    call = bind(made, function.__globals__, cells or {})
    return call(*(values.get(name, UNBOUND) for name in made.params))


def in_loop(body: str, arguments: str = "a, b") -> str:
    return f"def f({arguments}):\n    for x in a:\n" + textwrap.indent(textwrap.dedent(body), "        ")


def test_parameters_and_results() -> None:
    made, function = outlined(in_loop("y = x + b\na = y"))
    assert (made.params, made.results, made.free) == (("b", "x"), ("a", "y"), ())
    assert run(made, function, x=1, b=2) == (FALL_THROUGH, None, 3, 3)


def test_a_result_that_may_be_left_alone_is_a_parameter_too() -> None:
    made, function = outlined(in_loop("if x: y = 1"))
    assert (made.params, made.results) == (("x", "y"), ("y",))
    assert run(made, function, x=0, y=7)[2] == 7
    assert run(made, function, x=1, y=7)[2] == 1
    assert run(made, function, x=0)[2] is UNBOUND


def test_an_unbound_parameter_is_unbound_inside() -> None:
    made, function = outlined(in_loop("try:\n    y\nexcept UnboundLocalError as e:\n    b = str(e)\ny = 2"))
    assert made.results == ("b", "e", "y")
    assert "local variable 'y'" in run(made, function)[2]
    assert run(made, function, y=1, b=0)[2] == 0


def test_a_name_of_except_is_unbound_behind_it() -> None:
    made, function = outlined(in_loop("try: x()\nexcept ZeroDivisionError as b: pass"))
    assert made.results == ("b",)
    assert run(made, function, b=5, x=lambda: 1 // 0)[2] is UNBOUND
    assert run(made, function, b=5, x=lambda: 1)[2] == 5


@pytest.mark.parametrize(
    "body, x, expected",
    [
        ("if x: break", 1, (BREAK, None)),
        ("if x: break", 0, (FALL_THROUGH, None)),
        ("if x: continue", 1, (CONTINUE, None)),
        ("if x: return", 1, (RETURN, None)),
        ("if x: return x + 1", 1, (RETURN, 2)),
        ("for i in range(3):\n    if i == x: break\n    log(i)", 1, (FALL_THROUGH, None)),
        ("for i in range(3):\n    if i == x: break\nelse:\n    break", 1, (FALL_THROUGH, None)),
        ("for i in range(3):\n    if i == x: break\nelse:\n    break", 9, (BREAK, None)),
        ("for i in range(3):\n    if i == x: continue\n    log(i)\nelse:\n    continue", 1, (CONTINUE, None)),
        ("for i in range(3):\n    while True:\n        if i == x: return i\n        break\nlog(9)", 1, (RETURN, 1)),
        ("for i in range(3):\n    while 1:\n        if i == x: return i\n        break\nlog(9)", 7, (0, None)),
        ("for i in range(3):\n    if i == x: return i\nelse:\n    return 'else'", 7, (RETURN, "else")),
        ("try: return log(1)\nfinally: log(2)", 0, (RETURN, 1)),
        ("try: break\nfinally:\n    for i in range(3):\n        if i == x: return i\n    log(5)", 9, (BREAK, None)),
        ("try: break\nfinally:\n    for i in range(3):\n        if i == x: return i\n    log(5)", 1, (RETURN, 1)),
        ("try: return 1\nfinally: continue", 0, (CONTINUE, None)),
        ("try: return 1\nfinally:\n    if x: break", 1, (BREAK, None)),
        ("try: x[0]\nexcept TypeError: break\nfinally: log(3)", 1, (BREAK, None)),
        ("with manager: return x", 1, (RETURN, 1)),
        ("with manager: raise KeyError\nlog(8)", 1, (FALL_THROUGH, None)),
        ("try:\n    try: return 1\n    finally: x[0]\nexcept TypeError: log(4)", 1, (FALL_THROUGH, None)),
        ("for i in range(3):\n    try: return 1\n    finally: break\nlog(4)", 1, (FALL_THROUGH, None)),
        ("for i in range(3):\n    try: return 1\n    finally: continue\nlog(4)", 1, (FALL_THROUGH, None)),
        ("for i in range(3):\n    for j in 1, 2:\n        try: return 1\n        finally: break\nlog(i)", 1, (0, None)),
        ("for i in 1, 2:\n    try:\n        for j in 1, 2: return 1\n    finally: continue\nlog(i)", 1, (0, None)),
        ("for i in 1, 2:\n    with manager:\n        for j in 1, 2: return i\n    log(i)", 1, (RETURN, 1)),
        ("match x:\n    case 1: break\n    case _: continue", 1, (BREAK, None)),
        ("match x:\n    case 1: break\n    case _: continue", 2, (CONTINUE, None)),
        ("while x:\n    x -= 1\n    while x:\n        x -= 1\n        if x == 2: return x\n    log(x)", 9, (RETURN, 2)),
    ],
)
def test_ways_out(body: str, x: Any, expected: tuple[int, Any]) -> None:
    """The same happens, in the same order, as in a loop of the function itself."""

    class Manager:
        def __enter__(self) -> None:
            seen.append("enter")

        def __exit__(self, *rest: object) -> bool:
            seen.append("exit")
            return True

    def log(value: Any) -> Any:
        seen.append(value)
        return value

    seen: list[Any] = []
    text = in_loop(f"{textwrap.dedent(body)}\nlog('end')", "a, log, manager")
    whole = text + "\n    else:\n        return 'exhausted'\n    return 'broken'\n"
    made, function = outlined(whole)
    answer = function([x], log, Manager())
    plain, seen = seen, []
    signal, value = run(made, function, x=x, log=log, manager=Manager())[:2]
    assert (signal, value) == expected
    assert seen == plain
    assert answer == {BREAK: "broken", RETURN: value}.get(signal, "exhausted")


def test_results_are_those_behind_the_finally_clauses() -> None:
    made, function = outlined(in_loop("try:\n    y = 1\n    if x: break\nfinally:\n    y = 2"))
    assert run(made, function, x=1) == (BREAK, None, 2)


def test_free_variables_and_cells() -> None:
    make = define("""
        def make(a, b):
            total = 0
            def f(xs):
                nonlocal total
                own = 1
                g = lambda: own
                for x in xs:
                    total += a + sum(b for _ in range(2)) + own
                    own = g
                return total
            return f
    """, "make")  # fmt: skip
    function = make(10, 3)
    made = outline(*body_of_loop(function))
    assert made.free == ("a", "b", "own", "total")
    assert (made.params, made.results) == (("g",), ())
    closure = dict(zip(function.__code__.co_freevars, function.__closure__))
    cells = {**closure, "own": types.CellType(5)}
    assert run(made, function, cells, g="g") == (FALL_THROUGH, None)
    assert cells["total"].cell_contents == 21 and cells["own"].cell_contents == "g"


def test_private_names_and_globals() -> None:
    made, method = outlined("""
        count = 0
        class C:
            __secret = 3
            def f(self, xs):
                global count
                for x in xs:
                    self.__x = self.__secret
                    __y = self.__x
                    count += __y
                return __y
        f = C.f
    """)
    assert made.results == ("_C__y",)
    thing = method.__globals__["C"]()
    assert run(made, method, self=thing) == (FALL_THROUGH, None, 3)
    assert vars(thing) == {"_C__x": 3} and method.__globals__["count"] == 3


def test_it_bears_the_names_and_lines_of_the_users_function() -> None:
    made, method = outlined("""
        import sys
        class C:
            @staticmethod
            def f(xs):
                for x in xs:
                    frame = sys._getframe()
                    inner = lambda: 1
        f = C.f
    """)
    _, _, frame, inner = run(made, method)
    code = method.__code__
    assert frame.f_lineno == 7 and frame.f_globals is method.__globals__
    for name in ("co_name", "co_qualname", "co_filename", "co_firstlineno"):
        assert getattr(made.code, name) == getattr(code, name)
    assert inner.__qualname__ == "C.f.<locals>.<lambda>"
    assert set(made.code.co_consts).isdisjoint({"\0zexus UNBOUND"})


def test_tracebacks_warnings_and_logging_name_the_users_line(caplog: pytest.LogCaptureFixture) -> None:
    made, function = outlined("""
        import logging, warnings
        def f(xs):
            for x in xs:
                if x == 0: logging.getLogger("t").warning("here")
                if x == 1: warnings.warn("there")
                if x == 2: x = (1 +
                                x // 0)
    """)
    with caplog.at_level(logging.WARNING):
        run(made, function, x=0)
    record = caplog.records[0]
    assert (record.lineno, record.funcName, record.pathname) == (5, "f", function.__code__.co_filename)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run(made, function, x=1)
    assert (caught[0].lineno, caught[0].filename) == (6, function.__code__.co_filename)
    with pytest.raises(ZeroDivisionError) as raised:
        run(made, function, x=2)
    last = traceback.extract_tb(raised.value.__traceback__)[-1]
    assert (last.name, last.lineno, last.colno, last.end_colno) == ("f", 8, 24, 30)


def test_comprehensions_over_locals() -> None:
    made, function = outlined(in_loop("y = [(x, z, [b for _ in z]) for z in a if (w := z)]"))
    assert made.params == ("a", "b", "w", "x") and made.results == ("w", "y")
    assert run(made, function, a=[[1], [2]], b=5, x=3) == (FALL_THROUGH, None, [2], [(3, [1], [5]), (3, [2], [5])])
    assert run(made, function, a=[], b=5, x=3) == (FALL_THROUGH, None, UNBOUND, [])


def test_shadowed_builtins_do_not_matter() -> None:
    made, function = outlined(in_loop("if x: NameError = globals = 1"))
    assert made.results == ("NameError", "globals")
    assert run(made, function, x=0) == (FALL_THROUGH, None, UNBOUND, UNBOUND)


def test_a_module_keeps_its_variables_in_its_dictionary() -> None:
    module = module_source(
        "def show(): return total\nfor x in xs:\n    total += x\n    seen = show()\n    if x: sum = 1\n", "<module>"
    )
    made = outline(module.scope, module.tree.body[1].body)
    assert (made.params, made.results) == (("show", "sum", "total", "x"), ("seen", "sum", "total"))
    assert made.code.co_name == made.code.co_qualname == "<module>"
    space: dict[str, Any] = {"total": -1, "show": lambda: space["total"]}
    call = bind(made, space, {})
    assert call(space["show"], UNBOUND, 10, 0) == (FALL_THROUGH, None, 10, UNBOUND, 10)
    assert (space["total"], space["seen"], space["x"]) == (10, 10, 0) and "sum" not in space
    assert call(space["show"], UNBOUND, 10, 5) == (FALL_THROUGH, None, 15, 1, 15)
    assert not any(name.startswith(".") for name in space)


@pytest.mark.parametrize(
    "code, body",
    [
        ("ZX012", "yield x"),
        ("ZX012", "y = yield from x"),
        ("ZX013", "print(locals())"),
        ("ZX013", "eval(x)"),
        ("ZX013", "exec(x)"),
        ("ZX013", "vars()"),
        ("ZX013", "[dir() for _ in x]"),
        ("ZX013", "super().f()"),
        ("ZX014", "del x"),
        ("ZX016", "def g(): pass"),
        ("ZX016", "class C: pass"),
        ("ZX019", "x.y: int = 1"),
        ("ZX019", "try: break\nfinally:\n    with x: continue"),
        ("ZX019", "try: break\nfinally:\n    for y in x:\n        try: return y\n        finally: break"),
    ],
)
def test_refusals(code: str, body: str) -> None:
    with pytest.raises(Unsupported) as refused:
        outlined(in_loop(body))
    assert refused.value.code == code
    assert refused.value.line is not None and refused.value.line > 2


def test_await_is_refused() -> None:
    with pytest.raises(Unsupported) as refused:
        outlined("async " + in_loop("await x"))
    assert refused.value.code == "ZX012"


def test_a_modules_star_import_and_annotations_are_refused() -> None:
    for body, code in (("from os import *", "ZX016"), ("y: int = 1", "ZX019")):
        module = module_source(f"for x in xs:\n    {body}\n", "<module>")
        with pytest.raises(Unsupported) as refused:
            outline(module.scope, module.tree.body[0].body)
        assert refused.value.code == code


def test_imports_and_annotated_variables_are_fine() -> None:
    made, function = outlined(in_loop("import os.path as p, sys\ny: no_such_name = p.join('a', str(x))"))
    assert made.results == ("p", "sys", "y")
    assert run(made, function, x=1) == (FALL_THROUGH, None, __import__("os").path, sys, "a/1")


def test_the_users_syntax_is_left_alone() -> None:
    function = define(in_loop("for i in a:\n    if i: return i\nbreak"))
    scope, body = body_of_loop(function)
    before = ast.dump(scope.node, include_attributes=True)
    outline(scope, body)
    assert ast.dump(scope.node, include_attributes=True) == before
