"""Set and dict comprehensions: what is added in which order, what cannot be hashed, and whose code runs meanwhile."""

from __future__ import annotations

from ..cases import case


def residues(n, k):
    return {i % k for i in range(n) if i & 3}


def hot_residues(n, k):
    found = {  # a loop of its own
        i % k
        for i in range(n)
        if i & 3
    }
    return sorted(found), list(found)


case(residues, (0, 5), (7, 5), (60, 7), (60, 0), (60, 2.5), (60, "a"), (60, -3), (60, 2**70), (60, 0.0))
case(hot_residues, (0, 5), (60, 7), (60, 0), long=(3000, 97))


def squares(n, k):
    return list({i: i * i % k for i in range(n)}.items())


case(squares, (0, 5), (60, 7), (60, 0), (60, 2.5), (60, None), (3000, 7), (40, 2**70))


def replaced(n):
    found = {i % 7: (i, i * 0.5) for i in range(n)}
    return found, list(found)


case(replaced, (0,), (60,), (3000,))


def keys_of_kinds(xs):
    return [(type(x), x) for x in sorted({x for x in xs}, key=repr)], {x: i for i, x in enumerate(xs)}, {x: x for x in xs if x == x}


case(
    keys_of_kinds, ([1, 1.0, True, 0, 0.0, False, -0.0] * 9,), ([-0.0, 0.0, 0] * 20,), ([True, 1, 2] * 20,),
    ([float("nan"), 1.5] * 30,), ([None, 0, 1.5] * 20,), (["a", "b", "a"] * 20,), ([1j, 1, -1j] * 20,),
    ([2**61 - 1, 2**61, -1, -2, 2**63, 2**64] * 9,), ([(1, 2), (1.0, 2), (1, (2, 3))] * 20,), ([b"a", "a"] * 20,),
    ([1] * 40 + ["a"] + [2] * 40,), ([1] * 40 + [[1]] + [2] * 40,), ([1] * 40 + [(1, [2])],), apart=True,
)


def unhashable(n, where):
    return {[i] if i == where else i for i in range(n)}


class Refusing:
    def __hash__(self):
        raise ValueError({i for i in range(3)})


def refusing(n, where):
    return {(Refusing() if i == where else i) for i in range(n)}, {}


def refusing_keys(n, where):
    return {(Refusing() if i == where else i): i for i in range(n)}, {}


case(refusing, (60, 0), (60, 40), (60, 99))
case(refusing_keys, (60, 0), (60, 40), (60, 99))
case(unhashable, (60, 0), (60, 40), (60, 99))


def unhashable_keys(n, where):
    return {
        ([i] if i == where else i):
            i * 2
        for i in range(n)
    }


case(unhashable_keys, (60, 0), (60, 40), (60, 99))


