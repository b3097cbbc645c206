"""What reports carry of native loops: their forms, cut where they are long, and what LLVM makes of them."""

from __future__ import annotations

import linecache
import re
import types
from typing import Any

import pytest

import zexus
from zexus.jit import remarks, vectorization
from zexus.report import inside
from zexus.report.model import LoopPart, Report
from zexus.report.opened import sentences
from zexus.report.views import view
from zexus.settings import JitSettings

NOW = JitSettings(threshold=1, background=False)
TEXT = '''
def doubled(xs, ys):
    for i in range(len(xs)):
        ys[i] = 2.0 * xs[i]


def added(xs):
    found = 0
    for x in xs:
        found += x
    return found


def nested(n):
    found = 0
    for i in range(n):
        for j in range(4):
            found += i ^ j
    return found


def cold(xs):
    for x in xs:
        yield_nothing = {complex(x): memoryview(b"no native form")}
    return yield_nothing


def called(xs, ys):
    nested(20_000)
    cold([1, 2])
    doubled(xs, ys)
    return added([1, 2, 3] * 100)
'''


def profiled(level: str) -> Report:
    import numpy as np

    filename = f"insides-{level}"
    linecache.cache[filename] = (len(TEXT), None, TEXT.splitlines(keepends=True), filename)
    module = types.ModuleType("insides")
    exec(compile(TEXT, filename, "exec"), module.__dict__)
    with zexus.profiling(level, functions=vars(module).values(), profile=NOW) as block:
        module.called(np.arange(4000.0), np.empty(4000))
    return block.report()


@pytest.fixture(scope="module")
def report() -> Report:
    return profiled("full")


def loop_at(report: Report, line: int) -> LoopPart:
    (found,) = (loop for loop in report.loops if loop.line == line)
    return found


def test_native_loops_have_their_forms(report: Report) -> None:
    for line, name in ((3, "doubled"), (9, "added")):
        forms = {form.stage: form.text for form in loop_at(report, line).forms}
        assert list(forms) == ["code", "ssa", "trace", "llvm"]
        assert "FOR_ITER" in forms["code"] and forms["ssa"].startswith(f"function {name}")
        assert " typed " in forms["trace"] and f'"loop_{line}"' in forms["llvm"]


def test_llvm_says_what_it_makes_of_them(report: Report) -> None:
    (remark,) = loop_at(report, 3).vectorization
    assert remark.vectorized and re.match(r"\d+ iterations at once", remark.reason)
    (remark,) = loop_at(report, 9).vectorization
    assert not remark.vectorized and remark.reason
    assert "Vectorization of native loops" in view(report, "text")


def test_counters_are_no_reason_to_leave() -> None:
    text = """
def clipped(xs):
    for i in range(len(xs)):
        if xs[i] > 3.0:
            xs[i] = 3.0
"""
    import numpy as np

    linecache.cache["clipping"] = (len(text), None, text.splitlines(keepends=True), "clipping")
    module = types.ModuleType("clipping")
    exec(compile(text, "clipping", "exec"), module.__dict__)
    with zexus.profiling("full", functions=[module.clipped], profile=NOW) as block:
        module.clipped(np.arange(4000.0))
    (loop,) = block.report().loops
    (remark,) = loop.vectorization
    assert remark.vectorized
    assert {line.line: line.count for line in block.report().lines} == {3: 1, 4: 4000, 5: 3996}


def test_what_cpython_runs_has_no_native_form(report: Report) -> None:
    loop = loop_at(report, 23)
    assert loop.tier == "python" and [form.stage for form in loop.forms] == ["code", "ssa"] and not loop.vectorization


def test_a_loop_inside_native_code_leads_to_the_forms_of_that(report: Report) -> None:
    outer, inner = loop_at(report, 16), loop_at(report, 17)
    assert inner.tier == "native" and not inner.forms and outer.forms
    assert [remark.line for remark in outer.vectorization] == [17]
    page = view(report, "html")
    assert ">The forms of the loop in line 16</a>" in page
    assert page.count(outer.vectorization[0].reason) == 3  # at both lines, and in the table


