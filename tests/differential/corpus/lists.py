"""Lists: made, read, written, swapped, grown, shrunk, aliased, nested, and changed while iterated."""

from __future__ import annotations

from ..cases import case


def squares(n):
    out = []
    for i in range(n):  # native
        out.append(i * i)
    return out


case(squares, (0,), (1,), (50,), long=(4000,))


def append_floats(n):
    out = []
    x = 1.0
    for _ in range(n):  # native
        x *= 1.001
        out.append(x)
    return out


case(append_floats, (0,), (50,), long=(3000,))


def append_mixed(n):
    out = []
    for i in range(n):
        if i % 10 == 9:
            out.append(i / 2)
        elif i % 7 == 6:
            out.append(i > 30)
        else:
            out.append(i)
    return out


case(append_mixed, (0,), (20,), (200,))


def append_bound_method(n):
    out = []
    push = out.append
    for i in range(n):
        push(i)
    return out


case(append_bound_method, (0,), (100,))


def scale_in_place(xs, factor):
    for i in range(len(xs)):  # native
        xs[i] = xs[i] * factor


case(scale_in_place, lambda: ([], 2), lambda: ([1, 2, 3], 2), lambda: ([1, 2, 3] * 20, 0.5), lambda: ([1.5, 2.5] * 20, 2),
     lambda: ([2**62] * 30, 4), lambda: ([1, "ab", 2] * 9, 2), lambda: ([1.0] * 4, None), lambda: ([[1], [2]] * 10, 2),
     long=lambda: ([float(k) for k in range(3000)], 1.5))


def augmented_element(xs, n):
    for i in range(n):  # native
        xs[i % 3] += i
    return xs


case(augmented_element, lambda: ([0, 0, 0], 0), lambda: ([0, 1, 2], 50), lambda: ([0.5, 1, True], 50), lambda: ([1, 2], 50),
     long=lambda: ([0, 0, 0], 3000))


def swap_reverse(xs):
    i, j = 0, len(xs) - 1
    while i < j:  # native
        xs[i], xs[j] = xs[j], xs[i]
        i += 1
        j -= 1
    return xs


case(swap_reverse, lambda: ([],), lambda: ([1],), lambda: ([1, 2, 3, 4],), lambda: ([1.5, 2, "x", None] * 9,),
     long=lambda: (list(range(6000)),))


def bubble_sort(xs):
    n = len(xs)
    for i in range(n):  # native
        for j in range(n - 1 - i):  # native
            if xs[j] > xs[j + 1]:
                xs[j], xs[j + 1] = xs[j + 1], xs[j]
    return xs


case(bubble_sort, lambda: ([],), lambda: ([3, 1, 2],), lambda: ([5.5, -1.0, 2.25, 0.0] * 5,), lambda: ([3, 1.5, True, 2] * 4,),
     lambda: (["b", "a", "c"] * 6,), lambda: ([3, "a", 1],), long=lambda: ([(k * 7919) % 101 for k in range(100)],))


def insertion_sort(xs):
    for i in range(1, len(xs)):  # native
        key = xs[i]
        j = i - 1
        while j >= 0 and xs[j] > key:  # native
            xs[j + 1] = xs[j]
            j -= 1
        xs[j + 1] = key


case(insertion_sort, lambda: ([],), lambda: ([3, 1, 2],), lambda: ([2.5, -1.5] * 10,),
     long=lambda: ([(k * 7919) % 211 for k in range(150)],))


def sieve(n):
    flags = [True] * (n + 1)
    flags[0:2] = [False] * len(flags[0:2])
    i = 2
    while i * i <= n:  # native
        if flags[i]:
            for j in range(i * i, n + 1, i):  # native
                flags[j] = False
        i += 1
    count = 0
    for flag in flags:  # native
        if flag:
            count += 1
    return count


case(sieve, (0,), (1,), (10,), (100,), long=(6000,))


def sieve_flags(n):
    flags = [1] * n
    for i in range(2, n):
        if flags[i]:
            for j in range(2 * i, n, i):
                flags[j] = 0
    return flags


case(sieve_flags, (0,), (5,), (200,))


def prefix_sums(xs):
    out = [0]
    for x in xs:  # native
        out.append(out[-1] + x)
    return out


case(prefix_sums, lambda: ([],), lambda: ([1, 2, 3],), lambda: ([0.5] * 40,), lambda: ([1] * 30 + [0.5] * 10,),
     lambda: ([2**62] * 40,), long=lambda: (list(range(4000)),))


