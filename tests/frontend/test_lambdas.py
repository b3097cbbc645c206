"""Functions that are compiled again with parts of the code around them keep their code objects."""

from __future__ import annotations

import types

from zexus.frontend import lambdas

TEXT = "def f(x):\n    return (lambda a: a + x)(1), '\\0mark'\n"


def inner(code: types.CodeType) -> types.CodeType:
    return next(constant for constant in code.co_consts if isinstance(constant, types.CodeType))


def test_an_equal_function_of_the_same_place_is_the_same() -> None:
    first, second = (inner(compile(TEXT, "lambdas.txt", "exec")) for _ in range(2))
    lambdas.note(first, "\0mark")
    assert inner(first) is not inner(second) and lambdas.same(inner(second)) is inner(first)
    elsewhere = inner(inner(compile("\n" + TEXT, "lambdas.txt", "exec")))
    assert lambdas.same(elsewhere) is elsewhere


def test_one_whose_constants_are_exchanged_is_not_remembered() -> None:
    text = f"def g():\n    def f(): return {TEXT[-9:-1]}\n"
    first, second = (inner(compile(text, "marked.txt", "exec")) for _ in range(2))
    lambdas.note(first, "\0mark")
    assert lambdas.same(inner(second)) is inner(second)
