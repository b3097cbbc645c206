"""Names: globals, closure cells, builtins and locals; rebound, shadowed, unbound, captured."""

from __future__ import annotations

import math

from ..cases import case

SCALE = 3
OFFSET = 0.5
TABLE = [1, 2, 3, 4, 5]
TOTAL = 0
FLAG = False


def read_global(n):
    total = 0
    for i in range(n):  # native
        total += i * SCALE + OFFSET
    return total


case(read_global, (0,), (1,), (60,), long=(3000,))


def read_global_list(n):
    total = 0
    for i in range(n):  # native
        total += TABLE[i % 5]
        TABLE[i % 5] = i & 7
    return total


case(read_global_list, (0,), (60,), long=(3000,))


def write_global(n):
    global TOTAL
    for i in range(n):
        TOTAL += i
    return TOTAL


case(write_global, (0,), (1,), (100,))


def write_global_behind(n):
    global TOTAL
    total = 0
    for i in range(n):  # native
        total += i
    TOTAL = total


case(write_global_behind, (0,), (60,), long=(3000,))


def global_changes_type(n):
    global SCALE
    total = 0
    for i in range(n):
        if i == 50:
            SCALE = 0.25
        total += SCALE * i
    SCALE = 3
    return total


case(global_changes_type, (10,), (100,))


def bump_scale():
    global SCALE
    SCALE += 1


def global_changed_by_callee(n):
    total = 0
    for i in range(n):
        if i % 40 == 39:
            bump_scale()
        total += SCALE
    return total, SCALE


case(global_changed_by_callee, (10,), (200,), (60,))


def set_flag(value):
    global FLAG
    FLAG = value


def loop_until_flag(n):
    set_flag(False)
    steps = 0
    while not FLAG:
        steps += 1
        if steps == n:
            set_flag(True)
    return steps


case(loop_until_flag, (1,), (100,))


def operation(a, b):
    return a + b


def other_operation(a, b):
    return a * b


def function_rebound(n):
    global operation
    keep = operation
    total = 0
    for i in range(n):
        if i == 60:
            operation = other_operation
        total = operation(total, i) % 1000003
    operation = keep
    return total


case(function_rebound, (10,), (100,))


def code_replaced(n):
    keep = operation.__code__
    total = 0
    for i in range(n):
        if i == 60:
            operation.__code__ = other_operation.__code__
        total = operation(total, i) % 1000003
    operation.__code__ = keep
    return total


case(code_replaced, (10,), (100,))


def with_default(x, y=2):
    return x + y


def defaults_replaced(n):
    total = 0
    for i in range(n):
        if i == 60:
            with_default.__defaults__ = (100,)
        total += with_default(i)
    with_default.__defaults__ = (2,)
    return total


case(defaults_replaced, (10,), (100,))


def module_attribute_rebound(n):
    keep = math.sqrt
    total = 0
    try:
        for i in range(n):
            if i == 60:
                math.sqrt = lambda x: -1
            total += math.sqrt(i)
    finally:
        math.sqrt = keep
    return total


case(module_attribute_rebound, (10,), (100,))


def builtin_shadowed_by_global(n):
    total = 0
    for i in range(n):
        if i == 60:
            globals()["abs"] = lambda x: 1000
        total += abs(-i)
    globals().pop("abs", None)
    return total


case(builtin_shadowed_by_global, (10,), (100,))


def builtin_shadowed_by_local(n):
    len = lambda xs: 7  # noqa: E731
    total = 0
    for i in range(n):
        total += len([1]) + i
    return total


case(builtin_shadowed_by_local, (0,), (60,))


def range_as_parameter(range, n):
    total = 0
    for i in range(n):
        total += i
    return total


case(range_as_parameter, (range, 60), (lambda n: [5] * n, 60), (lambda n: iter((1, 2.5)), 3), (list, (1, 2)))


def sum_shadowed(xs):
    sum = 0
    for x in xs:  # native
        sum += x
    max = min = sum
    return sum, max, min


case(sum_shadowed, lambda: ([],), lambda: ([1, 2.5],), long=lambda: (list(range(3000)),))


