"""Jobs from the command line: targets, expectations, exit codes, reports, and the commands about profiles."""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from zexus.config.child import equal
from zexus.config.job import Job
from zexus.config.layers import SHIPPED, Resolver

ROOT = Path(__file__).parents[2]
MODULE = """
import os

def total(n, start=0):
    found = start
    for i in range(n):
        found += i
    return found

def fail():
    raise ValueError("as it is")

def pair(word):
    print("hello", os.environ.get("GREETING"))
    return (1, [word])

async def later():
    return 3
"""


def zexus(directory: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    environ = {name: text for name, text in os.environ.items() if not name.startswith("ZEXUS_JIT")}
    return subprocess.run([sys.executable, "-m", "zexus", *words], cwd=directory, capture_output=True, text=True,
                          env={**environ, "PYTHONPATH": str(ROOT), **env}, timeout=120)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mod.py").write_text(MODULE)
    (tmp_path / "sub" / "script.py").write_text(
        "import os, sys\nprint('args', sys.argv[1:], __name__)\nprint('in', os.path.basename(os.getcwd()))\n"
        "sys.exit(int(os.environ.get('CODE', '0')))\n")
    return tmp_path


def job(place: Path, text: str) -> str:
    (place / "sub" / "job.yaml").write_text(text)
    return "sub/job.yaml"


def test_a_function(place: Path) -> None:
    path = job(place, "target: mod:total\nargs: [100000]\nkwargs: {start: 5}\nrepeat: 2\nwarmup: 1\n"
                      "jit: {threshold: 10, background: false, cache: false}\n"
                      "expect: {value: 4999950005, native_share: 0.9, no_side_exits: true}\n"
                      "reports: [{format: json, path: out.json}, {format: text, path: out.txt}]\n")
    done = zexus(place, "run", path)
    assert (done.returncode, done.stdout) == (0, "4999950005\n"), done.stderr
    assert "2 runs of mod:total: median" in done.stderr
    report = json.loads((place / "sub" / "out.json").read_text())
    assert len(report["seconds"]) == 2 and report["native_share"] > 0.9
    assert [region["tier"] for region in report["regions"]] == ["native"]
    assert "native" in (place / "sub" / "out.txt").read_text()


def test_a_failed_expectation_is_exit_code_3(place: Path) -> None:
    path = job(place, "target: mod:pair\nargs: [x]\nexpect:\n  value: [1, [y]]\n  stdout: ^goodbye\n"
                      "  native_share: 0.5\n")
    done = zexus(place, "run", path)
    assert done.returncode == 3
    assert done.stdout == "hello None\n(1, ['x'])\n"
    heads = [line for line in done.stderr.splitlines() if line.startswith("sub/job.yaml:")]
    assert heads == ["sub/job.yaml:4:10: expect.value: another value came out (got (1, ['x']))",
                     "sub/job.yaml:5:11: expect.stdout: not found in what was printed",
                     "sub/job.yaml:6:17: expect.native_share: fewer iterations were native (no loop was observed)"]


def test_met_expectations(place: Path) -> None:
    path = job(place, "target: mod:pair\nargs: [x]\nenv: {GREETING: you}\n"
                      "expect: {value: [1, [x]], stdout: ^hello you$}")
    assert zexus(place, "run", path).returncode == 0
    assert zexus(place, "run", path, "--set", "args=[z]").returncode == 3


def test_a_script(place: Path) -> None:
    path = job(place, "target: script.py\nargs: [1, a b]\nrepeat: 2\nwarmup: 1\nexpect: {stdout: __main__}")
    done = zexus(place, "run", path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"args ['1', 'a b'] __main__\nin {place.name}\n" * 2
    assert zexus(place, "run", path, CODE="7").returncode == 7


def test_bytecode(place: Path) -> None:
    program = ROOT / "examples" / "primes.zxa"
    path = job(place, f"target: {program}\nargs: [100]\nexpect: {{stdout: .}}")
    done = zexus(place, "run", path)
    plain = zexus(place, "run", str(program), "100")
    assert (done.returncode, done.stdout) == (0, plain.stdout), done.stderr
    assert zexus(place, "run", "--profile", "off", str(program), "100").stdout == plain.stdout


def test_a_failing_function_shows_its_own_traceback(place: Path) -> None:
    done = zexus(place, "run", job(place, "target: mod:fail"))
    assert done.returncode == 1
    assert "mod.py" in done.stderr and "child.py" not in done.stderr
    assert done.stderr.endswith("ValueError: as it is\n")


@pytest.mark.parametrize(("text", "head"), [
    ("target: nowhere.py", "sub/job.yaml:1:9: target: there is no file"),
    ("target: script.py\nexpect: {value: 3}", "sub/job.yaml:2:17: expect.value: a script returns nothing"),
    ("target: script.py\nkwargs: {a: 1}", "sub/job.yaml:2:9: kwargs: a script takes no keyword arguments"),
    ("repeat: 3", "sub/job.yaml:1:1: target: is missing"),
    ("target: mod:total\nextends: thruput", "sub/job.yaml:2:10: extends: unknown profile 'thruput'; did you mean"),
])
def test_a_job_that_cannot_be_run(place: Path, text: str, head: str) -> None:
    path = job(place, text)
    for words in (["run", path], ["config", "check", path]):
        done = zexus(place, *words)
        assert done.returncode == 2
        assert done.stderr.startswith(head) and done.stdout == ""


def test_dry_run_and_run_directory(place: Path) -> None:
    path = job(place, "extends: safe\ntarget: mod:total\nargs: [10]")
    done = zexus(place, "run", path, "--dry-run", "--set", "jit.threshold=77")
    assert done.returncode == 0 and "target: mod:total" in done.stdout and "--set:1:15" in done.stdout
    done = zexus(place, "run", path, "--run-dir", "kept")
    assert done.stdout == "45\n"
    assert {found.name for found in (place / "kept").iterdir()} == {"job.yaml", "report.json", "report.txt",
                                                                     "environment.json"}
    assert json.loads((place / "kept" / "report.json").read_text())["value"] == "45"
    assert zexus(place, "run", path, "--run-dir", "kept").returncode == 2


def test_a_profile_takes_the_place_of_what_a_job_extends(place: Path) -> None:
    (place / "own.yaml").write_text("extends: throughput\njit: {exit_budget: 7}")
    path = job(place, "extends: [low-memory, base.yaml]\ntarget: mod:total\nargs: [10]")
    (place / "sub" / "base.yaml").write_text("extends: fast-start\nrepeat: 3\ntarget: mod:fail")
    done = zexus(place, "config", "show", path, "--profile", "own.yaml", "--origin")
    rows = {line.split(":")[0].strip(): " ".join(line.split()) for line in done.stdout.splitlines()}
    assert rows["threshold"] == "threshold: 1000 # default"
    assert rows["exit_budget"] == "exit_budget: 7 # own.yaml:2:20"
    assert rows["max_versions"].startswith("max_versions: 8 # ")
    assert rows["repeat"] == "repeat: 3 # sub/base.yaml:2:9"
    assert rows["target"] == "target: mod:total # sub/job.yaml:2:9"


def test_a_mapping_of_a_change_takes_the_place_of_the_whole(place: Path) -> None:
    path = job(place, "target: mod:total\nargs: [10]\nkwargs: {start: 5}\nexpect: {value: 50}")
    assert zexus(place, "run", path).stdout == "50\n"
    assert zexus(place, "run", path, "--set", "kwargs={}", "--set", "expect={}").stdout == "45\n"
    assert zexus(place, "run", path, "--set", "kwargs.start=1", "--set", "expect.value=46").returncode == 0
    (place / "over.yaml").write_text("kwargs: {start: 7}\nexpect: {value: 52}")
    assert zexus(place, "run", path, "over.yaml").returncode == 0


@pytest.mark.parametrize(("text", "head"), [
    ("target: nodule:f", "sub/job.yaml:1:9: target: there is no module 'nodule' in /"),
    ("target: mod:later", "sub/job.yaml:1:9: target: 'later' is a coroutine function, which does nothing by itself"),
    ("target: mod:totla", "sub/job.yaml:1:9: target: 'mod' has no 'totla'; did you mean 'total'?"),
    ("target: mod:os.nothing", "sub/job.yaml:1:9: target: 'os' has no 'nothing'"),
    ("target: mod:__name__", "sub/job.yaml:1:9: target: '__name__' cannot be called: it is of type 'str'"),
    ("target: mod:total\nargs: [1]\nreports: [{path: no/x.json}]", "sub/job.yaml:3:18: reports.0.path: "),
    ("target: mod:total\nargs: [1]\nreports: [{path: ..}]", "sub/job.yaml:3:18: reports.0.path: "),
    ("target: mod:pair\nargs: [1]\nreports: [{path: closed}]", "sub/job.yaml:3:18: reports.0.path: "),
])
def test_what_only_a_run_can_tell(place: Path, text: str, head: str) -> None:
    (place / "sub" / "closed").symlink_to("no/where")
    path = job(place, text)
    done = zexus(place, "run", path)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith(head) and "Traceback" not in done.stderr
    if head.startswith("sub/job.yaml:1"):
        assert zexus(place, "bench", path, "--rounds", "2").returncode == 2


def test_an_error_inside_of_the_target_s_module_is_its_own(place: Path) -> None:
    (place / "sub" / "bad.py").write_text("import nowhere_at_all\n")
    done = zexus(place, "run", job(place, "target: bad:f"))
    assert done.returncode == 1 and "bad.py" in done.stderr and done.stderr.endswith("named 'nowhere_at_all'\n")


@pytest.mark.parametrize(("module", "rows"), [
    ("def f(:\n", ['  File "{}", line 1', "    def f(:", "SyntaxError: invalid syntax"]),
    ("1 / 0\n", ["Traceback (most recent call last):", '  File "{}", line 1, in <module>', "    1 / 0",
                 "ZeroDivisionError: division by zero"])])
def test_a_module_that_fails_shows_its_own_traceback(place: Path, module: str, rows: list[str]) -> None:
    (place / "sub" / "bad.py").write_text(module)
    done = zexus(place, "run", job(place, "target: bad:f"))
    assert done.returncode == 1
    seen = [row for row in done.stderr.splitlines() if set(row) - set(" ~^")]  # versions mark different parts of lines
    assert seen == [row.format(place / "sub" / "bad.py") for row in rows]


@pytest.mark.parametrize("directory", ["/dev/null/x", "sub"])
def test_a_run_directory_is_looked_at_before_the_run(place: Path, directory: str) -> None:
    done = zexus(place, "run", job(place, "target: mod:total\nargs: [1]"), "--run-dir", directory)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--run-dir:1:1: the directory ")


def test_a_run_directory_tells_of_failures_too(place: Path) -> None:
    done = zexus(place, "run", job(place, "target: mod:fail"), "--run-dir", "kept")
    assert done.returncode == 1
    assert json.loads((place / "kept" / "environment.json").read_text())["versions"]["zexus"]
    head, *rows = (place / "kept" / "job.yaml").read_text().splitlines()
    assert head.endswith(f"relative to {place / 'sub'}") and any("mod:fail" in row for row in rows)
    assert zexus(place, "config", "check", "kept/job.yaml").returncode == 0


def test_mistakes_of_a_script_s_settings_have_places_too(place: Path) -> None:
    (place / "s.py").write_text("print(1)")
    for words, environ, head in (
            (["--set", "jit.treshold=5"], {}, "--set:1:1: jit.treshold: unknown key; did you mean 'threshold'?"),
            (["--set", "jit.cache=off"], {}, "--set:1:11: jit.cache: takes true or false (got 'off'); write false"),
            (["--set", "threshold=0"], {}, "--set:1:11: jit.threshold: must be at least 1 (got 0)"),
            ([], {"ZEXUS_JIT__THRESHOLD": "ten"}, "ZEXUS_JIT__THRESHOLD:1:22: jit.threshold: takes a whole number"),
            ([], {"ZEXUS_JIT__TRESHOLD": "1"}, "ZEXUS_JIT__TRESHOLD:1:1: unknown setting; did you mean "),
            ([], {"ZEXUS_NO__THING": "1"}, "ZEXUS_NO__THING:1:1: unknown setting; `zexus config show` lists all"),
            ([], {"ZEXUS_JIT__PASSES__LCIM": "0"}, "ZEXUS_JIT__PASSES__LCIM:1:1: unknown setting; did you mean "
                                                   "'ZEXUS_JIT__PASSES__LICM'?")):
        done = zexus(place, "run", *words, "s.py", **environ)
        assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith(head), done.stderr
        assert done.stderr.count("\n") == 3 and done.stderr.endswith("^\n")
    assert zexus(place, "run", "--set", "passes.licm=false", "s.py").stdout == "1\n"
    assert zexus(place, "run", "--set", "jit.threshold=0x10", "s.py").stdout == "1\n"


def test_all_mistakes_are_told_at_once(place: Path) -> None:
    (place / "own.yaml").write_text("jit: {threshold: 0, cahce: 1}")
    path = job(place, "extends: [../own.yaml, nothing]\ntarget: 3\nrepeat: x\n")
    done = zexus(place, "run", path, "--set", "jit.weigh=on", "--set", "a.b=1", ZEXUS_REGVM__REGISTERS="1")
    places = [line.partition(": ")[0] for line in done.stderr.splitlines() if not line.startswith("  ")]
    assert places == ["own.yaml:1:18", "own.yaml:1:21", "sub/job.yaml:1:24", "sub/job.yaml:2:9", "sub/job.yaml:3:9",
                      "ZEXUS_REGVM__REGISTERS:1:24", "--set:1:11", "--set:1:1"]


def test_a_pipe_is_not_waited_for(place: Path) -> None:
    os.mkfifo(place / "pipe.yaml")
    done = zexus(place, "config", "check", "pipe.yaml")
    assert done.returncode == 2 and "it is a pipe" in done.stderr


def test_a_phase_that_is_not_there_is_said(place: Path) -> None:
    done = zexus(place, "run", "--profile", "phase-async", "sub/script.py")
    assert done.returncode == 0 and "warning: the async phase is not part of this version" in done.stderr
    done = zexus(place, "run", "sub/script.py", ZEXUS_ASYNC__ENABLED="1")
    assert "ZEXUS_ASYNC__ENABLED:1:22: async.enabled: warning" in done.stderr


def test_a_profile_for_a_script(place: Path) -> None:
    (place / "own.yaml").write_text("jit: {threshold: 10, background: false}\nreport: {enabled: true, format: json}")
    (place / "loop.py").write_text("x = 0\nfor i in range(100000):\n    x += i\nprint(x)")
    done = zexus(place, "run", "--profile", "own.yaml", "loop.py")
    assert done.stdout == "4999950000\n"
    assert json.loads(done.stderr)["regions"][0]["tier"] == "native"
    done = zexus(place, "run", "--profile", "own.yaml", "--set", "jit.enabled=false", "loop.py")
    assert json.loads(done.stderr)["regions"] == []


def test_a_script_without_profile_imports_none_of_the_libraries(place: Path) -> None:
    (place / "names.py").write_text("import sys\nprint([n for n in ('pydantic', 'yaml', 'click', 'rich') "
                                    "if n in sys.modules])")
    assert zexus(place, "run", "names.py").stdout == "[]\n"
    assert zexus(place, "run", "--set", "jit.threshold=10", "names.py").stdout == "['click']\n"


def test_help_is_quick_to_import(place: Path) -> None:
    program = ("import sys\nfrom zexus.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
               "print([n for n in ('numba', 'llvmlite', 'pydantic', 'yaml', 'rich') if n in sys.modules])")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_config_commands(place: Path) -> None:
    shown = zexus(place, "config", "show", "throughput", "--set", "jit.threshold=5").stdout
    assert "  threshold: 5\n" in shown and "  max_versions: 8\n" in shown
    assert zexus(place, "config", "schema").stdout == (SHIPPED / "profile.schema.json").read_text()
    assert zexus(place, "config", "schema", "--job").stdout == (SHIPPED / "job.schema.json").read_text()
    assert zexus(place, "config", "init", "--profile", "debug").returncode == 0
    assert zexus(place, "config", "check", "zexus.yaml").stdout == "zexus.yaml: right\n"
    assert zexus(place, "config", "init").returncode == 2
    assert zexus(place, "config", "init", "--profile", "debgu").returncode == 2
    assert zexus(place, "config", "show", "--set", "jit.treshold=5").returncode == 2


def test_the_quickstart(place: Path) -> None:
    """The result, which loops went native, and the time against plain Python."""
    done = zexus(ROOT, "run", "configs/quickstart.yaml", "--set", "repeat=2", "--set", "args=[60]", "--set",
                 "expect.value=266075")
    assert (done.returncode, done.stdout) == (0, "266075\n"), done.stderr
    runs, plain, *table = done.stderr.splitlines()
    assert runs.startswith("zexus: 2 runs of quickstart:shortest_ways: median ")
    assert re.fullmatch(r"zexus: plain Python takes \S+ s: \S+ times as long", plain)
    assert any(re.match(r" +2\d-25 +for +native ", row) for row in table)
    kept = Resolver(Job)
    kept.add_file(str(SHIPPED / "quickstart.yaml"), main=True)
    job = kept.resolved().model(Job)
    assert job.warmup and not job.jit.background, "else it is left to chance whether native code is timed"


def test_a_target_that_ends_its_process(place: Path) -> None:
    (place / "sub" / "mod.py").write_text("import os\n\ndef leave(code):\n    os._exit(code)\n")
    path = job(place, "target: mod:leave\nargs: [0]\ncompare: off\nexpect: {value: 3}\nrepeat: 2")
    done = zexus(place, "run", path)
    assert done.returncode == 3 and done.stdout == ""
    assert done.stderr.startswith("sub/job.yaml:4:17: expect.value: the target ended its process before it returned")
    assert zexus(place, "run", path, "--set", "expect={}", "--set", "args=[5]").returncode == 5
    assert zexus(place, "run", path, "--set", "expect={}").returncode == 0


def test_a_job_is_compared_with_another_profile(place: Path) -> None:
    path = job(place, "target: mod:total\nargs: [1000]\nrepeat: 2\ncompare: own.yaml")
    (place / "sub" / "own.yaml").write_text("jit: {threshold: 50}")
    done = zexus(place, "run", path)
    assert (done.returncode, done.stdout) == (0, "499500\n")
    assert "zexus: the profile own.yaml takes " in done.stderr
    path = job(place, "target: mod:pair\nargs: [x]\ncompare: off\nenv: {ZEXUS_LOGS: all}")
    done = zexus(place, "run", path)
    assert done.stdout == "hello None\n(1, ['x'])\n", "what the other run prints is not shown"
    (place / "sub" / "mod.py").write_text("import os\n\ndef place(n):\n    return os.getpid()\n")
    done = zexus(place, "run", job(place, "target: mod:place\nargs: [x]\ncompare: off"))
    assert done.returncode == 3
    assert "sub/job.yaml:3:10: compare: with off the target prints or returns something else" in done.stderr


def test_what_a_job_is_compared_with_has_to_be_a_profile(place: Path) -> None:
    for name, words in (("of", "unknown profile 'of'; did you mean 'off'?"), ("no.yaml", "cannot be read"),
                        ("job.yaml", "target: this belongs to a job")):
        path = job(place, f"target: mod:total\nargs: [1000]\ncompare: {name}")
        for command in (["run", path], ["config", "check", path]):
            done = zexus(place, *command)
            assert done.returncode == 2 and words in done.stderr and not done.stdout


def test_a_profile_s_garbage_collector_and_log(place: Path) -> None:
    before = gc.get_threshold()
    (place / "sub" / "mod.py").write_text(
        "import gc\n\ndef state():\n    x = 0\n    for i in range(5000):\n        x += i\n"
        "    return gc.get_threshold(), gc.get_freeze_count() > 0\n")
    (place / "own.yaml").write_text("memory: {gc: {freeze: true, thresholds: [5000, 5]}}\nreport: {log: [compile]}\n"
                                    "jit: {background: false}")
    done = zexus(place, "run", job(place, "extends: ../own.yaml\ntarget: mod:state"))
    assert done.stdout == f"({(5000, 5, *before[2:])}, True)\n" and "zexus compile: " in done.stderr
    (place / "script.py").write_text("import gc, atexit\natexit.register(lambda: print(gc.get_threshold()))\n"
                                     "print(gc.get_threshold(), gc.get_freeze_count() > 0)\n")
    done = zexus(place, "run", "--profile", "own.yaml", "script.py")
    assert done.stdout == f"{(5000, 5, *before[2:])} True\n{before}\n", done.stderr
    done = zexus(place, "run", "--profile", "own.yaml", "--set", "memory.enabled=false", "script.py")
    assert done.stdout == f"{before} False\n{before}\n"


@pytest.mark.parametrize(("value", "expected", "same"), [
    ((1, (2,)), [1, [2]], True), (True, 1, False), (1, True, False), (1.0, 1, True), (None, None, True),
    (0, None, False),
    (float("nan"), float("nan"), True), ({"a": (1,)}, {"a": [1]}, True), ({"a": 1}, {"b": 1}, False),
    ([1], [1, 2], False),
    ("x", "x", True), (b"x", "x", False), ("12", [1, 2], False),
])
def test_values_are_compared_as_yaml_can_say_them(value: object, expected: object, same: bool) -> None:
    assert equal(value, expected) is same
