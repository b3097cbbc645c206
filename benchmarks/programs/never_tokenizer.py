"""A tokenizer over a regular expression, and the tokens counted by kind."""

from __future__ import annotations

import re

GROUP = "never"
ARGS = (30_000,)

TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<string>\"[^\"]*\")|(?P<operator>[-+*/=<>()\[\]{}:,.])"
    r"|(?P<space>\s+)|(?P<other>.)"
)
KEYWORDS = {"def", "return", "if", "else", "for", "in", "while"}


def setup(lines):
    templates = [
        "def area(width, height): return width * height + 3.14",
        'if name == "zexus": total = total + counts[name] - 1',
        "for item in items: result.append(item / 2.5)",
        "while index < 100: index = index + step",
    ]
    return ("\n".join(templates[i % 4] + f" x{i}" for i in range(lines)),)


def tokens(text):
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        value = match.group()
        if kind == "space":
            continue
        if kind == "name" and value in KEYWORDS:
            kind = "keyword"
        yield kind, value


def run(text):
    counts = {}
    longest = ""
    for _ in range(5):
        for kind, value in tokens(text):
            counts[kind] = counts.get(kind, 0) + 1
            if len(value) > len(longest):
                longest = value
    return sorted(counts.items()), longest
