"""Native code holds and drops references as CPython does: nothing dies early, nothing changes, nothing leaks."""

from __future__ import annotations

import gc
import sys
import tracemalloc
import weakref
from collections import deque, namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import zexus

pytestmark = pytest.mark.usefixtures("young_heap")

NOW: dict[str, Any] = {"threshold": 1, "background": False, "cache": False, "record_iterations": 3, "weigh": False}


def native(function: Callable[..., Any], **settings: Any) -> Callable[..., Any]:
    made: Callable[..., Any] = zexus.jit.compile(function, **{**NOW, **settings})
    return made


def same(function: Callable[..., Any], make: Callable[[], tuple[Any, ...]], rounds: int = 3) -> Callable[..., Any]:
    """The compiled function gives the plain one's answers, types included; and some loop of it ran natively."""
    compiled = native(function)
    for _ in range(rounds):
        expected, given = make(), make()
        assert repr(compiled(*given)) == repr(function(*expected))
        assert repr(given) == repr(expected)
    assert any(region.native_iterations for region in zexus.explain(compiled).regions), zexus.explain(compiled)
    return compiled


class Marker:
    pass


# --- a value that somebody holds does not change when the list does ------------------------------


def held_by_name(values: list[float], n: int) -> Any:
    seen = []
    for i in range(n):
        x = values[i % 4]
        values[i % 4] = i + 0.5
        if i > n - 4:
            seen.append(x)
    return seen, x


def held_by_object_name(values: list[Any], n: int) -> Any:
    total = 0
    x: Any = None
    for i in range(n):
        x = values[i % 4]
        if i % 4:
            values[i % 4] = i + 0.5
        else:
            values[0] = [i]
        if x is None:
            total += 1
    return total, x


def held_before(values: list[float], n: int) -> Any:
    first = values[0]
    for i in range(n):
        values[0] = i * 1.5
    return first, values


def held_by_other_list(values: list[float], n: int) -> Any:
    other = list(values)
    for i in range(n):
        values[i % 4] = values[i % 4] + 1.0
        values[(i + 1) % 4] -= 0.25
    return other, values


def held_by_tuple(values: list[float], n: int) -> Any:
    kept = tuple(values)
    pairs = []
    for i in range(n):
        pair = (values[0], values[1])
        values[0] = pair[1] + 1.0
        values[1] = pair[0] - 1.0
        if i % 50 == 0:
            pairs.append(pair)
    return kept, pairs, values


def held_by_slice_and_row(rows: list[list[float]], n: int) -> Any:
    copies = [row[:] for row in rows]
    for i in range(n):
        for j in range(2):
            rows[i % 2][j] *= 1.5
            rows[i % 2][j] -= 0.5
    return copies, rows


def pushed_twice(n: int) -> Any:
    a: list[float] = []
    b: list[float] = []
    for i in range(n):
        x = i * 0.5
        a.append(x)
        b.append(x)
        a[-1] = a[-1] + 1.0
    return a, b


def stored_twice(a: list[float], b: list[float], n: int) -> Any:
    for i in range(n):
        x = i * 0.5
        a[i % 4] = x
        b[i % 4] = a[i % 4]
        a[i % 4] += 1.0
    return a, b


def held_by_loop_variable(values: list[float], n: int) -> Any:
    out = []
    for x in values:
        values[0] = x + 2.0
        out.append(x)
    for i, x in enumerate(values):
        values[i] = x + 2.0
        out.append(x)
    return out, values


def held_by_dictionary(values: list[float], n: int) -> Any:
    kept = {}
    for i in range(n):
        if i % 40 == 3:
            kept[i] = values[i % 4]
        values[i % 4] = values[i % 4] * 0.5 + 1.0
    return kept, values


def popped(values: list[float], n: int) -> Any:
    x = y = 0.0
    for i in range(n):
        x = values.pop()
        values.append(i * 0.5)
        y = values[-1]
        values[-1] = 7.25
    return x, y, values


HOLDING = [held_by_name, held_before, held_by_other_list, held_by_tuple, held_by_loop_variable, held_by_dictionary,
           popped]


@pytest.mark.parametrize("function", HOLDING)
def test_floats_that_are_held_stay(function: Callable[..., Any]) -> None:
    same(function, lambda: ([0.25 + n for n in map(float, range(4))], 200))


