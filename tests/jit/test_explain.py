"""`zexus.explain`: reports as objects, as JSON and as a readable table."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

import zexus
from zexus.jit import explain as module
from zexus.jit.explain import Explanation, RegionReport, report_program, table


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
