"""Recursion of generated functions: deep, ended by RecursionError, and safe where the host's own stack is used."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from zexus.assembly import assemble
from zexus.bytecode import Module
from zexus.regvm.python.link import call, link
from zexus.regvm.python.module import generate

PROGRAM = """
module deep

function main(n)
    LOAD_GLOBAL down
    LOAD_LOCAL n
    CALL 1
    RETURN

function down(n)
    LOAD_LOCAL n
    JUMP_IF_TRUE more
    LOAD_CONST 0
    RETURN
  more:
    LOAD_GLOBAL down
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    CALL 1
    LOAD_CONST 1
    ADD
    RETURN

; through a value that is called, and through a builtin function
function value(n)
  cells self
    MAKE_FUNCTION inner
    STORE_CELL self
    LOAD_CELL self
    LOAD_LOCAL n
    CALL 1
    RETURN

function inner(n)
  captured self
    LOAD_LOCAL n
    JUMP_IF_TRUE more
    LOAD_CONST 0
    RETURN
  more:
    LOAD_CELL self
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    CALL 1
    LOAD_CONST 1
    ADD
    RETURN

function hosted(n)
    LOAD_GLOBAL list
    LOAD_GLOBAL map
    LOAD_GLOBAL hosted
    LOAD_LOCAL n
    BUILD_LIST 1
    CALL 2
    CALL 1
    RETURN
"""


def functions() -> dict[str, Any]:
    module: Module = assemble(PROGRAM, "deep.zxa")
    namespace = module.namespace(lambda routine, arguments: routine.function(*arguments))  # type: ignore[misc]
    return link(generate(module), module, namespace, lambda routine, arguments: routine.function(*arguments))


@pytest.mark.parametrize("name", ["main", "value"])
def test_deep(name: str) -> None:
    limit = sys.getrecursionlimit()
    assert call(functions()[name], (50_000,), 60_000) == 50_000
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize("name", ["main", "value", "hosted"])
def test_too_deep(name: str) -> None:
    function = functions()[name]
    with pytest.raises(RecursionError):
        call(function, (10**9,), 200_000)
    with pytest.raises(RecursionError):
        call(function, (400,), 300)
    if name != "hosted":
        assert call(function, (200,), 300) == 200


def in_thread(run: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            run()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    assert not failures, failures


@pytest.mark.parametrize("name", ["main", "hosted"])
def test_too_deep_in_a_thread(name: str) -> None:
    def run() -> None:
        with pytest.raises(RecursionError):
            call(functions()[name], (10**9,), 200_000)

    in_thread(run)


def test_traceback_of_what_is_too_deep() -> None:
    with pytest.raises(RecursionError) as caught:
        call(functions()["main"], (10**9,), 100)
    names = [entry.name for entry in caught.traceback]
    assert "down" in names and "main" in names and "down_" not in names
