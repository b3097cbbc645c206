"""How much time may go into a loop, and when what is lost behind its exits is too much."""

from __future__ import annotations

import pytest

from zexus.jit import effort, verdicts
from zexus.jit.effort import Effort


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the program has run."""
    now = [0.0]
    monkeypatch.setattr(effort, "monotonic", lambda: verdicts.BEGUN + now[0])
    monkeypatch.setattr(effort.CLOCK, "spent", lambda: now[0])
    return now


def test_what_is_too_much_depends_on_how_long_the_program_has_run(clock: list[float]) -> None:
    made = Effort()
    assert not made.is_too_much
    with made.watching():
        clock[0] += 0.3
    assert made.spent == pytest.approx(0.3) and made.is_too_much
    assert made.due == pytest.approx(verdicts.BEGUN + 6)
    clock[0] = 5.9
    assert made.is_too_much
    clock[0] = 6.1
    assert not made.is_too_much


def test_watching_counts_where_it_fails(clock: list[float]) -> None:
    made = Effort()
    with pytest.raises(KeyError), made.watching():
        clock[0] += 1
        raise KeyError
    assert made.spent == 1


def test_exits_of_long_iterations_cost_more_than_native_code_saves() -> None:
    made = Effort()
    made.inside = 0.5
    for _ in range(100):
        made.left(0.004)
    assert not made.exceeds(100)  # less than there was in native code
    for _ in range(100):
        made.left(0.004)
    assert made.exceeds(200) and made.spent == pytest.approx(0.8)
    assert not made.exceeds(2000)  # short ones: how often they are taken tells
    made.begin()
    assert not made.exceeds(200) and made.spent == pytest.approx(0.8)
