"""Loops that keep working on the same lists: aliases, rows, exits in the middle, numbers of every size."""

import math

from ..cases import case

TABLE = [0] * 7
GRID = [[1.0, 2.0, 3.0] for _ in range(4)]


# --- lists of numbers, read and written over and over ------------------------------------------------


def knapsack(weights, values, capacity):
    best = [0] * (capacity + 1)
    for item in range(len(weights)):  # native
        weight = weights[item]
        value = values[item]
        for room in range(capacity, weight - 1, -1):  # native
            candidate = best[room - weight] + value
            if candidate > best[room]:
                best[room] = candidate
    return best


case(knapsack, ([3, 4, 5, 9, 14], [3, 4, 4, 10, 15], 30), ([], [], 4),
     long=lambda: ([3 + i % 7 for i in range(40)], [i * 37 % 101 for i in range(40)], 200))


def bubble(xs):
    swaps = 0
    for end in range(len(xs) - 1, 0, -1):  # native
        for i in range(end):  # native
            if xs[i] > xs[i + 1]:
                xs[i], xs[i + 1] = xs[i + 1], xs[i]
                swaps += 1
    return swaps


case(bubble, lambda: ([3.0, -0.0, 0.0, math.nan, -math.inf, 2.5, math.inf, 1e-320],),
     lambda: ([5, 2**62, -(2**63), 0, 256, 257, 2**30, 2**60 + 1, -1],), lambda: ([True, False, True, False],),
     lambda: ([],), lambda: ([1, 2.0, True],), long=lambda: ([(i * 7919) % 521 / 4 for i in range(90)],))


def counted(numbers, rounds):
    counts = [0] * 5
    for k in range(rounds):  # native
        for x in numbers:  # native
            counts[x % 5] += 1
    return counts


case(counted, lambda: (list(range(20)), 9), lambda: ([-3, 2**63, 4, 5], 40), lambda: ([1, 2, 3.5], 8),
     long=lambda: (list(range(50)), 60))


def sieve(limit):
    prime = [True] * (limit + 1)
    prime[0] = prime[1] = False
    found = []
    for n in range(2, limit + 1):
        if prime[n]:
            m = n * n
            while m <= limit:
                prime[m] = False
                m += n
    for n in range(limit + 1):
        if prime[n]:
            found.append(n)
    return found, prime


case(sieve, (60,), (7,), long=(3000,))


def toggled(lamps, rounds):
    for k in range(1, rounds):  # native
        for i in range(0, len(lamps), k):
            lamps[i] = not lamps[i]
    return lamps.count(True)


case(toggled, lambda: ([False] * 20, 12), lambda: ([True, False, 1, 0], 9), lambda: ([False, None], 5),
     long=lambda: ([False] * 120, 100))


def smoothed(xs, rounds):
    for _ in range(rounds):  # native
        for i in range(1, len(xs) - 1):  # native
            xs[i] = (xs[i - 1] + xs[i] + xs[i + 1]) / 3.0
    return xs[len(xs) // 2]


case(smoothed, lambda: ([0.0, -0.0, 5.0, 1e308, 1e308, -1e308, 2.0], 12), lambda: ([1.0, math.nan, 2.0, 3.0], 5),
     lambda: ([1, 2, 3, 4], 6), long=lambda: ([float(i % 13) for i in range(80)], 60))


def zeros_of_both_signs(xs, rounds):
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] = xs[i] * -1.0
    return [math.copysign(1.0, x) for x in xs]


case(zeros_of_both_signs, lambda: ([0.0, -0.0, 1.0], 7), lambda: ([0.0, -0.0, math.nan], 40))


# --- numbers of every size ------------------------------------------------------------------------------


def doubled(xs, rounds):
    for _ in range(rounds):  # native
        for i in range(len(xs)):  # native
            xs[i] = xs[i] * 2 % 1_000_000_007
    return sum(xs)


