"""Whether the entries of a loop are long enough for native code: entering it has a price."""

from __future__ import annotations

import ast

from zexus.frontend.sites import LoopSite
from zexus.jit.counters import Counters
from zexus.settings import JitSettings

# What it costs to ask an iterator over other things whether a loop may have it, in instructions.
_ASKED = 450


class Entries:
    """How many iterations the entries of a loop have: in CPython before it is hot, in native code by its counters.

    Args:
        site: the loop.
        settings: the prices, in instructions of CPython.

    Attributes:
        least: the iterations that entries must have on average, 0 where nobody asks.
        drawn: the iterations over a generator that CPython runs before native code is entered.
        count: the entries that were noted.
        iterations: how many iterations these had.
    """

    def __init__(self, site: LoopSite, settings: JitSettings) -> None:
        price = settings.entry_cost + settings.variable_cost * (len(site.params) + len(site.results))
        if site.makes_iterator:
            price += _ASKED
        asked = settings.weigh and site.kind != "function"
        self.least = -(-price // _instructions(site.node)) if asked else 0
        self.drawn = max(1, -(-settings.generator_cost // _instructions(site.node))) if asked else 1
        self.count = self.iterations = 0
        self._seen = (0, 0)
        self._short = 0
        self._native = self.least  # the iterations that entries of native code must have on average

    def note(self, iterations: int) -> None:
        """An entry that CPython runs."""
        self.count += 1
        self.iterations += iterations

    @property
    def pay(self) -> bool:
        """Whether the entries noted are long enough."""
        return self.iterations >= self.least * self.count

    def __str__(self) -> str:
        return f"{self.iterations / max(1, self.count):.1f} iterations an entry, where {self._native} would pay"

    def watch(self, numbers: Counters, over_generator: bool) -> None:
        """Native code comes into service: what its counters say from now on counts."""
        self._seen, self._short = (numbers["iterations"], numbers["entries"]), 0
        self._native = self.drawn if over_generator and self.least else self.least

    def are_short(self, numbers: Counters) -> bool:
        """Whether native code has been entered for too few iterations, at two looks one after the other."""
        before, now = self._seen, (numbers["iterations"], numbers["entries"])
        self._seen, self.iterations, self.count = now, now[0] - before[0], now[1] - before[1]
        self._short = 0 if self.iterations >= self._native * self.count else self._short + 1
        return self._short > 1


def _instructions(loop: ast.AST) -> int:
    """About how many instructions CPython runs in an iteration that meets each part of the body once."""
    parts: list[ast.AST] = list(getattr(loop, "body", ()))
    parts += [getattr(loop, name) for name in ("target", "test") if hasattr(loop, name)]
    return max(1, sum(isinstance(node, (ast.expr, ast.stmt)) for part in parts for node in ast.walk(part)))
