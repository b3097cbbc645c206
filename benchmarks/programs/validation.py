"""Records that a function checks and refuses by exceptions of its own; a finally clause counts them."""

from __future__ import annotations

GROUP = "handlers"
ARGS = (1_500_000, 50)


class Refused(Exception):
    pass


def checked(value, limit):
    if value > limit:
        raise Refused
    if value < 0:
        raise ValueError
    return value * 3 + 1


def run(n, every):
    accepted = refused = wrong = seen = 0
    state = 1
    for _ in range(n):
        state = (state * 1103515245 + 12345) % 2147483648
        try:
            accepted += checked(state // 65536 % 1000 - every // 5, 1000 - every)
        except Refused:
            refused += 1
        except ValueError:
            wrong += 1
        finally:
            seen += 1
    return accepted, refused, wrong, seen
