"""The story of each loop as HTML, for notebooks: a table of the loops, and below each row what there is to say."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from zexus.jit.explain import Explanation, RegionReport, percent
from zexus.jit.story import counted, lines_of, parts

_COLOURS = {"native": "#1a7f37", "vm": "#9a6700", "python": "#777"}
_HEADS = ("lines", "loop", "tier", "native", "iterations", "exits", "compiled")
_CELL = 'style="text-align:left;vertical-align:top;padding:2px 8px"'


def shown(explanation: Explanation) -> str:
    """The table of a callable's loops."""
    return "".join(_pieces(explanation))


def _pieces(explanation: Explanation) -> Iterator[str]:
    name, filename = escape(explanation.function), escape(explanation.filename)
    yield f"<div><p><b>{name}</b>{f' <small>{filename}</small>' if filename else ''}</p>"
    if explanation.remark:
        yield f"<p>{escape(explanation.remark)}</p>"
    elif not explanation.regions:
        yield "<p>It has no loop.</p>"
    if explanation.regions:
        yield '<table style="text-align:left"><thead><tr>'
        yield "".join(f"<th {_CELL}>{head}</th>" for head in _HEADS)
        yield "</tr></thead><tbody>"
        for region in explanation.regions:
            yield from _rows(region)
        yield "</tbody></table>"
    yield "</div>"


def _rows(region: RegionReport) -> Iterator[str]:
    tier = f'<span style="color:{_COLOURS[region.tier]};font-weight:bold">{escape(region.tier)}</span>'
    compiled = counted(region.versions, "times") if region.versions else "-"
    cells = [escape(lines_of(region)), escape(region.kind), tier, percent(region.native_share),
             f"{region.iterations:,}".replace(",", " "), str(region.side_exits), compiled]
    yield "<tr>" + "".join(f"<td {_CELL}>{cell}</td>" for cell in cells) + "</tr>"
    words = "\n".join(parts(region))
    if words:
        yield (f'<tr><td colspan="{len(_HEADS)}" style="text-align:left;padding:0 8px 8px 24px">'
               f'<pre style="margin:0;white-space:pre-wrap;text-align:left">{escape(words)}</pre></td></tr>')
