"""`zexus dis` and the listings behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import zexus
from zexus import assembly, cli
from zexus.jit.dis import listing, trace
from zexus.regvm.text import parse

PROGRAM = '''\
import nowhere_to_be_found

def dot(a, b):
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total

class Box:
    def size(self, **rest):
        count = 0
        while count < 10:
            count += 1
        return count

    def other(self):
        return 1

def other():
    for x in iter(nowhere_to_be_found.Thing(), None):
        yield x

for index in range(3):
    print(index)
'''


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM, encoding="utf-8")
    return str(file)


def test_code_of_a_whole_function(path: str) -> None:
    text = listing(path, "dot", "code")
    assert assembly.parse(text).qualname == "dot"
    assert "FOR_ITER" in text


@pytest.mark.parametrize("stage", ["function", "ssa"])
def test_register_form_and_ssa(path: str, stage: str) -> None:
    fn = parse(listing(path, "dot", stage))
    assert fn.form == {"function": "register", "ssa": "ssa"}[stage]


def test_a_function_without_a_form_is_shown_loop_by_loop(path: str) -> None:
    text = listing(path, "size", "code")
    assert text.startswith("; Box.size: ") and "; while loop, lines 12-13" in text and "LEAVE" in text


def test_the_module_itself(path: str) -> None:
    assert "; for loop, lines 23-24" in listing(path, "<module>", "code")


def test_a_qualified_name_chooses(path: str) -> None:
    assert "RETURN" in listing(path, "Box.other", "code")


@pytest.mark.parametrize(("function", "stage", "message"), [
    ("missing", "code", "has no function 'missing'; it has Box.other, Box.size, dot, other"),
    ("dot", "asm", "unknown stage 'asm'"),
    ("missing", "trace", "has no function 'missing'"),
])
def test_what_cannot_be_listed(path: str, function: str, stage: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        listing(path, function, stage)


def test_a_plain_name_that_two_functions_have(tmp_path: Path) -> None:
    file = tmp_path / "twice.py"
    file.write_text("class A:\n    def f(self): pass\nclass B:\n    def f(self): pass\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"2 functions 'f': A\.f, B\.f"):
        listing(str(file), "f", "code")


def test_a_file_with_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text("def f(:\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.py:1: "):
        listing(str(file), "f", "code")


def test_the_command(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["dis", f"{path}:dot", "--stage", "ssa"])
    assert capsys.readouterr().out.startswith("function dot ssa (v0, v1)")


def double(items: list[float]) -> float:
    total = 0.0
    for item in items:
        total += item * 2
    return total


def test_trace_of_a_live_function() -> None:
    compiled = zexus.jit.compile(double, threshold=2, background=False, record_iterations=3)
    with pytest.raises(ValueError, match="no loop of the function is native yet"):
        trace(compiled)
    for _ in range(5):
        assert compiled([0.5] * 100) == 100.0
    text = trace(compiled)
    assert text.startswith("; loop 0, line ")
    assert "UNBOX_FLOAT" in text
    assert parse(text).form == "typed"
    assert trace(compiled, 0) == text
    assert "define ptr" in trace(compiled, 0, "llvm")
    with pytest.raises(ValueError, match="there is no loop 5"):
        trace(compiled, 5)
    with pytest.raises(ValueError, match="unknown stage 'code'"):
        trace(compiled, 0, "code")


@zexus.jit.compile(threshold=1, background=False)
def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def test_a_function_that_calls_itself_has_a_body_and_an_entry() -> None:
    assert [fib(15) for _ in range(30)] == [610] * 30
    text = trace(fib, None, "llvm")
    assert "GUARD_STACK" in trace(fib) and text.count("define ") >= 2


def test_trace_of_a_function_that_was_not_compiled() -> None:
    with pytest.raises(ValueError, match="was not compiled"):
        trace(double)
    with pytest.raises(ValueError, match="was not compiled"):
        trace(3)


RUN = """\
import sys

def halve(n):
    total = 0.0
    for i in range(n):
        total += i * 0.5
    return total

def never(n):
    for i in range(n):
        print(i)

print("here", sys.argv, __name__)
never(2)
s = 0.0
for k in range(3000):
    s += k * 0.5
halve(3000)
sys.exit(3)
"""


@pytest.mark.parametrize("function", ["halve", "<module>"])
def test_the_command_runs_the_file_for_its_types(function: str, tmp_path: Path) -> None:
    file = tmp_path / "run.py"
    file.write_text(RUN, encoding="utf-8")
    done = dis(file, function, "trace")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("here ['" + str(file))
    assert parse(done.stdout).form == "typed"
    assert "define ptr" in dis(file, function, "llvm").stdout


def test_a_loop_that_is_not_native_in_a_run(tmp_path: Path) -> None:
    file = tmp_path / "run.py"
    file.write_text(RUN, encoding="utf-8")
    done = dis(file, "never", "trace")
    assert done.returncode == 2 and done.stdout == ""
    assert "no loop of never went native" in done.stderr


def dis(file: Path, function: str, stage: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zexus", "dis", f"{file}:{function}", "--stage", stage]
    return subprocess.run(command, capture_output=True, text=True, check=False)
