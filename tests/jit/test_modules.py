"""Loops at the top level of a script: other code sees their variables as globals, and may assign them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[2])
MODES = {
    "default": (),
    "first": ("jit.threshold=20", "jit.background=false"),
    "exits": ("jit.threshold=20", "jit.background=false", "jit.force_exit=3"),
}
OTHER = """
import sys
def poke():
    main = sys.modules["__main__"]
    main.v = main.v + 5
"""
SCRIPTS = {
    "builtin_until_assigned": """
s = 0
for i in range(3000):
    s += abs(-i)
    if i == 2000:
        abs = lambda x: 2
for k in range(3):
    for i in range(2000):
        s += round(i)
    from math import floor as round
print(s)
""",
    "too_deep": """
def down(n):
    for i in range(2):
        if i:
            return down(n - 1) + 1
def back(k, log):
    try:
        back(k + 1, log)
    except RecursionError:
        log[4] += 1
        if log[4] > 1:
            raise
    for i in range(4):
        log[i] -= 1
for rep in range(30):
    try:
        down(0)
    except RecursionError:
        pass
    try:
        back(0, [0] * 5)
    except RecursionError:
        pass
print("done")
""",
    "handlers_of_signals": """
import signal
class Stop(Exception):
    pass
def handler(number, frame):
    raise Stop
signal.signal(signal.SIGALRM, handler)
def small(xs):
    t = 0
    for x in xs:
        t += x
    for i in range(3):
        t += i
    return t
def forever():
    i = 0
    while True:
        for k in range(100):
            small((i, k, 1))
        i += 1
stopped = 0
for k in range(60):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.001 * (k % 12 + 1))
        forever()
    except Stop:
        stopped += 1
print(stopped)
""",
    "callee_reads": """
# callee reads a global that the loop assigns
def show():
    return counter * 2
total = 0
counter = 0
for i in range(20000):
    counter = i
    total += show()
print(total, counter, i)
""",
    "callee_assigns": """
def bump():
    global hits
    hits += 1
hits = 0
s = 0
for i in range(20000):
    if i % 3 == 0:
        bump()
    s += hits
print(s, hits)
""",
    "thread_ends_the_loop": """
import threading, time
done = False
def setter():
    global done
    time.sleep(0.3)
    done = True
threading.Thread(target=setter).start()
n = 0
while not done:
    n += 1
print("done", n > 0)
""",
    "callee_reads_now_and_then": """
log = []
x = 0
def look():
    log.append(x)
for i in range(5000):
    x = i * 2
    if i % 1000 == 999:
        look()
    y = x + 1
print(log, x, y)
""",
    "exceptions_and_methods": """
import sys
x = 0
try:
    for i in range(100000):
        x = i * 3
        z = 10 // (50000 - i)
except ZeroDivisionError:
    print(x, i, z)
class Out:
    def __str__(self):
        global k
        k += 1
        return f"<{k}{acc}>"
k = 0
acc = 0
o = Out()
parts = []
for j in range(4000):
    acc += j
    if j % 900 == 0:
        parts.append(str(o))
    k = k + 1
print(parts, k, acc)
""",
    "another_module_assigns": """
import other
other.reset = 1
v = 0
s = 0
for i in range(30000):
    v = i & 1023
    if v == 700:
        other.poke()
    s += v
print(s, v)
""",
    "signal_handler_reads": """
import signal, os
seen = []
n = 0
def handler(*a):
    seen.append(n)
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.2)
while not seen:
    n += 1
print(seen[0] > 0, n >= seen[0])
""",
    "global_rebound_and_deleted": """
def f(a):
    return a + offset
offset = 1
t = 0
for i in range(20000):
    t += f(i)
    if i == 10000:
        offset = 100
print(t)
for i in range(10):
    for j in range(3000):
        del_me = j
        t += del_me
    del del_me
print(t, "del_me" in globals())
""",
    "fresh_cells": """
# each call makes new cells for the same loops
def outer(start, n):
    state, scale, seen = start, 3, []
    def step():
        nonlocal state
        for i in range(n):
            state = state * 7 % 1000003 + i
            if i % 1000 == 999:
                seen.append((i, peek()))
    def reads():
        t = 0
        for i in range(n):
            t += i * scale
        return t
    def peek():
        return state
    step()
    return state, reads(), len(seen), seen[-1:]
