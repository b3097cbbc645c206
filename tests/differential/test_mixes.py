"""Loops that mix draws of random numbers give CPython's values and leave CPython's states, in every mode."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from .campaign import report, run
from .cases import load_text
from .mixes import SETS, generate

EXITS = ("exit1", "exit2", "exit5")


def modes_of(seed: int) -> tuple[str, ...]:
    """At once, and with each guard that fails after some passes; the last with copies of lists, too."""
    return ("first", "mirrors-exit2" if seed % 8 == 7 else EXITS[seed % 3])


def reduced(seed: int) -> bool:
    """Whether a program's forced-exit code gets few optimizations: most of the time goes into these."""
    return seed % 4 != 0


@pytest.mark.fuzz
def test_mixed_draws(pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]) -> None:
    option: Callable[[str], Any] = pytestconfig.getoption
    first, count = option("--seed"), -(-option("--mixes") // SETS)
    tally = run(range(first, first + count), generate, modes_of, reduced, option("--workers"))
    with capsys.disabled():
        print(f"\n{tally.programs * SETS} mixes: {tally}")
    if tally.failures:
        pytest.fail(report(tally, generate, reduced), pytrace=False)
    assert tally.native >= 0.6 * tally.programs, str(tally)


def test_mixes_are_reproducible_and_reach_every_method() -> None:
    texts = [generate(seed) for seed in range(60)]
    assert texts == [generate(seed) for seed in range(60)]
    assert {len(load_text(text, "<mix>", "mix").cases["f"].sets) for text in texts} == {SETS}
    public = {name for name in dir(random.Random) if name[0] != "_"} - {"VERSION"}
    unused = {name for name in public if not any(f".{name}(" in text for text in texts)}
    assert not unused, unused
