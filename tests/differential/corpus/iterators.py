"""Loops over iterators of any kind: drawn from one by one, shared with the body, raising, and changing what the loop knows."""

from __future__ import annotations

import collections
import itertools
import re

import numpy as np

from ..cases import case


def permuted(n, k):
    best = 0
    for order in itertools.permutations(range(n), k):
        total = 0
        for place, item in enumerate(order):
            total += place * item
        if total > best:
            best = total
    return best


def hot_products(n):
    found = 0
    for a, b, c in itertools.product(range(1, n), repeat=3):  # native
        if a * a + b * b == c * c:
            found += a * b
    return found


def hot_deque(n):
    queue, total = collections.deque(range(n)), 0
    for _ in range(20):  # native
        for item in queue:
            total = (total * 3 + item) % 1000003
    return total


def combined(xs, k):
    found = []
    for pair in itertools.combinations(xs, k):
        found.append(pair[0])
        if len(pair) > 1:
            found.append(pair[1])
    for pair in itertools.combinations_with_replacement(xs, k):
        found.append(pair)
    return found


case(permuted, (5, 5), (5, 3), (0, 0), (3, 4), (6, 2), apart=True)
case(hot_products, long=(30,))
case(hot_deque, long=(300,))
case(combined, ([1, 2, 3, 4, 5, 6, 7, 8], 2), (["a", 1, 2.5, None, True, 1, 2], 2), ([1, 2.5] * 30, 1), ([], 1), ("abcdefghij", 2), apart=True)


def over(items, n):
    total = 0
    for _ in range(n):
        for item in items:
            total += item
    return total


def spread(items):
    found = []
    for item in items:
        found.append(item)
    return found


SOURCES = (lambda: collections.deque(range(60)), lambda: frozenset(range(60)), lambda: bytes(range(60)), lambda: bytearray(range(60)),
           lambda: collections.deque([1] * 40 + [2.5, "a"]), lambda: collections.OrderedDict.fromkeys(range(60)),
           lambda: collections.defaultdict(int, dict.fromkeys(range(60), 2)), lambda: collections.Counter("abcab" * 3), lambda: memoryview(bytes(range(60))),
           lambda: collections.Counter(range(60)).items(), lambda: collections.ChainMap({i: i for i in range(60)}), lambda: collections.deque())
case(over, *[(lambda make=make: (make(), 3)) for make in SOURCES], apart=True)
case(spread, *[(lambda make=make: (make(),)) for make in SOURCES], apart=True)


def mapped(xs):
    total = 0
    for x in map(abs, xs):
        total += x
    for x in map(lambda v: v * 2, xs):
        total -= x
    for x in filter(None, xs):
        total += x
    for x in filter(lambda v: v > 3, xs):
        total += x
    for x in itertools.accumulate(xs):
        total += x
    for x in itertools.chain(xs, (1, 2), xs):
        total -= x
    for x in itertools.islice(xs, 3, None, 2):
        total += x
    for a, b in itertools.pairwise(xs):
        total += a - b
    for x in itertools.takewhile(lambda v: v != 7, xs):
        total += x
    for x in itertools.starmap(pow, [(x, 2) for x in xs]):
        total += x
    return total


def mapped_both(xs, ys):
    total = 0
    for x in map(max, xs, ys):
        total += x
    return total


def counted(n):
    total = 0
    for i in itertools.count(3):
        total += i
        if i > n:
            break
    for i, x in zip(itertools.count(), itertools.repeat(2, n)):
        total += i * x
    for i in itertools.cycle((1, 2, 3)):
        total += i
        if total > 5 * n:
            break
    return total


case(mapped, (list(range(-30, 30)),), ([1.5, 2] * 30,), ([],), ([1] * 50 + ["a"],), ([2**62] * 60,), ((1, 2, 3) * 20,), apart=True)
case(mapped_both, ([1, 5, 3] * 20, range(60)), ([1] * 3, [2] * 60), ([1] * 60, [2] * 3), apart=True)
case(counted, (100,), (0,), apart=True)


def several(n):
    for i in range(n):
        if i % 3:
            yield i
        else:
            yield -i
        if i == n - 3:
            yield 0.5


def captured(n, step):
    def inner():
        for i in range(n):
            yield i * step

    total = 0
    for x in inner():
        total += x
    return total


def from_several(n):
    total = 0
    for x in several(n):
        total += x
    for i, x in enumerate(several(n)):
        total += i * x
    for a, b in zip(several(n), several(n)):
        total += a * b
    return total, sum(several(n)), max(several(n), default=None)


def made_inside(n):
    total = 0
    for i in range(n):
        for x in several(i):
            total += x
    return total


def held_expression(n):
    squares = (x * x for x in range(n))
    total = 0
    for x in squares:
        total += x
        if x > 900:
            break
    return total, list(squares)


def raising(n, at):
    for i in range(n):
        if i == at:
            raise KeyError(i)
        yield i
        yield i