def global_appears(n):
    globals().pop("APPEARING", None)
    total = 0
    for i in range(n):
        if i == 50:
            globals()["APPEARING"] = 5
        if i > 60:
            total += APPEARING  # noqa: F821
    return total


case(global_appears, (10,), (100,))


def global_vanishes(n):
    globals()["VANISHING"] = 2
    total = 0
    for i in range(n):
        total += VANISHING  # noqa: F821
        if i == 60:
            del globals()["VANISHING"]
    return total


case(global_vanishes, (10,), (61,), (100,))


def unbound_after_empty(n):
    for i in range(n):
        last = i * 2
    return last, i


case(unbound_after_empty, (3,), (60,), (0,))


def unbound_in_loop(n):
    total = 0
    for i in range(n):
        if i > 50:
            total += late
        if i == 200:
            late = 3
    return total


case(unbound_in_loop, (10,), (52,), (100,))


def unbound_first_iteration(n):
    for i in range(n):
        if i > 0:
            total += i  # noqa: F821
        else:
            total = 10
    return total


case(unbound_first_iteration, (0,), (1,), (60,))


def unbound_read_directly(n):
    for i in range(n):
        total = total + i  # noqa: F821
    return total


case(unbound_read_directly, (0,), (1,), (60,))


def bound_conditionally(n, wanted):
    if wanted:
        base = 5
    total = 0
    for i in range(n):
        if wanted:
            total += base
        total += i
    return total


case(bound_conditionally, (60, True), (60, False), (0, False))


def bound_in_cold_branch(n, when):
    for i in range(n):
        if i == when:
            found = i
    try:
        return found
    except UnboundLocalError as error:
        return str(error)


case(bound_in_cold_branch, (10, 5), (100, 80), (100, 500), (0, 0))


def deleted_local(n):
    total = 0
    for i in range(n):
        temp = i * 2
        total += temp
        del temp
    return total


case(deleted_local, (0,), (60,))


def deleted_before(n):
    x = 1
    del x
    total = 0
    for i in range(n):
        if i > 40:
            total += x
        total += i
    return total


case(deleted_before, (10,), (60,))


def optional_maximum(xs):
    best = None
    for x in xs:  # native
        if best is None or x > best:
            best = x
    return best


case(optional_maximum, lambda: ([],), lambda: ([3],), lambda: ([1, 5, 2] * 10,), lambda: ([0.5, 3] * 20,), lambda: ([None],),
     lambda: ([1, None],), long=lambda: ([k * 7 % 1009 for k in range(3000)],))


def optional_returns_to_none(n):
    current = None
    runs = 0
    for i in range(n):
        if i % 5 == 0:
            current = None
        elif current is None:
            current = i
            runs += 1
        else:
            current += 1
    return current, runs


case(optional_returns_to_none, (0,), (7,), (100,))


def optional_float(xs, limit=None):
    total = 0.0
    for x in xs:
        if limit is not None and x > limit:
            continue
        total += x
    return total


case(optional_float, lambda: ([0.5, 1.5] * 20,), lambda: ([0.5, 1.5] * 20, 1.0), lambda: ([0.5, 1.5] * 20, 1))


def string_then_number(n):
    state = "start"
    for i in range(n):
        if state == "start":
            state = i
        else:
            state += 1
    return state


case(string_then_number, (0,), (1,), (60,))


def type_by_iteration(n):
    x = 0
    out = []
    for i in range(n):
        x = [i, i / 2, i > 3, None, "s", (i,)][i % 6]
        out.append(x)
    return out


case(type_by_iteration, (0,), (6,), (100,))


def parameter_types(x, n):
    for _ in range(n):
        x = x + x
        if n > 20:
            x = x - x
    return x


case(parameter_types, (1, 5), (1.5, 5), (True, 5), (2**62, 5), (1 + 2j, 5), ("a", 3), ([1], 3), (1, 60), (2.5, 60), (None, 3))


class MyInt(int):
    """An int with an addition of its own."""

    def __add__(self, other):
        return MyInt(int(self) + int(other) + 1)