def negative_indices(xs):
    total = 0
    for i in range(1, len(xs) + 1):  # native
        total += xs[-i] * i
    return total


case(negative_indices, lambda: ([],), lambda: ([1, 2, 3],), lambda: ([1.5] * 30,), long=lambda: (list(range(4000)),))


def index_error_at_end(xs, n):
    total = 0
    for i in range(n):
        total += xs[i]
    return total


case(index_error_at_end, lambda: ([1, 2, 3], 3), lambda: ([1, 2, 3], 4), lambda: ([1] * 50, 60), lambda: ([], 1),
     lambda: ([0.5] * 50, 51))


def index_error_negative(xs, n):
    total = 0
    for i in range(n):
        total += xs[-i]
    return total


case(index_error_negative, lambda: ([1, 2, 3], 4), lambda: ([1, 2, 3], 5), lambda: ([1] * 50, 60))


def index_error_store(xs, n):
    for i in range(n):
        xs[i] = i
    return xs


case(index_error_store, lambda: ([0] * 3, 3), lambda: ([0] * 3, 4), lambda: ([0] * 50, 60))


def index_huge(xs):
    out = []
    for k in (0, 1, 2**31, 2**63 - 1, 2**63, -(2**63)):
        try:
            out.append(xs[k])
        except IndexError as error:
            out.append(str(error))
    return out


case(index_huge, lambda: ([1, 2, 3],))


def index_types(xs, keys):
    total = 0
    for k in keys:
        total += xs[k]
    return total


case(index_types, lambda: ([1, 2, 3], [0, 1, True] * 20), lambda: ([1, 2, 3], [0] * 40 + [1.0]), lambda: ([1, 2, 3], [0] * 40 + ["a"]),
     lambda: ([1, 2, 3], [0] * 40 + [None]))


def matrix_product(a, b):
    n, m, p = len(a), len(b), len(b[0])
    out = [[0] * p for _ in range(n)]
    for i in range(n):  # native
        for j in range(p):  # native
            total = 0
            for k in range(m):  # native
                total += a[i][k] * b[k][j]
            out[i][j] = total
    return out


case(matrix_product, lambda: ([[1, 2], [3, 4]], [[5, 6], [7, 8]]), lambda: ([[0.5] * 4] * 4, [[1, 2, 3, 4]] * 4),
     lambda: ([[1, 2], [3]], [[1, 2], [3, 4]]), lambda: ([[2**62] * 3] * 3, [[2**62] * 3] * 3),
     long=lambda: ([[k * j % 7 for k in range(16)] for j in range(16)], [[k - j for k in range(16)] for j in range(16)]))


def matrix_rows_named(a, b):
    n = len(a)
    out = []
    for i in range(n):
        row = []
        ai = a[i]
        for j in range(n):
            s = 0.0
            for k in range(n):
                s += ai[k] * b[k][j]
            row.append(s)
        out.append(row)
    return out


case(matrix_rows_named, lambda: ([[1.0, 2.0], [3.0, 4.0]], [[0.5, 0.25], [1.0, 2.0]]),
     lambda: ([[k / 3 for k in range(12)] for _ in range(12)], [[k - j for k in range(12)] for j in range(12)]))


def floyd_warshall(d):
    n = len(d)
    for k in range(n):  # native
        for i in range(n):  # native
            for j in range(n):  # native
                if d[i][k] + d[k][j] < d[i][j]:
                    d[i][j] = d[i][k] + d[k][j]
    return d


def distances(n, kind):
    return [[kind((i * 17 + j * 31) % 50 + 1) if i != j else kind(0) for j in range(n)] for i in range(n)]


case(floyd_warshall, lambda: ([],), lambda: (distances(3, int),), lambda: (distances(9, float),),
     lambda: ([[0, float("inf")], [3, 0]],), long=lambda: (distances(16, int),))


def aliased_rows(n):
    grid = [[0] * 3] * 3
    for i in range(n):  # native
        grid[i % 3][i % 2] += i
    return grid


case(aliased_rows, (0,), (5,), (50,), long=(3000,))


def aliased_arguments(xs, ys):
    for i in range(len(xs)):
        xs[i] = ys[-1 - i] + 1
    return xs, ys, xs is ys


def _twice():
    xs = list(range(60))
    return xs, xs


case(aliased_arguments, _twice, lambda: (list(range(60)), list(range(60))))


