"""How often each word stands in a list of words."""

from __future__ import annotations

GROUP = "dicts"
ARGS = (400_000,)


def setup(size):
    words = [f"w{i * i % 1009}" for i in range(2_000)]
    return ([words[i * 31 % 2_000] for i in range(size)],)


def run(words):
    counts = {}
    for word in words:
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    best = ""
    most = 0
    for word, count in counts.items():
        if count > most:
            best, most = word, count
    return best, most, len(counts)
