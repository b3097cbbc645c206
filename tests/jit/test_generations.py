"""The garbage collector does not look through the program's objects for what the engine makes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

import zexus
from zexus.jit import generations
from zexus.settings import JitSettings

SETTINGS = JitSettings(threshold=10, background=False, cache=False)


class Node:
    """Something that can be in a cycle."""

    other: object = None


@pytest.fixture(autouse=True)
def _no_collections() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def is_old(thing: object) -> bool:
    return any(thing is other for other in gc.get_objects(generation=2))


def total(values: list[int]) -> int:
    found = 0
    for value in values:
        found += value
    return found


@pytest.mark.skipif(gc.get_freeze_count() > 0, reason="this interpreter has frozen objects of its own")
def test_objects_are_old_when_a_loop_is_compiled() -> None:
    young = [Node()]
    assert not is_old(young)
    assert zexus.jit.compile(total, profile=SETTINGS)(list(range(1000))) == 499500
    assert is_old(young)


def test_old_garbage_is_found() -> None:
    node = Node()
    node.other = node
    gone = weakref.ref(node)
    generations.grow_up()
    del node
    assert gone() is not None
    gc.collect()
    assert gone() is None


def test_what_is_frozen_stays_frozen() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    young = [Node()]
    try:
        generations.grow_up()
        assert gc.get_freeze_count() > frozen // 2
        assert not is_old(young)
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("enabled", [False, True])
def test_starting_leaves_the_collector_as_it_was(enabled: bool) -> None:
    if enabled:
        gc.enable()
    with pytest.raises(ZeroDivisionError), generations.starting():
        assert not gc.isenabled()
        1 / 0  # noqa: B018
    assert gc.isenabled() == enabled
