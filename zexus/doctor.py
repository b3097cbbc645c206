"""`zexus doctor`: what is installed, what the processor can do, and whether everything works here."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from zexus.records import dataclass

_PACKAGES = ("zexus", "llvmlite", "numpy", "numba", "pyyaml", "pydantic", "click", "rich")
_NOTABLE = ("sse4.2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512vl", "amx-tile", "neon", "sve", "sve2")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what.
        text: how it is.
        right: whether that is as it should be; None where nothing can be wrong about it.
        facts: the same for programs.
    """

    name: str
    text: str
    right: bool | None = None
    facts: Any = None


def findings(seconds: float) -> Iterator[Finding]:
    """Everything that is looked at, one after the other.

    Args:
        seconds: how long the self-test may take; 0 leaves it out.
    """
    yield _interpreter()
    yield _versions()
    yield _variables()
    yield _cache()
    yield _layout()
    native = list(_native())
    yield from native
    if seconds and any(found.name == "worker" for found in native):
        yield _selftest(seconds)


def _interpreter() -> Finding:
    name, found = platform.python_implementation(), sys.version_info
    right = name == "CPython" and found >= (3, 11)
    words = f"{name} {platform.python_version()}, {platform.platform()}, {os.cpu_count()} processors"
    return Finding("python", words, right, {"executable": sys.executable, "version": sys.version})


def _versions() -> Finding:
    found: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    text = ", ".join(f"{name} {number or 'missing'}" for name, number in found.items())
    # Numba is the yardstick of the benchmarks only.
    return Finding("versions", text, all(number for name, number in found.items() if name != "numba"), found)


def _variables() -> Finding:
    found = {name: text for name, text in sorted(os.environ.items()) if name.startswith("ZEXUS_")}
    text = ", ".join(f"{name}={value}" for name, value in found.items()) or "none that Zexus knows"
    return Finding("environment", text, None, found)


def _cache() -> Finding:
    try:
        import zexus.jit.cache as store

        found = store.info()
    except ImportError as error:
        return Finding("cache", f"cannot be looked at: {error}", False)
    except OSError as error:
        return Finding("cache", f"cannot be read: {error}", False)
    words = f"{found['folder']}: {found['entries']} compiled loops, {found['bytes'] / 1024:.0f} kB"
    try:
        os.makedirs(found["folder"], exist_ok=True)
        with tempfile.TemporaryFile(dir=found["folder"]):
            pass
    except OSError as error:
        # Nothing breaks by it, but each run compiles anew.
        return Finding("cache", f"{words}; cannot be written: {error.strerror}", False, found)
    return Finding("cache", f"{words}; can be written", True, found)


def _layout() -> Finding:
    from zexus import layout

    problem = layout.problem()
    return Finding("objects", problem or "laid out as the native tier knows them", not problem)


def _native() -> Iterator[Finding]:
    """The processor as LLVM sees it, and a loop on its way to native code, in this process and in the worker."""
    from zexus.settings import SettingsError, disabled, from_environment

    try:
        settings = from_environment()
    except SettingsError as error:
        yield Finding("native tier", f"its settings are wrong: {error}", False)
        return
    try:
        from zexus.jit.emit import library

        name, flags = library.processor()
    except (ImportError, OSError, RuntimeError) as error:
        yield Finding("native tier", f"llvmlite does not work here: {error}", False)
        return
    features = [flag[1:] for flag in flags.split(",") if flag.startswith("+")]
    notable = [flag for flag in _NOTABLE if flag in features]
    yield Finding("processor", f"{name}: {' '.join(notable) or 'no vector instructions known of'}", None,
                  {"name": name, "features": features})
    if disabled():
        yield Finding("native tier", "turned off by ZEXUS_DISABLE", None)
        return
    if not settings.enabled:
        yield Finding("native tier", "turned off by ZEXUS_JIT__ENABLED", None)
        return
    yield _loop("native tier", background=False)
    yield _loop("worker", background=True)


def _counted(n: int) -> int:
    total = 0
    for i in range(n):
        total = (total * 31 + i) % 1_000_003
    return total


def _loop(name: str, background: bool) -> Finding:
    import zexus

    n = 200_000
    made = zexus.jit.compile(_counted, threshold=100, background=background, cache=False, effort_share=1.0)
    right, deadline = _counted(n), time.monotonic() + 30
    while True:
        if made(n) != right:
            return Finding(name, "it gives a wrong answer", False)
        region = zexus.explain(made).regions[0] if zexus.explain(made).regions else None
        if region is None or region.code not in ("ZX001", "ZX002") or time.monotonic() > deadline:
            break
    if region is None or region.tier != "native":
        why = zexus.explain(made).remark if region is None else f"{region.code} {region.reason} {region.hint}"
        return Finding(name, f"a loop of integers stays on CPython: {why}", False)
    where = "by a process beside the program" if background else "in this process"
    return Finding(name, f"works: a loop was compiled {where} in {region.compile_ms:.0f} ms", True)


def _selftest(seconds: float) -> Finding:
    from zexus.config.progress import ticking
    from zexus.selftest import trials

    started = time.monotonic()
    found = list(ticking(trials(seconds), "self-test", seconds))
    wrong = [trial for trial in found if trial.wrong]
    native = sum(trial.native for trial in found)
    text = f"{len(found)} programs in {time.monotonic() - started:.1f} s, {native} iterations native"
    if wrong:
        text += "".join(f"\n{trial.name}: {trial.wrong}" for trial in wrong)
        return Finding("self-test", f"{len(wrong)} of {text}", False)
    return Finding("self-test", f"{text}, all as under CPython", native > 0)


def lines(found: Finding) -> str:
    """A finding as people read it."""
    mark = {True: "ok", False: "WRONG", None: ""}[found.right]
    first, *more = found.text.splitlines() or [""]
    return "\n".join([f"{found.name:<12} {mark:<6} {first}".rstrip(), *(f"{'':<20}{line}" for line in more)])
