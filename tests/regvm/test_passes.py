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
from zexus.regvm.passes.strips import strips
from zexus.regvm.text import parse, print_function
from zexus.regvm.verify import verify

HERE = Path(__file__).parent / "passes"
PASSES = {run.__name__: run for run in (*pipeline.PASSES, *pipeline.HOISTS, *pipeline.GENERAL, dce, short, strips,
                                          mirrors, weigh, magnitudes)}


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
