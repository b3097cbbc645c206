"""Programs that mix draws of random numbers: all methods, several generators at once, errors, exits and new states.

Every program is one function with a loop over some draws, made from a seed, and `SETS` sets of arguments for it.
"""

from __future__ import annotations

import random

SETS = 16
# A source, then a class that overrides nothing, what it sees, what it draws on, or both.
CLASSES = ("random.Random", "random.Random", "random.Random", "Plain", "Counting", "Loaded", "Coarse")
SEQUENCES = ("items", "items", "words", "'abcdefg'", "range(5, 50, 3)", "pairs", "b'bytes'", "queue")
EMPTY = ("[]", "items[:i % 3]", "range(i % 4 - 1)", "''")
FLOATS = ("0.5", "1.0", "2.5", "0.25", "3", "x", "i * 0.25 + 0.125", "abs(x) % 5.0 + 0.5", "w")
EDGES = ("0.0", "-1.5", "0", "i % 3", "1e-8", "words[0]", "True")
HUGE = ("1e300", "-1e300", "math.inf", "math.nan")  # with which methods that draw until one fits never end
NEXT = ("None", "2.5", "2**70", "'w'", "1j", "True", "0", "-1")
ERRORS = ("ValueError", "(ValueError, TypeError)", "ArithmeticError", "(IndexError, ValueError)", "Exception",
          "TypeError", "LookupError", "Lost")
BITS = ("1", "5", "32", "33", "63", "i % 34", "k", "64", "100", "1000")
LOOPS = ("for i in range(n):", "for i in range(n):", "for i, _ in enumerate(range(n)):", "while (i := i + 1) < n:")
NOTES = ("str(error)", "type(error).__name__", "error.args")
OF_TWO = ("gauss", "normalvariate", "lognormvariate", "weibullvariate", "uniform", "uniform")
FITTING = ("betavariate", "gammavariate", "vonmisesvariate")
SEEDS = ("i", "i * 0.5", "str(i)", "-i", "2**70 + i", "b'seed', 1", "'old', 1", "f'{i}'.encode()")

HEAD = '''import collections
import math
import random

from ..cases import case

STREAM = random.random.__self__  # that of the module's functions


class Lost(Exception):
    pass


class Plain(random.Random):
    pass


class Counting(random.Random):
    draws = 0

    def uniform(self, a, b):
        self.draws += 1
        return super().uniform(a, b)

    def choice(self, seq):
        self.draws += len(seq)
        return super().choice(seq)


class Loaded(random.Random):
    def random(self):
        return super().random() * 0.75


class Coarse(random.Random):
    def getrandbits(self, k):
        return super().getrandbits(k) & ~1

    def random(self):
        return super().random()


class Die:
    def __init__(self, rng, sides):
        self.rng, self.sides = rng, sides

    def roll(self):
        return self.rng.randint(1, self.sides)


def spread(rng, x, y=1.0):
    return rng.uniform(-x, y)


def pair(rng):
    return rng.random(), rng.gauss(0.5, 1.5)


def walk(rng, steps):
    for _ in range(steps):
        yield rng.choice((-1, 1))


def alike(rng, *rest):
    return rng, rng, *rest


'''


