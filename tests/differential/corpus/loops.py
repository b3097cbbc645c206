"""Loop forms: while, for over every native kind of iterable, nesting, break, continue, else, return."""

from __future__ import annotations

import numpy as np

from ..cases import case


def while_count(n):
    i = 0
    total = 0
    while i < n:  # native
        total += i
        i += 1
    return i, total


case(while_count, (0,), (1,), (-5,), (10,), (True,), (2.5,), long=(5000,))


def while_true_break(n):
    i = 0
    while True:  # native
        i += 3
        if i > n:
            break
    return i


case(while_true_break, (0,), (10,), (-10,), long=(9000,))


def while_else(n, stop):
    i = 0
    while i < n:  # native
        if i == stop:
            break
        i += 1
    else:
        i = -i
    return i


case(while_else, (5, 3), (5, 9), (0, 0), (5, 5.0), long=(4000, 3999))


def while_continue(n):
    i = odd = 0
    while i < n:  # native
        i += 1
        if i % 2 == 0:
            continue
        odd += i
    return odd


case(while_continue, (0,), (7,), long=(4000,))


def while_return(n):
    i = 1
    while i:
        i *= 2
        if i > n:
            return "found", i
        i += 1
    return "never"


case(while_return, (0,), (100,), (2**70,))


def while_nested(n):
    i = 0
    hits = 0
    while i < n:  # native
        j = i
        while j > 0:  # native
            j -= 2
            if j % 7 == 3:
                hits += 1
        i += 1
    return hits, i


case(while_nested, (0,), (1,), (9,), long=(120,))


def while_with_walrus(n):
    total = 0
    while (n := n - 1) > 0:  # native
        total += n
    return total, n


case(while_with_walrus, (0,), (5,), (4.5,), long=(4000,))


def while_complex_test(a, b):
    steps = 0
    while a > 0 and b > 0 or steps < 3:  # native
        a, b = a - 1, b - 2
        steps += 1
    return a, b, steps


case(while_complex_test, (0, 0), (5, 9), (5.0, 9), long=(3000, 9000))


def collatz(n):
    longest = best = 0
    for start in range(1, n):  # native
        value, steps = start, 0
        while value != 1:  # native
            value = value // 2 if value % 2 == 0 else 3 * value + 1
            steps += 1
        if steps > longest:
            longest, best = steps, start
    return longest, best


case(collatz, (1,), (2,), (10,), long=(200,))


def range_up(n):
    total = 0
    for i in range(n):  # native
        total += i * i
    return total


case(range_up, (0,), (1,), (-3,), (100,), (True,), long=(5000,))


def range_start_stop_step(a, b, c):
    seen = 0
    i = None
    for i in range(a, b, c):  # native
        seen = seen * 31 + i & 0xFFFFFFF
    return seen, i


case(
    range_start_stop_step,
    (0, 10, 1), (0, 10, 3), (10, 0, -1), (10, 0, -4), (0, 10, -1), (5, 5, 1), (-10, 10, 7), (0, 1, 100), (0, 10, 0),
    (0, 10.0, 1), (2**63 - 5, 2**63 + 5, 3), (-(2**63) - 5, -(2**63) + 5, 2), (2**63 - 3, 2**63 - 1, 1),
    long=(0, 12000, 3),
)


def range_huge_break(n):
    for i in range(n):
        if i > 300:
            break
    return i


case(range_huge_break, (10**30,), (2**63,), (2**63 - 1,), (10,))


def range_downwards(n):
    xs = []
    for i in range(n - 1, -1, -1):  # native
        xs.append(i)
    return xs


case(range_downwards, (0,), (5,), long=(3000,))


def range_object(r):
    total = 0
    for i in r:  # native
        total += i
    return total


case(range_object, (range(5),), (range(0),), (range(9, 0, -2),), ([1, 2],), ((),), long=(range(4000),))


def range_for_else(n, stop):
    for i in range(n):  # native
        if i == stop:
            where = "break"
            break
    else:
        where = "else"
        i = -1
    return where, i


