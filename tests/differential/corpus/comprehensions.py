"""Comprehensions and generator expressions inside of loops: their loops, their scopes and their frames."""

from __future__ import annotations

import builtins
from fractions import Fraction

from ..cases import case


def sums(n):
    total = 0
    for i in range(n):  # native
        total += sum(j * i for j in range(5))
    return total


def joined(words, n):
    found = []
    for i in range(n):
        word = words[i % len(words)]
        letters = "".join(c for c in word.lower() if c.isalpha())
        found.append(letters or "-".join(str(ord(c)) for c in word))
        found.append(", ".join(f"{k}{c}" for k in range(i % 3) for c in word[:2]))
    return found


def joined_in_places(words):
    """Where it is evaluated only at times, and in a function of its own."""
    def clean(word):
        return "".join(c for c in word if c not in "aeiou")

    found = []
    for word in words:
        found.append(clean(word) if len(word) > 2 else "".join(c for c in word * 2))
        found.append("x" in word and "+".join(c for c in clean(word)))
    return found


def hot_joined(n):
    total = 0
    for i in range(n):  # native
        total += len("".join(c for c in "a1b2c3"[i % 5:] if c.isdigit()))
    return total


def joined_of_others(items, n):
    found = []
    for i in range(n):
        try:
            found.append("".join(items[(i + k) % len(items)] for k in range(3)))
        except TypeError as error:
            found.append(str(error))
        except IndexError as error:
            found.append(error.args)
    return found


