"""Functions that hand on what they are given by stars: decorators, and what they do besides."""

from __future__ import annotations

import functools

from ..cases import case

LOG = []
COUNT = {"calls": 0}


def plain(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)

    return wrapper


def counted(f):
    calls = 0

    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        nonlocal calls
        calls += 1
        return f(*args, **kwargs) + calls

    return wrapper


def checked(f):
    def wrapper(*args):
        for a in args:
            if a < 0:
                raise ValueError(f"{f.__name__}{args}")
        return f(*args)

    return wrapper


def logged(f):
    def wrapper(*args, **kwargs):
        made = f(*args, **kwargs)
        LOG.append((args, sorted(COUNT), made))
        return made

    return wrapper


def told(f):
    def wrapper(*args, **kwargs):
        COUNT["calls"] += len(args) + len(kwargs)
        return f(*args, **kwargs)

    return wrapper


def changed(f):
    def wrapper(*args, **kwargs):
        kwargs["scale"] = kwargs.get("scale", 1) + 1
        args = (*args, 3)
        return f(*args, **kwargs)

    return wrapper


def defended(f):
    def wrapper(*args, **kwargs):
        try:
            return f(*args, **kwargs)
        except (ZeroDivisionError, TypeError) as error:
            return str(error)
        finally:
            COUNT["calls"] += 1

    return wrapper


def again(f):
    def wrapper(*args, **kwargs):
        for left in (2, 1, 0):
            try:
                return f(left, *args, **kwargs)
            except ZeroDivisionError:
                if not left:
                    raise

    return wrapper


def between(low, high):
    def decorator(f):
        return lambda *args, **kwargs: max(low, min(high, f(*args, **kwargs)))

    return decorator


def remembered(f):
    known = {}

    def wrapper(*args):
        if args in known:
            return known[args]
        made = known[args] = f(*args)
        return made

    return wrapper


def with_more(f):
    def wrapper(first, /, *args, key=1, **kwargs):
        return f(first, *args, more=key, **kwargs)

    return wrapper


@plain
def added(a, b=1, *, c=0):
    return a + b - c


@counted
def multiplied(a, b):
    return a * b


@checked
def root(a, b):
    return a + b * 0.5


@plain
@counted
def both(a, b=2):
    return a ^ b


@between(0, 100)
def scaled(x, k):
    return x * k - 5


@remembered
def squared(x):
    return x * x


@remembered
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@with_more
def collected(*args, **kwargs):
    return len(args) + len(kwargs) + kwargs["more"]


class Account:
    def __init__(self):
        self.total = 0

    @plain
    def add(self, x, k=1):
        self.total += x * k

    @property
    @plain
    def half(self):
        return self.total / 2


def hot_plain(n):
    total = 0
    for i in range(n):  # native
        total += added(i) + added(i, 2) - added(a=i, b=3, c=1) + added(1, c=i)
    return total


def hot_counted(n):
    total = 0
    for i in range(n):  # native
        total += multiplied(i, 2) + both(i) - both(b=i, a=2) + scaled(i, k=2)
    return total


def hot_others(n):
    account, total = Account(), 0.0
    for i in range(n):  # native
        account.add(i, k=2)
        account.add(1)
        total += root(i, 2) + squared(i % 20) + account.half
    return total, account.total


def fibonaccis(n):
    return [fibonacci(i % 60) for i in range(n)]


def positions_and_keywords(n):
    out = []
    for i in range(n):
        out.append(collected(i, 1, 2, z=1, key=i))
        out.append(collected(i, first=3))
    return out


@logged
def noted(a, b=3):
    return a - b


@told
def kept(a, *, b=3):
    return a - b


@changed
def given(*args, scale):
    return sum(args) * scale


@defended
def divided(a, b, c=1):
    return a // b + c


@again
def retried(left, a):
    return a // left


def hands_on(n):
    out = []
    for i in range(n):
        out.append(noted(i) + noted(b=i, a=1))
        out.append(kept(i) + kept(i, b=2))
        out.append(given(i) + given(i, 2, scale=5))
        out.append(divided(i, i % 4))
        out.append(divided(i, i % 3, c=2))
        out.append(retried(i))
    return out, LOG[-5:], COUNT["calls"], LOG.clear(), COUNT.update(calls=0)


@checked
def failing(a, b):
    return a // b


def failures(n):
    out = []
    for i in range(n):
        try:
            out.append(failing(i, i % 7 - 1))
        except (ValueError, ZeroDivisionError) as error:
            out.append(repr(error))
        try:
            out.append(added(1, 2, 3, 4) if i % 9 == 0 else added(i, b=2, a=1) if i % 9 == 1 else added(i, d=1))
        except TypeError as error:
            out.append(repr(error))
        try:
            out.append(collected(i, more=1))
        except TypeError as error:
            out.append(repr(error))
    return out


def raising(n):
    total = 0
    for i in range(n):
        total += failing(i, 70 - i)
    return total


def exchanged(n):
    def first(a, b=1):
        return a + b

    def second(a, b=1):
        return a - b

    held = first

    def wrapper(*args, **kwargs):
        return held(*args, **kwargs)

    total = 0
    for i in range(n):
        total += wrapper(i) + wrapper(i, b=2)
        if i == n // 2:
            held = second
        if i == n - 9:
            wrapper.__code__ = (lambda *args, **kwargs: held(*args, **kwargs)).__code__
    return total


class Calling:
    def __init__(self, f):
        self.f = f

    def __call__(self, *args, **kwargs):
        return self.f(*args, **kwargs)


called = Calling(lambda a, b=2: a * b)


def objects(n):
    return sum(called(i) + called(i, b=i) for i in range(n))


case(hot_plain, (90,), (0,), long=(4000,))
case(hot_counted, (90,), long=(4000,))
case(hot_others, (90,), long=(4000,))
case(fibonaccis, (90,))
case(positions_and_keywords, (90,))
case(hands_on, (90,))
case(failures, (90,))
case(raising, (60,), (90,))
case(exchanged, (90,))
case(objects, (90,))
