"""What opcodes cost, estimated: non-negative costs that explain the times of the sections of a program best.

Clocks are read around loops and calls only. Each of these sections gives an equation: what was executed in it, times
what that costs, makes the time that it took. Costs are never negative (Lawson and Hanson, Solving Least Squares
Problems, 1974, chapter 23). Mostly there are fewer sections than opcodes, and what always comes together cannot be told
apart. So costs are pulled towards the mean (Tikhonov) by as much as opcodes may differ, beside how true times are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from zexus.report.model import CostPart
from zexus.vm.profiling.sections import CALL_OF, TALLY, Section

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

# Guesses: how far the time of a section may be off, and the cost of an opcode from the mean, as shares.
_OFF = 0.1
_APART = 1.0
_CLOSE = 1e-10  # gradients below which nothing can be gained


def costs(sections: Iterable[Section]) -> list[CostPart]:
    """What opcodes cost on each machine, those that took most time first; native code has no opcodes any more.

    Nothing is said of a machine with a single section: the mean of all opcodes is all that follows from it.
    """
    by_machine: dict[str, list[Section]] = {}
    for section in sections:
        if section.machine != "native":
            by_machine.setdefault(section.machine, []).append(section)
    found = [part for machine, own in by_machine.items() if len(own) > 1
             for part in _costs(machine, own)]
    return sorted(found, key=lambda part: -part.time_ns)


def _costs(machine: str, sections: Sequence[Section]) -> list[CostPart]:
    whole: Counter[str] = Counter()
    for section in sections:
        whole.update(section.counts)
    names = sorted(whole)
    each = fitted([[section.counts[name] for name in names] for section in sections],
                  [section.time_ns for section in sections])
    return [CostPart(machine=machine, opcode=name, count=whole[name], time_ns=round(cost * whole[name]),
                     sections=sum(section.counts[name] > 0 for section in sections))
            for name, cost in zip(names, each, strict=True) if name != TALLY and not name.startswith(CALL_OF)]


def fitted(counts: Sequence[Sequence[float]], times: Sequence[float]) -> list[float]:
    """The costs of things, none of them negative.

    Args:
        counts: for each section how often each thing came, not all of them 0.
        times: for each section how long it took.
    """
    import numpy as np

    rows, wanted = np.array(counts, float), np.array(times, float)
    mean = wanted.sum() / rows.sum()
    # In shares: what is sought is how many times the mean each costs.
    rows *= mean / wanted[:, None] / _OFF
    size = rows.shape[1]
    rows = np.vstack([rows, np.eye(size) / _APART])
    wanted = np.concatenate([np.full(len(wanted), 1 / _OFF), np.full(size, 1 / _APART)])
    return [mean * float(cost) for cost in nnls(rows, wanted)]


def nnls(rows: Array, wanted: Array) -> Array:
    """The x without negative entries for which |rows @ x - wanted| is least (Lawson and Hanson 1974, NNLS).

    Args:
        rows: a matrix whose columns are independent.
        wanted: as many entries as that has rows.
    """
    import numpy as np

    size = rows.shape[1]
    found = np.zeros(size)
    free = np.zeros(size, bool)  # which entries are not held at 0
    gradient = rows.T @ (wanted - rows @ found)
    while not free.all() and gradient[~free].max() > _CLOSE:
        free[np.where(free, -np.inf, gradient).argmax()] = True
        while True:
            trial = np.zeros(size)
            trial[free] = np.linalg.lstsq(rows[:, free], wanted, rcond=None)[0]
            low = free & (trial <= 0)
            if not low.any():
                break
            step = (found[low] / (found[low] - trial[low])).min()
            found += step * (trial - found)
            free &= found > _CLOSE
        found = trial
        gradient = rows.T @ (wanted - rows @ found)
    return found
