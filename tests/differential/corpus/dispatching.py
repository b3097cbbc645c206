"""Calls of what variables and containers hold: tables of functions and of methods, several at one place."""

from __future__ import annotations

from ..cases import case


def add(x):
    return x + 1


def double(x, by=2):
    return x * by


def less(x):
    if x < 0:
        raise ValueError(x)
    return x - 3


TABLE = {"a": add, "b": double, "c": less}


def of_a_table(text):
    x = 1
    for c in text:  # native
        x = TABLE[c](x) % 1000
    return x


def of_lambdas(text):
    table = {"a": lambda x: x + 1, "b": lambda x: x * 2, "c": lambda x: x - 3}
    x = 1
    for c in text:  # native
        x = table[c](x) % 1000
    return x


def of_a_list(n):
    functions, x = [add, double, less], 1
    for i in range(n):  # native
        f = functions[i % 3]
        x = f(x) % 1000
    return x


def of_closures(n):
    def scaling(k):
        return lambda x: x * k

    def shifting(k):
        return lambda x: x + k

    functions = [scaling(2), shifting(3), scaling(3), shifting(-1)]
    x = 1
    for i in range(n):
        x = functions[i % 4](x) % 1009
    return x


def several_kinds(n):
    class Callable:
        def __call__(self, x):
            return x + 7

    things = [add, int, Callable(), str, double, len]
    found = []
    for i in range(n):
        thing = things[i % len(things)]
        try:
            found.append(thing(i) if i % 7 else thing("ab"))
        except TypeError as error:
            found.append(str(error))
    return found


def exchanged(n):
    x, chosen = 1, add
    for i in range(n):
        if i % 5 == 4:
            chosen = double if chosen is add else add
        if i == n // 2:
            add.__defaults__, double.__defaults__ = None, (3,)
        x = chosen(x) % 1000
    double.__defaults__ = (2,)
    return x


def recoded(n):
    def one(x):
        return x + 1

    def other(x):
        return x * 2

    def third(x):
        return x - 5

    x, functions = 1, [one, other]
    for i in range(n):
        if i == n // 2:
            one.__code__ = third.__code__
        x = functions[i % 2](x) % 1000
    return x


class Machine:
    def __init__(self):
        self.table = {"push": self.push, "add": self.add, "copy": self.copy, "fail": self.fail}
        self.stack = []

    def push(self, value):
        self.stack.append(value)

    def add(self, value):
        self.stack.append((self.stack.pop() + self.stack.pop()) % 1000)

    def copy(self, value):
        self.stack.append(self.stack[-1])

    def fail(self, value):
        raise KeyError(value)

    def run(self, program):
        for name, value in program:  # native
            self.table[name](value)
        return self.stack


PROGRAM = [("push", 1), ("copy", None), ("add", None), ("push", 3), ("add", None)]


def of_methods(n):
    return Machine().run(PROGRAM * n)


def of_failing_methods(n):
    machine = Machine()
    try:
        return machine.run(PROGRAM * n + [("fail", n)] + PROGRAM)
    except KeyError as error:
        return machine.stack, error.args, error.__traceback__.tb_next.tb_next.tb_lineno


class Count:
    def __init__(self, start):
        self.n = start

    def up(self, x):
        self.n += x

    def down(self, x):
        self.n -= 1


def of_other_objects(n):
    counts = [Count(0), Count(10)]
    handlers = [counts[0].up, counts[1].up, counts[0].down]
    for i in range(n):  # native
        for handle in handlers:
            handle(i)
    return [count.n for count in counts]


def of_derived_methods(n):
    class Louder(Count):
        def up(self, x):
            super().up(2 * x)

    counts = [Count(0), Louder(0)]
    handlers = [counts[0].up, counts[1].up]
    for i in range(n):
        handlers[i % 2](i)
    return [count.n for count in counts]


def many(n):
    functions = [lambda x: x + 1, lambda x: x + 2, lambda x: x * 3, lambda x: x - 4, lambda x: x ^ 5, lambda x: x | 6,
                 lambda x: x & 1023, lambda x: x * 8, lambda x: -x]
    x = 1
    for i in range(n):
        x = functions[i % 9](x) % 10007
    return x


case(of_a_table, ("abc",), ("abcabcabc" * 4,), ("",), ("abx",), long=("abcacb" * 600,))
case(of_lambdas, ("abc",), ("abcabcabc" * 4,), ("cx",), long=("abcacb" * 600,))
case(of_a_list, (9,), (40,), long=(4000,))
case(of_closures, (9,), (40,), long=(4000,))
case(several_kinds, (40,))
case(exchanged, (40,), long=(3000,))
case(recoded, (40,), long=(3000,))
case(of_methods, (3,), (20,), long=(800,))
case(of_failing_methods, (3,), (20,), long=(800,))
case(of_other_objects, (9,), (40,), long=(2000,))
case(of_derived_methods, (9,), (40,), long=(3000,))
case(many, (40,), long=(4000,))
