"""Functions that variables hold: arguments, defaults, aliases; others on later calls, replaced code, and local ones."""

from __future__ import annotations

import math

from ..cases import case


def square(x):
    return x * x


def half(x):
    return x / 2


def failing(x):
    return 10 // (x - 50)


def stepped(x, by=3):
    return x + by


def applied(xs, f):
    total = 0
    for x in xs:
        total += f(x)
    return total


def by_default(n, f=square, g=math.sqrt):
    total = 0
    for i in range(n):
        total += f(i) + g(i)
    return total


def hot_applied(n):
    return hot_inner(list(range(n)), square)


def hot_inner(xs, f):
    total = 0
    for x in xs:  # native
        total += f(x)
    return total


def alias(n):
    root, add, total, out = math.sqrt, int.__add__, 0, []
    append = out.append
    for i in range(n):
        total = add(total, i)
        append(root(i))
    return total, out


def several(n):
    return [applied(range(n), f) for f in (square, half, abs, float, str.isdigit, square, stepped) if f is not str.isdigit]


def swapped(n):
    f, total = square, 0
    for i in range(n):
        total += f(i)
        if i == n - 9:
            f = stepped
    return total


def recoded(n):
    f, total, old = stepped, 0, (stepped.__code__, stepped.__defaults__)
    for i in range(n):
        total += f(i)
        if i == n - 9:
            stepped.__defaults__ = (100,)
        if i == n - 5:
            stepped.__code__ = square.__code__.replace(co_name="stepped")
    stepped.__code__, stepped.__defaults__ = old
    return total


def compared(n, f):
    same = 0
    for i in range(n):
        if f is square:
            same += f(i)
        elif f == half:
            same -= 1
    return same, f


def local(n, k):
    def inner(x):
        return x * k

    total = 0
    for i in range(n):
        total += inner(i)
    return total, [applied(range(n), lambda x: x + k) for _ in range(3)]


def made(xs, kind):
    found = []
    for x in xs:
        found.append(kind(x))
    return found


XS = list(range(60))
case(applied, (XS, square), (XS, half), (XS, failing), (XS, abs), (XS, math.sqrt), (XS, int), (XS, float), (XS, lambda x: x * 3), (XS, "text".count), (XS, None), ([2**70] * 60, square),
     (XS, Ellipsis), apart=True)
case(applied, (XS, square), (XS, half), (XS, square), (XS, stepped), (XS, abs), (XS, float), name="applied in turn")
case(by_default, (60,), (60, half), (60, half, abs), (0,), apart=True)
case(hot_applied, long=(3000,))
for calling in (alias, several, swapped, recoded):
    case(calling, (60,), (12,), apart=True)
case(compared, (60, square), (60, half), (60, None), apart=True)
case(local, (60, 2), (60, 0.5), apart=True)
case(made, (XS, int), (XS, str), (XS, float), (XS, bool), (XS, complex), (["1", "2"] * 30, int), (["1"] * 50 + ["x"], int), ([[1]] * 60, tuple), ([[1]] * 60, set), apart=True)
