"""Names that have no value on some way: of handlers, of operands that are skipped, of the `else` of loops."""

from __future__ import annotations

from ..cases import case


def handler_in_a_loop(xs):
    e = 5
    for x in xs:
        try:
            1 // x
        except ZeroDivisionError as e:
            pass
    return e


case(handler_in_a_loop, ([1, 0],), ([1, 2],), ([0],), ([],), ([1, 2] * 30,), ([1] * 70 + [0],))


def handler_s_name_at_the_head(xs):
    e, out = None, []
    for x in xs:
        out.append(e is None)
        try:
            out.append(1 // x)
        except ZeroDivisionError as e:
            out.append(str(e))
    return out


case(handler_s_name_at_the_head, ([1, 2],), ([1, 0],), ([0, 1],), ([1] * 60,), ([1] * 60 + [0, 1],))


def deleted_in_while(n):
    x, i = 1, 0
    while i < n:
        i += x
        if i == 50:
            del x
    return i


case(deleted_in_while, (10,), (49,), (60,), (50,))


def _e_behind(xs):
    e = 5
    for x in xs:
        try:
            1 // x
        except ZeroDivisionError as e:
            pass
    return e


def in_a_callee(xss):
    out = 0
    for xs in xss:
        try:
            out += _e_behind(xs)
        except NameError:
            out += 1000
    return out


case(in_a_callee, ([[1, 2]] * 70 + [[1, 0]],), ([[1, 0], [1]] * 40,), ([[1]] * 3,))


def walrus_behind_and(xs):
    out = []
    for x in xs:
        if x and (t := x):
            pass
        out.append(t)
    return out


def walrus_in_a_chain(xs):
    out = []
    for x in xs:
        if 0 < x < (t := 9):
            pass
        out.append(t)
    return out


def walrus_in_a_conditional(xs):
    out = []
    for x in xs:
        y = (t := x) if x else 0
        out.append((y, t))
    return out


def walrus_in_a_value(xs):
    out = []
    for x in xs:
        y = x and (t := x)
        out.append((y, t))
    return out


def walrus_in_a_compared_value(xs):
    out = []
    for x in xs:
        z = max(x, (v := 1)) > 1 > (u := x)
        out.append((z, v, u))
    return out


for function in (walrus_behind_and, walrus_in_a_chain, walrus_in_a_conditional, walrus_in_a_value,
                 walrus_in_a_compared_value):
    case(function, ([1, 2],), ([2, 1, 0],), ([0, 1],), ([0],), ([0, 1] * 60,), ([2] * 70 + [0],), ([2, 3] * 60,))


def walrus_in_while(xs):
    i = 0
    while (n := len(xs)) > i and (v := xs[i]) != 0:
        i += 1
    return n, v


case(walrus_in_while, ([1, 2, 0],), ([1, 2],), ([],), ([3] * 80,), ([3] * 80 + [0],), ([],))


def _walrus_behind(x, k):
    if x > k and (m := x) > 1:
        pass
    return m


def walrus_in_a_callee(xs, k):
    n = 0
    for x in xs:
        try:
            n += _walrus_behind(x, k)
        except NameError:
            n += 1000
    return n


case(walrus_in_a_callee, ([3, 4] * 50, 1), ([3, 4, 0] * 50, 1), ([0, 1] * 40, 5))


def bound_in_an_else(xs):
    out = []
    for x in xs:
        for y in range(x):
            if y == 1:
                break
        else:
            w = x
        out.append(w)
    return out


def bound_in_the_else_of_while(xs):
    out = []
    for x in xs:
        y = 0
        while y < x:
            if y == 1:
                break
            y += 1
        else:
            w = x
        out.append(w)
    return out


for function in (bound_in_an_else, bound_in_the_else_of_while):
    case(function, ([0, 1],), ([0, 1, 5],), ([5],), ([5, 1],), ([0, 1] * 60,), ([1] * 70 + [5],), ([5, 1] * 40,))


def bound_by_a_guard(xs):
    out = []
    for x in xs:
        match x:
            case 1 if (g := x):
                out.append(g)
            case 2:
                out.append(-g)
            case _:
                out.append(0)
    return out


case(bound_by_a_guard, ([1, 2],), ([2],), ([0, 1, 2] * 40,), ([0] * 60 + [2],))


def taken_away_before_break(xss):
    out = []
    for xs in xss:
        i = 0
        while (e := xs[i]):
            try:
                1 // (e - 1)
            except ZeroDivisionError as e:
                break
            i += 1
        out.append(e)
    return out


case(taken_away_before_break, ([[2, 3, 0]] * 3,), ([[3, 2, 0]] * 60,), ([[3, 2, 1]] * 3,),
     ([[3, 2, 0]] * 60 + [[1, 0]],))


def bound_on_the_way_out(xss, d):
    out = []
    for xs in xss:
        for x in xs:
            try:
                try:
                    {**d}[x]
                except KeyError:
                    break
                out.append(z)
            except NameError as e:
                out.append(str(e))
            finally:
                z = x
    return out


case(bound_on_the_way_out, ([[1, 2]] * 40, {1: 1, 2: 2}), ([[1, 2, 3]] * 3, {1: 1, 2: 2}), ([[1]], {}),
     ([[3, 1], [1]] * 40, {1: 1}))
