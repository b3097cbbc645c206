"""Memory that two names see: arrays changed in place behind the loop, overlapping views, globals, cells."""

import math
import warnings

import numpy as np

from ..cases import case

COUNT = 100_000
SCALE = 1.5
ROWS = [[1.0, 2.0], [3.0, 4.0]]
TABLE = np.zeros(5)


# --- arrays whose shape, flags, type or data change while the loop runs ------------------------------


def reshaped(a, n):
    total = 0.0
    for i in range(n):
        if i == n // 2:
            a.shape = (a.size,)
        try:
            total += a[i % 2, i % 3]
        except IndexError as error:
            return i, total, str(error)
    return total


case(reshaped, lambda: (np.arange(6.0).reshape(2, 3), 60), lambda: (np.arange(6.0).reshape(2, 3), 7))


def reshaped_other_way(a, n):
    total = 0.0
    for i in range(n):
        total += a[i % 2, i % 2] * i
        if i == n - 20:
            a.shape = a.shape[::-1]
    return total


case(reshaped_other_way, lambda: (np.arange(6.0).reshape(2, 3), 60), lambda: (np.arange(6).reshape(3, 2), 40))


def resize(a, size):
    a.resize(size, refcheck=False)


def resized(a, n):
    total = 0.0
    for i in range(n):
        if i % 16 == 15:
            resize(a, 10_000 + i)
            a[9_999] = i
        a[i % 5] += 1.0
        total += a[i % len(a)]
    return total, len(a), a[:5].tolist()


case(resized, lambda: (np.arange(8.0), 100))


def frozen(a, n):
    done = 0
    try:
        for i in range(n):
            if i == n - 5:
                a.flags.writeable = False
            a[i % 4] = i
            done += 1
    except ValueError as error:
        return done, str(error), a.tolist()
    return done


case(frozen, lambda: (np.zeros(4), 50), lambda: (np.zeros(4, np.uint8), 50))


def freeze(a):
    a.setflags(write=False)


def frozen_by_callee(a, n):
    done = 0
    try:
        for i in range(n):
            if i == n - 5:
                freeze(a)
            a[i % 4] += 1
            done += 1
    except ValueError:
        pass
    return done, a.tolist()


case(frozen_by_callee, lambda: (np.zeros(4), 50))


def retyped(a, n):
    total = 0
    for i in range(n):
        if i == n - 7:
            a.dtype = np.int64
        total += a[i % 4]
    return total, type(total).__name__


case(retyped, lambda: (np.ones(4), 50))


def read_only_from_the_start(a, n):
    total = 0.0
    for i in range(n):
        total += a[i % 4]
        if i == n - 1:
            a[0] = total
    return total


def _read_only():
    a = np.ones(4)
    a.flags.writeable = False
    return a, 50


case(read_only_from_the_start, _read_only, lambda: (np.ones(4), 50))


# --- views ------------------------------


def overlapping(a, b, n):
    for i in range(n):
        a[i % 5] = b[(i + 1) % 5] + 1
        b[i % 5] -= a[(i + 2) % 5]
    return a, b


def _shifted(dtype):
    base = np.arange(8).astype(dtype)
    return base[:6], base[2:], 60


case(overlapping, lambda: _shifted("f8"), lambda: _shifted("i8"), lambda: _shifted("i4"), apart=True)


def seen_as_bits(a, bits, n):
    out = []
    for i in range(n):
        a[i % 4] = i * 0.5
        out.append(bits[i % 4])
        bits[(i + 1) % 4] = i
        out.append(a[(i + 1) % 4])
    return out


def _bits(first, second):
    a = np.ones(4, first)
    return a, a.view(second), 60


case(seen_as_bits, lambda: _bits("f8", "i8"), lambda: _bits("f4", "i4"), apart=True)


def seen_as_bytes(a, raw, n):
    total = 0
    for i in range(n):
        a[i % 4] = i * 1001
        total += int(raw[i % 32])
        raw[(i * 5) % 32] = i % 256
        total += int(a[i % 4]) % 1009
    return total


