"""Loops over tuples, and loops of few iterations whose number is a constant."""

from ..cases import case

AROUND = ((-1, 0), (1, 0), (0, -1), (0, 1))
WEIGHTS = (0.25, 0.5, 0.25)


def neighbours(grid, steps):
    n = len(grid)
    for _ in range(steps):
        new = [[0] * n for _ in range(n)]
        for i in range(n):  # native
            for j in range(n):  # native
                count = 0
                for di in (-1, 0, 1):
                    for dj in (-1, 0, 1):
                        if di != 0 or dj != 0:
                            count += grid[(i + di) % n][(j + dj) % n]
                if count == 3 or (count == 2 and grid[i][j] == 1):
                    new[i][j] = 1
        grid = new
    return grid


def glider(n):
    return [[1 if (i, j) in ((0, 1), (1, 2), (2, 0), (2, 1), (2, 2)) else 0 for j in range(n)] for i in range(n)]


case(neighbours, lambda: (glider(6), 5), lambda: ([], 2), lambda: ([[1]], 3), long=lambda: (glider(24), 6))


def around(grid, rounds):
    total = 0
    for _ in range(rounds):  # native
        for i in range(1, len(grid) - 1):
            for j in range(1, len(grid) - 1):
                for dx, dy in AROUND:
                    total += grid[i + dx][j + dy] * (dx - dy)
    return total


case(around, lambda: ([[i * j % 5 for j in range(5)] for i in range(5)], 4),
     long=lambda: ([[i * j % 5 for j in range(12)] for i in range(12)], 30))


def weighed(xs, rounds):
    total = 0.0
    for k in range(rounds):  # native
        at = k % (len(xs) - 2)
        for w in WEIGHTS:
            total += xs[at] * w
            at += 1
    return total


case(weighed, lambda: ([1.0, 2.0, 3.0, 4.0], 20), lambda: ([1, 2, 3], 20), long=lambda: ([0.5] * 40, 3000))


def of_an_argument(pairs, k, rounds):
    total = 0
    for i in range(rounds):
        for x in pairs:
            total += x * k
            if total > 10**6:
                break
        else:
            total += 1
    return total, x


case(of_an_argument, ((1, 2, 3), 2, 40), ((1.5, 2.5), 2, 40), ((1, 2.5), 2, 40), ((7,), 10**5, 40),
     (tuple(range(12)), 1, 40), (("a", "b"), 0, 3), ((), 1, 40), apart=True)


def with_index(rounds):
    total = 0
    for k in range(rounds):  # native
        for i, x in enumerate((5, 7, 9)):
            total += i * x + k
        for x, y in zip((1, 2, 3), (4, 5)):
            total += x * y
        for x, i in zip((0.5, 1.5), range(k)):
            total += x * i
    return total


case(with_index, (40,), (1,), long=(3000,))


def left_in_the_middle(xs, rounds):
    seen = []
    for k in range(rounds):
        for d in (1, 2, 3, 5):
            x = xs[(k + d) % len(xs)]
            if x is None:
                seen.append((k, d))
                continue
            if d == 3 and k % 7 == 3:
                break
            xs[k % len(xs)] = x + d
    return seen, xs, d


case(left_in_the_middle, lambda: ([1, 2, 3, 4, 5], 40), lambda: ([1, None, 3, 4, 2**62], 30),
     lambda: ([0.5, 1.5, 2.5], 30))


def changed_while_walked(rounds):
    total = 0
    pair = (1, 2, 3)
    for k in range(rounds):
        for x in pair:
            pair = (x, x + 1, x + 2)
            total += x
        if total > 1000:
            pair = (0, 1, 2)
    return total, pair


case(changed_while_walked, (40,), (3,))


def at_the_outside(rounds):
    total = 0
    for x in (3, 1, 4, 1, 5):
        for k in range(rounds):  # native
            total = (total * 31 + x * k) % 1000003
    return total


case(at_the_outside, (40,), long=(4000,))


def counted_loops(xs, rounds):
    out = []
    for k in range(rounds):  # native
        a = b = c = 0
        for i in range(4):
            a += xs[i] * k
            for j in range(-2, 3, 2):
                b += xs[j % 4] - i * j
        for i in range(3, 0, -1):
            c = c * 10 + i + xs[0]
        xs[k % 4] = (a + b + c) % 97
    return xs, a, b, c


case(counted_loops, lambda: ([1, 2, 3, 4], 40), lambda: ([1.5, 2.0, 3.0, 4.0], 40), lambda: ([2**62, 1, 1, 1], 20),
     lambda: ([1, 2, 3], 5), long=lambda: ([1, 2, 3, 4], 3000))
