"""Loops over objects of classes whose `__iter__` is a generator function, or answers with what others have."""

from __future__ import annotations

from ..cases import case


class Walk:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        for item in self.items:
            yield item


class Evens(Walk):
    def __iter__(self):
        for item in super().__iter__():
            if item % 2 == 0:
                yield item


class Tree:
    def __init__(self, value, left=None, right=None):
        self.value, self.left, self.right = value, left, right

    def __iter__(self):
        if self.left is not None:
            yield from self.left
        yield self.value
        if self.right is not None:
            yield from self.right


class Chain:
    def __init__(self, n):
        self.head = None
        for i in range(n):
            self.head = (i, self.head)

    def __iter__(self):
        node = self.head
        while node is not None:
            yield node[0]
            node = node[1]


class Guarded:
    def __init__(self, n, log):
        self.n, self.log = n, log

    def __iter__(self):
        try:
            for i in range(self.n):
                yield i
        finally:
            self.log.append("ended")


class Shown(type):
    def __iter__(cls):
        yield from range(5)


class Listed(metaclass=Shown):
    def __iter__(self):
        yield from (1, 2, 3)


class Held:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)


class Failing:
    def __iter__(self):
        yield 1
        raise ValueError("failed")


class Empty:
    def __iter__(self):
        return
        yield


def hot_walk(n):
    total = 0
    for item in Walk(list(range(n))):  # native
        total += item * 2
    return total


def hot_chain(n):
    total, chain = 0, Chain(n)
    for item in chain:  # native
        total += item
    return total


def sums(n):
    walk = Evens(range(n))
    out = [sum(walk), max(walk), [item * 2 for item in walk][-3:], len(list(walk)), sum(item for item in walk if item % 3)]
    for number, item in enumerate(walk):
        out.append(number * item)
    return out, n // 2 in walk, sorted(walk)[:5], tuple(zip(walk, Walk("abc")))


def within(n):
    walk, held, total = Walk([1, 2, 3, 4]), Held([1, 2]), 0
    tree = Tree(2, Tree(1), Tree(3, None, Tree(4)))
    for i in range(n):
        for item in walk:
            total += item * i
        for item in held:
            total += item
        for item in tree:
            total += item
        for item in Empty():
            total += 1000
    return total


def left_early(n):
    log, out = [], []
    for i in range(n):
        for item in Guarded(6, log):
            if item > i % 8:
                break
            log.append(item)
        else:
            log.append("all")
        log.append("behind")
    for item in Guarded(n, log):
        if item == n - 3:
            log.append("leaving")
            break
    out.append(log[-9:])
    return out, len(log)


def answered(n, log):
    for item in Guarded(n, log):
        if item == n - 3:
            return item, len(log)
    return None


def failures(n):
    out = []
    for i in range(n):
        try:
            for item in Failing():
                out.append(item)
        except ValueError as error:
            out.append(str(error))
        try:
            for item in Walk(None if i % 3 else [i]):
                out.append(item)
        except TypeError as error:
            out.append(str(error))
        for item in Listed:
            out.append(item)
        for item in Listed():
            out.append(item)
    return out


def exchanged(n):
    class Own(Walk):
        pass

    total, walk = 0, Own(list(range(n)))
    for _ in range(4):
        for item in walk:
            total += item
        Own.__iter__ = lambda self: iter((1, 2.5))
        for item in walk:
            total += item
        del Own.__iter__
    return total


def growing(n):
    walk = Walk([0])
    for item in walk:
        if len(walk.items) < n:
            walk.items.append(item + 1)
    return walk.items


def nested(n):
    walk, total = Walk(list(range(n))), 0
    for a in walk:
        for b in walk:
            if b > 3:
                break
            total += a * b
    return total


case(hot_walk, (90,), (600,), long=(5000,))
case(hot_chain, (90,), (600,), long=(5000,))
case(sums, (90,), (700,))
case(within, (90,))
case(left_early, (90,), (700,))
case(answered, lambda: (90, []), lambda: (900, []))
case(failures, (60,))
case(exchanged, (90,), (600,))
case(growing, (90,), (700,))
case(nested, (90,))