case(seen_as_bytes, lambda: ((a := np.ones(4, np.int64)), a.view(np.uint8), 60))


def same_array_twice(a, b, n):
    for i in range(n):
        a[i % 4] += 1
        b[i % 4] *= 2
        a[i % 4] %= 1001
    return a, a is b


case(same_array_twice, lambda: ((a := np.ones(4, np.int64)), a, 60), lambda: ((a := [1, 2, 3, 4]), a, 60), apart=True)


def rows_are_views(m, n):
    row = m[1]
    total = 0.0
    for i in range(n):
        m[1, i % 3] = i
        total += row[i % 3]
        row[(i + 1) % 3] = -i
        total += m[1, (i + 1) % 3]
    return total, m


case(rows_are_views, lambda: (np.zeros((2, 3)), 60))


# --- floating-point state ------------------------------


def underflow_raises(a, n):
    done = 0
    try:
        with np.errstate(under="raise"):
            for i in range(n):
                a[i % 4] = a[i % 4] * a[(i + 1) % 4]
                done += 1
    except FloatingPointError as error:
        return done, str(error), a
    return done, a


case(underflow_raises, lambda: (np.array([1e-50, 1e-40, 2.0, 1e-60]), 40), lambda: (np.ones(4), 40))


def overflow_is_ignored(a, n):
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for i in range(n):
            a[i % 4] = a[i % 4] * a[(i + 1) % 4]
            a[(i + 2) % 4] = a[(i + 2) % 4] / (a[i % 4] - a[(i + 1) % 4])
    return a


case(overflow_is_ignored, lambda: (np.array([1e50, 1e40, 2.0, 1e60]), 60), lambda: (np.ones(4), 40))


def overflow_raises(a, n):
    done = 0
    try:
        with np.errstate(all="raise"):
            for i in range(n):
                a[i % 4] = a[i % 4] * a[(i + 1) % 4]
                done += 1
    except FloatingPointError as error:
        return done, str(error), a
    return done, a


case(overflow_raises, lambda: (np.array([1e50, 1e40, 2.0, 1e60]), 60), lambda: (np.arange(4, dtype=np.uint8), 40))


def warnings_are_errors(a, n):
    done = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for i in range(n):
                a[i % 4] = a[i % 4] * a[(i + 1) % 4]
                done += 1
    except RuntimeWarning as error:
        return done, str(error), a
    return done, a


case(warnings_are_errors, lambda: (np.array([1e50, 1e40, 2.0, 1e60]), 60), lambda: (np.ones(4, np.float32) * 1e20, 9))


def state_changes_inside(a, n):
    done = 0
    old = np.geterr()
    try:
        for i in range(n):
            if i == n // 2:
                np.seterr(under="raise")
            a[i % 4] = a[i % 4] * a[(i + 1) % 4]
            done += 1
    except FloatingPointError as error:
        return done, str(error)
    finally:
        np.seterr(**old)
    return done


case(state_changes_inside, lambda: (np.array([1e-5, 1e-4, 1e-2, 1e-6]), 40))


# --- globals and cells ------------------------------


def bump():
    global COUNT
    COUNT += 1
    COUNT += 1


def global_number_changes(n):
    total = 0
    d = {}
    for i in range(n):
        try:
            bump()
        finally:
            d["i"] = i
        total += COUNT
    return total, COUNT


case(global_number_changes, (0,), (5,), (60,))


def global_goes_back_and_forth(n):
    global SCALE
    total = 0.0
    for i in range(n):
        if i % 7 == 3:
            SCALE = i * 0.5
            SCALE = SCALE + 1.0
            SCALE = SCALE - 0.5
        total += SCALE
    return total, SCALE


case(global_goes_back_and_forth, (5,), (60,), (61,))


def replace_rows(i):
    global ROWS
    ROWS = [[float(i), 2.0], [3.0, 4.0]]


