"""The layout of objects: known on this interpreter, and loops stay on CPython where it is not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import zexus
from zexus import layout


@pytest.fixture(autouse=True)
def checked_anew() -> Iterator[None]:
    yield
    for known in (layout._interpreter_problem, layout._numpy_problem):
        known.cache_clear()


def test_layout_is_known() -> None:
    assert layout.problem() == ""


@pytest.mark.parametrize(("field", "named"), [
    ("list.size", "list"), ("int.digits", "int"), ("array.ndim", "ndarray"), ("npscalar.value", "numpy scalar"),
    ("type.flags", "type"),
])
def test_other_layout_is_noticed(field: str, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for known in (layout._interpreter_problem, layout._numpy_problem):
        known.cache_clear()
    monkeypatch.setitem(layout.OFFSETS, field, layout.OFFSETS[field] + 4)
    assert layout.problem() == f"unexpected layout of {named}"


@pytest.mark.parametrize(("field", "named"), [
    ("combinations.indices", "combinations"), ("permutations.cycles", "permutations"), ("product.stopped", "product"),
])
def test_other_layout_of_iterators_that_choose_is_noticed(
        field: str, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    layout.choosing_problem.cache_clear()
    assert layout.choosing_problem() == ""
    layout.choosing_problem.cache_clear()
    monkeypatch.setitem(layout.OFFSETS, field, layout.OFFSETS[field] - 8)
    assert layout.choosing_problem() == f"unexpected layout of {named}"
    layout.choosing_problem.cache_clear()


def total(values: np.ndarray) -> float:
    s = 0.0
    for x in values:
        s += x
    return s


def test_loops_stay_on_cpython_with_another_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    layout._numpy_problem.cache_clear()
    monkeypatch.setitem(layout.OFFSETS, "array.ndim", layout.OFFSETS["array.ndim"] + 4)
    adaptive = zexus.jit.compile(total, threshold=10, background=False)
    values = np.arange(1000.0)
    assert adaptive(values) == total(values)
    region = zexus.explain(adaptive).regions[0]
    assert (region.tier, region.code) == ("python", "ZX004")
