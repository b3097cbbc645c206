"""Functions that are made anew at each call: nested ones, lambdas in variables, closures in closures, exits in them."""

from __future__ import annotations

from ..cases import case


def clamped(n):
    def clamp(v, lo=0, hi=9):
        return lo if v < lo else hi if v > hi else v

    total = 0
    for i in range(n):
        total += clamp(i - 5) + clamp(i, 2)
    return total


def hot_image(n):
    def clamp(v, lo=0, hi=9):
        return lo if v < lo else hi if v > hi else v

    image = [[(i * j) % 11 for j in range(10)] for i in range(10)]

    def at(y, x):
        return image[clamp(y)][clamp(x)]

    total = 0
    for y in range(n):  # native
        for x in range(12):
            total += at(y, x) - at(y - 1, x + 1)
    return total


def hot_lambda(n, k):
    f = lambda x, y=3: x * y + k  # noqa: E731
    total = 0
    for i in range(n):  # native
        total += f(i) - f(i, 2)
    return total


def made_by(k):
    def scaled(x):
        return x * k

    return scaled


def hot_made(n, k):
    f, total = made_by(k), 0
    for i in range(n):  # native
        total += f(i)
    return total


def passed(xs, f):
    total = 0
    for x in xs:
        total += f(x)
    return total


def by_several(n):
    return [passed(range(n), made_by(k)) for k in (1, 2.5, "ab", 2**70, 3)]


def composed(n, a, b):
    f, g = made_by(a), made_by(b)

    def both(x):
        return f(g(x))

    total = 0
    for i in range(n):
        total += both(i)
    return total


def counting(n):
    seen = 0

    def note(x):
        nonlocal seen
        seen += x
        return seen

    total = 0
    for i in range(n):
        total += note(i)
    return total, seen


def dividing(n, k):
    def divided(x):
        return 100 // (x - k)

    total = 0
    try:
        for i in range(n):
            total += divided(i)
    finally:
        total += 1
    return total


def raising(n, k):
    def divided(x):
        return 100 // (x - k)

    total = 0
    for i in range(n):
        total += divided(i)
    return total


def growing(n, start):
    big = start

    def added(x):
        return x + big

    total = 0
    for i in range(n):
        total = added(total) + i
    return total


def replaced(n):
    f, total = made_by(2), 0
    for i in range(n):
        total += f(i)
        if i == 7:
            f = made_by(3)
        if i == 12:
            f = lambda x: x - 1  # noqa: E731
    return total


def replacing(n):
    f = made_by(2)

    def stepped(x):
        nonlocal f
        if x == 9:
            f = made_by(5)
        return f(x)

    total = 0
    for i in range(n):
        total += stepped(i)
    return total


def new_code(n):
    def f(x):
        return x + 1

    def g(x):
        return x * 10

    total = 0
    for i in range(n):
        total += f(i)
        if i == 9:
            f.__code__ = g.__code__
    return total


def new_defaults(n):
    def f(x, by=1):
        return x + by

    total = 0
    for i in range(n):
        total += f(i)
        if i == 9:
            f.__defaults__ = (100,)
    return total


def emptied(n):
    k = 3

    def f(x):
        return x + k

    total = 0
    for i in range(n):
        total += f(i)
        if i == 9:
            del k
            try:
                f(i)
            except NameError as error:
                total += len(str(error))
            k = 4
    return total


def per_entry(n):
    total = 0
    for k in range(6):
        f = made_by(k + 0.5 if k % 2 else k)
        for i in range(n):
            total += f(i)
    return total


class Shop:
    def __init__(self, rate):
        self.price = lambda x: x * rate


def held(n):
    shop, total = Shop(3), 0
    for i in range(n):
        total += shop.price(i)
    return total


case(clamped, (20,), (3,))
case(hot_image, (12,), (15,), long=(400,))
case(hot_lambda, (30, 4), (30, 1.5), (30, 2**62), long=(3000, 5))
case(hot_made, (30, 4), (30, -1.5), (30, 2**61), long=(3000, 3))
case(by_several, (25,))
case(composed, (20, 2, 3), (20, 1.5, 2), (20, 2**40, 2**30))
case(counting, (30,))
case(dividing, (30, 50), (30, 20), (30, -1))
case(raising, (30, 50), (30, 20))
case(growing, (30, 3), (30, 2**62), (30, 0.5))
case(replaced, (25,))
case(replacing, (25,))
case(new_code, (25,))
case(new_defaults, (25,))
case(emptied, (25,))
case(per_entry, (20,))
case(held, (30,))