def values_that_fail(n, where):
    return {i: 10 // (i - where) for i in range(n)}


case(values_that_fail, (60, 0), (60, 40), (60, 99))


def key_before_value(n, log):
    def note(what):
        log.append(what)
        return what

    return {note(i): note(-i) for i in range(n) if note(0.5)}, log


case(key_before_value, lambda: (50, []))


def pairs(n):
    found = set()
    for i in range(n):  # native
        found = {(j % 5, i % 3, "ab", (j > i, None)) for j in range(i % 20)}
    return found


case(pairs, (0,), (70,), long=(3000,))


def inner_sets(n):
    total = 0
    for i in range(n):
        total += len({j % 7 for j in range(i % 50)}) * 2
        total -= len({j: i for j in range(i % 9) if j != 3})
    return total


case(inner_sets, (0,), (100,), (1500,))


def inner_dicts(n):
    found = {}
    for i in range(n):  # native
        found = {j: j * i + 0.5 for j in range(20)}
    return found


case(inner_dicts, (0,), (60,), long=(3000,))


def nested(n):
    return {i: {j: {k % 2 for k in range(j)} for j in range(i % 4)} for i in range(n)}


case(nested, (0,), (50,))


def two_loops(n):
    return {i * j: i - j for i in range(n) for j in range(i) if (i + j) % 3}, {i ^ j for i in range(n) for j in (1, i)}


case(two_loops, (0,), (40,))


def in_the_middle(n):
    total = 0
    for i in range(n):
        total += 1 if i % 5 in {j * j % 5 for j in range(i)} else {j: i for j in range(3)}[2] * 2
        if {j for j in range(i % 3)} and len({j: 1 for j in range(i % 4)}) > 1:
            total -= 1
    return total


case(in_the_middle, (0,), (80,))


def handled(xs):
    total = errors = 0
    for x in xs:
        try:
            total += len({x // j for j in range(-2, x)})
        except ZeroDivisionError as error:
            errors += len(str(error)) + error.__traceback__.tb_lineno
        except TypeError:
            errors -= 1
    return total, errors


case(handled, ([1, 2, 3, -5] * 20,), ([-5] * 60,), ([-5] * 60 + [2.5] + [3] * 9,))


class Loud:
    """Keys whose methods tell that they are called."""

    def __init__(self, number, log):
        self.number, self.log = number, log

    def __hash__(self):
        self.log.append(("hash", self.number))
        return self.number % 5

    def __eq__(self, other):
        self.log.append(("eq", self.number, type(other) is Loud and other.number))
        if self.number == 3 and len(self.log) > 50:
            raise ValueError(self.number)
        return type(other) is Loud and self.number == other.number


def loud_keys(n, log):
    return len({Loud(i, log) for i in range(n)}), len({Loud(i % 7, log): i for i in range(n)}), log


case(loud_keys, lambda: (20, []), lambda: (60, []))

FACTOR = 2


class Sly:
    """Equal to every int of its hash, which changes a global."""

    def __hash__(self):
        return 1

    def __eq__(self, other):
        global FACTOR
        FACTOR += 1
        if FACTOR > 60:
            raise KeyError(FACTOR)
        return False


def sly_keys(n):
    global FACTOR
    FACTOR = 2
    first = Sly()
    return [FACTOR, *{(first if i == 0 else 1 + (i % 5) * (2**61 - 1)): i * FACTOR for i in range(n)}.values()]


case(sly_keys, (30,), (57,), (90,))


class Farewell:
    """A value that changes a global when it dies."""

    def __init__(self, number):
        self.number = number

    def __del__(self):
        global FACTOR
        FACTOR = self.number


def last_words(n):
    global FACTOR
    FACTOR = 2
    found = {i % 30: (Farewell(i) if i < 30 else i * FACTOR) for i in range(n)}
    return list(found.values())


case(last_words, (30,), (45,), (90,))


def captured(n):
    k = 3

    def read():
        return k

    found = {i % k for i in range(n)}
    k = 5
    return found, {i % k: read() for i in range(n)}


case(captured, (0,), (60,))


def unbound_in_one(n):
    for i in range(n):
        if i == 30:
            y = 1
        if i >= 29:
            x = {j + y for j in range(3)}
    return x


case(unbound_in_one, (20,), (60,))


def displays(n):
    out = []
    for i in range(n):
        a, b = {}, {*()}
        a[i] = i
        b.add(i)
        out.append((a, b))
    return out


case(displays, (0,), (60,))


NAN = float("nan")


def halves(xs):
    return {x * 0.5 for x in xs}  # native


def halves_of(xs):
    return {x * 0.5: x for x in xs}  # native


def both_halves(xs):
    n, found = 0, None
    for x in xs:  # native
        found = {x * 0.5, 1.5, 0.0, (x, 1)}
        n += len(found)
    return n, found, {1.5: n, x * 0.25: 3} if n else None


for fn in (halves, halves_of, both_halves):
    case(fn, ([],), (range(9),), ([0.0, -0.0, 1, True],), ([NAN, 1.0, NAN],), ([float("nan"), 1.5, NAN, NAN],), ([2**80, 1],),
         ([float("inf"), 1, 2.5],), long=lambda: ([x % 50 for x in range(2000)],))


def twice_computed(xs):
    made = set()
    for x in xs:
        y = x - x
        made |= {y, y * 2.0}
    return len(made), sorted(x for x in made if x == x)


case(twice_computed, ([1.0, 2.0],), ([float("inf"), 1.0],), long=lambda: ([x * 0.5 for x in range(300)],))
