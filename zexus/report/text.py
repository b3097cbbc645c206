"""The view of a report as plain text, for terminals."""

from __future__ import annotations

from zexus.report.model import Report
from zexus.report.tables import Table, summary, tables


def show(report: Report, top_n: int) -> str:
    """The summary and the tables."""
    facts = summary(report)
    width = max(len(name) for name, _ in facts)
    lines = [f"{name:<{width}}  {value}" for name, value in facts]
    for table in tables(report, top_n):
        lines += ["", *_lines(table)]
    return "\n".join(lines) + "\n"


def _lines(table: Table) -> list[str]:
    widths = [max(map(len, column)) for column in zip(table.heads, *table.rows, strict=True)]
    lines = [table.title]
    for row in (table.heads, *table.rows):
        cells = [cell.rjust(width) if at in table.numeric else cell.ljust(width)
                 for at, (cell, width) in enumerate(zip(row, widths, strict=True))]
        lines.append("  " + "  ".join(cells).rstrip())
    if table.rest:
        lines.append(f"  and {table.rest} more")
    return lines
