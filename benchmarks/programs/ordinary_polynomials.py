"""Polynomials with overloaded operators: products, division, common divisors, interpolation, printing."""

from __future__ import annotations

from fractions import Fraction

GROUP = "ordinary"
ARGS = (390, 9)


class Polynomial:
    def __init__(self, coefficients=()):
        coefficients = list(coefficients)
        while coefficients and coefficients[-1] == 0:
            coefficients.pop()
        self.coefficients = tuple(coefficients)

    @property
    def degree(self):
        return len(self.coefficients) - 1

    def __bool__(self):
        return bool(self.coefficients)

    def __len__(self):
        return len(self.coefficients)

    def __getitem__(self, power):
        return self.coefficients[power] if power < len(self.coefficients) else 0

    def __iter__(self):
        return iter(self.coefficients)

    def __eq__(self, other):
        return isinstance(other, Polynomial) and self.coefficients == other.coefficients

    def __hash__(self):
        return hash(self.coefficients)

    def __neg__(self):
        return Polynomial(-c for c in self)

    def __add__(self, other):
        other = as_polynomial(other)
        return Polynomial(self[i] + other[i] for i in range(max(len(self), len(other))))

    __radd__ = __add__

    def __sub__(self, other):
        return self + -as_polynomial(other)

    def __mul__(self, other):
        other = as_polynomial(other)
        product = [0] * (len(self) + len(other))
        for i, one in enumerate(self):
            for j, two in enumerate(other):
                product[i + j] += one * two
        return Polynomial(product)

    __rmul__ = __mul__

    def __pow__(self, exponent):
        result = Polynomial([1])
        base = self
        while exponent:
            if exponent & 1:
                result = result * base
            base = base * base
            exponent >>= 1
        return result

    def __divmod__(self, other):
        if not other:
            raise ZeroDivisionError("division by the zero polynomial")
        rest = list(self)
        quotient = [0] * max(0, len(rest) - len(other) + 1)
        for shift in range(len(quotient) - 1, -1, -1):
            factor = Fraction(rest[shift + other.degree]) / other[other.degree]
            quotient[shift] = factor
            for i, c in enumerate(other):
                rest[shift + i] -= factor * c
        return Polynomial(quotient), Polynomial(rest)

    def __floordiv__(self, other):
        return divmod(self, other)[0]

    def __mod__(self, other):
        return divmod(self, other)[1]

    def __call__(self, x):
        value = 0
        for c in reversed(self.coefficients):
            value = value * x + c
        return value

    def monic(self):
        return Polynomial(Fraction(c) / self[self.degree] for c in self)

    def derivative(self):
        return Polynomial(i * c for i, c in enumerate(self) if i)

    def __str__(self):
        terms = []
        for power in range(self.degree, -1, -1):
            c = self[power]
            if not c:
                continue
            sign = " - " if c < 0 else " + "
            size = "" if abs(c) == 1 and power else str(abs(c))
            name = "" if not power else "x" if power == 1 else f"x^{power}"
            terms.append(sign + size + name)
        text = "".join(terms)
        return ("-" if text.startswith(" -") else "") + text[3:] if text else "0"


X = Polynomial([0, 1])


def as_polynomial(value):
    return value if isinstance(value, Polynomial) else Polynomial([value])


def common_divisor(one, other):
    while other:
        one, other = other, one % other
    return one.monic()


def interpolate(points):
    total = Polynomial()
    for i, (x, y) in enumerate(points):
        term = Polynomial([Fraction(y)])
        for j, (other, _) in enumerate(points):
            if i != j:
                term = term * (X + -other) * Fraction(1, x - other)
        total = total + term
    return total


def run(count, size):
    texts = []
    values = []
    for n in range(1, count):
        roots = [(n * k) % 7 - 3 for k in range(1, size)]
        product = Polynomial([1])
        for root in roots:
            product = product * (X - root)
        single = product // common_divisor(product, product.derivative())
        texts.append(str(single))
        curve = interpolate([(x, product(x) + n) for x in range(size)])
        if curve != product + n:
            raise AssertionError(str(curve))
        power = (X * X + n * X - 1) ** 24
        values.append(power(1) + (power - product)(-1) % 1009)
    try:
        divmod(X, Polynomial())
    except ZeroDivisionError as problem:
        texts.append(str(problem))
    return texts[-4:], sorted(set(texts), key=len)[:3], sum(values) % 10**20
