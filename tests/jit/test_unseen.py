"""Functions that no earlier run has called begin without probes, and get them when they are called after all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from zexus.frontend.unseen import Unseen

PROGRAM = '''
import inspect
import pickle
import sys
import traceback


def sums(n):
    """Sums."""
    total = 0
    for i in range(n):
        total += i * 2
    return total


class Box:
    def __init__(self, size):
        self.size = size

    def fill(self, n):
        for i in range(n):
            self.size += i
        return self.size

    @staticmethod
    def listed(n):
        return [i * i for i in range(n)]


def drawn(n):
    for i in range(n):
        yield i


def outer(n):
    def inner(k):
        return sum(i * k for i in range(n))

    return inner


def failing(xs):
    for x in xs:
        1 // x


def always(n):
    total = 0
    for i in range(n):
        total += i
    return total


def names(n):
    found = sorted(locals())
    for i in range(n):
        pass
    return found


print(always(3000), sums.__doc__, inspect.getsource(sums)[:12], pickle.loads(pickle.dumps(sums)) is sums)
print(inspect.isgeneratorfunction(drawn), sums.__code__.co_argcount, names.__code__.co_argcount)
if len(sys.argv) > 1:
    print([sums(3000) for _ in range(60)][-1], Box(1).fill(10), Box(2).fill(2000), Box.listed(4), list(drawn(3)))
    print(outer(10)(3), names(2))
    for _ in range(3):
        try:
            failing([1, 2, 0])
        except ZeroDivisionError:
            print("".join(traceback.format_exc().splitlines(keepends=True)[2:]))
'''


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def run(script: Path, *arguments: str, plain: bool = False) -> tuple[str, str]:
    """What a run prints, and what is reported of its loops."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZEXUS_")}
    environ.update(ZEXUS_CACHE_DIR=str(script.parent / "cache"), ZEXUS_JIT__EFFORT_SHARE="1",
                   ZEXUS_JIT__BACKGROUND="false", ZEXUS_JIT__THRESHOLD="1000")
    ways = [] if plain else ["-m", "zexus", "run", "--report"]
    done = subprocess.run([sys.executable, *ways, str(script), *arguments], env=environ, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def native(report: str) -> set[str]:
    """The lines of the loops that went native."""
    rows = (line.split() for line in report.splitlines())
    return {row[0] for row in rows if len(row) > 2 and row[2] == "native"}


def called(script: Path) -> set[str]:
    books = (json.loads(path.read_text()) for path in (script.parent / "cache").rglob("*.json"))
    return {name for book in books for name in book["called"]}


def test_what_a_run_calls_is_known_to_the_next_ones(script: Path) -> None:
    first = run(script)[0]
    assert called(script) == {"always"}
    assert run(script)[0] == first == run(script, plain=True)[0]
    wanted = run(script, "more", plain=True)[0]
    shown, report = run(script, "more")
    assert shown == wanted
    loop = PROGRAM.splitlines().index("        total += i * 2")
    assert f"{loop}-{loop + 1}" in native(report), report
    assert {"always", "sums", "Box.fill", "Box.listed", "drawn", "outer", "failing"} <= called(script)
    assert run(script, "more")[0] == wanted


def test_all_begins_anew_when_the_program_is_another(script: Path) -> None:
    run(script)
    script.write_text(PROGRAM + "\n# changed\n")
    run(script, "more")
    assert {"sums", "always"} <= called(script)


@pytest.mark.parametrize("error", [RecursionError, SyntaxError, ValueError])
def test_what_goes_wrong_with_it_is_not_the_programs(error: type[Exception]) -> None:
    told: list[Any] = []

    def tell(source: Any) -> None:
        told.append(source)
        raise error

    seen = Unseen(lambda: "the source", tell)  # type: ignore[arg-type,return-value]
    assert [None in seen for _ in range(3)] == [False] * 3
    assert told == ["the source"], "it is told once"