def test_below_full_nothing_of_it_is_made() -> None:
    found = profiled("detailed")
    assert found.loops[0].tier == "native"
    assert not any(loop.forms or loop.vectorization for loop in found.loops)


def test_long_forms_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "ROWS", 3)
    for form in loop_at(profiled("full"), 3).forms:
        assert form.text.count("\n") == 3 and form.rest > 0


def test_only_the_busiest_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "LOOPS", 1)
    found = profiled("full").loops
    shown = [at for at, loop in enumerate(found) if loop.forms]
    # Of the loop that runs inside another's native code, these are its forms.
    assert len(shown) == 1 and all(loop.line == 17 for loop in found[:shown[0]])


def test_where_llvm_cannot_be_asked_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def untold(*_: Any) -> Any:
        raise remarks.Untold("there is no interpreter to run LLVM in")

    monkeypatch.setattr(remarks, "remarks", untold)
    assert vectorization.vector_remarks is inside.vector_remarks
    for line in (3, 9):
        (remark,) = loop_at(profiled("full"), line).vectorization
        assert (remark.line, remark.vectorized) == (line, False)
        assert remark.reason == "This is not known: there is no interpreter to run LLVM in."


def test_rows_belong_to_lines(report: Report) -> None:
    code = loop_at(report, 9).forms[0].text
    rows = inside.rows_of_lines(code)
    assert set(rows) == {9, 10}
    (header,) = (row for own in rows.values() for row in own if "FOR_ITER" in row)
    assert header.startswith(">>") and header in rows[9]
    assert sum(map(len, rows.values())) == sum(re.search(r" \d+ [A-Z]", row) is not None for row in code.splitlines())
    assert {row[:2] for own in rows.values() for row in own} == {"  ", ">>"}


def test_without_source_there_is_no_form(report: Report) -> None:
    bare = report.without_source()
    assert not any(loop.forms for loop in bare.loops) and loop_at(bare, 3).vectorization
    page = view(bare, "html")
    assert "FOR_ITER" not in page and "2.0 * xs[i]" not in page and "iterations at once" in page


def test_what_became_of_a_loop_in_words(report: Report) -> None:
    told = list(sentences(loop_at(report, 3)))
    assert told[0].startswith("9") and "of 4 000 iterations ran as native code. It was compiled once" in told[0]
    assert told[1].startswith("Vectorized: ")
    refused = LoopPart(file="a", function="f", line=1, nesting=0, entries=1, iterations=5, tier="python", code="ZX001",
                       reason="The loop has not been hot yet.", hint="Lower the threshold.", native_iterations=0)
    assert list(sentences(refused)) == [
        "0.0 % of 5 iterations ran as native code.", "ZX001 The loop has not been hot yet. Hint: Lower the threshold."]


def test_the_page_opens_loops_to_their_forms(report: Report) -> None:
    page = view(report, "html")
    assert page.count('<details class="form">') == sum(len(loop.forms) for loop in report.loops) == 3 * 4 + 2
    assert "define " in page and "&quot;loop_3&quot;" in page
    assert page.count('<pre class="bytecode">') == 9 and "<script" not in page


def test_functions_that_call_themselves_open_to_their_forms() -> None:
    text = "def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n"
    linecache.cache["calling-itself"] = (len(text), None, text.splitlines(keepends=True), "calling-itself")
    module = types.ModuleType("calling")
    exec(compile(text, "calling-itself", "exec"), module.__dict__)
    with zexus.profiling("full", functions=[module.fib], profile=NOW) as block:
        assert [module.fib(15) for _ in range(30)] == [610] * 30
    (loop,) = block.report().loops
    assert loop.line == 1 and [form.stage for form in loop.forms] == ["code", "ssa", "trace", "llvm"]
    assert not loop.vectorization
    page = view(block.report(), "html")
    links, ids = set(re.findall(r'href="#([^"]+)"', page)), set(re.findall(r' id="([^"]+)"', page))
    assert links and links <= ids and page.count('<details class="form">') == 4
