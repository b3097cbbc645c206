"""Versions of a loop: frames that are running keep older code, and find the newer one, or CPython, behind it."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import zexus
from zexus import events


def summed(values, rounds, pause):
    total = 0
    for number in range(rounds):
        if pause:
            time.sleep(pause)
        total = 0.0 if number < rounds // 2 else np.float64(0.0)
        for i in range(len(values)):
            total += values[i]
    return total


@pytest.mark.parametrize("background", [False, True])
def test_other_types_while_a_version_is_on_its_way(background: bool) -> None:
    compiled = zexus.jit.compile(summed, threshold=1000, background=background, cache=False, exit_budget=20)
    values = np.arange(200.0)
    wanted = summed(values, 300, 0)
    for _ in range(50):  # until the compiler is done, however slow the machine
        found = compiled(values, 300, 0.002)
        assert type(found) is type(wanted) and found == wanted
        inner = zexus.explain(compiled).regions[1]
        if inner.versions > 1 and inner.tier == "native":
            break
    assert inner.tier == "native" and inner.versions <= 3, inner


def changing(values, rounds):
    total = 0
    for number in range(rounds):
        start: Any = (0, 0.5, True, "s", None, 2**70)[number % 6]
        for value in values:
            start = value if isinstance(start, (str, type(None))) else start + value
        total = start
    return total


def test_a_refused_loop_says_so_once() -> None:
    compiled = zexus.jit.compile(changing, threshold=50, background=False, cache=False, exit_budget=5, weigh=False)
    values = list(range(60))
    before = len(events.recent())
    for _ in range(5):
        assert compiled(values, 120) == changing(values, 120)
    refusals = [e for e in events.recent()[before:] if e.kind == "refuse"]
    assert len(refusals) == len({e.where for e in refusals})
