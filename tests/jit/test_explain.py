"""`zexus.explain`: reports as objects, as JSON and as a readable table."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest

import zexus
from zexus.codes import CODES, Span
from zexus.jit import explain as module
from zexus.jit.explain import Explanation, RegionReport, percent, report_program, reporter_of, table, underlying
from zexus.jit.guarding import KINDS
from zexus.jit.place import excerpt, of_span


def region(**changes: object) -> RegionReport:
    values: dict[str, object] = dict(
        first_line=12, last_line=19, kind="for", tier="native", code="ZX000", reason="The loop runs as native code.",
        hint="Nothing to do.", entries=3, iterations=4000, native_iterations=3900, side_exits=2, versions=1,
        compile_ms=41.26, function="f", filename="f.py",
    )
    return RegionReport(**{**values, **changes})  # type: ignore[arg-type]


def plain(n):
    for i in range(n):
        for j in range(n):
            pass
    while n:
        n -= 1
        yield n


def straight(a, b):
    return a + b


def test_a_plain_function_is_said_to_be_plain() -> None:
    explanation = zexus.explain(plain)
    assert "not compiled" in explanation.remark
    assert [(r.kind, r.code, r.tier) for r in explanation.regions] == [
        ("for", "ZX001", "python"), ("for", "ZX001", "python"), ("while", "ZX012", "python")
    ]
    first = plain.__code__.co_firstlineno
    assert [(r.first_line - first, r.last_line - first) for r in explanation.regions] == [(1, 3), (2, 3), (4, 6)]
    assert "yield" in str(explanation)


def test_a_function_without_a_loop() -> None:
    new = zexus.jit.compile(straight)
    assert new(1, 2) == 3
    assert zexus.explain(new).regions == ()
    assert "no loop" in str(zexus.explain(new))


def test_methods() -> None:
    class Thing:
        def method(self):
            for i in range(3):
                pass

    for obj in (Thing.method, Thing().method, staticmethod(Thing.method), classmethod(Thing.method)):
        assert zexus.explain(obj).regions[0].kind == "for"


@pytest.mark.parametrize("obj", [len, int, 3, None, "x", object(), [].append])
def test_anything_else_has_a_remark(obj: object) -> None:
    explanation = zexus.explain(obj)
    assert explanation.regions == () and "ZX011" in str(explanation)


def test_table() -> None:
    text = table([
        region(),
        region(first_line=30, last_line=30, tier="python", code="ZX012", reason="The loop contains yield or await.",
               hint="Move it.", entries=0, iterations=0, native_iterations=0, versions=0, compile_ms=0.0,
               exits=(("ZX030", 31, 7),)),
    ])
    assert text.splitlines() == [
        "  lines  kind  tier    code   entries  iterations  native  exits  versions  compile",
        "  12-19  for   native  ZX000  3        4000        97.5 %  2      1         41.3 ms",
        "  30     for   python  ZX012  0        0           -       2      0         -",
        "      why:  The loop contains yield or await.",
        "      hint: Move it.",
        "      ZX030 at line 31: 7 times. An integer did not fit 64 bits.",
    ]


def test_dictionary_is_json() -> None:
    explanation = Explanation("f", "f.py", (region(exits=(("ZX030", 31, 7),)),), "remark")
    copied = json.loads(json.dumps(explanation.to_dict()))
    assert copied == explanation.to_dict()
    assert copied["regions"][0]["exits"] == [["ZX030", 31, 7]]
    assert copied["regions"][0]["compile_ms"] == 41.26


class Reporter:
    def __init__(self, function: str, regions: Sequence[RegionReport]) -> None:
        self.function, self.filename, self.regions = function, "f.py", regions
        self.inner: Sequence[Reporter] = ()

    def reports(self) -> Sequence[RegionReport]:
        return self.regions

    def runs(self, code: object) -> bool:
        return code is straight.__code__


def test_program_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_program", [])
    assert report_program() == "No loop of the program was observed."
    cold = region(first_line=1, tier="python", code="ZX001", iterations=0)
    module.register_program(Reporter("f", [region(first_line=40, last_line=50), cold]))
    module.register_program(Reporter("g", [region(first_line=2, last_line=3), cold]))
    lines = report_program().splitlines()
    assert lines[0] == "f.py"
    assert [line.split()[0] for line in lines[1:4]] == ["lines", "2-3", "40-50"]
    assert lines[4] == "2 loops were never hot."
    assert zexus.explain(straight).regions[0].first_line == 40


# --- the story of loops that have run ---------------------------------------------------------------------------------


def total(xs, rounds):
    total = 0
    for i in range(rounds):
        total += xs[i % len(xs)]
    return total


def compiled(function, **settings):
    given = dict(background=False, cache=False, threshold=100, widen_after=5, measure=False)
    return zexus.jit.compile(function, **{**given, **settings})


def test_what_differed_when_a_loop_was_compiled_again() -> None:
    new = compiled(total)
    assert new([1, 2, 3], 1000) == total([1, 2, 3], 1000)
    assert new([1, 2.5, 3], 1000) == total([1, 2.5, 3], 1000)
    region = zexus.explain(new).regions[0]
    first, second = region.compilations
    assert (first.cause, first.differences) == ("", ()) and first.milliseconds > 0
    line = total.__code__.co_firstlineno + 3
    assert (second.code, second.line, second.times) == ("ZX031", line, 1)
    assert "`total` was int, now float too" in second.differences
    assert f"`xs[i % len(xs)]` in line {line} was int, now float too" in second.differences
    assert region.compile_ms == pytest.approx(first.milliseconds + second.milliseconds)
    text = str(zexus.explain(new))
    assert "compiled 2 times" in text and "`total` was int, now float too" in text


def test_entries_of_another_kind_have_a_compilation_that_says_so() -> None:
    new = compiled(total)
    for values in ([1, 2, 3], (1.5, 2.5, 3.5)):
        assert new(values, 1000) == total(values, 1000)
    second = zexus.explain(new).regions[0].compilations[1]
    assert "other types" in second.cause
    assert any(words.startswith("`xs` was list(int), now tuple(") for words in second.differences)


def overflowing(n):
    x = 1
    for i in range(n):
        x = (x * 3) % 1000003
        if i == n - 3:
            x += 2**62
            x += 2**62
    return x


def test_side_exits_have_their_line_and_their_expression() -> None:
    new = compiled(overflowing, max_versions=1)
    assert new(5000) == overflowing(5000)
    region = zexus.explain(new).regions[0]
    assert region.side_exits == sum(times for _, _, times in region.exits) > 0
    assert [place.line for place in region.exit_places] == [line for _, line, _ in region.exits]
    assert region.exit_places[0].text.strip() in ("x += 2**62", "x = (x * 3) % 1000003")
    assert region.exit_places[0].part


def guarded(xs, n):
    total = 0
    for i in range(n):
        total += xs[i % 3] * total % 7
    return total


def test_guards_are_those_of_the_typed_function() -> None:
    new = compiled(guarded)
    assert new([1, 2, 3], 2000) == guarded([1, 2, 3], 2000)
    region = zexus.explain(new).regions[0]
    (tier,) = reporter_of(underlying(new)).tiers()  # type: ignore[union-attr, arg-type]
    exits = [i.exit for i in tier.version.unit.fn.instructions() if i.exit is not None]
    assert region.entry_guards == sum(way.number == 0 for way in exits) > 0
    assert sum(one.inside + one.outside for one in region.guards) == sum(
        way.number != 0 and way.code in KINDS for way in exits)
    assert sum(one.inside for one in region.guards) > 0
    assert "guards: " in str(zexus.explain(new))


def nothing(xs):
    for x in xs:
        pass


def test_where_nothing_is_native_no_guards_are_told() -> None:
    region = zexus.explain(nothing).regions[0]
    assert (region.entry_guards, region.guards, region.compilations) == (0, (), ())


def statement(xs, out):
    for x in xs:
        out[(x, "é")] = memoryview(b"e")


def test_the_expression_to_blame_is_marked() -> None:
    new = compiled(statement)
    new(list(range(1000)), {})
    explanation = zexus.explain(new)
    region = explanation.regions[0]
    assert region.code == "ZX018" and region.place is not None
    assert region.place.line == statement.__code__.co_firstlineno + 2
    assert region.place.part in region.place.text and "memoryview" in region.place.text
    lines = str(explanation).splitlines()
    (marked,) = (number for number, line in enumerate(lines) if "^" in line)
    start, stop = lines[marked].index("^"), lines[marked].rindex("^") + 1
    assert lines[marked - 1][start:stop] == region.place.part
    assert lines[marked + 1].strip() == f"hint: {CODES['ZX018'].hint}"


def test_a_yield_is_marked_in_a_function_that_was_never_compiled() -> None:
    place = zexus.explain(plain).regions[2].place
    assert place is not None and place.part == "yield n"


def test_hints_that_change_results_are_offered_as_such() -> None:
    told = region(code="ZX021", tier="python", tradeoff=CODES["ZX021"].tradeoff)
    assert f"would change results: {CODES['ZX021'].tradeoff}" in str(Explanation("f", "f.py", (told,)))
    assert "would change results" not in str(Explanation("f", "f.py", (region(code="ZX012", tier="python"),)))


@pytest.mark.parametrize(("line", "span", "marked"), [
    ("    x = f(a)", (1, 8, 1, 12), "f(a)"),
    ("\tx = 'ä' + b", (1, 12, 1, 13), "b"),
    ("x = '漢字' + b", (1, 15, 1, 16), "b"),
    ("f(a,", (1, 0, 3, 1), "f(a,"),
])
def test_carets_stand_under_what_is_meant(
    line: str, span: Span, marked: str, tmp_path: Path
) -> None:
    path = tmp_path / "text.py"
    path.write_text(line + "\n", encoding="utf-8")
    place = of_span(str(path), span)
    assert place.part == marked
    above, below = excerpt(place)
    assert below.count("^") == len(marked)
    wide = sum(unicodedata.east_asian_width(char) == "W" for char in above)
    assert below.index("^") == above.index(marked) + wide


def test_a_place_without_its_text_shows_nothing() -> None:
    assert excerpt(of_span("nowhere.py", (3, 0, 3, 5))) == []


def test_percentages_are_not_rounded_up_to_all() -> None:
    assert percent(0.99999) == "99.9 %" and percent(1.0) == "100.0 %" and percent(None) == "-"


def test_notebooks_get_a_table_whose_words_are_escaped() -> None:
    told = region(code="ZX018", tier="python", reason="<b>&", function="<f>")
    page = Explanation("<f>", "<file>", (told,), "a <remark>")._repr_html_()
    assert "<f>" not in page and "&lt;f&gt;" in page and "&lt;file&gt;" in page
    assert "&lt;b&gt;&amp;" in page and "a &lt;remark&gt;" in page
    parser = Balanced()
    parser.feed(page)
    assert parser.open == [] and page.count("<tr>") == 3


class Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def looks_at_its_frame(x):
    y = x + 1
    return eval("y") if x < 0 else hash(str(y))


def calls(n):
    s = 0
    for i in range(n):
        s ^= looks_at_its_frame(i)
    return s


def outgrowing(n):
    x = 1
    for i in range(n):
        x = x * 3 + i
    return x


@pytest.mark.parametrize(("function", "words"), [
    (calls, "looks_at_its_frame(), because of its line {line}: eval"),
    (outgrowing, "object in one iteration, int in another"),
])
def test_reasons_are_in_the_words_of_the_program(function, words) -> None:
    new = compiled(function)
    assert new(1000) == function(1000)
    (region,) = zexus.explain(new).regions
    assert words.format(line=looks_at_its_frame.__code__.co_firstlineno + 2) in region.reason
