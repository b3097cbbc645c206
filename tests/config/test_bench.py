"""Measuring variants side by side, and against a recorded baseline."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from zexus.config import bench
from zexus.config.commands import variants
from zexus.config.launch import Task
from zexus.config.problems import ConfigError

ROOT = Path(__file__).parents[2]


def noisy(middle: float, seed: int, spread: float = 0.02) -> list[float]:
    chance = random.Random(seed)
    return [middle * chance.uniform(1 - spread, 1 + spread) for _ in range(10)]


def test_a_ratio_and_its_interval() -> None:
    found = bench.ratio([2.0, 4.0, 6.0], [1.0, 2.0, 3.0], paired=True)
    assert found == {"ratio": 2.0, "low": 2.0, "high": 2.0}
    found = bench.ratio(noisy(3, 1), noisy(1, 2), paired=False)
    assert 2.8 < found["low"] <= found["ratio"] <= found["high"] < 3.2
    assert found == bench.ratio(noisy(3, 1), noisy(1, 2), paired=False)


def test_loops_that_are_compiled_meanwhile_do_not_count() -> None:
    """Times of a process whose loops went native early, and of others where that took longer."""
    assert bench.undisturbed([17.8, 17.2, 34.9, 16.8, 16.7]) == 16.8
    assert bench.undisturbed([39.6, 39.2, 59.6, 19.3, 19.1]) == pytest.approx(19.3)
    assert [bench.undisturbed(times) for times in ([3.0], [4.0, 3.0], [5.0, 3.0, 4.0])] == [3.0, 3.0, 3.5]


@pytest.mark.parametrize("seed", range(10))
def test_regressions_are_found_and_noise_is_not(seed: int) -> None:
    base = noisy(1, seed)

    def flagged(now: list[float], limit: float = 0.05) -> bool:
        rows = bench.against({"variants": {"a": {"relative": now}}}, {"a": base})
        return bench.regressed(rows["a"], limit)

    assert not flagged(noisy(1, seed + 100))
    assert flagged(noisy(1.2, seed + 100)) and not flagged(noisy(1.2, seed + 100), 0.25)
    assert not flagged(noisy(0.8, seed + 100))
    assert not flagged([*noisy(1.2, seed + 100)[:-1], 1.0]), "a neighbour was there for most of the time"
    assert flagged([*noisy(1.2, seed + 100)[:-1], 1.04 * min(base) + 0.02]), "one round was lucky"


def way(name: str, *args: object) -> bench.Variant:
    task = Task("function", "mod:total", "/", list(args), {}, 0, 1, None, {}, {}, {}, [], 0)
    return bench.Variant(name, task, {})


def recorded(**relative: object) -> str:
    rows = {name: {"relative": values} for name, values in relative.items()}
    return json.dumps({"format": 4, "job": {"target": "mod:total", "args": [1], "kwargs": {}}, "variants": rows})


@pytest.mark.parametrize("text", ["", "[]", "{}", recorded(a=[]), '{"format": 4}', '{"variants": 3, "format": 4}',
                                  recorded(a=["x"]), recorded(a=[-1.0]), "\0"])
def test_a_file_that_is_no_baseline(tmp_path: Path, text: str) -> None:
    path = tmp_path / "base.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match="not recorded by zexus bench"):
        bench.baseline(str(path), [way("a", 1)])


def test_a_baseline_of_another_version(tmp_path: Path) -> None:
    path = tmp_path / "base.json"
    path.write_text(recorded(a=[1]).replace("4", "3", 1))
    with pytest.raises(ConfigError, match="it was recorded by another version of zexus"):
        bench.baseline(str(path), [way("a", 1)])


def test_baselines_have_variants_in_common(tmp_path: Path) -> None:
    path = tmp_path / "base.json"
    path.write_text(recorded(a=[1, 1]))
    known = bench.baseline(str(path), [way("a", 1), way("b", 1)])
    rows = bench.against({"variants": {"a": {"relative": [2.0, 2.0]}, "b": {"relative": [2.0]}}}, known)
    assert rows == {"a": {"ratio": 2.0, "low": 2.0, "high": 2.0, "fastest": 2.0}}
    with pytest.raises(ConfigError, match="it knows a, and none of these is measured"):
        bench.baseline(str(path), [way("b", 1)])
    with pytest.raises(ConfigError, match=r"another job: mod:total with the arguments \[1\] \{\}"):
        bench.baseline(str(path), [way("a", 2)])


@pytest.mark.parametrize(("target", "native"), [("mod:total", True), ("primes.zxa", True), ("run.py", False)])
def test_what_is_warmed_up_is_compiled_before_it_is_timed(job: Path, target: str, native: bool) -> None:
    """Compiled beside the program, loops would be native at a moment that depends on what else the machine does."""
    (job / "primes.zxa").write_text((ROOT / "examples" / "primes.zxa").read_text())
    (job / "run.py").write_text("print(1)")
    (job / "job.yaml").write_text(f"target: {target}\nargs: [1000]\n")

    def beside(*changes: str) -> list[bool]:
        (only,) = variants([str(job / "job.yaml")], (), None, changes)
        task = bench.measured(only.task)
        assert task.measured
        return [task.jit["background"], task.vm["settings"]["jit"]["background"]]

    assert beside() == [True, True]
    assert beside("warmup=1") == [not native, not native], "each run of a script is in a process of its own"


# --- the command ----------------------------------------------------------------------------------------


def zexus(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "zexus", *words], cwd=directory, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=120)


@pytest.fixture
def job(tmp_path: Path) -> Path:
    (tmp_path / "mod.py").write_text("import os, sys\n\ndef total(n):\n    return sum(range(n))\n\n"
                                     "def place(n):\n    return os.getpid()\n\ndef fail(n):\n    sys.exit(4)\n")
    (tmp_path / "job.yaml").write_text("target: mod:total\nargs: [1000]\n")
    return tmp_path


def test_profiles_side_by_side(job: Path) -> None:
    done = zexus(job, "bench", "job.yaml", "--compare", "safe", "off", "--rounds", "2", "--json",
                 "--record", "base.json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert list(found["variants"]) == ["safe", "off"] and found["regressions"] == []
    for row in found["variants"].values():
        assert len(row["seconds"]) == len(row["relative"]) == 2
        assert row["least"] <= row["median"] <= row["most"]
    assert json.loads((job / "base.json").read_text())["variants"] == found["variants"]


def test_a_regression_is_exit_code_3(job: Path) -> None:
    (job / "base.json").write_text(recorded(job=[1e-12, 1e-12]).replace("[1]", "[1000]"))
    words = ["bench", "job.yaml", "--rounds", "2", "--set", "jit.enabled=false", "--against", "base.json"]
    done = zexus(job, *words, "--fail-on-regression", "5%")
    assert done.returncode == 3 and ": a regression" in done.stdout
    assert zexus(job, *words).returncode == 0
    (job / "base.json").write_text(recorded(job=[1e12, 1e12]).replace("[1]", "[1000]"))
    assert zexus(job, *words, "--fail-on-regression", "5").returncode == 0


def test_a_sweep_has_a_row_for_each_value(job: Path) -> None:
    done = zexus(job, "bench", "job.yaml", "--rounds", "2", "--sweep", "jit.threshold=10,1000")
    assert done.returncode == 0, done.stderr
    first = [line.split()[0] for line in done.stdout.splitlines()]
    assert first == ["variant", "jit.threshold=10", "jit.threshold=1000"]
    done = zexus(job, "bench", "job.yaml", "--sweep", "jit.threshold=10,ten")
    assert done.returncode == 2
    assert done.stderr.startswith("--sweep:1:15: jit.threshold: takes a whole number (got 'ten')\n"
                                  "  1 | jit.threshold=ten\n")
    (job / "base.json").write_text("what was there")
    assert zexus(job, "bench", "job.yaml", "--sweep", "args=[1],[2]", "--record", "base.json").returncode == 3
    assert (job / "base.json").read_text() == "what was there"
    assert zexus(job, "bench", "job.yaml", "--sweep", "args=[1],[2]", "--record", "new.json").returncode == 3
    assert not (job / "new.json").exists()


@pytest.mark.parametrize(("function", "message"), [
    ("place", "off and safe do not print and return the same"), ("fail", "safe: the target ended with exit code 4"),
])
def test_variants_have_to_agree(job: Path, function: str, message: str) -> None:
    done = zexus(job, "bench", "job.yaml", "--rounds", "2", "--compare", "off", "safe", "--set",
                 f"target=mod:{function}")
    assert done.returncode == 3 and done.stdout == ""
    assert message in done.stderr


@pytest.mark.parametrize(("words", "message"), [
    (["--compare", "off", "saef"], "unknown profile 'saef'; did you mean 'safe'?"),
    (["--fail-on-regression", "5%"], "needs --against"), (["--rounds", "1"], "1 is not in the range"),
    (["--sweep", "jit.threshold"], "a sweep is written NAME=VALUE,VALUE,..."),
    (["--against", "nowhere.json"], "--against:1:1: cannot be read"),
    (["--against", "job.yaml", "--fail-on-regression", "x"], "takes a percentage, got 'x'"),
    (["--record", "nowhere/base.json"], "--record:1:1: cannot be written: No such file or directory"),
    (["--record", "."], "--record:1:1: cannot be written: Is a directory"),
    (["--compare", "safe", "--json"], "--compare takes two profiles"),
    (["--compare", "safe", "safe"], "--compare takes two profiles"),
    (["--sweep", "jit.treshold=1,2"], "--sweep:1:1: jit.treshold: unknown key; did you mean 'threshold'?"),
])
def test_what_cannot_be_measured(job: Path, words: list[str], message: str) -> None:
    done = zexus(job, "bench", "job.yaml", *words)
    assert done.returncode == 2 and message in done.stderr and done.stdout == ""
