"""`zexus run` against `python`: real processes, compared byte for byte."""

from __future__ import annotations

import importlib.util
import marshal
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


# Without an engine the tests see the host alone, and code objects change while a program runs.
ENGINES = ["fake", "real"] if importlib.util.find_spec("zexus.jit.tier") else ["fake"]
engine_path = ""


@pytest.fixture(params=ENGINES, autouse=True)
def engine(request: pytest.FixtureRequest) -> None:
    global engine_path
    places = [ROOT] if request.param == "real" else [Path(__file__).parent / "fake", ROOT]
    engine_path = os.pathsep.join(map(str, places))


def environment_of(**variables: str) -> dict[str, str]:
    environment = dict(os.environ, PYTHONPATH=engine_path, **variables)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment.setdefault("ZEXUS_DISABLE", "")
    return environment


def process(words: list[str], cwd: Path, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, input=stdin, capture_output=True, text=True,
        env=environment_of(**variables), timeout=120,
    )


def normal(text: str) -> str:
    """Without what differs by design: the runpy frames that python -m shows, and the name of the interpreter."""
    text = re.sub(r'  File "<frozen runpy>", line \d+, in \w+\n', "", text)
    return re.sub(r"^\S*python\S*: ", "zexus: ", text, flags=re.M)


def check_same(tmp_path: Path, words: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    plain = process(words, tmp_path, stdin)
    ours = process(["-m", "zexus", "run", *words], tmp_path, stdin)
    assert ours.stdout == plain.stdout
    assert normal(ours.stderr) == normal(plain.stderr)
    assert ours.returncode == plain.returncode
    return ours


SCRIPTS = {
    "argv": """
import sys
for word in sys.argv: print(word)
""",
    "surroundings": """
import sys, os
print(sorted(globals()))
for name in ("__name__", "__file__", "__spec__", "__package__", "__cached__", "__doc__", "__annotations__"):
    print(name, globals()[name])
print(type(__loader__).__name__, __loader__.name, __loader__.path, __builtins__.__name__)
print(sys.path[0], sys.modules["__main__"].__dict__ is globals(), sys.argv)
""",
    "loops": """
total = 0
for i in range(3000):
    if i % 7 == 3: continue
    total += i
else:
    print("else")
n = 0
while n < 5000:
    n += 1
    if n == 4321: break
print(total, n, i, sorted(name for name in globals() if not name.startswith("_")))
squares = [k * k for k in range(5)]
print(squares, "k" in globals())
for a, b in zip("ab", (1, 2)):
    for c in range(b): print(a, b, c)
""",
    "functions": """
import functools
def outer(n):
    def inner(m):
        s = 0
        for i in range(m):
            s += i
        return s
    return [inner(k) for k in range(n)]
class C:
    field = [x for x in range(3)]
    for y in range(4): pass
    def method(self, n):
        t = 0
        while t < n: t += 1
        return t
    @staticmethod
    def still(n):
        return sum(i for i in range(n))
    @classmethod
    def of(cls, n):
        for i in range(n): yield cls.__name__, i
@functools.lru_cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def gen(n):
    for i in range(n): yield i
print(outer(50)[-1], C().method(3000), C.still(9), list(C.of(2)), C.y, fib(30), list(gen(3)))
print((lambda n: [i for i in range(n)])(4))
""",
    "exit_none": "import sys\nprint('x')\nsys.exit()\n",
    "exit_number": "import sys\nfor i in range(5):\n    if i == 3: sys.exit(i)\n",
    "exit_text": "import sys\nsys.exit('that is all')\n",
    "exit_object": "raise SystemExit([1, 2])\n",
    "exit_large": "raise SystemExit(258)\n",
    "exception": """
def g(x):
    return 1 / x
def f(xs):
    for x in xs:
        y = g(x) + 1
for k in range(3):
    f([3 - k, 2 - k])
""",
    "exception_toplevel": """
xs = [1, 2, 0]
for x in xs:
    y = (1 +
         1 / x)
""",
    "exception_chained": """
def f():
    try:
        for i in range(3): {}[i]
    except KeyError as e:
        raise ValueError("no") from e
try:
    f()
except ValueError:
    for i in range(2): [][i]
""",
    "exception_group": """
errors = []
for i in range(3):
    try: 1 / 0
    except ZeroDivisionError as e: errors.append(e)
raise ExceptionGroup("several", errors)
""",
    "excepthook": """
import sys
def hook(kind, value, entry): print("hook", kind.__name__, value, entry.tb_lineno, entry.tb_frame.f_code.co_name)
sys.excepthook = hook
1 / 0
""",
    "excepthook_broken": """
import sys
def hook(*args):
    raise KeyError("broken")
sys.excepthook = hook
for i in range(1):
    1 / 0
""",
    "syntax_error": "x = 1\nfor in range(3): pass\n",
    "indentation": "if 1:\n  x = 1\n   y = 2\n",
    "latin": b"# -*- coding: latin-1 -*-\nprint(len('\xe4\xf6'))\nfor c in '\xe4': print(ord(c))\n",
    "bom": b"\xef\xbb\xbfprint('bom')\nfor i in range(2): print(i)\n",
    "future": """
from __future__ import annotations
def f(x: no_such_name) -> also_none:
    for i in range(2): pass
    return f.__annotations__
print(f(1))
""",
    "annotations": "x: int = 3\nfor i in range(2): y: str = 'a'\nprint(__annotations__)\n",
    "stdin": "import sys\nfor line in sys.stdin: print(line.strip()[::-1])\nprint(input is not None)\n",
    "stdin_input": "n = int(input())\nfor i in range(n): print(input('> '))\n",
    "atexit": """
import atexit
@atexit.register
def last():
    for i in range(2): print("last", i)
raise RuntimeError("end")
""",
    "threads": """
import threading, time
done = []
def work(k):
    s = 0
    for i in range(20000): s += i
    done.append((k, s))
    time.sleep(0.05)
    print("finished", flush=True) if k == 3 else None
for k in range(4):
    threading.Thread(target=work, args=(k,)).start()
print("main ends", threading.main_thread() is threading.current_thread())
""",
    "pool_spawn": """
import multiprocessing
def square(x):
    s = 0
    for i in range(x): s += x
    return s
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        print(pool.map(square, range(20)))
""",
    "pool_fork": """
import multiprocessing, warnings
warnings.simplefilter("ignore")
def square(x):
    s = 0
    for i in range(x): s += x
    return s
if __name__ == "__main__":
    for i in range(2000): pass
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(square, range(1000, 1020)))
""",
    "finalizers": """
class Thing:
    def __init__(self, name): self.name = name
    def __del__(self): print("gone", self.name)
a = Thing("a")
for i in range(3): b = Thing(i)
def f():
    for i in range(2): c = Thing("c")
f()
print("end")
""",
    "pickle": """
import pickle
def f(n):
    for i in range(n): pass
    return i
class C:
    def __init__(self): self.x = [i for i in range(3)]
print(pickle.loads(pickle.dumps(f))(4), pickle.loads(pickle.dumps(C())).x)
""",
    "warnings": """
import warnings, logging
def f():
    for i in range(3): warnings.warn("here", stacklevel=1)
f()
for i in range(2): warnings.warn("top")
logging.basicConfig(format="%(filename)s:%(lineno)d %(funcName)s %(message)s")
def g():
    for i in range(2): logging.warning("n %d", i)
g()
""",
    "syntax_warning": "x = 1\nfor i in range(2):\n    if x is 1: print('\\d')\n",
    "inspecting": """
import inspect, sys
def f(a, *b, c=3, **d):
    for i in range(2): pass
print(inspect.signature(f), inspect.getsource(f), f.__code__.co_firstlineno, f.__code__.co_filename)
def g():
    for i in range(2): print(sorted(locals()))
    for j in range(2): print(sys._getframe().f_lineno)
g()
""",
    "never_run": """
def f(n):
    return n
    for i in range(n): pass
def g(n):
    if False:
        for i in range(n): pass
        while n: n -= 1
    while 1:
        n += 1
        if n > 100: return n
    else:
        for q in range(3): pass
if 0:
    def h():
        for i in range(3): pass
    for i in range(3): pass
for i in range(0): pass
print(f(1), g(2))
""",
    "deleted": """
for i in range(3):
    x = i
    del x
print("x" in globals())
del i
print(sorted(name for name in globals() if name[0] != "_"))
""",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(tmp_path: Path, name: str) -> None:
    text = SCRIPTS[name]
    path = tmp_path / "dir" / f"s_{name}.py"
    path.parent.mkdir()
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    check_same(tmp_path, [f"dir/s_{name}.py", "one", "--report", "-m", "--set", "x"], "3\nab\ncd\nef\n")


def package(tmp_path: Path) -> None:
    (tmp_path / "pkg" / "sub").mkdir(parents=True)
    (tmp_path / "pkg" / "__init__.py").write_text("print('pkg', __name__)\nfor i in range(3): last = i\n")
    (tmp_path / "pkg" / "__main__.py").write_text("from . import tool\nprint('main of pkg', __package__)\n")
    (tmp_path / "pkg" / "tool.py").write_text(
        "from .sub.deep import total\nimport sys\nprint(__name__, __package__, __spec__.name, __file__)\n"
        "print(total(10), sys.argv, sys.path[0])\n"
        "def f():\n    for i in range(3): yield i\n\nprint(list(f()))\n"
        "if len(sys.argv) > 1 and sys.argv[1] == 'fail':\n    for x in [0]:\n        1 / x\n"
    )
    (tmp_path / "pkg" / "sub" / "__init__.py").write_text("")
    (tmp_path / "pkg" / "sub" / "deep.py").write_text(
        "def total(n):\n    s = 0\n    for i in range(n):\n        s += i\n    return s\n\n"
        "print(__cached__ is not None)\n"
    )


@pytest.mark.parametrize(
    "words",
    [["-m", "pkg.tool", "a", "--report"], ["-m", "pkg.tool", "fail"], ["-m", "pkg", "x"], ["-m", "nope"],
     ["-m", "pkg.nope"], ["-m", "pkg.tool.py"], ["-m", "pkg.sub"]],
    ids="-".join,
)
def test_modules(tmp_path: Path, words: list[str]) -> None:
    package(tmp_path)
    check_same(tmp_path, words)


def test_modules_with_multiprocessing(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("")
    (tmp_path / "pkg" / "pool.py").write_text(SCRIPTS["pool_spawn"])
    check_same(tmp_path, ["-m", "pkg.pool"])


def test_missing_script(tmp_path: Path) -> None:
    assert check_same(tmp_path, ["nope.py"]).returncode == 2


def test_directory_and_zip(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text(
        "import sys, other\nprint(__name__, __file__, __package__, sys.path[0], sys.argv, other.n)\n"
        "for i in range(3): print(i)\n"
    )
    (tmp_path / "app" / "other.py").write_text("n = 0\nwhile n < 3: n += 1\n")
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        for name in ("__main__.py", "other.py"):
            archive.write(tmp_path / "app" / name, name)
    check_same(tmp_path, ["app", "a"])
    check_same(tmp_path, ["app.zip", "b"])


def test_script_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "neighbour.py").write_text("print('neighbour')\n")
    (tmp_path / "real" / "s.py").write_text("import sys, neighbour\nprint(__file__, sys.path[0])\n")
    (tmp_path / "link.py").symlink_to(tmp_path / "real" / "s.py")
    check_same(tmp_path, ["link.py"])
    check_same(tmp_path, ["./real/../link.py"])


BROKEN = {
    "broken_syntax": "def f(:\n    pass\n",
    "broken_import": "import no_such_module_at_all\n",
    "broken_run": "def f(x):\n    for i in range(x):\n        [][i]\n\nf(3)\n",
    "broken_escape": "x = '\\d'\nfor i in range(2): pass\n",
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("caught", [True, False])
def test_errors_in_imported_modules(tmp_path: Path, name: str, caught: bool) -> None:
    (tmp_path / f"{name}.py").write_text(BROKEN[name])
    script = f"import {name}\n"
    if caught:
        script = f"import traceback\ntry:\n    import {name}\nexcept BaseException:\n    traceback.print_exc()\n"
    (tmp_path / "s.py").write_text(script)
    plain = process(["-B", "s.py"], tmp_path)
    ours = process(["-B", "-m", "zexus", "run", "s.py"], tmp_path)
    assert (ours.stdout, ours.stderr, ours.returncode) == (plain.stdout, plain.stderr, plain.returncode)


def test_byte_code_is_that_of_the_plain_source(tmp_path: Path) -> None:
    package(tmp_path)
    ours = process(["-m", "zexus", "run", "-m", "pkg.tool"], tmp_path)
    (cached,) = tmp_path.rglob("deep*.pyc")
    code = marshal.loads(cached.read_bytes()[16:])
    source = tmp_path / "pkg" / "sub" / "deep.py"
    assert code == compile(source.read_text(), code.co_filename, "exec", dont_inherit=True)
    plain = process(["-m", "pkg.tool"], tmp_path)
    again = process(["-m", "zexus", "run", "--report", "-m", "pkg.tool"], tmp_path)
    assert ours.stdout == plain.stdout == again.stdout
    assert "deep.py" in again.stderr or "3 loops were never hot" in again.stderr


def test_reload(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(
        "n = 0\nfor i in range(4): n += i\ndef f():\n    for j in range(3): pass\n    return j\n"
    )
    (tmp_path / "s.py").write_text(
        "import importlib, m\nm.n = 0\nimportlib.reload(m)\nprint(m.n, m.f(), m.__loader__.name)\n"
    )
    check_same(tmp_path, ["s.py"])


def test_module_made_by_hand(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def f(n):\n    for j in range(n): pass\n    return j\n")
    (tmp_path / "s.py").write_text(
        "import importlib.util, sys\n"
        "spec = importlib.util.find_spec('m')\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "print(module.f(3), 'm' in sys.modules, spec.loader.get_source('m'), spec.loader.get_code('m').co_names)\n"
    )
    check_same(tmp_path, ["s.py"])


def test_report(tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text("def g(n):\n    s = 0\n    while s < n:\n        s += 1\n    return s\n")
    (tmp_path / "s.py").write_text(
        "import lib, json\nfor k in range(30000):\n    pass\nlib.g(30000)\n"
        "def gen():\n    for i in range(3): yield i\nlist(gen())\njson.dumps([1])\nraise SystemExit(3)\n"
    )
    ours = process(["-m", "zexus", "run", "--report", "s.py"], tmp_path)
    assert ours.returncode == 3
    assert "lib.py" in ours.stderr and "s.py" in ours.stderr and "3-4" in ours.stderr
    assert "ZX012" in ours.stderr and "json" not in ours.stderr
    assert ours.stdout == ""


def test_report_behind_an_exception(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("for k in range(30000):\n    pass\n1 / 0\n")
    ours = process(["-m", "zexus", "run", "--report", "s.py"], tmp_path)
    assert ours.returncode == 1
    error, table = ours.stderr.index("ZeroDivisionError"), ours.stderr.index("1-2")
    assert error < table


def test_include(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "far.py").write_text("n = 0\nfor i in range(30000):\n    n += 1\n")
    (tmp_path / "app" / "s.py").write_text("import sys\nsys.path.append('lib')\nimport far\nprint(far.n)\n")
    without = process(["-m", "zexus", "run", "--report", "app/s.py"], tmp_path)
    included = process(["-m", "zexus", "run", "--report", "--include", "fa*", "app/s.py"], tmp_path)
    assert without.stdout == included.stdout == "30000\n"
    assert "far.py" not in without.stderr
    assert "far.py" in included.stderr


def test_everything_included(tmp_path: Path) -> None:
    script = tmp_path / "s.py"
    script.write_text("import bisect, textwrap\nprint(textwrap.fill('word ' * 50), bisect.bisect([1, 2, 3], 2))\n")
    included = process(["-m", "zexus", "run", "--include", "*", "s.py"], tmp_path)
    assert included.stdout == process(["s.py"], tmp_path).stdout and not included.stderr


def test_disabled(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("import sys\nfor i in range(3): print(i)\nprint('numba' in sys.modules)\n")
    ours = process(["-m", "zexus", "run", "--report", "s.py"], tmp_path, ZEXUS_DISABLE="1")
    assert ours.stdout == "0\n1\n2\nFalse\n"
    assert ours.stderr == "No loop of the program was observed.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("handled", [True, False])
def test_interrupt(tmp_path: Path, handled: bool) -> None:
    body = "    while True:\n        time.sleep(0.01)\n"
    script = "import time, atexit\natexit.register(print, 'bye')\ndef f():\n" + body + "print('ready', flush=True)\n"
    script += "try: f()\nexcept KeyboardInterrupt: print('caught')\n" if handled else "f()\n"
    (tmp_path / "s.py").write_text(script)
    outcomes = []
    for words in (["s.py"], ["-m", "zexus", "run", "s.py"]):
        child = subprocess.Popen(
            [sys.executable, *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment_of(), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        outcomes.append((out, err, child.returncode))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][2] == (0 if handled else -signal.SIGINT)
