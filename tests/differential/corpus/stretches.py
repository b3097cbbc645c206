"""Counted loops over arrays and numbers that run in stretches: what they defer, take back and leave for."""

from __future__ import annotations

import math
import warnings

import numpy as np

from ..cases import case


def scaled(a, b, x):
    for i in range(len(a)):  # native
        b[i] = a[i] * x + 1.0
    return float(b[-1])


def _odd(n, at, value):
    a = np.linspace(-3.0, 5.0, n)
    a[at] = value
    return a


case(scaled, lambda: (np.arange(50.0), np.zeros(50), 2.0), lambda: (_odd(3000, 2500, 1e308), np.zeros(3000), 1e10),
     lambda: (_odd(3000, 1100, np.nan), np.zeros(3000), 2.0), lambda: (np.arange(50.0), np.zeros(30), 2.0),
     lambda: (np.array([1.0, np.inf] * 700), np.zeros(1400), 0.0),
     long=lambda: (np.arange(5000.0), np.zeros(5000), 0.5), apart=True)


def shifted_in_place(a, k):
    for i in range(4, len(a)):  # native
        a[i] = a[i - k] * 0.5 + a[i]
    return a.sum()


def _same(n):
    a = np.linspace(0.0, 1.0, n)
    return a


case(shifted_in_place, lambda: (_same(2200), 1), lambda: (_same(2200), 3), lambda: (_same(40), 0),
     lambda: (_odd(2200, 2000, 1.7e308), 2), lambda: (_same(2200), -2), lambda: (_same(30), 40),
     long=lambda: (_same(5000), 4), apart=True)


def over_itself(a, b):
    for i in range(1, len(b)):  # native
        b[i] = a[i] + b[i - 1]


