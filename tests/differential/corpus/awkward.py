"""Lists that are swapped, shared, rebuilt and changed under the loop, small algorithms on them, and short loops."""

from __future__ import annotations

import math

from ..cases import case

nan = math.nan


def nan_identity(xs, rounds):
    for k in range(rounds):
        for i in range(len(xs) - 1):
            xs[i], xs[i + 1] = xs[i + 1], xs[i]
    return [x in xs for x in xs], xs == list(xs)


case(nan_identity, lambda: ([float("nan"), 1.0, float("nan"), 2.0], 7), lambda: ([nan, nan, nan], 9))


def object_then_overwritten(xs, n):
    out = None
    for i in range(n):
        x = xs[i % len(xs)]
        xs[i % len(xs)] = 1000 + i
        out = x
    return out, x


case(
    object_then_overwritten,
    lambda: ([5000 + i for i in range(7)], 60),
    lambda: ([5000.5 + i for i in range(7)], 60),
    lambda: ([None, 500, 2.5, 3000], 60),
)


def overwritten_float(xs, n):
    out = None
    for i in range(n):
        x = xs[i % len(xs)]
        xs[i % len(xs)] = i + 0.25
        out = x
    return out, x


case(overwritten_float, lambda: ([5000.5 + i for i in range(7)], 60), lambda: ([None, 500.5, 2.5, 3000], 60))


def swap_chain(xs, rounds):
    for r in range(rounds):
        a = xs[0]
        b = xs[1]
        xs[0] = b + 1
        xs[1] = a + 1
        c = a
    return a, b, c, xs


case(
    swap_chain,
    lambda: ([1000, 2000], 50),
    lambda: ([1000.5, 2000.5], 50),
    lambda: ([2**29, 2**30], 50),
    lambda: ([2**60, 2**60 - 30], 50),
    lambda: ([2**63 - 20, 7], 50),
)


def list_in_own_generator(xs, rounds):
    gen = (x for x in xs)
    out = [next(gen)]
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] = xs[i] + 1
    out.append(next(gen))
    out.extend(gen)
    return out


case(list_in_own_generator, lambda: ([1000 + i for i in range(6)], 20))


def iter_alive(xs, rounds):
    it = iter(xs)
    first = next(it)
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] = xs[i] * 2 + 1
    return first, list(it)


case(iter_alive, lambda: ([1000 + i for i in range(6)], 20), lambda: ([1000.0 + i for i in range(6)], 20))


def dels_item(xs, rounds):
    got = []
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] += 1
        if k == 6:
            got.append(xs.pop(0))
        if k == 9:
            del xs[-1]
        if k == 12:
            xs.insert(1, k)
        if k == 14:
            xs.extend([k, k])
    return got, xs


case(dels_item, lambda: ([1000, 2, 3, 4], 20), lambda: ([1000.0, 2.0, 3.0, 4.0], 20))


def rows_built(n, m):
    grid = []
    for i in range(n):
        row = []
        for j in range(m):
            row.append(i * j)
        grid.append(row)
    return grid


case(rows_built, (5, 6), (0, 3), (40, 40))


def rows_built_comp(n, m):
    grid = [[0] * m for _ in range(n)]
    for t in range(3):
        new = [[0] * m for _ in range(n)]
        for i in range(n):
            for j in range(m):
                new[i][j] = grid[i - 1][j - 1] + i + j + t
        grid = new
    return grid, new is grid


case(rows_built_comp, (5, 6), (1, 3), (20, 20))


def kept_some(n):
    kept = []
    for i in range(n):
        xs = [i] * 3
        ys = [i, i + 1]
        if i % 3 == 0:
            kept.append(xs)
        xs[0] = 7
        ys[1] = xs[1]
    return kept, xs, ys


case(kept_some, (50,), (3,))


def last_lists(n):
    prev = [0]
    older = [1]
    for i in range(n):
        cur = [i, prev[0] + older[-1]]
        older = prev
        prev = cur
    return older, prev, cur


case(last_lists, (50,), (120,))


def linked(n):
    node = None
    for i in range(n):
        node = [i, node]
    count = 0
    while node is not None:
        count += node[0]
        node = node[1]
    return count


case(linked, (50,), (500,))


def list_of_lists_shared(n):
    out = []
    row = [0, 0]
    for i in range(n):
        row = [row[1], i]
        out.append(row)
        out.append(row)
    out[0][0] = 99
    return out


