"""Native code takes turns with CPython, and is given up where it loses by the clock; the clocks here are not real."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

import zexus
from zexus.jit import entrytrial, stopwatch, trial
from zexus.jit.explain import RegionReport, reporter_of
from zexus.jit.functions import FunctionTier
from zexus.jit.stopwatch import NATIVE, PAUSE, PYTHON, Match, Purse
from zexus.jit.tier import LoopTier
from zexus.settings import JitSettings

# Statements without a native form are free, so that loops go native which the clock has to judge.
SOON: dict[str, Any] = {
    "threshold": 20, "background": False, "cache": False, "outlined_cost": 0, "variable_cost": 0, "entry_cost": 0}


def play(match: Match, python: Callable[[], float], native: Callable[[], float], entry: int = 10**9) -> Iterator[int]:
    """Play a match out, given the nanoseconds of an iteration; the turns, one after the other."""
    while not match.won and not match.lost:
        yield match.turn
        if match.turn == PAUSE:
            match.pause()
            continue
        count = min(match.length, entry)
        match.add(int(count * (python if match.turn == PYTHON else native)()), count)


def match(**settings: Any) -> Match:
    return Match(JitSettings(**settings), Purse(lambda: 0))


def test_native_code_that_loses() -> None:
    made = match()
    turns = list(play(made, lambda: 60, lambda: 100))
    assert made.lost and made.ratio == pytest.approx(0.6, rel=0.01)
    assert len(made.ratios) == JitSettings().measure_pairs
    measured = [turn for turn in turns if turn != PAUSE]
    firsts = [turns[at + 1] for at, turn in enumerate(turns) if turn == PAUSE]
    assert measured[0] == NATIVE and {PYTHON, NATIVE} == set(firsts[:2])


def test_native_code_that_wins_does_so_soon() -> None:
    purse = Purse(lambda: 0)
    made = Match(JitSettings(), purse)
    turns = list(play(made, lambda: 2000, lambda: 100))
    assert made.won and len(made.ratios) == 2 and len(turns) < 40
    assert 0 < purse.spent < 3 * 1e9 * JitSettings().measure_seconds


@pytest.mark.parametrize(("native", "lost"), [(100, False), (104, False), (107, True)])
def test_the_margin(native: int, lost: bool) -> None:
    made = match()
    list(play(made, lambda: 100, lambda: native))
    assert made.lost is lost


@pytest.mark.parametrize("period", [1, 2, 3, 4, 5])
def test_work_that_changes_in_a_rhythm(period: int) -> None:
    """Native code is twice as fast, but every so often an iteration has a hundred times as much to do."""
    for offset in range(2 * period):
        turns = iter(range(offset, 10**6))

        def work(turns: Iterator[int] = turns) -> float:
            return 100 if next(turns) // period % 2 else 1

        made = match()
        list(play(made, lambda work=work: 100 * work(), lambda work=work: 50 * work()))  # type: ignore[misc]
        assert made.won


def test_work_that_grows() -> None:
    grown = iter(range(1, 10**9))
    made = match()
    list(play(made, lambda: 30 * next(grown), lambda: 20 * next(grown)))
    assert made.won


def test_no_noise_makes_much_faster_code_lose() -> None:
    for seed in range(500):
        luck = random.Random(seed)
        made = match()
        list(play(made, lambda: 200 * luck.paretovariate(0.6), lambda: 10 * luck.paretovariate(0.6)))  # noqa: B023
        assert made.won, seed


def test_what_would_be_too_dear_is_not_tried() -> None:
    made = match()
    assert PYTHON not in list(play(made, lambda: 1, lambda: 1e7)) and made.won


def test_long_iterations_are_tried_where_cpython_cannot_take_much_longer() -> None:
    for saved, tried in ((0.0, False), (10_000.0, True), (1_000_000.0, False)):
        made = Match(JitSettings(), Purse(lambda: 0), saved)
        turns = list(play(made, lambda: 1_000_000, lambda: 2_000_000))
        assert (PYTHON in turns) is made.lost is tried


def test_the_purse_fills_with_time() -> None:
    now = [0]
    purse = Purse(lambda: now[0])
    purse.spent = 6_000_000
    assert not purse.covers(0, 0.01)
    now[0] = 200_000_000
    assert purse.covers(0, 0.01) and not purse.covers(0, 0.001) and not purse.covers(2_000_000, 0.01)


def test_short_entries_make_a_turn_together() -> None:
    made = match()
    turns = list(play(made, lambda: 60, lambda: 100, entry=5))
    assert made.lost and turns.count(PYTHON) <= 32 * len(made.ratios)


def test_where_nothing_can_be_told_native_code_stays() -> None:
    made = match()
    while not made.won:
        made.drop()
    assert not made.lost


# --- loops ---------------------------------------------------------------------------------------------------------


class Clock:
    """Tells what the iterations of a loop have taken, by a price for each.

    Args:
        tier: the loop's.
        python, native: nanoseconds of an iteration; of native code, of each loop inside too.
    """

    def __init__(self, tier: LoopTier, python: int, native: int) -> None:
        self.tier, self.python, self.native = tier, python, native
        self.now = self.taken = self.turns = 0
        tier.trial.clock = self
        tier.trial.wall = lambda: 0
        tier.trial.purse = Purse(lambda: 0)

    def __call__(self) -> int:
        made, piece = self.tier.trial, self.tier.trial._piece
        assert piece is not None and self.tier.version is not None
        before, self.taken = self.taken, made._taken(self.tier.version)
        self.turns += piece.python
        self.now += piece.count * self.python if piece.python else (self.taken - before) * self.native
        return self.now


def timed(function: Any, python: int, native: int, number: int = 0, **settings: Any) -> tuple[Any, Clock]:
    """A function compiled, and the clock of one of its loops."""
    compiled = zexus.jit.compile(function, **{**SOON, **settings})
    tiers = [one for one in reporter_of(compiled).tiers() if isinstance(one, LoopTier)]  # type: ignore[union-attr]
    return compiled, Clock(tiers[number], python, native)


def region(function: Any, number: int = 0) -> RegionReport:
    return zexus.explain(function).regions[number]


# Spread into a call, for which there is no native form.
NOTHING: dict[str, Any] = {}


def noted(n, seen):
    t = 0
    for i in range(n):
        t = (t * 31 + i) % 1009
        seen.update({i % 7: t}, **NOTHING)
    return t


def noted_in_a_while(n, seen):
    t = i = 0
    while i < n:
        t = (t * 31 + i) % 1009
        seen.update({i % 7: t}, **NOTHING)
        i += 1
    return t


def noted_in_rows(n, seen):
    t = 0
    for i in range(n):
        for j in range(i % 5):
            t = (t * 31 + j) % 1009
        seen.update({i % 7: t}, **NOTHING)
    return t


def noted_in_rows_of_a_while(n, seen):
    t = i = 0
    while i < n:
        for j in range(i % 5):
            t = (t * 31 + j) % 1009
        seen.update({i % 7: t}, **NOTHING)
        i += 1
    return t


LOOPS = [noted, noted_in_a_while, noted_in_rows, noted_in_rows_of_a_while]
ROWS = (noted_in_rows, noted_in_rows_of_a_while)


@pytest.mark.parametrize("function", LOOPS)
@pytest.mark.parametrize("length", [30, 100_000])
def test_a_loop_that_loses_is_given_back(function: Any, length: int) -> None:
    compiled, _ = timed(function, 600, 500 if function in ROWS else 1000)
    for _ in range(3_000_000 // length):
        mine: dict[int, int] = {}
        wanted: dict[int, int] = {}
        assert compiled(length, mine) == function(length, wanted) and mine == wanted
        if region(compiled).code == "ZX044":
            break
    told = region(compiled)
    assert (told.code, told.tier) == ("ZX044", "python"), told
    assert told.reason.startswith("Kept in Python, by the clock: native was 0.") and told.reason.endswith("x as fast.")
    if function not in ROWS:
        assert told.reason == "Kept in Python, by the clock: native was 0.6x as fast."
        assert compiled.__code__.co_code == function.__code__.co_code


@pytest.mark.parametrize("function", LOOPS)
@pytest.mark.parametrize("length", [30, 100_000])
def test_a_loop_that_wins_stays(function: Any, length: int) -> None:
    compiled, clock = timed(function, 5000, 100)
    for _ in range(2_000_000 // length):
        mine: dict[int, int] = {}
        wanted: dict[int, int] = {}
        assert compiled(length, mine) == function(length, wanted) and mine == wanted
    told = region(compiled)
    assert told.tier == "native" and told.versions == 1 and not told.side_exits, told
    assert clock.turns and clock.tier.trial.purse.spent < 2_000_000
    assert told.native_iterations > 0.9 * told.iterations


def overflowing(n):
    t = c = 0
    for _ in range(n):
        t += 30_000_000_000_000_000
        if t > 1 << 63:
            t = 0
            c += 1
    return c


def test_a_loop_that_is_left_often_is_measured() -> None:
    compiled, _ = timed(overflowing, 60, 100)
    for _ in range(60):
        assert compiled(50_000) == overflowing(50_000)
    assert region(compiled).code == "ZX044" and region(compiled).side_exits > 12, region(compiled)


def plain(n):
    t = 0
    for i in range(n):
        t = (t * 31 + i) % 1009
    return t


def test_a_loop_without_anything_suspicious_is_not_measured() -> None:
    compiled, clock = timed(plain, 60, 100)
    for _ in range(30):
        assert compiled(100_000) == plain(100_000)
    assert not clock.turns and region(compiled).tier == "native"


@pytest.mark.parametrize("settings", [{"measure": False}, {"weigh": False}, {"stance": "force_native"}])
def test_where_nobody_wants_it(settings: dict[str, Any]) -> None:
    compiled, clock = timed(noted, 60, 100, **settings)
    for _ in range(30):
        compiled(100_000, {})
    assert not clock.turns and region(compiled).tier == "native"


# --- turns change nothing ------------------------------------------------------------------------------------------


def over_pairs(xs, seen):
    t = 0
    for i, x in enumerate(xs):
        t = (t * 31 + i * x) % 1009
        seen.update({i % 7: t}, **NOTHING)
    return t


def zipped(xs, seen):
    t = 0
    for x, i in zip(xs, range(10**6)):
        t = (t * 31 + i * x) % 1009
        seen.update({i % 7: t}, **NOTHING)
    return t


def left_early(xs, seen):
    t = 0
    for x in xs:
        t = (t * 31 + x) % 1009
        seen.update({x % 7: t}, **NOTHING)
        if t == 77:
            return seen, x
        if t == 5:
            break
    else:
        t = -t
    return t


def raised(xs, seen):
    t = 0
    try:
        for x in xs:
            t = (t * 31 + x) % 1009
            seen.update({x % 7: t}, **NOTHING)
            if t == 77:
                raise ValueError(x)
    except ValueError as error:
        return error.args, t
    return t


def popped(xs, seen):
    t = 0
    xs = list(xs)
    while xs:
        t = (t * 31 + xs.pop()) % 1009
        seen.update({t % 7: t}, **NOTHING)
        if t == 5:
            break
    else:
        t = -t
    return t, len(xs)


def inside_itself(xs, seen):
    t = 0
    for x in xs:
        t = (t * 31 + x) % 1009
        if len(xs) > 50 and t % 100 == 7:
            seen[x] = again[0](xs[:40], {})
        seen.update({x % 7: t}, **NOTHING)
    return t


again: list[Callable[..., Any]] = [inside_itself]


@pytest.mark.parametrize("function", [over_pairs, zipped, left_early, raised, popped, inside_itself])
@pytest.mark.parametrize("seed", range(3))
def test_answers_under_constant_measuring(function: Any, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopwatch, "_PIECES", 10**9)
    compiled, clock = timed(function, 60, 100, measure_pairs=1000, slice_iterations=64)
    luck = random.Random(seed)
    for _ in range(150):
        xs = [luck.randrange(1000) for _ in range(luck.choice((0, 1, 30, 300, 3000)))]
        again[0] = function
        wanted: dict[int, Any] = {}
        expected = function(xs, wanted)
        again[0] = compiled
        mine: dict[int, Any] = {}
        assert compiled(xs, mine) == expected and mine == wanted
    least = 20 if function is not inside_itself else 0  # whose entries are measured as soon as one shows that they nest
    assert clock.turns > least and region(compiled).tier == "native", (clock.turns, region(compiled))


def test_threads_under_constant_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "SOON", 0)
    compiled = zexus.jit.compile(zipped, **SOON, measure_pairs=1000, measure_seconds=0.00002)
    wrong: list[Any] = []

    def run(seed: int) -> None:
        luck = random.Random(seed)
        for _ in range(200):
            xs = [luck.randrange(1000) for _ in range(luck.choice((5, 60, 3000)))]
            mine: dict[int, int] = {}
            wanted: dict[int, int] = {}
            if compiled(xs, mine) != zipped(xs, wanted) or mine != wanted:
                wrong.append(xs)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# --- functions that call themselves -------------------------------------------------------------------------

CALLS = [0]


def count_down(n: int) -> int:
    CALLS[0] += 1
    return 0 if n == 0 else 1 + count_down(n - 1)


@pytest.mark.parametrize(("native", "lost"), [(90, True), (-60, False)])
def test_functions_take_turns(native: int, lost: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call costs 100, and where it is native this much more."""
    monkeypatch.setattr(entrytrial, "is_dear", lambda instructions: True)
    compiled = zexus.jit.compile(count_down, threshold=20, background=False, cache=False, weigh=True)
    tier, = reporter_of(compiled).tiers()  # type: ignore[union-attr]
    assert isinstance(tier, FunctionTier)
    monkeypatch.setitem(globals(), "count_down", compiled)  # it calls itself by its hook
    tier.entry_trial.purse = Purse(lambda: 0)
    tier.entry_trial.clock = lambda: 10 * (100 * CALLS[0] + native * tier.iterations())
    turns: set[bool] = set()
    is_python = tier.entry_trial.is_python
    monkeypatch.setattr(tier.entry_trial, "is_python", lambda version: turns.add(found := is_python(version)) or found)
    for _ in range(3000):
        assert compiled(10) == 10
    region = zexus.explain(compiled).regions[0]
    assert turns == {False, True}
    assert (region.code, region.tier) == (("ZX044", "python") if lost else ("ZX000", "native")), region