def test_objects_that_are_held_stay() -> None:
    same(held_by_object_name, lambda: ([[0], 1.5, 2.5, 3.5], 201))
    same(held_by_object_name, lambda: ([[0], 1.5, 2.5, 3.5], 203))


def test_floats_in_rows_stay() -> None:
    same(held_by_slice_and_row, lambda: ([[float(i), 1.5] for i in range(2)], 60))


def test_floats_put_in_two_lists_stay() -> None:
    same(pushed_twice, lambda: (100,))
    same(stored_twice, lambda: ([float(i) for i in range(4)], [0.0] * 4, 100))


def shared_ints(values: list[int], n: int) -> Any:
    kept = list(values)
    first = values[0]
    for i in range(n):
        values[i % 4] = values[i % 4] + 1_000_003
        values[(i + 1) % 4] = values[i % 4] - 7
    return kept, first, values


def mixed_ints(values: list[int], n: int) -> Any:
    out = []
    for i in range(n):
        x = values[i % 4]
        values[i % 4] = i * 1000
        if i % 30 == 7:
            values[i % 4] = 10**30 + i
        out.append(x)
    return out, values


def test_ints_that_are_held_stay() -> None:
    same(shared_ints, lambda: ([10**6 + n for n in range(4)], 150))
    same(mixed_ints, lambda: ([10**6 + n for n in range(4)], 150))


# --- a row that native code looks at lives as long as it looks ------------------------------


def row_dropped_by_statement(rows: list[list[float]], n: int) -> Any:
    total = 0.0
    log = {}
    for i in range(n):
        row = rows[0]
        log["k"] = f"{rows.pop(0) is row}"
        rows.append([float(i), 2.0, 3.0])
        junk = [float(i + 100), 5.0, 6.0]
        total += row[0] + row[2] + junk[1]
    return total, log, rows


def inner_loop_over_dropped(rows: list[list[float]], n: int) -> Any:
    total = 0.0
    log = {}
    for i in range(n):
        for x in rows[0]:
            log["k"] = f"{len(rows)}"
            rows[0] = [float(i), x]
            total += x
    return total, log


def drop(rows: list[Any]) -> None:
    rows.clear()
    rows.append([1.0, 2.0, 3.0])


def row_dropped_by_callee(rows: list[Any], n: int) -> Any:
    total = 0.0
    d = {}
    for i in range(n):
        row = rows[0]
        try:
            drop(rows)
        finally:
            d["n"] = i
        rows[0][1] = 4.0 + i
        total += row[0] + row[1]
    return total, row


def row_overwritten(rows: list[list[int]], n: int) -> Any:
    total = 0
    for i in range(n):
        row = rows[i % 2]
        rows[i % 2] = [i, i + 1]
        rows[(i + 1) % 2] = [i, i + 2]
        total += row[1]
    return total, rows


def test_rows_live_as_long_as_they_are_used() -> None:
    def rows() -> tuple[Any, ...]:
        return [[1.0, 2.0, 3.0] for _ in range(3)], 300

    for function in (row_dropped_by_statement, inner_loop_over_dropped, row_dropped_by_callee):
        same(function, rows)
    same(row_overwritten, lambda: ([[1, 2], [3, 4]], 200))


def row_in_itself(n: int) -> Any:
    a: list[Any] = [1, 2, 3]
    a[0] = a
    total = 0
    for i in range(n):
        inner = a[0]
        inner[1] += i
        total += a[1]
    return total, a[0] is a, len(a)


def aliased_rows(n: int) -> Any:
    rows = [[0.0] * 3] * 4
    for i in range(n):
        for j in range(3):
            rows[i % 4][j] += i * 0.5
    return rows, rows[0] is rows[3]


def swapped(values: list[Any], n: int) -> Any:
    for i in range(n):
        j, k = i % 4, (i * 3 + 1) % 4
        values[j], values[k] = values[k], values[j]
    return values


def test_aliased_lists() -> None:
    same(row_in_itself, lambda: (100,))
    same(aliased_rows, lambda: (100,))
    for make in (float, int, str, lambda v: [v], lambda v: (v,)):
        same(swapped, lambda make=make: ([make(v) for v in range(4)], 101))  # type: ignore[misc]


