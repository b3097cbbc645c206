"""`zexus bench`: variants of a job measured side by side in fresh processes, and against a recorded baseline."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from zexus.config.launch import Outcome, Task, launch
from zexus.config.problems import ConfigError, Place, Problem, Source
from zexus.config.progress import shown
from zexus.config.writing import obstacle

_RESAMPLES = 2000
_FORMAT = 4


@dataclass
class Variant:
    """One way to run a job.

    Attributes:
        name: what tables call it.
        task: what its processes are told.
        env: their further variables.
        seconds: of each round, what its runs take (see `undisturbed`), without waiting for a processor (see
            `zexus.config.clock`).
        relative: the same in units of a calibration loop that ran before and behind each of these runs.
    """

    name: str
    task: Task
    env: dict[str, str]
    seconds: list[float] = field(default_factory=list)
    relative: list[float] = field(default_factory=list)


class Mismatch(Exception):
    """Two variants printed or returned something different, or one failed; the message says which."""


def measure(variants: Sequence[Variant], rounds: int) -> None:
    """Run the variants in turn, round by round, each in a fresh process; the order changes from round to round.

    Args:
        variants: what to run; a first, untimed round fills the caches.
        rounds: how often.

    Raises:
        Mismatch: what the variants print or return is not the same, or one of them fails.
        ConfigError: there is no such target.
    """
    first: tuple[str, Outcome] | None = None
    for turn in shown(range(rounds + 1), "round", rounds + 1):
        for variant in variants if turn % 2 else reversed(variants):
            outcome = launch(measured(variant.task), variant.env, True, False)
            if outcome.missing:
                raise ConfigError([Problem(Place(Source("target", variant.task.target)), "", outcome.missing)])
            if outcome.code:
                raise Mismatch(f"{variant.name}: the target ended with exit code {outcome.code}")
            if not outcome.own:
                raise Mismatch(f"{variant.name}: the target ended its process before it could be timed")
            first = first or (variant.name, outcome)
            if (outcome.stdout, outcome.value) != (first[1].stdout, first[1].value):
                raise Mismatch(f"{variant.name} and {first[0]} do not print and return the same")
            if turn:
                seconds = undisturbed(outcome.own)
                variant.seconds.append(seconds)
                variant.relative.append(seconds / undisturbed([unit for units in outcome.units for unit in units]))


def measured(task: Task) -> Task:
    """A task as it is measured: its times are taken together with those of the calibration loop.

    Where it is warmed up, loops are compiled at once. Beside the program it would take a busy machine longer, and which
    of them are native by the first timed run would be left to chance.
    """
    if not task.warmup:
        return replace(task, measured=True)
    settings = task.vm.get("settings")
    vm = task.vm if settings is None else {
        **task.vm, "settings": {**settings, "jit": {**settings["jit"], "background": False}}}
    return replace(task, measured=True, jit={**task.jit, "background": False}, vm=vm)


def undisturbed(times: Sequence[float]) -> float:
    """What runs of one process take: the median of the faster half of them.

    What disturbs a run makes it slower, never faster. A loop that is compiled beside the program becomes faster in the
    middle of the runs, the later the more the machine has to do: by the median of all of them, some processes of the
    same program take twice as long as others.
    """
    return statistics.median(sorted(times)[: (len(times) + 1) // 2])


def interval(of: Callable[[random.Random], float]) -> tuple[float, float]:
    """The middle 95 of 100 of what resampling gives (the bootstrap of Efron, 1979); the same for the same data."""
    chance = random.Random(0)
    found = sorted(of(chance) for _ in range(_RESAMPLES))
    return found[_RESAMPLES * 25 // 1000], found[_RESAMPLES * 975 // 1000 - 1]


def ratio(left: Sequence[float], right: Sequence[float], paired: bool) -> dict[str, float]:
    """How many times `right` goes into `left`, by medians, and the interval of that.

    Args:
        left, right: samples.
        paired: whether the samples of a position were taken side by side.
    """
    def resampled(chance: random.Random) -> float:
        if paired:
            chosen = chance.choices(range(len(left)), k=len(left))
            return statistics.median(left[i] / right[i] for i in chosen)
        return (statistics.median(chance.choices(left, k=len(left)))
                / statistics.median(chance.choices(right, k=len(right))))

    middle = (statistics.median(a / b for a, b in zip(left, right, strict=True)) if paired
              else statistics.median(left) / statistics.median(right))
    low, high = interval(resampled)
    return {"ratio": middle, "low": low, "high": high}


def figures(variants: Sequence[Variant]) -> dict[str, Any]:
    """Everything that was measured, as plain values; ratios are those of the first variant to each."""
    base = variants[0]
    return {"format": _FORMAT, "job": _job(base.task), "variants": {variant.name: {
        "median": statistics.median(variant.seconds), "least": min(variant.seconds), "most": max(variant.seconds),
        "seconds": variant.seconds, "relative": variant.relative,
        "times_as_fast": ratio(base.seconds, variant.seconds, paired=True),
    } for variant in variants}}


def _job(task: Task) -> dict[str, Any]:
    """What has to be the same for figures to be comparable."""
    target = task.target if task.kind == "function" else Path(task.target).name
    return {"target": target, "args": task.args, "kwargs": task.kwargs}


def text(found: dict[str, Any]) -> str:
    """The figures as a table."""
    rows = [("variant", "median", "least", "most", "times as fast", "95 % interval")]
    for name, row in found["variants"].items():
        speed = row["times_as_fast"]
        rows.append((name, *(f"{row[key]:.4g} s" for key in ("median", "least", "most")), f"{speed['ratio']:.3g}",
                     f"{speed['low']:.3g} to {speed['high']:.3g}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


# --- against a baseline ----------------------------------------------------------------------------------


def check_writable(path: str) -> None:
    """See that figures can be recorded, before it takes its time to find them.

    Raises:
        ConfigError: they cannot.
    """
    words = obstacle(path)
    if words:
        raise _unwritable(path, words)


def record(path: str, found: dict[str, Any]) -> None:
    """Write figures down, to be compared with later.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        Path(path).write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None