def joined_and_failing(n):
    for i in range(n):
        "".join("x" * (7 // (n - 2 - i - k)) for k in range(2))


case(sums, (0,), (1,), (60,), long=(3000,))


def sums_of_floats(xs, n):
    total = 0.0
    for i in range(n):
        total += sum(x * i for x in xs)
    return total


case(sums_of_floats, ([0.1, 0.2, 0.3], 60), ([], 3), ([1e308, 1e308], 40), ([1, 2.5, True], 30))


def sums_beyond(n):
    out = []
    for i in range(n):
        out.append(sum(2**61 + j for j in range(i)))
    return out


case(sums_beyond, (3,), (20,))


def sums_of_texts(xs, n):
    total = 0
    for i in range(n):
        total += sum(x for x in xs if i > 5)
    return total


case(sums_of_texts, ([1, 2], 10), (["a"], 10), ([None], 7))


def sums_of_fractions(n):
    total = Fraction(0)
    for i in range(1, n):
        total += sum(Fraction(1, j) for j in range(1, 4))
    return total


case(sums_of_fractions, (5,), (40,))


def sums_of_two_loops(n):
    total = 0
    for i in range(n):
        total += sum(j * k + i for j in range(i % 4) for k in range(j) if (j + k) % 3)
    return total


case(sums_of_two_loops, (3,), (50,))


def primes(n):
    found = []
    for p in range(2, n):  # native
        if all(p % d for d in range(2, p)):
            found.append(p)
    return found


case(primes, (2,), (3,), (60,), long=(1500,))


def anything(xs, n):
    hits = 0
    for i in range(n):
        if any(x == i for x in xs):
            hits += 1
        if not any(x for x in xs if x > i):
            hits += 100
    return hits


case(anything, ([3, 5, 90], 60), ([], 4), ([2.0, 0.0, -0.0], 50))


def any_of_two_loops(n):
    hits = 0
    for i in range(n):
        if any(j * k == i for j in range(1, i) for k in range(1, i)):
            hits += 1
    return hits


case(any_of_two_loops, (4,), (40,))


class Shy:
    def __bool__(self):
        raise ValueError("no truth")


def all_without_truth(n):
    xs = [1, 1, 1]
    for i in range(n):
        if i == 30:
            xs[1] = Shy()
        if not all(x for x in xs):
            return i
    return xs


case(all_without_truth, (20,), (40,))


def least_and_largest(xs, n):
    out = []
    for i in range(n):
        out.append(min(abs(x - i) for x in xs))
        out.append(max(x * i for x in xs if x != i))
    return out


case(least_and_largest, ([3, 1, 2], 40), ([1.5, -0.0, 0.0], 30), ([7], 40), ([], 3), ([float("nan"), 1.0], 20))


def least_of_mixed(n):
    out = []
    for i in range(n):
        out.append(min(x for x in (2, 2.0, True)))
        out.append(max(x for x in (0, False, 0.0)))
    return out


case(least_of_mixed, (30,))


def least_of_incomparable(xs, n):
    for i in range(n):
        if i > 20:
            return min(x for x in xs)
    return None


case(least_of_incomparable, ([1, "a"], 40), (["b", "a"], 40))


def lists(n):
    total = 0
    for i in range(n):
        xs = list(j * j for j in range(i) if j % 2)
        total += len(xs) + sum(xs)
    return total, xs


case(lists, (1,), (50,))


def two_loops(n):
    out = []
    for i in range(n):
        out.append(len([j * k for j in range(i % 5) for k in range(j, 5) if j != k]))
    return out


case(two_loops, (3,), (60,))


def inner_from_outer(n):
    out = []
    for i in range(n):
        out.append([x for row in [[i, j] for j in range(3)] for x in row])
    return out


case(inner_from_outer, (3,), (40,))


def nested_scopes(n):
    x = 5
    for i in range(n):
        a = [[x * y for x in range(3)] for y in range(x)]
        b = sum(x for x in range(3)) + x
    return a, b, x


case(nested_scopes, (3,), (40,))


def unpacked(pairs, n):
    total = 0
    for i in range(n):
        total += sum(a * b - i for a, b in pairs)
        total += sum(i * v for i, v in enumerate([1, 2, 3]))
    return total


case(unpacked, ([(1, 2), (3, 4)], 40), ([(1, 2), (3,)], 40), ([], 3))


def raised_in_elements(n):
    total = 0
    for i in range(n):
        total += sum(10 // (30 - i - j) for j in range(3))
    return total


case(raised_in_elements, (20,), (40,))


def raised_in_tests(n):
    for i in range(n):
        xs = [j for j in range(5) if 10 % (35 - i - j)]
    return xs


case(raised_in_tests, (20,), (40,))


def raised_in_nested(n):
    for i in range(n):
        xs = [[1 // (33 - i - j - k) for j in range(2)] for k in range(2)]
    return xs


case(raised_in_nested, (20,), (40,))


def raised_in_iterables(xs, n):
    total = 0
    for i in range(n):
        total += sum(y for x in xs for y in (x if i > 20 else (i, 1)))
    return total


case(raised_in_iterables, ([(1, 2), (3,)], 40), ([(1, 2), 3], 40))


def not_iterable(n):
    xs = [1, 2]
    for i in range(n):
        if i == 30:
            xs = 5
        y = sum(x for x in xs)
    return y


case(not_iterable, (20,), (40,))


def joined(n):
    out = []
    for i in range(n):
        out.append(",".join(str(j * i) for j in range(3)))
    return out


case(joined, (3,), (40,))


def sets_and_dictionaries(n):
    total = 0
    for i in range(n):
        total += len({j % 3 for j in range(i)}) + len({j: i for j in range(4)})
        total += len(set(j % 4 for j in range(i))) + len(tuple(j for j in range(i % 3)))
    return total


case(sets_and_dictionaries, (3,), (40,))


def kept_generators(n):
    kept = []
    for i in range(n):
        kept.append(i * j for j in range(2))
    return [list(g) for g in kept]


case(kept_generators, (3,), (40,))


def walrus(n):
    last = -1
    for i in range(n):
        if any((last := j) > 3 for j in range(i % 7)):
            last += 100
    return last


case(walrus, (1,), (3,), (60,))


def lambdas(n):
    total = 0
    for i in range(n):
        total += sum((lambda a: a * i)(j) for j in range(3))
    return total


case(lambdas, (3,), (40,))


def shadowed(n):
    def sum(xs):
        return list(xs)

    out = []
    for i in range(n):
        out.append(sum(i * j for j in range(3)))
    return out


case(shadowed, (3,), (40,))


def rebound(n):
    out = []
    try:
        for i in range(n):
            if i == 25:
                builtins.any = lambda xs: sorted(xs)
            out.append(any(i - j for j in range(3)))
    finally:
        del builtins.any
        builtins.any = _any
    return out


_any = any
case(rebound, (20,), (40,))


def cells(n):
    def show():
        return i

    total = 0
    for i in range(n):
        total += sum(i * j for j in range(3)) + show()
    return total


case(cells, (3,), (40,))


def of_closure(n):
    factor = 3

    def inner(m):
        total = 0
        for i in range(m):
            total += sum(factor * i + j for j in range(3))
        return total

    return inner(n)


case(of_closure, (3,), (40,))


# --- by themselves ------------------------------------------------------------------------------------------


def whole_sum(n):
    return sum(i * i for i in range(n))


case(whole_sum, (0,), (1,), (60,), long=(5000,))


def whole_list(n):
    xs = [i * 2 for i in range(n)]
    ys = [x + 1 for x in xs if x % 3]
    return xs, ys


case(whole_list, (0,), (1,), (60,), long=(3000,))


def whole_table(n):
    table = [[i * j for j in range(n)] for i in range(n)]
    return [[sum(table[i][k] * table[k][j] for k in range(n)) for j in range(n)] for i in range(n)]


case(whole_table, (0,), (1,), (12,))


def in_order(n, log):
    def note(x):
        log.append(x)
        return x

    made = note("a") + sum(note(i) for i in range(n) if note(-i) % 2) + note(len([note(k) for k in range(3)]))
    return made


case(in_order, lambda: (30, []))
case(in_order, lambda: (30, []))


def in_calls(n):
    return max(sum(i for i in range(n)), n), len([i for i in range(n) if i % 7]), str([i for i in range(3)])


case(in_calls, (0,), (60,))


def in_tests(xs, n):
    hits = 0
    if any(x > n for x in xs):
        hits += 1
    elif all(x < n for x in xs):
        hits += 10
    else:
        hits += 100
    if not any(x == n for x in xs) and all(x for x in xs):
        hits += 1000
    return hits


case(in_tests, (list(range(60)), 30), (list(range(60)), 70), ([5] * 60, 5), ([], 1))


def conditional(flag, n):
    a = sum(i for i in range(n)) if flag else [i for i in range(n)]
    b = flag and [i for i in range(n)]
    c = flag or sum(i for i in range(n))
    return a, b, c


case(conditional, (True, 60), (False, 60))


def counted_up(n):
    total = 5
    total += sum(i for i in range(n))
    total -= len([i for i in range(n) if i & 1])
    xs = [1]
    xs += [i for i in range(n)]
    return total, xs


case(counted_up, (0,), (60,))


def unbound_before(n):
    try:
        total += sum(i for i in range(n))
    except UnboundLocalError as error:
        return str(error)
    return total


case(unbound_before, (60,))


def unbound_inside(n):
    try:
        return [i + missing for i in range(n)]
    except NameError as error:
        return str(error)
    missing = 1
    return missing


case(unbound_inside, (60,))


def raised_by_itself(xs, n):
    return sum(n // x for x in xs)


case(raised_by_itself, ([1, 2, 3] * 20, 60), ([1] * 40 + [0], 60), ([1] * 40 + ["a"], 60))


def raised_in_order(xs):
    return [[1 // y for y in x] for x in xs]


case(raised_in_order, ([[1, 2]] * 30 + [[1, 0]],), ([[1, 2]] * 30 + [3],))


def raised_by_sum(xs):
    return sum(x for x in xs)


case(raised_by_sum, ([1, 2.5] * 30,), ([1] * 40 + ["a"],), ([[1]],))


def raised_by_any(xs):
    return any(x for x in xs)


case(raised_by_any, ([0] * 50,), ([0] * 50 + [Shy()],))


def raised_by_iteration(x):
    return [y for y in x]


case(raised_by_iteration, (5,), (None,), (list(range(50)),))


def shadows(x, n):
    ys = [x for x in range(n) if x > 3]
    zs = [[x for x in range(x)] for x in range(4)]
    return x, ys, zs


case(shadows, ("kept", 40))


def captured_by_hand(n):
    fs = [lambda: i for i in range(n)]
    gs = [lambda i=i: i for i in range(n)]
    return [f() for f in fs], [g() for g in gs], list(map(lambda i: i + n, [i for i in range(n)]))


case(captured_by_hand, (3,), (40,))


def sees_itself(n):
    values = [sorted(locals()) for _ in range(n)]
    return values[:1], [len(vars()) for _ in range(2)][:0]


case(sees_itself, (2,))


def several_targets(pairs):
    return [a * b for a, b in pairs], sum(a - b for [a, b] in pairs), [(i, c) for i, (c, _) in enumerate(pairs)]


case(several_targets, ([(1, 2), (3, 4)] * 20,), ([(1, 2), (3, 4, 5)],), ([],))


def from_iterator(n):
    it = iter(range(n))
    first = [i for i in it if i < 100][:3]
    return first, list(it), [i for i in it]


case(from_iterator, (60,))


def from_dictionary(n):
    table = {i: i * i for i in range(n)}
    return sum(table[k] for k in table), [k + v for k, v in table.items()], any(v == 9 for v in table.values())


case(from_dictionary, (2,), (60,))


class Counting:
    def __init__(self, n):
        self.n = n

    def squares(self):
        return [i * self.n for i in range(self.n)]

    def total(self):
        return sum(i * self.n for i in range(self.n) if i != self.n)

    @staticmethod
    def dots(xs, ys):
        return sum(x * y for x, y in zip(xs, ys))


def of_methods(n):
    made = Counting(n)
    return made.squares(), made.total(), Counting.dots([1.5] * n, range(n))


case(of_methods, (3,), (60,))


def in_outlined_statements(n):
    for i in range(n):
        try:
            xs = [[10 // (30 - i - j) for j in range(2)] for _ in range(2)]
            total = sum(10 // (40 - i - j) for j in range(2))
        except ArithmeticError:
            if i > 35:
                raise
            xs = []
    return xs, total


case(in_outlined_statements, (10,), (35,), (45,))


def extremes(xs, n):
    return min(x * n for x in xs), max(x for x in xs if x != n), [min(abs(x - y) for y in xs) for x in xs]


case(extremes, ([3, 1, 2] * 20, 5), ([1.5, -0.0, 0.0], 3), ([float("nan"), 1.0, 2.0] * 20, 3), ([], 3), ([4], 4))


def extremes_of_texts(xs):
    return min(x for x in xs), max(len(x) for x in xs)


case(extremes_of_texts, (["b", "a", "cc"] * 20,), (["a", 1],))


def changed_meanwhile(n):
    count = 1

    def up(i):
        nonlocal count
        count += i
        return i

    made = count + sum(up(i) for i in range(n))
    count += sum(up(i) for i in range(n))
    return made, count, (count, [up(i) for i in range(n)], count)


case(changed_meanwhile, (3,), (60,))


def into_a_tuple(xs, k):
    made = tuple(x * k + 1 for x in xs)  # native
    return made, len(tuple(x for x in xs if x > k)), sorted(x * 7 % 11 for x in xs)


case(into_a_tuple, ([1, 2, 3] * 12, 2), ([0.5, 1.5] * 20, 1), ([], 1), ((1, 2), 3), ([1, "a"], 2), ([1] * 40 + ["a"], 2),
     ([2**62] * 40, 4), ([1j] * 40, 2), long=lambda: (list(range(5000)), 3), apart=True)


def sorts_and_fails(xs):
    try:
        return sorted(x if x else None for x in xs)
    except TypeError as error:
        return str(error), xs


case(sorts_and_fails, ([3, 1, 2] * 12,), ([3, 1, 0] * 12,), ([0],), ([],), apart=True)


def sorts_in_a_loop(xs, rounds):
    total = 0
    for k in range(rounds):
        low, *_, high = sorted((x * k) % 17 for x in xs)
        total += low - high * len(tuple(x for x in xs if x > k))
    return total


case(sorts_in_a_loop, ([1, 2, 3, 4], 40), ([0.5, 1.5], 40), ([1], 3), ([1, "a"], 3), apart=True)


def with_other_names(xs):
    def tuple(items):
        return list(items)[:2]

    return tuple(x + 1 for x in xs), sorted((x for x in xs), key=lambda x: -x)


case(with_other_names, ([1, 2, 3] * 12,), ([],))
case(joined, lambda: (["It", "w1as", "", "42", "\u0101B"], 40), lambda: (["x"], 3))
case(joined_in_places, lambda: (["fox", "ax", "boxes", "", "x"] * 8,))
case(hot_joined, (40,), (3,), long=(3_000,))
case(joined_of_others, lambda: (["a", "b", 3, "c", None, "d"], 40), lambda: (["a", "b"], 20))
case(joined_and_failing, (40,), (4,))


def dots(rows, columns):
    return [[sum(a * b for a, b in zip(row, column)) for column in columns] for row in rows]


def weighted(items, n):
    found = []
    for k in range(n):
        found.append(sum(k * i + x for i, x in enumerate(items)))
        found.append(max((x, -i) for i, x in enumerate(items)))
        found.append([y for y in reversed(items) if y != k])
        found.append(any(x == y for x, y in zip(items, reversed(items))))
        found.append({i: x for i, x in enumerate(items, k)})
    return found


def drawn_twice(items, n):
    found = []
    for k in range(n):
        pairs = zip(items, items[k % 3:])
        found.append(sum(a - b for a, b in pairs))
        found.append(sum(1 for _ in pairs))
        both = enumerate(items)
        for i, x in both:
            if i == k:
                found.append(list(y for _, y in both))
    return found


def changing_under_them(items, n):
    found = []
    for k in range(n):
        mine = list(items)
        found.append(sum(mine.pop() if len(mine) > 2 else x for x in reversed(mine)))
        found.append([mine.append(i) or x for i, x in enumerate(mine) if i < 4])
        found.append(sum(x * y for x, y in zip(mine, (mine.pop(0) for _ in range(2)))))
    return found


MIXED = [1, 2.5, 3, True, 2**70, 4]
case(dots, ([[1, 2, 3], [4, 5, 6]], [[1, 0, 2], [3, 1, 1]]), ([[1.5, 2], [0.0, -0.0]], [[1, 2.0], [3, 4]]),
     ([[1, "a"]], [[2, 3]]), ([[1], [2, 3]], [[1, 2], []]))
case(weighted, ([3, 1, 2], 12), ([0.5, 1.5], 9), (MIXED, 8), ([], 2))
case(drawn_twice, ([3, 1, 2, 5], 12), (MIXED, 8), ([], 3))
case(changing_under_them, ([3, 1, 2, 5, 9], 12), (MIXED, 8))


def hot_flattened(rounds):
    """The two loops of one comprehension are compiled each for itself before the loop around them is."""
    found = 0
    for k in range(rounds):
        rows = [[x + k for x in range(40)] for _ in range(3 + k % 3)]
        items = [x for row in rows for x in row]
        if max(items) >> 1:
            found += len(items) + items[-1]
    return found


case(hot_flattened, (5,), long=(3000,))


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))  # native


def numbered(items):
    return [i * x for i, x in enumerate(items, 3)]  # native


def turned(items):
    return [x + x for x in reversed(items)]  # native


def shared_by_all(items):
    """The iterators of comprehensions are their own, those that are handed to them are not."""
    it, both = iter(items), zip(items, reversed(items))
    first = [x for x, _ in zip(it, range(2))]
    second = [x for _, x in zip(range(1), it)]
    third = [(a, b) for a, b in both if len(second) < 2]
    return first, second, list(it), third, list(both)


def stopped(items, limit):
    it = zip(items, items)
    try:
        found = any(x * y > limit for x, y in it)
        return found, list(it)[:2]
    except TypeError as error:
        return str(error), list(it)[:2]


FLOATS = [0.25 * k - 7 for k in range(40)]
case(dot, (FLOATS, FLOATS[::-1]), (FLOATS, [1, 2, 3]), ([1, 2], "ab"), ([1], ["a"]), ([], [1]),
     long=([0.5] * 3000, FLOATS * 75))
case(numbered, (FLOATS,), (MIXED,), ((1, 2),), long=(FLOATS * 75,))
case(turned, (FLOATS,), (MIXED,), ("ab",), ([None],), long=(FLOATS * 75,))
case(shared_by_all, (FLOATS,), (MIXED,), ([],))
case(stopped, (FLOATS, 30), (FLOATS, 50), (MIXED, 3), (["a"], 3))


def annotated(items, n):
    total: float = sum(x * 0.5 for x in items)  # native
    rest: list[int] = [i for i in range(n) if i % 3]
    size: missing = len(rest)  # noqa: F821 - annotations of variables are not evaluated
    return total, rest[1:], "".join(str(i) for i in rest)[size // 2:], [x for x in items][:n][-1:]


case(annotated, (FLOATS, 9), ([1, 2], 0), ([], 4), (["a"], 2), long=(FLOATS * 80, 6))
