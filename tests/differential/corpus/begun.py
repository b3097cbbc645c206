"""Loops over objects whose `__iter__` is a function of the program's: what it answers, and that it is called once."""

from __future__ import annotations

from ..cases import case


class Bag:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)


class Shared:
    def __init__(self, items):
        self.it = iter(items)
        self.begun = 0

    def __iter__(self):
        self.begun += 1
        return self.it


class Parts(Bag):
    def __init__(self, items, how):
        super().__init__(items)
        self.how = how

    def __iter__(self):
        if self.how == "reversed":
            return reversed(self.items)
        if self.how == "numbered":
            return enumerate(self.items, 3)
        if self.how == "zipped":
            return zip(self.items, self.items[1:])
        if self.how == "mapped":
            return map(str, self.items)
        if self.how == "generator":
            return (item * 2 for item in self.items)
        if self.how == "keys":
            return iter(dict.fromkeys(self.items))
        if self.how == "range":
            return iter(range(len(self.items)))
        return 3 if self.how == "none" else super().__iter__()


class Count:
    def __init__(self, n, log):
        self.n, self.i, self.log = n, 0, log

    def __iter__(self):
        self.log.append("iter")
        return self

    def __next__(self):
        self.log.append(self.i)
        if self.i >= self.n:
            raise StopIteration
        self.i += 1
        return self.i


class Beginning:
    """Each loop over it begins anew."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        self.i, self.a, self.b = 0, 0, 1
        return self

    def __next__(self):
        if self.i == self.n:
            raise StopIteration
        self.i += 1
        self.a, self.b = self.b, self.a + self.b
        return self.a


class Failing:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        if self.n % 3 == 0:
            raise ValueError(f"{self.n} is refused")
        return iter(range(self.n))


def total(items):
    out = 0
    for item in items:  # native
        out += item
    return out


def texts(items):
    out = []
    for item in items:
        out.append(str(item))
    return out[:5], out[-5:], len(out)


def nested(n):
    bag, out = Bag(list(range(5))), 0
    for i in range(n):
        for item in bag:
            out += item * i
        for pair in Parts([1, 2, 3], "zipped"):
            out += pair[0] * pair[1]
    return out


def left(n):
    bag, shared, out = Bag(list(range(n))), Shared(range(n)), []
    for item in bag:
        if item == n - 2:
            break
    out.append(item)
    for item in shared:
        if item == n - 3:
            break
    out += [item, next(shared.it), shared.begun]
    for item in shared:
        out.append(item)
    return out, next(shared.it, "ended"), shared.begun


def grows(n):
    items, out = [1, 2, 3], 0
    for item in Bag(items):
        if len(items) < n:
            items.append(item + 1)
        out += item
    return out


def own(n):
    log, out = [], 0
    for _ in range(3):
        count = Count(n, log)
        for item in count:
            out += item
        log.append("behind")
    return out, log[:4], log[-4:], len(log)


def anew(n):
    out, again = 0, Beginning(5)
    for i in range(n):
        for item in again:
            out += item * i
        for item in Beginning(i % 4):
            out += item
        out += sum(again) + max(again)
    return out


def failing(n):
    out, failed = 0, []
    for i in range(n):
        try:
            for item in Failing(i):
                out += item
        except ValueError as error:
            failed.append(str(error))
    for item in Failing(n - n % 3):
        out += item
    return out, failed


case(total, lambda: (Bag([]),), lambda: (Bag([1, 2]),), lambda: (Bag(list(range(90))),), lambda: (Shared(range(90)),),
     long=lambda: (Bag(list(range(5000))),))
case(texts, *[lambda how=how: (Parts(list(range(99)), how),) for how in (
    "reversed", "numbered", "zipped", "mapped", "generator", "keys", "range", "none", "list")], apart=True)
case(nested, (0,), (90,))
case(left, (9,), (200,))
case(grows, (2,), (300,))
case(own, (0,), (3,), (200,))
case(failing, (5,), (90,))
case(anew, (0,), (5,), (90,))
