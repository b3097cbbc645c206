"""Generated programs give CPython's answer in every mode, and most of them go native."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .campaign import report, run, smallest
from .cases import load_text
from .generator import generate
from .harness import MODES
from .workers import Worker, spread

EXITS = ("exit1", "exit2", "exit5")
WHOLES = ("wholes", "wholes-exit1")


def modes_of(seed: int, every: bool) -> tuple[str, ...]:
    """The modes in which a program runs: all, or the first-iteration mode and a rotating choice of the others."""
    if every:
        return tuple(MODES)
    rotating = ("first", EXITS[seed % 3], *(("mirrors",) if seed % 2 else (WHOLES[seed // 2 % 2],)))
    return (*rotating, "default") if seed % 4 == 0 else rotating


def reduced(seed: int) -> bool:
    """Whether a program's forced-exit code gets few optimizations: most of the time goes into these."""
    return seed % 4 != 0


@pytest.mark.fuzz
def test_generated_programs(pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]) -> None:
    option: Callable[[str], Any] = pytestconfig.getoption
    first = option("--seed")
    seeds = range(first, first + option("--examples"))
    every = option("--all-modes")
    tally = run(seeds, generate, lambda seed: modes_of(seed, every), reduced, option("--workers"))
    with capsys.disabled():
        print(f"\n{tally}")
    if tally.failures:
        pytest.fail(report(tally, generate, reduced), pytrace=False)
    assert tally.native >= 0.85 * tally.programs, str(tally)


def test_a_failing_program_is_shrunk() -> None:
    body = ["    total = 0", *(f"    total += {k}" for k in range(20)), "    os._exit(7)", "    return total"]
    text = "\n".join(["import os", "from ..cases import case", "", "def f():", *body, "", "case(f, ())", ""])
    worker = Worker()
    answer = worker.ask("generated", text, "crashing", ("plain",))
    worker.stop()
    small, wrong = smallest(text, ("plain",), answer)
    assert "os._exit(7)" in small and len(small.splitlines()) < 8
    assert "exit code 7" in wrong


def test_generated_programs_are_reproducible_and_end() -> None:
    for seed in range(40):
        text = generate(seed)
        assert text == generate(seed)
        program = load_text(text, f"<reproducible-{seed}>", "reproducible")
        assert len(program.cases["f"].sets) == 3


def test_generated_programs_run_the_same_twice() -> None:
    requests = (("generated", (generate(seed), f"twice-{seed}", ("plain",))) for seed in range(200))
    for seed, answer in enumerate(spread(requests, 1)):
        assert not answer.get("failure") and not answer["problems"], (seed, answer)