def rows_become_aliased(n):
    rows = [[i, i] for i in range(4)]
    for i in range(n):
        rows[i % 4] = rows[(i + 1) % 4]
        rows[i % 4][0] += 1
    return rows


case(rows_become_aliased, (0,), (2,), (40,))


def list_contains_itself(n):
    xs = [1, 2, 3]
    xs.append(xs)
    total = 0
    for i in range(n):
        total += xs[i % 3]
    return total, xs


case(list_contains_itself, (0,), (40,))


def pop_all(xs):
    total = 0
    while xs:  # native
        total += xs.pop()
    return total, xs


case(pop_all, lambda: ([],), lambda: ([1, 2, 3],), lambda: ([0.5] * 40,), lambda: ([1, 2.5] * 20,), long=lambda: (list(range(4000)),))


def pop_empty(xs, n):
    last = None
    for _ in range(n):
        last = xs.pop()
    return last


case(pop_empty, lambda: ([1, 2], 2), lambda: ([1, 2], 3), lambda: ([1] * 50, 60))


def pop_front(xs):
    out = []
    while len(xs) > 2:
        out.append(xs.pop(0))
    return out


case(pop_front, lambda: ([1, 2, 3, 4],), lambda: (list(range(50)),))


def stack_machine(n):
    stack = [1]
    total = 0
    for i in range(n):  # native
        if i % 3:
            stack.append(i)
        elif len(stack) > 1:
            total += stack.pop()
    return total, len(stack)


case(stack_machine, (0,), (10,), (100,), long=(3000,))


def queue_indices(n):
    queue = [1]
    head = 0
    while head < len(queue) and len(queue) < n:
        value = queue[head]
        head += 1
        queue.append(value * 2)
        queue.append(value * 2 + 1)
    return queue, head


case(queue_indices, (0,), (10,), (200,))


def grow_while_iterating(n):
    xs = [1]
    for x in xs:
        if len(xs) < n:
            xs.append(x + 1)
    return xs


case(grow_while_iterating, (0,), (5,), (200,))


def shrink_while_iterating(n):
    xs = list(range(n))
    seen = []
    for x in xs:
        seen.append(x)
        if x % 3 == 0:
            xs.pop()
    return xs, seen


case(shrink_while_iterating, (0,), (10,), (100,))


def clear_while_iterating(n):
    xs = list(range(n))
    count = 0
    for x in xs:
        count += 1
        if x == 30:
            xs.clear()
    return xs, count


case(clear_while_iterating, (10,), (100,))


def replace_while_iterating(n):
    xs = list(range(n))
    total = 0
    for x in xs:
        if x == 3:
            xs = [100] * 5
        total += x
    return total, xs


case(replace_while_iterating, (3,), (60,))


def write_ahead_while_iterating(n):
    xs = list(range(n))
    seen = []
    for i, x in enumerate(xs):
        seen.append(x)
        if i + 1 < n:
            xs[i + 1] = x * 2 % 1000 + 1
    return seen


case(write_ahead_while_iterating, (0,), (5,), (100,))


def elements_change_type(n):
    xs = [0] * n
    for i in range(n):
        xs[i] = i if i < 40 else i / 2
    total = 0
    for x in xs:
        total += x
    return xs, total


case(elements_change_type, (0,), (30,), (100,))


def strings_overwritten(xs):
    for i in range(len(xs)):
        xs[i] = i
    return xs


case(strings_overwritten, lambda: (["a"] * 50,), lambda: ([1] * 40 + ["x"],), lambda: ([None] * 50,))


class Noisy:
    """An element whose end shows."""

    log: list[int] = []

    def __init__(self, number):
        self.number = number

    def __del__(self):
        Noisy.log.append(self.number)


def destructors_in_order(n):
    Noisy.log = []
    xs = [Noisy(i) for i in range(n)]
    trail = []
    for i in range(n):
        xs[i] = i
        trail.append(len(Noisy.log))
    return trail, Noisy.log


case(destructors_in_order, (0,), (5,), (60,))


def comprehension_in_loop(n):
    total = 0
    for i in range(n):
        row = [j * i for j in range(5)]
        total += row[i % 5]
    return total


case(comprehension_in_loop, (0,), (5,), (100,))


def comprehension_filtered(n):
    out = []
    for i in range(n):
        out.append(sum([j for j in range(i) if j % 3 == i % 3]))
    return out


