"""The command `zexus`: its options, its messages and its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zexus import cli
from zexus.codes import CODES
from zexus.jit.program import Program
from zexus.settings import JitSettings

ROOT = Path(__file__).resolve().parents[1]


def process(*words: str) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    return subprocess.run(
        [sys.executable, "-m", "zexus", *words], capture_output=True, text=True, env=environment, timeout=60
    )


def parsed(*words: str) -> Program:
    result = cli.commands().main(args=["run", *words], prog_name="zexus", standalone_mode=False)
    assert isinstance(result, Program)
    return result


def test_help_names_the_commands() -> None:
    result = process("--help")
    assert result.returncode == 0
    for name in ("run", "explain", "why", "cache", "dis"):
        assert f"\n  {name} " in result.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom zexus.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'numba', 'llvmlite', 'numpy', 'pydantic', 'rich', 'zexus.jit.host'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert result.stdout.splitlines()[-1] == "[]"


def test_running_a_script_imports_no_parser(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys\nfor word in sys.argv[1:]: print(word)\nprint('click' in sys.modules)\n")
    assert process("run", str(script), "--report", "-x").stdout == "--report\n-x\nFalse\n"


def test_wrong_settings_in_the_environment_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEXUS_JIT__THRESHOLD", "many")
    result = process("run", str(tmp_path / "script.py"))
    assert result.returncode == 2
    assert "threshold" in result.stderr


def test_version() -> None:
    import zexus

    assert zexus.__version__ in process("--version").stdout


@pytest.mark.parametrize("code", CODES)
def test_why(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["why", code.lower()])
    shown = capsys.readouterr().out
    assert code in shown and CODES[code].text in shown and CODES[code].hint in shown


def test_why_of_an_unknown_code() -> None:
    result = process("why", "ZX01")
    assert result.returncode == 2
    assert "did you mean ZX0" in result.stderr
    assert process("why", "banana").returncode == 2


@pytest.fixture(autouse=True)
def usual_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZEXUS_JIT__RETRY_AFTER")
    monkeypatch.delenv("ZEXUS_JIT__EFFORT_SHARE")
    monkeypatch.delenv("ZEXUS_JIT__FUNCTIONS")


def test_run_takes_its_own_options_only_before_the_program() -> None:
    program = parsed("--report", "--set", "jit.threshold=7", "s.py", "--report", "-m", "x", "--", "-h")
    assert program == Program(
        "s.py", False, ("--report", "-m", "x", "--", "-h"), JitSettings(threshold=7), (), report=True
    )


@pytest.mark.parametrize("spelling", [["-m", "pkg.mod"], ["-mpkg.mod"]])
def test_everything_behind_the_module_is_the_programs(spelling: list[str]) -> None:
    program = parsed("--include", "a.*", "--include", "b", *spelling, "--report", "--set", "x")
    assert program == Program("pkg.mod", True, ("--report", "--set", "x"), JitSettings(), ("a.*", "b"))


def test_a_separator_before_the_script() -> None:
    assert parsed("--", "--odd.py", "--report").target == "--odd.py"
    assert parsed("s.py", "--", "a").arguments == ("--", "a")
    assert parsed("-m", "mod", "--", "a").arguments == ("--", "a")


def test_settings_may_be_written_without_their_prefix() -> None:
    settings = parsed("--set", "threshold=3", "--set", "jit.background=false", "s.py").settings
    assert settings == JitSettings(threshold=3, background=False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run"], "a script or -m MODULE"),
        (["run", "--set", "jit.treshold=3", "s.py"], "did you mean 'threshold'"),
        (["run", "--set", "threshold=x", "s.py"], "takes a whole number"),
        (["run", "--set", "threshold", "s.py"], "NAME=VALUE"),
        (["run", "--bogus", "s.py"], "--bogus"),
        (["nonsense"], "nonsense"),
        (["dis", "f.py"], "FILE:FUNCTION"),
        (["dis", "f.py:g", "--stage", "asm"], "asm"),
    ],
)
def test_wrong_use_exits_with_2(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_importing_zexus_is_light() -> None:
    code = (
        "import sys, zexus\nassert callable(zexus.jit.compile) and callable(zexus.explain)\n"
        "print(sorted({'numba', 'llvmlite', 'pydantic', 'click', 'rich', 'numpy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert result.stdout == "[]\n", result.stderr


def test_cache(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from zexus.jit import cache

    monkeypatch.setattr(cache, "info", lambda: {"folder": "/there", "entries": 3})
    monkeypatch.setattr(cache, "clear", lambda: 1)
    cli.main(["cache", "info"])
    cli.main(["cache", "clear"])
    assert capsys.readouterr().out == "folder: /there\nentries: 3\n1 entry removed\n"


# --- bytecode ------------------------------------------------------------------------------------------------

DIVISION = """\
function main(a, b)
    LOAD_GLOBAL divide
    LOAD_LOCAL a
    LOAD_LOCAL b
    CALL 2
    RETURN
function divide(a, b)
    LOAD_LOCAL a
    LOAD_LOCAL b
    TRUEDIV
    RETURN
