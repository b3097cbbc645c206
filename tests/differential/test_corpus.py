"""Every function of the corpus gives CPython's answer in every mode, and its marked loops run natively."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .cases import load, topics
from .harness import MODES
from .workers import Worker

CASES = [(topic, name) for topic in topics() for name in load(topic).cases]
MARKED = [(topic, name) for topic in topics() for name, case in load(topic).cases.items() if case.marks]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    served = Worker()
    yield served
    served.close()


def check(worker: Worker, topic: str, name: str, mode: str) -> None:
    answer = worker.ask("corpus", topic, name, mode)
    if "failure" in answer:
        pytest.fail(f"{topic}.{name}, mode {mode}\n{answer['failure']}", pytrace=False)
    if answer["problems"]:
        pytest.fail(f"{topic}.{name}, mode {mode}\n{answer['problems']}", pytrace=False)


@pytest.mark.parametrize("mode", ["plain", *MODES])
@pytest.mark.parametrize(("topic", "name"), CASES)
def test_same_as_cpython(worker: Worker, topic: str, name: str, mode: str) -> None:
    check(worker, topic, name, mode)


@pytest.mark.parametrize(("topic", "name"), MARKED)
def test_runs_where_it_must(worker: Worker, topic: str, name: str) -> None:
    check(worker, topic, name, "native")


def test_the_corpus_is_large_and_marks_loops() -> None:
    assert len(CASES) >= 140
    unmarked = [name for topic, name in MARKED if load(topic).cases[name].long is None]
    assert not unmarked, "marked loops need long arguments"