# --- nothing leaks ------------------------------


def makes_lists(n: int) -> Any:
    rows = []
    for i in range(n):
        row = [i * 1.5] * 3
        row[1] = i + 0.25
        rows.append(row)
    return rows


def changes_list(values: list[Any], n: int) -> Any:
    for i in range(n):
        values[i % 4] = i * 1000
        values[i % 4] = values[(i + 1) % 4]
        values.append(i * 1000)
        values.pop()
    return values[0]


def changes_floats(values: list[float], n: int) -> Any:
    for i in range(n):
        values[i % 4] = i * 0.5
        values.append(values[i % 4])
        x = values.pop()
    return x


def changes_rows(rows: list[Any], n: int) -> Any:
    for i in range(n):
        rows[i % 4] = [i, i + 1]
        rows[i % 4], rows[(i + 1) % 4] = rows[(i + 1) % 4], rows[i % 4]
    return len(rows)


def runs_statements(values: list[Any], n: int) -> Any:
    d: dict[Any, Any] = {}
    text = ""
    for i in range(n):
        if i % 3 == 1:
            d[i % 4] = values
            text = f"{i} {values[0]}"
        values[i % 4] += 1
    return d, text


def fills_array(array: Any, n: int) -> Any:
    for i in range(n):
        array[i % 4] = i
        array[i % 4] += 1
    return array[0]


def iterates(values: list[Any], n: int) -> Any:
    total = 0
    for _ in range(3):
        for k, v in enumerate(values):
            total += v * k
        for a, b in zip(values, values):
            total += a * b
        for v in values:
            total += v
    return total


def raises(values: list[Any], n: int) -> Any:
    done = []
    try:
        for i in range(n):
            done.append([i])
            values[i]
    except IndexError:
        return done
    return None


def statement_raises(values: list[Any], n: int) -> Any:
    d: dict[Any, Any] = {}
    kept = None
    try:
        for i in range(n):
            kept = [i, values]
            d["x"] = str(i)
            if i == n - 2:
                d["absent" + str(i)]
    except KeyError as error:
        return error.args, kept
    return None


def turns_queue(queue: deque[Any], n: int) -> int:
    total = 0
    for i in range(n):
        queue.append((i + 1000, i * 0.5))
        queue.appendleft(i + 1000.5)
        total += (queue.pop() is not None) + (len(queue) > 3)
        queue.append(queue.popleft())
        if len(queue) > 70:
            queue.popleft()
    return total


Pair = namedtuple("Pair", "x y")


def makes_named(pairs: list[Any], n: int) -> int:
    p, total = pairs[0], 0
    table = {}
    for i in range(n):
        p = Pair(p.y, i + 1000)
        pairs[i % 2] = p
        table[Pair(i % 5, p.x)] = Pair(i, (i, str(i)))
        total += p.x + len(pairs[0]) + (Pair(i, 2.5) == p)
    return total


LEAKS: list[tuple[Callable[..., Any], Callable[[], tuple[Any, ...]]]] = [
    (makes_lists, lambda: (30,)),
    (changes_list, lambda: ([1000, 2000, 3000, 4000], 30)),
    (changes_list, lambda: ([1.5, "a", None, 4000], 30)),
    (changes_floats, lambda: ([1.5, 2.5, 3.5, 4.5], 30)),
    (changes_rows, lambda: ([[1], [2], [3], [4]], 30)),
    (runs_statements, lambda: ([1000, 2000, 3000, 4000], 30)),
    (fills_array, lambda: (np.zeros(4), 30)),
    (fills_array, lambda: (np.zeros(4, np.uint8), 30)),
    (iterates, lambda: ([1000, 2000, 3000, 4000], 0)),
    (iterates, lambda: (np.arange(1000, 1020), 0)),
    (raises, lambda: ([1, 2, 3, 4] * 5, 30)),
    (turns_queue, lambda: (deque([1000.5] * 60), 60)),
    (makes_named, lambda: ([Pair(1, 2), Pair(3, 4)], 60)),
    (turns_queue, lambda: (deque([Marker(), Marker()], 40), 60)),
    (statement_raises, lambda: ([1, 2], 30)),
]


