"""Tuples as values: compared, joined, indexed, stored in lists, carried round loops, None or a tuple."""

from math import nan

from ..cases import case

START = (0, -1)


def greatest(xs):
    best = (0, -1)
    for i, x in enumerate(xs):  # native
        if (x, i) > best:
            best = (x, i)
    return best


case(greatest, ([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 9] * 4,), ([],), ([-1],), ([2.5, 3.5, 2.5] * 9,), ([1, 2.5] * 20,),
     ([2**70, 1] * 9,), ([nan, 1.0] * 9,), ([True, 2] * 9,), (["a", 1],), ([(1, 2), 3],),
     long=lambda: ([i * 7919 % 1013 for i in range(6000)],), apart=True)


def orders(pairs):
    counts = [0] * 6
    for (a, b), (c, d) in pairs:  # native
        p, q = (a, b), (c, d)
        counts[0] += p < q
        counts[1] += p <= q
        counts[2] += p == q
        counts[3] += p != q
        counts[4] += p > q
        counts[5] += p >= q
    return counts


EDGES = (0, 1, -1, 2**53, 2**53 + 1, -0.0, 0.5, float(2**53), float("inf"))


def crossed(values):
    return [((a, b), (b, c)) for a in values for b in values for c in values]


case(orders, lambda: (crossed((0, 1, 2)),), lambda: (crossed((0.0, -0.0, 1.5)),), lambda: (crossed((True, False)),),
     lambda: (crossed(EDGES),), lambda: (crossed((1, None))[:4],), lambda: (crossed(("a", "b")),),
     lambda: (crossed((nan, 1.0)),), lambda: (crossed(((1, 2), (1, 3))),), long=lambda: (crossed(tuple(range(16))),),
     apart=True)


def lengths(xs):
    found = []
    for x in xs:  # native
        p = (x, x + 1)
        found.append((p < (x,), p > (x,), p == (x,), p != (x,), p <= (x, x + 1, 0), (x,) >= p, () < p, p == ()))
    return found


case(lengths, ([1, 2, 3] * 12,), ([0.5] * 20,), long=lambda: (list(range(3000)),), apart=True)


def mixed_items(n):
    total = 0
    for i in range(n):  # native
        key = (i % 3, None, "x", (i % 2, 1.5))
        if key == (1, None, "x", (1, 1.5)):
            total += 1
        if key != (1, None, "y", (1, 1.5)):
            total += 10
        if key < (1, None, "x", (1, 1.5)):
            total += 100
        if key[0] == 2 and key[3] >= (1, 1.25):
            total += 1000
    return total


case(mixed_items, (60,), (0,), long=(4000,))