case(range_for_else, (5, 3), (5, 9), (0, 0), long=(4000, 4001))


def loop_variable_after(n):
    for i in range(n):
        pass
    return i


case(loop_variable_after, (3,), (0,), (1,))


def loop_variable_reassigned(n):
    out = 0
    for i in range(n):  # native
        i = i * 2
        out += i
        i = "gone" if n < 3 else i
    return out, i


case(loop_variable_reassigned, (1,), (2,), (50,), long=(3000,))


def range_bounds_change(n):
    count = 0
    for _ in range(n):  # native
        n += 5
        count += 1
    return n, count


case(range_bounds_change, (0,), (10,), long=(3000,))


def nested_ranges(n, m):
    total = 0
    for i in range(n):  # native
        for j in range(m):  # native
            total += i * j - j
    return total


case(nested_ranges, (0, 5), (5, 0), (3, 4), long=(60, 60))


def nested_triangle(n):
    total = 0
    for i in range(n):  # native
        for j in range(i, n):  # native
            total += (i ^ j) & 15
    return total


case(nested_triangle, (0,), (1,), (7,), long=(90,))


def nested_three(n):
    count = 0
    for i in range(n):  # native
        for j in range(n):  # native
            for k in range(n):  # native
                if i + j == k:
                    count += 1
    return count


case(nested_three, (0,), (1,), (5,), long=(16,))


def nested_break_inner(n):
    hits = []
    for i in range(n):
        for j in range(n):
            if i * j > 20:
                break
        else:
            hits.append(i)
            continue
        hits.append(-j)
    return hits


case(nested_break_inner, (0,), (3,), (12,), (60,))


def nested_break_outer(n, limit):
    found = None
    for i in range(n):
        for j in range(n):
            if i * j == limit:
                found = (i, j)
                break
        if found:
            break
    else:
        return "none"
    return found, i, j


case(nested_break_outer, (3, 100), (30, 77), (50, 2401), (0, 0))


def nested_continue(n):
    total = 0
    for i in range(n):  # native
        if i % 3 == 0:
            continue
        for j in range(n):  # native
            if (i + j) % 4 == 1:
                continue
            total += j
    return total


case(nested_continue, (0,), (5,), long=(60,))


def return_from_nested(n, want):
    for i in range(n):
        for j in range(i):
            if i * 100 + j == want:
                return i, j
    return None


case(return_from_nested, (5, 302), (5, 9999), (60, 5958), (0, 0))


def sibling_loops(n):
    a = 0
    for i in range(n):  # native
        a += i
    b = a
    for i in range(n):  # native
        b -= 2 * i
    while b < 0:  # native
        b += 1000
    return a, b, i


case(sibling_loops, (1,), (10,), (0,), long=(3000,))


def list_ints(xs):
    total = 0
    for x in xs:  # native
        total += x
    return total


case(list_ints, lambda: ([],), lambda: ([1],), lambda: ([1, 2, 3] * 10,), lambda: ([1, True, 2.5],),
     lambda: ([1, "a"],), lambda: ([2**63] * 3,), lambda: ((1, 2, 3),), long=lambda: (list(range(4000)),))


def list_floats(xs):
    total = 0.0
    for x in xs:  # native
        total += x * 0.5
    return total


case(list_floats, lambda: ([],), lambda: ([1.5, float("nan")],), lambda: ([-0.0] * 3,), lambda: ([1.0, 2, 3.0] * 9,),
     lambda: ([1.0] * 40 + [None],), long=lambda: ([0.1 * k for k in range(4000)],))


def list_bools(xs):
    trues = 0
    last = None
    for flag in xs:  # native
        if flag:
            trues += 1
        last = flag
    return trues, last


case(list_bools, lambda: ([],), lambda: ([True, False] * 9,), lambda: ([1, 0, True],), lambda: ([[], [0], "", None],),
     long=lambda: ([True, False, True] * 1200,))


def list_mixed_objects(xs):
    seen = []
    for x in xs:
        seen.append(x)
    return seen


case(list_mixed_objects, lambda: ([1, "a", None, 2.5, [1], {}],), lambda: (["x"] * 50,), lambda: ([None] * 50,))