class PlainInt(int):
    """An int that differs in type only."""


class MyFloat(float):
    """A float that differs in type only."""


class MyList(list):
    """A list with element access of its own."""

    def __getitem__(self, i):
        return super().__getitem__(i) * 10


def subclass_numbers(x, n):
    total = x
    for _ in range(n):
        total = total + 1
    return total


case(subclass_numbers, (MyInt(3), 50), (PlainInt(3), 50), (MyFloat(1.5), 50), (3, 50), (PlainInt(3), 0))


def subclass_kept(xs):
    last = None
    for x in xs:
        last = x
    return last, last is xs[-1]


case(subclass_kept, lambda: ([1] * 40 + [PlainInt(5)],), lambda: ([PlainInt(5)] * 40,), lambda: ([1.5] * 40 + [MyFloat(2)],))


def subclass_list(xs):
    total = 0
    for i in range(len(xs)):
        total += xs[i]
    for x in xs:
        total += x
    return total


case(subclass_list, lambda: (MyList([1, 2, 3] * 10),), lambda: ([1, 2, 3] * 10,))


def subclass_bound(n):
    total = 0
    for i in range(PlainInt(n)):
        total += i
    return total, type(total).__name__


case(subclass_bound, (0,), (60,))


def indexable_bound(n):
    total = 0
    for i in range(Indexable(n)):
        total += i
    return total


class Indexable:
    """Something that stands for a number."""

    def __init__(self, n):
        self.n = n

    def __index__(self):
        return self.n


case(indexable_bound, (0,), (60,))


def named_like_hidden(n):
    s = src = it = hook = 1
    for c in range(n):
        s, src, it, hook = src + c, it, hook, s % 1000
    return s, src, it, hook


case(named_like_hidden, (0,), (60,))


def locals_call(n):
    for i in range(n):
        x = i * 2
    return sorted(locals())


case(locals_call, (1,), (60,), (0,))


def eval_in_loop(n):
    total = 0
    for i in range(n):  # python
        total += eval("i * 2")
    return total


case(eval_in_loop, (0,), (60,), long=(600,))


def walrus(n):
    out = []
    for i in range(n):
        if (half := i // 2) % 2:
            out.append(half)
    return out, half


case(walrus, (0,), (1,), (60,))


def walrus_in_comprehension(n):
    total = 0
    for i in range(n):
        [last := j for j in range(i % 4 + 1)]
        total += last
    return total, last


case(walrus_in_comprehension, (1,), (60,))


def annotated_locals(n):
    total: int = 0
    for i in range(n):  # native
        step: float = i * 0.5
        total += step
    return total


case(annotated_locals, (0,), (60,), long=(3000,))


def unicode_names(größe):
    summe = 0
    for 數 in range(größe):  # native
        summe += 數
    return summe


case(unicode_names, (0,), (60,), long=(3000,))


def debug_constant(n):
    total = 0
    for i in range(n):
        assert i >= 0, "never"
        if __debug__:
            total += 1
    return total


case(debug_constant, (0,), (60,))


def comprehension_scope(n):
    i = 100
    total = 0
    for k in range(n):
        total += len([i for i in range(k % 3)]) + i
    return total, i


case(comprehension_scope, (0,), (60,))


def exception_name_scope(n):
    caught = 0
    for i in range(n):
        try:
            1 // (i % 30)
        except ZeroDivisionError as error:
            caught += len(str(error))
    try:
        return error
    except NameError:
        return caught


case(exception_name_scope, (0,), (100,))


def text_assigned_late(n, k):
    held = []
    for i in range(n):  # native
        if i == k:
            word = "a" * (k % 3 + 1)
        if i >= n // 2:
            held.append(word)
    return held


case(text_assigned_late, (60, 3), (60, 10), (60, 50), (60, 70), (60, 20), long=(4000, 7))


def object_assigned_late(n, k):
    held = None
    for i in range(n):
        if i % 50 == k:
            pair = [i]
        if i == n - 2:
            held = pair
    return held is None, pair


case(object_assigned_late, (90, 3), (90, 10), (20, 30), (90, 30), (40, 39), (90, 3))
