"""Complex numbers: in variables, lists, tuples and arrays, and the functions of cmath."""

import cmath
import math

import numpy as np

from ..cases import case

INF, NAN = float("inf"), float("nan")
EDGES = (0j, -0.0j, 1 + 0j, complex(-0.0, -0.0), complex(INF, 1.0), complex(1.0, NAN), complex(-INF, INF), 1e308 + 1e308j,
         5e-324 + 5e-324j, -2.5 + 3j, 1e-200 - 1e-200j, 2**53 + 1j, 0.5 - 1e22j)
ORIGIN = -0.75 + 0.1j


def mandelbrot(width, height, most):
    counts = []
    for y in range(height):  # native
        for x in range(width):
            c = complex(3.0 * x / width - 2.0, 2.0 * y / height - 1.0)
            z = 0j
            for i in range(most):
                if abs(z) > 2:
                    break
                z = z * z + c
            counts.append(i)
    return counts, z, c


case(mandelbrot, (6, 5, 30), (1, 1, 0), long=(40, 20, 40))


def from_an_int(width, most):
    """The variable is an int at first, as users write it."""
    seen = []
    for x in range(width):  # native
        c = complex(x / width, 0.5)
        z = 0
        n = 0
        while abs(z) <= 2 and n < most:
            z = z * z + c
            n += 1
        seen.append(n)
        seen.append(z)
    return seen


case(from_an_int, (9, 30), (2, 0), long=(400, 40))


def squared(start, width, most, k):
    """The same, as a power."""
    seen = []
    for x in range(width):  # native
        c = complex(x / width, 0.5)
        z = start
        n = 0
        while abs(z) <= 2 and n < most:
            z = z**2 + c
            z = z**3 - z**0 + z**k
            n += 1
        seen.append(n)
        seen.append(z)
    return seen


case(squared, (0, 9, 30, 2), (0.0, 9, 30, 2), (0j, 9, 30, 1), (-1, 9, 30, 2), (-0.5, 9, 30, 2), (2**31, 3, 9, 2), (2**60, 3, 9, 2),
     (True, 9, 3, 2), (0, 5, 9, -1), (0, 5, 9, 0.5), (None, 3, 9, 1), long=(0, 400, 40, 2), apart=True)


def of_two_types(values, rounds):
    """Powers of a variable that is real or complex."""
    x = values[0]
    seen = []
    for k in range(rounds):  # native
        seen.append(x**2)
        seen.append(x**5)
        x = values[k % len(values)]
    return seen


case(of_two_types, lambda: ([1, 2j, -3, 0], 60), lambda: ([1.5, 2j, -0.0, NAN, INF], 60), lambda: ([1, 2j, 94906266, 5], 60),
     lambda: ([1, 2j, 1551, 1552], 60), lambda: ([1.5, 3, 2j, -7], 60), lambda: ([1.5, 2j, 1e200], 20), lambda: ([2, 1e200j], 20),
     long=lambda: ([1, 2j, -3, 0], 3000), apart=True)


def newton(width, height):
    found = []
    roots = [1 + 0j, complex(-0.5, 3**0.5 / 2), complex(-0.5, -(3**0.5) / 2)]
    for y in range(height):  # native
        for x in range(width):
            z = complex(2 * x / width - 1 + 0.001, 2 * y / height - 1 + 0.001)
            for k in range(40):
                step = (z**3 - 1) / (3 * z**2)
                z -= step
                if abs(step) < 1e-6:
                    break
            best = 0
            for r in range(3):
                if abs(z - roots[r]) < abs(z - roots[best]):
                    best = r
            found.append(best * 100 + k)
    return found


case(newton, (5, 4), long=(24, 20))


def horner(coefficients, points):
    values = [0j] * len(points)
    for i, x in enumerate(points):  # native
        value = 0j
        for c in coefficients:
            value = value * x + c
        values[i] = value
    return values


