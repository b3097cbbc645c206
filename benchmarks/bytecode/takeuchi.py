"""Recursion: Takeuchi's function, three arguments and calls as arguments of calls."""


def main(n):
    return tak(n, n * 2 // 3, n // 3)


def tak(x, y, z):
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
