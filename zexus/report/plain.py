"""The view of a report as its own JSON."""

from __future__ import annotations

from zexus.report.model import Report
from zexus.report.reading import printed


def show(report: Report, top_n: int) -> str:
    """All of the report, whatever `top_n` says."""
    return printed(report)
