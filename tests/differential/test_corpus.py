"""Every function of the corpus gives CPython's answer in every mode, and its marked loops run natively."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest

from .cases import load, topics
from .harness import MODES
from .workers import Worker

TABLE = {(topic, name): case for topic in topics() for name, case in load(topic).cases.items()}
CASES = list(TABLE)
# Each case meets the first mode in the default suite, and of others one; by `-m thorough` it meets all.
IN_TURN = ("default", "exit1", "wholes", "default", "mirrors", "exit1", "wholes-exit1")
MARKED = [key for key, case in TABLE.items() if case.marks]


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    # Modes often come to the same code, which is compiled once for all of them and all workers.
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    served = Worker(cache=shared / "compiled")
    yield served
    served.stop()


def check(worker: Worker, topic: str, name: str, mode: str) -> None:
    answer = worker.ask("corpus", topic, name, mode)
    wrong = answer.get("failure") or answer["problems"]
    if wrong:
        pytest.fail(f"{topic}.{name}, mode {mode}\n{wrong}", pytrace=False)


def share() -> Iterator[Any]:
    """Each case with each mode."""
    for topic, name in CASES:
        turn = IN_TURN[crc32(f"{topic}.{name}".encode()) % len(IN_TURN)]
        for mode in ("plain", *MODES):
            marks = () if mode in ("first", turn) else pytest.mark.thorough
            yield pytest.param(topic, name, mode, marks=marks, id=f"{topic}-{name}-{mode}")


@pytest.mark.parametrize(("topic", "name", "mode"), list(share()))
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