@pytest.mark.parametrize("force", [0, 2])
@pytest.mark.parametrize("number", range(len(LEAKS)))
def test_no_growth(number: int, force: int) -> None:
    function, make = LEAKS[number]
    compiled = native(function, force_exit=force)
    expected = function(*make())
    counted = make()[0]
    for _ in range(60):
        assert repr(compiled(*make())) == repr(expected)
    before = sys.getrefcount(counted)
    gc.collect()
    blocks = sys.getallocatedblocks()
    for _ in range(1500):
        compiled(*make())
    gc.collect()
    grown = sys.getallocatedblocks() - blocks
    assert grown < 700, f"{grown} blocks more after 1500 calls"
    if not isinstance(counted, int):
        compiled(counted, *make()[1:])
        assert sys.getrefcount(counted) == before


def test_no_growth_outside_the_object_allocator() -> None:
    compiled = native(makes_lists)
    for _ in range(50):
        compiled(300)
    tracemalloc.start()
    compiled(300)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(100):
        compiled(300)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000


# --- objects die when CPython lets them die ------------------------------


class Item(list[int]):
    pass


def lets_die(items: list[Any], watch: list[Any], n: int) -> int:
    alive = 0
    for i in range(n):
        items[i % 3] = Marker()
        if i == n - 1:
            alive = sum(ref() is not None for ref in watch)
    return alive


def test_objects_die_when_their_list_drops_them() -> None:
    compiled = native(lets_die)
    for _ in range(3):
        items = [Marker() for _ in range(3)]
        watch = [weakref.ref(item) for item in items]
        assert compiled(items, watch, 60) == 0
        del items
        assert not [ref for ref in watch if ref() is not None]


class Grows:
    """In a cycle: when the collector finds it, a list grows, and its items move."""

    def __init__(self, owner: list[int]) -> None:
        self.itself = self
        self.owner = owner

    def __del__(self) -> None:
        self.owner.extend([7] * 200_000)


def test_a_list_may_grow_while_the_loop_allocates() -> None:
    def rows_beside(xs: list[int], n: int) -> int:
        rows = []
        total = 0
        for i in range(n):
            rows.append([i])
            total += xs[i % 50]
        return total

    compiled = native(rows_beside)
    before = gc.get_threshold()
    for _ in range(3):
        gc.collect()
        gc.disable()
        xs = list(range(50))
        Grows(xs)
        gc.set_threshold(300)
        gc.enable()
        try:
            assert compiled(xs, 3000) == rows_beside(list(range(50)), 3000)
        finally:
            gc.set_threshold(*before)
        assert len(xs) == 200_050
    assert zexus.explain(compiled).regions[0].native_iterations


# --- lists that native code makes die when nothing refers to them any more ----------------------


def rows_in_turn(width: int, rounds: int) -> list[int]:
    previous = [1] * width
    for i in range(rounds):
        current = [i % 1000 + 1000]
        for j in range(width - 1):
            current.append((previous[j] + previous[j + 1]) % 100_003 + 1000)
        previous = current
    return previous


def test_lists_made_in_a_loop_do_not_pile_up() -> None:
    compiled = native(rows_in_turn)
    assert compiled(200, 50) == rows_in_turn(200, 50)
    tracemalloc.start()
    try:
        assert compiled(200, 2000) == rows_in_turn(200, 2000)
        tracemalloc.reset_peak()
        compiled(200, 2000)
        assert tracemalloc.get_traced_memory()[1] < 200 * 40 * 100  # of 2000 rows some are there at a time
    finally:
        tracemalloc.stop()


class Loud:
    alive = 0

    def __init__(self) -> None:
        Loud.alive += 1

    def __del__(self) -> None:
        Loud.alive -= 1


def held_in_lists(make: Callable[[], Any], rounds: int) -> int:
    most = 0
    kept = [None, 0]
    for i in range(rounds):
        pair = [make(), i]
        if i % 100 == 50:
            kept = pair
        if Loud.alive > most:
            most = Loud.alive
    return most * 0 + kept[1]


def test_objects_in_lists_made_in_a_loop_die_too() -> None:
    compiled = native(held_in_lists)
    assert compiled(Loud, 500) == held_in_lists(Loud, 500)
    gc.collect()
    assert Loud.alive == 0
    most = []
    compiled(lambda: (most.append(Loud.alive), Loud())[1], 2000)
    assert max(most) < 200


