"""Roman numerals, number words, run lengths and look-and-say, with iterators and decorators of one's own."""

from __future__ import annotations

import functools
from itertools import groupby

GROUP = "ordinary"
ARGS = (300_000, 39)

ROMAN = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
         (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]  # fmt: skip
SMALL = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
         "seventeen eighteen nineteen").split()  # fmt: skip
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()


CALLS = {}


def counted(counts):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            counts[function.__name__] = counts.get(function.__name__, 0) + 1
            return function(*args, **kwargs)

        return wrapper

    return decorate


def checked(kind):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(value):
            if not isinstance(value, kind):
                raise TypeError(f"{function.__name__} takes {kind.__name__}, not {type(value).__name__}")
            return function(value)

        return wrapper

    return decorate


@counted(CALLS)
@checked(int)
def to_roman(number):
    parts = []
    for value, letters in ROMAN:
        while number >= value:
            parts.append(letters)
            number -= value
    return "".join(parts)


@checked(str)
def from_roman(text):
    total = 0
    rest = text
    for value, letters in ROMAN:
        while rest.startswith(letters):
            total += value
            rest = rest[len(letters) :]
    if rest:
        raise ValueError(f"not a numeral: {text}")
    return total


def in_words(number):
    if number < 20:
        return SMALL[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return TENS[tens] + (f"-{SMALL[rest]}" if rest else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            whole, rest = divmod(number, size)
            return f"{in_words(whole)} {name}" + (f" and {in_words(rest)}" if rest else "")
    raise AssertionError(number)


class LookAndSay:
    """An iterator over the sequence 1, 11, 21, 1211, ..."""

    def __init__(self, start="1"):
        self.text = start

    def __iter__(self):
        return self

    def __next__(self):
        text = self.text
        self.text = "".join(f"{len(list(group))}{digit}" for digit, group in groupby(text))
        return text


class Runs:
    """Iterates over the runs of equal letters in a text."""

    def __init__(self, text):
        self.text = text
        self.place = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.place >= len(self.text):
            raise StopIteration
        start = self.place
        letter = self.text[start]
        while self.place < len(self.text) and self.text[self.place] == letter:
            self.place += 1
        return letter, self.place - start


def run(numbers, length):
    CALLS.clear()
    longest = ""
    letters = 0
    failures = 0
    for number in range(numbers):
        number = number % 3999 + 1
        text = to_roman(number)
        if from_roman(text) != number:
            raise AssertionError(text)
        if number % 10 == 0:
            letters += len(in_words(number * 7))
        longest = max(longest, text, key=len)
        try:
            from_roman(text + "?" if number % 5 == 0 else number if number % 50 == 1 else "")
        except (ValueError, TypeError):
            failures += 1
    sequence = LookAndSay()
    text = "1"
    for text, _ in zip(sequence, range(length)):
        pass
    counts = {}
    for letter, times in Runs(text):
        counts[letter * times] = counts.get(letter * times, 0) + 1
    return longest, letters, failures, CALLS["to_roman"], len(text), sorted(counts.items())
