"""Generator functions become what runs between two of their values."""

from __future__ import annotations

import textwrap

import pytest

from zexus import bytecode
from zexus.codes import Unsupported
from zexus.frontend.generators import lower_generator
from zexus.frontend.source import module_source


def lowered(text: str) -> bytecode.Code:
    (function, *_) = module_source(textwrap.dedent(text), "program.py").functions
    return lower_generator(function.scope, 1, {})


def test_a_generator_is_entered_behind_its_yield() -> None:
    code = lowered("""
        def scaled(values, factor):
            total = 0
            for value in values:
                total += value
                yield total * factor
    """)
    assert code.resumes and code.held == 1
    assert code.results == ("factor", "total", "value", "values")
    assert code.locals[:code.params] == (*code.results, ".it0")
    first, jump, *_ = code.instructions
    assert (first.op, jump.op) == ("LOAD_LOCAL", "JUMP")
    assert code.instructions[jump.arg - 1].op == "YIELD"


def test_each_loop_around_the_yield_brings_its_cursor() -> None:
    code = lowered("""
        def pairs(n):
            for i in range(n):
                while i > 3:
                    for j in range(i):
                        yield i, j
    """)
    assert code.held == 2 and code.locals[code.params - 2:code.params] == (".it0", ".it1")


@pytest.mark.parametrize("text", [
    "def g(n):\n    yield n",
    "def g(n):\n    for i in range(n):\n        yield i\n        yield -i",
    "def g(n):\n    for i in range(n):\n        n = yield i",
    "def g(n):\n    for i in range(n):\n        print((yield i))",
    "def g(n):\n    yield from range(n)",
    "def g(n):\n    for i in range(n):\n        try:\n            yield i\n        finally:\n            n = 0",
    "def g(n):\n    for i in range(n):\n        with n:\n            yield i",
    "def g(n):\n    for i in range(n):\n        pass\n    else:\n        yield n",
    "def g(n):\n    for i in range(n):\n        yield i\n    for i in range(n):\n        print(i)",
    "def g(n):\n    for i in range(n):\n        yield lambda: i",
    "async def g(n):\n    for i in n:\n        yield i",
])
def test_what_is_not_followed(text: str) -> None:
    with pytest.raises(Unsupported) as refused:
        lowered(text)
    assert refused.value.code in ("ZX012", "ZX015")
