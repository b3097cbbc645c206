"""Builtin functions of numbers whose answers native code computes: `round` to digits, and functions of `math`."""

from __future__ import annotations

import math
from math import lcm

from ..cases import case

TIES = [0.125, 0.375, 2.675, 1.005, 0.5, 1.5, 2.5, -0.5, -2.5, 25.0, 35.0, -15.0, 0.045,
        1e15 + 0.5, 2.0**52 + 1, 2.0**53 - 1]
ODD = [0.0, -0.0, -0.001, 5e-324, -1e-310, 1.7976931348623157e308, 1e22, float("inf"), float("-inf"), float("nan")]


def rounded_floats(xs):
    out = []
    for x in xs:  # native
        out.append((round(x, 2), round(x, 0), round(x, 1), round(x, 17), round(x, 22)))
        out.append((round(x, -1), round(x, -2), round(x, -22)))
    return out


case(rounded_floats, lambda: (TIES,), lambda: (ODD * 3,), lambda: ([1.5, 2, 3.25, True] * 5,), lambda: ([1.5, "a"],),
     long=lambda: ([i / 7 for i in range(-1500, 1500)],))


def rounded_to_any(xs, digits):
    out = []
    for x in xs:  # native
        for n in digits:  # native
            out.append(round(x, n))
    return out


case(rounded_to_any, lambda: (TIES + ODD, [-23, -22, -3, -1, 0, 1, 2, 16, 22, 23, 400, -400]),
     lambda: ([1.5, 2, True], [1, 0]), lambda: ([1.5], [None]), lambda: ([1.5], [True]),
     lambda: ([1.5], [1.0]), lambda: ([2**62, -2**63, 25], [0, 3]),
     lambda: ([25, 35, -25], [0, -1]), lambda: ([1.7e308], [1, -308]),
     long=lambda: ([i / 7 for i in range(60)], list(range(-3, 6))))


def rounded_ints(xs):
    out = []
    for x in xs:  # native
        out.append((round(x, 2), round(x, 0), round(x, None), round(x, True)))
        out.append((round(x, -1), round(x, -2), round(x, -18), round(x, -19)))
    return out


case(rounded_ints, lambda: ([0, 5, 15, 25, -5, -15, 50, 150, 250, -150, 51, 49, 2**53 + 1] * 3,),
     lambda: ([True, False, 7] * 5,),
     lambda: ([2**63 - 1, -(2**63), 2**63 - 5, -(2**63) + 4] * 3,),
     lambda: ([1] * 20 + [2**64, 2**63],), lambda: ([1] * 20 + [2.5, "a"],),
     long=lambda: (list(range(-1500, 1500)),))


def rounded_far(xs):
    out = []
    for x in xs:  # native
        out.append((round(x, 25), round(x, -30), round(x, 400)))
    return out


case(rounded_far, lambda: (TIES + ODD,), lambda: ([1, 2] * 10,), long=lambda: ([i / 7 for i in range(1500)],))


def rounded_with_keyword(xs, n):
    total = 0.0
    for x in xs:  # native
        total += round(x, ndigits=2) + round(number=x, ndigits=n)
    return total


case(rounded_with_keyword, lambda: ([0.125, 2.675] * 9, 1), long=lambda: ([i / 7 for i in range(3000)], 3))


def rounded_badly(xs, n):
    total = 0.0
    for x in xs:  # native
        total += round(x, n)
    return total


case(rounded_badly, lambda: ([1.5] * 20, "a"), lambda: ([1.5] * 20, 1.0), lambda: ([1.5] * 20 + [None], 1),
     lambda: ([1.5] * 20 + [1j], 1), lambda: ([1.5] * 20, 10**30), long=lambda: ([i / 7 for i in range(3000)], 3))


INTS = [0, 1, -1, 2, 3, 6, -12, 20, 21, 60, 97, 2**31, 3 * 2**40, 2**53 + 1, 2**62, 2**63 - 1, -(2**63)]
LARGE = [2**63, -(2**63) - 1, 2**64, 10**30]


def divisors(xs, ys):
    out = []
    for x in xs:  # native
        for y in ys:  # native
            out.append((math.gcd(x, y), math.gcd(x, y, 12), math.gcd(x), math.gcd()))
    return out


case(divisors, lambda: (INTS, INTS), lambda: (INTS + LARGE, [6, 2**65]), lambda: ([True, False], [True, 3]),
     lambda: ([1, 2], [1.5]),
     lambda: ([1, 2], ["a"]), long=lambda: (list(range(-30, 30)), list(range(-30, 30))))


def multiples(xs, ys):
    out = []
    for x in xs:  # native
        for y in ys:  # native
            out.append((lcm(x, y), lcm(x, y, 6), lcm(x), lcm()))
    return out


