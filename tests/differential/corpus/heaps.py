"""Heaps by `heapq`: numbers, texts and tuples; items whose comparison is the program's own code; errors, nan and ties."""

from __future__ import annotations

import heapq
import random
from heapq import heappop, heappush

from ..cases import case


def sorted_by_heap(items):
    heap, found = [], []
    for item in items:
        heappush(heap, item)
    while heap:
        found.append(heappop(heap))
    return found


def layout(items, n):
    heap = []
    for item in items:
        heapq.heappush(heap, item)
        if len(heap) > n:
            heapq.heappop(heap)
    return heap


def swapped(items, n):
    heap, found = [], []
    for item in items:
        if len(heap) < n:
            heappush(heap, item)
        else:
            found.append(heapq.heappushpop(heap, item))
            found.append(heapq.heapreplace(heap, item))
    return heap, found


def hot_heap(n):
    heap, check = [], 0
    for i in range(n):  # native
        heappush(heap, (i * 7919 % 1009, i))
        if i % 3 == 2:
            key, place = heappop(heap)
            check = (check * 31 + key + place) % 1000003
    while heap:  # native
        key, place = heappop(heap)
        check = (check * 31 + key * place) % 1000003
    return check


def hot_numbers(n):
    heap, total = [], 0.0
    for i in range(n):  # native
        heappush(heap, i * 37 % 101 * 0.5)
        if len(heap) > 20:
            total += heappop(heap)
    return total, heap


class Item:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n

    def __repr__(self):
        return f"Item({self.n})"


DRAWN = random.Random(5)
INTS = [DRAWN.randrange(1000) for _ in range(90)]
FLOATS = [DRAWN.random() for _ in range(90)]
TUPLES = [(DRAWN.randrange(9), DRAWN.randrange(9), i) for i in range(90)]
INPUTS = (
    INTS, FLOATS, TUPLES, [(x, (y, str(i))) for i, (x, y, _) in enumerate(TUPLES)], list(map(str, INTS)), [1, 2.5] * 40,
    [*INTS[:60], 2.5, 2**70, -(2**64), True, False], [*INTS[:60], "a"], [2**62, -(2**63), 2**63, 2**63 - 1] * 20,
    [float("nan"), 1.0, 0.0, -0.0] * 20, [(float("nan"), i) for i in range(60)], [(x,) * (1 + x % 3) for x in INTS],
    [(i % 5, None) for i in range(60)], [(1, i, object) for i in range(60)], [], [3], [(), (1,), ()] * 20, ["\u0119", "z", "", "a\x00"] * 20,
    [((((((x,),),),),),) for x in INTS], [None, 1] * 3,
)
ITEMS = lambda: ([Item(x % 7) for x in INTS],)
for heaped in (sorted_by_heap,):
    case(heaped, *[(items,) for items in INPUTS], ITEMS, lambda: ([(x % 3, Item(x)) for x in INTS],), apart=True)
for heaped in (layout, swapped):
    case(heaped, *[(items, 7) for items in INPUTS], (INTS, 1), (INTS, 0), lambda: ([(x % 3, Item(x)) for x in INTS], 5), apart=True)
case(hot_heap, long=(3000,))
case(hot_numbers, long=(3000,))


def emptied(n):
    heap, total = list(range(n)), 0
    while True:
        try:
            total += heappop(heap)
        except IndexError as error:
            return total, str(error)


def not_a_list(n):
    heap = tuple(range(n))
    total = 0
    for i in range(n):
        total += heappop(heap)
    return total


def shared(n):
    heap, other = [], []
    for i in range(n):
        heappush(heap, (i % 7, i))
        heappush(other, heap[0])
        if i % 5 == 4:
            other[-1] = heappop(heap)
    return heap, other, [a is b for a in heap for b in other].count(True) > 0


case(emptied, (60,), (0,), apart=True)
case(not_a_list, (60,), apart=True)
case(shared, (60,), apart=True)


MIXED = [0, 2.5, 3, -1.0, 2**53, float(2**53), 2**53 + 1, 2**60, 1e300, -2**63, 2**64, float("inf"), True, 0.0, -0.0]


def of_mixed_numbers(items, n):
    found = []
    for k in range(n):
        heap = []
        for i, item in enumerate(items):
            heapq.heappush(heap, (item, i, k))
            if i % 3 == 2:
                found.append(heapq.heappop(heap))
        while heap:
            found.append(heapq.heappop(heap))
    return found


def plain_mixed_numbers(items, n):
    found = []
    for k in range(n):
        heap = list(items)
        heapq.heapify(heap)
        for i in range(len(items)):
            found.append(heapq.heappushpop(heap, items[(i + k) % len(items)]))
            found.append(heapq.heapreplace(heap, items[i] * 2))
    return found


case(of_mixed_numbers, (MIXED, 30), ([0, 1.5, 1, 0.5], 30), ([0, float("nan"), 1.0, 2], 12), ([0, "a"], 3))
case(plain_mixed_numbers, (MIXED, 20), ([0, 1.5, 1, 0.5], 30), ([0, float("nan"), 1.0, 2], 12))
