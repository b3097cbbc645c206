"""The bytecode programs in `examples/`: what they print and return, on every machine, and by the command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from zexus.assembly import assemble
from zexus.vm.vm import MODES, VM

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

# The arguments of each program, and what it prints, the value that it returns last.
RUNS: dict[str, tuple[tuple[Any, ...], str]] = {
    "calculator": (('2 * (3 + 4) - 10 / 4',), """\
[('push', 2), ('push', 3), ('push', 4), ('+', None), ('*', None), ('push', 10), ('push', 4), ('/', None), ('-', None)]
11.5
"""),
    "closures": ((80,), """\
11 12 101
[13, 102]
23416728348467685
"""),
    "errors": ((), """\
[1.0, 'no inverse of zero', 'ValueError', 'ValueError', 'gone']
cleaned up
taken outside: negative
attempt 1 failed
attempt 2 failed
3
"""),
    "graph": (('a', 'e'), """\
{'a': 0, 'b': 7, 'c': 9, 'f': 11, 'd': 20, 'e': 20}
('a-c-f-e', 20)
"""),
    "life": ((8,), """\
.....
.....
...#.
....#
..###
[(2, 4), (3, 2), (3, 4), (4, 3), (4, 4)]
"""),
    "matrices": ((90,), """\
2880067194370816120
[[1, 4], [2, 5], [3, 6]]
[[14, 32], [32, 77]]
"""),
    "primes": ((1000,), """\
(168, 997)
"""),
    "queens": ((6,), """\
.Q....
...Q..
.....Q
Q.....
..Q...
....Q.
4
"""),
    "recursion": ((5000,), """\
['ac', 'ab', 'cb', 'ac', 'ba', 'bc', 'ac']
[[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 2, 1], [3, 1, 2]]
9
12502500
"""),
    "sequences": ((12,), """\
[0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
[12, 6, 3, 10, 5, 16, 8, 4, 2, 1]
[1]
[1, 1]
[1, 2, 1]
[1, 3, 3, 1]
[1, 4, 6, 4, 1]
[1, 5, 10, 10, 5, 1]
['1', '11', '21', '1211', '111221', '312211', '13112221']
2.718281828459
"""),
    "sorting": ((60,), """\
[81, 33, 269, 461, 856, 93, 677, 500] [10, 33, 59, 65, 71, 71, 81, 83]
True
"""),
    "words": (('Anna saw Otto ride a kayak saw',), """\
[('a', 1), ('anna', 1), ('kayak', 1), ('otto', 1), ('ride', 1), ('saw', 2)]
a is a palindrome
anna is a palindrome
kayak is a palindrome
otto is a palindrome
annA was ottO edir a kayak was
a3b1c2d4
Naan fnj Bggb evqr n xnlnx fnj
True
"""),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", RUNS)
def test_programs_do_what_they_should(name: str, mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = EXAMPLES / f"{name}.zxa"
    arguments, expected = RUNS[name]
    vm, module = VM(mode), assemble(path.read_text(encoding="utf-8"), str(path))
    for _ in range(2):
        print(vm.run(module, *arguments))
        assert capsys.readouterr().out == expected


def test_every_program_is_tested() -> None:
    assert set(RUNS) == {path.stem for path in EXAMPLES.glob("*.zxa")}


@pytest.mark.parametrize("name", ["words", "recursion"])
def test_programs_run_by_the_command(name: str) -> None:
    arguments, expected = RUNS[name]
    done = subprocess.run([sys.executable, "-m", "zexus", "run", str(EXAMPLES / f"{name}.zxa"), *map(str, arguments)],
                          capture_output=True, text=True, timeout=60, cwd=EXAMPLES.parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")


def test_a_calculation_that_makes_no_sense() -> None:
    module = assemble((EXAMPLES / "calculator.zxa").read_text(encoding="utf-8"))
    for text, message in (("2 +", "unexpected end"), ("(2", "a parenthesis is not closed"), ("2 3", "unexpected 3"),
                          ("2 % 3", "unknown character %"), ("+", r"unexpected \+")):
        with pytest.raises(SyntaxError, match=message):
            VM().run(module, text)
