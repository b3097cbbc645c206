"""Costs of opcodes: the solver against every choice of what is zero, and costs that are known beforehand."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest

from zexus.report.costs import costs, fitted, nnls
from zexus.report.model import Report
from zexus.report.views import view
from zexus.vm.profiling.sections import CALL_OF, TALLY, Section


def best(rows: np.ndarray, wanted: np.ndarray) -> float:
    """The least residual without negative entries, by trying each set of entries that are not held at 0."""
    found = float(np.linalg.norm(wanted))
    for free in product([False, True], repeat=rows.shape[1]):
        if any(free):
            part = rows[:, np.array(free)]
            x = np.linalg.lstsq(part, wanted, rcond=None)[0]
            if (x >= 0).all():
                found = min(found, float(np.linalg.norm(part @ x - wanted)))
    return found


@pytest.mark.parametrize("seed", range(30))
def test_no_better_solution_is_without_negative_entries(seed: int) -> None:
    source = np.random.default_rng(seed)
    rows, wanted = source.normal(size=(8, 6)), source.normal(size=8)
    x = nnls(rows, wanted)
    assert (x >= 0).all()
    assert np.linalg.norm(rows @ x - wanted) == pytest.approx(best(rows, wanted))


def test_costs_are_found_again_where_there_are_sections_enough() -> None:
    source = np.random.default_rng(5)
    known = np.array([5.0, 80.0, 20.0, 40.0])
    counts = source.integers(0, 10_000, size=(60, 4)).astype(float)
    times = counts @ known * source.normal(1, 0.02, size=60)
    assert fitted(counts.tolist(), times.tolist()) == pytest.approx(known, rel=0.1, abs=2)


def test_what_always_comes_together_shares_its_time() -> None:
    found = fitted([[100, 100, 50], [300, 300, 10]], [20_000, 50_000])
    assert found[0] == pytest.approx(found[1])


def section(machine: str, time_ns: float, **counts: int) -> Section:
    return Section("a.zxa", "main", 1, machine, time_ns, Counter(counts))


def test_costs_are_told_by_machine_and_only_of_opcodes() -> None:
    one = section("stack", 90_000, ADD=1000, POP=500)
    one.counts.update({TALLY: 10, CALL_OF + "f": 3})
    found = costs([one, section("stack", 10_000, ADD=100), section("generated", 500, ADD=100),
                   section("native", 5, ADD=100), section("native", 6, ADD=100)])
    assert {(part.machine, part.opcode): (part.count, part.sections) for part in found} == {
        ("stack", "ADD"): (1100, 2), ("stack", "POP"): (500, 1)}
    assert sum(part.time_ns for part in found) == pytest.approx(100_000, rel=0.1)
    text = view(Report(costs=found), "text")
    assert "Costs of opcodes, estimated from the times of loops and calls" in text


def test_costs_of_several_processes_are_added() -> None:
    report = Report(costs=costs([section("stack", 90_000, ADD=1000, POP=500), section("stack", 10_000, ADD=100)]))
    merged = Report.merge([report, report])
    for once, twice in zip(report.costs, merged.costs, strict=True):
        assert (twice.count, twice.time_ns, twice.sections) == (2 * once.count, 2 * once.time_ns, 2 * once.sections)
