"""The compile service: a worker beside the program that survives forks, odd programs and endless compilations."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path

import pytest

import zexus
from zexus.jit import compiler, loader, service, specialize
from zexus.jit.emission import Unemitted, Written
from zexus.jit.emit import function as emission
from zexus.jit.emit import runtime
from zexus.regvm import pipeline
from zexus.settings import JitSettings

LONG, SHORT = JitSettings(compile_seconds=60), JitSettings(compile_seconds=1e-6)

TEXT = "define i64 @answer(i64 %x) {\n  %y = add i64 %x, 42\n  ret i64 %y\n}\n"
ASSEMBLY = Written(TEXT)


@pytest.fixture
def worker():
    made = service.Service()
    yield made
    made.stop()


def answer(worker, number):
    """What the worker answers, when it does."""
    while (found := worker.fetch(number)) is None:
        worker.rest()
    return found


def total(n):
    s = 0
    for i in range(n):
        s += i & 7
    return s


def until_native(function, argument):
    for _ in range(4000):
        function(argument)
        region = zexus.explain(function).regions[0]
        if region.code != "ZX002":
            return region
        time.sleep(0.005)
    raise AssertionError("nothing came of the compilation")


def run(text: str, *, closed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """A script of this text in a process of its own, some of its streams closed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.py"
        path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-W", "error", str(path)]
        if closed:
            command = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *command]
        root = str(Path(__file__).parents[2])
        return subprocess.run(command, capture_output=True, text=True, timeout=120,
                              env={**os.environ, "PYTHONPATH": root, **environment})


def test_worker_answers_object_code(worker):
    first, second = worker.submit(ASSEMBLY, LONG), worker.submit(Written(TEXT.replace("42", "43")), LONG)
    assert answer(worker, second)[0] != answer(worker, first)[0]


def test_nothing_comes_before_the_worker_has_answered(worker):
    number = worker.submit(ASSEMBLY, LONG)
    assert worker.fetch(number) is None
    assert answer(worker, number)[0].startswith(b"\x7fELF") or sys.platform != "linux"


def test_what_llvm_refuses_fails_with_its_words(worker):
    number = worker.submit(Written("define i64 @wrong() {\n  ret i32 0\n}\n"), LONG)
    with pytest.raises(service.Failed, match="LLVM: "):
        answer(worker, number)
    assert answer(worker, worker.submit(ASSEMBLY, LONG))[0]


def test_a_defect_of_emission_fails_with_its_name(worker):
    number = worker.submit(Unemitted("no function", "", "f", False, LONG), LONG)
    with pytest.raises(service.Failed, match="ZX045"):
        answer(worker, number)
    assert answer(worker, worker.submit(ASSEMBLY, LONG))[0]


def test_a_worker_that_exceeds_the_budget_is_replaced(worker):
    endless = worker.submit(ASSEMBLY, SHORT)
    other = worker.submit(ASSEMBLY, LONG)
    with pytest.raises(service.Failed, match="budget"):
        answer(worker, endless)
    assert answer(worker, other)[0]


def test_reduced_passes_are_tried_when_the_budget_is_spent(worker, monkeypatch):
    lose = worker._lost

    def lose_and_wait_longer():
        lose()
        for request in worker._waiting.values():
            request.seconds = 60.0

    monkeypatch.setattr(worker, "_lost", lose_and_wait_longer)
    number = worker.submit(ASSEMBLY, SHORT)
    request = worker._waiting[number]
    assert answer(worker, number)[0] and request.reduced


def test_code_is_compiled_here_where_no_worker_can_be_started(monkeypatch):
    monkeypatch.setattr(service, "_service", service.Service())
    monkeypatch.setattr(service, "interpreter", lambda: None)
    function = zexus.jit.compile(total, cache=False)
    assert until_native(function, 20_000).tier == "native"


def test_code_is_compiled_here_where_workers_die_at_once(monkeypatch):
    monkeypatch.setattr(service, "_service", service.Service())
    monkeypatch.setattr(service, "interpreter", lambda: "/bin/true")
    function = zexus.jit.compile(total, cache=False)
    assert until_native(function, 20_000).tier == "native"


def compilations(monkeypatch, functions):
    """The sources that are compiled for functions called in turn, which all become native."""
    there = zexus.jit.compile(types.FunctionType(total.__code__, {}), background=False, cache=False)
    assert there(20_000) == total(20_000) and loader.has("base")  # which stays, whatever is said of it below
    asked = []
    submit = service.Service.submit
    monkeypatch.setattr(service.Service, "submit",
                        lambda self, source, *how: (asked.append(source), submit(self, source, *how))[1])
    monkeypatch.setattr(loader, "has", lambda part: False)
    monkeypatch.setattr(loader, "load_part", lambda part, code: None)
    for function in functions:
        function(2000)
    regions = [until_native(function, 2000) for function in functions]
    assert [region.tier for region in regions] == ["native"] * len(functions)
    return asked


