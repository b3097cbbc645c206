"""The tables of a report: the rows that views for people show, the most interesting ones first."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from zexus.codes import CODES
from zexus.report.model import LinePart, Report, TimesPart
from zexus.report.stacks import called, own_times
from zexus.vm.profiling.work import busiest_first, heat


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title, heads: what stands above.
        rows: texts, one for each head.
        numeric: which columns hold numbers.
        rest: how many rows have been left out.
    """

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numeric: frozenset[int]
    rest: int


def short_names(report: Report) -> dict[str, str]:
    """What each file is called in tables: its last name, where no other file has that."""
    files = dict.fromkeys(part.file for parts in (report.functions, report.loops, report.lines, report.uncounted)
                          for part in parts)
    last = [os.path.basename(name) for name in files]
    return {name: short if last.count(short) == 1 else name for name, short in zip(files, last, strict=True)}


def number(value: int) -> str:
    """A count with its digits in groups."""
    return f"{value:,}".replace(",", " ")


def share(part: int, whole: int) -> str:
    """A part of a whole in per cent."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def duration(ns: float) -> str:
    """A time in the unit that fits it."""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= size:
            return f"{ns / size:.3g} {unit}" if ns < 1000 * size else f"{ns / size:,.0f} {unit}".replace(",", " ")
    return f"{ns:.0f} ns"


def size(bytes: int) -> str:
    """A number of bytes in the unit that fits it."""
    for unit, each in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if bytes >= each:
            return f"{bytes / each:.1f} {unit}"
    return f"{bytes} B"


_WIDE = 60  # characters of a line's text
_TIMES = ("of", "in all, about", "mean", "least", "half below", "95 % below", "99 % below", "greatest", "timed")
_NUMBERS = set(range(1, len(_TIMES)))


def _whole(times: TimesPart | None) -> int:
    return 0 if times is None else times.whole


def _timed(times: TimesPart, all_: int) -> tuple[str, ...]:
    """The cells of times: those that were timed stand for all of them."""
    found = times.histogram
    all_ = all_ if times.runs is None else times.runs
    timed = f"{number(found.count)} of {number(all_)}" + (f", {number(times.short)} too short" if times.short else "")
    if not found.count:
        return ("-",) * 7 + (timed,)
    return (duration(times.whole), duration(found.mean), duration(found.least),
            *(duration(found.quantile(share)) for share in (0.5, 0.95, 0.99)), duration(found.greatest), timed)


def tables(report: Report, top_n: int) -> list[Table]:
    """All tables that have rows."""
    executed, short = report.executed, short_names(report)
    functions = sorted(report.functions, key=lambda part: -part.instructions)
    loops = busiest_first(report.loops)
    hot = heat(loops)
    instructions = sorted(report.instructions, key=lambda part: -part.count)
    branches = sorted(report.branches, key=lambda part: -(part.taken + part.not_taken))
    opcodes = sorted(report.opcodes.items(), key=lambda item: -item[1])
    memory = sorted(report.memory.items(), key=lambda item: -item[1])
    raising = sorted((part for part in report.instructions if part.raised), key=lambda part: -part.raised)
    unit, one = report.unit, report.unit[:-1]
    left = "" if report.unit == "instructions" else " that left their function"
    kinds = ("Opcodes", "opcode") if report.unit == "instructions" else ("Kinds of statements", "kind")
    by_time = called(report)
    found = [
        _table("Hot loops", ("loop", "tier", "share, about", "iterations", "entries", "each", "nesting"), [
            (f"{part.function} {short[part.file]}:{part.line}", part.tier, share(round(much), round(sum(hot))),
             number(part.iterations), number(part.entries),
             f"{part.iterations / part.entries:.1f}" if part.entries else "-", str(part.nesting))
            for part, much in zip(loops, hot, strict=True)], {2, 3, 4, 5, 6}, top_n),
        _table("Native code", ("loop", "code", "natively", "in the tier", "versions", "compiled in", "side exits"), [
            (f"{part.function} {short[part.file]}:{part.line}", part.code,
             "-" if part.native_iterations is None else share(part.native_iterations, part.iterations),
             "-" if part.native_ns is None else duration(part.native_ns), str(part.versions),
             duration(1e6 * part.compile_ms) if part.versions else "-", number(sum(one.count for one in part.exits)))
            for part in loops if part.code], {2, 3, 4, 5, 6}, top_n),
        _table("Why loops run in CPython", ("loop", "code", "why", "what to do"), [
            (f"{part.function} {short[part.file]}:{part.line}", part.code, part.reason, part.hint)
            for part in loops if part.code not in ("", "ZX000") and part.tier != "native"], set(), top_n),
        _table("Side exits", ("loop", "code", "line", "count", "why"), [
            (f"{part.function} {short[part.file]}:{part.line}", left.code, str(left.line), number(left.count),
             CODES[left.code].text if left.code in CODES else "")
            for part in loops for left in sorted(part.exits, key=lambda left: -left.count)], {2, 3}, top_n),
        _table("Vectorization of native loops", ("loop", "vectorized", "why", "what to do"), [
            (f"{part.function} {short.get(one.file, one.file)}:{one.line}", "yes" if one.vectorized else "no",
             one.reason, one.hint) for part in loops for one in part.vectorization], set(), top_n),
        _table("Functions", ("function", "calls", unit, "share"), [
            (f"{part.function} {short[part.file]}:{part.line}", number(part.calls), number(part.instructions),
             share(part.instructions, executed)) for part in functions], {1, 2, 3}, top_n),
        _table("Own times of functions, estimated from timed calls", ("function", "own, about", "share"), [
            (f"{node.name} {short.get(node.file, node.file)}:{node.line}", duration(node.total),
             share(round(node.total), round(by_time.total))) for node in own_times(by_time)], {1, 2}, top_n),
        _table("Times of calls", _TIMES, [
            (f"{part.function} {short[part.file]}:{part.line}", *_timed(part.times, part.calls))
            for part in sorted(report.functions, key=lambda part: -_whole(part.times)) if part.times], _NUMBERS, top_n),
        _table("Times of loops, from the first iteration to the last", _TIMES, [
            (f"{part.function} {short[part.file]}:{part.line}", *_timed(part.times, part.entries))
            for part in sorted(report.loops, key=lambda part: -_whole(part.times)) if part.times], _NUMBERS, top_n),
        _table("Hottest lines", ("line", "count", "share", "time, about", "tier", "side exits", "text"), [
            (f"{short[part.file]}:{part.line}", number(part.count), share(part.instructions, executed),
             "-" if part.time_ns is None else duration(part.time_ns), part.tier,
             number(sum(left.count for left in part.exits)) if part.exits else "", _text(report, part))
            for part in (sorted(report.lines, key=lambda part: -part.instructions)
                         if unit == "statements" else [])], {1, 2, 3, 5}, top_n),
        _table(f"Hottest {unit}", (one, "at", "line", "count", "share"), [
            (part.opcode, f"{part.function} {part.index}", str(part.line), number(part.count),
             share(part.count, executed)) for part in instructions], {2, 3, 4}, top_n),
        _table(kinds[0], (kinds[1], "count", "share"), [
            (name, number(times), share(times, executed)) for name, times in opcodes], {1, 2}, top_n),
        _table("Costs of opcodes, estimated from the times of loops and calls",
               ("opcode", "machine", "each, about", "in all, about", "sections"), [
                   (part.opcode, part.machine, duration(part.time_ns / part.count), duration(part.time_ns),
                    str(part.sections)) for part in report.costs if part.count], {2, 3, 4}, top_n),
        _table("Branches", ("branch", "at", "line", "taken", "not taken", "taken share"), [
            (part.opcode, f"{part.function} {part.index}", str(part.line), number(part.taken), number(part.not_taken),
             share(part.taken, part.taken + part.not_taken)) for part in branches], {2, 3, 4, 5}, top_n),
        _table("Paths", ("through", "lines", "count"), [
            (part.function, " ".join(map(str, part.lines)), number(part.count))
            for part in sorted(report.paths, key=lambda part: -part.count)], {2}, top_n),
        _table("Memory", ("operation", "count"), [(name, number(times)) for name, times in memory], {1}, top_n),
        _table("Bytes moved", ("instruction", "at", "line", "container", "items", "bytes"), [
            (part.opcode, f"{part.function} {part.index}", str(part.line), part.container, number(part.count),
             size(part.bytes)) for part in sorted(report.moved, key=lambda part: -part.bytes)], {2, 4, 5}, top_n),
        _table("Pools", ("pool", "requests", "hits", "share of hits", "reused", "evicted", "given back"), [
            (part.name, number(part.hits + part.misses), number(part.hits), share(part.hits, part.hits + part.misses),
             number(part.reuses), number(part.evictions), number(part.releases))
            for part in report.pools], {1, 2, 3, 4, 5, 6}, top_n),
        _table(f"Exceptions{left}", (one, "at", "line", "raised"), [
            (part.opcode, f"{part.function} {part.index}", str(part.line), number(part.raised)) for part in raising],
            {2, 3}, top_n),
        _table("Functions that could not be counted", ("function", "code", "why"), [
            (f"{part.function} {short[part.file]}:{part.line}", part.code, part.reason)
            for part in report.uncounted], set(), top_n),
    ]
    return [table for table in found if table.rows]


def summary(report: Report) -> list[tuple[str, str]]:
    """What stands above the tables, by name."""
    quality = report.quality
    return [
        ("level", report.level),
        (report.unit, number(report.executed)),
        ("calls", number(sum(part.calls for part in report.functions))),
        ("loops", number(len(report.loops))),
        *([("exceptions", number(sum(part.raised for part in report.instructions)))]
          if report.unit == "instructions" else []),
        *_native_time(report), *_pools(report),
        ("seconds with the profiler on", f"{quality.seconds:.3f}"),
        ("processes", str(quality.processes)),
        ("Python", ", ".join(quality.python) or "-"),
        ("Zexus", ", ".join(quality.zexus) or "-"),
        ("system", ", ".join(quality.platform) or "-"),
    ]


def _text(report: Report, line: LinePart) -> str:
    """The text of a line, as far as it is known and short."""
    written = report.sources.get(line.file, "").splitlines()
    text = written[line.line - 1].strip() if 0 < line.line <= len(written) else ""
    return text if len(text) <= _WIDE else text[:_WIDE - 3] + "..."


def _native_time(report: Report) -> list[tuple[str, str]]:
    """How much of the time native code and what makes it took, where that was measured."""
    known = [loop.native_ns for loop in report.loops if loop.native_ns is not None]
    if not known:
        return []
    part = share(sum(known), round(1e9 * report.quality.seconds))
    return [("seconds in the tracing tier", f"{sum(known) / 1e9:.3f} ({part})")]


def _pools(report: Report) -> list[tuple[str, str]]:
    """How often pools were asked, and had what was wanted."""
    hits, requests = (sum(part.hits for part in report.pools), sum(part.hits + part.misses for part in report.pools))
    return [("requests to pools", f"{number(requests)} ({share(hits, requests)} hits)")] if requests else []


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], numeric: set[int],
           top_n: int) -> Table:
    return Table(title, heads, list(rows[:top_n]), frozenset(numeric), max(len(rows) - top_n, 0))