# --- functions that have loops of their own ------------------------------------------------------------------


def hot_sifted(n):
    a = [(i * 7919) % 1009 for i in range(n)]

    def sift(start, end):
        root = start
        while True:
            child = root * 2 + 1
            if child > end:
                break
            if child + 1 <= end and a[child] < a[child + 1]:
                child += 1
            if a[root] < a[child]:
                a[root], a[child] = a[child], a[root]
                root = child
            else:
                break

    for s in range((n - 2) // 2, -1, -1):  # native
        sift(s, n - 1)
    for e in range(n - 1, 0, -1):  # native
        a[e], a[0] = a[0], a[e]
        sift(0, e - 1)
    return a


def hot_digits(n, base):
    def digits(v):
        total = 0
        while v:
            total += v % base
            v //= base
        return total

    def squares(v):
        total = 0
        for i in range(v % 5):
            total += i * i + digits(i + v)
        return total

    return [digits(i) + squares(i) for i in range(n)]  # native


def alone_and_within(n):
    def total_of(xs):
        total = 0
        for x in xs:
            total += x
        return total

    rows = [list(range(i % 7)) for i in range(n)]
    first = total_of(range(5000))  # makes the loop in there native, which gives the function other code
    total = 0
    for row in rows:
        total += total_of(row)
    return first, total, total_of(range(3000)), total_of([0.5] * 300)


def two_at_a_place(n):
    def up(xs):
        total = 0
        for x in xs:
            total += x
        return total

    def down(xs):
        total = 0
        for x in xs:
            total -= x
        return total

    f, total = up, 0
    for i in range(n):
        total += f((i, i + 1, 2))
        if i == n // 2:
            f = down
    return total


def failing_inside(n, at):
    def checked(xs):
        total = 0
        for x in xs:
            if x == at:
                raise ValueError(f"{x} at {total}")
            total += x
        return total

    total = 0
    for i in range(n):
        total += checked(range(i, i + 3))
    return total


def other_defaults(n):
    def powers(v, count=3):
        total = 1
        for _ in range(count):
            total = total * v % 1009
        return total

    total = 0
    for i in range(n):
        total += powers(i)
        if i == n // 2:
            powers.__defaults__ = (2,)
    return total


def other_code(n):
    def powers(v):
        total = 1
        for _ in range(3):
            total = total * v % 1009
        return total

    def sums(v):
        total = 1
        for _ in range(3):
            total = total + v % 1009
        return total

    total = 0
    for i in range(n):
        total += powers(i)
        if i == n // 2:
            powers.__code__ = sums.__code__
    return total


case(hot_sifted, (60,), (400,), (0,), long=(3000,))
case(hot_digits, (300, 10), (300, 2), (100, 3), long=(5000, 10))
case(alone_and_within, (400,), (3,))
case(two_at_a_place, (300,), (2,))
case(failing_inside, (300, 1000), (300, 200), (300, 1))
case(other_defaults, (300,))
case(other_code, (300,))


def hot_keywords(n, k):
    def placed(x, *, scale=1, off=0):
        return x * scale + off + k

    def blended(a, b=2, *, part=0.5, power=k):
        return a * part + b * (1 - part) + power

    total = 0
    for i in range(n):  # native
        total += placed(i, scale=2, off=1) - placed(i, off=i) + placed(i)
        total += blended(i, b=3) + blended(b=i, a=1, part=0.25) - blended(i, power=i)
    return total


def keywords_exchanged(n, names):
    def placed(x, *, scale=3, off=5):
        return x * scale + off

    def other(x, *, scale=7, off=5):
        return x - scale * off

    out = []
    for i in range(n):
        try:
            out.append(placed(i) + placed(i, scale=2) + other(i))
        except TypeError as error:
            out.append(str(error))
        if i == n // 2:
            placed, other = other, placed
        if i == n // 3:
            for name in names:
                del placed.__kwdefaults__[name]
        if i == n - 9:
            other.__kwdefaults__ = {"off": i, "more": 2}
        if i == n - 5:
            placed.__kwdefaults__ = None
    return out


case(hot_keywords, (90, 3), (90, 2.5), (0, 1), long=(3000, 4))
case(keywords_exchanged, (120, ()), (120, ("scale",)), (120, ("scale", "off")))
