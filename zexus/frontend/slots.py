"""What stands at the probes of a loop: turns, limits, hooks, and over which types the loop may be probed."""

from __future__ import annotations

import functools
import inspect
import itertools
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from zexus import layout, shapes
from zexus.records import dataclass
from zexus.regvm import cursor as cursors
from zexus.regvm import iterators, keyed

Answer = tuple[Any, ...]


def _passed(answer: Answer, *arguments: Any) -> Answer:
    return answer


# Without this module's globals: code objects keep it alive unseen by the garbage collector.
passed: Callable[..., Answer] = types.FunctionType(_passed.__code__, {"__name__": __name__}, "passed")
passed.__qualname__ = "passed"


ALWAYS = itertools.repeat(True)  # the turns of a probe that each entry is to come to
ASK = 1  # in the place of True
BEGIN = 2  # in the place of True: a function of the program's makes the iterator
_OWN = 4  # references to an iterator that only a loop has, seen from where it is asked whether that fits
_ROOM = 1000  # entries that may come before a hook that was called has said how to go on


class Turns:
    """Which entries of a loop or function come to its probe: one of so many, the others pass it by.

    Asking costs an entry as much as a step of a loop over a list, which is what it is. Where nobody says how to go on,
    no entry comes to the probe any more.

    Attributes:
        iterator: a constant of probed code, which takes an item for each entry: whether it comes to the probe.
        stride: of how many entries one does.
    """

    def __init__(self) -> None:
        self.stride = 1
        self._items = [True] * _ROOM
        self.iterator: Iterator[bool] = iter(self._items)

    def again(self, stride: int | None = None) -> None:
        """Begin anew: so many entries further on, one comes to the probe.

        Args:
            stride: how many; None for as many as before.
        """
        if stride not in (None, self.stride):
            self.stride = stride
            self._items[:] = [False] * (stride - 1) + [True] * _ROOM
        self.iterator.__setstate__(0)  # type: ignore[attr-defined]


class Alive(dict[None, None]):
    """Whether a loop is probed, in the code of frames that run too: it holds None as long as it is."""

    def __init__(self) -> None:
        super().__init__({None: None})

    def disarm(self) -> None:
        """Let the loops of running frames pass by their probes from now on."""
        self.clear()

    # Constants of a code object are hashed and compared with it.
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other

    def __reduce__(self) -> tuple[Any, ...]:
        return Alive, ()


GONE = Alive()  # of a loop that is to go on as it was
GONE.disarm()


def _fits(it: object) -> bool:
    kind = type(it)
    if kind in iterators.DRAWN:
        return iterators.rests(it)
    if kind in iterators.ITERATORS and sys.getrefcount(it) > _OWN:
        return False  # the function that made it need not be the builtin of its name
    return (kind is not enumerate and kind is not zip) or cursors.is_known(it) or iterators.rests(it)


class Once:
    """Gives a loop an iterator that `iter` has answered, without asking that for its own."""

    __slots__ = ("_it",)

    def __init__(self, it: Any) -> None:
        self._it = it

    def __iter__(self) -> Any:
        return self._it


class Iterables(dict[type, int]):
    """Whether a loop may hold the iterator of an object of exactly this type and draw from it by other means.

    That is True where it may, `ASK` where the object has to fit, `BEGIN` where its iterator has to, and something false
    where it may not.
    """

    def __init__(self, name: str, known: Mapping[type, int]) -> None:
        super().__init__(known)
        self.name = name

    def __missing__(self, kind: type) -> int:
        known: int
        if kind is types.GeneratorType:
            # Others may see how far one is: it is left as CPython would leave it, where its layout is the known one.
            known = ASK if not layout.problem() else False
        else:
            numpy = sys.modules.get("numpy")
            found = shapes.lookup(kind, "__iter__")
            known = (numpy is not None and kind is numpy.ndarray) or found is _OVER_DICT or found is _OVER_SET \
                or (_is_generator(found) and not layout.problem())
            if not known and type(found) is types.FunctionType:
                known = BEGIN
        if not kind.__flags__ & layout.HEAP_TYPE:
            # Classes that can be freed are not remembered: that would keep them alive.
            self[kind] = known
        return known

    def fits(self, it: object) -> bool:
        """Whether nobody else has an iterator, and a loop may go on behind what seems to be the end of an iterable.

        Probed loops ask for an item more, or for one less, where their iterable ends at a limit. What an enumerate or a
        zip holds may be the program's own, or be known to others, who would see that.
        """
        return _fits(it)

    def begins(self, it: object) -> bool:
        """Whether a loop may draw by other means from an iterator that a function of the program's has made."""
        kind = type(it)  # what is asked counts references: no function stands between
        return not layout.problem() if kind is types.GeneratorType else kind in _MADE and _fits(it)

    # Constants of a code object are hashed and compared with it.
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other

    def __reduce__(self) -> str | tuple[Any, ...]:
        return self.name