case(multiples, lambda: (INTS, INTS), lambda: (INTS + LARGE, [6, 2**65]), lambda: ([True, False], [True, 3]),
     lambda: ([1, 2], [1.5]),
     long=lambda: (list(range(-30, 30)), list(range(-30, 30))))


def roots(xs):
    out = []
    for x in xs:  # native
        out.append(math.isqrt(x))
    return out


case(roots,
     lambda: ([i * i + d for i in (1, 2, 94906265, 94906266, 94906267, 3037000498, 3037000499) for d in (-1, 0, 1)],),
     lambda: ([2**62, 2**63 - 1, 2**53, 2**52 - 1, 0, True] * 3,), lambda: ([1] * 20 + LARGE[::2],),
     lambda: ([4] * 20 + [-1],),
     lambda: ([4] * 20 + [4.0],), long=lambda: (list(range(3000)),))


def choices(ns, ks):
    out = []
    for n in ns:  # native
        for k in ks:  # native
            out.append((math.comb(n, k), math.perm(n, k)))
    return out


case(choices, lambda: (list(range(70)), list(range(70))),
     lambda: ([0, 1, 5, 2**62, 2**63 - 1], [0, 1, 2]),
     lambda: ([5, -1], [2]), lambda: ([5], [2, -1]), lambda: ([5], [2.0]), lambda: ([True, 5], [True, False]),
     lambda: ([2**64, 5], [2]), long=lambda: (list(range(60)), list(range(12))))


def factorials(xs):
    out = []
    for x in xs:  # native
        out.append((math.factorial(x), math.perm(x), math.perm(x, None)))
    return out


case(factorials, lambda: (list(range(30)),), lambda: ([5] * 20 + [-1],), lambda: ([5] * 20 + ["a"],),
     lambda: ([True, False] * 9,),
     long=lambda: ([i % 21 for i in range(3000)],))


def bits(xs):
    out = []
    for x in xs:  # native
        out.append((x.bit_count(), x.bit_length()))
    return out


case(bits, lambda: (INTS * 2,), lambda: ([True, False] * 9,), lambda: (LARGE * 5,), lambda: (INTS + LARGE,),
     lambda: ([1.5] * 20,),
     lambda: ([2**64 - 1, 2**63] * 9,), long=lambda: (list(range(-1500, 1500)),))


def bits_of_words(xs):
    total = 0
    for x in xs:  # native
        word = x * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        total += word.bit_count() * 100 + word.bit_length()
    return total


case(bits_of_words, lambda: (list(range(50)),), lambda: (LARGE * 5,), long=lambda: (list(range(-1500, 1500)),))


def wholes(xs):
    out = []
    for x in xs:  # native
        out.append(x.is_integer())
    return out


case(wholes, lambda: (ODD * 3,), lambda: (TIES,),
     lambda: ([1.0, "a"] * 9,), long=lambda: ([i / 4 for i in range(3000)],))


def logarithms(xs, base):
    out = []
    for x in xs:  # native
        out.append((math.log(x, base), math.log(x, 2), math.log(x)))
    return out


case(logarithms, lambda: ([1, 2, 3.5, 8, 1024, 1e300, True] * 3, 10), lambda: ([1.5] * 20, 1),
     lambda: ([1.5] * 20 + [0.0], 3),
     lambda: ([1.5] * 20 + [2**70, 2**53 + 1], 3), lambda: ([1.5] * 20, -1.0),
     lambda: ([1.5, float("inf"), float("nan")] * 7, float("inf")),
     lambda: ([1.5] * 20, "a"), long=lambda: ([i / 7 for i in range(1, 3000)], 7.5))


def lengths(xs, ys):
    out = []
    for x in xs:  # native
        for y in ys:  # native
            out.append((math.hypot(x, y), math.hypot(x, y, 1.5), math.hypot(x, y, x, y), math.hypot(x)))
    return out


SIZES = [0.0, -0.0, 3.0, 4.0, -5.0, 0.6, 0.8, 1e-200, 1e200, 1e300, 1e308, 5e-324, 1e-310, 2.0**500, 94906267.0, 1 / 3]
case(lengths, lambda: (SIZES, SIZES), lambda: (SIZES, [float("inf"), float("nan"), 1.0]),
     lambda: ([3, True, 2**53 + 1], [4, 1.5]),
     lambda: ([3.0, 1.0], [2**70, 10**400]), lambda: ([1.5], ["a"]), lambda: ([27021597764222976.0], [2096640.0]),
     long=lambda: ([i / 7 for i in range(-30, 30)], [i / 3 for i in range(-30, 30)]))


def distances(points, x, y):
    out = []
    for p in points:  # native
        out.append((math.dist(p, (x, y)), math.dist((p[0], x), (p[1], y)), math.dist((x,), (y,))))
    return out


