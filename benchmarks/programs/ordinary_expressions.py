"""Formulas read by a recursive descent parser into a tree, simplified, differentiated, printed and evaluated."""

from __future__ import annotations

import re

GROUP = "ordinary"
ARGS = (18_000,)

TOKEN = re.compile(r"\s*(?:(\d+)|([a-z]+)|(.))")


class Node:
    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)


class Number(Node):
    def __init__(self, value):
        self.value = value

    def __str__(self):
        return str(self.value)

    def evaluate(self, values):
        return self.value

    def derive(self, name):
        return Number(0)

    def simplify(self):
        return self


class Name(Node):
    def __init__(self, name):
        self.name = name

    def __str__(self):
        return self.name

    def evaluate(self, values):
        return values[self.name]

    def derive(self, name):
        return Number(int(name == self.name))

    def simplify(self):
        return self


class Binary(Node):
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def __str__(self):
        return f"({self.left} {self.sign} {self.right})"

    def simplify(self):
        node = type(self)(self.left.simplify(), self.right.simplify())
        if isinstance(node.left, Number) and isinstance(node.right, Number):
            return Number(node.evaluate({}))
        return node.reduce()

    def reduce(self):
        return self


class Sum(Binary):
    sign = "+"

    def evaluate(self, values):
        return self.left.evaluate(values) + self.right.evaluate(values)

    def derive(self, name):
        return Sum(self.left.derive(name), self.right.derive(name))

    def reduce(self):
        if self.left == Number(0):
            return self.right
        if self.right == Number(0):
            return self.left
        return self


class Difference(Binary):
    sign = "-"

    def evaluate(self, values):
        return self.left.evaluate(values) - self.right.evaluate(values)

    def derive(self, name):
        return Difference(self.left.derive(name), self.right.derive(name))

    def reduce(self):
        return Number(0) if self.left == self.right else self


class Product(Binary):
    sign = "*"

    def evaluate(self, values):
        return self.left.evaluate(values) * self.right.evaluate(values)

    def derive(self, name):
        return Sum(Product(self.left.derive(name), self.right), Product(self.left, self.right.derive(name)))

    def reduce(self):
        for one, other in ((self.left, self.right), (self.right, self.left)):
            if one == Number(0):
                return one
            if one == Number(1):
                return other
        return self


class Parser:
    def __init__(self, text):
        self.words = [match[match.lastindex] for match in TOKEN.finditer(text)]
        self.place = 0

    def peek(self):
        return self.words[self.place] if self.place < len(self.words) else None

    def take(self):
        word = self.peek()
        self.place += 1
        return word

    def expect(self, word):
        found = self.take()
        if found != word:
            raise SyntaxError(f"expected {word}, found {found}")

    def whole(self):
        tree = self.sum()
        if self.peek() is not None:
            raise SyntaxError(f"not expected: {self.peek()}")
        return tree

    def sum(self):
        tree = self.product()
        while self.peek() in ("+", "-"):
            kind = Sum if self.take() == "+" else Difference
            tree = kind(tree, self.product())
        return tree

    def product(self):
        tree = self.factor()
        while self.peek() == "*":
            self.take()
            tree = Product(tree, self.factor())
        return tree

    def factor(self):
        word = self.take()
        if word == "(":
            tree = self.sum()
            self.expect(")")
            return tree
        if word == "-":
            return Difference(Number(0), self.factor())
        if word is None or not word.isalnum():
            raise SyntaxError(f"unexpected {word}")
        return Number(int(word)) if word.isdigit() else Name(word)


def formula(i):
    return (
        f"(x + {i}) * (x - {i % 7}) * (y * y + 0 * x)",
        f"-x * x * x + {i} * (3 - 3) + 1 * (y + {i % 5} * x) - (x - x)",
        f"((x * {i} + y) * (x * 2 + 1) - 4 * (x + y) * (x + y)) * (y - {i})",
        f"(x + {i} * ",
        f"x y + {i}",
    )[i % 5]


def run(count):
    problems = {}
    total = 0
    longest = ""
    for i in range(count):
        try:
            tree = Parser(formula(i)).whole()
        except SyntaxError as problem:
            problems[problem.msg] = problems.get(problem.msg, 0) + 1
            continue
        slope = tree.derive("x").simplify()
        second = slope.derive("x").simplify()
        again = Parser(str(slope)).whole().simplify() if "-" not in str(slope) else slope
        for x in range(-2, 3):
            values = {"x": x, "y": i % 11}
            if again.evaluate(values) != slope.evaluate(values):
                raise AssertionError(str(slope))
            total += slope.evaluate(values) - second.evaluate(values)
        longest = max(longest, str(second), key=len)
    return total, longest, sorted(problems.items())
