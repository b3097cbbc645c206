"""What a program can observe beside its results: signals, locals after exceptions, tiers that switch, whole scripts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import zexus

NOW: dict[str, Any] = {"threshold": 1, "background": False, "cache": False, "record_iterations": 3, "weigh": False}
ROOT = Path(__file__).resolve().parents[2]


def native(function: Callable[..., Any], **settings: Any) -> Callable[..., Any]:
    made: Callable[..., Any] = zexus.jit.compile(function, **{**NOW, **settings})
    return made


def ran_natively(function: Any) -> bool:
    return any(region.native_iterations for region in zexus.explain(function).regions)


# --- time slices ------------------------------


def spin(flags: list[bool], limit: int) -> int:
    turns = 0
    while not flags[0]:
        turns += 1
        if turns > limit:
            return -1
    return turns


STOP = False


def spin_on_global(limit: int) -> int:
    turns = 0
    while not STOP:
        turns += 1
        if turns > limit:
            return -1
    return turns


def spin_on_cell() -> Callable[[int], Any]:
    stop = False

    def run(limit: int) -> int:
        turns = 0
        while not stop:
            turns += 1
            if turns > limit:
                return -1
        return turns

    def end() -> None:
        nonlocal stop
        stop = True

    run.end = end  # type: ignore[attr-defined]
    return run


FOREVER = 10**12


def test_a_loop_sees_what_another_thread_stores() -> None:
    flags = [False]
    compiled = native(spin)
    assert compiled(flags, 5000) == -1
    timer = threading.Timer(0.3, flags.__setitem__, (0, True))
    timer.start()
    assert compiled(flags, FOREVER) > 100
    timer.join()
    assert ran_natively(compiled)


def test_a_loop_sees_a_global_that_another_thread_rebinds() -> None:
    global STOP
    STOP = False

    def stop() -> None:
        global STOP
        STOP = True

    compiled = native(spin_on_global)
    assert compiled(5000) == -1
    timer = threading.Timer(0.3, stop)
    timer.start()
    assert compiled(FOREVER) > 100
    timer.join()
    assert ran_natively(compiled)


def test_a_loop_sees_a_cell_that_another_thread_rebinds() -> None:
    plain = spin_on_cell()
    compiled = native(plain)
    assert compiled(5000) == -1
    timer = threading.Timer(0.3, plain.end)  # type: ignore[attr-defined]
    timer.start()
    assert compiled(FOREVER) > 100
    timer.join()


def interrupted(n: int, values: list[float]) -> Any:
    i, total, x = 0, 0, 0.5
    try:
        while i < n:
            i += 1
            total += 2
            x = values[i & 1] + i
        return "ended"
    except KeyboardInterrupt:
        return i, total, x


def interrupted_deep(n: int) -> Any:
    i, done = 0, 0
    try:
        for i in range(n):
            for j in range(n):
                for k in range(3):
                    done = done + 1
    except KeyboardInterrupt:
        return i, j, k, done
    return None


def test_keyboard_interrupt_ends_a_native_loop_with_its_locals() -> None:
    compiled = native(interrupted)
    assert compiled(5000, [1.5, 2.5]) == "ended"
    for _ in range(3):
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        i, total, x = compiled(FOREVER, [1.5, 2.5])
        timer.join()
        assert i > 1000 and total in (2 * i, 2 * i - 2)
        assert x in ([1.5, 2.5][i & 1] + i, [1.5, 2.5][(i - 1) & 1] + i - 1)
    assert ran_natively(compiled)


def test_keyboard_interrupt_ends_nested_native_loops() -> None:
    compiled = native(interrupted_deep)
    assert compiled(50) is None
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    i, j, k, done = compiled(2_000_000)
    timer.join()
    before = (i * 2_000_000 + j) * 3 + k
    assert before <= done <= before + 1
    assert ran_natively(compiled)


def handled(n: int, seen: list[int]) -> int:
    i = 0
    while i < n and not seen:
        i += 1
    return i


def test_a_signal_handler_runs_while_a_native_loop_does() -> None:
    seen: list[int] = []
    compiled = native(handled)
    assert compiled(5000, seen) == 5000
    old = signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        assert compiled(FOREVER, seen) < FOREVER
    finally:
        signal.signal(signal.SIGALRM, old)
    assert seen and ran_natively(compiled)


def failing_handler(n: int) -> Any:
    i, total = 0, 0
    try:
        while i < n:
            i += 1
            total += i
    except ZeroDivisionError:
        return i, total
    return None


def test_the_exception_of_a_signal_handler_is_raised_in_the_loop() -> None:
    compiled = native(failing_handler)
    assert compiled(5000) is None
    old = signal.signal(signal.SIGALRM, lambda number, frame: 1 // 0)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        i, total = compiled(3 * 10**9)
    finally:
        signal.signal(signal.SIGALRM, old)
    assert total in (i * (i + 1) // 2, i * (i - 1) // 2)


# --- exceptions: the locals as they are, wherever it happens ------------------------------

PLACES = [
    "a = values[i]", "a = i // (n - i)", "b = values[i] + others[i]", "values[i] = values[i + 1]", "a, b = pairs[i]",
    "c = half(values[i])", "total += half(n - i)", "a = [values[i], values[i + 1]]", "a = b = array[i]",
    "array[i] = values[i] / (n - i)", "a = array[i + 1] + values[i]", "total += math.sqrt(n - i - 1)",
    "d[i % 3] = values[i]", "d['k'] = f'{i}'; a = values[i]", "a = int(values[i]) + others[i]",
    "values.append(values[i]); values.pop(); a = others[i]", "a = min(values[i], others[i])",
    "for b in range(i): c = values[b + 1]", "for k, v in enumerate(pairs): a, b = v; c = values[i]",
    "a = values[i] if i < n - 1 else missing", "while total > i: total -= others[i]",
]
NAMES = ("values", "others", "array", "pairs", "d", "total", "i", "before", "after", "a", "b", "c", "k", "v", "kind")
PROGRAM = """
import math
import numpy as np
def half(x):
    if x == 0:
        raise ValueError(x)
    return x / 2
