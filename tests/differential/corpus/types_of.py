"""The class of a value: `type(x)`, `x.__class__`, names of classes; static methods that instances reach."""

from __future__ import annotations

from ..cases import case


class Plain:
    def __init__(self, v):
        self.v = v

    @staticmethod
    def twice(x):
        return x * 2

    def total(self, n):
        t = 0
        for i in range(n):  # native
            t += self.twice(i) + self.v
        return t


class Derived(Plain):
    @staticmethod
    def twice(x):
        return x * 3


class Meta(type):
    @property
    def __name__(cls):
        return "meta of " + type.__dict__["__name__"].__get__(cls)


class WithMeta(metaclass=Meta):
    v = 5


class Hiding:
    def __init__(self, v):
        self.v = v

    @property
    def __class__(self):
        return Plain


def mixed(n):
    return [(Plain if i % 3 else Derived)(i) for i in range(n)]


def hot_kinds(n):
    xs, t = mixed(300), 0
    for k in range(n):
        for x in xs:  # native
            if type(x) is Derived:
                t += x.v
            elif type(x) == Plain:
                t -= k
    return t


def hot_names(n):
    xs, seen = mixed(300), {}
    for k in range(n):
        for x in xs:  # native
            name = type(x).__name__
            seen[name] = seen.get(name, 0) + k
            if x.__class__.__qualname__ != name:
                seen["other"] = x
    return seen


def hot_static(n):
    return Plain(1).total(n), Derived(2).total(n)


def of_values(xs):
    t = []
    for x in xs:
        kind = type(x)
        t.append(kind.__name__)
        if kind is int:
            t.append(x + 1)
        elif kind is float or kind == complex:
            t.append(x * 2)
        elif type(x) in (str, list, tuple):
            t.append(len(x))
        elif x is None:
            t.append(type(None) is kind)
    return t


def renamed(n):
    class Local:
        pass

    x, t = Local(), []
    for i in range(n):
        t.append(type(x).__name__ + x.__class__.__qualname__)
        if i == n // 2:
            Local.__name__ = "Other"
            Local.__qualname__ = "Quite.Other"
    return t


def class_changed(n):
    xs, t = [Plain(i) for i in range(4)], []
    for i in range(n):
        x = xs[i % 4]
        t.append((type(x).__name__, x.__class__ is Plain, x.twice(i)))
        if i == n // 2:
            xs[2].__class__ = Derived
    return t


def with_metaclass(n):
    xs, t = [WithMeta(), Plain(1), Derived(2)], []
    for i in range(n):
        x = xs[i % 3]
        t.append(type(x).__name__)
        t.append(type(type(x)).__name__)
    return t


def hidden_class(n):
    xs, t = [Hiding(3), Plain(4)], 0
    for i in range(n):
        x = xs[i % 2]
        if x.__class__ is Plain:
            t += x.v
        if type(x) is Plain:
            t += 100
    return t


def static_hidden(n):
    a, t = Plain(1), 0
    for i in range(n):
        t += a.twice(i)
        if i == n // 2:
            a.twice = lambda x: x - 1
    return t


def static_exchanged(n):
    class Local:
        @staticmethod
        def step(x):
            return x + 1

    a, t = Local(), 0
    for i in range(n):
        t += a.step(i)
        if i == n // 2:
            Local.step = staticmethod(lambda x: -x)
    return t


def static_made_method(n):
    class Local:
        @staticmethod
        def step(x):
            return x + 1

    a, t = Local(), 0
    for i in range(n):
        t += a.step(i)
        if i == n // 2:
            Local.step = lambda self, x: (self is a) + x
    return t


def class_of_this(n):
    class Node:
        made = 0

        def __init__(self, v):
            self.v = v
            type(self).made += 1

        def next(self):
            return self.__class__(self.v + 1)

    x = Node(0)
    for _ in range(n):
        x = x.next()
    return x.v, Node.made


case(hot_kinds, (3,), long=(40,))
case(hot_names, (3,), long=(40,))
case(hot_static, (40,), long=(3000,))
case(of_values, ([1, 2.5, None, "ab", True, [1], (2, 3), 1j] * 5,), ([1] * 30,), ([1, 2] * 9 + [None, 2.0],))
case(renamed, (40,))
case(class_changed, (40,))
case(with_metaclass, (30,))
case(hidden_class, (40,))
case(static_hidden, (40,))
case(static_exchanged, (40,))
case(static_made_method, (40,))
case(class_of_this, (40,))
