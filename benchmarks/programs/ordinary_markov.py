"""Text written from a chain of words learned from another text, with a report of its sentences."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict

GROUP = "ordinary"
ARGS = (500, 800_000)

TEXT = """
The captain looked at the sea and the sea looked back. Nobody on the ship had slept since the storm, and the cook
was angry because the flour was wet. "We turn back," said the mate, but the captain would not hear of it. The wind
had come from the north for nine days. On the tenth day the wind was gone, and the sea was as flat as a table. The
cook baked bread on the deck, and the captain slept at last. When he woke, the mate was singing, and nobody on the
ship was angry. The sea had given them a day, said the captain, and a day is a long time.
"""

WORD = re.compile(r"[A-Za-z]+|[.,\"]")


def learn(words, order):
    chain = defaultdict(Counter)
    for i in range(len(words) - order):
        chain[tuple(words[i : i + order])][words[i + order]] += 1
    return chain


class Writer:
    def __init__(self, chain, seed):
        self.chain = chain
        self.starts = sorted(key for key in chain if key[0][0].isupper())
        self.chance = random.Random(seed)

    def words(self, count):
        key = self.starts[0]
        yield from key
        for _ in range(count):
            following = self.chain.get(key)
            if following is None:
                key = self.chance.choice(self.starts)
                yield from key
                continue
            word = self.draw(following)
            yield word
            key = (*key[1:], word)

    def draw(self, counter):
        place = self.chance.randrange(sum(counter.values()))
        for word, count in counter.items():
            place -= count
            if place < 0:
                return word
        raise AssertionError("not reached")


def sentences(words):
    current = []
    for word in words:
        current.append(word)
        if word == ".":
            yield current
            current = []


def join(words):
    parts = []
    for word in words:
        if parts and word not in ".,":
            parts.append(" ")
        parts.append(word)
    return "".join(parts)


def run(repeats, length):
    words = WORD.findall(TEXT * repeats)
    report = []
    for order in (1, 2, 3):
        writer = Writer(learn(words, order), order)
        lengths = Counter()
        longest = []
        pairs = Counter()
        for sentence in sentences(writer.words(length // order)):
            lengths[len(sentence)] += 1
            pairs.update(zip(sentence, sentence[1:]))
            if len(sentence) > len(longest):
                longest = sentence
        common = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:3]
        report.append((len(writer.chain), sorted(lengths.items())[:5], join(longest)[:80], common))
    return report
