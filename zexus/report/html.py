"""The view of a report as one HTML page that needs no network and no script, in light and in dark."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape
from importlib.resources import files

from zexus.report.flame import flame
from zexus.report.model import LinePart, LoopPart, Report
from zexus.report.opened import Insides, anchor
from zexus.report.stacks import Node, called, counted, own_times
from zexus.report.tables import Table, duration, number, share, short_names, summary, tables
from zexus.vm.profiling.work import busiest_first

# How tiers are told apart without colours.
_LETTERS = {"python": "P", "stack": "S", "vm": "V", "register": "R", "generated": "G", "native": "N"}
_HEAT = 9  # shades, the hottest of which is the last
_NAMED = 8  # of the hottest lines of a file, which have links


def show(report: Report, top_n: int) -> str:
    """The page."""
    style = files("zexus.report").joinpath("page.css").read_text(encoding="utf-8")
    found = tables(report, top_n)
    body = "\n".join([*_head(report), *_sections(found[:1]), *_flames(report), *_sources(report),
                      '<div class="columns">', *_sections(found[1:]), "</div>"])
    return (f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Zexus report</title>\n'
            f"<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n")


def _head(report: Report) -> Iterator[str]:
    yield "<h1>Zexus report</h1>"
    yield '<dl class="facts">'
    for name, value in summary(report):
        yield f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
    yield "</dl>"
    if report.loops:
        hottest, *_ = busiest_first(report.loops)
        yield f"<p>{_verdict(hottest, short_names(report)[hottest.file])}</p>"
    by_time = called(report)
    for most in own_times(by_time)[:1]:
        yield (f"<p>Most of the time, about {100 * most.total / by_time.total:.0f} %, is {escape(most.name)}'s own, "
               "without what it calls.</p>")


def _verdict(loop: LoopPart, file: str) -> str:
    where = f"{escape(loop.function)}, {escape(file)}:{loop.line}"
    return (f"The busiest loop is at <a href=\"#{anchor(loop.file, loop.line)}\">{where}</a>: "
            f"{number(loop.iterations)} iterations, most of them {_tier(loop.tier)}.")


def _tier(tier: str) -> str:
    letter = _LETTERS.get(tier, "?")
    return f'<span class="tier {letter}" title="{escape(tier)}">{letter}</span> {escape(tier)}'


def _sections(found: list[Table]) -> Iterator[str]:
    for table in found:
        yield f"<section><h2>{escape(table.title)}</h2>"
        yield from _table(table)
        yield "</section>"


def _table(table: Table) -> Iterator[str]:
    """A table; each cell names its column, for pages too narrow to have columns."""

    def kind(at: int) -> str:
        return ' class="n"' if at in table.numeric else ""

    yield '<div class="wide"><table class="rows"><thead><tr>'
    yield "".join(f"<th{kind(at)}>{escape(head)}</th>" for at, head in enumerate(table.heads))
    yield "</tr></thead><tbody>"
    for row in table.rows:
        yield "<tr>" + "".join(f'<td{kind(at)} data-head="{escape(head)}">{escape(text)}</td>'
                               for at, (head, text) in enumerate(zip(table.heads, row, strict=True))) + "</tr>"
    yield "</tbody></table></div>"
    if table.rest:
        yield f'<p class="quiet">and {table.rest} more</p>'


# --- the flame graphs ---------------------------------------------------------------------------------------------


def _flames(report: Report) -> Iterator[str]:
    """Functions by who called them, where calls were timed; functions with their lines below them."""
    shown = {(line.file, line.line) for line in report.lines}
    first: dict[tuple[str, str], int] = {}
    for part in report.instructions:
        first[part.file, part.function] = min(part.line, first.get((part.file, part.function), part.line))

    def link(node: Node) -> str | None:
        line = node.line if (node.file, node.line) in shown else first.get((node.file, node.name), 0)
        return anchor(node.file, line) if line else None

    by_time, by_count = called(report), counted(report)
    by_count.inside.sort(key=lambda node: -node.total)
    for node in by_count.inside:
        node.inside.sort(key=lambda line: line.line)

    def time(node: Node) -> str:
        own = f", {duration(node.own)} of it its own" if node.inside else ""
        return f"{node.name} {node.file}: about {duration(node.total)}{own}, {100 * node.total / by_time.total:.1f} %"

    def count(node: Node) -> str:
        return f"{node.name} {node.file}: {share(round(node.total), report.executed)}"

    if by_time.total:
        yield "<section><h2>Where the time goes, about</h2>"
        yield from flame(by_time, "functions, as wide as the time they took, below those that called them", time, link)
        yield ('<p class="quiet">Functions stand below those that called them. Some of the calls were timed, and stand '
               "for all. What has nothing below it is a function's own time.</p></section>")
    if by_count.total:
        words = f"functions and their lines, as wide as their share of all {report.unit}"
        yield f"<section><h2>Where the {report.unit} are</h2>"
        yield from flame(by_count, words, count, link)
        yield "</section>"


# --- the source ---------------------------------------------------------------------------------------------------


def _sources(report: Report) -> Iterator[str]:
    """Each file with the counts of its lines; a line opens to what is inside."""
    lines: dict[str, dict[int, LinePart]] = {}
    for line in report.lines:
        lines.setdefault(line.file, {})[line.line] = line
    for loop in report.loops:  # a function that calls itself is one; its first line is no statement of its own
        lines.setdefault(loop.file, {}).setdefault(
            loop.line, LinePart(file=loop.file, line=loop.line, count=0, instructions=0, tier=loop.tier))
    insides = Insides(report)
    for file, own in lines.items():
        hottest = max(line.instructions for line in own.values())
        yield f"<section><h2>{escape(file)}</h2>"
        yield _hottest(file, own, report.executed)
        digits = max(len(number(line.count)) for line in own.values())
        yield f'<div class="source wide" style="--count: {digits}ch; --no: {len(str(max(own)))}ch">'
        text = report.sources.get(file)
        written = [] if text is None else text.splitlines()
        numbers = sorted(own) if text is None else range(1, max(len(written), *own) + 1)
        for at in numbers:
            source = written[at - 1] if at <= len(written) else ""
            yield _line(file, at, source, own.get(at), hottest, insides)
        yield "</div></section>"


def _hottest(file: str, lines: dict[int, LinePart], whole: int) -> str:
    """Links to the lines at which most of the instructions were executed."""
    executed = [line for line in lines.values() if line.instructions]
    ordered = sorted(executed, key=lambda line: -line.instructions)[:_NAMED]
    links = ", ".join(f'<a href="#{anchor(file, line.line)}">{line.line}</a>&nbsp;({_unbroken(line, whole)})'
                      for line in ordered)
    return f'<p class="quiet">Hottest lines: {links}</p>'


def _unbroken(line: LinePart, whole: int) -> str:
    return share(line.instructions, whole).replace(" ", "&nbsp;")


def _line(file: str, at: int, source: str, line: LinePart | None, hottest: int, insides: Insides) -> str:
    if line is None:
        return (f'<div class="line"><span class="heat"></span><span class="no">{at}</span><span class="count"></span>'
                f'<span class="tier"></span><code>{escape(source)}</code></div>')
    heat = 1 + round((_HEAT - 1) * math.sqrt(line.instructions / hottest)) if line.instructions else 0
    letter = _LETTERS.get(line.tier, "?")
    notes = f' <span class="raised">{number(line.raised)} raised</span>' if line.raised else ""
    if line.time_ns is not None:
        notes += f' <span class="quiet">{duration(line.time_ns)}</span>'
    left = sum(one.count for one in line.exits)
    if left:
        notes += f' <span class="raised">{number(left)} side exits ({", ".join(one.code for one in line.exits)})</span>'
    return (f'<details class="line" id="{anchor(file, at)}"><summary><span class="heat h{heat}"></span>'
            f'<span class="no">{at}</span><span class="count">{number(line.count) if line.count else ""}</span>'
            f'<span class="tier {letter}" title="{escape(line.tier)}">{letter}</span>'
            f"<code>{escape(source)}</code>{notes}</summary>{insides.of(file, at)}</details>")
