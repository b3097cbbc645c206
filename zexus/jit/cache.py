"""The disk cache: object code by the content of what it was made from.

A key covers the typed function (and with it the source, the callees and every guarded fact), the versions of
everything that takes part, and the processor. Files appear whole, by rename; a damaged one is as good as none.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from zexus import events
from zexus.jit.emit import library

_STARTED = os.getcwd() if os.path.isdir(".") else os.sep
_numbers = itertools.count()
_MAGIC = b"zexus-object-1\n"


def folder() -> Path:
    """Where the cache is: ZEXUS_CACHE_DIR, or the user's cache folder; wherever the program has gone meanwhile."""
    named = os.environ.get("ZEXUS_CACHE_DIR")
    if named:
        return Path(_STARTED, named)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(_STARTED, base, "zexus")


@cache
def _engine() -> str:
    """What tells versions of the engine's own source apart: other code may give other object code."""
    stamps = []
    root = os.path.dirname(os.path.dirname(__file__))
    for directory, _, _ in os.walk(root):
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    found = entry.stat()
                    stamps.append(f"{entry.path.removeprefix(root)} {found.st_mtime_ns} {found.st_size}")
    return "\n".join(sorted(stamps))


@cache
def _versions() -> str:
    packages = (_version("numpy", "version.py"), _version("llvmlite", "_version.py"))
    return "\n".join((sys.version, *packages, _processor(), _engine()))


def _processor() -> str:
    """What tells processors apart, without LLVM where the system says it."""
    try:
        with open("/proc/cpuinfo", "rb") as found:
            first = found.read(4096).partition(b"\n\n")[0].decode(errors="replace")
    except OSError:
        return "\n".join(library.processor())
    told = [line for line in first.splitlines() if line.startswith(_TELLING)]
    return "\n".join(told or library.processor())


# What of the system's description of a processor is the same each time: its model, and what it can do.
_TELLING = ("vendor_id", "cpu family", "model", "stepping", "flags", "CPU implementer", "CPU part", "Features")


def _version(package: str, file: str) -> str:
    """What tells versions of a package apart, without its import."""
    spec = PathFinder.find_spec(package)
    if spec is None or spec.origin is None:
        return "none"
    with open(os.path.join(os.path.dirname(spec.origin), file), "rb") as found:
        return found.read().decode()


def key(text: str) -> str:
    """The key of a typed function in its text form."""
    return hashlib.sha256(f"{_versions()}\n{text}".encode()).hexdigest()


def path(name: str) -> Path:
    """The file of a key."""
    return folder() / f"{name}.o"


def load(name: str) -> bytes | None:
    """The object code stored under a key, or None."""
    try:
        raw = path(name).read_bytes()
    except OSError:
        return None
    digest, _, code = raw.removeprefix(_MAGIC).partition(b"\n")
    if not raw.startswith(_MAGIC) or hashlib.sha256(code).hexdigest().encode() != digest:
        events.append("cache", name[:16], "a damaged file was ignored")
        return None
    return code


def store(file: Path, code: bytes) -> None:
    """Keep object code in the file of its key."""
    write(file, _MAGIC + hashlib.sha256(code).hexdigest().encode() + b"\n" + code)


def write(file: Path, content: bytes) -> None:
    """Let a file appear whole; a folder that cannot be written only leaves a note."""
    temporary = f"{file}.{os.getpid()}.{next(_numbers)}"  # each process has its own
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            with os.fdopen(handle, "wb") as written:
                written.write(content)
            os.replace(temporary, file)
        except OSError:
            os.unlink(temporary)
            raise
    except OSError as error:
        events.append("cache", str(file.parent), f"cannot be written: {error.strerror or error}")


def info() -> dict[str, Any]:
    """Folder, number of entries, bytes."""
    files = [*_files()]
    return {"folder": str(folder()), "entries": len(files), "bytes": sum(f.stat().st_size for f in files)}


def clear() -> int:
    """Remove every entry; answers how many there were."""
    removed = 0
    for path in _files():
        path.unlink(missing_ok=True)
        removed += 1
    return removed


def _files() -> Iterator[Path]:
    """Object code, and what is known of loops that have none (`jit/verdicts`)."""
    for pattern in ("*.o", "*.json") if folder().is_dir() else ():
        yield from folder().glob(pattern)
