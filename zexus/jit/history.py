"""The compilations of a loop: what made each of them necessary, and which types it knows that the one before did not.

Only words are kept, nothing of the program's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from zexus import types
from zexus.codes import CODES, Span
from zexus.jit import place
from zexus.records import dataclass
from zexus.regvm.ir import index_of

if TYPE_CHECKING:
    from zexus.jit.recorder import Profile
    from zexus.jit.specialize import Unit
    from zexus.jit.version import Origin, Version
    from zexus.regvm.build import Program

# A variable by its name, an expression by its file and where it stands there.
Key = str | tuple[str, Span]
Types = Mapping[Key, frozenset[str]]
Difference = tuple[Key, frozenset[str], frozenset[str]]

ITERATED = "what the loop goes over"
MIRRORS = "its lists are gone over often enough for unboxed copies of their items"
_WORDS = {"char": "str", "unbound": "no value"}


@dataclass(frozen=True)
class Compilation:
    """One compilation of a loop.

    Attributes:
        cause: why there had to be another one, as a sentence; "" for the first.
        code: of the side exit that led to it, "" where there is none.
        line: where that exit stands, 0 without one.
        times: how often native code was left there, or how many entries did not fit.
        differences: what is known now that was not known before, as phrases.
        milliseconds: what it took, 0 as long as it is under way.
    """

    cause: str = ""
    code: str = ""
    line: int = 0
    times: int = 0
    differences: tuple[str, ...] = ()
    milliseconds: float = 0.0


class History:
    """The compilations of one loop so far.

    Args:
        types: what was known before the first of them: the types of another tier of the loop.
    """

    def __init__(self, types: Types | None = None) -> None:
        self.types = types
        self._rows: list[tuple[Compilation, list[Difference]]] = []

    def begin(self, types: Types, version: Version | None, misses: int) -> None:
        """A compilation begins.

        Args:
            types: what it is for.
            version: what was in service until now, if anything was.
            misses: how many entries did not fit that.
        """
        before, self.types = self.types, types
        row = Compilation() if before is None else _caused(version, misses, not self._rows)
        self._rows.append((row, [] if before is None else differences(before, types)))

    def begin_mirrors(self) -> None:
        """A compilation of the same code begins, its lists with mirrors."""
        self._rows.append((Compilation(MIRRORS), []))

    def took(self, seconds: float) -> None:
        """The last compilation has come to its end."""
        if self._rows:
            row, different = self._rows[-1]
            self._rows[-1] = replace(row, milliseconds=1000 * seconds), different

    def compilations(self) -> tuple[Compilation, ...]:
        """All of them, in order; the text of expressions is read now."""
        return tuple(replace(row, differences=tuple(map(phrase, different))) for row, different in self._rows)


def _caused(version: Version | None, misses: int, handed_on: bool) -> Compilation:
    if handed_on:
        return Compilation("entries with other types have code of their own")
    if version is not None and version.exits:
        (number, times), = version.exits.most_common(1)
        way = version.unit.fn.exits[number]
        return Compilation(CODES[way.code].text, way.code, way.line, times)
    if misses:
        return Compilation("An entry did not fit: other types, or a name with another meaning.", times=misses)
    return Compilation("The loop was recorded anew.")


def known_types(origin: Origin, unit: Unit, profile: Profile) -> Types:
    """The types of the variables at a loop's entry, and of the expressions that the recorder noted."""
    program = origin.executable.program
    found: dict[Key, frozenset[str]] = {}
    for name, kind in zip(_names(program), origin.entry.arguments):
        if kind is not None:
            found[name] = words(kind)
    programs = {(): program} | {context.path: made.program for context, (made, _) in unit.inlined.items()}
    for (path, element), kinds in profile.seen.items():
        where = programs.get(path)
        position = where.positions[index_of(element)] if where is not None else None
        if where is not None and position is not None:
            key = (where.code.filename, position.span)
            found[key] = found.get(key, frozenset()).union(*map(words, kinds))
    return found


def _names(program: Program) -> Iterable[str]:
    """What the parameters of a region are called; the first one of a loop's is its iterator."""
    names = program.code.locals[:program.code.params]
    return (ITERATED, *names[1:]) if program.code.region else names


def words(kind: types.Type) -> frozenset[str]:
    """A type in words, the alternatives of a union one by one."""
    if isinstance(kind, types.Union):
        return frozenset().union(*map(words, kind.members))
    if isinstance(kind, types.Cursor):
        simple = len(kind.parts) == 1 and kind.kind != "enumerate"
        return frozenset((str(kind.parts[0]) if simple else str(kind).removeprefix("cursor.").removesuffix("()"),))
    return frozenset((_WORDS.get(str(kind), str(kind)),))


def differences(before: Types, now: Types) -> list[Difference]:
    """What is of other types than before, in the order of the text; what was not known at all is left out."""
    return [(key, before[key], kinds) for key, kinds in now.items() if before.get(key, kinds) != kinds]


def phrase(difference: Difference) -> str:
    """A difference, as "`x` was int, now float too"."""
    key, before, now = difference
    if isinstance(key, str):
        subject = key if key == ITERATED else f"`{key}`"
    else:
        found = place.of_span(*key)
        subject = f"`{found.part}` in line {found.line}" if found.part else f"a value in line {found.line}"
    more = now - before
    later = f"{_either(more)} too" if before < now else _either(now)
    return f"{subject} was {_either(before)}, now {later}"


def _either(names: Iterable[str]) -> str:
    return " or ".join(sorted(names))