def global_list_is_replaced(n):
    total = 0.0
    text = ""
    for i in range(n):
        row = ROWS[i % 2]
        if i % 9 == 4:
            try:
                replace_rows(i)
            finally:
                text = f"{i}"
            junk = [[float(i), 9.0], [1.0, 8.0]]
            total += junk[0][1]
        row[0] += 0.5
        total += row[0] + ROWS[0][0]
    return total, text, ROWS


case(global_list_is_replaced, (5,), (60,), (61,))


def global_is_deleted(n):
    global TABLE
    total = 0.0
    try:
        for i in range(n):
            if i == n - 3:
                del globals()["TABLE"]
            total += TABLE[i % 5]
            TABLE[i % 5] = i
    except NameError as error:
        TABLE = np.zeros(5)
        return total, str(error)
    return total


case(global_is_deleted, (50,), (6,))


def closure_number_changes(n):
    step = 1.0

    def faster():
        nonlocal step
        step += 1.0
        step -= 0.5

    def run():
        total = 0.0
        log = {}
        for i in range(n):
            if i % 5 == 2:
                try:
                    faster()
                finally:
                    log[i % 3] = step
            total += step
        return total, log

    return run()


case(closure_number_changes, (5,), (60,))


# --- big ints come back small ------------------------------


def grows_and_shrinks(n):
    x, seen = 1, []
    for i in range(n):
        x = x * 3 + 1
        if x > 2**70:
            seen.append(x)
            x = x % 1000
    return x, seen


case(grows_and_shrinks, (10,), (100,), long=(3000,))


def masks(seed, n):
    h = seed
    for i in range(n):
        h = (h ^ i) & 0xFFFFFFFFFFFFFFFF
        h = (h * 31 + 7) % 2**64
        h = h & 0xFFFFFFFF
    return h


case(masks, (1, 5), (2**63, 60), (-5, 60), long=(77, 3000))


def bounds_of_constants(x, n):
    hits = 0
    for i in range(n):
        if -2**80 < x < 2**80:
            hits += 1
        if x == 2**70 or x != -2**70:
            hits += 2
        if 10**25 <= x:
            hits += 3
        x = x * 2
    return hits, x


case(bounds_of_constants, (1, 60), (-3, 90), (1.5, 90), (0.0, 60), (np.int64(3), 20), (True, 30), apart=True)


def compares_with_many_bits(x, n):
    hits = 0
    for i in range(n):
        hits += (x < 2**70 + 1) + (x >= -(2**70 + 1)) * 2
        x += 1
    return hits


case(compares_with_many_bits, (0, 50), (0.0, 50), (2.0**70, 50), (math.inf, 50), (math.nan, 50), apart=True)


def big_ints_in_lists(values, n):
    total = 0
    for i in range(n):
        total += values[i % len(values)] % 1000
        values[i % len(values)] = i * 1_000_000
        if i % 25 == 24:
            values[i % len(values)] = 10**25 + i
    return total, values


case(big_ints_in_lists, lambda: ([1, 2**64, 3], 60), lambda: ([2**63, 2**63 - 1], 60), lambda: ([5, 6], 60))


def numpy_scalars_in_lists(a, n):
    values = [a[0]] * 4
    for i in range(n):
        values[i % 4] = a[i % 4]
        values[(i + 1) % 4] = i
        values[(i + 2) % 4] = a[i % 3] + 1
        values[(i + 3) % 4] = 0.5
    return values


case(numpy_scalars_in_lists, lambda: (np.arange(4.0), 60), lambda: (np.arange(4, dtype=np.uint8), 60), apart=True)


# --- lists that native code makes, and lets go --------------------------------------------------------


def rows_in_turn(n, rounds):
    previous = [1]
    for i in range(rounds):  # native
        current = [1]
        for j in range(len(previous) - 1):
            current.append((previous[j] + previous[j + 1]) % 1009)
        if len(current) < n:
            current.append(1)
        previous = current
    return previous


case(rows_in_turn, (5, 30), (1, 3), long=(40, 200))


