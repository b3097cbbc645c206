"""The text form of functions: literals, what is printed, and what cannot be read."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zexus.regvm.ir import Function, Instr
from zexus.regvm.text import InvalidText, parse, parse_literal, print_function, print_instr, print_literal

SIMPLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=4)
LITERALS = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=8)

EXAMPLE = """\
function scale:3 typed (v0:i64, v1:f64)
bb0:
  v2:i64 = K [-5]
  v3:i64 = ADD v0, v2 exit 1
  JUMP -> bb1
bb1:  ; from bb0, bb1
  v4:i64 = PHI bb0 v3, bb1 v5
  v5:i64 = ADD v4, v2 !nowrap
  v6:i1 = LT v5, v0
  BRANCH v6 -> bb1, bb2
bb2:  ; from bb1
  v7:f64 = K [float(-inf)]
  v8:ptr = GLOBAL_GET [('global' 0 (1 'a b') 2.0)] exit 0
  LEAVE v8 [0]
exit 0 ZX031 line 0 pc 0:
exit 1 ZX030 line 4 pc 7: v0 i, v1 nfloat64
ref 0: 'globals of "f"'
ref 1: 'None'
const 0: (1 'a b' float(nan))
const 1: True
"""


def same(a: Any, b: Any) -> bool:
    if type(a) is tuple:
        return type(b) is tuple and len(a) == len(b) and all(map(same, a, b))
    if type(a) is float:
        return type(b) is float and ((a == b and math.copysign(1, a) == math.copysign(1, b)) or (a != a and b != b))
    return type(a) is type(b) and bool(a == b)


@given(LITERALS)
def test_literals_are_read_back(value: Any) -> None:
    assert same(parse_literal(print_literal(value)), value)


@pytest.mark.parametrize("text", ["", "(1 2", "1 2", "x", "float(x)", ")"])
def test_no_literal(text: str) -> None:
    with pytest.raises(ValueError):
        parse_literal(text)


def test_a_function_is_read_back() -> None:
    text = EXAMPLE.replace(" 2.0)", " float(0x1.0000000000000p+1))")
    fn = parse(text)
    assert print_function(fn) == text
    assert (fn.name, fn.form, fn.next_value, fn.next_block) == ("scale:3", "typed", 9, 3)
    assert [p.type for p in fn.params] == ["i64", "f64"]
    assert fn.exits[1].code == "ZX030" and fn.exits[1].frames is None
    assert fn.blocks[0].instrs[1].exit is fn.exits[1]
    assert fn.refs == ['globals of "f"', "None"]
    assert fn.consts[1] is True


def test_blanks_and_comments_do_not_matter() -> None:
    airy = EXAMPLE.replace("\n  JUMP", "\n\n  ; a remark\n     JUMP")
    assert print_function(parse(airy)) == print_function(parse(EXAMPLE))


def test_an_instruction_as_a_line() -> None:
    fn = Function("f", "typed")
    instr = Instr("MOD", [fn.value("i64"), fn.value("i64")], fn.value("i64"))
    instr.facts = frozenset(("nonneg", "inbounds"))
    assert print_instr(instr) == "v2:i64 = MOD v0, v1 !inbounds !nonneg"


@pytest.mark.parametrize(("line", "replacement", "message"), [
    ("function scale:3 typed (v0:i64, v1:f64)", "function scale:3 wild (v0)", "line 1: expected `function"),
    ("  v2:i64 = K [-5]", "  v2:i65 = K [-5]", "line 3: unknown payload 'i65'"),
    ("  v2:i64 = K [-5]", "  v2:i64 = KAY [-5]", "line 3: unknown opcode 'KAY'"),
    ("  v2:i64 = K [-5]", "  v2:i64 = K [oops]", "line 3: .*oops"),
    ("  v2:i64 = K [-5]", "  what is this", "line 3: cannot read"),
    ("  JUMP -> bb1", "  JUMP -> bb9", "bb9 is not defined"),
    ("exit 1 ZX030 line 4 pc 7: v0 i, v1 nfloat64\n", "", "exit 1 is not defined"),
    ("ref 0: ", "ref 3: ", "line 17: references are numbered in order"),
    ("const 1: ", "const 3: ", "line 20: constants are numbered in order"),
    ("const 1: True", "const 1: true", "line 20: .*true"),
    ("bb2:  ; from bb1", "bb1:", "line 11: bb1 stands twice"),
    ("bb0:\n", "", "line 2: an instruction stands outside of a block"),
])
def test_what_cannot_be_read(line: str, replacement: str, message: str) -> None:
    assert line in EXAMPLE
    with pytest.raises(InvalidText, match=message):
        parse(EXAMPLE.replace(line, replacement))


def test_nothing_is_no_function() -> None:
    with pytest.raises(InvalidText):
        parse("\n; only a remark\n")
    with pytest.raises(InvalidText, match="has a block"):
        parse("function f ssa ()\n")