case(doubled, lambda: ([1, 5, 256, 257, 128, -1, 2**29, 2**30 - 1], 30), lambda: ([2**61, -(2**62), 3], 9),
     lambda: ([2**63, 1], 5), long=lambda: (list(range(60)), 60))


def grown(xs, rounds):
    for _ in range(rounds):
        for i in range(len(xs)):
            xs[i] = xs[i] * 3 - 1
    return xs


case(grown, lambda: ([1, 2, 3], 45), lambda: ([0, -1, 2**62], 6), lambda: ([2**70, 1], 20))


def crossing(xs, rounds):
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] = xs[i] + 2**29 if k % 2 else xs[i] - 2**29
    return xs


case(crossing, lambda: ([0, 1, -5, 255, 256, 257, 2**29, 2**30 - 1, 2**30, 2**60, -(2**60)], 11))


def shared_numbers(xs, rounds):
    before = xs[:]
    same = [xs[0]] * 3
    for _ in range(rounds):
        for i in range(len(xs)):
            xs[i] = xs[i] + 1
    return before, same, xs


case(shared_numbers, lambda: ([1000, 2000, 3000], 40), lambda: ([0.5, 1.5, 2.5], 40), lambda: ([254, 255, 256], 5))


def constants_written(xs, rounds):
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] = 300 if i % 2 else 7
    for i in range(len(xs)):
        xs[i] = xs[i] + i
    return xs, 300, 7


case(constants_written, lambda: ([1000] * 6, 9), lambda: ([5] * 3, 9))


# --- lists of lists ----------------------------------------------------------------------------------------


def product(a, b, n):
    c = [[0.0] * n for _ in range(n)]
    for i in range(n):  # native
        for j in range(n):  # native
            total = 0.0
            for k in range(n):  # native
                total += a[i][k] * b[k][j]
            c[i][j] = total
    return c


def square(n, seed=3):
    return [[((i * 31 + j * 17 + seed) % 23 - 11) / 4 for j in range(n)] for i in range(n)]


case(product, lambda: (square(5), square(5, 9), 5), lambda: (square(5), square(5, 9), 4),
     lambda: (square(4), square(4), 5), lambda: ([[1, 2], [3, 4]], [[1.0, 0.0], [0.0, 1.0]], 2),
     lambda: ([], [], 0), long=lambda: (square(16), square(16, 5), 16))


def squared_in_place(a, rounds):
    n = len(a)
    for _ in range(rounds):
        for i in range(n):
            for j in range(n):
                a[i][j] = a[i][j] * a[j][i] % 97
    return a


case(squared_in_place, lambda: ([[i + j for j in range(6)] for i in range(6)], 5), lambda: ([[3]], 30))


def one_row_many_times(width, rounds):
    row = [0] * width
    grid = [row] * 3
    for _ in range(rounds):
        for i in range(3):
            for j in range(width):
                grid[i][j] += i + j
    return grid, row, grid[0] is row


case(one_row_many_times, (4, 9), (1, 40))


def row_beside_its_grid(grid, row, rounds):
    for _ in range(rounds):
        for i in range(len(grid)):
            for j in range(len(row)):
                row[j] += 1
                grid[i][j] += row[j] % 7
    return grid


def grid_and_row(row=0):
    grid = [[i * j for j in range(4)] for i in range(3)]
    return grid, grid[row], 8


case(row_beside_its_grid, grid_and_row, lambda: grid_and_row(2), lambda: ([[1, 2], [3, 4]], [5, 6], 9))


def two_grids_of_the_same_rows(a, rounds):
    b = a[:]
    for _ in range(rounds):
        for i in range(len(a)):
            for j in range(len(a[0])):
                a[i][j] += 1.0
                b[i][j] *= 0.5
    return a, b


case(two_grids_of_the_same_rows, lambda: ([[1.0, 2.0], [3.0, 4.0]], 20))


def twice_the_same(xs, ys, rounds):
    for _ in range(rounds):
        for i in range(len(xs)):
            xs[i] = ys[len(ys) - 1 - i] + 1
    return xs, ys, xs is ys


