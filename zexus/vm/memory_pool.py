"""Pools of values: small integers made beforehand, short strings kept once, lists that are used again.

They count what they did, so that a pool that is of no use can be seen to be: CPython keeps small integers itself, and a
list that is taken from a pool costs more than a new one where nothing else holds memory back.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Generic, TypeVar

from zexus.records import dataclass
from zexus.settings import VM_DEFAULTS, PoolSettings

T = TypeVar("T")

_SIZES = VM_DEFAULTS.pools


class PoolError(ValueError):
    """Something was released that cannot be: a second time, or of another kind than the pool's."""


@dataclass
class PoolStats:
    """What a pool has done since it was made or reset.

    Attributes:
        hits: requests that were answered with something that the pool had.
        misses: requests for which something had to be made.
        reuses: released objects that were handed out again.
        evictions: what was dropped because the pool was full, the one that was used least recently first.
        releases: objects that were given back.
    """

    hits: int = 0
    misses: int = 0
    reuses: int = 0
    evictions: int = 0
    releases: int = 0

    @property
    def requests(self) -> int:
        """How often the pool was asked."""
        return self.hits + self.misses

    @property
    def hit_rate(self) -> float:
        """Of a hundred requests, how many were hits."""
        return 100.0 * self.hits / self.requests if self.requests else 0.0

    def as_dict(self) -> dict[str, Any]:
        """All figures by name."""
        return {"hits": self.hits, "misses": self.misses, "reuses": self.reuses, "evictions": self.evictions,
                "releases": self.releases, "requests": self.requests, "hit_rate": self.hit_rate}


class ObjectPool(Generic[T]):
    """Objects of one kind that are taken, released and taken again.

    The pool holds what was released; an object that is out and never comes back is not kept alive by it.

    Args:
        make: makes a new object.
        clean: makes a released object as good as new, so that nothing is kept alive by it.
        max_size: how many released objects are kept.
    """

    def __init__(self, make: Callable[[], T], clean: Callable[[T], None] = lambda released: None,
                 max_size: int = 1000) -> None:
        self.make = make
        self.clean = clean
        self.max_size = _checked(max_size)
        self.stats = PoolStats()
        self._free: OrderedDict[int, T] = OrderedDict()

    def __len__(self) -> int:
        """How many released objects wait."""
        return len(self._free)

    def take(self) -> T:
        """An object: the one released last, if there is any."""
        if not self._free:
            self.stats.misses += 1
            return self.make()
        self.stats.hits += 1
        self.stats.reuses += 1
        return self._free.popitem()[1]

    def release(self, released: T) -> None:
        """Give an object back.

        Raises:
            PoolError: it was released already, and waits here.
        """
        if self.holds(released):
            raise PoolError(f"this {type(released).__name__} was released twice")
        self.clean(released)
        self.stats.releases += 1
        if self.max_size == 0:
            self.stats.evictions += 1
            return
        if len(self._free) >= self.max_size:
            self._free.popitem(last=False)
            self.stats.evictions += 1
        self._free[id(released)] = released

    def holds(self, value: T) -> bool:
        """Whether an object was released and waits here."""
        return id(value) in self._free

    def reset(self) -> None:
        """Forget all objects and begin new statistics."""
        self._free.clear()
        self.stats = PoolStats()


class IntegerPool:
    """The integers of a range, made beforehand. Others are handed through.

    Args:
        smallest, largest: the ends of the range.
    """

    def __init__(self, smallest: int = _SIZES.smallest_integer, largest: int = _SIZES.largest_integer) -> None:
        self._smallest, self._largest = smallest, largest
        self._made = tuple(range(smallest, largest + 1))
        self.stats = PoolStats()

    def __len__(self) -> int:
        return len(self._made)

    def take(self, value: int) -> int:
        """The pool's integer of that value, or the given one."""
        if type(value) is int and self._smallest <= value <= self._largest:
            self.stats.hits += 1
            return self._made[value - self._smallest]
        self.stats.misses += 1
        return value

    def reset(self) -> None:
        """Begin new statistics; the integers stay."""
        self.stats = PoolStats()


