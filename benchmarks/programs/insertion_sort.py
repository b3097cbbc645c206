"""Insertion sort of a list of integers in place."""

from __future__ import annotations

GROUP = "lists"
ARGS = (10_000,)


def setup(n):
    state = 3
    numbers = []
    for _ in range(n):
        state = (state * 1103515245 + 12345) % 2147483648
        numbers.append(state // 16)
    return (numbers,)


def run(numbers):
    for i in range(1, len(numbers)):
        value = numbers[i]
        j = i - 1
        while j >= 0 and numbers[j] > value:
            numbers[j + 1] = numbers[j]
            j -= 1
        numbers[j + 1] = value
    check = 0
    for i in range(len(numbers)):
        check = (check * 31 + numbers[i]) % 1000003
    return check