case(comprehension_filtered, (0,), (5,), (60,))


def comprehension_nested(n):
    grid = [[i * n + j for j in range(n)] for i in range(n)]
    total = 0
    for row in grid:
        for value in row:
            total += value
    return total, grid


case(comprehension_nested, (0,), (3,), (30,))


def literals_in_loop(n):
    keep = []
    for i in range(n):
        pair = [i, i + 1]
        pair[0] += pair[1]
        keep.append(pair)
    return keep


case(literals_in_loop, (0,), (5,), (100,))


def fresh_list_each_time(n):
    total = 0
    for i in range(n):  # native
        buffer = [0] * 4
        buffer[i % 4] = i
        total += buffer[0] - buffer[3]
    return total


case(fresh_list_each_time, (0,), (5,), (60,), long=(3000,))


def multiply_list(n):
    out = []
    for i in range(n):
        out.append([i] * (i % 4 - 1))
    return out


case(multiply_list, (0,), (50,))


def tuples_in_lists(points):
    sx = sy = 0
    for x, y in points:  # native
        sx += x
        sy += y
    return sx, sy


case(tuples_in_lists, lambda: ([(1, 2), (3, 4)],), lambda: ([(1.5, 2)] * 40,), lambda: ([],), lambda: ([(1, 2)] * 40 + [(1, 2, 3)],),
     lambda: ([(1, 2)] * 40 + [(1,)],), lambda: ([(1, 2)] * 40 + [5],), long=lambda: ([(k, -k) for k in range(3000)],))


def lists_in_lists(points):
    total = 0
    for x, y in points:
        total += x * y
    return total


case(lists_in_lists, lambda: ([[1, 2], [3, 4]] * 20,), lambda: ([[1, 2]] * 40 + [[1, 2, 3]],), lambda: (["ab"] * 3,))


def nested_float_rows(bodies, steps):
    for _ in range(steps):  # native
        for b in bodies:  # native
            b[0] += b[2] * 0.01
            b[1] += b[3] * 0.01
            if b[0] > 1.0:
                b[2] = -b[2]
    return bodies


case(nested_float_rows, lambda: ([[0.0, 0.0, 1.0, 2.0] for _ in range(3)], 5), lambda: ([[0, 0, 1, 2]] * 3, 30),
     lambda: ([], 4), long=lambda: ([[0.1 * k, 0.0, 1.0, 2.0] for k in range(5)], 600))


def jagged(rows):
    total = 0
    for row in rows:
        for i in range(len(row)):
            total += row[i] * (i + 1)
    return total


case(jagged, lambda: ([[1], [], [1, 2, 3]] * 9,), lambda: ([[1.5], [2]] * 9,), lambda: ([[1], (2, 3), range(3)] * 9,), lambda: ([[1], None],))


def knapsack(weights, values, capacity):
    best = [0] * (capacity + 1)
    for i in range(len(weights)):  # native
        w, v = weights[i], values[i]
        for c in range(capacity, w - 1, -1):  # native
            candidate = best[c - w] + v
            if candidate > best[c]:
                best[c] = candidate
    return best[capacity]


case(knapsack, lambda: ([], [], 5), lambda: ([1, 2, 3], [6, 10, 12], 5), lambda: ([1, 2, 3] * 4, [0.5, 1.5, 2.5] * 4, 20),
     long=lambda: ([k % 13 + 1 for k in range(20)], [k * 7 % 31 for k in range(20)], 150))


def edit_distance(a, b):
    previous = list(range(len(b) + 1))
    for i in range(1, len(a) + 1):  # native
        current = [i] + [0] * len(b)
        for j in range(1, len(b) + 1):  # native
            cost = 0 if a[i - 1] == b[j - 1] else 1
            current[j] = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
        previous = current
    return previous[-1]


case(edit_distance, lambda: ([], []), lambda: ([1, 2, 3], [2, 3, 4, 5]), lambda: (list("kitten"), list("sitting")),
     long=lambda: ([k * k % 11 for k in range(60)], [k * 3 % 11 for k in range(60)]))


def queens(n):
    cols = [0] * n
    up = [0] * (2 * n)
    down = [0] * (2 * n)
    place = [-1] * n
    row = count = 0
    while row >= 0:
        if place[row] >= 0:
            c = place[row]
            cols[c] = up[row + c] = down[row - c + n] = 0
        c = place[row] + 1
        while c < n and (cols[c] or up[row + c] or down[row - c + n]):
            c += 1
        if c == n:
            place[row] = -1
            row -= 1
            continue
        place[row] = c
        cols[c] = up[row + c] = down[row - c + n] = 1
        if row == n - 1:
            count += 1
        else:
            row += 1
    return count