# --- what the recorder watches dies where it would in CPython -----------------------------------


class Failing:
    def __init__(self) -> None:
        raise ValueError


def dies_behind_its_call(items: list[Any], n: int) -> list[bool]:
    alive = []
    for _ in range(n):
        items.append(Marker())
        seen = weakref.ref(items.pop())
        alive.append(seen() is not None)
    return alive


def dies_with_its_statement(items: list[Any], n: int) -> list[bool]:
    alive = []
    for _ in range(n):
        items.append(Marker())
        seen = weakref.ref(items[0])
        items.pop()
        alive.append(seen() is not None)
    return alive


def taken(item: Any) -> Any:
    seen = weakref.ref(item)
    del item
    return seen


def dies_in_a_callee(items: list[Any], n: int) -> list[bool]:
    alive = []
    for _ in range(n):
        items.append(Marker())
        seen = taken(items.pop())
        alive.append(seen() is not None)
    return alive


def dies_where_it_is_handled(items: list[Any], n: int) -> list[bool]:
    alive = []
    for _ in range(n):
        items.append(Marker())
        seen = weakref.ref(items[0])
        try:
            alive.append([items.pop(), Failing()])
        except ValueError:
            alive.append(seen() is not None)
    return alive


def dies_when_its_name_is_taken(items: list[Any], n: int) -> list[bool]:
    alive = []
    for _ in range(n):
        for item in map(type, [Marker] * 2):
            item = type("Made", (), {})()
            seen = weakref.ref(item)
            item = None
            alive.append(seen() is not None)
    return alive


def dies_when_it_is_passed(items: list[Any], n: int) -> list[bool]:
    alive = []
    for _ in range(n):
        for item in (Marker() for _ in range(2)):
            seen = weakref.ref(item)
            item = None
            alive.append(seen() is not None)
    return alive


@pytest.mark.parametrize("function", [
    dies_behind_its_call, dies_with_its_statement, dies_in_a_callee, dies_where_it_is_handled,
    dies_when_its_name_is_taken, dies_when_it_is_passed,
])
def test_nothing_outlives_its_use_while_it_is_recorded(function: Callable[..., list[bool]]) -> None:
    compiled = zexus.jit.compile(function, threshold=1, background=False, cache=False)
    assert compiled([], 40) == function([], 40)


# --- what an activation has captured dies with it -----------------------------------------------


def stores_what_is_captured(item: Any, n: int) -> Any:
    held = None

    def shown() -> Any:
        return held

    for i in range(n):
        held = (item, i)
    return len(shown())


def callee_keeps_what_is_captured(item: Any, n: int) -> Any:
    held = None

    def keep(k: int) -> int:
        nonlocal held
        held = (item, k)
        return k

    total = 0
    for i in range(n):
        if i == n - 2:
            total += keep(i)
        total += i
    return total, len(held or ())


@pytest.mark.parametrize("function", [stores_what_is_captured, callee_keeps_what_is_captured])
def test_what_is_captured_dies_with_its_activation(function: Callable[..., Any]) -> None:
    compiled = native(function, measure=False)
    seen = []
    for _ in range(40):
        item = Marker()
        seen.append(weakref.ref(item))
        assert compiled(item, 50) == function(item, 50)
    del item
    gc.collect()
    assert not [reference for reference in seen if reference() is not None]
    assert zexus.explain(compiled).regions[0].native_iterations


# --- what a name in the world holds dies when the program gives it up ---------------------------


class Named:
    def __init__(self) -> None:
        self.value = 1
        self.table = {1: self}


NAMED: Any = None


def by_a_global(n: int) -> int:
    total = 0
    for i in range(n):
        total += NAMED.value + len(NAMED.table)
    return total


def test_what_a_global_names_dies_when_that_names_something_else() -> None:
    global NAMED
    compiled = zexus.jit.compile(by_a_global, threshold=1, background=False, cache=False, weigh=False)
    NAMED = Named()
    seen = weakref.ref(NAMED)
    for _ in range(5):
        assert compiled(50) == 100
    assert zexus.explain(compiled).regions[0].tier == "native"
    NAMED = None
    gc.collect()
    assert seen() is None
    NAMED = Named()
    assert compiled(50) == 100