def _is_generator(found: Any) -> bool:
    """Whether what a class has for `__iter__` makes a generator, of which only the loop knows."""
    return type(found) is types.FunctionType and bool(found.__code__.co_flags & inspect.CO_GENERATOR)


# Iterators over kinds of dicts and sets that define none of their own are those of dicts and sets.
_OVER_DICT, _OVER_SET = shapes.lookup(dict, "__iter__"), shapes.lookup(set, "__iter__")
# Iterators that are known to go on as they should, whoever has made them.
_MADE = frozenset(iterators.ITERATORS) | iterators.DRAWN
_CONTAINERS = dict.fromkeys((range, list, tuple, str, dict, set, *keyed.VIEWS, *iterators.CONTAINERS), True)
CONTAINERS = Iterables("CONTAINERS", {**_CONTAINERS, **dict.fromkeys(iterators.DRAWN, ASK)})
ITERABLES = Iterables("ITERABLES", {**_CONTAINERS, **dict.fromkeys(iterators.ITERATORS, ASK)})


class Asking(Iterables):
    """Such a table for one loop, which tells each time that an iterable does not fit.

    Args:
        known: the common table.
        unfit: called then; it answers whether it is not to be called again.
    """

    def __init__(self, known: Iterables, unfit: Callable[[], bool]) -> None:
        super().__init__(known.name, {kind: fits for kind, fits in known.items() if fits})
        self._known, self._unfit, self._armed = known, unfit, True

    def __missing__(self, kind: type) -> int:
        fits = self._armed and self._known[kind]
        if (fits or self._unfit()) and not kind.__flags__ & layout.HEAP_TYPE:
            self[kind] = fits
        return fits

    def fits(self, it: object) -> bool:
        """As for any table, and told as well."""
        found = _fits(it)
        if not found:
            self._unfit()
        return found

    def begins(self, it: object) -> bool:
        """As for any table, and told as well."""
        kind = type(it)
        found = not layout.problem() if kind is types.GeneratorType else kind in _MADE and _fits(it)
        if not found:
            self._unfit()
        return found

    def disarm(self) -> None:
        """Let nothing fit from now on: the loops of running frames then pass by their hooks."""
        self._armed = False
        self.update(dict.fromkeys(self, False))

    def __reduce__(self) -> tuple[Any, ...]:
        return _common, (self.name,)


def _common(name: str) -> Iterables:
    return {"CONTAINERS": CONTAINERS, "ITERABLES": ITERABLES}[name]


@dataclass(frozen=True)
class Slot:
    """What stands at a probe.

    Attributes:
        limit: the iterations that CPython runs before the hook is called, or what tells an entry how many.
        hook: called as the hook protocol says, or builtin code whose answers may have other statuses too.
        leave: called with an answer whose status is not one of 0 to 3, and with the hook's arguments; its answer
            takes the place of that one.
        containers, iterables: over which types the loop may be probed, when its header names the iterable or makes it.
        turns: takes an item for each entry, whether it comes to the probe; none does behind the last item.
        alive: whether the loop is probed; where the loop as it was stands beside it.
    """

    limit: int | Callable[[], int]
    hook: Callable[..., Answer]
    leave: Callable[..., Answer] = passed
    containers: Iterables = CONTAINERS
    iterables: Iterables = ITERABLES
    turns: Iterator[bool] = ALWAYS
    alive: Alive = field(default_factory=Alive)

    @property
    def asked(self) -> Callable[[], int]:
        """What an entry calls for the iterations that CPython runs."""
        return functools.partial(int, self.limit) if isinstance(self.limit, int) else self.limit