def tuple_loop(xs):
    product = 1
    for x in xs:
        product = product * x % 1009
    return product


case(tuple_loop, ((),), ((3, 5),), ((2.5, 3),), ((True, 2),), long=(tuple(range(1, 4000)),))


def literal_tuple():
    total = 0
    for x in (3, 1, 4, 1, 5, 9, 2, 6):
        for y in [2, 7, 1, 8]:
            total += x * y
    return total


case(literal_tuple, ())


def array_loop(a):
    total = 0.0
    for x in a:  # native
        total += x
    return total


case(array_loop, lambda: (np.zeros(0),), lambda: (np.arange(5.0),), lambda: (np.arange(5),),
     lambda: (np.arange(6.0).reshape(2, 3),), lambda: (np.array([True, False]),), long=lambda: (np.arange(4000.0),))


def array_loop_first(a):
    kinds = []
    for x in a:
        kinds.append(x)
        if len(kinds) == 20:
            break
    return kinds


case(array_loop_first, lambda: (np.arange(40, dtype=np.uint8),), lambda: (np.arange(40, dtype=np.float32),),
     lambda: (np.arange(80.0)[::2],), lambda: (np.arange(40)[::-1],))


def enumerate_list(xs):
    total = 0
    for i, x in enumerate(xs):  # native
        total += i * x
    return total


case(enumerate_list, lambda: ([],), lambda: ([5, 6],), lambda: ([0.5, 0.25] * 20,), lambda: ((1, 2),),
     long=lambda: (list(range(4000)),))


def enumerate_start(xs, start):
    out = []
    i = None
    for i, x in enumerate(xs, start):
        out.append((i, x))
    return out, i


case(enumerate_start, lambda: ([], 3), lambda: (["a", "b"], 10), lambda: ([1.5] * 30, -5), lambda: ([1] * 5, 2**63 - 2),
     lambda: ([1], 2.5))


def enumerate_array(a):
    best, where = -1.0, -1
    for i, x in enumerate(a):  # native
        if x > best:
            best, where = x, i
    return best, where


case(enumerate_array, lambda: (np.zeros(0),), lambda: (np.array([1.0, 5.0, 2.0]),), lambda: (np.arange(9, dtype=np.int32),),
     long=lambda: (np.arange(4000.0) % 17,))


def zip_lists(xs, ys):
    dot = 0
    for x, y in zip(xs, ys):  # native
        dot += x * y
    return dot


case(zip_lists, lambda: ([], [1]), lambda: ([1, 2, 3], [4, 5, 6]), lambda: ([1.5] * 9, [2, 3]), lambda: (range(9), (1, 2)),
     lambda: ([1] * 40, [2.5] * 39 + ["x"]), long=lambda: (list(range(4000)), [0.5] * 4000))


def zip_three(xs, ys, zs):
    out = []
    for x, y, z in zip(xs, ys, zs):
        out.append(x + y * z)
    return out


case(zip_three, lambda: ([1, 2], [3, 4], [5, 6]), lambda: ([1.0] * 50, list(range(60)), [2] * 50),
     lambda: (np.arange(30.0), list(range(30)), range(30)))


def zip_strict(xs, ys):
    total = 0
    for x, y in zip(xs, ys, strict=True):
        total += x - y
    return total


case(zip_strict, lambda: ([1, 2], [3, 4]), lambda: ([1] * 40, [2] * 39), lambda: ([1] * 39, [2] * 40))


def enumerate_zip(xs, ys):
    total = 0
    for i, (x, y) in enumerate(zip(xs, ys)):
        total += i * (x - y)
    return total


case(enumerate_zip, lambda: ([1, 2], [3, 4]), lambda: ([1] * 40, [2.5] * 40))


def reversed_loop(xs):
    value = 0
    for x in reversed(xs):
        value = value * 3 + x & 0xFFFF
    return value


case(reversed_loop, lambda: ([1, 2, 3],), lambda: (range(50),), lambda: ((5, 6),), lambda: ([],))


