"""The views of a report by their names: each makes a text of a report."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from zexus.report.model import Report

VIEWS = {
    "text": "zexus.report.text",
    "json": "zexus.report.plain",
    "html": "zexus.report.html",
    "speedscope": "zexus.report.speedscope",
    "chrome": "zexus.report.chrome",
}


def view(report: Report, format: str, top_n: int = 10) -> str:
    """A report as text of some format.

    Args:
        report: what to show.
        format: one of VIEWS.
        top_n: how many rows tables have at most, where the format has tables.

    Raises:
        ValueError: an unknown format.
    """
    if format not in VIEWS:
        raise ValueError(f"unknown format {format!r}; formats are {', '.join(VIEWS)}")
    show: Callable[[Report, int], str] = import_module(VIEWS[format]).show
    return show(report, top_n)
