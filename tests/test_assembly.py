"""Programs in text: what the assembler reads, how it says no, and that what is printed is read back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zexus.assembly import AssemblyError, assemble, parse, print_module
from zexus.bytecode import Code, Handler, Instruction, Module, Position, print_code

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = sorted((ROOT / "examples").glob("*.zxa"))

SUM = """\
; adds up
module sums "sums.py"

function main(n)
  cells total
    LOAD_CONST  (1, ('a; "b', -2.5), nan)  ; a comment
    POP
    LOAD_CONST  0
    STORE_CELL  total
  start:
    LOAD_LOCAL  n
    ITER
  loop: FOR_ITER done
    LOAD_CELL   total
    ADD
    STORE_CELL  total
    JUMP        loop
  done:
    LOAD_CELL   total
    RETURN
  .line 70
  caught:
    RETURN
  handler loop done -> caught depth 0
"""


def test_a_program() -> None:
    module = assemble(SUM, "folder/other.zxa")
    assert (module.name, module.filename, list(module.functions)) == ("sums", "sums.py", ["main"])
    code = module.functions["main"]
    assert (code.locals, code.params, code.cells, code.first_line) == (("n",), 1, ("total",), 4)
    assert repr(code.consts) == "[(1, ('a; \"b', -2.5), nan), 0]"
    assert code.handlers == [Handler(6, 11, 13, 0)]
    assert [(i.op, i.arg) for i in code.instructions[4:9]] == [
        ("LOAD_LOCAL", 0), ("ITER", None), ("FOR_ITER", 11), ("LOAD_CELL", 0), ("ADD", None)]
    assert [i.position.line for i in code.instructions if i.position][-4:] == [17, 19, 20, 70]
    assert code.module is module


def test_the_name_of_a_program_is_that_of_its_file() -> None:
    module = assemble("function main()\n LOAD_CONST 1\n RETURN", "folder/some.zxa")
    assert (module.name, module.filename) == ("some", "folder/some.zxa")


@pytest.mark.parametrize("text", [SUM, *(path.read_text() for path in PROGRAMS)],
                         ids=["sum", *(path.stem for path in PROGRAMS)])
def test_what_is_printed_is_read_back(text: str) -> None:
    module = assemble(text)
    again = assemble(print_module(module))
    assert print_module(again) == print_module(module)
    assert (again.name, again.filename) == (module.name, module.filename)
    for name, code in module.functions.items():
        other = again.functions[name]
        for field in ("name", "filename", "first_line", "locals", "params", "captured", "cells", "handlers"):
            assert getattr(other, field) == getattr(code, field)
        assert repr(other.consts) == repr(code.consts)
        assert other.instructions == code.instructions


def test_instructions_without_a_line_are_read_back() -> None:
    code = Code("f", "f", "m.zxa", 3, (), 0, consts=[None], instructions=[
        Instruction("LOAD_CONST", 0, Position(4, 4, 0, 0)), Instruction("RETURN")])
    again = assemble(print_module(Module("m", "m.zxa", {"f": code}))).functions["f"]
    assert again.instructions == code.instructions and again.first_line == 3


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
                    lambda inner: st.tuples(inner, inner) | st.tuples(inner) | st.just(()), max_leaves=4))
def test_constants_are_read_back(value: object) -> None:
    code = Code("f", "f", "m", 1, (), 0, consts=[value],
                instructions=[Instruction("LOAD_CONST", 0, Position(1, 1, 0, 0)), Instruction("RETURN")])
    (again,) = assemble(print_module(Module("m", "m", {"f": code}))).functions["f"].consts
    assert (type(again), repr(again)) == (type(value), repr(value))


@pytest.mark.parametrize("value", [10**5000, -(10**5000), ((10**5000, "x"), -1)], ids=["more", "less", "inside"])
def test_long_integers_are_read_back(value: object) -> None:
    code = Code("f", "f", "m", 1, (), 0, consts=[value],
                instructions=[Instruction("LOAD_CONST", 0, Position(1, 1, 0, 0)), Instruction("RETURN")])
    assert assemble(print_module(Module("m", "m", {"f": code}))).functions["f"].consts == [value]
    assert parse(print_code(code)).consts == [value]


def test_tuples_may_lie_in_each_other() -> None:
    value: object = "; ("
    for _ in range(50):
        value = (value,)
    assert assemble(f"function f()\n LOAD_CONST {value!r} ; (\n RETURN").functions["f"].consts == [value]


def test_a_file_may_begin_with_a_byte_order_mark() -> None:
    assert assemble("\ufefffunction f()\n LOAD_CONST 1\n RETURN").functions["f"].consts == [1]


def test_constants_of_different_kinds_stay_apart() -> None:
    text = "function f()\n" + "".join(f" LOAD_CONST {c}\n" for c in ("1", "True", "1.0", "-0.0", "0.0", "1", "'1'"))
    code = assemble(text + " RETURN").functions["f"]
    assert repr(code.consts) == "[1, True, 1.0, -0.0, 0.0, '1']"


HEAD = "function f(first, second)\n"


@pytest.mark.parametrize(("text", "place", "message"), [
    (HEAD + "  LOAD_LOCL first\n  RETURN", "2:3", "unknown opcode 'LOAD_LOCL'; did you mean 'LOAD_LOCAL'"),
    (HEAD + "  MOVE\n  RETURN", "2:3", "no opcode of the stack form at 0 MOVE"),
    (HEAD + "  LOAD_LOCAL first\n  SWITCH x y x\n x: y: LOAD_LOCAL first\n  RETURN", "3:3",
     "no outlined statement gives a signal at 1 SWITCH"),
    (HEAD + "  LEAVE 0", "2:3", "only a region is left at 0 LEAVE"),
    (HEAD + "  LOAD_LOCAL frist\n  RETURN", "2:14", "no local 'frist' at 0 LOAD_LOCAL; did you mean 'first'"),
    (HEAD + "  LOAD_CELL x\n  RETURN", "2:13", "no cell 'x' at 0 LOAD_CELL"),
    (HEAD + " top: LOAD_LOCAL first\n  JUMP tap\n", "3:8", "no label 'tap' at 1 JUMP; did you mean 'top'"),
    (HEAD + "  MAKE_FUNCTION g\n  RETURN", "2:17", "no function 'g' at 0 MAKE_FUNCTION"),
    (HEAD + "  LOAD_CONST 1\n  ADD\n  RETURN", "3:3", "stack underflow at 1 ADD"),
    (HEAD + "  LOAD_CONST 1\n  POP\n", "3:3", "control runs out of the code at 2"),
    (HEAD + "  LOAD_CONST\n  RETURN", "2:3", "LOAD_CONST takes 1 argument, got 0, at 0"),
    (HEAD + "  LOAD_CONST 1 2\n  RETURN", "2:3", "LOAD_CONST takes 1 argument, got 2, at 0"),
    (HEAD + "  LOAD_CONST word\n  RETURN", "2:14", "'word' is no literal"),
    (HEAD + "  LOAD_CONST 'abc\n  RETURN", "2:14", "no partner"),
    (HEAD + "  LOAD_CONST (1, 2\n  RETURN", "2:14", "no partner"),
    (HEAD + "  LOAD_CONST ((1, 2)\n  RETURN", "2:14", "no partner"),
    (HEAD + "  LOAD_CONST 1)\n  RETURN", "2:15", "no partner"),
    (HEAD + "  LOAD_CONST " + "-" * 10_000 + "1\n  RETURN", "2:14", "is no literal"),
    (HEAD + "  LOAD_CONST [1]\n  RETURN", "2:14", "a constant is a number"),
    (HEAD + "  LOAD_CONST 1\n  CALL one\n  RETURN", "3:8", "a number is wanted, not 'one'"),
    (HEAD + "  LOAD_CONST 1\n  RETURN\n  handler a b => c", "4:3", "a handler is written"),
    (HEAD + "  here: LOAD_CONST 1\n  RETURN\n  handler here hare -> here", "4:16", "no label 'hare'; did you mean"),
    (HEAD + "  a: LOAD_CONST 1\n  b: RETURN\n  handler b a -> a", "4:11", "no instruction stands from 'b' to 'a'"),
    (HEAD + "  a: LOAD_CONST 1\n  RETURN\n b:\n  handler a b -> b", "5:18", "no instruction stands behind 'b'"),
    (HEAD + "  a: a: LOAD_CONST 1\n  RETURN", "2:6", "label 'a' stands twice"),
    (HEAD + "  locals first\n  RETURN", "2:10", "'first' stands twice"),
    (HEAD + "  .line x\n  RETURN", "2:3", "a line is written"),
    (HEAD + "  .line 2147483648\n  RETURN", "2:3", "a line is written"),
    (HEAD + "\tLOAD_CONST\tword\n  RETURN", "2:13", "'word' is no literal"),
    (HEAD, "1:10", "no instruction"),
    ("function f(a, a)\n", "1:10", "a parameter stands twice"),
    ("function f\n", "1:1", "a function begins with"),
    (HEAD + "  LOAD_CONST 1\n  RETURN\n" + HEAD, "4:10", "function 'f' stands twice"),
    ("LOAD_CONST 1\n", "1:1", "LOAD_CONST stands outside of a function"),
    ("; nothing\n", "1:1", "there is no function"),
    (HEAD + "  LOAD_CONST 1\n  RETURN\nmodule late\n", "4:1", "stands before the functions"),
    ("function f()\n locals x\n LOAD_LOCAL x\n RETURN", "3:2", "'x' may have no value at 0 LOAD_LOCAL"),
])
def test_mistakes_are_told_with_their_place(text: str, place: str, message: str) -> None:
    with pytest.raises(AssemblyError) as caught:
        assemble(text, "p.zxa")
    first, shown, caret = str(caught.value).split("\n")
    assert first.startswith(f"p.zxa:{place}: ") and message in first
    line, column = map(int, place.split(":"))
    assert shown == f"    {text.splitlines()[line - 1].rstrip()}"
    assert caret.index("^") == 4 + column - 1
    assert len(caret[:-1].expandtabs()) == len(shown[:4 + column - 1].expandtabs())


def test_what_has_no_text() -> None:
    code = Code("f", "f", "m", 1, (), 0, consts=[[]],
                instructions=[Instruction("LOAD_CONST", 0), Instruction("RETURN")])
    with pytest.raises(ValueError, match="no literal"):
        print_module(Module("m", "m", {"f": code}))
    code.consts = [complex(-0.0, 1.0)]
    with pytest.raises(ValueError, match="no literal"):
        print_module(Module("m", "m", {"f": code}))
    code.region = True
    with pytest.raises(ValueError, match="only whole functions"):
        print_module(Module("m", "m", {"f": code}))
