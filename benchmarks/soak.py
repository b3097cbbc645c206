"""A long-running process: threads, forks, copies and new functions for minutes; is every answer right, is memory flat?

Each thread runs compiled functions on random arguments and compares value, type, exception and what became of the
arguments with the plain function's. Meanwhile the main thread forks, sends functions to processes of their own, copies
and pickles them, defines functions anew, and notes how much memory the process holds. The exit code is 1 if an answer
differs or memory grows behind the warm-up.
"""

from __future__ import annotations

import argparse
import copy
import multiprocessing
import os
import pickle
import random
import statistics
import sys
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import zexus

SETTINGS: dict[str, Any] = {"threshold": 50}
# Memory counts from here on, as a part of the whole time; and by how much it may grow.
WARM = 0.4
GROWTH = 0.05
KINDS = ("ints", "floats", "mixed")


def polynomial(coefficients, points):
    total = 0.0
    for x in points:
        value = 0.0
        for c in coefficients:
            value = value * x + c
        total += value
    return total


def digits(numbers):
    found = 0
    for n in numbers:
        while n:
            found += n % 10
            n //= 10
    return found


def product(a, b):
    rows = []
    for row in a:
        made = []
        for j in range(len(b[0])):
            s = 0
            for k in range(len(b)):
                s += row[k] * b[k][j]
            made.append(s)
        rows.append(made)
    return rows


def smoothed(grid, rounds):
    for _ in range(rounds):
        for i in range(1, grid.shape[0] - 1):
            for j in range(1, grid.shape[1] - 1):
                grid[i, j] = (grid[i - 1, j] + grid[i + 1, j] + grid[i, j - 1] + grid[i, j + 1]) / 4
    return grid


def collatz(limit):
    longest = 0, 0
    for start in range(1, limit):
        n, steps = start, 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        longest = max(longest, (steps, start))
    return longest


def guarded(values):
    good = bad = 0
    for a, b in zip(values, values[1:]):  # noqa: RUF007
        try:
            if b > 90:
                raise ValueError(b)
            good += a // b
        except ZeroDivisionError:
            bad += 1
        except ValueError as error:
            bad += error.args[0]
    return good, bad


def failing(values, stop):
    seen = 0
    for i, value in enumerate(values):
        seen += value
        if seen > stop:
            raise OverflowError(f"{seen} at {i}")
    return values[len(values) + stop]


def nested(n):
    rows = [[i * j % 7 for j in range(n)] for i in range(n)]
    return sum(sum(x * x for x in row if x) for row in rows), any(row[-1] == 6 for row in rows)


def moved(points, turn):
    return [(x * turn.real - y * turn.imag, x * turn.imag + y * turn.real) for x, y in points], sum(
        abs(complex(x, y)) for x, y in points)


def words(text):
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def growing(n):
    x = 1
    for i in range(n):
        x = x * 3 + i
    return x


def numbers_of(rng: random.Random, length: int) -> list[Any]:
    """A list of ints, of floats or of both."""
    kind = rng.choice(KINDS)
    ints = [rng.randrange(0, 100) for _ in range(length)]
    if kind == "ints":
        return ints
    return [x * 0.5 if kind == "floats" or rng.random() < 0.1 else x for x in ints]


def matrix_of(rng: random.Random, rows: int, columns: int) -> list[list[Any]]:
    return [numbers_of(rng, columns) for _ in range(rows)]


def product_arguments(rng: random.Random) -> tuple[Any, ...]:
    inner = rng.randrange(2, 12)
    return matrix_of(rng, rng.randrange(2, 12), inner), matrix_of(rng, inner, rng.randrange(2, 12))


def grid_of(rng: random.Random) -> Any:
    kind = rng.choice((np.float64, np.float32, np.int64))
    return np.array([[rng.randrange(100) for _ in range(12)] for _ in range(9)], kind)


WORKLOADS: dict[Callable[..., Any], Callable[[random.Random], tuple[Any, ...]]] = {
    polynomial: lambda rng: (numbers_of(rng, 6), numbers_of(rng, rng.randrange(200))),
    digits: lambda rng: ([rng.randrange(10 ** rng.randrange(1, 25)) for _ in range(60)],),
    product: product_arguments,
    smoothed: lambda rng: (grid_of(rng), rng.randrange(1, 6)),
    collatz: lambda rng: (rng.randrange(2, 300),),
    guarded: lambda rng: ([rng.randrange(100) for _ in range(rng.randrange(300))],),
    failing: lambda rng: (numbers_of(rng, rng.randrange(200)), rng.randrange(20_000)),
    nested: lambda rng: (rng.randrange(1, 40),),
    moved: lambda rng: ([(rng.random(), rng.random()) for _ in range(150)], complex(rng.random(), rng.random())),
    words: lambda rng: (" ".join(rng.choice("abcdefg") * rng.randrange(1, 3) for _ in range(100)),),
    fibonacci: lambda rng: (rng.randrange(16),),
    growing: lambda rng: (rng.randrange(300),),
}
COMPILED = {plain.__name__: zexus.jit.compile(plain, **SETTINGS) for plain in WORKLOADS}


@zexus.jit.compile(**SETTINGS)
def shared(numbers):
    """As `digits`; other processes find it by its name."""
    found = 0
    for n in numbers:
        while n:
            found += n % 10
            n //= 10
    return found