def item_of_a_list_that_is_gone(rounds):
    best = [0]
    seen = 0
    for i in range(rounds):  # native
        rows = [[i, i + 1], [i + 2, 1], [i % 7]]
        if rows[2][0] == 3:
            best = rows[i % 2]
        seen += best[0] + len(best)
        best[0] = seen % 50
    return best, seen, rows


case(item_of_a_list_that_is_gone, (40,), (3,), long=(3000,))


def pairs_in_every_iteration(xs, rounds):
    last = first = [0, 0]
    total = 0
    for k in range(rounds):  # native
        for x in xs:
            pair = [x, k]
            if pair[0] > last[0]:
                last = pair
            elif k % 3 == 0:
                last = [last[1], pair[0]]
            total += last[0]
    return total, last, first, first is last


case(pairs_in_every_iteration, lambda: ([3, 1, 4, 1, 5], 9), lambda: ([], 5), lambda: ([7], 60),
     long=lambda: (list(range(30)), 100))


def lists_that_hold_the_one_before(rounds):
    chain = [0]
    for i in range(rounds):
        chain = [i, chain]
        if i % 10 == 9:
            chain = chain[1]
    depth = 0
    while len(chain) == 2:
        chain = chain[1]
        depth += 1
    return depth, chain


case(lists_that_hold_the_one_before, (60,), (300,))


def built_and_kept(rounds, width):
    table = []
    row = []
    for i in range(rounds):  # native
        row = [i] * width
        row[0] = i * 2
        if i % 3:
            table.append(row)
        else:
            row.append(-1)
    return table, row, row is table[-1]


case(built_and_kept, (9, 3), (40, 2), long=(2000, 2))


def read_behind_other_exits(i0, x0, xs, ys, grid, a):
    i1, opt = 1, None
    for k1 in range(i1, i1 + 30, 1):
        x0 = (abs(x0) + (ys[-1 - i1 % len(ys)] - a[i0 % len(a)]))
        for k3, v4 in zip(xs, ys):
            for k5 in range(3, 2, -1):
                if ((k5 * k3 % 2147483647) <= (int(opt is not None) + 3)
                        and (xs[-1 - i0 % len(xs)] // (abs(grid[k5 % len(grid)][0]) + 1)) % 2 == 1):
                    continue


case(
    read_behind_other_exits,
    lambda: (7, 1.0, [93, 135, 143, 54, 13, 30, 112, 108, 64, 57, 94, 65, 85, -18, 25, 93, 120, 41, 74, 40],
             [4.084, 0.885, 4.648, -3.216, 3.074, -0.539, -4.035], [[0] * 3] * 4,
             (np.arange(6) * 5 % 23).astype(np.int32)),
    lambda: (2**53, 1e16, [103, 2**53 + 1, -22, 158, 48, 180, -2**63, 256, 123, 191, -34, 6, 143, 8, 2**63 - 1,
                           2**63 - 1, 127, -40, 2**63, -1, -1, 83, 70, 110, 66, 2, 194],
             [-2.559, 2.059, 0.51, 1.596, 1e308, 0.714, -0.0, -4.199, 3.182, 5e-324, 1e308, -1.705, 2.544, 2.0**53,
              1.264, 4.095, 1.884, float("-inf"), -0.17, 5e-324, 0.104, -1.739, -2.177, 0.002, 5e-324, float("nan"),
              -1e-310], [[0] * 3 for _ in range(2)], (np.arange(31) * 4 % 23).astype(np.int32)),
)


def boxed_before_and_behind(out, n, m):
    for i in range(n):  # native
        big = (i + 7) * 1000003
        out[0] = big
        out[0] = None
        for j in range(m):  # native
            out[1] = j * 100003
        out[2] = big
        out.append(big)
    return out


case(boxed_before_and_behind, lambda: (["x", None, 2.5], 40, 3), lambda: (["x", None, 2.5], 5, 3000),
     long=lambda: (["x", None, 2.5], 300, 40))
