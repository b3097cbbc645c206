"""Reports: what stands in them, their views, merging and comparing them, and files that are none."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from zexus.assembly import assemble
from zexus.report.collect import collect
from zexus.report.diff import changes
from zexus.report.model import Report
from zexus.report.reading import BadReport, parse, printed, read, write
from zexus.report.views import view
from zexus.vm.vm import VM

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "report.schema.json"
TEXT = """\
; <script>alert(1)</script> & more
function main(n)
    handler try end -> caught
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    ITER
  loop:
    FOR_ITER done
  try:
    LOAD_CONST 100
    SWAP 2
    LOAD_CONST 3
    MOD
    FLOORDIV
    POP
  end:
    JUMP loop
  caught:
    POP
    JUMP loop
  done:
    LOAD_CONST 7
    RETURN
"""


@pytest.fixture
def report(tmp_path: Path) -> Report:
    path = tmp_path / "<b>program &amp;.zxa"
    text = TEXT.replace("-> caught", "-> caught depth 1")
    path.write_text(text, encoding="utf-8")
    vm = VM("stack")
    vm.start_profiling()
    assert vm.run(assemble(text, str(path)), 9) == 7
    assert vm.profiler is not None
    return collect(vm.profiler)


def test_what_stands_in_a_report(report: Report) -> None:
    (loop,) = report.loops
    assert (loop.function, loop.iterations, loop.entries, loop.tier) == ("main", 9, 1, "stack")
    assert report.executed == sum(part.count for part in report.instructions) == sum(
        part.instructions for part in report.lines)
    (division,) = (part for part in report.instructions if part.opcode == "FLOORDIV")
    assert (division.count, division.raised) == (9, 3)
    (branch,) = report.branches
    assert (branch.taken, branch.not_taken) == (1, 9)
    assert [part.calls for part in report.functions] == [1]


def test_json_is_read_back(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write(view(report, "json"), path)
    assert read(path) == report
    assert set(json.loads(path.read_text(encoding="utf-8"))["lines"][0]) >= {"file", "line", "count"}


def test_the_schema_in_the_docs(bless: bool) -> None:
    text = json.dumps(Report.model_json_schema(mode="serialization"), indent=1) + "\n"
    if bless:
        SCHEMA.write_text(text, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == text


class _Page(HTMLParser):
    """What a page says, and whether its elements are closed."""

    VOID = frozenset(("meta", "br", "rect"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attributes if name in ("href", "src")]
        self.ids += [value or "" for name, value in attributes if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_is_whole_and_needs_nothing_else(report: Report) -> None:
    page = _Page()
    text = view(report, "html")
    page.feed(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links) and page.links
    assert "url(" not in text and "prefers-color-scheme: dark" in text
    assert "; <script>alert(1)</script> & more" in page.text
    assert page.tags.count("details") == len(report.lines)
    counts = {part.count for part in report.instructions}
    assert counts <= {int(cell) for cell in page.text if cell.isdigit()}
    bare = view(report.without_source(), "html")
    assert "alert" not in bare and len(re.findall("<details", bare)) == len(report.lines)


def test_the_text_has_as_many_rows_as_asked_for(report: Report) -> None:
    text = view(report, "text", 2)
    assert "Hot loops" in text and "FLOORDIV" in view(report, "text", 100)
    assert f"and {len(report.instructions) - 2} more" in text


def test_weights_of_other_views_are_the_instructions(report: Report) -> None:
    profile = json.loads(view(report, "speedscope"))
    (sampled,) = profile["profiles"]
    assert sum(sampled["weights"]) == sampled["endValue"] == report.executed
    names = [frame["name"] for frame in profile["shared"]["frames"]]
    assert all(names[inner].startswith("line ") and names[outer] == "main" for outer, inner in sampled["samples"])
    events = [event for event in json.loads(view(report, "chrome"))["traceEvents"] if event["ph"] == "X"]
    assert sum(event["dur"] for event in events if "line" not in event["args"]) == report.executed
    assert sum(event["dur"] for event in events if "line" in event["args"]) == report.executed


def test_pools_that_were_asked_are_told() -> None:
    vm = VM("stack")
    assert "Pools" not in vm.get_profiling_report("html")
    for _ in range(3):
        vm.release_list(vm.allocate_list(2))
    vm.allocate_string("a")
    text = vm.get_profiling_report("text")
    assert re.search(r"requests to pools +4 \(50\.0 % hits\)", text)
    assert re.search(r"lists +3 +2 +66\.7 % +2 +0 +3\n", text) and re.search(r"strings +1 +0 +0\.0 %", text)
    assert "integers" not in text and "<td>lists</td>" in re.sub(r"<td [^>]*>", "<td>", vm.get_profiling_report("html"))
    one = parse(vm.get_profiling_report("json"))
    assert [(part.name, part.hits) for part in Report.merge([one, one]).pools] == [("strings", 0), ("lists", 4)]


def test_an_unknown_format(report: Report) -> None:
    with pytest.raises(ValueError, match="formats are text, json, html, speedscope, chrome"):
        view(report, "pdf")


def test_merging_adds_up(report: Report) -> None:
    merged = Report.merge([report, report, report])
    assert merged.executed == 3 * report.executed
    assert merged.quality.processes == 3 and merged.quality.python == report.quality.python
    assert [part.count for part in merged.lines] == [3 * part.count for part in report.lines]
    assert [part.taken for part in merged.branches] == [3]
    assert [(part.iterations, part.nesting, part.line) for part in merged.loops] == [
        (27, 0, report.loops[0].line)]
    assert Report.merge([report]) == report
    with pytest.raises(ValueError, match="no report"):
        Report.merge([])
    with pytest.raises(ValueError, match="different levels"):
        Report.merge([report, report.model_copy(update={"level": "full"})])


def test_comparing(report: Report) -> None:
    (same,) = changes(report, report)
    assert same.before == same.after == report.executed
    whole, *others = changes(report, Report.merge([report, report]))
    assert whole.ratio == 2
    assert {change.what.partition(" ")[0] for change in others} == {"calls", "instructions", "iterations"}
    assert changes(Report(), report)[0].ratio == float("inf")


BROKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "cut off": (lambda text: text[: len(text) // 2], "this is no JSON at line"),
    "empty": (lambda text: "", "this is no JSON at line 1, column 1"),
    "foreign": (lambda text: '{"traceEvents": []}', "this is JSON, but no report of zexus"),
    "a list": (lambda text: "[1]", "this is JSON, but no report of zexus"),
    "another version": (lambda text: text.replace('"version": 3', '"version": 1'), "the report has version 1"),
    "a negative count": (lambda text: text.replace('"calls": 1', '"calls": -1'), "functions.0.calls"),
    "a text for a number": (lambda text: text.replace('"calls": 1', '"calls": "1"'), "functions.0.calls"),
    "an unknown key": (lambda text: text.replace('"level"', '"more": 1, "level"'), "more"),
    "too deep": (lambda text: "[" * 100_000, "this is no JSON"),
}


@pytest.mark.parametrize("title", BROKEN)
def test_files_that_are_no_report(title: str, report: Report) -> None:
    change, words = BROKEN[title]
    with pytest.raises(BadReport, match=re.escape(words)) as caught:
        parse(change(printed(report)), "run.json")
    assert str(caught.value).startswith("run.json: ") and "\n" not in str(caught.value)


def zexus(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    return subprocess.run([sys.executable, "-m", "zexus", *words], capture_output=True, text=True, env=environment,
                          cwd=cwd, timeout=60)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "p.zxa").write_text("function main(n)\n    LOAD_LOCAL n\n    LOAD_CONST 2\n    MUL\n    RETURN\n")
    return tmp_path


def test_a_run_is_profiled_from_the_command_line(program: Path) -> None:
    plain = zexus("run", "--profile", "basic", "p.zxa", "4", cwd=program)
    assert (plain.returncode, plain.stdout) == (0, "8\n") and "Hottest instructions" in plain.stderr
    both = zexus("run", "--profile", "safe", "--profile", "basic", "--json", "a.json", "p.zxa", "4", cwd=program)
    assert (both.returncode, both.stdout, both.stderr) == (0, "8\n", "")
    assert read(program / "a.json").executed == 4
    shown = zexus("report", "a.json", "a.json", "--format", "json", cwd=program)
    assert parse(shown.stdout).executed == 8
    assert zexus("report", "a.json", "--format", "html", "--output", "a.html", cwd=program).stdout == ""
    assert (program / "a.html").read_text().startswith("<!DOCTYPE html>")


def test_a_program_that_raises_has_its_report(program: Path) -> None:
    result = zexus("run", "--profile", "basic", "--json", "a.json", "p.zxa", "None", cwd=program)
    assert result.returncode == 1 and "TypeError" in result.stderr
    assert [part.raised for part in read(program / "a.json").instructions] == [0, 0, 1]


def test_regressions_fail(program: Path) -> None:
    (program / "q.zxa").write_text((program / "p.zxa").read_text().replace("    MUL", "    MUL\n    POS"))
    for name in ("p", "q"):
        zexus("run", "--profile", "basic", "--json", f"{name}.json", f"{name}.zxa", "4", cwd=program)
    grown = zexus("diff", "p.json", "q.json", "--fail-on-regression", "5%", cwd=program)
    assert grown.returncode == 1 and "instructions grew by 25.0 %" in grown.stderr
    assert zexus("diff", "p.json", "q.json", "--fail-on-regression", "25%", cwd=program).returncode == 0
    assert zexus("diff", "q.json", "p.json", "--fail-on-regression", "0", cwd=program).returncode == 0
    assert zexus("diff", "p.json", "q.json", "--fail-on-regression", "much", cwd=program).returncode == 2


@pytest.mark.parametrize("words", [
    ("report", "none.json"), ("report", "."), ("report", "p.zxa"), ("diff", "none.json", "none.json"),
    ("report", "a.json", "--output", "."), ("report", "a.json", "--output", "none/a.html"),
    ("run", "--profile", "basic", "--json", "none/a.json", "p.zxa", "4"),
])
def test_what_cannot_be_read_or_written_is_told_in_a_line(words: tuple[str, ...], program: Path) -> None:
    write(printed(Report()), program / "a.json")
    before = sorted(path.name for path in program.iterdir())
    result = zexus(*words, cwd=program)
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.startswith("zexus: ") and result.stderr.count("\n") == 1
    assert sorted(path.name for path in program.iterdir()) == before


@pytest.mark.parametrize("words", [
    ("--profile", "basic", "--profile", "full"), ("--profile", "safe", "--profile", "debug"),
    ("--json", "a.json"), ("--profile", "none", "--json", "a.json"),
])
def test_options_that_do_not_go_together(words: tuple[str, ...], program: Path) -> None:
    assert zexus("run", *words, "p.zxa", "4", cwd=program).returncode == 2
