"""A short self-test: small programs under CPython and under Zexus, in many settings, for some seconds."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

from zexus.records import dataclass
from zexus.settings import JIT_DEFAULTS, JitSettings, updated


def _ints(n: int) -> tuple[int, int]:
    a = b = 1
    for i in range(n):
        a = (a * 31 + i) % 1_000_003
        b ^= a << (i & 7)
    return a, b


def _beyond_64_bits(n: int) -> int:
    product = 1
    for i in range(1, n % 60 + 40):
        product = product * i - (i << 3)
    return product


def _floats(n: int) -> tuple[float, float]:
    x, y = 0.5, 0.0
    for i in range(n):
        x = 3.9 * x * (1.0 - x)
        y += math.sqrt(x) / (1 + i % 7)
    return x, y


def _lists(n: int) -> list[Any]:
    xs = [i * 0.5 for i in range(n)]
    rows = [[i, i + 1, i + 2] for i in range(20)]
    for k in range(n - 1):
        xs[k + 1] += xs[k] / 2
        rows[k % 20][k % 3] -= k
    return [xs, rows]


def _sieve(n: int) -> int:
    composite = [False] * (n + 2)
    found = 0
    for number in range(2, n):
        if not composite[number]:
            found += 1
            for multiple in range(number * number, n, number):
                composite[multiple] = True
    return found


def _alternating(n: int) -> tuple[int, float, list[Any]]:
    total, other, seen = 0, 0.0, []
    for i in range(n):
        value: Any = i if i % 97 else i / 2
        if type(value) is int:
            total += value
        else:
            other += value
            seen.append(value)
    return total, other, seen


def _raising(n: int) -> int:
    xs = list(range(n))
    total = 0
    for i in range(n + 5):
        total += xs[i] // (n + 2 - i)
    return total


def _statements(n: int) -> tuple[int, dict[str, int]]:
    total, kept = 0, {}
    for i in range(n):
        total = (total * 7 + i) % 65_537
        if i % 50 == 0:
            kept[f"at {i}"] = total
    return total, kept


def _collatz(n: int) -> int:
    longest = 0
    for start in range(1, n % 200 + 20):
        steps = 0
        while start != 1:
            start = start // 2 if start % 2 == 0 else 3 * start + 1
            steps += 1
        longest = max(longest, steps)
    return longest


def _clamped(x: float, low: float, high: float) -> float:
    return low if x < low else high if x > high else x


def _calls(n: int) -> float:
    total = 0.0
    for i in range(n):
        total += _clamped(i * 0.25 - 20.0, 0.0, 100.0)
    return total


PROGRAMS: tuple[Callable[[int], Any], ...] = (
    _ints, _beyond_64_bits, _floats, _lists, _sieve, _alternating, _raising, _statements, _collatz, _calls)

_NOW: dict[str, Any] = {"threshold": 5, "background": False, "cache": False, "weigh": False, "verify": True}
_WAYS: tuple[dict[str, Any], ...] = (
    _NOW,
    {**_NOW, "force_exit": 1},
    {**_NOW, "passes": {"licm": False, "ranges": False, "strips": False}},
    {**_NOW, "force_exit": 3, "max_versions": 2},
    {**_NOW, "llvm_level": 1, "slice_iterations": 64},
)

_BYTECODE = """
function main(n)
    LOAD_CONST 1
    STORE_LOCAL a
  again:
    LOAD_LOCAL n
    JUMP_IF_FALSE done
    LOAD_LOCAL a
    LOAD_CONST 31
    MUL
    LOAD_LOCAL n
    ADD
    LOAD_CONST 1000003
    MOD
    STORE_LOCAL a
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    STORE_LOCAL n
    JUMP again
  done:
    LOAD_LOCAL a
    RETURN
"""


@dataclass(frozen=True)
class Trial:
    """One program in one setting.

    Attributes:
        name: which.
        wrong: what differs from CPython, or "".
        native: how many iterations of its loops ran as native code.
    """

    name: str
    wrong: str
    native: int


def trials(seconds: float) -> Iterator[Trial]:
    """Run programs until the time is up; each of them at least once."""
    deadline = time.monotonic() + seconds
    for turn in itertools.count():
        settings = updated(JIT_DEFAULTS, _WAYS[turn % len(_WAYS)])
        for program in PROGRAMS:
            if turn and time.monotonic() >= deadline:
                return
            yield _trial(program, 600 + 37 * turn, settings)
        yield from _bytecode(600 + 37 * turn)


def _trial(program: Callable[[int], Any], n: int, settings: JitSettings) -> Trial:
    import zexus

    made = zexus.jit.compile(program, profile=settings)
    outcomes = [(_outcome(program, n), _outcome(made, n)) for _ in range(2)]
    native = sum(region.native_iterations for region in zexus.explain(made).regions)
    wrong = next((f"{right} expected, got {got}" for right, got in outcomes if right != got), "")
    return Trial(program.__name__.strip("_"), wrong, native)


def _bytecode(n: int) -> Iterator[Trial]:
    from zexus.assembly import assemble
    from zexus.vm.vm import MODES, VM

    right = 1
    for i in range(n, 0, -1):
        right = (right * 31 + i) % 1_000_003
    for mode in MODES:
        got = VM(mode).run(assemble(_BYTECODE), n)
        yield Trial(f"bytecode, mode {mode}", "" if got == right else f"{right} expected, got {got}", 0)


def _outcome(function: Callable[[int], Any], n: int) -> str:
    try:
        return repr(function(n))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