def test_parts_of_the_runtime_are_compiled_once_for_all_that_wait_for_them(monkeypatch):
    functions = [zexus.jit.compile(types.FunctionType(total.__code__, {}), cache=False) for _ in range(3)]
    asked = compilations(monkeypatch, functions)
    base = runtime.part_assembly("base")
    assert len(asked) == 4 and sum(isinstance(source, Written) and source.text == base for source in asked) == 1


def test_a_part_that_cannot_be_made_fails_for_all_that_wait_for_it(worker, monkeypatch):
    monkeypatch.setattr(service, "service", lambda: worker)
    piece = compiler._Piece("no such key", LONG)
    piece.start(Written("define i64 @wrong() {\n  ret i32 0\n}\n"), True)
    for _ in range(2):
        with pytest.raises(compiler.CompileFailed, match="LLVM: "):
            piece.receive(True)


def test_large_units_go_to_the_worker_in_the_foreground_too(monkeypatch):
    made = service.Service()
    monkeypatch.setattr(service, "_service", made)
    function = zexus.jit.compile(total, cache=False, background=False, big_unit=1)
    assert function(20_000) == total(20_000)
    assert zexus.explain(function).regions[0].tier == "native"
    assert made.greeted
    made.stop()


@pytest.mark.parametrize("executable", ["", "/usr/sbin/uwsgi", "/nowhere/python3"])
def test_interpreter_is_found_where_the_executable_is_none(monkeypatch, executable):
    monkeypatch.setattr(sys, "executable", executable)
    found = service.interpreter()
    assert found is None or os.path.basename(found).startswith("python")


