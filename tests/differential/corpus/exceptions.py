"""Exceptions of every kind in every position, with their tracebacks."""

from __future__ import annotations

from ..cases import case


def divide_at(n, when):
    total = 0
    for i in range(n):
        total += 10 / (when - i)
    return total


case(divide_at, (10, 100), (10, 5), (100, 70), (1, 0))


def floor_divide_at(n, when):
    total = 0
    for i in range(n):
        total += 10 // (when - i)
    return total


case(floor_divide_at, (10, 100), (100, 70), (1, 0))


def modulo_at(n, when):
    total = 0
    for i in range(n):
        total += 10 % (when - i)
    return total


case(modulo_at, (10, 100), (100, 70), (1, 0), (100, 70.0))


def in_condition(n, when):
    hits = 0
    for i in range(n):
        if 10 // (when - i) > 2:
            hits += 1
    return hits


case(in_condition, (100, 70), (100, 200))


def in_while_test(n):
    i = n
    total = 0
    while 100 // i > -5:
        total += i
        i -= 1
    return total


case(in_while_test, (5,), (70,), (0,))


def in_range_arguments(xs):
    total = 0
    for x in xs:
        for i in range(10 // x):
            total += i
    return total


case(in_range_arguments, lambda: ([1, 2, 3] * 20,), lambda: ([1, 2, 3] * 20 + [0],))


def range_of_float(xs):
    total = 0
    for x in xs:
        for i in range(x):
            total += i
    return total


case(range_of_float, lambda: ([1, 2, 3] * 20,), lambda: ([3] * 50 + [2.0],), lambda: ([3] * 50 + [None],))


def not_iterable(xs):
    total = 0
    for row in xs:
        for x in row:
            total += x
    return total


case(not_iterable, lambda: ([[1, 2]] * 40 + [5],), lambda: ([[1, 2]] * 40 + [None],))


def in_subscript(xs, n):
    total = 0
    for i in range(n):
        total += xs[i] + xs[
            i * 2
        ]
    return total


case(in_subscript, lambda: ([1] * 100, 50), lambda: ([1] * 100, 51), lambda: ([1] * 3, 3))


def in_store(xs, n):
    for i in range(n):
        xs[i] = xs[i - 1] + (
            10 // (50 - i))
    return xs


case(in_store, lambda: ([1] * 100, 50), lambda: ([1] * 100, 60), lambda: ([1] * 30, 60))


def effects_before(xs, n):
    for i in range(n):
        xs[i] += 1
        xs.append(i)
        xs[0] = xs[1] // (70 - i)
    return xs


case(effects_before, lambda: ([1] * 5, 50), lambda: ([1] * 5, 80))


def type_error_add(xs):
    total = 0
    for x in xs:
        total += x
    return total


case(type_error_add, lambda: ([1] * 40 + ["x"],), lambda: ([1.5] * 40 + [None],), lambda: ([1] * 40 + [[1]],))


def type_error_compare(xs):
    hits = 0
    for x in xs:
        if x < 5:
            hits += 1
    return hits


case(type_error_compare, lambda: ([1] * 40 + ["x"],), lambda: ([1.5] * 40 + [None],), lambda: ([1] * 40 + [1j],))


def type_error_index(xs):
    total = 0
    for i in range(50):
        total += xs[i]
    return total


case(type_error_index, (5,), (None,), (2.5,), lambda: ({i: i for i in range(40)},))


def type_error_call(n):
    f = abs
    total = 0
    for i in range(n):
        if i == 60:
            f = 5
        total += f(-i)
    return total


case(type_error_call, (50,), (100,))


def attribute_error(n):
    x = [1]
    for i in range(n):
        if i == 60:
            x = 5
        x.append(i)
    return x


case(attribute_error, (50,), (100,))


def name_error(n):
    total = 0
    for i in range(n):
        total += i if i < 60 else missing_name  # noqa: F821
    return total


case(name_error, (50,), (100,))


def unpack_too_many(rows):
    total = 0
    for row in rows:
        a, b = row
        total += a * b
    return total


case(unpack_too_many, lambda: ([[1, 2]] * 50,), lambda: ([[1, 2]] * 50 + [[1]],), lambda: ([(1, 2)] * 50 + [(1, 2, 3)],),
     lambda: ([[1, 2]] * 50 + [7],))


def negative_shift(n):
    total = 0
    for i in range(n):
        total += 5 << (60 - i)
    return total


case(negative_shift, (50,), (61,), (62,))


def overflow_float(n):
    x = 10.0
    for _ in range(n):
        x = x**2
    return x


case(overflow_float, (5,), (9,), (40,))


def overflow_int_to_float(n):
    x = 1
    y = 0.0
    for _ in range(n):
        x *= 1 << 60
        y += x / 3
        y += x * 0.5
    return y


case(overflow_int_to_float, (5,), (40,))


def custom_exception(n):
    class Stop(Exception):
        pass

    for i in range(n):
        if i == 60:
            raise Stop(i)
    return i


case(custom_exception, (50,), (100,))


def level_three(x):
    return 1 // (x - 65)


def level_two(x):
    y = level_three(x) + 1
    return y


def level_one(x):
    return (
        level_two(x)
        * 2
    )


def through_calls(n):
    total = 0
    for i in range(n):
        total += level_one(i)
    return total


case(through_calls, (50,), (100,), (66,))


def same_line_calls(n):
    total = 0
    for i in range(n):
        total += level_two(i + 1) if i % 2 else level_two(i - 1)
    return total


case(same_line_calls, (50,), (100,))


def caught_and_reraised(n):
    total = 0
    for i in range(n):
        try:
            total += level_one(i)
        except ZeroDivisionError as error:
            raise ValueError(f"bad step {i}") from error
    return total


case(caught_and_reraised, (50,), (100,))


def caught_context(n):
    for i in range(n):
        try:
            level_one(i)
        except ZeroDivisionError:
            return [][i]
    return n


case(caught_context, (50,), (100,))


def bare_reraise(n):
    for i in range(n):
        try:
            level_one(i)
        except ZeroDivisionError:
            LEFT.append(i)
            raise
    return n


LEFT = []
case(bare_reraise, (50,), (100,))


def caught_outside(n):
    total = 0
    try:
        for i in range(n):
            for j in range(n):
                total += 1 // (60 - i * j)
    except ZeroDivisionError as error:
        lines = []
        tb = error.__traceback__
        while tb:
            lines.append(tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno)
            tb = tb.tb_next
        return total, i, j, lines
    return total


case(caught_outside, (5,), (20,), (70,))


def callback(n, f):
    total = 0
    for i in range(n):
        total += f(i)
    return total


def failing(x):
    return [0, 1, 2][x]


def failing_later(x):
    if x > 70:
        raise KeyError(x)
    return x


case(callback, (3, failing), (10, failing), (60, failing_later), (100, failing_later), (100, level_one))


def sort_callback(n):
    total = 0
    for i in range(n):
        total += sorted([3, 1, 2], key=lambda v: v // (60 - i))[0]
    return total


case(sort_callback, (50,), (70,))


def stop_iteration(n):
    it = iter([1, 2, 3])
    total = 0
    for _ in range(n):
        total += next(it)
    return total


case(stop_iteration, (3,), (5,))


def system_exit(n):
    for i in range(n):
        if i == 60:
            raise SystemExit(i)


case(system_exit, (50,), (100,))


def iterator_fails(n):
    def numbers():
        for k in range(n):
            yield 10 // (60 - k)

    total = 0
    for x in numbers():
        total += x
    return total


case(iterator_fails, (50,), (100,))


def finally_runs(n):
    log = []
    try:
        try:
            for i in range(n):
                log.append(1 // (60 - i))
        finally:
            log.append("finally")
    except ZeroDivisionError:
        log.append("caught")
    return log


case(finally_runs, (50,), (100,))


def finally_looks_behind_a_return(limit, seen):
    steps = 0
    last = None
    try:
        while True:
            steps += 1
            last = steps * 2
            if steps > limit:
                return steps
    finally:
        seen.append((steps, last))


case(finally_looks_behind_a_return, (50, []), (100, []), (7, []))


def finally_looks_behind_a_return_of_two_loops(limit, seen):
    steps = total = 0
    try:
        for row in range(limit):
            for column in range(limit):
                steps += 1
                total += row * column
                if total > 40 * limit:
                    return total
        return -1
    finally:
        seen.append((steps, total))


case(finally_looks_behind_a_return_of_two_loops, (50, []), (100, []), (7, []))


def exception_notes(n):
    for i in range(n):
        try:
            1 // (60 - i)
        except ZeroDivisionError as error:
            error.add_note(f"at {i}")
            raise


case(exception_notes, (50,), (100,))


def in_nested_second_entry(n):
    total = 0
    for i in range(n):
        for j in range(20):
            total += 1 // (n * 15 - i * 20 - j)
    return total


case(in_nested_second_entry, (3,), (10,), (40,))


def in_loop_else(n):
    for i in range(n):
        pass
    else:
        i // 0


case(in_loop_else, (1,), (60,))


def in_comprehension(n):
    total = 0
    for i in range(n):
        total += len([1 // (60 - i - j) for j in range(3)])
    return total


case(in_comprehension, (50,), (100,))


def in_call_arguments(n):
    total = 0
    for i in range(n):
        total += max(
            i,
            10 // (60 - i),
        )
    return total


case(in_call_arguments, (50,), (100,))


def in_boolean(n):
    hits = 0
    for i in range(n):
        if i > 55 and 1 // (60 - i) and i:
            hits += 1
    return hits


case(in_boolean, (50,), (100,))


def in_return(n):
    for i in range(n):
        if i == 70:
            return i // (70 - i)
    return None


case(in_return, (50,), (100,))


def in_augmented_target(xs, n):
    for i in range(n):
        xs[i // (60 - i)] += 1
    return xs


case(in_augmented_target, lambda: ([0] * 100, 50), lambda: ([0] * 100, 100))


def recursion_limit(n):
    total = 0
    for i in range(n):
        if i == 60:
            total += forever(0)
        total += 1
    return total


def forever(x):
    return forever(x + 1)


case(recursion_limit, (50,), (100,))


def conversion_errors(xs):
    total = 0
    for x in xs:
        total += int(x)
    return total


case(conversion_errors, lambda: ([1.5] * 40 + [float("nan")],), lambda: ([1.5] * 40 + [float("-inf")],), lambda: ([1.5] * 40 + ["12"],),
     lambda: ([1.5] * 40 + ["x"],), lambda: ([1.5] * 40 + [None],))


def assigned_before_it_raised(n):
    kept = -1
    try:
        for i in range(n):
            try:
                if i == 50:
                    kept = i
                    raise KeyError(i)
            finally:
                other = i
    except KeyError:
        return kept, other, i
    return kept, other


case(assigned_before_it_raised, (10,), (60,), (70,))


def assigned_by_a_handler(n):
    kept = -1
    total = 0
    try:
        for i in range(n):
            total += i
            try:
                total += 10 // (30 - i)
            except ZeroDivisionError as error:
                kept = i
                if i > 20:
                    raise ValueError("again") from error
    except ValueError as error:
        return kept, total, repr(error.__cause__), repr(error.__context__)
    return kept, total


case(assigned_by_a_handler, (10,), (60,))


def assigned_by_a_walrus(xs):
    last = None
    try:
        for x in xs:
            print((last := x) + 1, end=" ")
    except TypeError:
        return last
    return None


case(assigned_by_a_walrus, (list(range(40)),), ([*range(40), "a"],))
