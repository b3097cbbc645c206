"""How many cards stay in their place when a deck is shuffled."""

from __future__ import annotations

import random

GROUP = "random"
ARGS = (52, 12_000)


def run(cards, rounds):
    random.seed(52)
    deck = list(range(cards))
    fixed = 0
    for _ in range(rounds):
        random.shuffle(deck)
        for place, card in enumerate(deck):
            if place == card:
                fixed += 1
    return fixed, deck[:5]
