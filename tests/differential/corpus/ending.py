"""Objects of the program's own classes that come to their end in loops: unseen ones, and those whose end is noticed."""

from __future__ import annotations

import weakref

from ..cases import case


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Loud:
    """Notices its end."""

    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Loud.log.append(self.name)


class Derived(Vec):
    pass


class Counted(list):
    pass


class Body:
    def __init__(self, at, held=None):
        self.at = at
        self.held = held
        self.seen = 0


def moved(n):
    """What is overwritten was the last reference to an object of plain values."""
    body, step = Body(Vec(0, 1)), Vec(1, 2)
    for _ in range(n):  # native
        body.at = body.at + step
        body.seen += 1
    return body.at.x, body.at.y, body.seen


def slotted(n):
    body = Body(Slotted(0, 1.5))
    for i in range(n):  # native
        body.at = Slotted(body.at.x + i, body.at.y)
    return body.at.x, body.at.y


def popped(n):
    """A stack of objects, each of which ends when the next one is popped."""
    stack, total = [Vec(i, i * 2) for i in range(n)], 0
    while stack:  # native
        top = stack.pop()
        total += top.x + top.y
    return total


def noticed(n):
    """Finalizers run at once, in their order."""
    Loud.log.clear()
    body = Body(Loud(0))
    seen = []
    for i in range(n):
        body.at = Loud(i + 1)
        seen.append(len(Loud.log))
    return seen, list(Loud.log)


def noticed_inside(n):
    """An object that ends unseen holds one whose end is noticed."""
    Loud.log.clear()
    body, seen = Body(None), []
    for i in range(n):
        body.at = Vec(i, Loud(i)) if i % 3 == 0 else Vec(i, [Loud(i)]) if i % 3 == 1 else Vec(i, {"k": Loud(i)})
        seen.append(len(Loud.log))
    return seen, list(Loud.log)


def noticed_deeper(n):
    Loud.log.clear()
    body, seen = Body(None), []
    for i in range(n):
        body.at = Body(Body(Body(Slotted((1, Loud(i)), 2))))
        seen.append(len(Loud.log))
    return seen, list(Loud.log)


def popped_noticed(n):
    Loud.log.clear()
    stack, seen = [Loud(i) for i in range(n)], []
    while stack:
        seen.append((stack.pop().name, len(Loud.log)))
    return seen, list(Loud.log)


def watched(n):
    """A weak reference to what is overwritten sees that it is gone."""
    body = Body(Vec(0, 0))
    watch = weakref.ref(body.at)
    for i in range(n):
        body.at = Vec(i, i)
        if watch() is not None:
            return i
    return n


def derived(n):
    body = Body(Derived(1, 2))
    for i in range(n):
        body.at = Derived(i, body.at.x)
    return body.at.x, body.at.y


def of_other_kinds(n):
    """Classes derived from builtin ones, functions, exceptions, large lists."""
    body, total = Body(Counted([1])), 0
    for i in range(n):
        kind = i % 5
        body.at = (Counted([i]) if kind == 0 else ValueError(i) if kind == 1 else (lambda i=i: i) if kind == 2
                   else [Vec(i, i)] * 30 if kind == 3 else {i: Vec(i, i)})
        total += type(body.at).__name__ != "function"
    return total, type(body.at).__name__


def shared(n):
    """What is overwritten lives on elsewhere."""
    body, kept = Body(Vec(0, 0)), []
    for i in range(n):
        kept.append(body.at)
        body.at = Vec(i, i + 1)
    return [(v.x, v.y) for v in kept]


def in_lists(n):
    row = [Vec(0, 1), Vec(1, 2), Vec(2, 3)]
    for i in range(n):  # native
        k = i % 3
        row[k] = Vec(row[k].y + i, row[k].x)
    return [(v.x, v.y) for v in row]


def in_dicts(n):
    held = {"a": Vec(0, 1), "b": Vec(1, 2)}
    for i in range(n):
        name = "ab"[i % 2]
        held[name] = Vec(held[name].y + i, held[name].x)
    return {k: (v.x, v.y) for k, v in held.items()}


case(moved, lambda: (40,), lambda: (3,), long=lambda: (5_000,))
case(slotted, lambda: (40,), lambda: (3,), long=lambda: (5_000,))
case(popped, lambda: (40,), lambda: (3,), long=lambda: (5_000,))
case(noticed, lambda: (40,), lambda: (3,))
case(noticed_inside, lambda: (40,), lambda: (3,))
case(noticed_deeper, lambda: (40,), lambda: (3,))
case(popped_noticed, lambda: (40,), lambda: (3,))
case(watched, lambda: (40,), lambda: (3,))
case(derived, lambda: (40,), lambda: (3,))
case(of_other_kinds, lambda: (40,), lambda: (7,))
case(shared, lambda: (40,), lambda: (3,))
case(in_lists, lambda: (40,), lambda: (3,), long=lambda: (5_000,))
case(in_dicts, lambda: (40,), lambda: (3,))
