"""Random loops over integer arrays, most of which are small, give CPython's answers."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import zexus

STATEMENTS = (
    "total += int(a[i])", "total -= int(a[i]) * 3", "product += int(a[i]) * int(b[i])", "product -= i * int(b[i])",
    "if int(a[i]) > 100: count += 1", "if total > 10**12: total -= 10**12", "mixed ^= int(a[i]) + int(b[i])",
    "mixed += int(a[i]) // 7 - int(b[i]) % 13", "out[i] = int(a[i]) - i", "out[i] = total & 65535",
    "mixed ^= int(b[i]) >> 3", "count += abs(int(b[i])) & 3", "last = int(a[i]) - last", "x += int(a[i]) * 0.5",
)  # fmt: skip
HEAD = """
def f(a, b, out):
    total = product = count = mixed = last = 0
    x = 0.0
    for i in range(len(a)):
"""
KINDS = (np.int64, np.int64, np.int64, np.int32, np.uint8, np.uint32)


def loops(seed: int, folder: Path) -> list[Callable[..., Any]]:
    """The same random function twice."""
    chosen = random.Random(seed).sample(STATEMENTS, 4)
    path = folder / f"random_loop_{seed}.py"
    answer = "    return total, product, count, mixed, last, x, out\n"
    path.write_text(HEAD + "".join(f"        {line}\n" for line in chosen) + answer)
    found = []
    for _ in range(2):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found.append(module.f)
    return found


def numbers(source: random.Random, length: int) -> Any:
    kind = np.dtype(source.choice(KINDS))
    edges = np.iinfo(kind)
    low, high = (-500, 500) if edges.min < 0 else (0, 200)
    made = np.array([source.randrange(low, high) for _ in range(length)], kind)
    for _ in range(source.choice((0, 0, 1, 3)) if length else 0):
        made[source.randrange(length)] = source.choice((edges.min, edges.max, edges.max // 2, 2**20 % edges.max))
    return made


def outcome(function: Callable[..., Any], *arguments: Any) -> str:
    try:
        return repr(function(*arguments)[:-1])
    except OverflowError as error:
        return repr(error)


def agrees(seed: int, folder: Path) -> bool:
    """Compare one random loop on random arrays; whether it was native."""
    plain, other = loops(seed, folder)
    compiled = zexus.jit.compile(other, threshold=1, background=False, cache=False, weigh=False, max_versions=20)
    source = random.Random(seed)
    for _ in range(25):
        length = source.choice((0, 3, 700, 1024, 5000, 9000))
        a, b = numbers(source, length), numbers(source, length)
        mine, its = (np.zeros(length, np.int64) for _ in range(2))
        assert outcome(compiled, a, b, its) == outcome(plain, a, b, mine), seed
        assert (mine == its).all(), seed
    return bool(zexus.explain(compiled).regions[0].native_iterations)


def test_loops_over_integers(tmp_path: Path) -> None:
    native = [agrees(seed, tmp_path) for seed in range(16)]
    assert sum(native) >= 12
