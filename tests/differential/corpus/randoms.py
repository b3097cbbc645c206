"""Random numbers: the stream of the interpreter's own generators, to the last bit, and the state that is left behind."""

from __future__ import annotations

import random
from warnings import warn as tell

from ..cases import case


def seeded(seed):
    return random.Random(seed)


class Loaded(random.Random):
    def random(self):
        return 0.25


class Counting(random.Random):
    draws = 0

    def uniform(self, a, b):
        self.draws += 1
        return super().uniform(a, b)


def doubles(rng, n):
    inside = 0
    for _ in range(n):
        x, y = rng.random(), rng.random()
        inside += x * x + y * y <= 1.0
    return inside, rng.getstate()


def hot_doubles(rng, n):
    inside = 0
    for _ in range(n):  # native
        x, y = rng.random(), rng.random()
        inside += x * x + y * y <= 1.0
    return inside, rng.getstate()


case(doubles, lambda: (seeded(1), 0), lambda: (seeded(1), 60), lambda: (Loaded(2), 60), lambda: (Counting(3), 60),
     apart=True)
case(hot_doubles, long=lambda: (seeded(7), 4000))


def module(n):
    random.seed(n)
    found = []
    for i in range(n):
        found.append(random.random() + random.uniform(-1, i) + random.randint(1, 6) + random.randrange(3, 50, 7))
        found.append(random.choice(found))
    return found, random.getstate()


case(module, (0,), (40,), (300,))


def bits(rng, counts):
    found = []
    for k in counts:
        found.append(rng.getrandbits(k))
    return found, rng.getstate()


case(bits, lambda: (seeded(1), [1, 2, 31, 32, 33, 63] * 10), lambda: (seeded(1), [0] * 60), lambda: (seeded(1), [5] * 40 + [64, 65, 200]),
     lambda: (seeded(1), [5] * 40 + [-1]), lambda: (seeded(1), [5] * 40 + ["a"]), lambda: (seeded(1), [True] * 40), apart=True)


def ranges(rng, pairs):
    found = []
    for low, high in pairs:
        found.append((rng.randint(low, high), rng.randrange(high + 1), rng.randrange(low, high + 1)))
    return found, rng.getstate()


case(ranges, lambda: (seeded(1), [(1, 6), (0, 1), (5, 5), (0, 2**40)] * 12), lambda: (seeded(1), [(1, 6)] * 40 + [(3, 2)]),
     lambda: (seeded(1), [(1, 6)] * 40 + [(0, 2**63)]), lambda: (seeded(1), [(1, 6)] * 40 + [(0, 2**70)]),
     lambda: (seeded(1), [(0, 2**62)] * 40), lambda: (seeded(1), [(1, 6)] * 40 + [("a", 2)]), apart=True)


def normal(rng, n):
    total = 0.0
    for i in range(n):
        total += rng.gauss(i, 0.5) + rng.expovariate(2.0) + rng.normalvariate(0.0, 1.0) + rng.triangular(1, 3)
        if i == 41:
            rng.gauss_next = 2.5
        if i == 47:
            del rng.gauss_next
            rng.gauss_next = None
    return total, rng.getstate()


case(normal, lambda: (seeded(1), 0), lambda: (seeded(2), 61), lambda: (Counting(3), 60))


def shuffled(rng, items, n):
    for _ in range(n):
        rng.shuffle(items)
        rng.choice(items)
    return items, rng.getstate()


case(shuffled, lambda: (seeded(1), list(range(20)), 60), lambda: (seeded(1), ["a", 2.5, None, (1, 2), [3]], 60),
     lambda: (seeded(1), [], 3), lambda: (seeded(1), [object], 60), apart=True)


def two_streams(a, b, n):
    found = []
    for i in range(n):
        source = a if i % 3 else b
        found.append(source.random())
        if i % 17 == 16:
            b.setstate(a.getstate())
        if i % 23 == 22:
            a.seed(i)
    return found, a.getstate(), b.getstate()


def same_stream(a, n):
    b, found = a, []
    for i in range(n):
        found.append(a.random() - b.random())
    return found, a.getstate()


case(two_streams, lambda: (seeded(1), seeded(2), 90))
case(same_stream, lambda: (seeded(1), 60))


def replaced_random():
    return 0.5


def replacing(n):
    kept, found = random.random, []
    random.seed(5)
    try:
        for i in range(n):
            found.append(random.random())
            if i == 40:
                random.random = replaced_random
    finally:
        random.random = kept
    return found


case(replacing, (60,))


def own_methods(rng, n):
    found = []
    for i in range(n):
        found.append(rng.random())
        if i == 40:
            rng.random = replaced_random
    return found


case(own_methods, lambda: (seeded(1), 60))


def failing(rng, n):
    total = 0.0
    for i in range(n):
        total += 1.0 / (rng.randrange(n - i) - rng.random() * 0.0)
    return total


def caught(rng, n):
    lost = 0
    for i in range(n):
        try:
            rng.randint(1, i % 7 - 1)
        except ValueError as error:
            lost += len(str(error))
    return lost, rng.getstate()


case(failing, lambda: (seeded(9), 60), lambda: (seeded(4), 90))
case(caught, lambda: (seeded(9), 60))


def kept_method(rng, n, when):
    total, shown = 0.0, ""
    for i in range(n):
        draw = rng.random
        if i == when:
            setattr(rng, "random", replaced_random)
        total += draw()
        if i == when + 1:
            shown = draw.__name__
    return total, shown


case(kept_method, lambda: (seeded(1), 60, 40), lambda: (seeded(1), 60, 58), lambda: (seeded(1), 60, 59))


def told(message, level):
    tell(message, UserWarning, level)
    tell(message, stacklevel=level)


def telling(rng, numbers, level):
    total = 0
    for i in range(len(numbers)):
        total += rng.randrange(numbers[i])
        if numbers[i] == 5:
            told(f"{i} of {level}", level)
    return total, rng.getstate()


case(telling, lambda: (seeded(1), [7] * 40 + [2.0, 7, 5, 3.0] * 3, 1), lambda: (seeded(1), [7, 8.0] * 20, 2),
     lambda: (seeded(1), [7] * 40 + [2.5], 2), lambda: (seeded(1), [7] * 40 + [5] * 3, 2),
     lambda: (seeded(1), [5] * 40, 2), apart=True)