case(list_of_lists_shared, (30,))


def pops(n):
    stack = [[0, n]]
    total = 0
    while stack:
        lo, hi = stack.pop()
        if hi - lo < 2:
            total += lo
            continue
        mid = (lo + hi) // 2
        stack.append([lo, mid])
        stack.append([mid, hi])
    return total


case(pops, (50,), (300,))


def pops2(n):
    stack = [n]
    out = []
    while stack:
        top = stack.pop()
        out.append(top)
        if top > 0:
            stack.append(top // 2)
            if top % 3 == 0:
                stack.append(top - 1)
    return out


case(pops2, (50,), (300,))


def tuple_loop(n):
    total = 0
    for i in range(n):
        for dx, dy in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            total += dx * i + dy
        for w in (0.5, 1.5):
            total += w
        for c in ("a", "b"):
            total += len(c)
    return total, dx, dy, w, c


case(tuple_loop, (5,), (100,))

DIRS = [(0, 1), (1, 0), (0, -1), (-1, 0)]


def neighbours(grid, rounds):
    n = len(grid)
    m = len(grid[0])
    for r in range(rounds):
        new = [[0] * m for _ in range(n)]
        for i in range(n):
            for j in range(m):
                alive = 0
                for di in (-1, 0, 1):
                    for dj in (-1, 0, 1):
                        if di or dj:
                            alive += grid[(i + di) % n][(j + dj) % m]
                new[i][j] = 1 if alive == 3 or (alive == 2 and grid[i][j]) else 0
        grid = new
    return grid


case(neighbours, lambda: ([[(i * j + i) % 3 % 2 for j in range(7)] for i in range(6)], 4), lambda: ([[1]], 3))


def dirs_global(n):
    hits = 0
    for i in range(n):
        for j in range(n):
            for d in DIRS:
                a, b = d
                if 0 <= i + a < n and 0 <= j + b < n:
                    hits += 1
    return hits


case(dirs_global, (6,), (20,))


def short_with_break(n):
    out = []
    for i in range(n):
        for k in range(4):
            if (i * k) % 5 == 3:
                break
        else:
            k = -1
        out.append(k)
    return out


case(short_with_break, (40,))


def short_mutated_tuple(n, t):
    total = 0
    for i in range(n):
        for x in t:
            total += x
        if i == n // 2:
            t = (1.5, 2)
    return total


case(
    short_mutated_tuple, (40, (1, 2, 3)), (40, ()), (40, (True, 2.0, 3)), (50, (2**62, 2**62)), (40, tuple(range(100)))
)


def short_down(n):
    total = 0
    for i in range(n):
        for k in range(3, 0, -1):
            total += k * i
        for k in range(0):
            total += 1000
        for k in range(5, 5):
            total += 1
        for k in range(1, 10, 4):
            total -= k
    return total, k


case(short_down, (40,), (1,))


def short_while(n):
    total = 0
    for i in range(n):
        k = 0
        while k < 4:
            total += k * i
            k += 1
        j = 9
        while j > 0:
            j -= 2
            total += j
            if total % 17 == 3:
                continue
    return total, k, j


case(short_while, (40,), (1,))


def short_counter_changed(n):
    total = 0
    for i in range(n):
        k = 0
        while k < 4:
            if i % 9 == 8 and k == 2:
                k = 0 if total % 3 else 3
                total += 1
            k += 1
            total += k
    return total


case(short_counter_changed, (60,))


def enum_zip(xs, ys, rounds):
    total = 0
    for r in range(rounds):
        for i, x in enumerate(xs):
            total += i * x
        for a, b in zip(xs, ys):
            total += a * b
        for i, (a, b) in enumerate(zip(xs, ys), 5):
            total += i * a - b
        for a, b, c in zip(xs, ys, range(3)):
            total -= a + b + c
    return total, i, a, b, c


case(
    enum_zip,
    ([1, 2, 3], [4, 5, 6], 20),
    ([1.5, 2.5], [4, 5, 6], 20),
    ([1, 2, 3, 4], [4.0, 5.0], 20),
    ([2**62, 2**61], [3, 4], 20),
)


def enum_mutating(xs, rounds):
    out = 0
    for r in range(rounds):
        for i, x in enumerate(xs):
            xs[i] = x + i
            if len(xs) < 12 and i == 2:
                xs.append(r)
            out += x
    return out, xs


case(enum_mutating, lambda: ([1, 2, 3], 20))


def zip_self(xs, rounds):
    out = 0
    for r in range(rounds):
        for a, b in zip(xs, xs[1:]):
            out += b - a
        it = iter(xs)
        for a, b in zip(it, it):
            out += a * b
    return out


case(zip_self, lambda: ([1, 2, 3, 4, 5], 20))


def enum_unknown(rounds, n):
    out = []
    for r in range(rounds):
        xs = [1, 2] if r < rounds - 1 else map(int, range(n))
        for i, x in enumerate(xs):
            out.append(i * x)
    return out


case(enum_unknown, (1, 0), (3, 1), (9, 40), (800, 20), (1, 2000))


class Hinted:
    def __init__(self, n):
        self.n = n
        self.asked = []

    def __iter__(self):
        return self

    def __next__(self):
        self.asked.append("next")
        if not self.n:
            raise StopIteration
        self.n -= 1
        return self.n

    def __length_hint__(self):
        self.asked.append("hint")
        return 0


def enum_hinted(n, rounds):
    out = 0
    asked = []
    for r in range(rounds):
        it = Hinted(n)
        for i, x in enumerate(it):
            out += i * x
        asked += it.asked
    return out, len(asked), "hint" in asked


case(enum_hinted, (3, 20), (2000, 3))


def zip_shared(n, m):
    it = iter(list(range(n)))
    out = 0
    for a, b in zip(it, range(m)):
        out += a * b
    return out, next(it)


case(zip_shared, *[(2000, m) for m in (1, 5, 16, 17, 30, 1000, 1000, 1001)])


def middle_ints(xs, rounds):
    for r in range(rounds):
        for i in range(len(xs)):
            v = xs[i]
            xs[i] = v ^ (v >> 1) if r % 2 else v + (1 << 33) - 12345
    return xs


case(
    middle_ints,
    lambda: ([2**30, 2**31, 2**45 + 3, 2**60 - 1, 2**60, -(2**30), -(2**60), -(2**60) + 1, 2**59, 0, -1, 1], 30),
    lambda: ([2**30 - 1, -(2**30) + 1], 40),
)


def middle_sign(xs, rounds):
    for r in range(rounds):
        for i in range(len(xs)):
            xs[i] = -xs[i]
        for i in range(len(xs)):
            xs[i] -= 1 << 30
    return xs


case(
    middle_sign,
    lambda: ([2**30, 2**31, 2**45 + 3, 2**60 - 1, 2**60, -(2**30), -(2**60), -(2**60) + 1, 2**59, 0, -1, 1], 30),
)


def modmul(xs, rounds):
    M = (1 << 61) - 1
    acc = 1
    for r in range(rounds):
        for i in range(len(xs)):
            acc = (acc * 6364136223846793 + xs[i]) % M
            xs[i] = acc
    return xs, acc


case(modmul, lambda: ([1, 2, 3], 15))


def modsmall(xs, rounds):
    acc = 12345
    for r in range(rounds):
        for i in range(len(xs)):
            acc = (acc * 1103515245 + 12345) & 0x7FFFFFFFFFF
            xs[i] = acc ^ xs[i]
    return xs, acc


case(modsmall, lambda: ([1, 2, 3], 40), lambda: ([2**43 + 1, 2**59, 0], 40))


def holding_ints(xs, rounds):
    held = {}
    for r in range(rounds):
        for i in range(len(xs)):
            xs[i] += 1 << 31
        if r % 5 == 0:
            held[xs[0]] = r
            held[r] = xs[1]
            t = (xs[2], xs[0])
    return held, t, xs


case(holding_ints, lambda: ([2**30, 1000, 2**40], 22))


def two_lists_share_objects(rounds):
    xs = [2**35 + i for i in range(5)]
    ys = xs[:]
    zs = list(reversed(xs))
    for r in range(rounds):
        for i in range(5):
            xs[i] += 1
            zs[i] -= 1
    return xs, ys, zs


case(two_lists_share_objects, (30,))


def bool_int_mix(xs, rounds):
    for r in range(rounds):
        for i in range(len(xs)):
            xs[i] = xs[i] == r % 3
    return xs


case(bool_int_mix, lambda: ([0, 1, True, False, 2], 3), lambda: ([True, False], 20))


def int_becomes_float(xs, rounds):
    for r in range(rounds):
        for i in range(len(xs)):
            if r == rounds - 2 and i == 1:
                xs[i] = xs[i] / 2
            else:
                xs[i] = xs[i] + 1
    return xs


case(int_becomes_float, lambda: ([1, 2, 3], 30))


def recursion_lists(xs, lo, hi):
    if hi - lo < 2:
        return xs[lo] if hi > lo else 0
    mid = (lo + hi) // 2
    a = recursion_lists(xs, lo, mid)
    b = recursion_lists(xs, mid, hi)
    for i in range(lo, hi):
        xs[i] = xs[i] + (a ^ b) % 7
    return a + b


case(recursion_lists, lambda: (list(range(20)), 0, 20))


def quicksort(xs, lo, hi):
    while lo < hi:
        p = xs[(lo + hi) // 2]
        i, j = lo, hi
        while i <= j:
            while xs[i] < p:
                i += 1
            while xs[j] > p:
                j -= 1
            if i <= j:
                xs[i], xs[j] = xs[j], xs[i]
                i += 1
                j -= 1
        if j - lo < hi - i:
            quicksort(xs, lo, j)
            lo = i
        else:
            quicksort(xs, i, hi)
            hi = j
    return xs


case(
    quicksort,
    lambda: ([(i * 7919) % 101 for i in range(50)], 0, 49),
    lambda: ([(i * 7919) % 101 / 3 for i in range(50)], 0, 49),
)


def mergesort(xs):
    if len(xs) < 2:
        return xs
    m = len(xs) // 2
    a = mergesort(xs[:m])
    b = mergesort(xs[m:])
    out = []
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i] <= b[j]:
            out.append(a[i])
            i += 1
        else:
            out.append(b[j])
            j += 1
    while i < len(a):
        out.append(a[i])
        i += 1
    while j < len(b):
        out.append(b[j])
        j += 1
    return out


case(
    mergesort,
    lambda: ([(i * 7919) % 101 for i in range(50)],),
    lambda: ([nan, 1.0, -0.0, 0.0, nan],),
    lambda: ([1, 1.0, True, 0, False, 2.5],),
)


def permutations(n):
    perm = list(range(n))
    count = [0] * n
    out = []
    i = 0
    out.append(perm[:])
    while i < n:
        if count[i] < i:
            if i % 2 == 0:
                perm[0], perm[i] = perm[i], perm[0]
            else:
                perm[count[i]], perm[i] = perm[i], perm[count[i]]
            out.append(perm[:])
            count[i] += 1
            i = 0
        else:
            count[i] = 0
            i += 1
    return out


case(permutations, (4,), (5,))


def negative_index(grid, rounds):
    for r in range(rounds):
        for i in range(-len(grid), 0):
            for j in range(-1, -len(grid[0]) - 1, -1):
                grid[i][j] += grid[i - (i > -2)][j] if i > -len(grid) else 1
    return grid


case(negative_index, lambda: ([[1, 2], [3, 4]], 5), lambda: ([[1], [3], [4]], 9), lambda: ([[1.0, 2.0], [3.0, 4.0]], 5))


def error_in_middle(grid, rounds):
    for r in range(rounds):
        for i in range(len(grid)):
            for j in range(len(grid[i])):
                grid[i][j] += 1
                if r == rounds - 1 and i == 1:
                    grid[i][j + 5] = 1
    return grid


case(error_in_middle, lambda: ([[1, 2], [3, 4]], 5), lambda: ([[1], [3], [4]], 30))


def type_error_middle(grid, rounds):
    for r in range(rounds):
        for i in range(len(grid)):
            for j in range(len(grid[i])):
                grid[i][j] += 1
        if r == rounds - 3:
            grid[1][0] = None
    return grid


case(type_error_middle, lambda: ([[1, 2], [3, 4]], 15))


def row_replaced(grid, rounds):
    for r in range(rounds):
        row = grid[r % len(grid)]
        for j in range(len(row)):
            row[j] += r
        grid[r % len(grid)] = row[::-1]
    return grid, row


case(row_replaced, lambda: ([[1, 2], [3, 4], [5, 6]], 20))


def dp_strings(a, b):
    n, m = len(a), len(b)
    d = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        d[i][0] = i
    for j in range(m + 1):
        d[0][j] = j
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            c = 0 if a[i - 1] == b[j - 1] else 1
            d[i][j] = min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + c)
    return d[n][m], d


case(dp_strings, ("kitten", "sitting"), ("abcdefghij" * 3, "bcdfeghikj" * 3), ("", "abc"))
