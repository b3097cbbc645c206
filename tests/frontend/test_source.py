"""Finding a function's syntax: exactly the code that runs, or a refusal."""

from __future__ import annotations

import importlib.util
import linecache
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from tests.frontend.programs import define
from zexus.codes import Unsupported
from zexus.frontend.source import find, module_source, same_code

MODULES = [
    "heapq", "bisect", "statistics", "json.decoder", "contextlib", "dataclasses", "difflib", "enum", "fractions",
    "functools", "textwrap", "collections", "inspect", "typing", "unittest.mock", "asyncio.tasks", "_pydecimal",
]  # fmt: skip


def text_of(module: str) -> tuple[str, str]:
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None
    with open(spec.origin, encoding="utf-8") as file:
        return file.read(), spec.origin


def nested(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from nested(constant)


def function_of(code: types.CodeType) -> types.FunctionType:
    return types.FunctionType(code, {}, closure=tuple(types.CellType() for _ in code.co_freevars))


@pytest.mark.parametrize("module", MODULES)
def test_every_function_of_the_standard_library_is_found(module: str) -> None:
    text, filename = text_of(module)
    whole = compile(text, filename, "exec", dont_inherit=True)
    codes = {(code.co_qualname, code.co_firstlineno): code for code in nested(whole)}
    functions = module_source(text, filename).functions
    found = 0
    for expected in functions:
        code = codes.get((expected.scope.qualname, expected.first_line))
        if code is None or expected.scope.name == "<lambda>":
            continue
        source = find(function_of(code))
        assert same_code(source.compile(source.node), code)
        assert source.scope.qualname == code.co_qualname
        assert source.scope.free == expected.scope.free == set(code.co_freevars)
        assert source.scope.cells <= set(code.co_cellvars)
        named = {name for name in source.scope.locals if not name.startswith(".")}
        assert named <= {*code.co_varnames, *code.co_cellvars}
        found += 1
    assert found > 3


@pytest.mark.parametrize("module", MODULES)
def test_lambdas_of_the_standard_library_are_found(module: str) -> None:
    text, filename = text_of(module)
    for code in nested(compile(text, filename, "exec", dont_inherit=True)):
        if code.co_name == "<lambda>":
            assert find(function_of(code)).scope.qualname == code.co_qualname


def test_lambdas_on_one_line_are_told_apart() -> None:
    one, two, three = define("f = (lambda x: x + 1), (lambda x: x + 2), (lambda x: x + 1.0)")
    for function, constant in ((one, 1), (two, 2), (three, 1.0)):
        source = find(function)
        assert same_code(source.compile(source.node), function.__code__)
        assert type(source.node.body.right.value) is type(constant)


def test_functions_of_one_name_are_told_apart_by_their_line() -> None:
    first, second = define("""
        def f():
            return 1
        one = f
        def f():
            return 2
        f = one, f
    """)
    assert find(first).node.lineno == 2
    assert find(second).node.lineno == 5


def test_a_changed_text_is_refused() -> None:
    function = define("def f(n):\n    return n + 1\n")
    filename = function.__code__.co_filename
    assert find(function).filename == filename
    lines = ["def f(n):\n", "    return n + 2\n"]
    linecache.cache[filename] = (len("".join(lines)), None, lines, filename)
    with pytest.raises(Unsupported) as refused:
        find(function)
    assert refused.value.code == "ZX010"


@pytest.mark.parametrize(
    "before, after", [("1", "True"), ("0.0", "-0.0"), ("{1, 2}", "{1, 3}"), ("(1, 2)", "(1.0, 2)")]
)
def test_constants_that_are_equal_but_not_the_same_differ(before: str, after: str) -> None:
    left = compile(f"x in {before}" if "{" in before else before, "<text>", "eval")
    right = compile(f"x in {after}" if "{" in after else after, "<text>", "eval")
    assert not same_code(left, right.replace(co_linetable=left.co_linetable))


def test_without_text_it_is_refused() -> None:
    namespace: dict[str, Any] = {}
    exec("def f():\n    return 1", namespace)
    with pytest.raises(Unsupported) as refused:
        find(namespace["f"])
    assert refused.value.code == "ZX010"


@pytest.mark.parametrize("thing", [len, int, "text", type("C", (), {})])
def test_what_is_no_plain_function_is_refused(thing: Any) -> None:
    with pytest.raises(Unsupported) as refused:
        find(thing)
    assert refused.value.code == "ZX011"


def test_decorators_are_not_evaluated_and_keep_the_first_line() -> None:
    function = define("""
        calls = []
        def mark(value):
            calls.append(value)
            return lambda fn: fn
        @mark(1)
        @mark(2)
        def f(n=mark(3)):
            return n
    """)
    source = find(function)
    assert source.first_line == function.__code__.co_firstlineno == 6
    assert source.compile(source.node).co_firstlineno == 6
    assert function.__globals__["calls"] == [1, 2, 3]


def test_a_method_with_private_names_super_and_closure() -> None:
    method = define("""
        def around(outer):
            class Base:
                def run(self):
                    return 1
            class Thing(Base):
                def run(self, __hidden=2):
                    self.__x = outer + __hidden
                    return super().run() + self.__x
            return Thing
        f = around(10).run
    """)
    source = find(method)
    code = source.compile(source.node)
    assert code.co_freevars == ("__class__", "outer")
    assert code.co_qualname == "around.<locals>.Thing.run"
    assert source.scope.locals == {"self", "_Thing__hidden"}
    assert source.scope.owner == "Thing"
    copy = types.FunctionType(code, method.__globals__, "run", method.__defaults__, method.__closure__)
    assert copy(method.__closure__[0].cell_contents()) == 13


def test_a_function_made_global_in_a_function() -> None:
    function = define("""
        def make():
            global f
            def f():
                return 1
        make()
    """)
    assert find(function).scope.qualname == function.__code__.co_qualname == "f"


def test_future_imports_stay_in_force() -> None:
    function = define("""
        from __future__ import annotations
        def outer(kind):
            def f(n: kind) -> kind:
                total: kind = 0
                def inner(m: kind): return m
                return inner, total
            return f
        f = outer(int)
    """)
    source = find(function)
    assert source.scope.free == set()
    assert same_code(source.compile(source.node), function.__code__)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with 3.12")
def test_type_parameters() -> None:
    function = define("""
        class Box[T]:
            def f[S](self, x: S) -> T:
                return T, S, x
        f = Box.f
    """)
    source = find(function)
    assert source.scope.free == {"T", "S"}
    assert same_code(source.compile(source.node), function.__code__)


def test_a_module_gives_all_its_functions() -> None:
    text = "def f():\n    g = lambda: [h() for _ in x]\n    class C:\n        def m(self): pass\n"
    module = module_source(text, "<m>")
    assert [function.scope.qualname for function in module.functions] == ["f", "f.<locals>.<lambda>", "f.<locals>.C.m"]
    assert module.scope.is_module and module.scope.locals == {"f"}
