"""Assignment expressions inside comprehensions and generator expressions: variables of the function around, that it goes on with."""

from __future__ import annotations

from ..cases import case


def kept(xs):
    return [y for x in xs if (y := x * x % 7) > 2]  # native


def tables(xs):
    return {y: z for x in xs if (y := x % 9) and (z := y * 2) > 3}, {(w := x + 1) for x in xs}


def last_seen(xs, k):
    last = None
    found = any((last := x) > k for x in xs)  # native
    return found, last


def not_always(xs):
    try:
        return [y for x in xs if x > 3 or (y := x) > 1]
    except NameError as error:
        return type(error).__name__, str(error)


def running(xs):
    total = 0
    found = [total := total + x for x in xs]  # native
    return found, total


def for_others(xs):
    def inner():
        return y

    found = [y for x in xs if (y := x)]
    return found, inner()


def behind(xs):
    found = [(y := x) for x in xs]
    return y, len(found)


def in_a_loop(xs, n):
    total = 0
    for i in range(n):  # native
        total += sum(y * 2 for x in xs if (y := x + i) % 3)
    return total


def nested(xs):
    inner = [[q for x in xs if (q := x + z) > 2] for z in xs[:4] if (w := z) is not None]
    return inner, [w for z in xs if (w := z) > 100 or z < 0]


def half_done(xs):
    y = 0
    try:
        return [1 // (y := x) for x in xs], y
    except (ZeroDivisionError, TypeError):
        return y


ODD = ([],), ([5, 1],), ([1, "a"],), (None,), ([0, 0],), (["a"],)
LONG = {"long": lambda: (list(range(900)),)}
case(kept, *ODD, **LONG)
case(tables, *ODD, (list(range(200)),))
case(last_seen, ([], 1), ([5, 1], 3), ([1, "a"], 3), (["a"], 1), long=lambda: (list(range(900)), 880))
case(not_always, *ODD, ([1, 2, 3, 4, 0, 7],))
case(running, *ODD, **LONG)
case(for_others, *ODD, (list(range(200)),))
case(behind, *ODD, (list(range(200)),))
case(in_a_loop, ([], 3), ([1, 2.5], 3), (None, 3), long=lambda: (list(range(30)), 300))
case(nested, *ODD, (list(range(200)),), ([-1, 3, 200],))
case(half_done, *ODD, ([3, 2, 1, 0, 5] * 30,), (list(range(1, 90)),))


def behind_an_operand(xs, n):
    out = []
    for k in range(n):
        a = k
        out.append(a + sum([(a := x) for x in xs]))
        out.append(a)
    return out


def behind_what_is_added_to(xs, n):
    out = []
    for k in range(n):
        a = k
        a += sum((a := x) for x in xs)
        out.append(a)
    return out


def before_a_comprehension(xs, n):
    out = []
    for k in range(n):
        a = k
        t = [a, (a := 3), [x for x in xs]]
        out.append((t, a))
    return out


def of_a_key(xs, n):
    y, out = 7, []
    for k in range(n):
        m = min(xs, key=lambda x: (y := k - x))
        out.append((m, y))
    return out


for function in (behind_an_operand, behind_what_is_added_to, before_a_comprehension, of_a_key):
    case(function, ([1, 2, 3], 3), ([4], 70), ([1, 2, 3], 70), long=([3, 1, 2], 300))
