"""Random programs: whole functions with nested loops over ints, floats, lists and arrays, made from a seed.

Every program ends after a few thousand loop iterations: trip counts shrink with depth, lists grow only below a
bound, while loops carry a counter of their own, and ints that grow are brought back before they fill the memory.
"""

from __future__ import annotations

import random
from collections.abc import Callable

EDGES = (
    "2**31 - 1",
    "2**31",
    "2**53",
    "2**53 + 1",
    "2**62",
    "2**63 - 1",
    "-2**63",
    "2**63",
    "-2**31",
    "255",
    "256",
    "-1",
    "0",
)
FLOAT_EDGES = (
    'float("nan")',
    'float("inf")',
    'float("-inf")',
    "-0.0",
    "1e308",
    "5e-324",
    "2.0**53",
    "2.0**63",
    "1e16",
    "-1e-310",
)
INT64_EDGES = ("-2**63", "2**63 - 1", "2**62", "2**32", "-1", "0", "1", "3")
DTYPES = ("float64", "float32", "int64", "int32", "uint8", "int16", "uint64", "bool")

INTS = ("i0", "i1", "i2")
FLOATS = ("x0", "x1", "x2")
ERRORS = (
    ("ZeroDivisionError", "IndexError", "ValueError", "ArithmeticError", "(ZeroDivisionError, IndexError)", "KeyError"),
    ("Exception", "LookupError", "(ValueError, TypeError)", "OverflowError"),
)
COMPLEXES = ("z0", "z1")
CHANGES = ("p.extra = i0", "del q.x", "Point.level = 3", "p.step = helper_box")
TEXTS = ("'the quick brown fox 42'", "'ab'", "'z\\xe9xus \\u0119 1'", "'AbC' * 9")


