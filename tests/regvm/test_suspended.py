"""Generators that have stopped are read and written where they stand."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from zexus.bytecode import UNBOUND, Code
from zexus.frontend import source
from zexus.frontend.generators import lower_generator
from zexus.regvm import cursor as cursors
from zexus.regvm import suspended


def counted(n: int, step: Any) -> Iterator[Any]:
    at = 0
    for i in range(n):
        if i == 2:
            late = i  # noqa: F841 - it has no value before
        at += step
        yield at


def drawn(values: Any) -> Iterator[Any]:
    for value in values:
        yield value


def code_of(function: Any) -> Code:
    return lower_generator(source.find(function).scope, 1, globals())


COUNTED, DRAWN = code_of(counted), code_of(drawn)


def has_stopped(made: Any) -> bool:
    return suspended.standing(made)[1] == suspended.slots(made, COUNTED)


def is_known(made: Any) -> bool:
    held = suspended.parts(made, DRAWN)
    return suspended.is_known(held, len(held) - 1)


def test_variables_and_iterators_are_read_and_written() -> None:
    made: Any = counted(6, 2)
    assert suspended.is_new(made) and not has_stopped(made)
    assert next(made) == 2
    assert not suspended.is_new(made) and has_stopped(made)
    held = dict(zip((*COUNTED.results, "it"), suspended.state(made, COUNTED), strict=True))
    assert (held["at"], held["i"], held["n"], held["step"]) == (2, 0, 6, 2)
    assert held["late"] is UNBOUND and isinstance(held["it"], cursors.RangeCursor)
    assert (held["it"].at, held["it"].stop) == (1, 6)
    held["at"], held["late"], held["i"] = 2.5, "text", UNBOUND
    held["it"].at = 4
    suspended.stop(made, COUNTED, list(held.values()))
    frame = dict(made.gi_frame.f_locals)
    assert frame["at"] == 2.5 and frame["late"] == "text" and "i" not in frame
    assert list(made) == [4.5, 6.5]
    assert not has_stopped(made)


def test_one_that_is_gone_on_with_looks_as_if_it_ran() -> None:
    made: Any = counted(6, 2)
    next(made)
    held = suspended.resume(made, COUNTED)
    assert made.gi_running and inspect.getgeneratorstate(made) == "GEN_RUNNING"
    with pytest.raises(ValueError, match="generator already executing"):
        next(made)
    suspended.stop(made, COUNTED, held)
    assert list(made) == [4, 6, 8, 10, 12]


def test_an_end() -> None:
    made: Any = counted(6, 2)
    next(made)
    suspended.resume(made, COUNTED)
    suspended.close(made)
    assert inspect.getgeneratorstate(made) == "GEN_CLOSED" and list(made) == []


def test_iterators_that_others_know_stay_what_they_are() -> None:
    it = iter([1, 2, 3])
    made: Any = drawn(it)
    next(made)
    *_, loop = suspended.state(made, DRAWN)
    assert isinstance(loop, cursors.ObjectCursor) and loop.source is it
    alone: Any = drawn([1, 2, 3])
    next(alone)
    *_, loop = suspended.state(alone, DRAWN)
    assert isinstance(loop, cursors.SequenceCursor) and loop.at == 1


def test_whether_others_know_the_generators_in_one() -> None:
    alone: Any = drawn(counted(5, 1))
    next(alone)
    assert not is_known(alone)
    base = counted(5, 1)
    shared: Any = drawn(base)
    next(shared)
    assert is_known(shared)
    assert next(base) == 2
