"""Places in the user's text: a line, and the part of it that is meant, marked as CPython marks it in tracebacks."""

from __future__ import annotations

import linecache
import unicodedata

from zexus.codes import Span
from zexus.records import dataclass


@dataclass(frozen=True)
class Place:
    """A part of a line.

    Attributes:
        filename: the file.
        line: the number of the line.
        text: the line, without what is blank at its end; "" where it cannot be read.
        first, last: the part, in characters, from 0 on, `last` excluded; both 0 where the line as a whole is meant.
    """

    filename: str
    line: int
    text: str = ""
    first: int = 0
    last: int = 0

    @property
    def part(self) -> str:
        """The text of the part."""
        return self.text[self.first:self.last]


def of_line(filename: str, line: int) -> Place:
    """A whole line."""
    return Place(filename, line, linecache.getline(filename, line).rstrip())


def of_span(filename: str, span: Span) -> Place:
    """An expression; of one that goes over several lines, the part in its first line.

    Args:
        filename: the file.
        span: line, column, last line and last column, the columns in bytes of UTF-8 as syntax nodes have them.
    """
    line, column, last_line, last_column = span
    whole = of_line(filename, line)
    first = _characters(whole.text, column)
    last = _characters(whole.text, last_column) if last_line == line else len(whole.text)
    return whole if first >= last else Place(filename, line, whole.text, first, last)


def _characters(text: str, offset: int) -> int:
    """How many characters stand in front of a byte."""
    return len(text.encode("utf-8", "surrogatepass")[:max(offset, 0)].decode("utf-8", "ignore"))


def excerpt(place: Place, indent: str = "") -> list[str]:
    """The line with its number, and below it a line that marks the part; nothing where the text is not there."""
    if not place.text:
        return []
    margin = len(place.text) - len(place.text.lstrip())
    lines = [f"{indent}{place.line} | {place.text[margin:]}"]
    if place.first < place.last:
        blank = " " * len(str(place.line))
        lines.append(f"{indent}{blank} | {_room(place.text[margin:place.first])}{'^' * _width(place.part)}")
    return lines


def _room(text: str) -> str:
    """Blanks as wide as a text; tabs stay what they are."""
    return "".join("\t" if char == "\t" else " " * _width(char) for char in text)


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in text)