class Mix:
    """Writes one program.

    Args:
        seed: decides everything.
    """

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lines: list[str] = []
        self.depth = 1
        self.inner = 0
        self.sources = self.rng.sample(("a", "b", "random", "one", "a"), self.rng.randint(1, 4))
        self.risky = self.rng.choice((0.0, 0.02, 0.1))

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def put(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    # ------------------------------------------------------------------------------------------ expressions

    def source(self) -> str:
        return self.rng.choice(self.sources)

    def sequence(self) -> str:
        return self.rng.choice(EMPTY if self.chance(self.risky) else SEQUENCES)

    def number(self, *further: str) -> str:
        return self.rng.choice((*EDGES, *further) if self.chance(self.risky) else FLOATS)

    def count(self, *further: str) -> str:
        if self.chance(self.risky):
            return self.rng.choice(("-1", "29", "i - 3", "2.5", *further))
        return self.rng.choice(("0", "1", "2", "3", "i % 4", "k"))

    def floating(self) -> str:
        rng, g = self.rng, self.source()
        match rng.randrange(16):
            case 0 | 1:
                return f"{g}.random()"
            case 2:
                return f"{g}.expovariate({self.number(*HUGE)})"
            case 3:
                return f"{g}.paretovariate({self.number(*HUGE)})"
            case 4:
                return f"{g}.triangular({', '.join(self.number(*HUGE) for _ in range(rng.randrange(4)))})"
            case 5:
                return f"spread({g}, {self.number()})"
            case 6:
                return f"sum({g}.random() for _ in range({self.count()}))"
            case 7:
                return rng.choice(("draw()", "bell(0.0, 1.0)", "bell(x, 0.5)", f"{g}.gauss(sigma=2.0, mu=1.0)"))
            case 8 | 9 | 10:
                return f"{g}.{rng.choice(FITTING)}({self.number()}, {self.number()})"
            case _:
                return f"{g}.{rng.choice(OF_TWO)}({self.number(*HUGE)}, {self.number(*HUGE)})"

    def integer(self) -> str:
        rng, g = self.rng, self.source()
        low, high = (rng.randint(0, 9), rng.choice(("9", "9", "40", "i + 9", "10**6", "2**40", "2**63", "2**70")))
        if self.chance(self.risky):
            high = rng.choice(("i % 7", "-3", "2.0", "None", "w"))
        match rng.randrange(12):
            case 0 | 1:
                return f"{g}.randint({low}, {high})"
            case 2:
                return f"{g}.randrange({high})"
            case 3:
                return f"{g}.randrange({low}, {high})"
            case 4:
                return f"{g}.randrange({low}, {high}, {rng.choice(('1', '3', '7', 'i % 4 + 1', 'k + 1'))})"
            case 5:
                return f"{g}.randrange({high}, {-low}, {rng.choice(('-1', '-3', '-7'))})"
            case 6 | 7:
                return f"{g}.getrandbits({rng.choice(BITS)})"
            case 8:
                return f"{g}.getrandbits({self.count('2**63', 'w')})"
            case 9:
                return f"die.roll() + sum(walk({g}, {self.count()}))"
            case 10 if hasattr(random.Random, "binomialvariate"):
                return f"{g}.binomialvariate({rng.choice(('5', '30', 'i', 'k'))}, {rng.choice(('0.5', '0.1', '0.9'))})"
            case _:
                return f"{g}.choice((3, 5, {low}, i))"

    def anything(self) -> str:
        rng, g = self.rng, self.source()
        match rng.randrange(14):
            case 0 | 1:
                return f"{g}.choice({self.sequence()})"
            case 2:
                return f"{g}.choices({self.sequence()}, k={self.count()})"
            case 3:
                weights = rng.choice(("[1, 2, 3]", "(0.5, 1.0, 2)", "(i + 1, 2, k)", "weights"))
                if self.chance(self.risky):
                    weights = rng.choice(("[0, 0, 0]", "[1, 2]", "[-1, 0.5, i]", "w"))
                return f"{g}.choices('xyz', {weights}, k={self.count()})"
            case 4:
                return f"{g}.choices(pairs, cum_weights=[1, 3, {rng.choice(('4.5', '7', 'i + 4'))}])"
            case 5 | 6:
                return f"{g}.sample({self.sequence()}, {self.count('2**63', 'w')})"
            case 7:
                return f"{g}.sample(words, counts=(2, 1, 3, 1), k={self.count()})"
            case 8:
                return f"{g}.randbytes({self.count()})"
            case 9:
                return f"pair({g})"
            case 10:
                made = rng.choice(("randrange(9)", "random()", "choice(items)"))
                return f"[{g}.{made} for _ in range({self.count()})]"
            case 11:
                return f"f'{{{self.floating()}:.6f}} {{{self.integer()}}}'"
            case 12:
                return "pick(items)"
            case _:
                return f"({self.floating()}, {self.integer()})"

    def condition(self) -> str:
        rng = self.rng
        return rng.choice((
            f"{self.source()}.random() < {rng.choice(('0.5', '0.1', '0.9'))}",
            f"i % {rng.randint(2, 9)} == {rng.randint(0, 1)}",
            f"{self.source()}.getrandbits(1)",
            "x > 0.5",
        ))

    # ------------------------------------------------------------------------------------------ statements

    def statement(self) -> None:
        rng = self.rng
        simple = self.depth > 4 or len(self.lines) > 30 or self.chance(0.75)
        if not simple:
            rng.choice((self.guarded, self.guarded, self.branch, self.nest))()
            return
        match rng.randrange(18):
            case 0 | 1 | 2:
                self.put(f"x = {self.floating()}")
                self.put("if not -1e6 < x < 1e6: x = 0.5")
            case 3 | 4:
                self.put(f"total += {self.floating()}")
            case 5 | 6:
                self.put(f"k = ({self.integer()}) % 40")
            case 7:
                self.put(f"{self.source()}.shuffle({rng.choice(('items', 'items', 'pairs', 'queue'))})")
            case 8:
                self.put(f"one = {rng.choice(('a', 'b'))} if {self.condition()} else {rng.choice(('a', 'b'))}")
            case 9:
                self.put(f"if i % {rng.randint(5, 19)} == 4: {self.renewal()}")
            case 10:
                self.put(f"if i == at: {self.change()}")
            case 11:
                self.put(f"if i == at + {rng.randint(1, 4)}: {rng.choice(('w = 0.75', 'w = 1.5', 'w = 3'))}")
            case 12 if self.chance(0.5):
                self.put(f"if {self.source()}.random() < 0.02: {self.leaving()}")
            case _:
                self.put(f"found.append({self.anything()})")

    def renewal(self) -> str:
        rng, g = self.rng, self.source()
        return rng.choice((
            f"{g}.seed({rng.choice(SEEDS)})",
            f"state = {g}.getstate()",
            f"{g}.setstate(state)",
            f"{g}.setstate({self.source()}.getstate())",
            "random.seed(k)",
            "random.setstate(state)",
            "a, b = b, a",
            f"die = Die({rng.choice(('a', 'b'))}, {rng.randint(1, 9)})",
            f"a = {rng.choice(CLASSES)}(i)",
        ))

    def change(self) -> str:
        rng = self.rng
        return rng.choice((
            f"w = {rng.choice(NEXT)}",
            f"w = {rng.choice(NEXT)}",
            f"x = {rng.choice(('2', '0', '1.5'))}",
            "a.gauss_next = 0.5",
            "b.random = a.random",
            "a.uniform = b.uniform",
            "items.clear()",
            "items[:] = [2.5, None]",
            "raise Lost(i)",
        ))

    def leaving(self) -> str:
        last = "break" if self.inner == 0 or self.chance(0.5) else "continue"
        return self.rng.choice((last, last, "return found, x, i", f"raise {self.error()}"))

    def error(self) -> str:
        kind = self.rng.choice(("ValueError", "Lost", "IndexError"))
        return f"{kind}({self.rng.choice(('i', 'k', repr('gone'), self.integer()))})"

    def block(self, most: int) -> None:
        self.depth += 1
        for _ in range(self.rng.randint(1, most)):
            self.statement()
        self.depth -= 1

    def branch(self) -> None:
        self.put(f"if {self.condition()}:")
        self.block(2)
        if self.chance(0.6):
            self.put("else:")
            self.block(2)

    def guarded(self) -> None:
        kept, self.risky = self.risky, max(self.risky, 0.15)
        self.put("try:")
        self.block(2)
        if self.chance(0.4):
            self.depth += 1
            self.put(f"if {self.condition()}: raise {self.error()}")
            self.depth -= 1
        self.risky = kept
        self.put(f"except {self.rng.choice(ERRORS)} as error:")
        self.depth += 1
        self.put(f"found.append({self.rng.choice((*NOTES, self.floating()))})")
        self.depth -= 1
        if self.chance(0.2):
            self.put("finally:")
            self.block(1)

    def nest(self) -> None:
        self.inner += 1
        self.put(f"for j{self.depth} in range({self.rng.choice(('2', '3', 'i % 3', 'k % 5'))}):")
        self.block(2)
        self.inner -= 1

    # ------------------------------------------------------------------------------------------ the program

    def arguments(self, classes: tuple[str, str]) -> str:
        rng = self.rng
        if self.chance(0.06):
            classes = rng.choice(CLASSES), rng.choice(CLASSES)
        n = rng.choice((0, 1, 5, 12, 25, 25, 40, 40, 60))
        at, stop = (rng.choice((rng.randrange(60), 99)) for _ in range(2))
        first, second = (f"{name}({rng.randrange(10**6)})" for name in classes)
        if self.chance(0.1):
            return f"lambda: alike({first}, {n}, {at}, {stop})"
        return f"lambda: ({first}, {second}, {n}, {at}, {stop})"

    def program(self) -> str:
        rng = self.rng
        self.put("random.seed(at)")
        self.put("found, items, pairs = [], list(range(7)), [(1, 0.5), (2, 1.5), (3, 'c')]")
        self.put("words, weights, queue = ('ab', 'c', 'def', ''), [1, 0, 2], collections.deque(range(5))")
        self.put(f"x, w, total, k, one, die = 0.5, {rng.choice(('1.5', '0.5', '2', '1'))}, 0.0, 3, a, Die(b, 6)")
        self.put("draw, bell, pick, state = a.random, random.gauss, b.choice, random.getstate()")
        self.put("i = -1")
        self.put(rng.choice(LOOPS))
        self.depth += 1
        for _ in range(rng.randint(3, 8)):
            self.statement()
        self.put(f"if i == stop: {rng.choice(('break', 'return found, total', 'raise Lost(x)', 'w = None'))}")
        self.depth -= 1
        self.put("return found, items, pairs, queue, x, w, total, k, state[1][-1], a is b")
        classes = rng.choice(CLASSES), rng.choice(CLASSES)
        tail = ["", "", "case(", "    f,", *(f"    {self.arguments(classes)}," for _ in range(SETS)), ")", ""]
        return HEAD + "\n".join(["def f(a, b, n, at, stop):", *self.lines, *tail])


def generate(seed: int) -> str:
    """The program of a seed."""
    return Mix(seed).program()
