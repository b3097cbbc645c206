"""Which native loops work on several iterations at once: LLVM's remarks in the user's words and lines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zexus
from zexus.jit import service
from zexus.jit.emit import function, library
from zexus.jit.emit.located import Listing, LoopPlace
from zexus.jit.explain import reporter_of, underlying
from zexus.jit.remarks import Remark, parsed
from zexus.jit.vectorization import VectorRemark, lines_in_words, reason_of, understood

ROOT = Path(__file__).resolve().parents[2]


def scaled(a, b):
    for i in range(len(a)):
        b[i] = a[i] * 2.0 + 1.0


def summed(a, b):
    s = 0.0
    for i in range(len(a)):
        s += a[i]
    return s


def recurrent(a, b):
    for i in range(1, len(a)):
        b[i] = b[i - 1] * 0.5


def listed(a, b):
    s = 0
    for x in a:
        if x > 7:
            s += x
    return s


def run(source: Any, a: Any, b: Any, **settings: Any) -> Any:
    new = zexus.jit.compile(source, background=False, cache=False, threshold=100, measure=False, **settings)
    new(a, b)
    return new


def remark(source: Any, a: Any, b: Any, **settings: Any) -> VectorRemark:
    (region,) = zexus.explain(run(source, a, b, **settings), vectorized=True).regions
    assert region.tier == "native"
    (found,) = region.vectorization
    return found


def unit(new: Any) -> Any:
    (tier,) = reporter_of(underlying(new)).tiers()  # type: ignore[union-attr, arg-type]
    return tier.version.unit


@pytest.fixture
def arrays() -> tuple[Any, Any]:
    return np.arange(5000.0), np.ones(5000)


def test_a_loop_that_is_vectorized(arrays: tuple[Any, Any]) -> None:
    found = remark(scaled, *arrays)
    assert found.vectorized and re.match(r"\d+ iterations at once", found.reason)
    assert found.line == scaled.__code__.co_firstlineno + 1


@pytest.mark.parametrize(("source", "words", "offset"), [(summed, "adds up floats", 3), (recurrent, "reads what", 2)])
def test_a_loop_that_is_not_has_a_reason_and_a_line(
    source: Any, words: str, offset: int, arrays: tuple[Any, Any]
) -> None:
    found = remark(source, *arrays)
    assert not found.vectorized and words in found.reason and found.tradeoff
    assert found.place is not None and found.place.line == source.__code__.co_firstlineno + offset
    text = str(zexus.explain(run(source, *arrays), vectorized=True))
    assert "not vectorized: the loop in line" in text and f"would change results: {found.tradeoff}" in text


def test_guards_are_named_as_the_reason() -> None:
    found = remark(listed, list(range(5000)), None)
    assert not found.vectorized
    first = listed.__code__.co_firstlineno
    assert re.search(rf"at its guards: .*type in lines? .*{first + 2}", found.reason)


@pytest.mark.parametrize("source", [scaled, summed, recurrent])
def test_what_is_said_is_true_of_the_code_in_service(source: Any, arrays: tuple[Any, Any]) -> None:
    new = run(source, *arrays)
    code = library.optimized(function.emit(unit(new).fn, "looked_at"))
    has_vectors = re.search(r"f(add|mul)[a-z ]* <\d+ x double>", code) is not None
    (told,) = zexus.explain(new, vectorized=True).regions[0].vectorization
    assert told.vectorized == has_vectors


def test_the_setting_that_forbids_it_is_named(arrays: tuple[Any, Any]) -> None:
    found = remark(scaled, *arrays, vectorize=False)
    assert not found.vectorized and "jit.vectorize is off" in found.reason


def test_without_a_process_there_is_a_remark_instead(
    arrays: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = run(scaled, *arrays)
    monkeypatch.setattr(service, "interpreter", lambda: None)
    found = zexus.explain(new, vectorized=True)
    assert "there is no interpreter" in found.remark
    assert found.regions[0].tier == "native" and found.regions[0].vectorization == ()


def test_who_does_not_ask_pays_nothing(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys, zexus\n"
                      "def f(n):\n    s = 0\n    for i in range(n): s += i % 7\n    return s\n"
                      "g = zexus.jit.compile(f, background=False, cache=False)\ng(10000)\n"
                      "assert zexus.explain(g).regions[0].tier == 'native'\n"
                      "print(sorted({'zexus.jit.remarks', 'zexus.jit.emit.located', 'subprocess'} & set(sys.modules)))"
                      "\nassert zexus.explain(g, vectorized=True).regions[0].vectorization\n"
                      "print('zexus.jit.remarks' in sys.modules)\n")
    found = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120,
                           env=dict(os.environ, PYTHONPATH=str(ROOT)))
    assert found.stdout == "[]\nTrue\n", found.stderr


def test_code_in_service_carries_no_locations(arrays: tuple[Any, Any]) -> None:
    assert "!dbg" not in function.emit(unit(run(scaled, *arrays)).fn, "looked_at")


def power(n):
    return 1 if n < 1 else 2 * power(n - 1) % 1000


def test_functions_that_call_themselves_are_left_out() -> None:
    new = zexus.jit.compile(power, background=False, cache=False, threshold=50)
    for _ in range(200):
        assert new(20) == power(20)
    found = zexus.explain(new, vectorized=True)
    assert found.remark == ""
    assert [(one.kind, one.tier, one.vectorization) for one in found.regions] == [("function", "native", ())]


def test_a_function_that_was_not_compiled_is_not_asked_about() -> None:
    assert zexus.explain(scaled, vectorized=True) == zexus.explain(scaled)


TEXT = """\
warning: something else
remark: 0:5:0: loop not vectorized: call instruction cannot be vectorized
remark: 0:4:1: loop not vectorized
Backward loop carried data dependence.
remark: <unknown>:0:0: loop not vectorized
remark: 0:7:2: vectorized loop (vectorization width: 4, interleaved count: 2)
"""


def test_remarks_belong_to_the_loop_that_follows() -> None:
    assert parsed(TEXT)[0] == Remark(0, 5, 0, "loop not vectorized: call instruction cannot be vectorized")
    loops = tuple(LoopPlace("f.py", line, (), True) for line in (4, 7, 9))
    first, second, third = understood(Listing("", ("f.py",), loops), parsed(TEXT))
    assert (first.vectorized, first.place and first.place.line) == (False, 5) and "calls a function" in first.reason
    assert second.vectorized and second.reason == "4 iterations at once, 2 times interleaved."
    assert not third.vectorized and "nothing of it" in third.reason


def test_words_that_are_not_known_are_passed_on() -> None:
    assert reason_of("loop not vectorized: of a new kind").text == "LLVM: of a new kind."


@pytest.mark.parametrize(("lines", "words"), [
    ([7], "line 7"), ([7, 8], "lines 7-8"), ([9, 3, 5, 4, 3], "lines 3-5, 9"), ([1, 3], "lines 1, 3"),
])
def test_lines_that_follow_each_other_are_told_as_one(lines: list[int], words: str) -> None:
    assert lines_in_words(lines) == words
