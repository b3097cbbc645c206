"""Builtin functions and methods that native code calls: what they change, raise and run, and what they are given."""

from __future__ import annotations

import bisect
import heapq
from collections import deque

from ..cases import case


def heaped(items):
    heap, out = [], []
    for item in items:
        heapq.heappush(heap, item)
        if len(heap) > 5:
            out.append(heapq.heappop(heap))
    return heap, out


class Ranked:
    def __init__(self, rank, log):
        self.rank = rank
        self.log = log

    def __lt__(self, other):
        self.log.append(self.rank)
        if self.rank == 13:
            raise ValueError("thirteen")
        return self.rank < other.rank


def ranked(*ranks):
    log = []
    return [Ranked(rank, log) for rank in ranks]


case(heaped, ([5, 3, 8, 1] * 15,), ([2.5, 1, 3] * 20,), ([(3, "a"), (1, "b")] * 20,), ([3, 1, 2] * 15 + ["a"],), (["b", "a"] * 30,),
     lambda: (ranked(*[5, 3, 9, 1] * 12),), lambda: (ranked(*[5, 3, 9, 1] * 10, 13, 2),), ([(1, 2), (1, "x")] * 20,), ([],), apart=True)


def sorted_in(items):
    kept = []
    for item in items:
        place = bisect.bisect_left(kept, item)
        kept.insert(place, item)
        if len(kept) > 20:
            kept.sort(reverse=True)
            kept.reverse()
            del kept[10:]
    return kept


def plain_in(items):
    kept, seen = [], []
    for item in items:
        bisect.insort(kept, item)
        seen.append(kept.index(item))
        kept.extend([item])
        seen.append(kept.count(item))
        if len(kept) > 30:
            kept.clear()
    return kept, seen


case(sorted_in, ([5, 3, 8, 1] * 15,), (["b", "a"] * 30,), ([3, 1] * 20 + ["a"],), apart=True)
case(plain_in, ([5, 3, 8, 1] * 15,), (["b", "a"] * 30,), ([3, 1] * 20 + ["a"],), lambda: (ranked(*range(30)),), apart=True)


def queued(n):
    queue, seen = deque([0]), []
    for i in range(n):
        queue.append(i)
        queue.appendleft(-i)
        if i % 3 == 2:
            seen.append(queue.popleft() + queue.pop())
        queue.rotate(1)
    return seen, list(queue)


case(queued, (0,), (60,), (300,))


def emptied(n):
    queue, total = deque(range(40)), 0
    for _ in range(n):
        total += queue.popleft()
    return total


case(emptied, (30,), (60,))


def sets(items):
    seen, order = set(), []
    for item in items:
        if item not in seen:
            seen.add(item)
            order.append(item)
        seen.discard(order[0])
    return order, seen


case(sets, ([1, 2, 3, 2] * 15,), (["a", "b"] * 30,), ([1.5, 2, (1, 2)] * 20,), ([1] * 40 + [[1]],), apart=True)


def popped(n):
    d, seen = {}, []
    for i in range(n):
        d.setdefault(i % 7, []).append(i)
        d.update({i: i})
        if i % 5 == 4:
            seen.append(d.pop(i % 7, None))
    return d, seen


case(popped, (0,), (60,), (200,))

factor = 1


class Meddling:
    def __init__(self, how):
        self.how = how

    def __eq__(self, other):
        self.how(other)
        return False

    __hash__ = None


def meddle(other):
    global factor
    factor += 1


def meddled(items, n):
    total, places = 0, []
    for i in range(n):
        total += i * factor
        if i % 10 == 9:
            places.append(items.count(i))
    return total, places, factor


def shrinking(n):
    items, seen = [], []

    def clear(other):
        items.clear()

    items.extend([1, 2, Meddling(clear), 4])
    for i in range(n):
        items.append(i)
        if i % 20 == 19:
            seen.append(items.count(-1))
        seen.append(len(items))
    return seen


case(meddled, lambda: ([1, Meddling(meddle), 3], 60))
case(shrinking, (60,))


def raising(n, where):
    items, lost = [1, 2, 3], 0
    for i in range(n):
        try:
            items.remove(i % where)
        except ValueError as error:
            lost += len(str(error))
            items.append(i % where)
    return items, lost


def escaping(items, n):
    total = 0
    for i in range(n):
        total += items.index(
            i % 7)
    return total


case(raising, (60, 5))
case(escaping, (list(range(7)), 60), (list(range(6)), 60), apart=True)


def drawn(source, n):
    it, total = iter(source), 0
    for _ in range(n):
        total += next(it)
    return total


def numbers(n):
    for i in range(n):
        yield i * 2


case(drawn, lambda: (list(range(60)), 60), lambda: (list(range(50)), 60), lambda: (numbers(60), 60), lambda: (numbers(50), 60), apart=True)


def kinds(values):
    found = []
    for value in values:
        found.append((isinstance(value, int), isinstance(value, (str, float)), repr(value), str(value), hash(value) == hash(value)))
    return found


case(kinds, ([1, 2.5, "a", None, True, (1, 2)] * 10,), ([1] * 60,), (["a"] * 60,), ([[]] * 5,), apart=True)


def printed(n):
    for i in range(n):
        if i % 10 == 0:
            print(i, "of", n)
    return n


case(printed, (60,))


def rounded(n):
    found = []
    for i in range(n):
        found.append(round(i / 7, 2))
        found.append(sorted([i, 3, 1])[0])
        found.append(max([i, 2], default=0))
    return found


case(rounded, (60,))
