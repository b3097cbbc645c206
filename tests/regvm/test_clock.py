"""Whose turn it is: the engine's time is counted apart from what the program does meanwhile."""

from __future__ import annotations

from time import thread_time

import pytest

from zexus.codes import Unsupported
from zexus.regvm.clock import OVERDUE, Clock, total


def work(seconds: float) -> None:
    end = thread_time() + seconds
    while thread_time() < end:
        pass


def test_turns_nest() -> None:
    clock = Clock()
    before = total()
    with clock.working():
        work(0.01)
        with clock.away():
            work(0.03)
            with clock.working():
                work(0.01)
        with clock.working():
            work(0.01)
    assert 0.03 <= clock.spent() < 0.05
    assert total() - before == pytest.approx(clock.spent())
    work(0.01)
    assert clock.spent() < 0.05


def test_away_outside_of_work_is_nothing() -> None:
    clock = Clock()
    with clock.away():
        work(0.002)
    assert clock.spent() == 0


def test_work_has_a_limit() -> None:
    clock = Clock()
    with clock.working(), clock.limited(0.01):
        clock.check()
        with clock.away():
            work(0.02)
        clock.check()
        with clock.limited(1.0):
            work(0.02)
            clock.check()
        with pytest.raises(Unsupported) as raised:
            clock.check()
        assert raised.value.code == OVERDUE
    clock.check()
