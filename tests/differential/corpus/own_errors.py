"""Exceptions whose classes set them up: what handlers read of them, and what leaves with them."""

from __future__ import annotations

from ..cases import case


class AppError(Exception):
    pass


class ParseError(AppError):
    """Where it was."""

    def __init__(self, pos, text="bad"):
        super().__init__(f"{text} at {pos}")
        self.pos = pos
        self.text = text
        self.known = True


class Deeper(ParseError):
    def __init__(self, pos, depth):
        self.depth = depth
        self.pos = -1
        super().__init__(pos, "deep")


class Short(AppError):
    def __init__(self, need, have):
        self.need = need
        self.have = have
        super().__init__(need)


class Counted(AppError):
    made = 0

    def __init__(self, pos):
        super().__init__(pos)
        Counted.made += 1
        self.pos = pos


class Described(AppError):
    def __init__(self, pos):
        super().__init__(pos)
        self.pos = pos

    @property
    def twice(self):
        return self.pos * 2


def parse(i):
    if i % 5 == 0:
        raise ParseError(i)
    if i % 7 == 0:
        raise Short(i, i // 2)
    return i


def positions(n):
    total = 0
    for i in range(n):  # native
        try:
            total += parse(i)
        except ParseError as error:
            total -= error.pos
        except Short as error:
            total += error.need - error.have
    return total


def either(n):
    total = 0
    for i in range(n):  # native
        try:
            if i % 3 == 0:
                raise ParseError(i)
            if i % 3 == 1:
                raise ParseError(i * 2, "twice")
            total += 1
        except ParseError as error:
            total += error.pos
    return total


def shown(n):
    out = []
    for i in range(n):
        try:
            if i % 4 == 3:
                raise ParseError(i, "odd")
            if i % 4 == 2:
                raise Deeper(i, 3)
            if i % 4 == 1:
                raise Short(i, 1)
        except (ParseError, Short) as error:
            out.append((str(error), error.args, type(error).__name__, sorted(vars(error).items())))
    return out[:6], len(out)


def deeper(n):
    total = 0
    for i in range(n):
        try:
            if i % 2:
                raise Deeper(i, i + 1)
        except Deeper as error:
            total += error.pos * 3 + error.depth
            if error.known:
                total += len(error.text)
    return total


def counted(n):
    Counted.made = total = 0
    for i in range(n):
        try:
            if i % 3 == 0:
                raise Counted(i)
        except Counted as error:
            total += error.pos + Counted.made
    return total, Counted.made


def described(n):
    total = 0
    for i in range(n):
        try:
            raise Described(i)
        except Described as error:
            total += error.twice
            error.pos = 4
            total += error.pos
    return total


def out_of(n):
    total = 0
    for i in range(n):
        if i == n - 3:
            raise ParseError(total, "left")
        total += i
    return total


def wrong(n):
    failed = []
    for i in range(n):
        try:
            raise Short(i) if i % 20 == 19 else Short(i, 2)
        except TypeError as error:
            failed.append(str(error))
        except Short as error:
            failed.append(error.have)
    return failed[:22], len(failed)


def mixed(n):
    total, texts = 0, []
    for i in range(n):
        try:
            if i % 3 == 0:
                raise ParseError("a" if i % 2 else i)
            total += 10 // (i % 4)
        except ParseError as error:
            texts.append(error.pos)
        except ZeroDivisionError:
            total += 1000
    return total, texts[:4], len(texts)


def learns(n):
    class Local(Exception):
        def __init__(self, pos):
            self.pos = pos

    total = 0
    for i in range(n):
        try:
            raise Local(i)
        except Local as error:
            total += error.pos
        if i == n // 2:
            Local.__init__ = lambda self, pos: setattr(self, "pos", 1)
        if i == n - 9:
            Local.pos = property(lambda self: 7, lambda self, value: None)
    return total


case(positions, (0,), (90,), long=(4000,))
case(either, (0,), (90,), long=(4000,))
case(shown, (3,), (120,))
case(deeper, (3,), (300,))
case(counted, (3,), (300,))
case(described, (3,), (300,))
case(out_of, (5,), (300,))
case(wrong, (30,), (300,))
case(mixed, (30,), (300,))
case(learns, (30,), (300,))
