"""Cursors: positions in sequences that are being iterated, which can be read, copied and turned back into iterators."""

from __future__ import annotations

import ctypes
import operator
import sys
from collections.abc import Iterator
from typing import Any

from zexus import layout
from zexus.regvm import keyed
from zexus.types import INT64_MAX, INT64_MIN, is_array

# What a cursor holds that has drawn no value.
NOTHING = object()


class Cursor:
    """The state of a `for` loop. `ready` then `value` then `advance`, in this order, once per iteration."""

    __slots__ = ()

    def ready(self) -> bool:
        """Whether there is a current value."""
        raise NotImplementedError

    def value(self) -> Any:
        """The current value."""
        raise NotImplementedError

    def advance(self) -> None:
        """Go to the next value."""
        raise NotImplementedError

    def iterator(self) -> Iterator[Any]:
        """A Python iterator that goes on from here."""
        raise NotImplementedError


class RangeCursor(Cursor):
    """In a range: the current value, the end, the step."""

    __slots__ = ("at", "step", "stop")

    def __init__(self, at: int, stop: int, step: int) -> None:
        self.at = at
        self.stop = stop
        self.step = step

    def ready(self) -> bool:
        return self.at < self.stop if self.step > 0 else self.at > self.stop

    def value(self) -> int:
        return self.at

    def advance(self) -> None:
        self.at += self.step

    def iterator(self) -> Iterator[int]:
        return iter(range(self.at, self.stop, self.step))


class SequenceCursor(Cursor):
    """In a list, tuple, text or array: the sequence and the current index; the length is read at every step."""

    __slots__ = ("at", "kind", "sequence")

    def __init__(self, sequence: Any, at: int) -> None:
        self.sequence = sequence
        self.at = at
        self.kind = _KINDS.get(type(sequence), "array")

    def ready(self) -> bool:
        return self.at < len(self.sequence)

    def value(self) -> Any:
        return self.sequence[self.at]

    def advance(self) -> None:
        self.at += 1

    def iterator(self) -> Iterator[Any]:
        made = iter(self.sequence)
        made.__setstate__(self.at)
        return made  # type: ignore[no-any-return]


# Sequences by their types; what is of another type is an array.
_KINDS: dict[type, str] = {list: "list", tuple: "tuple", str: "text"}


class ReversedCursor(Cursor):
    """In a list from its end: the list and the current index; the length is read at every step."""

    __slots__ = ("at", "sequence")

    def __init__(self, sequence: list[Any], at: int) -> None:
        self.sequence = sequence
        self.at = at

    def ready(self) -> bool:
        return 0 <= self.at < len(self.sequence)

    def value(self) -> Any:
        return self.sequence[self.at]

    def advance(self) -> None:
        self.at -= 1

    def iterator(self) -> Iterator[Any]:
        made: Any = reversed(self.sequence)
        made.__setstate__(self.at if self.ready() else -1)
        return made  # type: ignore[no-any-return]


class EnumerateCursor(Cursor):
    """An inner cursor and a count."""

    __slots__ = ("count", "inner")

    def __init__(self, inner: Cursor, count: int) -> None:
        self.inner = inner
        self.count = count

    def ready(self) -> bool:
        return self.inner.ready()

    def value(self) -> tuple[int, Any]:
        return self.count, self.inner.value()

    def advance(self) -> None:
        self.inner.advance()
        self.count += 1

    def iterator(self) -> Iterator[Any]:
        return enumerate(self.inner.iterator(), self.count)


class ZipCursor(Cursor):
    """Several inner cursors that advance together; where it is strict, they have to end together."""

    __slots__ = ("inners", "strict")

    def __init__(self, inners: tuple[Cursor, ...], strict: bool) -> None:
        self.inners = inners
        self.strict = strict

    def ready(self) -> bool:
        if not self.strict:
            return bool(self.inners) and all(inner.ready() for inner in self.inners)
        ready = [inner.ready() for inner in self.inners]
        if any(ready) and not all(ready):
            next(self.iterator())  # raises
        return any(ready)

    def value(self) -> tuple[Any, ...]:
        return tuple(inner.value() for inner in self.inners)

    def advance(self) -> None:
        for inner in self.inners:
            inner.advance()

    def iterator(self) -> Iterator[Any]:
        return zip(*(inner.iterator() for inner in self.inners), strict=self.strict)