def until_raised(n, at):
    total = 0
    for x in raising(n, at):
        total += x
    return total


def raised_and_handled(n, at):
    total = 0
    for round in range(3):
        try:
            for x in raising(n, at):
                total += x
        except KeyError as error:
            total += error.args[0] * 1000
        else:
            total += 7
    return total


def mapped_error(xs):
    total = 0
    for x in map(int, xs):
        total += x
    return total


for drawing in (from_several, made_inside, held_expression):
    case(drawing, (60,), (0,), (3,), (4,), apart=True)
case(captured, (60, 2), (60, 0.5), (0, 1), apart=True)
case(until_raised, (60, 50), (60, 70), (60, 0), apart=True)
case(raised_and_handled, (60, 50), (60, 70), (60, 0), apart=True)
case(mapped_error, (["1", "22"] * 30,), (["1"] * 45 + ["x"],), (["1"] * 45 + [None],), apart=True)


class Down:
    """Counts down, and says how often it was asked."""

    def __init__(self, n):
        self.n = n
        self.asked = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.asked += 1
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n


def asked(n):
    down, total = Down(n), 0
    for x in down:
        total += x
    again = Down(n)
    for x in map(abs, again):
        total += x
    both = Down(n), Down(n // 2)
    for a, b in zip(*both):
        total += a * b
    more = Down(n)
    for i, x in enumerate(more):
        total += i * x
    return total, down.asked, again.asked, both[0].asked, both[1].asked, more.asked


def inside(n):
    total, asked = 0, 0
    for i in range(n):
        down = Down(i % 7)
        for x in down:
            total += x
        asked += down.asked
    return total, asked


def shared(n):
    it, total = itertools.chain(range(n), range(n)), 0
    for x in it:
        total += x
        if x % 5 == 0:
            total += next(it, 0)
        if x == n - 4:
            break
    return total, list(it)


def shared_many(n):
    its = [itertools.repeat(i, 9) for i in range(n)]
    total = 0
    for it in its:
        for x in it:
            total += x
            if x == 5:
                break
    return total, [len(list(it)) for it in its]


def sentinel(n):
    items, total = list(range(n)), 0
    for x in iter(items.pop, 3):
        total += x
    return total, items


def queue_changed(n, at):
    queue, total = collections.deque(range(n)), 0
    for x in queue:
        total += x
        if x == at:
            queue.append(1)
    return total


case(asked, (60,), (0,), (40,), apart=True)
case(inside, (60,), (0,), apart=True)
case(shared, (60,), (3,), apart=True)
case(shared_many, (60,), apart=True)
case(sentinel, (60,), (4,), (3,), apart=True)
case(queue_changed, (60, 50), (60, 59), (60, 99), apart=True)

SCALE = 2


def rescaling(n):
    global SCALE
    for i in range(n):
        if i % 20 == 19:
            SCALE += 1
        yield i
        yield -1


def scaled(n):
    global SCALE
    SCALE, total = 2, 0
    for x in rescaling(n):
        total += x * SCALE
    return total


def words(text):
    lengths = digits = 0
    for match in re.finditer(r"[a-z]+|\d+", text):
        word = match.group()
        if word.isdigit():
            digits += int(word)
        else:
            lengths += len(word)
    return lengths, digits


def unpacked(n):
    total = 0
    for key, (a, b) in [(i, (i, 2)) for i in range(n)].__iter__():
        total += key * a - b
    for row in iter([[1, 2], [3, 4]] * n):
        total += row[0] * row[1]
    return total


case(scaled, (60,), (10,), apart=True)
case(words, ("ab 12 c7 " * 20,), ("",), apart=True)
case(unpacked, (60,), (0,), apart=True)


def squares(n):
    for i in range(n):
        yield i * i


def used_up_to(it, limit):
    total = 0
    for x in it:
        total += x
        if total > limit:
            break
    return total


def by_turns(n, make):
    """Now over a generator, now over an iterator of which something is left."""
    out = []
    for step in range(n):
        used_up_to(squares(step % 7 + 3), 20)
        it = make()
        out.append((used_up_to(it, 200), next(it, None), used_up_to(it, 5)))
    return out


for number, making in enumerate((
    lambda: iter(range(30)), lambda: iter(list(range(40))), lambda: iter(tuple(range(40))),
    lambda: iter(dict.fromkeys(range(40))), lambda: map(abs, range(40)), lambda: reversed(list(range(40))),
    lambda: squares(20),
)):
    case(by_turns, (60, making), name=f"by_turns{number}", apart=True)


def numbered_array(items):
    total = 0.0
    for i, x in enumerate(np.array(items)):  # native
        total += i * x
    return total


def paired_arrays(items):
    found = 0.0
    for x, y in zip(np.array(items), np.array(items[::-1])):  # native
        found += x * y
    return found


case(numbered_array, ([1.5, 2.0, -1.0],), ([],), long=([0.25] * 4000,))
case(paired_arrays, ([1.5, 2.0, -1.0],), ([],), long=([0.25] * 4000,))
