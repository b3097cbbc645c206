"""`zexus explain`: programs run as under `zexus run`, and their loops are told about when they end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """\
import sys

def summed(xs, n):
    total = 0
    for i in range(n):
        total += xs[i % len(xs)]
    return total

class Box:
    def texts(self, n):
        found = {}
        for i in range(n):
            found[(i, "x")] = memoryview(b"x")
        return len(found)

print(summed([1, 2, 3], 3000), summed([1, 2.5, 3], 3000), Box().texts(2000), *sys.argv[1:])
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


def explain(*words: object, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, PYTHONPATH=str(ROOT), ZEXUS_JIT__BACKGROUND="false", ZEXUS_JIT__CACHE="false",
                       ZEXUS_JIT__THRESHOLD="100", ZEXUS_JIT__WIDEN_AFTER="5", **variables)
    return subprocess.run([sys.executable, "-m", "zexus", "explain", *map(str, words)], capture_output=True, text=True,
                          env=environment, timeout=120)


def test_the_program_runs_and_its_loops_are_told_about(script: Path) -> None:
    found = explain(script, "a", "--json")
    assert found.returncode == 0
    assert found.stdout == "6000 6500.0 2000 a --json\n"
    told = found.stderr
    assert f"summed ({script})" in told and f"Box.texts ({script})" in told
    assert "for loop, lines 5-6: native" in told
    assert "`total` was int, now float too" in told
    lines = told.splitlines()
    (marked,) = (number for number, line in enumerate(lines) if "^" in line and "memoryview" in lines[number - 1])
    assert lines[marked - 1].lstrip().startswith("13 | ")


def test_modules_are_explained_too(script: Path) -> None:
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    found = subprocess.run([sys.executable, "-m", "zexus", "explain", "-m", "script", "b"], capture_output=True,
                           text=True, env=environment, timeout=120, cwd=script.parent)
    assert found.stdout.endswith(" b\n") and "summed (" in found.stderr


@pytest.mark.parametrize(("words", "lines"), [
    (["--function", "summed"], [5]), (["--function", "texts"], [12]), (["--function", "Box.texts"], [12]),
    (["--line", "6"], [5]), (["--function", "summed", "--function", "texts"], [5, 12]), (["--line", "3"], []),
])
def test_a_choice_of_loops_as_json(words: list[str], lines: list[int], script: Path, tmp_path: Path) -> None:
    path = tmp_path / "loops.json"
    found = explain("--json", path, *words, script)
    assert found.returncode == 0 and found.stderr == ""
    told = json.loads(path.read_text(encoding="utf-8"))
    assert (told["format"], told["version"]) == ("zexus-loops", 1)
    assert [region["first_line"] for region in told["regions"]] == lines
    for region in told["regions"]:
        assert region["filename"] == str(script)
        assert len(region["exits"]) == len(region["exit_places"])


def test_what_is_not_there_is_said(script: Path) -> None:
    found = explain("--function", "sumed", script)
    assert found.stderr == "zexus: no loop in sumed; loops are in Box.texts, summed\n"


def test_being_switched_off_is_said(script: Path) -> None:
    found = explain(script, ZEXUS_DISABLE="1")
    assert found.stdout and "switched off" in found.stderr


@pytest.mark.parametrize(("words", "message"), [
    ([], "a script or -m MODULE is needed"),
    (["nowhere.py"], "can't open file 'nowhere.py'"),
    (["program.zxa"], "program.zxa is bytecode"),
    (["job.yaml"], "job.yaml is a job"),
    (["--line", "0", "s.py"], "--line"),
    (["--set", "jit.treshold=3", __file__], "threshold"),
    (["--json", "/nowhere/at/all.json", __file__], "/nowhere/at/all.json"),
])
def test_wrong_use_exits_with_2(words: list[str], message: str) -> None:
    found = explain(*words)
    assert found.returncode == 2 and message in found.stderr and "Traceback" not in found.stderr
    assert found.stdout == ""


def test_a_program_that_fails_is_told_about_too(script: Path) -> None:
    script.write_text(PROGRAM + "raise SystemExit(7)\n", encoding="utf-8")
    found = explain(script)
    assert found.returncode == 7 and "for loop, lines 5-6" in found.stderr


def test_only_the_process_itself_tells(script: Path) -> None:
    text = PROGRAM + "import os\nif os.fork(): os.wait()\n"
    script.write_text(text, encoding="utf-8")
    assert explain(script).stderr.count("for loop, lines 5-6") == 1


def test_vectorization_is_told_when_asked_for(script: Path) -> None:
    script.write_text("s = 0\nfor i in range(20000):\n    s += i & 7\nprint(s)\n")
    assert "vectorized" not in explain(script).stderr
    assert "vectorized: the loop in line 2: " in explain("--vectorized", script).stderr


def _words(text: str) -> list[str]:
    """What does not depend on the machine: without times, counts, what its processor can do and how it keeps guards."""
    lines = [line for line in text.splitlines() if "guards: " not in line and "iterations at once" not in line]
    return [re.sub(r"\d[\d .]*(%|ms|of|iterations|calls)", r"N \1", line).rstrip() for line in lines]


def test_the_documentation_shows_what_is_said(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    program = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    shown = re.findall(r"\n```\n(mean .*?)```", text, re.DOTALL)[0]
    (tmp_path / "readings.py").write_text(program, encoding="utf-8")
    command = re.findall(r"^`zexus explain (.*)`:$", text, re.MULTILINE)[0]
    found = subprocess.run([sys.executable, "-m", "zexus", "explain", *command.split()], capture_output=True, text=True,
                           env=dict(os.environ, PYTHONPATH=str(ROOT)), timeout=120, cwd=tmp_path)
    assert _words(found.stderr.replace(f"{tmp_path}{os.sep}", "")) == _words(shown)
    assert len(_words(shown)) > 25


def test_the_documentation_s_commands_exist() -> None:
    from zexus.cli import commands

    text = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    lines = re.findall(r"^`?zexus explain ([^`#\n]*)", text, re.MULTILINE)
    known = {option for parameter in commands().commands["explain"].params for option in parameter.opts}
    assert len(lines) >= 5
    assert {word for line in lines for word in line.split() if word.startswith("-")} <= known