def f(n):
    values, others, array = [float(k) for k in range(1, n)], list(range(1, n)), np.arange(1.0, n)
    pairs = [(k, k + 1) for k in range(n - 1)]
    d, total = {}, 0
    try:
        for i in range(n + 2):
            before = i
            PLACE
            after = i
    except (IndexError, ZeroDivisionError, ValueError, NameError, TypeError) as error:
        kind = type(error).__name__, str(error), error.__traceback__.tb_lineno
    found = {}
LOOK
    return found
"""
LOOK = """
    try:
        found["NAME"] = repr(NAME)
    except NameError as error:
        found["NAME"] = str(error)
"""


def from_text(text: str, name: str) -> Callable[..., Any]:
    """The function f of a text."""
    import linecache

    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope: dict[str, Any] = {"__name__": "place"}
    exec(compile(text, name, "exec"), scope)
    made: Callable[..., Any] = scope["f"]
    return made


@pytest.mark.parametrize("place", PLACES)
def test_locals_after_an_exception(place: str) -> None:
    text = PROGRAM.replace("PLACE", place).replace("LOOK", "".join(LOOK.replace("NAME", name) for name in NAMES))
    function = from_text(text, f"<place {PLACES.index(place)}>")
    for force in (0, 1, 3):
        compiled = native(function, force_exit=force)
        for n in (30, 40, 30):
            assert compiled(n) == function(n), (force, n)


# --- side exits ------------------------------


def test_an_exit_with_more_values_than_a_byte_counts() -> None:
    names = ", ".join(f"v{number}" for number in range(260))
    function = from_text(f"""
def f(n, {names}):
    s = 0
    for i in range(n):
        s += i
        if i == 300:
            s += len(({names}, lambda: 0))
    return s
