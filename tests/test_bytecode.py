"""The stack form: stack effects, the verifier, the text form and the assembler."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from types import CellType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zexus import ops
from zexus.assembly import parse
from zexus.bytecode import (
    Code,
    Handler,
    Instruction,
    InvalidCode,
    Module,
    Position,
    Routine,
    activation_cells,
    assigned,
    captured_cells,
    depths,
    empty_cell,
    print_code,
    stack_effect,
    targets,
    verify,
    verify_module,
    wrong_arguments,
)
from zexus.codes import Unsupported
from zexus.frontend.loops import loop_sites
from zexus.frontend.lower import lower_function, lower_loop
from zexus.frontend.source import module_source

ROOT = Path(__file__).resolve().parents[1]

SUM = """\
code total (sums.py:1) params 1
locals xs total x
const 0: 0
    2       0 LOAD_CONST     0  ; 0
            1 STORE_LOCAL    1  ; total
    3       2 LOAD_LOCAL     0  ; xs
            3 ITER
      >>    4 FOR_ITER       10
            5 STORE_LOCAL    2  ; x
    4       6 LOAD_LOCAL     1  ; total
            7 LOAD_LOCAL     2  ; x
            8 IADD
            9 STORE_LOCAL    1  ; total
"""


def code(text: str, consts: tuple[object, ...] = (0, 1), names: str = "a b c") -> Code:
    lines = [f"code f (f.py:1) params 1\nlocals {names}", *(f"const {i}: {c!r}" for i, c in enumerate(consts)),
             *(f"{i} {line}" for i, line in enumerate(text.splitlines()))]
    return parse("\n".join(lines))


def test_depths() -> None:
    made = code("LOAD_LOCAL 0\nITER\nFOR_ITER 5\nPOP\nJUMP 2\nLOAD_CONST 0\nRETURN")
    assert depths(made) == [0, 1, 1, 2, 1, 0, 1]


def test_unreachable_instructions_have_no_depth() -> None:
    assert depths(code("LOAD_LOCAL 0\nRETURN\nPOP\nRETURN")) == [0, 1, -1, -1]


@pytest.mark.parametrize(("op", "arg", "effect"), [
    ("ADD", None, (2, 1)), ("CALL", 2, (3, 1)), ("BUILD_LIST", 3, (3, 1)), ("UNPACK", 3, (1, 3)), ("SWAP", 2, (0, 0)),
    ("COPY", 1, (0, 1)), ("FOR_ITER", 5, (0, 1)), ("STORE_ITEM", None, (3, 0)), ("PYBLOCK", 0, (0, 1)),
    ("RETURN", None, (1, 0)), ("BUILD_DICT", 2, (4, 1)), ("BUILD_SLICE", None, (3, 1)), ("SETATTR", "x", (2, 0)),
    ("STORE_CELL", 0, (1, 0)), ("MAKE_FUNCTION", "f", (0, 1)), ("MATCH", None, (2, 1)), ("DELITEM", None, (2, 0)),
])
def test_stack_effects(op: str, arg: int | None, effect: tuple[int, int]) -> None:
    assert stack_effect(Instruction(op, arg)) == effect


@pytest.mark.parametrize(("text", "message"), [
    ("ADD\nRETURN", "stack underflow at 0 ADD"),
    ("LOAD_LOCAL 0\nSWAP 2\nRETURN", "stack underflow at 1 SWAP"),
    ("FOR_ITER 1\nRETURN", "stack underflow at 0 FOR_ITER"),
    ("LOAD_LOCAL 9\nRETURN", "bad argument 9 at 0 LOAD_LOCAL"),
    ("LOAD_CONST 'x'\nRETURN", "bad argument 'x' at 0 LOAD_CONST"),
    ("LOAD_CELL 0\nRETURN", "bad argument 0 at 0 LOAD_CELL"),
    ("PYBLOCK 0\nRETURN", "bad argument 0 at 0 PYBLOCK"),
    ("JUMP 7", "jump out of range at 0 JUMP 7"),
    ("JUMP", "bad argument None at 0 JUMP"),
    ("LOAD_CONST 0\nSWITCH 1", "bad argument 1 at 1 SWITCH"),
    ("LOAD_GLOBAL 5\nRETURN", "bad argument 5 at 0 LOAD_GLOBAL"),
    ("CALL -1\nRETURN", "bad argument -1 at 0 CALL"),
    ("LOAD_CONST True\nRETURN", "bad argument True at 0 LOAD_CONST"),
    ("LOAD_CONST 2\nRETURN", "bad argument 2 at 0 LOAD_CONST"),
    ("LOAD_CONST 0\nSWAP 0\nRETURN", "bad argument 0 at 1 SWAP"),
    ("LOAD_CONST 0\nADD 1\nRETURN", "bad argument 1 at 1 ADD"),
    ("LOAD_CONST 0\nMOVE\nRETURN", "no opcode of the stack form at 1 MOVE"),
    ("LOAD_CONST 0\nBOX_INT\nRETURN", "no opcode of the stack form at 1 BOX_INT"),
    ("LOAD_CONST 0\nSWITCH (0, 9)", "jump out of range at 1 SWITCH 9"),
    ("LOAD_CONST 0\nSWITCH (0, 1)", "no outlined statement gives a signal at 1 SWITCH"),
    ("LEAVE 0", "only a region is left at 0 LEAVE"),
    ("LOAD_CONST 0\nPOP", "control runs out of the code at 2"),
    ("LOAD_CONST 0\nJUMP_IF_FALSE 3\nLOAD_CONST 0\nLOAD_CONST 1\nRETURN", "depth"),
])
def test_the_verifier_names_the_instruction(text: str, message: str) -> None:
    with pytest.raises(InvalidCode, match=message.replace("(", r"\(")):
        code(text)


@pytest.mark.parametrize(("broken", "message"), [
    ({"instructions": ["RETURN"]}, "'RETURN' at 0 is no Instruction"),
    ({"handlers": [Handler(0, 1, "a", 0)]}, "handler out of range"),  # type: ignore[arg-type]
])
def test_parts_of_other_types_are_refused(broken: dict[str, Any], message: str) -> None:
    whole = {"instructions": [Instruction("LOAD_LOCAL", 0), Instruction("RETURN")], **broken}
    with pytest.raises(InvalidCode, match=message):
        verify(Code("f", "f", "f.py", 1, ("a",), 1, **whole))


@pytest.mark.parametrize(("tables", "message"), [
    ({"locals": ("a", "b", "a")}, "local 'a' stands twice"),
    ({"cells": ("c",), "captured": ("d", "c")}, "cell 'c' stands twice"),
])
def test_names_that_stand_twice(tables: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"locals": ("a",), **tables}
    made = Code("f", "f", "f.py", 1, params=0, instructions=[Instruction("LOAD_GLOBAL", "x"), Instruction("RETURN")],
                **given)
    with pytest.raises(InvalidCode, match=f"f: {message}"):
        verify(made)


def test_an_unknown_opcode() -> None:
    made = Code("f", "f", "f.py", 1, (), 0, instructions=[Instruction("FROB")])
    with pytest.raises(InvalidCode, match="unknown opcode 'FROB' at 0"):
        verify(made)


def test_the_text_form_is_read_back() -> None:
    text = SUM + "           10 LOAD_LOCAL     1  ; total\n           11 RETURN\n"
    text = text.replace("            9 STORE_LOCAL    1  ; total\n",
                        "            9 STORE_LOCAL    1  ; total\n           10 JUMP           4\n")
    text = text.replace("FOR_ITER       10", "FOR_ITER       11").replace("           10 LOAD", "      >>   11 LOAD")
    text = text.replace("           11 RETURN", "           12 RETURN")
    made = parse(text)
    assert print_code(made) == str(made) == text
    assert made.instructions[7].position == Position(4, 4, 0, 0)
    assert (made.name, made.locals, made.params, made.region) == ("total", ("xs", "total", "x"), 1, False)


@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
       | st.binary(max_size=5) | st.tuples(st.integers(), st.text(max_size=3)))
def test_literal_constants_are_read_back(value: object) -> None:
    made = code("LOAD_CONST 0\nRETURN", (value,))
    assert repr(made.consts[0]) == repr(value)
    assert print_code(parse(print_code(made))) == print_code(made)


def test_a_nan_is_read_back() -> None:
    assert math.isnan(code("LOAD_CONST 0\nRETURN", (math.nan,)).consts[0])


@pytest.mark.parametrize(("old", "new", "message"), [
    ("code total", "cod total", "line 1: expected `code"),
    ("const 0: 0", "const 1: 0", "line 3: constants are numbered in order"),
    ("const 0: 0", "const 0: <object>", "line 3: "),
    ("8 IADD", "8 IFROB", "line 12: unknown opcode 'IFROB'"),
    ("8 IADD", "9 IADD", "line 12: instruction 8 is expected, not 9"),
    ("8 IADD", "eight", "line 12: cannot read 'eight'"),
])
def test_what_the_assembler_cannot_read(old: str, new: str, message: str) -> None:
    assert old in SUM
    with pytest.raises(InvalidCode, match=message):
        parse(SUM.replace(old, new))


def _literal(value: object) -> bool:
    return type(value) in (int, float, str, bytes, bool, type(None)) or \
        (type(value) is tuple and all(map(_literal, value)))


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks" / "programs").glob("*.py")), ids=lambda path: path.stem)
def test_the_code_of_whole_programs_is_read_back(path: Path) -> None:
    module = module_source(path.read_text(encoding="utf-8"), path.name)
    seen = 0
    for source in module.functions:
        made = []
        with contextlib.suppress(Unsupported):
            made.append(lower_function(source.scope, 1, {}))
        for site in loop_sites(source.scope):
            if site.kind != "function" and site.refusal is None:
                with contextlib.suppress(Unsupported):
                    made.append(lower_loop(site, {}))
        for one in made:
            if all(map(_literal, one.consts)):
                assert print_code(parse(print_code(one))) == print_code(one)
                assert all(i.op in ops.OPS for i in one.instructions)
                seen += 1
    assert seen or not module.functions


# --- modules ---------------------------------------------------------------------------------------------------


def one(name: str, *instructions: tuple[object, ...], **facts: object) -> Code:
    made = [Instruction(str(op), *arg) for op, *arg in instructions]
    code = Code(name, name, "m.zxa", 1, (), 0, instructions=made)
    for fact, value in facts.items():
        setattr(code, fact, value)
    return code


NONE = (("LOAD_CONST", 0), ("RETURN",))


def module(*codes: Code) -> Module:
    return Module("m", "m.zxa", {code.name: code for code in codes})


def test_the_namespace_has_the_functions_that_capture_nothing() -> None:
    plain, inner = one("plain", *NONE, consts=[None]), one("inner", *NONE, consts=[None], captured=("x",))
    made = module(plain, inner)
    space = made.namespace(lambda routine, arguments: (routine.code.name, *arguments))
    assert set(space) == {"__name__", "plain"}
    routine = space["plain"]
    assert type(routine) is Routine and routine.namespace is space and plain.module is made
    assert routine(1, 2) == ("plain", 1, 2)
    assert (routine.__name__, repr(routine)) == ("plain", "<routine plain>")


def test_a_function_that_is_assigned_is_no_constant() -> None:
    made = module(one("f", ("LOAD_CONST", 0), ("STORE_GLOBAL", "g"), *NONE, consts=[None]), one("g", *NONE))
    assert made.constants() == {"f"}


@pytest.mark.parametrize(("code", "message"), [
    (one("f", ("MAKE_FUNCTION", "h"), ("RETURN",)), "f: no function 'h' at 0 MAKE_FUNCTION"),
    (one("f", ("MAKE_FUNCTION", "g"), ("RETURN",)), "f: 'g' captures 'x', which is no cell at 0 MAKE_FUNCTION"),
    (one("f", ("LOAD_LOCAL", 0), ("RETURN",), locals=("x",), cells=("x",)), "'x' lives in a cell, .* 0 LOAD_LOCAL"),
    (one("f", ("LOAD_GLOBAL", "g"), ("LOAD_GLOBAL", "x"), ("CALL_KEYWORD", (1, ("x",))), ("RETURN",)),
     "f: functions of a program have no keywords at 2 CALL_KEYWORD"),
    (one("f"), "f: no instruction"),
    (one("f", *NONE, consts=[None], params=1), "f: 1 parameters, but 0 locals"),
])
def test_the_verifier_of_modules(code: Code, message: str) -> None:
    inner = one("g", ("LOAD_CELL", 0), ("RETURN",), captured=("x",))
    with pytest.raises(InvalidCode, match=message):
        verify_module(module(code, inner))


def test_a_local_without_a_value_is_refused() -> None:
    text = ("LOAD_LOCAL 0\nJUMP_IF_FALSE 4\nLOAD_CONST 0\nSTORE_LOCAL 1\nLOAD_LOCAL 1\nRETURN")
    with pytest.raises(InvalidCode, match="f: 'b' may have no value at 4 LOAD_LOCAL: put CHECK_BOUND behind it"):
        verify_module(module(code(text)))
    verify_module(module(code(text.replace("1\nRETURN", "1\nCHECK_BOUND 'b'\nRETURN"))))
    verify_module(module(code(text.replace("FALSE 4", "FALSE 2"))))


def test_a_handler_knows_only_what_has_a_value_wherever_it_is_entered() -> None:
    made = code("LOAD_CONST 0\nSTORE_LOCAL 1\nLOAD_CONST 0\nSTORE_LOCAL 2\nLOAD_CONST 0\nRETURN\nPOP\n"
                "LOAD_LOCAL 1\nRETURN")
    made.handlers.append(Handler(2, 5, 6, 0))
    assert assigned(made)[6:8] == [frozenset("ab"), frozenset("ab")]
    verify_module(module(made))
    made.handlers[0] = Handler(1, 5, 6, 0)
    with pytest.raises(InvalidCode, match="'b' may have no value at 7"):
        verify_module(module(made))


def test_a_handler_keeps_what_covered_instructions_leave() -> None:
    made = code("LOAD_CONST 0\nLOAD_CONST 1\nADD\nRETURN\nRAISE")
    made.handlers.append(Handler(2, 3, 4, 0))
    verify(made)
    made.handlers[0] = Handler(2, 3, 4, 1)
    with pytest.raises(InvalidCode, match=r"2 ADD takes from the stack what Handler.* keeps"):
        verify(made)


def test_functions_stand_under_their_names() -> None:
    with pytest.raises(InvalidCode, match="function 'f' is named 'g'"):
        verify_module(Module("m", "m.zxa", {"f": one("g", *NONE, consts=[None])}))


def test_the_cells_of_a_call() -> None:
    outer = one("f", *NONE, consts=[None], locals=("a", "b"), params=2, cells=("b", "c"), captured=("z",))
    routine = Routine(outer, {}, (CellType(0),), lambda routine, arguments: None)
    captured, b, c = activation_cells(routine, (1, 2))
    assert captured is routine.cells[0] and b.cell_contents == 2
    with pytest.raises(ValueError):
        _ = c.cell_contents
    inner = one("g", *NONE, captured=("c", "z"))
    assert captured_cells(inner, outer, (captured, b, c)) == (c, captured)
    assert str(empty_cell(outer, 0)).startswith("cannot access free variable 'z'")
    assert type(empty_cell(outer, 2)) is UnboundLocalError and "'c'" in str(empty_cell(outer, 2))


@pytest.mark.parametrize("given", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("wanted", [0, 1, 2, 3])
def test_wrong_arguments_are_told_in_the_words_of_python(wanted: int, given: int) -> None:
    names = ("a", "b", "c")[:wanted]
    function = eval(f"lambda {', '.join(names)}: None")
    function.__qualname__ = "f"
    try:
        function(*range(given))
    except TypeError as error:
        assert str(wrong_arguments(one("f", locals=names, params=wanted), given)) == str(error)


def test_targets() -> None:
    assert targets(Instruction("JUMP", 4)) == (4,)
    assert targets(Instruction("SWITCH", (1, 2))) == (1, 2)
    assert targets(Instruction("CALL", 4)) == ()
