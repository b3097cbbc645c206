"""The longest palindrome around each place of a text."""

from __future__ import annotations

GROUP = "strings"
ARGS = (200_000,)


def setup(size):
    return ("".join("abcacbabcbacab"[(i * i + i // 7) % 14] for i in range(size)),)


def run(text):
    best = 0
    total = 0
    for middle in range(len(text)):
        for odd in range(2):
            left = middle
            right = middle + odd
            while left >= 0 and right < len(text) and text[left] == text[right]:
                left -= 1
                right += 1
            found = right - left - 1
            total += found
            if found > best:
                best = found
    return best, total