""", "<wide exit>")
    compiled = native(function)
    assert compiled(600, *range(260)) == function(600, *range(260))
    region, = zexus.explain(compiled).regions
    assert region.tier == "native" and region.side_exits == 1


# --- background compilation: the tier switches while the loop runs ------------------------------


def long_loop(n: int, values: list[int]) -> Any:
    total, last = 0, None
    for i in range(n):
        total = (total * 31 + values[i % 7]) % 1_000_003
        values[i % 7] = total & 255
        last = i if last is None else last + 1
    return total, last, i


def long_while(n: int, values: list[int]) -> Any:
    total, i = 0, 0
    while i < n:
        i += 1
        total = (total * 31 + values[i % 7]) % 1_000_003
        values[i % 7] = total & 255
    else:
        total += 1
    return total, i


@pytest.mark.parametrize("function", [long_loop, long_while])
def test_the_tier_switches_in_mid_loop(function: Callable[..., Any]) -> None:
    compiled = zexus.jit.compile(function, cache=False)
    deadline = time.monotonic() + 60
    expected_values = list(range(7))
    expected = function(150_000, expected_values)
    while True:
        values = list(range(7))
        assert compiled(150_000, values) == expected
        assert values == expected_values
        if ran_natively(compiled) or time.monotonic() > deadline:
            break
    assert ran_natively(compiled)
    values = list(range(7))
    assert compiled(150_000, values) == expected


# --- whole scripts ------------------------------

SCRIPTS = {
    "callees see the globals that the loop changes": """
        counter = 0
        seen = []
        def look():
            return counter * 2
        def log():
            if counter % 100 == 7:
                seen.append((counter, total))
        total = 0
        for i in range(3000):
            counter += 1
            total += look()
            log()
        print(counter, total, seen)
    """,
    "outlined statements see and change globals": """
        total, d, text = 0, {}, ""
        for i in range(3000):
            total += i
            if i % 100 == 3:
                d[i] = f"{total} {globals()['total']}"
                text += str(total % 7)
            if i % 500 == 9:
                globals()["total"] = 1
        print(total, d, text, i)
    """,
    "globals are written back when an exception is raised": """
        values = [1] * 2000
        total = 0
        try:
            for i in range(5000):
                total += values[i]
                last = i
        except IndexError as error:
            print(type(error), total, i, last)
        k = 0
        try:
            while True:
                k += 1
                q = 100000 // (1500 - k)
        except ZeroDivisionError:
            print(k, q)
    """,
    "an uncaught exception": """
        values = [1] * 2000
        for i in range(5000):
            total = values[i]
    """,
    "a callee changes the loop's own variables": """
        step = 1
        i = 0
        turns = 0
        def faster():
            global step
            if i % 10 == 0:
                step += 1
        while i < 200000:
            i += step
            turns += 1
            faster()
        print(i, step, turns)
    """,
    "functions defined before see what comes later": """
        def get(k):
            return table[k % len(table)]
        table = [1, 2, 3]
        total = 0
        for i in range(3000):
            total += get(i)
            if i % 1000 == 999:
                table = [total % 10, 5]
        print(total, table)
    """,
    "names that vanish": """
        import sys
        for x in range(2500):
            y = x * 2
        del y
        try:
            for x in range(3000):
                if x == 2900:
                    z = 1
                if x == 2950:
                    print(z + y)
        except NameError as error:
            print(error)
        print(sorted(n for n in globals() if not n.startswith("__")))
    """,
    "comprehensions, lambdas and classes beside loops": """
        squares = []
        for i in range(2000):
            squares.append(i * i)
        f = lambda: i
        class A:
            total = 0
            for j in range(1500):
                total += j
        rows = [[a * b for a in range(3)] for b in range(3)]
        for row in rows * 500:
            for v in row:
                i += v
        print(i, f(), A.total, len(squares), rows)
    """,
    "a loop over a generator that reads globals": """
        limit = 2000
        def numbers():
            n = 0
            while n < limit:
                yield n
                n += 1
        total = 0
        for v in numbers():
            total += v
            if v == 1500:
                limit = 1600
        print(total, v, limit)
    """,
    "threads see module variables of a running loop": """
        import threading
        done = False
        def finish():
            global done
            done = True
        t = threading.Timer(0.3, finish)
        t.start()
        n = 0
        while not done:
            n += 1
        t.join()
        print(n > 10)
    """,
}


def run(arguments: list[str], folder: Path) -> tuple[int, str, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ZEXUS_JIT__CACHE": "0"}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=120)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(name: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPTS[name]))
    expected = run([str(script)], tmp_path)
    early = ["--set", "threshold=10", "--set", "background=false", "--set", "record_iterations=3"]
    assert run(["-m", "zexus", "run", *early, str(script)], tmp_path) == expected
    assert run(["-m", "zexus", "run", *early, "--set", "force_exit=2", str(script)], tmp_path) == expected


# --- recursion ------------------------------------------------------------------------------------------------


def towers(n: int, moves: list[int]) -> int:
    if n == 0:
        return 0
    moves[n] += 1
    return towers(n - 1, moves) + 1 + towers(n - 1, moves)


def test_a_function_that_was_given_another_name_is_not_put_into_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    found = native(towers)
    found.__qualname__ = "renamed"
    monkeypatch.setitem(globals(), "towers", found)
    moves = [0] * 8
    assert [found(7, moves) for _ in range(4)] == [127] * 4 and moves[1] == 256
    (region,) = zexus.explain(found).regions
    assert region.tier == "native" and region.versions == 1
    assert sum(kind.outside + kind.inside for kind in region.guards) < 30
