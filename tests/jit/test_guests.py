"""Numba in programs whose functions were rewritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import zexus
from zexus.jit.guests import unwritten

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import numba
import numpy as np


def outer(mask):
    @numba.njit
    def inner(n, m=3):
        s = 0
        for i in range(n):
            s += i & mask
        return s + m
    return inner


@numba.vectorize
def tripled(x):
    total = 0
    for i in range(3):
        total += x
    return total


def plain(n):
    s = 0
    for i in range(n):
        s += i & 3
    return s


print(plain(5000), numba.njit(plain)(5000), outer(7)(100), tripled(np.arange(4)))
"""


def total(n, start=1):
    s = start
    for i in range(n):
        s += i
    return s


def test_numba_compiles_functions_of_a_program(tmp_path: Path) -> None:
    script = tmp_path / "guest.py"
    script.write_text(PROGRAM)
    settings = ["--set", "jit.threshold=10", "--set", "jit.background=false"]
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    answers = [
        subprocess.run([sys.executable, *words, str(script)], capture_output=True, text=True, env=environment,
                       check=True, timeout=120).stdout
        for words in ([], ["-m", "zexus", "run", *settings])
    ]
    assert answers[0] == answers[1] != ""


def test_numba_compiles_what_a_compiled_function_was_made_of() -> None:
    import numba

    compiled = zexus.jit.compile(total, threshold=10, background=False)
    assert compiled(100) == 4951
    assert numba.njit(compiled)(100) == 4951


def test_a_function_gets_its_own_code_back() -> None:
    compiled = zexus.jit.compile(total, threshold=10, background=False)
    back = unwritten(compiled)
    assert back.__code__ is total.__code__ is not compiled.__code__
    assert back(10) == 46 and back.__defaults__ == (1,) and back.__qualname__ == total.__qualname__
    assert unwritten(total) is total and unwritten(len) is len
