"""`zexus run --profile` for programs in Python: they behave as under `python`, and every line has its count."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.jit.test_program import SCRIPTS, normal

ROOT = Path(__file__).resolve().parents[2]
# Under python itself these show what else `zexus run` shows differently, with the profiler or without.
PROGRAM = """\
import sys
import helper


class Box:
    size = 2

    def get(self):
        return self.size


total = 0
for k in range(3000):
    total += k % 7
    if k == 2000:
        total += 1
for line in sys.argv[1:]:
    total += helper.length(line)
print(total, Box().get())
if "raise" in sys.argv:
    helper.fail(0)
sys.exit(3)
"""
HELPER = """\
def length(text):
    return len(text)


def fail(x):
    y = 1
    z = y / x
    return z
"""


def process(words: list[str], cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, PYTHONPATH=str(ROOT), ZEXUS_DISABLE="", **variables)
    return subprocess.run([sys.executable, *words], cwd=cwd, capture_output=True, text=True, env=environment,
                          timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "helper.py").write_text(HELPER, encoding="utf-8")
    return tmp_path


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def counts(report: dict[str, Any], name: str) -> dict[int, int]:
    return {line["line"]: line["count"] for line in report["lines"] if os.path.basename(line["file"]) == name}


@pytest.mark.parametrize("level", ["basic", "detailed"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_behave_as_under_python(tmp_path: Path, name: str, level: str) -> None:
    text = SCRIPTS[name]
    (tmp_path / "script.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    plain = process(["script.py", "a b", "-m", "--json"], tmp_path)
    ours = process(["-m", "zexus", "run", "--profile", level, "--json", str(tmp_path / "out.json"), "script.py", "a b",
                    "-m", "--json"], tmp_path)
    assert ours.stdout == plain.stdout
    assert normal(ours.stderr) == normal(plain.stderr)
    assert ours.returncode == plain.returncode
    assert read(tmp_path / "out.json")["unit"] == "statements"


@pytest.mark.parametrize("module", [False, True])
@pytest.mark.parametrize("adapts", ["true", "false"])
def test_every_line_has_its_count(folder: Path, adapts: str, module: bool) -> None:
    out = folder / "out.json"
    target = ["-m", "program"] if module else ["program.py"]
    ours = process(["-m", "zexus", "run", "--profile", "basic", "--json", str(out), "--set", f"jit.enabled={adapts}",
                    "--set", "jit.threshold=100", "--set", "jit.background=false", *target, "ab", "raise"], folder)
    assert ours.returncode == 1 and ours.stderr.count("ZeroDivisionError") == 1
    assert 'helper.py", line 7, in fail\n    z = y / x\n' in ours.stderr
    report = read(out)
    assert counts(report, "program.py") == {1: 1, 2: 1, 5: 1, 6: 1, 8: 1, 9: 1, 12: 1, 13: 1, 14: 3000, 15: 3000, 16: 1,
                                            17: 1, 18: 2, 19: 1, 20: 1, 21: 1}
    assert counts(report, "helper.py") == {1: 1, 2: 2, 5: 1, 6: 1, 7: 1}
    (loop,) = (loop for loop in report["loops"] if loop["line"] == 13)
    assert (loop["entries"], loop["iterations"], loop["nesting"]) == (1, 3000, 0)
    assert loop["tier"] == ("native" if adapts == "true" else "python")
    (line,) = (line for line in report["lines"] if line["line"] == 14)
    assert line["time_ns"] is None and line["tier"] == loop["tier"] and line["exits"] == []


def test_the_report_is_written_behind_an_exit_code(folder: Path) -> None:
    ours = process(["-m", "zexus", "run", "--profile", "detailed", "program.py"], folder)
    assert ours.returncode == 3 and ours.stdout == "8995 2\n"
    assert "Hottest statements" in ours.stderr and "program.py:13" in ours.stderr
    assert process(["-m", "zexus", "run", "--profile", "none", "program.py"], folder).stderr == ""


def test_reports_of_python_are_shown_merged_and_compared(folder: Path) -> None:
    for name, words in (("a.json", []), ("b.json", ["abc"])):
        process(["-m", "zexus", "run", "--profile", "detailed", "--json", name, "program.py", *words], folder)
    for format in ("text", "json", "html", "speedscope", "chrome"):
        shown = process(["-m", "zexus", "report", "a.json", "b.json", "--format", format], folder)
        assert shown.returncode == 0 and "program.py" in shown.stdout, shown.stderr
    page = process(["-m", "zexus", "report", "a.json", "--format", "html"], folder).stdout
    assert "total += k % 7" in page and "statement" in page and "instruction" not in page
    merged = json.loads(process(["-m", "zexus", "report", "a.json", "b.json", "--format", "json"], folder).stdout)
    assert counts(merged, "program.py")[14] == 6000
    compared = process(["-m", "zexus", "diff", "a.json", "b.json", "--fail-on-regression", "0"], folder)
    assert compared.returncode == 1 and "calls of length" in compared.stdout and "statements grew" in compared.stderr


def test_where_a_report_cannot_be_written_nothing_runs(folder: Path) -> None:
    (folder / "kept").mkdir()
    for path in ("kept", "missing/out.json"):
        ours = process(["-m", "zexus", "run", "--profile", "basic", "--json", path, "program.py"], folder)
        assert ours.returncode == 2 and ours.stdout == "" and len(ours.stderr.splitlines()) == 1
    ours = process(["-m", "zexus", "run", "--profile", "basic", "--json", "out.json", "missing.py"], folder)
    assert ours.returncode == 2 and "can't open file" in ours.stderr


def test_a_block_in_a_profiled_program_leaves_its_functions_alone(tmp_path: Path) -> None:
    text = ("import zexus\n\ndef f(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t\n\n"
            "with zexus.profiling('basic') as p:\n    f(500)\n"
            "print([one.code for one in p.report().uncounted], p.report().lines)\n")
    (tmp_path / "twice.py").write_text(text, encoding="utf-8")
    for more in ([], ["--set", "jit.threshold=100", "--set", "jit.background=false"]):
        ours = process(["-m", "zexus", "run", "--profile", "basic", "--json", "out.json", *more, "twice.py"], tmp_path)
        assert ours.stdout == "['ZX005'] []\n", ours.stderr
        assert counts(read(tmp_path / "out.json"), "twice.py") == {1: 1, 3: 1, 4: 1, 5: 1, 6: 500, 7: 1, 9: 1, 10: 1,
                                                                   11: 1}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupted_program_is_told_of(tmp_path: Path) -> None:
    text = "import os, signal\nx = 1\nos.kill(os.getpid(), signal.SIGINT)\nfor i in range(10**8):\n    x += 1\n"
    (tmp_path / "endless.py").write_text(text, encoding="utf-8")
    ours = process(["-m", "zexus", "run", "--profile", "basic", "endless.py"], tmp_path)
    assert ours.returncode == -2 and "KeyboardInterrupt" in ours.stderr and "endless.py:2" in ours.stderr


def test_a_child_of_the_program_writes_no_report(tmp_path: Path) -> None:
    text = "import os\nif not os.fork():\n    raise SystemExit(0)\nos.wait()\nprint('parent')\n"
    (tmp_path / "forks.py").write_text(text, encoding="utf-8")
    ours = process(["-m", "zexus", "run", "--profile", "basic", "forks.py"], tmp_path)
    assert ours.returncode == 0 and ours.stderr.count("Hottest statements") == 1
