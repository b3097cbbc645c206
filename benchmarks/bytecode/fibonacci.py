"""Recursion: Fibonacci's numbers by their definition."""


def main(n):
    if n < 2:
        return n
    return main(n - 1) + main(n - 2)