"""


@pytest.fixture
def division(tmp_path: Path) -> str:
    path = tmp_path / "division.zxa"
    path.write_text(DIVISION)
    return str(path)


def test_bytecode_runs_on_literals_and_prints_what_it_returns(division: str) -> None:
    done = process("run", division, "7", "2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "3.5\n", "")


def test_arguments_that_are_no_literals_are_texts(division: str) -> None:
    done = process("run", division, "seven", "[2]")
    assert done.returncode == 1
    assert done.stderr.endswith("TypeError: unsupported operand type(s) for /: 'str' and 'list'\n")


def test_an_exception_out_of_bytecode_shows_the_program(division: str) -> None:
    done = process("run", division, "1", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Traceback (most recent call last):\n"
        f'  File "{division}", line 5, in main\n    CALL 2\n'
        f'  File "{division}", line 10, in divide\n    TRUEDIV\n'
        "ZeroDivisionError: division by zero\n")


def test_what_cannot_be_assembled_is_told(tmp_path: Path) -> None:
    path = tmp_path / "wrong.zxa"
    path.write_text("function main()\n    LOAD_CONTS 1\n    RETURN\n")
    done = process("run", str(path))
    assert done.returncode == 1
    assert done.stderr == (f"zexus: {path}:2:5: unknown opcode 'LOAD_CONTS'; did you mean 'LOAD_CONST'?\n"
                           "        LOAD_CONTS 1\n        ^\n")
    path.write_text("function f()\n    LOAD_CONST 1\n    RETURN\n")
    assert process("run", str(path)).stderr == f"zexus: {path} has no function main\n"
    assert "No such file" in process("run", str(tmp_path / "none.zxa")).stderr


def test_bytecode_is_listed(division: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["dis", division])
    shown = capsys.readouterr().out
    assert "code main" in shown and "code divide" in shown and "TRUEDIV" in shown
    cli.main(["dis", f"{division}:divide", "--stage", "ssa"])
    assert capsys.readouterr().out.startswith("function divide ssa (v0, v1)")
    cli.main(["dis", division, "--stage", "python"])
    text = capsys.readouterr().out
    compile(text, "<generated>", "exec")
    assert "def main_(" in text and "def divide_(" in text and " / " in text
    with pytest.raises(SystemExit):
        cli.main(["dis", f"{division}:divide", "--stage", "python"])
    assert "is shown for whole programs" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["dis", f"{division}:devide"])
    assert "has no function 'devide'; did you mean 'divide'?" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["dis", division, "--stage", "trace"])
    assert "bytecode has no stage 'trace'" in capsys.readouterr().err


# --- where the command cannot write or be ------------------------------------------------------------------


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no device that is always full")
@pytest.mark.parametrize("words", [["config", "show"], ["--help"], ["config", "schema"], ["why", "ZX018"]])
def test_a_full_disk_is_told(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "zexus", *words], stdout=full, stderr=subprocess.PIPE, text=True,
                              env=dict(os.environ, PYTHONPATH=str(ROOT)), timeout=60)
    assert (done.returncode, done.stderr) == (2, "zexus: No space left on device\n")


@pytest.mark.parametrize("words", [
    ["config", "show"], ["run", "job.yaml"], ["run", "--profile", "own.yaml", "x.py"], ["bench", "job.yaml"]])
def test_a_working_directory_that_is_gone_is_told(words: list[str], tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    program = f"import os, sys\nos.rmdir({str(gone)!r})\nfrom zexus.cli import main\nmain({words!r})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=gone,
                          env=dict(os.environ, PYTHONPATH=str(ROOT)), timeout=60)
    assert (done.returncode, done.stderr) == (2, "zexus: the working directory is not there any more\n")


@pytest.mark.parametrize(("closed", "words", "code"), [
    (">&-", ["config", "show"], 0), (">&-", ["run", "job.yaml"], 0), (">&- 2>&-", ["run", "job.yaml"], 0),
    ("2>&-", ["config", "show", "--set", "jit.treshold=1"], 2), (">&- 2>&-", ["--help"], 0)])
def test_closed_streams(closed: str, words: list[str], code: int, tmp_path: Path) -> None:
    (tmp_path / "mod.py").write_text("def f():\n    print('here')\n    return 3\n")
    (tmp_path / "job.yaml").write_text("target: mod:f\nexpect: {value: 3}\n")
    done = subprocess.run(["sh", "-c", f'"$@" {closed}', "sh", sys.executable, "-m", "zexus", *words],
                          capture_output=True, text=True, cwd=tmp_path,
                          env=dict(os.environ, PYTHONPATH=str(ROOT)), timeout=60)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


def test_a_stream_of_few_characters(tmp_path: Path) -> None:
    (tmp_path / "ü.py").write_text("import sys\nprint(sys.stdout.errors)\n", "utf-8")
    (tmp_path / "job.yaml").write_text("target: ü.py\n", "utf-8")
    environment = dict(os.environ, PYTHONPATH=str(ROOT), PYTHONIOENCODING="ascii")
    for words in (["run", "job.yaml", "--dry-run"], ["config", "show", "job.yaml"]):
        done = subprocess.run([sys.executable, "-m", "zexus", *words], capture_output=True, text=True, cwd=tmp_path,
                              env=environment, timeout=60)
        assert done.returncode == 0 and ("target: \\xfc.py" in done.stdout or "target: ü.py" in done.stdout)
    for words in (["job.yaml"], ["--profile", "safe", "ü.py"], ["ü.py"]):
        done = subprocess.run([sys.executable, "-m", "zexus", "run", *words], capture_output=True, text=True,
                              cwd=tmp_path, env=environment, timeout=60)
        assert done.stdout == "strict\n", "a program finds the streams as python makes them"
