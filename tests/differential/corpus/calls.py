"""Calls: the user's own functions, recursion, defaults, closures, methods, lambdas, builtins rebound in mid-run."""

from __future__ import annotations

import functools
import math
import operator
import random

from ..cases import case


def square(x):
    return x * x


def clamp(x, lo=0, hi=100):
    if x < lo:
        return lo
    if x > hi:
        return hi
    return x


def call_simple(n):
    total = 0
    for i in range(n):  # native
        total += square(i)
    return total


case(call_simple, (0,), (1,), (60,), long=(4000,))


def call_changing_types(xs):
    out = []
    for x in xs:
        out.append(square(x))
    return out


case(call_changing_types, lambda: ([1, 2] * 20 + [0.5] * 20,), lambda: ([True] * 40,), lambda: ([1] * 40 + ["a"],), lambda: ([2**40] * 40,))


def call_defaults(n):
    total = 0
    for i in range(n):  # native
        total += clamp(i - 50) + clamp(i, 10) + clamp(i, hi=20) + clamp(hi=5, x=i, lo=1)
    return total


case(call_defaults, (0,), (10,), (200,), long=(2500,))


def two_results(a, b):
    return b, a % (b + 1)


def call_unpacked(n):
    x, y = 7, 3
    for _ in range(n):  # native
        x, y = two_results(x, y)
        y += 1
    return x, y


case(call_unpacked, (0,), (3,), (60,), long=(3000,))


def is_prime(n):
    if n < 2:
        return False
    i = 2
    while i * i <= n:
        if n % i == 0:
            return False
        i += 1
    return True


def count_primes(n):
    count = 0
    for k in range(n):  # native
        if is_prime(k):
            count += 1
    return count


case(count_primes, (0,), (10,), (100,), long=(1500,))


def layer_one(x):
    return layer_two(x) + 1


def layer_two(x):
    return layer_three(x) * 2


def layer_three(x):
    if x % 10 == 3:
        return -x
    return x


def call_layers(n):
    total = 0
    for i in range(n):  # native
        total += layer_one(i)
    return total


case(call_layers, (0,), (5,), (60,), long=(3000,))


def no_result(xs, i):
    xs[i] = i


def call_for_effect(n):
    xs = [0] * n
    last = 0
    for i in range(n):
        last = no_result(xs, i)
    return xs, last


case(call_for_effect, (0,), (60,))


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


case(fib, (0,), (1,), (10,), (15,), (2.5,), (-3,), (True,))


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


case(ackermann, (0, 5), (1, 5), (2, 4))


def factorial(n):
    return 1 if n <= 1 else n * factorial(n - 1)


case(factorial, (0,), (5,), (20,), (21,), (30,), (5.0,))


def hanoi(n, a, b, c):
    if n == 0:
        return 0
    return hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)


case(hanoi, (0, 1, 2, 3), (7, 1, 2, 3))


def recursion_in_loop(n):
    total = 0
    for i in range(n):
        total += fib(i % 10)
    return total


case(recursion_in_loop, (0,), (60,))


def endless(n):
    return endless(n + 1) + 1


case(endless, (0,))


def recursion_with_list(xs, lo, hi):
    if lo >= hi:
        return 0
    mid = (lo + hi) // 2
    return xs[mid] + recursion_with_list(xs, lo, mid) + recursion_with_list(xs, mid + 1, hi)


case(recursion_with_list, lambda: ([], 0, 0), lambda: (list(range(50)), 0, 50), lambda: (list(range(50)), 0, 55), lambda: ([0.5] * 20, 0, 20))


def recursion_raises(n):
    if n == 0:
        return 1 // n
    return recursion_raises(n - 1) + 1


case(recursion_raises, (0,), (3,), (20,))


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def mutual_recursion(n):
    out = []
    for i in range(n):
        out.append(is_even(i))
    return out


case(mutual_recursion, (0,), (50,))


def nested_in_function(n):
    def weight(x, factor=3):
        return x * factor + n

    total = 0
    for i in range(n):
        total += weight(i)
    return total


case(nested_in_function, (0,), (60,))


def lambda_called(n):
    twice = lambda x: x * 2  # noqa: E731
    total = 0
    for i in range(n):
        total += twice(i)
    return total


case(lambda_called, (0,), (60,))


def function_argument(f, n):
    total = 0
    for i in range(n):
        total += f(i)
    return total


case(function_argument, (square, 50), (lambda x: x + 0.5, 50), (abs, 50), (float, 50), (str, 5), (math.sqrt, 50), (fib, 10),
     (functools.partial(clamp, hi=7), 50))


def functions_in_turn(n):
    total = 0
    for i in range(n):
        f = square if i % 2 else layer_three
        total += f(i)
    return total


case(functions_in_turn, (0,), (60,))


def varargs(*args, scale=1, **more):
    total = 0
    for x in args:
        total += x * scale
    for name in more:
        total += len(name)
    return total


case(varargs, (), (1, 2, 3), (0.5,) * 40, long=tuple(range(3000)))


def call_varargs(n):
    total = 0
    for i in range(n):
        total += varargs(i, i + 1, scale=2, extra=0) + varargs(*range(3))
    return total