DEFINITION = """
def anew(n, k):
    total = 0
    for i in range(n):
        total += i * k & 255
    return total
"""


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What a user sees of a call: value with types, or exception, and the arguments behind it."""
    try:
        found = "value", described(function(*arguments))
    except Exception as error:
        found = "error", (type(error).__name__, str(error))
    return found, described(arguments)


def described(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [described(item) for item in value]
    return type(value).__name__, repr(value)


def differs(plain: Callable[..., Any], compiled: Callable[..., Any], rng: random.Random) -> str:
    """What is wrong with a call on random arguments; "" if nothing is."""
    arguments = WORKLOADS[plain](rng)
    mine, theirs = outcome(compiled, copy.deepcopy(arguments)), outcome(plain, copy.deepcopy(arguments))
    return "" if mine == theirs else f"{plain.__name__}{arguments!r:.300}: {mine!r:.300}, and not {theirs!r:.300}"


class Soak:
    """The run.

    Args:
        seed: decides on the arguments.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []

    def note(self, what: str, problem: str = "") -> None:
        with self.lock:
            self.counts[what] += 1
            if problem:
                self.problems.append(f"{what}: {problem}")

    def calls(self, number: int) -> None:
        """What one thread does."""
        rng = random.Random(self.seed + number)
        plains = list(WORKLOADS)
        while not self.stop.is_set():
            plain = rng.choice(plains)
            try:
                self.note("calls", differs(plain, COMPILED[plain.__name__], rng))
            except BaseException:
                self.note("calls", traceback.format_exc())

    def forks(self, rng: random.Random) -> None:
        """A child of this process, with its threads gone, runs on."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # forks of processes with threads are what is tried
            child = os.fork()
        if not child:
            wrong = [found for plain in WORKLOADS if (found := differs(plain, COMPILED[plain.__name__], rng))]
            os._exit(1 if wrong else 0)
        _, status = os.waitpid(child, 0)
        self.note("forks", f"status {status}" if status else "")

    def spawns(self, rng: random.Random) -> None:
        """A fresh process is sent a function and its arguments."""
        numbers = [rng.randrange(10**6) for _ in range(1000)]
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found = pool.apply(shared, (numbers,))
        self.note("spawns", "" if found == digits(numbers) else f"{found} instead of {digits(numbers)}")

    def copies(self, rng: random.Random) -> None:
        """Functions are pickled, copied and used again."""
        for made in (pickle.loads(pickle.dumps(shared)), copy.copy(shared), copy.deepcopy(shared)):
            self.note("copies", differs(digits, made, rng))

    def definitions(self, rng: random.Random) -> None:
        """A cell of a notebook that is run again and again: a new function of the old name."""
        exec(compile(DEFINITION, __file__, "exec"), globals())
        n, k = rng.randrange(1000), rng.randrange(1000)
        found = zexus.jit.compile(globals()["anew"], **SETTINGS)(n, k)
        right = sum(i * k & 255 for i in range(n))
        self.note("definitions", "" if found == right else f"{found} instead of {right}")


def resident() -> float:
    """What the process holds, in MiB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def run(minutes: float, threads: int, seed: int) -> int:
    """Soak for some minutes; the exit code."""
    soak = Soak(seed)
    rng = random.Random(seed)
    workers = [threading.Thread(target=soak.calls, args=(number,), daemon=True) for number in range(1, threads + 1)]
    for worker in workers:
        worker.start()
    began = time.monotonic()
    told = 0.0
    memory: list[tuple[float, float]] = []
    for turn in iter(lambda: len(memory), None):
        elapsed = (time.monotonic() - began) / 60
        if elapsed >= minutes or soak.problems:
            break
        memory.append((elapsed, resident()))
        if elapsed >= told:
            told += max(minutes / 10, 0.25)
            print(f"{elapsed:6.1f} min  {memory[-1][1]:7.1f} MiB  {dict(soak.counts)}", flush=True)
        soak.copies(rng)
        soak.definitions(rng)
        soak.forks(rng)
        if turn % 20 == 0:
            soak.spawns(rng)
        time.sleep(0.5)
    soak.stop.set()
    for worker in workers:
        worker.join(60)
    warm = [held for elapsed, held in memory if elapsed >= WARM * minutes] or [0.0]
    half = max(1, len(warm) // 2)
    early, late = statistics.median(warm[:half]), statistics.median(warm[-half:])
    print(dict(soak.counts))
    for name, made in COMPILED.items():
        regions = zexus.explain(made).regions
        print(f"  {name:12} {'; '.join(f'{r.tier} {r.code}, {r.versions} versions' for r in regions)}")
    print(f"memory behind the warm-up: {early:.1f} MiB, then {late:.1f} MiB ({late / max(early, 1) - 1:+.1%})")
    for problem in soak.problems[:5]:
        print("WRONG:", problem)
    grows = late > early * (1 + GROWTH)
    print(f"{len(soak.problems)} answers differ; memory {'GROWS' if grows else 'is flat'}")
    return 1 if soak.problems or grows else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.exit(run(options.minutes, options.threads, options.seed))


if __name__ == "__main__":
    main()
