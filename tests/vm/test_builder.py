"""Building bytecode in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from zexus.assembly import print_module
from zexus.bytecode import Handler, InvalidCode, Position
from zexus.vm.builder import BytecodeBuilder, near
from zexus.vm.stack import StackMachine


def test_a_module_is_built_and_runs() -> None:
    builder = BytecodeBuilder("powers", "powers.py")
    main = builder.function("main", "n", first_line=3)
    main.line(4)
    main.LOAD_CONST(1)
    main.STORE_LOCAL("result")
    main.label("loop")
    main.LOAD_LOCAL("n")
    main.JUMP_IF_FALSE("done")
    main.emit("LOAD_GLOBAL", "double")
    main.LOAD_LOCAL("result")
    main.CALL(1)
    main.STORE_LOCAL("result")
    main.line(None)
    main.LOAD_LOCAL("n")
    main.LOAD_CONST(1)
    main.SUB()
    main.STORE_LOCAL("n")
    main.JUMP("loop")
    main.label("done")
    main.LOAD_LOCAL("result")
    main.RETURN()
    double = builder.function("double", "x")
    double.LOAD_LOCAL("x")
    double.COPY(1)
    double.ADD()
    double.RETURN()
    module = builder.build()
    assert module.namespace(StackMachine(10).enter)["main"](10) == 1024
    code = module.functions["main"]
    assert (code.locals, code.params, code.first_line) == (("n", "result"), 1, 3)
    assert code.instructions[0].position == Position(4, 4, 0, 0) and code.instructions[-1].position is None
    assert print_module(module).startswith("module powers 'powers.py'\n")


def test_handlers_and_cells() -> None:
    builder = BytecodeBuilder()
    f = builder.function("f")
    f.cells.append("x")
    f.LOAD_CONST(2)
    f.STORE_CELL("x")
    f.label("risky")
    f.LOAD_CELL("x")
    f.LOAD_CONST(0)
    f.TRUEDIV()
    f.RETURN()
    f.label("caught")
    f.POP()
    f.LOAD_CELL("x")
    f.RETURN()
    f.handler("risky", "caught", "caught")
    module = builder.build()
    assert module.functions["f"].handlers == [Handler(2, 6, 6, 0)]
    assert module.namespace(StackMachine(10).enter)["f"]() == 2


class _Alike:
    def __repr__(self) -> str:
        return "alike"


def test_equal_plain_constants_are_one() -> None:
    plain = (1, True, 1.0, 0.0, -0.0, float("nan"), "1", b"1", None, ..., 1j, (1, (2,)), (True, (2,)), 10**5000)
    builder = BytecodeBuilder()
    f = builder.function("f")
    for value in plain * 2:
        f.LOAD_CONST(value)
    f.BUILD_TUPLE(2 * len(plain))
    f.RETURN()
    code = builder.build().functions["f"]
    assert [type(value) for value in code.consts] == [type(value) for value in plain]


@pytest.mark.parametrize("make", [list, _Alike], ids=["list", "object"])
def test_objects_that_look_alike_stay_apart(make: Callable[[], Any]) -> None:
    first, second = make(), make()
    builder = BytecodeBuilder()
    f = builder.function("f")
    for value in (first, second, first, (second,)):
        f.LOAD_CONST(value)
    f.BUILD_TUPLE(4)
    f.RETURN()
    found = builder.build().namespace(StackMachine(10).enter)["f"]()
    assert found[0] is first and found[1] is second and found[2] is first and found[3][0] is second


def test_what_the_builder_refuses() -> None:
    builder = BytecodeBuilder()
    f = builder.function("f", "n")
    with pytest.raises(InvalidCode, match="function 'f' stands twice"):
        builder.function("f")
    with pytest.raises(AttributeError, match="unknown opcode 'LOAD_LOKAL'; did you mean 'LOAD_LOCAL'"):
        f.LOAD_LOKAL("n")
    for line in (-1, 2**31):
        with pytest.raises(InvalidCode, match=f"f: there is no line {line}"):
            f.line(line)
    f.label("a")
    with pytest.raises(InvalidCode, match="label 'a' stands twice"):
        f.label("a")
    f.LOAD_LOCAL("m")
    with pytest.raises(InvalidCode, match="f: no local 'm' at 0 LOAD_LOCAL") as caught:
        builder.build()
    assert (caught.value.function, caught.value.index, caught.value.part) == ("f", 0, 0)
    f.instructions[0] = ("FROB", (), None)
    with pytest.raises(InvalidCode, match="unknown opcode 'FROB' at 0"):
        builder.build()
    f.instructions[0] = ("LOAD_LOCAL", ("n",), None)
    f.RETURN()
    f.handler("a", "b", "a")
    with pytest.raises(InvalidCode, match="f: no label 'b'"):
        builder.build()


def test_near() -> None:
    assert near("tottal", ["count", "total"]) == "; did you mean 'total'?"
    assert near("x", ["count"]) == ""
