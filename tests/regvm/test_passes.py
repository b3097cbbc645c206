"""Every pass on a small function: input and output in the text form (`pytest --bless` rewrites the output).

A file is named after its pass; what follows a dot tells what it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zexus.regvm import pipeline
from zexus.regvm.passes.dce import dce
from zexus.regvm.passes.magnitudes import magnitudes
from zexus.regvm.passes.mirrors import mirrors, weigh
from zexus.regvm.passes.short import short
from zexus.regvm.passes.sink import sink
from zexus.regvm.passes.strips import strips
from zexus.regvm.text import parse, print_function
from zexus.regvm.verify import verify

HERE = Path(__file__).parent / "passes"
PASSES = {run.__name__: run for run in (*pipeline.PASSES, *pipeline.HOISTS, *pipeline.GENERAL, dce, short, strips,
                                          mirrors, weigh, magnitudes, sink)}


@pytest.mark.parametrize("path", sorted(HERE.glob("*.ir")), ids=lambda path: path.stem)
def test_pass(path: Path, golden: Callable[[Path, str], None]) -> None:
    fn = parse(path.read_text(encoding="utf-8"))
    verify(fn)
    run = PASSES[path.stem.partition(".")[0]]
    assert run(fn)
    verify(fn)
    golden(path.with_suffix(".out"), print_function(fn))


@pytest.mark.parametrize("name", sorted(PASSES))
def test_each_pass_of_the_pipeline_has_a_golden_file(name: str) -> None:
    assert (HERE / f"{name}.ir").exists()


@pytest.mark.parametrize("path", sorted(HERE.glob("*.ir")), ids=lambda path: path.stem)
def test_the_pipeline_ends(path: Path) -> None:
    fn = parse(path.read_text(encoding="utf-8"))
    if fn.form == "ssa":
        pipeline.settle(fn)
        assert not pipeline.settle(fn)
        return
    pipeline.optimize(fn)
    assert not pipeline.optimize(fn)


@pytest.mark.parametrize("run", pipeline.PASSES, ids=lambda run: run.__name__)
@pytest.mark.parametrize("path", sorted(HERE.glob("*.ir")), ids=lambda path: path.stem)
def test_a_pass_of_the_first_leaves_nothing_to_itself(path: Path, run: pipeline.Pass) -> None:
    fn = parse(path.read_text(encoding="utf-8"))
    if fn.form != "typed":
        pytest.skip("for typed functions")
    run(fn)
    assert not run(fn)


def test_the_pipeline_tells_what_each_pass_did() -> None:
    seen: list[str] = []
    pipeline.optimize(parse((HERE / "dce.ir").read_text(encoding="utf-8")), lambda name, fn: seen.append(name))
    assert seen[-1] in PASSES and "dce" in seen


def test_the_pipeline_verifies_under_test(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pipeline.CHECK
    broken = parse("function f typed (v0:i64)\nbb0:\n  v1:i1 = LT v0, v2\n  LEAVE [0]\n")
    with pytest.raises(ValueError, match="v2 is not defined"):
        pipeline.optimize(broken)


TOLD_LATER = """\
function late:1 typed ()
bb0:
  v0:ptr = ARG [0]
  GUARD_TYPE v0 [0] exit 0
  v1:ptr = ARG [1]
  v2:i64 = K [0]
  v3:i64 = K [1]
  v4:i64 = K [9]
  JUMP -> bb1
bb1:  ; from bb0, bb2
  v5:i64 = PHI bb0 v2, bb2 v10
  v6:i1 = LT v5, v4
  BRANCH v6 -> bb2, bb3
bb2:  ; from bb1
  GUARD_LIST v1 exit 1
  v7:ptr = LIST_SLOTS v1
  v8:ptr = LIST_ITEM v7, v2
  v9:i64 = UNBOX_INT v8 exit 1
  v10:i64 = ADD v5, v3 !nowrap
  JUMP -> bb1
bb3:  ; from bb1
  v11:ptr = REF [1]
  LEAVE v11 [0]
exit 0 ZX031 line 0 pc 0:
exit 1 ZX031 line 2 pc 3: v5 i
ref 0: 'type range_iterator'
ref 1: 'None'
"""


def test_what_turns_out_to_be_a_list_in_a_loop_has_no_mirror() -> None:
    fn = parse(TOLD_LATER)
    verify(fn)
    assert not PASSES["mirrors"](fn)
