"""Paragraphs wrapped, justified and indented into columns of several widths."""

from __future__ import annotations

import textwrap

GROUP = "ordinary"
ARGS = (9_000,)

WORDS = (
    "It was in the summer of that year when the long-awaited steamer arrived at the harbour, loaded with oranges, "
    "well-made furniture and an unusually large number of passengers who had nowhere else to go."
).split()


def setup(count):
    paragraphs = []
    for i in range(count):
        shift = i * 7 % len(WORDS)
        paragraphs.append(" ".join(WORDS[shift:] + WORDS[:shift] + [f"(note {i})"] + WORDS[: i % 11]))
    return (paragraphs,)


def justify(line, width):
    words = line.split()
    if len(words) < 2:
        return line
    missing = width - sum(len(word) for word in words)
    gaps = len(words) - 1
    parts = []
    for place, word in enumerate(words[:-1]):
        parts.append(word)
        parts.append(" " * (missing // gaps + (1 if place < missing % gaps else 0)))
    parts.append(words[-1])
    return "".join(parts)


def layout(paragraph, width):
    lines = textwrap.wrap(paragraph, width)
    return [justify(line, width) for line in lines[:-1]] + lines[-1:]


def beside(left, right, width):
    rows = []
    for i in range(max(len(left), len(right))):
        one = left[i] if i < len(left) else ""
        other = right[i] if i < len(right) else ""
        rows.append(f"{one:<{width}} | {other}")
    return rows


def run(paragraphs):
    rows = 0
    characters = 0
    page = []
    for width in (28, 36, 50):
        for first, second in zip(paragraphs[::2], paragraphs[1::2]):
            page = beside(layout(first, width), layout(second, width), width)
            rows += len(page)
            characters += sum(map(len, page))
    indented = textwrap.indent("\n".join(page), "> ", lambda line: "note" in line)
    short = [textwrap.shorten(paragraph, 40, placeholder="...") for paragraph in paragraphs]
    return rows, characters, indented, len(set(short)), short[:3]