def test_no_interpreter_is_taken_that_does_not_exist(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python3")
    monkeypatch.setattr(sys, "exec_prefix", "/nowhere")
    assert service.interpreter() is None


def test_messages_come_in_pieces():
    raw = service.packed((1, "text")) + service.packed((2, b"bytes"))
    stream, found = bytearray(), []
    for number in range(len(raw)):
        stream += raw[number:number + 1]
        while (message := service.unpacked(stream)) is not None:
            found.append(message)
    assert found == [(1, "text"), (2, b"bytes")] and not stream


def test_failures_leave_the_loop_on_cpython(monkeypatch):
    def fails(self, patient):
        raise compiler.CompileFailed("no luck")

    monkeypatch.setattr(compiler.Job, "_receive", fails)
    function = zexus.jit.compile(total, cache=False)
    assert function(20_000) == total(20_000)
    region = zexus.explain(function).regions[0]
    assert (region.tier, region.code) == ("python", "ZX041") and "no luck" in region.reason


def of_the_engine(function):
    """A function that stands for the engine: what others raise, as handlers of signals do, is for the program."""
    return types.FunctionType(function.__code__, {**globals(), "__name__": specialize.__name__})


def test_a_defect_of_the_compiler_does_not_come_to_the_program(monkeypatch):
    @of_the_engine
    def fails(*_):
        raise KeyError("v7")

    monkeypatch.setattr(specialize, "CHECK", False)
    monkeypatch.setattr(specialize.Walk, "run", fails)
    function = zexus.jit.compile(total, cache=False, background=False)
    assert function(20_000) == total(20_000)
    region = zexus.explain(function).regions[0]
    assert (region.tier, region.code) == ("python", "ZX045") and "KeyError: 'v7'" in region.reason


def test_nor_does_one_of_emission(monkeypatch):
    @of_the_engine
    def fails(*_):
        raise IndexError("no such block")

    monkeypatch.setattr(pipeline, "CHECK", False)
    monkeypatch.setattr(emission, "emit", fails)
    function = zexus.jit.compile(total, cache=False, background=False)
    assert function(20_000) == total(20_000)
    region = zexus.explain(function).regions[0]
    assert (region.tier, region.code) == ("python", "ZX041") and "IndexError: no such block" in region.reason


def test_what_a_handler_of_signals_raises_meanwhile_does(monkeypatch):
    def handler(*_):
        raise KeyError("a signal's")

    monkeypatch.setattr(specialize, "CHECK", False)
    monkeypatch.setattr(specialize.Walk, "run", handler)
    function = zexus.jit.compile(total, cache=False, background=False)
    with pytest.raises(KeyError, match="a signal's"):
        function(20_000)
    monkeypatch.undo()
    assert function(20_000) == total(20_000)
    assert zexus.explain(function).regions[0].tier == "native"


SHORT_LIVED = """
import json
import zexus

def total(n):
    s = 0
    for i in range(n):
        s += i & 7
    return s

adaptive = zexus.jit.compile(total)
for _ in range(3):
    adaptive(5000)
print(json.dumps(zexus.explain(adaptive).regions[0].code))
"""


def test_what_a_program_has_not_waited_for_is_there_for_the_next_one(tmp_path):
    first = run(SHORT_LIVED, ZEXUS_CACHE_DIR=str(tmp_path))
    for _ in range(600):
        if first.stdout.strip() != '"ZX002"' or len(list(tmp_path.glob("*.o"))) == 2:
            break
        time.sleep(0.05)
    assert run(SHORT_LIVED, ZEXUS_CACHE_DIR=str(tmp_path)).stdout.strip() == '"ZX000"'


WAIT = """
import time
import zexus

def total(n):
    s = 0
    for i in range(n):
        s += i & 7
    return s

adaptive = zexus.jit.compile(total, cache=False)
adaptive(5000)
state = lambda: zexus.explain(adaptive).regions[0].code
def until_native():
    while state() == "ZX002":
        time.sleep(0.005)
        adaptive(2000)
    return state()
"""

FORKS = WAIT + """
import os, sys, warnings
assert state() == "ZX002"
children = []
for _ in range(5):
    child = os.fork()
    if not child:
        code = until_native()
        right = adaptive(100_000) == total(100_000)
        os._exit(7 if code == "ZX000" and right else 1)
    children.append(child)
    adaptive(2000)
    time.sleep(0.05)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
print(codes, until_native(), adaptive(100_000) == total(100_000))
"""


def test_forks_while_something_is_being_compiled():
    done = run(FORKS)
    assert (done.stdout, done.stderr) == ("[7, 7, 7, 7, 7] ZX000 True\n", "")


def test_the_program_has_neither_children_nor_threads_of_ours():
    done = run(WAIT + """
import os, threading
print(state(), threading.active_count())
try:
    os.wait()
except ChildProcessError:
    print("no child")
print(until_native())
""")
    assert (done.stdout, done.stderr) == ("ZX002 1\nno child\nZX000\n", "")


@pytest.mark.parametrize("closed", ["<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams(closed, tmp_path):
    note = tmp_path / "note"
    run(WAIT + f"open({str(note)!r}, 'w').write(until_native())", closed=closed)
    assert note.read_text() == "ZX000"


def test_a_program_that_closes_every_descriptor():
    done = run(WAIT + """
import os
os.closerange(3, 256)
mine = os.open("/dev/null", os.O_RDWR)
copies = [os.dup(mine) for _ in range(100)]
print(until_native())
""")
    assert (done.stdout, done.stderr) == ("ZX000\n", "")


def test_descriptors_keep_their_numbers():
    done = run(WAIT + "import os; print(state(), os.open('/dev/null', os.O_RDONLY))")
    assert done.stdout == "ZX002 3\n"


def marked(mark: bytes) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in place.read_bytes():
                found.append(place.parent.name)
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("end", ["", "os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_the_worker_ends_with_the_program(end):
    mark = f"zexus-test-{os.getpid()}-{time.monotonic_ns()}"
    run(WAIT + "import os, signal\nassert state() == 'ZX002'\n" + end, ZEXUS_TEST_MARK=mark)
    for _ in range(2000):
        if not marked(mark.encode()):
            return
        time.sleep(0.01)
    raise AssertionError(f"still there: {marked(mark.encode())}")


POOL = """
import multiprocessing, time
import zexus

def total(n):
    s = 0
    for i in range(n):
        s += i & 7
    return s

adaptive = zexus.jit.compile(total, cache=False)

def native(n):
    answer = adaptive(n)
    while zexus.explain(adaptive).regions[0].code == "ZX002":
        time.sleep(0.005)
        adaptive(2000)
    return answer, zexus.explain(adaptive).regions[0].code

if __name__ == "__main__":
    with multiprocessing.get_context(METHOD).Pool(2) as pool:
        print(pool.map(native, [5000, 6000, 7000]) == [(total(n), "ZX000") for n in (5000, 6000, 7000)])
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pools(method):
    done = run(POOL.replace("METHOD", repr(method)))
    assert (done.stdout, done.stderr) == ("True\n", "")


FORKING = """
import os, threading, time
from zexus.jit import compiler, service
from zexus.jit.forking import compiling, serving

def fetches():
    for _ in range(200):
        with compiling:
            time.sleep(0.0005)
            with serving:
                pass

threads = [threading.Thread(target=fetches) for _ in range(3)]
for thread in threads:
    thread.start()
for _ in range(40):
    child = os.fork()
    if not child:
        with compiling, serving:
            os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    time.sleep(0.002)
for thread in threads:
    thread.join()
print("done")
"""


def test_forks_take_the_locks_in_the_order_in_which_they_are_taken():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKING], capture_output=True, text=True, timeout=60)
    assert done.stdout == "done\n", done.stderr
