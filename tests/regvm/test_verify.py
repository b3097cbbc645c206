"""The verifier names what breaks a law."""

from __future__ import annotations

import pytest

from zexus.regvm.text import parse
from zexus.regvm.verify import InvalidFunction, verify

GOOD = """\
function good typed (v0:i64, v1:i1, v2:ptr)
bb0:
  v3:i64 = K [1]
  BRANCH v1 -> bb1, bb2
bb1:
  v4:i64 = ADD v0, v3 exit 1
  JUMP -> bb3
bb2:
  JUMP -> bb3
bb3:
  v5:i64 = PHI bb1 v4, bb2 v3
  v8:i64 = LIST_LEN v2
  v6:i64 = INDEX v5, v8 exit 1
  v9:ptr = LIST_SLOTS v2
  LIST_SET_INT v9, v6, v0 exit 1
  v7:ptr = BOX_INT v5
  LEAVE v7 [0]
exit 0 ZX031 line 0 pc 0:
exit 1 ZX030 line 1 pc 1: v0 i, v3 i
"""


def test_a_good_function() -> None:
    verify(parse(GOOD))


@pytest.mark.parametrize(("line", "replacement", "message"), [
    ("BRANCH v1 -> bb1, bb2", "BRANCH v1 -> bb1", "2 targets"),
    ("BRANCH v1 -> bb1, bb2", "BRANCH v0 -> bb1, bb2", "i1 is wanted"),
    ("  JUMP -> bb3\nbb2:", "bb2:", "a terminator stands at the end"),
    ("v4:i64 = ADD v0, v3 exit 1", "v4:i64 = ADD v0, v19 exit 1", "v19 is not defined"),
    ("v4:i64 = ADD v0, v3 exit 1", "v4:i64 = ADD v0, v5 exit 1", "v5 does not dominate its use"),
    ("v4:i64 = ADD v0, v3 exit 1", "v4:i64 = ADD v0, v4 exit 1", "v4 does not dominate its use"),
    ("v4:i64 = ADD v0, v3 exit 1", "v4:i64 = ADD v0 exit 1", "2 operands"),
    ("v4:i64 = ADD v0, v3 exit 1", "v4:f64 = ADD v0, v3 exit 1", "numbers of one payload"),
    ("v4:i64 = ADD v0, v3 exit 1", "v4:i64 = ADD v0, v3 !lucky exit 1", "unknown fact lucky"),
    ("v4:i64 = ADD v0, v3 exit 1", "v4:i64 = ADD v0, v3 exit 1 -> bb3", "only terminators have targets"),
    ("v4:i64 = ADD v0, v3 exit 1", "ADD v0, v3 exit 1", "a result is wanted"),
    ("v4:i64 = ADD v0, v3 exit 1", "v4 = ADD v0, v3 exit 1", "payload"),
    ("v5:i64 = PHI bb1 v4, bb2 v3", "v5:i64 = PHI bb1 v4", "incoming values are not those"),
    ("v5:i64 = PHI bb1 v4, bb2 v3", "v5:i64 = PHI bb1 v4, bb2 v1", "payloads of"),
    ("v5:i64 = PHI bb1 v4, bb2 v3", "v5:i64 = PHI bb1 v4, bb2 v4", "v4 does not dominate its use"),
    ("v6:i64 = INDEX v5, v8 exit 1", "v6:i64 = INDEX v5, v8", "an exit is wanted"),
    ("v6:i64 = INDEX v5, v8 exit 1", "v6:i64 = INDEX v2, v5 exit 1", "i64 is wanted, ptr given"),
    ("LIST_SET_INT v9, v6, v0 exit 1", "v10:i64 = LIST_SET_INT v9, v6, v0 exit 1", "it has no result"),
    ("v7:ptr = BOX_INT v5", "v7:ptr = TUPLE_BOX v2, v5, v1 [(3 ('i' 'i'))]", "pii is wanted"),
    ("v3:i64 = K [1]", "v3:i64 = K [1.0]", "the constant is no i64"),
    ("v3:i64 = K [1]", "v3:i64 = K [9223372036854775808]", "does not fit"),
    ("v3:i64 = K [1]", "v0:i64 = K [1]\n  v3:i64 = K [1]", "v0 is defined twice"),
    ("v3:i64 = K [1]", "v3:i64 = LOAD_CONST [1]", "no opcode of the register form"),
    ("pc 1: v0 i, v3 i", "pc 1: v0 i, v7 p", "v7 does not dominate its use"),
    ("exit 0 ZX031 line 0 pc 0:\n", "", "exit 1 stands at place 0"),
])
def test_a_bad_function(line: str, replacement: str, message: str) -> None:
    assert line in GOOD
    with pytest.raises(InvalidFunction, match=message):
        verify(parse(GOOD.replace(line, replacement)))


def test_tuples_with_tuples_in_them() -> None:
    box = "v10:ptr = NULL\n  v7:ptr = TUPLE_BOX v10, v5, v10, v1, v2 [(5 ('i' ('b' 'p')))]"
    verify(parse(GOOD.replace("v7:ptr = BOX_INT v5", box)))


def test_an_inbounds_index_needs_no_exit() -> None:
    verify(parse(GOOD.replace("INDEX v5, v8 exit 1", "INDEX v5, v8 !inbounds !nonneg")))


def test_unreachable_definitions_do_not_count() -> None:
    fn = parse("function f ssa (v0)\nbb0:\n  RETURN v1\nbb1:\n  v1 = NEG v0\n  RETURN v1\n")
    with pytest.raises(InvalidFunction, match="v1 is not defined"):
        verify(fn)


def test_register_form_may_write_a_register_twice() -> None:
    verify(parse("function f register (v0)\nbb0:\n  v0 = NEG v0\n  v0 = NEG v0\n  RETURN v0\n"))


def test_an_empty_block() -> None:
    fn = parse("function f register (v0)\nbb0:\n  JUMP -> bb1\nbb1:\n  RETURN v0\n")
    fn.blocks[1].instrs.clear()
    with pytest.raises(InvalidFunction, match="the block is empty"):
        verify(fn)


COVERED = """
function f ssa (v0)
bb0:
  JUMP -> bb1
bb1: catches bb2
  v1 = NEG v0
  JUMP -> bb3
bb2:
  v2 = CAUGHT
  JUMP -> bb3
bb3:
  RETURN v0
"""


@pytest.mark.parametrize(("line", "replacement"), [
    ("v2 = CAUGHT\n", "v2 = CAUGHT\n  v3 = NEG v1\n"),
    ("v2 = CAUGHT\n", "v3 = PHI bb1 v1\n  v2 = CAUGHT\n"),
    ("RETURN v0", "RETURN v1"),
])
def test_what_a_covered_block_makes_is_not_there_behind_its_handler(line: str, replacement: str) -> None:
    verify(parse(COVERED))
    with pytest.raises(InvalidFunction, match="v1 does not dominate its use"):
        verify(parse(COVERED.replace(line, replacement)))