def steps(n: int, log: list[int]) -> int:
    log.append(n)
    if n == 13:
        raise ValueError(n)
    return n if n < 2 else steps(n - 1, log) + steps(n - 2, log)


def test_functions_under_constant_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrytrial, "SOON", 0)
    monkeypatch.setattr(entrytrial, "is_dear", lambda instructions: True)
    plain = steps
    compiled = zexus.jit.compile(plain, threshold=20, background=False, cache=False, measure_pairs=1000,
                                 measure_seconds=0.00002, measure_share=1.0)
    tier, = reporter_of(compiled).tiers()  # type: ignore[union-attr]
    assert isinstance(tier, FunctionTier)
    turns: Counter[bool] = Counter()
    is_python = tier.entry_trial.is_python
    monkeypatch.setattr(
        tier.entry_trial, "is_python", lambda version: turns.update([found := is_python(version)]) or found)
    monkeypatch.setitem(globals(), "steps", compiled)  # it calls itself by its hook
    luck = random.Random(3)
    for _ in range(1500):
        n = luck.randrange(12) if luck.random() < 0.95 else luck.randrange(13, 16)
        logs: list[list[int]] = [[], []]
        found: list[Any] = []
        for function, log in zip((plain, compiled), logs, strict=True):
            monkeypatch.setitem(globals(), "steps", function)
            try:
                found.append(function(n, log))
            except ValueError as error:
                found.append(str(error))
        assert found[0] == found[1] and logs[0] == logs[1]
    assert turns[True] > 20 and turns[False] > 20, turns


