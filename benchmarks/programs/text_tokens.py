"""A text cut into names, numbers and signs, character by character."""

from __future__ import annotations

GROUP = "strings"
ARGS = (1_500_000,)


def setup(size):
    line = "total = total + price[i] * (count - 17) / 3.5; x_1 = foo(bar, 42)\n"
    return (line * (size // len(line)),)


def run(text):
    names = numbers = signs = 0
    longest = 0
    i = 0
    size = len(text)
    while i < size:
        c = text[i]
        if c.isspace():
            i += 1
        elif c.isalpha() or c == "_":
            start = i
            while i < size and (text[i].isalnum() or text[i] == "_"):
                i += 1
            names += 1
            if i - start > longest:
                longest = i - start
        elif c.isdigit():
            while i < size and (text[i].isdigit() or text[i] == "."):
                i += 1
            numbers += 1
        else:
            signs += c in "()[]+-*/=;,"
            i += 1
    return names, numbers, signs, longest