case(queens, (1,), (4,), (5,), (6,))


def binary_search(xs, wanted):
    found = 0
    for w in wanted:  # native
        lo, hi = 0, len(xs)
        while lo < hi:  # native
            mid = (lo + hi) // 2
            if xs[mid] < w:
                lo = mid + 1
            else:
                hi = mid
        if lo < len(xs) and xs[lo] == w:
            found += 1
    return found


case(binary_search, lambda: ([1, 3, 5], [1, 2, 3]), lambda: ([], [1]), lambda: ([0.5, 1.5], [0.5, 1]),
     long=lambda: (list(range(0, 300, 2)), list(range(700))))


def slices_in_loop(xs, n):
    total = 0
    for i in range(n):
        part = xs[i % 3 : i % 3 + 4]
        total += len(part) + part[0]
    return total


case(slices_in_loop, lambda: (list(range(20)), 60), lambda: ([1], 3))


def slice_assignment(n):
    xs = list(range(10))
    for i in range(n):
        xs[i % 10 : i % 10 + 2] = [i, i + 1]
    return xs


case(slice_assignment, (0,), (5,), (60,))


def list_methods(n):
    xs = [3, 1, 2]
    for i in range(n):
        xs.insert(0, i)
        if i % 10 == 0:
            xs.sort()
        if i % 15 == 3:
            xs.reverse()
        if i % 20 == 19:
            xs.remove(i)
            xs.extend([i, -i])
    return xs, xs.index(3), xs.count(1)


case(list_methods, (0,), (60,))


def membership(xs, ys):
    hits = 0
    for y in ys:
        if y in xs:
            hits += 1
        if y not in xs:
            hits -= 100
    return hits


case(membership, lambda: ([1, 2, 3], list(range(50))), lambda: ([1.0, True], [1, 2] * 20), lambda: ([float("nan")], [1.5] * 40))


def list_compare(n):
    a, b = [0], [0]
    equal = 0
    for i in range(n):
        a[0] = i % 3
        b[0] = i % 2
        equal += a == b
    return equal


case(list_compare, (0,), (60,))


def truth_of_lists(rows):
    filled = 0
    for row in rows:
        if row:
            filled += 1
        filled += not row
    return filled


case(truth_of_lists, lambda: ([[], [1], [[]]] * 15,), lambda: ([0, [], "", None] * 9,))


def length_changes(n):
    xs = []
    total = 0
    for i in range(n):  # native
        xs.append(i)
        total += len(xs)
    return total


case(length_changes, (0,), (50,), long=(3000,))


def list_identity(n):
    xs = [1, 2]
    ys = xs
    zs = [1, 2]
    same = 0
    for i in range(n):
        xs[0] = i
        same += (ys is xs) + (zs is xs) * 100 + (ys[0] == i)
    return same, ys, zs


case(list_identity, (0,), (60,))