POINTS = [(i / 7, i / 3) for i in range(60)]
case(distances, lambda: (POINTS, 1.5, 2.5), lambda: (POINTS, 1, 2), lambda: (POINTS + [(1.5, 2.5, 3.5)], 1.5, 2.5),
     lambda: (POINTS + [(1, 2)], 1.5, 2.5), lambda: (POINTS + [[1.5, 2.5]], 1.5, 2.5),
     lambda: (POINTS + [(1.5, "a")], 1.5, 2.5),
     lambda: (POINTS, float("inf"), float("nan")), lambda: ([(1, 2)] * 20, 3, 4), long=lambda: (POINTS * 50, 1.5, 2.5))


def distances_of_pairs(points, others):
    total = 0.0
    for p, q in zip(points, others):  # native
        total += math.dist(p, q)
    return total


case(distances_of_pairs, lambda: (POINTS, POINTS[1:]), lambda: ([list(p) for p in POINTS], POINTS),
     lambda: (POINTS, [(1.5,)] * 60),
     long=lambda: (POINTS * 50, POINTS[1:] * 50))


def near(xs, ys, tolerance):
    out = []
    for x in xs:  # native
        for y in ys:  # native
            out.append((math.isclose(x, y), math.isclose(x, y, rel_tol=tolerance)))
            out.append((math.isclose(x, y, abs_tol=tolerance), math.isclose(x, y, abs_tol=1e-12, rel_tol=tolerance)))
    return out


case(near, lambda: (SIZES + ODD, SIZES + [-1e-13, 3.0000000000001], 1e-5),
     lambda: ([1, 2, True, 2**53 + 1], [1.5, 1, 2**53], 0.25),
     lambda: ([1.5] * 20, [2.5, "a"], 0.1), lambda: ([1.5] * 20, [1.5], -0.1),
     lambda: ([1.5] * 20, [1.5, 1.6], float("nan")),
     lambda: ([1.5] * 20, [1.5, 1.6], 1), lambda: ([1.5] * 20, [1.5, 2**70], 0.5),
     long=lambda: ([i / 7 for i in range(60)], [i / 14 for i in range(60)], 0.01))


def near_badly(xs):
    found = 0
    for x in xs:
        try:
            found += math.isclose(x, 1.0, 0.5)
        except TypeError:
            found += 100
        found += math.isclose(a=x, b=1.0) + math.isclose(x, b=1.0, rel_tol=0.5)
    return found


case(near_badly, lambda: ([1.0, 1.2] * 10,))


def angles(xs):
    out = []
    for x in xs:  # native
        out.append((math.degrees(x), math.radians(x), math.degrees(math.radians(x))))
    return out


case(angles, lambda: (ODD * 3,), lambda: ([1, True, 2**53 + 1, 0.5] * 5,), lambda: ([1.5] * 20 + ["a"],),
     lambda: ([1.5] * 20 + [2**70],), long=lambda: ([i / 7 for i in range(-1500, 1500)],))


def fractions(xs):
    out = []
    for x in xs:  # native
        part, whole = math.modf(x)
        out.append((whole, part, math.modf(-x)))
    return out


case(fractions, lambda: (ODD * 3,), lambda: (TIES,), lambda: ([1, True, 2**53 + 1, 0.5] * 5,),
     lambda: ([1.5] * 20 + ["a"],),
     long=lambda: ([i / 7 for i in range(-1500, 1500)],))


def further_functions(xs):
    out = []
    for x in xs:  # native
        out.append((math.cbrt(x), math.exp2(x)))
    return out


case(further_functions, lambda: (TIES[:9],), lambda: ([0.0, -0.0, float("nan"), -float("inf"), 1, True] * 4,),
     lambda: ([1.5] * 20 + [1024.0],), lambda: ([1.5] * 20 + [-1e300],), lambda: ([1.5] * 20 + [float("inf")],),
     long=lambda: ([i / 7 for i in range(-1500, 1500)],))


def ones_in_binary(xs, what):
    out = []
    for x in xs:  # native
        out.append((bin(x).count("1"), bin(x ^ 5).count("1") % 2, bin(x).count("0"), bin(x)[2:].count("1")))
        out.append((bin(x).count(what), bin(x).count("1", 3), str(x).count("1")))
    return out


case(ones_in_binary, lambda: (INTS, "1"), lambda: (INTS + LARGE, "0"), lambda: ([True, False] * 9, "b"),
     lambda: ([1] * 20 + [2.5], "1"),
     lambda: ([1] * 20, 1), lambda: ([-5, 7] * 9, ""), long=lambda: (list(range(-1500, 1500)), "1"))


def parity(xs):
    odd = 0
    for x in xs:  # native
        odd ^= bin(x).count("1") & 1
    return odd


case(parity, lambda: (INTS,), lambda: (INTS + LARGE,), lambda: (LARGE * 5,),
     lambda: ([True] * 20,), long=lambda: (list(range(3000)),))