class DrawingCursor(Cursor):
    """In whatever an iterator hands out: the next value is drawn when asked whether there is one."""

    __slots__ = ("held", "source")

    def __init__(self, source: Iterator[Any]) -> None:
        self.source = source
        self.held: Any = NOTHING

    def ready(self) -> bool:
        self.held = next(self.source, NOTHING)  # a loop would ask the iterator for its own
        return self.held is not NOTHING

    def value(self) -> Any:
        held, self.held = self.held, NOTHING  # the loop has it from now on
        return held

    def advance(self) -> None:
        self.held = NOTHING

    def iterator(self) -> Iterator[Any]:
        return self.source


class ObjectCursor(DrawingCursor):
    """Of an iterator of which nothing is known."""

    __slots__ = ()


class KeyedCursor(DrawingCursor):
    """Of an iterator over a dict or set; where native code has seen or used a value, that is still to be drawn."""

    __slots__ = ("used",)

    def __init__(self, source: Iterator[Any]) -> None:
        super().__init__(source)
        self.used = False

    def value(self) -> Any:
        if self.held is NOTHING:
            self.ready()
        self.used = True
        return super().value()

    def advance(self) -> None:
        if not self.used:
            self.ready()
        self.used = False
        super().advance()


class _Indexed:
    """A sequence that has no iterator of its own."""

    def __getitem__(self, index: int) -> Any:
        raise IndexError


_RANGE_ITERATOR = type(iter(range(0)))
_LIST_ITERATOR: type = type(iter([]))
REVERSED_LIST: type = type(reversed([]))
_TUPLE_ITERATOR = type(iter(()))
TEXT_ITERATORS: tuple[type, type] = (type(iter("a")), type(iter("\u0101")))  # of ASCII and of other texts
INDEX_ITERATOR = type(iter(_Indexed()))  # of arrays too
# Which know how many items they still have; others would ask their source, which may be the program's own.
_COUNTED = frozenset((_RANGE_ITERATOR, _LIST_ITERATOR, REVERSED_LIST, _TUPLE_ITERATOR, *TEXT_ITERATORS))
# Those over sequences, and the references to one that is only in the tuple of a zip.
_USUAL, _HELD = frozenset((_LIST_ITERATOR, _TUPLE_ITERATOR, *TEXT_ITERATORS)), 2
# No enumerate comes from there to where its count needs more than 64 bits.
FAR = 1 << 62
# References to an inner iterator that only its enumerate or zip knows, seen from `_inner`.
_PRIVATE = 4 if sys.version_info < (3, 14) else 3


def of_iterator(it: Any) -> Cursor:
    """The cursor of an iterator that is in the middle of its run."""
    kind = type(it)
    if kind is _RANGE_ITERATOR:
        _, (span,), *state = it.__reduce__()
        done = state[0] if state and state[0] else 0
        if not (INT64_MIN <= span.start <= INT64_MAX and INT64_MIN <= span.stop <= INT64_MAX):
            return ObjectCursor(it)
        return RangeCursor(span.start + done * span.step, span.stop, span.step)
    if kind is _LIST_ITERATOR or kind is _TUPLE_ITERATOR or kind is INDEX_ITERATOR or kind in TEXT_ITERATORS:
        reduced = it.__reduce__()
        sequence = reduced[1][0]
        if len(reduced) < 3 or not (type(sequence) in _KINDS or is_array(sequence)):
            return ObjectCursor(it)
        return SequenceCursor(sequence, reduced[2])
    if kind is REVERSED_LIST:
        reduced = it.__reduce__()
        return ReversedCursor(reduced[1][0], reduced[2]) if len(reduced) > 2 else ObjectCursor(it)
    if kind in keyed.KINDS:
        return KeyedCursor(it)
    if kind is enumerate:
        inner, count = it.__reduce__()[1]
        inner_cursor = _inner(inner) if count < FAR else None
        return ObjectCursor(it) if inner_cursor is None else EnumerateCursor(inner_cursor, count)
    if kind is zip:
        reduced = it.__reduce__()
        inners = [_inner(inner) for inner in reduced[1]]
        if not inners or any(inner is None for inner in inners):
            return ObjectCursor(it)
        return ZipCursor(tuple(inner for inner in inners if inner is not None), len(reduced) > 2)
    return ObjectCursor(it)


