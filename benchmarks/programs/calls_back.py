"""A search that tells a callback now and then how far it is."""

from __future__ import annotations

GROUP = "callouts"
VARIANTS = {"10": (600_000, 10), "100": (1_500_000, 100), "1000": (2_000_000, 1000)}


class Progress:
    def __init__(self):
        self.told = []

    def tell(self, step, value):
        self.told.append(f"{step}: {value % 100:>3}")
        if len(self.told) > 50:
            self.told.clear()


def run(count, every):
    progress = Progress()
    state = 11
    total = 0
    for i in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        total += state // 65536 % 10
        if i % every == 0:
            progress.tell(i, state)
    return total, progress.told