def deep_nesting(n):
    cube = [[[0] * 3 for _ in range(3)] for _ in range(3)]
    for i in range(n):  # native
        cube[i % 3][i // 3 % 3][i // 9 % 3] += i
    return cube


case(deep_nesting, (0,), (30,), (200,), long=(3000,))


def element_objects_kept(xs):
    out = []
    for i in range(len(xs)):
        out.append(xs[i])
    same = 0
    for i in range(len(xs)):
        same += out[i] is xs[i]
    return out if same == len(xs) else None


case(element_objects_kept, lambda: ([[1], [2]] * 20,), lambda: (["s" * 5, None, True] * 15,))


def pascal(n):
    row = [1]
    for _ in range(n):
        following = [1]
        for j in range(len(row) - 1):
            following.append(row[j] + row[j + 1])
        following.append(1)
        row = following
    return row


case(pascal, (0,), (1,), (10,), (80,))


def histogram(xs, buckets):
    counts = [0] * buckets
    for x in xs:  # native
        counts[x % buckets] += 1
    return counts


case(histogram, lambda: ([], 3), lambda: (list(range(50)), 7), lambda: ([1] * 40 + [2.0], 3), lambda: ([1], 0),
     long=lambda: ([k * k for k in range(3000)], 10))


def del_element(n):
    xs = list(range(n))
    for i in range(n // 2):
        del xs[i]
    return xs


case(del_element, (0,), (60,))


def unpack_swap(n):
    a, b, c = 1, 2, 3
    for _ in range(n):  # native
        a, b, c = b, c, (a + b) % 1000
        (a, b), c = (b, a), c + 1
    return a, b, c


case(unpack_swap, (0,), (1,), (50,), long=(3000,))


def swap_order(xs):
    i = 0
    for _ in range(len(xs) - 1):
        i, xs[i] = i + 1, -xs[i]
    return i, xs


case(swap_order, lambda: ([1, 2, 3],), lambda: (list(range(60)),))


def chained_assignment(n):
    xs = [0, 0, 0]
    a = b = None
    for i in range(n):
        a = b = xs[i % 3] = i * 2
    return a, b, xs


case(chained_assignment, (0,), (5,), (60,))


def downwards(best, weight, value):
    for room in range(len(best) - 1, weight - 1, -1):  # native
        candidate = best[room - weight] + value
        if candidate > best[room]:
            best[room] = candidate
    return best


case(downwards, lambda: ([0] * 50, 3, 7), lambda: ([0] * 50, 0, 7), lambda: ([0] * 50, -2, 7),
     lambda: ([0] * 50, 80, 7), lambda: (list(range(60)), 59, -1), long=lambda: ([0] * 3000, 4, 2))


def down_past_the_ends(xs, first, last, ahead):
    total = 0
    for i in range(first, last, -1):  # native
        total = total * 3 % 1009 + xs[i + ahead] - xs[i]
    return total


case(down_past_the_ends, lambda: (list(range(60)), 50, -1, 2), lambda: (list(range(60)), 70, 65, 0),
     lambda: (list(range(60)), 59, 2, 1), lambda: (list(range(60)), 57, -70, 2), lambda: (list(range(60)), 20, 30, 500),
     long=lambda: (list(range(3000)), 2990, -1, 5))


def differences(xs, n):
    total = 0
    for i in range(n):
        for j in range(i, n):  # native
            total += xs[j - i] * xs[i - j]
    return total


case(differences, lambda: (list(range(40)), 40), lambda: (list(range(20)), 41), long=lambda: (list(range(90)), 90))


def moved_items(xs, rows):
    for i in range(len(rows)):
        row = rows[i]
        for j in range(len(xs)):  # native
            xs[j] += row[j]
            if j % 16 == 3:
                row.append(xs[j])
                xs.append(row[-1] - xs[j - 1])
                xs.pop()
    return xs, rows


case(moved_items, lambda: (list(range(40)), [list(range(40)) for _ in range(4)]),
     lambda: (list(range(40)), [[1] * 40] * 3), lambda: (list(range(40)), [list(range(40)), list(range(30))]),
     long=lambda: (list(range(300)), [list(range(300)) for _ in range(12)]))


# --- ints of one digit of the interpreter's, of two, of more ------------------------------------------


def partitioned(xs, rounds):
    for k in range(rounds):  # native
        i, j = 0, len(xs) - 1
        pivot = xs[(i + j) // 2]
        while i <= j:
            while xs[i] < pivot:
                i += 1
            while xs[j] > pivot:
                j -= 1
            if i <= j:
                xs[i], xs[j] = xs[j], xs[i]
                i += 1
                j -= 1
        xs[k % len(xs)] = (xs[k % len(xs)] * 1103515245 + 12345) % 2**33
    return xs


case(partitioned, lambda: ([2**30, 2**30 - 1, 2**31, -(2**30), 5, 2**60 - 1, 2**60, -(2**60), 2**62, 0], 30),
     lambda: ([-(2**31), 2**59, 1 - 2**60, 257, 256, -5, -6], 30), lambda: ([2**63, 1], 3),
     long=lambda: ([(k * 1103515245 + 12345) % 2**31 for k in range(60)], 100))


def overwritten_digits(xs, n):
    kept = xs[0]
    copies = [xs[1]] * 2
    for k in range(n):
        for i in range(len(xs)):
            xs[i] = xs[i] + (1 << (k % 40))
            if i % 3 == 0:
                xs[i] = xs[i] - (1 << 31)
    return xs, kept, copies


case(overwritten_digits, lambda: ([2**30 - 3, 2**30 + 5, 2**45, 2**59, -(2**30)], 60), lambda: ([2**35] * 5, 50))
