"""The disk cache across processes, and the logs: what is found again, what never is, and what breaks nothing."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest

import zexus
from tests.differential.cases import load
from tests.differential.harness import NOW
from zexus.jit import compiler

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, sys
import zexus
from zexus.jit import compiler

SCALE = 3

def step(x):
    return x * 2 + 1

def total(n):
    s = 0
    for i in range(n):
        s += step(i) * SCALE
    return s

built, start = [], compiler._Piece.start
compiler._Piece.start = lambda piece, source, beside: (
    built.extend([1] * (compiler.symbol(piece._key) in str(source))), start(piece, source, beside))
answer = zexus.jit.compile(total, background=False, threshold=10)(3000)
print(json.dumps({"right": answer == total(3000), "built": len(built)}))
"""


def run(folder: Path, text: str = PROGRAM, **environment: str) -> dict[str, Any]:
    """What the program tells of a run in a folder of its own; `log` is what came on stderr."""
    folder.mkdir(exist_ok=True)
    (folder / "program.py").write_text(text, encoding="utf-8")
    return finished(start(folder, environment))


def start(folder: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "program.py"], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, log = process.communicate(timeout=120)
    assert process.returncode == 0, log
    found: dict[str, Any] = json.loads(out)
    assert found["right"]
    return {**found, "log": log}


@pytest.mark.parametrize("topic", ["lists", "loops", "handlers", "stretches", "views", "tuples"])
def test_the_same_program_is_always_the_same_code(monkeypatch: pytest.MonkeyPatch, topic: str) -> None:
    texts: list[str] = []
    key = compiler.cache.key
    monkeypatch.setattr(compiler.cache, "key", lambda text: texts.append(text) or key(text))
    keep: list[Any] = []  # so that nothing of the second run stands where something of the first one stood
    runs: list[list[str]] = []
    for _ in range(2):
        texts = []
        program = load(topic)
        keep += [program, *(object() for _ in range(1009))]
        for case in list(program.cases.values())[::8]:
            compiled = zexus.jit.compile(case.function, **NOW)
            for make in case.sets:
                with suppress(Exception), redirect_stdout(io.StringIO()):
                    compiled(*make())
            keep.append(compiled)
        runs.append([text for text in texts if text.startswith("function ")])  # and not what is shared
    assert runs[0] and runs[0] == runs[1]


SHOWN = """
import zexus
from zexus.jit import compiler

class Loud:
    def __repr__(self):
        raise AssertionError("nobody asked")

LOUD = Loud()

def step(x, loud=LOUD):
    return x * 2 + 1 if loud is LOUD else 0

def total(n, f, loud):
    s = 0
    for i in range(n):
        if loud is LOUD:
            s += f(i, loud)
    return s

texts, key = [], compiler.cache.key
compiler.cache.key = lambda text: texts.append(text) or key(text)
answer = zexus.jit.compile(total, background=False, threshold=10, cache=False)(3000, step, LOUD)
print(answer == total(3000, step, LOUD), [text for text in texts if text.startswith("function ")])
"""


def test_constants_are_shown_in_the_same_way_in_each_process(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(SHOWN, encoding="utf-8")
    shown = [start(tmp_path, {"PYTHONHASHSEED": seed}).communicate(timeout=120) for seed in ("1", "2")]
    assert shown[0] == shown[1] and shown[0][0].startswith("True [") and "function total" in shown[0][0]


@pytest.fixture
def cache(tmp_path: Path) -> str:
    return str(tmp_path / "the cache")


def test_another_process_in_another_folder_finds_the_code(tmp_path: Path, cache: str) -> None:
    assert run(tmp_path / "one", ZEXUS_CACHE_DIR=cache)["built"] == 1
    assert run(tmp_path / "one", ZEXUS_CACHE_DIR=cache)["built"] == 0
    assert run(tmp_path / "two", ZEXUS_CACHE_DIR=cache)["built"] == 0
    assert run(tmp_path / "two", ZEXUS_CACHE_DIR=cache, ZEXUS_JIT__CACHE="0")["built"] == 1


@pytest.mark.parametrize(("old", "new"), [
    ("s += step", "s -= step"), ("x * 2 + 1", "x * 2 + 2"), ("SCALE = 3", "SCALE = 0.5"),
], ids=["source", "callee", "global"])
def test_changed_code_is_compiled_anew(tmp_path: Path, cache: str, old: str, new: str) -> None:
    assert run(tmp_path / "one", ZEXUS_CACHE_DIR=cache)["built"] == 1
    assert old in PROGRAM
    assert run(tmp_path / "one", PROGRAM.replace(old, new), ZEXUS_CACHE_DIR=cache)["built"] == 1


def test_damaged_files_are_ignored(tmp_path: Path, cache: str) -> None:
    run(tmp_path / "one", ZEXUS_CACHE_DIR=cache)
    stored = {path: path.read_bytes() for path in Path(cache).glob("*.o")}  # the loop's own, and what loops share
    assert len(stored) == 2
    for damage in (lambda code: b"", lambda code: code[:-7], lambda code: code[:-1] + b"?"):
        for path, code in stored.items():
            path.write_bytes(damage(code))
        found = run(tmp_path / "one", ZEXUS_CACHE_DIR=cache, ZEXUS_LOGS="cache")
        assert found["built"] == 1 and "damaged" in found["log"]
    assert run(tmp_path / "one", ZEXUS_CACHE_DIR=cache)["built"] == 0


def test_processes_that_write_at_once(tmp_path: Path, cache: str) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    started = [start(tmp_path, {"ZEXUS_CACHE_DIR": cache}) for _ in range(3)]
    for process in started:
        finished(process)
    assert run(tmp_path, ZEXUS_CACHE_DIR=cache)["built"] == 0
    assert [path.suffix for path in Path(cache).iterdir()] == [".o", ".o"]


def test_a_folder_that_cannot_be_written_leaves_a_note_in_the_log_alone(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_text("in the way")
    for place in (str(file), str(file / "below")):
        assert run(tmp_path / "one", ZEXUS_CACHE_DIR=place)["log"] == ""
        assert "cannot be written" in run(tmp_path / "one", ZEXUS_CACHE_DIR=place, ZEXUS_LOGS="cache")["log"]


LEAVING = """
import json
import zexus

def total(n):
    s = 2**63 - 2000
    for i in range(n):
        s += 1
    return s

answer = zexus.jit.compile(total, background=False, threshold=10, cache=False)(3000)
print(json.dumps({"right": answer == total(3000)}))
"""


def test_logs_of_the_kinds_asked_for(tmp_path: Path) -> None:
    assert run(tmp_path, LEAVING)["log"] == ""
    for kinds, shown in (("compile", ["compile"]), ("deopt", ["deopt"]), ("deopt,compile", ["compile", "deopt"])):
        log = run(tmp_path, LEAVING, ZEXUS_LOGS=kinds)["log"]
        assert sorted({line.split()[1].rstrip(":") for line in log.splitlines()}) == shown, log
        assert "program.py" in log
