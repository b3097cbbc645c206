"""super() in methods and constructors: chains, several classes, diamonds, changed classes; modules in variables."""

from __future__ import annotations

from ..cases import case


class Animal:
    def __init__(self, name, legs):
        super().__init__()
        self.name = name
        self.legs = legs

    def speed(self):
        return self.legs * 2

    @property
    def label(self):
        return self.name + str(self.legs)


class Dog(Animal):
    def __init__(self, name):
        super().__init__(name, 4)
        self.tricks = 0

    def speed(self):
        return super().speed() + 3

    def learn(self):
        self.tricks += 1
        return self


class Puppy(Dog):
    def speed(self):
        return super().speed() // 2


class Bird(Animal):
    def __init__(self, name):
        super().__init__(name, 2)

    def speed(self):
        return 50


def zoo(n):
    kinds = (Dog, Bird, Puppy)
    return [kinds[i % 3](str(i)) for i in range(n)]


def hot_speeds(animals, rounds):
    total = 0
    for _ in range(rounds):  # native
        for a in animals:
            total += a.speed() + len(a.label)
            if isinstance(a, Dog):
                a.learn()
    return total, sum(a.tricks for a in animals if isinstance(a, Dog))


def hot_made(n):
    total = 0
    for i in range(n):  # native
        d = Dog("rex")
        total += d.speed() + d.legs + i
    return total


class Left(Animal):
    def speed(self):
        return super().speed() + 1


class Right(Animal):
    def speed(self):
        return super().speed() * 3


class Both(Left, Right):
    def speed(self):
        return super().speed() + 100


def diamond(n):
    total, b = 0, Both("b", 3)
    for _ in range(n):
        total += b.speed() + Left("l", 1).speed()
    return total


def changed(n):
    total, puppy = 0, Puppy("p")
    for i in range(n):
        total += puppy.speed()
        if i == 8:
            Dog.speed = lambda self: 1000
        if i == 14:
            Puppy.__bases__ = (Bird,)
        if i == 17:
            Puppy.__bases__ = (Dog,)
    Dog.speed = original
    return total


original = Dog.speed


class Loud(Animal):
    def speed(self):
        return super(Loud, self).speed() / self.legs

    def missing(self):
        return super().nothing()

    def rebound(self, other):
        self = other
        return super().speed()


def raising(n, legs):
    total, loud = 0, Loud("l", 5)
    for i in range(n):
        total += loud.speed()
        if i == 15:
            loud.legs = legs
    return total


def lacking(n):
    found, loud = [], Loud("l", 5)
    for _ in range(n):
        try:
            loud.missing()
        except AttributeError as error:
            found.append(str(error))
    return found


def rebinding(n):
    total, loud, other = 0, Loud("l", 5), Loud("o", 7)
    for _ in range(n):
        total += loud.rebound(other)
    return total


def local_module(n):
    import heapq
    import math

    heap, total = [], 0.0
    for i in range(n):
        heapq.heappush(heap, i * 7 % 11)
        total += math.sqrt(i)
        if len(heap) > 5:
            total += heapq.heappop(heap)
    return total


case(hot_speeds, lambda: (zoo(9), 6), lambda: (zoo(2), 9), long=lambda: (zoo(30), 100))
case(hot_made, (20,), long=(3000,))
case(diamond, (20,))
case(changed, (25,))
case(raising, (20, 3), (20, 0))
case(lacking, (12,))
case(rebinding, (20,))
case(local_module, (40,))


class OfOldStyle:
    def __init__(self, size):
        self.size = size

    def weight(self, x):
        return self.size + x


class NamedInSuper(OfOldStyle):
    made = 0

    def __init__(self, size):
        super(NamedInSuper, self).__init__(size * 2)
        NamedInSuper.made += 1

    def weight(self, x):
        return super(NamedInSuper, self).weight(x) * 3


def classes_named_in_super(n):
    NamedInSuper.made = 0
    total = 0
    for i in range(n):
        total += NamedInSuper(i).weight(2)
    return total, NamedInSuper.made


case(classes_named_in_super, (0,), (3,), (200,))


def calls_itself_from_outlined_text(n, deep=False):
    if deep:
        return n
    found = []
    for i in range(n):
        add = lambda x: x + i  # noqa: B023, E731
        found.append([add(1), calls_itself_from_outlined_text(i, deep=True)])
    return found


case(calls_itself_from_outlined_text, (0,), (3,), (80,))
