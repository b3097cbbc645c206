"""Loops over iterators without a native form: the loop is native, and the iterator is where CPython would have it."""

from __future__ import annotations

import collections
import itertools
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

import zexus


def compiled(function: Any, **settings: Any) -> Any:
    return zexus.jit.compile(function, threshold=50, background=False, **settings)


def natives(function: Any) -> int:
    return sum(region.native_iterations for region in zexus.explain(function).regions)


def best(n: int) -> int:
    found = 0
    for order in itertools.permutations(range(n)):
        total = 0
        for place in range(n):
            total += order[place] * place
        if total > found:
            found = total
    return found


def summed(items: Any) -> Any:
    total = 0
    for item in items:
        total = total * 3 % 1000003 + item
    return total


def steps(n: int) -> Iterator[int]:
    for i in range(n):
        yield i
        if i % 2:
            yield -i
    raise LookupError(n)


@pytest.mark.parametrize("make", [
    lambda: collections.deque(range(900)), lambda: bytes(range(250)) * 4, lambda: frozenset(range(900)),
    lambda: map(abs, range(-900, 0)), lambda: itertools.chain(range(500), range(400)),
    lambda: iter(list(range(900)).pop, 3), lambda: collections.Counter(range(900)),
    lambda: itertools.accumulate(range(900)),
])  # fmt: skip
def test_the_loop_is_native(make: Any) -> None:
    fast = compiled(summed)
    assert [fast(make()) for _ in range(2)] == [summed(make())] * 2
    assert natives(fast) > 800


def test_a_loop_in_a_loop_over_permutations_is_native_with_it() -> None:
    fast = compiled(best)
    assert fast(6) == best(6)
    outer = zexus.explain(fast).regions[0]
    assert outer.tier == "native" and outer.native_iterations > 500


def weighed(pairs: Any) -> int:
    total = 0
    for a, b in pairs:
        total = (total * 3 + a - b) % 1000003
    return total


@pytest.mark.parametrize("make", [
    lambda: itertools.combinations(range(50), 2), lambda: itertools.combinations_with_replacement(range(50), 2),
    lambda: itertools.permutations(range(40), 2), lambda: itertools.product(range(40), range(35)),
])
def test_tuples_of_pools_are_not_made_anew(make: Any) -> None:
    fast = compiled(weighed)
    assert [fast(make()) for _ in range(2)] == [weighed(make())] * 2
    assert natives(fast) > 1000
    it = make()
    for _ in range(3):
        next(it)
    identities = set()

    def watched(n: int) -> int:
        total = 0
        for a, b in it:
            total += a + b
            if total > n:
                break
        return total

    assert compiled(watched)(900) > 900
    for _ in range(5):
        identities.add(id(next(it)))
    assert len(identities) == 1


def test_an_iterator_goes_on_where_the_loop_left_it() -> None:
    def some(it: Iterator[int]) -> int:
        total = 0
        for item in it:
            total += item
            if item == 700:
                break
        return total

    fast = compiled(some)
    it = itertools.chain(range(800), range(3))
    assert fast(it) == sum(range(701))
    assert next(it) == 701
    assert list(it)[-3:] == [0, 1, 2]


def drawn(n: int) -> int:
    total = 0
    for item in steps(n):
        for power in range(20):
            total = (total + item * power) % 1009
    return total


def test_what_a_generator_raises_shows_the_loop_once() -> None:
    fast = compiled(drawn)
    shown = []
    for function in (drawn, fast):
        with pytest.raises(LookupError) as raised:
            function(300)
        shown.append([(f.name, f.lineno, f.line) for f in traceback.extract_tb(raised.value.__traceback__)[1:]])
    assert shown[0] == shown[1]
    assert natives(fast) > 300


def test_loops_that_do_not_pay_over_generators_pay_over_lists() -> None:
    def total(items: Any) -> int:
        found = 0
        for item in items:
            found += item
        return found

    fast = compiled(total)
    with pytest.raises(LookupError):
        fast(steps(500))
    assert natives(fast) == 0
    assert fast(list(range(5000))) == total(range(5000))
    assert natives(fast) > 4000
