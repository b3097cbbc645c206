"""Operators that decline, and those of the second operand, which are asked where the first one knows nothing."""

from __future__ import annotations

from ..cases import case


class Money:
    def __init__(self, cents):
        self.cents = cents

    def __add__(self, other):
        if isinstance(other, int):
            return Money(self.cents + other)
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.cents + other.cents)

    __radd__ = __add__

    def __sub__(self, other):
        return Money(self.cents - other.cents) if isinstance(other, Money) else NotImplemented

    def __rsub__(self, other):
        return Money(other - self.cents)

    def __mul__(self, other):
        return Money(self.cents * other)

    __rmul__ = __mul__

    def __pow__(self, other):
        return NotImplemented

    def __eq__(self, other):
        if not isinstance(other, Money):
            return NotImplemented
        return self.cents == other.cents

    def __lt__(self, other):
        if isinstance(other, Money):
            return self.cents < other.cents
        return NotImplemented if isinstance(other, str) else self.cents < other

    __hash__ = None


class Tax:
    """Only knows what it is on the right of."""

    def __init__(self, rate):
        self.rate = rate

    def __radd__(self, other):
        if isinstance(other, str):
            return NotImplemented
        return other.cents * self.rate if isinstance(other, Money) else other + self.rate

    def __rsub__(self, other):
        return self.rate

    def __rpow__(self, other):
        return 7

    def __rmatmul__(self, other):
        return "matmul"

    def __gt__(self, other):
        return self.rate > getattr(other, "cents", 0)


class Low:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return self.value < other.value

    def __eq__(self, other):
        return self.value == other.value if isinstance(other, Low) else super().__eq__(other)


class Odd:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return [] if self.value == other else [self.value]


class Bad(Money):
    def __eq__(self, other):
        raise KeyError(f"{self.cents} and {other.cents}")


def sums(n):
    total, half = Money(0), 0.5
    for i in range(n):  # native
        total = total + Money(i) + 3
        total = 5 + total
        total = 2 * total - Money(i)
        total = Money(total.cents % 1009)
        half = (1000 - total).cents
    return total.cents, half


def grows(n):
    total = Money(1)
    for i in range(n):  # native
        total += Money(i)
        total += i
    return total.cents


def of_seconds(n):
    tax, out = Tax(3), 0
    for i in range(n):  # native
        out += (i + tax) - (i - tax)
        out += Money(i) + tax
        out %= 100003
    return out


def compared(n):
    out, one, low = 0, Money(n // 2), Low(n // 2)
    for i in range(n):  # native
        if Money(i) != one:
            out += 1
        if i > one:
            out += 2
        if Low(i) > low:
            out += 4
        if not low != Low(i):
            out += 8
    return out


def declined(n):
    out, tax, failed = 0, Tax(2), []
    for i in range(n):
        try:
            out += Money(i) + tax
            out += Money(i) ** tax
            if i % 10 == 7:
                out += Money(i) - tax
            if i % 50 == 49:
                Money(i) + "text"
        except TypeError as error:
            failed.append(str(error))
    return out, failed[-2:], len(failed)


def failing(n, how):
    one, failed = Money(1), []
    wrong = ["text", None, 1.5, [1], Low(3), object(), Money(2), Tax(1), 3]
    for i in range(n):
        other = wrong[i % 9] if i > n // 2 else wrong[6]
        try:
            if how == 0:
                failed.append((one - other).cents)
            elif how == 1:
                one += other
                failed.append(type(one).__name__)
                one = Money(1)
            elif how == 2:
                failed.append(one ** other)
            elif how == 3:
                failed.append(one < other)
            elif how == 4:
                failed.append(one == other)
            elif how == 5:
                failed.append(one != other)
            elif how == 6:
                failed.append(other @ one)
            else:
                failed.append(type(other + one).__name__)
        except TypeError as error:
            failed.append(str(error))
    return failed[:3], failed[-18:]


def unlike(n):
    out = []
    for i in range(n):
        out.append(Odd(i % 3) != 1)
    return out[:4], sum(out)


def identical(n):
    one, two, out = Low(1), Low(1), 0
    for i in range(n):
        out += (one == two) + (one != i) * 2 + (one == one) * 4 + (two == "x") * 8
    return out


def raises(n):
    out = 0
    for i in range(n):
        one = Bad(i) if i == n - 2 else Money(i)
        if one != Money(i):
            out += 1
    return out


def handled(n):
    out = 0
    for i in range(n):
        one = Bad(i) if i % 9 == 8 else Money(i)
        try:
            if one != Money(3):
                out += 1
        except KeyError as error:
            out += len(str(error))
    return out


def learns(n):
    class Local:
        pass

    tax, local, out = Tax(1), Local(), []
    for i in range(n):
        out.append(local - tax)
        if i == n // 2:
            Local.__sub__ = lambda self, other: "own"
    for i in range(n):
        out.append(local > Low(1) if i > n // 2 else tax > tax)
        if i == n // 2:
            Local.__gt__ = lambda self, other: "greater"
    return out.count("own"), out.count(1), out.count("greater"), len(out)


case(sums, (0,), (60,), long=(4000,))
case(grows, (0,), (60,), long=(4000,))
case(of_seconds, (0,), (60,), long=(4000,))
case(compared, (0,), (60,), long=(4000,))
case(declined, (3,), (120,), (400,))
case(failing, *[(200, how) for how in range(8)], apart=True)
case(unlike, (80,), (300,))
case(identical, (80,), (300,))
case(raises, (2,), (200,))
case(handled, (80,), (300,))
case(learns, (80,), (300,))
