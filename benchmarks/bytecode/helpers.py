"""Calls: a loop whose body is put together from small functions."""


def main(n):
    total = 0
    for i in range(n):
        total = limited(total + weight(i), 1000003)
    return total


def weight(i):
    return square(i) + half(i) * 3


def square(i):
    return i * i


def half(i):
    return i // 2


def limited(value, limit):
    if value < limit:
        return value
    return value % limit
