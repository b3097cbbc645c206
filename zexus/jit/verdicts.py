"""What earlier runs have found out about the loops of a file: those that were given up are tried late, if at all.

Finding out that a loop does not pay takes time, in each run anew. A verdict is about runs that take as long as the one
that found it, or not much longer. Behind that the work has grown: loops are tried then as if nothing were known. Those
whose probes would cost something, as they have short entries, do without them, and are tried by the run that follows.
Files appear whole, by rename; a damaged one is as good as none, and so is one of another version of the source.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import json
import os
import sys
from dataclasses import field, replace
from pathlib import Path
from time import monotonic

from zexus import events
from zexus.codes import Unsupported
from zexus.frontend.loops import loop_sites, whole_site
from zexus.frontend.sites import LoopSite, Scope, place_of
from zexus.frontend.unseen import outermost
from zexus.jit import cache
from zexus.records import dataclass
from zexus.settings import JitSettings

# What is no property of the loop: the machine was too slow, the engine is wrong, or there were few data this time.
_PASSING = frozenset(("ZX041", "ZX042", "ZX043", "ZX045"))
# The kind of a site that is a function's entry.
WHOLE = "function"
# How many times as long as the run that found a verdict another one may take.
_LONGER = 2

BEGUN = monotonic()


@dataclass(frozen=True)
class Verdict:
    """Why a loop was given up, how many seconds such a run took, and whether the loop's entries were short."""

    why: str
    seconds: float
    short: bool

    def refusal(self, site: LoopSite) -> Unsupported:
        """What the user is told."""
        return Unsupported("ZX046", site.node, self.why)


@dataclass
class _Book:
    """The verdicts on the loops of one file: what earlier runs found, and what this one has (None: native code)."""

    file: Path
    source: list[int]
    known: dict[str, Verdict] = field(default_factory=dict)
    wholes: set[str] = field(default_factory=set)
    called: set[str] | None = None
    met: set[str] = field(default_factory=set)
    found: dict[str, Verdict | None] = field(default_factory=dict)

    def read(self) -> tuple[dict[str, Verdict], set[str], set[str] | None]:
        """What is on disk, if it is about this source: verdicts, functions that went native as wholes, or were called.

        Which functions were called is not known (None) where there is nothing on disk.
        """
        try:
            content = json.loads(self.file.read_bytes())
            if content["source"] != self.source:
                return {}, set(), None
            verdicts = {str(loop): Verdict(str(why), float(seconds), bool(short))
                        for loop, (why, seconds, short) in content["loops"].items()}
            return verdicts, set(map(str, content["wholes"])), set(map(str, content["called"]))
        except FileNotFoundError:
            return {}, set(), None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            events.append("cache", self.file.name[:16], "a damaged file was ignored")
            return {}, set(), None

    def write(self, seconds: float) -> None:
        """Put on disk what a run of so many seconds has found, beside what others have meanwhile."""
        outgrown = {loop for loop, verdict in self.known.items() if seconds > _LONGER * verdict.seconds}
        if not self.found and not outgrown and self.met <= (self.called or set()):
            return
        known, wholes, called = self.read()
        loops = {loop: verdict for loop, verdict in known.items() if loop not in outgrown}
        for loop, verdict in self.found.items():
            loops.pop(loop, None)
            wholes.discard(loop)
            if verdict is not None:
                loops[loop] = replace(verdict, seconds=seconds)
            elif f":{WHOLE}:" in loop:
                wholes.add(loop)
        content = {"source": self.source, "wholes": sorted(wholes), "called": sorted(self.met | (called or set())),
                   "loops": {loop: (one.why, one.seconds, one.short) for loop, one in loops.items()}}
        cache.write(self.file, json.dumps(content).encode())


_books: dict[tuple[str, JitSettings], _Book | None] = {}


