"""A text whose letters are moved along the alphabet, and back."""

from __future__ import annotations

GROUP = "strings"
ARGS = (2_000_000,)


def setup(size):
    return ("The Quick Brown Fox jumps over the lazy dog, 42 times. " * (size // 55),)


def shifted(text, by):
    out = []
    for c in text:
        if "a" <= c <= "z":
            out.append(chr((ord(c) - 97 + by) % 26 + 97))
        elif "A" <= c <= "Z":
            out.append(chr((ord(c) - 65 + by) % 26 + 65))
        else:
            out.append(c)
    return "".join(out)


def run(text):
    moved = shifted(text, 3)
    return moved[:60], shifted(moved, 23) == text
