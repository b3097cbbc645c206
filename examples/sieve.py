"""Prime numbers by the sieve of Eratosthenes, with the loops at the top level of a script."""

from __future__ import annotations

LIMIT = 3_000_000

composite = [False] * (LIMIT + 1)
count = 0
total = 0

for number in range(2, LIMIT + 1):
    if composite[number]:
        continue
    count += 1
    total += number
    multiple = number * number
    while multiple <= LIMIT:
        composite[multiple] = True
        multiple += number

print(f"{count} primes up to {LIMIT}, their sum is {total}")
