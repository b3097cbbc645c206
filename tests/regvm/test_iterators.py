"""Which iterators may be asked again behind their end, and which run no code of the program's."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from zexus.regvm import iterators


class Down:
    """An iterator of the program's own, which would notice."""

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        raise StopIteration


def steps() -> Iterator[int]:
    yield 1
    yield 2


KNOWN = iter([1, 2, 3])
RESTING: dict[str, Callable[[], Any]] = {
    "permutations": lambda: itertools.permutations("abc"), "deque": lambda: iter(collections.deque([1])),
    "map": lambda: map(abs, [1]), "map of a generator": lambda: map(abs, steps()), "bytes": lambda: iter(b"a"),
    "filter": lambda: filter(None, steps()), "chain": lambda: itertools.chain([1], [2]),
    "numbered generator": lambda: enumerate(steps()),
    "sentinel": lambda: iter([3, 2].pop, 2), "nested": lambda: map(abs, filter(None, itertools.islice(steps(), 5))),
    "map of two": lambda: map(max, [1], (2,)), "zip": lambda: zip([1], itertools.count(), "ab", range(3)),
    "zip of a cycle": lambda: zip(itertools.cycle([1]), [1]), "longest": lambda: itertools.zip_longest([1], {1: 2}),
    "count": lambda: itertools.count(), "takewhile": lambda: itertools.takewhile(bool, [1, 0]), "generator": steps,
}
NOTICING: dict[str, Callable[[], Any]] = {
    "own": Down, "map of its own": lambda: map(abs, Down()), "map of two": lambda: map(max, [1], Down()),
    "zip": lambda: zip([1], steps()), "zip of one that others have": lambda: zip([1], KNOWN),
    "zip of a dict": lambda: zip({1: 2}, [1]), "zip of a deque": lambda: zip(collections.deque([1]), [1]),
    "strict zip": lambda: zip([1], itertools.count(), strict=True), "map of one twice": lambda: map(max, KNOWN, KNOWN),
    "zip of floats": lambda: zip(itertools.count(0.5), [1]), "zip of a cycle": lambda: zip([1], itertools.cycle({1})),
    "deep": lambda: filter(None, map(abs, Down())),
    "file": lambda: open(__file__),  # noqa: SIM115
}


@pytest.mark.parametrize("name", RESTING)
def test_asking_again_is_harmless(name: str) -> None:
    it = RESTING[name]()
    assert iterators.rests(it)
    for _ in zip(it, range(50)):
        pass
    assert iterators.rests(it)
    assert type(it) is itertools.count or next(it, None) is None


@pytest.mark.parametrize("name", NOTICING)
def test_asking_again_would_be_noticed(name: str) -> None:
    it = NOTICING[name]()
    assert not iterators.rests(it)
    if hasattr(it, "close"):
        it.close()


def test_what_says_how_far_it_is_is_not_drawn_from_as_it_is() -> None:
    for source in ([1], (1,), {1: 2}, {1}, range(3), "ab", "\u0119", {1: 2}.items()):
        assert type(iter(source)) in iterators.QUIET
        assert type(iter(source)) not in iterators.DRAWN
    assert enumerate not in iterators.DRAWN and map in iterators.DRAWN
