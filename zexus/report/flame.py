"""Flame graphs of the page: trees of stacks as inline SVG, each node as wide as its share, and above what is inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from zexus.report.stacks import Node

_ROW = 26  # pixels
_LABELLED = 3.0  # percent of the width that have room for a text
_THINNEST = 0.15  # percent, below which nothing is drawn
_ROWS = 40  # at most

Tell = Callable[[Node], str]
Link = Callable[[Node], str | None]


def flame(root: Node, label: str, tell: Tell, link: Link) -> Iterator[str]:
    """The picture of a tree, whose root is not drawn.

    Args:
        root: the tree.
        label: what it shows, for who cannot see it.
        tell: says what a node is, for who points at it.
        link: where a click on it goes, None for nowhere.
    """
    if not root.total:
        return
    boxes = list(_inside(root, 0.0, 100 / root.total, 0, tell, link))
    rows = max((row for row, _ in boxes), default=-1) + 1
    yield f'<svg class="flame" role="img" aria-label="{escape(label)}" style="height:{rows * _ROW}px">'
    yield from (box for _, box in boxes)
    yield "</svg>"


def _inside(node: Node, at: float, scale: float, row: int, tell: Tell, link: Link) -> Iterator[tuple[int, str]]:
    """The boxes of what is inside a node, with their rows."""
    if row == _ROWS:
        return
    for one in node.inside:
        width = one.total * scale
        if width >= _THINNEST:
            yield row, _box(at, row, width, one.name.removeprefix("line "), tell(one), f"f{row % 2}", link(one))
            yield from _inside(one, at, scale, row + 1, tell, link)
        at += width


def _box(x: float, row: int, width: float, text: str, title: str, kind: str, link: str | None) -> str:
    """A part of the picture, in percent of its width; a text that does not fit is cut, a hopeless one left out."""
    label = f'<text x="4" y="17">{escape(text)} <tspan>{width:.0f} %</tspan></text>' if width > _LABELLED else ""
    drawn = f'<rect class="{kind}" width="100%" height="{_ROW}"/>{label}'
    if link is not None:
        drawn = f'<a href="#{link}">{drawn}</a>'
    return (f'<svg x="{x:.3f}%" y="{row * _ROW}" width="{width:.3f}%" height="{_ROW}"><title>{escape(title)}</title>'
            f"{drawn}</svg>")
