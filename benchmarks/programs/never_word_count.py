"""Words of a text counted in a dictionary."""

from __future__ import annotations

GROUP = "never"
ARGS = (11_500,)


def setup(paragraphs):
    words = "the quick brown fox jumps over a lazy dog while Many other animals sleep, and none of them cares.".split()
    lines = []
    for i in range(paragraphs):
        shift = i % len(words)
        lines.append(" ".join(words[shift:] + words[:shift] + [f"word{i % 97}"]))
    return (lines,)


def clean(word):
    return word.strip(".,;:!?").lower()


def run(lines):
    ranking = []
    for _ in range(30):
        counts = {}
        for line in lines:
            for word in line.split():
                word = clean(word)
                if word in counts:
                    counts[word] += 1
                else:
                    counts[word] = 1
        ranking = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ranking[:20], len(ranking)
