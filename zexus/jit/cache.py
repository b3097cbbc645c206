"""The disk cache: object code by the content of what it was made from.

A key covers the typed function (and with it the source, the callees and every guarded fact), the versions of
everything that takes part, and the processor. Files appear whole, by rename; a damaged one is as good as none.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np

from zexus import events

_MAGIC = b"zexus-object-1\n"


def folder() -> Path:
    """Where the cache is: ZEXUS_CACHE_DIR, or the user's cache folder."""
    named = os.environ.get("ZEXUS_CACHE_DIR")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "zexus"


@cache
def _engine() -> str:
    """A digest of the engine's own source: other code may give other object code."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        digest.update(path.name.encode())
        digest.update(f"{path.stat().st_mtime_ns} {path.stat().st_size}".encode())
    return digest.hexdigest()


@cache
def _versions() -> str:
    import llvmlite
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features().flatten()
    return "\n".join((sys.version, np.__version__, _numba(), llvmlite.__version__, llvm.get_host_cpu_name(), features,
                      _engine()))


def _numba() -> str:
    """What tells Numba's versions apart. A program that finds its code in the cache never imports it."""
    spec = util.find_spec("numba")
    if spec is None or spec.origin is None:
        return "none"
    return (Path(spec.origin).parent / "_version.py").read_text(encoding="utf-8")


def key(text: str) -> str:
    """The key of a typed function in its text form."""
    return hashlib.sha256(f"{_versions()}\n{text}".encode()).hexdigest()


def load(name: str) -> bytes | None:
    """The object code stored under a key, or None."""
    try:
        raw = (folder() / f"{name}.o").read_bytes()
    except OSError:
        return None
    digest, _, code = raw.removeprefix(_MAGIC).partition(b"\n")
    if not raw.startswith(_MAGIC) or hashlib.sha256(code).hexdigest().encode() != digest:
        events.append("cache", name[:16], "a damaged file was ignored")
        return None
    return code


def store(name: str, code: bytes) -> None:
    """Keep object code under a key; a folder that cannot be written only leaves a note."""
    path = folder() / f"{name}.o"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + hashlib.sha256(code).hexdigest().encode() + b"\n" + code)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise
    except OSError as error:
        events.append("cache", str(path.parent), f"cannot be written: {error.strerror or error}")


def info() -> dict[str, Any]:
    """Folder, number of entries, bytes."""
    files = list(folder().glob("*.o")) if folder().is_dir() else []
    return {"folder": str(folder()), "entries": len(files), "bytes": sum(f.stat().st_size for f in files)}


def clear() -> int:
    """Remove every entry; answers how many there were."""
    removed = 0
    for path in folder().glob("*.o") if folder().is_dir() else ():
        path.unlink(missing_ok=True)
        removed += 1
    return removed