class StringPool:
    """Strings of at most so many characters, each kept once, as long as they are among the most recently used.

    Args:
        max_size: how many strings are kept.
        longest: characters of the longest.
    """

    def __init__(self, max_size: int = 1000, longest: int = _SIZES.longest_string) -> None:
        self.max_size = _checked(max_size)
        self._longest = longest
        self.stats = PoolStats()
        self._kept: OrderedDict[str, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, value: str) -> str:
        """The kept string that equals this one, which is kept from now on if there is none."""
        if type(value) is not str or len(value) > self._longest:
            self.stats.misses += 1
            return value
        found = self._kept.get(value)
        if found is not None:
            self._kept.move_to_end(value)
            self.stats.hits += 1
            return found
        self.stats.misses += 1
        if self.max_size == 0:
            return value
        if len(self._kept) >= self.max_size:
            self._kept.popitem(last=False)
            self.stats.evictions += 1
        self._kept[value] = value
        return value

    def reset(self) -> None:
        """Forget all strings and begin new statistics."""
        self._kept.clear()
        self.stats = PoolStats()


class ListPool:
    """Lists of None by their size; those that are longer than a limit are made anew each time.

    Args:
        max_size: how many released lists are kept for each size.
        longest: items of the longest that is kept.
    """

    def __init__(self, max_size: int = 1000, longest: int = _SIZES.longest_list) -> None:
        self._longest = longest
        self._pools = [_lists(size, max_size) for size in range(longest + 1)]
        self._long = PoolStats()

    def __len__(self) -> int:
        return sum(map(len, self._pools))

    @property
    def stats(self) -> PoolStats:
        """The figures of all sizes together."""
        parts = [self._long, *(pool.stats for pool in self._pools)]
        return PoolStats(*(sum(getattr(part, f.name) for part in parts) for f in fields(PoolStats)))

    def take(self, size: int = 0) -> list[Any]:
        """A list of `size` times None that nobody else has.

        Raises:
            ValueError: a negative size.
        """
        if size < 0:
            raise ValueError(f"a list cannot have {size} items")
        if size > self._longest:
            self._long.misses += 1
            return [None] * size
        return self._pools[size].take()

    def release(self, released: list[Any]) -> None:
        """Give a list back, which is emptied of what it holds; it is kept by the size that it has now.

        Raises:
            PoolError: it is no list, or was released already and waits here.
        """
        if type(released) is not list:
            raise PoolError(f"a list was expected, not {released!r}")
        if any(pool.holds(released) for pool in self._pools):
            raise PoolError("this list was released twice")
        if len(released) > self._longest:
            self._long.releases += 1
            return
        self._pools[len(released)].release(released)

    def reset(self) -> None:
        """Forget all lists and begin new statistics."""
        self._long = PoolStats()
        for pool in self._pools:
            pool.reset()


def _lists(size: int, max_size: int) -> ObjectPool[list[Any]]:
    nothing: list[Any] = [None] * size

    def clean(released: list[Any]) -> None:
        released[:] = nothing

    return ObjectPool(nothing.copy, clean, max_size)


def _checked(max_size: int) -> int:
    if max_size < 0:
        raise ValueError(f"a pool cannot keep {max_size} objects")
    return max_size


class MemoryPoolManager:
    """The pools of a VM.

    Args:
        max_size: how many strings, and how many lists of each size, are kept.
        sizes: what is small enough to be kept.
    """

    def __init__(self, max_size: int = 1000, sizes: PoolSettings = _SIZES) -> None:
        self.integers = IntegerPool(sizes.smallest_integer, sizes.largest_integer)
        self.strings = StringPool(max_size, sizes.longest_string)
        self.lists = ListPool(max_size, sizes.longest_list)

    def allocate_integer(self, value: int) -> int:
        """An integer of that value."""
        return self.integers.take(value)

    def allocate_string(self, value: str) -> str:
        """A string that equals this one."""
        return self.strings.take(value)

    def allocate_list(self, size: int = 0) -> list[Any]:
        """A list of `size` times None."""
        return self.lists.take(size)

    def release_list(self, released: list[Any]) -> None:
        """Give a list back.

        Raises:
            PoolError: it was released already.
        """
        self.lists.release(released)

    @property
    def stats(self) -> dict[str, PoolStats]:
        """The figures of each pool by its name."""
        return {"integers": self.integers.stats, "strings": self.strings.stats, "lists": self.lists.stats}

    def get_stats(self) -> dict[str, Any]:
        """The figures of `integer_pool`, `string_pool` and `list_pool`, and of all together."""
        pools = {"integer_pool": self.integers.stats, "string_pool": self.strings.stats, "list_pool": self.lists.stats}
        requests = sum(stats.requests for stats in pools.values())
        hits = sum(stats.hits for stats in pools.values())
        found: dict[str, Any] = {name: stats.as_dict() for name, stats in pools.items()}
        return {**found, "overall_hit_rate": 100.0 * hits / requests if requests else 0.0}

    def reset(self) -> None:
        """Empty the pools and begin new statistics."""
        for pool in (self.integers, self.strings, self.lists):
            pool.reset()
