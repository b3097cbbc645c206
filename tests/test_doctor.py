"""`zexus doctor`, its self-test, completion in shells, and how commands end."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from zexus import doctor, selftest
from zexus.jit import tier

ROOT = Path(__file__).parents[1]


def environment(**changes: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ZEXUS_") or name == "ZEXUS_CHECK"}
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


def zexus(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "zexus", *words], capture_output=True, text=True, timeout=120,
                          env=environment(**changes))


def findings(*words: str, **changes: str) -> tuple[int, dict[str, dict[str, Any]]]:
    done = zexus("doctor", "--json", *words, **changes)
    return done.returncode, {row["name"]: row for row in json.loads(done.stdout)}


def test_all_is_well_here(tmp_path: Path) -> None:
    code, found = findings("--seconds", "0.1", ZEXUS_CACHE_DIR=str(tmp_path))
    assert code == 0
    names = "python versions environment cache objects processor native-tier worker self-test"
    assert list(found) == [name.replace("native-tier", "native tier") for name in names.split()]
    assert not [row for row in found.values() if row["right"] is False]
    assert found["versions"]["facts"]["llvmlite"]
    assert found["cache"]["facts"]["folder"] == str(tmp_path)
    assert found["processor"]["facts"]["name"] and isinstance(found["processor"]["facts"]["features"], list)
    assert "all as under CPython" in found["self-test"]["text"]


def test_what_is_wrong_is_exit_code_3() -> None:
    code, found = findings("--seconds", "0", ZEXUS_CACHE_DIR="/dev/null/nowhere")
    assert code == 3 and found["cache"]["right"] is False and "cannot be written" in found["cache"]["text"]
    assert "self-test" not in found
    code, found = findings("--seconds", "0", ZEXUS_JIT__THRESHOLD="many")
    assert code == 3 and "its settings are wrong" in found["native tier"]["text"]


def test_what_is_turned_off_is_said(tmp_path: Path) -> None:
    code, found = findings(ZEXUS_DISABLE="1", ZEXUS_CACHE_DIR=str(tmp_path))
    assert (code, found["native tier"]["text"]) == (0, "turned off by ZEXUS_DISABLE") and "self-test" not in found
    done = zexus("doctor", ZEXUS_JIT__ENABLED="0", ZEXUS_CACHE_DIR=str(tmp_path))
    assert done.returncode == 0
    assert "native tier         turned off by ZEXUS_JIT__ENABLED" in done.stdout


def test_lines_are_for_people() -> None:
    assert doctor.lines(doctor.Finding("cache", "here", True)) == "cache        ok     here"
    assert doctor.lines(doctor.Finding("x", "a\nb", False)) == "x            WRONG  a\n                    b"


def test_the_self_test_runs_each_program_and_goes_native() -> None:
    found = list(selftest.trials(0))
    assert len(found) == len(selftest.PROGRAMS) + 4
    assert not [trial for trial in found if trial.wrong]
    assert sum(trial.native > 0 for trial in found) >= 8


def test_the_self_test_sees_wrong_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    resume = tier.LoopTier.resume

    def wrong(self: tier.LoopTier, *arguments: Any) -> Any:
        """Integers that come back from native code are one too large."""
        status, aux, *results = resume(self, *arguments)
        return (status, aux, *(value + 1 if type(value) is int else value for value in results))

    monkeypatch.setattr(tier.LoopTier, "resume", wrong)
    assert "ints" in {trial.name for trial in selftest.trials(0) if trial.wrong}
    found = doctor._selftest(0)
    assert found.right is False and "ints: " in found.text and "expected, got" in found.text


# --- completion -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_for_shells(shell: str) -> None:
    done = zexus("completion", shell)
    assert done.returncode == 0 and "_ZEXUS_COMPLETE" in done.stdout and "zexus" in done.stdout
    assert zexus("completion", "tcsh").returncode == 2


@pytest.mark.parametrize(("words", "expected"), [
    ("zexus do", ["plain,doctor"]), ("zexus run --profile thr", ["plain,throughput", "file,thr"]),
    ("zexus run --set jit.passes.lic", ["plain,jit.passes.licm="]),
    ("zexus bench j.yaml --set peephole.level=", ["plain,peephole.level=basic", "plain,peephole.level=moderate",
                                                "plain,peephole.level=aggressive"]),
    ("zexus config show --set jit.cache=f", ["plain,jit.cache=false"]), ("zexus config init --profile phase-m",
                                                                        ["plain,phase-memory", "file,phase-m"]),
    ("zexus why zx00", None), ("zexus run --set jit.threshold=", []), ("zexus run --set nothing=", []),
    ("zexus run scr", ["file,scr"]),
])
def test_words_are_completed(words: str, expected: list[str] | None) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from zexus.cli import main; main()"], capture_output=True, text=True, timeout=60,
        env=environment(_ZEXUS_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1)))
    found = done.stdout.split("\n")[:-1] if done.stdout.strip() else []
    assert (found == expected) if expected is not None else all(line.startswith("plain,ZX00") for line in found)
    assert found or expected == []


# --- how commands end -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "found"), [
    ("zexus config sch", ["schema"]), ("zexus run --profile thr", ["throughput"]),
    ("zexus bench j.yaml --compare safe of", ["off"]), ("zexus run --set jit.cach", ["jit.cache="]),
    ("zexus run --set jit.cache =", ["true", "false"]), ("zexus run --set jit.cache = f", ["false"]),
    ("zexus run --set jit.cache = false --set report.format =", ["text", "json"])])
def test_bash_itself_completes(tmp_path: Path, words: str, found: list[str]) -> None:
    """Bash takes an `=` for a word, and what is completed begins behind it."""
    script = tmp_path / "zexus"
    script.write_text(f"#!/bin/sh\nexec {sys.executable} -m zexus \"$@\"\n")
    script.chmod(0o755)
    program = ("eval \"$(zexus completion bash 2>/dev/null)\"; "
               f"COMP_WORDS=({words}); COMP_CWORD={len(words.split()) - 1}; "
               "compopt() { :; }; _zexus_completion zexus; echo \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, timeout=60, env=environment(
        PATH=f"{tmp_path}:{os.environ['PATH']}",
        PYTHONSTARTUP=""))
    # The module's name stands in for the installed command's.
    assert done.stdout.split() == found, done.stderr


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    (tmp_path / "slow.py").write_text(
        "import os, time\n\ndef wait(n):\n    print('begun', os.getpid(), flush=True)\n    time.sleep(60)\n\n"
        "def stubborn(n):\n    try:\n        print('begun', os.getpid(), flush=True)\n        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n        return 'went on'\n\ndef quick(n):\n    return n\n")
    (tmp_path / "job.yaml").write_text("target: slow:wait\nargs: [1]\n")
    return tmp_path


# Tests that run in the background of a shell are born deaf to interrupts, and so would be what they start.
HEARING = ("import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
           "os.execv(sys.executable, [sys.executable, '-m', 'zexus', *sys.argv[1:]])")


def started(*words: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", HEARING, *words], cwd=cwd, stdout=subprocess.PIPE, text=True,
                            stderr=subprocess.PIPE, env=environment(), process_group=0)


def begun(*words: str, cwd: Path) -> tuple[subprocess.Popen[str], int]:
    process = started(*words, cwd=cwd)
    assert process.stdout is not None
    return process, int(process.stdout.readline().split()[1])


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not os.path.isdir("/proc") or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_an_interrupt_ends_a_job_as_it_ends_a_program(slow: Path) -> None:
    process, child = begun("run", "job.yaml", cwd=slow)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT and is_gone(child)
    assert errors.count("Traceback") == 1 and "child.py" not in errors and "launch.py" not in errors
    assert errors.endswith("KeyboardInterrupt\n\nzexus: interrupted\n")


def test_a_target_may_make_of_an_interrupt_what_it_likes(slow: Path) -> None:
    process, _ = begun("run", "job.yaml", "--set", "target=slow:stubborn", cwd=slow)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, "went on\n", "")


def test_an_interrupt_of_the_command_alone_reaches_the_target_too(slow: Path) -> None:
    process, child = begun("run", "job.yaml", cwd=slow)
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT and is_gone(child)
    assert errors.endswith("KeyboardInterrupt\n\nzexus: interrupted\n")


def test_whoever_ends_the_command_ends_the_target(slow: Path) -> None:
    process, child = begun("run", "job.yaml", cwd=slow)
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM and is_gone(child)


def test_an_interrupt_ends_a_measurement_without_a_traceback(slow: Path) -> None:
    process = started("bench", "job.yaml", "--rounds", "2", cwd=slow)
    deadline = time.monotonic() + 30
    while not (children := children_of(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors.strip()) == (-signal.SIGINT, "", "zexus: interrupted")
    assert children and all(map(is_gone, children))


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in found.read_text().split()] if found.exists() else []


def test_a_terminal_shows_a_bar_and_nothing_else_does(slow: Path) -> None:
    words = [sys.executable, "-m", "zexus", "bench", "job.yaml", "--rounds", "2", "--set", "target=slow:quick"]
    done = subprocess.run(words, cwd=slow, capture_output=True, text=True, env=environment(), timeout=120)
    assert done.returncode == 0 and "\x1b" not in done.stdout
    assert not [line for line in done.stderr.splitlines() if not line.startswith("zexus: round ")]
    primary, secondary = pty.openpty()
    process = subprocess.Popen(words, cwd=slow, stdout=secondary, stderr=secondary, env=environment(TERM="xterm"))
    os.close(secondary)
    shown = b""
    try:
        while data := os.read(primary, 4096):
            shown += data
    except OSError:
        pass  # the other end was closed
    finally:
        os.close(primary)
    assert process.wait(60) == 0
    assert "━".encode() in shown and b"round" in shown and b"times as fast" in shown


@pytest.mark.parametrize(("words", "code"), [
    (["run"], 2), (["nothing"], 2), (["run", "nowhere.py"], 2), (["run", "nowhere.zxa"], 2),
    (["run", "nowhere.yaml"], 2), (["run", "--dry-run", "x.py"], 2), (["config", "check", "nowhere.yaml"], 2),
    (["run", "--set", "jit.treshold=3", "x.py"], 2), (["run", "--profile", "nothing", "x.py"], 2), (["why", "ZX9"], 2),
    (["dis", "nowhere.py:f"], 2), (["config", "init", "/dev/null/x"], 2), (["bench", "nowhere.yaml"], 2),
    (["doctor", "--seconds", "-1"], 2), (["--version"], 0), (["run", "--help"], 0),
])
def test_exit_codes(words: list[str], code: int, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "zexus", *words], cwd=tmp_path, capture_output=True, text=True,
                          timeout=60, env=environment())
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) is bool(code)


def test_the_program_s_own_exit_code_is_kept(tmp_path: Path) -> None:
    (tmp_path / "ends.py").write_text("import sys\nassert sys.argv[1] != 'x'\nsys.exit(int(sys.argv[1]))")
    for word, code in (("0", 0), ("7", 7), ("x", 1)):
        assert zexus("run", str(tmp_path / "ends.py"), word).returncode == code
    (tmp_path / "bad.zxa").write_text("function main()\n LOAD_CONST 1\n LOAD_CONST 0\n FLOORDIV\n RETURN\n")
    assert zexus("run", str(tmp_path / "bad.zxa")).returncode == 1