# --- loops of which only whole entries can be measured --------------------------------------------------------

ITERATIONS = [0]
Tree = list["Tree"]


def walk(tree: Tree, seen: dict[int, int]) -> int:
    t = 1
    for part in tree:
        ITERATIONS[0] += 1
        seen.update({t % 7: t}, **NOTHING)
        t += walk(part, seen)
    return t


def nest(depth: int) -> Tree:
    return [nest(depth - 1) for _ in range(3)] if depth else []


@pytest.mark.parametrize(("native", "lost"), [(300, True), (-60, False)])
def test_entries_take_turns(native: int, lost: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An iteration costs 100, and where it is native this much more."""
    monkeypatch.setattr(entrytrial, "SOON", 0)
    plain, given = walk, nest(3)
    compiled = zexus.jit.compile(walk, **SOON, measure_share=1.0)
    monkeypatch.setitem(globals(), "walk", compiled)  # it calls itself by its hook
    tier = next(one for one in reporter_of(compiled).tiers() if type(one) is LoopTier)  # type: ignore[union-attr]

    def clock() -> int:
        assert tier.version is not None
        return 10 * (100 * ITERATIONS[0] + native * tier.iterations())

    for made in (tier.trial, tier.entry_trial):
        made.clock, made.wall, made.purse = clock, clock, Purse(count(0, 10**9).__next__)  # type: ignore[attr-defined]
    turns: set[bool] = set()
    is_python = tier.entry_trial.is_python
    monkeypatch.setattr(
        tier.entry_trial, "is_python", lambda version: turns.add(found := is_python(version)) or found
    )
    for _ in range(3000):
        mine: dict[int, int] = {}
        wanted: dict[int, int] = {}
        found = compiled(given, mine)
        monkeypatch.setitem(globals(), "walk", plain)
        assert plain(given, wanted) == found and mine == wanted
        monkeypatch.setitem(globals(), "walk", compiled)
        if tier.version is None and turns:
            break
    region = zexus.explain(compiled).regions[tier.site.index]
    assert turns == {False, True}, region
    assert (region.code, region.tier) == (("ZX044", "python") if lost else ("ZX000", "native")), region
