"""The reference of the profiler: a stack machine that counts each instruction when it fetches it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from zexus.bytecode import Code, Module
from zexus.vm.limits import Budget
from zexus.vm.stack import StackMachine

Counts = Counter[tuple[str, int]]


class _Fetched(list[Any]):
    """A program that counts who looks at which of its instructions."""

    def __init__(self, program: list[Any], code: Code, counts: Counts) -> None:
        super().__init__(program)
        self.name = code.name
        self.counts = counts

    def __getitem__(self, index: Any) -> Any:
        self.counts[self.name, index] += 1
        return super().__getitem__(index)


class NaiveMachine(StackMachine):
    """Counts by function and index."""

    def __init__(self, recursion_limit: int, budget: Budget | None = None) -> None:
        super().__init__(recursion_limit, budget)
        self.fetched: Counts = Counter()

    def _decode(self, code: Code) -> Any:
        self._programs[code] = _Fetched(super()._decode(code), code, self.fetched)
        return self._programs[code]


def without_meters(counts: Counts, metered: Module) -> Counts:
    """Counts of a program with METERs, by the indices that its instructions had without them."""
    found: Counts = Counter()
    for name, code in metered.functions.items():
        index = 0
        for at, instruction in enumerate(code.instructions):
            if instruction.op == "METER":
                continue
            if counts[name, at]:
                found[name, index] = counts[name, at]
            index += 1
    return found
