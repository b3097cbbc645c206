"""The counts of statements are those of a call in front of each one, with the tier and without, however they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.cases import CORPUS, load, topics
from tests.differential.generator import generate
from tests.jit.counted import MODES, problems
from zexus.vm.profiler import ProfilingLevel

PROGRAMS = Path(__file__).parent / "statement_programs.py"
LEVELS = (ProfilingLevel.BASIC, ProfilingLevel.FULL)
# How deep calls get in these depends on how much of the stack a call takes; garbage is collected at other times; the
# recorder asks for the class of an object whose `__getattribute__` is the program's, and the tier calls a builtin that
# is replaced.
UNSTEADY = {"endless", "recursion_limit", "endless_is_caught", "dived", "collecting", "hooked",
            "builtin_replaced_meanwhile"}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("mode", MODES)
def test_every_kind_of_statement(mode: str, level: ProfilingLevel) -> None:
    wrong = problems(PROGRAMS.read_text(encoding="utf-8"), str(PROGRAMS), mode, level=level)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("mode", [*list(MODES)[:1], *(pytest.param(m, marks=pytest.mark.thorough)
                                                      for m in list(MODES)[1:])])
@pytest.mark.parametrize("topic", topics())
def test_the_corpus(topic: str, mode: str) -> None:
    path = CORPUS / f"{topic}.py"
    names = [name for name in load(topic).cases if name not in UNSTEADY]
    wrong = problems(path.read_text(encoding="utf-8"), str(path), mode, names)
    assert not wrong, "\n".join(wrong)


@pytest.mark.fuzz
@pytest.mark.parametrize("mode", MODES)
def test_generated_programs(mode: str, pytestconfig: pytest.Config) -> None:
    first = pytestconfig.getoption("--seed")
    for seed in range(first, first + pytestconfig.getoption("--examples") // 3):
        level = LEVELS[seed % len(LEVELS)]
        wrong = problems(generate(seed), f"counted-{seed}", mode, level=level)
        assert not wrong, f"seed {seed}\n" + "\n".join(wrong)
