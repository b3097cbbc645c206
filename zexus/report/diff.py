"""Two reports side by side: what was executed more often, and what less."""

from __future__ import annotations

from dataclasses import dataclass

from zexus.report.model import Report
from zexus.report.tables import number


@dataclass(frozen=True)
class Change:
    """One figure in two reports."""

    what: str
    before: int
    after: int

    @property
    def ratio(self) -> float:
        """How many times as much it is; infinite where there was nothing."""
        return self.after / self.before if self.before else float("inf")


def changes(before: Report, after: Report) -> list[Change]:
    """The figures that differ: all that was counted first, then functions and loops, the greatest difference first."""
    def figures(report: Report) -> dict[str, int]:
        found: dict[str, int] = {}
        unit = report.unit
        for function in report.functions:
            where = f"{function.function} {function.file}"
            found[f"calls of {where}"] = found.get(f"calls of {where}", 0) + function.calls
            found[f"{unit} in {where}"] = found.get(f"{unit} in {where}", 0) + function.instructions
        for loop in report.loops:
            found[f"iterations at {loop.function} {loop.file}:{loop.line}"] = loop.iterations
        return found

    old, new = figures(before), figures(after)
    found = [Change(name, old.get(name, 0), new.get(name, 0)) for name in dict.fromkeys((*old, *new))]
    found = [change for change in found if change.before != change.after]
    found.sort(key=lambda change: -abs(change.after - change.before))
    return [Change(f"{after.unit} in all", before.executed, after.executed), *found]


def show(found: list[Change], top_n: int) -> str:
    """The changes as text."""
    rows = [("before", "after", "change", "figure")]
    for change in found[: top_n + 1]:
        percent = f"{100 * (change.ratio - 1):+.1f} %" if change.before else "new"
        rows.append((number(change.before), number(change.after), percent, change.what))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join([*(cell.rjust(width) for cell, width in zip(row[:3], widths, strict=False)), row[3]])
             for row in rows]
    if len(found) > top_n + 1:
        lines.append(f"and {len(found) - top_n - 1} more")
    return "\n".join(lines) + "\n"
