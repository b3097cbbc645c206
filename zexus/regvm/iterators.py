"""Iterators written in C: which of them run no other code, and which may be asked again behind their end."""

from __future__ import annotations

import collections
import gc
import itertools
import sys
from types import GeneratorType
from typing import Any

from zexus import shapes
from zexus.regvm import keyed

_DEQUE: Any = collections.deque()
# Those that say how far they are: others have to find them there.
_TOLD: frozenset[type] = frozenset((
    *keyed.KINDS, type(iter(())), type(iter([])), type(reversed([])), type(iter(range(0))), type(iter("")),
    type(iter("\u0101")), enumerate,
))
# To draw from one of these runs no code of the program's, whatever it goes over.
QUIET: frozenset[type] = (_TOLD - {enumerate}).union((
    type(iter(b"")), type(iter(bytearray())), type(iter(_DEQUE)), type(reversed(_DEQUE)), type(iter(range(1 << 70))),
    itertools.combinations, itertools.combinations_with_replacement, itertools.permutations, itertools.product,
    itertools.repeat,
))
# These raise nothing either, whatever becomes of what they go over.
_SILENT: frozenset[type] = QUIET.difference(keyed.KINDS, (type(iter(_DEQUE)), type(reversed(_DEQUE))))
# These keep the last tuple, and change it for the next one where nobody else has it; `KEPT` names their structures.
KEPT: dict[type, str] = {
    itertools.combinations: "combinations", itertools.combinations_with_replacement: "combinations",
    itertools.permutations: "permutations", itertools.product: "product",
}
# They ask what they draw from again, which may be anything.
_ASKING: frozenset[type] = frozenset((
    map, filter, enumerate, itertools.accumulate, itertools.chain, itertools.dropwhile, itertools.filterfalse,
    itertools.islice, itertools.pairwise, itertools.starmap, itertools.takewhile,
))
# What `iter` makes of a function and a sentinel: it forgets the function behind its end.
_CALLING = type(iter(int, 1))
# `zip_longest` knows that all have ended.
_KNOWN: frozenset[type] = QUIET | _ASKING | {_CALLING, itertools.count, itertools.zip_longest}
# Iterators that only ever go on as they are asked themselves, so that it does not matter who else has them.
DRAWN: frozenset[type] = _KNOWN - _TOLD
# References to an iterator that only another one has, seen from where that is asked.
_PRIVATE = 3
# Iterables over which these go.
CONTAINERS: tuple[type, ...] = (bytes, bytearray, frozenset, collections.deque)
ITERATORS: tuple[type, ...] = (*_KNOWN, zip, reversed)


def rests(it: Any) -> bool:
    """Whether an iterator that has ended may be asked again, and nobody would see that."""
    kind = type(it)
    if kind is zip:
        return len(it.__reduce__()) < 3 and _are_silent(_sources(it))  # a strict one would complain
    if kind not in _ASKING:
        return kind in _KNOWN or kind is GeneratorType
    sources = _sources(it)
    # Where there are several, those before the one that ended are asked for an item too many.
    return all(map(rests, sources)) if len(sources) < 2 else _are_silent(sources)


def _sources(it: Any) -> list[Any]:
    """The iterators that an iterator holds."""
    held = [one for each in gc.get_referents(it) for one in (each if type(each) is tuple else (each,))]
    return [one for one in held if shapes.lookup(type(one), "__next__") is not shapes.ABSENT]


def _are_silent(sources: list[Any]) -> bool:
    """Whether nobody sees how far the iterators are that one holds: it alone has them, and they run no other code."""
    return all(sys.getrefcount(sources[number]) <= _PRIVATE and _is_silent(sources[number])
               for number in range(len(sources)))


def _is_silent(it: Any) -> bool:
    if type(it) is itertools.count:
        return all(type(number) is int for number in gc.get_referents(it))
    return type(it) in _SILENT or (type(it) is itertools.cycle and _are_silent(_sources(it)))
