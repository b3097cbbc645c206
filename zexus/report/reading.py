"""Reports in files: read with one clear sentence for what is wrong, written without ever leaving half of one."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from typing import Any

from pydantic import ValidationError

from zexus.report.model import VERSION, Report


class BadReport(ValueError):
    """A file is no report that this version can read, or cannot be written; the message is one line."""


def read(path: str | os.PathLike[str]) -> Report:
    """The report in a file.

    Raises:
        BadReport: it cannot be read, is no JSON, no report, or one of another version.
    """
    name = os.fspath(path)
    try:
        with open(name, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise BadReport(f"{name}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise BadReport(f"{name}: this is no text") from None
    return parse(text, name)


def parse(text: str, name: str = "report") -> Report:
    """The report that a JSON text is; see `read`."""
    try:
        data: Any = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        cut = " (it ends too early)" if where and error.pos >= len(text.rstrip()) else ""  # type: ignore[union-attr]
        raise BadReport(f"{name}: this is no JSON{where}{cut}") from None
    if not isinstance(data, dict) or data.get("format") != "zexus-report":
        raise BadReport(f"{name}: this is JSON, but no report of zexus")
    if data.get("version") != VERSION:
        raise BadReport(f"{name}: the report has version {data.get('version')!r}; this zexus reads version {VERSION}")
    try:
        return Report.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadReport(f"{name}: {place}: {' '.join(str(first['msg']).split())}") from None


def printed(report: Report) -> str:
    """The report as JSON."""
    return report.model_dump_json(indent=1) + "\n"


def write(text: str, path: str | os.PathLike[str]) -> None:
    """Put a text into a file: all of it, or the file stays as it was.

    Raises:
        BadReport: the system refuses.
    """
    check_writable(path)
    name = os.fspath(path)
    folder = os.path.dirname(os.path.abspath(name))
    made = ""
    try:
        if os.path.exists(name) and not os.path.isfile(name):
            with open(name, "w", encoding="utf-8") as stream:  # a terminal, a pipe
                stream.write(text)
            return
        handle, made = tempfile.mkstemp(dir=folder, prefix=".zexus-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        mode = os.stat(name).st_mode & 0o777 if os.path.exists(name) else 0o666 & ~_umask()
        os.chmod(made, mode)
        os.replace(made, name)
    except OSError as error:
        if made and os.path.exists(made):
            os.unlink(made)
        raise BadReport(f"{name}: {error.strerror or error}") from None


def check_writable(path: str | os.PathLike[str]) -> None:
    """See before a run that its report can be written behind it; nothing is changed.

    Raises:
        BadReport: the system would refuse.
    """
    name = os.fspath(path)
    folder = os.path.dirname(os.path.abspath(name))
    if os.path.isdir(name):
        raise BadReport(f"{name}: {os.strerror(errno.EISDIR)}")
    if not os.path.isdir(folder):
        raise BadReport(f"{name}: {os.strerror(errno.ENOENT)}")
    if not os.access(name if os.path.exists(name) else folder, os.W_OK):
        raise BadReport(f"{name}: {os.strerror(errno.EACCES)}")


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
