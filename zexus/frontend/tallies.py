"""Tallies: what the counters of a function have counted, and how often each of its statements was begun.

Where control surely goes from one statement to the next, one counter serves both. The exceptions that leave a statement
are counted by their lines, so that what they have cut short is not counted (Knuth and Stevenson 1973).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Protocol

from zexus.records import dataclass


class Count:
    """A counter. Threads that count the same do not lose anything: none is switched to between reading and writing."""

    __slots__ = ("__weakref__", "n")

    def __init__(self) -> None:
        self.n = 0

    def __iadd__(self, times: int) -> Count:
        self.n += times
        return self


class Left(dict[int, int]):
    """How many exceptions have left a function, by the line of the function where they were raised."""

    __hash__ = object.__hash__  # type: ignore[assignment]


class Stopwatch(Protocol):
    """Times something: `begin` answers what `end` takes, or 0 where this time nothing is timed."""

    @property
    def begin(self) -> Callable[[], int]: ...

    def end(self, begun: int) -> None: ...

    def clear(self) -> None: ...


@dataclass(frozen=True)
class Counted:
    """A statement was begun as often as a counter says."""

    counter: int


@dataclass(frozen=True)
class Following:
    """A statement was begun whenever the one before it had come to its end.

    Attributes:
        before: the number of that statement.
        escapes: the statements inside it by which control may leave it in another way.
        sure: whether no exception can leave it.
    """

    before: int
    escapes: tuple[int, ...] = ()
    sure: bool = False


@dataclass(frozen=True)
class Otherwise:
    """A statement was begun whenever an `if` had not taken its first branch.

    Attributes:
        test: the number of the `if`.
        first: the number of the first statement of its first branch.
        last_line: the last line of its condition.
    """

    test: int
    first: int
    last_line: int


@dataclass(frozen=True)
class Statement:
    """A statement that is counted.

    Attributes:
        line, last_line, column: where it stands, decorators included.
        own_line: the last line of what it evaluates itself, where other statements stand in it.
        size: of how many operations what it evaluates itself consists, about.
        names: what it calls: the last names of functions and methods.
        kind: the name of its syntax node.
        begun: how its count is told.
        sure: whether no exception can leave it.
    """

    line: int
    last_line: int
    column: int
    kind: str
    begun: Counted | Following | Otherwise
    sure: bool = False
    own_line: int = 0
    size: int = 1
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class CountedBranch:
    """An `if`: the numbers of its statement and of the first ones of its branches; None where there is no second."""

    test: int
    first: int
    other: int | None


@dataclass(frozen=True)
class CountedLoop:
    """A loop: the numbers of its statement and of the first one of its body, and in how many loops it stands."""

    statement: int
    body: int
    nesting: int


@dataclass(eq=False)
class Tally:
    """What is counted in one function, class body or module.

    Attributes:
        filename, qualname, first_line: where it stands, decorators included.
        def_line: the line of its `def`.
        last_line: its last line.
        kind: "function", "class" or "module".
        counters: by their numbers; the first one counts calls.
        left: the exceptions.
        unknown: exceptions whose line could not be told: counts may be too high by so many.
        statements: in the order of the text.
        loops, branches: in the order of the text.
        watch: what times its calls, if anything does.
        watches: what times its loops, by the numbers of their statements.
    """

    filename: str
    qualname: str
    first_line: int
    def_line: int
    last_line: int
    kind: str
    counters: list[Count] = field(default_factory=list)
    left: Left = field(default_factory=Left)
    unknown: Count = field(default_factory=Count)
    statements: list[Statement] = field(default_factory=list)
    loops: list[CountedLoop] = field(default_factory=list)
    branches: list[CountedBranch] = field(default_factory=list)
    watch: Stopwatch | None = None
    watches: dict[int, Stopwatch] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        """How often it was entered."""
        return self.counters[0].n

    def counts(self) -> list[int]:
        """How often each statement was begun."""
        found: list[int] = []
        for statement in self.statements:
            found.append(self._count(statement.begun, found))
        return found

    def raised(self) -> list[int]:
        """How many exceptions have left the function from each statement's own lines, as far as they were noted."""
        told: set[int] = set()
        found: list[int] = []
        for statement in self.statements:
            lines = set(range(statement.line, statement.own_line + 1)) - told
            told |= lines
            found.append(sum(self.left.get(line, 0) for line in lines))
        return found

    def clear(self) -> None:
        """Begin anew."""
        for counter in (*self.counters, self.unknown):
            counter.n = 0
        for line in self.left:
            self.left[line] = 0
        for watch in (*self.watches.values(), *([self.watch] if self.watch is not None else [])):
            watch.clear()

    def left_between(self, first: int, last: int) -> int:
        """How many exceptions were raised on some lines."""
        return sum(self.left.get(line, 0) for line in range(first, last + 1))

    def _count(self, begun: Counted | Following | Otherwise, known: list[int]) -> int:
        if isinstance(begun, Counted):
            return self.counters[begun.counter].n
        if isinstance(begun, Otherwise):
            test = self.statements[begun.test]
            return known[begun.test] - self.left_between(test.line, begun.last_line) - known[begun.first]
        count = known[begun.before] - sum(self._ended(number, known) for number in begun.escapes)
        if begun.sure:
            return count
        before = self.statements[begun.before]
        return count - self.left_between(before.line, before.last_line)

    def _ended(self, number: int, known: list[int]) -> int:
        """How often a statement has come to its end."""
        statement = self.statements[number]
        if statement.sure:
            return known[number]
        return known[number] - self.left_between(statement.line, statement.last_line)