def sites_of(scope: Scope, settings: JitSettings) -> tuple[LoopSite, ...]:
    """The loops of a scope; those that are to do without probes, as an earlier run gave them up, are refused.

    A function's entry is the last one where it goes native as a whole, as all do or as it did in an earlier run.
    """
    sites = loop_sites(scope)
    book = _book_of(scope.filename, settings)
    if book is not None and book.known:
        sites = tuple(
            replace(site, refusal=verdict.refusal(site))
            if site.refusal is None and (verdict := book.known.get(_name(site))) is not None and verdict.short else site
            for site in sites
        )
    if not sites or any(site.kind == WHOLE for site in sites):
        return sites
    every = settings.functions == "all"
    entry = whole_site(scope, len(sites)) if every or (book is not None and book.wholes) else None
    wanted = entry is not None and (every or (book is not None and _name(entry) in book.wholes))
    return (*sites, entry) if entry is not None and wanted else sites


def recall(site: LoopSite, settings: JitSettings) -> tuple[Unsupported, float] | None:
    """Why an earlier run gave a loop up, and until when, on the monotonic clock, it is left alone for that."""
    book = _book_of(site.scope.filename, settings)
    verdict = book.known.get(_name(site)) if book is not None else None
    if verdict is None:
        return None
    return verdict.refusal(site), BEGUN + min(_LONGER * verdict.seconds, settings.retry_after)


def note(site: LoopSite, settings: JitSettings, refusal: Unsupported | None, short: bool = False) -> None:
    """Keep for later runs that a loop was given up, or, without a refusal, that there is native code for it.

    Args:
        site: the loop.
        settings: its tier's.
        refusal: why it was given up.
        short: whether its entries are so short that a probe would cost something.
    """
    book = _book_of(site.scope.filename, settings)
    if book is None or (refusal is not None and refusal.code in _PASSING):
        return
    name = _name(site)
    if refusal is not None:
        reason = refusal.reason.removesuffix(".")
        book.found[name] = Verdict(f"{refusal.code}, {reason[:1].lower()}{reason[1:]}", 0.0, short)
    elif name in book.known or name in book.found or site.kind == WHOLE:
        book.found[name] = None


def called(filename: str, settings: JitSettings) -> set[str] | None:
    """The functions of a file, by the qualified names of outermost ones, that earlier runs have called.

    None where nothing is known of earlier runs.
    """
    book = _book_of(filename, settings)
    return book.called if book is not None else None


def meet(scope: Scope, settings: JitSettings) -> None:
    """A function is called, or a loop in it is entered."""
    book = _book_of(scope.filename, settings)
    if book is not None:
        book.met.add(outermost(scope.qualname))


def _book_of(filename: str, settings: JitSettings) -> _Book | None:
    """The verdicts on the loops of a file; None where none are kept."""
    usual = settings.cache and settings.weigh and settings.stance == "default"
    if not usual or settings.force_exit or settings.strict or settings.retry_after <= 0:
        return None
    key = filename, settings
    if key not in _books:
        _books[key] = _opened(filename, settings)
    return _books[key]


def _opened(filename: str, settings: JitSettings) -> _Book | None:
    try:
        about = os.stat(filename)
    except (OSError, ValueError):
        return None  # a cell of a notebook, say
    text = f"{_engine()}\n{os.path.abspath(filename)}\n{settings}"
    book = _Book(cache.folder() / f"{hashlib.sha256(text.encode()).hexdigest()}.json",
                 [about.st_mtime_ns, about.st_size])
    book.known, book.wholes, book.called = book.read()
    return book


@functools.cache
def _engine() -> str:
    """What tells most versions of the engine apart."""
    return f"{sys.version}\n{os.stat(os.path.dirname(__file__)).st_mtime_ns}"


def _name(site: LoopSite) -> str:
    return ":".join(map(str, (site.scope.qualname, site.kind, *place_of(site.node))))


@atexit.register
def _write() -> None:
    seconds = monotonic() - BEGUN
    for book in list(_books.values()):
        if book is not None:
            book.write(seconds)
