"""Stacks: trees of who called whom that fit into each other, what speedscope gets of them, and how they are drawn."""

from __future__ import annotations

import json
import re

import pytest

from zexus.report.flame import flame
from zexus.report.model import CallsPart, FramePart, FunctionPart, InstructionPart, Report
from zexus.report.stacks import Node, called, counted, own_times, own_weights
from zexus.report.views import view


def calls(path: str, time_ns: int) -> CallsPart:
    return CallsPart(stack=[FramePart(file="a.py", function=name) for name in path.split()], time_ns=time_ns, timed=1)


def one(around: Node, name: str) -> Node:
    (found,) = (node for node in around.inside if node.name == name)
    return found


REPORT = Report(
    unit="statements", level="full",
    functions=[FunctionPart(file="a.py", function="main", line=3, calls=1, instructions=4)],
    instructions=[InstructionPart(file="a.py", function="main", index=0, line=4, opcode="Expr", count=1),
                  InstructionPart(file="a.py", function="main", index=1, line=5, opcode="Expr", count=3),
                  InstructionPart(file="a.py", function="main", index=2, line=5, opcode="Expr", count=4)],
    calls=[calls("main", 100), calls("main f", 60), calls("main g h", 30), calls("main f h", 90)])


def test_what_was_not_timed_takes_the_time_of_what_is_inside() -> None:
    main = one(called(REPORT), "main")
    assert (main.total, one(main, "g").total, one(main, "f").total) == (100, 30, 60)
    assert (main.own, one(main, "g").own, main.line) == (10, 0, 3)


def test_nothing_inside_takes_longer_than_what_is_around_it() -> None:
    assert one(one(one(called(REPORT), "main"), "f"), "h").total == 60
    parts = [calls("main", 10), calls("main f", 30), calls("main g", 10)]
    main = one(called(REPORT.model_copy(update={"calls": parts})), "main")
    assert [(node.name, node.total) for node in main.inside] == [("f", 7.5), ("g", 2.5)]


def test_functions_have_their_lines_inside() -> None:
    root = counted(REPORT)
    assert [(node.name, node.total) for node in one(root, "main").inside] == [("line 4", 1), ("line 5", 7)]
    assert root.total == one(root, "main").total == 8 and one(root, "main").own == 0


def test_weights_of_stacks_add_up() -> None:
    root = called(REPORT)
    weights = {" ".join(node.name for node in stack): weight for stack, weight in own_weights(root)}
    assert weights == {"main": 10, "main f h": 60, "main g h": 30}
    profiles = json.loads(view(REPORT, "speedscope"))
    by_count, by_time = profiles["profiles"]
    assert (by_count["endValue"], by_count["unit"]) == (8, "none")
    assert (by_time["endValue"], by_time["unit"]) == (100, "nanoseconds")
    names = [frame["name"] for frame in profiles["shared"]["frames"]]
    assert {tuple(names[at] for at in sample) for sample in by_time["samples"]} == {
        ("main",), ("main", "f", "h"), ("main", "g", "h")}


def test_own_times_are_added_wherever_a_function_is_called() -> None:
    assert [(node.name, node.total) for node in own_times(called(REPORT))] == [("h", 90), ("main", 10)]
    text = view(REPORT, "text")
    assert "Own times of functions, estimated from timed calls" in text
    assert "about 90 %, is h's own" in view(REPORT, "html")
    nothing = REPORT.model_copy(update={"calls": [calls("main", 0)]})
    assert "'s own" not in view(nothing, "html") and "Own times" not in view(nothing, "text")


def test_boxes_stand_below_what_is_around_them() -> None:
    drawn = "".join(flame(called(REPORT), "calls", lambda node: node.name, lambda node: None))
    boxes = {(title, float(x), int(y), float(width)) for x, y, width, title in re.findall(
        r'<svg x="(.+?)%" y="(\d+)" width="(.+?)%" height="26"><title>(.+?)</title>', drawn)}
    assert boxes == {("main", 0, 0, 100), ("f", 0, 26, 60), ("h", 0, 52, 60), ("g", 60, 26, 30), ("h", 60, 52, 30)}
    assert 'style="height:78px"' in drawn and "<a" not in drawn


def test_what_is_too_thin_is_not_drawn_and_deep_stacks_end() -> None:
    deep = root = Node("all", total=1000)
    for number in range(60):
        deep.inside = [Node(f"d{number}", total=999), Node(f"thin{number}", total=1)]
        deep = deep.inside[0]
    drawn = "".join(flame(root, "calls", lambda node: node.name, lambda node: f"to-{node.name}"))
    assert "d39" in drawn and "d40" not in drawn and "thin" not in drawn and 'href="#to-d0"' in drawn


@pytest.mark.parametrize("timed", [True, False])
def test_the_page_tells_times_where_there_are_any(timed: bool) -> None:
    page = view(REPORT if timed else REPORT.model_copy(update={"calls": []}), "html")
    assert ("Where the time goes, about" in page) is timed and "Where the statements are" in page
    assert ("main a.py: about 100 ns, 10 ns of it its own, 100.0 %" in page) is timed
