"""Exceptions: a handler around each step of a loop, which is seldom needed."""


def main(n):
    table = {}
    for i in range(0, n, 2):
        table[i] = i * 3
    total = 0
    missing = 0
    for _turn in range(4):
        for i in range(0, n, 2):
            try:
                total += table[i] // (i % 1000)
            except ZeroDivisionError:
                missing += 1
    return total, missing
