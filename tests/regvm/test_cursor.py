"""Cursors follow the iterators that they stand for, from any place, and turn back into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest

from zexus.regvm import cursor as cursors
from zexus.regvm import keyed

SOURCES: dict[str, Callable[[], Any]] = {
    "range": lambda: range(2, 11, 3),
    "down": lambda: range(10, -5, -4),
    "empty": lambda: range(0),
    "list": lambda: [5, 6, 7],
    "tuple": lambda: (5, 6, 7),
    "array": lambda: np.arange(4.0),
    "rows": lambda: np.ones((3, 2)),
    "enumerate": lambda: enumerate([5, 6, 7], 3),
    "zip": lambda: zip([5, 6, 7], range(5)),
    "strict zip": lambda: zip([5, 6, 7], range(3), strict=True),
    "backwards": lambda: reversed([5, 6, 7]),
    "numbered backwards": lambda: enumerate(reversed([5, 6, 7]), 3),
    "pairs backwards": lambda: zip(range(9), reversed([5, 6, 7])),
    "nested": lambda: enumerate(zip([1, 2, 3], (4, 5, 6))),
    "string": lambda: "abc",
    "dict": lambda: {1: 2, 3: 4},
    "generator": lambda: (x * x for x in range(4)),
    "set": lambda: {7, 8, 9},
    "values": lambda: {1: 2, 3: 4, 5: 6}.values(),
    "items": lambda: {1: 2, 3: 4, 5: 6}.items(),
    "numbered dict": lambda: enumerate({1: 2, 3: 4, 5: 6}, 4),
    "paired items": lambda: zip({1: 2, 3: 4}.items(), range(9)),
    "big": lambda: range(2**70, 2**70 + 3),
}
LEFT = {
    "range": 3, "list": 3, "tuple": 3, "array": 4, "enumerate": 3, "zip": 3, "strict zip": 3, "nested": 3, "empty": 0,
    "generator": None, "dict": 2, "set": 3, "values": 3, "items": 3, "numbered dict": 3, "paired items": 2,
}
KEYED = ("dict", "set", "values", "items", "numbered dict", "paired items")
EXACT = ("range", "down", "list", "tuple", "array", "rows", "enumerate", "zip", "strict zip", "nested")


def drawn(cursor: cursors.Cursor) -> Iterator[Any]:
    while cursor.ready():
        value = cursor.value()
        cursor.advance()
        yield value


@pytest.mark.parametrize("name", SOURCES)
def test_from_the_start(name: str) -> None:
    assert repr(list(drawn(cursors.start(SOURCES[name]())))) == repr(list(SOURCES[name]()))


@pytest.mark.parametrize("done", [0, 1, 2])
@pytest.mark.parametrize("name", SOURCES)
def test_in_the_middle(name: str, done: int) -> None:
    it = iter(SOURCES[name]())
    for _ in islice(it, done):
        pass
    wanted = list(SOURCES[name]())[done:]
    assert repr(list(drawn(cursors.of_iterator(it)))) == repr(wanted)


@pytest.mark.parametrize("name", EXACT)
def test_the_iterator_itself_stays_where_it_is(name: str) -> None:
    it = iter(SOURCES[name]())
    next(it)
    cursor = cursors.of_iterator(it)
    assert not isinstance(cursor, cursors.ObjectCursor)
    list(drawn(cursor))
    assert repr(list(it)) == repr(list(SOURCES[name]())[1:])


@pytest.mark.parametrize("done", [0, 1, 3])
@pytest.mark.parametrize("name", SOURCES)
def test_back_to_an_iterator(name: str, done: int) -> None:
    cursor = cursors.start(SOURCES[name]())
    taken = [value for _, value in zip(range(done), drawn(cursor))]
    rest = list(cursor.iterator())
    assert repr(taken + rest) == repr(list(SOURCES[name]()))


@pytest.mark.parametrize("name", [*EXACT, "backwards", "numbered backwards", "pairs backwards", *KEYED])
def test_catching_up(name: str) -> None:
    it = iter(SOURCES[name]())
    cursor = cursors.of_iterator(it)
    assert not isinstance(cursor, cursors.ObjectCursor)
    passed = len(list(islice(drawn(cursor), 2)))
    assert passed == min(2, len(list(SOURCES[name]())))
    cursors.catch_up(it, cursor)
    assert repr(list(it)) == repr(list(SOURCES[name]())[passed:])


def test_catching_up_takes_no_time() -> None:
    far = range(10, 10**15, 3)
    it, pairs = iter(far), zip(iter(far), iter([1, 2, 3]), strict=False)
    next(it), next(pairs)
    cursor = cursors.of_iterator(it)
    assert isinstance(cursor, cursors.RangeCursor)
    cursor.at = far[10**14]
    cursors.catch_up(it, cursor)
    assert next(it) == far[10**14]
    both = cursors.of_iterator(pairs)
    assert isinstance(both, cursors.ZipCursor) and isinstance(both.inners[0], cursors.RangeCursor)
    both.inners[0].at = far[10**14]
    cursors.catch_up(pairs, both)
    assert list(pairs) == [(far[10**14], 2), (far[10**14 + 1], 3)]


@pytest.mark.parametrize("shape", [reversed, lambda xs: enumerate(reversed(xs)), lambda xs: zip(range(9), reversed(xs)),
                                   lambda xs: enumerate(zip(reversed(xs), range(9)), 3)])
@pytest.mark.parametrize("kept", [0, 1, 3, 5, 8])
def test_catching_up_when_the_list_is_shorter_by_now(shape: Callable[[list[int]], Any], kept: int) -> None:
    items, same = list(range(8)), list(range(8))
    it, expected = shape(items), shape(same)
    cursor = cursors.of_iterator(it)
    for _ in range(5):
        assert cursor.ready()
        cursor.advance()
        next(expected)
    del items[kept:], same[kept:]
    cursors.catch_up(it, cursor)
    assert list(it) == list(expected)


def test_a_list_that_grows_and_shrinks_while_it_is_iterated() -> None:
    items = [1, 2, 3]
    seen = []
    for value in drawn(cursors.start(items)):
        seen.append(value)
        if value == 2:
            items.append(9)
        if value == 3:
            items.pop()
    assert seen == [1, 2, 3]


@pytest.mark.parametrize("name", ["dict", "set", "values", "items"])
def test_an_iterator_over_keys_made_anew_goes_on(name: str) -> None:
    source = SOURCES[name]()
    it, held = iter(source), getattr(source, "mapping", source)
    next(it)
    owner = {**held} if isinstance(held, dict) or name in ("values", "items") else set(held)
    fresh = keyed.made(keyed.KINDS[type(it)], owner, keyed.place(it))
    assert list(fresh) == list(it)
    assert keyed.owner(it) is None and keyed.left(it) == 0


@pytest.mark.parametrize("change", [lambda d: d.update(a=1), lambda d: d.pop(1), lambda d: d.clear()])
def test_keys_that_come_and_go_are_met_as_the_interpreter_meets_them(change: Callable[[Any], Any]) -> None:
    ours, theirs = {1: 2, 3: 4, 5: 6}, {1: 2, 3: 4, 5: 6}
    cursor, it = cursors.start(ours), iter(theirs)
    assert cursor.ready() and cursor.value() == next(it)
    cursor.advance()
    change(ours), change(theirs)
    assert cursors.left(cursor.iterator()) == 1
    for step in (lambda: next(it), cursor.ready):
        with pytest.raises(RuntimeError, match="changed size"):
            step()


def test_what_native_code_has_seen_is_drawn_when_it_is_wanted() -> None:
    cursor = cursors.start({1: 2, 3: 4})
    assert cursor.value() == 1
    cursor.advance()
    assert list(drawn(cursor)) == [3]


def test_an_iterator_that_others_hold_is_not_taken_apart() -> None:
    inner = iter([1, 2, 3])
    assert isinstance(cursors.of_iterator(enumerate(inner)), cursors.ObjectCursor)
    assert isinstance(cursors.of_iterator(zip([1, 2, 3], inner)), cursors.ObjectCursor)
    assert next(inner) == 1


def test_a_subclass_is_not_taken_for_its_base() -> None:
    class Odd(list):
        def __iter__(self) -> Iterator[Any]:
            return iter(["odd"])

    assert list(drawn(cursors.start(Odd([1])))) == ["odd"]


def test_an_error_of_the_iterator_is_its_own() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise KeyError("broken")

    cursor = cursors.start(broken())
    assert cursor.ready() and cursor.value() == 1
    cursor.advance()
    with pytest.raises(KeyError, match="broken"):
        cursor.ready()


def test_an_iterator_that_a_variable_holds_advances_with_the_loop() -> None:
    held = enumerate([5, 6, 7])
    cursor = cursors.start(held, named=True)
    assert cursor.ready() and cursor.value() == (0, 5)
    assert next(held) == (1, 6)
    inside = [zip([5, 6, 7])]
    assert isinstance(cursors.start(inside[0]), cursors.ObjectCursor)


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_of_an_iterator(name: str) -> None:
    it = iter(SOURCES[name]())
    assert cursors.left(it) == LEFT[name]
    count = LEFT[name]
    if count is None:
        return
    for taken in range(1, count + 1):
        next(it)
        assert cursors.left(it) == count - taken
    assert list(it) == [] and cursors.left(it) == 0


@pytest.mark.parametrize("done", [0, 1, 2])
@pytest.mark.parametrize("sizes", [(2, 3), (3, 2), (2, 2, 3), (2, 2, 1)])
def test_a_strict_zip_complains_of_what_is_longer(sizes: tuple[int, ...], done: int) -> None:
    done = min(done, *sizes)
    first, second = (zip(*map(range, sizes), strict=True) for _ in range(2))
    for _ in islice(zip(first, second, strict=True), done):
        pass
    assert cursors.left(first) == min(sizes) - done + 1
    cursor = cursors.of_iterator(first)
    with pytest.raises(ValueError) as ours:
        list(drawn(cursor))
    with pytest.raises(ValueError) as theirs:
        list(second)
    assert str(ours.value) == str(theirs.value)
