"""A run of many generated programs: what became of them, and the smallest of those that differ from CPython."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .cases import load_text
from .workers import Worker, shrink, spread

SHOWN = 5


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


def run(
    seeds: Iterable[int],
    generate: Callable[[int], str],
    modes_of: Callable[[int], tuple[str, ...]],
    reduced: Callable[[int], bool],
    workers: int,
) -> Tally:
    """Compare the programs of some seeds with CPython, until far too many differ.

    Args:
        seeds: which programs.
        generate: makes the text of a seed's program.
        modes_of: the modes in which it runs.
        reduced: whether its forced-exit code gets few optimizations.
        workers: how many processes work on it.
    """
    tally = Tally()
    seeds = list(seeds)
    requests = (("generated", (generate(seed), f"fuzz-{seed}", modes_of(seed), reduced(seed))) for seed in seeds)
    for seed, answer in zip(seeds, spread(requests, workers), strict=True):
        tally.add(seed, modes_of(seed), answer)
        if len(tally.failures) >= 4 * SHOWN:
            break
    return tally


def report(tally: Tally, generate: Callable[[int], str], reduced: Callable[[int], bool]) -> str:
    """The programs that differ, the first of them shrunk, with their files."""
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