def _unwritable(path: str, words: str) -> ConfigError:
    return ConfigError([Problem(Place(Source("--record", path)), "", f"cannot be written: {words}")])


def baseline(path: str, ways: Sequence[Variant]) -> dict[str, list[float]]:
    """What was recorded for variants of the names of `ways`, in units of the calibration loop.

    Raises:
        ConfigError: the file cannot be read, is about another job, or knows none of the variants.
    """
    names = [way.name for way in ways]
    place = Place(Source("--against", path))
    try:
        base = json.loads(Path(path).read_text("utf-8"))
        known = {name: [float(value) for value in row["relative"]] for name, row in base["variants"].items()}
        usable = all(values and min(values) > 0 for values in known.values())
        other = base["format"] != _FORMAT
    except OSError as error:
        raise ConfigError([Problem(place, "", f"cannot be read: {error.strerror}")]) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        usable = other = False
    if usable and other:
        words = "it was recorded by another version of zexus, which measured otherwise; record it anew"
        raise ConfigError([Problem(place, "", words)])
    if not usable:
        raise ConfigError([Problem(place, "", "this was not recorded by zexus bench --record")])
    if base.get("job") != json.loads(json.dumps(_job(ways[0].task))):
        told = base.get("job", {})
        given = " ".join(json.dumps(told.get(name)) for name in ("args", "kwargs"))
        words = f"it was recorded for another job: {told.get('target')} with the arguments {given}"
        raise ConfigError([Problem(place, "", words)])
    if not known.keys() & set(names):
        raise ConfigError([Problem(place, "", f"it knows {', '.join(known)}, and none of these is measured")])
    return {name: known[name] for name in names if name in known}


def against(found: dict[str, Any], known: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """For each variant of a baseline, how many times as long it takes now, in units of the calibration loop.

    "fastest" is the same for its fastest round, against the fastest that was recorded.
    """
    rows = {}
    for name, values in known.items():
        relative = found["variants"][name]["relative"]
        rows[name] = {**ratio(relative, values, paired=False), "fastest": min(relative) / min(values)}
    return rows


def regressed(row: dict[str, float], limit: float) -> bool:
    """Whether a variant takes longer by more than `limit` (0.05 is 5 %), noise considered.

    The interval tells how much rounds differ from each other. What slows a whole measurement down, as a neighbour does
    that takes the caches, is not in it; but hardly every round meets that.
    """
    return row["low"] > 1 + limit and row["fastest"] > 1 + limit