case(call_varargs, (0,), (60,))


def keyword_only(n, *, step=2):
    total = 0
    for i in range(0, n, step):  # native
        total += i
    return total


case(keyword_only, (0,), (60,), long=(6000,))


def positional_only(a, b=5, /, c=7):
    for i in range(a):  # native
        b, c = c, b + i
    return a, b, c


case(positional_only, (0,), (3,), (50, 1), (50, 1.5, 2), long=(3000,))


DEFAULT = [0]


def mutable_default(n, store=DEFAULT):
    for i in range(n):
        store[0] += i
    return store


case(mutable_default, (0,), (10,), (60,))


def make_counter():
    total = 0
    calls = 0

    def counter(n):
        nonlocal calls
        calls += 1
        amount = 0
        for i in range(n):  # native
            amount += i + total
        return amount, calls

    return counter


counter = make_counter()
case(counter, (0,), (10,), (60,), long=(3000,))


def make_accumulator():
    total = 0

    def accumulate(n):
        nonlocal total
        for i in range(n):
            total += i
        return total

    return accumulate


accumulate = make_accumulator()
case(accumulate, (0,), (60,), (5,))


def make_late():
    def late(n):
        total = 0
        for i in range(n):
            total += value + i
        return total

    if DEFAULT is None:
        value = 1
    return late


late = make_late()
case(late, (0,), (5,))


def make_pair():
    scale = 2

    def reader(n):
        total = 0
        for i in range(n):
            if i % 20 == 10:
                bump()
            total += i * scale
        return total

    def bump():
        nonlocal scale
        scale = scale + 1 if scale < 6 else 0.5

    return reader


reader = make_pair()
case(reader, (5,), (100,), (200,))


def closure_over_loop_variable(n):
    fs = []
    for i in range(n):
        fs.append(lambda: i)
    return [f() for f in fs]


case(closure_over_loop_variable, (0,), (5,))


def closure_over_accumulator(n):
    total = 0

    def peek():
        return total

    trail = []
    for i in range(n):
        total += i
        if i % 10 == 0:
            trail.append(peek())
    return trail, total


case(closure_over_accumulator, (0,), (60,))


def generator_expression_over_local(n):
    out = []
    for i in range(n):
        out.append(sum(i * k for k in range(3)))
    return out


case(generator_expression_over_local, (0,), (60,))


class Counter:
    """Methods with loops."""

    step = 3

    def __init__(self, start):
        self.value = start
        self.__hidden = 5

    def run(self, n):
        total = 0
        for i in range(n):
            total += i * self.step
            self.value += 1
        return total, self.value

    def plain_loop(self, n):
        total = self.value
        for i in range(n):  # native
            total += i
        self.value = total
        return total

    def mangled(self, n):
        total = 0
        for i in range(n):
            total += i + self.__hidden
            __local = total
        return total, __local

    def super_inside(self, n):
        names = []
        for _ in range(n):
            names.append(super().__repr__() != "")
        return names

    @staticmethod
    def static_loop(n):
        total = 0
        for i in range(n):
            total -= i
        return total


case(Counter.run, lambda: (Counter(1), 0), lambda: (Counter(1), 60), lambda: (Counter(0.5), 60))
case(Counter.plain_loop, lambda: (Counter(1), 0), lambda: (Counter(1.5), 60), long=lambda: (Counter(1), 3000))
case(Counter.mangled, lambda: (Counter(1), 3), lambda: (Counter(1), 60), lambda: (Counter(1), 0))
case(Counter.super_inside, lambda: (Counter(1), 3), lambda: (Counter(1), 60))
case(Counter.static_loop, (0,), (60,))


class Vector:
    """Operators of its own."""

    def __init__(self, x):
        self.x = x

    def __add__(self, other):
        return Vector(self.x + getattr(other, "x", other))

    __radd__ = __add__

    def __lt__(self, other):
        return self.x < getattr(other, "x", other)

    def __bool__(self):
        return self.x > 10

    def __eq__(self, other):
        return NotImplemented

    def __hash__(self):
        return 7


def user_operators(start, n):
    total = start
    trues = 0
    for i in range(n):
        total = total + i
        if total:
            trues += 1
        if total < 50:
            trues += 100
    return total, trues


case(user_operators, lambda: (Vector(0), 30), lambda: (0, 30), lambda: (0.5, 60), lambda: (Vector("a"), 3))


def object_becomes_number(xs):
    total = 0
    for x in xs:
        total = total + x
    return total


case(object_becomes_number, lambda: ([1] * 40 + [Vector(5)] + [1] * 40,), lambda: ([Vector(5)] + [1] * 40,))


def attributes(n):
    c = Counter(0)
    for i in range(n):
        c.value += i
        c.extra = i
    return c


case(attributes, (0,), (60,))


def builtin_min_key(n):
    out = []
    for i in range(n):
        out.append(min([i, 5, 10 - i], key=lambda v: v * v))
    return out


case(builtin_min_key, (0,), (40,))


