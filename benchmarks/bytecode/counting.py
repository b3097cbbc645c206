"""Loops: a while loop that adds up a polynomial."""


def main(n):
    total = 0
    i = 0
    while i < n:
        total += i * i - 3 * i + 7
        i += 1
    return total
