"""Functions that are called often and have short loops go native as wholes, where that pays."""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import zexus
from zexus import events
from zexus.jit import verdicts
from zexus.jit.explain import RegionReport

SHORT: dict[str, Any] = {"functions": "short", "background": False, "cache": False, "threshold": 100}


def line_of(board, mark):
    for row in range(3):
        for column in range(3):
            if board[row][column] != mark:
                break
        else:
            return row
    for column in range(3):
        if board[0][column] == mark and board[1][column] == mark and board[2][column] == mark:
            return 3 + column
    return -1


def boards(count: int) -> list[list[list[int]]]:
    source = random.Random(count)
    return [[[source.choice((0, 1, 1, 2)) for _ in range(3)] for _ in range(3)] for _ in range(count)]


def whole(compiled: Any) -> RegionReport | None:
    """What became of the function as a whole; None where it is not looked at."""
    return next((region for region in zexus.explain(compiled).regions if region.kind == "function"), None)


def agrees(compiled: Callable[..., Any], function: Callable[..., Any], rounds: int) -> None:
    given = boards(20)
    for _ in range(rounds):
        for board in given:
            assert compiled(board, 1) == function(board, 1)


def test_a_function_of_short_loops_goes_native() -> None:
    compiled = zexus.jit.compile(line_of, **SHORT, measure=False)
    agrees(compiled, line_of, 100)
    found = whole(compiled)
    assert found is not None and found.tier == "native" and found.native_iterations > 500
    loops = [region for region in zexus.explain(compiled).regions if region.kind != "function"]
    assert not any(loop.versions for loop in loops), "its loops wait for that"


def test_its_loops_are_looked_at_where_the_whole_is_refused() -> None:
    def told(xs: list[int]) -> int:
        found = 0
        for x in xs:
            found += x
        gc.isenabled()
        return found

    compiled = zexus.jit.compile(told, **{**SHORT, "threshold": 400}, entry_cost=0)
    for _ in range(500):
        assert compiled([1, 2, 3, 4, 5, 6, 7, 8]) == 36
    function, loop = zexus.explain(compiled).regions
    assert (function.kind, function.tier, function.code) == ("function", "python", "ZX022")
    assert loop.versions


def test_long_loops_are_compiled_by_themselves() -> None:
    def total(n: int) -> int:
        found = 0
        for i in range(n):
            found += i ^ (found & 7)
        return found

    compiled = zexus.jit.compile(total, **SHORT)
    for _ in range(100):
        assert compiled(3000) == total(3000)
    assert whole(compiled) is None
    assert zexus.explain(compiled).regions[0].tier == "native"


@pytest.mark.parametrize("functions", ["recursive", "all"])
def test_which_functions_is_a_setting(functions: str) -> None:
    compiled = zexus.jit.compile(line_of, **{**SHORT, "functions": functions}, measure=False)
    agrees(compiled, line_of, 20)
    assert (whole(compiled) is None) is (functions == "recursive")


def test_what_loses_by_the_clock_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    import itertools

    from zexus.jit.entrytrial import EntryTrial

    ticks = itertools.count(step=10_000_000)

    def slow_where_native(self: EntryTrial, tier: Any) -> None:
        begin(self, tier)
        # What native code has takes ten times as long.
        self.clock = lambda: next(ticks) * (10 if self._passing == 0 else 1)

    begin = EntryTrial.__init__
    monkeypatch.setattr(EntryTrial, "__init__", slow_where_native)
    compiled = zexus.jit.compile(line_of, **SHORT, measure_pairs=3)
    agrees(compiled, line_of, 3000)
    found = whole(compiled)
    assert found is not None and found.versions == 1


def test_other_types_and_changed_globals_stay_right() -> None:
    compiled = zexus.jit.compile(line_of, **SHORT, measure=False)
    agrees(compiled, line_of, 100)
    assert compiled([[1.0] * 3] * 3, 1.0) == 0
    assert compiled(("aab", "aaa", "bbb"), "a") == 1
    with pytest.raises(IndexError):
        compiled([[1, 1], [1, 1]], 1)
    agrees(compiled, line_of, 10)


def test_methods_go_native() -> None:
    class Grid:
        def __init__(self, cells: list[int]) -> None:
            self.cells = cells

        def score(self, weight: int) -> int:
            total = 0
            for cell in self.cells:
                total += cell * weight
            return total

    plain = Grid.score
    Grid.score = zexus.jit.compile(plain, **SHORT, measure=False)  # type: ignore[method-assign]
    grid = Grid([1, 2, 3, 4])
    for weight in range(400):
        assert grid.score(weight) == plain(grid, weight)
    found = whole(Grid.score)
    assert found is not None and found.tier == "native"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ZEXUS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(verdicts, "_books", {})
    path = tmp_path / "grid.py"
    path.write_text("def count(xs):\n    found = 0\n    for x in xs:\n        found += x\n    return found\n")
    yield path


def test_a_later_run_begins_with_the_whole(script: Path) -> None:
    settings = {**SHORT, "cache": True, "retry_after": 10.0}

    def run() -> Any:
        space: dict[str, Any] = {}
        exec(compile(script.read_text(), str(script), "exec"), space)
        compiled = zexus.jit.compile(space["count"], **settings, measure=False)
        for _ in range(300):
            assert compiled([1, 2, 3]) == 6
        verdicts._write()
        return compiled

    first = whole(run())
    assert first is not None and first.tier == "native"
    book, = (script.parent / "cache").rglob("*.json")
    assert json.loads(book.read_text())["wholes"] == [f"count:{verdicts.WHOLE}:1:0:0"]
    verdicts._books.clear()
    before = len(events.recent())
    again = run()
    second = whole(again)
    assert second is not None and second.native_iterations > first.native_iterations
    assert any(event.kind == "compile" for event in events.recent()[before:])