def _views(n, big):
    a = np.linspace(0.0, 1.0, n)
    a[n // 2] = big
    return a[:-1], a[1:]


case(over_itself, lambda: _views(1500, 1.0), lambda: _views(1500, 1e308), lambda: tuple(reversed(_views(1500, 2.0))),
     long=lambda: _views(5000, 3.0), apart=True)


def stops_at_the_warning(a, b):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            for i in range(len(a)):
                b[i] = a[i] * a[i]
        except RuntimeWarning as warning:
            return i, str(warning), b.tolist()
    return b.tolist()


case(stops_at_the_warning, lambda: (_odd(1600, 1300, 1e200), np.zeros(1600)), lambda: (np.ones(1600), np.zeros(1600)),
     lambda: (_odd(40, 3, 1e200), np.zeros(40)), apart=True)


def where_positive(a, b, c):
    for i in range(len(a)):  # native
        if a[i] > 0.0:
            b[i] = c[i] / a[i]
        else:
            b[i + 1] = a[i] - 1.0


case(where_positive, lambda: (_odd(1300, 9, -0.0), np.zeros(1301), np.ones(1300)),
     lambda: (_odd(1300, 9, 1e-320), np.zeros(1301), np.ones(1300)),
     lambda: (_odd(1300, 1200, np.nan), np.zeros(1300), np.ones(1200)),
     lambda: (-np.ones(20), np.zeros(20), np.ones(20)),
     long=lambda: (_odd(5000, 9, 0.5), np.zeros(5001), np.ones(5000)), apart=True)


def roots(a, b):
    for i in range(len(a)):
        b[i] = math.sqrt(a[i])


case(roots, lambda: (np.arange(1500.0), np.zeros(1500)), lambda: (1200.0 - np.arange(1500.0), np.zeros(1500)),
     lambda: (np.array([np.nan, np.inf] * 30), np.zeros(60)), apart=True)


def without_one(m, x, skip):
    found = []
    for i in range(len(m)):
        total = 0.0
        for j in range(len(m)):  # native
            if j != i and j != skip:
                total -= m[i, j] * x[j]
        found.append(total)
    return found


def _matrix(n, at):
    m = np.arange(float(n * n)).reshape(n, n) / 7.0
    m[at] = np.inf
    return m


case(without_one, lambda: (_matrix(20, (3, 4)), np.ones(20), 5), lambda: (_matrix(20, (3, 4)), np.zeros(20), 4),
     lambda: (_matrix(20, (3, 4)), np.ones(19), 19), lambda: (_matrix(20, (3, 4)), np.ones(18), 19),
     lambda: (_matrix(20, (3, 4))[:, :19], np.ones(20), 0),
     long=lambda: (_matrix(70, (0, 0)), np.ones(70), 1), apart=True)


def sums(n, k, d):
    total = 0
    odd = 0
    product = 1
    for i in range(n):  # native
        total += i * k + d
        if i % 3 == 1:
            odd -= i * i // d
        product = (product * 48271 + i) % 2147483647
    return total, odd, product, i


case(sums, lambda: (100, 3, 7), lambda: (2000, 2**33, 7), lambda: (2000, -(2**31), 2**31), lambda: (3000, 2**62, -7),
     lambda: (30, 1, 0), lambda: (1500, 2**70, 1), lambda: (1500, True, 5),
     long=lambda: (5000, 11, 3), apart=True)


def near_the_end(first, last):
    count = 0
    total = 0
    for i in range(first, last):
        total += i & 3
        count += 1
    return count, total, i


case(near_the_end, (2**63 - 2050, 2**63 - 1), (-(2**63), -(2**63) + 1500), (-5, 1500), (2**31 - 700, 2**31 + 700),
     (2**63 - 700, 2**63 + 700))


def sums_that_outgrow(start, step, n):
    total = start
    for i in range(n):
        total += step
    return total


case(sums_that_outgrow, (2**62, 2**40, 3000), (2**63 - 2000, 1, 4000), (-(2**63) + 1500, -1, 4000), (0, 2**52, 3000),
     (0, 2**50, 5000), (2**63 - 1, 0, 1500))


def bytes_kept(a, b, out):
    for i in range(len(out)):
        out[i] = a[i] + b[i]


case(bytes_kept, lambda: (np.arange(200, dtype=np.uint8), np.full(200, 55, np.uint8), np.zeros(200, np.uint8)),
     lambda: (np.full(1300, 7, np.uint8), np.full(1300, 8, np.uint8), np.zeros(1300, np.uint8)),
     lambda: (np.full(1300, 2**30, np.int32), np.full(1300, 2**30 - 1, np.int32), np.zeros(1300, np.int32)),
     lambda: (np.full(1300, 2**30, np.int32), np.full(1300, 2**30, np.int32), np.zeros(1300, np.int32)),
     lambda: (np.ones(1300, np.float32), np.full(1300, 3e38, np.float32), np.zeros(1300, np.float32)),
     lambda: (np.full(1300, 2e38, np.float32), np.full(1300, 3e38, np.float32), np.zeros(1300, np.float32)),
     lambda: (np.arange(1300), np.arange(1300), np.zeros(1300, np.int64)), apart=True)


def diagonal(a, b, k):
    n = len(a)
    for i in range(n):
        a[i, n - 1 - i] = b[k * i] + b[i]


case(diagonal, lambda: (np.zeros((60, 60)), np.arange(60.0), 1), lambda: (np.zeros((60, 60)), np.arange(130.0), 2),
     lambda: (np.zeros((60, 60)), np.arange(90.0), 2), lambda: (np.zeros((60, 40)), np.arange(60.0), 1),
     lambda: (np.zeros((60, 60)), np.arange(60.0), -1), lambda: (np.zeros((60, 60)), np.full(60, 1e308), 0), apart=True)


def with_continue(a):
    total = 0.0
    i = 0
    while i < len(a):
        i += 1
        if a[i - 1] < 0.0:
            continue
        total += a[i - 1] * 0.5
    return total, i


case(with_continue, lambda: (_odd(1500, 1, -1.0),), lambda: (_odd(1500, 1400, 1.7e308),), lambda: (np.full(1500, 1e308),),
     lambda: (np.zeros(0),), apart=True)


def stretched_bytes(image, low, high):
    total = 0
    for i in range(len(image)):  # native
        pixel = (int(image[i]) - low) * 255 // (high - low)
        image[i] = pixel
        total += pixel
    return total


def _bytes(n):
    return (np.arange(n) * 37 % 200 + 20).astype(np.uint8)


case(stretched_bytes, lambda: (_bytes(1500), 20, 220), lambda: (_bytes(1500), 20, 60), lambda: (_bytes(50), 200, 20),
     lambda: (_bytes(50), 20, 20), lambda: (_bytes(1500), 120, 330), lambda: (_bytes(1500), 2**40, 2**41),
     long=lambda: (_bytes(5000), 0, 255), apart=True)


def taking_turns(a, b):
    for i in range(len(a)):
        a[i] = b[i] * 2.0 + 1.0
        a, b = b, a
    return a[0], b[0]


case(taking_turns, lambda: (np.arange(1500.0), np.ones(1500)), lambda: (np.full(1500, 1e308), _odd(1500, 1300, 1e308)),
     lambda: (np.arange(30.0), np.ones(29)), apart=True)


def norms(a, b, skip):
    dot = 0.0
    least = 1.0
    for i in range(len(a)):  # native
        if i != skip:
            dot -= a[i] * b[i]
        least = least * 0.5 + a[i]
    return dot, least


case(norms, lambda: (np.linspace(-1.0, 2.0, 300), np.linspace(0.0, 1.0, 300), 7),
     lambda: (_odd(3000, 2500, 1e308), np.full(3000, 1e300), 7), lambda: (_odd(3000, 1100, np.nan), np.ones(3000), 7),
     lambda: (_odd(1500, 1100, -np.inf), np.zeros(1500), 1100), lambda: (np.full(2000, 1e306), np.ones(2000), -1),
     long=lambda: (np.linspace(-1.0, 2.0, 5000), np.linspace(0.0, 1.0, 5000), 2000), apart=True)


def restarted_sums(a, every):
    total = 0.0
    last = 0.0
    for i in range(len(a)):  # native
        last = total + a[i]
        if i % every == 0:
            total = a[i] * 0.25
        else:
            total = last
    return total, last


case(restarted_sums, lambda: (np.linspace(-1.0, 2.0, 300), 7), lambda: (np.full(2000, 1e307), 50),
     lambda: (_odd(3000, 1100, np.inf), 5), lambda: (_odd(1500, 10, np.nan), 700), lambda: (np.full(1500, -9e307), 2),
     long=lambda: (np.linspace(-1.0, 2.0, 5000), 9), apart=True)


def quotients(a, b):
    share = 1.0
    total = 0.0
    for i in range(len(a)):  # native
        share = share / a[i]
        total += b[i] / share
    return share, total


case(quotients, lambda: (np.full(300, 1.01), np.ones(300)), lambda: (np.full(3000, 1e-3), np.ones(3000)),
     lambda: (_odd(2000, 1500, 0.0) + 4.0, np.ones(2000)), lambda: (np.full(2000, 1e200), np.ones(2000)),
     lambda: (_odd(1500, 1200, np.inf) + 4.0, np.ones(1500)),
     long=lambda: (np.full(5000, 1.0001), np.ones(5000)), apart=True)


def _numbers(n, dtype=np.int64, **odd):
    a = (np.arange(n) * 7919 % 1009 - 500).astype(dtype)
    for at, value in odd.items():
        a[int(at[1:])] = value
    return a


def integer_products(a, b):
    total = 0
    product = 1
    for i in range(len(a)):  # native
        total += int(a[i])
        product += int(a[i]) * int(b[i]) - 3
    return total, product


case(integer_products, lambda: (_numbers(300), _numbers(300)),
     lambda: (_numbers(9000, _5000=2**40, _8999=-2**63), _numbers(9000, _5000=-2**20)),
     lambda: (_numbers(9000, _4100=2**62), _numbers(9000, _4100=2**20)),
     lambda: (_numbers(6000, np.uint64, _4500=2**64 - 1), _numbers(6000, np.int32)),
     lambda: (np.full(9000, 2**50), np.full(9000, 2**10)),
     long=lambda: (_numbers(20000), _numbers(20000)), apart=True)


def running_totals(a, b):
    total = 0
    for i in range(len(a)):  # native
        total += int(a[i])
        b[i] = total
        if total > 10**9:
            total -= 10**9
    return total


case(running_totals, lambda: (_numbers(300), np.zeros(300, np.int64)),
     lambda: (_numbers(6000, _4500=2**62, _4501=2**62), np.zeros(6000, np.int64)),
     lambda: (_numbers(6000, _3000=10**9, _4500=-2**40), np.zeros(6000)),
     lambda: (_numbers(3000, _2500=2**33), np.zeros(2600, np.int64)),
     long=lambda: (_numbers(20000), np.zeros(20000, np.int64)), apart=True)


def in_its_own_place(a, k):
    for i in range(len(a) - 1):  # native
        a[i] = int(a[i]) * k + int(a[i + 1])
    return a


case(in_its_own_place, lambda: (_numbers(300), 3), lambda: (_numbers(4000, _3500=2**61), 3),
     lambda: (_numbers(4000, _3500=2**61), -5), lambda: (_numbers(4000, np.int32, _3500=2**30), 3),
     long=lambda: (_numbers(20000), 1), apart=True)


def divided_items(a, b, k):
    total = 0
    for i in range(len(a)):  # native
        total += int(a[i]) % (k * k + 1) + int(a[i]) // 7 - (int(b[i]) >> 3)
    return total


case(divided_items, lambda: (_numbers(300), _numbers(300), 4),
     lambda: (_numbers(5000, _4800=-2**63), _numbers(5000, _4900=2**63 - 1), 0),
     lambda: (_numbers(5000), _numbers(5000), 2**31), long=lambda: (_numbers(20000), _numbers(20000), 9), apart=True)


def divided_by_items(a, b):
    total = 0
    for i in range(len(a)):  # native
        total += int(a[i]) // (abs(int(b[i])) + 1) + (int(a[i]) >> (int(b[i]) & 15))
    return total


case(divided_by_items, lambda: (_numbers(300), _numbers(300)),
     lambda: (_numbers(5000, _4800=-2**63), _numbers(5000, _4900=2**63 - 1)),
     lambda: (_numbers(5000), _numbers(5000, _100=-2**63)), long=lambda: (_numbers(20000), _numbers(20000)), apart=True)


def list_products(xs, ys):
    total = 0
    for i in range(len(xs)):  # native
        total += xs[i] * ys[i]
        if ys[i] > 400:
            total ^= xs[i]
    return total


case(list_products, lambda: (_numbers(300).tolist(), _numbers(300).tolist()),
     lambda: (_numbers(6000, _5000=2**45).tolist(), _numbers(6000, _5000=2**18).tolist()),
     lambda: ([*_numbers(3000).tolist(), 2**64, 5], _numbers(3002).tolist()),
     long=lambda: (_numbers(20000).tolist(), _numbers(20000).tolist()), apart=True)