def iterator_shared(n):
    it = iter(range(n))
    a = []
    for x in it:
        a.append(x)
        if x % 10 == 7:
            break
    b = list(it)
    return a, b


case(iterator_shared, (5,), (30,), (8,))


def iterator_advanced_inside(n):
    it = iter(list(range(n)))
    pairs = []
    for x in it:
        pairs.append((x, next(it, None)))
    return pairs


case(iterator_advanced_inside, (0,), (5,), (100,))


def generator_input(n):
    def numbers():
        for k in range(n):
            yield k * k

    total = 0
    for x in numbers():
        total += x
    return total


case(generator_input, (0,), (100,))


def dict_loop(n):
    table = {k: k * k for k in range(n)}
    total = 0
    for key in table:  # native
        total += table[key] - key
    for key, value in table.items():
        total ^= key * value
    return total, table


case(dict_loop, (0,), (10,), long=(3000,))


def string_loop(text):
    code = 0
    for ch in text:
        code = code * 31 + ord(ch) & 0xFFFFFF
    return code


case(string_loop, ("",), ("héllo wörld" * 10,))


def set_loop(n):
    total = 0
    for x in {k % 13 for k in range(n)}:
        total += x
    return total


case(set_loop, (0,), (100,))


def file_like_loop(lines):
    count = 0
    for line in iter(lines.pop, "end"):
        count += len(line)
    return count


case(file_like_loop, lambda: (["end", "abc", "de"],), lambda: (["end"] + ["x" * k for k in range(50)],), lambda: (["a"],))


def loop_in_else(n):
    for i in range(n):
        if i > 100:
            break
    else:
        for j in range(n):
            i = j + 1
        return "inner", i
    return "outer", i


case(loop_in_else, (5,), (300,), (1,))


def break_else_nested(n):
    log = []
    for i in range(n):
        for j in range(i):
            if j == 3:
                break
        else:
            if i == 2:
                continue
            log.append(i)
    else:
        log.append("done")
    return log


case(break_else_nested, (0,), (3,), (30,))


def empty_bodies(n):
    for _ in range(n):
        pass
    while n > 0:
        n -= 1
    for _ in []:
        n = "never"
    return n


case(empty_bodies, (0,), (500,))


def starred_target(rows):
    out = []
    for first, *rest in rows:
        out.append(first + len(rest))
    return out


case(starred_target, lambda: ([(1, 2, 3), [4], (5, 6)] * 5,), lambda: ([()],))


def subscript_target(xs):
    slot = [0]
    total = 0
    for slot[0] in xs:
        total += slot[0]
    return total, slot


case(subscript_target, lambda: ([1, 2, 3] * 5,), lambda: ([],))


def two_level_target(rows):
    total = 0
    for (a, b), c in rows:
        total += a * b - c
    return total


case(two_level_target, lambda: ([((1, 2), 3), ((4, 5), 6)] * 10,), lambda: ([((1, 2), 3), ((4,), 6)],))


def same_loop_many_entries(n):
    total = 0
    for k in range(n):  # native
        for i in range(5):  # native
            total += i ^ k
    return total


case(same_loop_many_entries, (0,), (1,), (40,), long=(800,))


def one_line_loop(n):
    t = 0
    for i in range(n): t += i  # noqa: E701
    while t > 10: t //= 2  # noqa: E701
    return t


case(one_line_loop, (0,), (100,))


def iterators_that_variables_hold(rows):
    out = []
    for row in rows:
        pairs = enumerate(row)
        for i, x in pairs:
            if x > 3:
                break
        out.append(next(pairs, None))
        both = zip(row, row)
        again = both
        for a, b in both:
            if a > 2:
                break
        out.append(next(again, None))
    return out


def iterators_inside_iterators(xs):
    inner = iter(xs)
    s = 0
    for i, x in enumerate(inner):
        s += i * x
        if i == 20:
            break
    return s, next(inner, None)


case(iterators_that_variables_hold, ([list(range(k % 9)) for k in range(60)],))
case(iterators_inside_iterators, ([1] * 100,), (list(range(15)),))
