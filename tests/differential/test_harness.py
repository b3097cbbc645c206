"""The harness notices every kind of wrong answer: deliberately wrong engines are caught."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

import numpy as np
import pytest

from . import harness
from .cases import Program, load_text
from .workers import Worker, shrink

TEXT = """
import warnings
import numpy as np
from ..cases import case

TOTAL = 0


def f(xs, n):
    global TOTAL
    TOTAL += n
    for i in range(n):
        xs[i] = i
    print("done", n)
    warnings.warn("careful")
    if n > 3:
        raise ValueError("too many")
    return [n == 2, 1.0 * n, -0.0, np.float64(n), xs]


case(f, lambda: ([0, 0, 0], 2), lambda: ([0] * 9, 5), long=lambda: ([0, 0, 0], 3))
"""

Wrong = Callable[[Any], Any]


def compare(wrong: Wrong, text: str = TEXT, name: str = "f") -> list[str]:
    label = f"<harness test {abs(hash(text))}>"
    reference, subject = (load_text(text, label, "harness_text") for _ in range(2))

    def make(function: Any) -> Any:
        engine = wrong(function)
        engine.__qualname__ = function.__qualname__
        return engine

    found, _ = harness.compare(reference, subject, name, make, 2)
    return [difference.field for difference in found]


def on_result(change: Callable[[Any], Any]) -> Wrong:
    def engine(function: Any) -> Any:
        def wrapped(*args: Any) -> Any:
            if args[1] > 3:
                return function(*args)
            return change(function(*args))

        return wrapped

    return engine


def replaced(position: int, value: Any) -> Callable[[Any], Any]:
    return lambda result: [value if k == position else item for k, item in enumerate(result)]


@pytest.mark.parametrize(
    ("position", "value"),
    [
        (0, 1),
        (0, 1.0),
        (0, np.True_),
        (1, 2),
        (1, np.float64(2.0)),
        (1, float("nan")),
        (2, 0.0),
        (2, 0),
        (3, 2.0),
        (3, np.float32(2)),
        (4, (0, 1, 0)),
        (4, [0.0, 1, 0]),
        (4, [False, True, 0]),
        (4, np.array([0, 1, 0])),
    ],
)
def test_wrong_values_and_types_are_caught(position: int, value: Any) -> None:
    assert "value" in compare(on_result(replaced(position, value)))


def test_the_right_engine_passes() -> None:
    assert compare(harness.plain) == []
    assert compare(on_result(lambda result: result)) == ["traceback", "carets"], "its own frame shows"


def test_a_lost_mutation_is_caught() -> None:
    def engine(function: Any) -> Any:
        return lambda xs, n: function(copy.deepcopy(xs), n)

    assert "state" in compare(engine)


def test_lost_aliasing_is_caught() -> None:
    assert "state" in compare(on_result(replaced(4, [0, 1, 0])))


def test_a_lost_global_is_caught() -> None:
    def engine(function: Any) -> Any:
        def wrapped(*args: Any) -> Any:
            before = function.__globals__["TOTAL"]
            try:
                return function(*args)
            finally:
                function.__globals__["TOTAL"] = before

        return wrapped

    assert "state" in compare(engine)


def test_lost_output_and_warning_are_caught() -> None:
    def silent(function: Any) -> Any:
        def wrapped(*args: Any) -> Any:
            with redirect_stdout(StringIO()):
                return function(*args)

        return wrapped

    def deaf(function: Any) -> Any:
        def wrapped(*args: Any) -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return function(*args)

        return wrapped

    assert compare(silent) == ["output"]
    assert compare(deaf) == ["warnings"]


def test_a_warning_at_another_line_is_caught() -> None:
    def engine(function: Any) -> Any:
        return _moved(function, 'warnings.warn("careful")', '\n    warnings.warn("careful")')

    assert compare(engine) == ["warnings"]


def _moved(function: Any, old: str, new: str) -> Any:
    text = TEXT.replace(old, new)
    space: dict[str, Any] = {"__package__": __package__ + ".corpus", "__name__": "harness_text"}
    exec(compile(text, function.__code__.co_filename, "exec"), space)
    function.__code__ = space["f"].__code__
    return function


def test_a_wrong_line_in_the_traceback_is_caught() -> None:
    assert compare(lambda f: _moved(f, "    if n > 3", "\n    if n > 3")) == ["traceback", "carets"]


def test_a_wrong_column_in_the_traceback_is_caught() -> None:
    assert compare(lambda f: _moved(f, "        raise", "         raise")) == ["carets"]


def test_another_exception_is_caught() -> None:
    assert "error" in compare(lambda f: _moved(f, '"too many"', '"too much"'))
    assert "error" in compare(lambda f: _moved(f, "raise ValueError", "raise TypeError"))
    assert "error" in compare(lambda f: _moved(f, 'raise ValueError("too many")', "pass"))


def test_frames_of_the_engine_are_caught() -> None:
    def engine(function: Any) -> Any:
        space: dict[str, Any] = {"function": function}
        name = os.path.join(os.sep, "site-packages", "zexus", "jit", "host.py")
        exec(compile("def wrapped(*args):\n    return function(*args)\n", name, "exec"), space)
        return space["wrapped"]

    assert compare(engine) == ["traceback", "carets"]


def freeze(*values: Any) -> tuple[Any, ...]:
    freezer = harness.Freezer()
    return tuple(map(freezer.freeze, values))


def test_freezing_keeps_the_structure_of_aliases() -> None:
    row = [0]
    assert freeze([row] * 3) != freeze([[0], [0], [0]])
    assert freeze([row, row, [0]]) != freeze([row, [0], row])
    assert freeze([row] * 3, row) == freeze([(other := [0])] * 3, other)
    loop: list[Any] = [1]
    loop.append(loop)
    assert freeze(loop) == freeze(loop)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        (0.0, -0.0),
        (1.0, np.float64(1)),
        (np.float32(1), np.float64(1)),
        (np.int64(1), 1),
        (np.uint8(1), np.int32(1)),
        ([1], (1,)),
        ({1: 2, 3: 4}, {3: 4, 1: 2}),
        (np.zeros(3), np.zeros(3, np.float32)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.array([0.0]), np.array([-0.0])),
        (2**70, 2**70 + 1),
        ("a", b"a"),
        (None, False),
        (1j, 1),
        (range(3), range(4)),
        (np.zeros((2, 2)), np.zeros((2, 2), order="F")),
        (np.True_, True),
        (float("inf"), 1e308),
    ],
)
def test_freezing_tells_apart(one: Any, other: Any) -> None:
    assert freeze(one) != freeze(other)


@pytest.mark.parametrize(
    "one", [float("nan"), np.float64("nan"), [float("nan")], np.array([np.nan, -0.0]), {1, 2}, range(3), 2**80]
)
def test_freezing_is_reproducible(one: Any) -> None:
    assert freeze(one) == freeze(copy.deepcopy(one))


@dataclass(frozen=True)
class Region:
    """What misplaced() reads of a region report."""

    first_line: int
    last_line: int
    tier: str
    iterations: int
    native_iterations: int
    kind: str = "for"
    code: str = "ZX001"
    reason: str = "cold"
    side_exits: int = 0


def test_misplaced_loops_are_told() -> None:
    cold = [Region(5, 9, "python", 100, 0)]
    warm = [Region(5, 9, "native", 1100, 1000)]
    assert harness.misplaced({5: "native"}, cold, warm) == []
    assert harness.misplaced({5: "python"}, cold, warm)
    assert harness.misplaced({5: "native"}, cold, [Region(5, 9, "native", 1100, 900)])
    assert harness.misplaced({5: "native"}, cold, [Region(5, 9, "python", 1100, 1000)])
    assert harness.misplaced({5: "native"}, warm, warm)
    assert harness.misplaced({6: "native"}, cold, warm)
    assert harness.misplaced({5: "native", 7: "native"}, cold, [*warm, Region(7, 8, "python", 0, 0)]) == []
    assert harness.misplaced({5: "python"}, cold, [Region(5, 9, "python", 1100, 0)]) == []


def test_marks_are_read_from_the_loop_lines() -> None:
    text = TEXT.replace("for i in range(n):", "for i in range(n):  # native")
    program: Program = load_text(text, "<marked>", "marked")
    assert program.cases["f"].marks == {text.splitlines().index("    for i in range(n):  # native") + 1: "native"}


def test_a_crash_and_a_hang_are_answers() -> None:
    crash = "import os\nfrom ..cases import case\n\n\ndef f():\n    os._exit(3)\n\n\ncase(f, ())\n"
    hang = "from ..cases import case\n\n\ndef f():\n    while True:\n        pass\n\n\ncase(f, ())\n"
    worker = Worker(lifetime=2, patience=20.0)
    assert "exit code 3" in worker.ask("generated", crash, "crash", ("plain",))["failure"]
    assert worker.ask("generated", TEXT, "fine", ("plain",))["problems"] == {}
    worker.patience = 2.0
    assert "no answer" in worker.ask("generated", hang, "hang", ("plain",))["failure"]
    worker.stop()


def test_shrinking_keeps_what_fails() -> None:
    lines = [f"x{k} = {k}" for k in range(30)]
    small = shrink(lines, lambda text: "x7 " in text and "x21 " in text)
    assert small.splitlines() == ["x7 = 7", "x21 = 21"]
