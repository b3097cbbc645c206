"""Loops: the longest of the Collatz sequences that begin below a limit."""


def main(limit):
    longest = 0
    best = 0
    for start in range(1, limit):
        n = start
        length = 1
        while n != 1:
            if n % 2 == 0:
                n //= 2
            else:
                n = 3 * n + 1
            length += 1
        if length > longest:
            longest = length
            best = start
    return best, longest
