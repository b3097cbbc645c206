"""Every function of the corpus gives CPython's answer in every mode, and its marked loops run natively."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from .cases import load, topics
from .harness import MODES
from .workers import Worker

TABLE = {(topic, name): case for topic in topics() for name, case in load(topic).cases.items()}
CASES = list(TABLE)
OFTEN = ("first",)
# Modes of which each case meets one, in turn, and all others, and itself as it is, only where that is wanted.
IN_TURN = ("exit1", "default", "exit1", "mirrors")
MARKED = [key for key, case in TABLE.items() if case.marks]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    served = Worker()
    yield served
    served.stop()


def check(worker: Worker, topic: str, name: str, mode: str) -> None:
    answer = worker.ask("corpus", topic, name, mode)
    wrong = answer.get("failure") or answer["problems"]
    if wrong:
        pytest.fail(f"{topic}.{name}, mode {mode}\n{wrong}", pytrace=False)


def every(cases: Sequence[tuple[str, str]]) -> Iterator[Any]:
    """Each case in each mode, those marked that are rarely wanted."""
    for number, (topic, name) in enumerate(cases):
        often = (*OFTEN, IN_TURN[number % len(IN_TURN)])
        for mode in ("plain", *MODES):
            marks = () if mode in often else pytest.mark.thorough
            yield pytest.param(topic, name, mode, marks=marks, id=f"{topic}-{name}-{mode}")


@pytest.mark.parametrize(("topic", "name", "mode"), list(every(CASES)))
def test_same_as_cpython(worker: Worker, topic: str, name: str, mode: str) -> None:
    check(worker, topic, name, mode)


@pytest.mark.parametrize(("topic", "name"), MARKED)
def test_runs_where_it_must(worker: Worker, topic: str, name: str) -> None:
    check(worker, topic, name, "native")


def test_the_corpus_is_large_and_marks_loops() -> None:
    assert len(CASES) >= 140
    assert len(MARKED) >= 80
    short = [key for key in MARKED if TABLE[key].long is None]
    assert not short, "marked loops need long arguments"
