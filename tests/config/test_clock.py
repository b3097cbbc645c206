"""The clock of measurements: it stands still while others have the processor, and goes on while the program waits."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time

import pytest

from zexus.config import clock


def test_it_counts_what_the_program_waits_for() -> None:
    start = clock.now()
    time.sleep(0.2)
    assert clock.now() - start > 0.15


def test_it_never_goes_back() -> None:
    seen = [clock.now() for _ in range(300)]
    assert all(left <= right + 1e-4 for left, right in itertools.pairwise(seen))
    assert clock.unit() > 0


@pytest.mark.skipif(not os.path.exists("/proc/thread-self/schedstat"), reason="the system does not tell who waits")
def test_others_do_not_count() -> None:
    """On one processor, beside a process that never rests, the wall clock runs about twice as fast."""
    program = (
        "import os, time\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from zexus.config import clock\n"
        "child = os.fork()\n"
        "while child == 0:\n"
        "    pass\n"
        "own, wall, used = clock.now(), time.perf_counter(), time.process_time()\n"
        "while time.process_time() - used < 0.5:\n"
        "    pass\n"
        "print(clock.now() - own, time.perf_counter() - wall)\n"
        "os.kill(child, 9)\n")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    own, wall = map(float, done.stdout.split())
    assert own < wall * 0.85


def test_without_the_system_s_help_it_is_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("builtins.open", refuse)
    before = time.perf_counter()
    assert before <= clock.now() <= time.perf_counter()