def alias(make):
    one = make()
    return one, one, 12


case(twice_the_same, lambda: alias(lambda: [1, 2, 3, 4, 5]), lambda: ([1, 2, 3], [4, 5, 6], 12),
     lambda: alias(lambda: [0.5, 1.5]), lambda: ([1, 2, 3], [4, 5], 12))


def same_grid_twice(a, b):
    total = 0
    for i in range(len(a)):
        for j in range(len(a)):
            for k in range(len(a)):
                total += a[i][k] * b[k][j]
    return total


case(same_grid_twice, lambda: alias(lambda: [[1, 2], [3, 4]])[:2], lambda: ([[1, 2], [3, 4]], [[5, 6], [7, 8]]))


def ragged(grid, rounds):
    total = 0
    for _ in range(rounds):  # native
        for row in grid:  # native
            for x in row:
                total += x
            if row:
                row[0] = total % 1000
    return total, grid


case(ragged, lambda: ([[1], [2, 3], [], [4, 5, 6]], 12), lambda: ([[]], 3), lambda: ([], 3), lambda: ([[1, 2.5]], 5),
     long=lambda: ([list(range(i % 5)) for i in range(40)], 60))


def rows_by_name(grid, rounds):
    for _ in range(rounds):  # native
        for i in range(len(grid)):  # native
            row = grid[i]
            above = grid[i - 1]
            for j in range(len(row)):  # native
                row[j] = (row[j] + above[j]) % 101
    return grid, row, above


case(rows_by_name, lambda: ([[1, 2, 3], [4, 5, 6]], 9), lambda: ([[7]], 5), lambda: ([[1, 2, 3], [4, 5]], 3),
     long=lambda: ([[i * j % 13 for j in range(12)] for i in range(10)], 30))


def rows_that_change_places(grid, rounds):
    for k in range(rounds):
        for i in range(len(grid)):
            for j in range(len(grid[i])):
                grid[i][j] += k
        grid[0], grid[-1] = grid[-1], grid[0]
    return grid


case(rows_that_change_places, lambda: ([[1, 2], [3, 4], [5, 6]], 9))


def two_rows_in_turn(n, rounds):
    before = [1] * n
    now = [0] * n
    for _ in range(rounds):  # native
        for i in range(n):  # native
            now[i] = (before[i - 1] + before[i]) % 1009
        before, now = now, before
    return before, now


case(two_rows_in_turn, (5, 9), (1, 3), long=(60, 60))


def inside_itself(xs, rounds):
    total = 0
    for _ in range(rounds):
        for i in range(len(xs)):
            for j in range(len(xs[i])):
                total += 1
    return total


def knot():
    xs = [[1], [2]]
    xs.append(xs)
    return xs, 6


case(inside_itself, knot, lambda: ([[1, 2], [3]], 6))


def cube(planes, rounds):
    total = 0.0
    for _ in range(rounds):
        for i in range(len(planes)):
            for j in range(len(planes[i])):
                for k in range(len(planes[i][j])):
                    planes[i][j][k] += 0.25
                    total += planes[i][j][k]
    return total, planes


case(cube, lambda: ([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]], 9))


# --- ways out in the middle ------------------------------------------------------------------------------------


def out_of_range(xs, rounds):
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] += 1
            if k == rounds - 1 and i == 2:
                return xs[i + len(xs)]
    return None


case(out_of_range, lambda: ([1, 2, 3, 4], 30), lambda: ([1.5, 2.5, 3.5, 4.5], 30))


def divided(xs, by, rounds):
    done = 0
    try:
        for k in range(rounds):
            for i in range(len(xs)):
                xs[i] = xs[i] / by[(i + k) % len(by)]
                done += 1
    except ZeroDivisionError as error:
        return done, str(error), xs
    return done, xs


