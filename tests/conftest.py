"""Options and fixtures that all tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# Functions are verified between all passes, here and in the processes that tests start.
os.environ["ZEXUS_CHECK"] = "1"
# What earlier runs of the tests found out about loops must not decide what becomes of these now.
os.environ["ZEXUS_JIT__RETRY_AFTER"] = "0"
# The tests run little of programs and much of the engine.
os.environ["ZEXUS_JIT__EFFORT_SHARE"] = "1"
# They call small functions often, to see what becomes of the loops.
os.environ["ZEXUS_JIT__FUNCTIONS"] = "recursive"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("zexus")
    group.addoption("--bless", action="store_true", help="rewrite golden files with what the tests produce now")
    group.addoption("--examples", type=int, default=40, metavar="N", help="how many programs the fuzz test generates")
    group.addoption("--mixes", type=int, default=128, metavar="N", help="how many mixes of random draws are compared")
    group.addoption("--seed", type=int, default=0, metavar="S", help="seed of the first generated program")
    group.addoption("--all-modes", action="store_true", help="run each generated program in every mode")
    group.addoption("--workers", type=int, default=2, metavar="N", help="processes that run generated programs")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fuzz: generated programs compared with CPython (see --examples)")


@pytest.fixture(scope="module")
def young_heap() -> Iterator[None]:
    """Keep what other tests have left from the garbage collector, for tests that call it often."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--bless"))


@pytest.fixture
def golden(bless: bool) -> Callable[[Path, str], None]:
    """A function that compares a text with a golden file, or rewrites the file under `--bless`."""

    def check(path: Path, text: str) -> None:
        if bless:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        assert path.exists(), f"{path} does not exist; create it with --bless"
        assert text == path.read_text(encoding="utf-8")

    return check