case(horner, lambda: ([1 + 2j, -0.5j, 3 + 0j], [0.5 + 1j, -1j, 2 + 2j] * 9), lambda: ([], [1j] * 5), lambda: (list(EDGES), list(EDGES)),
     lambda: ([1, 2.5, 3j], [1 + 1j] * 30), lambda: ([1j, None], [1 + 1j] * 4),
     long=lambda: ([complex(k, -k) / 7 for k in range(9)], [cmath.exp(0.01j * k) for k in range(900)]), apart=True)


def iterative_fft(signal):
    a = signal[:]
    n = len(a)
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j ^= bit
        if i < j:
            a[i], a[j] = a[j], a[i]
    length = 2
    while length <= n:  # native
        root = cmath.exp(-2j * math.pi / length)
        for i in range(0, n, length):
            w = 1 + 0j
            for k in range(length // 2):
                u, v = a[i + k], a[i + k + length // 2] * w
                a[i + k] = u + v
                a[i + k + length // 2] = u - v
                w *= root
        length *= 2
    return a, signal


case(iterative_fft, lambda: ([complex(k % 5, -k) for k in range(16)],), lambda: ([1j, 2j],),
     long=lambda: ([complex(k * k % 7, k % 3) for k in range(2048)],))


def recursive_fft(signal):
    n = len(signal)
    if n == 1:
        return signal
    even, odd = recursive_fft(signal[0::2]), recursive_fft(signal[1::2])
    out = [0j] * n
    for k in range(n // 2):
        t = cmath.exp(-2j * cmath.pi * k / n) * odd[k]
        out[k] = even[k] + t
        out[k + n // 2] = even[k] - t
    return out


case(recursive_fft, lambda: ([complex(k % 5, -k) for k in range(16)],), lambda: ([1, 2, 3, 4],),
     lambda: ([complex(k * k % 7, k % 3) for k in range(512)],))


def durand_kerner(coefficients, rounds):
    n = len(coefficients) - 1
    roots = [(0.4 + 0.9j) ** k for k in range(n)]
    for _ in range(rounds):  # native
        for i in range(n):
            x = roots[i]
            value = 0j
            for c in coefficients:
                value = value * x + c
            below = 1 + 0j
            for j in range(n):
                if j != i:
                    below *= x - roots[j]
            roots[i] = x - value / below
    return roots


case(durand_kerner, lambda: ([1.0, -3.0, 3.0, -5.0], 12), lambda: ([1j, 2j, 0j, 1 + 1j], 9),
     lambda: ([0.0, 0.0, 0.0], 3), long=lambda: ([1.0, 0.5, -2.0, 3.0, -5.0, 1.5], 200))


def arithmetic(xs, ys):
    seen = []
    for x in xs:  # native
        for y in ys:
            seen.append(x + y)
            seen.append(x - y)
            seen.append(y - x)
            seen.append(x * y)
            seen.append(y * x)
            seen.append(x == y)
            seen.append(y != x)
            seen.append(-x)
            seen.append(+x)
    return seen


case(arithmetic, lambda: (list(EDGES), list(EDGES)), lambda: (list(EDGES), [0.0, -0.0, 1.5, INF, NAN, -1e308]),
     lambda: (list(EDGES), [0, 1, -7, 2**53 + 1, -(2**62)]), lambda: (list(EDGES), [True, False]),
     lambda: (list(EDGES), [3, 2**63, 10**400, 5]), lambda: (list(EDGES), [3, 10**308 * 9, 10**309]),
     lambda: (list(EDGES), [1j, None]), lambda: (list(EDGES), ["a"]),
     long=lambda: ([complex(k, -k) for k in range(100)], [complex(0.5, k) for k in range(50)]), apart=True)


def divided(xs, ys):
    seen = []
    for x in xs:  # native
        for y in ys:
            try:
                seen.append(x / y)
            except ZeroDivisionError as error:
                seen.append(str(error))
    return seen


case(divided, lambda: (list(EDGES), list(EDGES)), lambda: ([1, 2, -3], list(EDGES)),
     lambda: (list(EDGES), [0, 1, -7, 2**53 + 1]), lambda: (list(EDGES), [0.0, -0.0, 1.5, INF, NAN]),
     long=lambda: ([complex(k, -k) for k in range(100)], [complex(0.5, k) for k in range(50)]), apart=True)


def zero_division(xs, y):
    total = 0j
    for x in xs:
        total += x / y
        y -= 1
    return total


case(zero_division, lambda: ([1j, 2j, 3j, 4j], 9 + 0j), lambda: ([1j, 2j, 3j, 4j], 2 + 0j), lambda: ([1j] * 40, 30 + 0j))


def powers(xs, y):
    seen = []
    for x in xs:
        try:
            seen.append((x**2, x**3, x**-2, x**0))
            seen.append((x**0.5, x ** (1 - 2j), x**y, pow(x, 2.0)))
        except (ZeroDivisionError, OverflowError) as error:
            seen.append((type(error).__name__, str(error)))
    return seen


def sum_of_powers(xs, y):
    total = 0j
    for x in xs:  # native
        total += x**2 + x**-3 - x**0.5 * x**y + pow(x, 1 - 2j) + 2**x
    return total


case(powers, lambda: (list(EDGES), 2j), lambda: (list(EDGES), 3), lambda: (list(EDGES), 2.5), apart=True)
case(sum_of_powers, lambda: ([1j, 2 + 1j, -1 - 1j], 2j), lambda: ([1j, 2 + 1j, -1 - 1j] * 9, 2.5),
     lambda: ([1j, 2 + 1j, 0j, -1 - 1j], 2.5), lambda: ([1j, 2 + 1j, 1e300 + 1j, -1 - 1j], 2.5), lambda: ([1j, 1e300 + 1j], 2.5),
     lambda: ([1.5, 2.5] * 9, 1j),
     long=lambda: ([complex(math.cos(k), math.sin(k)) for k in range(3000)], 0.5 + 0.25j), apart=True)


def roots_of_quadratics(bs, c):
    """The square root of a negative number is complex."""
    seen = []
    total = 0
    for b in bs:  # native
        d = (b * b - 4 * c) ** 0.5
        seen.append((-b + d) / 2)
        total += abs(d) + d.real + d.imag * 0.5
        e = b**-1.5
    return seen, total, d, e


case(roots_of_quadratics, lambda: ([1.0, 2.0, 5.0, -7.0] * 9, 3.0), lambda: ([1.0, 0.5] * 9, 3.0), lambda: ([5.0, 6.0] * 9, 1.0),
     lambda: ([1.0, 2.0, 5.0, 0.0], 3.0), lambda: ([1, 2, 5, -7] * 9, 3), lambda: ([1.0, -5.0, 1e200, 2.0], 1.0),
     lambda: ([1.0, -5.0, -INF, NAN, INF, 2.0] * 5, -0.5), lambda: ([1.0, 5.0, 2j], 3.0), lambda: ([2.0] * 9, 1.0),
     long=lambda: ([k % 9 - 4.5 for k in range(3000)], 2.0), apart=True)


def powers_of_a_root(root, first, last, step):
    total = 0j
    for k in range(first, last, step):  # native
        total = total * 0.5 + root**k
    return total


case(powers_of_a_root, (0.6 + 0.8j, -40, 300, 7), (1j, 0, 9, 1), (1.5 - 2j, 90, 130, 1), (0j, 3, -3, -1), (0j, 200, 90, -9),
     (0.5j, 2000, 1, -100), (1.5j, 2**62, 2**62 + 3, 1), (-0.0j, 1, 30, 1), (complex(INF, 1), 0, 9, 1), (2.5, -3, 9, 1),
     long=(0.6 + 0.8j, -1500, 1500, 1), apart=True)


def overflow(x, rounds):
    for _ in range(rounds):
        x = x**2
    return x


case(overflow, (1 + 1j, 40), (1.5 + 0j, 5), (0.5j, 60), apart=True)


def absolutes(xs, rounds):
    total = 0.0
    for k in range(rounds):  # native
        x = xs[k % len(xs)]
        total += abs(x) + x.real * 0.5 - x.imag
        if x:
            total += 1
        y = x.conjugate()
        total += (x * y).real + y.imag
    return total


case(absolutes, lambda: ([1 + 2j, -0.0j, 3 - 4j], 20), lambda: (list(EDGES[:7]), 60), lambda: ([1e308 + 1.7e308j], 5),
     lambda: ([1.5, -2.0], 20), lambda: ([3, -2], 20), long=lambda: ([1 + 2j, -0.0j, 3 - 4j], 3000), apart=True)


def near_a_circle(xs, radius):
    """Absolute values that are compared with a number, by some roundings off."""
    n = 0
    for x in xs:  # native
        if abs(x) < radius:
            n += 1
        if abs(x) <= radius:
            n += 1000
        if radius <= abs(x):
            n += 10**6
        if not 5 > abs(x):
            n += 10**9
    return n


AROUND = [5 * complex(math.cos(k), math.sin(k)) * (1 + (k % 3 - 1) * 2e-16) for k in range(60)]
case(near_a_circle, lambda: ([3 + 4j, 4 - 3j, 5j, 0j] * 9, 5), lambda: ([*AROUND, 1e-200 + 1e-200j, 1e200j, *EDGES[:7]], 5.0),
     lambda: ([1j, *EDGES], 2), lambda: ([1e-200j, 1j, 3e-200j], 2e-200), lambda: ([1j, 1e200j, 3e200 + 0j], 1e200),
     lambda: ([1j, complex(INF, NAN)], INF), lambda: ([1j, 0j], NAN), lambda: ([1j, 0j], 0.0), lambda: ([1j, 0j], -1),
     long=lambda: (AROUND * 50, 5.0), apart=True)


def nearest(points, targets):
    """Absolute values that are compared with each other; the second one may be left before."""
    found = []
    for p in points:  # native
        best = 0
        for k in range(len(targets)):
            if abs(p - targets[k]) < abs(p - targets[best]):
                best = k
            if abs(targets[k]) >= abs(targets[best] - 0.5j * p):
                best += 0
        found.append(best)
    return found


case(nearest, lambda: ([0j, 1j, 2 + 1j, -1 - 1j] * 9, [1 + 0j, 1j, -1j, 0.5 + 0j]), lambda: (AROUND, [0j, 1e-200j, 0j]),
     lambda: ([0j, 1j, 1.5e308 + 1.5e308j], [1j, 0j]), lambda: ([0j, 1j] * 20, [1j, 2.5, 1j]), lambda: ([1j] * 20, [1j, None]),
     lambda: (list(EDGES), list(EDGES)), lambda: ([0j] * 9, AROUND), lambda: ([1e-300j, 2e-300j, 0j] * 9, [1e-300 + 0j, 0j]),
     long=lambda: ([complex(k % 7, k % 5) for k in range(900)], [1 + 0j, 2j, -1j]), apart=True)


def functions(xs, rounds):
    total = 0j
    for k in range(rounds):  # native
        z = xs[k % len(xs)]
        r, phi = cmath.polar(z)
        total += cmath.exp(z) + cmath.sqrt(z) * cmath.log(z) + cmath.rect(r, phi)
        total -= cmath.sin(z) * cmath.cosh(z) + cmath.cos(z) / (2 + cmath.sinh(z)) + cmath.phase(z)
        if cmath.isnan(z) or cmath.isinf(z) or not cmath.isfinite(z):
            total += 1
    return total


case(functions, lambda: ([1 + 2j, -0.5j, 3 - 1j], 20), lambda: (list(EDGES[2:3]), 3), lambda: ([0.5, 2.0], 30),
     lambda: ([1j, 0j], 9), lambda: ([1j, 800 + 1j], 9), lambda: ([1j, complex(INF, 1)], 9), lambda: ([3, -2], 20),
     lambda: ([1j, None], 9), lambda: ([1e-310 + 1e-310j, 1j], 9),
     long=lambda: ([1 + 2j, -0.5j, 0.25 - 1j], 3000), apart=True)


def functions_at_the_edge(xs):
    seen = []
    for z in xs:
        for f in (cmath.exp, cmath.sqrt, cmath.log, cmath.sin, cmath.cos, cmath.sinh, cmath.cosh, cmath.phase):
            try:
                seen.append(f(z))
            except (ValueError, OverflowError) as error:
                seen.append((type(error).__name__, str(error)))
    return seen


case(functions_at_the_edge, lambda: (list(EDGES),))


def roots_at_the_edge(xs):
    seen = []
    for z in xs:
        seen.append(cmath.sqrt(z))
        seen.append(cmath.phase(z * 0.5))
    return seen


case(roots_at_the_edge, lambda: (list(EDGES),), lambda: ([1e-310 + 1e-310j, 1j, -1j, complex(-4, -0.0), complex(-4, 0.0)],))


def of_several_types(values, rounds):
    """Unions: int and complex, float and complex, unbound at first, and all of them."""
    total = 0
    for k in range(rounds):
        total = total + values[k % len(values)]
        total = total * 2 - values[(k + 1) % len(values)]
        last = total
        if abs(total) > 10**6:
            total = k
    return total, last, total.real, total.imag, total.conjugate()


case(of_several_types, lambda: ([1, 2], 9), lambda: ([1, 2j, 3], 60), lambda: ([1.5, 2j], 60), lambda: ([1, 1.5, 2j], 90),
     lambda: ([2**53, 1j], 40), lambda: ([-0.0, 0j, 0], 40), lambda: ([True, 1j], 40), lambda: ([1j, None], 9), lambda: ([1j], 0),
     apart=True)


def int_or_complex(xs, y):
    seen = []
    for x in xs:
        seen.append((x + y, x - y, y - x, x * y, x / y))
    return seen


case(int_or_complex, lambda: ([1, 1j] * 40, 3), lambda: ([2**53, 1j] * 3, 1), lambda: ([-2**53, 1j] * 3, 1),
     lambda: ([3002399751580331, 1j] * 3, 3), lambda: ([2**53, 1j] * 3, 2**53 + 1), lambda: ([5, 1j] * 3, 2**60 + 3),
     lambda: ([2**53 - 1, 1j, 2.5] * 3, 2**60 + 3), lambda: ([0, 1j, -0.0] * 3, -5), lambda: ([2, 1j, 1.5] * 3, True))


def a_real_sum(xs, weights):
    total = 0
    for x, w in zip(xs, weights):  # native
        total += x * w
    return total


case(a_real_sum, lambda: ([1 + 1j, 2j], [0.5, 0.25]), lambda: ([1 + 1j] * 30, [1, 2] * 15), lambda: ([], []),
     lambda: ([1, 2, 3j, 4], [1, 1, 1, 1]), lambda: ([2**53, 2**53, 1j], [1, 1, 1]),
     long=lambda: ([complex(k, 1) for k in range(3000)], [0.5] * 3000), apart=True)


def maybe_none(xs, rounds):
    best = None
    for k in range(rounds):
        z = xs[k % len(xs)]
        if best is None or abs(z) > abs(best):
            best = z
            where = k
    return best, where


case(maybe_none, lambda: ([1j, 2j, 1 + 1j], 30), lambda: ([0j], 30), lambda: ([1, 2j], 30))


def truth(xs):
    n = 0
    for x in xs:  # native
        if x:
            n += 1
        if not x - 1j:
            n += 100
        if x != 0 and x == x.real:
            n += 10000
    return n


case(truth, lambda: (list(EDGES),), lambda: ([0j, 1j, 2 + 0j],), long=lambda: ([complex(k % 2, k % 3) for k in range(3000)],))


def grown(n, step):
    points = []
    z = ORIGIN
    for k in range(n):  # native
        z = z * step + complex(k)
        points.append(z)
        if k % 5 == 4:
            points.pop()
    return points, z


case(grown, (30, 0.5j), (0, 1j), (5, 2), (9, 1.5), long=(3000, 0.5 + 0.5j), apart=True)


def overwritten(values, rounds):
    for k in range(rounds):  # native
        i = k % len(values)
        values[i] = values[i] * 0.5j + values[i - 1]
    return values


SHARED = 2 + 2j
case(overwritten, lambda: ([1j, SHARED, SHARED, 3j], 30), lambda: ([1j, 1.5, 2], 30), lambda: ([SHARED] * 4, 30),
     lambda: ([1j, "a"], 5), long=lambda: ([1j, SHARED, 3j], 3000), apart=True)


def put_over_others(values, z):
    for i in range(len(values)):  # native
        values[i] = z
        z += 1j
    return values, z


case(put_over_others, lambda: ([1, 2.5, None, True, "text", [1], (2,), 3j] * 3, 1j), lambda: ([None] * 30, 0j),
     long=lambda: ([0.0] * 3000, 1j))


def rows_of_complex(rows, rounds):
    total = 0j
    for k in range(rounds):  # native
        for i in range(len(rows)):
            row = rows[i]
            for j in range(len(row)):
                row[j] = row[j] * 0.5 + 1j
                total += row[j]
    return total, rows


case(rows_of_complex, lambda: ([[1j, 2j], [3 + 1j]], 8), lambda: ([[1j] * 3] * 2, 8), long=lambda: ([[1j] * 9, [2j] * 9], 200))


def in_tuples(pairs, rounds):
    z, w = 1j, 2 + 0j
    for k in range(rounds):  # native
        a, b = pairs[k % len(pairs)]
        z, w = w * 0.5 + a, z - b
        for u in (z, w, 1j):
            z += u * 0.125
    return z, w


case(in_tuples, lambda: ([(1j, 2j), (3 + 0j, 1j)], 20), lambda: ([(1j, 2.5)], 20), lambda: ([(1j, 2j), (3, 1j)], 20),
     long=lambda: ([(1j, 2j), (3 + 0j, 1j)], 3000), apart=True)


def scaled(z, k):
    return z * k if k % 3 else z.conjugate()


def of_a_callee(n):
    total = 0j
    for k in range(n):  # native
        total += scaled(complex(k, 1), k)
    return total


case(of_a_callee, (20,), long=(3000,))


def made(xs, ys):
    seen = []
    for i in range(len(xs)):
        seen.append(complex(xs[i], ys[i]))
        seen.append(complex(xs[i]))
        seen.append(complex())
    return seen


case(made, lambda: ([1, 2, 2**62], [0.5, -0.0, INF]), lambda: ([True, False], [1, 2]), lambda: ([1j, 2j], [1j, 1]),
     lambda: ([1.5] * 30, [2] * 30), lambda: (["1+2j", "3"], [0, 0]), lambda: ([1, None], [1, 1]), apart=True)


def ordered(xs):
    n = 0
    for x in xs:
        if x < 2:
            n += 1
    return n


case(ordered, lambda: ([1.0, 2.0, 1j],), lambda: ([1j],), lambda: ([1, 2, 3j] * 9,), apart=True)


def floored(xs, y):
    for x in xs:
        y = y + x // y
    return y


case(floored, lambda: ([1.0, 2.0, 1j], 3.0), lambda: ([1j, 2j], 3), lambda: ([1, 2], 3j), apart=True)


# --- NumPy -------------------------------------------------------------------------------------------------------


def over_an_array(a, b):
    total = 0j
    for i in range(len(a)):  # native
        z = a[i]
        total = total + z * z - z / b
        a[i] = z * 0.5 + 1j
    return total, a


case(over_an_array, lambda: (np.array([1 + 1j, 2j, -3 + 0j] * 9), 2 + 1j), lambda: (np.array([1 + 1j, 2j] * 9), 2.0),
     lambda: (np.array([1 + 1j, 2j] * 9, "complex64"), 2.0), lambda: (np.array([1 + 1j, 0j] * 9), np.complex128(2j)),
     lambda: (np.array([1 + 1j, complex(INF, 1)] * 9), 1j), lambda: (np.array([1.0, 2.0] * 9), 2.0),
     lambda: (np.arange(6), 2j),
     long=lambda: (np.linspace(0, 1, 3000) + 1j, 2 + 1j), apart=True)


def sums_of_an_array(a, start):
    total = start
    product = start
    for i in range(len(a)):  # native
        total += a[i]
        product = product * a[i] + 1
        if total:
            last = -product
    return total, product, last


case(sums_of_an_array, lambda: (np.array([1 + 1j, 2j, -0.5 + 0j] * 9), 0), lambda: (np.array([1 + 1j, 2j, -0.5 + 0j] * 9), 0j),
     lambda: (np.array([1 + 1j, 2j, -0.5 + 0j] * 9, "complex64"), 0), lambda: (np.array([1 + 1j, 2j] * 9), 1.5),
     lambda: (np.array([1 + 1j, 2j] * 9), np.float64(0)), lambda: (np.array([1 + 1j, 2j] * 9), np.complex64(0)),
     lambda: (np.array([1 + 1j, 2j] * 9), np.int64(3)), lambda: ([np.complex128(1j), 2j, np.complex64(1), 1.5] * 9, 0),
     long=lambda: (np.linspace(0, 1, 3000) + 0.1j, 0), apart=True)


def stored(out, values, rounds):
    n = len(values)
    for k in range(rounds):  # native
        out[k % len(out)] = values[k % n]
    return out


case(stored, lambda: (np.zeros(4, "complex128"), [1j, 2 + 1j, 3j], 9), lambda: (np.zeros(4, "complex64"), [1.1j, 2 + 1e-3j], 9),
     lambda: (np.zeros(4, "complex128"), [1, 2, 3], 9), lambda: (np.zeros(4, "complex128"), [1.5, -0.0], 9),
     lambda: (np.zeros(4, "complex64"), [1e300 + 1j], 3), lambda: (np.zeros(4), [1j, 2j], 3), lambda: (np.zeros(4, "complex64"), [None], 3),
     lambda: (np.zeros(4, "complex128"), [True, False], 9), long=lambda: (np.zeros(50, "complex128"), [1j, 2j], 3000), apart=True)


def julia(grid, c, most):
    height, width = grid.shape
    counts = np.zeros((height, width), dtype=np.int64)
    for y in range(height):  # native
        for x in range(width):
            z = grid[y, x]
            n = 0
            while n < most and z.real * z.real + z.imag * z.imag < 4:
                z = z * z + c
                n += 1
            counts[y, x] = n
            grid[y, x] = z
    return counts, grid


case(julia, lambda: ((np.arange(12) / 6).reshape(3, 4) * (1 + 1j), -0.4 + 0.6j, 20),
     lambda: (((np.arange(12) / 6).reshape(3, 4) * (1 + 1j)).astype("complex64"), -0.4 + 0.6j, 20),
     long=lambda: ((np.arange(600) / 300).reshape(20, 30) * (1 + 1j), -0.4 + 0.6j, 30), apart=True)


def numpy_scalars(a, x):
    seen = []
    for z in a:
        seen.append(z + x)
        seen.append(x * z)
        seen.append(-z)
        seen.append(abs(z))
        seen.append(z.real)
        seen.append(z.conjugate())
        seen.append(z == x)
        seen.append(complex(z))
        if z:
            seen.append(cmath.exp(z))
    return seen


case(numpy_scalars, lambda: (np.array([1 + 1j, 2j, 0j]), 2 + 1j), lambda: (np.array([1 + 1j, 2j, 0j]), 2.5),
     lambda: (np.array([1 + 1j, 2j, 0j]), 3), lambda: (np.array([1 + 1j, 2j, 0j]), np.float64(2.5)),
     lambda: (np.array([1 + 1j, 2j, 0j], "complex64"), np.complex64(2.5)), lambda: (np.array([1 + 1j, 2j], "complex64"), 0.1),
     apart=True)


def transform(signal):
    n = len(signal)
    out = np.zeros(n, dtype=complex)
    for k in range(n):  # native
        total = 0j
        for j in range(n):
            total += signal[j] * cmath.exp(-2j * cmath.pi * k * j / n)
        out[k] = total
    return out


case(transform, lambda: (np.array([1.0 + 0j, 2, 3, 4]),), lambda: ([1.0, 2.0, 3.0, 4.0],), lambda: ([1, 2j, 3, 4],),
     long=lambda: (np.arange(60) * (1 + 0.5j),), apart=True)


def compared_with_scalars(z, items, n):
    found = []
    for i in range(n):
        item = items[i % len(items)]
        found.append((z == item, item == z, z != item, item != z))
    return found


case(compared_with_scalars, *(lambda dtype=dtype: (1 - 0.5j, np.arange(4).astype(dtype), 60)
                              for dtype in ("float64", "float32", "int64", "complex128")), apart=True)
