"""What is wrong with a configuration: mistakes with file, line and column, told all at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zexus.settings import SettingsError

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML counts as the end of a line
_WIDTH = 100  # characters that are shown of a line
_MANY = 20  # names are not all told


@dataclass(frozen=True)
class Source:
    """A text that values come from: a file, a `--set` or an environment variable.

    Attributes:
        name: what messages call it.
        text: the whole of it.
    """

    name: str
    text: str

    def line(self, number: int) -> str:
        """Line `number`, counted from 1, or "" behind the end."""
        lines = _BREAK.split(self.text)
        return lines[number - 1] if 0 < number <= len(lines) else ""


@dataclass(frozen=True)
class Place:
    """Where something stands; line and column are counted from 1."""

    source: Source
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One mistake.

    Attributes:
        place: where it is.
        key: the dotted name of the value, or "" where it belongs to none.
        text: what is wrong.
    """

    place: Place
    key: str
    text: str

    def __str__(self) -> str:
        head = _escaped(f"{self.place}: {self.key}: {self.text}" if self.key else f"{self.place}: {self.text}")
        line = _printable(self.place.source.line(self.place.line))
        if not line.strip():
            return head
        first = max(0, self.place.column - 1 - _WIDTH // 2) if len(line) > _WIDTH else 0
        number, shown = str(self.place.line), line[first : first + _WIDTH]
        return f"{head}\n  {number} | {shown}\n  {' ' * len(number)} | {' ' * (self.place.column - 1 - first)}^"


class ConfigError(SettingsError):
    """Everything that is wrong with a configuration; the message is for users.

    Attributes:
        problems: the mistakes, source by source, in the order of their places.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        problems = dict.fromkeys(problems)
        sources = list(dict.fromkeys(problem.place.source for problem in problems))
        self.problems = tuple(sorted(problems, key=lambda problem: (
            sources.index(problem.place.source), problem.place.line, problem.place.column)))
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, or else all of them."""
    by_letters = {word.lower(): word for word in reversed(known)}
    near = difflib.get_close_matches(name.lower(), by_letters, 1, 0.6)
    if near:
        return f"did you mean {by_letters[near[0]]!r}?"
    return f"known are {', '.join(known)}" if len(known) <= _MANY else "`zexus config show` lists all that are known"


def got(value: object) -> str:
    """A value as messages show it, kept short."""
    if value is None:
        return "(got nothing)"
    if isinstance(value, dict):
        return "(got a mapping)"
    if isinstance(value, list):
        return "(got a list)"
    if isinstance(value, bool):
        return f"(got {str(value).lower()})"
    if isinstance(value, int) and abs(value) >= 10**40:
        return "(got a number of more than 40 digits)"
    text = repr(value)
    return f"(got {text if len(text) <= 60 else text[:57] + '...'})"


def _escaped(text: str) -> str:
    """The text with what a terminal would act on as Python writes it."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _printable(line: str) -> str:
    """The line without what a terminal would act on; each character stays one column wide."""
    return "".join(char if char.isprintable() else " " for char in line)
