"""An iterative radix-2 fast Fourier transform over lists of complex numbers, there and back."""

from __future__ import annotations

import cmath

GROUP = "complex"
ARGS = (15,)


def transform(values, sign):
    n = len(values)
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit
        if i < j:
            values[i], values[j] = values[j], values[i]
    length = 2
    while length <= n:
        root = cmath.exp(sign * 2j * cmath.pi / length)
        half = length // 2
        for start in range(0, n, length):
            w = 1 + 0j
            for k in range(start, start + half):
                even = values[k]
                odd = values[k + half] * w
                values[k] = even + odd
                values[k + half] = even - odd
                w = w * root
        length *= 2


def run(bits):
    n = 1 << bits
    values = [complex(i * 37 % 101, i * 11 % 13) for i in range(n)]
    transform(values, -1)
    peak = 0.0
    for value in values:
        peak = max(peak, abs(value))
    transform(values, 1)
    drift = 0.0
    for i in range(n):
        drift = max(drift, abs(values[i] / n - complex(i * 37 % 101, i * 11 % 13)))
    return peak, drift < 1e-6
