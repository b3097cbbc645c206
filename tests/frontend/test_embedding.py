"""Which generators are written out around the loops that call them, and what the code looks like then."""

from __future__ import annotations

import linecache
import types
from typing import Any

import pytest

from zexus.bytecode import Code, Position
from zexus.frontend.embedding import Generators, called, embedding
from zexus.frontend.loops import loop_sites
from zexus.frontend.lower import lower_function, lower_loop
from zexus.frontend.source import find

FILE = "<embedding>"


def defined(text: str) -> dict[str, Any]:
    linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)
    space: dict[str, Any] = {"__name__": "embedding"}
    exec(compile(text, FILE, "exec"), space)
    return space


def region(text: str, name: str = "f") -> Code:
    """The outermost loop of a function, lowered."""
    space = defined(text)
    site = loop_sites(find(space[name]).scope)[0]
    return lower_loop(site, space, generators=Generators(find))


def operations(code: Code) -> list[str]:
    return [instruction.op for instruction in code.instructions]


TWICE = """\
def g(n):
    yield n
    if n:
        yield n + 1

def f(n):
    t = 0
    for k in range(n):
        for x in g(k):
            t += x
    return t
"""


def test_the_body_stands_at_each_yield() -> None:
    code = region(TWICE)
    assert operations(code).count("IADD") == 3  # and once where `g` means something else
    assert [loop.place for loop in code.loops] == [(9, 8, 0)]  # which is a loop over what is there
    frames = {i.position.frame.name for i in code.instructions if i.position is not None and i.position.frame}
    assert frames == {"g"}


def test_frames_say_where_they_come_from() -> None:
    frame = next(i.position.frame for i in region(TWICE).instructions if i.position is not None and i.position.frame)
    assert (frame.qualname, frame.first_line, frame.around.line) == ("g", 1, 9)


def test_without_sources_there_is_a_call() -> None:
    space = defined(TWICE)
    site = loop_sites(find(space["f"]).scope)[0]
    assert operations(lower_loop(site, space)).count("IADD") == 1


def test_functions_have_them_too() -> None:
    space = defined(TWICE)
    source = find(space["f"])
    code = lower_function(source.scope, source.first_line, space, generators=Generators(find))
    assert operations(code).count("IADD") == 3


def test_variables_are_let_go() -> None:
    code = region(TWICE)
    hidden = [number for number, name in enumerate(code.locals) if name.endswith(".n")]
    stores = [i for i in code.instructions if i.op == "STORE_LOCAL" and i.arg in hidden]
    assert len(hidden) == 1 and len(stores) == 2


GENERATORS = {
    "a try statement": "def g(n):\n    try:\n        yield n\n    finally:\n        pass\n",
    "a with statement": "def g(n):\n    with n:\n        yield n\n",
    "its frame is looked at": "def g(n):\n    yield locals()\n",
    "a value is sent": "def g(n):\n    n = yield n\n",
    "items may run out": "def g(n):\n    yield next(n)\n",
    "a comprehension": "def g(n):\n    yield [x for x in n]\n",
    "a parameter with a star": "def g(*n):\n    yield n\n",
    "a variable without a value": "def g(n):\n    if n:\n        m = n\n    yield m\n",
    "no generator": "def g(n):\n    return [n]\n",
    "no function": "g = range\n",
}


@pytest.mark.parametrize("text", GENERATORS.values(), ids=GENERATORS.keys())
def test_generators_that_stay_calls(text: str) -> None:
    code = region(text + "def f(n):\n    for k in n:\n        for x in g(k):\n            print(x)\n")
    assert "IS" not in operations(code)


def test_defaults_are_constants() -> None:
    code = region("def g(n, m=(1, 2), *, k='k'):\n    yield n, m, k\ndef f(n):\n    for k in n:\n"
                  "        for x in g(k): print(x)\n")
    assert "IS" in operations(code) and (1, 2) in code.consts and "k" in code.consts


LOOPS = {
    "arguments in a list": "for x in g(*k): print(x)",
    "too few": "for x in g(): print(x)",
    "by another name": "for x in g(m=k): print(x)",
    "inside of a try statement": "try:\n            for x in g(k): print(x)\n        except ValueError: pass",
}


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS.keys())
def test_loops_that_call(loop: str) -> None:
    code = region(f"def g(n):\n    yield n\ndef f(n):\n    for k in n:\n        {loop}\n")
    assert "IS" not in operations(code)


def test_a_generator_that_calls_itself_is_written_out_once() -> None:
    code = region("""\
def g(n):
    yield n
    for m in g(n - 1):
        yield m

def f(n):
    for k in n:
        for x in g(k):
            print(x)
""")
    assert operations(code).count("IS") == 1


def test_only_globals_of_the_same_module() -> None:
    space = defined(TWICE)
    other = types.FunctionType(space["g"].__code__, {})
    loop = loop_sites(find(space["f"]).scope)[1].node
    around = Position(1, 1, 0, 0)
    assert called(loop) is not None  # type: ignore[arg-type]
    assert embedding(loop, other, space, around, ".g", find) is None  # type: ignore[arg-type]
    found = embedding(loop, space["g"], space, around, ".g", find)  # type: ignore[arg-type]
    assert found is not None and found.names == [".g.n"]
