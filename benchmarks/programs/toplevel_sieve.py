"""A script that sieves primes and counts twins and gaps, without any function."""

from __future__ import annotations

GROUP = "toplevel"

limit = 15_000_000
flags = [True] * (limit + 1)
flags[0] = flags[1] = False
i = 2
while i * i <= limit:
    if flags[i]:
        for j in range(i * i, limit + 1, i):
            flags[j] = False
    i += 1

count = twins = widest = 0
last = 2
for n in range(2, limit + 1):
    if flags[n]:
        count += 1
        if n - last == 2:
            twins += 1
        if n - last > widest:
            widest = n - last
        last = n
print(count, twins, widest)
