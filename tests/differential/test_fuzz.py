"""Generated programs give CPython's answer in every mode, and most of them go native."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .cases import load_text
from .generator import generate
from .harness import MODES
from .workers import Worker, shrink, spread

EXITS = ("exit1", "exit2", "exit5")
SHOWN = 5


def modes_of(seed: int, every: bool) -> tuple[str, ...]:
    """The modes in which a program runs: all, or the first-iteration mode and a rotating choice of the others."""
    if every:
        return tuple(MODES)
    rotating = ("first", EXITS[seed % 3], *(("mirrors",) if seed % 2 else ()))
    return (*rotating, "default") if seed % 4 == 0 else rotating


def reduced(seed: int) -> bool:
    """Whether a program's forced-exit code gets few optimizations: most of the time goes into these."""
    return seed % 4 != 0


@dataclass
class Tally:
    """What became of the programs."""

    programs: int = 0
    native: int = 0
    stayed: int = 0
    tiers: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    side_exits: int = 0
    guards: Counter[str] = field(default_factory=Counter)
    mirrored: int = 0
    iterations: int = 0
    native_iterations: int = 0
    failures: list[tuple[int, tuple[str, ...], dict[str, Any]]] = field(default_factory=list)

    def add(self, seed: int, modes: tuple[str, ...], answer: dict[str, Any]) -> None:
        self.programs += 1
        if answer.get("failure") or answer["problems"]:
            self.failures.append((seed, modes, answer))
        regions = answer.get("regions", [])
        self.native += any(native for *_, native, _ in regions)
        self.stayed += any(tier == "native" for tier, *_ in regions)
        for tier, code, iterations, native, side_exits in regions:
            self.tiers[tier] += 1
            self.iterations += iterations
            self.native_iterations += native
            self.side_exits += side_exits
            if tier != "native":
                self.codes[code] += 1
        self.guards.update(answer.get("guards", {}))
        self.mirrored += bool(answer.get("mirrored"))

    def __str__(self) -> str:
        share, stayed = self.native / max(1, self.programs), self.stayed / max(1, self.programs)
        inside = self.native_iterations / max(1, self.iterations)
        return "\n".join(
            [
                f"{self.programs} programs, {len(self.failures)} differ; {share:.1%} went native, {stayed:.1%} were at"
                f" the end, {inside:.1%} of all iterations ran native, {self.mirrored} programs had mirrors",
                "regions by tier: " + _counts(self.tiers),
                "why not native: " + _counts(self.codes),
                f"side exits in mode first: {self.side_exits}",
                "guards that failed, by kind, all modes: " + _counts(self.guards),
            ]
        )


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{key} {count}" for key, count in counter.most_common()) or "none"


def smallest(text: str, modes: tuple[str, ...], answer: dict[str, Any], reduced: bool = False) -> tuple[str, str]:
    """The shortest version of a program that fails in the same way, and what is wrong with it."""
    mode = next(iter(answer.get("problems", {})), None)
    kind = _kind(answer)
    worker = Worker(lifetime=100, patience=10.0)
    wanted = (mode,) if mode else modes
    last = answer

    def fails(candidate: str) -> bool:
        nonlocal last
        try:
            if "f" not in load_text(candidate, "<candidate>", "candidate").cases:
                return False
        except Exception:  # a program that does not even load is no smaller version of this one
            return False
        found = worker.ask("generated", candidate, "shrunk", wanted, reduced)
        if _kind(found) != kind:
            return False
        last = found
        return True

    try:
        small = shrink(text.splitlines(), fails, 250)
    finally:
        worker.stop()
    return small, _described(last)


def _kind(answer: dict[str, Any]) -> str:
    if "failure" in answer:
        lines = answer["failure"].strip().splitlines()
        own = lines[0].startswith(("the process", "no answer"))
        return str(lines[0] if own else lines[-1].partition(":")[0])
    return "problems" if answer["problems"] else ""


def _described(answer: dict[str, Any]) -> str:
    if "failure" in answer:
        return str(answer["failure"])
    return "\n".join(f"mode {mode}: {text}" for mode, text in answer["problems"].items())


@pytest.mark.fuzz
def test_generated_programs(pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]) -> None:
    option: Callable[[str], Any] = pytestconfig.getoption
    first = option("--seed")
    seeds = range(first, first + option("--examples"))
    every = option("--all-modes")
    tally = Tally()
    requests = (
        ("generated", (generate(seed), f"fuzz-{seed}", modes_of(seed, every), reduced(seed))) for seed in seeds
    )
    for seed, answer in zip(seeds, spread(requests, option("--workers")), strict=True):
        tally.add(seed, modes_of(seed, every), answer)
        if len(tally.failures) >= 4 * SHOWN:
            break
    with capsys.disabled():
        print(f"\n{tally}")
    if tally.failures:
        pytest.fail(_report(tally), pytrace=False)
    assert tally.native >= 0.85 * tally.programs, str(tally)


def _report(tally: Tally) -> str:
    folder = Path(tempfile.mkdtemp(prefix="zexus-fuzz-"))
    parts = [str(tally)]
    for position, (seed, modes, answer) in enumerate(tally.failures[:SHOWN]):
        text, wrong = generate(seed), _described(answer)
        (folder / f"{seed}.py").write_text(text)
        parts.append(f"seed {seed} ({folder / f'{seed}.py'}), modes {', '.join(modes)}\n{wrong}")
        if position == 0:
            small, wrong = smallest(text, modes, answer, reduced(seed))
            (folder / f"{seed}-small.py").write_text(small)
            parts.append(f"shrunk to:\n{small}\n{wrong}")
    parts.append("seeds that differ: " + " ".join(str(seed) for seed, *_ in tally.failures))
    return "\n\n".join(parts)


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
