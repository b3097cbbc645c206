"""Arithmetic: ints at every edge, floats, bools, all operators, conversions and math."""

from __future__ import annotations

import math

from ..cases import case

EDGES = [0, 1, -1, 2, -2, 3, 7, 31, 63, 64, 2**31 - 1, 2**31, -(2**31), 2**53 - 1, 2**53, 2**53 + 1, 2**62, 2**63 - 1,
         -(2**63) + 1, -(2**63)]
BIG = [2**63, -(2**63) - 1, 2**64, 10**30, -(10**40)]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e-310, 5e-324, 1e308, -1e308, 1e16, 2.0**53, 2.0**63, -(2.0**63), 0.1,
          float("inf"), float("-inf"), float("nan")]


def int_binary(xs, ys):
    out = []
    for x in xs:  # native
        for y in ys:  # native
            out.append(x + y)
            out.append(x - y)
            out.append(x * y)
            out.append(x & y)
            out.append(x | y)
            out.append(x ^ y)
    return out


case(int_binary, lambda: (EDGES, EDGES), lambda: (EDGES + BIG, EDGES), lambda: ([True, False], [True, 3]),
     lambda: ([1, 2, 3], [1.5]), long=lambda: (list(range(60)), list(range(60))))


def int_divisions(xs, ys):
    out = []
    for x in xs:  # native
        for y in ys:  # native
            if y == 0:
                continue
            out.append(x // y)
            out.append(x % y)
            q, r = divmod(x, y)
            out.append(q - r)
    return out


case(int_divisions, lambda: (EDGES, EDGES), lambda: (EDGES + BIG, BIG), lambda: (EDGES, FLOATS[2:8]),
     lambda: ([True], [True]), long=lambda: (list(range(-30, 30)), list(range(-30, 30))))


def int_constant_divisors(xs):
    out = []
    for x in xs:  # native
        out.append((x % 1, x % 3, x % 65521, x % (2**62 + 1), x % (2**63 - 1), x % -3, x % -(2**63)))
        out.append((x // 1, x // 3, x // 65521, x // (2**62 + 1), x // (2**63 - 1), x // -3, x // -(2**63)))
        y = ((x % 7 - 9) % 5 - x) % 11 // 2 - 3
        out.append((y % 4, y // 4, y % 6, y // 6, (y - x % 10) % 9 // 3))
    return out


case(int_constant_divisors, lambda: (EDGES,), lambda: (EDGES + BIG,), lambda: ([True, False],),
     long=lambda: (list(range(-1500, 1500)),))


def int_true_division(xs, ys):
    out = []
    for x in xs:
        for y in ys:
            out.append(x / y if y else None)
    return out


case(int_true_division, lambda: (EDGES, EDGES), lambda: (EDGES, BIG), lambda: (EDGES, [True, False]),
     lambda: (list(range(60)), list(range(60))))


def int_shifts(xs, ns):
    out = []
    for x in xs:
        for n in ns:
            out.append(x << n)
            out.append(x >> n)
    return out


case(int_shifts, lambda: (EDGES, [0, 1, 5, 31, 32, 62, 63, 64, 65, 100]), lambda: ([1] * 40 + [2], [0, 1, -1]),
     lambda: ([True, False] * 20, [0, 1, 2]), lambda: (BIG, [0, 1, 63]), lambda: ([1], [2.0]))


def int_power(xs, ns):
    out = []
    for x in xs:
        for n in ns:
            out.append(x**n if x or n >= 0 else None)
    return out


case(int_power, lambda: (EDGES, [0, 1, 2, 3, 5, 10]), lambda: ([2, 3, -3] * 10, [-1, -2, 62, 63, 64]), lambda: ([True], [0, 2]))


def int_unary(xs):
    out = []
    for x in xs:
        out.append((-x, +x, ~x, abs(x), not x))
    return out


case(int_unary, lambda: (EDGES,), lambda: (EDGES + BIG + EDGES,), lambda: ([True, False] * 10,))


def int_compare(xs, ys):
    out = []
    for x in xs:
        for y in ys:
            out.append((x < y, x <= y, x == y, x != y, x > y, x >= y, x is None, x is not None))
    return out


case(int_compare, lambda: (EDGES, EDGES), lambda: (EDGES, FLOATS), lambda: (FLOATS, BIG), lambda: (FLOATS, FLOATS),
     lambda: ([True, False], EDGES), lambda: (EDGES, [2.0**53, 2.0**63, 9007199254740993.0]), apart=True)


def compare_int_float_edge(xs, y):
    equal = 0
    for x in xs:  # native
        if x == y:
            equal += 1
        if x < y:
            equal += 100
    return equal


case(compare_int_float_edge, lambda: ([2**53, 2**53 + 1, 2**53 - 1] * 5, 2.0**53), lambda: ([2**63 - 1] * 5, 2.0**63),
     lambda: ([1, 2], float("nan")), lambda: ([1, 2], "a"), long=lambda: (list(range(4000)), 1999.5))


def chained(xs, lo, hi):
    inside = []
    for x in xs:  # native
        inside.append(lo < x <= hi != 7)
    return inside


case(chained, lambda: (list(range(20)), 3, 9), lambda: (list(range(20)), 3, 7), lambda: ([0.5, 1.5] * 9, 1, 2.0),
     lambda: ([True, 2, 1.5], 0, 5), long=lambda: (list(range(4000)), 100, 3000))


def chained_evaluates_once(n):
    log = []

    def say(x):
        log.append(x)
        return x

    for i in range(n):
        if say(i) < say(5) < say(9 - i):
            log.append("yes")
    return log


case(chained_evaluates_once, (0,), (12,))


def float_binary(xs, ys):
    out = []
    for x in xs:  # native
        for y in ys:  # native
            out.append(x + y)
            out.append(x - y)
            out.append(x * y)
    return out


case(float_binary, lambda: (FLOATS, FLOATS), lambda: (FLOATS, EDGES), lambda: (EDGES, FLOATS), lambda: (FLOATS, [True, False]),
     lambda: (FLOATS, [2**1000]), long=lambda: ([k / 7 for k in range(60)], [k / 3 for k in range(60)]))


def float_divisions(xs, ys):
    out = []
    for x in xs:  # native
        for y in ys:  # native
            if y != 0.0:
                out.append(x / y)
                out.append(x // y)
                out.append(x % y)
    return out


case(float_divisions, lambda: (FLOATS, FLOATS), lambda: (FLOATS, EDGES), lambda: (EDGES, FLOATS[2:]),
     long=lambda: ([k / 7 for k in range(60)], [k / 3 for k in range(60)]))


def float_divmod(xs, ys):
    out = []
    for x in xs:
        for y in ys:
            if y:
                out.append(divmod(x, y))
    return out


case(float_divmod, lambda: (FLOATS, FLOATS), lambda: ([1.5, -1.5, 7.0] * 10, [2, -2, 0.3]))


def float_power(xs, ys):
    out = []
    for x in xs:
        for y in ys:
            if x > 0:
                out.append(x**y)
    return out


case(float_power, lambda: ([0.5, 2.0, 1.5, 0.1, 1e10] * 4, [0, 1, 2, 3, 0.5, -1, -0.5, 2.5, 30]), lambda: ([2, 3, 5], FLOATS[:8]))


def float_power_domain(x, y):
    total = 0
    for _ in range(40):
        total = x**y
    return total


case(float_power_domain, (-8.0, 1 / 3), (0.0, -1), (1e300, 2), (-0.0, -1.0), (-0.0, 3), (float("nan"), 0), (1.0, float("nan")),
     (-2.0, 3), (-2, 0.5), (0, -1), (2, -2), (float("inf"), -1), apart=True)


def float_unary(xs):
    out = []
    for x in xs:
        out.append((-x, +x, abs(x), not x, bool(x)))
    return out


case(float_unary, lambda: (FLOATS * 2,))


def zero_division(x, y, op):
    r = None
    for i in range(60):
        if op == 0:
            r = x / (y - i)
        elif op == 1:
            r = x // (y - i)
        elif op == 2:
            r = x % (y - i)
        else:
            r = divmod(x, y - i)
    return r


case(zero_division, *[(x, y, op) for x in (7, 7.5) for y in (50, 50.0, 100) for op in range(4)], apart=True)


def int_overflow_and_back(n):
    x = 1
    small = 0
    for i in range(n):
        x = x * 3
        if x > 10**25:
            x = 1
        if x < 2**62:
            small += x
    return x, small


case(int_overflow_and_back, (30,), (100,), (500,))


def int_overflow_sum(xs):
    total = 0
    for x in xs:
        total += x
    return total


case(int_overflow_sum, lambda: ([2**62] * 5,), lambda: ([2**62, -(2**62)] * 20 + [2**62] * 3 + [-(2**62)] * 4,),
     lambda: ([2**63 - 1] * 50,))


def factorial_big(n):
    product = 1
    for i in range(1, n + 1):
        product *= i
    return product


case(factorial_big, (0,), (20,), (21,), (100,))


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


case(fibonacci, (0,), (50,), (92,), (93,), (300,))


def edge_increment(start, step, n):
    x = start
    for _ in range(n):
        x += step
    return x


case(edge_increment, (2**63 - 30, 1, 50), (-(2**63) + 30, -1, 50), (2**53 - 5, 1.0, 20), (2**31 - 5, 1, 20), (2**62, 2**62, 1))


def hash_mix(n):
    h = 1469598103934665603
    for i in range(n):
        h ^= i & 255
        h = h * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return h


case(hash_mix, (0,), (10,), (300,))


def lcg(n):
    seed = 42
    hits = 0
    for _ in range(n):  # native
        seed = (seed * 1103515245 + 12345) % 2147483648
        if seed < 1073741824:
            hits += 1
    return seed, hits


case(lcg, (0,), (10,), long=(4000,))


def gcd_sum(n):
    total = 0
    for a in range(1, n):  # native
        for b in range(1, n):  # native
            x, y = a, b
            while y:  # native
                x, y = y, x % y
            total += x
    return total


case(gcd_sum, (0,), (5,), long=(40,))


def bool_arithmetic(flags):
    out = []
    total = 0
    for a in flags:
        for b in flags:
            out.append((a + b, a * b, a & b, a | b, a ^ b, a == b, a < b, a and b, a or b, not a, ~int(a), -a))
            total += a
    return out, total


case(bool_arithmetic, lambda: ([True, False],), lambda: ([True, False] * 6,), lambda: ([True, 1, 0, False],))


def bool_identity(n):
    out = []
    for i in range(n):
        flag = i > 3
        out.append(flag)
        out.append(flag is True)
        out.append(flag + 0)
        out.append(bool(i))
        out.append(not i)
    return out


case(bool_identity, (0,), (8,), (40,))


def bool_phi(n):
    x = False
    for i in range(n):  # native
        x = i % 3 == 0
    return x


case(bool_phi, (0,), (1,), (5,), long=(3000,))


def int_or_bool(n):
    x = 0
    trail = []
    for i in range(n):
        x = i > 5 if i % 2 else i
        trail.append(x)
    return x, trail


case(int_or_bool, (0,), (9,), (60,))


def and_or_values(xs, ys):
    out = []
    for x in xs:
        for y in ys:
            out.append(x and y)
            out.append(x or y)
            out.append(x and y or 7)
    return out


case(and_or_values, lambda: ([0, 1, 2], [0, 5]), lambda: ([0.0, 1.5, -0.0], [0, 5, None]), lambda: ([0, 1] * 10, [2.5, 0.0]))


def conditional_values(n):
    total = 0
    label = None
    for i in range(n):
        total += i if i % 2 else -i
        label = "odd" if i % 2 else "even"
    return total, label


case(conditional_values, (0,), (9,), (100,))


def conditional_mixed_types(n):
    out = []
    for i in range(n):
        out.append(i if i % 3 else i + 0.5)
    return out


case(conditional_mixed_types, (0,), (9,), (100,))


def augmented(n):
    a, b, c, d, e, f, g, h = 1, 2, 1000000, 7.5, 255, 1, 3, 64
    for i in range(1, n):  # native
        a += i
        b -= i
        c //= 1 + i % 2
        d /= 1.0625
        e ^= i
        f |= i & 7
        g = g * 5 % 1000
        g **= 2
        h <<= i & 1
        h >>= i & 1
        g %= 1009
        e &= 1023
        d *= 1.03125
    return a, b, c, d, e, f, g, h


case(augmented, (0,), (3,), (40,), long=(3000,))


def min_max_abs(xs):
    lo = hi = xs[0]
    total = 0
    for x in xs:  # native
        lo = min(lo, x)
        hi = max(hi, x)
        total += abs(x) + max(x, 2, 3) - min(x, -1)
    return lo, hi, total


case(min_max_abs, lambda: ([1, -5, 3] * 5,), lambda: ([1.5, -0.0, 0.0] * 8,), lambda: ([float("nan"), 1.0, 2.0] * 5,),
     lambda: ([1, 1.0, True] * 9,), lambda: ([-(2**63), 2**63 - 1] * 3,), lambda: ([],),
     long=lambda: ([(k * 37) % 101 - 50 for k in range(4000)],))


def min_max_ties(xs):
    out = []
    for x in xs:
        out.append((min(x, 0), max(x, 0), min(0, x), max(0, x), min(x, 0.0), max(0.0, x)))
    return out


case(min_max_ties, lambda: ([0.0, -0.0, False, 0, 1, -1],), lambda: ([0.0, -0.0] * 20,), lambda: ([float("nan")] * 20,))


def conversions(xs):
    out = []
    for x in xs:
        out.append((int(x), float(x), bool(x)))
    return out


case(conversions, lambda: (EDGES,), lambda: ([0.5, -0.5, 1e15, -2.9, 2.0**62] * 4,), lambda: ([True, False] * 10,),
     lambda: ([1e19, 2.0**63, -(2.0**63), 1e300],), lambda: ([1.0] * 30 + [float("nan")],), lambda: ([1.0] * 30 + [float("inf")],),
     lambda: ([2**1024],), apart=True)


def rounding(xs):
    out = []
    for x in xs:
        out.append(round(x))
        out.append(round(x, 1))
        out.append(round(x, -1))
    return out


case(rounding, lambda: ([0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 2.675, 1e22, -0.0] * 3,), lambda: (EDGES,),
     lambda: ([1.0] * 30 + [float("nan")],), lambda: ([True, False] * 9,), lambda: ([1.0] * 30 + [float("inf")],), apart=True)


def math_plain(xs):
    out = []
    for x in xs:
        out.append(math.sin(x))
        out.append(math.cos(x))
        out.append(math.atan(x))
        out.append(math.tanh(x))
        out.append(math.fabs(x))
        out.append(math.floor(x))
        out.append(math.ceil(x))
        out.append(math.trunc(x))
        out.append(math.copysign(2.0, x))
    return out


case(math_plain, lambda: ([k / 7 - 3 for k in range(40)],), lambda: (EDGES,), lambda: ([0.0, -0.0, 1e22, 5e-324] * 5,),
     lambda: ([1.0] * 30 + [float("inf")],), lambda: ([1.0] * 30 + [float("nan")],))


def math_roots(xs):
    total = 0.0
    for x in xs:  # native
        total += math.sqrt(x) + math.log(x + 1.0)
    return total


case(math_roots, lambda: ([0.0, 1.0, 2.0] * 9,), lambda: ([4, 9, 16] * 9,), lambda: ([1.0] * 30 + [-0.5],),
     lambda: ([1.0] * 30 + [-4.0],), lambda: ([1.0] * 30 + [-1.0],), lambda: ([float("inf"), float("nan")] * 9,),
     lambda: ([2**70, 10**300] * 5,), lambda: ([1.0] * 30 + ["x"],), long=lambda: ([k / 3 for k in range(4000)],))


def math_domain(name, x):
    f = getattr(math, name)
    y = None
    for _ in range(40):
        y = f(x)
    return y


case(math_domain, *[(name, x) for name in ("sqrt", "log", "log2", "log10", "log1p", "exp", "expm1", "acos", "asin", "acosh",
                                           "atanh", "sinh", "tan", "gamma", "lgamma", "erf", "isnan", "isinf", "isfinite")
                    for x in (0.0, 1.0, -1.0, 2.5, 1000.0, float("inf"), float("nan"))], apart=True)


def math_two(xs, ys):
    out = []
    for x in xs:
        for y in ys:
            out.append((math.atan2(x, y), math.hypot(x, y), math.copysign(x, y), math.isclose(x, y)))
            if y and not math.isinf(x) and not math.isnan(x):
                out.append(math.fmod(x, y))
    return out


case(math_two, lambda: (FLOATS, FLOATS), lambda: ([k / 7 for k in range(20)], [k / 3 - 2 for k in range(20)]))


def math_integer(ns):
    out = []
    for n in ns:
        out.append((math.gcd(n, 12), math.isqrt(abs(n)), math.lcm(n, 4)))
    return out


case(math_integer, lambda: (EDGES,), lambda: (list(range(60)),), lambda: ([1] * 40 + [1.5],))


def math_constants(n):
    area = 0.0
    for i in range(n):  # native
        area += math.pi * i * i - math.e
        if area > math.inf:
            break
    return area


case(math_constants, (0,), (10,), long=(3000,))


def math_exp_overflow(x):
    y = 0.0
    for i in range(60):
        y = math.exp(x * i)
    return y


case(math_exp_overflow, (1.0,), (20.0,), (-20.0,), (float("inf"),))


def math_pow(x, y):
    r = 0
    for _ in range(40):
        r = math.pow(x, y)
    return r


case(math_pow, (2.0, 0.5), (-8.0, 1 / 3), (0.0, -1.0), (1e200, 2.0), (2, 3), (float("nan"), 0.0), apart=True)


def float_accumulate(n):
    x = 0.1
    for _ in range(n):  # native
        x = x * 1.0000001 + 1e-9 - x / 3.0
    return x


case(float_accumulate, (0,), (10,), long=(4000,))


def no_contraction(xs, ys, zs):
    out = []
    for k in range(len(xs)):  # native
        out.append(xs[k] * ys[k] + zs[k])
    return out


case(no_contraction, lambda: ([0.1, 1e16, 1 / 3] * 9, [3.0, 1.0000000001, 3.0] * 9, [-0.3, -1e16, -1.0] * 9),
     long=lambda: ([k / 7 for k in range(3000)], [k / 3 for k in range(3000)], [-k * k / 21 for k in range(3000)]))


def leibniz(n):
    total = 0.0
    sign = 1.0
    for k in range(n):  # native
        total += sign / (2 * k + 1)
        sign = -sign
    return 4 * total


case(leibniz, (0,), (10,), long=(4000,))


def mandelbrot_point(cx, cy, limit):
    x = y = 0.0
    for step in range(limit):  # native
        if x * x + y * y > 4.0:
            return step
        x, y = x * x - y * y + cx, 2.0 * x * y + cy
    return limit


case(mandelbrot_point, (0.0, 0.0, 50), (1.0, 1.0, 50), (-0.75, 0.1, 100), (0, 0, 10), long=(-0.1, 0.1, 3000))


def newton_sqrt(x):
    guess = x
    steps = 0
    while abs(guess * guess - x) > 1e-9:
        guess = (guess + x / guess) / 2
        steps += 1
    return guess, steps


case(newton_sqrt, (2.0,), (1e6,), (0.25,), (9,), (0.0,))


def int_float_phi(n):
    s = 0
    for i in range(n):
        if i == 20:
            s += 1.5
        s += i
    return s


case(int_float_phi, (0,), (10,), (30,), (400,))


def int_float_phi_start(n):
    s = 0
    for _ in range(n):  # native
        s += 1.5
    return s


case(int_float_phi_start, (0,), (1,), (10,), long=(3000,))


def int_float_alternate(n):
    s = 0
    trail = []
    for i in range(n):
        s = s + 1 if i % 2 else s + 1.0
        if i % 5 == 0:
            s = int(s)
        trail.append(s)
    return trail


case(int_float_alternate, (0,), (10,), (100,))


def zero_signs(xs):
    out = []
    for x in xs:
        out.append((x * 0, x * -1, 0 - x, 0.0 - x, x + 0, x - x, -x + 0.0))
    return out


case(zero_signs, lambda: ([0.0, -0.0, 1.0] * 6,), lambda: ([0, 1, -1] * 6,), lambda: ([float("inf")] * 9,))


def sum_reduction(xs):
    total = 0
    for _ in range(30):
        total += sum(xs)
    return total


case(sum_reduction, lambda: ([1, 2, 3],), lambda: ([0.1] * 10,), lambda: ([],), lambda: ([1, 2.5, True],),
     lambda: ([1e16, 1.0, -1e16],), lambda: ([2**62] * 4,), lambda: ([-0.0],))


def sum_generator(n):
    out = []
    for k in range(n):
        out.append(sum(i * i for i in range(k)))
    return out


case(sum_generator, (0,), (5,), (60,))


def digits(n):
    total = 0
    while n > 0:
        n, digit = divmod(n, 10)
        total += digit
    return total


case(digits, (0,), (123456789,), (2**63 - 1,), (10**40 + 7,), (12.5,))


def bit_tricks(n):
    count = 0
    for x in range(n):  # native
        y = x
        while y:  # native
            y &= y - 1
            count += 1
        count ^= (x >> 1) ^ x
    return count


case(bit_tricks, (0,), (1,), (30,), long=(600,))


def xorshift(n):
    x = 88172645463325252
    for _ in range(n):
        x ^= x << 13 & 0xFFFFFFFFFFFFFFFF
        x ^= x >> 7
        x ^= x << 17 & 0xFFFFFFFFFFFFFFFF
    return x


case(xorshift, (0,), (5,), (300,))


def mixed_chain(n):
    out = []
    for i in range(n):
        out.append((i + 0.5) // 2 + i % 3 * 2**2 - -i + (i << 1 | 1) / 4)
    return out


case(mixed_chain, (0,), (10,), (100,))


def complex_numbers(n):
    z = 0j
    for k in range(n):
        z = z * z + complex(0.1, k % 3 * 0.1)
    return z


case(complex_numbers, (0,), (3,), (50,))


def type_error_operands(a, b, n):
    r = a
    for i in range(n):
        r = a + b if i > n - 3 else a
    return r


case(type_error_operands, (1, "x", 50), (1.5, None, 50), ([1], 2, 50), ("a", "b", 50), (1, [2], 1), ([1], [2], 40))


def int_methods(xs):
    out = []
    for x in xs:
        out.append((x.bit_length(), x.bit_count(), x.real, x.numerator))
    return out


case(int_methods, lambda: (EDGES,), lambda: ([True] * 40,), lambda: ([1] * 40 + [1.5],))


def float_methods(xs):
    out = []
    for x in xs:
        out.append((x.is_integer(), x.hex()))
    return out


case(float_methods, lambda: (FLOATS * 2,), lambda: ([1.0] * 40 + [None],))


def pow_three(n):
    total = 0
    for i in range(n):
        total += pow(3, i, 1009) + pow(i, 2)
    return total


case(pow_three, (0,), (10,), (200,))


def none_tests(xs):
    nones = others = 0
    for x in xs:
        if x is None:
            nones += 1
        elif x is not None and x == 3:
            others += x
    return nones, others


case(none_tests, lambda: ([None, 1, 3] * 10,), lambda: ([None] * 50,), lambda: ([3] * 50,), lambda: ([3.0, None] * 20,))


def powers_of_ints(xs, ys):
    seen = []
    for i in range(len(xs)):  # native
        x, y = xs[i], ys[i]
        seen.append(x**2 + x**3 - x**0 + x**5)
        seen.append(x**y)
        seen.append(pow(x, y) if y > 0 else x**-2)
    return seen


case(powers_of_ints, lambda: ([2, -3, 7, 1, -1], [3, 1, 2, 0, 9]), lambda: ([2, -3, 7, 1, -1] * 5, [-3, -1, -2, -9, -9] * 5),
     lambda: ([2, -3, 7, 1, -1] * 5, [-3, 1, -2, 0, 4] * 5), lambda: ([2, 3, 0, 5], [-1, -2, -1, 3]), lambda: ([10] * 30, [*range(30)]),
     lambda: ([3037000499, 3037000500, -3037000500, 2**21, -(2**21)], [2, 2, 1, 3, 3]), lambda: ([True, False, True], [2, 0, 1]),
     lambda: ([2**62, 3], [-1, -700]), lambda: ([2, 4], [0.5, -0.5]), lambda: ([-8, -1], [1 / 3, 0.5]), lambda: ([2, 3], [True, 2]),
     long=lambda: ([k % 9 - 4 for k in range(3000)], [k % 7 for k in range(3000)]), apart=True)


def powers_of_floats(xs, ys):
    seen = []
    for i in range(len(xs)):  # native
        x, y = xs[i], ys[i]
        seen.append(x**2)
        seen.append(x**y)
        seen.append(x**-1 + x**0.5)
    return seen


INFINITE, NO_NUMBER = float("inf"), float("nan")
case(powers_of_floats, lambda: ([2.5, 0.5], [3.0, -2.0]), lambda: ([2.5, -0.5, 3.0], [3.0, -2.0, 0.5]), lambda: ([2.5, -8.0], [0.5, 1 / 3]),
     lambda: ([2.5, INFINITE, NO_NUMBER, 1.0, INFINITE, 0.5], [1.0, 2.0, 0.0, NO_NUMBER, -INFINITE, -INFINITE]),
     lambda: ([2.5, 0.0], [1.0, -1.0]), lambda: ([2.5, 1e200], [1.0, 2.0]), lambda: ([2.5, 1e-200], [1.0, 2.0]), lambda: ([2.0, 3.0], [2, -2]),
     long=lambda: ([0.5 + k % 9 for k in range(3000)], [k % 7 - 3.5 for k in range(3000)]), apart=True)


def powers_modulo(xs, y, m):
    total = 0
    for x in xs:  # native
        total += pow(x, y, m)
    return total


case(powers_modulo, lambda: ([2, -3, 7], 10, 13), lambda: ([2, -3, 7, 0], 0, 1), lambda: ([2, -3, 7] * 9, 65537, -1000003),
     lambda: ([2, 3], 5, 0), lambda: ([2, 3], -1, 7), lambda: ([2, 4], -1, 8), lambda: ([2, 3, 2**62], 2**40 + 5, 2**50 + 1),
     lambda: ([2, 3], 10, 2**61 - 1), lambda: ([2, 3], 10, -(2**63)), lambda: ([2, 2.5], 10, 7), lambda: ([True, 5], True, 3),
     lambda: ([2, 3], 5, None), long=lambda: (range(3000), 10**9 + 5, 10**9 + 7), apart=True)


def is_prime(n):
    if n % 2 == 0:
        return n == 2
    d = n - 1
    s = 0
    while d % 2 == 0:
        d //= 2
        s += 1
    for a in (2, 3, 5, 7):
        if a % n == 0:
            continue
        x = pow(a, d, n)
        if x == 1 or x == n - 1:
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def primes(low, high):
    found = 0
    for n in range(low, high):
        if is_prime(n):
            found += n
    return found


case(primes, (3, 200), (10**6, 10**6 + 50), long=(10**9, 10**9 + 3000))


def either_kind(xs, ys):
    out = []
    for x in xs:  # native
        for y in ys:  # native
            out.append(x + y)
            out.append(x - y)
            out.append(x * y)
            out.append(-x)
            out.append(abs(y))
            out.append(-(x * y) + (y - x))
    return out


MIXED = [0, -0.0, 3, 2.5, -7, -0.5, 0.0, 1, -1, 2.0**53, 2**53, -(2**53), 2**53 - 1, 1e308, 5e-324, float("nan"), 94906267]

case(either_kind, lambda: (MIXED, MIXED), lambda: (MIXED + [2**53 + 1, 2**70], MIXED), lambda: ([0, 0.0], [-1, -1.0]),
     long=lambda: ([1, 2.5] * 40, [3, -0.5, 0] * 20))


def either_divided(xs, ys):
    out = []
    caught = 0
    for x in xs:  # native
        for y in ys:  # native
            if y:
                out.append(x // y)
                out.append(x % y)
                out.append(x / y)
            else:
                caught += 1
    return out, caught


case(either_divided, lambda: (MIXED, MIXED), lambda: ([-0.0, 0, 7, -7, 7.5], [2, -2, 2.0, -2.5, 0, 0.0]),
     long=lambda: ([1, 2.5] * 40, [3, -0.5, 4] * 20))


def either_summed(rows, weights):
    total = 0
    for row in rows:  # native
        for k in range(len(weights)):  # native
            total += row[k] * weights[k]
        total = total - row[0] // 2
    return total, -total, abs(total)


case(either_summed, lambda: ([[1, 2, 3], [1.5, 2, -0.0], [0, 0, 0]], [1, 0.5, -3]), lambda: ([[0, 0]], [-1, -2]),
     lambda: ([[3, -0.0], [2**52, 2.0**52]], [2, 4]), lambda: ([[True, 2.5], [0, 1]], [3, 1.5]),
     long=lambda: ([[1, 2.5, -3]] * 400, [1, 0.5, 2]))
