"""Calls with keywords, of functions with parameters by keyword only and with stars; defaults that are exchanged."""

from __future__ import annotations

from ..cases import case


def blend(a, b, *, alpha=0.5, gamma=1.0):
    return (a * alpha + b * (1 - alpha)) * gamma


def only(a, /, b, c=3, *, d):
    return a + 2 * b + 3 * c + 4 * d


def totalled(*xs):
    s = 0
    for x in xs:
        s += x
    return s


def headed(first, *rest, scale=2):
    return first * scale + len(rest)


def hot_blend(n):
    acc = 0.0
    for i in range(n):  # native
        acc += blend(i, 2.0, alpha=0.25)
        acc += blend(b=2, a=i, gamma=0.5, alpha=0.1)
        acc -= blend(i, 1)
    return acc


def hot_only(n):
    total = 0
    for i in range(n):  # native
        total += only(i, 2, d=4) + only(i, c=i, b=1, d=2) + only(1, 2, 3, d=i)
    return total


def hot_totalled(n):
    total = 0
    for i in range(n):  # native
        total += totalled(i, 1, 2) + totalled(i) + totalled()
    return total


def hot_headed(n):
    total = 0
    for i in range(n):  # native
        total += headed(i) + headed(i, 1, 2) + headed(i, 5, scale=3)
    return total


def mixed_rest(n):
    out = []
    for i in range(n):
        out.append(headed("ab", i, None, scale=i % 3))
    return out


def wrong(n, which):
    total = 0
    try:
        for i in range(n):
            if i == 15 and which == 0:
                total += blend(i, 1, beta=2)
            elif i == 15 and which == 1:
                total += only(1, 2)
            elif i == 15 and which == 2:
                total += blend(i, 2, a=3)
            elif i == 15 and which == 3:
                total += only(a=1, b=2, d=3)
            elif i == 15 and which == 4:
                total += blend(1, 2, 3)
            else:
                total += only(i, b=1, d=2)
    except TypeError as error:
        return total, str(error)
    return total


def always_wrong(n):
    total = 0
    for i in range(n):
        try:
            total += blend(i, 1, beta=2)
        except TypeError:
            total += 1
    return total


def exchanged(n):
    def scaled(x, *, by=2):
        return x * by

    total = 0
    for i in range(n):
        total += scaled(i) + headed(i)
        if i == 9:
            scaled.__kwdefaults__["by"] = 7
            headed.__kwdefaults__["scale"] = 1.5
        if i == 14:
            headed.__kwdefaults__ = {"scale": 9}
    headed.__kwdefaults__ = {"scale": 2}
    return total


def dropped(n):
    total = 0
    try:
        for i in range(n):
            total += blend(i, 2)
            if i == 9:
                del blend.__kwdefaults__["gamma"]
    except TypeError as error:
        total = str(error)
    blend.__kwdefaults__["gamma"] = 1.0
    return total


class Account:
    def __init__(self, owner, *, balance=0, rate=0.5):
        self.owner = owner
        self.balance = balance
        self.rate = rate

    def add(self, amount, *, times=1):
        self.balance += amount * times
        return self.balance


def hot_accounts(n):
    total = 0
    for i in range(n):  # native
        one = Account(i, balance=2)
        total += one.add(i, times=3) + one.add(amount=1) + one.owner
    return total


def hot_sorted(n):
    xs, total = [3, 1, 2], 0
    for i in range(n):
        ys = sorted(xs, reverse=True)
        total += ys[0] + int("11", base=2) + max(xs, default=0)
    return total


def split(n):
    total = 0
    for i in range(n):
        total += len("a,b,c".split(sep=",", maxsplit=1)) + "x".count("x")
    return total


def order_of_effects(n):
    log = []

    def note(x):
        log.append(x)
        return x

    total = 0
    for i in range(n):
        total += only(note(i), d=note(1), b=note(2))
    return total, log


def with_tuple(n):
    total = 0
    for i in range(n):
        total += pairs(i, i * 2.0)[1]
    return total


def pairs(*both):
    return both


case(hot_blend, (20,), (3,), long=(3000,))
case(hot_only, (20,), (0,), long=(3000,))
case(hot_totalled, (20,), long=(3000,))
case(hot_headed, (20,), long=(3000,))
case(mixed_rest, (25,))
case(wrong, (30, 0), (30, 1), (30, 2), (30, 3), (30, 4), (30, 5))
case(always_wrong, (20,))
case(exchanged, (25,))
case(dropped, (25,))
case(hot_accounts, (25,), long=(3000,))
case(hot_sorted, (25,))
case(split, (25,))
case(order_of_effects, (25,))
case(with_tuple, (25,))
