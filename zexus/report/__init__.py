"""Reports: what a run did, as one versioned model, and the views of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zexus.report.model import Report as Report
    from zexus.report.reading import BadReport as BadReport
    from zexus.report.reading import read as read
    from zexus.report.reading import write as write

__all__ = ["BadReport", "Report", "read", "write"]


def __getattr__(name: str) -> object:
    # The command line names this package for its commands; the libraries behind the model take time to import.
    if name not in __all__:
        raise AttributeError(f"module 'zexus.report' has no attribute {name!r}")
    from zexus.report import model, reading

    return model.Report if name == "Report" else getattr(reading, name)