for k in range(30):
    print(outer(k if k < 20 else k * 0.5, 3000 if k % 9 else 3))
""",
    "nested_loops": """
import math
n = 60
a = [[float(i * j % 7) for j in range(n)] for i in range(n)]
b = [[float(i + j) for j in range(n)] for i in range(n)]
c = [[0.0] * n for _ in range(n)]
for i in range(n):
    row = a[i]
    out = c[i]
    for j in range(n):
        acc = 0.0
        for k in range(n):
            acc += row[k] * b[k][j]
        out[j] = acc
flag = None
best = None
for i in range(20000):
    v = math.sin(i)
    if best is None or v > best:
        best = v
        name = i
    t = (i, v)
print(sum(map(sum, c)), best, name, t)
""",
}


def process(arguments: list[str], folder: Path) -> tuple[str, str, int]:
    environment = {**os.environ, "PYTHONPATH": ROOT, "ZEXUS_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=120)
    return done.stdout, done.stderr, done.returncode


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_print_the_same(tmp_path: Path, name: str, mode: str) -> None:
    (tmp_path / "script.py").write_text(SCRIPTS[name], encoding="utf-8")
    (tmp_path / "other.py").write_text(OTHER, encoding="utf-8")
    options = [word for setting in MODES[mode] for word in ("--set", setting)]
    expected = process(["script.py"], tmp_path)
    assert process(["-m", "zexus", "run", *options, "script.py"], tmp_path) == expected


def test_nested_loops_of_a_script_run_natively(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPTS["nested_loops"], encoding="utf-8")
    report = process(["-m", "zexus", "run", "--report", "--set", "jit.background=false", "script.py"], tmp_path)[1]
    assert report.count("native  ZX000") >= 2


def test_closures_share_the_native_code_of_their_loops(tmp_path: Path) -> None:
    text = SCRIPTS["fresh_cells"].replace("if i % 1000 == 999:", "if i < 0:").replace("k * 0.5", "k")
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    report = process(["-m", "zexus", "run", "--report", "--set", "jit.background=false", "script.py"], tmp_path)[1]
    rows = [line.split() for line in report.splitlines() if "native  ZX000" in line]
    assert len(rows) == 2 and all(int(row[-3]) == 1 for row in rows), report


NAMESAKES = {
    "random.py": "print('my random')\nvalue = 3\n",
    "tempfile.py": "print('my tempfile')\nraise ImportError('never')\n",
    "queue/__init__.py": "print('my queue')\n",
    "json.py": "print('nobody imports this')\n",
    "s.py": """
import random, queue, bisect
def f(n):
    t = 0
    for i in range(n):
        t += i * random.value
    return t
print(f(300000), bisect.bisect([1, 2], 2), queue.__name__)
try:
    import tempfile
except ImportError as error:
    print(repr(error))
""",
}


@pytest.mark.parametrize("words", [["s.py"], ["-m", "s"]])
def test_modules_that_are_called_like_ones_of_the_standard_library(tmp_path: Path, words: list[str]) -> None:
    for name, text in NAMESAKES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    expected = process(words, tmp_path)
    now = ["-m", "zexus", "run", "--set", "jit.background=false"]
    assert process([*now, *words], tmp_path) == expected
    assert "native  ZX000" in process([*now, "--report", *words], tmp_path)[1]


CALLEE_WITH_CELLS = """
import zexus
log = []
def callee(n):
    k = n & 7
    h = lambda: k + 1
    if n % 50 == 0:
        log.append(h())
    return k + h()
def outer(n):
    s = 0
    for i in range(n):
        s += callee(i)
    return s
compiled = zexus.jit.compile(outer, background=False, cache=False, threshold=30)
expected, logged = outer(5000), log[:]
log.clear()
print(compiled(5000) == expected, log == logged)
"""


def test_callees_with_variables_that_they_share_with_functions_inside(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(CALLEE_WITH_CELLS, encoding="utf-8")
    assert process(["script.py"], tmp_path) == ("True True\n", "", 0)
