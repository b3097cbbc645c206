"""Containers: which variables items are moved from and to, and what these hold."""

from __future__ import annotations

import array

import numpy as np
import pytest

from zexus.assembly import assemble
from zexus.report.collect import collect
from zexus.report.model import Report
from zexus.report.views import view
from zexus.vm.profiler import MovedStats
from zexus.vm.profiling.containers import Look, kind_of
from zexus.vm.vm import VM

MODES = ("stack", "register", "generated")
TEXT = """
function main(items, other, n)
    LOAD_GLOBAL range
    LOAD_LOCAL n
    CALL 1
    ITER
  loop:
    FOR_ITER done
    STORE_LOCAL i
    LOAD_LOCAL items
    LOAD_LOCAL i
    GETITEM
    LOAD_LOCAL other
    LOAD_LOCAL i
    STORE_ITEM
    LOAD_LOCAL other
    COPY 1
    LOAD_LOCAL i
    GETITEM
    POP
    LOAD_CONST 0
    LOAD_CONST 2
    LOAD_CONST None
    BUILD_SLICE
    GETITEM
    POP
    JUMP loop
  done:
    LOAD_CONST 0
    RETURN
"""


def run(mode: str, *arguments: object, level: str = "full", text: str = TEXT) -> VM:
    vm = VM(mode)
    vm.start_profiling(level)
    vm.run(assemble(text, "containers.zxa"), *arguments)
    return vm


def moved(vm: VM) -> list[MovedStats]:
    assert vm.profiler is not None
    return vm.profiler.moved()


@pytest.mark.parametrize("mode", MODES)
def test_items_are_told_by_what_holds_them(mode: str) -> None:
    found = moved(run(mode, np.arange(50.0, dtype="float32"), array.array("d", [0.0] * 50), 50))
    assert [(one.opcode, one.container, one.count, one.size) for one in found] == [
        ("GETITEM", "float32 array", 50, 4), ("STORE_ITEM", "array of 'd'", 50, 8), ("GETITEM", "array of 'd'", 50, 8)]


def test_what_is_not_always_the_same_is_not_told() -> None:
    vm = run("stack", [1.0] * 5, [0.0] * 5, 5)
    module = assemble(TEXT, "containers.zxa")
    vm.run(module, [1.0] * 5, [0.0] * 5, 5)
    vm.run(module, (1.0,) * 5, [0.0] * 5, 5)
    by_run = [(one.opcode, one.container, one.count) for one in moved(vm)]
    assert by_run == [("GETITEM", "list", 5), ("STORE_ITEM", "list", 5), ("GETITEM", "list", 5),
                      ("STORE_ITEM", "list", 10), ("GETITEM", "list", 10)]


def test_variables_without_a_value_are_not_looked_at() -> None:
    text = """
function main(items, n)
    LOAD_LOCAL n
    JUMP_IF_FALSE out
    LOAD_LOCAL items
    STORE_LOCAL late
    LOAD_LOCAL late
    LOAD_CONST 0
    GETITEM
    RETURN
  out:
    LOAD_CONST 1
    RETURN
"""
    assert not moved(run("stack", [1], 0, text=text))
    (one,) = moved(run("stack", [1], 1, text=text))
    assert (one.container, one.count) == ("list", 1)


def test_below_full_nothing_is_looked_at() -> None:
    assert not moved(run("stack", [1.0] * 5, [0.0] * 5, 5, level="detailed"))


def test_what_is_forgotten_is_told_no_more() -> None:
    vm = run("stack", [1.0] * 5, [0.0] * 5, 5)
    vm.reset_profiler()
    assert not moved(vm)


def test_what_containers_are() -> None:
    kinds = [kind_of(one) for one in ([], (), b"", bytearray(), np.zeros(2, "int16"))]
    assert kinds == [("list", 8), ("tuple", 8), ("bytes", 1), ("bytearray", 1), ("int16 array", 2)]
    assert {kind_of(one) for one in (np.zeros((2, 2)), "text", {}, type("L", (list,), {})(), 3)} == {None}
    look = Look()
    assert look.kind is None
    look.note([])
    assert look.kind == ("list", 8)
    look.note({})
    assert look.kind is None


def test_reports_tell_bytes() -> None:
    vm = run("stack", [1.0] * 500, [0.0] * 500, 500)
    assert vm.profiler is not None
    report = collect(vm.profiler)
    assert [part.bytes for part in report.moved] == [4000, 4000, 4000]
    assert [part.bytes for part in Report.merge([report, report]).moved] == [8000, 8000, 8000]
    assert "Bytes moved" in view(report, "text") and "4.0 kB" in view(report, "text")