def not_ordered(n, other):
    found = []
    for i in range(n):
        found.append((i // 30, None) < (0, other))
    return found


case(not_ordered, (50, None), (50, 1), (50, "a"), (10, 1.5), apart=True)


def same_nan(xs):
    found = []
    for x in xs:
        p = (x, 1)
        found.append((p == p, p < p, p <= p, p != p, x in (x, 2), x == x))
    return found


case(same_nan, ([nan, 1.0] * 20,), ([1, 2] * 20,), apart=True)


def in_small_tuples(n):
    found = [0] * 6
    for i in range(n):  # native
        found[0] += i % 7 in (1, 3, 5)
        found[1] += i % 7 not in (1, 3.0, True)
        found[2] += (i % 3, i % 2) in ((1, 1), (2, 0))
        found[3] += i * 0.5 in (1.0, 2, 7.5)
        found[4] += None in (i, None)
        found[5] += i in () or i in ("a", None, (i,))
    return found


case(in_small_tuples, (60,), (0,), long=(4000,))


def joined(points):
    total = 0.0
    made = []
    for p in points:  # native
        q = p + (1.0,) + p * 2
        q += (2.0,)
        total += q[2] + q[-1] + len(q) + q[5]
        made.append(q)
    return total, made


case(joined, lambda: ([(i * 0.5, i * 0.25) for i in range(40)],), lambda: ([(i, -i) for i in range(40)],), ([],),
     long=lambda: ([(i * 0.5, 2.0) for i in range(4000)],), apart=True)


def at(t, n):
    total = 0
    for i in range(n):
        total = total * 3 + t[i % 5 - 2]
        total %= 1000
    return total


case(at, ((3, 1, 4), 50), ((3, 1, 4, 1, 5), 50), ((0.5, 1.5, 2.5), 50), ((1, 2.5, 3), 50), ((True, 2, 3), 50),
     ((1, 2), 50), ((), 5), (("a", 1, 2), 5), apart=True)


def table(n):
    total = 0
    for i in range(n):  # native
        total += (3, 1, 4, 1, 5)[i % 5] * ((0, 1), (1, 0))[i % 2][i % 2]
    return total


case(table, (50,), long=(4000,))


def pushed(xs):
    out = []
    for i, x in enumerate(xs):  # native
        out.append((i, x, x > 1, None, "k", (x, i)))
    return out


case(pushed, ([1, 2, 3] * 12,), ([0.5, -0.0, nan] * 12,), ([],), ([2**62, 1] * 12,), (["a"] * 20,), ([None] * 20,),
     long=lambda: (list(range(4000)),), apart=True)


def kept(points):
    out = []
    for p in points:  # native
        if p[0] > 2:
            out.append(p)
    return out, [a is b for a in out for b in points]


case(kept, lambda: ([(i % 7, i) for i in range(30)],), lambda: ([(i % 7 * 0.5, "x") for i in range(30)],),
     lambda: ([(i % 7, [i]) for i in range(30)],), long=lambda: ([(i % 7, i) for i in range(300)],) , apart=True)


def replaced(n):
    rows = [(0, 0.0)] * 5
    for i in range(n):  # native
        k, s = rows[i % 5]
        rows[i % 5] = (k + 1, s + i * 0.5)
    return rows


case(replaced, (60,), (3,), long=(4000,))


def swapped(points):
    for i in range(len(points) - 1):  # native
        if points[i] > points[i + 1]:
            points[i], points[i + 1] = points[i + 1], points[i]
    return points


case(swapped, lambda: ([(i * 7 % 11, i) for i in range(50)],), lambda: ([(0.5, nan), (0.5, nan)] * 20,),
     long=lambda: ([(i * 7919 % 1009, i) for i in range(4000)],), apart=True)


def nearest(points, queries):
    found = []
    for qx, qy in queries:  # native
        best = None
        for p in points:  # native
            d = (p[0] - qx) ** 2 + (p[1] - qy) ** 2
            if best is None or d < best[0]:
                best = (d, p)
        found.append(best)
    return found


def grid(n, step):
    return [(i * step, i * i * step % 5) for i in range(n)]


case(nearest, lambda: (grid(12, 0.5), grid(9, 0.75)), lambda: ([], grid(30, 1)), lambda: (grid(12, 1), grid(30, 2)),
     long=lambda: (grid(60, 0.5), grid(90, 0.25)), apart=True)


def last_seen(xs, rounds):
    found = []
    for k in range(rounds):  # native
        last = None
        for x in xs:
            if x % 3 == k % 4:
                last = (x, k)
        found.append(last)
        if last:
            found.append(last[0])
        if last == (7, 1) or last is not None and last != (8, 2):
            found.append(-1)
    return found


case(last_seen, ([1, 2, 7, 8], 40), ([], 40), long=(list(range(20)), 500))


def perhaps_unbound(xs, k):
    for x in xs:
        if x > k:
            pair = (x, k)
        elif x < 0:
            return pair
    return pair


case(perhaps_unbound, ([1, 2, 3] * 12, 2), ([1, 2, 3] * 12 + [-1], 2), ([1, 2, 3] * 12, 5), ([1] * 30 + [-1], 5),
     ([1] * 30 + [9, -1], 5), apart=True)


def box(points):
    lo = hi = points[0]
    for x, y in points:  # native
        lo = (min(lo[0], x), min(lo[1], y))
        hi = (max(hi[0], x), max(hi[1], y))
    return lo, hi


case(box, lambda: (grid(40, 0.5),), lambda: (grid(40, 1),), lambda: ([(1, 2.5), (2.5, 1)] * 12,), ([(1, 2)],),
     long=lambda: (grid(4000, 0.5),), apart=True)


def extremes(points):
    found = []
    low, high = (9, 9.0), (0, 0.0)
    for p in points:  # native
        low, high = min(low, p), max(high, p, (2, 0.0))
        found.append((min(p), max(p), min(p, low)))
    return low, high, found


case(extremes, lambda: ([(i * 5 % 7, i * 0.5) for i in range(40)],), lambda: ([(0.5, i) for i in range(40)],),
     long=lambda: ([(i * 5 % 7, i * 0.5) for i in range(4000)],), apart=True)


def settling(xs):
    v = (0, 0)
    for x in xs:  # native
        v = (v[0] + x, v[1] - x)
    return v


case(settling, ([0.5, 1.5] * 20,), ([1, 2] * 20,), ([1, 2.5] * 20,), ([],), ([2**62] * 9,),
     long=lambda: ([0.25] * 4000,), apart=True)


def fibonacci(n):
    pair = (0, 1)
    for _ in range(n):  # native
        a, b = pair
        pair = (b, (a + b) % 1000003)
    return pair


case(fibonacci, (40,), (0,), long=(5000,))


def cross(o, a, b):
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


def hull(points):
    points = sorted(points)
    lower = []
    for p in points:  # native
        while len(lower) >= 2 and cross(lower[-2], lower[-1], p) <= 0:
            lower.pop()
        lower.append(p)
    upper = []
    for p in reversed(points):
        while len(upper) >= 2 and cross(upper[-2], upper[-1], p) <= 0:
            upper.pop()
        upper.append(p)
    return lower[:-1] + upper[:-1]


def scattered(n, m):
    return [(i * 7919 % m, i * i * 31 % m) for i in range(n)]


case(hull, lambda: (scattered(50, 97),), lambda: ([(x * 0.5, y) for x, y in scattered(50, 97)],), ([],),
     lambda: ([(1, 1)] * 20,), long=lambda: (scattered(3000, 10007),), apart=True)


def means(points, centres, rounds):
    for _ in range(rounds):
        sums = [(0.0, 0.0, 0)] * len(centres)
        for p in points:  # native
            best, where = None, 0
            for i, c in enumerate(centres):
                d = (p[0] - c[0]) ** 2 + (p[1] - c[1]) ** 2
                if best is None or d < best:
                    best, where = d, i
            x, y, n = sums[where]
            sums[where] = (x + p[0], y + p[1], n + 1)
        centres = [(x / n, y / n) if n else c for (x, y, n), c in zip(sums, centres)]
    return centres


case(means, lambda: (grid(40, 0.5), grid(3, 1.5), 4), lambda: (grid(40, 1), grid(3, 1), 4),
     long=lambda: (grid(600, 0.5), grid(6, 1.5), 5), apart=True)


def from_a_global(xs):
    best = START
    for i, x in enumerate(xs):  # native
        if x > best[0]:
            best = (x, i)
    return best, best is START


case(from_a_global, ([1, 2, 3] * 12,), ([-1] * 40,), ([],), long=lambda: (list(range(4000)),), apart=True)


def of_other_lengths(rows):
    total = 0
    for row in rows:
        total += len(row) + row[0]
    return total


case(of_other_lengths, ([(1, 2), (1, 2, 3)] * 20,), ([(1, 2), [1, 2, 3]] * 20,), ([(1, 2)] * 40,),
     ([(1, 2)] * 30 + [()],), ([(1, 2)] * 30 + [None],), apart=True)


def broken_pairs(pairs):
    total = 0
    for a, b in pairs:
        total += a * b
    return total


case(broken_pairs, ([(1, 2)] * 30 + [(1, 2, 3)],), ([(1, 2)] * 30 + [(1,)],), ([(1, 2)] * 30 + [3],),
     ([(1, 2)] * 30 + [[3, 4], (5, 6)],), ([(1, 2)] * 30 + [(2.5, 2), (2**70, 2)],), ([(1, "a")] * 20,), apart=True)


def raises_beside(xs):
    out = []
    pair = (0, 0)
    try:
        for i, x in enumerate(xs):
            pair = (i, 10 // x)
            out.append(pair)
    except ZeroDivisionError:
        return pair, out
    return out


case(raises_beside, ([1, 2, 3] * 12 + [0],), ([1] * 40,), ([0],), apart=True)


def nested(n):
    state = ((0, 1.5), (1, (2, 3)))
    out = []
    for i in range(n):  # native
        (a, b), (c, (d, e)) = state
        state = ((a + 1, b * 0.5), (d, (e, c)))
        if i % 5 == 0:
            out.append(state)
            out.append(state[1][1])
    return state, out


case(nested, (40,), (0,), long=(3000,))


def sliced(points):
    total = 0
    out = []
    for p in points:  # native
        x, y = p[:2]
        out.append(p[::-1])
        total += x - y + len(p[1:]) + p[-2:][0]
        if p[1:3] == p[:-1]:
            total += 1
    return total, out


case(sliced, lambda: ([(i, i * 2, 1) for i in range(40)],), lambda: ([(i * 0.5, 2.0, i) for i in range(40)],),
     lambda: ([(1, 1, 1)] * 20,), lambda: ([(1,)] * 3,), lambda: ([[1, 2, 3]] * 30,), lambda: (["abc"],),
     long=lambda: ([(i, i * 2, 1) for i in range(3000)],), apart=True)


def sliced_lists(xs, rounds):
    out = []
    for k in range(rounds):
        ys = xs[1:]
        ys[:2] = [k]
        ys[-1:] += [k]
        out.append(ys[::2])
        out.append(xs[:-1] == ys)
    return out


case(sliced_lists, lambda: ([1, 2, 3, 4], 30), lambda: ([], 5), lambda: ((1, 2), 5), lambda: ("abc", 5), apart=True)


def none_at_entry(points, rounds):
    found = []
    for k in range(rounds):
        best = None
        second = None
        for p in points:
            if p[0] % (k + 2) == 0 and (best is None or p < best):
                best, second = p, best
        found.append((best, second))
    return found


case(none_at_entry, lambda: (grid(40, 1), 30), lambda: (grid(40, 0.5), 30), lambda: ([(1, (2, 3))] * 40, 20),
     lambda: ([(4, "a")] * 40, 20), long=lambda: (grid(300, 1), 30), apart=True)


def slots(n):
    held = [None] * 7
    total = 0
    for i in range(n):  # native
        one = held[i % 7]
        if one is not None:
            a, (b, c) = one
            total += a + b * c
        if i % 3:
            held[i * 5 % 7] = (i, (i % 4, 0.5))
        elif i % 4 == 1:
            held[i % 7] = None
    return total, held


case(slots, (80,), (0,), (10,), long=(4000,))


TABLE = tuple(i * i % 17 for i in range(40))
MIXED = (1, 2.5, True, None, 3, 4, 5, 6, 7, 8)


def from_a_table(n):
    total = 0
    for i in range(n):  # native
        total += TABLE[i % len(TABLE)] - TABLE[-1 - i % 3]
        for x in TABLE:
            total = total * 3 % 1009 + x
    return total


case(from_a_table, (40,), (0,), long=(400,))


def long_tuples(rows):
    total = 0
    last = None
    for row in rows:  # native
        total += len(row) + row[-1]
        for x in row:
            total += x
        if row:
            last = row
    return total, last, last is rows[-1]


case(long_tuples, lambda: ([tuple(range(12))] * 30,), lambda: ([tuple(range(k % 13 + 1)) for k in range(60)],),
     lambda: ([(0.5,) * 11] * 30,), lambda: ([(1, 2), (1, 2, 3)] * 20,), lambda: ([(1, "a")] * 20,),
     lambda: ([(1, 2)] * 30 + [()],), lambda: ([(1, 2), (1, 2, 3), None] * 20,), lambda: ([MIXED] * 30,),
     long=lambda: ([tuple(range(k % 13 + 1)) for k in range(2000)],), apart=True)


def unpacks_long_ones(rows):
    total = 0
    for a, b, c, d, e, f, g, h, i, j in rows:
        total += a + b * j - (c if d else e) + f + g + h + i
    return total


case(unpacks_long_ones, lambda: ([tuple(range(10))] * 30,), lambda: ([MIXED] * 30,),
     lambda: ([tuple(range(10))] * 30 + [tuple(range(11))],), lambda: ([tuple(range(10))] * 30 + [[0] * 10],), apart=True)


def of_two_lengths(n):
    key = (0, 1)
    total = 0
    for i in range(n):
        if i % 5 == 0:
            key = (i, i, i)
        elif i % 5 == 3:
            key = (i, 1)
        total += key[0] + len(key) + (key is None)
        if not key:
            total = 0
    return key, total


case(of_two_lengths, (60,), (0,), (1,), apart=True)


def summed(points):
    found = []
    for p in points:
        found.append((sum(p), sum(p, 1), sum((p[0], 2)), sum(())))
    return found


case(summed, lambda: ([(i, i * 2, True) for i in range(40)],), lambda: ([(-0.0, i * 0.1, 1e16) for i in range(40)],),
     lambda: ([(0.1, 0.2, 0.3)] * 30,), lambda: ([(2**62, 2**62)] * 30,), lambda: ([("a", 1)] * 20,),
     lambda: ([(1, None)] * 20,), lambda: ([(True, False)] * 30,), lambda: ([(1, 2), (0.5, 1e300)] * 20,), apart=True)


def sums_of_ints(points):
    total = 0
    for p in points:  # native
        total += sum(p) * sum(p, 2)
    return total


case(sums_of_ints, lambda: ([(i, i * 2, 3) for i in range(40)],), lambda: ([(0.1, 0.2, 0.7)] * 40,), ([],),
     long=lambda: ([(i, i * 2, 3) for i in range(3000)],), apart=True)


def linked(n):
    node = None
    for i in range(n):
        node = (i, node)
    total = 0
    while node is not None:
        value, node = node
        total += value
    return total


case(linked, (60,), (0,), (1,))


def growing(n):
    made, pair = (), ((),)
    for i in range(n):
        made = made + (i,)
        pair = (pair, i)
        if i % 20 == 19:
            made, pair = (), ()
    return made, pair


case(growing, (70,), (10,), (0,))