def random_stream(n):
    random.seed(5)
    inside = 0
    for _ in range(n):
        x, y = random.random(), random.random()
        if x * x + y * y < 1:
            inside += 1
    return inside, random.random()


case(random_stream, (0,), (60,), (500,))


def random_methods(n):
    r = random.Random(3)
    out = []
    for _ in range(n):
        out.append((r.randint(1, 6), r.uniform(0, 2), r.choice([1, 2, 3]), r.gauss(0, 1)))
    return out


case(random_methods, (0,), (50,))


def calls_with_lists(n):
    xs = [3, 1, 2] * 10
    for i in range(n):
        push_down(xs, i % len(xs))
    return xs


def push_down(xs, i):
    while i + 1 < len(xs) and xs[i] > xs[i + 1]:
        xs[i], xs[i + 1] = xs[i + 1], xs[i]
        i += 1


case(calls_with_lists, (0,), (10,), (100,))


def helper_raises(x, limit):
    if x > limit:
        raise ValueError(f"{x} is above {limit}")
    return x


def call_that_raises(n, limit):
    total = 0
    for i in range(n):
        total += helper_raises(i, limit)
    return total


case(call_that_raises, (10, 100), (100, 50), (5, 2), (1, -1))


def helper_divides(x, y):
    z = x - y
    return (
        x
        / z
    )


def call_that_divides(n, y):
    total = 0
    for i in range(n):
        total += helper_divides(i, y)
    return total


case(call_that_divides, (10, 100), (100, 50), (100, 50.0), (5, 2), (1, 0))


def helper_catches(x, y):
    try:
        return x // y
    except ZeroDivisionError:
        return -1


def call_that_catches(n):
    total = 0
    for i in range(n):
        total += helper_catches(i, i % 20)
    return total


case(call_that_catches, (0,), (5,), (100,))


def helper_loop(n):
    total = 0
    for k in range(n % 5):
        total += k
    return total


def call_with_loop(n):
    total = 0
    for i in range(n):  # native
        total += helper_loop(i)
    return total


case(call_with_loop, (0,), (60,), long=(2500,))


def wrong_arity(n):
    total = 0
    for i in range(n):
        total += square(i) if i < 50 else square(i, i)
    return total


case(wrong_arity, (10,), (60,))


def helper_deep(n):
    return n if n < 3 else helper_deep(n - 1)


def deep_calls(n):
    total = 0
    for i in range(n):
        total += helper_deep(i % 50)
    return total


case(deep_calls, (0,), (100,))


def decorated(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args) + 1

    return wrapper


@decorated
def wrapped_helper(x):
    return x * 2


def call_decorated(n):
    total = 0
    for i in range(n):
        total += wrapped_helper(i)
    return total


case(call_decorated, (0,), (60,))


@functools.lru_cache(maxsize=None)
def cached_helper(x):
    return x * x


def call_cached(n):
    total = 0
    for i in range(n):
        total += cached_helper(i % 10)
    return total


case(call_cached, (0,), (60,))


def yield_inside(n):
    for i in range(n):  # python
        yield i * i


case(yield_inside, (0,), (60,), long=(2000,))


def loop_before_yield(n):
    total = 0
    for i in range(n):
        total += i
    yield total
    for i in range(n):
        total -= 2 * i
    yield total


case(loop_before_yield, (0,), (100,))


def string_building(n):
    text = ""
    for i in range(n):
        text += str(i % 7)
        if len(text) > 50:
            text = text[-3:]
    return text


case(string_building, (0,), (100,))


def sorted_inside(n):
    out = []
    for i in range(n):
        out.append(sorted([i % 5, i % 3, i % 7])[1])
    return out


case(sorted_inside, (0,), (60,))


def kwargs_loop(n):
    total = 0
    for i in range(n):
        total += int("10", base=2 + i % 3)
    return total


case(kwargs_loop, (0,), (60,))


def extremes(xs, n):
    low = high = None
    for _ in range(n):
        low, high = min(xs), max(xs)
    return low, high


def extremes_of_one(x, n):
    low = None
    for _ in range(n):
        low = min((x,)), max((x, x))
    return low, max((x,))


def extremes_summed(xs, n):
    total = 0
    for i in range(n):
        total += sum(x for x in xs) + max(xs) + len([x * i for x in xs])
    return total


def indices(x, n):
    i = j = None
    for _ in range(n):
        i = operator.index(x)
        j = i
    return i, j


case(extremes, lambda: ([3, 1, 2], 60), lambda: ([4], 60), lambda: ([], 60), lambda: ((1, 2.5), 60), lambda: (range(5), 60),
     (5, 60), (2.5, 60), (None, 60), apart=True)
case(extremes_of_one, (5, 60), (2.5, 60), lambda: ([1], 60), apart=True)
case(extremes_summed, lambda: ([3, 1, 2], 60), lambda: ([0.5], 60), apart=True)
case(indices, (3, 60), (True, 60), (2.0, 60), apart=True)


def carrying(x):
    return x + 1


carrying.function = abs


def with_an_attribute(n):
    total = 0
    for i in range(n):
        total += carrying(i)
    return total


# An attribute of a callee's own is no news about the callee.
case(with_an_attribute, (30,))