case(divided, lambda: ([1.0, 2.0, 3.0], [2.0, 4.0, 1.0, 0.0], 9), lambda: ([1.0, 2.0, 3.0], [2.0, 4.0], 9),
     lambda: ([8.0] * 5, [1.0] * 40 + [0.0], 30))


def found(grid, wanted):
    for i in range(len(grid)):  # native
        for j in range(len(grid[i])):
            grid[i][j] += 1
            if grid[i][j] == wanted:
                return i, j
    else:
        return None


case(found, lambda: ([[i * 5 + j for j in range(5)] for i in range(6)], 23),
     lambda: ([[i * 5 + j for j in range(5)] for i in range(6)], -1),
     long=lambda: ([[i * 20 + j for j in range(20)] for i in range(80)], 1590))


def another_type_at_last(xs, rounds):
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] = xs[i] + (1 if k < rounds - 1 else 0.5)
    return xs


case(another_type_at_last, lambda: ([1, 2, 3], 30), lambda: ([1, 2, 3], 2))


def rarely_told(xs, rounds, told):
    for k in range(rounds):
        for i in range(len(xs)):
            xs[i] = xs[i] * 31 % 1009
            if xs[i] == 7:
                told.append((k, i, list(xs)))
    return xs


case(rarely_told, lambda: ([1, 2, 3, 4], 60, []), lambda: ([7, 7, 7], 40, []))


def grows_beside(xs, rounds):
    log = []
    for k in range(rounds):  # native
        total = 0
        for i in range(len(xs)):  # native
            xs[i] = (xs[i] + i) % 11
            total += xs[i]
        log.append(total)
    return xs, log


case(grows_beside, lambda: ([1, 2, 3], 12), long=lambda: (list(range(40)), 60))


# --- lists known by other ways ----------------------------------------------------------------------------------


def of_the_module(rounds):
    for k in range(rounds):
        for i in range(len(TABLE)):
            TABLE[i] += i * k
    return sum(TABLE)


case(of_the_module, (9,), (40,))


def grid_of_the_module(rounds):
    total = 0.0
    for k in range(rounds):
        for i in range(4):
            for j in range(3):
                GRID[i][j] = GRID[i][j] * 0.5 + k
                total += GRID[i][j]
    return total


case(grid_of_the_module, (9,), (40,))


def captured(rounds):
    kept = [1, 2, 3]

    def run(n):
        for k in range(n):
            for i in range(len(kept)):
                kept[i] = kept[i] * 2 + k
        return kept

    return run(rounds), kept


case(captured, (9,), (30,))


def add_into(target, source, scale):
    for i in range(len(target)):
        target[i] += source[i] * scale


def by_a_callee(a, b, rounds):
    for k in range(rounds):  # native
        add_into(a, b, 0.5)
        add_into(b, a, 0.25)
    return a, b


case(by_a_callee, lambda: ([1.0, 2.0], [3.0, 4.0], 9), lambda: (*alias(lambda: [1.0, 2.0])[:2], 9),
     lambda: ([1.0, 2.0], [3.0], 9), long=lambda: ([0.5] * 30, [0.25] * 30, 80))


def walked_and_written(xs, rounds):
    total = 0
    for _ in range(rounds):  # native
        for i, x in enumerate(xs):
            xs[len(xs) - 1 - i] = x + 1
            total += x
        for x, y in zip(xs, xs):
            total += x * y % 7
    return total, xs


case(walked_and_written, lambda: ([1, 2, 3, 4], 9), lambda: ([], 9), long=lambda: ([1, 2, 3, 4] * 8, 60))


class Numbers(list):
    def __getitem__(self, index):
        return 100 + list.__getitem__(self, index)


def of_a_subclass(xs, rounds):
    total = 0
    for _ in range(rounds):
        for i in range(len(xs)):
            total += xs[i]
            xs[i] = total % 9
    return total, list(xs)


case(of_a_subclass, lambda: (Numbers([1, 2, 3]), 9), lambda: ([1, 2, 3], 9), apart=True)
