"""Builtin functions of numbers whose answers native code computes: `round` to digits, and functions of `math`."""

from __future__ import annotations

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