def is_known(it: Any) -> bool:
    """Whether an iterator has a cursor that says all about it, and nobody else holds what it draws from."""
    return _is_quickly_known(it) or not isinstance(of_iterator(it), ObjectCursor)


def _is_quickly_known(it: Any) -> bool:
    """The same where it is an enumerate or zip of usual things: loops that begin ask."""
    kind = type(it)
    if kind is not zip and kind is not enumerate:
        return False
    held = it.__reduce__()[1]
    if kind is enumerate:
        return held[1] < FAR and _is_usual(held, 0, _HELD + 1)
    for number in range(len(held)):
        if not _is_usual(held, number, _HELD):
            return False
    return len(held) > 0


def _is_usual(held: tuple[Any, ...], number: int, most: int) -> bool:
    """Whether one of the iterators in a tuple, with so many references at most, goes over a usual sequence."""
    if type(held[number]) not in _USUAL or sys.getrefcount(held[number]) > most:
        return False
    reduced = held[number].__reduce__()
    return len(reduced) > 2 and type(reduced[1][0]) in _KINDS


def _inner(it: Any) -> Cursor | None:
    """The cursor of an iterator inside another one, unless somebody else could see how far it is."""
    if sys.getrefcount(it) > _PRIVATE:
        return None
    found = of_iterator(it)
    return None if isinstance(found, ObjectCursor) else found


def left(it: Any) -> int | None:
    """How often an iterator still does something when it is asked: items, and an error.

    None where nobody can tell without running the program's own code.
    """
    kind = type(it)
    if kind is enumerate:
        return left(it.__reduce__()[1][0])
    if kind is zip:
        _, inners, *strict = it.__reduce__()
        counts = list(map(left, inners)) or [0]
        known = [count for count in counts if count is not None]
        return min(known) + bool(strict and min(known) < max(known)) if len(known) == len(counts) else None
    if kind is INDEX_ITERATOR:
        reduced = it.__reduce__()
        return 0 if len(reduced) < 3 else operator.length_hint(it) if is_array(reduced[1][0]) else None
    if kind in keyed.KINDS:
        return keyed.left(it)
    if kind in _COUNTED:
        return operator.length_hint(it)
    return None


def catch_up(it: Any, cursor: Cursor) -> None:
    """Bring an iterator to where a cursor over the same thing is."""
    if isinstance(cursor, EnumerateCursor):
        _count(it).value = cursor.count
        catch_up(it.__reduce__()[1][0], cursor.inner)
    elif isinstance(cursor, ZipCursor):
        for inner, place in zip(it.__reduce__()[1], cursor.inners, strict=True):
            catch_up(inner, place)
    elif isinstance(cursor, RangeCursor):
        span = it.__reduce__()[1][0]  # since 3.12 what is left of it, from which the state counts then
        it.__setstate__((cursor.at - span.start) // span.step)
    elif isinstance(cursor, SequenceCursor):
        it.__setstate__(cursor.at)
    elif isinstance(cursor, ReversedCursor):
        it.__setstate__(cursor.at if cursor.ready() else -1)
    elif isinstance(cursor, KeyedCursor) and cursor.source is not it:
        keyed.move(it, keyed.place(cursor.source))


def _count(it: Any) -> ctypes.c_ssize_t:
    """The count of an enumerate, which nothing else sets."""
    return ctypes.c_ssize_t.from_address(id(it) + layout.OFFSETS["enumerate.index"])


def start(iterable: Any, named: bool = False) -> Cursor:
    """The cursor of a loop that begins: what `iter` would return.

    Args:
        iterable: what the loop goes over.
        named: whether a variable holds it, so that an iterator has to advance with the loop.
    """
    kind = type(iterable)
    if kind is range:
        bounds = (iterable.start, iterable.stop, iterable.step)
        if all(INT64_MIN <= b <= INT64_MAX for b in bounds):
            return RangeCursor(*bounds)
        return ObjectCursor(iter(iterable))
    if kind in _KINDS:
        return SequenceCursor(iterable, 0)
    if is_array(iterable) and iterable.ndim:
        return SequenceCursor(iterable, 0)
    it = iter(iterable)
    if kind is dict or kind is set or kind in keyed.VIEWS:
        return KeyedCursor(it)
    if kind in (enumerate, zip, REVERSED_LIST, _RANGE_ITERATOR):
        return ObjectCursor(it) if named or sys.getrefcount(iterable) > _PRIVATE else of_iterator(it)
    return ObjectCursor(it)
