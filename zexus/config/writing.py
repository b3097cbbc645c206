"""Files that are written at the end of long work: whether they can be is asked at its beginning."""

from __future__ import annotations

import os


def obstacle(path: str) -> str:
    """Why a file cannot be written, in words, or ""; it is left as it is."""
    try:
        existed = os.path.lexists(path)
        with open(path, "a", encoding="utf-8"):
            pass
        if not existed:
            os.unlink(path)
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ""