class Generator:
    """Writes one program; each `expr` method returns source text, each `stmt` method appends lines.

    Args:
        seed: decides everything.
    """

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lines: list[str] = []
        self.depth = 0
        self.loops: list[str] = []
        self.loop_kinds: list[str] = []
        self.fresh = 0
        self.budget = 0
        self.in_while: list[bool] = []
        self.dtype = self.rng.choice(DTYPES)
        self.matrix_dtype = self.rng.choice(DTYPES[:-1])
        self.messy = self.rng.random() < 0.08  # statements without a native form in every iteration
        self.risky = self.rng.random() < 0.3  # operations that may raise
        self.helpers = self.rng.sample(("h0", "h1", "h2", "h3"), self.rng.randint(0, 3))
        self.nested = self.rng.random() < 0.12
        self.edgy = self.rng.random() < 0.35
        self.complexes = self.rng.random() < 0.3
        self.worldly = self.rng.random() < 0.5  # objects, texts, dicts, random numbers
        self.closures = self.rng.random() < 0.3  # functions that are made at each call

    # ------------------------------------------------------------------------------------------ small tools

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, *weighted: tuple[float, Callable[[], str]]) -> str:
        return self.rng.choices([one for _, one in weighted], [weight for weight, _ in weighted])[0]()

    def put(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def name(self, prefix: str) -> str:
        self.fresh += 1
        return f"{prefix}{self.fresh}"

    # ------------------------------------------------------------------------------------------ expressions

    def int_leaf(self) -> str:
        return self.pick(
            (5, lambda: self.rng.choice(INTS)),
            (5 if self.loops else 0, lambda: self.rng.choice(self.loops or ["n"])),
            (3, lambda: str(self.rng.randint(-5, 12))),
            (1, lambda: "n"),
            (0.4, lambda: f"({self.rng.choice(EDGES)})"),
            (0.7, lambda: "G0"),
            (0.6, lambda: f"len({self.rng.choice(('xs', 'ys', 'grid', 'a'))})"),
            (2.5, lambda: f"xs[{self.index('xs')}]"),
            (0.8, lambda: f"grid[{self.index('grid')}][{self.index3()}]"),
            (0.6 if self.dtype != "bool" and "int" in self.dtype else 0, lambda: f"int(a[{self.index('a')}])"),
            (0.2, lambda: f"int({self.boolean(1)})"),
        )

    def integer(self, level: int = 2) -> str:
        """An int whose size is bounded by its operands' (no products)."""
        if level == 0 or self.chance(0.25):
            return self.int_leaf()
        sub = self.integer
        return self.pick(
            (4, lambda: f"({sub(level - 1)} + {sub(level - 1)})"),
            (3, lambda: f"({sub(level - 1)} - {sub(level - 1)})"),
            (3, lambda: f"({sub(level - 1)} * {sub(level - 1)} % {self.rng.choice((7, 1009, 65537, 2**31 - 1, -13))})"),
            (1, lambda: f"({sub(level - 1)} & {self.rng.choice((7, 255, 65535, 2**40 - 1))})"),
            (1, lambda: f"({sub(level - 1)} {self.rng.choice('|^')} {sub(level - 1)})"),
            (1, lambda: f"({sub(level - 1)} {self.rng.choice(('//', '%'))} {self.divisor()})"),
            (0.6, lambda: f"({sub(level - 1)} >> {self.rng.randint(0, 9)})"),
            (0.4, lambda: f"(({sub(level - 1)} & 1023) << ({sub(0)} & 15))"),
            (0.5, lambda: f"abs({sub(level - 1)})"),
            (0.8, lambda: f"{self.rng.choice(('min', 'max'))}({sub(level - 1)}, {sub(level - 1)})"),
            (0.4, lambda: f"(-{sub(level - 1)})"),
            (0.3, lambda: f"(~{sub(level - 1)})"),
            (0.8, lambda: f"({sub(level - 1)} if {self.boolean(1)} else {sub(level - 1)})"),
            (0.3, lambda: f"({sub(level - 1)} {self.rng.choice(('and', 'or'))} {sub(level - 1)})"),
            (1.2 if self.helpers else 0, lambda: self.call(level)),
            (0.2, lambda: f"(({sub(level - 1)} & 15) ** {self.rng.randint(0, 3)})"),
            (0.2, lambda: f"sum([{sub(0)} for c in range({self.rng.randint(0, 4)})]) "),
            (0.15, lambda: f"sum(c * {self.rng.randint(1, 3)} for c in range({self.rng.randint(0, 4)}))"),
            (0.2, lambda: f"divmod({sub(level - 1)}, {self.divisor()})[{self.rng.randint(0, 1)}]"),
        )

    def divisor(self) -> str:
        if self.risky and self.chance(0.2):
            return self.int_leaf()
        return self.rng.choice(("3", "7", "-5", "10", "1009", f"(abs({self.int_leaf()}) + 1)", "(2**31)"))

    def float_leaf(self) -> str:
        return self.pick(
            (6, lambda: self.rng.choice(FLOATS)),
            (3, lambda: self.rng.choice(("0.5", "1.5", "-2.25", "0.1", "3.0", "1e-3"))),
            (0.3, lambda: self.rng.choice(FLOAT_EDGES)),
            (2.5, lambda: f"ys[{self.index('ys')}]"),
            (1.5, lambda: self.int_leaf()),
            (0.5, lambda: "G1"),
            (1.2 if self.dtype != "bool" else 0, lambda: f"a[{self.index('a')}]"),
            (1, lambda: f"m[{self.cell()}]"),
        )

    def floating(self, level: int = 2) -> str:
        if level == 0 or self.chance(0.25):
            return self.float_leaf()
        sub = self.floating
        return self.pick(
            (4, lambda: f"({sub(level - 1)} + {sub(level - 1)})"),
            (3, lambda: f"({sub(level - 1)} - {sub(level - 1)})"),
            (3, lambda: f"({sub(level - 1)} * {sub(level - 1)})"),
            (1, lambda: f"({sub(level - 1)} / {self.rng.choice(('2', '3.0', '-7.5', '0.1'))})"),
            (
                0.4,
                lambda: (
                    f"({sub(level - 1)} {self.rng.choice(('//', '%'))} {self.rng.choice(('2', '3.0', '-7.5', '0.1'))})"
                ),
            ),
            (0.4 if self.risky else 0, lambda: f"({sub(level - 1)} / {sub(0)})"),
            (0.5, lambda: f"abs({sub(level - 1)})"),
            (0.5, lambda: f"(-{sub(level - 1)})"),
            (0.5, lambda: f"math.sqrt(abs({sub(level - 1)}))"),
            (0.2 if self.risky else 0, lambda: f"math.sqrt({sub(level - 1)})"),
            (0.4, lambda: f"math.{self.rng.choice(('atan', 'tanh', 'fabs'))}({sub(level - 1)})"),
            (0.2, lambda: f"math.copysign({sub(0)}, {sub(0)})"),
            (0.8, lambda: f"{self.rng.choice(('min', 'max'))}({sub(level - 1)}, {sub(level - 1)})"),
            (0.8, lambda: f"({sub(level - 1)} if {self.boolean(1)} else {sub(level - 1)})"),
            (0.5, lambda: f"float({self.integer(level - 1)})"),
            (0.3, lambda: f"({sub(0)} {self.rng.choice(('and', 'or'))} {sub(0)})"),
            (0.7 if self.helpers else 0, lambda: self.call(level, floats=True)),
        )

    def complex_leaf(self) -> str:
        return self.pick(
            (5, lambda: self.rng.choice(COMPLEXES)),
            (2, lambda: f"zs[{self.integer(0)} % len(zs)]"),
            (2, lambda: self.rng.choice(("1j", "(2-0.5j)", "0j", "-0.0j", "1e200j"))),
            (1.5, lambda: f"complex({self.floating(0)}, {self.floating(0)})"),
            (1, lambda: self.floating(0)),
            (0.7, lambda: self.int_leaf()),
        )

    def complex_(self, level: int = 2) -> str:
        if level == 0 or self.chance(0.25):
            return self.complex_leaf()
        sub = self.complex_
        return self.pick(
            (4, lambda: f"({sub(level - 1)} + {sub(level - 1)})"),
            (3, lambda: f"({sub(level - 1)} - {sub(level - 1)})"),
            (4, lambda: f"({sub(level - 1)} * {sub(level - 1)})"),
            (1, lambda: f"({sub(level - 1)} / {self.rng.choice(('2', '(1-3j)', '0.5j', '-7.5'))})"),
            (0.4 if self.risky else 0, lambda: f"({sub(level - 1)} / {sub(0)})"),
            (
                0.3 if self.risky else 0,
                lambda: f"({sub(level - 1)} ** {self.rng.choice(('2', '3', '-1', '0.5', '1j'))})",
            ),
            (0.6, lambda: f"(-{sub(level - 1)})"),
            (0.6, lambda: f"{sub(0)}.conjugate()"),
            (0.4, lambda: f"complex({sub(level - 1)})"),
            (0.3 if self.risky else 0, lambda: f"cmath.{self.rng.choice(('exp', 'sqrt', 'sin', 'log'))}({sub(0)})"),
            (0.6, lambda: f"({sub(level - 1)} if {self.boolean(1)} else {sub(level - 1)})"),
        )

    def boolean(self, level: int = 2) -> str:
        compare = self.rng.choice(("<", "<=", ">", ">=", "==", "!="))
        return self.pick(
            (4, lambda: f"{self.integer(1)} {compare} {self.integer(1)}"),
            (2, lambda: f"{self.floating(1)} {compare} {self.floating(1)}"),
            (2, lambda: f"{self.integer(1)} % {self.rng.choice((2, 3, 5, 7))} == {self.rng.choice((0, 1))}"),
            (0.5, lambda: f"{self.integer(0)} {compare} {self.integer(0)} < {self.integer(0)}"),
            (1, lambda: "b0"),
            (0.5, lambda: "flag"),
            (
                0.7 if level > 0 else 0,
                lambda: f"({self.boolean(level - 1)} {self.rng.choice(('and', 'or'))} {self.boolean(level - 1)})",
            ),
            (0.5 if level > 0 else 0, lambda: f"not ({self.boolean(level - 1)})"),
            (0.3, lambda: f"opt is {self.rng.choice(('', 'not '))}None"),
            (0.8 if self.dtype == "bool" else 0.2, lambda: f"a[{self.index('a')}]"),
            (0.2, lambda: self.rng.choice(("xs", "ys"))),
        )

    def rare(self) -> str:
        """A condition that seldom holds."""
        steady = self.rng.choice(self.loops or ["n"])
        return self.rng.choice(
            (
                f"{steady} == {self.rng.randint(3, 60)}",
                f"{steady} % {self.rng.choice((19, 37, 53))} == {self.rng.randint(0, 18)}",
                f"ticks % {self.rng.choice((29, 61, 97, 211))} == {self.rng.randint(0, 28)}",
                f"ticks > {self.rng.choice((50, 150, 400))}",
                f"{self.rng.choice(INTS)} % 101 == {self.rng.randint(0, 100)}",
            )
        )

    def index(self, of: str) -> str:
        base = self.rng.choice([*INTS, *self.loops, *self.loops, "n"])
        if self.risky and self.chance(0.06):
            return base if self.chance(0.5) else f"-{base}"
        return self.rng.choice((f"{base} % len({of})", f"{base} % len({of})", f"-1 - {base} % len({of})", "0", "-1"))

    def index3(self) -> str:
        base = self.rng.choice([*INTS, *self.loops])
        return self.rng.choice((f"{base} % 3", "0", "1", "2", "-1"))

    def cell(self) -> str:
        one, two = (self.rng.choice([*INTS, *self.loops]) for _ in range(2))
        return f"{one} % m.shape[0], {two} % m.shape[1]"

    def call(self, level: int, floats: bool = False) -> str:
        make = self.floating if floats else self.integer
        return f"{self.rng.choice(self.helpers)}({make(level - 1)}, {make(0)})"

    # ------------------------------------------------------------------------------------------ statements

    def block(self, size: int) -> None:
        """An indented run of statements."""
        self.depth += 1
        for _ in range(size):
            self.statement()
        self.depth -= 1

    def statement(self) -> None:
        self.budget -= 1
        rng = self.rng
        looping = bool(self.loops or self.loop_kinds)
        room = self.budget > 0
        options: list[tuple[float, Callable[[], None]]] = [
            (6, self.assign_int),
            (5, self.assign_float),
            (1.5, self.assign_bool),
            (4 if self.complexes else 0, self.complex_statement),
            (3, self.write_list),
            (2, self.write_array),
            (1, self.write_matrix),
            (1, self.write_grid),
            (1, self.view),
            (0.8, self.part),
            (1, self.scalar),
            (1, self.swap),
            (1, self.grow),
            (1, self.growing_int),
            (0.7, self.optional),
            (0.5, self.alias),
            (0.3, self.comprehension),
            (0.6, self.mixed),
            (1.2, self.tuples),
            (2.5 if self.worldly else 0, self.objects),
            (2.5 if self.worldly else 0, self.texts),
            (2 if self.worldly else 0, self.dicts),
            (1.5 if self.worldly else 0, self.queues),
            (1.5 if self.worldly else 0, self.places),
            (1.5 if self.worldly else 0, self.named_tuples),
            (1 if self.worldly else 0, self.members),
            (0.8 if self.worldly else 0, self.draws),
            (1.5 if self.closures else 0, self.local_calls),
            (1.5, self.edge),
            (0.5, self.global_write),
            (3 if room else 0, self.branch),
            (2.5 if room and looping else 0, self.rare_branch),
            (0.8 if looping else 0, self.leave),
            (1.5 if room and looping else 0, self.guarded),
            (3 if room and len(self.loop_kinds) < 3 else 0, self.loop),
            (2 if self.messy else 0.05, self.unlowered),
        ]
        rng.choices([one for _, one in options], [weight for weight, _ in options])[0]()

    def assign_int(self) -> None:
        target = self.rng.choice(INTS)
        if self.chance(0.4):
            self.put(f"{target} {self.rng.choice(('+=', '-=', '^='))} {self.integer(1)}")
        else:
            self.put(f"{target} = {self.integer()}")
        if self.chance(0.5):
            self.put(f"{target} %= {self.rng.choice((1000, 2**20, 2**31 + 11, 2**62))}")

    def assign_float(self) -> None:
        target = self.rng.choice(FLOATS)
        if self.chance(0.4):
            text = f"{target} {self.rng.choice(('+=', '-=', '*='))} {self.floating(1)}"
        else:
            text = f"{target} = {self.floating()}"
        self.put(text)
        if "*" in text:  # of ints, whose squares would have twice as many digits each time
            self.put(f"if type({target}) is int: {target} %= 2**200")

    def complex_statement(self) -> None:
        target = self.rng.choice(COMPLEXES)
        written = self.rng.choice((
            f"{target} {self.rng.choice(('+=', '-=', '*='))} {self.complex_(1)}",
            f"{target} = {self.complex_()}",
            f"{target} = {self.rng.choice(('0', '0j', '1.5', 'i0'))}",
            f"zs[{self.integer(0)} % len(zs)] = {self.complex_(1)}",
            f"if len(zs) < 30: zs.append({self.complex_(1)})",
            f"x1 = {target}.{self.rng.choice(('real', 'imag'))} * 0.5",
            f"b0 = {target} {self.rng.choice(('==', '!='))} {self.complex_(1)}",
            f"if {target}: i1 += 1",
        ))
        self.put(written)
        if self.chance(0.5):
            self.put(f"if not -1e9 < {target}.real < 1e9 or abs({target}) > 1e9: {target} = {self.complex_leaf()}")

    def assign_bool(self) -> None:
        self.put(f"b0 = {self.boolean()}")

    def write_list(self) -> None:
        name, value = self.rng.choice((("xs", self.integer(1)), ("ys", self.floating(1)), ("xs", self.integer(2))))
        if name == "xs":
            value = f"({value}) % {self.rng.choice((100, 2**31, 2**61))}"
        operator = self.rng.choice(("=", "=", "+=", "-="))
        if operator != "=" and name == "xs":
            value = f"({value}) & 15"
        self.put(f"{name}[{self.index(name)}] {operator} {value}")

    def array_value(self, dtype: str) -> str:
        if dtype == "bool":
            return self.boolean(1)
        if dtype.startswith("float"):
            return self.floating(1)
        if self.risky and self.chance(0.1):
            return self.integer(1)
        mask = {"uint8": 127, "int16": 2**12 - 1, "int32": 2**20 - 1}.get(dtype, 2**40 - 1)
        return f"({self.integer(1)}) & {mask}"

    def write_array(self) -> None:
        operator = "=" if self.dtype == "bool" or self.chance(0.6) else self.rng.choice(("+=", "-="))
        self.put(f"a[{self.index('a')}] {operator} {self.array_value(self.dtype)}")

    def write_matrix(self) -> None:
        self.put(f"m[{self.cell()}] {self.rng.choice(('=', '+='))} {self.array_value(self.matrix_dtype)}")

    def view(self) -> None:
        """Rows, columns and other views of the matrix and the array, read and written through."""
        row, column = (f"{self.rng.choice([*INTS, *self.loops])} % m.shape[{axis}]" for axis in (0, 1))
        value = self.array_value(self.matrix_dtype)
        self.put(
            self.rng.choice(
                (
                    f"line = m[{row}]",
                    f"line = m[:, {column}]",
                    f"line = m[{row}, {self.bounds()}]",
                    f"line = m.T[{column}][{self.bounds()}]",
                    f"if len(line): line[{self.index('line')}] = {value}",
                    f"m[{row}][{column}] {self.rng.choice(('=', '+='))} {value}",
                    f"for v in m[{row}]: t0 = t0 + v",
                    f"for v in a[{self.bounds()}]: t0 = t0 + v",
                    "kept.append(line)" if self.chance(0.3) else "i1 += len(line)",
                )
            )
        )

    def bounds(self) -> str:
        """A slice."""
        low, high = (self.rng.choice(("", "1", "-1", "2", "i0 % 3", self.int_leaf())) for _ in range(2))
        return f"{low}:{high}{self.rng.choice(('', '', '', ':2', ':-1', ':-2'))}"

    def part(self) -> None:
        """Slices of lists, gone over, added up and kept."""
        part = f"xs[{self.bounds()}]"
        other = part if self.chance(0.5) else f"xs[{self.bounds()}]"
        self.put(
            self.rng.choice(
                (
                    f"for v in {part}: i2 = (i2 + v) % 1009",
                    f"i1 = (i1 + sum({part})) % 2**31",
                    f"i1 = (i1 + sum({part}, start={self.int_leaf()})) % 2**31",
                    f"x2 = x2 + sum(ys[{self.bounds()}], start={self.floating(0)})",
                    f"for v, w in zip({part}, {other}, strict={other == part}): i0 ^= w - v",
                    f"for v, w in zip(xs, {other if self.risky else 'xs'}, strict=True): i0 ^= w & v",
                    f"for k, v in enumerate({part}, start={self.integer(0)}): i2 = (i2 + k * v) % 1009",
                    f"x2 = x2 + sum(ys[{self.bounds()}])",
                    "for v, w in zip(xs[:-1], xs[1:]): i0 ^= (w - v) & 255",
                    f"for k, v in enumerate({part}): xs[k % len(xs)] = v % 100",
                    f"part = {part}",
                    "for v in part: i0 ^= v & 15",
                )
            )
        )

    def write_grid(self) -> None:
        value = f"({self.integer(1)}) % {self.rng.choice((100, 2**31))}"
        self.put(f"grid[{self.index('grid')}][{self.index3()}] {self.rng.choice(('=', '+='))} {value}")

    def scalar(self) -> None:
        one, two = f"a[{self.index('a')}]", f"a[{self.index('a')}]"
        if self.dtype == "bool":
            self.put(f"s0 = {one} {self.rng.choice('&|^')} {two}")
            return
        self.put(
            self.rng.choice(
                (
                    f"s0 = {one} {self.rng.choice('+-*')} {two}",
                    f"s0 = s0 + {one}",
                    f"s0 = {one} * {self.rng.choice(('2', '0.5', '3'))}",
                    f"s0 = {one}",
                    f"if s0 < {one}: s0 = {two}",
                    f"s0 = {one} / ({two} + 1)" if self.risky else f"s0 = -{one}",
                )
            )
        )

    def swap(self) -> None:
        name = self.rng.choice(("xs", "ys", "a"))
        one, two = (f"{name}[{self.index(name)}]" for _ in range(2))
        self.put(
            self.rng.choice(
                (
                    f"{one}, {two} = {two}, {one}",
                    "i0, i1 = i1, i0",
                    "x0, x1, x2 = x2, x0, x1",
                    f"i2, x2 = {self.integer(1)}, {self.floating(1)}",
                )
            )
        )

    def grow(self) -> None:
        name, value = self.rng.choice((("xs", f"({self.integer(1)}) % 1000003"), ("ys", self.floating(1))))
        if self.chance(0.5):
            self.put(f"if len({name}) < {self.rng.randint(12, 40)}: {name}.append({value})")
        else:
            target = self.rng.choice(INTS if name == "xs" else FLOATS)
            self.put(f"if len({name}) > 3: {target} = {name}.pop()")

    def growing_int(self) -> None:
        target = self.rng.choice(INTS)
        factor = self.rng.choice(("3", "10", "-7", "2**31", "1.5", target))
        self.put(f"{target} = {target} * {factor} + {self.rng.choice(('1', '0', '-1'))}")
        self.put(f"if not -2**80 < {target} < 2**80: {target} = {self.rng.choice(('1', '0', 'n', '-3'))}")

    def optional(self) -> None:
        self.put(
            self.rng.choice(
                (
                    f"if opt is None or {self.integer(0)} > opt: opt = {self.int_leaf()}",
                    f"opt = None if {self.boolean(1)} else {self.int_leaf()}",
                    "if opt is not None: i0 += opt & 7",
                )
            )
        )

    def alias(self) -> None:
        self.put(
            self.rng.choice(
                (
                    f"row = grid[{self.index('grid')}]",
                    "row[i0 % 3] = (i1 + 1) % 1000",
                    "i2 = row[-1]",
                    f"grid[{self.index('grid')}] = row",
                    f"row = [{self.int_leaf()}, 0, 1]",
                    "row = [i0 & 3] * 3",
                )
            )
        )

    def comprehension(self) -> None:
        self.put(
            self.rng.choice(
                (
                    f"i1 += len([c * {self.rng.randint(1, 5)} for c in range({self.rng.randint(0, 6)})])",
                    f"row = [({self.int_leaf()} + c) % 100 for c in range(3)]",
                    "i2 += sum([1 for c in xs if c > 3])",
                    f"i1 += len({{({self.int_leaf()} + c) % 7 for c in range({self.rng.randint(0, 9)})}})",
                    f"kept.append({{c % 5: {self.floating(1)} for c in xs if c > 3}})",
                    f"kept.append({{(c % 3, {self.int_leaf()}): {self.integer(1)} for c in range(5)}})",
                )
            )
        )

    def mixed(self) -> None:
        self.put(
            self.rng.choice(
                (
                    "mix = mix + 1",
                    "mix = mix + 0.5",
                    f"mix = {self.integer(1)}",
                    f"mix = {self.floating(1)}",
                    f"mix = {self.boolean(1)}",
                    f"mix = {self.integer(0)} if {self.boolean(1)} else {self.floating(0)}",
                    "x0 = x0 + mix",
                )
            )
        )

    def tuples(self) -> None:
        """Tuples as values. Floats in them are not compared: of equal nans native code does not know the objects."""
        one, two, real = self.int_leaf(), self.int_leaf(), self.float_leaf()
        compare = self.rng.choice(("<", "<=", ">", ">=", "==", "!="))
        some = self.rng.choice(INTS)
        self.put(
            self.rng.choice(
                (
                    f"pair = ({one}, {real})",
                    f"near = None if {self.boolean(1)} else ({one}, {two})",
                    f"if near is None or ({one}, {two}) {compare} near: near = ({one}, {some})",
                    f"b0 = ({one}, {two}) {compare} ({some}, {one}, 1)[:{self.rng.randint(0, 3)}]",
                    f"b0 = {some} % 9 {self.rng.choice(('in', 'not in'))} (1, {two}, None, 2.0)",
                    f"b0 = near {self.rng.choice(('==', '!='))} ({one}, {two})",
                    f"{some} = ({one}, 7, {two})[{some} % 3 {self.rng.choice(('', '- 3'))}] % 1000",
                    f"points[{self.index('points')}] = ({one}, {real})",
                    f"if len(points) < {self.rng.randint(9, 40)}: points.append(({one}, {real}, {some})[:2])",
                    f"if len(points) > 3: pair = points.pop({self.rng.choice(('', '', '0'))})",
                    f"{some}, x2 = points[{self.index('points')}]",
                    f"pair = points[{self.index('points')}]",
                    f"{some} = pair[0]",
                    "x1 = pair[1] * 0.5",
                    "pair = (pair + (i0,))[1:]",
                    f"{some} = {self.rng.choice(('min', 'max'))}(({one}, 1), ({two}, 0))[0]",
                    "points[0], points[-1] = points[-1], points[0]",
                    f"log.append((near, ({one}, {two})))",
                )
            )
        )

    def objects(self) -> None:
        """Instances: their attributes, methods, operators and properties, made here or before."""
        rng = self.rng
        one = rng.choice(("p", "q", f"ps[{self.index('ps')}]"))
        name = rng.choice("nnx")
        value = rng.choice((self.integer(1), f"({self.integer(1)}) % 1000")) if name == "n" else self.floating(1)
        small = f"({self.int_leaf()}) % 1000"
        self.put(
            rng.choice(
                (
                    f"{one}.{name} {rng.choice(('=', '=', '+=', '-='))} {value}",
                    f"{one}.n = ({one}.n * 3 + {small}) % 1009",
                    f"{one}.x = {one}.x * 0.5 + {self.float_leaf()}",
                    f"i1 = {one}.n % 1000",
                    f"x1 = {one}.x * 0.5",
                    f"{one}.step({small})",
                    f"x2 = {one}.step({self.float_leaf()}, 2)",
                    f"x2 = {one}.step(times={rng.randint(0, 2)}, by={self.float_leaf()}, plus=1)",
                    f"if {small} {rng.choice(('in', 'not in'))} {one}: i1 += 1",
                    f"{one}[{small}] = {self.int_leaf()}",
                    f"q = Other({small}, {self.floating(1)})",
                    f"i2 = {one}.level % 50",
                    f"p = Point({small}, {self.floating(1)})",
                    f"q = Slot({small}, {self.floating(1)})",
                    f"p = Point({small}, x0) + {rng.choice(('p', 'q'))}",
                    f"ps[{self.index('ps')}] = {rng.choice(('p', 'q', 'Point(i0, 0.5)', 'Slot(1, x1)'))}",
                    f"ps[{self.index('ps')}] = Other(i1, x0)",
                    f"for one in ps: i0 = (i0 + one.n * {rng.choice(('one.level', '3'))}) % 1009",
                    f"b0 = {one} < {rng.choice(('p', 'q'))}",
                    f"{one}.link = {rng.choice(('p', 'q', 'None', one))}",
                    f"if {one}.link is not None: i0 += {one}.link.n % 7",
                    f"q = {one}",
                    f"if {self.rare()}: {rng.choice(CHANGES)}",
                )
            )
        )

    def texts(self) -> None:
        """Texts: characters, slices, comparisons, methods, and a text that grows."""
        rng = self.rng
        char = rng.choice(("c0", f"text[{self.index('text')}]", "word[:1]"))
        self.put(
            rng.choice(
                (
                    f"c0 = text[{self.index('text')}]",
                    f"for c0 in {rng.choice(('text', 'word', 'text[1:]'))}: i0 = (i0 * 3 + ord(c0)) % 1009",
                    f"word = text[{self.bounds().split(':', 2)[0]}:{rng.choice(('', '3', '-1'))}]",
                    f"b0 = {char} {rng.choice(('==', '!=', '<', '>='))} {rng.choice(('c0', 'word', repr('m')))}",
                    f"b0 = {char} {rng.choice(('in', 'not in'))} {rng.choice((repr('aeiou'), 'text', 'word'))}",
                    f"b0 = {char}.{rng.choice(('isalpha', 'isdigit', 'isupper', 'isspace'))}()",
                    f"if len(word) < {rng.randint(5, 60)}: word += {char}",
                    f"word = {char} + word[:{rng.randint(0, 9)}]",
                    f"c0 = chr(({self.int_leaf()}) % {rng.choice((26, 300, 70000))} + 97)",
                    f"word = {char}.{rng.choice(('upper', 'lower', 'title', 'swapcase'))}()",
                    f"i1 += len({rng.choice(('word', 'text'))}) + word.count({char})",
                    f"word = str({self.int_leaf()}) + {rng.choice(('word[:3]', repr('-')))}",
                    f"word = f'{{{self.int_leaf()}}}{{c0}}{{word[:2]{rng.choice(('', '!r', ':>4'))}}}'",
                    f"push(f'{{{self.float_leaf()}{rng.choice(('', ':.3f', ':e'))}}}|{{b0}}')",
                    "push(word)",
                    "i2 = text.find(c0)",
                    f"if word {rng.choice(('==', '<', '!='))} text[:2]: word = ''",
                    "log.append(word)",
                )
            )
        )

    def dicts(self) -> None:
        """Dicts and sets with ints and texts for keys, and loops over them."""
        rng = self.rng
        leaf = self.int_leaf()
        key = rng.choice((f"({leaf}) % {rng.choice((3, 11, 50))}", leaf, f"({leaf}) & 7"))
        some, inner = rng.choice(INTS), "    " * (self.depth + 1)
        self.put(
            rng.choice(
                (
                    f"counts[{key}] = counts.get({key}, 0) + 1",
                    f"if {key} in counts: {some} = counts[{key}] % 1000",
                    f"if {key} not in counts: counts[{key}] = {self.integer(1)}",
                    f"names[c0] = names.get(c0, 0) + {rng.choice(('1', '0.5', some))}",
                    f"if word in names: {some} = len(names)",
                    "names[word] = i0 % 100",
                    f"{some} = counts.get({key}) or 5",
                    f"{some} = len(counts)",
                    f"counts[{key}] = {rng.choice((self.floating(1), 'word', 'None', 'p'))}" if self.risky else
                    f"counts[{key}] = {self.integer(1)}",
                    f"x0 += counts[{key}]" if self.risky else f"x0 += counts.get({key}, 0.5)",
                    "if len(counts) > 40: counts.clear()",
                    f"{some} = have({key}, 2) if b0 else 3",
                    f"names[f'k{{{leaf} % 5}}'] = {some} % 100",
                    f"{some} = {{'a': {leaf}, c0: 3}}.get(c0, 0)",
                    f"seen = {{{leaf} % 7, {some} % 5, 3}}",
                    f"{some} = bisect.{rng.choice(('bisect', 'bisect_left'))}(stairs, {rng.choice((leaf, 'x0'))})",
                    f"counts.pop({key}, None)",
                    f"for k0 in {rng.choice(('counts', 'seen', 'counts.keys()'))}: {some} = ({some} * 3 + k0) % 1009",
                    f"for k0 in counts: counts[k0] = {some} % 100",
                    f"for c0, v0 in names.items(): x0 += v0 * {rng.choice(('0.5', 'len(c0)'))}",
                    f"for j0, (k0, v0) in enumerate(counts.items()): {some} = ({some} + j0 * k0) % 1009",
                    f"for k0, j0 in zip({rng.choice(('counts', 'seen'))}, xs): {some} ^= k0 & j0",
                    f"seen.add({key})",
                    f"if {key} in seen: {some} = len(seen)",
                    f"for k0 in seen: {some} = ({some} * 5 + k0) % 100003",
                    f"for k0 in {rng.choice(('seen', 'counts'))}:\n{inner}if k0 == {leaf}: "
                    f"{rng.choice(('break', 'continue', 'seen.discard(-k0)', 'counts[k0] = 0'))}\n"
                    f"{inner}{some} -= k0 % 5",
                )
            )
        )

    def members(self) -> None:
        """Members of an IntEnum: compared, calculated with, used as an index."""
        rng = self.rng
        one, some = rng.choice(("tone", "Tone.MID", "Tone.HIGH")), rng.choice(INTS)
        compare = rng.choice(("<", "<=", ">", ">=", "==", "!="))
        self.put(
            rng.choice(
                (
                    f"b0 = {self.int_leaf()} % 3 {compare} {one}",
                    f"b0 = tone {compare} {rng.choice(('Tone.LOW', 'Tone.MID', self.floating(0)))}",
                    f"tone = Tone({self.int_leaf()} % 3)",
                    f"tone = {rng.choice(('Tone.LOW', 'Tone.HIGH'))}" if not self.risky else f"tone = {some} % 3",
                    f"{some} = ({one} * 5 {rng.choice('+-|^')} {self.int_leaf()}) % 1009",
                    f"x1 = {one} * 0.5 - {self.floating(0)}",
                    f"i1 = xs[{rng.choice(('Tone.LOW', 'Tone.MID', 'tone'))}] % 1000",
                    f"if len(xs) > 3: xs[Tone.MID] = {self.integer(0)} % 1000",
                    "if tone == Tone.MID: tone = Tone.HIGH",
                    "if tone == Tone.HIGH: tone = Tone.LOW",
                    "log.append(tone)",
                )
            )
        )

    def named_tuples(self) -> None:
        """Tuples with names: made, read, compared, kept and used as keys."""
        rng = self.rng
        one, two = f"({self.int_leaf()}) % 9", f"({self.int_leaf()}) % 7"
        spot = rng.choice(("spot", "spot", "goal", f"Spot({one}, {two})", f"Place({one})"))
        compare = rng.choice(("<", "<=", ">", ">=", "==", "!="))
        some = rng.choice(INTS)
        self.put(
            rng.choice(
                (
                    f"spot = Spot({one}, {two})",
                    f"spot = Spot(spot.y % 1009, {self.int_leaf()})",
                    f"spot = {rng.choice(('Place', 'Spot'))}({one}, {self.floating(1)})",
                    f"goal = Place({self.floating(0)})",
                    f"{some} = (spot.x * 3 + {one}) % 1009",
                    f"x1 = {spot}.y * 0.5",
                    f"{some}, x2 = {spot}",
                    f"x0 = {spot}[{rng.choice(('0', '1', '-1', f'{some} % 2'))}] * 0.25",
                    f"b0 = Spot({one}, 1) {compare} {rng.choice((f'Spot(1, {two})', f'({one}, 1)', 'near'))}"
                    if compare in ("==", "!=") else f"b0 = Spot({one}, 1) {compare} Spot(1, {two})",
                    f"cells[Spot({one}, {two})] = {some} % 100",
                    f"{some} = cells.get(Spot({one}, {two}), 1) % 100",
                    f"marks.add(Spot({one}, {two}))",
                    f"b0 = Spot({one}, {two}) in {rng.choice(('marks', 'cells'))}",
                    "if len(spots) < 30: spots.append(spot)",
                    f"if spots: goal = spots[{some} % len(spots)]",
                    f"for mark in spots: {some} = ({some} * 3 + len(mark)) % 1009",
                    f"waiting.append({spot})",
                    "b0 = spot is goal",
                    "goal = spot",
                    f"x1 = {rng.choice(('spot', 'goal'))}.size()" if self.risky else f"x1 = Place({one}, 0.5).size()",
                    f"log.append(({spot}, spot))",
                )
            )
        )

    def places(self) -> None:
        """Dicts and sets with floats for keys, and with tuples of ints, floats and texts."""
        rng = self.rng
        one, real, small = self.int_leaf(), self.float_leaf(), f"({self.int_leaf()}) % 5"
        key = rng.choice((
            real, f"{small} * 0.5", f"({small}, {small})", f"(c0, {small})", f"({small} * 0.5, {small})",
            f"({real}, word)", f"(word, c0, {small})", f"({one}, {real})", f"({small} == 2, -0.0)", "(c0, 'a')",
        ))
        some = rng.choice(INTS)
        self.put(
            rng.choice(
                (
                    f"cells[{key}] = {self.integer(1)}",
                    f"cells[{key}] = cells.get({key}, 0) % 1000 + 1",
                    f"{some} = cells.get({key}, {one}) % 1000",
                    f"b0 = {key} {rng.choice(('in', 'not in'))} {rng.choice(('cells', 'marks'))}",
                    f"marks.add({key})",
                    f"if {key} in marks: {some} = len(marks)",
                    f"if {key} in cells: {some} = cells[{key}] % 1000",
                    "if len(cells) > 50: cells.clear()",
                    f"for place in cells: {some} = ({some} * 3 + len(str(place))) % 1009",
                )
            )
        )

    def queues(self) -> None:
        """Deques of ints, maybe under a bound, and of whatever comes, at both ends."""
        rng = self.rng
        leaf, some = self.int_leaf(), rng.choice(INTS)
        self.put(
            rng.choice(
                (
                    f"queue.append({self.integer(1)})",
                    f"queue.appendleft({leaf})",
                    f"if len(queue) > {rng.randint(0, 70)}: {some} = queue.popleft() % 1000",
                    f"if queue: {some} = queue.pop() % 1000",
                    f"if queue: {some} = (queue[0] + 3 * queue[-1]) % 1009",
                    f"if len(queue) > 3: i2 = queue[{leaf} % len(queue)] % 1000",
                    f"{some} = queue.popleft()" if self.risky else f"{some} = len(queue)",
                    f"for k0 in range({rng.randint(2, 70)}): queue.append(k0 ^ {some} & 15)",
                    f"while len(queue) > {rng.randint(0, 9)}: i1 = (i1 * 3 + queue.popleft()) % 1009",
                    f"while len(queue) > {rng.randint(0, 9)}: i1 = (i1 * 5 + queue.pop()) % 1009",
                    f"waiting.append({rng.choice((f'({leaf}, x0)', 'word', 'p', 'x1', 'row', 'b0', 'near'))})",
                    f"waiting.append(({leaf}, {self.floating(0)}))",
                    "if waiting: mine = waiting.popleft()",
                    f"if waiting: {some}, x2 = waiting.popleft()" if self.risky else "if waiting: mine = waiting.pop()",
                    "for k0 in queue: i0 ^= k0 & 15",
                    f"for k0 in queue:\n{'    ' * (self.depth + 1)}if k0 == {leaf}: queue.append({some})" if self.risky
                    else "queue.rotate(2)",
                    "if len(queue) > 90: queue.clear()",
                )
            )
        )

    def draws(self) -> None:
        """Random numbers of a generator of the program's own."""
        rng = self.rng
        self.put(
            rng.choice(
                (
                    "x0 = luck.random()",
                    f"i0 = luck.randint({rng.randint(-5, 0)}, {rng.randint(1, 90)})",
                    f"i1 = luck.randrange({rng.choice(('9', '2, 40, 3', 'abs(i0) % 50 + 1'))})",
                    "x1 = luck.uniform(-1.0, i0 % 9)",
                    "x2 = luck.gauss(0.0, 2.0)",
                    f"i2 = luck.getrandbits({rng.choice(('3', '33', 'i0 % 60 + 1'))}) % 1000",
                    "i1 = luck.choice(xs) if xs else 3",
                    "luck.shuffle(ys)",
                )
            )
        )

    def local_calls(self) -> None:
        """Functions that were made in this call: their keywords, defaults and captured variables."""
        leaf = self.int_leaf()
        self.put(
            self.rng.choice(
                (
                    f"i0 = scaled({leaf}) % 1009",
                    f"i1 = scaled({leaf}, plus=i2 % 7) % 1009",
                    f"x0 = scaled(x1, by={self.float_leaf()})",
                    f"x1 = shifted({self.float_leaf()})",
                    f"i2 = shifted({leaf}, w={self.rng.randint(0, 3)}) % 50",
                    f"i2 = summed({leaf}, i1, *xs[:1]) % 50" if self.messy else f"i2 = summed({leaf}, i1) % 50",
                    "wide = (wide + 1) % 50",
                )
            )
        )

    def edge(self) -> None:
        """A step that fits most of the time, and that CPython or NumPy does when it does not."""
        self.put(self.rng.choice(self.edges()))

    def edges(self) -> list[str]:
        """Such steps, each guarded in another way."""
        rng, pad = self.rng, "    " * self.depth
        target, real, leaf = rng.choice(INTS), rng.choice(FLOATS), self.int_leaf
        large = f"min(max({real} * {rng.choice(('1e3', '1e15', '2.0**58'))}, -1e30), 1e30)"
        steps = [
            f"{target} = (({leaf()} & 31) << ({leaf()} % {rng.choice((66, 90))})) % 1000003",
            f"if {real} == {real}: {target} = {rng.choice(('int', 'round', 'math.floor'))}({large}) % 1009",
            f"{target} = xs.pop()\n{pad}xs.append({target} % 1024)",
            f"{target} = {leaf()} // (2 * {leaf()} + 1)",
            f"{real} = {leaf()} / (2 * {leaf()} + 1)",
            f"{target} = abs({target}) % {rng.choice((1000, 2**63 - 1))}",
            f"{target} = -{target} % {rng.choice((1000, 2**63 - 1))}",
            f"row = [{target} & 3] * ({leaf()} % 4 + 3)",
            f"mix = {target} - {rng.choice(('mix', 'xs[0]', 'ys[0]', 'x0'))}",
        ]
        return steps if self.dtype == "bool" else steps + self.scalar_edges()

    def scalar_edges(self) -> list[str]:
        """The same on NumPy's scalars: NumPy warns where Python's numbers raise or grow."""
        one, two = f"a[{self.index('a')}]", f"a[{self.index('a')}]"
        pairs = [f"s0 = {one} {operator} {two}" for operator in ("*", "-", "/", "//", "%")]
        return [*pairs, f"s0 = abs({one})", f"s0 = -{one}"]

    def open_with_edges(self) -> None:
        """Some of them in every iteration, where they run before anything else has ended the program."""
        self.depth += 1
        chosen = self.rng.sample(self.edges(), 3)
        if self.dtype == "int64":
            chosen += self.rng.sample(self.scalar_edges(), 4)
        for text in chosen:
            self.put(text)
        self.depth -= 1

    def global_write(self) -> None:
        self.put(self.rng.choice(("G2 = i0", "G2 = G2 + 1", "i1 += G2 & 15", "bump(i0)", "i2 = i2 + G0", "late = i0")))

    def branch(self) -> None:
        self.put(f"if {self.boolean()}:")
        self.block(self.rng.randint(1, 2))
        if self.chance(0.25):
            self.put(f"elif {self.boolean(1)}:")
            self.block(1)
        if self.chance(0.5):
            self.put("else:")
            self.block(self.rng.randint(1, 2))

    def rare_branch(self) -> None:
        self.put(f"if {self.rare()}:")
        self.depth += 1
        for _ in range(self.rng.randint(1, 2)):
            self.rng.choice((self.unlowered, self.unlowered, self.type_change, self.assign_int, self.failing))()
        if self.chance(0.15) and self.loop_kinds:
            self.put(self.rng.choice(("break", "continue", 'return "rare", i0, x0, xs')))
        self.depth -= 1

    def type_change(self) -> None:
        self.put(
            self.rng.choice(
                (
                    "i0 = i0 + 0.0",
                    "x1 = 3",
                    "b0 = 1",
                    "xs[0] = 1.5",
                    "ys[-1] = 2",
                    "i1 = i1 > 0",
                    "x2 = True",
                    "opt = 2.5",
                    "grid[0] = [0, 0.5, 1]",
                    "i2 = 2**63 + i2 % 5",
                    "i1 = int(i1) % 50",
                    "i0 = int(i0) % 1000",
                )
            )
        )

    def failing(self) -> None:
        if not self.risky:
            self.assign_float()
            return
        self.put(
            self.rng.choice(
                (
                    "i0 += xs[len(xs) + 2]",
                    "i0 = 1 // (i0 - i0)",
                    'x0 = x0 + "a"',
                    "x1 = x1 / 0",
                    "a[len(a)] = 1",
                    "i1 = int(x0)",
                    "i1 += late",
                    "raise ValueError(i0)",
                    "xs.pop().append(1)",
                    "x0 = undefined",
                    "i2 = 1 << (0 - 1 - i2 % 2)",
                )
            )
        )

    def unlowered(self) -> None:
        pad = "    " * self.depth
        self.put(
            self.rng.choice(
                (
                    'log.append(f"{i0}:{x0}")',
                    'd["k"] = i0',
                    "d[i1] = d.get(i1, 0) + 1",
                    "print(i0, x0)",
                    "log.append((i0, b0))",
                    'log.append(str(x1) + "!")',
                    f"try:\n{pad}    i0 += xs[i1]\n{pad}except IndexError as error:\n{pad}    log.append(str(error))",
                    f"try:\n{pad}    x0 = x0 / (i0 % 3)\n{pad}except ZeroDivisionError:\n{pad}    x0 = 1.0",
                    f"try:\n{pad}    i1 += 1\n{pad}finally:\n{pad}    log.append(i1)",
                    f"with note(log):\n{pad}    i2 = i2 + 1",
                    "box.value = i0",
                    "i1 = box.value",
                    "late = i1",
                    "d = {**d, 1: x0}",
                    'warnings.warn("rare")',
                    "xs.sort(key=abs)",
                    "ys[:2] = [0.5, 1.5]",
                    "i0 = helper_box(box)",
                )
            )
        )

    def guarded(self) -> None:
        """A `try` statement whose body now and then raises."""
        rng = self.rng
        self.put("try:")
        self.depth += 1
        self.raising()
        self.depth -= 1
        self.block(rng.randint(0, 2))
        clauses = rng.choice((0, 1, 1, 1, 2))
        for number in range(clauses):
            named = " as error" if self.chance(0.2) else ""
            self.put(f"except {rng.choice(ERRORS[number])}{named}:")
            self.depth += 1
            if named:
                self.put("log.append(repr(error))")
            elif self.chance(0.1):
                self.put(rng.choice(("raise", "raise ValueError", "raise ZeroDivisionError(i1)", "log.append(i0)")))
            self.depth -= 1
            self.block(rng.randint(0 if named else 1, 2))
        if clauses and self.chance(0.2):
            self.put("else:")
            self.block(1)
        if not clauses or self.chance(0.25):
            self.put("finally:")
            self.depth += 1
            self.put(rng.choice(("i2 = (i2 + 1) % 1000", "x2 = x2 * 0.5 + 1.0", "log.append(i1)", "ticks += 1")))
            if self.chance(0.1) and self.loop_kinds:
                self.put(f"if {self.rare()}: {rng.choice(('break', 'continue', 'return 1, i0'))}")
            self.depth -= 1

    def raising(self) -> None:
        pad = "    " * self.depth
        self.put(
            self.rng.choice(
                (
                    f"i1 = (i0 % 1000) // ({self.integer(1)} & 3)",
                    f"i1 = 17 % ({self.integer(1)} & 7)",
                    f"x0 = x0 / ({self.integer(1)} & 3)",
                    f"x1 = 2.5 // ({self.float_leaf()} - {self.float_leaf()})",
                    f"i0 += xs[{self.integer(1)} & 15]",
                    f"xs[{self.integer(1)} & 31] = 3",
                    f"x0 += ys[{self.integer(1)} & 15]",
                    f"a[{self.integer(1)} & 31] = 1",
                    f"if {self.boolean(1)}:\n{pad}    raise ValueError",
                    f"if {self.boolean(1)}:\n{pad}    raise KeyError(i1, x0)",
                    f"if {self.rare()}:\n{pad}    raise ZeroDivisionError('rare')",
                    "i1 = int(x0 - x0)",
                    "i1 += math.floor(x1) % 50",
                    "x2 = math.sqrt(x1)",
                )
            )
        )

    def leave(self) -> None:
        word = self.rng.choice(("break", "continue", "continue", "break", 'return "early", i0, x1'))
        condition = self.rare() if word != "continue" else self.boolean(1)
        self.put(f"if {condition}: {word}")

    # ------------------------------------------------------------------------------------------ loops

    def trips(self) -> int:
        return self.rng.choice(((30, 60, 100, 150), (3, 5, 8, 12), (1, 2, 4))[len(self.loop_kinds)])

    def range_text(self) -> str:
        n = self.trips()
        if len(self.loop_kinds) == 0 and self.chance(0.4):
            return "range(n)"
        if self.chance(0.15):
            return f"range({self.rng.choice(('i0', 'i1', self.loops[-1] if self.loops else 'i2'))} % {n + 1})"
        if self.chance(0.1):
            name, step = self.rng.choice(INTS), self.rng.choice((1, -1, 2, -3))
            return f"range({name}, {name} + {n * step}, {step})"
        start = self.rng.randint(-5, 5)
        step = self.rng.choice((1, 1, 2, 3, -1, -2))
        if self.chance(0.03):
            return f"range(2**63 - {n}, 2**63 + 3)"
        return f"range({start}, {start + n * step}, {step})" if step != 1 or self.chance(0.5) else f"range({n})"

    def loop(self) -> None:
        inner = len(self.loop_kinds)
        v, w = self.name("k"), self.name("v")
        kinds: list[tuple[float, str, str, list[str]]] = [
            (6, "for", f"for {v} in {self.range_text()}:", [v]),
            (3, "while", "", []),
        ]
        if inner < 2:
            kinds += [
                (1.5, "for", f"for {w} in xs:", [w]),
                (1, "for", f"for {w} in ys:", []),
                (1, "for", f"for {v}, {w} in enumerate(xs):", [v, w]),
                (0.8, "for", f"for {v}, {w} in enumerate(ys):", [v]),
                (1, "for", f"for {v}, {w} in zip(xs, ys):", [v]),
                (0.8, "for", f"for {v}, {w} in zip(range({self.trips()}), a):", [v]),
                (1, "for", f"for {w} in a:", []),
                (0.6, "for", f"for {v} in (3, 1, 4, 1, 5):", [v]),
                (0.5, "for", f"for {w} in reversed(xs):", [w]),
                (0.6, "for", "for row in grid:", []),
                (0.6, "for", "for line in m:", []),
                (0.6, "for", f"for {w} in m[:, {self.rng.choice(INTS)} % m.shape[1]]:", []),
                (0.6, "for", f"for {w} in xs[{self.bounds()}]:", [w]),
                (0.6, "for", f"for {v}, x2 in points:", [v]),
                (0.3, "for", f"for {v}, pair in enumerate(reversed(points)):", [v]),
                (1.2, "for", f"for {v} in {self.pipeline()}:", [v]),
                (0.5, "for", f"for {v} in source:", []),
                (2 if self.worldly else 0.3, "for", f"for {v} in {self.iterator()}:", [v]),
                (1 if self.worldly else 0.2, "for", f"for {v}, {w} in {self.pairs()}:", [v, w]),
            ]
        _, kind, header, ints = self.rng.choices(kinds, [weight for weight, *_ in kinds])[0]
        before = list(self.loops)
        if kind == "while":
            counter, bound = self.name("w"), self.trips()
            self.put(f"{counter} = 0")
            test = f"{counter} < {bound}" if self.chance(0.7) else f"{counter} < {bound} and not ({self.rare()})"
            self.put(f"while {test}:")
            self.depth += 1
            self.put(f"{counter} += 1")
            self.depth -= 1
            ints = [counter]
        else:
            self.put(header)
        self.loops += ints
        self.loop_kinds.append(kind)
        self.depth += 1
        self.put("ticks += 1")
        self.depth -= 1
        if self.edgy:
            self.open_with_edges()
            self.edgy = False
        self.block(self.rng.randint(2, 6) if inner == 0 else self.rng.randint(1, 4))
        self.loop_kinds.pop()
        self.loops = before
        if self.chance(0.15):
            self.put("else:")
            self.block(1)

    def iterator(self) -> str:
        """Something without a length, or whose order is its own, that hands out ints."""
        return self.rng.choice(
            (
                "dict(counts)", "set(seen)", "frozenset(seen)", "collections.deque(xs)", "bytes(range(9))",
                "map(abs, xs)", "filter(None, xs)", "map(helper_twice, xs)", "itertools.chain(xs, seen)",
                "itertools.islice(xs, 1, None, 2)", "itertools.accumulate(xs[:9])", f"many({self.trips()})",
                f"iter(many({self.trips()}))", f"itertools.islice(itertools.count(3), {self.trips()})",
                "iter(list(xs).pop, 3)",
            )
        )

    def pairs(self) -> str:
        """The same, of pairs of ints."""
        return self.rng.choice(
            (
                "dict(counts).items()" if not self.risky else "enumerate(dict(counts))",
                "itertools.combinations(xs[:6], 2)", "itertools.product(range(4), repeat=2)",
                "itertools.permutations(xs[:4], 2)", f"enumerate(many({self.trips()}))",
                f"zip(many({self.trips()}), itertools.count())", "itertools.pairwise(xs)", "enumerate(set(seen), 2)",
            )
        )

    def pipeline(self) -> str:
        """A generator, drawn from by up to two others."""
        made = self.rng.choice((f"g0({self.trips()})", f"g0({self.trips()}, 3)", "g1(xs)", "g1(xs)", "g1(a)"))
        for _ in range(self.rng.randint(0, 2)):
            made = self.rng.choice((f"g1({made})", f"g2({made}, {self.rng.randint(0, 4)})", f"g3({made}, n)"))
        return made

    def generators(self) -> list[str]:
        """Generator functions for `pipeline`."""
        rng = self.rng
        step = rng.choice(("at + p % 5", "at + 1", "at * 3 + p", "p - at", "at ^ p"))
        made = rng.choice(("v + 1", "v * 2 - 3", "v // 3", "G0 + v", "abs(v) % 50", "7 // v"))
        drop = rng.choice(("v % 3 == q % 3", "v < q * 40", "v & 1", "v != q"))
        end = rng.choice(("return", "break", "continue", "raise ValueError(v)"))
        head = "p" if rng.random() < 0.5 else "range(p)"
        loop = ["    while p > 0:", "        p -= 1"] if head == "p" else ["    for p in range(p):"]
        return [
            "def g0(p, at=0):", *loop, f"        at = ({step}) % 10007", "        yield at", "", "",
            "def g1(vs):", "    n = 0", "    for v in vs:", f"        yield {made}", "        n = n + 1", "", "",
            "def g2(vs, q):", "    for v in vs:", f"        if {drop}:",
            f"            {rng.choice(('q += 1', 'pass'))}", "            yield v", "", "",
            "def g3(vs, n):", "    seen = None", "    for v in vs:", f"        if v == {rng.randint(5, 60)}:",
            f"            {end}", f"        for w in range({rng.randint(1, 3)}):", "            seen = v + w",
            "            yield seen", "", "",
        ]  # fmt: skip

    # ------------------------------------------------------------------------------------------ the whole

    def helper(self, name: str) -> list[str]:
        if name == "h0":
            return [f"def h0(p, q={self.rng.randint(0, 3)}):", f"    return p {self.rng.choice('+-')} q"]
        if name == "h1":
            return ["def h1(p, q):", f"    if p {self.rng.choice('<>')} q:", "        return q - p", "    return p"]
        if name == "h2":
            return [
                "def h2(p, q):",
                "    t = 0",
                "    for c in range(3):",
                "        t += p if c else q",
                "        if t == 5:",
                "            break",
                "    return t",
            ]
        return ["def h3(p, q):", "    return q if p < 1 or p != p else h3(p // 4 if p < 1000 else 3, q) + 1"]

    def numbers(self, count: int, edges: bool) -> str:
        items = [
            self.rng.choice(EDGES) if edges and self.chance(0.3) else str(self.rng.randint(-50, 200))
            for _ in range(count)
        ]
        return f"[{', '.join(items)}]"

    def reals(self, count: int, edges: bool) -> str:
        items = [
            self.rng.choice(FLOAT_EDGES) if edges and self.chance(0.3) else repr(round(self.rng.uniform(-5, 5), 3))
            for _ in range(count)
        ]
        return f"[{', '.join(items)}]"

    def length(self) -> int:
        """Short enough for what is rare, or long enough for the loop over it to be compiled for what it does."""
        return self.rng.randint(4, 12) if self.chance(0.4) else self.rng.randint(18, 40)

    def arguments(self, variant: int) -> str:
        edges = variant == 1
        n = (self.rng.randint(40, 90), self.rng.randint(0, 3), self.rng.randint(20, 60))[variant]
        xs, ys = self.numbers(self.length(), edges), self.reals(self.length(), edges)
        if variant == 2 and self.chance(0.3):
            xs, ys = ys, xs
        if variant == 2 and self.chance(0.3):
            ys = xs[:-1] + ", 0.5]"
        if variant and self.chance(0.25):
            ys = f"{ys[:-1]}, {xs[1:]}"
        if variant and self.chance(0.08):
            xs = f"tuple({xs})"
        grid = self.rng.choice(("[[1, 2, 3], [4, 5, 6], [7, 8, 9]]", "[[0] * 3] * 4", "[[0] * 3 for _ in range(2)]"))
        size = self.length() - 1
        dtype, matrix = self.dtype, self.matrix_dtype
        if variant and self.chance(0.3):
            dtype = self.rng.choice(DTYPES)
        if variant and self.chance(0.3):
            matrix = self.rng.choice(DTYPES)
        a = f"(np.arange({size}) * {self.rng.randint(1, 9)} % 23).astype(np.{dtype})"
        if edges and dtype.startswith("float"):
            a = f"np.array({ys}, np.{dtype})"
        if edges and dtype == "int64":
            a = f"np.array([{', '.join(self.rng.choice(INT64_EDGES) for _ in range(size))}])"
        if dtype == "bool":
            a = f"np.arange({size}) % 3 == 0"
        m = f"(np.arange(12).reshape({self.rng.choice(('3, 4', '2, 6', '4, 3'))}) % 7).astype(np.{matrix})"
        a = f"({a})" + self.rng.choice(("", "", "[::-1]", ".repeat(2)[::2]"))
        m += self.rng.choice(("", "", ".T", "[::-1]", ".repeat(2, axis=1)[:, ::2]"))
        i = self.rng.choice(EDGES) if edges else str(self.rng.randint(-3, 30))
        x = self.rng.choice(FLOAT_EDGES) if edges else repr(round(self.rng.uniform(-2, 2), 2))
        flag = self.rng.choice(("True", "False"))
        return f"lambda: ({n}, {i}, {x}, {xs}, {ys}, {grid}, {a}, {m}, {flag})"

    def program(self) -> str:
        """The module's text: a function `f`, its helpers, and its table of arguments."""
        rng = self.rng
        head = [
            "import bisect",
            "import cmath",
            "import collections",
            "import enum",
            "import itertools",
            "import math",
            "import random",
            "import typing",
            "import warnings",
            "from contextlib import contextmanager",
            "",
            "import numpy as np",
            "",
            "from ..cases import case",
            "",
            f"G0 = {rng.randint(0, 9)}",
            f"G1 = {rng.choice(('0.5', '2.0', '-1.25'))}",
            "G2 = 0",
            "",
            "",
            "def helper_twice(k):",
            "    return k * 2 % 1009",
            "",
            "",
            "def many(k):",
            "    for i in range(k):",
            "        yield i",
            "        if i % 3 == 1:",
            "            yield -i",
            "        if i == 40:",
            "            raise KeyError(i)" if self.risky else "            yield 2 ** 64",
            "",
            "",
            "class Box:",
            "    value = 1",
            "",
            "",
            "class Point:",
            "    link = None",
            "    level = 1",
            "",
            "    def __init__(self, n, x):",
            "        self.n = n",
            "        self.x = x",
            "",
            "    def step(self, by, times=1, *, plus=0):",
            "        self.n = (self.n + 1) % 1000",
            "        self.x += by * times",
            "        return self.x + plus if self.n % 3 else self.n",
            "",
            "    def __contains__(self, v):",
            "        return v % 3 == self.n % 3",
            "",
            "    def __setitem__(self, k, v):",
            "        self.n = (self.n * 3 + k + v) % 1000",
            "",
            "    def __add__(self, other):",
            "        return Point(self.n % 1000 + other.n, self.x - other.x)",
            "",
            "    def __lt__(self, other):",
            "        return self.n < other.n",
            "",
            "",
            "class Slot(Point):",
            "    __slots__ = ('size',)",
            "",
            "    @property",
            "    def level(self):",
            "        return self.n // 3",
            "",
            "    def step(self, by, times=1, *, plus=0):",
            "        return super().step(by, times, plus=plus) * 0.5",
            "",
            "",
            "class Other:",
            "    __slots__ = ('link', 'n', 'x')",
            "    level = 2",
            "",
            "    def __init__(self, n, x):",
            "        self.n, self.x, self.link = n % 1000, x, None",
            "",
            "    def step(self, by, times=1, plus=0):",
            "        self.n = (self.n + 7) % 1000",
            "        return by - times * plus",
            "",
            "    def __add__(self, other):",
            "        return Other(self.n + other.n, self.x * 0.5)",
            "",
            "    def __lt__(self, other):",
            "        return self.x < other.x",
            "",
            "    def __contains__(self, v):",
            "        return v",
            "",
            "    def __setitem__(self, k, v):",
            "        self.link = None",
            "",
            "",
            "class Tone(enum.IntEnum):",
            "    LOW, MID, HIGH = range(3)",
            "",
            "",
            "Spot = collections.namedtuple('Spot', 'x y')",
            "",
            "",
            "class Place(typing.NamedTuple):",
            "    x: float",
            "    y: float = 1.5",
            "",
            "    def size(self):",
            "        return self.x * 0.5 + self.y",
            "",
            "",
            "@contextmanager",
            "def note(log):",
            '    log.append("in")',
            "    yield",
            '    log.append("out")',
            "",
            "",
            "def helper_box(box):",
            "    return box.value + 1",
            "",
            "",
            "def bump(v):",
            "    global G0",
            "    if v == 13:",
            "        G0 = G0 + 1",
            "",
            "",
        ]
        for name in self.helpers:
            head += [*self.helper(name), "", ""]
        head += self.generators()
        if self.nested:
            self.depth = 1
        self.put("def f(n, i0, x0, xs, ys, grid, a, m, flag):")
        self.depth += 1
        self.put("global G2")
        self.put(f"i1, i2, x1, x2 = {rng.randint(0, 5)}, 1, 0.0, 1.5")
        self.put("b0 = False")
        self.put(f"z0, z1 = {rng.choice(('0', '0j', 'x0'))}, 1 - 0.5j")
        self.put(f"zs = [1j, 2 + 1j, {rng.choice(('3j', '0.5', '2'))}]")
        self.put("opt = near = None")
        self.put(f"pair, points = (1, 0.5), [(k, k * 0.5) for k in range({rng.randint(2, 30)})]")
        self.put("mix = 0")
        self.put("ticks = 0")
        self.put("s0 = a[0]")
        self.put("row = grid[0]")
        self.put("line, t0, part, kept = m[0], 0, xs[:2], []")
        self.put("log, d, box = [], {}, Box()")
        self.put(f"source = {self.pipeline()}")
        self.put("p, q, ps = Point(1, 0.5), Slot(2, 1.5), [Point(k, k * 0.5) for k in range(4)]")
        self.put(f"text, word, c0 = {rng.choice(TEXTS)}, 'ab', 'x'")
        self.put("counts, names, seen, luck = {1: 2}, {'x': 1}, {1, 5}, random.Random(n)")
        self.put("push, have, stairs = log.append, counts.get, list(range(0, 90, 7))")
        if self.closures:
            self.put("wide = 3")
            self.put(f"def scaled(v, by={rng.choice(('2', '0.5', '3'))}, *, plus=0): return v * by + plus + wide")
            self.put("shifted = lambda v, w=1: v - w * i1")
            self.put("def summed(*vs): return sum(vs) + len(vs)")
        self.put(f"queue = collections.deque(range(3), {rng.choice(('None', 'None', '5', '70', '0'))})")
        self.put("cells, marks, spot, goal, spots = {}, {0.5}, Spot(1, 2), Place(0.5), []")
        self.put("tone = Tone.LOW")
        self.put("waiting, mine = collections.deque([(1, 0.5)] * 3), 0")
        self.budget = rng.randint(8, 26)
        for _ in range(rng.randint(1, 3)):
            self.loop()
            if self.chance(0.4):
                self.statement()
        numbers = "i0, i1, i2, x0, x1, x2, b0, z0, z1, zs, opt, mix, ticks, s0"
        self.put("left = [next(source, None), next(source, None)] if flag else None")
        self.put("world = p, q, ps, text, word, c0, counts, names, seen, luck.random()")
        self.put("kept = kept, queue, waiting, mine, cells, marks, spot, goal, spots, tone")
        self.put(f"return {numbers}, world, row, line, t0, part, kept, log, d, near, pair, points, left")
        if self.nested:
            head += ["def make():", "    G1 = 0.75", "", *self.lines, "", "    return f", "", "", "f = make()", ""]
        else:
            head += [*self.lines, "", ""]
        head += [
            "case(",
            "    f,",
            *(f"    {self.arguments(variant)}," for variant in range(3)),
            '    name="f",',
            ")",
            "",
        ]
        return "\n".join(head)


def generate(seed: int) -> str:
    """The program of a seed."""
    return Generator(seed).program()
