"""Loops without the interpreter's lock: other threads run beside them, and all that the lock is needed for has it."""

from __future__ import annotations

import signal
import threading
from typing import Any

import numpy as np
import pytest

import zexus
from zexus.jit.emit import function
from zexus.regvm.text import parse
from zexus.settings import JitSettings

SOON: dict[str, Any] = {"threshold": 10, "background": False, "cache": False}
# Without a time slice nothing else would have its turn.
UNSLICED = 2**30


def fill(marks: Any, rounds: int) -> int:
    total = 0
    for turn in range(rounds):
        for i in range(len(marks)):
            marks[i] = turn
            total += i & turn
    return total


def smooth(source: Any, target: Any, rounds: int) -> float:
    total = 0.0
    for _ in range(rounds):
        for i in range(1, len(source) - 1):
            target[i] = (source[i - 1] + source[i] + source[i + 1]) / 3.0
            total += target[i]
    return total


def grown(marks: Any, found: list[int]) -> int:
    total = 0
    for i in range(len(marks)):
        found.append(i)
        total += int(marks[i])
    return total


def seen_beside(nogil: bool) -> set[int]:
    """The marks that another thread sees while native code runs."""
    compiled = zexus.jit.compile(fill, **SOON, nogil=nogil, slice_iterations=UNSLICED)
    for _ in range(2):
        compiled(np.zeros(100, np.int64), 100)
    marks = np.full(1000, -1)
    rounds = 200_000
    thread = threading.Thread(target=compiled, args=(marks, rounds))
    thread.start()
    seen: set[int] = set()
    while thread.is_alive():
        seen.add(int(marks[-1]))
    thread.join()
    assert all(region.tier == "native" for region in zexus.explain(compiled).regions)
    return seen - {-1, rounds - 1}


def test_other_threads_run_beside_it() -> None:
    assert len(seen_beside(nogil=True)) > 10


def test_without_the_setting_they_wait() -> None:
    assert len(seen_beside(nogil=False)) <= 1


@pytest.mark.parametrize("forced", [0, 1, 3])
@pytest.mark.parametrize("every", [16, 65536])
def test_the_same_answers(every: int, forced: int) -> None:
    compiled = zexus.jit.compile(smooth, **SOON, nogil=True, slice_iterations=every, force_exit=forced)
    source = np.linspace(-3.0, 5.0, 300)
    source[77] = np.inf
    for rounds in (20, 30):
        mine, wanted = np.zeros(300), np.zeros(300)
        assert compiled(source, mine, rounds) == smooth(source, wanted, rounds)
        assert np.array_equal(mine, wanted)


def test_exceptions_leave_it_with_the_lock() -> None:
    compiled = zexus.jit.compile(fill, **SOON, nogil=True)
    compiled(np.zeros(100, np.int64), 100)
    frozen = np.zeros(100, np.int64)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        compiled(frozen, 100)
    with pytest.raises(OverflowError):
        compiled(np.zeros(50, np.int8), 1000)


def test_loops_with_objects_keep_it() -> None:
    compiled = zexus.jit.compile(grown, **SOON, nogil=True)
    found: list[int] = []
    assert [compiled(np.arange(100), found) for _ in range(3)] == [4950] * 3
    assert found == [*range(100)] * 3


def test_signals_are_served_in_its_time_slices() -> None:
    compiled = zexus.jit.compile(fill, **SOON, nogil=True)
    compiled(np.zeros(100, np.int64), 100)

    def ring(number: int, frame: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(TimeoutError):
            compiled(np.zeros(1000, np.int64), 2**40)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_function_without_loops_has_no_use_for_it() -> None:
    fn = parse("function f typed ()\nbb0:\n  LEAVE [0]\n")
    fn.refs = ["time slice", "counters"]
    assembly = function.emit(fn, "f", settings=JitSettings(nogil=True))
    assert "PyEval_SaveThread" not in assembly
