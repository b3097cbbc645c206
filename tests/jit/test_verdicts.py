"""What an earlier run gave up costs a later one nothing, as long as that takes no longer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zexus.codes import Unsupported
from zexus.frontend.loops import loop_sites
from zexus.frontend.sites import LoopSite
from zexus.frontend.source import module_source
from zexus.jit import cache, verdicts
from zexus.settings import JitSettings

ROOT = str(Path(__file__).parents[2])
SCRIPT = """
import sys, time
seen = {}
nothing = {}
def note(n):
    t = 0
    for i in range(n):
        t = (t * 31 + i) % 1009
        seen.update({i % 7: t}, **nothing)
    return t
print(note(30000))
time.sleep(float(sys.argv[1]))
print(note(30000))
"""


def code_of(folder: Path, *words: str, sleep: float = 0.0, retry_after: str = "10") -> str:
    """What a run of the script says of its loop."""
    environment = {**os.environ, "PYTHONPATH": ROOT, "ZEXUS_CACHE_DIR": str(folder / "cache"),
                   "ZEXUS_JIT__RETRY_AFTER": retry_after}
    report, script = str(folder / "report.json"), str(folder / "script.py")
    done = subprocess.run([sys.executable, "-m", "zexus", *words, "--json", report, script, str(sleep)],
                          env=environment, capture_output=True, text=True, timeout=120, check=True)
    plain = subprocess.run([sys.executable, script, "0"], capture_output=True, text=True, check=True)
    assert done.stdout == plain.stdout
    (code,) = set(re.findall(r'"code": "(ZX\d+)"', Path(report).read_text(encoding="utf-8")))
    return str(code)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


RUN = ("run", "--profile", "basic")


def test_a_loop_that_was_given_up_is_left_alone(folder: Path) -> None:
    assert code_of(folder, *RUN) == "ZX018"
    assert code_of(folder, *RUN) == "ZX046"
    assert code_of(folder, *RUN) == "ZX046"
    assert code_of(folder, *RUN, retry_after="0") == "ZX018"
    os.utime(folder / "script.py", (1, 1))  # another version of the source
    assert code_of(folder, *RUN) == "ZX018"
    assert code_of(folder, *RUN) == "ZX046"


def test_it_is_tried_where_a_run_takes_longer(folder: Path) -> None:
    assert code_of(folder, *RUN) == "ZX018"
    assert code_of(folder, *RUN, sleep=3.0) == "ZX018"


def test_explaining_tries_it_at_once(folder: Path) -> None:
    assert code_of(folder, *RUN) == "ZX018"
    assert code_of(folder, "explain") == "ZX018"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"source": 1, "loops": 2}', b"\xff\x00"])
def test_a_damaged_file_is_as_good_as_none(folder: Path, damage: bytes) -> None:
    code_of(folder, *RUN)
    (file,) = (folder / "cache").glob("*.json")
    file.write_bytes(damage)
    assert code_of(folder, *RUN) == "ZX018"
    assert code_of(folder, *RUN) == "ZX046"


# --- one process ------------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoopSite:
    monkeypatch.setenv("ZEXUS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(verdicts, "_books", {})
    text = "for x in a:\n    y = x\n"
    (tmp_path / "m.py").write_text(text, encoding="utf-8")
    (found,) = loop_sites(module_source(text, str(tmp_path / "m.py")).scope)
    return found


def another_run(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """End this run behind so many seconds, and begin another one."""
    monkeypatch.setattr(verdicts, "BEGUN", time.monotonic() - seconds)
    verdicts._write()
    monkeypatch.setattr(verdicts, "_books", {})
    monkeypatch.setattr(verdicts, "BEGUN", time.monotonic())


def until(site: LoopSite, settings: JitSettings) -> float:
    """For how many seconds a verdict holds."""
    known = verdicts.recall(site, settings)
    return known[1] - verdicts.BEGUN if known is not None else 0.0


def test_a_verdict_holds_as_long_as_the_run_that_found_it_and_a_little_longer(
    site: LoopSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = JitSettings()
    assert until(site, settings) == 0
    verdicts.note(site, settings, Unsupported("ZX018", site.node, "why"))
    another_run(monkeypatch, 1.5)
    assert until(site, settings) == pytest.approx(3.0, abs=0.2)
    refusal, _ = verdicts.recall(site, settings) or (None, 0)
    assert str(refusal).startswith(
        "ZX046 line 1: An earlier run gave the loop up: ZX018, a statement of every iteration has no native form: why.")
    another_run(monkeypatch, 2.5)  # it held
    assert until(site, settings) == pytest.approx(3.0, abs=0.2)
    another_run(monkeypatch, 3.5)  # the work has grown
    assert until(site, settings) == 0
    verdicts.note(site, settings, Unsupported("ZX018", site.node, "why"))
    another_run(monkeypatch, 70)
    assert until(site, settings) == settings.retry_after == 10
    verdicts.note(site, settings, None)  # native code
    another_run(monkeypatch, 1)
    assert until(site, settings) == 0


@pytest.mark.parametrize("short", [False, True])
def test_a_loop_of_short_entries_does_without_a_probe(
    short: bool, site: LoopSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = JitSettings()
    verdicts.note(site, settings, Unsupported("ZX018", site.node, "why"), short)
    another_run(monkeypatch, 1)
    (found,) = verdicts.sites_of(site.scope, settings)
    assert (found.refusal is not None and found.refusal.code == "ZX046") is short
    assert verdicts.sites_of(site.scope, JitSettings(retry_after=0)) == (site,)


def test_what_says_nothing_about_a_loop_is_not_kept(site: LoopSite, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = JitSettings()
    for code in ("ZX041", "ZX042", "ZX043", "ZX045"):
        verdicts.note(site, settings, Unsupported(code, site.node))
    another_run(monkeypatch, 1)
    assert until(site, settings) == 0 and not list(cache.folder().glob("*.json"))


@pytest.mark.parametrize("other", [
    JitSettings(cache=False), JitSettings(weigh=False), JitSettings(stance="force_native"), JitSettings(force_exit=3),
    JitSettings(retry_after=0), JitSettings(threshold=7),
])
def test_settings_under_which_nothing_is_known(
    site: LoopSite, other: JitSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts.note(site, JitSettings(), Unsupported("ZX018", site.node))
    another_run(monkeypatch, 1)
    assert until(site, JitSettings()) and not until(site, other)


def test_processes_at_once_keep_what_each_has_found(
    site: LoopSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = JitSettings()
    other = loop_sites(module_source("for x in a: pass\nfor z in a: pass\n", site.scope.filename).scope)[1]
    verdicts.note(site, settings, Unsupported("ZX018", site.node))
    first, second = verdicts._books, {}
    monkeypatch.setattr(verdicts, "_books", second)
    verdicts.note(other, settings, Unsupported("ZX044", other.node))
    for books in (first, second):
        monkeypatch.setattr(verdicts, "_books", books)
        verdicts._write()
    monkeypatch.setattr(verdicts, "_books", {})
    assert until(site, settings) and until(other, settings)
    assert cache.info()["entries"] == 1 and cache.clear() == 1 and not cache.info()["entries"]


def test_a_folder_that_cannot_be_written_is_no_error(site: LoopSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEXUS_CACHE_DIR", "/dev/null/nowhere")
    verdicts.note(site, JitSettings(), Unsupported("ZX018", site.node))
    another_run(monkeypatch, 1)
    assert not until(site, JitSettings())
