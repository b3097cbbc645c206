"""Objects that are called, classes that do not set up their objects, and attributes that only the class has at first."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ..cases import case


class Poly:
    def __init__(self, *factors):
        self.factors = factors
        self.asked = 0

    def __call__(self, x, plus=0.5, *, times=1):
        self.asked += 1
        result = 0.0
        for factor in self.factors:
            result = result * x + factor
        return result * times + plus


class Adder:
    __slots__ = ("by",)

    def __init__(self, by):
        self.by = by

    def __call__(self, x):
        return x + self.by


class Strict(Adder):
    def __call__(self, x):
        if x % 7 == 6:
            raise ValueError(f"{x} is refused")
        return super().__call__(x) * 2


class Folding:
    def __call__(self, *values):
        return sum(values)


class Steps:
    def __call__(self, n):
        return 0 if n <= 1 else 1 + self(n // 2 if n % 2 == 0 else 3 * n + 1)


class Static:
    @staticmethod
    def __call__(x):
        return x * 3


def poly(n):
    p, total = Poly(1.0, -2.0, 0.5), 0.0
    for i in range(n):  # native
        total += p(i * 0.25) + p(1.0, 2) - p(0.5, times=i % 3)
    return total, p.asked


GLOBAL = Adder(5)


def of_global(n):
    total = 0
    for i in range(n):  # native
        total = GLOBAL(total) % 1000003
    return total


def of_several(n):
    called, total = [Adder(1), Poly(2.0, 1.0), Adder(3), lambda x: x - 1], 0.0
    for i in range(n):
        total += called[i % 4](i)
    pair = (Adder(1), Poly(3.0))
    for i in range(n):
        total -= pair[i % 2](i)
    return total


def raising(n):
    strict, out, refused = Strict(4), 0, []
    for i in range(n):
        try:
            out += strict(i)
        except ValueError as error:
            refused.append(str(error))
    return out, refused[-3:], len(refused)


def raising_out(n):
    strict, out = Strict(4), 0
    for i in range(0, n, 7):
        out += strict(i)
    return strict(out + 6 - out % 7)


def wrong_arguments(n):
    adder, failed = Adder(1), []
    for i in range(n):
        try:
            adder(i) if i % 50 else adder(i, i)
        except TypeError as error:
            failed.append(str(error))
    return failed[:2], len(failed)


def others(n):
    total, folding, steps, static = 0, Folding(), Steps(), Static()
    for i in range(n):
        total += folding(i, 1, 2) + steps(i % 30) + static(i)
    return total


def exchanged(n):
    class Local:
        def __call__(self, x):
            return x + 1

    local, out = Local(), []
    local.__call__ = lambda x: "never"
    for i in range(n):
        if i == n // 2:
            Local.__call__ = lambda self, x: x * 100
        out.append(local(i))
    return out


class Plain:
    step = 3
    hits = 0
    ratio = 1
    names = ["a"]
    label = "none"
    below = None

    def hit(self, x):
        self.hits += 1
        self.ratio = self.ratio * 0.5 + x
        return x * self.step + len(self.names)


class Other(Plain):
    step = 5
    label = "other"


class Shape(ABC):
    @abstractmethod
    def area(self):
        """How large it is."""


class Unit(Shape):
    side = 1

    def area(self):
        return self.side * self.side


class Finalized:
    ended = 0

    def __del__(self):
        Finalized.ended += 1


class Own:
    made = 0

    def __new__(cls):
        Own.made += 1
        return super().__new__(cls)


def bare(n):
    total = 0
    for i in range(n):  # native
        one = Plain()
        total += one.hit(i) + one.hits
        if i % 3 == 0:
            one.step = i
            total -= one.step
    return total, one.hits, one.ratio, vars(one)


def kept(n):
    made, unit = [], Unit()
    for i in range(n):  # native
        one = Plain() if i % 2 else Other()
        one.below = unit
        made.append(one)
    return [(type(one).__name__, one.step, one.below is unit) for one in made[-3:]], len(made)


def defaults(n):
    one, other, total = Plain(), Other(), 0
    other.names = ["x", "y"]
    for i in range(n):  # native
        total += one.hit(i) - other.hit(i)
    return total, one.hits, other.hits, one.ratio, Plain.hits, Plain.names


def deleted(n):
    one, total = Plain(), 0
    for i in range(n):
        one.hit(i)
        if i % 10 == 9:
            del one.hits
        total += one.hits
    return total, Plain.hits


def with_dict(n):
    one, total = Plain(), 0
    for i in range(n):
        total += one.hit(i)
        if i == n // 2:
            vars(one)["ratio"] = 0.25
        total += len(one.label)
    return total, vars(one)


def hides_by_dict(n):
    class Local:
        label = "none"
        hits = 0

    one, other, total = Local(), Local(), 0
    for i in range(n):
        one.hits += 1
        other.hits += 2
        if i == n // 2:
            vars(one)["label"] = "own"
        if i == n // 2 + 9:
            other.label = "other"
        total += len(one.label) + len(other.label)
    return total, vars(one), vars(other)


def hides_by_made_name(n):
    class Local:
        label = "none"
        hits = 0

    first, total = Local(), 0
    first.hits = 1
    vars(first)["".join(("la", "bel"))] = "first"
    one = Local()
    for i in range(n):
        one.hits += 1
        total += len(one.label)
        if i == n // 2:
            one.label = "own"
    return total, vars(first), vars(one)


def class_changes(n):
    class Local:
        step = 1
        names = None

    one, other, total = Local(), Local(), []
    other.step = 1000
    other.names = 1
    for i in range(n):
        total.append(one.step + other.step)
        if i % 40 == 39:
            Local.step += 1
        if i == n // 2:
            Local.step = 0.5
        if i == n - 5:
            Local.step = property(lambda self: -1)
    return total[::20], total[-10:]


def gets_init(n):
    class Local:
        value = 1

    out = []
    for i in range(n):
        out.append(Local().value)
        if i == n // 2:
            Local.__init__ = lambda self: setattr(self, "value", 2)
    return sum(out), out[n // 2], out[n // 2 + 1]


def refused(n):
    failed = []
    for i in range(n):
        try:
            Plain() if i % 20 else Plain(i)
        except TypeError as error:
            failed.append(str(error))
        try:
            Unit() if i % 30 else Shape()
        except TypeError as error:
            failed.append(str(error))
    return sorted(set(failed)), len(failed)


def noticed(n):
    Finalized.ended = Own.made = 0
    seen = 0
    for _ in range(n):
        Finalized()
        Own()
        seen += Finalized.ended
    return seen, Finalized.ended, Own.made


case(poly, (0,), (5,), (60,), long=(4000,))
case(of_global, (0,), (60,), long=(4000,))
case(of_several, (0,), (70,), (400,))
case(raising, (3,), (80,), (400,))
case(raising_out, (1,), (200,))
case(wrong_arguments, (40,), (300,))
case(others, (0,), (100,))
case(exchanged, (80,), (300,))
case(bare, (1,), (60,), long=(4000,))
case(kept, (1,), (60,), long=(4000,))
case(defaults, (1,), (60,), long=(4000,))
case(deleted, (35,), (300,))
case(with_dict, (60,), (300,))
case(hides_by_dict, (60,), (300,))
case(hides_by_made_name, (60,), (300,))
case(class_changes, (90,), (300,))
case(gets_init, (60,), (300,))
case(refused, (60,), (200,))
case(noticed, (60,), (300,))
