"""The pools: what they keep, what they hand out again, what they count, and what they refuse."""

from __future__ import annotations

import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zexus.vm.memory_pool import IntegerPool, ListPool, MemoryPoolManager, ObjectPool, PoolError, PoolStats, StringPool


class Thing:
    def __init__(self) -> None:
        self.held: object = None


def emptied(thing: Thing) -> None:
    thing.held = None


@given(st.integers() | st.integers(-200, 300))
def test_an_integer_is_itself(value: int) -> None:
    pool = IntegerPool()
    assert pool.take(value) == value and type(pool.take(value)) is int
    assert (pool.stats.hits, pool.stats.misses) == ((2, 0) if -128 <= value <= 256 else (0, 2))


def test_a_bool_is_no_integer_of_the_pool() -> None:
    pool = IntegerPool()
    assert pool.take(True) is True
    assert pool.stats.misses == 1 and len(pool) == 385


def test_equal_strings_become_one() -> None:
    pool = StringPool()
    first, second = ("ab" * 3 + str(1) for _ in range(2))
    assert first is not second and pool.take(first) is pool.take(second) is first
    assert pool.stats.as_dict()["hit_rate"] == 50.0


def test_long_strings_and_subclasses_are_handed_through() -> None:
    class Name(str):
        pass

    pool = StringPool()
    for value in ("x" * 65, Name("x")):
        assert pool.take(value) is value
    assert len(pool) == 0 and pool.stats.misses == 2
    pool.take("x" * 64)
    assert len(pool) == 1


def test_the_string_used_least_recently_goes_first() -> None:
    pool = StringPool(max_size=2)
    for value in ("a", "b", "a", "c"):
        pool.take(value)
    assert (pool.stats.hits, pool.stats.evictions) == (1, 1)
    assert [pool.take(value) is not None and pool.stats.misses for value in ("a", "b")] == [3, 4]


def test_a_released_list_comes_back_clean() -> None:
    pool = ListPool()
    made = pool.take(3)
    assert made == [None, None, None]
    made[:] = [1, 2, 3]
    pool.release(made)
    again = pool.take(3)
    assert again is made and again == [None, None, None]
    assert (pool.stats.hits, pool.stats.misses, pool.stats.reuses, pool.stats.releases) == (1, 1, 1, 1)


def test_a_list_is_kept_by_the_size_that_it_has_now() -> None:
    pool = ListPool()
    made = pool.take(2)
    made.append(5)
    pool.release(made)
    assert pool.take(2) is not made
    assert pool.take(3) is made


def test_a_pooled_list_keeps_nothing_alive() -> None:
    pool, thing = ListPool(), Thing()
    seen = weakref.ref(thing)
    made = pool.take(1)
    made[0] = thing
    del thing
    pool.release(made)
    gc.collect()
    assert seen() is None


def test_long_lists_are_not_kept() -> None:
    pool = ListPool()
    pool.release(pool.take(17))
    assert len(pool) == 0 and pool.take(17) == [None] * 17
    pool.release(pool.take(16))
    assert len(pool) == 1


def test_releasing_twice_is_noticed() -> None:
    pool = ListPool()
    made = pool.take(4)
    pool.release(made)
    with pytest.raises(PoolError, match="released twice"):
        pool.release(made)
    made.append(1)
    with pytest.raises(PoolError, match="released twice"):
        pool.release(made)
    made.pop()
    with pytest.raises(PoolError, match="a list was expected"):
        pool.release((1, 2))  # type: ignore[arg-type]
    assert pool.take(4) is made and pool.take(4) is not made, "one list was handed out twice"


def test_a_full_pool_drops_the_one_that_waited_longest() -> None:
    pool = ObjectPool(Thing, emptied, max_size=2)
    things = [pool.take() for _ in range(3)]
    things[0].held = "something"
    for thing in things:
        pool.release(thing)
    assert things[0].held is None and len(pool) == 2 and pool.stats.evictions == 1
    assert [pool.take(), pool.take()] == [things[2], things[1]]
    assert pool.take() not in things


def test_what_is_never_given_back_is_not_kept_alive() -> None:
    pool = ObjectPool(Thing)
    seen = weakref.ref(pool.take())
    gc.collect()
    assert seen() is None


def test_a_pool_of_nothing() -> None:
    pool = ObjectPool(Thing, max_size=0)
    thing = pool.take()
    pool.release(thing)
    assert pool.take() is not thing and pool.stats.evictions == 1
    assert StringPool(0).take("a") == "a"
    with pytest.raises(ValueError, match="cannot keep -1"):
        ObjectPool(Thing, max_size=-1)
    with pytest.raises(ValueError, match="cannot have -1"):
        ListPool().take(-1)


@given(st.lists(st.tuples(st.sampled_from("tr"), st.integers(0, 18)), max_size=60), st.integers(0, 3))
def test_no_list_is_out_twice_and_every_request_is_counted(steps: list[tuple[str, int]], max_size: int) -> None:
    pool, out, taken = ListPool(max_size), [], 0
    for step, number in steps:
        if step == "t":
            made = pool.take(number)
            assert made == [None] * number and all(made is not other for other in out)
            out.append(made)
            taken += 1
        elif out:
            released = out.pop(number % len(out))
            released[:] = range(len(released))
            pool.release(released)
    assert pool.stats.requests == taken
    assert len(pool) <= 17 * max_size
    assert pool.stats.reuses == pool.stats.hits


def test_the_pools_of_a_vm() -> None:
    pools = MemoryPoolManager(max_size=10)
    assert pools.allocate_integer(42) == 42 and pools.allocate_string("hello") == "hello"
    pools.allocate_string("hel" + "lo")
    made = pools.allocate_list(10)
    pools.release_list(made)
    assert pools.allocate_list(10) is made
    stats = pools.get_stats()
    assert (stats["integer_pool"]["hit_rate"], stats["string_pool"]["hit_rate"]) == (100.0, 50.0)
    assert stats["list_pool"]["reuses"] == 1 and stats["overall_hit_rate"] == 60.0
    pools.reset()
    assert pools.get_stats()["overall_hit_rate"] == 0.0 and pools.allocate_list(10) is not made


def test_rates_of_a_pool_that_was_not_asked() -> None:
    assert PoolStats().hit_rate == 0.0 and PoolStats(hits=3, misses=1).hit_rate == 75.0
