"""Every shipped profile, and every pass left out, gives CPython's answer for every function of the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from zlib import crc32

import pytest

import zexus
from zexus import Profile
from zexus.config.layers import shipped
from zexus.settings import TracePasses

from .harness import EXTREMES
from .test_corpus import CASES, check
from .workers import Worker

NATIVE = [name for name in shipped() if Profile.load(name, environ={}).jit.enabled]
# Where the native tier is off, functions stay what they are; one of these profiles stands for all.
WAYS = ["profile:off", *(f"profile:{name}" for name in NATIVE), *(f"pressed:{name}" for name in NATIVE),
        *(f"without:{one.name}" for one in fields(TracePasses)), *(f"extreme:{name}" for name in EXTREMES)]
ONE_IN = 6  # functions meet one of the ways in the default suite; by `-m thorough` each meets all


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    served = Worker()
    yield served
    served.stop()


def number(topic: str, name: str) -> int:
    return crc32(f"{topic}.{name}".encode())


SHARE = [(topic, name, WAYS[number(topic, name) // ONE_IN % len(WAYS)]) for topic, name in CASES
         if number(topic, name) % ONE_IN == 0]


@pytest.mark.parametrize(("topic", "name", "way"), SHARE)
def test_same_as_cpython(worker: Worker, topic: str, name: str, way: str) -> None:
    check(worker, topic, name, way)


@pytest.mark.thorough
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("topic", "name"), CASES)
def test_same_as_cpython_in_every_way(worker: Worker, topic: str, name: str, way: str) -> None:
    check(worker, topic, name, way)


def test_without_the_native_tier_functions_stay_what_they_are() -> None:
    def total(n: int) -> int:
        return sum(i for i in range(n))

    for name in shipped():
        made = zexus.jit.compile(total, profile=Profile.load(name, environ={}))
        assert (made is total) is (name not in NATIVE)


def test_the_share_meets_every_way() -> None:
    assert {way for *_, way in SHARE} == set(WAYS)
    assert len(SHARE) * (ONE_IN + 1) > len(CASES)
